/* The jobs of this service: takes selections, writes them to the store, runs them through the
 * ports, and finishes after a crash what was begun. One job at a time has commands under way;
 * others wait their turn between its batches, the smallest first, so that three messages never wait
 * for a million.
 *
 * Bound to no event loop: call jobs_tick() at jobs_deadline_ms() and after the channels and the
 * store were dispatched. All functions belong to one thread; callbacks come from jobs_tick,
 * store_dispatch and the ports' answers, never from within the call that asked. */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "exchange/ports.h"
#include "jobs/follow.h"
#include "jobs/selection.h"
#include "store/job_rows.h"
#include "store/store.h"

/* The grace time of a delete where the request names none, and the longest. */
#define JOBS_UNDO_DEFAULT 300
#define JOBS_UNDO_MAX 604800
/* A retry's pace: messages a minute to each destination. */
#define JOBS_RATE_MAX 60000
/* Jobs that one person may have under way (jobs_open_of), for who lets people submit. */
#define JOBS_OPEN_MAX 50

struct jobs;

/* `never_active`: the log reaches back, it has lines about the message, and none says that the
 * queue manager took it up. False when it did, or nobody knows. */
typedef void jobs_history_done(void *context, bool never_active);

struct jobs_events {
	void *context;
	/* A job was made, moved on or ended: told at most 4 times a second for each job, and at its
	 * end; also later, when the log says what became of its messages. */
	void (*changed)(void *context, const struct job_row *job);
	/* These are about to be re-queued or tried: what the mail log says of them is of interest
	 * for FOLLOW_SECONDS (jobs_requeued, jobs_attempted). May be NULL. False when nothing
	 * will be heard: the log cannot be read. */
	bool (*follow)(void *context, const struct slice *ids, size_t count);
	/* Asks the mail log, back to `since_us`, whether the queue manager has ever taken `id` up;
	 * answered exactly once, maybe at once. May be NULL. */
	void (*history)(void *context, struct slice id, int64_t since_us, jobs_history_done *done,
	    void *done_context);
	/* A delete has this message on hold until it removes it, or is about to put it there
	 * (`holds`); or has no more, and then its outcome says why. May be NULL. */
	void (*deleting)(void *context, int64_t job, const struct job_item *item, bool holds);
	/* All that jobs from before this process hold has been told. May be NULL. */
	void (*deleting_known)(void *context);
	/* What became of a message is on disk: `item->outcome` is another than before, and neither
	 * planned nor sent. May be NULL. */
	void (*settled)(void *context, const struct job_row *job, const struct job_item *item);
	/* Which of these messages may be acted on now by somebody with this scope, who did when he
	 * chose them: he may see less by now, or they go to more recipients (selection_allowed).
	 * NULL: nobody can tell, so none of them. */
	void (*allowed)(void *context, const char *scope, const struct job_item *items,
	    size_t count, bool *allowed);
};

/* Both `ports` and `store` outlive the engine; nothing runs before jobs_resume. */
struct jobs *jobs_create(
    struct store *store, const struct ports *ports, const struct jobs_events *events);
/* Nothing new is begun from now on; what is under way is found again by the next jobs_resume. Then
 * destroy the store and the ports, and after them the engine. */
void jobs_stop(struct jobs *jobs);
/* Accepts a pointer to NULL. */
void jobs_destroy(struct jobs **jobs);

/* Takes up the unfinished jobs of the store. To be called once, when the store is open. */
void jobs_resume(struct jobs *jobs);
/* The helper or the reader came (back): what waited for them goes on. */
void jobs_ports_ready(struct jobs *jobs);

/* What Postfix said about itself; jobs need to know. 305 for 3.5, 0 unknown. */
void jobs_set_postfix_version(struct jobs *jobs, int version);

/* The monotonic time (clock_monotonic_ms) at which jobs_tick wants to be called; -1: none. */
int64_t jobs_deadline_ms(const struct jobs *jobs);
void jobs_tick(struct jobs *jobs);
/* Nothing is under way and no callback outstanding. */
bool jobs_idle(const struct jobs *jobs);

