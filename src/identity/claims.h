/* What a token, or the userinfo endpoint, says of somebody: pure. Nothing here looks at a
 * signature (id_token.h). */
#ifndef IDENTITY_CLAIMS_H
#define IDENTITY_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

/* How far the issuer's clock may be from ours, in either direction. */
#define CLAIMS_SKEW_S 60
/* A token is made while somebody waits for it. */
#define CLAIMS_AGE_MAX_S 600

struct claims_expected {
	struct slice issuer, client_id, nonce;
	int64_t now; /* Unix seconds */
};
/* Whether a token's claims are for us, for this sign-in, and for now. False with bad_claims and
 * which of them is not. */
bool claims_check(const json_t *claims, const struct claims_expected *expected, struct error *err);

/* Somebody, as far as the claims go. */
struct person {
	struct buffer subject, name;
	struct buffer groups; /* each ended by \0 */
	bool has_groups;      /* the claim is there, though it may be empty */
};
void person_free(struct person *person);

struct claims_wanted {
	struct slice name, groups; /* the claims: a member's name, or a path of names with dots */
};
/* Adds what is there of it, and is not known yet; the subject must be the same. False with
 * bad_claims for what is too much, or no text. */
bool claims_take(const json_t *claims, const struct claims_wanted *wanted, struct person *person,
    struct error *err);

#endif
