/* Work that a loop must not wait for, done by threads of its own: items wait in lanes, threads take
 * them, and what is done comes back to the owner's thread over a descriptor. What an item is, which
 * lane is next and how much may wait is the owner's business.
 *
 * Poll work_queue_fd() for reading and call work_queue_dispatch(). */
#ifndef BASE_WORK_QUEUE_H
#define BASE_WORK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#define WORK_LANES_MAX 4

/* The first member of the owner's own struct. It is the threads' until `done`, and then the owner's
 * again. */
struct work_item {
	struct work_item *next;
	unsigned lane;
};

struct work_kind {
	unsigned threads;
	unsigned waiting_max; /* in each lane, beside those that are worked on */
	int niceness;	      /* of the threads: answering goes first */
	/* On a thread. */
	void (*work)(void *context, struct work_item *item);
	/* On the owner's thread, from work_queue_dispatch() or work_queue_destroy(). */
	void (*done)(void *context, struct work_item *item);
	/* On a thread, and never on two at once. The lane of the next item, by how many wait in
	 * each; -1 where none may be taken now. NULL: the lanes in their order. */
	int (*choose)(void *context, const unsigned waiting[WORK_LANES_MAX]);
	/* So too, when an item has been worked on: another may be taken now. May be NULL. */
	void (*ended)(void *context, const struct work_item *item);
	void *context;
};

struct work_queue;

/* Aborts where there are no threads or descriptors left, which is at start: the supervisor starts
 * the process again. */
struct work_queue *work_queue_create(const struct work_kind *kind);
/* What waits is still worked on, and everybody is told; a `done` that puts another item in is
 * refused. Accepts a pointer to NULL. */
void work_queue_destroy(struct work_queue **queue);
int work_queue_fd(const struct work_queue *queue);
void work_queue_dispatch(struct work_queue *queue);

/* False, and the item stays the caller's, when its lane is full. */
bool work_queue_put(struct work_queue *queue, unsigned lane, struct work_item *item);

#endif
