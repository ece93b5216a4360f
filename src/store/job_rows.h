/* Jobs and their items as stored: what is to be done to which exact messages, written before
 * anything runs, and what became of each. The meaning of the words is in job_words.h, that of the
 * steps between in jobs/decide.h. */
#ifndef STORE_JOB_ROWS_H
#define STORE_JOB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"
#include "store/job_words.h"

/* The longest queue ID that Postfix accepts is 255 characters; its own are at most 28. */
#define JOB_ROWS_ID_MAX 64
#define JOB_ROWS_WHO_MAX 64
#define JOB_ROWS_NOTE_MAX 1000
#define JOB_ROWS_FILTER_MAX 4096
/* A longer one is refused: cut, it would be another one. */
#define JOB_ROWS_SCOPE_MAX 4096
#define JOB_ROWS_ERROR_MAX 511
/* What a remote host said to a message, cut to this. */
#define JOB_ROWS_REPLY_MAX 400
/* Destinations that a paced retry gave up on, as a job tells them; its items name all. */
#define JOB_ROWS_STOPS_MAX 5
#define JOB_ROWS_DESTINATION_MAX 255
/* Bytes of what names a run of the system. */
#define JOB_ROWS_BOOT_MAX 63
/* Finished jobs are kept so long, then removed with their items. */
#define JOB_ROWS_KEPT_DAYS 90

/* A destination that a paced retry goes no further with, because it gave the same refusal again. */
struct job_stop {
	char destination[JOB_ROWS_DESTINATION_MAX + 1];
	char reply[JOB_ROWS_REPLY_MAX + 1];
	int64_t untried; /* messages that were left as they are */
};

struct job_row {
	int64_t id; /* from 1, never reused */
	enum job_action action;
	enum job_state state;
	char who[JOB_ROWS_WHO_MAX + 1];
	char note[JOB_ROWS_NOTE_MAX + 1]; /* empty: none */
	char filter[JOB_ROWS_FILTER_MAX +
		    1]; /* of the view it was made from; `by_ids` where from IDs */
	bool by_ids;
	/* What the one who made it may see, as a filter: it acts on nothing else. Empty:
	 * everything. */
	char scope[JOB_ROWS_SCOPE_MAX + 1];
	int64_t created, started, finished; /* Unix seconds; 0: not yet */
	int64_t undo_seconds;		    /* of a delete; 0 otherwise */
	int64_t grace_until;		    /* Unix seconds; 0: no grace time has begun */
	/* What it is counted by (jobs/grace.h): the run of the system, its clock, what was left. */
	char grace_boot[JOB_ROWS_BOOT_MAX + 1];
	int64_t grace_until_boot_ms, grace_left_ms;
	int64_t rate;	 /* retry: messages a minute to each destination; 0: no limit */
	bool cancel;	 /* asked for */
	int64_t undoes;	 /* the job whose work it takes back; 0: none */
	bool no_reload;	 /* never reloads Postfix: what was active when it was held stays on hold
			  * until somebody else does, or Postfix is started anew */
	int64_t reloads; /* of Postfix, for what it brought back from hold */
	uint64_t token;	 /* of the last command that was sent; 0: none */
	int64_t total, bytes;
	int64_t count[JOB_OUTCOMES];		  /* items by outcome */
	int64_t result[JOB_RESULTS];		  /* items by what the log told; UNKNOWN unused */
	char problem[JOB_ROWS_ERROR_MAX + 1];	  /* what keeps it from going on; empty: nothing */
	struct job_stop stop[JOB_ROWS_STOPS_MAX]; /* those with the most untried messages first */
	size_t stops;
	/* Not stored; what the engine knows of a job that is under way. */
	double speed;	      /* messages a second, smoothed; 0 not known */
	int64_t seconds_left; /* -1 not known */
};

/* Where an item is on its way. Each -ING is written before the command that it names is sent, so
 * that after a crash it is known what may have happened. */
enum job_step {
	JOB_STEP_PLANNED = 0,
	JOB_STEP_HOLDING,     /* postsuper -h */
	JOB_STEP_HELD,	      /* on hold and seen to be the right message */
	JOB_STEP_ACTING,      /* the action itself, wherever the message is */
	JOB_STEP_ACTING_HELD, /* the action itself, on the hold queue alone */
	JOB_STEP_RELEASING, /* postsuper -H; then the item ends as `intended`, or (JOB_ITEM_PLANNED)
			       goes on */
	JOB_STEP_RETRYING,  /* flush */
	JOB_STEP_SETTLED,   /* it has its outcome */
};

