/* A probe is asked of the notifier (exchange/probe.h), that of a destination once the helper has
 * said what Postfix's tables have of it. Each step is kept as JSON and announced by an event. */
#include "api/probe_runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/probe_route.h"
#include "base/clock.h"
#include "base/memory.h"
#include "exchange/pause_ports.h"
#include "exchange/probe.h"

#define MINUTE_MS 60000
/* A dozen steps come within a few milliseconds where all is well. */
#define EVENT_PACE_MS 250

struct api_probes {
	struct api *api;
	struct probe_run *kept[PROBE_RUNS_KEPT_MAX]; /* the newest first */
	size_t count;
	int64_t last_id;
	uint32_t running; /* the question to the notifier; 0: none is open */
	struct pause_wire *tables;
	/* What Postfix's tables say of the destination that is about to be tested, and the way that
	 * it takes then. */
	struct {
		bool asked, paused;
		struct buffer entry;
	} found;
	struct probe_route route;
	/* When the last ones began, in a circle: the oldest is overwritten next. */
	int64_t begun_ms[PROBE_RUNS_PER_MINUTE];
	size_t next_begun;
};

struct api_probes *api_probes_create(struct api *api)
{
	struct api_probes *probes = memory_zero(1, sizeof(*probes));

	probes->api = api;
	probes->tables = pause_wire_create(api->helper);
	for (size_t i = 0; i < PROBE_RUNS_PER_MINUTE; i++)
		probes->begun_ms[i] = INT64_MIN / 2;
	return probes;
}

static void run_free(struct probe_run *run)
{
	free(run->domain);
	free(run->by);
	free(run->scope);
	free(run->summary);
	json_decref(run->steps);
	free(run);
}

void api_probes_destroy(struct api_probes **pointer)
{
	struct api_probes *probes = *pointer;

	if (probes == NULL)
		return;
	if (probes->running != 0)
		probe_cancel(probes->api->notifier, probes->running);
	pause_wire_destroy(&probes->tables);
	buffer_free(&probes->found.entry);
	probe_route_free(&probes->route);
	for (size_t i = 0; i < probes->count; i++)
		run_free(probes->kept[i]);
	free(probes);
	*pointer = NULL;
}

/* ---- As JSON ---- */

static const char *state_name(enum probe_run_state state)
{
	static const char *const names[] = {[PROBE_RUN_RUNNING] = "running",
	    [PROBE_RUN_DONE] = "done",
	    [PROBE_RUN_FAILED] = "failed"};

	return names[state];
}

static json_t *text_or_null(const char *text)
{
	return text != NULL ? api_string(slice_of(text)) : json_null();
}

static json_t *incident_or_null(const struct numbers *numbers, const struct probe_run *run)
{
	return run->incident != 0 ? json_sprintf("%lld", (long long)numbers_shown(numbers,
							     NUMBER_INCIDENT, run->incident))
				  : json_null();
}

static uint32_t took(const struct probe_run *run)
{
	return run->state == PROBE_RUN_RUNNING ? (uint32_t)(clock_monotonic_ms() - run->started_ms)
					       : run->took_ms;
}

json_t *api_probe_json(const struct numbers *numbers, const struct probe_run *run)
{
	json_int_t id = numbers_shown(numbers, NUMBER_PROBE, run->id);

	return json_pack("{sI, ss, so, so, so, so, ss, so, sI, so, sO}", "id", id, "kind",
	    probe_kind_name(run->kind), "domain", text_or_null(run->domain), "incident",
	    incident_or_null(numbers, run), "by", text_or_null(run->by), "at", api_time(run->at),
	    "state", state_name(run->state), "outcome",
	    run->state == PROBE_RUN_DONE ? json_string(probe_outcome_name(run->outcome))
					 : json_null(),
	    "took_ms", (json_int_t)took(run), "summary", text_or_null(run->summary), "steps",
	    run->steps);
}

static json_t *step_json(const struct probe_step *step)
{
	return json_pack("{ss, so, ss, sI, so, so}", "name", probe_step_name(step->name), "host",
	    api_string_or_null(step->host), "outcome", probe_outcome_name(step->outcome), "took_ms",
	    (json_int_t)step->took_ms, "text", api_string(step->text), "answer",
	    api_string_or_null(step->answer));
}

static json_t *event_json(const struct numbers *numbers, const struct probe_run *run)
{
	json_int_t id = numbers_shown(numbers, NUMBER_PROBE, run->id);

	return json_pack("{sI, ss, so, so}", "id", id, "state", state_name(run->state), "incident",
	    incident_or_null(numbers, run), "domain", text_or_null(run->domain));
}

struct told {
	const struct api *api;
	const struct probe_run *run;
};

static json_t *tell(void *context, const struct http_request *rq, uint64_t *version)
{
	const struct told *told = context;

	(void)version;
	return api_made_within(rq, told->run->scope)
		   ? event_json(api_numbers(told->api, rq), told->run)
		   : NULL;
}

