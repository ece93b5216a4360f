/* The problem codes of api/openapi.yaml and the status that each belongs to. */
#include "http/problem.h"

#include <string.h>

static const struct {
	const char *code;
	unsigned status;
	const char *text; /* where every asker is told the same */
} problems[] = {
    {"bad_request", 400},
    {"invalid_json", 400},
    {"unknown_member", 400},
    {"missing_member", 400},
    {"invalid_value", 400},
    {"unknown_parameter", 400},
    {"invalid_filter", 400},
    {"invalid_id", 400, "This is no queue ID."},
    {"invalid_cursor", 400},
    {"not_authenticated", 401},
    {"login_failed", 401},
    {"login_link_invalid", 401},
    {"forbidden", 403},
    {"csrf_refused", 403},
    {"not_found", 404},
    {"message_not_found", 404, "There is no such message in the queue (any more)."},
    {"part_not_found", 404},
    {"job_not_found", 404, "There is no such job."},
    {"change_not_found", 404, "There is no such change."},
    {"incident_not_found", 404},
    {"token_not_found", 404},
    {"user_not_found", 404},
    {"saved_view_not_found", 404},
    {"method_not_allowed", 405},
    {"already_exists", 409},
    {"incident_ended", 409},
    {"incident_notes_full", 409},
    {"last_admin", 409},
    {"name_taken", 409},
    {"saved_views_full", 409},
    {"job_finished", 409},
    {"not_undoable", 409},
    {"preview_outdated", 409},
    {"settings_busy", 409},
    {"settings_read_only", 409},
    {"view_expired", 410},
    {"too_large", 413},
    {"unsupported_media_type", 415},
    {"unknown_host", 421},
    {"field_unavailable", 422},
    {"filter_too_costly", 422},
    {"nothing_matched", 422},
    {"unsupported_by_postfix", 422},
    {"settings_refused", 422},
    {"too_many_requests", 429},
    {"header_too_large", 431},
    {"internal", 500},
    {"postfix_failed", 502},
    {"view_failed", 502},
    {"helper_unavailable", 503},
    {"reader_unavailable", 503},
    {"store_unavailable", 503},
    {"not_current", 503},
    {"postfix_stopped", 503},
    {"timed_out", 504},
};

unsigned problem_status(const char *code)
{
	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		if (strcmp(problems[i].code, code) == 0)
			return problems[i].status;
	/* Not a code of the API: the caller makes `internal` of it. */
	return 0;
}

const char *problem_text(const char *code)
{
	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		if (problems[i].text != NULL && strcmp(problems[i].code, code) == 0)
			return problems[i].text;
	return code;
}
