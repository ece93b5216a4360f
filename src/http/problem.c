/* The problem codes of api/openapi.yaml and the status that each belongs to. */
#include "http/problem.h"

#include <string.h>

static const struct {
	const char *code;
	unsigned status;
	enum said_code says; /* where every asker is told the same */
} problems[] = {
    {"bad_request", 400},
    {"invalid_json", 400},
    {"unknown_member", 400},
    {"missing_member", 400},
    {"invalid_value", 400},
    {"unknown_parameter", 400},
    {"invalid_filter", 400},
    {"invalid_template", 400},
    {"invalid_id", 400, SAID_PROBLEM_INVALID_ID},
    {"invalid_cursor", 400},
    {"not_authenticated", 401},
    {"login_failed", 401},
    {"login_link_invalid", 401},
    {"otp_needed", 401, SAID_PROBLEM_OTP_NEEDED},
    {"otp_wrong", 401},
    {"otp_used", 401},
    {"otp_clock_back", 401},
    {"otp_challenge_ended", 401, SAID_PROBLEM_OTP_ENDED},
    {"forbidden", 403},
    {"csrf_refused", 403},
    {"otp_setup_needed", 403},
    {"password_wrong", 403, SAID_PROBLEM_PASSWORD_WRONG},
    {"not_found", 404},
    {"message_not_found", 404, SAID_PROBLEM_MESSAGE_NOT_FOUND},
    {"part_not_found", 404},
    {"job_not_found", 404, SAID_PROBLEM_JOB_NOT_FOUND},
    {"change_not_found", 404, SAID_PROBLEM_CHANGE_NOT_FOUND},
    {"incident_not_found", 404},
    {"alert_channel_not_found", 404},
    {"silence_not_found", 404},
    {"pause_not_found", 404, SAID_PROBLEM_PAUSE_NOT_FOUND},
    {"token_not_found", 404},
    {"session_not_found", 404},
    {"user_not_found", 404},
    {"otp_not_found", 404, SAID_PROBLEM_OTP_NONE},
    {"saved_view_not_found", 404},
    {"probe_not_found", 404, SAID_PROBLEM_PROBE_NOT_FOUND},
    {"method_not_allowed", 405},
    {"already_exists", 409},
    {"incident_ended", 409},
    {"incident_notes_full", 409},
    {"alerts_changed", 409},
    {"silences_full", 409},
    {"pause_exists", 409},
    {"pause_ended", 409},
    {"pause_own_domain", 409},
    {"pause_setup_missing", 409},
    {"pause_setup_changed", 409},
    {"pauses_full", 409},
    {"last_admin", 409},
    {"name_taken", 409},
    {"otp_off", 409, SAID_PROBLEM_OTP_OFF},
    {"otp_no_account", 409, SAID_PROBLEM_OTP_NO_ACCOUNT},
    {"otp_exists", 409, SAID_PROBLEM_OTP_EXISTS},
    {"otp_not_begun", 409, SAID_PROBLEM_OTP_NOT_BEGUN},
    {"password_elsewhere", 409},
    {"password_no_account", 409, SAID_PROBLEM_PASSWORD_NO_ACCOUNT},
    {"saved_views_full", 409},
    {"job_finished", 409, SAID_PROBLEM_JOB_FINISHED},
    {"not_undoable", 409, SAID_PROBLEM_NOT_UNDOABLE},
    {"preview_outdated", 409},
    {"probe_not_queued", 409},
    {"probe_busy", 409},
    {"settings_busy", 409},
    {"settings_read_only", 409},
    {"view_expired", 410},
    {"too_large", 413},
    {"unsupported_media_type", 415},
    {"unknown_host", 421},
    {"field_unavailable", 422},
    {"filter_too_costly", 422},
    {"nothing_matched", 422},
    {"not_all_yours", 422},
    {"unsupported_by_postfix", 422},
    {"settings_refused", 422},
    {"pause_setup_impossible", 422},
    {"pause_too_long", 422},
    {"too_many_requests", 429},
    {"probe_too_many", 429},
    {"header_too_large", 431},
    {"internal", 500},
    {"postfix_failed", 502},
    {"view_failed", 502},
    {"helper_unavailable", 503},
    {"busy", 503, SAID_PROBLEM_BUSY},
    {"reader_unavailable", 503},
    {"notifier_unavailable", 503},
    {"store_unavailable", 503},
    {"otp_unavailable", 503},
    {"audit_unavailable", 503},
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

enum said_code problem_says(const char *code)
{
	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		if (strcmp(problems[i].code, code) == 0)
			return problems[i].says;
	return SAID_NOTHING;
}
