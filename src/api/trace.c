/* Answers what the mail log knows of an address, a domain or an ID. The log reader searches; here
 * its messages become JSON, with what only the server knows: whether a message is in the queue now,
 * and which job deleted it.
 *
 * A caller with a scope gets each recipient that the scope matches by what the log says of it
 * (trace_part.h), and messages that have such a one. The log knows of no scope, so it is asked
 * again until there is a page of what is left, or TRACE_ROUNDS_MAX times: then the answer says that
 * the log was not searched to its end, and where to go on. */
#include "api/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/trace_part.h"
#include "base/clock.h"
#include "base/memory.h"
#include "exchange/log_trace.h"
#include "postfix/queue_id.h"
#include "store/deleters.h"
#include "store/store.h"

#define LIMIT_DEFAULT 50
#define SECOND_US INT64_C(1000000)
/* How often the log is asked for one answer to somebody who sees a part, each time for
 * LOG_TRACE_LIMIT_MAX messages: who looks for what is mostly others' must not keep the log reader
 * from those who ask it once. He goes on by `next`. */
#define TRACE_ROUNDS_MAX 10
#define MUCH_OF_OTHERS "the log was searched in part: there may be older mail, go on to it"

struct trace {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	uint32_t number;	 /* of the question to the log */
	json_t *body, *messages;
	json_t *recipients; /* of the newest message in `messages` */
	/* The last message, for `next`. */
	int64_t last_us;
	char last_id[LOG_PROTO_ID_MAX + 1];
	/* Its newest queue ID; and messages that somebody deleted or returned. */
	char newest_id[LOG_PROTO_ID_MAX + 1];
	struct deleter *deleters;
	size_t deleter_count, deleter_room;
	bool more;
	/* Of a caller with a scope. */
	struct trace_part *part; /* NULL: he has none */
	struct log_trace_question question;
	struct trace_page begin;
	size_t limit;
	unsigned rounds;
	bool stopped; /* by TRACE_ROUNDS_MAX, behind a message that may not be shown */
};

static void trace_free(struct trace *t)
{
	json_decref(t->body);
	trace_part_destroy(&t->part);
	free(t->deleters);
	free(t);
}

/* ---- messages as they come ---- */

static json_t *time_or_null(int64_t us)
{
	return us > 0 ? api_time(us / SECOND_US) : json_null();
}

static const char *result_name(uint8_t result)
{
	static const char *const names[LOG_TRACE_RESULTS] = {[LOG_TRACE_UNKNOWN] = "unknown",
	    [LOG_TRACE_QUEUED] = "queued",
	    [LOG_TRACE_DEFERRED] = "deferred",
	    [LOG_TRACE_HELD] = "held",
	    [LOG_TRACE_DELIVERED] = "delivered",
	    [LOG_TRACE_BOUNCED] = "bounced",
	    [LOG_TRACE_EXPIRED] = "expired",
	    [LOG_TRACE_DELETED] = "deleted"};

	return names[result];
}

static void copy_id(char out[LOG_PROTO_ID_MAX + 1], struct slice id)
{
	memcpy(out, id.data, id.len);
	out[id.len] = '\0';
}

/* Queued recipients, of whom the log says nothing before an attempt has ended. */
static void add_waiting(struct trace *t, const struct query_message *message)
{
	struct index_recipient r;

	for (uint32_t n = 0;
	     n < LOG_TRACE_RECIPIENTS_MAX && query_recipient(t->api->query, message, n, &r); n++) {
		if ((r.flags & MESSAGE_RECIPIENT_DONE) != 0)
			continue;
		json_array_append_new(t->recipients,
		    json_pack("{so, so, ss, so, sn, sn, sn, sn, sn}", "address",
			api_string(r.address), "original", api_string_or_null(r.original), "result",
			message->row.queue == QUEUE_HOLD ? "held" : "queued", "at",
			api_time(message->row.arrival), "relay", "dsn", "reply", "remote_id",
			"by"));
	}
}

/* The newest message has all its recipients: what the queue knows of it. */
static void finish_queued(struct trace *t, json_t *message)
{
	struct query_message found;

	if (!json_is_true(json_object_get(message, "in_queue")))
		return;
	if (!queue_id_valid(slice_of(t->newest_id)) ||
	    !query_find(t->api->query, api_scope(t->api, t->rq), slice_of(t->newest_id),
		clock_now(), &found))
		json_object_set_new(message, "in_queue", json_false());
	else if (json_array_size(t->recipients) == 0)
		add_waiting(t, &found);
}

