/* A list of watches and an array for poll, made anew for each round. A watch that is removed is
 * freed between rounds, because the round may still be about to call it. */
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

struct loop_watch {
	struct loop *loop;
	struct loop_watch *next;
	loop_function *function; /* NULL once removed */
	void *arg;
	int64_t deadline; /* -1: none */
	int fd;
	short events;
};

struct loop {
	struct loop_watch *first;
	struct pollfd *polled;
	struct loop_watch **order; /* the watch of each polled entry */
	size_t room;
	bool stopped;
};

struct loop *loop_create(void)
{
	return memory_zero(1, sizeof(struct loop));
}

void loop_destroy(struct loop **pointer)
{
	struct loop *loop = *pointer;

	if (loop == NULL)
		return;
	while (loop->first != NULL) {
		struct loop_watch *next = loop->first->next;

		free(loop->first);
		loop->first = next;
	}
	free(loop->polled);
	free(loop->order);
	free(loop);
	*pointer = NULL;
}

struct loop_watch *loop_add(
    struct loop *loop, int fd, short events, loop_function *function, void *context)
{
	struct loop_watch *watch = memory_zero(1, sizeof(*watch));

	*watch = (struct loop_watch){loop, loop->first, function, context, -1, fd, events};
	loop->first = watch;
	return watch;
}

void loop_remove(struct loop_watch **pointer)
{
	if (*pointer != NULL)
		(*pointer)->function =
		    NULL; /* freed between rounds: a round may still point to it */
	*pointer = NULL;
}

void loop_events(struct loop_watch *watch, short events)
{
	watch->events = events;
}

void loop_deadline(struct loop_watch *watch, int64_t at_ms)
{
	watch->deadline = at_ms;
}

/* At the beginning of a round, when nothing points to a watch any more. */
static void sweep(struct loop *loop)
{
	struct loop_watch **at = &loop->first;

	while (*at != NULL) {
		struct loop_watch *watch = *at;

		if (watch->function != NULL) {
			at = &watch->next;
			continue;
		}
		*at = watch->next;
		free(watch);
	}
}

/* Fills in the set for poll and the time to the next deadline; returns the number of entries. */
static size_t prepare(struct loop *loop, int64_t now, int *timeout_ms)
{
	size_t count = 0;

	for (struct loop_watch *w = loop->first; w != NULL; w = w->next) {
		if (count == loop->room) {
			loop->room = loop->room > 0 ? loop->room * 2 : 16;
			loop->polled =
			    memory_resize(loop->polled, loop->room, sizeof(*loop->polled));
			loop->order =
			    memory_resize(loop->order, loop->room, sizeof(struct loop_watch *));
		}
		/* With no events wanted even a hang-up is not reported: poll skips negative
		 * numbers. */
		loop->polled[count] = (struct pollfd){w->events != 0 ? w->fd : -1, w->events, 0};
		loop->order[count++] = w;
		if (w->deadline >= 0) {
			int64_t wait = w->deadline > now ? w->deadline - now : 0;

			if (*timeout_ms < 0 || wait < *timeout_ms)
				*timeout_ms = wait < INT_MAX ? (int)wait : INT_MAX;
		}
	}
	return count;
}

static void call(struct loop_watch *watch, short revents, int64_t now)
{
	if (watch->function != NULL && revents != 0)
		watch->function(watch->arg, revents);
	if (watch->function != NULL && watch->deadline >= 0 && watch->deadline <= now) {
		/* Before the call, which may set another one. */
		watch->deadline = -1;
		watch->function(watch->arg, 0);
	}
}

bool loop_once(struct loop *loop, int timeout_ms)
{
	size_t count;
	int64_t now;

	sweep(loop);
	count = prepare(loop, clock_monotonic_ms(), &timeout_ms);
	if (poll(loop->polled, count, timeout_ms) < 0) {
		/* A signal is no failure: the next round goes on. */
		if (errno != EINTR)
			return false;
		return true;
	}
	now = clock_monotonic_ms();
	for (size_t i = 0; i < count; i++)
		call(loop->order[i], loop->polled[i].revents, now);
	return true;
}

bool loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped)
		if (!loop_once(loop, -1))
			return false;
	sweep(loop);
	return true;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}
