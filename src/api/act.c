/* The two ways to name messages, as a request gives them, become a selection: a view with
 * exceptions, or queue IDs. A third, what an earlier job did, is read from the store first; such
 * a request waits, and may be gone when the answer comes. */
#include "api/act.h"

#include <stdlib.h>
#include <string.h>

#include "api/scopes.h"
#include "api/views.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/problem.h"
#include "store/store.h"

/* Callers of the API see one code for all troubles of the store; the text says which it is. */
void act_reply_error(struct http_request *rq, const struct error *err)
{
	if (strncmp(err->code, "store_", 6) == 0)
		http_reply_error_as(rq, "store_unavailable", err, NULL);
	else
		http_reply_error(rq, err);
}

/* An array of queue IDs; slices into the body. NULL with *count 0 when it is not there. False:
 * answered. */
static bool read_ids(struct http_request *rq, const json_t *body, const char *name,
    struct slice **ids, size_t *count)
{
	const json_t *array = json_object_get(body, name), *item;
	size_t i;

	*ids = NULL;
	*count = 0;
	if (array == NULL)
		return true;
	if (!json_is_array(array) || json_array_size(array) > SELECTION_IDS_MAX) {
		http_reply_said(rq, "invalid_value", NULL, SAID_PROBLEM_LIST_OF_IDS, 2,
		    said_text("name", slice_of(name)), said_number("most", SELECTION_IDS_MAX));
		return false;
	}
	*ids = memory_zero(json_array_size(array) + 1, sizeof(**ids));
	json_array_foreach(array, i, item)
	{
		struct slice id = slice_make(json_string_value(item), json_string_length(item));

		/* One bad ID refuses all: whoever sent it means something else than what would be
		 * done. */
		if (!json_is_string(item) || !queue_id_valid(id)) {
			http_reply_said(rq, "invalid_id", NULL, SAID_PROBLEM_NO_ID_AT, 2,
			    said_number("number", (int64_t)i + 1),
			    said_text("name", slice_of(name)));
			free(*ids);
			*ids = NULL;
			return false;
		}
		(*ids)[(*count)++] = id;
	}
	return true;
}

/* A view that is gone answers by itself (api_view_find). What left it since it was made is noted
 * and never acted on. */
static bool read_view(
    struct http_request *rq, struct api *api, const json_t *body, struct slice id, struct act *act)
{
	struct query_view view;
	struct slice *except;
	struct error err;
	size_t count;

	if (!api_view_find(rq, api, id, &view) || !read_ids(rq, body, "except", &except, &count))
		return false;
	act->filter = memory_strndup(view.filter.data, view.filter.len);
	/* The generation of the view, not of now: that is what the person has seen. */
	act->generation = view.match.generation;
	act->selection = selection_from_view(
	    api->query, api_scope(api, rq), &view, except, count, clock_now(), &act->left, &err);
	free(except);
	if (act->selection == NULL)
		act_reply_error(rq, &err);
	return act->selection != NULL;
}

/* IDs that the index does not know are kept as missing: the job looks for them on disk. */
static bool read_explicit(
    struct http_request *rq, struct api *api, const json_t *body, struct act *act)
{
	struct index_status status;
	struct slice *ids;
	struct error err;
	size_t count;

	if (!read_ids(rq, body, "ids", &ids, &count))
		return false;
	/* An empty list must not be taken for "everything", and not be reported as done. */
	if (count == 0) {
		free(ids);
		if (json_object_get(body, "ids") != NULL)
			http_reply_said(rq, "nothing_matched", NULL, SAID_PROBLEM_LIST_EMPTY, 0);
		else
			http_reply_said(rq, "missing_member", NULL, SAID_PROBLEM_WHICH_MESSAGES, 0);
		return false;
	}
	query_status(api->query, api_scope(api, rq), clock_now(), &status);
	act->generation = status.generation;
	act->selection = selection_from_ids(
	    api->query, api_scope(api, rq), ids, count, clock_now(), &act->left, &err);
	free(ids);
	if (act->selection == NULL)
		act_reply_error(rq, &err);
	return act->selection != NULL;
}

/* ---- what another job did ---- */

/* Items in one read: the texts of so many are held at a time. */
#define UNDO_ITEMS 5000

struct undo {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	const json_t *body;
	act_then *then;
	struct act act;
	char *scope; /* of the caller; NULL: none */
	struct job_row job;
	struct job_items_query query;
	struct job_items items;
};

static void undo_gone(void *data)
{
	struct undo *undo = data;

	undo->rq = NULL;
}

static void undo_free(struct undo *undo)
{
	job_items_free(&undo->items);
	act_clear(&undo->act);
	free(undo->scope);
	free(undo);
}

static bool is_opposite(enum job_action of, enum job_action action)
{
	return (of == JOB_HOLD && action == JOB_RELEASE) ||
	       (of == JOB_RELEASE && action == JOB_HOLD);
}

static enum db_result read_done(struct db *db, void *context, struct error *err)
{
	struct undo *undo = context;
	enum db_result result = job_rows_get(db, undo->query.job, &undo->job, err);

