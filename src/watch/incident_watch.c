/* Turns by the clock; between them the queue is looked at bit by bit. */
#include "watch/incident_watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "watch/calm.h"
#include "watch/incident_budget.h"
#include "watch/incident_keeping.h"

#define TURN_MS (INCIDENTS_TURN * 1000)
/* Between two steps of a look: others have their turn of the loop. */
#define STEP_MS 3
#define MINUTE 60
#define RATE_WINDOW (10 * MINUTE)
/* Minutes for which the depth is remembered: one hour, and the one that is compared with it. */
#define DEPTHS 61

struct incident_watch {
	struct query *query;
	struct log_rates *rates;
	struct incident_watch_events events;
	struct incidents *incidents; /* NULL until the store was read */
	struct incident_gathering *gathering;
	struct incident_tracking *tracking;
	struct incident_keeping *keeping;
	struct incident_past *past;
	int64_t turn_ms, step_ms; /* monotonic: the next turn, the next step */
	struct incident_budget budget;
	bool done_something, stopped;
	int64_t as_of;
	bool log_counted; /* at the last turn: as far as it goes, or it cannot be read */
	uint64_t told_version;
	/* Deferred messages minute by minute, for the growth of an hour. */
	struct {
		int64_t minute, deferred;
	} depths[DEPTHS];
	struct incident_line lines[INCIDENT_WATCH_LINES_MAX];
	size_t line_count;
	/* The pauses as they were told last. */
	struct incident_past_pause *pauses;
	size_t pause_count;
	bool pauses_known;
};

static void learn(void *context, int64_t minute, enum rate_kind kind, struct slice key,
    const struct rate_counts *counts)
{
	struct incident_watch *w = context;

	if (minute <= clock_now() - INCIDENTS_LEARN_AFTER)
		incidents_learn(w->incidents, minute, kind, key, counts);
}

static void loaded(void *context, uint64_t first_id, struct slice memory)
{
	struct incident_watch *w = context;

	w->incidents = incidents_create(first_id);
	/* What cannot be read was of another version: the peaks are learned anew. */
	if (memory.len > 0)
		(void)incidents_restore(w->incidents, memory);
	log_rates_set_learner(w->rates, learn, w);
}

struct incident_watch *incident_watch_create(struct store *store, struct query *query,
    struct notices *notices, struct log_rates *rates, const struct incident_watch_events *events)
{
	struct incident_watch *w = memory_zero(1, sizeof(*w));

	w->query = query;
	w->rates = rates;
	w->events = *events;
	w->gathering = incident_gathering_create(query, notices, rates);
	w->tracking = incident_tracking_create();
	w->past = incident_past_create(store);
	w->keeping = incident_keeping_create(store, w->tracking, loaded, w);
	/* The first as soon as the loop runs: a page that comes shall find something. */
	w->turn_ms = clock_monotonic_ms();
	w->step_ms = -1;
	return w;
}

void incident_watch_stop(struct incident_watch *w)
{
	w->stopped = true;
	log_rates_set_learner(w->rates, NULL, NULL);
	if (w->incidents != NULL)
		incident_keeping_write(w->keeping, w->incidents, clock_now(), true);
}

static void forget_lines(struct incident_watch *w)
{
	for (size_t i = 0; i < w->line_count; i++) {
		incident_line_free(&w->lines[i]);
	}
	w->line_count = 0;
}

void incident_watch_destroy(struct incident_watch **watch)
{
	struct incident_watch *w = *watch;

	if (w == NULL)
		return;
	forget_lines(w);
	free(w->pauses);
	incident_keeping_destroy(&w->keeping);
	incident_past_destroy(&w->past);
	incident_tracking_destroy(&w->tracking);
	incident_gathering_destroy(&w->gathering);
	incidents_free(w->incidents);
	free(w);
	*watch = NULL;
}

/* ---- The last hour ---- */

