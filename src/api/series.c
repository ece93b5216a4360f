/* Reads series on the thread of the store; the request waits for that. By queue they are the depth
 * samples of GET /history, in the same form. */
#include "api/series.h"

#include <stdlib.h>

#include "api/act.h"
#include "api/history.h"
#include "base/memory.h"
#include "base/queue.h"
#include "postfix/diagnosis.h"
#include "store/samples.h"
#include "store/series.h"
#include "store/store.h"

#define LIMIT_DEFAULT 8
#define BY_QUEUE "queue"

struct ask {
	struct http_request *rq; /* NULL once the caller has gone */
	bool by_queue;
	struct series_range range;
	struct samples_range queues; /* of by_queue */
};

static void ask_gone(void *data)
{
	struct ask *ask = data;

	ask->rq = NULL;
}

static void ask_free(struct ask *ask)
{
	series_free(&ask->range);
	free(ask->queues.points);
	free(ask);
}

/* ---- Answers ---- */

static json_t *value_json(int64_t value)
{
	return value == SERIES_GAP ? json_null() : json_integer(value);
}

static json_t *values_json(const int64_t *values, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, value_json(values == NULL ? SERIES_GAP : values[i]));
	return list;
}

static json_t *line_json(const struct series_range *range, const struct series_line *line)
{
	const struct diagnosis *diagnosis =
	    range->kind == RATE_CAUSE ? diagnosis_by_key(slice_of(line->key)) : NULL;

	return json_pack("{so, ss?, so, so}", "key", api_string(slice_of(line->key)), "label",
	    diagnosis != NULL ? diagnosis->title : NULL, "label_words",
	    diagnosis != NULL ? api_diagnosis_words(diagnosis, "title") : json_null(), "values",
	    values_json(line->values, range->count));
}

/* `series` and `other` are taken over. */
static void reply(const struct ask *ask, json_t *series, json_t *other)
{
	const struct series_range *range = &ask->range;
	bool depth = range->what == SERIES_DEPTH;

	http_reply_json(ask->rq, 200,
	    json_pack("{so, so, sI, ss, ss, ss, so, so, so}", "from", api_time(range->start), "to",
		api_time(range->to), "step", (json_int_t)range->step, "by",
		ask->by_queue ? BY_QUEUE : rate_kind_name(range->kind), "what",
		series_what_name(range->what), "unit", depth ? "messages" : "recipients", "series",
		series, "other", other, "known_from",
		range->known_from > 0 ? api_time(range->known_from) : json_null()));
}

static void reply_lines(const struct ask *ask)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < ask->range.line_count; i++)
		json_array_append_new(lines, line_json(&ask->range, &ask->range.lines[i]));
	reply(ask, lines, values_json(ask->range.other, ask->range.count));
}

static void lay_out(struct series_range *range, int64_t step)
{
	range->step = step;
	/* Downwards, also before 1970. */
	range->start = range->from - ((range->from % step) + step) % step;
	range->count = (size_t)((range->to - range->start + step - 1) / step);
}

static json_t *queue_line(const struct ask *ask, enum queue q)
{
	const struct series_range *range = &ask->range;
	MEMORY_AUTO int64_t *values = memory_alloc((range->count + 1) * sizeof(*values));

	for (size_t i = 0; i < range->count; i++)
		values[i] = SERIES_GAP;
	/* -1 is not known in both. */
	for (size_t i = 0; i < ask->queues.count; i++)
		values[(ask->queues.points[i].taken - range->start) / range->step] =
		    ask->queues.points[i].count[q];
	return json_pack("{ss, sn, sn, so}", "key", queue_name(q), "label", "label_words", "values",
	    values_json(values, range->count));
}

