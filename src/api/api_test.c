/* The handlers as they are served: what a message looks like, which parameters are refused and how,
 * and that somebody within a scope gets nothing of what is outside from any of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api_test_world.h"
#include "api/queue_events.h"
#include "base/memory.h"
#include "exchange/exchange.h"
#include "wire/channel.h"

/* Whoever has this scope may know nothing of what is hidden. */
#define SCOPE "from:*@shop.example"

static int set_up(void **state)
{
	struct world *w = memory_zero(1, sizeof(*w));

	world_start(w);
	world_message(w, "AAAAAA1", QUEUE_DEFERRED, "a@shop.example", "x@one.example",
	    "host mx.one.example[192.0.2.1] said: 452 4.2.2 Mailbox full");
	world_message(w, "AAAAAA2", QUEUE_HOLD, "b@shop.example", "y@one.example", "");
	world_message(w, "FFFFFF1", QUEUE_DEFERRED, "s@hidden.example", "t@hidden.example",
	    "host mx.hidden.example[192.0.2.2] said: 450 4.7.1 hidden words");
	world_message(w, "FFFFFF2", QUEUE_HOLD, "s@hidden.example", "u@hidden.example", "");
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	world_end(*state);
	free(*state);
	return 0;
}

static json_t *parsed(const struct buffer *body)
{
	json_t *json = json_loadb(body->data, body->len, 0, NULL);

	assert_non_null(json);
	return json;
}

static int64_t number_in(struct world *w, const char *target, const char *name)
{
	BUFFER_AUTO struct buffer body = {0};
	json_t *json;
	int64_t number;

	assert_int_equal(world_ask(w, "GET", target, NULL, &body), 200);
	json = parsed(&body);
	assert_true(json_is_integer(json_object_get(json, name)));
	number = json_integer_value(json_object_get(json, name));
	json_decref(json);
	return number;
}

/* ---- What a message looks like ---- */

static void test_message(void **state)
{
	BUFFER_AUTO struct buffer body = {0};
	json_t *json, *expected, *message;

	assert_int_equal(
	    world_ask(*state, "GET", "/api/v1/messages?filter=id:AAAAAA1", NULL, &body), 200);
	json = parsed(&body);
	message = json_array_get(json_object_get(json, "messages"), 0);
	expected = json_pack("{ss, ss, ss, si, ss, si, sn, sn, sn, sn, sn, s{ss, ss, ss, ss}, ss, "
			     "s[{ss, sn, ss, ss, "
			     "ss, sn}], sO}",
	    "id", "AAAAAA1", "queue", "deferred", "arrival", "2026-09-21T14:13:20Z", "size", 1234,
	    "sender", "a@shop.example", "recipient_count", 1, "next_retry", "expires",
	    "forced_expire", "deleting", "paused", "origin", "client_name", "a@shop.example",
	    "client_address", "192.0.2.9", "login", "a@shop.example", "helo", "a@shop.example",
	    "subject", "a@shop.example", "recipients", "address", "x@one.example", "original",
	    "reason", "host mx.one.example[192.0.2.1] said: 452 4.2.2 Mailbox full", "dsn", "4.2.2",
	    "remote_host", "one.example", "paused", "diagnosis",
	    json_object_get(message, "diagnosis"));
	assert_true(json_equal(message, expected));
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(message, "diagnosis"), "id")),
	    "over-quota");
	json_decref(expected);
	json_decref(json);
}

static void test_strange_bytes(void **state)
{
	BUFFER_AUTO struct buffer body = {0};
	json_t *json;

	world_message(
	    *state, "CCCCCC1", QUEUE_ACTIVE, "\"q\\\"\xff\"@x.example", "z@x.example", "");
	assert_int_equal(
	    world_ask(*state, "GET", "/api/v1/messages?filter=id:CCCCCC1", NULL, &body), 200);
	json = parsed(&body);
	assert_string_equal(json_string_value(json_object_get(
				json_array_get(json_object_get(json, "messages"), 0), "sender")),
	    "\"q\\\"\xef\xbf\xbd\"@x.example");
	json_decref(json);
}

/* ---- Parameters and refusals ---- */

