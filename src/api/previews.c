#include "api/previews.h"

#include <stdlib.h>
#include <string.h>

#include "api/act.h"
#include "api/groups.h"
#include "api/message_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "jobs/jobs.h"
#include "jobs/preview.h"
#include "postfix/version.h"
#include "watch/warning.h"

#define SAMPLE 10
#define GROUPS 10

static json_t *group_list(
    const struct query_scope *scope, const struct selection *selection, enum group_key key)
{
	json_t *list = json_array();
	struct groups groups;

	selection_groups(selection, scope, key, GROUPS, clock_now(), &groups);
	for (size_t i = 0; i < groups.count; i++)
		json_array_append_new(list, api_group_json(key, &groups.items[i]));
	groups_free(&groups);
	return list;
}

/* The first few, in the order of the view. */
static json_t *sample_list(
    struct api *api, const struct query_scope *scope, const struct selection *selection)
{
	struct message_json_times times;
	json_t *list = json_array();

	message_json_times(api, &times);
	for (size_t i = 0; i < selection_count(selection) && json_array_size(list) < SAMPLE; i++) {
		struct query_message message;

		if (selection_show(selection, scope, i, clock_now(), &message) && !message.hidden)
			json_array_append_new(list, message_json(api->query, &times, &message));
	}
	return list;
}

static json_t *warning_list(const struct preview *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->warning_count; i++) {
		const struct preview_warning *w = &p->warning[i];
		struct warning warning = {.code = w->code,
		    .text = w->text,
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

static json_t *command_list(const struct preview *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->command_count; i++)
		json_array_append_new(list, json_string(p->commands[i]));
	return list;
}

static json_t *preview_json(struct api *api, const struct query_scope *scope, const struct act *act,
    const struct preview *p, int64_t undo)
{
	const struct selection *s = act->selection;
	BUFFER_AUTO struct buffer seen = {0};
	json_t *groups = json_pack("{so, so, so, so}", "queue", group_list(scope, s, GROUP_QUEUE),
	    "sender", group_list(scope, s, GROUP_SENDER), "recipient_domain",
	    group_list(scope, s, GROUP_RECIPIENT_DOMAIN), "reason",
	    group_list(scope, s, GROUP_REASON));

	standing_write(&p->standing, &seen);
	return json_pack("{ss, sI, sI, sI, sI, sI, so, so, so, so, so, so, ss}", "action",
	    job_action_name(act->action), "matched", (json_int_t)p->matched, "possible",
	    (json_int_t)p->possible, "bytes", (json_int_t)p->bytes, "recipients",
	    (json_int_t)p->recipients, "generation", (json_int_t)act->generation, "not_found",
	    left_list(&act->left), "groups", groups, "sample", sample_list(api, scope, s),
	    "warnings", warning_list(p), "commands", command_list(p), "undo_seconds",
	    undo > 0 ? json_integer(undo) : json_null(), "seen", buffer_string(&seen));
}

static void reply_preview(
    struct http_request *rq, struct api *api, struct act *act, const struct preview_facts *facts)
{
	struct preview preview;
	struct error err;

	if (preview_make(act->action, act->selection, facts, &preview, &err))
		http_reply_json(rq, 200,
		    preview_json(api, api_scope(api, rq), act, &preview, facts->undo_seconds));
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

static void weighed_gone(void *data)
{
	struct weighed_preview *w = data;

	w->rq = NULL;
}

static void weighed(void *ctx, int64_t unsafe)
{
	struct weighed_preview *w = ctx;

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
	MEMORY_AUTO struct target *targets = memory_zero(PORTS_BATCH_MAX, sizeof(*targets));
	size_t count = 0;

	for (; count < selection_count(act->selection) && count < PORTS_BATCH_MAX; count++)
		selection_get(act->selection, count, &targets[count]);
	w->rq = rq;
	w->api = api;
	w->act = *act;
	w->facts = *facts;
	http_on_gone(rq, weighed_gone, w);
	jobs_weigh_release(api->jobs, targets, count, weighed, w);
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
	if (act->action == JOB_RELEASE && selection_count(act->selection) > 0)
		weigh(rq, api, act, &facts);
	else
		reply_preview(rq, api, act, &facts);
}

static void create_preview(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "action view except ids undoes undo_seconds");

	if (body != NULL)
		act_read(rq, context, body, make_preview);
}

const struct http_route api_previews_routes[] = {
    {HTTP_POST, "/api/v1/previews", RIGHT_OPERATOR, HTTP_BODY_IDS, NULL, create_preview, true},
    {.path = NULL},
};
