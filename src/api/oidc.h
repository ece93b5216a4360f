/* Signing in by an issuer of OpenID Connect: GET /login/ways, /login/oidc and /login/oidc/callback.
 *
 * The issuer is asked by the identity process (exchange/identity.h), never from here. Where it is,
 * is known before anybody wants to sign in: nobody waits for an issuer that is down. */
#ifndef API_OIDC_H
#define API_OIDC_H

#include "api/api.h"

extern const struct http_route api_oidc_routes[];

struct oidc *oidc_create(struct api *api);
/* When the store has ended. Accepts a pointer to NULL. */
void oidc_destroy(struct oidc **oidc);

/* Every few seconds: asks where the issuer is, when that is not known or was long ago. */
void oidc_tick(struct oidc *oidc);
/* The identity process has come (back), or something has gone wrong: asks at once. */
void oidc_look_now(struct oidc *oidc);

/* Why nobody can sign in by the issuer now, for people; NULL: he can, or no issuer is set. */
const char *oidc_trouble(const struct oidc *oidc);
/* The issuer's host and port, for people; "" where none is set. */
struct slice oidc_issuer_host(const struct oidc *oidc);

/* Where a browser goes to end its session at the issuer as well, once ours has ended. False where
 * the issuer has no such place. */
bool oidc_logout_address(const struct oidc *oidc, struct buffer *address);

#endif
