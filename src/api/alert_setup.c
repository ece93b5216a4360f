/* Channels, rules and silences are answered from memory; a change is answered when the store has
 * it. Who may do what stands in the table below. */
#include "api/alert_setup.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/act.h"
#include "api/alert_setup_json.h"
#include "base/clock.h"
#include "base/memory.h"
#include "watch/alert_watch.h"

/* What a body of 50 channels with templates needs. */
#define BODY_MAX 262144

struct ask {
	struct http_request *rq; /* NULL once the caller has gone */
	struct alert_setting *setting;
	const struct alert_watch *watch;
	json_t *(*json)(const struct alert_watch *watch);
	struct alert_silence silence; /* as it was asked for; its texts are not here any more */
};

static struct ask *ask_create(struct http_request *rq, struct api *api)
{
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->watch = api->alerts;
	ask->setting = alert_watch_setting(api->alerts);
	http_wait(rq, &ask->rq);
	return ask;
}

/* NULL: the store was not read (yet), and the request has been answered. */
static const struct alert_setup *setup_of(struct http_request *rq, const struct api *api)
{
	const struct alert_setting *setting = alert_watch_setting(api->alerts);

	if (alert_setting_known(setting))
		return alert_setting_get(setting);
	http_reply_said(rq, "store_unavailable", NULL, SAID_PROBLEM_ALERTS_UNREAD, 0);
	return NULL;
}

static void get_channels(struct http_request *rq, void *context)
{
	const struct api *api = context;

	if (setup_of(rq, api) != NULL)
		http_reply_json(rq, 200, api_alert_channels_json(api->alerts));
}

static void get_rules(struct http_request *rq, void *context)
{
	const struct api *api = context;

	if (setup_of(rq, api) != NULL)
		http_reply_json(rq, 200, api_alert_rules_json(api->alerts));
}

static void is_put(void *context, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && err != NULL)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_json(ask->rq, 200, ask->json(ask->watch));
	free(ask);
}

/* The store looks again when it writes; here it is known before anything is read. */
static bool is_current(struct http_request *rq, const json_t *body, uint64_t now)
{
	int64_t revision;

	if (!http_json_integer(rq, body, "revision", HTTP_REQUIRED, 0, INT64_MAX, &revision))
		return false;
	if ((uint64_t)revision == now)
		return true;
	http_reply_said(rq, "alerts_changed", NULL, SAID_PROBLEM_ALERTS_CHANGED, 0);
	return false;
}

static void put_channels(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "revision channels heartbeat");
	const struct alert_setup *setup = body != NULL ? setup_of(rq, api) : NULL;
	struct alert_setup fresh;
	struct ask *ask;

	if (setup == NULL || !is_current(rq, body, setup->channels_revision))
		return;
	if (!api_alert_channels_read(rq, body, setup, &fresh)) {
		alert_setup_clear(&fresh);
		return;
	}
	http_set_audit_text(rq, "%zu channels of alerts", fresh.channel_count);
	ask = ask_create(rq, api);
	ask->json = api_alert_channels_json;
	alert_setting_put_channels(ask->setting, &fresh, setup->channels_revision, is_put, ask);
}

static void put_rules(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "revision rules");
	const struct alert_setup *setup = body != NULL ? setup_of(rq, api) : NULL;
	struct alert_setup fresh;
	struct ask *ask;

	if (setup == NULL || !is_current(rq, body, setup->rules_revision))
		return;
	if (!api_alert_rules_read(rq, body, setup, &fresh)) {
		alert_setup_clear(&fresh);
		return;
	}
	http_set_audit_text(rq, "%zu rules of alerts", fresh.rule_count);
	ask = ask_create(rq, api);
	ask->json = api_alert_rules_json;
	alert_setting_put_rules(ask->setting, &fresh, setup->rules_revision, is_put, ask);
}

/* ---- Silences ---- */

static void get_silences(struct http_request *rq, void *context)
{
	const struct alert_setup *setup = setup_of(rq, context);
	json_t *list;

	if (setup == NULL)
		return;
	list = json_array();
	for (size_t i = 0; i < setup->silence_count; i++)
		if (setup->silences[i].until > clock_now())
			json_array_append_new(list, api_alert_silence_json(&setup->silences[i]));
	http_reply_json(rq, 200, json_pack("{so}", "silences", list));
}

/* The last that was added is the one with the highest number. */
static const struct alert_silence *newest(const struct alert_setup *setup)
{
	const struct alert_silence *found = &setup->silences[0];

	for (size_t i = 1; i < setup->silence_count; i++)
		if (setup->silences[i].id > found->id)
			found = &setup->silences[i];
	return found;
}

static void silence_added(void *context, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && err != NULL)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_json(
		    ask->rq, 201, api_alert_silence_json(newest(alert_setting_get(ask->setting))));
	free(ask);
}

static void post_silence(struct http_request *rq, void *context)
{
	struct api *api = context;
	const json_t *body = http_json(rq, "kind key severity until reason");
	struct alert_silence silence = {.at = clock_now()};

	if (body == NULL || setup_of(rq, api) == NULL)
		return;
	if (!api_alert_silence_read(rq, body, &silence)) {
		alert_silence_clear(&silence);
		return;
	}
	/* From who has signed in, never from the body. */
	snprintf(silence.by, sizeof(silence.by), "%s", http_caller(rq)->name);
	http_set_audit_text(rq, "silence of alerts: %s", silence.reason);
	alert_setting_add_silence(
	    alert_watch_setting(api->alerts), &silence, silence_added, ask_create(rq, api));
}

static void silence_deleted(void *context, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && err != NULL)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		http_reply_empty(ask->rq, 204);
	free(ask);
}

static void delete_silence(struct http_request *rq, void *context)
{
	struct api *api = context;
	uint64_t id;

	if (!slice_to_u64(http_path_param(rq, "id"), &id) || id == 0 || id > INT64_MAX) {
		http_reply_said(rq, "silence_not_found", NULL, SAID_PROBLEM_NO_SILENCE, 0);
		return;
	}
	alert_setting_delete_silence(
	    alert_watch_setting(api->alerts), (int64_t)id, silence_deleted, ask_create(rq, api));
}

const struct http_route api_alert_setup_routes[] = {
    {HTTP_GET, "/api/v1/alerts/channels", RIGHT_VIEWER, 0, NULL, get_channels},
    {HTTP_PUT, "/api/v1/alerts/channels", RIGHT_SETTINGS, BODY_MAX, NULL, put_channels,
	.audit = AUDIT_ALERTS},
    {HTTP_GET, "/api/v1/alerts/rules", RIGHT_VIEWER, 0, NULL, get_rules},
    {HTTP_PUT, "/api/v1/alerts/rules", RIGHT_SETTINGS, BODY_MAX, NULL, put_rules,
	.audit = AUDIT_ALERTS},
    {HTTP_GET, "/api/v1/alerts/silences", RIGHT_VIEWER, 0, NULL, get_silences},
    {HTTP_POST, "/api/v1/alerts/silences", RIGHT_OPERATOR, HTTP_BODY_DEFAULT, NULL, post_silence,
	.audit = AUDIT_ALERTS},
    {HTTP_DELETE, "/api/v1/alerts/silences/{id}", RIGHT_OPERATOR, 0, NULL, delete_silence,
	.audit = AUDIT_ALERTS},
    {.path = NULL},
};
