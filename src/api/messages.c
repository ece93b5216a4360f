/* A list is answered at once. One message is answered when the log reader has told of its
 * attempts, or failed to. */
#include "api/messages.h"

#include <stdlib.h>
#include <string.h>

#include "api/json_text.h"
#include "api/log_json.h"
#include "api/message_json.h"
#include "api/message_part.h"
#include "base/clock.h"
#include "base/memory.h"
#include "exchange/log_lookup.h"
#include "postfix/asked_delay.h"
#include "postfix/reason.h"

/* ---- The list ---- */

/* Rows that left between the question and here are passed over. */
static void append_page(struct buffer *out, struct api *api, const struct http_request *rq,
    const struct query_page *page)
{
	struct message_json_times times;

	message_json_times(api, rq, &times);
	json_text_name(out, "messages");
	json_text_open(out, '[');
	for (size_t i = 0; i < page->count; i++) {
		struct query_message message;
		if (!query_page_message(api->query, page, i, &message))
			continue;
		json_text_next(out);
		message_json_append(out, api->query, &times, &message);
	}
	json_text_close(out, ']');
}

static void reply_page(struct http_request *rq, struct api *api, const struct filter *filter,
    struct index_sort sort, struct slice after, uint32_t limit)
{
	BUFFER_AUTO struct buffer body = {0};
	struct query_page page;
	struct error err;

	if (query_page(api->query, api_scope(api, rq), filter, sort, after, limit, clock_now(),
		&page, &err)) {
		json_text_open(&body, '{');
		json_text_number(
		    &body, "generation", api_generation(api, rq, page.match.generation));
		json_text_number(&body, "matched", page.match.messages);
		json_text_number(&body, "matched_bytes", page.match.bytes);
		append_page(&body, api, rq, &page);
		json_text_string_or_null(&body, "next", buffer_slice(&page.next));
		json_text_close(&body, '}');
		http_reply_bytes(rq, 200, "application/json", body.data, body.len);
	} else {
		http_reply_error(rq, &err);
	}
	query_page_free(&page);
}

static void list_messages(struct http_request *rq, void *context)
{
	struct slice text = {"", 0}, order = {"", 0}, after = {"", 0};
	struct filter *filter;
	struct index_sort sort;
	uint64_t limit;

	http_query(rq, "filter", &text);
	http_query(rq, "sort", &order);
	http_query(rq, "after", &after);
	if (!http_query_u64(rq, "limit", 1, INDEX_PAGE_MAX, 100, &limit) ||
	    !message_json_sort(rq, order, &sort) || !message_json_filter(rq, text, &filter))
		return;
	reply_page(rq, context, filter, sort, after, (uint32_t)limit);
	filter_free(filter);
}

/* ---- One message ---- */

/* A message whose attempts are being looked up. */
struct detail {
	struct api *api;
	struct http_request *rq;
	struct buffer core; /* the members that a list has, too, written at once */
	json_t *body;	    /* the others */
	bool maildrop;
	struct message_part part;
	struct log_json log;
	uint32_t lookup;
};

static void detail_free(struct detail *d)
{
	buffer_free(&d->core);
	message_part_free(&d->part);
	json_decref(d->body);
	log_json_free(&d->log);
	free(d);
}

/* The logreader is told as well: it may be reading far back for nobody. */
static void detail_gone(void *data)
{
	struct detail *d = data;

	log_lookup_cancel(d->api->logreader, d->lookup);
	detail_free(d);
}

static void detail_event(void *data, const struct log_proto_event *event)
{
	struct detail *d = data;

	if (message_part_tells(&d->part, event))
		log_json_event(&d->log, event);
}

/* Nobody has tried what is still in maildrop: only the log says why pickup does not get it on. */
static void explain_maildrop(struct detail *d)
{
	struct slice trouble = log_json_trouble(&d->log);
	json_t *recipient;
	size_t i;

	if (trouble.len == 0 || !d->maildrop)
		return;
	json_array_foreach(json_object_get(d->body, "recipients"), i, recipient)
	{
		if (json_is_null(json_object_get(recipient, "reason")))
			json_object_set_new(recipient, "reason", api_string(trouble));
	}
}

/* `end` is NULL where the logreader is gone: the message is shown all the same, and it says what is
 * missing. */
static void detail_end(void *data, const struct log_proto_end *end)
{
	struct detail *d = data;
	BUFFER_AUTO struct buffer text = {0};
	const struct log_proto_status *status =
	    d->api->services.log_status(d->api->services.context);

	log_json_finish(&d->log, end, status, d->body);
	explain_maildrop(d);
	json_text_open(&text, '{');
	buffer_append_slice(&text, buffer_slice(&d->core));
	json_text_members(&text, d->body);
	json_text_close(&text, '}');
	http_reply_bytes(d->rq, 200, "application/json", text.data, text.len);
	detail_free(d);
}

