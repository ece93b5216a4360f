/* /usage. What people have under way and have used is counted where it is limited: requests,
 * streams and bytes in http/holders, views in the index, jobs in the engine. Here it is put
 * together. */
#include "api/usage.h"

#include <stdlib.h>

#include "base/clock.h"
#include "jobs/jobs.h"
#include "query/views.h"

struct list {
	struct api *api;
	json_t *people;
	int64_t now_ms, now;
};

static json_t *person_json(const struct list *list, const struct http_person *p)
{
	return json_pack("{ss, ss, sI, sI, sI, sI, sI, sI, sI, sI, sI, sI, so}", "name", p->name,
	    "via", p->via, "requests_now", (json_int_t)p->now[HTTP_HOLD_REQUEST], "downloads_now",
	    (json_int_t)p->now[HTTP_HOLD_DOWNLOAD], "streams_now",
	    (json_int_t)p->now[HTTP_HOLD_EVENTS], "views",
	    (json_int_t)query_view_count(list->api->query, p->person), "open_jobs",
	    (json_int_t)jobs_open_of(list->api->jobs, p->person), "requests",
	    (json_int_t)p->requests, "refused", (json_int_t)p->refused, "bytes",
	    (json_int_t)p->bytes, "content_bytes", (json_int_t)p->content_bytes, "worked_ms",
	    (json_int_t)(p->worked_us / 1000), "last",
	    api_time(list->now - (list->now_ms - p->last_ms) / 1000));
}

static int64_t worked(const json_t *person)
{
	return json_integer_value(json_object_get(person, "worked_ms"));
}

/* Whoever has kept the service at work for the longest time comes first. */
static void add_person(void *context, const struct http_person *person)
{
	struct list *list = context;
	json_t *json = person_json(list, person);
	size_t at = 0;

	while (at < json_array_size(list->people) &&
	       worked(json_array_get(list->people, at)) >= worked(json))
		at++;
	json_array_insert_new(list->people, at, json);
}

static json_t *limits_json(const struct api *api)
{
	/* Checked when the configuration was read: a number. */
	long long megabytes =
	    strtoll(role_config_get(api->config, "access.content_per_hour"), NULL, 10);

	return json_pack("{sI, sI, sI, sI, so}", "requests_now",
	    (json_int_t)http_hold_max(HTTP_HOLD_REQUEST), "downloads_now",
	    (json_int_t)http_hold_max(HTTP_HOLD_DOWNLOAD), "streams_now",
	    (json_int_t)http_hold_max(HTTP_HOLD_EVENTS), "open_jobs", (json_int_t)JOBS_OPEN_MAX,
	    "content_per_hour", megabytes > 0 ? json_integer(megabytes << 20) : json_null());
}

static void get_usage(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct list list = {api, json_array(), clock_monotonic_ms(), clock_now()};

	api->services.people(api->services.context, add_person, &list);
	http_reply_json(
	    rq, 200, json_pack("{so, so}", "limits", limits_json(api), "people", list.people));
}

const struct http_route api_usage_routes[] = {
    {HTTP_GET, "/api/v1/usage", RIGHT_ACCOUNTS, 0, NULL, get_usage},
    {.path = NULL},
};
