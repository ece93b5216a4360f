/* Counts and warnings come from jobs/preview.h. The preview of a release waits to hear whether
 * Postfix has to be reloaded for it; all others are answered at once. */
#include "api/previews.h"

#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "api/groups.h"
#include "api/json_text.h"
#include "api/message_json.h"
#include "api/pauses.h"
#include "base/clock.h"
#include "base/memory.h"
#include "jobs/jobs.h"
#include "jobs/preview.h"
#include "postfix/version.h"
#include "watch/warning.h"

/* As many as fit into a dialogue. */
#define SAMPLE 10
#define GROUPS 10

/* Counted within the scope, so that no group shows what the caller may not see. */
static void append_by(struct buffer *out, const struct query_scope *scope,
    const struct selection *selection, const char *name, enum group_key key)
{
	struct groups groups;

	selection_groups(selection, scope, key, GROUPS, clock_now(), &groups);
	api_groups_append(out, name, key, groups.items, groups.count);
	groups_free(&groups);
}

static void append_groups(
    struct buffer *out, const struct query_scope *scope, const struct selection *selection)
{
	json_text_name(out, "groups");
	json_text_open(out, '{');
	append_by(out, scope, selection, "queue", GROUP_QUEUE);
	append_by(out, scope, selection, "sender", GROUP_SENDER);
	append_by(out, scope, selection, "recipient_domain", GROUP_RECIPIENT_DOMAIN);
	append_by(out, scope, selection, "reason", GROUP_REASON);
	json_text_close(out, '}');
}

/* The first few, in the order of the view. */
static void append_sample(struct buffer *out, struct api *api, const struct http_request *rq,
    const struct selection *selection)
{
	const struct query_scope *scope = api_scope(api, rq);
	struct message_json_times times;
	unsigned shown = 0;

	message_json_times(api, rq, &times);
	json_text_name(out, "sample");
	json_text_open(out, '[');
	for (size_t i = 0; i < selection_count(selection) && shown < SAMPLE; i++) {
		struct query_message message;

		/* A message that has left the caller's scope since shows nothing more. */
		if (!selection_show(selection, scope, i, clock_now(), &message) || message.hidden)
			continue;
		json_text_next(out);
		message_json_append(out, api->query, &times, &message);
		shown++;
	}
	json_text_close(out, ']');
}

static json_t *warning_list(const struct preview *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->warning_count; i++) {
		const struct preview_warning *w = &p->warning[i];
		struct warning warning = {.code = w->code,
		    .text = w->text,
		    .words = w->words,
		    .count = w->count,
		    .severity = w->severity == PREVIEW_INFO ? "info" : "warning"};

		json_array_append_new(list, api_warning_json(&warning));
	}
	return list;
}

static json_t *left_list(const struct selection_left *left)
{
	json_t *list = json_array();

	for (size_t i = 0; i < left->count; i++)
		json_array_append_new(list, json_string(left->id[i]));
	return list;
}

/* For people who know Postfix: what will be run, in its own words. */
static json_t *command_list(const struct preview *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->command_count; i++)
		json_array_append_new(list, json_string(p->commands[i]));
	return list;
}

/* What neither a group nor a message is of. */
static json_t *preview_json(
    const struct act *act, uint64_t generation, const struct preview *p, int64_t undo)
{
	BUFFER_AUTO struct buffer seen = {0};

	preview_counts_write(&p->counts, &seen);
	return json_pack("{ss, sI, sI, sI, sI, sI, so, so, so, so, ss}", "action",
	    job_action_name(act->action), "matched", (json_int_t)p->matched, "possible",
	    (json_int_t)p->possible, "bytes", (json_int_t)p->bytes, "recipients",
	    (json_int_t)p->recipients, "generation", (json_int_t)generation, "not_found",
	    left_list(&act->left), "warnings", warning_list(p), "commands", command_list(p),
	    "undo_seconds", undo > 0 ? json_integer(undo) : json_null(), "seen",
	    buffer_string(&seen));
}

/* Takes `rest`; NULL: it could not be made. */
static void reply_made(
    struct http_request *rq, struct api *api, const struct act *act, json_t *rest)
{
	const struct query_scope *scope = api_scope(api, rq);
	BUFFER_AUTO struct buffer text = {0};

