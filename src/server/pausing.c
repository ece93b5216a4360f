/* Tells the index what is held back, so that it knows what waits for a pause, and makes the job
 * that follows a pause: a paced retry of what waited for a domain or provider, or a release of what
 * went to hold of a sender or login, and then a paced retry of that. A pause ends when its job is
 * written down: until then the index knows it, by which the job finds its messages, and a kill
 * makes it be told again. */
#include "server/pausing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/record.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "index/index.h"
#include "jobs/jobs.h"
#include "jobs/selection.h"
#include "postfix/log_line.h"
#include "query/groups.h"
#include "query/views.h"
#include "server/internal.h"
#include "watch/incident_watch.h"

/* Messages a minute to each destination: a receiver that has had nothing for an hour is not to get
 * all of it at once. */
#define RETRY_RATE 120
/* A job needs an index that is completely read; after a start that takes a while. */
#define AGAIN_MS 5000
/* How often the queue is asked for domains that a provider's pause has not taken in: replies to the
 * first of their mail name the host. */
#define DOMAINS_MS 30000
/* The list changes when somebody presses something, and as domains are taken in. */
#define CHANGED_PACE_MS 500

/* A pause that is lifted, and its job is not written down yet. */
struct lifted {
	struct lifted *next;
	struct pausing *pausing;
	int64_t id;
	bool submitted, warned;
	struct released *released; /* what its release is about; NULL: it is no release */
};

/* What a job releases. Postfix would try it with its next run of the queue, which may be hours
 * away. After a restart it does. */
struct released {
	struct released *next;
	int64_t job;
	char *who, *key;
	struct buffer ids; /* lines */
	size_t count;
};

struct pausing {
	struct server *server;
	struct pause_wire *wire;
	struct pauses *pauses;
	struct lifted *lifted;
	struct released *released; /* whose job has not ended yet */
	int64_t again_ms;
	int64_t domains_ms; /* when the queue is next asked for domains */
	bool told;	    /* the index knows the pauses, if only that there are none */
	bool stopping;
};

/* ---- the index ---- */

static enum index_pause_kind index_kind(enum pause_kind kind)
{
	static const enum index_pause_kind kinds[PAUSE_KINDS] = {
	    [PAUSE_DOMAIN] = INDEX_PAUSE_DOMAIN,
	    [PAUSE_PROVIDER] = INDEX_PAUSE_PROVIDER,
	    [PAUSE_SENDER] = INDEX_PAUSE_SENDER,
	    [PAUSE_LOGIN] = INDEX_PAUSE_LOGIN};

	return kinds[kind];
}

static void add_pause(struct index_pause *out, const struct pause *pause, struct slice *domains)
{
	*out = (struct index_pause){.id = pause->id,
	    .kind = index_kind(pause->kind),
	    .subdomains = pause->subdomains,
	    .throttle_s = pause->throttle_s,
	    .key = slice_of(pause->key),
	    .by = slice_of(pause->who),
	    .reason = slice_of(pause->reason),
	    .since = pause->since,
	    .until = pause->until,
	    .domains = domains,
	    .domain_count = pause->domain_count};
	for (size_t i = 0; i < pause->domain_count; i++)
		domains[i] = slice_of(pause->domains[i]);
}

static void tell_index(struct pausing *g)
{
	size_t count, domains = 0, at = 0;
	const struct pause *const *list = pauses_list(g->pauses, &count);
	MEMORY_AUTO struct index_pause *all = NULL;
	MEMORY_AUTO struct slice *texts = NULL;

	for (size_t i = 0; i < count; i++)
		domains += list[i]->domain_count;
	all = memory_zero(count + 1, sizeof(*all));
	texts = memory_zero(domains + 1, sizeof(*texts));
	for (size_t i = 0; i < count; i++, at += list[i - 1]->domain_count)
		add_pause(&all[i], list[i], texts + at);
	index_set_pauses(g->server->index, all, count);
	if (g->server->api.incidents != NULL)
		incident_watch_set_pauses(g->server->api.incidents, list, count);
	g->told = true;
}

static void on_changed(void *owner, const struct pause *pause)
{
	struct pausing *g = owner;
	size_t open;

	(void)pause;
	tell_index(g);
	pauses_list(g->pauses, &open);
	/* Only for those who see all of the queue: others have no list. */
	http_events_publish(g->server->api.events, "pauses", "pauses", CHANGED_PACE_MS,
	    json_pack("{sI}", "open", (json_int_t)open));
}

/* ---- which domains a provider has ---- */

