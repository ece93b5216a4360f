/* A queue of records with a lock around it, and the thread that writes them. All that touches files
 * is in writer.c and runs on that thread. */
#include "audit/audit.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/writer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/* Written together, with one sync. */
#define BATCH 2000
/* When nothing comes: what is due is looked for, and a failed write is tried again. */
#define TICK_MS 1000

struct waiting {
	struct waiting *next;
	size_t len;
	char members[];
};

struct audit {
	pthread_t thread;
	struct audit_writer *writer; /* of the thread, once it runs */
	/* Shared; under `lock`. */
	pthread_mutex_t lock;
	pthread_cond_t asked, done;
	struct waiting *first, **last;
	uint64_t taken, kept, lost, lost_told;
	unsigned count;
	int64_t keep_seconds;
	struct audit_status health;
	bool turn, stop;
};

/* ---- The thread ---- */

/* At most BATCH of what waits; it stays counted until it is on disk. */
static struct waiting *take_batch(struct audit *audit, unsigned *count)
{
	struct waiting *first = audit->first, *end = first;

	*count = 0;
	if (first == NULL)
		return NULL;
	for (*count = 1; *count < BATCH && end->next != NULL; (*count)++)
		end = end->next;
	audit->first = end->next;
	if (audit->first == NULL)
		audit->last = &audit->first;
	end->next = NULL;
	return first;
}

/* What could not be written goes back to the front. */
static void put_back(struct audit *audit, struct waiting *first)
{
	struct waiting *end = first;

	while (end->next != NULL)
		end = end->next;
	end->next = audit->first;
	if (audit->first == NULL)
		audit->last = &end->next;
	audit->first = first;
}

static void free_all(struct waiting *first)
{
	while (first != NULL) {
		struct waiting *next = first->next;

		free(first);
		first = next;
	}
}

/* With the lock held, which it lets go for the work. False when nothing could be written. */
static bool write_batch(struct audit *audit)
{
	unsigned count;
	struct waiting *batch = take_batch(audit, &count);
	uint64_t lost = audit->lost;
	bool tells_lost = lost > audit->lost_told, good;

	if (batch == NULL && !tells_lost)
		return true;
	pthread_mutex_unlock(&audit->lock);
	for (struct waiting *w = batch; w != NULL; w = w->next)
		audit_writer_put(audit->writer, slice_make(w->members, w->len));
	if (tells_lost)
		audit_writer_put_lost(audit->writer, lost - audit->lost_told);
	good = audit_writer_commit(audit->writer);
	pthread_mutex_lock(&audit->lock);
	if (!good && batch != NULL)
		put_back(audit, batch);
	if (!good)
		return false;
	free_all(batch);
	audit->lost_told = tells_lost ? lost : audit->lost_told;
	audit->kept += count;
	audit->count -= count;
	return true;
}

static void wait_for_work(struct audit *audit)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TICK_MS / 1000;
	pthread_cond_timedwait(&audit->asked, &audit->lock, &until);
}

/* With the lock held: what others may know. */
static void tell(struct audit *audit)
{
	audit_writer_health(audit->writer, &audit->health);
	pthread_cond_broadcast(&audit->done);
}

static void *thread_main(void *context)
{
	struct audit *audit = context;
	bool good = true;

	pthread_mutex_lock(&audit->lock);
	for (;;) {
		bool turn = audit->turn;
		int64_t keep = audit->keep_seconds;

		/* After a failure not at once again; at the end once more and no more. */
		if (!audit->stop && !turn && (audit->first == NULL || !good))
			wait_for_work(audit);
		good = write_batch(audit);
		if (audit->stop && (audit->first == NULL || !good))
			break;
		pthread_mutex_unlock(&audit->lock);
		audit_writer_tend(audit->writer, keep, turn);
		pthread_mutex_lock(&audit->lock);
		audit->turn = audit->turn && !turn;
		tell(audit);
	}
	pthread_mutex_unlock(&audit->lock);
	audit_writer_close(&audit->writer);
	return NULL;
}

/* ---- The owner's side ---- */

struct audit *audit_create(const char *directory, int64_t keep_seconds)
{
	struct audit *audit = memory_zero(1, sizeof(*audit));
	pthread_condattr_t monotonic;
	sigset_t all, before;

