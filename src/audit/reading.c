/* One thread, and two lists with a lock around them: of questions and of answers. */
#include "audit/reading.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"

/* Answering goes first. */
#define NICENESS 5

struct item {
	struct item *next;
	struct audit_task *task;
	audit_reading_done *done;
	void *context;
};

struct list {
	struct item *first, **last;
};

struct audit_reading {
	char *directory;
	int event;
	pthread_t thread;
	unsigned waiting; /* of the owner's thread only */
	pthread_mutex_t lock;
	pthread_cond_t asked;
	/* Under `lock`. */
	struct list asks, answers;
	bool stop;
};

static void put(struct list *list, struct item *item)
{
	item->next = NULL;
	*list->last = item;
	list->last = &item->next;
}

static struct item *take(struct list *list)
{
	struct item *item = list->first;

	if (item == NULL)
		return NULL;
	list->first = item->next;
	if (list->first == NULL)
		list->last = &list->first;
	return item;
}

static void work(const struct audit_reading *reading, struct audit_task *task)
{
	task->good =
	    task->verify
		? audit_verify(reading->directory, NULL, 0, &task->known, &task->report, &task->err)
		: audit_search(reading->directory, &task->query, &task->found, &task->err);
}

static void *thread_main(void *context)
{
	struct audit_reading *reading = context;

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	pthread_mutex_lock(&reading->lock);
	for (;;) {
		struct item *item = take(&reading->asks);

		if (item == NULL && reading->stop)
			break;
		if (item == NULL) {
			pthread_cond_wait(&reading->asked, &reading->lock);
			continue;
		}
		pthread_mutex_unlock(&reading->lock);
		work(reading, item->task);
		pthread_mutex_lock(&reading->lock);
		put(&reading->answers, item);
		eventfd_write(reading->event, 1);
	}
	pthread_mutex_unlock(&reading->lock);
	return NULL;
}

struct audit_reading *audit_reading_create(const char *directory)
{
	struct audit_reading *reading = memory_zero(1, sizeof(*reading));
	sigset_t all, before;

	reading->directory = memory_strdup(directory);
	reading->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	reading->asks.last = &reading->asks.first;
	reading->answers.last = &reading->answers.first;
	pthread_mutex_init(&reading->lock, NULL);
	pthread_cond_init(&reading->asked, NULL);
	/* Signals are the owner's business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (reading->event < 0 || pthread_create(&reading->thread, NULL, thread_main, reading) != 0)
		abort(); /* nothing left at start: the supervisor starts us again */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return reading;
}

void audit_reading_destroy(struct audit_reading **pointer)
{
	struct audit_reading *reading = *pointer;

	if (reading == NULL)
		return;
	while (reading->waiting > 0) {
		struct pollfd answered = {.fd = reading->event, .events = POLLIN};

		poll(&answered, 1, -1);
		audit_reading_dispatch(reading);
	}
	pthread_mutex_lock(&reading->lock);
	reading->stop = true;
	pthread_cond_signal(&reading->asked);
	pthread_mutex_unlock(&reading->lock);
	pthread_join(reading->thread, NULL);
	fd_close(&reading->event);
	pthread_mutex_destroy(&reading->lock);
	pthread_cond_destroy(&reading->asked);
	free(reading->directory);
	free(reading);
	*pointer = NULL;
}

int audit_reading_fd(const struct audit_reading *reading)
{
	return reading->event;
}

void audit_reading_dispatch(struct audit_reading *reading)
{
	eventfd_t count;

	/* Before the answers are taken, so that none is missed. */
	eventfd_read(reading->event, &count);
	for (;;) {
		struct item *item;

		pthread_mutex_lock(&reading->lock);
		item = take(&reading->answers);
		pthread_mutex_unlock(&reading->lock);
		if (item == NULL)
			return;
		reading->waiting--;
		item->done(item->context, item->task);
		free(item);
	}
}

bool audit_reading_ask(
    struct audit_reading *reading, struct audit_task *task, audit_reading_done *done, void *context)
{
	struct item *item;

	if (reading->waiting == AUDIT_READING_MAX)
		return false;
	item = memory_zero(1, sizeof(*item));
	*item = (struct item){NULL, task, done, context};
	reading->waiting++;
	pthread_mutex_lock(&reading->lock);
	put(&reading->asks, item);
	pthread_cond_signal(&reading->asked);
	pthread_mutex_unlock(&reading->lock);
	return true;
}
