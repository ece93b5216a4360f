/* What the roles need to know: the configuration as pairs, and what Postfix says about itself. */
#ifndef SUPERVISOR_FACTS_H
#define SUPERVISOR_FACTS_H

#include "base/error.h"
#include "config/config.h"
#include "wire/control_proto.h"

/* Fills in `out` (zero-initialised or filled) from the configuration, and asks postconf, through
 * the command prefix where there is one. Postfix that does not answer is no failure: facts.known is
 * false and facts.error says why. As root adds whom the roles run as (accounts.h) and fails as
 * accounts_collect does; the rest is filled in then too. */
bool facts_collect(const struct config *config, const char *config_path, struct role_config *out,
    struct error *err);

/* How main.cf was when it was last looked at. Zero-initialised: never. */
struct facts_stamp {
	uint64_t inode;
	int64_t mtime_ns;
	bool seen;
};

/* Whether main.cf is another than at the last call (never at the first, nor under a command
 * prefix). */
bool facts_changed(const struct config *config, struct facts_stamp *stamp);

/* Reads "name = value" lines into the facts. Names that are no fact, and values longer than
 * CONTROL_VALUE_MAX, are passed over. */
void facts_parse(struct role_config *out, struct slice text);

#endif
