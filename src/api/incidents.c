/* What is noticed is answered from memory; what has ended longer ago, from the store. It is about
 * the whole host: whoever sees a part of the queue gets the numbers of that part, and no
 * incident. */
#include "api/incidents.h"

#include <stdlib.h>

#include "api/act.h"
#include "api/incident_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "watch/incident_watch.h"

#define LIST_MAX 200

/* ---- The head of the page ---- */

static json_t *rate_json(double rate)
{
	/* Tenths: more digits would say more than is known. */
	return rate >= 0 ? json_real((double)(int64_t)(rate * 10 + 0.5) / 10) : json_null();
}

static json_t *summary_json(const struct api *api, const struct incident_summary *s)
{
	int running = api->services.postfix_running(api->services.context);

	return json_pack("{so, so, so, so, so, so, so, so, so}", "deferred",
	    s->deferred >= 0 ? json_integer(s->deferred) : json_null(), "deferred_growth",
	    s->growth_known ? json_integer(s->deferred_growth) : json_null(), "deferred_usual",
	    s->deferred_usual >= 0 ? json_integer(s->deferred_usual) : json_null(),
	    "received_per_minute", rate_json(s->received), "delivered_per_minute",
	    rate_json(s->delivered), "returned_per_minute", rate_json(s->returned),
	    "oldest_arrival", api_time_or_null(s->oldest_arrival), "postfix_since",
	    api_time_or_null(s->postfix_since), "postfix_running",
	    running < 0 ? json_null() : json_boolean(running));
}

static json_t *last_hour_json(const struct incident_watch *watch)
{
	size_t count;
	const struct incident_line *lines = incident_watch_last_hour(watch, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
		    list, json_pack("{so, so, so}", "text", api_string(slice_of(lines[i].text)),
			      "at", api_time(lines[i].at), "link",
			      lines[i].link != NULL ? json_string(lines[i].link) : json_null()));
	return list;
}

/* Takes `incidents` over. */
static void reply_list(struct http_request *rq, const struct api *api, json_t *incidents)
{
	const struct incident_watch *watch = api->incidents;
	BUFFER_AUTO struct buffer sentence = {0};
	struct incident_summary summary;
	int64_t as_of = incident_watch_as_of(watch);

	incident_watch_summary(watch, &summary);
	incident_watch_sentence(watch, &summary, &sentence);
	http_reply_json(rq, 200,
	    json_pack("{so, sb, so, sb, so, so, so}", "as_of",
		api_time(as_of != 0 ? as_of : clock_now()), "calm",
		incident_watch_needs(watch) == 0, "sentence", api_string(buffer_slice(&sentence)),
		"kept", incident_watch_kept(watch), "summary", summary_json(api, &summary),
		"last_hour", last_hour_json(watch), "incidents", incidents));
}

/* Numbers of his part, and nothing that is made of the whole. */
static void reply_part(
    struct http_request *rq, const struct api *api, const struct query_scope *scope)
{
	struct incident_summary summary = {
	    .deferred = -1, .deferred_usual = -1, .received = -1, .delivered = -1, .returned = -1};
	struct index_status status;

	query_status(api->query, scope, clock_now(), &status);
	if (status.state == INDEX_CURRENT) {
		summary.deferred = (int64_t)status.counts[QUEUE_DEFERRED];
		summary.oldest_arrival = status.messages > 0 ? status.oldest_arrival : 0;
	}
	http_reply_json(rq, 200,
	    json_pack("{so, sb, ss, sb, so, s[], s[]}", "as_of", api_time(clock_now()), "calm",
		false, "sentence", "What is unusual is told to those who see all of the queue.",
		"kept", incident_watch_kept(api->incidents), "summary", summary_json(api, &summary),
		"last_hour", "incidents"));
}