	/* A job of somebody else is as one that there is not. */
	if (result == DB_OK && undo->scope != NULL &&
	    !api_scope_within(undo->job.scope, undo->scope))
		result = DB_NOT_FOUND;
	if (result == DB_NOT_FOUND)
		error_say(err, "job_not_found", problem_says("job_not_found"), 0);
	if (result != DB_OK)
		return result;
	/* A delete or a bounce that is done cannot be taken back, and a retry need not be. */
	if (!is_opposite(undo->job.action, undo->act.action) ||
	    !job_state_is_final(undo->job.state)) {
		error_say(err, "not_undoable",
		    job_state_is_final(undo->job.state) ? SAID_PROBLEM_ONLY_OPPOSITE
							: SAID_PROBLEM_JOB_NOT_ENDED,
		    0);
		return DB_CONFLICT;
	}
	return job_rows_items(db, &undo->query, &undo->items, err);
}

static void done_read(void *context, enum db_result result, const struct error *err);

/* Few of a million may be done: others get their turn between slices. */
static void read_more(struct undo *undo)
{
	undo->query.until = undo->query.after + 1 + JOB_ROWS_SLICE;
	store_ask_read(undo->api->store, read_done, done_read, undo);
}

static void keep_done(struct undo *undo)
{
	selection_add_items(undo->act.selection, api_scope(undo->api, undo->rq), undo->items.item,
	    undo->items.count, clock_now(), &undo->act.left);
	/* A full answer may have left items of this slice: then go on behind the last one, else
	 * with the next slice. */
	undo->query.after = undo->items.count == undo->query.max
				? undo->items.item[undo->items.count - 1].seq
				: undo->query.after + JOB_ROWS_SLICE;
	job_items_free(&undo->items);
}

static void done_read(void *context, enum db_result result, const struct error *err)
{
	struct undo *undo = context;

	if (undo->rq != NULL && result != DB_OK)
		act_reply_error(undo->rq, err);
	else if (undo->rq != NULL) {
		struct act act;

		keep_done(undo);
		if (undo->query.after + 1 < undo->job.total) {
			read_more(undo);
			return;
		}
		selection_end(undo->act.selection);
		/* `then` takes over what was read, so it must not be freed here as well. */
		act = undo->act;
		undo->act = (struct act){0};
		http_on_gone(undo->rq, NULL, NULL);
		undo->then(undo->rq, undo->api, undo->body, &act);
	}
	undo_free(undo);
}

static void read_undone(
    struct http_request *rq, struct api *api, const json_t *body, struct act *act, act_then *then)
{
	struct undo *undo = memory_zero(1, sizeof(*undo));
	struct index_status status;
	struct error err;

	undo->api = api;
	undo->rq = rq;
	undo->body = body;
	undo->then = then;
	undo->act = *act;
	if (http_caller(rq)->scope != NULL)
		undo->scope = memory_strdup(http_caller(rq)->scope);
	undo->act.selection = selection_begin(api->query, api_scope(api, rq), &err);
	if (undo->act.selection == NULL) {
		act_reply_error(rq, &err);
		undo_free(undo);
		return;
	}
	/* The items are compared with the queue as it is now, so this is the generation that the
	 * answer is about. */
	query_status(api->query, api_scope(api, rq), clock_now(), &status);
	undo->act.generation = status.generation;
	undo->query = (struct job_items_query){.job = act->undoes,
	    .after = -1,
	    .by_outcome = true,
	    .outcome = JOB_ITEM_DONE,
	    .max = UNDO_ITEMS};
	http_on_gone(rq, undo_gone, undo);
	read_more(undo);
}

/* ---- which messages ---- */

/* Exactly one of the three. False: answered. */
static bool is_one_selection(
    struct http_request *rq, const json_t *body, struct slice view, int64_t undoes)
{
	bool ids = json_object_get(body, "ids") != NULL;
	bool except = json_object_get(body, "except") != NULL;

	if (!(ids && (view.len > 0 || except)) && !(undoes > 0 && (ids || view.len > 0 || except)))
		return true;
	http_reply_said(rq, "invalid_value", NULL, SAID_PROBLEM_ONE_OF_THEM, 0);
	return false;
}

void act_read(struct http_request *rq, struct api *api, const json_t *body, act_then *then)
{
	struct slice action = {"", 0}, view = {"", 0};
	struct act act = {0};

	if (!http_json_string(rq, body, "action", HTTP_REQUIRED, 16, &action) ||
	    !http_json_string(rq, body, "view", HTTP_OPTIONAL, 64, &view) ||
	    !http_json_integer(
		rq, body, "undoes", HTTP_OPTIONAL, 1, INT64_C(9007199254740991), &act.undoes))
		return;
	if (!job_action_parse(action, &act.action)) {
		char words[JOB_WORDS_SIZE];

		job_action_all(words);
		http_reply_said(rq, "invalid_value", NULL, SAID_PROBLEM_ONE_OF, 2,
		    said_text("name", SLICE("action")), said_text("words", slice_of(words)));
		return;
	}
	if (!is_one_selection(rq, body, view, act.undoes))
		return;
	if (act.undoes > 0) {
		act.undoes = numbers_meant(api_numbers(api, rq), NUMBER_JOB, act.undoes);
		if (act.undoes == 0) {
			http_reply_code(rq, "job_not_found");
			return;
		}
	}
	if (act.undoes > 0)
		read_undone(rq, api, body, &act, then);
	else if (view.len > 0 ? read_view(rq, api, body, view, &act)
			      : read_explicit(rq, api, body, &act))
		then(rq, api, body, &act);
	else
		act_clear(&act);
}

void act_clear(struct act *act)
{
	selection_destroy(&act->selection);
	free(act->filter);
	act->filter = NULL;
}
