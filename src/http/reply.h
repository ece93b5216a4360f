/* Answers to nobody in particular. Those to a request are in request.h. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/buffer.h"

/* The whole answer to what the gate refuses: there is no request yet, and the connection ends. */
void reply_refusal(struct buffer *out, unsigned status, const char *text);

#endif
