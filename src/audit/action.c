/* The table of actions. */
#include "audit/action.h"

#include <stddef.h>

static const struct {
	const char *name;
	enum audit_need need;
} actions[AUDIT_ACTIONS] = {
    [AUDIT_NOTHING] = {"", AUDIT_NEVER_REFUSED},
    [AUDIT_SIGN_IN] = {"sign_in", AUDIT_NEVER_REFUSED},
    [AUDIT_SIGN_IN_FAILED] = {"sign_in_failed", AUDIT_NEVER_REFUSED},
    [AUDIT_SIGN_OUT] = {"sign_out", AUDIT_NEVER_REFUSED},
    [AUDIT_REFUSED] = {"refused", AUDIT_NEVER_REFUSED},
    [AUDIT_CONTENT_READ] = {"content_read", AUDIT_NEEDS_SPACE},
    [AUDIT_SOURCE_READ] = {"source_read", AUDIT_NEEDS_SPACE},
    [AUDIT_EXPORT] = {"export", AUDIT_NEEDS_SPACE},
    /* Reading the audit must be possible on the day on which it cannot be written. */
    [AUDIT_READ] = {"audit_read", AUDIT_NEVER_REFUSED},
    [AUDIT_JOB] = {"job", AUDIT_NEEDS_WRITING},
    [AUDIT_CANCEL] = {"cancel", AUDIT_NEEDS_WRITING},
    [AUDIT_UNDO] = {"undo", AUDIT_NEEDS_WRITING},
    [AUDIT_FLUSH] = {"flush", AUDIT_NEEDS_WRITING},
    [AUDIT_PAUSE] = {"pause", AUDIT_NEEDS_WRITING},
    [AUDIT_SETTINGS] = {"settings", AUDIT_NEEDS_WRITING},
    [AUDIT_ALERTS] = {"alerts", AUDIT_NEEDS_WRITING},
    [AUDIT_INCIDENT] = {"incident", AUDIT_NEEDS_WRITING},
    [AUDIT_PROBE] = {"probe", AUDIT_NEEDS_WRITING},
    [AUDIT_SAVED_VIEW] = {"saved_view", AUDIT_NEEDS_WRITING},
    [AUDIT_ACCOUNT] = {"account", AUDIT_NEEDS_WRITING},
    [AUDIT_TOKEN] = {"token", AUDIT_NEEDS_WRITING},
    /* Who ends his sessions closes a door: that is never refused. */
    [AUDIT_SESSION] = {"session", AUDIT_NEVER_REFUSED},
    [AUDIT_OTP] = {"otp", AUDIT_NEEDS_WRITING},
    [AUDIT_SERVICE_STARTED] = {"service_started", AUDIT_NEVER_REFUSED},
    [AUDIT_SERVICE_STOPPED] = {"service_stopped", AUDIT_NEVER_REFUSED},
    [AUDIT_ROLE_STARTED] = {"role_started", AUDIT_NEVER_REFUSED},
    [AUDIT_ROLE_STOPPED] = {"role_stopped", AUDIT_NEVER_REFUSED},
    [AUDIT_SANDBOX_MISSING] = {"sandbox_missing", AUDIT_NEVER_REFUSED},
    [AUDIT_BEGIN] = {"audit_begin", AUDIT_NEVER_REFUSED},
    [AUDIT_SEAL] = {"audit_seal", AUDIT_NEVER_REFUSED},
    [AUDIT_CUT] = {"audit_cut", AUDIT_NEVER_REFUSED},
    [AUDIT_KEY] = {"audit_key", AUDIT_NEVER_REFUSED},
    [AUDIT_TORN] = {"audit_torn", AUDIT_NEVER_REFUSED},
    [AUDIT_LOST] = {"audit_lost", AUDIT_NEVER_REFUSED},
    [AUDIT_FORMER] = {"former", AUDIT_NEVER_REFUSED},
};

const char *audit_action_name(enum audit_action action)
{
	return (size_t)action < AUDIT_ACTIONS ? actions[action].name : "";
}

bool audit_action_parse(struct slice text, enum audit_action *action)
{
	for (size_t i = AUDIT_NOTHING + 1; i < AUDIT_ACTIONS; i++)
		if (slice_is(text, actions[i].name)) {
			*action = (enum audit_action)i;
			return true;
		}
	return false;
}

enum audit_need audit_action_need(enum audit_action action)
{
	return (size_t)action < AUDIT_ACTIONS ? actions[action].need : AUDIT_NEEDS_WRITING;
}
