#include "api/live.h"

#include "api/queue.h"

static void get_events(struct http_request *rq, void *context)
{
	struct api *api = context;
	http_events_subscribe(api->events, rq, api_queue_summary(api));
}

static void get_healthz(struct http_request *rq, void *context)
{
	(void)context;
	http_reply_json(rq, 200, json_pack("{ss}", "status", "ok"));
}

void live_queue_changed(struct api *api)
{
	http_events_publish(
	    api->events, "queue", "queue", LIVE_QUEUE_PACE_MS, api_queue_summary(api));
}

const struct http_route api_live_routes[] = {
    {HTTP_GET, "/api/v1/events", HTTP_VIEWER, 0, NULL, get_events},
    {HTTP_GET, "/healthz", HTTP_PUBLIC, 0, NULL, get_healthz},
    {.path = NULL},
};