static void assert_refused(struct world *w, const char *method, const char *target,
    const char *json, unsigned status, const char *code)
{
	BUFFER_AUTO struct buffer body = {0};
	json_t *problem;

	assert_int_equal(world_ask(w, method, target, json, &body), status);
	problem = parsed(&body);
	assert_string_equal(json_string_value(json_object_get(problem, "code")), code);
	json_decref(problem);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *method, *target, *json;
		unsigned status;
		const char *code;
	} cases[] = {
	    {"GET", "/api/v1/messages?filter=from:(", NULL, 400, "invalid_filter"},
	    {"GET", "/api/v1/messages?sort=colour", NULL, 400, "invalid_value"},
	    {"GET", "/api/v1/messages?limit=0", NULL, 400, "invalid_value"},
	    {"GET", "/api/v1/messages?limit=1001", NULL, 400, "invalid_value"},
	    {"GET", "/api/v1/messages?after=x", NULL, 400, "invalid_cursor"},
	    {"GET", "/api/v1/messages?colour=red", NULL, 400, "unknown_parameter"},
	    {"GET", "/api/v1/messages/no%20id", NULL, 400, "invalid_id"},
	    {"GET", "/api/v1/messages/DDDDDD1", NULL, 404, "message_not_found"},
	    {"GET", "/api/v1/messages/DDDDDD1/content", NULL, 404, "message_not_found"},
	    {"GET", "/api/v1/groups", NULL, 400, "invalid_value"},
	    {"GET", "/api/v1/groups?by=colour", NULL, 400, "invalid_value"},
	    {"GET", "/api/v1/groups?by=queue,queue", NULL, 400, "invalid_value"},
	    {"GET", "/api/v1/groups?by=queue&filter=age%3Ex", NULL, 400, "invalid_filter"},
	    {"POST", "/api/v1/groups", "{}", 400, "missing_member"},
	    {"GET", "/api/v1/filters/completions?text=a&limit=0", NULL, 400, "invalid_value"},
	    {"POST", "/api/v1/views", "{\"filter\":\"size\"", 400, "invalid_json"},
	    {"POST", "/api/v1/views", "{\"sort\":\"-\"}", 400, "invalid_value"},
	    {"GET", "/api/v1/views/0123456789abcdef01234567", NULL, 410, "view_expired"},
	    {"GET", "/print?view=x", NULL, 410, "view_expired"},
	    {"POST", "/api/v1/previews", "{\"action\":\"burn\",\"ids\":[]}", 400, "invalid_value"},
	    {"POST", "/api/v1/previews", "{\"action\":\"hold\"}", 400, "missing_member"},
	    {"POST", "/api/v1/previews", "{\"action\":\"hold\",\"ids\":[]}", 422,
		"nothing_matched"},
	    {"POST", "/api/v1/previews", "{\"action\":\"hold\",\"ids\":[\"ALL\"]}", 400,
		"invalid_id"},
	    {"POST", "/api/v1/previews",
		"{\"action\":\"hold\",\"ids\":[\"AAAAAA1\"],\"view\":\"x\"}", 400, "invalid_value"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_refused(*state, cases[i].method, cases[i].target, cases[i].json,
		    cases[i].status, cases[i].code);
}

static void test_where_a_filter_is_wrong(void **state)
{
	BUFFER_AUTO struct buffer body = {0};
	json_t *problem;

	/* Columns count characters: the first two are one of two bytes, and a blank. */
	assert_int_equal(
	    world_ask(*state, "GET", "/api/v1/messages?filter=%C3%BC%20size%3Ex", NULL, &body),
	    400);
	problem = parsed(&body);
	assert_int_equal(json_integer_value(json_object_get(problem, "column")), 8);
	json_decref(problem);
}

/* ---- Within a scope ---- */

/* Everything that can be asked of the queue, so that with no scope the hidden is in each answer. */
static const struct {
	const char *method, *target, *json;
} questions[] = {
    {"GET", "/api/v1/messages", NULL},
    {"GET", "/api/v1/messages?filter=size%3E0%20or%20from:x", NULL},
    {"GET", "/api/v1/messages?filter=not%20from:zzz&sort=sender", NULL},
    {"GET", "/api/v1/messages?sort=-size&limit=4", NULL},
    {"GET", "/api/v1/groups?by=sender", NULL},
    {"GET", "/api/v1/groups?by=sender_domain", NULL},
    {"GET", "/api/v1/groups?by=recipient_domain", NULL},
    {"GET", "/api/v1/groups?by=reason", NULL},
    {"GET", "/api/v1/groups?by=remote_host", NULL},
    {"GET", "/api/v1/groups?by=remote_domain", NULL},
    {"GET", "/api/v1/groups?by=client", NULL},
    {"GET", "/api/v1/groups?by=login", NULL},
    {"GET", "/api/v1/groups?by=sender,queue", NULL},
    {"POST", "/api/v1/groups", "{\"by\":\"queue,sender\"}"},
    {"GET", "/api/v1/filters/completions?text=from:", NULL},
    {"GET", "/api/v1/filters/completions?text=from:@", NULL},
    {"GET", "/api/v1/filters/completions?text=to:", NULL},
    {"GET", "/api/v1/filters/completions?text=domain:", NULL},
    {"GET", "/api/v1/filters/completions?text=reason:", NULL},
    {"GET", "/api/v1/filters/completions?text=host:", NULL},
    {"GET", "/api/v1/filters/completions?text=client:", NULL},
    {"GET", "/api/v1/filters/completions?text=login:", NULL},
    {"GET", "/api/v1/filters/completions?text=helo:", NULL},
    {"GET", "/api/v1/filters/completions?text=subject:", NULL},
    {"GET", "/api/v1/filters/completions?text=example", NULL},
};

static bool shows_hidden(const struct buffer *body)
{
	return slice_find(buffer_slice(body), SLICE("hidden")) >= 0 ||
	       slice_find(buffer_slice(body), SLICE("FFFFFF")) >= 0;
}

static void test_nothing_hidden_in_any_answer(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};

	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		for (int scoped = 0; scoped < 2; scoped++) {
			w->caller.scope = scoped ? SCOPE : NULL;
			assert_int_equal(world_ask(w, questions[i].method, questions[i].target,
					     questions[i].json, &body),
			    200);
			if (shows_hidden(&body) == (bool)scoped)
				fail_msg("%s %s with%s a scope: %s", questions[i].method,
				    questions[i].target, scoped ? "" : "out", buffer_string(&body));
		}
	}
}

