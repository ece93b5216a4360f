/* How many messages for each destination may be tried now: a bucket for each, filled at the job's
 * rate and never holding more than a second's worth (at least one). */
#ifndef JOBS_PACE_H
#define JOBS_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct pace;

/* `rate`: messages a minute. */
struct pace *pace_create(int64_t rate);
void pace_destroy(struct pace **pace);
/* True when one more message may go to `destination` at `now_ms` (monotonic): it is counted. */
bool pace_take(struct pace *pace, struct slice destination, int64_t now_ms);
/* How long the destination with the most messages left will take, as far as is known; -1 not known.
 */
int64_t pace_seconds_left(const struct pace *pace);
/* When a destination that was refused by pace_take may get its next; -1 where none was. */
int64_t pace_next_ms(const struct pace *pace);

#endif
