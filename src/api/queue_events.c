/* The event stream, and the two answers for those who watch the service. Who listens within a
 * scope gets the summary of that scope. */
#include "api/queue_events.h"

#include "api/incidents.h"
#include "api/queue.h"
#include "base/clock.h"
#include "store/store.h"

/* The first event is the queue as it is, so that a page needs no second request to begin with. */
static void get_events(struct http_request *rq, void *context)
{
	struct api *api = context;
	json_t *summary = api_queue_summary(api, rq);

	bool all = http_caller(rq)->scope == NULL;

	http_events_subscribe(api->events, rq, summary, api_queue_summary_version(summary));
	/* At once, so that the first of these events says nothing either. */
	if (!all)
		api_incidents_changed(api);
}

/* Always ok: that it answers is what is asked. It must not fail because Postfix or the disk does:
 * who asks it starts the service anew where it does not answer, and that would mend neither. */
static void get_livez(struct http_request *rq, void *context)
{
	(void)context;
	http_reply_json(rq, 200, json_pack("{ss}", "status", "ok"));
}

/* For load balancers and service managers: whether the queue as it is can be shown, and actions can
 * be written down. Public, so it says no more than which part is not. */
static void get_readyz(struct http_request *rq, void *context)
{
	struct api *api = context;
	json_t *waiting = json_array();
	struct index_status status;
	struct db_health health;

	/* No caller and so no scope: of the queue only its state is told. */
	query_status(api->query, query_scope_all(), clock_now(), &status);
	store_health(api->store, &health);
	if (status.state != INDEX_CURRENT || api->services.source_failed(api->services.context))
		json_array_append_new(waiting, json_string("queue"));
	if (!db_state_is_usable(health.state))
		json_array_append_new(waiting, json_string("store"));
	bool ready = json_array_size(waiting) == 0;

	http_reply_json(rq, ready ? 200 : 503,
	    json_pack("{ss, so}", "status", ready ? "ready" : "not_ready", "waiting", waiting));
}

static json_t *summary_for(void *context, const struct http_request *rq, uint64_t *version)
{
	json_t *summary = api_queue_summary(context, rq);

	*version = api_queue_summary_version(summary);
	return summary;
}

void queue_events_changed(struct api *api)
{
	http_events_publish(
	    api->events, "queue", "queue", QUEUE_EVENTS_PACE_MS, api_queue_summary(api, NULL));
	/* Those with a scope get a summary of their own: numbers of the whole queue are not theirs.
	 */
	http_events_publish_each(api->events, "queue", summary_for, api);
}

const struct http_route api_queue_events_routes[] = {
    {HTTP_GET, "/api/v1/events", RIGHT_VIEWER, 0, NULL, get_events, .hold = HTTP_HOLD_EVENTS,
	.within = SCOPE_QUERY},
    {HTTP_GET, "/livez", RIGHT_PUBLIC, 0, NULL, get_livez, .within = SCOPE_NO_MAIL},
    /* Its former name. */
    {HTTP_GET, "/healthz", RIGHT_PUBLIC, 0, NULL, get_livez, .within = SCOPE_NO_MAIL},
    {HTTP_GET, "/readyz", RIGHT_PUBLIC, 0, NULL, get_readyz, .within = SCOPE_NO_MAIL},
    {.path = NULL},
};
