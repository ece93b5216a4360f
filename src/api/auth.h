/* Who calls: the kernel's word on a Unix socket, a token (Authorization: Bearer), or a session
 * cookie. What the store says about a secret is remembered for AUTH_CACHE_MS, so that a busy store
 * never stalls a request; when the store fails, what was known goes on until it expires. */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "api/api.h"

/* A token that the command line deletes directly in the database ends at most so much later. */
#define AUTH_CACHE_MS 10000
#define AUTH_SESSION_SECONDS (12 * 3600)
#define AUTH_COOKIE "postroom"

struct auth;

struct auth *auth_create(struct api *api);
/* With nothing pending in the store. Accepts a pointer to NULL. */
void auth_destroy(struct auth **auth);

/* For http_router_set_authenticate, with the auth as context. */
void auth_authenticate(void *auth, struct http_request *rq);

/* The secret in the request's cookie; false when there is none. */
bool auth_cookie(const struct http_request *rq, struct slice *secret);
/* A secret that counts no more (logout), or a number of a token that was deleted. */
void auth_forget(struct auth *auth, struct slice secret);
void auth_forget_token(struct auth *auth, uint64_t id);

/* Failed logins: whether one for this name from this address must wait, and for how many seconds.
 */
bool auth_must_wait(struct auth *auth, struct slice name, const char *peer, int64_t *seconds);
void auth_login_failed(struct auth *auth, struct slice name, const char *peer);
void auth_login_succeeded(struct auth *auth, struct slice name, const char *peer);

#endif