struct host_search {
	struct pausing *pausing;
	struct slice host;
};

static void saw_domain(void *context, struct slice domain)
{
	struct host_search *search = context;

	pauses_saw(search->pausing->pauses, search->host, domain);
}

/* The keys are copied: what is taken in changes the list. */
static void look_for_domains(struct pausing *g)
{
	BUFFER_AUTO struct buffer keys = {0};
	struct slice rest, key;
	size_t count;
	const struct pause *const *list = pauses_list(g->pauses, &count);

	for (size_t i = 0; i < count; i++)
		if (list[i]->kind == PAUSE_PROVIDER)
			buffer_printf(&keys, "%s ", list[i]->key);
	rest = buffer_slice(&keys);
	while (slice_split(&rest, ' ', &key)) {
		struct host_search search = {g, key};
		query_domains_of_host(g->server->api.query, key, clock_now(), saw_domain, &search);
	}
}

/* relay=mx1.provider.example[192.0.2.1]:25, whatever became of the attempt. */
void pausing_log_event(struct pausing *g, const struct log_proto_event *event)
{
	ptrdiff_t bracket = slice_find_char(event->relay, '[');
	struct slice domain = event->address;
	ptrdiff_t at;

	if (event->event != LOG_EVENT_DELIVERY || bracket <= 0 || !pauses_want_hosts(g->pauses))
		return;
	while ((at = slice_find_char(domain, '@')) >= 0)
		domain = slice_from(domain, (size_t)at + 1);
	pauses_saw(g->pauses, slice_first(event->relay, (size_t)bracket), domain);
}

static void tick_domains(struct pausing *g, int64_t now)
{
	if (!pauses_want_hosts(g->pauses) || now < g->domains_ms)
		return;
	look_for_domains(g);
	g->domains_ms = now + DOMAINS_MS;
}

/* ---- what follows a pause ---- */

static void released_free(struct released *r)
{
	if (r == NULL)
		return;
	free(r->who);
	free(r->key);
	buffer_free(&r->ids);
	free(r);
}

static void forget(struct lifted *l)
{
	struct lifted **at = &l->pausing->lifted;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	released_free(l->released);
	free(l);
}

static void finish(struct lifted *l)
{
	pauses_followed(l->pausing->pauses, l->id);
	forget(l);
}

/* A store that is busy or full may be well in a moment, and what is on hold waits for this. */
static void try_again(struct lifted *l, const char *why)
{
	if (!l->warned)
		log_warning("pause %lld is lifted, and what waited is not tried yet: %s",
		    (long long)l->id, why);
	l->warned = true;
	l->submitted = false;
	l->pausing->again_ms = clock_monotonic_ms() + AGAIN_MS;
}

static void submitted(void *context, const struct job_row *job, const struct error *err)
{
	struct lifted *l = context;

	if (job != NULL && l->released != NULL) {
		l->released->job = job->id;
		l->released->next = l->pausing->released;
		l->pausing->released = l->released;
		l->released = NULL;
	}
	if (job != NULL || strcmp(err->code, "nothing_matched") == 0)
		finish(l);
	else
		try_again(l, err->text);
}

/* The key of a pause has no quote and no backslash that a filter would read (pause_proto.h), but a
 * login may have the latter. */
static void put_filter(const struct pause *pause, struct buffer *text)
{
	buffer_printf(text, "queue:%s paused=\"",
	    pause->kind == PAUSE_SENDER || pause->kind == PAUSE_LOGIN ? "hold" : "deferred");
	for (const char *c = pause->key; *c != '\0'; c++) {
		if (*c == '\\' || *c == '"')
			buffer_append_char(text, '\\');
		buffer_append_char(text, *c);
	}
	buffer_append_char(text, '"');
}

/* NULL with `err`: not_current until the queue is read. */
static struct selection *select_waiting(
    struct pausing *g, const char *text, int64_t now, struct error *err)
{
	struct query *query = g->server->api.query;
	const struct query_scope *scope = query_scope_all();
	struct index_sort sort = {0};
	struct filter_error wrong;
	struct filter *filter = filter_parse(slice_of(text), &wrong);
	struct query_view view;
	struct selection *selection = NULL;

	if (filter == NULL) {
		error_say(err, "invalid_value", SAID_PROBLEM_PAUSE_FILTER, 1,
		    said_text("filter", slice_of(text)));
		return NULL;
	}
	if (query_view_create(query, scope, filter, slice_of(text), sort, now, &view, err)) {
		selection = selection_from_view(query, scope, &view, NULL, 0, now, NULL, err);
		query_view_drop(query, scope, slice_of(view.id), now);
	}
	filter_free(filter);
	return selection;
}

