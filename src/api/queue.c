/* The summary of the queue: counts, ages, source, warnings. The same text goes out as the data
 * of `queue` events. */
#include "api/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/said.h"
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

/* Whoever sees a part of the queue is told why it may not be as it is shown. Other warnings are of
 * what others have to see to, and their texts may name what is not his. */
static bool is_about_the_picture(const char *code)
{
	static const char *const codes[] = {"helper_unavailable", "reader_unavailable",
	    "logreader_unavailable", "log_unavailable", "listing_failed", "source_degraded",
	    "postfix_unknown"};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return strncmp(code, "store_", 6) == 0;
}

static void add_warning_of_part(void *data, const struct warning *warning)
{
	struct warning shown = *warning;

	/* Counts are of the whole queue. */
	shown.count = -1;
	if (is_about_the_picture(warning->code))
		add_warning(data, &shown);
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
	SAID_AUTO struct said said = {0}, fix = {0};
	struct warning warning = {
	    .code = "damaged_files", .severity = "warning", .count = (int64_t)count};

	if (count == 0)
		return;
	said_put(&said, SAID_DAMAGED_FILES, 1, said_number("count", (int64_t)count));
	said_put(&fix, SAID_DAMAGED_FILES_FIX, 0);
	warning.text = buffer_string(&said.text);
	warning.words = buffer_string(&said.words);
	warning.fix = buffer_string(&fix.text);
	warning.fix_words = buffer_string(&fix.words);
	add_warning(warnings, &warning);
}

json_t *api_queue_summary(struct api *api, const struct http_request *rq)
{
	const struct query_scope *scope = rq != NULL ? api_scope(api, rq) : query_scope_all();
	bool all = query_scope_is_all(scope);
	const char *host = role_config_fact(api->config, "myhostname");
	const char *instance = role_config_fact(api->config, "config_directory");
	const char *version = role_config_fact(api->config, "mail_version");
	/* Below 0 nobody knows, as behind a command prefix. */
	int running = api->services.postfix_running(api->services.context);
	json_t *warnings = json_array();
	struct index_status s;

	query_status(api->query, scope, clock_now(), &s);
	api->services.warnings(
	    api->services.context, all ? add_warning : add_warning_of_part, warnings);
	add_damaged(warnings, s.damaged);
	return json_pack("{ss, ss, sI, so, so, so, so, sI, sI, sI, sI, so, s{so, so}, so}", "host",
	    host ? host : "", "instance", instance ? instance : "", "generation",
	    (json_int_t)(all ? s.generation : api_generation(api, rq, s.generation)), "as_of",
	    api_time_or_null(s.as_of), "age", age_json(&s), "source", source_json(api, &s),
	    "counts", counts_json(&s), "deleting", (json_int_t)s.deleting, "damaged",
	    (json_int_t)s.damaged, "messages", (json_int_t)s.messages, "bytes", (json_int_t)s.bytes,
	    "oldest_arrival", s.messages > 0 ? api_time(s.oldest_arrival) : json_null(), "postfix",
	    "running", running < 0 ? json_null() : json_boolean(running), "version",
	    version && *version ? json_string(version) : json_null(), "warnings", warnings);
}

/* The picture is confirmed every few seconds, which is told seldom: who hears nothing for long
 * would take it for old. */
#define CONFIRMED_SECONDS 15

uint64_t api_queue_summary_version(const json_t *summary)
{
	static const struct hash_key key = {0x706f7374, 0x726f6f6d};
	const char *as_of = json_string_value(json_object_get(summary, "as_of"));
	json_t *rest = json_copy((json_t *)(uintptr_t)summary);
	int64_t seconds = 0;
	uint64_t version;
	char *text;

	if (as_of != NULL)
		(void)clock_parse_rfc3339(slice_of(as_of), &seconds);
	json_object_del(rest, "as_of");
	json_object_del(rest, "age");
	text = json_dumps(rest, JSON_COMPACT | JSON_SORT_KEYS);
	version = hash_mix(hash_bytes(&key, slice_of(text != NULL ? text : "")),
	    (uint64_t)(seconds / CONFIRMED_SECONDS));
	free(text);
	json_decref(rest);
	return version != 0 ? version : 1;
}

static void get_queue(struct http_request *rq, void *context)
{
	http_reply_json(rq, 200, api_queue_summary(context, rq));
}

const struct http_route api_queue_routes[] = {
    {HTTP_GET, "/api/v1/queue", RIGHT_VIEWER, 0, NULL, get_queue, .within = SCOPE_QUERY},
    {.path = NULL},
};