/* What the remote host answered to, in the words of the protocol. */
static json_t *phase_json(struct slice reason)
{
	static const char *const names[] = {
	    [REASON_PHASE_DNS] = "DNS",
	    [REASON_PHASE_CONNECT] = "connection",
	    [REASON_PHASE_GREETING] = "greeting",
	    [REASON_PHASE_EHLO] = "EHLO",
	    [REASON_PHASE_TLS] = "STARTTLS",
	    [REASON_PHASE_AUTH] = "AUTH",
	    [REASON_PHASE_MAIL] = "MAIL FROM",
	    [REASON_PHASE_RCPT] = "RCPT TO",
	    [REASON_PHASE_DATA] = "DATA",
	    [REASON_PHASE_CONTENT] = "end of DATA",
	    [REASON_PHASE_QUIT] = "QUIT",
	};
	struct reason parsed;

	reason_parse(reason, &parsed);
	return names[parsed.phase] ? json_string(names[parsed.phase]) : json_null();
}

/* `pause`: 0: it waits for none. */
static json_t *recipient_json(
    const struct index_recipient *r, const struct diagnosis *diagnosis, int64_t pause)
{
	/* Told beside Postfix's own next time, which knows nothing of what a server asks for. */
	uint32_t asked = asked_delay(r->reason);

	return json_pack("{so, so, so, so, so, so, so, so, so}", "address", api_string(r->address),
	    "original", api_string_or_null(r->original), "reason", api_string_or_null(r->reason),
	    "dsn", api_string_or_null(r->dsn), "remote_host", api_string_or_null(r->remote),
	    "paused", pause > 0 ? json_integer(pause) : json_null(), "phase", phase_json(r->reason),
	    "asked_delay_seconds", asked > 0 ? json_integer(asked) : json_null(), "diagnosis",
	    diagnosis ? json_string(diagnosis->key) : json_null());
}

/* What is known of the recipients with one diagnosis. */
struct counted {
	uint32_t recipients;
	bool elsewhere; /* for one of them the cause is where the diagnosis says */
	enum diagnosis_where where;
};

static void count_diagnosis(
    struct counted *c, const struct diagnosis *diagnosis, struct slice reason)
{
	enum diagnosis_where where = diagnosis_where(diagnosis, reason);

	c->recipients++;
	c->elsewhere |= where == diagnosis->where;
	/* One recipient who was refused elsewhere is enough: then it is not only ours to mend. */
	c->where = c->elsewhere ? diagnosis->where : where;
}

static json_t *diagnosis_json(const struct diagnosis *g, const struct counted *c)
{
	return json_pack("{ss, ss, so, ss, so, ss, ss, ss, so, ss?, si}", "id", g->key, "title",
	    g->title, "title_words", api_diagnosis_words(g, "title"), "cause", g->cause,
	    "cause_words", api_diagnosis_words(g, "cause"), "severity",
	    diagnosis_severity_name(g->severity), "where", diagnosis_where_name(c->where), "advice",
	    g->advice, "advice_words", api_diagnosis_words(g, "advice"), "runbook", g->runbook,
	    "recipients", (int)c->recipients);
}

/* All recipients still to be delivered to, and how often each diagnosis occurs. */
static void add_recipients(
    struct query *q, const struct numbers *numbers, const struct query_message *m, json_t *body)
{
	MEMORY_AUTO struct counted *counts = memory_zero(diagnosis_count(), sizeof(*counts));
	json_t *list = json_array(), *failed = json_array(), *diagnoses = json_array();
	struct index_recipient r;
	struct index_pause pause;
	json_int_t done = 0;

	for (uint32_t n = 0; query_recipient(q, m, n, &r); n++) {
		const struct diagnosis *diagnosis = query_recipient_diagnosis(q, m, n);
		if (r.flags & MESSAGE_RECIPIENT_DONE) {
			done++;
			/* They failed for good and their notice is not sent yet; delivered ones are
			 * only counted. */
			if (r.flags & MESSAGE_RECIPIENT_BOUNCED)
				json_array_append_new(failed, recipient_json(&r, NULL, 0));
			continue;
		}
		if (diagnosis)
			count_diagnosis(&counts[diagnosis_index(diagnosis)], diagnosis, r.reason);
		if (!query_recipient_pause(q, m, n, &pause))
			pause.id = 0;
		json_array_append_new(list,
		    recipient_json(&r, diagnosis, numbers_shown(numbers, NUMBER_PAUSE, pause.id)));
	}
	for (size_t i = 0; i < diagnosis_count(); i++)
		if (counts[i].recipients > 0)
			json_array_append_new(
			    diagnoses, diagnosis_json(diagnosis_at(i), &counts[i]));
	json_object_set_new(body, "recipients", list);
	json_object_set_new(body, "failed", failed);
	json_object_set_new(body, "diagnoses", diagnoses);
	json_object_set_new(body, "delivered_count",
	    m->row.known & MESSAGE_KNOWS_DETAILS ? json_integer(done) : json_null());
}

