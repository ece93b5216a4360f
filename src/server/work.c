/* Makes the engines of jobs, settings and history, tells the page and the index what they say,
 * and gives each its turn before the loop waits. */
#include "server/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/jobs.h"
#include "api/scopes.h"
#include "api/settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/log_lookup.h"
#include "exchange/wire_ports.h"
#include "index/index.h"
#include "jobs/jobs.h"
#include "jobs/preview.h"
#include "postfix/log_line.h"
#include "postfix/version.h"
#include "server/measuring.h"
#include "server/pausing.h"
#include "server/watching.h"
#include "settings/settings.h"
#include "watch/history.h"

/* More than are under way at once. */
#define JOBS_SAID 64

struct work {
	struct server *server;
	struct wire_ports *ports;
	struct jobs *jobs;
	struct settings *settings;
	struct pausing *pausing;
	struct history *history;
	struct incident_watch *incidents;
	struct alert_watch *alerts;
	uv_prepare_t *prepare;
	uv_timer_t *timer;
	/* What the log has of the latest jobs, by their number. */
	struct job_said {
		int64_t id;
		const char *state;
	} jobs_said[JOBS_SAID];
};

/* When it begins, and at each further state: its events come more often than that, and again when
 * the mail log tells more of its messages. */
static void log_job(struct work *work, const struct job_row *job)
{
	char number[24];
	const struct log_field fields[] = {{"JOB", number}};
	struct job_said *said = &work->jobs_said[job->id % JOBS_SAID];
	const char *state = job_state_name(job->state);

	if (said->id > job->id || (said->id == job->id && strcmp(said->state, state) == 0))
		return;
	*said = (struct job_said){job->id, state};
	snprintf(number, sizeof(number), "%lld", (long long)job->id);
	log_with(LOG_LEVEL_INFO, fields, 1, "job %s of %s: %s, %lld message%s: %s", number,
	    job->who, job_action_name(job->action), (long long)job->total,
	    job->total == 1 ? "" : "s", state);
}

static void on_job(void *owner, const struct job_row *job)
{
	struct work *work = owner;

	log_job(work, job);
	api_jobs_changed(&work->server->api, job);
	measuring_job(work->server->measuring, job);
	/* Jobs go on from the store before there are pauses and incidents. */
	if (work->pausing != NULL)
		pausing_job(work->pausing, job);
	if (work->incidents != NULL)
		incident_watch_job(work->incidents, job);
}

/* One line for each message that an action came to an end with, so that the journal tells of a
 * message what was done to it. Of larger jobs the items say it; a million lines say nothing. */
#define MESSAGES_LOGGED 1000

static void on_settled(void *owner, const struct job_row *job, const struct job_item *item)
{
	char number[24];
	const struct log_field fields[] = {{"JOB", number}, {"QUEUE_ID", item->id}};

	(void)owner;
	if (job->total > MESSAGES_LOGGED)
		return;
	snprintf(number, sizeof(number), "%lld", (long long)job->id);
	log_with(LOG_LEVEL_INFO, fields, 2, "job %s: %s %s: %s%s%s", number,
	    job_action_name(job->action), item->id, job_outcome_name(item->outcome),
	    item->detail != NULL ? ": " : "", item->detail != NULL ? item->detail : "");
}

static bool on_follow(void *owner, const struct slice *ids, size_t count)
{
	struct work *work = owner;
	const struct log_proto_status *status = log_client_status(work->server->log);

	log_client_follow(work->server->log, ids, count);
	/* True where the log can tell what becomes of them; else the engine does not wait for it.
	 */
	return status != NULL &&
	       (status->state == LOG_PROTO_INDEXING || status->state == LOG_PROTO_FOLLOWING);
}

static void on_deleting(void *owner, int64_t job, const struct job_item *item, bool holds)
{
	struct work *work = owner;
	struct index *index = work->server->index;

	if (holds)
		index_set_deleting(index, slice_of(item->id), item->arrival, item->inode, job);
	else
		/* The outcome says what became of it; the reader sees only that it left. */
		index_end_deleting(index, slice_of(item->id), job, item->outcome == JOB_ITEM_DONE);
}

