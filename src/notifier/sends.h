/* What is being sent: any number at once up to a bound, none of which waits for another, each
 * answered once. */
#ifndef NOTIFIER_SENDS_H
#define NOTIFIER_SENDS_H

#include <stdint.h>

#include "notifier/notifier.h"
#include "wire/frame.h"

/* More at once would be a mistake of the server, which has a bound of its own. One that comes all
 * the same is told to be tried again. */
#define SENDS_MAX 32

struct sends;

/* Takes `starter`, the channel to it (starter.h). */
struct sends *sends_create(const struct notifier_parts *parts, int starter);
/* Accepts a pointer to NULL. */
void sends_destroy(struct sends **sends);

/* A SEND frame. Its answer comes by parts->answer, at once where it is refused. */
void sends_begin(struct sends *sends, const struct frame *frame);
/* Nobody waits for that one any more. One that is not there is nothing. */
void sends_cancel(struct sends *sends, uint32_t request);
/* All of them. */
void sends_drop(struct sends *sends);

#endif
