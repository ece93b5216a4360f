/* A queue of one thread (base/work_queue.h), whose items are the questions. */
#include "audit/reading.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/work_queue.h"

/* Answering goes first. */
#define NICENESS 5

struct item {
	struct work_item work;
	struct audit_task *task;
	audit_reading_done *done;
	void *context;
};

struct audit_reading {
	char *directory;
	struct work_queue *queue;
};

static struct item *item_of(struct work_item *item)
{
	return (struct item *)(void *)item;
}

static void work(void *context, struct work_item *item)
{
	const struct audit_reading *reading = context;
	struct audit_task *task = item_of(item)->task;

	task->good =
	    task->verify
		? audit_verify(reading->directory, NULL, 0, &task->known, &task->report, &task->err)
		: audit_search(reading->directory, &task->query, &task->found, &task->err);
}

static void tell(void *context, struct work_item *item)
{
	struct item *answered = item_of(item);

	(void)context;
	answered->done(answered->context, answered->task);
	free(answered);
}

struct audit_reading *audit_reading_create(const char *directory)
{
	struct audit_reading *reading = memory_zero(1, sizeof(*reading));

	reading->directory = memory_strdup(directory);
	reading->queue = work_queue_create(&(struct work_kind){.threads = 1,
	    .waiting_max = AUDIT_READING_MAX,
	    .niceness = NICENESS,
	    .work = work,
	    .done = tell,
	    .context = reading});
	return reading;
}

void audit_reading_destroy(struct audit_reading **pointer)
{
	struct audit_reading *reading = *pointer;

	if (reading == NULL)
		return;
	work_queue_destroy(&reading->queue);
	free(reading->directory);
	free(reading);
	*pointer = NULL;
}

int audit_reading_fd(const struct audit_reading *reading)
{
	return work_queue_fd(reading->queue);
}

void audit_reading_dispatch(struct audit_reading *reading)
{
	work_queue_dispatch(reading->queue);
}

bool audit_reading_ask(
    struct audit_reading *reading, struct audit_task *task, audit_reading_done *done, void *context)
{
	struct item *item = memory_zero(1, sizeof(*item));

	*item = (struct item){.task = task, .done = done, .context = context};
	if (work_queue_put(reading->queue, 0, &item->work))
		return true;
	free(item);
	return false;
}
