/* Who may come in: /me, /login and /logout (login.c), /users (users.c), /login-links and /tokens
 * (accounts.c). */
#ifndef API_ACCOUNTS_H
#define API_ACCOUNTS_H

#include "access/accounts.h"
#include "api/api.h"

extern const struct http_route api_login_routes[];
extern const struct http_route api_users_routes[];
extern const struct http_route api_accounts_routes[];

/* ---- What the three share ---- */

/* Answers what went wrong in the store; `missing` is the code for DB_NOT_FOUND. */
void accounts_reply_store(
    struct http_request *rq, enum db_result result, const struct error *err, const char *missing);
/* A copy with a NUL; false when it does not fit or holds a NUL. */
bool accounts_copy_text(char *out, size_t size, struct slice in);

#endif