struct job_item {
	int64_t seq; /* its place in the job, from 0 */
	char id[JOB_ROWS_ID_MAX + 1];
	/* What makes it this message; see jobs/target.h. */
	int64_t arrival; /* Unix seconds; -1 unknown */
	uint64_t inode;	 /* 0 unknown */
	char *sender;	 /* NULL unknown; "" the null sender */
	int64_t size;
	uint8_t
	    queue; /* enum queue of postfix/queue_id.h when it was planned; QUEUE_COUNT unknown */
	char *domain;	 /* the destination that a paced retry counts it for; NULL otherwise */
	int64_t idle_us; /* when this job's command ended that put it on hold from deferred, Unix
			    microseconds; 0: none did */
	bool was_held;	 /* on hold, but not by this job: undo leaves it there */
	enum job_step step;
	enum job_outcome outcome;
	enum job_outcome intended;	  /* see JOB_STEP_RELEASING */
	char *detail;			  /* NULL: nothing to say */
	char *detail_words;		  /* the same as base/said.h has it; NULL: it has none */
	char new_id[JOB_ROWS_ID_MAX + 1]; /* where a re-queued message is now; empty: not known */
	uint64_t token;			  /* of the command that its step was written for; 0 none */
	int64_t refusal; /* of a paced retry: its last reason, as pace_refusal() gives it; 0 none */
	enum job_result result; /* with the remote's words */
	char *reply;
};

/* Items with their texts. Zero-initialised is empty. */
struct job_items {
	struct job_item *item;
	size_t count, room;
};

/* Frees texts and array; the structure itself stays, empty. */
void job_items_free(struct job_items *items);
/* Frees the texts of one. */
void job_item_clear(struct job_item *item);
/* Room for one more, zeroed, at the end. */
struct job_item *job_items_add(struct job_items *items);

/* Writes a new job (state JOB_WRITING) and gives it its number. */
enum db_result job_rows_add(struct db *db, struct job_row *job, struct error *err);
/* Appends items to it. */
enum db_result job_rows_add_items(
    struct db *db, int64_t job, const struct job_item *items, size_t count, struct error *err);
/* Writes everything of `job` but its number, action, who, scope, and what is counted (outcomes,
 * results, stops). */
enum db_result job_rows_update(struct db *db, const struct job_row *job, struct error *err);
/* Adds to the counts by outcome, and writes the token where it is a later one. In the transaction
 * that writes the items, so that items and counts never differ. */
enum db_result job_rows_progress(struct db *db, int64_t job, uint64_t token,
    const int64_t delta[JOB_OUTCOMES], struct error *err);
/* Writes everything of an item but its ID, queue, size, domain, new ID, result and reply. */
enum db_result job_rows_update_item(
    struct db *db, int64_t job, const struct job_item *item, struct error *err);
/* Whether how far they are on their way is the same: what job_rows_update_items writes. */
bool job_rows_equally_far(const struct job_item *a, const struct job_item *b);
/* Writes of `count` items with consecutive numbers, from `first` on, only how far they are on their
 * way, which is the same for all: outcome, step, token and the like. */
enum db_result job_rows_update_items(
    struct db *db, int64_t job, const struct job_item *first, size_t count, struct error *err);
/* A new ID that became known later; the item must be a re-queued one. */
enum db_result job_rows_set_new_id(
    struct db *db, int64_t job, int64_t seq, const char *new_id, struct error *err);

/* DB_NOT_FOUND where there is no such job. */
enum db_result job_rows_get(struct db *db, int64_t id, struct job_row *job, struct error *err);
struct job_list_query {
	int64_t before;	 /* only those with a smaller number; 0: all */
	uint32_t states; /* bits 1 << enum job_state; 0: all */
	size_t max;
	/* Only those that were made within one of these scopes (NULL: the list's end); `scopes`
	 * NULL: all. */
	const char *const *scopes;
};
/* More different scopes that lie within one are not looked at. */
#define JOB_ROWS_SCOPES_MAX 8
/* The newest first. */
enum db_result job_rows_list(struct db *db, const struct job_list_query *query,
    struct job_row *jobs, size_t *count, struct error *err);
/* Calls for each scope that jobs were made within, in no particular order. */
typedef void job_rows_scope(void *context, struct slice scope);
enum db_result job_rows_scopes(
    struct db *db, job_rows_scope *each, void *context, struct error *err);
