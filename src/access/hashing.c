/* Two threads that check and hash passwords, and the two lanes in which tasks wait for them.
 * Answers come back over an eventfd, on the loop's own thread. */
#include "access/hashing.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

#include "base/fd.h"
#include "base/memory.h"

/* One for strangers at most, so that people who are known always find the other one free. */
#define THREADS 2
/* Strangers can keep a thread busy; the loop must not wait for the processor because of them. */
#define NICENESS 10

struct item {
	struct hashing_task *task;
	hashing_done *done;
	void *context;
	enum hashing_lane lane;
	struct item *next;
};

struct list {
	struct item *first, **last;
	unsigned count;
};

struct hashing {
	int event;
	pthread_t threads[THREADS];
	pthread_mutex_t lock;
	pthread_cond_t asked;
	/* Under `lock`. */
	struct list waiting[HASHING_LANES], answers;
	bool stranger_at_work, stop;
	unsigned fresh_in_row; /* that were taken one after the other */
};

static void put(struct list *list, struct item *item)
{
	item->next = NULL;
	*list->last = item;
	list->last = &item->next;
	list->count++;
}

static struct item *take(struct list *list)
{
	struct item *item = list->first;

	if (item == NULL)
		return NULL;
	list->first = item->next;
	if (list->first == NULL)
		list->last = &list->first;
	list->count--;
	return item;
}

/* So many from fresh addresses, then one of the others: whoever has mistyped gets his turn, however
 * many addresses somebody else has. */
#define FRESH_IN_ROW 3

static struct item *next_stranger(struct hashing *h)
{
	struct list *fresh = &h->waiting[HASHING_FRESH], *others = &h->waiting[HASHING_STRANGER];
	bool fresh_first = h->fresh_in_row < FRESH_IN_ROW || others->count == 0;
	struct item *item = take(fresh_first && fresh->count > 0 ? fresh : others);

	if (item != NULL)
		h->fresh_in_row = item->lane == HASHING_FRESH ? h->fresh_in_row + 1 : 0;
	return item;
}

/* The next one to work on: known people first, and of strangers one at a time. */
static struct item *next(struct hashing *h)
{
	struct item *item = take(&h->waiting[HASHING_KNOWN]);

	if (item == NULL && !h->stranger_at_work) {
		item = next_stranger(h);
		h->stranger_at_work = item != NULL;
	}
	return item;
}

static void work(struct hashing_task *task)
{
	struct slice password = slice_make(task->password, task->password_len);

	task->good = task->make ? accounts_password_hash(password, task->hash, NULL)
				: accounts_password_fits(password, task->hash);
	/* Not a moment longer in memory than it is needed. */
	sodium_memzero(task->password, sizeof(task->password));
}

static void *thread_main(void *context)
{
	struct hashing *h = context;

	/* On Linux this is about the calling thread; lower is always allowed. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	pthread_mutex_lock(&h->lock);
	for (;;) {
		struct item *item = next(h);

		/* What was asked before is still done: somebody waits for each. */
		if (item == NULL && h->stop)
			break;
		if (item == NULL) {
			pthread_cond_wait(&h->asked, &h->lock);
			continue;
		}
		/* Without the lock, as hashing takes tens of milliseconds. */
		pthread_mutex_unlock(&h->lock);
		work(item->task);
		pthread_mutex_lock(&h->lock);
		if (item->lane != HASHING_KNOWN)
			h->stranger_at_work = false;
		put(&h->answers, item);
		/* A stranger's place may be free now, for the other thread too. */
		pthread_cond_signal(&h->asked);
		eventfd_write(h->event, 1);
	}
	pthread_cond_broadcast(&h->asked);
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

struct hashing *hashing_create(void)
{
	struct hashing *h = memory_zero(1, sizeof(*h));
	sigset_t all, before;

	h->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (int i = 0; i < HASHING_LANES; i++)
		h->waiting[i].last = &h->waiting[i].first;
	h->answers.last = &h->answers.first;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->asked, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (int i = 0; i < THREADS; i++)
		if (h->event < 0 || pthread_create(&h->threads[i], NULL, thread_main, h) != 0)
			abort(); /* none left at start: the supervisor starts us again */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return h;
}

void hashing_destroy(struct hashing **pointer)
{
	struct hashing *h = *pointer;

	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->stop = true;
	pthread_cond_broadcast(&h->asked);
	pthread_mutex_unlock(&h->lock);
	for (int i = 0; i < THREADS; i++)
		pthread_join(h->threads[i], NULL);
	/* Everybody who waits is told before the end. */
	hashing_dispatch(h);
	fd_close(&h->event);
	pthread_mutex_destroy(&h->lock);
	pthread_cond_destroy(&h->asked);
	free(h);
	*pointer = NULL;
}

int hashing_fd(const struct hashing *h)
{
	return h->event;
}

void hashing_dispatch(struct hashing *h)
{
	eventfd_t count;

	eventfd_read(h->event, &count);
	for (;;) {
		struct item *item;

		pthread_mutex_lock(&h->lock);
		item = take(&h->answers);
		pthread_mutex_unlock(&h->lock);
		if (item == NULL)
			return;
		item->done(item->context, item->task);
		free(item);
	}
}

/* Refused when too many wait: each waiting password is somebody who would be told of it too late.
 */
bool hashing_start(struct hashing *h, enum hashing_lane lane, struct hashing_task *task,
    hashing_done *done, void *context)
{
	struct item *item;
	bool room;

	pthread_mutex_lock(&h->lock);
	/* Each lane has room of its own: strangers cannot fill the other. */
	room = h->waiting[lane].count < HASHING_WAITING && !h->stop;
	if (room) {
		item = memory_zero(1, sizeof(*item));
		*item = (struct item){task, done, context, lane, NULL};
		put(&h->waiting[lane], item);
		pthread_cond_signal(&h->asked);
	}
	pthread_mutex_unlock(&h->lock);
	return room;
}
