/* The name that the next server gave a message, as far as its reply to the end of DATA says one:
 *
 *     250 2.0.0 Ok: queued as 4F9D195432C                     (Postfix; also through a filter)
 *     250 OK id=1pXYZa-0001Ab-2C                              (Exim)
 *     250 2.0.0 3abc123 Message accepted for delivery         (Sendmail)
 *     250 2.6.0 <m@x> [InternalId=123, Hostname=h] Queued ... (Exchange)
 *     250 2.0.0 OK  1700000000 a1b2-c3.45 - gsmtp             (Gmail)
 *     250 2.0.0 <ann@x> 8bZxLm Saved                          (Dovecot)
 *     250 Ok 0100018b-3c                                      (Amazon SES)
 */
#ifndef POSTFIX_REMOTE_ID_H
#define POSTFIX_REMOTE_ID_H

#include "base/slice.h"

/* Longer or shorter words are none. */
#define REMOTE_ID_LEAST 4
#define REMOTE_ID_MAX 128

/* `reply` is what stands in the parentheses behind "status=sent". Empty where it names none. The
 * slice points into it. */
struct slice remote_id(struct slice reply);

#endif