static void reply_queues(struct ask *ask)
{
	const struct samples_range *queues = &ask->queues;
	json_t *lines = json_array(), *other;

	lay_out(&ask->range, queues->step);
	for (size_t i = 0; i < QUEUE_COUNT; i++)
		json_array_append_new(lines, queue_line(ask, queue_order[i]));
	/* There is no other queue. */
	other = values_json(NULL, ask->range.count);
	for (size_t i = 0; i < queues->count; i++)
		json_array_set_new(other,
		    (size_t)((queues->points[i].taken - ask->range.start) / ask->range.step),
		    json_integer(0));
	reply(ask, lines, other);
}

/* ---- Questions ---- */

static enum db_result read_series(struct db *db, void *context, struct error *err)
{
	struct ask *ask = context;
	enum db_result result;

	if (!ask->by_queue)
		return series_read(db, &ask->range, err);
	result = samples_read(db, &ask->queues, err);
	return result != DB_OK ? result : samples_first(db, &ask->range.known_from, err);
}

static void series_are_read(void *context, enum db_result result, const struct error *err)
{
	struct ask *ask = context;

	if (ask->rq != NULL && result != DB_OK)
		act_reply_error(ask->rq, err);
	else if (ask->rq != NULL && ask->by_queue)
		reply_queues(ask);
	else if (ask->rq != NULL)
		reply_lines(ask);
	ask_free(ask);
}

static bool refuse(struct http_request *rq, const char *member, enum said_code says)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", member), says, 0);
	return false;
}

static bool read_kinds(struct http_request *rq, struct ask *ask)
{
	struct slice by = SLICE(BY_QUEUE), what = SLICE("depth");

	http_query(rq, "by", &by);
	http_query(rq, "what", &what);
	ask->by_queue = slice_is(by, BY_QUEUE);
	if (!ask->by_queue && !rate_kind_parse(by, &ask->range.kind))
		return refuse(rq, "by", SAID_PROBLEM_SERIES_BY);
	if (!series_what_parse(what, &ask->range.what))
		return refuse(rq, "what", SAID_PROBLEM_SERIES_WHAT);
	if (ask->by_queue && ask->range.what != SERIES_DEPTH)
		return refuse(rq, "what", SAID_PROBLEM_SERIES_BY_QUEUE);
	if (!ask->by_queue && ask->range.kind == RATE_TOTAL && ask->range.what == SERIES_DEPTH)
		return refuse(rq, "what", SAID_PROBLEM_SERIES_DEPTH);
	return true;
}

static bool read_question(struct http_request *rq, struct ask *ask)
{
	uint64_t points, limit;

	if (!read_kinds(rq, ask) ||
	    !api_read_range(rq, &ask->range.from, &ask->range.to, &points) ||
	    !http_query_u64(rq, "limit", 1, SERIES_LARGEST, LIMIT_DEFAULT, &limit))
		return false;
	ask->range.max_points = points;
	ask->range.limit = limit;
	if (ask->range.from < 0)
		return refuse(rq, "from", SAID_PROBLEM_SERIES_1970);
	return true;
}

static void get_series(struct http_request *rq, void *context)
{
	struct api *api = context;
	struct ask *ask = memory_zero(1, sizeof(*ask));

	ask->rq = rq;
	if (!read_question(rq, ask)) {
		ask_free(ask);
		return;
	}
	ask->queues = (struct samples_range){.from = ask->range.from,
	    .to = ask->range.to,
	    .max_points = ask->range.max_points,
	    .interval =
		ask->by_queue
		    ? strtoll(role_config_get(api->config, "store.sample_interval"), NULL, 10)
		    : SERIES_STEP};
	/* Of a part of the queue nothing is known. */
	if (!query_scope_is_all(api_scope(api, rq))) {
		lay_out(&ask->range, samples_choose_step(&ask->queues));
		reply_lines(ask);
		ask_free(ask);
		return;
	}
	http_on_gone(rq, ask_gone, ask);
	store_ask_read(api->store, read_series, series_are_read, ask);
}

const struct http_route api_series_routes[] = {
    {HTTP_GET, "/api/v1/series", RIGHT_VIEWER, 0, "by what from to points limit", get_series,
	.within = SCOPE_EMPTY},
    {.path = NULL},
};