	audit->last = &audit->first;
	audit->keep_seconds = keep_seconds;
	/* Here and not on the thread: what is asked first must find it open. It looks at few bytes.
	 */
	audit->writer = audit_writer_open(directory);
	audit_writer_health(audit->writer, &audit->health);
	pthread_mutex_init(&audit->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&audit->asked, &monotonic);
	pthread_cond_init(&audit->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
	/* Signals are the owner's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&audit->thread, NULL, thread_main, audit) != 0)
		abort(); /* no threads left at start: the supervisor starts us again */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return audit;
}

void audit_destroy(struct audit **pointer)
{
	struct audit *audit = *pointer;

	if (audit == NULL)
		return;
	pthread_mutex_lock(&audit->lock);
	audit->stop = true;
	pthread_cond_signal(&audit->asked);
	pthread_mutex_unlock(&audit->lock);
	pthread_join(audit->thread, NULL);
	if (audit->count > 0)
		log_error(
		    "%u records of the audit could not be written: they stand in this log alone",
		    audit->count);
	free_all(audit->first);
	pthread_mutex_destroy(&audit->lock);
	pthread_cond_destroy(&audit->asked);
	pthread_cond_destroy(&audit->done);
	free(audit);
	*pointer = NULL;
}

void audit_set_keep(struct audit *audit, int64_t keep_seconds)
{
	pthread_mutex_lock(&audit->lock);
	audit->keep_seconds = keep_seconds;
	pthread_mutex_unlock(&audit->lock);
}

uint64_t audit_record_promised(struct audit *audit, struct slice members)
{
	struct waiting *w = memory_alloc(sizeof(*w) + members.len);
	uint64_t ticket;

	w->next = NULL;
	w->len = members.len;
	memcpy(w->members, members.data, members.len);
	pthread_mutex_lock(&audit->lock);
	if (audit->count == AUDIT_WAITING_MAX) {
		audit->lost++;
		ticket = UINT64_MAX;
	} else {
		*audit->last = w;
		audit->last = &w->next;
		audit->count++;
		ticket = ++audit->taken;
		w = NULL;
		pthread_cond_signal(&audit->asked);
	}
	pthread_mutex_unlock(&audit->lock);
	if (w != NULL)
		log_warning(
		    "not in the audit, where too many records wait: %.*s", SLICE_ARGS(members));
	free(w);
	return ticket;
}

uint64_t audit_record(struct audit *audit, const struct audit_entry *entry)
{
	BUFFER_AUTO struct buffer members = {0};

	audit_record_members(&members, entry);
	return audit_record_promised(audit, buffer_slice(&members));
}

bool audit_is_kept(struct audit *audit, uint64_t ticket)
{
	bool kept;

	pthread_mutex_lock(&audit->lock);
	kept = ticket <= audit->kept;
	pthread_mutex_unlock(&audit->lock);
	return kept;
}

bool audit_takes(struct audit *audit, enum audit_action action, struct error *err)
{
	enum audit_need need = audit_action_need(action);
	struct audit_status health;

	if (need == AUDIT_NEVER_REFUSED)
		return true;
	audit_health(audit, &health);
	if (health.waiting > AUDIT_WAITING_MAX / 4 * 3)
		return error_say(err, "audit_unavailable", SAID_PROBLEM_AUDIT_WAITS, 1,
		    said_number("count", (int64_t)health.waiting));
	if (health.state == AUDIT_BROKEN)
		return error_say(err, "audit_unavailable", SAID_PROBLEM_AUDIT_BROKEN, 1,
		    said_text("error", slice_of(health.text)));
	if (health.state == AUDIT_LOW && need == AUDIT_NEEDS_SPACE)
		return error_say(err, "audit_unavailable", SAID_PROBLEM_AUDIT_LOW, 0);
	return true;
}

void audit_health(struct audit *audit, struct audit_status *health)
{
	pthread_mutex_lock(&audit->lock);
	*health = audit->health;
	health->waiting = audit->count;
	health->lost = audit->lost;
	pthread_mutex_unlock(&audit->lock);
}

void audit_turn(struct audit *audit)
{
	pthread_mutex_lock(&audit->lock);
	audit->turn = true;
	pthread_cond_signal(&audit->asked);
	while (audit->turn)
		pthread_cond_wait(&audit->done, &audit->lock);
	pthread_mutex_unlock(&audit->lock);
}
