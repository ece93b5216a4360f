/* What leaves this host goes through here: one thing to send, asked of the notifier
 * (wire/notifier_proto.h). */
#ifndef EXCHANGE_NOTIFY_H
#define EXCHANGE_NOTIFY_H

#include <stdint.h>

#include "exchange/exchange.h"
#include "wire/notifier_proto.h"

/* The notifier keeps the time of a send itself; it is not waited for longer than so much more. */
#define NOTIFY_PATIENCE_MS 5000

/* How it went. NULL: the notifier is not there, went away or does not answer; whether it was sent
 * is not known. Slices live during the call only. */
typedef void notify_done(void *context, const struct notifier_sent *sent);

/* Asks; `done` is called exactly once unless it is cancelled, and never from within this call.
 * `now_ms` is of the clock that the exchange goes by. Returns a number for notify_cancel; 0 where
 * notifier_send_check refuses `send`: it is not sent, and `done` not called. */
uint32_t notify_send(struct exchange *notifier, const struct notifier_send *send, int64_t now_ms,
    notify_done *done, void *context);
/* `done` is not called any more, and what is under way is dropped, though it may have arrived. One
 * that has ended is nothing. */
void notify_cancel(struct exchange *notifier, uint32_t number);
/* Tells the notifier that nobody waits for the answer to that question, whatever it was. */
void notify_send_cancel(struct exchange *notifier, uint32_t number);

#endif