/* The newest message has all its recipients, once. */
static void finish_message(struct trace *t)
{
	size_t count = json_array_size(t->messages);
	json_t *message = t->recipients != NULL ? json_array_get(t->messages, count - 1) : NULL;

	if (message == NULL)
		return;
	finish_queued(t, message);
	/* A part is put into its own order, of which the messages are taken at the end. */
	if (t->part != NULL) {
		(void)trace_part_finish(t->part, message, t->recipients);
		json_array_remove(t->messages, count - 1);
	}
	t->recipients = NULL;
}

static void on_message(void *context, const struct log_traced_message *m)
{
	struct trace *t = context;
	json_t *ids = json_array();

	finish_message(t);
	if (t->part != NULL)
		trace_part_begin(t->part, m);
	for (size_t i = 0; i < m->id_count; i++)
		json_array_append_new(ids, api_string(m->ids[i]));
	copy_id(t->last_id, m->ids[0]);
	copy_id(t->newest_id, m->ids[m->id_count - 1]);
	t->last_us = m->last_us;
	t->recipients = json_array();
	json_array_append_new(
	    t->messages, json_pack("{so, so, so, so, so, so, so, so, sb, so, so, sb}", "id",
			     api_string(m->ids[m->id_count - 1]), "ids", ids, "message_id",
			     api_string_or_null(m->message_id), "sender",
			     m->has_sender ? api_string(m->sender) : json_null(), "login",
			     api_string_or_null(m->login), "client", api_string_or_null(m->client),
			     "size", m->size > 0 ? json_integer((json_int_t)m->size) : json_null(),
			     "arrival", time_or_null(m->arrival_us), "in_queue", !m->ended, "last",
			     api_time(m->last_us / SECOND_US), "recipients", t->recipients,
			     "recipients_cut", m->recipients_cut));
}

/* Whoever deleted the message did so with all recipients: once for each message. */
static void note_deleted(struct trace *t, int64_t at_us)
{
	struct deleter *d;

	if (t->deleter_count > 0 && strcmp(t->deleters[t->deleter_count - 1].id, t->newest_id) == 0)
		return;
	if (t->deleter_count == t->deleter_room) {
		t->deleter_room = t->deleter_room > 0 ? t->deleter_room * 2 : 16;
		t->deleters = memory_resize(t->deleters, t->deleter_room, sizeof(*t->deleters));
	}
	d = &t->deleters[t->deleter_count++];
	*d = (struct deleter){.at = at_us / SECOND_US};
	memcpy(d->id, t->newest_id, sizeof(d->id));
}

static void on_recipient(void *context, const struct log_traced_recipient *r)
{
	struct trace *t = context;

	if (t->recipients == NULL || (t->part != NULL && !trace_part_has(t->part, r)))
		return;
	if (r->result == LOG_TRACE_DELETED || r->result == LOG_TRACE_EXPIRED)
		note_deleted(t, r->at_us);
	json_array_append_new(t->recipients,
	    json_pack("{so, so, ss, so, so, so, so, so, so}", "address", api_string(r->address),
		"original", api_string_or_null(r->original), "result", result_name(r->result), "at",
		api_time(r->at_us / SECOND_US), "relay", api_string_or_null(r->relay), "dsn",
		api_string_or_null(r->dsn), "reply", api_string_or_null(r->reply), "remote_id",
		api_string_or_null(r->remote_id), "by", api_string_or_null(r->by)));
}

/* ---- the end ---- */

/* The worst first: only one is told, and it should explain what is missing. */
static json_t *problem_json(const struct log_trace_end *end, const struct log_proto_status *status)
{
	if (end == NULL)
		return json_string(
		    status == NULL ? "the log reader is not running" : "the search took too long");
	if (end->error.len > 0)
		return api_string(end->error);
	if (status != NULL && status->state == LOG_PROTO_FAILED)
		return api_string(status->text);
	if (!end->complete && status != NULL && status->state != LOG_PROTO_FOLLOWING)
		return json_string("the log is still being read: older mail may follow");
	if (!end->complete)
		return json_string("a part of the log went away while it was searched: ask again");
	return json_null();
}

