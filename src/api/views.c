/* A view is made once and then read by offset. Rows that have left the queue or the scope keep
 * their place, with nothing but the ID and that they are gone. */
#include "api/views.h"

#include "api/json_text.h"
#include "api/message_json.h"
#include "base/clock.h"

bool api_view_find(
    struct http_request *rq, struct api *api, struct slice id, struct query_view *view)
{
	if (query_view_find(api->query, api_scope(api, rq), id, clock_now(), view))
		return true;
	/* The same answer for a view that never was and for one of another scope: it tells nothing.
	 */
	http_reply_said(rq, "view_expired", NULL, SAID_PROBLEM_VIEW_GONE, 0);
	return false;
}

static json_t *view_json(struct http_request *rq, struct api *api, const struct query_view *view)
{
	char sort[INDEX_SORT_NAME_SIZE];
	struct index_status status;
	uint64_t arrived, left;

	index_sort_name(view->sort, sort);
	query_status(api->query, api_scope(api, rq), clock_now(), &status);
	/* How far the list is behind the queue: the page offers to make it anew. */
	query_view_changes(api->query, view, clock_now(), &arrived, &left);
	return json_pack("{ss, so, ss, sI, sI, sI, so, sI, sI, sI}", "id", view->id, "filter",
	    api_string(view->filter), "sort", sort, "matched", (json_int_t)view->length, "bytes",
	    (json_int_t)view->match.bytes, "generation",
	    (json_int_t)api_generation(api, rq, view->match.generation), "as_of",
	    api_time_or_null(view->as_of), "current_generation",
	    (json_int_t)api_generation(api, rq, status.generation), "gone", (json_int_t)left,
	    "arrived", (json_int_t)arrived);
}

/* The text is kept with the view, as it was typed: people want to see their own words again. */
static void create_view(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "filter sort");
	struct slice text = {"", 0}, order = {"", 0};
	struct query_view view;
	struct filter *filter;
	struct index_sort sort;
	struct error err;

	if (!body || !http_json_string(rq, body, "filter", HTTP_OPTIONAL, FILTER_TEXT_MAX, &text) ||
	    !http_json_string(rq, body, "sort", HTTP_OPTIONAL, 32, &order) ||
	    !message_json_sort(rq, order, &sort) || !message_json_body_filter(rq, text, &filter))
		return;
	if (query_view_create(
		api->query, api_scope(api, rq), filter, text, sort, clock_now(), &view, &err)) {
		query_view_set_person(api->query, &view, http_person_number(rq));
		http_reply_json(rq, 201, view_json(rq, api, &view));
	} else {
		http_reply_error(rq, &err);
	}
	filter_free(filter);
}

static void get_view(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct query_view view;

	if (api_view_find(rq, api, http_path_param(rq, "id"), &view))
		http_reply_json(rq, 200, view_json(rq, api, &view));
}

/* Always 204: whoever lets a view go does not care whether it was there. */
static void delete_view(struct http_request *rq, void *context)
{
	struct api *api = context;

	query_view_drop(api->query, api_scope(api, rq), http_path_param(rq, "id"), clock_now());
	http_reply_empty(rq, 204);
}

/* The first row of the answer: as asked, or so that `around` is in the middle. False: answered. */
static bool first_row(struct http_request *rq, struct api *api, const struct query_view *view,
    uint64_t limit, uint64_t *offset)
{
	struct slice around;
	uint32_t place;

	if (!http_query_u64(rq, "offset", 0, UINT32_MAX, 0, offset))
		return false;
	if (!http_query(rq, "around", &around))
		return true;
	if (!query_view_offset_of(api->query, view, around, &place)) {
		http_reply_said(rq, "message_not_found", NULL, SAID_PROBLEM_NOT_IN_VIEW, 1,
		    said_text("id", around));
		return false;
	}
	/* In the middle, and near the ends as far as there are rows. */
	*offset = place > limit / 2 ? place - limit / 2 : 0;
	if (*offset + limit > view->length)
		*offset = view->length > limit ? view->length - limit : 0;
	return true;
}

static void append_row(struct buffer *out, struct api *api, const struct message_json_times *times,
    const struct query_message *message)
{
	const struct index_row *row = &message->row;

	json_text_next(out);
	json_text_open(out, '{');
	json_text_string(out, "id", slice_of(row->id));
	json_text_bool(out, "gone", row->left);
	json_text_string_or_null(out, "fate", row->left ? row->fate : SLICE(""));
	/* It has left the caller's scope, which looks like gone (docs/decisions/query.md). */
	if (message->hidden) {
		json_text_null(out, "message");
	} else {
		json_text_name(out, "message");
		message_json_append(out, api->query, times, message);
	}
	json_text_close(out, '}');
}

static void reply_rows(struct http_request *rq, struct api *api, const struct query_view *view,
    uint64_t offset, uint32_t limit)
{
	BUFFER_AUTO struct buffer body = {0};
	struct message_json_times times;
	struct index_status status;
	struct query_page page;

	message_json_times(api, rq, &times);
	query_status(api->query, api_scope(api, rq), clock_now(), &status);
	query_view_page(api->query, api_scope(api, rq), view, offset, limit, clock_now(), &page);
	json_text_open(&body, '{');
	json_text_string(&body, "view", slice_of(view->id));
	json_text_number(&body, "offset", offset);
	json_text_number(&body, "matched", view->length);
	json_text_number(&body, "generation", api_generation(api, rq, status.generation));
	json_text_name(&body, "rows");
	json_text_open(&body, '[');
	for (size_t i = 0; i < page.count; i++) {
		struct query_message message;
		if (query_page_message(api->query, &page, i, &message))
			append_row(&body, api, &times, &message);
	}
	json_text_close(&body, ']');
	json_text_close(&body, '}');
	query_page_free(&page);
	http_reply_bytes(rq, 200, "application/json", body.data, body.len);
}

static void get_rows(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct query_view view;
	uint64_t offset, limit;

	if (api_view_find(rq, api, http_path_param(rq, "id"), &view) &&
	    http_query_u64(rq, "limit", 1, INDEX_PAGE_MAX, 100, &limit) &&
	    first_row(rq, api, &view, limit, &offset))
		reply_rows(rq, api, &view, offset, (uint32_t)limit);
}

const struct http_route api_views_routes[] = {
    {HTTP_POST, "/api/v1/views", RIGHT_VIEWER, MESSAGE_JSON_FILTER_BODY, NULL, create_view, true,
	.within = SCOPE_QUERY},
    {HTTP_GET, "/api/v1/views/{id}", RIGHT_VIEWER, 0, NULL, get_view, .within = SCOPE_QUERY},
    {HTTP_DELETE, "/api/v1/views/{id}", RIGHT_VIEWER, 0, NULL, delete_view, .within = SCOPE_QUERY,
	.asks = true},
    {HTTP_GET, "/api/v1/views/{id}/rows", RIGHT_VIEWER, 0, "offset limit around", get_rows,
	.within = SCOPE_QUERY},
    {.path = NULL},
};
