/* What a person should know before he says yes to a job on a selection. */
#ifndef JOBS_PREVIEW_H
#define JOBS_PREVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/said.h"
#include "jobs/preview_counts.h"
#include "jobs/selection.h"

enum preview_severity { PREVIEW_INFO, PREVIEW_WARNING };

struct preview_warning {
	const char *code; /* stable: active_now, held_long, over_age, maildrop, already_held,
			   * not_held, release_reload, on_hold, null_sender, not_found,
			   * requeue_effects, delete_silent, bounce_effects,
			   * not_all_yours */
	enum preview_severity severity;
	int64_t count; /* messages it is about; -1: all */
	char text[400];
	char words[160]; /* base/said.h */
};
#define PREVIEW_WARNINGS_MAX 12

struct preview {
	int64_t matched, bytes, recipients; /* of a release: of those that are on hold */
	int64_t possible; /* of these: that the action does something to, as they stand */
	struct preview_counts counts;
	struct preview_warning warning[PREVIEW_WARNINGS_MAX];
	size_t warning_count;
	const char *commands[4]; /* what will be run, in this order */
	size_t command_count;
};

struct preview_facts {
	int64_t now;
	int64_t maximal_lifetime, bounce_lifetime; /* seconds; -1 unknown */
	int postfix_version;			   /* postfix_version() */
	int64_t undo_seconds;			   /* of a delete */
	/* a release that takes a hold back: that job put them on hold, whatever is known of them
	 * by now */
	bool takes_hold_back;
	/* Of a release: how many of those on hold may not go back before Postfix is reloaded, at
	 * least; -1 nobody can tell now. And how much a reload is about. */
	int64_t reload_for;
	int64_t queued_active, queued_deferred;
};

/* False with unsupported_by_postfix where no such job may run at all: bounce below Postfix 3.5. A
 * selection of nothing is fine: matched 0. */
bool preview_make(enum job_action action, const struct selection *selection,
    const struct preview_facts *facts, struct preview *preview, struct error *err);

#endif
