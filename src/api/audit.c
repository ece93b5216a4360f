/* The audit as the API shows it: lists by filters, the trail of one message (with the jobs that it
 * was in), exports, and whether all of it is whole. Files are read on a thread of their own
 * (audit/reading.h); which jobs a message was in, the store knows. */
#include "api/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "api/api.h"
#include "audit/audit.h"
#include "audit/reading.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/message_jobs.h"
#include "store/store.h"

#define LIMIT_MAX 1000
/* Records of an export that are read and sent at once. */
#define EXPORT_PIECE 2000
/* A look at a million records takes seconds of a processor: not again for everybody who opens the
 * page. */
#define LOOK_MS 600000

enum form { FORM_LIST, FORM_LINES, FORM_CSV };

struct ask {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	enum form form;
	bool streaming, stopped, reading;
	struct audit_task task;
	/* The jobs of a message, read from the store in slices. */
	int64_t before_job;
	bool more_jobs;
};

/* ---- One record as JSON ---- */

static json_t *number_or_null(int64_t number)
{
	return number > 0 ? json_integer(number) : json_null();
}

/* What it is about, so that the page can lead there. */
static json_t *object_json(const struct audit_parsed *r)
{
	struct slice object = r->object, name;
	const char *kind = "path";
	char job[24];

	if (r->message.len > 0) {
		kind = "message";
		object = r->message;
	} else if (r->job > 0) {
		kind = "job";
		snprintf(job, sizeof(job), "%" PRId64, r->job);
		object = slice_of(job);
	} else if (slice_starts_with(object, "/api/v1/users/")) {
		kind = "account";
		object = slice_from(object, strlen("/api/v1/users/"));
		slice_split(&object, '/', &name);
		object = name;
	} else if (!slice_starts_with(object, "/"))
		kind = "process";
	if (object.len == 0)
		return json_null();
	return json_pack("{ss, so}", "kind", kind, "id", api_string(object));
}

static json_t *record_json(struct slice line, struct buffer *text)
{
	struct audit_parsed r;
	struct audit_line ends;
	char chain[AUDIT_HEX_SIZE];
	json_t *json;

	if (!audit_line_read(line, &ends) || !audit_record_read(line, text, &r))
		return NULL;
	audit_hex(ends.chain, chain);
	json = json_pack("{sI, so, so, so, so, so, so, so, so, so, so}", "id", (json_int_t)r.n,
	    "at", api_string(r.at), "action", api_string(r.action), "who",
	    api_string_or_null(r.who), "role", api_string_or_null(r.role), "scope",
	    api_string_or_null(r.scope), "via", api_string_or_null(r.via), "token",
	    number_or_null(r.token), "owner", api_string_or_null(r.owner), "uid",
	    r.uid >= 0 ? json_integer(r.uid) : json_null(), "from", api_string_or_null(r.from));
	json_object_set_new(json, "object", object_json(&r));
	json_object_set_new(
	    json, "path", slice_starts_with(r.object, "/") ? api_string(r.object) : json_null());
	json_object_set_new(json, "message", api_string_or_null(r.message));
	json_object_set_new(json, "job", number_or_null(r.job));
	json_object_set_new(json, "filter", api_string_or_null(r.filter));
	json_object_set_new(json, "count", number_or_null(r.count));
	json_object_set_new(json, "times", number_or_null((int64_t)r.times));
	json_object_set_new(json, "outcome", api_string_or_null(r.outcome));
	json_object_set_new(json, "status", number_or_null(r.status));
	json_object_set_new(json, "reference", api_string_or_null(r.reference));
	json_object_set_new(json, "text", api_string(r.text));
	json_object_set_new(json, "chain", json_string(chain));
	return json;
}

/* ---- One record as a line of CSV ---- */

static void put_cell(struct buffer *out, struct slice text, bool last)
{
	buffer_append_char(out, '"');
	/* A spreadsheet would take it for a formula. */
	if (text.len > 0 && strchr("=+-@\t\r", text.data[0]) != NULL)
		buffer_append_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			buffer_append_char(out, '"');
		buffer_append_char(out, text.data[i]);
	}
	buffer_append_string(out, last ? "\"\r\n" : "\",");
}

static void put_number(struct buffer *out, int64_t number)
{
	if (number > 0)
		buffer_printf(out, "%" PRId64, number);
	buffer_append_char(out, ',');
}

#define CSV_HEAD                                                                                   \
	"id,at,action,who,role,scope,via,token,owner,uid,from,object,message,job,filter,count,"    \
	"times,outcome,status,reference,text,chain\r\n"