static void test_counts_within_a_scope(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};
	json_t *json;

	assert_int_equal(number_in(w, "/api/v1/queue", "messages"), 4);
	w->caller.scope = SCOPE;
	assert_int_equal(number_in(w, "/api/v1/queue", "messages"), 2);
	assert_int_equal(number_in(w, "/api/v1/queue", "bytes"), 2468);
	assert_int_equal(number_in(w, "/api/v1/messages?filter=hidden", "matched"), 0);
	/* A term that matches nothing for him matches nothing, whatever it is joined by. */
	assert_int_equal(
	    world_ask(w, "GET", "/api/v1/filters?text=from:hidden%20or%20queue:hold&counts=true",
		NULL, &body),
	    200);
	json = parsed(&body);
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(json, "counts"), "matched")), 1);
	json_decref(json);
	/* Samples are of the whole queue. */
	assert_int_equal(world_ask(w, "GET", "/api/v1/history", NULL, &body), 200);
	json = parsed(&body);
	assert_int_equal(json_array_size(json_object_get(json, "samples")), 0);
	json_decref(json);
	assert_int_equal(
	    world_ask(w, "GET", "/api/v1/series?by=sender&what=received", NULL, &body), 200);
	json = parsed(&body);
	assert_int_equal(json_array_size(json_object_get(json, "series")), 0);
	assert_int_equal(json_array_size(json_object_get(json, "other")),
	    86400 / json_integer_value(json_object_get(json, "step")) + 1);
	assert_true(json_is_null(json_array_get(json_object_get(json, "other"), 0)));
	assert_true(json_is_null(json_object_get(json, "known_from")));
	json_decref(json);
	assert_int_equal(world_ask(w, "GET", "/api/v1/series?by=total", NULL, &body), 400);
	assert_int_equal(world_ask(w, "GET", "/api/v1/series?what=received", NULL, &body), 400);
	assert_int_equal(world_ask(w, "GET", "/api/v1/series?by=colour", NULL, &body), 400);
	assert_int_equal(world_ask(w, "GET", "/api/v1/series?limit=21", NULL, &body), 400);
	w->caller.scope = "from:("; /* no filter at all: it opens nothing */
	assert_int_equal(number_in(w, "/api/v1/queue", "messages"), 0);
}