static json_t *open_json(const struct incident_tracking *tracking)
{
	json_t *list = json_array();

	for (size_t i = 0; i < incident_tracking_open(tracking) && i < LIST_MAX; i++) {
		const struct incident_record *record = incident_tracking_at(tracking, i);

		if (record->row.caused_by == 0)
			json_array_append_new(list, api_incident_json(record, tracking));
	}
	return list;
}

/* ---- Those that have ended, too ---- */

struct ask {
	struct http_request *rq; /* NULL once the caller has gone */
	struct api *api;
	int64_t since, id;
	struct incident_records records;
	struct incident_record record;
};

static void ask_gone(void *data)
{
	struct ask *ask = data;

	ask->rq = NULL;
}

static struct ask *ask_create(struct api *api, struct http_request *rq)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->rq = rq;
	ask->api = api;
	http_on_gone(rq, ask_gone, ask);
	return ask;
}

static void ask_free(struct ask *ask)
{
	incident_records_free(&ask->records);
	incident_record_clear(&ask->record);
	free(ask);
}

static enum db_result read_ended(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return incident_rows_list(db, ask->since, LIST_MAX, &ask->records, err);
}

static int newest_first(const void *a, const void *b)
{
	const struct incident_record *x = *(const struct incident_record *const *)a,
				     *y = *(const struct incident_record *const *)b;

	if (x->row.noticed != y->row.noticed)
		return x->row.noticed < y->row.noticed ? 1 : -1;
	return x->row.id < y->row.id ? 1 : -1;
}

/* What is in memory is newer than what the store has of it. */
static json_t *all_json(const struct ask *ask)
{
	const struct incident_tracking *tracking = incident_watch_tracking(ask->api->incidents);
	size_t known = incident_tracking_count(tracking), count = 0;
	MEMORY_AUTO const struct incident_record **list =
	    memory_alloc((known + ask->records.count + 1) * sizeof(*list));
	json_t *json = json_array();

	for (size_t i = 0; i < known; i++) {
		const struct incident_record *record = incident_tracking_at(tracking, i);

		if (record->row.until == 0 || record->row.until >= ask->since)
			list[count++] = record;
	}
	for (size_t i = 0; i < ask->records.count; i++)
		if (incident_tracking_find(tracking, ask->records.items[i].row.id) == NULL)
			list[count++] = &ask->records.items[i];
	qsort(list, count, sizeof(*list), newest_first);
	for (size_t i = 0; i < count && i < LIST_MAX; i++)
		json_array_append_new(json, api_incident_json(list[i], tracking));
	return json;
}

static void ended_are_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	/* Where the store is away, those of the last day are in memory: `kept` says so. */
	(void)result;
	(void)err;
	if (ask->rq != NULL)
		reply_list(ask->rq, ask->api, all_json(ask));
	ask_free(ask);
}

static bool read_since(struct http_request *rq, int64_t *since)
{
	struct slice text;

	if (!http_query(rq, "since", &text) || clock_parse_rfc3339(text, since))
		return true;
	http_reply_problem_with(rq, "invalid_value", "a time is written as 2026-11-22T08:00:00Z",
	    json_pack("{ss}", "member", "since"));
	return false;
}

static void get_incidents(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct query_scope *scope = api_scope(api, rq);
	struct slice state = SLICE("open");
	struct ask *ask;
	int64_t since = 0;

	if (http_query(rq, "state", &state) && !slice_is(state, "open") &&
	    !slice_is(state, "all")) {
		http_reply_problem_with(rq, "invalid_value", "state is open or all",
		    json_pack("{ss}", "member", "state"));
		return;
	}
	if (!read_since(rq, &since))
		return;
	if (!query_scope_is_all(scope)) {
		reply_part(rq, api, scope);
	} else if (slice_is(state, "open")) {
		reply_list(rq, api, open_json(incident_watch_tracking(api->incidents)));
	} else {
		ask = ask_create(api, rq);
		ask->since = since > 0 ? since : 0;
		store_ask_read(api->store, read_ended, ended_are_read, ask);
	}
}

/* ---- One of them ---- */

