/* Who calls: a token (Authorization: Bearer), the word of a proxy in front (proxy_word.h), the
 * kernel's word on a Unix socket, or a session cookie, in this order. Secrets are looked up in
 * memory (credentials.h): no request waits for the store because of who sent it, and when the store
 * fails, what was known goes on until it expires. */
#ifndef API_AUTH_H
#define API_AUTH_H

#include "access/credentials.h"
#include "access/login_limits.h"
#include "api/api.h"

/* With the prefix __Host- over TLS (__Secure- beneath a base path). The second shows that somebody
 * has signed in with this name from this browser before. */
#define AUTH_COOKIE "postroom"
#define AUTH_DEVICE_COOKIE "postroom-device"
#define AUTH_FLOW_COOKIE "postroom-sign-in"

struct auth;

/* Begins to read the store. */
struct auth *auth_create(struct api *api);
/* With nothing pending in the store. Accepts a pointer to NULL. */
void auth_destroy(struct auth **auth);
/* Every second: reads again what another process (the command line without the service) has
 * changed, forgets what has expired or lain unused too long, and ends what is under way for it. */
void auth_tick(struct auth *auth);
/* After each end of a session, token or account in the credentials: ends the streams and the
 * answers that are under way for whoever came in by it. Not `but`, the request that has asked for
 * it (NULL: none). */
void auth_end_lost(struct auth *auth, const struct http_request *but);
/* How many accounts and tokens have a scope that is no filter, and the name of one of them (owned
 * here until the next change; NULL for none). They see nothing. */
size_t auth_scopes_lost(struct auth *auth, const char **name);
/* How long a session lasts at most, in seconds (access.session_max). */
int64_t auth_session_seconds(const struct auth *auth);
/* A session has been opened: where its owner has too many by that, one of the others ends
 * (ACCOUNTS_SESSIONS_MAX). */
void auth_make_room(struct auth *auth, uint64_t session);
/* Who it is that calls and has no account, for what is to belong to him; freed with person_free.
 * False for everybody else. */
bool auth_person(struct auth *auth, const struct http_request *rq, struct person *person);
/* His row has been written: he may be asked for from now on. */
void auth_person_written(struct auth *auth, const struct person *person);
/* He is here, or was just refused, with these groups: what he has here follows them. False where he
 * has nothing here; else his id is filled in. */
bool auth_person_seen(struct auth *auth, struct person *person);
/* Whether the accounts have been read; else the request is answered (store_unavailable). */
bool auth_ready(struct auth *auth, struct http_request *rq);

/* The configuration may be another. What is under way for somebody who has other rights by it
 * ends. */
void auth_use_config(struct auth *auth);

/* For http_router_set_authenticate, with the auth as context. */
void auth_authenticate(void *auth, struct http_request *rq);

struct credentials *auth_credentials(struct auth *auth);
struct login_limits *auth_limits(struct auth *auth);
/* A secret of ACCOUNTS_KEY_SIZE bytes that outlives a restart; NULL until it was read. */
const unsigned char *auth_secret(const struct auth *auth);

/* The secret in the request's cookie; false when there is none. */
bool auth_cookie(const struct http_request *rq, struct slice *secret);
void auth_set_cookie(struct http_request *rq, const char *secret, int64_t seconds);
/* Of a sign-in by an issuer that is under way (api/oidc.h): the one cookie that comes along when
 * another site sends a browser here, because that is what the issuer does. */
bool auth_flow_cookie(const struct http_request *rq, struct slice *value);
/* Empty, with 0 seconds: it is forgotten. */
void auth_set_flow_cookie(struct http_request *rq, const char *value, int64_t seconds);
void auth_set_device_cookie(struct auth *auth, struct http_request *rq, struct slice name);

/* What this caller is known by as `name`, for login_limits.h: a session of that account, the cookie
 * of a device, or an address that it signed in from. 0 for a stranger. */
uint64_t auth_known(struct auth *auth, const struct http_request *rq, struct slice name);
void auth_note_address(struct auth *auth, struct slice name, const char *peer);

#endif
