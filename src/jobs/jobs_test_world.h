/* The world of the jobs' tests: a queue that behaves as postsuper, flush(8) and the reader do, and
 * answers later; a store in a folder of its own; and a process that can die at any operation. */
#ifndef JOBS_JOBS_TEST_WORLD_H
#define JOBS_JOBS_TEST_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/jobs.h"

#define LONG_ID "4dCzQ80sf8z1p3V"
#define MESSAGES_MAX 6100
#define TOLD_MAX 512
#define ANSWERS_MAX 8

struct mail {
	char id[29];
	int64_t arrival;
	uint64_t inode;
	const char *sender, *domain;
	enum queue queue;
	bool here, expired;
	bool not_accepted; /* Postfix's commands call its ID invalid */
	bool deleted, requeued, retried, expired_by_us;
	int64_t changed_us; /* its file's ctime; and its mtime, 0 long before */
	int64_t modified_us;
	bool known;	/* to the queue manager that runs, which had it in active */
	bool destroyed; /* came back from hold while it was */
	bool outside;	/* of the scope of who acts on it */
};

struct answer {
	bool run;
	ports_ran_done *ran;
	ports_look_done *looked;
	ports_output_done *output;
	ports_qmgr_done *qmgr;
	jobs_history_done *history;
	void *context;
	struct ports_ran result;
	enum ports_said *said;
	struct found *found;
	size_t count;
	uint64_t token;
};

/* What the helper keeps of a run. */
#define KEPT_MAX 8
struct kept {
	uint64_t token;
	enum ports_said said[PORTS_BATCH_MAX];
	char id[PORTS_BATCH_MAX][29];
	size_t count;
};

struct world {
	char folder[64], path[80];
	struct store *store;
	struct jobs *jobs;
	struct mail mail[MESSAGES_MAX];
	size_t mails;
	struct answer answer[ANSWERS_MAX]; /* that are due, the oldest first */
	size_t waiting;
	int ops, crash_at; /* the operation at which the process dies; 0 never */
	bool crash_before; /* before it took effect, else after it and before the answer */
	bool crashed;
	bool keep_answers;	    /* the helper still knows what the last run said */
	struct kept kept[KEPT_MAX]; /* a ring */
	size_t kept_at;
	const char *scope;  /* of who submits; NULL: none */
	bool log;	    /* what is tried is heard of: tests call jobs_attempted */
	const char *reason; /* why all are queued */
	int questions;	    /* that the log was asked; it knows each message and saw none begun */
	bool not_ready, nobody, refuse;
	bool kill_silent;  /* the next command works, but is ended before it says so */
	size_t dies_after; /* each command dies after so many messages; 0: none does */
	/* The queue manager: since when it runs, how often it was reloaded, and what is wrong. */
	int64_t qmgr_boot_us;
	int reloads;
	bool qmgr_stopped, qmgr_unseen, reload_fails;
	int runs;
	uint64_t taken;
	bool answered;
	struct job_row row;
	struct error err;
	bool failed;
	struct job_row told; /* what run_until waited for */
	struct job_row told_of[TOLD_MAX];
	int64_t first_ended;
};

/* For cmocka: *state is the struct world, started. */
int world_set_up(void **state);
int world_tear_down(void **state);

/* The process that works the jobs; world_stop is also its death. */
void world_start(struct world *w);
void world_stop(struct world *w);

/* Until the store has something to tell; at once where it was asked nothing. */
void world_wait_store(struct world *w);

/* One turn of the loop. Where nothing is under way the clock goes on to the next deadline, in steps
 * of at most 20 ms, so that a test waits for nothing but the store. */
void world_turn(struct world *w);

/* Gives the oldest answer that is due to whom it is owed. */
void world_give_answer(struct world *w);

/* Until the job has ended or rests in `state` (w->told says which); starts again after a crash. */
void world_run_until(struct world *w, int64_t id, enum job_state state);

/* A message in the queue; it stays the world's. */
struct mail *world_add(struct world *w, const char *id, enum queue queue);
struct target world_target_of(const struct mail *m);

/* The answer to a wish: w->row, or w->failed and w->err. `context` is the world. */
void world_wish_done(void *context, const struct job_row *job, const struct error *err);
void world_wait_answer(struct world *w);

/* Submits a job on every message that is here, and waits for its number; 0 when it is refused.
 * undo_seconds is the grace time, rate the pace in messages a minute. */
int64_t world_submit_all(
    struct world *w, enum job_action action, int64_t undo_seconds, int64_t rate);

/* Calls jobs_undo or jobs_cancel, and waits for its answer. */
void world_wish(
    struct world *w, void (*call)(struct jobs *, int64_t, jobs_done *, void *), int64_t id);

/* What became of the job's messages; the caller calls job_items_free. */
struct job_items world_items_of(struct world *w, int64_t job);
enum job_outcome world_outcome_of(struct world *w, int64_t job, const char *id);

#endif