	if (rest == NULL) {
		http_reply_json(rq, 200, NULL);
		return;
	}
	json_text_open(&text, '{');
	json_text_members(&text, rest);
	append_groups(&text, scope, act->selection);
	append_sample(&text, api, rq, act->selection);
	json_text_close(&text, '}');
	json_decref(rest);
	http_reply_bytes(rq, 200, "application/json", text.data, text.len);
}

static void reply_preview(
    struct http_request *rq, struct api *api, struct act *act, const struct preview_facts *facts)
{
	struct preview preview;
	struct error err;

	if (preview_make(act->action, act->selection, facts, &preview, &err))
		reply_made(rq, api, act,
		    preview_json(act, api_generation(api, rq, act->generation), &preview,
			facts->undo_seconds));
	else
		act_reply_error(rq, &err);
	act_clear(act);
}

/* A preview of a release that waits to hear whether Postfix has to be reloaded for it. */
struct weighed_preview {
	struct http_request *rq; /* NULL when its caller has gone */
	struct api *api;
	struct act act;
	struct preview_facts facts;
};

static void weighed(void *context, int64_t unsafe)
{
	struct weighed_preview *w = context;

	w->facts.reload_for = unsafe;
	if (w->rq != NULL) {
		http_on_gone(w->rq, NULL, NULL);
		reply_preview(w->rq, w->api, &w->act, &w->facts);
	} else
		act_clear(&w->act);
	free(w);
}

/* Of a large selection the first ones tell. */
static void weigh(
    struct http_request *rq, struct api *api, struct act *act, const struct preview_facts *facts)
{
	struct weighed_preview *w = memory_zero(1, sizeof(*w));

	w->api = api;
	w->act = *act;
	w->facts = *facts;
	http_wait(rq, &w->rq);
	jobs_weigh_release(api->jobs, w->act.selection, weighed, w);
}

static void make_preview(
    struct http_request *rq, struct api *api, const json_t *body, struct act *act)
{
	struct preview_facts facts = {
	    .now = clock_now(), .maximal_lifetime = -1, .bounce_lifetime = -1};
	int64_t undo = JOBS_UNDO_DEFAULT;
	struct index_status status;

	if (!http_json_integer(rq, body, "undo_seconds", HTTP_OPTIONAL, 0, JOBS_UNDO_MAX, &undo)) {
		act_clear(act);
		return;
	}
	/* Only a delete has a grace time. */
	if (act->action != JOB_DELETE)
		undo = 0;
	query_status(api->query, api_scope(api, rq), clock_now(), &status);
	facts.undo_seconds = undo;
	facts.takes_hold_back = act->undoes > 0;
	facts.queued_active =
	    (int64_t)(status.counts[QUEUE_ACTIVE] + status.counts[QUEUE_INCOMING]);
	facts.queued_deferred = (int64_t)status.counts[QUEUE_DEFERRED];
	facts.postfix_version = postfix_version(role_config_fact(api->config, "mail_version"));
	api_lifetimes(api, &facts.maximal_lifetime, &facts.bounce_lifetime);
	/* Whether a release needs a reload depends on the files (docs/POSTFIX.md, "When a release
	 * is safe"), so the helper is asked. */
	if (act->action == JOB_RELEASE && selection_count(act->selection) > 0)
		weigh(rq, api, act, &facts);
	else
		reply_preview(rq, api, act, &facts);
}

/* Of mail that is held back for a time there is nothing chosen, and what it counts is all of the
 * queue's. */
static void preview_pause(
    struct http_request *rq, struct api *api, const json_t *body, const json_t *pause)
{
	if (json_object_size(body) > 1 || !json_is_object(pause))
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "pause"),
		    SAID_PROBLEM_PAUSE_ALONE, 0);
	else if (!query_scope_is_all(api_scope(api, rq)))
		http_reply_said(rq, "forbidden", NULL, SAID_PROBLEM_PAUSE_OF_ALL, 0);
	else
		api_pauses_preview(rq, api, pause);
}

static void create_preview(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "action view except ids undoes undo_seconds pause");
	const json_t *pause = body != NULL ? json_object_get(body, "pause") : NULL;

	if (pause != NULL)
		preview_pause(rq, context, body, pause);
	else if (body != NULL)
		act_read(rq, context, body, make_preview);
}

const struct http_route api_previews_routes[] = {
    {HTTP_POST, "/api/v1/previews", RIGHT_OPERATOR, HTTP_BODY_IDS, NULL, create_preview, true,
	.within = SCOPE_QUERY},
    {.path = NULL},
};
