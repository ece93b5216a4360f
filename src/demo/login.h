/* Asks the demo's own service for what a person needs to get in. */
#ifndef DEMO_LOGIN_H
#define DEMO_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Long enough for "/#login=" and the secret. */
#define LOGIN_PATH_SIZE 320

/* Whether the service answers on its Unix socket. */
bool login_alive(const char *socket_path);

/* A link that signs in once as an admin, valid for a day: the part behind the page's address.
 * Errors: io_error, bad_reply. */
bool login_link(const char *socket_path, char path[LOGIN_PATH_SIZE], struct error *err);

#endif
