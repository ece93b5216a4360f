/* Jobs are made, stopped and undone by the engine, and read from the store. Both answer later,
 * so a request waits in an object of its own that hears when its client has gone.
 *
 * Whoever sees a part of the queue has the jobs that were made within his scope, by himself or by
 * somebody else: all their messages were in it when they were chosen. Any other job is as one that
 * there is not. */
#include "api/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "api/job_json.h"
#include "api/scopes.h"
#include "audit/record.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/said.h"
#include "http/problem.h"
#include "jobs/jobs.h"
#include "jobs/preview_counts.h"
#include "store/store.h"
#include "watch/warning.h"

#define LIST_MAX 200
#define ITEMS_MAX 1000

/* ---- a call of the store or the engine on behalf of a request ---- */

struct ask {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	unsigned status;	 /* of a good answer */
	const struct numbers *numbers;
	char *scope; /* of the caller; NULL: none */
	struct job_row row;
	int64_t id;
	void (*change)(struct jobs *jobs, int64_t id, jobs_done *done, void *context);
	struct job_list_query list_query;
	struct job_row *rows;
	size_t count;
	struct job_items_query items_query;
	struct job_items items;
};

static struct ask *ask_create(struct api *api, struct http_request *rq, unsigned status)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	ask->status = status;
	ask->numbers = api_numbers(api, rq);
	if (http_caller(rq)->scope != NULL)
		ask->scope = memory_strdup(http_caller(rq)->scope);
	http_wait(rq, &ask->rq);
	return ask;
}

static void ask_free(struct ask *ask)
{
	job_items_free(&ask->items);
	free(ask->rows);
	free(ask->scope);
	free(ask);
}

/* What the engine says of a job names its number: whoever has another one for it is told the same
 * without. */
static void reply_jobs_error(struct ask *ask, const struct error *err)
{
	if (ask->numbers != NULL && problem_says(err->code) != SAID_NOTHING)
		http_reply_code(ask->rq, err->code);
	else
		act_reply_error(ask->rq, err);
}

/* Answers an error; false when there was none, and somebody still waits. */
static bool ask_failed(struct ask *ask, enum db_result result, const struct error *err)
{
	if (ask->rq == NULL)
		return true;
	if (result == DB_OK)
		return false;
	if (result == DB_NOT_FOUND)
		http_reply_code(ask->rq, "job_not_found");
	else
		act_reply_error(ask->rq, err);
	return true;
}

static void job_done(void *context, const struct job_row *job, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && job != NULL) {
		struct job_row row = *job;

		/* Speed and time left are known to the engine alone. */
		jobs_add_progress(ask->api->jobs, &row);
		http_set_audit_text(ask->rq, "job %lld: %s of %lld messages", (long long)row.id,
		    job_action_name(row.action), (long long)row.total);
		http_set_audit_job(ask->rq, row.id, row.total, row.by_ids ? NULL : row.filter);
		http_reply_json(ask->rq, ask->status, api_job_json(ask->numbers, &row));
	} else if (ask->rq != NULL) {
		http_keep_record(ask->rq, false);
		reply_jobs_error(ask, err);
	}
	ask_free(ask);
}

/* ---- making one ---- */

static bool read_note(struct http_request *rq, const json_t *body, char note[JOB_ROWS_NOTE_MAX + 1])
{
	struct slice text = {"", 0};

	if (!http_json_string(rq, body, "note", HTTP_OPTIONAL, JOB_ROWS_NOTE_MAX, &text))
		return false;
	snprintf(note, JOB_ROWS_NOTE_MAX + 1, "%.*s", SLICE_ARGS(text));
	return true;
}

/* Whoever was shown a preview is asked again when much has moved since. False: answered. */
static bool still_as_seen(
    struct http_request *rq, const json_t *body, const struct selection *selection)
{
	struct slice text = {"", 0};
	struct preview_counts then, now;
	struct error err;
	int64_t moved;