/* 0: it has answered. */
static int64_t incident_number(struct http_request *rq)
{
	uint64_t id;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id > 0 &&
	    id <= INT64_C(9007199254740991))
		return (int64_t)id;
	http_reply_problem(rq, "incident_not_found", "there is no such incident");
	return 0;
}

static enum db_result read_one(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return incident_rows_get(db, ask->id, &ask->record, err);
}

static void one_is_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result == DB_NOT_FOUND)
		http_reply_problem(ask->rq, "incident_not_found", "%s", err->text);
	else if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 200,
		    api_incident_detail_json(
			&ask->record, incident_watch_tracking(ask->api->incidents)));
	ask_free(ask);
}

static void get_incident(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct incident_tracking *tracking = incident_watch_tracking(api->incidents);
	int64_t id = incident_number(rq);
	const struct incident_record *record;
	struct ask *ask;

	if (id == 0)
		return;
	record = incident_tracking_find(tracking, id);
	if (record != NULL) {
		http_reply_json(rq, 200, api_incident_detail_json(record, tracking));
		return;
	}
	ask = ask_create(api, rq);
	ask->id = id;
	store_ask_read(api->store, read_one, one_is_read, ask);
}

static void note_is_added(void *context, const struct incident_note *note, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && err != NULL)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 201, api_incident_note_json(note));
	ask_free(ask);
}

static void add_note(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "text");
	struct slice text;
	int64_t id;

	if (body == NULL ||
	    !http_json_string(rq, body, "text", HTTP_REQUIRED, INCIDENT_ROWS_NOTE_MAX, &text))
		return;
	text = slice_trim(text);
	if (text.len == 0) {
		http_reply_problem_with(
		    rq, "invalid_value", "a note has words", json_pack("{ss}", "member", "text"));
		return;
	}
	id = incident_number(rq);
	if (id == 0)
		return;
	http_set_audit_text(rq, "note on incident %lld", (long long)id);
	incident_watch_add_note(
	    api->incidents, id, http_caller(rq)->name, text, note_is_added, ask_create(api, rq));
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
		 *until <= clock_now() || *until > clock_now() + INCIDENT_WATCH_SNOOZE_MAX)
		http_reply_problem_with(rq, "invalid_value",
		    "until is a time in the next 30 days, written as 2026-11-22T08:00:00Z, or null",
		    json_pack("{ss}", "member", "until"));
	else
		return true;
	return false;
}

static void is_snoozed(void *context, const struct incident_note *note, const struct error *err)
{
	struct ask *ask = context;
	const struct incident_tracking *tracking = incident_watch_tracking(ask->api->incidents);
	const struct incident_record *record = incident_tracking_find(tracking, ask->id);

	(void)note;
	if (ask->rq != NULL && err != NULL)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL && record == NULL)
		http_reply_problem(ask->rq, "incident_not_found", "it ended while this was done");
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 200, api_incident_json(record, tracking));
	ask_free(ask);
}

static void snooze(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask;
	int64_t until, id;

	if (!read_until(rq, &until))
		return;
	id = incident_number(rq);
	if (id == 0)
		return;
	http_set_audit_text(
	    rq, "incident %lld %s", (long long)id, until != 0 ? "put aside" : "taken up again");
	ask = ask_create(api, rq);
	ask->id = id;
	incident_watch_snooze(api->incidents, id, http_caller(rq)->name, until, is_snoozed, ask);
}

const struct http_route api_incidents_routes[] = {
    {HTTP_GET, "/api/v1/incidents", RIGHT_VIEWER, 0, "state since", get_incidents, .within = true},
    {HTTP_GET, "/api/v1/incidents/{id}", RIGHT_VIEWER, 0, NULL, get_incident},
    {HTTP_POST, "/api/v1/incidents/{id}/notes", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, add_note},
    {HTTP_POST, "/api/v1/incidents/{id}/snooze", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, snooze},
    {.path = NULL},
};
