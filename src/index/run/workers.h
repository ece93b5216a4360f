/* Work in many equal parts, done by the calling thread and, where it pays, by one more, which lives
 * only until workers_run returns: so the index still never changes under anybody, and nothing is
 * kept between requests. Private to index/. */
#ifndef INDEX_WORKERS_H
#define INDEX_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Does one part. Both threads may be in it at once, never with the same part. `scratch` is the
 * thread's own working memory. */
typedef void workers_task(void *context, size_t part, struct buffer *scratch);

/* Does all parts. `two`: starting a thread (some 50 microseconds) is worth it here. */
void workers_run(size_t parts, bool two, workers_task *work, void *context);

#endif
