/* The memory of the job engine: the unfinished jobs, the batches under way, the reload of Postfix
 * that some of them wait for. Only data; each part has its functions in a header of its own. The
 * parts call each other downwards: scheduler.c, then batch.c, then release_gate.c, paced.c and
 * batch_steps.c, then unfinished.c. Where an answer has to go up again, struct engine_calls leads
 * there. Nobody outside includes it. */
#ifndef JOBS_ENGINE_H
#define JOBS_ENGINE_H

#include "jobs/batch_state.h"
#include "jobs/decide.h"
#include "jobs/follow.h"
#include "jobs/grace.h"
#include "jobs/jobs.h"

/* Whatever could not be done (the helper is gone, the disk is full) is tried again so often. */
#define JOBS_AGAIN_MS 2000
/* Who has waited for so long goes before smaller jobs of others. */
#define JOBS_PERSON_WAIT_MS 5000
/* A job's progress is told at most so often. */
#define JOBS_TELL_MS 250
/* What had to stay on hold is tried again so often. */
#define JOBS_KEPT_AGAIN_MS 5000
/* Speed is measured over half a second at least, and smoothed over some seconds. */
#define JOBS_SPEED_MS 500
#define JOBS_SPEED_SMOOTH_MS 4000.0

/* A job that has not ended. */
struct unfinished {
	struct unfinished *next;
	struct job_row row;
	uint64_t person;   /* struct jobs_request; 0: not known any more */
	int64_t served_ms; /* monotonic: when a job of that person last got a batch, or it came */
	int64_t wait_ms;   /* monotonic: not before then; 0 at once */
	int64_t cursor;	   /* the last item that this pass has seen */
	bool recovering;   /* what was sent before this process began is still to be looked at */
	bool drained;	   /* this pass has read its last item */
	bool cancelling;   /* its untried items are being settled */
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
	struct unfinished *job; /* NULL: this place is free */
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
	char reload_words[512];	  /* the same as words; empty: it has none */
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

/* What the lower parts of the engine call in the upper ones when something has come to its end. */
struct engine_calls {
	/* Decides anew about all items of the batch, and does what comes next: its answer is there.
	 */
	void (*drive)(struct batch *batch);
	/* A batch of `job` has ended, and its place is free. */
	void (*batch_ended)(struct jobs *jobs, struct unfinished *job);
};

struct jobs {
	struct store *store;
	struct ports ports;
	struct jobs_events events;
	struct engine_calls calls;
	struct unfinished *first;
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

#endif
