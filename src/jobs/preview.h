/* What a job on a selection would touch, and what a person should know before he says yes. */
#ifndef JOBS_PREVIEW_H
#define JOBS_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "jobs/selection.h"

#define PREVIEW_SAMPLE_MAX 10
#define PREVIEW_GROUPS_MAX 10

struct preview_warning {
	const char *code; /* stable: active_now, held_long, maildrop, already_held, not_held, null_sender,
	                   * missing, unchecked, requeue_effects, delete_silent */
	int64_t count;    /* messages it is about; 0: all */
	char text[320];
};
#define PREVIEW_WARNINGS_MAX 12

struct preview_group {
	struct slice key; /* a queue, or a destination domain; points into the selection */
	int64_t messages, bytes;
};

struct preview {
	int64_t matched, bytes;
	int64_t oldest_arrival, newest_arrival; /* -1 where none is known */
	struct preview_group queue[PREVIEW_GROUPS_MAX], domain[PREVIEW_GROUPS_MAX];
	size_t queue_count, domain_count;
	int64_t domain_other; /* messages of the domains not listed */
	size_t sample[PREVIEW_SAMPLE_MAX]; /* indexes into the selection */
	size_t sample_count;
	struct preview_warning warning[PREVIEW_WARNINGS_MAX];
	size_t warning_count;
};

struct preview_facts {
	int64_t now;
	int64_t maximal_lifetime, bounce_lifetime; /* seconds; -1 unknown */
	int postfix_version;  /* 305 for 3.5; 0 unknown */
	int64_t undo_seconds; /* of a delete */
};

/* False with a code where no such job may run at all: bounce_unsupported (Postfix below 3.5). A
 * selection of nothing is fine: matched 0. */
bool preview_make(enum job_action action, const struct selection *selection,
    const struct preview_facts *facts, struct preview *preview, struct error *err);

#endif