/* The attempts after the next, as `Schedule.then` lists them. */
#define SCHEDULE_THEN_MAX 20

/* The queue manager never sets a time further ahead: it is of a clock that was wrong then, or of a
 * longer backoff than now. A minute for clocks that differ. */
static bool is_beyond_backoff(const struct schedule_settings *s, int64_t next, int64_t now)
{
	int64_t most = s->maximal_backoff_time > s->minimal_backoff_time ? s->maximal_backoff_time
									 : s->minimal_backoff_time;

	return next > now + most + 60;
}

static json_t *schedule_json(const struct message_json_times *times, const struct index_row *row)
{
	const struct schedule_settings *s = &times->settings;
	struct schedule_attempt attempts[SCHEDULE_THEN_MAX + 1];
	bool created = row->known & MESSAGE_KNOWS_CREATE_TIME,
	     next = row->known & MESSAGE_KNOWS_NEXT_RETRY;
	int64_t now = clock_now();
	json_t *then = json_array();
	size_t count = 0;

	if (created && next && times->known)
		count = schedule_ahead(s, row->create_time, row->sender.len == 0, row->next_retry,
		    now, attempts, SCHEDULE_THEN_MAX + 1);
	for (size_t i = 1; i < count; i++)
		json_array_append_new(then, api_time(attempts[i].earliest));
	return json_pack("{so, so, so, sb, sb, so, so, so, so, so, so}", "created",
	    created ? api_time(row->create_time) : json_null(), "next_earliest",
	    next ? api_time(row->next_retry) : json_null(), "next_latest",
	    count > 0 ? api_time(attempts[0].latest) : json_null(), "due",
	    next && row->next_retry <= now, "beyond_backoff",
	    next && times->known && is_beyond_backoff(s, row->next_retry, now), "then", then,
	    "expires", api_time_or_null(message_json_expires(times, row)), "lifetime",
	    times->known ? json_integer(schedule_expiry(s, 0, row->sender.len == 0)) : json_null(),
	    "minimal_backoff", times->known ? json_integer(s->minimal_backoff_time) : json_null(),
	    "maximal_backoff", times->known ? json_integer(s->maximal_backoff_time) : json_null(),
	    "queue_run_delay", times->known ? json_integer(s->queue_run_delay) : json_null());
}

/* A second before the arrival: the log's clock may cut what the queue file's clock rounds. */
#define LOG_SLACK_US 1000000

static void look_up(struct detail *d, const struct index_row *row)
{
	const struct log_proto_lookup question = {
	    .id = slice_of(row->id),
	    .since_us = row->arrival * 1000000 - LOG_SLACK_US,
	    .alive_us = clock_now_us(),
	};
	const struct log_lookup_reader reader = {detail_event, detail_end, d};

	log_json_init(&d->log);
	d->log.part = d->part.scoped;
	http_on_gone(d->rq, detail_gone, d);
	d->lookup = log_lookup_ask(d->api->logreader, &question, &reader, clock_monotonic_ms());
}

static void get_message(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice id = http_path_param(rq, "id");
	const struct query_scope *scope = api_scope(api, rq);
	struct message_json_times times;
	struct index_status status;
	struct query_message message;
	struct detail *d;

	if (!queue_id_valid(id)) {
		http_reply_code(rq, "invalid_id");
		return;
	}
	if (!query_find(api->query, scope, id, clock_now(), &message)) {
		http_reply_code(rq, "message_not_found");
		return;
	}
	message_json_times(api, rq, &times);
	query_status(api->query, scope, clock_now(), &status);
	d = memory_zero(1, sizeof(*d));
	d->api = api;
	d->rq = rq;
	d->maildrop = message.row.queue == QUEUE_MAILDROP;
	/* Now and not when the log has answered: by then the row may be another message's. */
	message_json_append_core(&d->core, api->query, &times, &message);
	d->body =
	    json_pack("{sI}", "generation", (json_int_t)api_generation(api, rq, status.generation));
	add_recipients(api->query, times.numbers, &message, d->body);
	message_part_note(&d->part, api->query, scope, &message);
	json_object_set_new(d->body, "schedule", schedule_json(&times, &message.row));
	look_up(d, &message.row);
}

const struct http_route api_messages_routes[] = {
    {HTTP_GET, "/api/v1/messages", RIGHT_VIEWER, 0, "filter sort limit after", list_messages,
	.within = SCOPE_QUERY},
    {HTTP_GET, "/api/v1/messages/{id}", RIGHT_VIEWER, 0, NULL, get_message, .within = SCOPE_QUERY},
    {.path = NULL},
};
