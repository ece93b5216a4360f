/* Two queues, of requests and of answers, with a lock around them. The thread opens the
 * database, works off requests one by one and looks after the reserve between them. */
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "store/db_room.h"

/* How often the disk is looked at, and its reserve seen to. */
#define ROOM_MS 2000
/* A database that could not be opened is tried again so often, when somebody asks for it. */
#define REOPEN_MS 3000

struct request {
	struct request *next;
	store_work *work;
	store_done *done;
	void *arg;
	bool write, optional;
	bool counted; /* among those that are bounded */
	enum db_result result;
	struct error err;
};

struct queue {
	struct request *first, **last;
};

struct store {
	char *path;
	int event;
	pthread_t thread;
	/* The owner's thread only. */
	unsigned pending, asked_pending;
	/* Of the store's thread only. */
	struct db *db;
	int64_t opened_ms;
	int64_t room_ms; /* when the disk is looked at next; 0 at once */
	/* Shared; under `lock`. */
	pthread_mutex_t lock;
	pthread_cond_t asked;
	struct queue asks, answers;
	struct db_health opened; /* as it was opened; returned to when writes succeed again */
	struct db_health health;
	bool stop;
};

static void queue_put(struct queue *queue, struct request *request)
{
	request->next = NULL;
	*queue->last = request;
	queue->last = &request->next;
}

static struct request *queue_take(struct queue *queue)
{
	struct request *request = queue->first;

	if (request == NULL)
		return NULL;
	queue->first = request->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	return request;
}

/* ---- the store's thread ---- */

static bool is_open(struct store *store, struct error *err)
{
	struct db_health health;

	if (store->db != NULL)
		return true;
	/* Each request would else wait for an opening that fails, with its check of the whole file.
	 */
	if (store->opened_ms != 0 && clock_monotonic_ms() - store->opened_ms < REOPEN_MS) {
		pthread_mutex_lock(&store->lock);
		error_set(err, "store_unavailable", "%s", store->health.text);
		pthread_mutex_unlock(&store->lock);
		return false;
	}
	store->db = db_open(store->path, &health, err);
	store->opened_ms = clock_monotonic_ms();
	pthread_mutex_lock(&store->lock);
	store->health = store->opened = health;
	pthread_mutex_unlock(&store->lock);
	return store->db != NULL;
}

/* What the end of a request says about the database: the last failure stands until a write
 * succeeds. */
static void note_health(struct store *store, const struct request *r)
{
	static const char broken[] =
	    "reading or writing it failed. The queue is shown as before, but no action or setting "
	    "is taken. Look at the disk (dmesg), and whether its file system became read-only.";
	static const struct {
		const char *code;
		enum db_state state;
		const char *fix;
	} table[] = {
	    {"store_full", DB_FULL,
		"there is no space left for it, and its reserve is used up. Make room; until then "
		"no action or setting is taken, because its plan could not be written."},
	    {"store_locked", DB_LOCKED,
		"another process holds it. Until it lets go, no action or setting is taken."},
	    {"store_read_only", DB_READ_ONLY,
		"it can only be read. Give it and its folder to the user that "
		"Postroom runs as."},
	    {"store_damaged", DB_DAMAGED,
		"it is damaged. The queue is shown as before, but no action or setting is taken. "
		"Restart Postroom: it leaves this file as it is and goes on with a new one beside "
		"it."},
	    {"store_broken", DB_BROKEN, broken},
	    {"store_unknown", DB_BROKEN, broken},
	};
	enum db_state state = store->health.state;

	/* A read that succeeds proves nothing about a full or locked database. */
	if (r->result == DB_OK && r->write &&
	    (state == DB_FULL || state == DB_LOCKED || state == DB_BROKEN)) {
		store->health = store->opened;
		store->room_ms = 0;
	}
	/* A sample that was refused to spare the reserve is as it should be, and no fault to show.
	 */
	if ((r->result != DB_REFUSED && r->result != DB_UNKNOWN) || state == DB_READ_ONLY ||
	    (r->optional && strcmp(r->err.code, "store_full") == 0))
		return;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(r->err.code, table[i].code) == 0) {
			store->health.state = table[i].state;
			snprintf(store->health.text, sizeof(store->health.text), "%.300s: %s",
			    store->health.path, table[i].fix);
		}
}