static void add_line(
    struct incident_watch *w, int64_t at, const char *text, const char *words, const char *link)
{
	if (w->line_count < INCIDENT_WATCH_LINES_MAX)
		w->lines[w->line_count++] = (struct incident_line){at, memory_strdup(text),
		    memory_strdup(words), link != NULL ? memory_strdup(link) : NULL};
}

static void add_ended(struct incident_watch *w, const struct incident_row *row)
{
	BUFFER_AUTO struct buffer link = {0};
	SAID_AUTO struct said text = {0};

	said_put(&text, SAID_MOMENT_ENDED_OF, 0);
	said_then_said(&text, slice_of(row->title), incident_row_title_words(row));
	buffer_printf(&link, "/?page=incident&id=%lld", (long long)row->id);
	add_line(w, row->until, buffer_string(&text.text), buffer_string(&text.words),
	    buffer_string(&link));
}

static int newest_first(const void *a, const void *b)
{
	const struct incident_line *x = a, *y = b;

	return x->at < y->at ? 1 : x->at > y->at ? -1 : strcmp(x->text, y->text);
}

static void sum_up_last_hour(struct incident_watch *w, int64_t now)
{
	const struct incident_line *past;
	size_t count;

	forget_lines(w);
	past = incident_past_lines(w->past, &count);
	for (size_t i = 0; i < count; i++)
		if (past[i].at > now - 60 * MINUTE)
			add_line(w, past[i].at, past[i].text, past[i].words, past[i].link);
	for (size_t i = incident_tracking_open(w->tracking);
	     i < incident_tracking_count(w->tracking); i++) {
		const struct incident_row *row = &incident_tracking_at(w->tracking, i)->row;

		/* What it caused ended with it, and was never listed. */
		if (row->until > now - 60 * MINUTE && row->caused_by == 0)
			add_ended(w, row);
	}
	qsort(w->lines, w->line_count, sizeof(w->lines[0]), newest_first);
}

const struct incident_line *incident_watch_last_hour(const struct incident_watch *w, size_t *count)
{
	*count = w->line_count;
	return w->lines;
}

/* ---- Turns ---- */

static int64_t deferred_now(const struct incident_watch *w, struct index_status *status)
{
	query_status(w->query, query_scope_all(), clock_now(), status);
	return status->state == INDEX_CURRENT && w->events.source_reads(w->events.context)
		   ? (int64_t)status->counts[QUEUE_DEFERRED]
		   : -1;
}

static void note_depth(struct incident_watch *w, int64_t now)
{
	struct index_status status;
	size_t at = (size_t)(now / MINUTE % DEPTHS);

	w->depths[at].minute = now / MINUTE;
	w->depths[at].deferred = deferred_now(w, &status);
}

static void tell_change(struct incident_watch *w)
{
	uint64_t version = incident_watch_version(w);

	if (version == w->told_version)
		return;
	w->told_version = version;
	w->events.changed(w->events.context, version);
}

/* Of a helper that has gone nothing is known any more. */
static void look_at_host(struct incident_watch *w)
{
	struct incident_host host = *incident_gathering_host(w->gathering);

	host.postfix_running = w->events.postfix_running(w->events.context);
	if (host.postfix_running != 1)
		host.postfix_since = 0;
	incident_gathering_set_host(w->gathering, &host);
}

static void take_turn(struct incident_watch *w)
{
	int64_t now = clock_now();
	struct incident_log log = {0};
	const struct incident_facts *facts;

	look_at_host(w);
	incident_past_tick(w->past, now, w->done_something);
	w->done_something = false;
	incident_gathering_set_held_here(w->gathering, incident_past_held_here(w->past));
	w->events.log(w->events.context, &log);
	facts = incident_gathering_facts(
	    w->gathering, now, w->events.source_reads(w->events.context), &log);
	w->log_counted = facts->log_known || !log.known;
	incidents_turn(w->incidents, facts);
	incident_tracking_take(w->tracking, w->incidents, now);
	w->as_of = now;
	note_depth(w, now);
	sum_up_last_hour(w, now);
	incident_keeping_write(w->keeping, w->incidents, now, false);
	tell_change(w);
}