static const char *by_whom(const struct pause *pause)
{
	return pause->ended_by[0] != '\0' ? pause->ended_by : pause->who;
}

/* The messages of a release, to be tried after it. Of more than can be named at once none: then
 * Postfix does it by itself. */
static struct released *released_of(const struct pause *pause, const struct selection *selection)
{
	struct released *r = memory_zero(1, sizeof(*r));
	struct target target;

	r->who = memory_strdup(by_whom(pause));
	r->key = memory_strdup(pause->key);
	if (selection_count(selection) <= SELECTION_IDS_MAX)
		r->count = selection_count(selection);
	for (size_t i = 0; i < r->count; i++) {
		selection_get(selection, i, &target);
		buffer_printf(&r->ids, "%.*s\n", SLICE_ARGS(target.id));
	}
	return r;
}

static void retry_submitted(void *context, const struct job_row *job, const struct error *err)
{
	(void)context;
	if (job == NULL && strcmp(err->code, "nothing_matched") != 0)
		log_warning(
		    "what was released is tried with the next run of the queue: %s", err->text);
}

/* A job that nobody asked for now: it follows from a pause. */
static void promise_record(
    struct buffer *members, const char *who, const char *note, const struct selection *selection)
{
	audit_record_members(members, &(struct audit_entry){.action = AUDIT_JOB,
					  .who = slice_of(who),
					  .via = SLICE("service"),
					  .object = SLICE("/api/v1/jobs"),
					  .count = (int64_t)selection_count(selection),
					  .outcome = SLICE("done"),
					  .text = slice_of(note)});
}

static void retry_released(struct pausing *g, const struct released *r)
{
	MEMORY_AUTO struct slice *ids = memory_alloc((r->count + 1) * sizeof(*ids));
	BUFFER_AUTO struct buffer record = {0};
	struct slice rest = buffer_slice(&r->ids);
	char note[400];
	struct jobs_request request = {
	    .action = JOB_RETRY, .who = r->who, .note = note, .rate = RETRY_RATE};
	struct selection *selection;
	struct error err;
	size_t count = 0;

	while (count < r->count && slice_split(&rest, '\n', &ids[count]))
		count++;
	if (count == 0)
		return;
	snprintf(note, sizeof(note), "What was released after the pause of %.300s", r->key);
	selection = selection_from_ids(
	    g->server->api.query, query_scope_all(), ids, count, clock_now(), NULL, &err);
	if (selection == NULL) {
		retry_submitted(NULL, NULL, &err);
		return;
	}
	promise_record(&record, r->who, note, selection);
	request.record = buffer_slice(&record);
	jobs_submit(g->server->api.jobs, &request, &selection, retry_submitted, g);
	selection_destroy(&selection);
}

void pausing_job(struct pausing *g, const struct job_row *job)
{
	struct released **at = &g->released, *r;

	while (*at != NULL && (*at)->job != job->id)
		at = &(*at)->next;
	r = *at;
	if (r == NULL || job->finished == 0 || g->stopping)
		return;
	*at = r->next;
	retry_released(g, r);
	released_free(r);
}

static void submit(
    struct lifted *l, const struct pause *pause, const char *text, struct selection *selection)
{
	bool held = pause->kind == PAUSE_SENDER || pause->kind == PAUSE_LOGIN;
	BUFFER_AUTO struct buffer record = {0};
	char note[400];
	struct jobs_request request = {.action = held ? JOB_RELEASE : JOB_RETRY,
	    .who = by_whom(pause),
	    .note = note,
	    .filter = text,
	    .rate = held ? 0 : RETRY_RATE};

	snprintf(note, sizeof(note), "What waited for the pause of %.320s", pause->key);
	l->submitted = true;
	released_free(l->released);
	l->released = held ? released_of(pause, selection) : NULL;
	promise_record(&record, request.who, note, selection);
	request.record = buffer_slice(&record);
	jobs_submit(l->pausing->server->api.jobs, &request, &selection, submitted, l);
	selection_destroy(&selection);
}

/* Somebody has paused the same anew: what the first held waits for the second as well. */
static bool is_paused_again(const struct pausing *g, const struct pause *pause)
{
	size_t count;
	const struct pause *const *list = pauses_list(g->pauses, &count);

	for (size_t i = 0; i < count; i++)
		if (list[i]->kind == pause->kind && strcmp(list[i]->key, pause->key) == 0 &&
		    (list[i]->state == PAUSE_SETTING || list[i]->state == PAUSE_IN_FORCE))
			return true;
	return false;
}

