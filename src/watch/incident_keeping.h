/* Keeps incidents in the store: what is new after each turn, notes and snoozes, what the module
 * must remember; and reads all of it at the start. One write is under way at a time. */
#ifndef WATCH_INCIDENT_KEEPING_H
#define WATCH_INCIDENT_KEEPING_H

#include "base/buffer.h"
#include "store/store.h"
#include "watch/incident_tracking.h"

/* What the module remembers may be megabytes: it is written this seldom, and at the end. */
#define INCIDENT_KEEPING_MEMORY_SECONDS 600
/* But no later than this after incidents have opened or ended. */
#define INCIDENT_KEEPING_CHANGED_SECONDS 10
/* A store that is away is tried again after so long. */
#define INCIDENT_KEEPING_RETRY_SECONDS 30

struct incident_keeping;

/* At the start: the number above all that were given, and what was remembered (empty: nothing).
 * The tracking has what was kept by then. Where the store cannot be read, `first_id` is the time,
 * which is above all that will be given before it can be read again. */
typedef void incident_keeping_loaded(void *context, uint64_t first_id, struct slice memory);

/* Calls `loaded` once, later. Store and tracking outlive its last write. */
struct incident_keeping *incident_keeping_create(struct store *store,
    struct incident_tracking *tracking, incident_keeping_loaded *loaded, void *context);
/* After the store was destroyed. Accepts a pointer to NULL. */
void incident_keeping_destroy(struct incident_keeping **keeping);

/* Writes what is new, and what the module remembers when it is time for that, or at once: `last`.
 */
void incident_keeping_write(
    struct incident_keeping *keeping, const struct incidents *incidents, int64_t now, bool last);
/* The last write succeeded, or there was nothing to write yet and the store could be read; and the
 * store is well. */
bool incident_keeping_works(const struct incident_keeping *keeping);

/* Later, exactly once. `err` NULL: it is done, and in the tracking. */
typedef void incident_keeping_done(
    void *context, const struct incident_note *note, const struct error *err);
void incident_keeping_add_note(struct incident_keeping *keeping, int64_t id, const char *who,
    struct slice text, int64_t now, incident_keeping_done *done, void *context);
void incident_keeping_snooze(struct incident_keeping *keeping, int64_t id, const char *who,
    int64_t until, int64_t now, incident_keeping_done *done, void *context);

#endif
