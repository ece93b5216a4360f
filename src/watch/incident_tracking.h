/* Every incident that is open, and those that ended within a day, with their notes and timelines: a
 * turn's list (watch/incidents/incidents.h) compared with that of the turn before. Pure: no clock,
 * no store; who keeps it asks what is new. */
#ifndef WATCH_INCIDENT_TRACKING_H
#define WATCH_INCIDENT_TRACKING_H

#include "store/incident_rows.h"
#include "store/pause_rows.h"
#include "watch/incidents/incidents.h"

/* Those that ended are known so long without the store, and at most so many of them. */
#define INCIDENT_TRACKING_ENDED_SECONDS 86400
#define INCIDENT_TRACKING_ENDED_MAX 200
/* What only grows or shrinks is written this seldom; what people would miss, at once. */
#define INCIDENT_TRACKING_SAVE_SECONDS 300

struct incident_tracking;

struct incident_tracking *incident_tracking_create(void);
/* Accepts a pointer to NULL. */
void incident_tracking_destroy(struct incident_tracking **tracking);

/* One from the store, as it was kept; takes what is in `record`, which is empty then. */
void incident_tracking_restore(struct incident_tracking *tracking, struct incident_record *record);
/* The list after a turn. */
void incident_tracking_take(
    struct incident_tracking *tracking, const struct incidents *incidents, int64_t now);

/* Those that have not ended, in the order of the last turn; then those that have, the latest
 * first. */
size_t incident_tracking_open(const struct incident_tracking *tracking);
size_t incident_tracking_count(const struct incident_tracking *tracking);
const struct incident_record *incident_tracking_at(
    const struct incident_tracking *tracking, size_t i);
/* NULL where there is none. */
const struct incident_record *incident_tracking_find(
    const struct incident_tracking *tracking, int64_t id);
/* Counts what people would see beside incidents_version: notes, snoozes, ends. */
uint64_t incident_tracking_version(const struct incident_tracking *tracking);

/* What people did, once it is in the store: its moments are not told again by
 * incident_tracking_unsaved. False where there is no such incident (any more), or no room. */
bool incident_tracking_add_note(
    struct incident_tracking *tracking, int64_t id, const struct incident_note *note);
/* `until` 0: it is woken. */
bool incident_tracking_snooze(struct incident_tracking *tracking, int64_t id, int64_t until,
    const char *who, const struct incident_moment *moment);
/* A job: to the timeline of each open incident whose filter this is, or is narrowed by it ("FILTER
 * queue:hold", "(FILTER) queue:hold"). */
void incident_tracking_did(
    struct incident_tracking *tracking, const char *filter, const struct incident_moment *moment);
/* A change of Postfix's settings: to the timeline of each open incident that one may cause or mend:
 * about when mail is tried again and for how long, or about Postfix itself. */
void incident_tracking_set(
    struct incident_tracking *tracking, const struct incident_moment *moment);

/* A pause was set, changed or lifted: to the timeline of each open incident whose mail it holds
 * back. */
void incident_tracking_paused(struct incident_tracking *tracking, const struct pause *pause,
    const struct incident_moment *moment);

/* Copies of what the store does not have yet: rows, and with them the moments that are new. The
 * caller frees. */
void incident_tracking_unsaved(
    struct incident_tracking *tracking, int64_t now, struct incident_records *out);
/* That is in the store now; or it is not (`saved` false), and is told again. */
void incident_tracking_saved(struct incident_tracking *tracking, bool saved);

#endif
