/* How the messages of a preview stood, so that a job can tell how far they have moved since: a
 * person said yes to what the preview showed him. What a preview is of can only lose messages (it
 * is frozen), but a message that was deferred then may be in delivery, or released, by now. */
#ifndef JOBS_STANDING_H
#define JOBS_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "jobs/selection.h"

/* "Much": more than one in STANDING_SHARE of what was previewed, and more than STANDING_FEW
 * messages: somebody who deletes seven is not asked again because one of them was delivered. */
#define STANDING_SHARE 20
#define STANDING_FEW 10

struct standing {
	int64_t queue[QUEUE_COUNT]; /* messages in each */
};

struct standing standing_of(const struct selection *selection);
/* At least so many messages have left, come, or changed their queue between the two. */
int64_t standing_moved(const struct standing *then, const struct standing *now);
/* Whether that is much. */
bool standing_outdated(const struct standing *then, const struct standing *now);

/* As text for the one who asks, who gives it back as it is: a version and the counts. */
#define STANDING_TEXT_MAX 160
void standing_write(const struct standing *standing, struct buffer *out);
/* invalid_value in `err` for anything that standing_write did not write. */
bool standing_read(struct slice text, struct standing *out, struct error *err);

#endif
