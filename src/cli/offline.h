/* What must work before the service has ever run: the first account and the first token, written
 * into the database by root, who becomes the service's user first, so that nothing there belongs to
 * root. */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include <stdint.h>

#include "config/config.h"
#include "store/accounts.h"

/* Whether this may be tried: root, and nobody chose a service with --url or --socket. */
bool offline_possible(const char *url, const char *socket);

/* Both give up root for good. `role` as accounts_role_parse; `expires` is Unix time, 0 for never.
 * Errors: bad_role, bad_name, bad_password, conflict, and those of db_prepare and db_open. */
bool offline_add_user(const struct config *config, const char *name, const char *role,
    const char *password, struct error *err);
bool offline_create_token(const struct config *config, const char *name, const char *role,
    int64_t expires, char secret[ACCOUNTS_SECRET_SIZE], struct error *err);

#endif