static void put_csv(struct buffer *out, struct slice line, struct buffer *text)
{
	struct audit_parsed r;
	struct audit_line ends;
	char chain[AUDIT_HEX_SIZE];

	if (!audit_line_read(line, &ends) || !audit_record_read(line, text, &r))
		return;
	audit_hex(ends.chain, chain);
	put_number(out, (int64_t)r.n);
	put_cell(out, r.at, false);
	put_cell(out, r.action, false);
	put_cell(out, r.who, false);
	put_cell(out, r.role, false);
	put_cell(out, r.scope, false);
	put_cell(out, r.via, false);
	put_number(out, r.token);
	put_cell(out, r.owner, false);
	if (r.uid >= 0)
		buffer_printf(out, "%" PRId64, r.uid);
	buffer_append_char(out, ',');
	put_cell(out, r.from, false);
	put_cell(out, r.object, false);
	put_cell(out, r.message, false);
	put_number(out, r.job);
	put_cell(out, r.filter, false);
	put_number(out, r.count);
	put_number(out, (int64_t)r.times);
	put_cell(out, r.outcome, false);
	put_number(out, r.status);
	put_cell(out, r.reference, false);
	put_cell(out, r.text, false);
	put_cell(out, slice_of(chain), true);
}

/* ---- Asking ---- */

static void ask_free(struct ask *ask)
{
	buffer_free(&ask->task.found.lines);
	free(ask);
}

static void found(void *context, struct audit_task *task);

/* Refused only where others ask much at once. */
static void search(struct ask *ask)
{
	ask->reading = true;
	if (audit_reading_ask(ask->api->audit_reading, &ask->task, found, ask))
		return;
	ask->reading = false;
	if (ask->rq != NULL && ask->streaming)
		http_stream_abort(ask->rq);
	else if (ask->rq != NULL)
		http_reply_code(ask->rq, "busy");
	ask_free(ask);
}

static void reply_list(struct ask *ask)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest = buffer_slice(&ask->task.found.lines), line;
	json_t *list = json_array(), *record;
	char next[24];

	while (slice_split(&rest, '\n', &line)) {
		record = line.len > 0 ? record_json(line, &text) : NULL;
		if (record != NULL)
			json_array_append_new(list, record);
	}
	snprintf(next, sizeof(next), "%" PRIu64, ask->task.found.last);
	http_reply_json(ask->rq, 200,
	    json_pack("{so, so}", "records", list, "next",
		ask->task.found.more ? json_string(next) : json_null()));
}

/* ---- An export: a piece, and the next one when it has been taken ---- */

static void export_more(struct ask *ask)
{
	ask->task.query.after = ask->task.found.last;
	buffer_free(&ask->task.found.lines);
	ask->task.found = (struct audit_found){.last = ask->task.query.after};
	search(ask);
}

static void on_drained(struct http_request *rq, void *context)
{
	struct ask *ask = context;

	(void)rq;
	if (!ask->stopped)
		return;
	ask->stopped = false;
	export_more(ask);
}

static void on_gone(void *context)
{
	struct ask *ask = context;

	ask->rq = NULL;
	/* Nobody else holds it while it waits for the reader. */
	if (!ask->reading)
		ask_free(ask);
}

static void begin_export(struct ask *ask)
{
	http_set_header(ask->rq, "Content-Disposition",
	    ask->form == FORM_CSV ? "attachment; filename=\"audit.csv\""
				  : "attachment; filename=\"audit.jsonl\"");
	ask->streaming = true;
	http_on_gone(ask->rq, on_gone, ask);
	http_on_drained(ask->rq, on_drained, ask);
	http_stream_begin(
	    ask->rq, 200, ask->form == FORM_CSV ? "text/csv; charset=utf-8" : "application/jsonl");
	if (ask->form == FORM_CSV)
		http_stream_write(ask->rq, CSV_HEAD, strlen(CSV_HEAD));
}

static void export_piece(struct ask *ask)
{
	BUFFER_AUTO struct buffer out = {0}, text = {0};
	struct slice rest = buffer_slice(&ask->task.found.lines), line;
	size_t queued;

	if (!ask->streaming)
		begin_export(ask);
	if (ask->form == FORM_CSV) {
		while (slice_split(&rest, '\n', &line))
			if (line.len > 0)
				put_csv(&out, line, &text);
		rest = buffer_slice(&out);
	}
	queued = http_stream_write(ask->rq, rest.data, rest.len);
	if (!ask->task.found.more) {
		struct http_request *rq = ask->rq;

		http_on_gone(rq, NULL, NULL);
		ask_free(ask);
		http_stream_end(rq);
	} else if (queued > HTTP_STREAM_HIGH)
		ask->stopped = true;
	else
		export_more(ask);
}