/* Makes a part of the reserve, and says how the disk is. */
static void see_to_room(struct store *store)
{
	struct error ignored;
	struct db_health health;
	bool more = db_room_tend(store->db);

	store->room_ms = more ? 0 : clock_monotonic_ms() + ROOM_MS;
	/* Opened alone on a full disk, it keeps other processes out; with room again it is opened
	 * as usual. */
	if (db_room_is_over(store->db)) {
		db_close(&store->db);
		store->opened_ms = 0;
		(void)is_open(store, &ignored);
	}
	pthread_mutex_lock(&store->lock);
	health = store->opened;
	if (store->db != NULL && health.state == DB_FINE && db_room_is_low(store->db)) {
		health.state = db_room_is_full(store->db) ? DB_RESERVE : DB_LOW;
		db_room_describe(store->db, health.path, health.text, sizeof(health.text));
	}
	/* A failure stands until a write succeeds, whatever the disk looks like. */
	if (db_state_is_usable(store->health.state))
		store->health = health;
	pthread_mutex_unlock(&store->lock);
}

/* Every write is a transaction of its own: it is done as a whole, or taken back. */
static void run_request(struct store *store, struct request *r)
{
	if (!is_open(store, &r->err)) {
		r->result = DB_REFUSED;
		return;
	}
	if (!r->write) {
		r->result = r->work(store->db, r->arg, &r->err);
		return;
	}
	if (r->optional && db_room_is_full(store->db)) {
		error_set(&r->err, "store_full", "the disk is full: only actions are stored");
		r->result = DB_REFUSED;
		return;
	}
	r->result = db_begin(store->db, &r->err);
	if (r->result != DB_OK)
		return;
	r->result = r->work(store->db, r->arg, &r->err);
	if (r->result == DB_OK)
		r->result = db_commit(store->db, &r->err);
	else
		db_rollback(store->db);
}

static void wait_for_request(struct store *store)
{
	int64_t ms = store->room_ms - clock_monotonic_ms();
	struct timespec until;

	/* Nothing to see to, and nothing to open before somebody asks. */
	if (store->db == NULL) {
		pthread_cond_wait(&store->asked, &store->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&store->asked, &store->lock, &until);
}

/* With the lock held, which it lets go for the work. */
static void serve_request(struct store *store, struct request *r)
{
	pthread_mutex_unlock(&store->lock);
	run_request(store, r);
	pthread_mutex_lock(&store->lock);
	note_health(store, r);
	queue_put(&store->answers, r);
	eventfd_write(store->event, 1);
}

static void *thread_main(void *context)
{
	struct store *store = context;
	struct error ignored;

	is_open(store, &ignored);
	pthread_mutex_lock(&store->lock);
	for (;;) {
		bool due = store->db != NULL && clock_monotonic_ms() >= store->room_ms;
		struct request *r = queue_take(&store->asks);

		/* What was asked before the stop is still done: outcomes of jobs may be among it.
		 */
		if (r == NULL && store->stop)
			break;
		if (r != NULL)
			serve_request(store, r);
		else if (!due)
			wait_for_request(store);
		/* Also while requests keep coming: a busy hour must not leave the disk unseen. */
		if (due) {
			pthread_mutex_unlock(&store->lock);
			see_to_room(store);
			pthread_mutex_lock(&store->lock);
		}
	}
	pthread_mutex_unlock(&store->lock);
	db_close(&store->db);
	return NULL;
}

/* ---- the owner's thread ---- */

struct store *store_create(const char *path)
{
	struct store *store = memory_zero(1, sizeof(*store));
	pthread_condattr_t monotonic;
	sigset_t all, before;

	store->path = memory_strdup(path);
	store->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	store->asks.last = &store->asks.first;
	store->answers.last = &store->answers.first;
	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_init(&monotonic);
	/* A wall clock that is set must not make the thread sleep for hours. */
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&store->asked, &monotonic);
	pthread_condattr_destroy(&monotonic);
	/* Signals are the owner's business: the thread must not be the one that is interrupted. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (store->event < 0 || pthread_create(&store->thread, NULL, thread_main, store) != 0)
		abort(); /* no descriptors or threads left at start: the supervisor starts us again
			  */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return store;
}