static void add_log(struct trace *t, const struct log_trace_end *end)
{
	const struct log_proto_status *status =
	    t->api->services.log_status(t->api->services.context);
	/* INT64_MAX: no line has been read yet. */
	bool known = status != NULL && status->oldest_us != INT64_MAX;
	json_t *problem = t->stopped ? json_string(MUCH_OF_OTHERS) : problem_json(end, status);

	/* The newest line is of any mail: it tells those who see a part when something happened. */
	json_object_set_new(t->body, "log",
	    json_pack("{so, so, sb, so}", "from",
		known ? api_time(status->oldest_us / SECOND_US) : json_null(), "to",
		known && t->part == NULL ? time_or_null(status->newest_us) : json_null(), "read",
		end != NULL && end->complete && !t->stopped, "text", problem));
}

static const struct deleter *deleter_of(const struct trace *t, const char *id)
{
	for (size_t i = 0; i < t->deleter_count; i++)
		if (t->deleters[i].job != 0 && strcmp(t->deleters[i].id, id) == 0)
			return &t->deleters[i];
	return NULL;
}

static void name_deleters(struct trace *t)
{
	json_t *message, *recipient;
	size_t i, j;

	json_array_foreach(t->messages, i, message)
	{
		const struct deleter *d =
		    deleter_of(t, json_string_value(json_object_get(message, "id")));

		if (d == NULL)
			continue;
		json_array_foreach(json_object_get(message, "recipients"), j, recipient)
		{
			const char *result =
			    json_string_value(json_object_get(recipient, "result"));

			if (strcmp(result, "deleted") == 0 || strcmp(result, "expired") == 0)
				json_object_set_new(recipient, "by",
				    json_sprintf("%s (job %lld)", d->who,
					(long long)numbers_shown(
					    api_numbers(t->api, t->rq), NUMBER_JOB, d->job)));
		}
	}
}

static void reply(struct trace *t)
{
	const struct numbers *numbers = api_numbers(t->api, t->rq);
	char next[TRACE_PART_HIDDEN_SIZE];

	if (t->part == NULL)
		trace_part_place(numbers, t->last_us, t->last_id, next, sizeof(next));
	else if (t->begin.from_id[0] == '\0')
		trace_part_place(numbers, t->begin.shown_us, t->begin.shown_id, next, sizeof(next));
	else
		trace_page_hide(numbers, &t->begin, next);
	json_object_set_new(
	    t->body, "next", t->more && t->last_id[0] != '\0' ? json_string(next) : json_null());
	http_reply_json(t->rq, 200, json_incref(t->body));
}

static enum db_result find_deleters(struct db *db, void *context, struct error *err)
{
	struct trace *t = context;

	return deleters_find(db, t->deleters, t->deleter_count, err);
}

/* Without the store the log's own word stands: that postsuper did it. */
static void deleters_are_found(void *context, enum db_result result, const struct error *err)
{
	struct trace *t = context;

	(void)err;
	if (t->rq != NULL) {
		if (result == DB_OK)
			name_deleters(t);
		reply(t);
	}
	trace_free(t);
}

/* The store still has the trace; what it finds is nobody's. */
static void gone_while_finding(void *context)
{
	struct trace *t = context;

	t->rq = NULL;
}

static void gone_while_searching(void *context)
{
	struct trace *t = context;

	log_trace_cancel(t->api->logreader, t->number);
	trace_free(t);
}

static void ask_log(struct trace *t);

/* Where the next page of a part begins. What the rounds have come to is shown to its end first, in
 * its order, page by page; then the log is searched on from there. */
static void take_page(struct trace *t)
{
	struct trace_page *begin = &t->begin;

	if (trace_part_take(t->part, t->limit, t->messages, &begin->shown_us, begin->shown_id)) {
		t->more = true;
	} else if (t->stopped) {
		*begin = (struct trace_page){.from_us = t->last_us};
		memcpy(begin->from_id, t->last_id, sizeof(begin->from_id));
		t->more = true;
	} else {
		t->more = false;
	}
}

static void on_end(void *context, const struct log_trace_end *end)
{
	struct trace *t = context;

	finish_message(t);
	if (t->part != NULL && end != NULL && end->more &&
	    !trace_part_is_full(t->part, t->last_us)) {
		if (++t->rounds < TRACE_ROUNDS_MAX) {
			ask_log(t);
			return;
		}
		t->stopped = true;
	}
	t->more = end != NULL ? end->more : json_array_size(t->messages) > 0;
	if (t->part != NULL)
		take_page(t);
	add_log(t, end);
	if (t->deleter_count == 0) {
		reply(t);
		trace_free(t);
		return;
	}
	http_on_gone(t->rq, gone_while_finding, t);
	store_ask_read(t->api->store, find_deleters, deleters_are_found, t);
}