/* A problem without its last member, which is another each time. */
static struct slice but_reference(const struct buffer *problem)
{
	ptrdiff_t at = slice_find(buffer_slice(problem), SLICE("\"reference\""));

	assert_true(at > 0);
	return slice_first(buffer_slice(problem), (size_t)at);
}

static void test_one_message_within_a_scope(void **state)
{
	static const char *const targets[] = {"/api/v1/messages/FFFFFF1",
	    "/api/v1/messages/FFFFFF1/content", "/api/v1/messages/FFFFFF1/raw",
	    "/api/v1/messages/FFFFFF1/parts/1"};
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0}, other = {0};
	char target[80];

	assert_int_equal(world_ask(w, "GET", targets[0], NULL, &body), 200);
	w->caller.scope = SCOPE;
	for (size_t i = 0; i < 4; i++) {
		/* No difference to a message that never was. */
		snprintf(target, sizeof(target), "/api/v1/messages/DDDDDD1%s", targets[i] + 24);
		assert_int_equal(world_ask(w, "GET", targets[i], NULL, &body), 404);
		assert_int_equal(world_ask(w, "GET", target, NULL, &other), 404);
		assert_true(slice_equal(but_reference(&body), but_reference(&other)));
	}
	assert_int_equal(w->opened, 0);
	assert_int_equal(world_ask(w, "GET", "/api/v1/messages/AAAAAA1", NULL, &body), 200);
	assert_int_equal(world_ask(w, "GET", "/api/v1/messages/AAAAAA1/content", NULL, &body), 503);
	assert_int_equal(w->opened, 1);
}

/* Makes a view and gives the path of it. */
static void make_view(struct world *w, char path[80])
{
	BUFFER_AUTO struct buffer body = {0};
	json_t *json;

	assert_int_equal(world_ask(w, "POST", "/api/v1/views", "{}", &body), 201);
	json = parsed(&body);
	snprintf(path, 80, "/api/v1/views/%s", json_string_value(json_object_get(json, "id")));
	json_decref(json);
}

static void test_views_within_a_scope(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};
	char mine[80], others[80], target[120];

	make_view(w, others);
	w->caller.scope = SCOPE;
	make_view(w, mine);
	assert_int_equal(number_in(w, mine, "matched"), 2);
	snprintf(target, sizeof(target), "%s/rows", mine);
	assert_int_equal(world_ask(w, "GET", target, NULL, &body), 200);
	assert_false(shows_hidden(&body));
	snprintf(target, sizeof(target), "/print?view=%s", strrchr(mine, '/') + 1);
	assert_int_equal(world_ask(w, "GET", target, NULL, &body), 200);
	assert_false(shows_hidden(&body));
	assert_true(slice_find(buffer_slice(&body), SLICE("AAAAAA2")) > 0);
	assert_refused(w, "GET", others, NULL, 410, "view_expired");
	snprintf(target, sizeof(target), "%s/rows", others);
	assert_refused(w, "GET", target, NULL, 410, "view_expired");
	snprintf(target, sizeof(target), "/print?view=%s", strrchr(others, '/') + 1);
	assert_refused(w, "GET", target, NULL, 410, "view_expired");
	/* Nor is another's dropped. */
	assert_int_equal(world_ask(w, "DELETE", others, NULL, &body), 204);
	w->caller.scope = NULL;
	assert_int_equal(number_in(w, others, "matched"), 4);
}