/* Those not in a final state, the oldest first. */
enum db_result job_rows_unfinished(struct db *db, int64_t after, struct job_row *jobs, size_t max,
    size_t *count, struct error *err);

#define JOB_ROWS_SLICE 50000
struct job_items_query {
	int64_t job;
	int64_t after;	 /* seq of the last row seen; -1 for the first page */
	int64_t until;	 /* only those before this seq; 0: all. A slice of JOB_ROWS_SLICE rows takes
			  * about 20 ms, however few of them are wanted */
	bool by_outcome; /* only those with `outcome` */
	enum job_outcome outcome;
	bool by_result; /* only those of which the log told `result`; of UNKNOWN: that are done, and
			 * it told nothing (yet) */
	enum job_result result;
	bool open;     /* only those that have not settled */
	bool not_held; /* nor those in JOB_STEP_HELD */
	size_t max;
};
/* In order of seq, appended to `items`. */
enum db_result job_rows_items(
    struct db *db, const struct job_items_query *query, struct job_items *items, struct error *err);

/* Messages that hold jobs of the last JOB_ROWS_KEPT_DAYS have put on hold, less those that were
 * taken back from one of them, and less holds of which a later job of the same filter has deleted,
 * bounced, released or re-queued all. What has left otherwise since is still in it. -1 where it
 * cannot be read. */
enum db_result job_rows_held(struct db *db, int64_t *messages, struct error *err);

/* ---- paced retries: items that have a domain ("" for none that is known) ---- */

/* Destinations with untried messages, in their order. */
struct job_destination {
	char name[JOB_ROWS_DESTINATION_MAX + 1];
	int64_t left;
	char reply[JOB_ROWS_REPLY_MAX + 1]; /* stopped: what it said; empty: not stopped */
};
struct job_destinations {
	struct job_destination item[500];
	size_t count; /* 500: there may be more */
};
/* Those after `after` (NULL: from the first). */
enum db_result job_rows_destinations(
    struct db *db, int64_t job, const char *after, struct job_destinations *out, struct error *err);
/* The first `max` untried ones for `destination`, appended. */
enum db_result job_rows_untried(struct db *db, int64_t job, struct slice destination, size_t max,
    struct job_items *items, struct error *err);

/* What the log told of an item; the job's counts follow. A later result replaces an earlier. */
enum db_result job_rows_set_result(struct db *db, int64_t job, int64_t seq, enum job_result result,
    const char *reply, struct error *err);
/* A message that `job` was asked to hold is on hold already: where another job holds it for its
 * grace time, an undo of that one leaves it on hold. `holder` is that job, 0 where there is none.
 */
enum db_result job_rows_share_hold(
    struct db *db, int64_t job, const struct job_item *item, int64_t *holder, struct error *err);
/* When a command of any job that put this message on hold from deferred ended last: item->idle_us;
 * 0 where none did. */
enum db_result job_rows_idle(
    struct db *db, const struct job_item *item, int64_t *idle_us, struct error *err);
/* Forgets that, of all jobs: it is about to go back to the queue manager, or was held from
 * anywhere. Else its file's time, which a clock that is set back makes older, could be taken for
 * that of an earlier hold. */
enum db_result job_rows_forget_idle(struct db *db, const struct job_item *item, struct error *err);
/* A destination that is gone no further with; `untried` is added to what is there. */
enum db_result job_rows_add_stop(
    struct db *db, int64_t job, const struct job_stop *stop, struct error *err);
/* Settles items that were never tried, seq `from` to below `to`, as cancelled; how many in `count`.
 */
enum db_result job_rows_cancel_items(
    struct db *db, int64_t job, int64_t from, int64_t to, int64_t *count, struct error *err);

/* ---- what is no longer needed, JOB_ROWS_SLICE items in one transaction ---- */

/* Takes back the job `id`, which was never completely written: its items first; when they are gone
 * it ends as cancelled with `problem`, all its messages counted as never tried, and `ended` is set.
 */
enum db_result job_rows_abandon(
    struct db *db, int64_t id, const char *problem, int64_t now, bool *ended, struct error *err);
/* Removes jobs that ended before `before`; `more`: there are others, or more of this one. */
enum db_result job_rows_expire(struct db *db, int64_t before, bool *more, struct error *err);
/* Removes the job `id` and its few items as if it had never been. */
enum db_result job_rows_drop(struct db *db, int64_t id, struct error *err);

#endif
