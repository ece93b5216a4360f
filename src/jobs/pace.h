/* Whose turn it is in a paced retry: for each destination a bucket, filled at the job's rate and
 * never holding more than a second's worth (at least one), with how many messages are left, and
 * whether the destination gives the same refusal as before again: then it is given up.
 *
 * A destination is tried with PACE_PROBES messages first. Once as many in a row were answered with
 * the refusal that each had before, of the host, the connection, its policy or its rate, it is
 * stopped; any other answer, or none for PACE_PROBE_MS
 * (there may be no log), lets it go on at its rate; the count in a row goes on, too.
 *
 * Memory: about 120 bytes a destination with its name, however many messages there are. */
#ifndef JOBS_PACE_H
#define JOBS_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/job_rows.h"

#define PACE_PROBES 3
#define PACE_PROBE_MS 60000

struct pace;

/* `rate`: messages a minute. */
struct pace *pace_create(int64_t rate);
void pace_destroy(struct pace **pace);

/* The number that is kept of a reason: equal for those of one class (postfix/reason.h), whether
 * Postfix tried or only says that delivery is suspended. 0 for none, and for a refusal of one
 * recipient, sender or message: it says nothing of the others, so it stops no destination. */
int64_t pace_refusal(struct slice reason);
/* The same for a destination. */
int64_t pace_destination(struct slice destination);

/* `left` messages for `destination` are untried; `reply` where it is stopped already, else NULL. */
void pace_add(struct pace *pace, struct slice destination, int64_t left, const char *reply);
/* What is left is to be said again, from the store. */
void pace_forget(struct pace *pace);
int64_t pace_left(const struct pace *pace);

/* Messages to take next. Of a stopped destination only to be given up: then it is the only pick,
 * and `stop` has its name and the reply. */
struct pace_pick {
	struct slice destination; /* as long as the pace lives */
	size_t count;
	const char *stop; /* the reply; NULL: to be tried */
};
/* At most `max` picks of together `max` messages at `now_ms` (monotonic), counted as sent. With
 * `probing` destinations are tried with PACE_PROBES first. 0: pace_next_ms says when. */
size_t pace_take(
    struct pace *pace, struct pace_pick *pick, size_t max, bool probing, int64_t now_ms);
/* When a destination may get its next; -1 where nothing is left. */
int64_t pace_next_ms(const struct pace *pace);

/* What the log told of a message for `destination`: `same`: the refusal it had before. True when
 * it is stopped by that. */
bool pace_answered(struct pace *pace, struct slice destination, bool same, struct slice reply);

/* How long the destination with the most messages left will take; -1 not known. */
int64_t pace_seconds_left(const struct pace *pace);

#endif