struct jobs_request {
	enum job_action action;
	const char *who;
	uint64_t person;    /* the same for all that one person submits; 0: nobody's */
	const char *note;   /* NULL for none */
	const char *filter; /* of the view; NULL: explicit IDs */
	/* What `who` may see, as a filter; NULL: everything. Each message is looked at again with
	 * it before anything is sent for it (jobs_events.allowed). */
	const char *scope;
	int64_t undo_seconds; /* a delete's grace time, 0 to JOBS_UNDO_MAX; -1: JOBS_UNDO_DEFAULT */
	int64_t rate;	      /* a retry's pace, 0: none, to JOBS_RATE_MAX */
	int64_t undoes;	      /* the job whose work is taken back; 0: none */
	struct slice record;  /* what the audit is promised in the same transaction: members of a
			       * record (store/audit_rows.h), to which the job's number comes */
	bool no_reload;	      /* a release: what may not go back now stays on hold until somebody
				 else has reloaded or started Postfix anew */
};

/* `job` is NULL when `err` says why not. */
typedef void jobs_done(void *context, const struct job_row *job, const struct error *err);

/* Writes the job, in slices, and answers when it is on disk; of a large one when its first slice is
 * (state JOB_WRITING). It runs only when all of it is there; where that fails later, or the process
 * dies, it ends as cancelled with a problem that says so, and nothing was done. Takes the selection
 * over (and sets it to NULL). Errors: nothing_matched, not_all_yours, invalid_value,
 * unsupported_by_postfix, and those of the store (then nothing will run). */
void jobs_submit(struct jobs *jobs, const struct jobs_request *request,
    struct selection **selection, jobs_done *done, void *context);

/* How many jobs of that person are unfinished, without those that wait out a grace time: since the
 * service began, which forgets who submitted those of before. */
size_t jobs_open_of(const struct jobs *jobs, uint64_t person);

/* Stops a planned or running job between two batches; what it holds for a grace time is released.
 * Errors: job_not_found, job_finished. */
void jobs_cancel(struct jobs *jobs, int64_t id, jobs_done *done, void *context);
/* When the grace time of a delete ends, in Unix seconds; 0 where it has not begun, or there is no
 * such job under way. */
int64_t jobs_grace_until(const struct jobs *jobs, int64_t id);
/* Releases what a delete in grace holds. Errors: job_not_found, not_undoable (no delete, no grace
 * time, or it has passed). Answers when the wish is on disk; the job becomes `undone` when all is
 * released. */
void jobs_undo(struct jobs *jobs, int64_t id, jobs_done *done, void *context);
/* Ends the grace time now. Errors as jobs_undo. */
void jobs_finish_grace(struct jobs *jobs, int64_t id, jobs_done *done, void *context);

/* Everything else is read from the store: job_rows_get, job_rows_list, job_rows_items. What the
 * engine knows beyond it of an unfinished job: why it does not go on, for job->problem (left alone
 * where there is nothing to say), its speed and the time that is left. */
void jobs_add_progress(const struct jobs *jobs, struct job_row *job);

/* The log reader saw `pickup: NEW: ... orig_id=OLD`: a re-queued message has a new ID. */
void jobs_requeued(struct jobs *jobs, struct slice old_id, struct slice new_id);

/* The log reader saw that the queue manager took `id` up, and what an attempt on it gave: written
 * beside the outcome of the job that last re-queued or retried it, and counted. */
void jobs_began(struct jobs *jobs, struct slice id);
void jobs_attempted(struct jobs *jobs, struct slice id, const struct follow_attempt *attempt);
/* There is a new log reader: tells `follow` all that is still of interest. */
void jobs_follow_again(struct jobs *jobs);

/* How many of these messages that are on hold may not go back before Postfix is reloaded, of the
 * first PORTS_BATCH_MAX of them; -1 where nobody can tell now. Answers exactly once, later: after
 * jobs_stop with -1, and at the latest in jobs_destroy. */
typedef void jobs_weighed(void *context, int64_t unsafe);
void jobs_weigh_release(
    struct jobs *jobs, const struct selection *selection, jobs_weighed *done, void *context);

/* Asks Postfix to try the whole queue now (`postqueue -f`). What success means: the queue manager
 * was told; it takes deferred and incoming mail as it has room, ignoring their times and
 * defer_transports, pickup takes what is in maildrop; held and corrupt mail is not touched. It does
 * not mean that anything was delivered. Done exactly once, with `err` filled in, or NULL when
 * Postfix was told; where no answer came before jobs_destroy, then, with helper_unavailable. */
typedef void jobs_flush_done(void *context, const struct error *err);
void jobs_flush(struct jobs *jobs, jobs_flush_done *done, void *context);

#endif
