/* What to do next with one message of a job. A pure function of where the item is on its way, of
 * what the last command said about it and of what a look at the queue found: so every path, also
 * those after a crash, can be tested without a mail system.
 *
 * The rules (docs/POSTFIX.md tells the facts behind them: short queue IDs are reused, postsuper is
 * silent about what it did not do, its exit status says nothing):
 *   - A delete, re-queue or bounce of an ID that may be reused goes by way of hold: hold, look
 * whether it is the right message, act on the hold queue alone. A wrong one is released again.
 *   - A line of postsuper is the only proof that it did something; silence leads to a look.
 *   - What was sent before a crash and whose answer is lost is looked at before it is repeated. */
#ifndef JOBS_DECIDE_H
#define JOBS_DECIDE_H

#include <stdbool.h>

#include "base/said.h"
#include "exchange/ports.h"
#include "jobs/release_safety.h"
#include "jobs/target.h"
#include "store/job_rows.h"

/* How often the same command is sent for one message: it can move from queue to queue just while
 * postsuper searches them. */
#define DECIDE_TRIES 3

enum decide_seen {
	DECIDE_NOT_LOOKED, /* not since the last command */
	DECIDE_MISSING,
	DECIDE_OTHER, /* another message has that ID */
	DECIDE_UNREADABLE,
	DECIDE_IN_HOLD,
	DECIDE_IN_MAILDROP,
	DECIDE_QUEUED, /* incoming, active or deferred */
};

/* How far a message is on its way back from hold (release_gate.c). */
enum decide_clearance {
	RELEASE_UNCHECKED,
	RELEASE_SEEN,	 /* its file was looked at */
	RELEASE_CLEARED, /* the queue manager cannot know it: it may go back */
	RELEASE_KEPT,	 /* it stays on hold for now */
};

/* What the mail log was asked about a message on hold: once, whatever becomes of it later. */
enum decide_log {
	DECIDE_LOG_UNASKED,
	DECIDE_LOG_TO_ASK, /* among the questions that this batch is about to ask */
	DECIDE_LOG_ASKED,
};

struct decide_item {
	struct job_item *row;
	enum ports_said said; /* by the command of its step */
	bool recovered;	      /* that command's answer is lost, or it was ended before its end */
	unsigned tries;	      /* how often it was sent by this process */
	bool not_allowed;     /* to who made the job, as of now: nothing more is done to it */
	const char *trouble;  /* what the command complained about, its own words; NULL nothing */
	enum decide_seen seen;
	enum queue queue; /* when seen: where */
	bool expired;	  /* when seen: it is marked by postsuper -e */
	bool unwritten;	  /* its row differs from what the store has (batch.c) */
	bool retold;	  /* and not only in how far it is: who it is, or what is said about it */
	enum decide_clearance clearance;
	struct release_sight sight;
	bool idle_asked;     /* the store, for sight.idle_us */
	bool idle_forget;    /* the store, what it knows of that: it may be active by now */
	enum decide_log log; /* the mail log, for sight.never_active */
	int64_t seen_ms;     /* monotonic: when it was last looked at */
};

enum decide_move {
	DECIDE_LOOK,
	DECIDE_HOLD,
	DECIDE_HELD, /* nothing to send: it is on hold and verified (step HELD, was_held as in
			`was_held`) */
	DECIDE_ACT,
	DECIDE_ACT_HELD,
	DECIDE_RELEASE, /* then it ends as `outcome` with what is said, or (JOB_ITEM_PLANNED) goes
			   on */
	DECIDE_RETRY,
	DECIDE_KEEP,	      /* stays on hold for the grace time */
	DECIDE_SETTLE,	      /* ends as `outcome` with what is said */
	DECIDE_HOLD_DEFERRED, /* as DECIDE_HOLD, if it is in deferred: then the queue manager
				 cannot know it (release_safety.h) */
	DECIDE_MOVES
};

struct decision {
	enum decide_move move;
	enum job_outcome outcome;
	enum said_code says; /* what is said about it; SAID_NOTHING: see `keeps` and `trouble` */
	bool keeps;	     /* what the row says already */
	bool trouble;	     /* what the command complained about (item->trouble) */
	bool was_held;
};

/* Takes what a look found into `item` (not for FOUND_NOBODY). Adopts it where nothing was known. */
void decide_see(struct decide_item *item, const struct found *found);

/* Whether a hold found this message on hold: done, but there is nothing that could be taken back.
 * Another job may have put it there, which has to leave it there now (batch.c). */
bool decide_found_held(const struct job_item *item);

struct decision decide(const struct job_row *job, const struct decide_item *item);

#endif
