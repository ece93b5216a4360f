/* The configuration has a key for each line, so that none is longer than a value may be. */
#include "api/sign_on_groups.h"

#include <stdio.h>

#include "base/log.h"

const char *sign_on_groups_line(const struct role_config *config, unsigned number)
{
	char key[40];

	snprintf(key, sizeof(key), "access.group.%u", number);
	return role_config_get(config, key);
}

struct groups *sign_on_groups_read(const struct role_config *config)
{
	struct groups *groups = groups_create();
	struct error err;

	for (unsigned number = 1; number <= GROUPS_MAX; number++) {
		const char *line = sign_on_groups_line(config, number);

		/* They were checked when the configuration was read. */
		if (line[0] != '\0' && !groups_add(groups, slice_of(line), &err))
			log_warning("access.group = %s: %s", line, err.text);
	}
	return groups;
}
