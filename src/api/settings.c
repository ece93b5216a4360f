/* Settings are read and changed by the engine in src/settings, which answers later; the history
 * of changes is read from the store. */
#include "api/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "base/memory.h"
#include "postfix/schedule.h"
#include "settings/settings.h"
#include "store/store.h"
#include "watch/warning.h"

#define LIST_MAX 200
#define SCHEDULE_MAX 200

/* ---- JSON ---- */

static json_t *text_or_null(const char *text)
{
	return api_string_or_null(slice_of(text));
}

static json_t *seconds_or_null(int64_t seconds)
{
	return seconds >= 0 ? json_integer(seconds) : json_null();
}

static json_t *source_json(const struct setting *s)
{
	static const char *const names[] = {[SETTING_DEFAULT] = "default",
	    [SETTING_MAIN_CF] = "main.cf",
	    [SETTING_MASTER_CF] = "master.cf"};

	return s->known ? json_string(names[s->source]) : json_null();
}

/* What it was last set to here, where that is not what main.cf says now. */
static json_t *drift_json(const struct setting *s)
{
	if (!s->drift)
		return json_null();
	return api_string(slice_of(s->last_set[0] != '\0' ? s->last_set : s->standard));
}

static json_t *setting_json(enum setting_name name, const struct setting *s)
{
	const struct settings_rule *rule = settings_rule(name);
	char unit[2] = {rule->unit, '\0'};

	return json_pack("{ss, so, so, so, so, ss, sI, sI, so, so, so}", "name", rule->name,
	    "value", s->known ? api_string(slice_of(s->value)) : json_null(), "seconds",
	    seconds_or_null(s->seconds), "default", text_or_null(s->standard), "default_seconds",
	    seconds_or_null(s->standard_seconds), "unit", unit, "minimum", (json_int_t)rule->min,
	    "maximum", (json_int_t)rule->max, "set_in", source_json(s), "override",
	    text_or_null(s->override), "drift", drift_json(s));
}

static json_t *schedule_json(const struct settings_view *view)
{
	struct schedule_attempt attempt[SCHEDULE_MAX];
	struct schedule_settings times;
	json_t *list = json_array();
	size_t count = 0;

	/* Of a message that arrives now and fails at each attempt, with times counted from 0. */
	if (settings_schedule(view, &times))
		count = schedule_ahead(&times, 0, false, 0, 0, attempt, SCHEDULE_MAX);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(
		    list, json_pack("{sI, sI}", "earliest", (json_int_t)attempt[i].earliest,
			      "latest", (json_int_t)attempt[i].latest));
	return list;
}

static json_t *warnings_json(const struct settings_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->warning_count; i++) {
		struct warning warning = {.code = view->warning[i].code,
		    .severity = "warning",
		    .text = view->warning[i].text,
		    .words = view->warning[i].words,
		    .count = -1};

		json_array_append_new(list, api_warning_json(&warning));
	}
	return list;
}

static json_t *view_json(const struct settings_view *view)
{
	json_t *list = json_array();

	for (int i = 0; i < SETTINGS_COUNT; i++)
		json_array_append_new(list, setting_json((enum setting_name)i, &view->item[i]));
	return json_pack("{so, sb, so, so, so, so, so}", "settings", list, "writable",
	    view->writable, "read_only_reason", text_or_null(view->why_not.text),
	    "read_only_reason_words", api_words(slice_of(view->why_not.words)), "warnings",
	    warnings_json(view), "schedule", schedule_json(view), "applying",
	    view->applying > 0 ? json_integer(view->applying) : json_null());
}

json_t *api_settings_change_json(const struct settings_rows_change *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->value_count; i++) {
		const struct settings_rows_value *v = &c->values[i];

		json_array_append_new(list,
		    json_pack("{ss, so, so}", "name", v->name, "before",
			v->old_set ? api_string(slice_of(v->old_value)) : json_null(), "after",
			v->new_set ? api_string(slice_of(v->new_value)) : json_null()));
	}
	return json_pack("{sI, so, so, so, so, ss, so, so, so}", "id", (json_int_t)c->id, "created",
	    api_time(c->created), "finished", api_time_or_null(c->finished), "by",
	    api_string(slice_of(c->who)), "note", text_or_null(c->note), "state",
	    settings_rows_state_name(c->state), "detail", text_or_null(c->detail), "restores",
	    c->restores > 0 ? json_integer(c->restores) : json_null(), "changes", list);
}

