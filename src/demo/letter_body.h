/* What the demo's letters say: plain text, HTML, attachments, other alphabets. */
#ifndef DEMO_LETTER_BODY_H
#define DEMO_LETTER_BODY_H

#include "demo/letter.h"

/* Writes `l->message` for the sender and recipients that `l` has. */
void letter_body_write(struct letter *l, unsigned number, int64_t now);

#endif
