/* /me, /login, /logout, /login-links, /users, /tokens. */
#ifndef API_ACCOUNTS_H
#define API_ACCOUNTS_H

#include "api/api.h"

extern const struct http_route api_accounts_routes[];

#endif