static void test_a_row_that_leaves_the_scope(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};
	char view[80], target[120];
	json_t *json, *row;

	w->caller.scope = "queue:hold from:shop";
	make_view(w, view);
	world_message(w, "AAAAAA2", QUEUE_ACTIVE, "b@shop.example", "y@one.example", "");
	snprintf(target, sizeof(target), "%s/rows", view);
	assert_int_equal(world_ask(w, "GET", target, NULL, &body), 200);
	json = parsed(&body);
	row = json_array_get(json_object_get(json, "rows"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "id")), "AAAAAA2");
	assert_true(json_is_true(json_object_get(row, "gone")));
	assert_true(json_is_null(json_object_get(row, "fate")));
	assert_true(json_is_null(json_object_get(row, "message")));
	json_decref(json);
	snprintf(target, sizeof(target), "/print?view=%s", strrchr(view, '/') + 1);
	assert_int_equal(world_ask(w, "GET", target, NULL, &body), 200);
	assert_true(slice_find(buffer_slice(&body), SLICE("AAAAAA2")) > 0);
	assert_true(slice_find(buffer_slice(&body), SLICE("b@shop")) < 0);
}

static void test_previews_within_a_scope(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};
	json_t *json;

	w->caller.scope = SCOPE;
	assert_int_equal(
	    world_ask(w, "POST", "/api/v1/previews",
		"{\"action\":\"delete\",\"ids\":[\"FFFFFF1\",\"AAAAAA1\",\"DDDDDD1\"]}", &body),
	    200);
	json = parsed(&body);
	assert_int_equal(json_integer_value(json_object_get(json, "matched")), 1);
	assert_int_equal(json_array_size(json_object_get(json, "sample")), 1);
	/* Both alike: not in the queue. */
	assert_int_equal(json_array_size(json_object_get(json, "not_found")), 2);
	json_decref(json);
	assert_true(slice_find(buffer_slice(&body), SLICE("hidden")) < 0);
}

/* ---- Tokens ---- */

/* His session is of whoever sent the link: a token of that account would not have the link's scope.
 */
static void test_a_link_makes_no_token(void **state)
{
	static const char token[] = "{\"name\": \"x\", \"role\": \"viewer\"}";
	struct world *w = *state;

	w->caller.role = ACCESS_ROLE_OPERATOR;
	w->caller.via = VIA_SESSION;
	w->caller.scope = SCOPE;
	assert_refused(w, "POST", "/api/v1/tokens", token, 403, "forbidden");
	w->caller.by_password = true;
	assert_refused(w, "POST", "/api/v1/tokens", token, 503, "store_unavailable");
}

/* ---- Events ---- */

static void add_one(struct world *w)
{
	world_message(w, "AAAAAA3", QUEUE_HOLD, "c@shop.example", "z@one.example", "");
	world_message(w, "FFFFFF3", QUEUE_HOLD, "s@hidden.example", "z@hidden.example", "");
	http_events_publish(w->api.events, "job", "job 1", 0, json_pack("{ss}", "who", "hidden"));
	queue_events_changed(&w->api);
}

static void test_events(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer text = {0};

	world_stream(w, "/api/v1/events", add_one, "\"messages\":6", &text);
	assert_true(slice_find(buffer_slice(&text), SLICE("\"messages\":4")) > 0);
	assert_true(slice_find(buffer_slice(&text), SLICE("event: job")) > 0);
	index_remove(w->ix, SLICE("AAAAAA3"));
	w->caller.scope = SCOPE;
	buffer_clear(&text);
	world_stream(w, "/api/v1/events", add_one, "\"messages\":3", &text);
	assert_true(slice_find(buffer_slice(&text), SLICE("\"messages\":2")) > 0);
	assert_true(slice_find(buffer_slice(&text), SLICE("\"messages\":6")) < 0);
	assert_false(shows_hidden(&text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Incidents are about all of the queue: of a part there are its numbers, and a sentence. */
static void test_incidents_within_a_scope(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};
	json_t *all, *part;

	assert_int_equal(world_ask(w, "GET", "/api/v1/incidents", NULL, &body), 200);
	all = parsed(&body);
	assert_true(json_is_true(json_object_get(all, "calm")));
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(all, "summary"), "deferred")), 2);
	assert_true(json_is_boolean(json_object_get(all, "kept")));
	w->caller.scope = SCOPE;
	buffer_clear(&body);
	assert_int_equal(world_ask(w, "GET", "/api/v1/incidents?state=all", NULL, &body), 200);
	part = parsed(&body);
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(part, "summary"), "deferred")), 1);
	assert_int_equal(json_array_size(json_object_get(part, "incidents")), 0);
	assert_int_equal(json_array_size(json_object_get(part, "last_hour")), 0);
	assert_true(json_is_false(json_object_get(part, "calm")));
	assert_refused(
	    w, "POST", "/api/v1/incidents/1/notes", "{\"text\": \"x\"}", 403, "forbidden");
	assert_refused(
	    w, "POST", "/api/v1/incidents/1/snooze", "{\"until\": null}", 403, "forbidden");
	w->caller.scope = NULL;
	assert_refused(w, "GET", "/api/v1/incidents?state=some", NULL, 400, "invalid_value");
	assert_refused(w, "GET", "/api/v1/incidents/none", NULL, 404, "incident_not_found");
	json_decref(all);
	json_decref(part);
}