/* ---- calls on behalf of a request ---- */

struct ask {
	struct api *api;
	struct http_request *rq; /* NULL once the caller has gone */
	struct settings_wish wish;
	int64_t before, id;
	size_t limit, count;
	struct settings_rows_change *changes;
};

static struct ask *ask_create(struct api *api, struct http_request *rq)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->api = api;
	http_wait(rq, &ask->rq);
	return ask;
}

static void ask_free(struct ask *ask)
{
	free(ask->changes);
	free(ask);
}

static void settings_done(void *context, const struct settings_view *view, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && view != NULL)
		http_reply_json(ask->rq, 200, view_json(view));
	else if (ask->rq != NULL)
		act_reply_error(ask->rq, err);
	ask_free(ask);
}

static void get_settings(struct http_request *rq, void *context)
{
	struct api *api = context;

	settings_read(api->settings, settings_done, ask_create(api, rq));
}

/* ---- wishes ---- */

/* Only its form is checked here; src/settings knows what a value may be. */
static bool read_value(
    struct http_request *rq, const char *name, const json_t *value, struct settings_wish *wish)
{
	enum setting_name which;

	if (!settings_parse_name(slice_of(name), &which)) {
		http_reply_said(rq, "unknown_member", NULL, SAID_PROBLEM_NO_SETTING, 1,
		    said_text("name", slice_first(slice_of(name), 40)));
		return false;
	}
	if (!json_is_null(value) &&
	    (!json_is_string(value) || json_string_length(value) >= SETTINGS_ROWS_VALUE_MAX ||
		/* A NUL in the middle would be cut off unseen. */
		strlen(json_string_value(value)) != json_string_length(value))) {
		http_reply_said(rq, "invalid_value", NULL, SAID_PROBLEM_SETTING_TIME, 1,
		    said_text("name", slice_of(name)));
		return false;
	}
	wish->wanted[which] = true;
	wish->unset[which] = json_is_null(value);
	if (!wish->unset[which])
		snprintf(
		    wish->value[which], sizeof(wish->value[which]), "%s", json_string_value(value));
	return true;
}

static bool read_wish(struct http_request *rq, struct settings_wish *wish)
{
	const json_t *body = http_json(rq, "values note"), *value;
	struct slice note = {"", 0};
	const char *name;
	json_t *values;

	if (body == NULL ||
	    !http_json_string(rq, body, "note", HTTP_OPTIONAL, SETTINGS_ROWS_NOTE_MAX, &note))
		return false;
	values = json_object_get(body, "values");
	if (!json_is_object(values) || json_object_size(values) == 0) {
		http_reply_said(rq, "missing_member", NULL, SAID_PROBLEM_VALUES, 0);
		return false;
	}
	json_object_foreach(values, name, value)
	{
		if (!read_value(rq, name, value, wish))
			return false;
	}
	snprintf(wish->note, sizeof(wish->note), "%.*s", SLICE_ARGS(note));
	/* From who has signed in, never from the body. */
	snprintf(wish->who, sizeof(wish->who), "%s", http_caller(rq)->name);
	return true;
}

/* "change 3: queue_run_delay=100s maximal_queue_lifetime=" (the default) */
static void audit_change(struct http_request *rq, const struct settings_rows_change *change)
{
	BUFFER_AUTO struct buffer text = {0};

	for (size_t i = 0; i < change->value_count; i++) {
		const struct settings_rows_value *v = &change->values[i];

		buffer_printf(&text, " %s=%s", v->name, v->new_set ? v->new_value : "");
	}
	http_set_audit_text(rq, "change %lld:%s", (long long)change->id, buffer_string(&text));
}

static void change_done(
    void *context, const struct settings_rows_change *change, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && change != NULL) {
		audit_change(ask->rq, change);
		/* 202: it is written down, and whether Postfix takes it is seen later. */
		http_reply_json(ask->rq, 202, api_settings_change_json(change));
	} else if (ask->rq != NULL)
		act_reply_error(ask->rq, err);
	ask_free(ask);
}

static void put_settings(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct settings_wish wish = {0};

	if (read_wish(rq, &wish))
		settings_change(api->settings, &wish, change_done, ask_create(api, rq));
}

