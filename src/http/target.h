/* The target of a request ("/api/v1/messages/4dCz?as=text") in parts. Pure. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

#define TARGET_SEGMENTS_MAX 10
#define TARGET_QUERY_MAX 20

struct target_pair {
	struct slice name, value;
};

/* Everything is percent-decoded and valid UTF-8 without NUL; slices point into `memory`. */
struct target_parts {
	struct slice path; /* not decoded, without the query */
	struct slice segments[TARGET_SEGMENTS_MAX];
	size_t segment_count;
	struct target_pair query[TARGET_QUERY_MAX];
	size_t query_count;
	struct buffer memory;
};

/* False with a sentence in `*why`; so for a path that encodes what needs no encoding (letters,
 * digits, dots) or a separator. `parts` is zero-initialised; target_free at the end in any case.
 */
bool target_split(struct slice target, struct target_parts *parts, const char **why);
void target_free(struct target_parts *parts);

/* Whether the segments match a pattern "/api/v1/messages/{id}", and then the value of each {name},
 * in the order of the pattern (at most `max`). */
bool target_match(const struct target_parts *parts, const char *pattern, struct target_pair *params,
    size_t max, size_t *count);

#endif
