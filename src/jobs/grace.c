/* The arithmetic of grace times, on a job's row alone. */
#include "jobs/grace.h"

#include <stdio.h>
#include <string.h>

static void set(struct job_row *row, const struct grace_clock *clock, int64_t left_ms)
{
	snprintf(row->grace_boot, sizeof(row->grace_boot), "%s", clock->boot);
	row->grace_left_ms = left_ms;
	row->grace_until_boot_ms = clock->boot_ms + left_ms;
}

void grace_begin(struct job_row *row, const struct grace_clock *clock)
{
	set(row, clock, row->undo_seconds * 1000);
}

void grace_resume(struct job_row *row, const struct grace_clock *clock)
{
	/* After a start of the system its boot clock began anew. It goes on with what was left, so
	 * it may end late and never early. */
	if (clock->boot[0] == '\0' || strcmp(row->grace_boot, clock->boot) != 0)
		set(row, clock, row->grace_left_ms);
}

int64_t grace_left_ms(const struct job_row *row, const struct grace_clock *clock)
{
	int64_t left = row->grace_until_boot_ms - clock->boot_ms;

	return left > 0 ? left : 0;
}

int64_t grace_until(const struct job_row *row, int64_t wall_us, int64_t boot_us)
{
	/* For people, on the clock of the wall, and rounded up: it never seems over before it is.
	 */
	return (row->grace_until_boot_ms * 1000 + (wall_us - boot_us) + 999999) / 1000000;
}

bool grace_note(struct job_row *row, const struct grace_clock *clock)
{
	int64_t left = grace_left_ms(row, clock);

	if (row->grace_left_ms - left < GRACE_NOTE_MS)
		return false;
	row->grace_left_ms = left;
	return true;
}
