#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"

/* A database that could not be opened is tried again so often, when somebody asks for it. */
#define REOPEN_MS 3000

struct request {
	struct request *next;
	store_work *work;
	store_done *done;
	void *arg;
	bool write;
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
	unsigned pending; /* the owner's thread only */
	/* Of the store's thread only. */
	struct db *db;
	int64_t opened_ms;
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

/* What the end of a write says about the database: the last failure stands until a write succeeds.
 */
static void note_health(struct store *store, const struct request *r)
{
	static const struct {
		const char *code;
		enum db_state state;
		const char *fix;
	} table[] = {
	    {"store_full", DB_FULL,
		"there is no space left for it. Make room; until then no action or setting "
		"is taken, because its plan could not be written."},
	    {"store_locked", DB_LOCKED,
		"another process holds it. Until it lets go, no action or setting is taken."},
	    {"store_read_only", DB_READ_ONLY,
		"it can only be read. Give it and its folder to the user that "
		"Postroom runs as."},
	    {"store_damaged", DB_DAMAGED,
		"it is damaged. Restart Postroom: it leaves this file as it is and goes "
		"on with a new one beside it."},
	};
	enum db_state state = store->health.state;

	if (r->result == DB_OK && r->write && (state == DB_FULL || state == DB_LOCKED))
		store->health = store->opened;
	if (r->result != DB_REFUSED || state == DB_READ_ONLY)
		return;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(r->err.code, table[i].code) == 0) {
			store->health.state = table[i].state;
			snprintf(store->health.text, sizeof(store->health.text), "%.300s: %s",
			    store->health.path, table[i].fix);
		}
}

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
	r->result = db_begin(store->db, &r->err);
	if (r->result != DB_OK)
		return;
	r->result = r->work(store->db, r->arg, &r->err);
	if (r->result == DB_OK)
		r->result = db_commit(store->db, &r->err);
	else
		db_rollback(store->db);
}

static void *thread_main(void *arg)
{
	struct store *store = arg;
	struct error ignored;

	is_open(store, &ignored);
	pthread_mutex_lock(&store->lock);
	for (;;) {
		struct request *r = queue_take(&store->asks);

		if (r == NULL && store->stop)
			break;
		if (r == NULL) {
			pthread_cond_wait(&store->asked, &store->lock);
			continue;
		}
		pthread_mutex_unlock(&store->lock);
		run_request(store, r);
		pthread_mutex_lock(&store->lock);
		note_health(store, r);
		queue_put(&store->answers, r);
		eventfd_write(store->event, 1);
	}
	pthread_mutex_unlock(&store->lock);
	db_close(&store->db);
	return NULL;
}

/* ---- the owner's thread ---- */

struct store *store_create(const char *path)
{
	struct store *store = memory_zero(1, sizeof(*store));
	sigset_t all, before;

	store->path = memory_strdup(path);
	store->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	store->asks.last = &store->asks.first;
	store->answers.last = &store->answers.first;
	pthread_mutex_init(&store->lock, NULL);
	pthread_cond_init(&store->asked, NULL);
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
		store_dispatch(store);
		if (store->pending > 0)
			usleep(1000);
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

	eventfd_read(store->event, &count);
	for (;;) {
		struct request *r;

		pthread_mutex_lock(&store->lock);
		r = queue_take(&store->answers);
		pthread_mutex_unlock(&store->lock);
		if (r == NULL)
			return;
		store->pending--;
		if (r->done != NULL)
			r->done(r->arg, r->result, &r->err);
		free(r);
	}
}

static void ask(struct store *store, store_work *work, store_done *done, void *arg, bool write)
{
	struct request *r = memory_zero(1, sizeof(*r));

	r->work = work;
	r->done = done;
	r->arg = arg;
	r->write = write;
	store->pending++;
	pthread_mutex_lock(&store->lock);
	queue_put(&store->asks, r);
	pthread_cond_signal(&store->asked);
	pthread_mutex_unlock(&store->lock);
}

void store_read(struct store *store, store_work *work, store_done *done, void *arg)
{
	ask(store, work, done, arg, false);
}

void store_write(struct store *store, store_work *work, store_done *done, void *arg)
{
	ask(store, work, done, arg, true);
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
