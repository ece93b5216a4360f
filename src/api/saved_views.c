/* Saved views are read and written on the thread of the store; a request waits for that. They are
 * not about the mail that a caller sees, but a filter's text may name mail that he must not know
 * of: each scope has views of its own. */
#include "api/saved_views.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/act.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/saved_views.h"
#include "store/store.h"

/* One question to the store on behalf of a request. */
struct ask {
	struct http_request *rq;       /* NULL once the caller has gone */
	const struct numbers *numbers; /* NULL: they are shown as they are */
	unsigned status;	       /* of the answer when it went well */
	char *scope;		       /* "": none */
	struct saved_view view;
	struct saved_view *list;
	size_t count;
};

static struct ask *ask_create(struct api *api, struct http_request *rq, unsigned status)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));
	const char *scope = http_caller(rq)->scope;

	ask->numbers = api_numbers(api, rq);
	ask->status = status;
	ask->scope = memory_strdup(scope != NULL ? scope : "");
	ask->view.scope = ask->scope;
	http_wait(rq, &ask->rq);
	return ask;
}

static void ask_free(struct ask *ask)
{
	for (size_t i = 0; i < ask->count; i++)
		saved_view_clear(&ask->list[i]);
	free(ask->list);
	saved_view_clear(&ask->view);
	free(ask->scope);
	free(ask);
}

static json_t *view_json(const struct ask *ask, const struct saved_view *view)
{
	json_int_t id = numbers_shown(ask->numbers, NUMBER_SAVED_VIEW, view->id);

	return json_pack("{sI, so, so, so, so}", "id", id, "name", api_string(slice_of(view->name)),
	    "address", api_string(slice_of(view->address)), "by", api_string(slice_of(view->by)),
	    "at", api_time(view->at));
}

/* ---- Reading ---- */

static enum db_result read_list(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return saved_views_list(db, ask->scope, ask->list, &ask->count, err);
}

static void list_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;
	json_t *list;

	if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL) {
		list = json_array();
		for (size_t i = 0; i < ask->count; i++)
			json_array_append_new(list, view_json(ask, &ask->list[i]));
		http_reply_json(ask->rq, 200, json_pack("{so}", "views", list));
	}
	ask_free(ask);
}

static void get_views(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask = ask_create(api, rq, 200);

	ask->list = memory_zero(SAVED_VIEWS_MAX, sizeof(*ask->list));
	store_ask_read(api->store, read_list, list_read, ask);
}

/* ---- Writing ---- */

static bool refuse(struct http_request *rq, const char *member, enum said_code says)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", member), says, 0);
	return false;
}

/* A name stands in one line of a menu. */
static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.data[i] < ' ' || name.data[i] == 0x7f)
			return false;
	return name.len > 0 && name.data[0] != ' ' && name.data[name.len - 1] != ' ';
}

/* Only a query: with a path or a host in it, a click on a view could lead anywhere. */
static bool is_address(struct slice address)
{
	for (size_t i = 0; i < address.len; i++)
		if (address.data[i] <= ' ' || address.data[i] > '~')
			return false;
	return address.len > 0 && address.data[0] == '?';
}

static bool read_view(struct http_request *rq, struct slice *name, struct slice *address)
{
	const json_t *body = http_json(rq, "name address");

	if (body == NULL ||
	    !http_json_string(rq, body, "name", HTTP_REQUIRED, SAVED_VIEWS_NAME_MAX, name) ||
	    !http_json_string(rq, body, "address", HTTP_REQUIRED, SAVED_VIEWS_ADDRESS_MAX, address))
		return false;
	if (!is_name(*name))
		return refuse(rq, "name", SAID_PROBLEM_SAVED_NAME);
	if (!is_address(*address))
		return refuse(rq, "address", SAID_PROBLEM_SAVED_ADDRESS);
	return true;
}

/* Fills in what is written; NULL when the request has been answered. */
static struct ask *ask_write(struct api *api, struct http_request *rq, unsigned status, int64_t id)
{
	struct slice name, address;
	struct ask *ask;

	if (!read_view(rq, &name, &address))
		return NULL;
	ask = ask_create(api, rq, status);
	ask->view.id = id;
	ask->view.name = memory_strndup(name.data, name.len);
	ask->view.address = memory_strndup(address.data, address.len);
	/* From who has signed in, never from the body. */
	snprintf(ask->view.by, sizeof(ask->view.by), "%s", http_caller(rq)->name);
	ask->view.at = clock_now();
	http_set_audit_text(rq, "saved view %s", ask->view.name);
	return ask;
}

static void written(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq == NULL) {
		ask_free(ask);
		return;
	}
	if (result == DB_NOT_FOUND)
		http_reply_said(
		    ask->rq, "saved_view_not_found", NULL, SAID_PROBLEM_NO_SAVED_VIEW, 0);
	else if (result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->status == 204)
		http_reply_empty(ask->rq, 204);
	else
		http_reply_json(ask->rq, ask->status, view_json(ask, &ask->view));
	ask_free(ask);
}

static enum db_result add(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return saved_views_add(db, &ask->view, err);
}

static void post_views(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask = ask_write(api, rq, 201, 0);

	if (ask != NULL)
		store_ask_write(api->store, add, written, ask);
}

/* 0: there can be none with such a number, and the request has been answered. */
static int64_t number(const struct api *api, struct http_request *rq)
{
	uint64_t id;
	int64_t meant;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id > 0 && id <= INT64_MAX) {
		meant = numbers_meant(api_numbers(api, rq), NUMBER_SAVED_VIEW, (int64_t)id);
		if (meant != 0)
			return meant;
	}
	http_reply_said(rq, "saved_view_not_found", NULL, SAID_PROBLEM_NO_SAVED_VIEW, 0);
	return 0;
}

static enum db_result change(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return saved_views_change(db, &ask->view, err);
}

static void put_view(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = number(api, rq);
	struct ask *ask = id == 0 ? NULL : ask_write(api, rq, 200, id);

	if (ask != NULL)
		store_ask_write(api->store, change, written, ask);
}

static enum db_result erase(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return saved_views_delete(db, &ask->view, err);
}

static void delete_view(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = number(api, rq);
	struct ask *ask;

	if (id == 0)
		return;
	ask = ask_create(api, rq, 204);
	ask->view.id = id;
	store_ask_write(api->store, erase, written, ask);
}

const struct http_route api_saved_views_routes[] = {
    {HTTP_GET, "/api/v1/saved-views", RIGHT_VIEWER, 0, NULL, get_views, .within = SCOPE_OWN},
    {HTTP_POST, "/api/v1/saved-views", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, post_views,
	.within = SCOPE_OWN, .audit = AUDIT_SAVED_VIEW},
    {HTTP_PUT, "/api/v1/saved-views/{id}", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, put_view,
	.within = SCOPE_OWN, .audit = AUDIT_SAVED_VIEW},
    {HTTP_DELETE, "/api/v1/saved-views/{id}", RIGHT_OPERATOR, 0, NULL, delete_view,
	.within = SCOPE_OWN, .audit = AUDIT_SAVED_VIEW},
    {.path = NULL},
};
