/* What is noticed is answered from memory; what has ended longer ago, from the store. It is about
 * the whole host: whoever sees a part of the queue gets the numbers of that part, and those
 * incidents that are about nothing else (api_incident_within). */
#include "api/incidents.h"

#include <stdlib.h>

#include "api/act.h"
#include "api/incident_json.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "watch/incident_watch.h"

#define LIST_MAX 200
/* Those of a part are among all others: so many are looked through. */
#define LOOKED_AT_MAX 5000

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
		json_array_append_new(list,
		    json_pack("{so, so, so, so}", "text", api_string(slice_of(lines[i].text)),
			"words", api_words(slice_of(lines[i].words)), "at", api_time(lines[i].at),
			"link", lines[i].link != NULL ? json_string(lines[i].link) : json_null()));
	return list;
}

/* Takes `incidents` over. */
static void reply_list(struct http_request *rq, const struct api *api, json_t *incidents)
{
	const struct incident_watch *watch = api->incidents;
	SAID_AUTO struct said sentence = {0};
	struct incident_summary summary;
	int64_t as_of = incident_watch_as_of(watch);

	incident_watch_summary(watch, &summary);
	incident_watch_sentence(watch, &summary, &sentence);
	http_reply_json(rq, 200,
	    json_pack("{so, sb, so, so, sb, so, so, so}", "as_of",
		api_time(as_of != 0 ? as_of : clock_now()), "calm", incident_watch_is_calm(watch),
		"sentence", api_string(buffer_slice(&sentence.text)), "sentence_words",
		api_words(buffer_slice(&sentence.words)), "kept", incident_watch_kept(watch),
		"summary", summary_json(api, &summary), "last_hour", last_hour_json(watch),
		"incidents", incidents));
}

/* Of a list that is about to be told: those that have not ended. */
static int64_t count_open(const json_t *incidents)
{
	const json_t *incident;
	int64_t open = 0;
	size_t i;

	json_array_foreach(incidents, i, incident) open +=
	    json_is_null(json_object_get(incident, "until"));
	return open;
}

/* Numbers of his part, and nothing that is made of the whole. Takes `incidents` over. */
static void reply_part(struct http_request *rq, const struct api *api, json_t *incidents)
{
	const struct query_scope *scope = api_scope(api, rq);
	struct incident_summary summary = {
	    .deferred = -1, .deferred_usual = -1, .received = -1, .delivered = -1, .returned = -1};
	SAID_AUTO struct said sentence = {0};
	struct index_status status;
	int64_t open;

	query_status(api->query, scope, clock_now(), &status);
	if (status.state == INDEX_CURRENT) {
		summary.deferred = (int64_t)status.counts[QUEUE_DEFERRED];
		summary.oldest_arrival = status.messages > 0 ? status.oldest_arrival : 0;
	}
	open = count_open(incidents);
	said_put(&sentence, open > 0 ? SAID_CALM_PART : SAID_CALM_PART_NOTHING, 1,
	    said_number("count", open));
	http_reply_json(rq, 200,
	    json_pack("{so, sb, ss, so, sb, so, s[], so}", "as_of", api_time(clock_now()), "calm",
		false, "sentence", buffer_string(&sentence.text), "sentence_words",
		api_words(buffer_slice(&sentence.words)), "kept",
		incident_watch_kept(api->incidents), "summary", summary_json(api, &summary),
		"last_hour", "incidents", incidents));
}

static struct incident_asker asker_of(const struct api *api, const struct http_request *rq)
{
	return (struct incident_asker){
	    incident_watch_tracking(api->incidents), api_scope(api, rq), api_numbers(api, rq)};
}

/* Whether another one that he may know of tells it already. */
static bool is_explained(const struct incident_asker *asker, const struct incident_row *row)
{
	const struct incident_record *cause =
	    row->caused_by != 0 ? incident_tracking_find(asker->tracking, row->caused_by) : NULL;

	if (query_scope_is_all(asker->scope))
		return row->caused_by != 0;
	return cause != NULL && api_incident_within(asker->scope, &cause->row);
}

