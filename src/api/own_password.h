/* /me/password. */
#ifndef API_OWN_PASSWORD_H
#define API_OWN_PASSWORD_H

#include "api/api.h"

extern const struct http_route api_own_password_routes[];

#endif
