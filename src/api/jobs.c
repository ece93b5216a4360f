/* Jobs are made, stopped and undone by the engine, and read from the store. Both answer later,
 * so a request waits in an object of its own that hears when its client has gone. */
#include "api/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "api/job_json.h"
#include "base/clock.h"
#include "base/memory.h"
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
	struct job_row row;
	int64_t id;
	struct job_list_query list_query;
	struct job_row *rows;
	size_t count;
	struct job_items_query items_query;
	struct job_items items;
};

/* The answer of the store or the engine still comes; then nobody is told, and the object is freed.
 */
static void ask_gone(void *data)
{
	struct ask *ask = data;

	ask->rq = NULL;
}

static struct ask *ask_create(struct api *api, struct http_request *rq, unsigned status)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	ask->rq = rq;
	ask->status = status;
	http_on_gone(rq, ask_gone, ask);
	return ask;
}

static void ask_free(struct ask *ask)
{
	job_items_free(&ask->items);
	free(ask->rows);
	free(ask);
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
		http_reply_json(ask->rq, ask->status, api_job_json(&row));
	} else if (ask->rq != NULL)
		act_reply_error(ask->rq, err);
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
	char detail[200];
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
	snprintf(detail, sizeof(detail),
	    "%lld messages of the preview have left or changed their queue since: look again",
	    (long long)moved);
	http_reply_problem_with(
	    rq, "preview_outdated", detail, json_pack("{sI}", "moved", (json_int_t)moved));
	return false;
}

/* The selection goes over to the engine, which writes it down in slices and answers when the job is
 * safe on disk. */
static void submit_job(
    struct http_request *rq, struct api *api, const json_t *body, struct act *act)
{
	char note[JOB_ROWS_NOTE_MAX + 1];
	int64_t undo = -1, rate = 0;
	bool no_reload = false;

	if (read_note(rq, body, note) &&
	    http_json_integer(rq, body, "undo_seconds", HTTP_OPTIONAL, 0, JOBS_UNDO_MAX, &undo) &&
	    http_json_integer(rq, body, "rate", HTTP_OPTIONAL, 1, JOBS_RATE_MAX, &rate) &&
	    http_json_bool(rq, body, "no_reload", HTTP_OPTIONAL, &no_reload) &&
	    still_as_seen(rq, body, act->selection)) {
		struct jobs_request request = {.action = act->action,
		    .who = http_caller(rq)->name,
		    .note = note,
		    .filter = act->filter,
		    .undo_seconds = undo,
		    .rate = rate,
		    .undoes = act->undoes,
		    .no_reload = no_reload};

		/* Before the engine says yes: a job that is refused stands in the audit, too. */
		http_set_audit_text(rq, "%s of %zu messages", job_action_name(act->action),
		    selection_count(act->selection));
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
		http_reply_problem(rq, "invalid_cursor", "after is the `next` of the page before");
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

static enum db_result read_list(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return job_rows_list(db, &ask->list_query, ask->rows, &ask->count, err);
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
			json_array_append_new(list, api_job_json(&ask->rows[i]));
		}
		http_reply_json(ask->rq, 200,
		    json_pack("{so, so}", "jobs", list, "next",
			number_or_null(more, ask->count > 0 ? ask->rows[ask->count - 1].id : 0)));
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
		http_reply_problem(rq, "invalid_value",
		    "state is open, planned, running, grace, done, cancelled or undone");
		return;
	}
	if (!http_query_u64(rq, "limit", 1, LIST_MAX, 50, &limit) || !read_after(rq, 0, &after))
		return;
	ask = ask_create(api, rq, 200);
	ask->list_query = (struct job_list_query){.before = after, .states = bits, .max = limit};
	ask->rows = memory_zero(limit, sizeof(*ask->rows));
	store_ask_read(api->store, read_list, list_read, ask);
}

/* The job's number in the path; 0 after having answered that there is none. */
static int64_t job_number(struct http_request *rq)
{
	uint64_t id;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id > 0 &&
	    /* The largest whole number that JavaScript can hold. */
	    id <= INT64_C(9007199254740991))
		return (int64_t)id;
	http_reply_code(rq, "job_not_found");
	return 0;
}

static enum db_result read_one(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return job_rows_get(db, ask->id, &ask->row, err);
}

static void one_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (!ask_failed(ask, result, err)) {
		jobs_add_progress(ask->api->jobs, &ask->row);
		http_reply_json(ask->rq, 200, api_job_json(&ask->row));
	}
	ask_free(ask);
}

static void get_job(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = job_number(rq);
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

	if (!ask_failed(ask, result, err)) {
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
			json_array_append_new(list, api_job_item_json(&ask->items.item[i]));
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
	int64_t id = job_number(rq), after;
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
		http_reply_problem(rq, "invalid_value", "outcome is %s", words);
		return;
	}
	query.by_result = http_query(rq, "result", &result);
	if (query.by_result && !job_result_parse(result, &query.result)) {
		http_reply_problem(
		    rq, "invalid_value", "result is delivered, deferred, bounced or unknown");
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

/* The answer is the job as it is then; it may still be on its way to its end. */
static void cancel_job(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = job_number(rq);

	if (id != 0 && http_json(rq, "") != NULL)
		jobs_cancel(api->jobs, id, job_done, ask_create(api, rq, 200));
}

static void undo_job(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = job_number(rq);

	if (id != 0 && http_json(rq, "") != NULL)
		jobs_undo(api->jobs, id, job_done, ask_create(api, rq, 200));
}

/* It cannot be known what comes of it, so the answer warns instead of promising. */
static void flush_done(void *context, const struct error *err)
{
	struct ask *ask = context;
	struct warning warning = {.code = "flush_burst",
	    .severity = "info",
	    .count = -1,
	    .text = "Postfix was asked to try everything now. It takes deferred and incoming mail "
		    "as it has room, ignores "
		    "their retry times and defer_transports, and picks up maildrop; held mail "
		    "stays held. Whether anything was "
		    "delivered is not known yet, and many attempts at once may be refused by the "
		    "hosts they go to."};

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

const struct http_route api_jobs_routes[] = {
    {HTTP_GET, "/api/v1/jobs", RIGHT_VIEWER, 0, "state limit after", list_jobs},
    {HTTP_POST, "/api/v1/jobs", RIGHT_OPERATOR, HTTP_BODY_IDS, NULL, create_job, .within = true},
    {HTTP_GET, "/api/v1/jobs/{id}", RIGHT_VIEWER, 0, NULL, get_job},
    {HTTP_GET, "/api/v1/jobs/{id}/items", RIGHT_VIEWER, 0, "outcome result limit after", get_items},
    {HTTP_POST, "/api/v1/jobs/{id}/cancel", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, cancel_job},
    {HTTP_POST, "/api/v1/jobs/{id}/undo", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, undo_job},
    {HTTP_POST, "/api/v1/flush", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, flush_queue},
    {.path = NULL},
};