/* Steps until the look is over, or has had its share of this turn: then it goes on after it. */
static void step(struct incident_watch *w, int64_t now_ms)
{
	int64_t begun = clock_boot_us(), stepped;
	bool more = incident_gathering_step(w->gathering);

	stepped = clock_boot_us();
	more = incident_budget_step(&w->budget, stepped - begun) && more;
	w->step_ms = more ? now_ms + STEP_MS : -1;
	if (more || w->stopped)
		return;
	take_turn(w);
	incident_budget_turn(&w->budget, clock_boot_us() - stepped);
}

static void begin_turn(struct incident_watch *w, int64_t now_ms)
{
	w->turn_ms = now_ms + TURN_MS;
	incident_budget_begin(&w->budget);
	incident_gathering_look(w->gathering, clock_now());
	step(w, now_ms);
}

int64_t incident_watch_deadline_ms(const struct incident_watch *w)
{
	/* Until the store was read there is nothing to do but wait for it. */
	if (w->stopped || w->incidents == NULL)
		return -1;
	return w->step_ms >= 0 && w->step_ms < w->turn_ms ? w->step_ms : w->turn_ms;
}

void incident_watch_tick(struct incident_watch *w)
{
	int64_t now = clock_monotonic_ms();

	if (w->stopped || w->incidents == NULL)
		return;
	if (w->step_ms >= 0 && w->step_ms <= now)
		step(w, now);
	else if (w->turn_ms <= now)
		begin_turn(w, now);
}

/* ---- What the server is told ---- */

void incident_watch_set_host(struct incident_watch *w, const struct incident_host *host)
{
	incident_gathering_set_host(w->gathering, host);
}

void incident_watch_set_settings(struct incident_watch *w, const struct incident_settings *settings)
{
	incident_gathering_set_settings(w->gathering, settings);
}

void incident_watch_add_problem(struct incident_watch *w, const struct incident_problem *problem)
{
	incident_gathering_add_problem(w->gathering, problem);
}

void incident_watch_set_repeats(struct incident_watch *w, int64_t as_of,
    const struct incident_repeat_seen *repeats, size_t count)
{
	incident_gathering_set_repeats(w->gathering, as_of, repeats, count);
}

/* For the time that `text` lives. */
static void lend(struct incident_moment *moment, struct said *text)
{
	(void)buffer_string(&text->text);
	(void)buffer_string(&text->words);
	moment->text = text->text.data;
	moment->words = text->words.data;
}

void incident_watch_job(struct incident_watch *w, const struct job_row *job)
{
	BUFFER_AUTO struct buffer link = {0};
	SAID_AUTO struct said text = {0};
	struct incident_moment moment = {.at = job->finished, .kind = INCIDENT_MOMENT_JOB};

	if (!incident_past_job_text(job, &text))
		return;
	w->done_something = true;
	buffer_printf(&link, "/?jobs=%lld", (long long)job->id);
	(void)buffer_string(&link);
	lend(&moment, &text);
	moment.link = link.data;
	if (!job->by_ids && job->filter[0] != '\0')
		incident_tracking_did(w->tracking, job->filter, &moment);
}

void incident_watch_settings_changed(
    struct incident_watch *w, const struct settings_rows_change *change)
{
	static char link[] = "/?page=settings";
	SAID_AUTO struct said text = {0};
	struct incident_moment moment = {
	    .at = change->finished, .kind = INCIDENT_MOMENT_SETTINGS, .link = link};

	if (change->state != SETTINGS_APPLIED)
		return;
	w->done_something = true;
	incident_past_change_text(change, &text);
	lend(&moment, &text);
	incident_tracking_set(w->tracking, &moment);
}

