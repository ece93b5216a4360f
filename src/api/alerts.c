/* The outbox, read from the store page by page, and the test of a channel. */
#include "api/alerts.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/act.h"
#include "base/memory.h"
#include "store/store.h"
#include "watch/alert_watch.h"
#include "watch/alerts/check.h"
#include "watch/alerts/message.h"
#include "watch/incidents/incidents.h"

#define LIST_MAX 200
/* Pages of that many that one request looks through for the alerts of one incident. */
#define PAGES_MAX 10

/* ---- JSON ---- */

static json_t *item_json(const struct alerts_item *item)
{
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)item->id);
	return json_pack("{ss, so, ss, ss, ss}", "id", id, "title",
	    api_string(slice_of(item->title)), "kind",
	    incident_kind_name((enum incident_kind)item->kind), "severity",
	    incident_severity_name((enum incident_severity)item->severity), "state",
	    item->ended ? "ended" : "open");
}

/* One that waits and was tried is what people call failed. */
static const char *state_name(const struct alert_row *row)
{
	static const char *const names[ALERT_STATES] = {
	    "waiting", "sending", "sent", "given_up", "silenced"};

	return row->state == ALERT_WAITING && row->attempts > 0 ? "failed" : names[row->state];
}

/* 0 is the status of a command that has done it, or none at all. */
static json_t *status_json(bool taken, int status)
{
	return taken || status != 0 ? json_integer(status) : json_null();
}

static json_t *alert_json(const struct alert_row *row)
{
	json_t *incidents = json_array();
	struct alerts_message message;
	uint64_t more;

	(void)alerts_message_decode(buffer_slice(&row->content), &message);
	more = message.more;
	for (size_t i = 0; i < message.count; i++)
		json_array_append_new(incidents, item_json(&message.items[i]));
	alerts_message_clear(&message);
	return json_pack("{sI, so, sI, ss, ss, ss, so, ss, sI, so, so, so, so, so, so, so}", "id",
	    (json_int_t)row->id, "incidents", incidents, "more", (json_int_t)more, "channel",
	    row->channel, "rule", row->rule, "what", alerts_what_name(row->what), "at",
	    api_time(row->at), "state", state_name(row), "attempts", (json_int_t)row->attempts,
	    "next_attempt", row->state == ALERT_WAITING ? api_time(row->next_attempt) : json_null(),
	    "sent_at", row->state == ALERT_SENT ? api_time(row->settled) : json_null(), "title",
	    api_string(slice_of(row->title)), "text", api_string(slice_of(row->text)), "status",
	    status_json(row->state == ALERT_SENT, row->status), "answer",
	    row->answer != NULL ? api_string(slice_of(row->answer)) : json_null(), "took_ms",
	    row->took_ms >= 0 ? json_integer(row->took_ms) : json_null());
}

/* ---- The list ---- */

struct ask {
	struct http_request *rq; /* NULL once the caller has gone */
	struct alert_rows_query query;
	char channel[ALERT_ID_MAX + 1];
	int64_t incident; /* 0: of all */
	struct alert_rows rows;
	int64_t next; /* below it there may be more; 0: there is none */
};

static bool tells_of(const struct alert_row *row, int64_t incident)
{
	struct alerts_message message;
	bool found = incident == 0;

	if (found)
		return true;
	(void)alerts_message_decode(buffer_slice(&row->content), &message);
	for (size_t i = 0; i < message.count; i++)
		found |= message.items[i].id == incident;
	alerts_message_clear(&message);
	return found;
}

/* Moves what is meant; false when there are as many as were asked for. */
static bool take_rows(struct ask *ask, struct alert_rows *page)
{
	for (size_t i = 0; i < page->count; i++) {
		ask->next = page->items[i].id;
		if (!tells_of(&page->items[i], ask->incident))
			continue;
		ask->rows.items =
		    memory_resize(ask->rows.items, ask->rows.count + 1, sizeof(*ask->rows.items));
		ask->rows.items[ask->rows.count++] = page->items[i];
		page->items[i] = (struct alert_row){0};
		if (ask->rows.count == ask->query.limit)
			return false;
	}
	return true;
}

/* What an alert tells of stands in its content alone. */
static enum db_result read_list(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	struct alert_rows_query query = ask->query;

	query.limit = ask->incident == 0 ? ask->query.limit : LIST_MAX;
	for (int page = 0; page < PAGES_MAX; page++) {
		struct alert_rows rows = {0};
		enum db_result result = alert_rows_list(db, &query, &rows, err);
		bool last = rows.count < query.limit;
		bool more = result == DB_OK && take_rows(ask, &rows);

		alert_rows_free(&rows);
		if (result != DB_OK || !more)
			return result;
		if (last) {
			ask->next = 0;
			return DB_OK;
		}
		query.before = ask->next;
	}
	return DB_OK;
}