static void found(void *context, struct audit_task *task)
{
	struct ask *ask = context;

	ask->reading = false;
	if (ask->rq == NULL) {
		ask_free(ask);
	} else if (!task->good && ask->streaming) {
		http_stream_abort(ask->rq);
		ask_free(ask);
	} else if (!task->good) {
		http_reply_error_as(ask->rq, "audit_unavailable", &task->err, NULL);
		ask_free(ask);
	} else if (ask->form == FORM_LIST) {
		reply_list(ask);
		ask_free(ask);
	} else
		export_piece(ask);
}

/* ---- The jobs of one message ---- */

static enum db_result read_jobs(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	struct audit_query *q = &ask->task.query;

	return message_jobs_find(db, slice_of(q->message), &ask->before_job, q->jobs,
	    AUDIT_SEARCH_JOBS, &q->job_count, &ask->more_jobs, err);
}

/* Slice by slice, so that others get their turn at the store. */
static void jobs_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq == NULL) {
		ask_free(ask);
	} else if (result != DB_OK) {
		act_reply_error(ask->rq, err);
		ask_free(ask);
	} else if (ask->more_jobs && ask->task.query.job_count < AUDIT_SEARCH_JOBS) {
		store_ask_read(ask->api->store, read_jobs, jobs_read, ask);
	} else
		search(ask);
}

/* ---- What is asked ---- */

static bool read_text(struct http_request *rq, const char *name, char *out, size_t size)
{
	struct slice value = SLICE("");

	http_query(rq, name, &value);
	if (value.len >= size) {
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", name),
		    SAID_PROBLEM_AUDIT_LONG, 1, said_number("most", (int64_t)size - 1));
		return false;
	}
	snprintf(out, size, "%.*s", SLICE_ARGS(value));
	return true;
}

static bool read_time(struct http_request *rq, const char *name, int64_t *seconds)
{
	struct slice text = SLICE("");

	if (!http_query(rq, name, &text) || text.len == 0 || clock_parse_rfc3339(text, seconds))
		return true;
	http_reply_said(
	    rq, "invalid_value", json_pack("{ss}", "member", name), SAID_PROBLEM_TIME_FORM, 0);
	return false;
}

static bool read_action(struct http_request *rq, struct audit_query *q)
{
	enum audit_action action;

	if (!read_text(rq, "action", q->action, sizeof(q->action)))
		return false;
	if (q->action[0] == '\0' || audit_action_parse(slice_of(q->action), &action))
		return true;
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "action"),
	    SAID_PROBLEM_AUDIT_ACTION, 0);
	return false;
}

static bool read_job(struct http_request *rq, struct audit_query *q)
{
	uint64_t job;

	if (!http_query_u64(rq, "job", 1, INT64_C(9007199254740991), 0, &job))
		return false;
	if (job > 0)
		q->jobs[q->job_count++] = (int64_t)job;
	return true;
}

/* What was looked for stands in the record of the looking. */
static void say_what(struct http_request *rq, const struct audit_query *q)
{
	char job[40] = "";

	if (q->job_count > 0)
		snprintf(job, sizeof(job), " job=%" PRId64, q->jobs[0]);
	http_set_audit_text(rq, "%s%s%s%s%s%s%s", q->who[0] != '\0' ? " who=" : "", q->who,
	    q->action[0] != '\0' ? " action=" : "", q->action,
	    q->message[0] != '\0' ? " message=" : "", q->message, job);
}

static void ask_for(
    struct http_request *rq, struct api *api, enum form form, size_t limit, uint64_t after)
{
	struct audit_query q = {.forward = form != FORM_LIST, .after = after, .limit = limit};
	struct ask *ask;

	if (!read_text(rq, "who", q.who, sizeof(q.who)) || !read_action(rq, &q) ||
	    !read_text(rq, "message", q.message, sizeof(q.message)) || !read_job(rq, &q) ||
	    !read_time(rq, "from", &q.from) || !read_time(rq, "to", &q.to))
		return;
	say_what(rq, &q);
	ask = memory_zero(1, sizeof(*ask));
	ask->api = api;
	ask->form = form;
	ask->task.query = q;
	http_wait(rq, &ask->rq);
	if (q.message[0] != '\0')
		store_ask_read(api->store, read_jobs, jobs_read, ask);
	else
		search(ask);
}

