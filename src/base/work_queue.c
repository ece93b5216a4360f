/* Threads around one lock; a list for each lane and one for what is done. The descriptor is an
 * eventfd, which says only that something is done. */
#include "base/work_queue.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"

struct list {
	struct work_item *first, **last;
};

struct work_queue {
	struct work_kind kind;
	int event;
	pthread_t *threads;
	pthread_mutex_t lock;
	pthread_cond_t asked;
	/* Under `lock`. */
	struct list lanes[WORK_LANES_MAX], ended;
	unsigned waiting[WORK_LANES_MAX];
	bool stop;
};

static void list_put(struct list *list, struct work_item *item)
{
	item->next = NULL;
	*list->last = item;
	list->last = &item->next;
}

static struct work_item *list_take(struct list *list)
{
	struct work_item *item = list->first;

	if (item == NULL)
		return NULL;
	list->first = item->next;
	if (list->first == NULL)
		list->last = &list->first;
	return item;
}

static int choose_lane(const struct work_queue *queue)
{
	if (queue->kind.choose != NULL)
		return queue->kind.choose(queue->kind.context, queue->waiting);
	for (int lane = 0; lane < WORK_LANES_MAX; lane++)
		if (queue->waiting[lane] > 0)
			return lane;
	return -1;
}

/* With the lock held. */
static struct work_item *next_item(struct work_queue *queue)
{
	int lane = choose_lane(queue);
	struct work_item *item = lane >= 0 ? list_take(&queue->lanes[lane]) : NULL;

	if (item != NULL)
		queue->waiting[lane]--;
	return item;
}

/* With the lock held, which it lets go for the work. */
static void work_on(struct work_queue *queue, struct work_item *item)
{
	pthread_mutex_unlock(&queue->lock);
	queue->kind.work(queue->kind.context, item);
	pthread_mutex_lock(&queue->lock);
	if (queue->kind.ended != NULL)
		queue->kind.ended(queue->kind.context, item);
	list_put(&queue->ended, item);
	/* What could not be taken beside this one may be taken now, by another thread too. */
	pthread_cond_signal(&queue->asked);
	eventfd_write(queue->event, 1);
}

static void *thread_main(void *context)
{
	struct work_queue *queue = context;

	/* On Linux this is about the calling thread; lower is always allowed. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), queue->kind.niceness);
	pthread_mutex_lock(&queue->lock);
	for (;;) {
		struct work_item *item = next_item(queue);

		/* What was put in before is still done: somebody waits for each. */
		if (item == NULL && queue->stop)
			break;
		if (item != NULL)
			work_on(queue, item);
		else
			pthread_cond_wait(&queue->asked, &queue->lock);
	}
	pthread_cond_broadcast(&queue->asked);
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

struct work_queue *work_queue_create(const struct work_kind *kind)
{
	struct work_queue *queue = memory_zero(1, sizeof(*queue));
	sigset_t all, before;

	queue->kind = *kind;
	queue->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	queue->threads = memory_zero(kind->threads, sizeof(*queue->threads));
	for (int lane = 0; lane < WORK_LANES_MAX; lane++)
		queue->lanes[lane].last = &queue->lanes[lane].first;
	queue->ended.last = &queue->ended.first;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->asked, NULL);
	/* Signals are the owner's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i < kind->threads; i++)
		if (queue->event < 0 ||
		    pthread_create(&queue->threads[i], NULL, thread_main, queue) != 0)
			abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return queue;
}

void work_queue_destroy(struct work_queue **pointer)
{
	struct work_queue *queue = *pointer;

	if (queue == NULL)
		return;
	pthread_mutex_lock(&queue->lock);
	queue->stop = true;
	pthread_cond_broadcast(&queue->asked);
	pthread_mutex_unlock(&queue->lock);
	for (unsigned i = 0; i < queue->kind.threads; i++)
		pthread_join(queue->threads[i], NULL);
	/* Everybody who waits is told before the end. */
	work_queue_dispatch(queue);
	fd_close(&queue->event);
	pthread_mutex_destroy(&queue->lock);
	pthread_cond_destroy(&queue->asked);
	free(queue->threads);
	free(queue);
	*pointer = NULL;
}

int work_queue_fd(const struct work_queue *queue)
{
	return queue->event;
}

void work_queue_dispatch(struct work_queue *queue)
{
	eventfd_t count;

	/* Before anything is taken: what ends in between leaves the descriptor readable, and none
	 * is missed. */
	eventfd_read(queue->event, &count);
	for (;;) {
		struct work_item *item;

		pthread_mutex_lock(&queue->lock);
		item = list_take(&queue->ended);
		pthread_mutex_unlock(&queue->lock);
		if (item == NULL)
			return;
		queue->kind.done(queue->kind.context, item);
	}
}

bool work_queue_put(struct work_queue *queue, unsigned lane, struct work_item *item)
{
	bool room;

	pthread_mutex_lock(&queue->lock);
	/* Each lane has room of its own: who fills one leaves the others as they are. */
	room = queue->waiting[lane] < queue->kind.waiting_max && !queue->stop;
	if (room) {
		item->lane = lane;
		list_put(&queue->lanes[lane], item);
		queue->waiting[lane]++;
		pthread_cond_signal(&queue->asked);
	}
	pthread_mutex_unlock(&queue->lock);
	return room;
}