static void on_deleting_known(void *owner)
{
	struct work *work = owner;

	index_deleting_known(work->server->index);
}

static void on_change(void *owner, const struct settings_rows_change *change)
{
	struct work *work = owner;
	char key[40];

	snprintf(key, sizeof(key), "settings %lld", (long long)change->id);
	http_events_publish(
	    work->server->api.events, "settings", key, 0, api_settings_change_json(change));
	if (work->incidents != NULL)
		incident_watch_settings_changed(work->incidents, change);
}

/* A sample of a queue that may be old would be a lie in the history. */
static bool source_reads(void *owner)
{
	const struct work *work = owner;

	return !feed_failed(work->server->feed);
}

/* ---- Turns ---- */

/* Its only use is to end the wait of the loop. */
static void on_timer(uv_timer_t *timer)
{
	(void)timer; /* its turn comes in on_prepare */
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

static void tick_questions(struct server *server)
{
	for (size_t role = 0; role < CONTROL_ROLES; role++)
		if (server->questions[role] != NULL)
			exchange_tick(server->questions[role], clock_monotonic_ms());
}

static int64_t questions_deadline_ms(const struct server *server)
{
	int64_t first = -1;

	for (size_t role = 0; role < CONTROL_ROLES; role++)
		if (server->questions[role] != NULL)
			first = earlier(first, exchange_deadline_ms(server->questions[role]));
	return first;
}

static void tick_rates(struct server *server)
{
	int64_t from;

	if (log_rates_ask(server->rates, clock_now(), &from))
		log_client_count(server->log, from);
	/* A log reader that reads the past is faster than a disk. */
	log_client_pause(server->log, log_rates_are_behind(server->rates));
}

/* Before the loop waits: everybody gets his turn, as channels and store may have been dispatched,
 * and the loop waits no longer than the first of them wants. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct work *work = prepare->data;
	int64_t first, now;

	tick_questions(work->server);
	/* After the questions: answers and deadlines of this turn are what jobs go on with. */
	jobs_tick(work->jobs);
	settings_tick(work->settings);
	pausing_tick(work->pausing);
	history_tick(work->history);
	tick_rates(work->server);
	incident_watch_tick(work->incidents);
	/* After the incidents: what they have told is sent in the same turn. */
	alert_watch_tick(work->alerts);
	/* Last: the turns before may have sent something that the sockets did not take. */
	link_update(helper_link_link(work->server->helper));
	link_update(work->server->reader);
	link_update(work->server->notifier);
	link_update(work->server->identity);
	log_client_update(work->server->log);

	now = clock_monotonic_ms();
	first = earlier(questions_deadline_ms(work->server), jobs_deadline_ms(work->jobs));
	first = earlier(first, settings_deadline_ms(work->settings));
	first = earlier(first, pausing_deadline_ms(work->pausing));
	first = earlier(first, history_deadline_ms(work->history));
	first = earlier(first, incident_watch_deadline_ms(work->incidents));
	first = earlier(first, alert_watch_deadline_ms(work->alerts));
	if (first < 0)
		uv_timer_stop(work->timer);
	else
		uv_timer_start(work->timer, on_timer, first > now ? (uint64_t)(first - now) : 0, 0);
}

/* ---- From the others ---- */

void work_helper(struct work *work)
{
	/* What was sent over a former channel may have been done or not: the jobs find out. */
	jobs_ports_ready(work->jobs);
	settings_resume(work->settings);
	pausing_helper(work->pausing);
}

void work_reader(struct work *work)
{
	jobs_ports_ready(work->jobs);
}