static json_t *open_json(const struct incident_asker *asker)
{
	const struct incident_tracking *tracking = asker->tracking;
	json_t *list = json_array();

	for (size_t i = 0; i < incident_tracking_open(tracking) && i < LIST_MAX; i++) {
		const struct incident_record *record = incident_tracking_at(tracking, i);

		if (api_incident_within(asker->scope, &record->row) &&
		    !is_explained(asker, &record->row))
			json_array_append_new(list, api_incident_json(record, asker));
	}
	return list;
}

/* A number that is another when the list is, and counts nothing. */
static json_t *tell_changed(void *context, const struct http_request *rq, uint64_t *version)
{
	static const struct hash_key key = {0x696e6369, 0x64656e74};
	const struct incident_asker asker = asker_of(context, rq);
	json_t *list = open_json(&asker);
	char *text = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);

	*version = hash_bytes(&key, slice_of(text != NULL ? text : "")) >> 12 | 1;
	free(text);
	json_decref(list);
	return json_pack("{sI}", "version", (json_int_t)*version);
}

void api_incidents_changed(struct api *api)
{
	http_events_publish_each(api->events, "incidents", tell_changed, api);
}

/* ---- Those that have ended, too ---- */

struct ask {
	struct http_request *rq; /* NULL once the caller has gone */
	struct api *api;
	int64_t since, id;
	size_t max;
	struct incident_records records;
	struct incident_record record;
};

static struct ask *ask_create(struct api *api, struct http_request *rq)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	http_wait(rq, &ask->rq);
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

	return incident_rows_list(db, ask->since, ask->max, &ask->records, err);
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
	const struct incident_asker asker = asker_of(ask->api, ask->rq);
	const struct incident_tracking *tracking = asker.tracking;
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
	for (size_t i = 0; i < count && json_array_size(json) < LIST_MAX; i++)
		if (api_incident_within(asker.scope, &list[i]->row))
			json_array_append_new(json, api_incident_json(list[i], &asker));
	return json;
}

/* Takes `incidents` over. */
static void reply_all(struct http_request *rq, const struct api *api, json_t *incidents)
{
	if (query_scope_is_all(api_scope(api, rq)))
		reply_list(rq, api, incidents);
	else
		reply_part(rq, api, incidents);
}

static void ended_are_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	/* Where the store is away, those of the last day are in memory: `kept` says so. */
	(void)result;
	(void)err;
	if (ask->rq != NULL)
		reply_all(ask->rq, ask->api, all_json(ask));
	ask_free(ask);
}

static bool read_since(struct http_request *rq, int64_t *since)
{
	struct slice text;

	if (!http_query(rq, "since", &text) || clock_parse_rfc3339(text, since))
		return true;
	http_reply_said(
	    rq, "invalid_value", json_pack("{ss}", "member", "since"), SAID_PROBLEM_TIME_FORM, 0);
	return false;
}

static void get_incidents(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct incident_asker asker = asker_of(api, rq);
	struct slice state = SLICE("open");
	struct ask *ask;
	int64_t since = 0;

	if (http_query(rq, "state", &state) && !slice_is(state, "open") &&
	    !slice_is(state, "all")) {
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "state"),
		    SAID_PROBLEM_INCIDENT_STATE, 0);
		return;
	}
	if (!read_since(rq, &since))
		return;
	if (slice_is(state, "open")) {
		reply_all(rq, api, open_json(&asker));
	} else {
		ask = ask_create(api, rq);
		ask->since = since > 0 ? since : 0;
		ask->max = query_scope_is_all(asker.scope) ? LIST_MAX : LOOKED_AT_MAX;
		store_ask_read(api->store, read_ended, ended_are_read, ask);
	}
}

/* ---- One of them ---- */

