/* Which password is next: a queue of two threads (base/work_queue.h), with a lane for each kind of
 * people who wait. */
#include "access/hashing.h"

#include <stdlib.h>

#include <sodium.h>

#include "base/memory.h"
#include "base/work_queue.h"

/* One for strangers at most, so that people who are known always find the other one free. */
#define THREADS 2
/* Strangers can keep a thread busy; the loop must not wait for the processor because of them. */
#define NICENESS 10

struct item {
	struct work_item work;
	struct hashing_task *task;
	hashing_done *done;
	void *context;
};

struct hashing {
	struct work_queue *queue;
	/* Of the functions below that choose. */
	bool stranger_at_work;
	unsigned fresh_in_row; /* that were taken one after the other */
};

static struct item *item_of(struct work_item *item)
{
	return (struct item *)(void *)item;
}

/* So many from fresh addresses, then one of the others: whoever has mistyped gets his turn, however
 * many addresses somebody else has. */
#define FRESH_IN_ROW 3

static int choose_stranger(struct hashing *h, const unsigned waiting[WORK_LANES_MAX])
{
	bool fresh_first = h->fresh_in_row < FRESH_IN_ROW || waiting[HASHING_STRANGER] == 0;

	if (fresh_first && waiting[HASHING_FRESH] > 0) {
		h->fresh_in_row++;
		return HASHING_FRESH;
	}
	if (waiting[HASHING_STRANGER] == 0)
		return -1;
	h->fresh_in_row = 0;
	return HASHING_STRANGER;
}

/* Known people first, and of strangers one at a time. */
static int choose(void *context, const unsigned waiting[WORK_LANES_MAX])
{
	struct hashing *h = context;
	int lane;

	if (waiting[HASHING_KNOWN] > 0)
		return HASHING_KNOWN;
	if (h->stranger_at_work)
		return -1;
	lane = choose_stranger(h, waiting);
	h->stranger_at_work = lane >= 0;
	return lane;
}

static void ended(void *context, const struct work_item *item)
{
	struct hashing *h = context;

	if (item->lane != HASHING_KNOWN)
		h->stranger_at_work = false;
}

static void work(void *context, struct work_item *item)
{
	struct hashing_task *task = item_of(item)->task;
	struct slice password = slice_make(task->password, task->password_len);

	(void)context;
	task->good = task->make ? accounts_password_hash(password, task->hash, NULL)
				: accounts_password_fits(password, task->hash);
	/* Not a moment longer in memory than it is needed. */
	sodium_memzero(task->password, sizeof(task->password));
}

static void tell(void *context, struct work_item *item)
{
	struct item *answered = item_of(item);

	(void)context;
	answered->done(answered->context, answered->task);
	free(answered);
}

struct hashing *hashing_create(void)
{
	struct hashing *h = memory_zero(1, sizeof(*h));

	h->queue = work_queue_create(&(struct work_kind){.threads = THREADS,
	    .waiting_max = HASHING_WAITING,
	    .niceness = NICENESS,
	    .work = work,
	    .done = tell,
	    .choose = choose,
	    .ended = ended,
	    .context = h});
	return h;
}

void hashing_destroy(struct hashing **pointer)
{
	struct hashing *h = *pointer;

	if (h == NULL)
		return;
	work_queue_destroy(&h->queue);
	free(h);
	*pointer = NULL;
}

int hashing_fd(const struct hashing *h)
{
	return work_queue_fd(h->queue);
}

void hashing_dispatch(struct hashing *h)
{
	work_queue_dispatch(h->queue);
}

/* Refused when too many wait: each waiting password is somebody who would be told of it too late.
 */
bool hashing_start(struct hashing *h, enum hashing_lane lane, struct hashing_task *task,
    hashing_done *done, void *context)
{
	struct item *item = memory_zero(1, sizeof(*item));

	*item = (struct item){.task = task, .done = done, .context = context};
	if (work_queue_put(h->queue, lane, &item->work))
		return true;
	free(item);
	return false;
}
