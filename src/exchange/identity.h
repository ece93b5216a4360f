/* Who somebody is: questions to the identity process, which asks an OpenID Connect issuer
 * (wire/identity_proto.h). */
#ifndef EXCHANGE_IDENTITY_H
#define EXCHANGE_IDENTITY_H

#include <stdint.h>

#include "exchange/exchange.h"
#include "wire/identity_proto.h"

/* That process keeps the time itself; it is not waited for longer than so much more. */
#define IDENTITY_PATIENCE_MS 2000

/* NULL: the process is not there, went away or does not answer. Slices live during the call only.
 */
typedef void identity_discover_done(void *context, const struct identity_discovered *discovered);
typedef void identity_sign_in_done(void *context, const struct identity_signed_in *signed_in);

/* Each asks, and calls `done` exactly once, never from within this call. `now_ms` is of the clock
 * that the exchange goes by. Returns the number of the question. */
uint32_t identity_ask_discover(struct exchange *identity, const struct identity_discover *discover,
    int64_t now_ms, identity_discover_done *done, void *context);
uint32_t identity_ask_sign_in(struct exchange *identity, const struct identity_sign_in *sign_in,
    int64_t now_ms, identity_sign_in_done *done, void *context);
/* `done` is not called any more. One that has ended is nothing. */
void identity_give_up(struct exchange *identity, uint32_t number);

#endif
