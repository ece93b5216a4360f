/* What must work without the service, also before it has ever run: accounts and the first token,
 * written into the database by root, who becomes the service's user first, so that nothing there
 * belongs to root. */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include <stdint.h>

#include "access/accounts.h"
#include "config/config.h"

/* Whether this may be tried: root, and nobody `named` a service. */
bool offline_possible(bool named);

/* All of them give up root for good. `role` as access_role_parse, and `more` what differs from it;
 * `expires` is Unix time, 0 for never. Errors: bad_role, bad_name, bad_password, conflict,
 * last_admin, not_found, and those of db_prepare and db_open. */
bool offline_add_user(const struct config *config, const char *name, const char *role,
    const struct access_grant *more, const char *password, struct error *err);
bool offline_change_user(const struct config *config, const char *name,
    const struct accounts_change *change, struct error *err);
bool offline_set_password(
    const struct config *config, const char *name, const char *password, struct error *err);
/* Takes its one-time password off, and ends its sessions. */
bool offline_end_otp(const struct config *config, const char *name, struct error *err);
bool offline_delete_user(const struct config *config, const char *name, struct error *err);
/* Freed with accounts_all_free. */
bool offline_load(const struct config *config, struct accounts_all *all, struct error *err);
bool offline_parse_role(const char *text, enum access_role *role, struct error *err);
bool offline_create_token(const struct config *config, const char *name, const char *role,
    const struct access_grant *more, int64_t expires, char secret[ACCOUNTS_SECRET_SIZE],
    struct error *err);

#endif
