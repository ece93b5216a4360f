/* The grace time of a delete, counted on the clock that never steps (clock_boot_us): neither a
 * clock that is set nor a restart of the service makes it shorter. The time during which the
 * service was down counts; after the system was started anew, where nobody knows how long it was
 * down, it goes on with what was left when that was last written down. Pure. */
#ifndef JOBS_GRACE_H
#define JOBS_GRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/job_rows.h"

/* How often what is left is written down. */
#define GRACE_NOTE_MS 60000

struct grace_clock {
	const char *boot; /* names this run of the system; empty: not known */
	int64_t boot_ms;  /* clock_boot_us() / 1000 */
};

void grace_begin(struct job_row *row, const struct grace_clock *clock);
/* The row was read from the store, by a new process. */
void grace_resume(struct job_row *row, const struct grace_clock *clock);
/* Milliseconds; 0: it has passed. */
int64_t grace_left_ms(const struct job_row *row, const struct grace_clock *clock);
/* When it ends by the wall clock as it is now, for people: Unix seconds, rounded up. `wall_us` and
 * `boot_us` are readings of both clocks at one time. Their difference alone counts, so that the
 * answer is the same whenever somebody asks, until a clock is set. */
int64_t grace_until(const struct job_row *row, int64_t wall_us, int64_t boot_us);
/* Takes what is left into the row, to be stored. False where that was done a moment ago. */
bool grace_note(struct job_row *row, const struct grace_clock *clock);

#endif