static void list_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;
	json_t *list, *next = NULL;
	char text[24];

	if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL) {
		list = json_array();
		for (size_t i = 0; i < ask->rows.count; i++)
			json_array_append_new(list, alert_json(&ask->rows.items[i]));
		if (ask->next != 0) {
			snprintf(text, sizeof(text), "%lld", (long long)ask->next);
			next = json_string(text);
		}
		http_reply_json(ask->rq, 200,
		    json_pack(
			"{so, so}", "alerts", list, "next", next != NULL ? next : json_null()));
	}
	alert_rows_free(&ask->rows);
	free(ask);
}

static bool read_state(struct http_request *rq, struct alert_rows_query *query)
{
	static const struct {
		const char *name;
		int state, tried;
	} states[] = {{"waiting", ALERT_WAITING, 0}, {"failed", ALERT_WAITING, 1},
	    {"sending", ALERT_SENDING, -1}, {"sent", ALERT_SENT, -1},
	    {"given_up", ALERT_GIVEN_UP, -1}, {"silenced", ALERT_SILENCED, -1}};
	struct slice text;

	query->state = query->tried = -1;
	if (!http_query(rq, "state", &text))
		return true;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (slice_is(text, states[i].name)) {
			query->state = states[i].state;
			query->tried = states[i].tried;
			return true;
		}
	http_reply_said(
	    rq, "invalid_value", json_pack("{ss}", "member", "state"), SAID_PROBLEM_ALERT_STATE, 0);
	return false;
}

static bool read_channel(struct http_request *rq, struct slice *channel)
{
	*channel = SLICE("");
	if (!http_query(rq, "channel", channel) || alerts_check_id(*channel))
		return true;
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "channel"),
	    SAID_PROBLEM_CHANNEL_ID, 0);
	return false;
}

static bool read_incident(struct http_request *rq, int64_t *incident)
{
	uint64_t id;

	if (!http_query_u64(rq, "incident", 1, INT64_MAX, 0, &id))
		return false;
	*incident = (int64_t)id;
	return true;
}

static void get_alerts(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct alert_rows_query query = {0};
	struct slice channel;
	uint64_t limit, before;
	int64_t incident;
	struct ask *ask;

	if (!http_query_u64(rq, "limit", 1, LIST_MAX, 50, &limit) ||
	    !http_query_u64(rq, "before", 1, INT64_MAX, INT64_MAX, &before) ||
	    !read_channel(rq, &channel) || !read_state(rq, &query) || !read_incident(rq, &incident))
		return;
	ask = memory_zero(1, sizeof(*ask));
	http_wait(rq, &ask->rq);
	query.limit = limit;
	query.before = (int64_t)before;
	snprintf(ask->channel, sizeof(ask->channel), "%.*s", SLICE_ARGS(channel));
	query.channel = channel.len > 0 ? ask->channel : NULL;
	ask->query = query;
	ask->incident = incident;
	store_ask_read(api->store, read_list, list_read, ask);
}

/* ---- A test ---- */

struct test_ask {
	struct http_request *rq; /* NULL once the caller has gone */
};

static void test_done(void *context, const struct alert_tested *tested, const struct error *err)
{
	struct test_ask *ask = context;

	if (ask->rq != NULL && err != NULL)
		http_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 200,
		    json_pack("{sb, so, sI, so, so}", "ok", tested->ok, "status",
			status_json(tested->ok, tested->status), "took_ms",
			(json_int_t)tested->took_ms, "text", api_string(tested->text), "answer",
			api_string(tested->answer)));
	free(ask);
}

static void post_test(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice id = http_path_param(rq, "id");
	char channel[ALERT_ID_MAX + 1];
	struct test_ask *ask;

	if (http_json(rq, "") == NULL)
		return;
	if (!alerts_check_id(id)) {
		http_reply_said(rq, "alert_channel_not_found", NULL, SAID_PROBLEM_NO_CHANNEL, 0);
		return;
	}
	snprintf(channel, sizeof(channel), "%.*s", SLICE_ARGS(id));
	http_set_audit_text(rq, "test of the channel %s", channel);
	ask = memory_zero(1, sizeof(*ask));
	http_wait(rq, &ask->rq);
	alert_watch_test(api->alerts, channel, test_done, ask);
}

const struct http_route api_alerts_routes[] = {
    {HTTP_GET, "/api/v1/alerts", RIGHT_VIEWER, 0, "limit before channel state incident",
	get_alerts},
    {HTTP_POST, "/api/v1/alerts/channels/{id}/test", RIGHT_SETTINGS, HTTP_BODY_DEFAULT, NULL,
	post_test, .audit = AUDIT_ALERTS},
    {.path = NULL},
};
