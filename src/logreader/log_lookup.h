/* The history of one message, out of the index. A short queue ID is used again, so the log can hold
 * several lives of it: one begins with the line that took the message in (client=, uid=), or a
 * little before the one in which another process tells of it (a notice, a forwarded message), and
 * ends with qmgr's "removed". A requeue ends the life under the old ID and begins
 * one under the new; both are found, in both directions. */
#ifndef LOGREADER_LOG_LOOKUP_H
#define LOGREADER_LOG_LOOKUP_H

#include <stdbool.h>

#include "logreader/log_index.h"
#include "wire/log_proto.h"

/* A chain of requeues longer than this is cut. */
#define LOG_LOOKUP_IDS_MAX 32

struct log_lookup;

struct log_lookup *log_lookup_create(const struct log_proto_lookup *question);
void log_lookup_destroy(struct log_lookup **lookup);

/* Looks through the next block that may have the ID. True when the answer is complete. The index
 * may change between two steps. */
bool log_lookup_step(struct log_lookup *lookup, struct log_index *index);

/* The answer: the events, oldest first, encoded by log_proto_put_event. */
size_t log_lookup_count(const struct log_lookup *lookup);
struct slice log_lookup_event(const struct log_lookup *lookup, size_t i);
/* `error` points into the lookup. */
struct log_proto_end log_lookup_end(const struct log_lookup *lookup, const struct log_index *index);

#endif