void work_status(struct work *work, const struct helper_status *status)
{
	struct error why;

	watching_status(work->incidents, status);
	/* The helper's codes: main_cf_missing, main_cf_symlink, main_cf_mounted, main_cf_read_only.
	 */
	error_say(&why, "settings_read_only", SAID_SETTINGS_NOT_REPLACED, 0);
	for (size_t i = 0; i < status->problems.count; i++) {
		const struct problem *p = &status->problems.items[i];

		if (strncmp(p->code, "main_cf_", 8) != 0)
			continue;
		snprintf(why.text, sizeof(why.text), "%s", p->text);
		snprintf(why.words, sizeof(why.words), "%s",
		    strlen(p->words) < sizeof(why.words) ? p->words : "");
	}
	settings_set_obstacle(work->settings, status->settings ? NULL : &why);
}

/* What the master or the queue manager says when a setting keeps the queue manager from working. */
static bool is_qmgr_trouble(const struct log_proto_event *event)
{
	if (event->event != LOG_EVENT_PROBLEM)
		return false;
	/* A queue manager warns of much that is no fault of a setting; only what ends it counts. */
	if (slice_ends_with(event->process, "qmgr"))
		return event->severity >= LOG_FATAL_LINE;
	return slice_ends_with(event->process, "master") &&
	       slice_find(event->reason, SLICE("qmgr")) >= 0;
}

/* ---- What the log knows of one message ---- */

struct history_question {
	jobs_history_done *done;
	void *context;
	size_t events;
	bool active;
};

static void history_event(void *context, const struct log_proto_event *event)
{
	struct history_question *question = context;

	question->events++;
	question->active |= event->event == LOG_EVENT_ACTIVE;
}

static void history_end(void *context, const struct log_proto_end *end)
{
	struct history_question *question = context;

	/* Only a log that is complete and has lines about it can prove that it was never taken up
	 * (docs/POSTFIX.md, "When a release is safe"). */
	question->done(question->context, end != NULL && end->complete && !end->truncated &&
					      question->events > 0 && !question->active);
	free(question);
}

static void on_history(
    void *owner, struct slice id, int64_t since_us, jobs_history_done *done, void *context)
{
	struct work *work = owner;
	struct history_question *question = memory_zero(1, sizeof(*question));
	const struct log_proto_lookup lookup = {
	    .id = id, .since_us = since_us, .alive_us = clock_now_us()};

	question->done = done;
	question->context = context;
	log_lookup_ask(work->server->questions[CONTROL_ROLE_LOGREADER], &lookup,
	    &(struct log_lookup_reader){history_event, history_end, question},
	    clock_monotonic_ms());
}

/* What became of an attempt that a job asked for. */
static void note_attempt(struct work *work, const struct log_proto_event *event)
{
	struct follow_attempt attempt = {.recipient = event->address, .reply = event->reason};

	if (event->event == LOG_EVENT_ACTIVE)
		jobs_began(work->jobs, event->id);
	else if (event->event == LOG_EVENT_EXPIRED)
		attempt = (struct follow_attempt){.result = JOB_RESULT_BOUNCED,
		    .recipient = SLICE(""),
		    .reply = SLICE("expired, returned to its sender")};
	else if (event->event == LOG_EVENT_DELIVERY)
		attempt.result = slice_is(event->status, "sent")       ? JOB_RESULT_DELIVERED
				 : slice_is(event->status, "deferred") ? JOB_RESULT_DEFERRED
				 : slice_is(event->status, "bounced")  ? JOB_RESULT_BOUNCED
								       : JOB_RESULT_UNKNOWN;
	if (attempt.result != JOB_RESULT_UNKNOWN)
		jobs_attempted(work->jobs, event->id, &attempt);
}

void work_log_reader(struct work *work)
{
	jobs_follow_again(work->jobs);
	log_rates_restart(work->server->rates);
}

void work_repeats(struct work *work, const struct log_proto_repeats *head, struct cursor *repeats)
{
	watching_repeats(work->incidents, head, repeats);
}

