/* Times that people type become those of the API. */
#include "cli/times.h"

#include "base/clock.h"
#include "cli/format.h"

bool times_query(
    struct command_run *run, struct buffer *path, enum command_option option, const char *name)
{
	const char *value = run->values[option];
	char when[CLOCK_RFC3339_SIZE];
	int64_t ago;
	int64_t seconds;

	if (value == NULL)
		return true;
	if (clock_parse_rfc3339(slice_of(value), &seconds)) {
		client_query(path, name, value);
		return true;
	}
	if (!format_parse_duration(value, &ago))
		return command_usage(run,
			   "--%s %s: expected 2026-11-22T08:00:00Z, or how long ago such as 24h",
			   name, value) == COMMAND_DONE;
	clock_rfc3339(clock_now() - ago, when);
	client_query(path, name, when);
	return true;
}
