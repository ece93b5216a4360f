/* Reads a range of depth samples on the thread of the store; the request waits for that. */
#include "api/history.h"

#include <stdlib.h>

#include "api/act.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/queue.h"
#include "store/samples.h"
#include "store/store.h"

#define DAY 86400
#define POINTS_MAX 4000

struct ask {
	struct http_request *rq; /* NULL once the caller has gone */
	struct samples_range range;
};

static json_t *sample_json(const struct sample *s)
{
	json_t *sample = json_pack("{so}", "at", api_time(s->taken));

	for (size_t i = 0; i < QUEUE_COUNT; i++) {
		enum queue q = queue_order[i];
		/* Corrupt is not read by every source; a zero would say that there is nothing. */
		bool unknown = q == QUEUE_CORRUPT && s->count[q] < 0;

		json_object_set_new(
		    sample, queue_name(q), unknown ? json_null() : json_integer(s->count[q]));
	}
	return sample;
}

static enum db_result read_samples(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;

	return samples_read(db, &ask->range, err);
}

static void reply_samples(struct http_request *rq, const struct samples_range *range)
{
	json_t *list = json_array();

	for (size_t i = 0; i < range->count; i++)
		json_array_append_new(list, sample_json(&range->points[i]));
	http_reply_json(rq, 200,
	    json_pack("{so, so, sI, so}", "from", api_time(range->from), "to", api_time(range->to),
		"step", (json_int_t)range->step, "samples", list));
}

static void samples_are_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL)
		reply_samples(ask->rq, &ask->range);
	free(ask->range.points);
	free(ask);
}

static bool read_time(struct http_request *rq, const char *name, int64_t *seconds)
{
	struct slice text;

	if (!http_query(rq, name, &text) || clock_parse_rfc3339(text, seconds))
		return true;
	http_reply_said(
	    rq, "invalid_value", json_pack("{ss}", "member", name), SAID_PROBLEM_TIME_FORM, 0);
	return false;
}

bool api_read_range(struct http_request *rq, int64_t *from, int64_t *to, uint64_t *points)
{
	*to = clock_now();
	if (!read_time(rq, "to", to))
		return false;
	/* A day before the end, wherever that is. */
	*from = *to - DAY;
	if (!read_time(rq, "from", from) ||
	    !http_query_u64(rq, "points", 2, POINTS_MAX, 600, points))
		return false;
	if (*from < *to)
		return true;
	http_reply_said(
	    rq, "invalid_value", json_pack("{ss}", "member", "from"), SAID_PROBLEM_RANGE, 0);
	return false;
}

static void get_history(struct http_request *rq, void *context)
{
	struct api *api = context;
	int64_t to, from;
	struct samples_range range;
	uint64_t points;
	struct ask *ask;

	if (!api_read_range(rq, &from, &to, &points))
		return;
	range = (struct samples_range){.from = from,
	    .to = to,
	    .max_points = points,
	    .interval = strtoll(role_config_get(api->config, "store.sample_interval"), NULL, 10)};
	/* Samples are of the whole queue: of a part nothing is known. */
	if (!query_scope_is_all(api_scope(api, rq))) {
		range.step = range.interval;
		reply_samples(rq, &range);
		return;
	}
	ask = memory_zero(1, sizeof(*ask));
	ask->range = range;
	http_wait(rq, &ask->rq);
	store_ask_read(api->store, read_samples, samples_are_read, ask);
}

const struct http_route api_history_routes[] = {
    {HTTP_GET, "/api/v1/history", RIGHT_VIEWER, 0, "from to points", get_history,
	.within = SCOPE_EMPTY},
    {.path = NULL},
};