	if (!http_json_string(rq, body, "seen", HTTP_OPTIONAL, PREVIEW_COUNTS_TEXT_MAX, &text))
		return false;
	if (text.len == 0)
		return true;
	if (!preview_counts_read(text, &then, &err)) {
		http_reply_error(rq, &err);
		return false;
	}
	now = preview_counts_of(selection);
	if (!preview_counts_outdated(&then, &now))
		return true;
	moved = preview_counts_moved(&then, &now);
	http_reply_said(rq, "preview_outdated", json_pack("{sI}", "moved", (json_int_t)moved),
	    SAID_PROBLEM_PREVIEW_OUTDATED, 1, said_number("count", moved));
	return false;
}

/* One person's jobs must not fill the engine. False: answered. */
static bool may_have_more(struct http_request *rq, const struct api *api)
{
	if (jobs_open_of(api->jobs, http_person_number(rq)) < JOBS_OPEN_MAX)
		return true;
	http_reply_said(rq, "too_many_requests", json_pack("{si}", "retry_after", 5),
	    SAID_PROBLEM_OPEN_JOBS, 2, said_text("who", slice_of(http_caller(rq)->name)),
	    said_number("count", JOBS_OPEN_MAX));
	return false;
}

/* What the store writes beside the job when it takes it: so a job without its record cannot be, nor
 * one that its record does not name. What comes of a refusal is recorded by the router. */
static void promise_record(struct http_request *rq, struct buffer *members)
{
	struct audit_entry entry = http_audit_entry(rq, 201);

	audit_record_members(members, &entry);
	http_keep_record(rq, true);
}

/* The selection goes over to the engine, which writes it down in slices and answers when the job is
 * safe on disk. */
static void submit_job(
    struct http_request *rq, struct api *api, const json_t *body, struct act *act)
{
	char note[JOB_ROWS_NOTE_MAX + 1];
	BUFFER_AUTO struct buffer record = {0};
	int64_t undo = -1, rate = 0;
	bool no_reload = false;

	if (may_have_more(rq, api) && read_note(rq, body, note) &&
	    http_json_integer(rq, body, "undo_seconds", HTTP_OPTIONAL, 0, JOBS_UNDO_MAX, &undo) &&
	    http_json_integer(rq, body, "rate", HTTP_OPTIONAL, 1, JOBS_RATE_MAX, &rate) &&
	    http_json_bool(rq, body, "no_reload", HTTP_OPTIONAL, &no_reload) &&
	    still_as_seen(rq, body, act->selection)) {
		struct jobs_request request = {.action = act->action,
		    .who = http_caller(rq)->name,
		    .person = http_person_number(rq),
		    .note = note,
		    .filter = act->filter,
		    .scope = http_caller(rq)->scope,
		    .undo_seconds = undo,
		    .rate = rate,
		    .undoes = act->undoes,
		    .no_reload = no_reload};

		/* Before the engine says yes: a job that is refused stands in the audit, too. */
		http_set_audit_text(rq, "%s of %zu messages", job_action_name(act->action),
		    selection_count(act->selection));
		http_set_audit_job(rq, 0, (int64_t)selection_count(act->selection), act->filter);
		promise_record(rq, &record);
		request.record = buffer_slice(&record);
		jobs_submit(
		    api->jobs, &request, &act->selection, job_done, ask_create(api, rq, 201));
	}
	/* What the engine took is NULL by now; the rest goes. */
	act_clear(act);
}

static void create_job(struct http_request *rq, void *context)
{
	const json_t *body =
	    http_json(rq, "action view except ids undoes note undo_seconds rate no_reload seen");

	if (body != NULL)
		act_read(rq, context, body, submit_job);
}

/* ---- reading them ---- */

/* Several states share a name for people (job_state_name), so a name may stand for more than one
 * bit. */
static uint32_t state_bits(struct slice name, bool *known)
{
	uint32_t bits = 0;
	bool open = slice_is(name, "open");

	for (int s = JOB_WRITING; s <= JOB_UNDONE; s++)
		if ((open && !job_state_is_final((enum job_state)s)) ||
		    slice_is(name, job_state_name((enum job_state)s)))
			bits |= 1u << s;
	*known = bits != 0;
	return bits;
}