static void announce(struct api_probes *probes, const struct probe_run *run)
{
	char key[40];

	snprintf(key, sizeof(key), "probe %lld", (long long)run->id);
	http_events_publish(
	    probes->api->events, "probe", key, EVENT_PACE_MS, event_json(NULL, run));
	http_events_publish_each(
	    probes->api->events, "probe", tell, &(struct told){probes->api, run});
}

/* ---- As it runs ---- */

/* Only the newest can be running: the next one waits until it has ended. */
static void on_step(void *context, const struct probe_step *step)
{
	struct api_probes *probes = context;

	json_array_append_new(probes->kept[0]->steps, step_json(step));
	announce(probes, probes->kept[0]);
}

static void finish(struct api_probes *probes, struct probe_run *run, enum probe_run_state state,
    enum probe_outcome outcome, struct slice summary)
{
	metrics_count(probes->api->metrics, METRIC_PROBES,
	    state == PROBE_RUN_DONE ? probe_outcome_name(outcome) : state_name(state), NULL, 1);
	run->took_ms = took(run);
	run->state = state;
	run->outcome = outcome;
	free(run->summary);
	run->summary = memory_strndup(summary.data, summary.len);
}

static void on_end(void *context, const struct probe_end *end)
{
	struct api_probes *probes = context;
	struct probe_run *run = probes->kept[0];

	probes->running = 0;
	if (end == NULL)
		finish(probes, run, PROBE_RUN_FAILED, PROBE_BAD,
		    SLICE("The process that tests (notifier) went away before the test had ended. "
			  "Start it again."));
	else
		finish(probes, run, end->complete ? PROBE_RUN_DONE : PROBE_RUN_FAILED, end->outcome,
		    end->text);
	announce(probes, run);
}

static void forget_last(struct api_probes *probes)
{
	run_free(probes->kept[--probes->count]);
}

static void forget_old(struct api_probes *probes)
{
	while (probes->count > 0) {
		const struct probe_run *last = probes->kept[probes->count - 1];

		if (last->state == PROBE_RUN_RUNNING ||
		    clock_monotonic_ms() - last->started_ms < (int64_t)PROBE_RUNS_KEPT_S * 1000)
			return;
		forget_last(probes);
	}
}

/* One at a time. Of what somebody sees of another part of the queue the name is not told. */
static bool refuse_another(
    const struct http_request *rq, const struct probe_run *running, struct error *err)
{
	if (!api_made_within(rq, running->scope))
		return error_say(err, "probe_busy", SAID_PROBLEM_PROBE_BUSY_OTHER, 0);
	if (running->domain == NULL)
		return error_say(err, "probe_busy", SAID_PROBLEM_PROBE_BUSY_OWN, 0);
	return error_say(err, "probe_busy", SAID_PROBLEM_PROBE_BUSY, 1,
	    said_text("domain", slice_of(running->domain)));
}

bool api_probes_may_begin(struct api_probes *probes, const struct http_request *rq,
    int64_t *retry_after, struct error *err)
{
	int64_t waits = probes->begun_ms[probes->next_begun] + MINUTE_MS - clock_monotonic_ms();

	*retry_after = 0;
	if (!exchange_is_up(probes->api->notifier))
		return error_say(err, "notifier_unavailable", SAID_PROBLEM_NO_NOTIFIER, 0);
	if (probes->count > 0 && probes->kept[0]->state == PROBE_RUN_RUNNING)
		return refuse_another(rq, probes->kept[0], err);
	if (waits <= 0)
		return true;
	*retry_after = (waits + 999) / 1000;
	return error_say(err, "probe_too_many", SAID_PROBLEM_PROBES_MANY, 2,
	    said_number("count", PROBE_RUNS_PER_MINUTE), said_number("seconds", *retry_after));
}

static struct probe_run *run_create(struct api_probes *probes, const struct probe_asked *asked)
{
	struct probe_run *run = memory_zero(1, sizeof(*run));

	run->id = ++probes->last_id;
	run->kind = asked->domain != NULL ? PROBE_DESTINATION : PROBE_OWN_ADDRESS;
	run->domain = asked->domain != NULL ? memory_strdup(asked->domain) : NULL;
	run->incident = asked->incident;
	run->by = memory_strdup(asked->by);
	run->scope = memory_strdup(asked->scope != NULL ? asked->scope : "");
	run->at = clock_now();
	run->started_ms = clock_monotonic_ms();
	run->steps = json_array();
	if (probes->count == PROBE_RUNS_KEPT_MAX)
		forget_last(probes);
	memmove(probes->kept + 1, probes->kept, probes->count * sizeof(probes->kept[0]));
	probes->kept[0] = run;
	probes->count++;
	probes->begun_ms[probes->next_begun] = run->started_ms;
	probes->next_begun = (probes->next_begun + 1) % PROBE_RUNS_PER_MINUTE;
	return run;
}

