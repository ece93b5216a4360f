/* Two tables. A code that is in neither is the service's refusal: of a right, or because of its
 * state or Postfix's. */
#include "cli/exit_status.h"

#include <stddef.h>
#include <string.h>

#include "base/slice.h"

static const char *const meanings[COMMAND_STATUSES] = {
    [COMMAND_DONE] = "done",
    [COMMAND_NOT_DONE] = "nothing matched, or not all of it was done",
    [COMMAND_USAGE] = "wrong usage, a wrong filter too",
    [COMMAND_UNREACHABLE] = "the service cannot be reached",
    [COMMAND_REFUSED] = "the service refused: a right is missing, or its state forbids it",
};

const char *exit_status_meaning(int status)
{
	return meanings[status];
}

static const struct {
	const char *code;
	int status;
} codes[] = {
    {"unreachable", COMMAND_UNREACHABLE},
    {"bad_reply", COMMAND_UNREACHABLE},
    {"bad_url", COMMAND_USAGE},
    {"bad_token", COMMAND_USAGE},
    {"bad_context", COMMAND_USAGE},
    {"no_host", COMMAND_USAGE},
    {"bad_hosts", COMMAND_USAGE},
    {"io_error", COMMAND_USAGE}, /* the file of a token */
    {"bad_role", COMMAND_USAGE},
    {"bad_name", COMMAND_USAGE},
    {"bad_right", COMMAND_USAGE},
    {"bad_password", COMMAND_USAGE},
    {"bad_request", COMMAND_USAGE},
    {"missing_member", COMMAND_USAGE},
    {"invalid_value", COMMAND_USAGE},
    {"unknown_parameter", COMMAND_USAGE},
    {"invalid_filter", COMMAND_USAGE},
    {"invalid_id", COMMAND_USAGE},
    {"too_large", COMMAND_USAGE},
    {"header_too_large", COMMAND_USAGE},
    {"nothing_matched", COMMAND_NOT_DONE},
};

int exit_status_of(const char *code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].status;
	/* "not_found", "job_not_found": each kind of thing has its own. */
	return slice_ends_with(slice_of(code), "not_found") ? COMMAND_NOT_DONE : COMMAND_REFUSED;
}
