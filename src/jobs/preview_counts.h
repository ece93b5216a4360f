/* How the messages of a preview stood, so that a job can tell how far they have moved since: a
 * person said yes to what the preview showed him. What a preview is of can only lose messages (it
 * is frozen), but a message that was deferred then may be in delivery, or released, by now. */
#ifndef JOBS_PREVIEW_COUNTS_H
#define JOBS_PREVIEW_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "jobs/selection.h"

/* "Much": more than one in PREVIEW_COUNTS_SHARE of what was previewed, and more than
 * PREVIEW_COUNTS_FEW messages: somebody who deletes seven is not asked again because one of them
 * was delivered. */
#define PREVIEW_COUNTS_SHARE 20
#define PREVIEW_COUNTS_FEW 10

struct preview_counts {
	int64_t queue[QUEUE_COUNT]; /* messages in each */
};

struct preview_counts preview_counts_of(const struct selection *selection);
/* At least so many messages have left, come, or changed their queue between the two. */
int64_t preview_counts_moved(const struct preview_counts *then, const struct preview_counts *now);
/* Whether that is much. */
bool preview_counts_outdated(const struct preview_counts *then, const struct preview_counts *now);

/* As text for the one who asks, who gives it back as it is: a version and the counts. */
#define PREVIEW_COUNTS_TEXT_MAX 160
void preview_counts_write(const struct preview_counts *counts, struct buffer *out);
/* invalid_value in `err` for anything that preview_counts_write did not write. */
bool preview_counts_read(struct slice text, struct preview_counts *out, struct error *err);

#endif