/* Without a log reader the answer says so, and is no proof that there was no such mail. */
static void test_trace(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};
	json_t *answer, *log;

	assert_int_equal(world_ask(w, "GET", "/api/v1/trace?text=a%40x.example", NULL, &body), 200);
	answer = parsed(&body);
	log = json_object_get(answer, "log");
	assert_int_equal(json_array_size(json_object_get(answer, "messages")), 0);
	assert_true(json_is_false(json_object_get(log, "read")));
	assert_true(json_is_string(json_object_get(log, "text")));
	assert_true(json_is_null(json_object_get(answer, "next")));
	json_decref(answer);
	assert_refused(w, "GET", "/api/v1/trace", NULL, 400, "invalid_value");
	assert_refused(w, "GET", "/api/v1/trace?text=a&after=1", NULL, 400, "invalid_cursor");
	assert_refused(
	    w, "GET", "/api/v1/trace?text=a&after=1-%2e%2e", NULL, 400, "invalid_cursor");
	assert_refused(
	    w, "GET", "/api/v1/trace?text=a&from=2026-11-22", NULL, 400, "invalid_value");
}

/* A probe must not tell that mail for a domain is there, nor what somebody else has found out. */
static void test_probes_within_a_scope(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer body = {0};
	const char *shown = "{\"kind\": \"destination\", \"domain\": \"one.example\"}";
	const char *hidden = "{\"kind\": \"destination\", \"domain\": \"hidden.example\"}";
	const char *own = "{\"kind\": \"own_address\"}";
	struct channel *near;
	json_t *list;
	int ends[2];

	assert_refused(w, "POST", "/api/v1/probes", shown, 503, "notifier_unavailable");
	assert_true(channel_pair(ends, NULL));
	near = channel_create(ends[0]);
	exchange_attach(w->api.notifier, near);
	w->caller.scope = SCOPE;
	assert_refused(w, "POST", "/api/v1/probes", hidden, 409, "probe_not_queued");
	assert_refused(w, "POST", "/api/v1/probes", own, 403, "forbidden");
	assert_refused(w, "POST", "/api/v1/probes",
	    "{\"kind\": \"destination\", \"incident\": \"1\"}", 404, "incident_not_found");
	w->caller.scope = NULL;
	assert_int_equal(world_ask(w, "POST", "/api/v1/probes", hidden, &body), 201);
	assert_refused(w, "POST", "/api/v1/probes", shown, 409, "probe_busy");
	w->caller.scope = SCOPE;
	w->caller.name[0] = 'z';
	assert_refused(w, "GET", "/api/v1/probes/1", NULL, 404, "probe_not_found");
	buffer_clear(&body);
	assert_int_equal(world_ask(w, "GET", "/api/v1/probes", NULL, &body), 200);
	list = parsed(&body);
	assert_int_equal(json_array_size(json_object_get(list, "probes")), 0);
	json_decref(list);
	exchange_attach(w->api.notifier, NULL);
	channel_destroy(&near);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_message),
	    TEST(test_strange_bytes),
	    TEST(test_refusals),
	    TEST(test_where_a_filter_is_wrong),
	    TEST(test_nothing_hidden_in_any_answer),
	    TEST(test_counts_within_a_scope),
	    TEST(test_one_message_within_a_scope),
	    TEST(test_views_within_a_scope),
	    TEST(test_a_row_that_leaves_the_scope),
	    TEST(test_previews_within_a_scope),
	    TEST(test_incidents_within_a_scope),
	    TEST(test_probes_within_a_scope),
	    TEST(test_trace),
	    TEST(test_events),
	    TEST(test_a_link_makes_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