static void get_records(struct http_request *rq, void *context)
{
	uint64_t limit, after;

	if (http_query_u64(rq, "limit", 1, LIMIT_MAX, 100, &limit) &&
	    http_query_u64(rq, "after", 1, UINT64_MAX, 0, &after))
		ask_for(rq, context, FORM_LIST, limit, after);
}

static void get_export(struct http_request *rq, void *context)
{
	struct slice format = SLICE("jsonl");

	http_query(rq, "format", &format);
	if (slice_is(format, "jsonl") || slice_is(format, "csv"))
		ask_for(
		    rq, context, slice_is(format, "csv") ? FORM_CSV : FORM_LINES, EXPORT_PIECE, 0);
	else
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "format"),
		    SAID_PROBLEM_AUDIT_FORMAT, 0);
}

/* ---- Whether it is whole ---- */

struct api_audit {
	int64_t looked_ms; /* 0: not yet */
	char looked_at[CLOCK_RFC3339_SIZE];
	struct audit_report report;
	struct audit_known known;
};

struct look {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	struct audit_task task;
};

struct api_audit *api_audit_create(void)
{
	return memory_zero(1, sizeof(struct api_audit));
}

void api_audit_destroy(struct api_audit **audit)
{
	free(*audit);
	*audit = NULL;
}

void api_audit_know(struct api_audit *audit, const struct audit_known *known)
{
	audit->known = *known;
}

static void reply_state(struct http_request *rq, const struct api *api)
{
	const struct audit_report *r = &api->audit_memory->report;
	struct audit_status now;
	json_t *problems = json_array();

	audit_health(api->audit, &now);
	for (size_t i = 0; i < r->problems && i < AUDIT_VERIFY_PROBLEMS; i++)
		json_array_append_new(problems, api_string(slice_of(r->problem[i])));
	http_reply_json(rq, 200,
	    json_pack("{sb, so, so, so, sI, so, so, so, sb, so, so, sI, ss, so, so}", "whole",
		r->problems == 0, "problem",
		r->problems > 0 ? api_string(slice_of(r->problem[0])) : json_null(), "problems",
		problems, "looked_at", json_string(api->audit_memory->looked_at), "records",
		(json_int_t)r->records, "first", api_string_or_null(slice_of(r->first_at)), "last",
		api_string_or_null(slice_of(r->last_at)), "sealed_until",
		api_string_or_null(slice_of(now.sealed_at)), "key_waits", now.key_waits, "lineage",
		api_string_or_null(slice_of(now.lineage)), "cut_at",
		api_string_or_null(slice_of(r->cut_at)), "newest", (json_int_t)now.last, "state",
		now.state == AUDIT_FINE	 ? "fine"
		: now.state == AUDIT_LOW ? "low"
					 : "broken",
		"state_text", api_string_or_null(slice_of(now.text)), "waiting",
		json_integer((json_int_t)now.waiting)));
}

static void looked(void *context, struct audit_task *task)
{
	struct look *look = context;
	struct api_audit *memory = look->api->audit_memory;

	if (task->good) {
		memory->report = task->report;
		memory->looked_ms = clock_monotonic_ms();
		clock_rfc3339(clock_now(), memory->looked_at);
	}
	if (look->rq != NULL && task->good)
		reply_state(look->rq, look->api);
	else if (look->rq != NULL)
		http_reply_error_as(look->rq, "audit_unavailable", &task->err, NULL);
	free(look);
}

static void get_state(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct api_audit *memory = api->audit_memory;
	bool check;
	struct look *look;

	if (!http_query_bool(rq, "check", &check))
		return;
	if (!check && memory->looked_ms != 0 &&
	    clock_monotonic_ms() - memory->looked_ms < LOOK_MS) {
		reply_state(rq, api);
		return;
	}
	look = memory_zero(1, sizeof(*look));
	look->api = api;
	look->task.verify = true;
	look->task.known = memory->known;
	http_wait(rq, &look->rq);
	if (audit_reading_ask(api->audit_reading, &look->task, looked, look))
		return;
	http_reply_code(rq, "busy");
	free(look);
}

const struct http_route api_audit_routes[] = {
    {HTTP_GET, "/api/v1/audit", RIGHT_AUDIT, 0, "who action from to message job limit after",
	get_records, .audit = AUDIT_READ},
    {HTTP_GET, "/api/v1/audit/export", RIGHT_AUDIT, 0, "who action from to message job format",
	get_export, .hold = HTTP_HOLD_DOWNLOAD, .audit = AUDIT_READ},
    {HTTP_GET, "/api/v1/audit/state", RIGHT_AUDIT, 0, "check", get_state},
    {.path = NULL},
};