static const struct incident_past_pause *pause_before(const struct incident_watch *w, int64_t id)
{
	for (size_t i = 0; i < w->pause_count; i++)
		if (w->pauses[i].id == id)
			return &w->pauses[i];
	return NULL;
}

static void tell_pause(struct incident_watch *w, const struct pause *pause)
{
	SAID_AUTO struct said text = {0};
	struct incident_moment moment = {.at = clock_now(), .kind = INCIDENT_MOMENT_PAUSE};

	if (!incident_past_pause_text(pause, pause_before(w, pause->id), &text))
		return;
	lend(&moment, &text);
	incident_tracking_paused(w->tracking, pause, &moment);
}

static void tell_held_back(
    struct incident_watch *w, const struct pause *const *pauses, size_t count)
{
	MEMORY_AUTO struct incident_held_back *held = memory_alloc((count + 1) * sizeof(*held));
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (pauses[i]->state == PAUSE_IN_FORCE && pauses[i]->trouble == NULL &&
		    (pauses[i]->kind == PAUSE_LOGIN || pauses[i]->kind == PAUSE_SENDER))
			held[n++] = (struct incident_held_back){
			    pauses[i]->kind == PAUSE_LOGIN ? INCIDENT_OF_LOGIN : INCIDENT_OF_SENDER,
			    slice_of(pauses[i]->key)};
	incident_gathering_set_held_back(w->gathering, held, n);
}

void incident_watch_set_pauses(
    struct incident_watch *w, const struct pause *const *pauses, size_t count)
{
	struct incident_past_pause *now = memory_alloc((count + 1) * sizeof(*now));

	for (size_t i = 0; i < count; i++) {
		now[i] =
		    (struct incident_past_pause){pauses[i]->id, pauses[i]->until, pauses[i]->state};
		if (w->pauses_known)
			tell_pause(w, pauses[i]);
	}
	free(w->pauses);
	w->pauses = now;
	w->pause_count = count;
	w->pauses_known = true;
	tell_held_back(w, pauses, count);
}

/* ---- For the API ---- */

const struct incident_tracking *incident_watch_tracking(const struct incident_watch *w)
{
	return w->tracking;
}

uint64_t incident_watch_version(const struct incident_watch *w)
{
	uint64_t own = w->incidents != NULL ? incidents_version(w->incidents) : 0;

	return own + incident_tracking_version(w->tracking);
}

int64_t incident_watch_as_of(const struct incident_watch *w)
{
	return w->as_of;
}

bool incident_watch_kept(const struct incident_watch *w)
{
	return incident_keeping_works(w->keeping);
}

unsigned incident_watch_open(const struct incident_watch *w, enum incident_severity severity)
{
	unsigned open = 0;

	for (size_t i = 0; i < incident_tracking_open(w->tracking); i++) {
		const struct incident_row *row = &incident_tracking_at(w->tracking, i)->row;

		open += row->state == INCIDENT_OPEN && row->severity == (int)severity &&
			row->caused_by == 0 && row->snoozed_until == 0;
	}
	return open;
}

bool incident_watch_is_calm(const struct incident_watch *w)
{
	return incident_watch_open(w, INCIDENT_WATCH) + incident_watch_open(w, INCIDENT_ACT) == 0;
}

const struct incident_gathering *incident_watch_gathering(const struct incident_watch *w)
{
	return w->gathering;
}

int64_t incident_watch_last_took(const struct incident_watch *w, struct slice domain)
{
	return w->incidents != NULL ? incidents_last_took(w->incidents, domain) : 0;
}

/* An hour ago as it was seen, or as the store has it from before the start. */
static int64_t deferred_an_hour_ago(const struct incident_watch *w, int64_t now)
{
	for (int64_t minute = now / MINUTE - 60; minute < now / MINUTE - 57; minute++) {
		size_t at = (size_t)(minute % DEPTHS);

		if (w->depths[at].minute == minute && w->depths[at].deferred >= 0)
			return w->depths[at].deferred;
	}
	return incident_past_usual(w->past)->hour_ago;
}