static void begin(struct lifted *l)
{
	const struct pause *pause = pauses_get(l->pausing->pauses, l->id);
	BUFFER_AUTO struct buffer text = {0};
	struct selection *selection;
	struct error err;

	if (pause == NULL) {
		forget(l);
		return;
	}
	if (is_paused_again(l->pausing, pause)) {
		l->pausing->again_ms = clock_monotonic_ms() + AGAIN_MS;
		return;
	}
	put_filter(pause, &text);
	selection = select_waiting(l->pausing, buffer_string(&text), clock_now(), &err);
	if (selection == NULL && strcmp(err.code, "not_current") == 0)
		l->pausing->again_ms = clock_monotonic_ms() + AGAIN_MS;
	else if (selection == NULL)
		try_again(l, err.text);
	else if (selection_count(selection) > 0)
		submit(l, pause, buffer_string(&text), selection);
	else {
		selection_destroy(&selection);
		finish(l);
	}
}

static void on_lifted(void *owner, const struct pause *pause)
{
	struct pausing *g = owner;
	bool held = pause->kind == PAUSE_SENDER || pause->kind == PAUSE_LOGIN;
	struct lifted *l;

	/* Whoever did not choose it releases by hand. */
	if (held && !pause->release) {
		pauses_followed(g->pauses, pause->id);
		return;
	}
	l = memory_zero(1, sizeof(*l));
	*l = (struct lifted){.next = g->lifted, .pausing = g, .id = pause->id};
	g->lifted = l;
	g->again_ms = 0;
}

/* ---- turns ---- */

void pausing_tick(struct pausing *g)
{
	int64_t now = clock_monotonic_ms();
	struct lifted *next;

	pauses_tick(g->pauses);
	if (!g->told && pauses_known(g->pauses))
		tell_index(g);
	if (!g->stopping)
		tick_domains(g, now);
	if (g->stopping || now < g->again_ms)
		return;
	for (struct lifted *l = g->lifted; l != NULL; l = next) {
		next = l->next;
		if (!l->submitted)
			begin(l);
	}
}

static bool any_unsubmitted(const struct pausing *g)
{
	for (const struct lifted *l = g->lifted; l != NULL; l = l->next)
		if (!l->submitted)
			return true;
	return false;
}

int64_t pausing_deadline_ms(const struct pausing *g)
{
	int64_t first = pauses_deadline_ms(g->pauses);

	if (!g->stopping && pauses_want_hosts(g->pauses))
		first = first < 0 || g->domains_ms < first ? g->domains_ms : first;
	if (!any_unsubmitted(g))
		return first;
	return first < 0 || g->again_ms < first ? g->again_ms : first;
}

void pausing_helper(struct pausing *g)
{
	pauses_resume(g->pauses);
}

/* ---- beginning and end ---- */

struct pausing *pausing_create(struct server *server)
{
	struct pausing *g = memory_zero(1, sizeof(*g));

	g->server = server;
	g->wire = pause_wire_create(server->questions[CONTROL_ROLE_HELPER]);
	g->pauses = pauses_create(server->store, pause_wire_ports(g->wire),
	    &(struct pauses_events){g, on_changed, on_lifted});
	server->api.pauses = g->pauses;
	return g;
}

void pausing_stop(struct pausing *g)
{
	size_t count, in_force = 0;
	const struct pause *const *list = pauses_list(g->pauses, &count);

	for (size_t i = 0; i < count; i++)
		in_force += list[i]->state == PAUSE_SETTING || list[i]->state == PAUSE_IN_FORCE;
	if (in_force > 0)
		log_warning(
		    "%zu %s in force, and Postfix goes on to hold mail back: nothing is lost, "
		    "but no pause ends before the service runs again",
		    in_force, in_force == 1 ? "pause is" : "pauses are");
	g->stopping = true;
	pauses_stop(g->pauses);
}

void pausing_destroy(struct pausing **pointer)
{
	struct pausing *g = *pointer;

	if (g == NULL)
		return;
	pause_wire_destroy(&g->wire);
	pauses_destroy(&g->pauses);
	while (g->lifted != NULL)
		forget(g->lifted);
	while (g->released != NULL) {
		struct released *r = g->released;

		g->released = r->next;
		released_free(r);
	}
	free(g);
	*pointer = NULL;
}
