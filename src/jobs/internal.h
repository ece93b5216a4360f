/* What jobs.c (who is next), batch.c (one batch through its commands) and submit.c (writing a new
 * job) share. Nobody else includes it. */
#ifndef JOBS_INTERNAL_H
#define JOBS_INTERNAL_H

#include "jobs/batch_state.h"
#include "jobs/decide.h"
#include "jobs/follow.h"
#include "jobs/grace.h"
#include "jobs/jobs.h"

/* Whatever could not be done (the helper is gone, the disk is full) is tried again so often. */
#define JOBS_AGAIN_MS 2000
/* A job's progress is told at most so often. */
#define JOBS_TELL_MS 250
/* What had to stay on hold is tried again so often. */
#define JOBS_KEPT_AGAIN_MS 5000
/* Speed is measured over half a second at least, and smoothed over some seconds. */
#define JOBS_SPEED_MS 500
#define JOBS_SPEED_SMOOTH_MS 4000.0

/* An unfinished job. */
struct live {
	struct live *next;
	struct job_row row;
	int64_t wait_ms; /* monotonic: not before then; 0 at once */
	int64_t cursor;	 /* the last item that this pass has seen */
	bool recovering; /* what was sent before this process began is still to be looked at */
	bool drained;	 /* this pass has read its last item */
	bool cancelling; /* its untried items are being settled */
	int64_t told_ms;
	bool untold;
	bool unsaved;	   /* its row could not be written */
	bool whole;	   /* all its messages are in the store: before that it never runs */
	bool abandoned;	   /* it will never be whole, and is to end; `problem` says why */
	struct pace *pace; /* of a retry with a rate */
	bool paced;	   /* what is left for each destination is known */
	char destination[JOB_ROWS_DESTINATION_MAX + 1]; /* while it becomes known: the last one */
	double speed;	  /* messages a second, smoothed; 0 not known */
	int64_t speed_ms; /* when it was last measured, 0 not yet; and how many were left then */
	int64_t speed_left;
	uint64_t reload; /* the last one that was counted for it */
	size_t kept;	 /* messages that this pass left on hold, though they are to go back */
	char kept_why[JOB_ROWS_ERROR_MAX + 1];
	char problem[JOB_ROWS_ERROR_MAX + 1];
};

/* Batches of one job under way: those whose commands run, one ready to be next, and one whose
 * outcomes are being written. So the disk works beside Postfix's tools, and after a crash there are
 * at most this many times PORTS_BATCH_MAX messages to look at. */
#define JOBS_BATCHES 4
/* Of their commands so many run at once, on messages of their own: one starts while another ends.
 * Not of those that go through flush(8), which is one process. */
#define JOBS_COMMANDS 2

/* What happens once the items are on disk. */
enum batch_then { BATCH_THEN_RUN, BATCH_THEN_END };

struct batch {
	struct jobs *jobs;
	struct live *live;	/* NULL: this place is free */
	uint64_t number;	/* in the order in which they began */
	enum batch_state state; /* batch_move changes it */
	enum batch_then then;
	bool recover; /* ask the helper for what the last process's command said */
	int64_t wait_ms;
	int64_t cursor;
	struct job_items items;
	struct decide_item *work; /* one for each item */
	enum decide_move move;
	size_t *chosen; /* the items that `move` is for */
	struct slice *ids;
	size_t count;
	uint64_t token;		/* of its last command */
	uint64_t untaken;	/* a finished run whose outcome is not on disk yet; 0 none */
	struct job_row row;	/* as it was when its items were read */
	struct pace_pick *pick; /* of a paced retry: what it takes; else NULL */
	size_t picks;
	struct job_destinations *destinations; /* being read; else NULL */
	struct job_stop stop;		       /* given up by this batch; untried 0: nothing */
	int64_t delta[JOB_OUTCOMES];	       /* of the counts, since items were last written */
	char trouble[256];
	/* Of messages that go back from hold (release_gate.c). */
	unsigned reloads;	  /* that this batch waited for */
	char reload_trouble[256]; /* why the last one failed; empty: it did not */
	size_t log_at;		  /* the item that the mail log is asked about */
	bool in_ask_log;
	int64_t cleared_ms; /* monotonic: when they were last judged */
};

/* The reload of Postfix that messages on hold wait for; there is one at a time. */
struct reload {
	enum { RELOAD_IDLE, RELOAD_RUNNING, RELOAD_SETTLING } doing;
	bool asking;			     /* for the queue manager */
	uint64_t number;		     /* from 1 */
	int64_t begun_boot_us;		     /* clock_boot_us */
	int64_t next_ms, until_ms, blind_ms; /* monotonic */
	int64_t blind_boot_us;		     /* struct release_facts, reloaded_boot_us */
};

/* A question that somebody asked of the ports beside all jobs. Where the ports go first it has no
 * answer: jobs_destroy gives it up. */
struct jobs_question {
	struct jobs_question *next;
	struct jobs *jobs;
	/* Tells whoever asked that there is no answer, and frees it. */
	void (*give_up)(struct jobs_question *question);
};

