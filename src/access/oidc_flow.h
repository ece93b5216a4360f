/* Sign-ins by an issuer that are under way (OpenID Connect, authorization code with PKCE). What one
 * needs to go on is sealed into a cookie, so that strangers who begin any number of them take no
 * memory here and push nobody's out. The key lives as long as the process.
 *
 * Pure but for random numbers: the time comes from the caller, by a clock that never steps. */
#ifndef ACCESS_OIDC_FLOW_H
#define ACCESS_OIDC_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* From the click to the way back: somebody may have to look for his telephone. */
#define OIDC_FLOW_SECONDS 600
/* Sign-ins that wait for the issuer; one more is told to come again. */
#define OIDC_FLOWS_UNDER_WAY 32
/* That have ended well, and are remembered until they could not be used any more. */
#define OIDC_FLOWS_USED 4096

/* 32 random bytes in URL-safe base64 without padding, with its NUL. */
#define OIDC_RANDOM_SIZE 44
/* A nonce, a time and three times 32 bytes, sealed, in base64, with its NUL. */
#define OIDC_COOKIE_SIZE 193

struct oidc_flow {
	char state[OIDC_RANDOM_SIZE];	 /* comes back with the code */
	char nonce[OIDC_RANDOM_SIZE];	 /* is in the ID token */
	char verifier[OIDC_RANDOM_SIZE]; /* of PKCE: only who has begun can end it */
	int64_t begun;			 /* seconds of the caller's clock */
};

struct oidc_flows;
struct oidc_flows *oidc_flows_create(void);
/* Accepts a pointer to NULL. */
void oidc_flows_destroy(struct oidc_flows **flows);

/* A new one, and the cookie that it can be gone on with. */
void oidc_flow_begin(
    struct oidc_flows *flows, int64_t now, struct oidc_flow *flow, char cookie[OIDC_COOKIE_SIZE]);
/* What is sent to the issuer in place of the verifier (S256). */
void oidc_flow_challenge(const struct oidc_flow *flow, char challenge[OIDC_RANDOM_SIZE]);

enum oidc_flow_taken {
	OIDC_FLOW_TAKEN,
	OIDC_FLOW_NONE, /* not this browser's, too old, used already, or of a service that has ended
			 */
	OIDC_FLOW_BUSY, /* too many wait for the issuer */
};
/* Goes on with the one that the cookie seals and the state names. From then on nobody else can,
 * until oidc_flow_end. */
enum oidc_flow_taken oidc_flow_take(struct oidc_flows *flows, struct slice cookie,
    struct slice state, int64_t now, struct oidc_flow *flow);
/* The issuer has answered. `used`: somebody has signed in with it, and nobody does again. */
void oidc_flow_end(struct oidc_flows *flows, const struct oidc_flow *flow, bool used);

#endif
