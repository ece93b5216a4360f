#include "api/act.h"

#include <stdlib.h>
#include <string.h>

#include "api/views.h"
#include "base/memory.h"
#include "index/view.h"

void act_reply_error(struct http_request *rq, const struct error *err)
{
	if (strncmp(err->code, "store_", 6) == 0)
		http_reply_problem(rq, 503, "store_unavailable", "%s", err->text);
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
		http_reply_problem(rq, 400, "invalid_value", "%s is a list of at most %d queue IDs",
		    name, SELECTION_IDS_MAX);
		return false;
	}
	*ids = memory_zero(json_array_size(array) + 1, sizeof(**ids));
	json_array_foreach(array, i, item)
	{
		struct slice id = slice_make(json_string_value(item), json_string_length(item));

		if (!json_is_string(item) || !queue_id_valid(id)) {
			http_reply_problem(rq, 400, "invalid_id",
			    "number %zu of %s is no queue ID of Postfix", i + 1, name);
			free(*ids);
			*ids = NULL;
			return false;
		}
		(*ids)[(*count)++] = id;
	}
	return true;
}

static bool read_view(
    struct http_request *rq, struct api *api, const json_t *body, struct slice id, struct act *act)
{
	const struct view *view = api_view_find(rq, api, id);
	struct slice *except, text;
	struct error err;
	size_t count;

	if (view == NULL || !read_ids(rq, body, "except", &except, &count))
		return false;
	text = view_filter_text(view);
	act->filter = memory_strndup(text.data, text.len);
	act->generation = view_match(view)->generation;
	act->selection = selection_from_view(api->index, view, except, count, &act->left, &err);
	free(except);
	if (act->selection == NULL)
		act_reply_error(rq, &err);
	return act->selection != NULL;
}

static bool read_explicit(
    struct http_request *rq, struct api *api, const json_t *body, struct act *act)
{
	struct index_status status;
	struct slice *ids;
	struct error err;
	size_t count;

	if (!read_ids(rq, body, "ids", &ids, &count))
		return false;
	if (count == 0) {
		free(ids);
		if (json_object_get(body, "ids") != NULL)
			http_reply_problem(rq, 422, "nothing_matched",
			    "there is nothing to do: the list is empty");
		else
			http_reply_problem(
			    rq, 400, "missing_member", "say which messages: a view, or ids");
		return false;
	}
	index_status(api->index, &status);
	act->generation = status.generation;
	act->selection = selection_from_ids(api->index, ids, count, &act->left, &err);
	free(ids);
	if (act->selection == NULL)
		act_reply_error(rq, &err);
	return act->selection != NULL;
}

bool act_read(struct http_request *rq, struct api *api, const json_t *body, struct act *act)
{
	struct slice action = {"", 0}, view = {"", 0};
	bool done;

	memset(act, 0, sizeof(*act));
	if (!http_json_string(rq, body, "action", HTTP_REQUIRED, 16, &action) ||
	    !http_json_string(rq, body, "view", HTTP_OPTIONAL, 64, &view))
		return false;
	if (!job_action_parse(action, &act->action)) {
		http_reply_problem(rq, 400, "invalid_value",
		    "action is retry, hold, release, requeue, delete or bounce");
		return false;
	}
	if (json_object_get(body, "ids") != NULL &&
	    (view.len > 0 || json_object_get(body, "except") != NULL)) {
		http_reply_problem(
		    rq, 400, "invalid_value", "name a view (and exceptions), or ids, not both");
		return false;
	}
	done =
	    view.len > 0 ? read_view(rq, api, body, view, act) : read_explicit(rq, api, body, act);
	if (!done)
		act_clear(act);
	return done;
}

void act_clear(struct act *act)
{
	selection_destroy(&act->selection);
	free(act->filter);
	act->filter = NULL;
}