/* A page key: the number of the last row. */
static bool read_after(struct http_request *rq, int64_t fallback, int64_t *after)
{
	struct slice text;
	uint64_t number;

	*after = fallback;
	if (!http_query(rq, "after", &text))
		return true;
	if (!slice_to_u64(text, &number) || number > INT64_MAX) {
		http_reply_said(rq, "invalid_cursor", NULL, SAID_PROBLEM_AFTER, 0);
		return false;
	}
	*after = (int64_t)number;
	return true;
}

static json_t *number_or_null(bool more, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	return more ? json_string(text) : json_null();
}

/* The scopes of jobs that lie within the caller's, in which somebody worked. */
struct scopes_within {
	const char *of;
	char *found[JOB_ROWS_SCOPES_MAX + 1];
	size_t count;
};

static void add_scope(void *context, struct slice scope)
{
	struct scopes_within *w = context;
	char *text = memory_strndup(scope.data, scope.len);

	if (w->count < JOB_ROWS_SCOPES_MAX && api_scope_within(text, w->of))
		w->found[w->count++] = text;
	else
		free(text);
}

static enum db_result read_list(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	struct scopes_within within = {.of = ask->scope};
	enum db_result result = DB_OK;

	if (ask->scope != NULL) {
		result = job_rows_scopes(db, add_scope, &within, err);
		ask->list_query.scopes = (const char *const *)within.found;
	}
	if (result == DB_OK)
		result = job_rows_list(db, &ask->list_query, ask->rows, &ask->count, err);
	for (size_t i = 0; i < within.count; i++)
		free(within.found[i]);
	ask->list_query.scopes = NULL;
	return result;
}

static void list_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (!ask_failed(ask, result, err)) {
		json_t *list = json_array();
		/* A full page may be the last one; the next is empty then, which costs less than to
		 * count. */
		bool more = ask->count == ask->list_query.max;

		for (size_t i = 0; i < ask->count; i++) {
			jobs_add_progress(ask->api->jobs, &ask->rows[i]);
			json_array_append_new(list, api_job_json(ask->numbers, &ask->rows[i]));
		}
		http_reply_json(ask->rq, 200,
		    json_pack("{so, so}", "jobs", list, "next",
			number_or_null(more, ask->count > 0
						 ? numbers_shown(ask->numbers, NUMBER_JOB,
						       ask->rows[ask->count - 1].id)
						 : 0)));
	}
	ask_free(ask);
}

static void list_jobs(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice state = {"", 0};
	uint64_t limit;
	uint32_t bits = 0;
	int64_t after;
	bool known = true;
	struct ask *ask;

	if (http_query(rq, "state", &state))
		bits = state_bits(state, &known);
	if (!known) {
		http_reply_said(rq, "invalid_value", NULL, SAID_PROBLEM_JOB_STATE, 0);
		return;
	}
	if (!http_query_u64(rq, "limit", 1, LIST_MAX, 50, &limit) || !read_after(rq, 0, &after))
		return;
	ask = ask_create(api, rq, 200);
	/* A number that is none of his (0) begins at the newest, as for everybody. */
	ask->list_query = (struct job_list_query){
	    .before = after > 0 ? numbers_meant(ask->numbers, NUMBER_JOB, after) : 0,
	    .states = bits,
	    .max = limit};
	ask->rows = memory_zero(limit, sizeof(*ask->rows));
	store_ask_read(api->store, read_list, list_read, ask);
}

/* The job's number in the path; 0 after having answered that there is none. */
static int64_t job_number(const struct api *api, struct http_request *rq)
{
	uint64_t id;
	int64_t meant = 0;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id > 0 &&
	    /* The largest whole number that JavaScript can hold. */
	    id <= INT64_C(9007199254740991))
		meant = numbers_meant(api_numbers(api, rq), NUMBER_JOB, (int64_t)id);
	if (meant != 0)
		return meant;
	http_reply_code(rq, "job_not_found");
	return 0;
}

