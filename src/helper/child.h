/* A process that the helper started: its input, its bounded output, its deadline, its end. Waits on
 * the process (pidfd), not on end of file: `postfix reload` leaves a background process that keeps
 * the pipes open. */
#ifndef HELPER_CHILD_H
#define HELPER_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/slice.h"
#include "role/confine.h"
#include "wire/channel.h"
#include "wire/helper_proto.h"

struct child;

struct child_plan {
	char *const *argv;  /* of a command, NULL-terminated; argv[0] is an absolute path, or a name
			       for the fixed PATH */
	struct slice input; /* standard input; copied */
	int output_fd;	    /* standard output goes here; -1: to child_events.output */
	int extra_fd;	    /* becomes descriptor 3; -1: none */
	int64_t
	    deadline_ms;   /* from now on; 0: none. Then SIGTERM, and SIGKILL CHILD_KILL_MS later */
	size_t output_max; /* bytes of standard output and error together; the rest is dropped */
	bool disposable; /* ends when the helper ends (what only reads); else it may finish its work
			  */
	const struct confine_plan *role; /* the process is that role, started from `program`; NULL:
					  * a command, which runs as the helper does */
	int program;
};
#define CHILD_KILL_MS 3000

struct child_events {
	void (*output)(void *context, uint8_t stream, struct slice bytes); /* stream 1 or 2 */
	/* The last call; the child is freed after it. */
	void (*done)(void *context, const struct helper_exit *end);
};

/* Starts it; the descriptors in the plan stay the caller's. NULL with spawn_failed. A program that
 * cannot be executed ends with status 127 and a line on its standard error. */
struct child *child_start(struct loop *loop, const struct child_plan *plan,
    const struct child_events *events, void *context, struct error *err);

/* Judges the first frame of a role that was started (role/prove.h). */
bool child_prove(const struct child *child, const struct confine_plan *plan,
    const struct channel *channel, const struct frame *first, struct error *err);

/* Kills the whole process group; `done` follows. */
void child_kill(struct child *child);

#endif
