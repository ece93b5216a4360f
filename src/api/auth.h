/* Who calls: the kernel's word on a Unix socket, a token (Authorization: Bearer), or a session
 * cookie. Secrets are looked up in memory (credentials.h): no request waits for the store because
 * of who sent it, and when the store fails, what was known goes on until it expires. */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "access/credentials.h"
#include "access/login_limits.h"
#include "api/api.h"

#define AUTH_SESSION_SECONDS (12 * 3600)
/* With the prefix __Host- over TLS. The second shows that somebody has signed in with this name
 * from this browser before. */
#define AUTH_COOKIE "postroom"
#define AUTH_DEVICE_COOKIE "postroom-device"

struct auth;

/* Begins to read the store. */
struct auth *auth_create(struct api *api);
/* With nothing pending in the store. Accepts a pointer to NULL. */
void auth_destroy(struct auth **auth);
/* Every few seconds: reads again what another process (the command line without the service) has
 * changed, and forgets what has expired. */
void auth_tick(struct auth *auth);

/* For http_router_set_authenticate, with the auth as context. */
void auth_authenticate(void *auth, struct http_request *rq);

struct credentials *auth_credentials(struct auth *auth);
struct login_limits *auth_limits(struct auth *auth);

/* The secret in the request's cookie; false when there is none. */
bool auth_cookie(const struct http_request *rq, struct slice *secret);
void auth_set_cookie(struct http_request *rq, const char *secret, int64_t seconds);
void auth_set_device_cookie(struct auth *auth, struct http_request *rq, struct slice name);

/* What this caller is known by as `name`, for login_limits.h: a session of that account, the cookie
 * of a device, or an address that it signed in from. 0 for a stranger. */
uint64_t auth_known(struct auth *auth, const struct http_request *rq, struct slice name);
void auth_note_address(struct auth *auth, struct slice name, const char *peer);

#endif