/* Whether the row is of a job that the caller may know of, be he still there or not. */
static bool is_his(const struct ask *ask)
{
	return ask->scope == NULL || api_scope_within(ask->row.scope, ask->scope);
}

/* True: it is none of his, which is answered as one that there is not. */
static bool is_anothers(struct ask *ask)
{
	if (is_his(ask))
		return false;
	http_reply_code(ask->rq, "job_not_found");
	return true;
}

static enum db_result read_one(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return job_rows_get(db, ask->id, &ask->row, err);
}

static void one_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (!ask_failed(ask, result, err) && !is_anothers(ask)) {
		jobs_add_progress(ask->api->jobs, &ask->row);
		http_reply_json(ask->rq, 200, api_job_json(ask->numbers, &ask->row));
	}
	ask_free(ask);
}

static void get_job(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = job_number(api, rq);
	struct ask *ask;

	if (id == 0)
		return;
	ask = ask_create(api, rq, 200);
	ask->id = id;
	store_ask_read(api->store, read_one, one_read, ask);
}

static enum db_result read_items(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	struct job_items_query query = ask->items_query;
	enum db_result result = job_rows_get(db, ask->id, &ask->row, err);

	/* Few of a million may have this outcome: others get their turn between slices. */
	query.until = query.after + 1 + JOB_ROWS_SLICE;
	query.max -= ask->items.count;
	return result == DB_OK ? job_rows_items(db, &query, &ask->items, err) : result;
}

static void items_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (!ask_failed(ask, result, err) && !is_anothers(ask)) {
		json_t *list;
		size_t count = ask->items.count;

		/* Slice by slice until a page is full: other requests of the store get their turn
		 * in between. */
		if (count < ask->items_query.max &&
		    ask->items_query.after + 1 + JOB_ROWS_SLICE < ask->row.total) {
			ask->items_query.after += JOB_ROWS_SLICE;
			store_ask_read(ask->api->store, read_items, items_read, ask);
			return;
		}
		list = json_array();

		for (size_t i = 0; i < count; i++)
			json_array_append_new(
			    list, api_job_item_json(ask->numbers, &ask->items.item[i]));
		http_reply_json(ask->rq, 200,
		    json_pack("{so, so}", "items", list, "next",
			number_or_null(count == ask->items_query.max,
			    count > 0 ? ask->items.item[count - 1].seq : 0)));
	}
	ask_free(ask);
}

static void get_items(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = job_number(api, rq), after;
	struct job_items_query query = {.job = id};
	struct slice outcome, result;
	uint64_t limit;
	struct ask *ask;

	if (id == 0 || !http_query_u64(rq, "limit", 1, ITEMS_MAX, 100, &limit) ||
	    !read_after(rq, -1, &after))
		return;
	query.by_outcome = http_query(rq, "outcome", &outcome);
	if (query.by_outcome && !job_outcome_parse(outcome, &query.outcome)) {
		char words[JOB_WORDS_SIZE];

		job_outcome_all(words);
		http_reply_said(rq, "invalid_value", NULL, SAID_PROBLEM_ONE_OF, 2,
		    said_text("name", SLICE("outcome")), said_text("words", slice_of(words)));
		return;
	}
	query.by_result = http_query(rq, "result", &result);
	if (query.by_result && !job_result_parse(result, &query.result)) {
		http_reply_said(rq, "invalid_value", NULL, SAID_PROBLEM_JOB_RESULT, 0);
		return;
	}
	/* A slice is added to it later: the sum must not overflow. */
	query.after = after < INT64_MAX / 2 ? after : INT64_MAX / 2;
	query.max = limit;
	ask = ask_create(api, rq, 200);
	ask->id = id;
	ask->items_query = query;
	store_ask_read(api->store, read_items, items_read, ask);
}

/* ---- to stop, to bring back, to remove now ---- */

static void job_is_known(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	/* Who has gone meanwhile has asked for it all the same. */
	if (ask->rq == NULL ? result == DB_OK && is_his(ask)
			    : !ask_failed(ask, result, err) && !is_anothers(ask))
		ask->change(ask->api->jobs, ask->id, job_done, ask);
	else
		ask_free(ask);
}

