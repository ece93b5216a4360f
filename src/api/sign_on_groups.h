/* What the groups of a single sign-on may (access.group), read from the configuration as the server
 * has it. One map, whoever says which groups somebody is in: a proxy (proxy_word.h) or an issuer
 * (oidc.h). */
#ifndef API_SIGN_ON_GROUPS_H
#define API_SIGN_ON_GROUPS_H

#include "access/groups.h"
#include "wire/control_proto.h"

/* Line `number` of them, from 1 to GROUPS_MAX; "" where there is none. Lives as long as the
 * configuration. */
const char *sign_on_groups_line(const struct role_config *config, unsigned number);
/* All of them; the caller destroys it. A line that is none gives nobody anything, and is logged. */
struct groups *sign_on_groups_read(const struct role_config *config);

#endif
