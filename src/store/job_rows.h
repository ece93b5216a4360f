/* Jobs and their items as stored: what is to be done to which exact messages, written before anything
 * runs, and what became of each. The meaning of the steps between is in jobs/engine.h. */
#ifndef STORE_JOB_ROWS_H
#define STORE_JOB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/* The longest queue ID that Postfix accepts is 255 characters; its own are at most 28. */
#define JOB_ROWS_ID_MAX 64
#define JOB_ROWS_WHO_MAX 64
#define JOB_ROWS_NOTE_MAX 500
#define JOB_ROWS_ERROR_MAX 511
/* Finished jobs are kept so long, then removed with their items. */
#define JOB_ROWS_KEPT_DAYS 90

enum job_action {
	JOB_RETRY = 1, JOB_HOLD, JOB_RELEASE, JOB_REQUEUE, JOB_DELETE, JOB_BOUNCE
};

enum job_state {
	JOB_WRITING = 1, /* its items are still being written; never runs if it stays so */
	JOB_PLANNED,     /* complete in the store; waits for its turn */
	JOB_RUNNING,
	JOB_GRACE,       /* a delete whose messages are on hold; removed when the grace time ends */
	JOB_UNDOING,     /* shown as grace: releasing what it held */
	JOB_DONE,
	JOB_CANCELLED,   /* stopped between batches; the items that were left have no outcome */
	JOB_UNDONE,
};

enum job_outcome {
	JOB_NONE = 0, /* not known yet, or (the job was cancelled) never acted on */
	JOB_ITEM_DONE,
	JOB_ITEM_GONE,    /* it had left the queue before */
	JOB_ITEM_CHANGED, /* that ID is another message now, or somebody else acted on it */
	JOB_ITEM_REFUSED, /* not possible; the detail says why */
	JOB_ITEM_UNKNOWN, /* nothing can tell; the detail says why */
	JOB_OUTCOMES
};

/* "retry", "hold", ...; "planned", "running", "grace", "done", "cancelled", "undone" (what the API
 * knows; JOB_WRITING is "planned", JOB_UNDOING is "grace"); "done", "gone", "changed", "refused",
 * "unknown", and "pending" for JOB_NONE. The parsers give false on any other text. */
const char *job_action_name(enum job_action action);
bool job_action_parse(struct slice text, enum job_action *action);
const char *job_state_name(enum job_state state);
const char *job_outcome_name(enum job_outcome outcome);
bool job_outcome_parse(struct slice text, enum job_outcome *outcome);
/* Done, cancelled or undone: nothing will happen to it any more. */
bool job_state_is_final(enum job_state state);

struct job_row {
	int64_t id; /* from 1, never reused */
	enum job_action action;
	enum job_state state;
	char who[JOB_ROWS_WHO_MAX + 1];
	char note[JOB_ROWS_NOTE_MAX + 1];
	int64_t created, started, finished; /* Unix seconds; 0: not yet */
	int64_t undo_seconds;               /* of a delete */
	int64_t grace_until;                /* Unix seconds; 0: no grace runs */
	int64_t rate;                       /* retry: messages a minute to each destination; 0: no limit */
	bool cancel;                        /* asked for */
	int64_t total, bytes;
	int64_t count[JOB_OUTCOMES];        /* items by outcome; [JOB_NONE] is what is left */
	int64_t held;                       /* on hold by this job now, to be removed or released */
	char error[JOB_ROWS_ERROR_MAX + 1]; /* why it stands still, or ended early; empty: it does not */
};

/* Where an item is on its way; each is written before the command that it names is sent. */
enum job_step {
	JOB_STEP_PLANNED = 0,
	JOB_STEP_HOLDING,  /* a hold was sent; whether it took effect is not known yet */
	JOB_STEP_HELD,     /* this job put it on hold */
	JOB_STEP_ACTING,   /* the action itself was sent */
	JOB_STEP_RELEASING,/* the release of what this job held was sent */
	JOB_STEP_SETTLED,  /* it has an outcome */
};

struct job_item {
	int64_t seq; /* its place in the job, from 0 */
	char id[JOB_ROWS_ID_MAX + 1];
	/* What makes it this message; see jobs/target.h. arrival in microseconds, -1 unknown; inode 0
	 * unknown; sender_hash of the envelope sender, 0 unknown. */
	int64_t arrival;
	uint64_t inode;
	uint64_t sender_hash;
	int64_t size;
	uint8_t queue;  /* enum queue of postfix/queue_id.h, when it was planned */
	bool was_held;  /* on hold before this job: undo leaves it there */
	enum job_step step;
	enum job_outcome outcome;
	char *detail; /* NULL, or owned by the items (job_items_free) */
	char *domain; /* NULL, or the destination that a paced retry counts it for; owned likewise */
	char new_id[JOB_ROWS_ID_MAX + 1]; /* where a re-queued message is now; empty: not known */
};

struct job_items {
	struct job_item *item;
	size_t count, room;
};

/* Frees details and array; the structure itself stays, empty. */
void job_items_free(struct job_items *items);
/* Room for one more, zeroed, at the end. */
struct job_item *job_items_add(struct job_items *items);

/* Writes a new job (state JOB_WRITING) and gives it its number. */
enum db_result job_rows_add(struct db *db, struct job_row *job, struct error *err);
/* Appends items to it. */
enum db_result job_rows_add_items(
    struct db *db, int64_t job, const struct job_item *items, size_t count, struct error *err);
/* Writes everything of `job` but its number, action and who. */
enum db_result job_rows_update(struct db *db, const struct job_row *job, struct error *err);
/* Writes step, outcome, detail, was_held and new_id of each item. */
enum db_result job_rows_update_items(
    struct db *db, int64_t job, const struct job_item *items, size_t count, struct error *err);
/* A new ID that became known later; the item must be a re-queued one. */
enum db_result job_rows_set_new_id(
    struct db *db, int64_t job, int64_t seq, const char *new_id, struct error *err);

enum db_result job_rows_get(struct db *db, int64_t id, struct job_row *job, struct error *err);
/* The newest first, those below `before` (0: all). */
enum db_result job_rows_list(struct db *db, int64_t before, struct job_row *jobs, size_t max,
    size_t *count, struct error *err);
/* Those not in a final state, the oldest first. */
enum db_result job_rows_unfinished(struct db *db, int64_t after, struct job_row *jobs, size_t max,
    size_t *count, struct error *err);

struct job_items_query {
	int64_t job;
	int64_t after;   /* seq of the last row seen; -1 for the first page */
	bool by_outcome; /* only those with `outcome` */
	enum job_outcome outcome;
	bool by_step;    /* only those in `step` */
	enum job_step step;
	size_t max;
};
/* In order of seq, appended to `items`. */
enum db_result job_rows_items(struct db *db, const struct job_items_query *query,
    struct job_items *items, struct error *err);

/* Removes jobs that ended before `before`. */
enum db_result job_rows_expire(struct db *db, int64_t before, struct error *err);
/* Removes the job `id` (0: all of them) that was never completely written. */
enum db_result job_rows_drop(struct db *db, int64_t id, struct error *err);

#endif