static void preview_read(void *context, const struct settings_view *view, const struct error *err)
{
	struct ask *ask = context;
	struct settings_view after;
	struct error why;

	if (ask->rq == NULL) {
		ask_free(ask);
		return;
	}
	if (view == NULL)
		act_reply_error(ask->rq, err);
	/* That nothing would change is no mistake in a preview. */
	else if (!settings_check(view, &ask->wish, &after, &why) &&
		 strcmp(why.code, "settings_refused") != 0)
		act_reply_error(ask->rq, &why);
	else
		http_reply_json(ask->rq, 200,
		    json_pack("{so, so}", "schedule", schedule_json(&after), "warnings",
			warnings_json(&after)));
	ask_free(ask);
}

static void preview_settings(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct settings_wish wish = {0};
	struct ask *ask;

	if (!read_wish(rq, &wish))
		return;
	ask = ask_create(api, rq);
	ask->wish = wish;
	settings_read(api->settings, preview_read, ask);
}

/* ---- the history ---- */

static enum db_result read_list(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return settings_rows_list(db, ask->before, ask->changes, ask->limit, &ask->count, err);
}

static void list_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL) {
		json_t *list = json_array(), *next = json_null();
		char text[24];

		for (size_t i = 0; i < ask->count; i++)
			json_array_append_new(list, api_settings_change_json(&ask->changes[i]));
		if (ask->count == ask->limit) {
			snprintf(
			    text, sizeof(text), "%lld", (long long)ask->changes[ask->count - 1].id);
			next = json_string(text);
		}
		http_reply_json(ask->rq, 200, json_pack("{so, so}", "changes", list, "next", next));
	}
	ask_free(ask);
}

static void list_changes(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct slice after;
	uint64_t limit, before = 0;
	struct ask *ask;

	if (!http_query_u64(rq, "limit", 1, LIST_MAX, 50, &limit))
		return;
	if (http_query(rq, "after", &after) &&
	    (!slice_to_u64(after, &before) || before > INT64_MAX)) {
		http_reply_said(rq, "invalid_cursor", NULL, SAID_PROBLEM_AFTER, 0);
		return;
	}
	ask = ask_create(api, rq);
	ask->before = (int64_t)before;
	ask->limit = limit;
	ask->changes = memory_zero(limit, sizeof(*ask->changes));
	store_ask_read(api->store, read_list, list_read, ask);
}

static int64_t change_number(struct http_request *rq)
{
	uint64_t id;

	if (slice_to_u64(http_path_param(rq, "id"), &id) && id > 0 &&
	    id <= INT64_C(9007199254740991))
		return (int64_t)id;
	http_reply_code(rq, "change_not_found");
	return 0;
}

static enum db_result read_one(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return settings_rows_get(db, ask->id, ask->changes, err);
}

static void one_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result == DB_NOT_FOUND)
		http_reply_code(ask->rq, "change_not_found");
	else if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 200, api_settings_change_json(ask->changes));
	ask_free(ask);
}

static void get_change(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = change_number(rq);
	struct ask *ask;

	if (id == 0)
		return;
	ask = ask_create(api, rq);
	ask->id = id;
	ask->changes = memory_zero(1, sizeof(*ask->changes));
	store_ask_read(api->store, read_one, one_read, ask);
}

/* A new change with the old values, which can be taken back itself. */
static void restore_change(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t id = change_number(rq);

	if (id != 0 && http_json(rq, "") != NULL)
		settings_put_back(
		    api->settings, id, http_caller(rq)->name, change_done, ask_create(api, rq));
}

const struct http_route api_settings_routes[] = {
    {HTTP_GET, "/api/v1/settings", RIGHT_VIEWER, 0, NULL, get_settings, .within = SCOPE_NO_MAIL},
    {HTTP_PUT, "/api/v1/settings", RIGHT_SETTINGS, HTTP_BODY_DEFAULT, NULL, put_settings,
	.audit = AUDIT_SETTINGS},
    {HTTP_POST, "/api/v1/settings/preview", RIGHT_VIEWER, HTTP_BODY_DEFAULT, NULL, preview_settings,
	true, .within = SCOPE_NO_MAIL},
    {HTTP_GET, "/api/v1/settings/changes", RIGHT_VIEWER, 0, "limit after", list_changes},
    {HTTP_GET, "/api/v1/settings/changes/{id}", RIGHT_VIEWER, 0, NULL, get_change},
    {HTTP_POST, "/api/v1/settings/changes/{id}/restore", RIGHT_SETTINGS, HTTP_BODY_DEFAULT, NULL,
	restore_change, .audit = AUDIT_SETTINGS},
    {.path = NULL},
};
