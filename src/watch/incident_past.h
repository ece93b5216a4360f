/* What the store tells of the time before: what was usual, and what was done in the last hour.
 * Asked for again every minute, and when something was done. */
#ifndef WATCH_INCIDENT_PAST_H
#define WATCH_INCIDENT_PAST_H

#include "base/said.h"
#include "store/job_rows.h"
#include "store/pause_rows.h"
#include "store/settings_rows.h"
#include "store/store.h"
#include "store/usual.h"

#define INCIDENT_PAST_SECONDS 60
/* Jobs and changes of the last hour that are told: the newest. */
#define INCIDENT_PAST_LINES_MAX 20

struct incident_line {
	int64_t at;
	char *text, *words; /* base/said.h */
	char *link;	    /* NULL: none */
};
void incident_line_free(struct incident_line *line);

struct incident_past;

struct incident_past *incident_past_create(struct store *store);
/* After the store was destroyed. Accepts a pointer to NULL. */
void incident_past_destroy(struct incident_past **past);

/* Asks when it is time. `soon`: something was done. */
void incident_past_tick(struct incident_past *past, int64_t now, bool soon);

/* Where the store has not answered: weeks and days 0, hour_ago -1. */
const struct usual *incident_past_usual(const struct incident_past *past);
/* Messages that hold jobs put on hold, less those taken back from one (job_rows_held); -1: not
 * known. */
int64_t incident_past_held_here(const struct incident_past *past);
/* In no order. */
const struct incident_line *incident_past_lines(const struct incident_past *past, size_t *count);

/* "anna released 14 messages"; whether that job has ended and did anything. */
bool incident_past_job_text(const struct job_row *job, struct said *out);
/* "anna set queue_run_delay to 100s" */
void incident_past_change_text(const struct settings_rows_change *change, struct said *out);

/* What has become of a pause since it was as `before` says; `before` NULL: it was not there. "anna
 * holds back mail for shop.example until 2026-11-30T21:00:00Z
 * (overloaded)" False where nothing
 * that people would miss. */
struct incident_past_pause {
	int64_t id, until;
	enum pause_state state;
};
bool incident_past_pause_text(
    const struct pause *pause, const struct incident_past_pause *before, struct said *out);

#endif
