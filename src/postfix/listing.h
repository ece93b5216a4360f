/* What showq's stream and postqueue's JSON have in common: messages as a listing knows them. */
#ifndef POSTFIX_LISTING_H
#define POSTFIX_LISTING_H

#include <stdbool.h>

#include "base/slice.h"
#include "postfix/message.h"

/* A message of a listing; `m` is cleared when the next one begins. */
typedef void (*listing_fn)(void *context, struct message *m);

/* The sender as listings print it: the null sender is empty_address_recipient's default there. (A
 * real address always has a domain in a queue file.) */
void listing_set_sender(struct message *m, struct slice text);

/* One recipient. The status code and the remote host are taken from the reason where it has them.
 * `log_class` is "defer", "bounce" or empty (3.11 and later). */
void listing_add_recipient(struct message *m, struct slice address, struct slice original,
    struct slice reason, struct slice log_class);

/* Call once at the end of a message: where an address is there with a reason and without one, the
 * ones without are dropped (showq lists them twice beyond duplicate_filter_limit), and what a
 * listing knows is marked. */
void listing_finish(struct message *m);

#endif