static void fill_rates(const struct incident_watch *w, int64_t now, struct incident_summary *out)
{
	const struct rates *rates = log_rates_minutes(w->rates);
	struct rate_counts sum;
	int64_t to;

	out->received = out->delivered = out->returned = -1;
	if (!log_rates_are_current(w->rates, now))
		return;
	/* The last ten minutes that are complete. */
	to = rates_newest(rates) + MINUTE;
	sum = rates_sum(rates, RATE_TOTAL, SLICE(""), to - RATE_WINDOW, to);
	out->received = sum.n[RATE_RECEIVED] * (double)MINUTE / RATE_WINDOW;
	out->delivered = sum.n[RATE_DELIVERED] * (double)MINUTE / RATE_WINDOW;
	out->returned = (sum.n[RATE_BOUNCED] + sum.n[RATE_EXPIRED]) * (double)MINUTE / RATE_WINDOW;
}

void incident_watch_summary(const struct incident_watch *w, struct incident_summary *out)
{
	const struct usual *usual = incident_past_usual(w->past);
	int64_t now = clock_now(), before;
	struct index_status status;

	*out = (struct incident_summary){.deferred = deferred_now(w, &status)};
	before = deferred_an_hour_ago(w, now);
	out->growth_known = out->deferred >= 0 && before >= 0;
	out->deferred_growth = out->growth_known ? out->deferred - before : 0;
	out->deferred_usual = usual->days > 0 ? usual->change : -1;
	out->oldest_arrival = out->deferred >= 0 && status.messages > 0 ? status.oldest_arrival : 0;
	out->postfix_since = incident_gathering_host(w->gathering)->postfix_since;
	fill_rates(w, now, out);
}

void incident_watch_sentence(
    const struct incident_watch *w, const struct incident_summary *summary, struct said *out)
{
	int64_t now = clock_now();
	struct calm calm = {.needs = incident_watch_open(w, INCIDENT_ACT),
	    .watch = incident_watch_open(w, INCIDENT_WATCH),
	    .queue_known = summary->deferred >= 0,
	    .log_behind = !w->log_counted,
	    .deferred = summary->deferred,
	    .oldest_age = summary->oldest_arrival != 0 ? now - summary->oldest_arrival : -1,
	    .usual = *incident_past_usual(w->past)};
	time_t at = (time_t)now;
	struct tm tm = {0};

	if (localtime_r(&at, &tm) != NULL)
		calm.weekday = (unsigned)tm.tm_wday;
	calm_sentence(out, &calm);
}

/* ---- What people do ---- */

struct deed {
	struct incident_watch *watch;
	incident_watch_done *done;
	void *context;
};

static void deed_is_done(void *context, const struct incident_note *note, const struct error *err)
{
	struct deed *deed = context;

	deed->done(deed->context, note, err);
	if (!deed->watch->stopped)
		tell_change(deed->watch);
	free(deed);
}

static struct deed *deed_create(struct incident_watch *w, incident_watch_done *done, void *context)
{
	struct deed *deed = memory_alloc(sizeof(*deed));

	*deed = (struct deed){w, done, context};
	return deed;
}

void incident_watch_add_note(struct incident_watch *w, int64_t id, const char *who,
    struct slice text, incident_watch_done *done, void *context)
{
	incident_keeping_add_note(
	    w->keeping, id, who, text, clock_now(), deed_is_done, deed_create(w, done, context));
}

void incident_watch_snooze(struct incident_watch *w, int64_t id, const char *who, int64_t until,
    incident_watch_done *done, void *context)
{
	incident_keeping_snooze(
	    w->keeping, id, who, until, clock_now(), deed_is_done, deed_create(w, done, context));
}
