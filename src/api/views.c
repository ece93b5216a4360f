#include "api/views.h"

#include "api/json_text.h"
#include "api/message_json.h"
#include "base/clock.h"

const struct view *api_view_find(struct http_request *rq, struct api *api, struct slice id)
{
	const struct view *v = view_find(api->index, id, clock_now());

	if (!v)
		http_reply_problem(rq, 410, "view_expired", "this view is gone: make a new one");
	return v;
}

static json_t *view_json(struct api *api, const struct view *v)
{
	char sort[INDEX_SORT_NAME_SIZE];
	struct index_status status;
	uint64_t arrived, left;

	index_sort_name(view_sort(v), sort);
	index_status(api->index, &status);
	view_changes(api->index, v, clock_now(), &arrived, &left);
	return json_pack("{ss, so, ss, sI, sI, sI, so, sI, sI, sI}", "id", view_id(v), "filter",
	    api_string(view_filter_text(v)), "sort", sort, "matched", (json_int_t)view_length(v),
	    "bytes", (json_int_t)view_match(v)->bytes, "generation",
	    (json_int_t)view_match(v)->generation, "as_of", api_time_or_null(view_as_of(v)),
	    "current_generation", (json_int_t)status.generation, "gone", (json_int_t)left,
	    "arrived", (json_int_t)arrived);
}

static void create_view(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "filter sort");
	struct slice text = {"", 0}, order = {"", 0};
	const struct view *view;
	struct filter *filter;
	struct index_sort sort;

	if (!body || !http_json_string(rq, body, "filter", HTTP_OPTIONAL, FILTER_TEXT_MAX, &text) ||
	    !http_json_string(rq, body, "sort", HTTP_OPTIONAL, 32, &order) ||
	    !message_json_sort(rq, order, &sort) || !message_json_body_filter(rq, text, &filter))
		return;
	view = view_create(api->index, filter, text, sort, clock_now());
	if (message_json_decided(rq, view_match(view)))
		http_reply_json(rq, 201, view_json(api, view));
	else
		view_drop(api->index, slice_of(view_id(view)));
	filter_free(filter);
}

static void get_view(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct view *v = api_view_find(rq, api, http_path_param(rq, "id"));

	if (v)
		http_reply_json(rq, 200, view_json(api, v));
}

static void delete_view(struct http_request *rq, void *context)
{
	struct api *api = context;

	view_drop(api->index, http_path_param(rq, "id"));
	http_reply_empty(rq, 204);
}

/* The first row of the answer: as asked, or so that `around` is in the middle. False: answered. */
static bool first_row(struct http_request *rq, struct api *api, const struct view *v,
    uint64_t limit, uint64_t *offset)
{
	struct slice around;
	uint32_t place;

	if (!http_query_u64(rq, "offset", 0, UINT32_MAX, 0, offset))
		return false;
	if (!http_query(rq, "around", &around))
		return true;
	if (!view_offset_of(api->index, v, around, &place)) {
		http_reply_problem(rq, 404, "message_not_found", "this message is not in the view");
		return false;
	}
	*offset = place > limit / 2 ? place - limit / 2 : 0;
	if (*offset + limit > view_length(v))
		*offset = view_length(v) > limit ? view_length(v) - limit : 0;
	return true;
}

static void append_row(
    struct buffer *out, struct api *api, const struct message_json_times *times, uint32_t number)
{
	struct index_row row;

	if (!index_row(api->index, number, &row))
		return;
	json_text_next(out);
	json_text_open(out, '{');
	json_text_string(out, "id", slice_of(row.id));
	json_text_bool(out, "gone", row.left);
	json_text_string_or_null(out, "fate", row.left ? row.fate : SLICE(""));
	json_text_name(out, "message");
	message_json_append(out, api->index, times, number, &row);
	json_text_close(out, '}');
}

static void reply_rows(
    struct http_request *rq, struct api *api, const struct view *v, uint64_t offset, uint64_t limit)
{
	BUFFER_AUTO struct buffer body = {0};
	struct message_json_times times;
	struct index_status status;

	message_json_times(api, &times);
	index_status(api->index, &status);
	json_text_open(&body, '{');
	json_text_string(&body, "view", slice_of(view_id(v)));
	json_text_number(&body, "offset", offset);
	json_text_number(&body, "matched", view_length(v));
	json_text_number(&body, "generation", status.generation);
	json_text_name(&body, "rows");
	json_text_open(&body, '[');
	for (uint64_t i = offset; i < view_length(v) && i - offset < limit; i++)
		append_row(&body, api, &times, view_row(v, (uint32_t)i));
	json_text_close(&body, ']');
	json_text_close(&body, '}');
	http_reply_bytes(rq, 200, "application/json", body.data, body.len);
}

static void get_rows(struct http_request *rq, void *context)
{
	struct api *api = context;
	const struct view *v = api_view_find(rq, api, http_path_param(rq, "id"));
	uint64_t offset, limit;

	if (v && http_query_u64(rq, "limit", 1, INDEX_PAGE_MAX, 100, &limit) &&
	    first_row(rq, api, v, limit, &offset))
		reply_rows(rq, api, v, offset, limit);
}

const struct http_route api_views_routes[] = {
    {HTTP_POST, "/api/v1/views", RIGHT_VIEWER, MESSAGE_JSON_FILTER_BODY, NULL, create_view, true},
    {HTTP_GET, "/api/v1/views/{id}", RIGHT_VIEWER, 0, NULL, get_view},
    {HTTP_DELETE, "/api/v1/views/{id}", RIGHT_VIEWER, 0, NULL, delete_view},
    {HTTP_GET, "/api/v1/views/{id}/rows", RIGHT_VIEWER, 0, "offset limit around", get_rows},
    {.path = NULL},
};