/* ---- the question ---- */

static bool refuse(struct http_request *rq, const char *member, enum said_code says)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", member), says, 0);
	return false;
}

static bool read_text(struct http_request *rq, struct slice *text)
{
	if (!http_query(rq, "text", text) || slice_trim(*text).len == 0)
		return refuse(rq, "text", SAID_PROBLEM_TRACE_TEXT);
	if (text->len > LOG_TRACE_TEXT_MAX)
		return refuse(rq, "text", SAID_PROBLEM_TRACE_LONG);
	return true;
}

static bool read_time(struct http_request *rq, const char *name, int64_t *us)
{
	struct slice text;
	int64_t seconds;

	if (!http_query(rq, name, &text))
		return true;
	/* Times that the wire's microseconds cannot say are none of a log's. */
	if (!clock_parse_rfc3339(text, &seconds) || seconds > INT64_MAX / SECOND_US ||
	    seconds < INT64_MIN / SECOND_US)
		return refuse(rq, name, SAID_PROBLEM_TIME_FORM);
	*us = seconds * SECOND_US;
	return true;
}

/* As `next` gave it: a place in the log, or where a page of a part begins. */
static bool read_after(struct http_request *rq, const struct api *api,
    struct log_trace_place *after, struct trace_page *begin)
{
	const struct numbers *numbers = api_numbers(api, rq);
	struct slice text;

	*after = (struct log_trace_place){.id = SLICE("")};
	*begin = (struct trace_page){0};
	if (!http_query(rq, "after", &text) || trace_page_find(numbers, text, begin))
		return true;
	if (trace_part_read_place(numbers, text, after) && queue_id_valid(after->id)) {
		begin->shown_us = after->last_us;
		memcpy(begin->shown_id, after->id.data, after->id.len);
		return true;
	}
	http_reply_said(rq, "invalid_cursor", NULL, SAID_PROBLEM_AFTER_TRACE, 0);
	return false;
}

/* Goes on behind the last message, shown or not. */
static void ask_log(struct trace *t)
{
	const struct log_trace_reader reader = {on_message, on_recipient, on_end, t};

	if (t->rounds > 0)
		t->question.after = (struct log_trace_place){t->last_us, slice_of(t->last_id)};
	http_on_gone(t->rq, gone_while_searching, t);
	t->number = log_trace_ask(t->api->logreader, &t->question, &reader, clock_monotonic_ms());
}

static void get_trace(struct http_request *rq, void *context)
{
	struct log_trace_question question = {.from_us = INT64_MIN, .to_us = INT64_MAX};
	struct api *api = context;
	struct trace_page begin;
	uint64_t limit;
	struct trace *t;

	if (!read_text(rq, &question.text) || !read_time(rq, "from", &question.from_us) ||
	    !read_time(rq, "to", &question.to_us) ||
	    !read_after(rq, api, &question.after, &begin) ||
	    !http_query_u64(rq, "limit", 1, LOG_TRACE_LIMIT_MAX, LIMIT_DEFAULT, &limit))
		return;
	if (question.from_us >= question.to_us) {
		refuse(rq, "from", SAID_PROBLEM_RANGE);
		return;
	}
	t = memory_zero(1, sizeof(*t));
	t->api = api;
	t->rq = rq;
	t->messages = json_array();
	t->body = json_pack("{so}", "messages", t->messages);
	question.limit = (uint32_t)limit;
	if (http_caller(rq)->scope != NULL) {
		t->begin = begin;
		/* One message more than is shown tells whether there are more. */
		t->part =
		    trace_part_create(http_caller(rq)->scope, &question, &begin, (size_t)limit + 1);
		/* Most are others': more at once, and fewer rounds. Pages of what the rounds come
		 * to are looked for from its beginning: what belongs on one may stand anywhere. */
		question.limit = LOG_TRACE_LIMIT_MAX;
		question.after =
		    (struct log_trace_place){t->begin.from_us, slice_of(t->begin.from_id)};
	}
	t->limit = (size_t)limit;
	t->question = question;
	ask_log(t);
}

const struct http_route api_trace_routes[] = {
    {HTTP_GET, "/api/v1/trace", RIGHT_VIEWER, 0, "text from to limit after", get_trace,
	.within = SCOPE_DECIDED},
    {.path = NULL},
};
