/* Reason classes: replies that differ only in addresses, queue IDs, numbers, times and hosts are one. */
#ifndef INDEX_REASON_CLASS_H
#define INDEX_REASON_CLASS_H

#include "base/buffer.h"
#include "base/slice.h"

/* So much of a reason decides its class: what differs further on is an explanation or a link. */
#define REASON_CLASS_LOOK_MAX 300

/* Appends the class of `reason` to `out`: its words, with the variable ones as `<address>`, `<host>`,
 * `<ip>`, `<id>` and `<n>`; "" only for the empty reason. Reply codes (450, 4.2.2) stay. A leading
 * "delivery temporarily suspended: " stays too, as that is another state of things. Linear. */
void reason_class(struct buffer *out, struct slice reason);

#endif
