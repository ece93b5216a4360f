/* A loop over poll(2) for the processes that are near to root and link next to nothing. Not meant
 * for thousands of descriptors: the whole set is given to the kernel each time. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;

/* Called with what poll reported (POLLIN, POLLOUT, POLLHUP, POLLERR), or with 0 when the deadline
 * of the watch has come. It may add and remove watches, its own too. */
typedef void loop_function(void *context, short revents);

struct loop *loop_create(void);
/* Frees the loop and its watches, not their descriptors. Accepts a pointer to NULL. */
void loop_destroy(struct loop **loop);

/* Watches a descriptor that stays the caller's; fd -1 is a timer only. The watch is the loop's. */
struct loop_watch *loop_add(
    struct loop *loop, int fd, short events, loop_function *function, void *context);
/* Ends *watch and makes it NULL; accepts a pointer to NULL. */
void loop_remove(struct loop_watch **watch);

void loop_events(struct loop_watch *watch, short events);
/* Milliseconds of the monotonic clock; -1 for none. It is cleared before the function is called. */
void loop_deadline(struct loop_watch *watch, int64_t at_ms);

/* Polls and calls until loop_stop. False when poll itself fails. */
bool loop_run(struct loop *loop);
/* One round, at most `timeout_ms` long (-1: as long as it takes). */
bool loop_once(struct loop *loop, int timeout_ms);
void loop_stop(struct loop *loop);

#endif