/* 0: it has answered. */
static int64_t incident_number(const struct api *api, struct http_request *rq)
{
	uint64_t id;
	int64_t meant = 0;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id > 0 &&
	    id <= INT64_C(9007199254740991))
		meant = numbers_meant(api_numbers(api, rq), NUMBER_INCIDENT, (int64_t)id);
	if (meant != 0)
		return meant;
	http_reply_said(rq, "incident_not_found", NULL, SAID_PROBLEM_NO_INCIDENT, 0);
	return 0;
}

static enum db_result read_one(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return incident_rows_get(db, ask->id, &ask->record, err);
}

/* One that he may not know of is as one that there is not. */
static void reply_one(
    struct http_request *rq, const struct api *api, const struct incident_record *record)
{
	const struct incident_asker asker = asker_of(api, rq);

	if (record != NULL && api_incident_within(asker.scope, &record->row))
		http_reply_json(rq, 200, api_incident_detail_json(record, &asker));
	else
		http_reply_said(rq, "incident_not_found", NULL, SAID_PROBLEM_NO_INCIDENT, 0);
}

static void one_is_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result != DB_OK && result != DB_NOT_FOUND)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		reply_one(ask->rq, ask->api, result == DB_OK ? &ask->record : NULL);
	ask_free(ask);
}

static void get_incident(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct incident_tracking *tracking = incident_watch_tracking(api->incidents);
	int64_t id = incident_number(api, rq);
	const struct incident_record *record;
	struct ask *ask;

	if (id == 0)
		return;
	record = incident_tracking_find(tracking, id);
	if (record != NULL) {
		reply_one(rq, api, record);
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
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "text"),
		    SAID_PROBLEM_NOTE_WORDS, 0);
		return;
	}
	id = incident_number(api, rq);
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
		http_reply_said(rq, "missing_member", json_pack("{ss}", "member", "until"),
		    SAID_PROBLEM_UNTIL, 0);
	else if (text == NULL || !clock_parse_rfc3339(slice_of(text), until) ||
		 *until <= clock_now() || *until > clock_now() + INCIDENT_WATCH_SNOOZE_MAX)
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "until"),
		    SAID_PROBLEM_UNTIL_30, 0);
	else
		return true;
	return false;
}

static void is_snoozed(void *context, const struct incident_note *note, const struct error *err)
{
	struct ask *ask = context;
	const struct incident_record *record =
	    incident_tracking_find(incident_watch_tracking(ask->api->incidents), ask->id);

	(void)note;
	if (ask->rq != NULL && err != NULL)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL && record == NULL)
		http_reply_said(
		    ask->rq, "incident_not_found", NULL, SAID_PROBLEM_INCIDENT_ENDED, 0);
	else if (ask->rq != NULL) {
		const struct incident_asker asker = asker_of(ask->api, ask->rq);

		http_reply_json(ask->rq, 200, api_incident_json(record, &asker));
	}
	ask_free(ask);
}

static void snooze(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask;
	int64_t until, id;

	if (!read_until(rq, &until))
		return;
	id = incident_number(api, rq);
	if (id == 0)
		return;
	http_set_audit_text(
	    rq, "incident %lld %s", (long long)id, until != 0 ? "put aside" : "taken up again");
	ask = ask_create(api, rq);
	ask->id = id;
	incident_watch_snooze(api->incidents, id, http_caller(rq)->name, until, is_snoozed, ask);
}

const struct http_route api_incidents_routes[] = {
    {HTTP_GET, "/api/v1/incidents", RIGHT_VIEWER, 0, "state since", get_incidents,
	.within = SCOPE_DECIDED},
    {HTTP_GET, "/api/v1/incidents/{id}", RIGHT_VIEWER, 0, NULL, get_incident,
	.within = SCOPE_DECIDED},
    {HTTP_POST, "/api/v1/incidents/{id}/notes", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, add_note,
	.audit = AUDIT_INCIDENT},
    {HTTP_POST, "/api/v1/incidents/{id}/snooze", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, snooze,
	.audit = AUDIT_INCIDENT},
    {.path = NULL},
};