/* The answer is the job as it is then; it may still be on its way to its end. */
static void change_job(struct http_request *rq, struct api *api,
    void (*change)(struct jobs *jobs, int64_t id, jobs_done *done, void *context))
{
	int64_t id = job_number(api, rq);
	struct ask *ask;

	if (id == 0 || http_json(rq, "") == NULL)
		return;
	ask = ask_create(api, rq, 200);
	ask->id = id;
	ask->change = change;
	/* Whose it is stands in the store. */
	if (ask->scope != NULL)
		store_ask_read(api->store, read_one, job_is_known, ask);
	else
		change(api->jobs, id, job_done, ask);
}

static void cancel_job(struct http_request *rq, void *context)
{
	change_job(rq, context, jobs_cancel);
}

static void undo_job(struct http_request *rq, void *context)
{
	change_job(rq, context, jobs_undo);
}

/* It cannot be known what comes of it, so the answer warns instead of promising. */
static void flush_done(void *context, const struct error *err)
{
	struct ask *ask = context;
	struct warning warning = {.code = "flush_burst", .severity = "info", .count = -1};
	SAID_AUTO struct said said = {0};

	said_put(&said, SAID_FLUSH_BURST, 0);
	warning.text = buffer_string(&said.text);
	warning.words = buffer_string(&said.words);
	if (ask->rq != NULL && err != NULL)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 200,
		    json_pack("{so, s[o]}", "asked_at", api_time(clock_now()), "warnings",
			api_warning_json(&warning)));
	ask_free(ask);
}

static void flush_queue(struct http_request *rq, void *context)
{
	struct api *api = context;

	if (http_json(rq, "") == NULL)
		return;
	jobs_flush(api->jobs, flush_done, ask_create(api, rq, 200));
}

/* ---- events ---- */

/* Progress of a job is told at most four times a second. */
#define JOB_PACE_MS 250

struct told {
	const struct api *api;
	const struct job_row *job;
};

static json_t *tell(void *context, const struct http_request *rq, uint64_t *version)
{
	const struct told *told = context;

	(void)version;
	return api_made_within(rq, told->job->scope)
		   ? api_job_json(api_numbers(told->api, rq), told->job)
		   : NULL;
}

void api_jobs_changed(struct api *api, const struct job_row *job)
{
	char key[40];

	snprintf(key, sizeof(key), "job %lld", (long long)job->id);
	http_events_publish(api->events, "job", key, JOB_PACE_MS, api_job_json(NULL, job));
	http_events_publish_each(api->events, "job", tell, &(struct told){api, job});
}

const struct http_route api_jobs_routes[] = {
    {HTTP_GET, "/api/v1/jobs", RIGHT_VIEWER, 0, "state limit after", list_jobs,
	.within = SCOPE_OWN},
    {HTTP_POST, "/api/v1/jobs", RIGHT_OPERATOR, HTTP_BODY_IDS, NULL, create_job,
	.hold = HTTP_HOLD_JOB, .within = SCOPE_QUERY, .audit = AUDIT_JOB},
    {HTTP_GET, "/api/v1/jobs/{id}", RIGHT_VIEWER, 0, NULL, get_job, .within = SCOPE_OWN},
    {HTTP_GET, "/api/v1/jobs/{id}/items", RIGHT_VIEWER, 0, "outcome result limit after", get_items,
	.within = SCOPE_OWN},
    {HTTP_POST, "/api/v1/jobs/{id}/cancel", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, cancel_job,
	.within = SCOPE_OWN, .audit = AUDIT_CANCEL},
    {HTTP_POST, "/api/v1/jobs/{id}/undo", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, undo_job,
	.within = SCOPE_OWN, .audit = AUDIT_UNDO},
    {HTTP_POST, "/api/v1/flush", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, flush_queue,
	.audit = AUDIT_FLUSH},
    {.path = NULL},
};