void work_log_event(struct work *work, const struct log_proto_event *event)
{
	note_attempt(work, event);
	watching_log_event(work->incidents, event);
	pausing_log_event(work->pausing, event);
	if (is_qmgr_trouble(event))
		settings_qmgr_trouble(work->settings, event->reason);
	if (event->event == LOG_EVENT_PICKUP && event->other_id.len > 0)
		jobs_requeued(work->jobs, event->other_id, event->id);
}

/* What filters on `expires` go by. */
static void set_lifetimes(struct server *server)
{
	int64_t lifetime, bounce;

	api_lifetimes(&server->api, &lifetime, &bounce);
	index_set_lifetimes(server->index, lifetime, bounce);
}

void work_facts(struct work *work)
{
	set_lifetimes(work->server);
	jobs_set_postfix_version(work->jobs,
	    postfix_version(role_config_fact(work->server->api.config, "mail_version")));
	if (work->incidents != NULL)
		watching_facts(work->incidents, work->server->api.config);
}

/* A scope that is no filter any more has nothing in it. */
static void on_allowed(
    void *owner, const char *scope, const struct job_item *items, size_t count, bool *allowed)
{
	const struct work *work = owner;
	const struct api *api = &work->server->api;

	selection_allowed(
	    api->query, api_scopes_get(api->scopes, scope), items, count, clock_now(), allowed);
}

/* ---- Beginning and end ---- */

struct work *work_create(struct server *server)
{
	struct work *work = memory_zero(1, sizeof(*work));
	const struct ports *ports;

	work->server = server;
	work->ports = wire_ports_create(
	    server->questions[CONTROL_ROLE_HELPER], server->questions[CONTROL_ROLE_READER]);
	ports = wire_ports_functions(work->ports);
	work->jobs = jobs_create(server->store, ports,
	    &(struct jobs_events){work, on_job, on_follow, on_history, on_deleting,
		on_deleting_known, on_settled, on_allowed});
	server->api.jobs = work->jobs;
	/* Before jobs_resume: what a job may do depends on the version of Postfix. */
	work_facts(work);
	jobs_resume(work->jobs);
	work->settings =
	    settings_create(server->store, ports, &(struct settings_events){work, on_change},
		strcmp(role_config_get(&server->config, "settings.write"), "no") != 0,
		SETTINGS_WATCH_MS);
	server->api.settings = work->settings;
	work->pausing = pausing_create(server);
	work->history = history_create(server->store, server->api.query,
	    strtoll(role_config_get(&server->config, "store.sample_interval"), NULL, 10),
	    source_reads, work);
	work->incidents = watching_create(server);
	watching_facts(work->incidents, server->api.config);
	server->api.incidents = work->incidents;
	work->alerts = watching_alerts(server);
	server->api.alerts = work->alerts;

	work->prepare = memory_zero(1, sizeof(*work->prepare));
	work->timer = memory_zero(1, sizeof(*work->timer));
	uv_prepare_init(&server->loop, work->prepare);
	uv_timer_init(&server->loop, work->timer);
	work->prepare->data = work;
	uv_prepare_start(work->prepare, on_prepare);
	return work;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

void work_stop(struct work *work)
{
	/* Nothing new is begun; what was sent to the helper is recalled by the next server. */
	jobs_stop(work->jobs);
	settings_stop(work->settings);
	pausing_stop(work->pausing);
	alert_watch_stop(work->alerts);
	incident_watch_stop(work->incidents);
	uv_prepare_stop(work->prepare);
}

void work_destroy(struct work **work)
{
	struct work *w = *work;

	if (w == NULL)
		return;
	uv_close((uv_handle_t *)w->prepare, on_closed);
	uv_close((uv_handle_t *)w->timer, on_closed);
	wire_ports_destroy(&w->ports);
	jobs_destroy(&w->jobs);
	settings_destroy(&w->settings);
	pausing_destroy(&w->pausing);
	history_destroy(&w->history);
	alert_watch_destroy(&w->alerts);
	incident_watch_destroy(&w->incidents);
	free(w);
	*work = NULL;
}
