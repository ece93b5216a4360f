/* The summary of the queue: counts, ages, source, warnings. The same text goes out as the data
 * of `queue` events. */
#include "api/queue.h"

#include <stdio.h>

#include "base/clock.h"
#include "watch/warning.h"

/* A source that fails is said first: the picture may look whole and be old. */
static const char *source_state(struct api *api, const struct index_status *s)
{
	static const char *const names[] = {
	    [INDEX_EMPTY] = "starting",
	    [INDEX_RESTORED] = "saved",
	    [INDEX_LOADING] = "loading",
	    [INDEX_CURRENT] = "current",
	};

	return api->services.source_failed(api->services.context) ? "failed" : names[s->state];
}

static json_t *source_json(struct api *api, const struct index_status *s)
{
	const char *kind = api->services.source_kind(api->services.context);
	/* Later scans only look for what was missed: nobody waits for their end. */
	bool counting = s->scanning && s->state != INDEX_CURRENT;
	/* A listing does not count what it has read: what is known already has been loaded. */
	uint64_t loaded = counting && s->loaded > 0 ? s->loaded : s->messages;

	return json_pack("{so, ss, sI, so}", "kind", kind ? json_string(kind) : json_null(),
	    "state", source_state(api, s), "loaded", (json_int_t)loaded, "expected",
	    counting && s->expected > 0 ? json_integer((json_int_t)s->expected) : json_null());
}

static json_t *counts_json(const struct index_status *s)
{
	json_t *counts = json_object();

	for (int q = 0; q < QUEUE_COUNT; q++) {
		json_t *count = json_integer((json_int_t)s->counts[q]);
		/* Corrupt files are not messages of the index: what is known is their number, and
		 * not always. */
		if (q == QUEUE_CORRUPT) {
			json_decref(count);
			count =
			    s->corrupt_known ? json_integer((json_int_t)s->corrupt) : json_null();
		}
		json_object_set_new(counts, queue_name((enum queue)q), count);
	}
	return counts;
}

static void add_warning(void *data, const struct warning *warning)
{
	json_array_append_new(data, api_warning_json(warning));
}

/* How old the picture is, by this host's clock alone: whoever reads it may have another time. */
static json_t *age_json(const struct index_status *s)
{
	int64_t age = clock_now() - s->as_of;

	return s->as_of != 0 ? json_integer(age > 0 ? age : 0) : json_null();
}

/* They are in no listing of Postfix's, so this is where one hears of them. */
static void add_damaged(json_t *warnings, uint64_t count)
{
	char text[300];
	struct warning warning = {.code = "damaged_files",
	    .severity = "warning",
	    .text = text,
	    .fix =
		"Find them by from:=\"(damaged)\". What was in them is lost but for what is shown; "
		"delete them, or copy them aside first.",
	    .count = (int64_t)count};

	if (count == 0)
		return;
	snprintf(text, sizeof(text),
	    "%llu queue file%s damaged (empty, cut off or garbage). When the queue manager comes "
	    "to "
	    "one it moves it to the corrupt queue: it is neither delivered nor returned.",
	    (unsigned long long)count, count == 1 ? " is" : "s are");
	add_warning(warnings, &warning);
}

json_t *api_queue_summary(struct api *api, const struct query_scope *scope)
{
	const char *host = role_config_fact(api->config, "myhostname");
	const char *instance = role_config_fact(api->config, "config_directory");
	const char *version = role_config_fact(api->config, "mail_version");
	/* Below 0 nobody knows, as behind a command prefix. */
	int running = api->services.postfix_running(api->services.context);
	json_t *warnings = json_array();
	struct index_status s;

	query_status(api->query, scope, clock_now(), &s);
	api->services.warnings(api->services.context, add_warning, warnings);
	add_damaged(warnings, s.damaged);
	return json_pack("{ss, ss, sI, so, so, so, so, sI, sI, sI, sI, so, s{so, so}, so}", "host",
	    host ? host : "", "instance", instance ? instance : "", "generation",
	    (json_int_t)s.generation, "as_of", api_time_or_null(s.as_of), "age", age_json(&s),
	    "source", source_json(api, &s), "counts", counts_json(&s), "deleting",
	    (json_int_t)s.deleting, "damaged", (json_int_t)s.damaged, "messages",
	    (json_int_t)s.messages, "bytes", (json_int_t)s.bytes, "oldest_arrival",
	    s.messages > 0 ? api_time(s.oldest_arrival) : json_null(), "postfix", "running",
	    running < 0 ? json_null() : json_boolean(running), "version",
	    version && *version ? json_string(version) : json_null(), "warnings", warnings);
}

static void get_queue(struct http_request *rq, void *context)
{
	http_reply_json(rq, 200, api_queue_summary(context, api_scope(context, rq)));
}

const struct http_route api_queue_routes[] = {
    {HTTP_GET, "/api/v1/queue", RIGHT_VIEWER, 0, NULL, get_queue, .within = true},
    {.path = NULL},
};
