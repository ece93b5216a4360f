/* The jobs that have not ended: finding them, telling of them, moving them on, writing their rows.
 */
#ifndef JOBS_UNFINISHED_H
#define JOBS_UNFINISHED_H

#include "jobs/engine.h"

/* ---- the list ---- */

/* NULL where there is none. */
struct unfinished *unfinished_find(const struct jobs *jobs, int64_t id);
/* At the end of the list. */
struct unfinished *unfinished_add(struct jobs *jobs, const struct job_row *row);
/* Frees it. */
void unfinished_remove(struct jobs *jobs, struct unfinished *job);
/* It has messages that may be acted on: it is whole, and neither in a grace time nor just being
 * cancelled. */
bool unfinished_is_runnable(const struct unfinished *job);
/* Somebody cancelled it before it had done its part. */
bool unfinished_wants_cancel(const struct unfinished *job);
/* Messages whose turn in the present pass is still to come. */
int64_t unfinished_left(const struct unfinished *job);

/* ---- what is told of it ---- */

/* What keeps it from going on; empty: nothing. */
void unfinished_set_problem(struct unfinished *job, const char *text);
/* Nothing is known of its speed from now on: another kind of work begins, or it stood still. */
void unfinished_forget_speed(struct unfinished *job);
/* Says that the job moved, JOBS_TELL_MS after the last time at the earliest; `at_once` for what
 * nobody should wait for. */
void unfinished_tell(struct jobs *jobs, struct unfinished *job, bool at_once);
/* Says what was held back by that. */
void unfinished_tell_late(struct jobs *jobs, int64_t now_ms);

/* ---- its row ---- */

/* Writes it; `done` (may be NULL) hears of it. Where that fails it is tried again. */
void unfinished_save(struct jobs *jobs, struct unfinished *job, jobs_done *done, void *context);
/* Tries again what could not be written. */
void unfinished_save_late(struct jobs *jobs, int64_t now_ms);
/* The one place where a job moves on: begins the new state with nothing known of its problem or
 * speed, and writes its row as unfinished_save does. */
void unfinished_move(struct jobs *jobs, struct unfinished *job, enum job_state state,
    jobs_done *done, void *context);

/* What grace times are counted by, now. */
struct grace_clock unfinished_grace_clock(const struct jobs *jobs);

#endif