static void ask_notifier(struct api_probes *probes, const struct probe_question *question)
{
	const struct probe_reader reader = {on_step, on_end, probes};

	probes->running = probe_ask(probes->api->notifier, question, &reader, clock_monotonic_ms());
}

/* The first step; then the notifier does the others. */
static void test_destination(struct api_probes *probes, const struct probe_client *client)
{
	struct probe_question question = {.kind = PROBE_DESTINATION};
	struct probe_run *run = probes->kept[0];
	struct probe_route *route = &probes->route;

	if (route->next_hop.len > 0) {
		probe_route_client(probes->api->config, client, &question);
		probe_route_say_client(client, &question, route);
	}
	question.next_hop = buffer_slice(&route->next_hop);
	json_array_append_new(run->steps, step_json(&(struct probe_step){.name = PROBE_STEP_ROUTE,
					      .outcome = route->outcome,
					      .host = question.next_hop,
					      .took_ms = took(run),
					      .text = buffer_slice(&route->text)}));
	if (question.next_hop.len == 0)
		finish(probes, run, PROBE_RUN_DONE, route->outcome, buffer_slice(&route->text));
	else
		ask_notifier(probes, &question);
	announce(probes, run);
}

static void on_client(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	test_destination(context, &(struct probe_client){answers, err == NULL ? count : 0});
}

/* Where it goes is known; how Postfix would go there is asked next. */
static void find_route(struct api_probes *probes, struct slice own_list)
{
	const struct pause_ports *ports = pause_wire_ports(probes->tables);
	const struct probe_route_tables tables = {probes->found.asked,
	    buffer_slice(&probes->found.entry), probes->found.paused, own_list};
	struct probe_route *route = &probes->route;

	probe_route_free(route);
	probe_route_find(probes->api->config, slice_of(probes->kept[0]->domain), &tables, route);
	if (route->next_hop.len > 0) {
		const struct slice keys[] = {
		    buffer_slice(&route->transport), buffer_slice(&route->hop)};

		ports->query(ports->owner, PAUSE_QUERY_CLIENT, keys, 2, on_client, probes);
	} else {
		test_destination(probes, &(const struct probe_client){.count = 0});
	}
}

/* Whose domain it is. Where that cannot be found out, it is taken for somebody else's, as nearly
 * all are. */
static void on_own_list(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	bool known = err == NULL && count == 1 && !answers[0].unsure;

	find_route(context, known ? answers[0].found : (struct slice){"", 0});
}

static void ask_own_list(struct api_probes *probes)
{
	const struct pause_ports *ports = pause_wire_ports(probes->tables);
	const struct slice domain = slice_of(probes->kept[0]->domain);

	ports->query(ports->owner, PAUSE_QUERY_OWN, &domain, 1, on_own_list, probes);
}

static void on_beside(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	struct api_probes *probes = context;

	probes->found.asked = err == NULL && count == 1;
	if (probes->found.asked)
		buffer_append_slice(&probes->found.entry, answers[0].answer);
	ask_own_list(probes);
}

/* By an address that nobody has: an entry for one address says nothing of the destination. */
static void ask_tables(
    struct api_probes *probes, enum pause_query_kind kind, pause_answers_done *done)
{
	const struct pause_ports *ports = pause_wire_ports(probes->tables);
	BUFFER_AUTO struct buffer address = {0};
	struct slice key;

	buffer_printf(&address, "postroom-test@%s", probes->kept[0]->domain);
	key = buffer_slice(&address);
	ports->query(ports->owner, kind, &key, 1, done, probes);
}

static void on_entry(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	struct api_probes *probes = context;

	probes->found.asked = err == NULL && count == 1;
	probes->found.paused = probes->found.asked && answers[0].ours;
	buffer_clear(&probes->found.entry);
	if (probes->found.paused) {
		ask_tables(probes, PAUSE_QUERY_BESIDE, on_beside);
		return;
	}
	if (probes->found.asked)
		buffer_append_slice(&probes->found.entry, answers[0].answer);
	ask_own_list(probes);
}

const struct probe_run *api_probes_begin(
    struct api_probes *probes, const struct probe_asked *asked, const struct probe_question *own)
{
	struct probe_run *run;

	forget_old(probes);
	run = run_create(probes, asked);
	run->summary = memory_strdup("It is being tested.");
	if (asked->domain != NULL)
		ask_tables(probes, PAUSE_QUERY_TRANSPORT, on_entry);
	else
		ask_notifier(probes, own);
	announce(probes, run);
	return run;
}

size_t api_probes_count(struct api_probes *probes)
{
	forget_old(probes);
	return probes->count;
}

const struct probe_run *api_probes_at(const struct api_probes *probes, size_t i)
{
	return probes->kept[i];
}
