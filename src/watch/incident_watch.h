/* Takes the turns of the incidents: gathers facts, keeps what comes out in the store, and answers
 * for the API. While the store is away incidents go on from memory.
 *
 * A turn is every INCIDENTS_TURN seconds. The queue is looked at in steps of a millisecond, each
 * in a turn of the loop of its own, and before each turn as many as fit (watch/incident_budget.h):
 * of a very large queue the counts are some turns old. */
#ifndef WATCH_INCIDENT_WATCH_H
#define WATCH_INCIDENT_WATCH_H

#include "watch/incident_gathering.h"
#include "watch/incident_past.h"
#include "watch/incident_tracking.h"

/* Lines about the last hour. */
#define INCIDENT_WATCH_LINES_MAX 50
/* People put an incident aside for a weekend or a holiday, not for ever. */
#define INCIDENT_WATCH_SNOOZE_MAX (30 * 86400)

struct incident_watch;

struct incident_watch_events {
	void *context;
	/* The source of the queue can be read now. */
	bool (*source_reads)(void *context);
	void (*log)(void *context, struct incident_log *out);
	/* 1, 0, -1: not known; where it is not known of the last incident_host any more. */
	int (*postfix_running)(void *context);
	/* People would see another list. */
	void (*changed)(void *context, uint64_t version);
};

/* Store, query, notices and rates outlive it, but for what incident_watch_stop says. */
struct incident_watch *incident_watch_create(struct store *store, struct query *query,
    struct notices *notices, struct log_rates *rates, const struct incident_watch_events *events);
/* Takes no more turns, and gives the store what must outlive a restart. Before the store is
 * destroyed. */
void incident_watch_stop(struct incident_watch *watch);
/* After the store was destroyed, before the query. Accepts a pointer to NULL. */
void incident_watch_destroy(struct incident_watch **watch);

/* Milliseconds on the monotonic clock. */
int64_t incident_watch_deadline_ms(const struct incident_watch *watch);
void incident_watch_tick(struct incident_watch *watch);

/* What the server is told: see incident_gathering.h. */
void incident_watch_set_host(struct incident_watch *watch, const struct incident_host *host);
void incident_watch_set_settings(
    struct incident_watch *watch, const struct incident_settings *settings);
void incident_watch_add_problem(
    struct incident_watch *watch, const struct incident_problem *problem);
void incident_watch_set_repeats(struct incident_watch *watch, int64_t as_of,
    const struct incident_repeat_seen *repeats, size_t count);
/* A job has ended, or changed how far it is; settings were changed. */
void incident_watch_job(struct incident_watch *watch, const struct job_row *job);
void incident_watch_settings_changed(
    struct incident_watch *watch, const struct settings_rows_change *change);

/* All pauses that have not ended, whenever one of them has changed. The first time it is only what
 * there is: their moments were told before. */
void incident_watch_set_pauses(
    struct incident_watch *watch, const struct pause *const *pauses, size_t count);

/* ---- For the API. What is pointed to is valid until the loop's next turn. ---- */

const struct incident_tracking *incident_watch_tracking(const struct incident_watch *watch);
uint64_t incident_watch_version(const struct incident_watch *watch);
/* Unix seconds of the last turn; 0: there was none. */
int64_t incident_watch_as_of(const struct incident_watch *watch);
/* The store has what is shown, but for the last minutes. */
bool incident_watch_kept(const struct incident_watch *watch);
/* Nothing is open that somebody should look at, but what was put aside or is explained by another.
 */
bool incident_watch_is_calm(const struct incident_watch *watch);

/* What the turns are taken with: the last look at the queue, the host. */
const struct incident_gathering *incident_watch_gathering(const struct incident_watch *watch);
/* When that domain last took mail, to the minute; 0: never seen. */
int64_t incident_watch_last_took(const struct incident_watch *watch, struct slice domain);
/* Open, not put aside and explained by no other, of this severity. */
unsigned incident_watch_open(const struct incident_watch *watch, enum incident_severity severity);

struct incident_summary {
	int64_t deferred;	 /* now; -1: not known */
	int64_t deferred_growth; /* in the last hour */
	bool growth_known;
	int64_t deferred_usual; /* change of an hour; -1: not known */
	/* Recipients a minute over the last ten; -1: not known. */
	double received, delivered, returned;
	int64_t oldest_arrival; /* 0: the queue is empty, or not known */
	int64_t postfix_since;	/* 0: not known */
};
void incident_watch_summary(const struct incident_watch *watch, struct incident_summary *out);
/* Of the same moment as the summary. */
void incident_watch_sentence(
    const struct incident_watch *watch, const struct incident_summary *summary, struct said *out);

/* The newest first. */
const struct incident_line *incident_watch_last_hour(
    const struct incident_watch *watch, size_t *count);

/* Calls `done` later, exactly once. `err` NULL: it is done. incident_not_found, incident_ended,
 * or what the store says. */
typedef void incident_watch_done(
    void *context, const struct incident_note *note, const struct error *err);
void incident_watch_add_note(struct incident_watch *watch, int64_t id, const char *who,
    struct slice text, incident_watch_done *done, void *context);
/* `until` 0 wakes it. */
void incident_watch_snooze(struct incident_watch *watch, int64_t id, const char *who, int64_t until,
    incident_watch_done *done, void *context);

#endif