struct jobs {
	struct store *store;
	struct ports ports;
	struct jobs_events events;
	struct live *first;
	struct batch batch[JOBS_BATCHES]; /* all of one job */
	uint64_t last_batch;
	struct reload reload;
	char boot[JOB_ROWS_BOOT_MAX + 1]; /* struct grace_clock */
	int64_t wall_offset_us;		  /* struct release_facts; taken at each tick */
	struct follow *follow;
	int postfix_version;
	struct jobs_question *questions;
	unsigned pending; /* callbacks outstanding beside the batch's */
	bool deaf;	  /* the log cannot be read: no answers are waited for */
	bool stopping;
	bool resumed;
	int64_t resume_ms; /* when to try to read the unfinished jobs again; 0 not */
	int64_t expire_ms;
	int64_t follow_ms; /* when news of the log are next written */
};

/* ---- jobs.c ---- */
struct live *jobs_live_add(struct jobs *jobs, const struct job_row *row);
struct live *jobs_live_find(const struct jobs *jobs, int64_t id);
/* Says that the job moved; at once at the end of it. */
void jobs_tell(struct jobs *jobs, struct live *live, bool at_once);
void jobs_set_problem(struct live *live, const char *text);
/* Nothing is known of its speed from now on: another kind of work begins, or it stood still. */
void jobs_forget_speed(struct live *live);
/* A batch of `live` has ended, and its place is free. */
void jobs_batch_ended(struct jobs *jobs, struct live *live);
/* Begins with the first member of what is asked; jobs_question_end once it is answered. */
void jobs_question_begin(struct jobs *jobs, struct jobs_question *question);
void jobs_question_end(struct jobs_question *question);
/* How many batches are under way. */
size_t jobs_batches(const struct jobs *jobs);

/* ---- deleting.c ---- */
/* Tells of an item of a delete whether it is on hold to be removed. */
void deleting_tell(struct jobs *jobs, const struct job_row *row, const struct job_item *item);
/* Tells all that the unfinished deletes of the store hold, then calls `done`: before anything runs,
 * so that nothing is told that has moved on meanwhile. */
typedef void deleting_done(struct jobs *jobs, bool ok);
void deleting_tell_all(struct jobs *jobs, deleting_done *done);

/* Writes the job's row; `done` (may be NULL) hears of it. */
void jobs_save(struct jobs *jobs, struct live *live, jobs_done *done, void *ctx);

/* The one place where a job moves on: begins the new state with nothing known of its problem or
 * speed, and writes its row as jobs_save does. */
void jobs_move(
    struct jobs *jobs, struct live *live, enum job_state state, jobs_done *done, void *context);

/* What grace times are counted by, now. */
struct grace_clock jobs_grace_clock(const struct jobs *jobs);

/* ---- batch.c ---- */
/* Reads the next items of `live` and drives them, in a place that is free. */
void batch_begin(struct batch *batch, struct live *live);
/* Goes on after a wait. */
void batch_wake(struct batch *batch);
/* Nothing of this batch has been sent or decided: it can be dropped without a trace. */
bool batch_is_untouched(const struct batch *batch);
/* The one place where a batch moves on. */
void batch_move(struct batch *batch, enum batch_state state);
/* It is over: its place is free. */
void batch_clear(struct batch *batch);
/* Frees what it has, however far it is; before the engine goes. */
void batch_free(struct batch *batch);
/* The one place where an item moves on; keeps the job's counts. */
void batch_set_step(
    struct batch *batch, struct decide_item *w, enum job_step step, enum job_outcome outcome);
/* Copies `detail`; NULL for none. */
void batch_set_detail(struct decide_item *w, const char *detail);
/* Writes what changed, and then runs the command that it was written for, or ends. */
void batch_write_then(struct batch *batch, enum batch_then then);
/* The items that it began with have come from the store: store_done of a batch. */
void batch_items_read(void *batch, enum db_result result, const struct error *err);
/* They could not be read: the job waits a while. */
void batch_not_read(struct batch *batch, const struct error *err);

/* Decides anew about all its items, and does what comes next. */
void batch_drive(struct batch *batch);
/* Looks at the chosen items, and drives on. */
void batch_look(struct batch *batch);

/* ---- release_gate.c ---- */
/* Sees to it that every item that is to be released is cleared or kept. False when nothing is left
 * to be seen to; true when it began something, after which the batch is driven on. */
bool release_gate_pass(struct batch *batch);
/* What cleared the items of this batch is not too old to act on. */
bool release_gate_still_open(const struct batch *batch);
void release_gate_tick(struct jobs *jobs, int64_t now_ms);
int64_t release_gate_deadline_ms(const struct jobs *jobs); /* -1: none */

/* ---- paced.c ---- */
/* Begins a batch of a paced retry. False when there is nothing (more) to pace: what is still open
 * then is driven as ever. */
bool paced_begin(struct batch *batch);
/* The messages of a destination that gave the same refusal again are left as they are. */
void paced_give_up(struct batch *batch);
/* A paced retry goes no further with a destination that gives the same refusal again. */
void paced_judge(
    struct jobs *jobs, const struct follow_where *where, const struct follow_attempt *attempt);

#endif
