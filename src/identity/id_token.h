/* An ID token: its signature by the issuer's keys, then its claims. The signature is cjose's
 * business; which algorithms and keys there are is decided here (keys.h), before. */
#ifndef IDENTITY_ID_TOKEN_H
#define IDENTITY_ID_TOKEN_H

#include "identity/claims.h"
#include "identity/keys.h"

/* The token's claims, which the caller frees (json_decref), when its signature is of one of the
 * keys and its claims are what is expected. NULL with bad_token, bad_claims, or unknown_key: then
 * the issuer may have new keys. `token` has the form that token_reply_parse gives. */
json_t *id_token_check(struct slice token, const struct keys *keys,
    const struct claims_expected *expected, struct error *err);

#endif
