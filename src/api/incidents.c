/* Incidents as JSON, and what people do to them. They are about the whole host: whoever sees a
 * part of the queue gets the numbers of that part, and no incident. */
#include "api/incidents.h"

#include "base/clock.h"

#define NOTE_MAX 1000
#define SNOOZE_DAYS_MAX 30
#define DAY 86400

/* ---- The head of the page ---- */

static json_t *summary_json(const struct api *api, const struct index_status *status)
{
	bool known = status->state == INDEX_CURRENT;
	int running = api->services.postfix_running(api->services.context);

	return json_pack("{so, sn, sn, sn, sn, sn, so, sn, so}", "deferred",
	    known ? json_integer((json_int_t)status->counts[QUEUE_DEFERRED]) : json_null(),
	    "deferred_growth", "deferred_usual", "received_per_minute", "delivered_per_minute",
	    "returned_per_minute", "oldest_arrival",
	    known && status->messages > 0 ? api_time(status->oldest_arrival) : json_null(),
	    "postfix_since", "postfix_running", running < 0 ? json_null() : json_boolean(running));
}

static void get_incidents(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct query_scope *scope = api_scope(api, rq);
	struct index_status status;
	struct slice state = SLICE("open"), since;
	int64_t after;

	if (http_query(rq, "state", &state) && !slice_is(state, "open") &&
	    !slice_is(state, "all")) {
		http_reply_problem_with(rq, "invalid_value", "state is open or all",
		    json_pack("{ss}", "member", "state"));
		return;
	}
	if (http_query(rq, "since", &since) && !clock_parse_rfc3339(since, &after)) {
		http_reply_problem_with(rq, "invalid_value",
		    "a time is written as 2026-11-22T08:00:00Z",
		    json_pack("{ss}", "member", "since"));
		return;
	}
	query_status(api->query, scope, clock_now(), &status);
	http_reply_json(rq, 200,
	    json_pack("{so, sb, ss, sb, so, s[], s[]}", "as_of", api_time(clock_now()), "calm",
		true, "sentence", "Nothing unusual.", "kept", true, "summary",
		summary_json(api, &status), "last_hour", "incidents"));
}

/* ---- One of them ---- */

static void reply_not_found(struct http_request *rq)
{
	http_reply_problem(rq, "incident_not_found", "there is no such incident");
}

static void get_incident(struct http_request *rq, void *context)
{
	(void)context;
	reply_not_found(rq);
}

static void add_note(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "text");
	struct slice text;

	(void)context;
	if (body == NULL || !http_json_string(rq, body, "text", HTTP_REQUIRED, NOTE_MAX, &text))
		return;
	if (slice_trim(text).len == 0) {
		http_reply_problem_with(
		    rq, "invalid_value", "a note has words", json_pack("{ss}", "member", "text"));
		return;
	}
	reply_not_found(rq);
}

/* False when it has answered. `*until` 0: it is woken. */
static bool read_until(struct http_request *rq, int64_t *until)
{
	const json_t *body = http_json(rq, "until"), *value;
	const char *text;

	if (body == NULL)
		return false;
	value = json_object_get(body, "until");
	*until = 0;
	if (json_is_null(value))
		return true;
	text = json_string_value(value);
	if (value == NULL)
		http_reply_problem_with(rq, "missing_member", "until is a time, or null",
		    json_pack("{ss}", "member", "until"));
	else if (text == NULL || !clock_parse_rfc3339(slice_of(text), until) ||
		 *until <= clock_now() || *until > clock_now() + SNOOZE_DAYS_MAX * DAY)
		http_reply_problem_with(rq, "invalid_value",
		    "until is a time in the next 30 days, written as 2026-11-22T08:00:00Z, or null",
		    json_pack("{ss}", "member", "until"));
	else
		return true;
	return false;
}

static void snooze(struct http_request *rq, void *context)
{
	int64_t until;

	(void)context;
	if (read_until(rq, &until))
		reply_not_found(rq);
}

const struct http_route api_incidents_routes[] = {
    {HTTP_GET, "/api/v1/incidents", RIGHT_VIEWER, 0, "state since", get_incidents, .within = true},
    {HTTP_GET, "/api/v1/incidents/{id}", RIGHT_VIEWER, 0, NULL, get_incident},
    {HTTP_POST, "/api/v1/incidents/{id}/notes", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, add_note},
    {HTTP_POST, "/api/v1/incidents/{id}/snooze", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, snooze},
    {.path = NULL},
};