void store_destroy(struct store **pointer)
{
	struct store *store = *pointer;

	if (store == NULL)
		return;
	/* A `done` may ask for more; the thread runs on until nothing is left. */
	while (store->pending > 0) {
		struct pollfd answered = {.fd = store->event, .events = POLLIN};

		poll(&answered, 1, -1);
		store_dispatch(store);
	}
	pthread_mutex_lock(&store->lock);
	store->stop = true;
	pthread_cond_signal(&store->asked);
	pthread_mutex_unlock(&store->lock);
	pthread_join(store->thread, NULL);
	fd_close(&store->event);
	pthread_mutex_destroy(&store->lock);
	pthread_cond_destroy(&store->asked);
	free(store->path);
	free(store);
	*pointer = NULL;
}

int store_fd(const struct store *store)
{
	return store->event;
}

void store_dispatch(struct store *store)
{
	eventfd_t count;

	/* Before the answers are taken: one that comes in between leaves the descriptor readable,
	 * and none is missed. */
	eventfd_read(store->event, &count);
	for (;;) {
		struct request *r;

		pthread_mutex_lock(&store->lock);
		r = queue_take(&store->answers);
		pthread_mutex_unlock(&store->lock);
		if (r == NULL)
			return;
		store->pending--;
		/* Before `done`, which may ask for more. */
		store->asked_pending -= r->counted;
		if (r->done != NULL)
			r->done(r->arg, r->result, &r->err);
		free(r);
	}
}

static struct request *make_request(
    struct store *store, store_work *work, store_done *done, void *context)
{
	struct request *r = memory_zero(1, sizeof(*r));

	r->work = work;
	r->done = done;
	r->arg = context;
	store->pending++;
	return r;
}

static void ask(struct store *store, struct request *r)
{
	pthread_mutex_lock(&store->lock);
	queue_put(&store->asks, r);
	pthread_cond_signal(&store->asked);
	pthread_mutex_unlock(&store->lock);
}

/* Answered without the store's thread, but never from within the call. */
static void ask_or_refuse(struct store *store, struct request *r)
{
	if (store->asked_pending < STORE_ASKED_MAX) {
		store->asked_pending++;
		r->counted = true;
		ask(store, r);
		return;
	}
	r->result = DB_REFUSED;
	error_set(&r->err, "store_busy",
	    "%d requests wait for the database already, and so that memory stays bounded no more "
	    "are taken: try again in a moment",
	    STORE_ASKED_MAX);
	pthread_mutex_lock(&store->lock);
	queue_put(&store->answers, r);
	pthread_mutex_unlock(&store->lock);
	eventfd_write(store->event, 1);
}

void store_read(struct store *store, store_work *work, store_done *done, void *context)
{
	ask(store, make_request(store, work, done, context));
}

void store_write(struct store *store, store_work *work, store_done *done, void *context)
{
	struct request *r = make_request(store, work, done, context);

	r->write = true;
	ask(store, r);
}

void store_write_optional(struct store *store, store_work *work, store_done *done, void *context)
{
	struct request *r = make_request(store, work, done, context);

	r->write = r->optional = true;
	ask(store, r);
}

void store_ask_read(struct store *store, store_work *work, store_done *done, void *context)
{
	ask_or_refuse(store, make_request(store, work, done, context));
}

void store_ask_write(struct store *store, store_work *work, store_done *done, void *context)
{
	struct request *r = make_request(store, work, done, context);

	r->write = true;
	ask_or_refuse(store, r);
}

void store_health(const struct store *store, struct db_health *health)
{
	struct store *shared =
	    (struct store *)store; /* the lock is not part of what is looked at */

	pthread_mutex_lock(&shared->lock);
	*health = shared->health;
	pthread_mutex_unlock(&shared->lock);
}

unsigned store_pending(const struct store *store)
{
	return store->pending;
}
