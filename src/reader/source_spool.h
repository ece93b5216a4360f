/* The spool source: names and times from the helper first, then the files that are new or changed,
 * through descriptors that the helper passes in batches. Never a lock, never a write. */
#ifndef READER_SOURCE_SPOOL_H
#define READER_SOURCE_SPOOL_H

#include "reader/helper_client.h"
#include "reader/seen.h"
#include "reader/source.h"

/* The client and what the sink points to outlive the source; freed by ops->destroy. Every outcome
 * that is not complete carries the helper's own code (no_spool, io_error, ...), or helper_gone. */
struct source *source_spool_create(struct helper_client *client, const struct source_sink *sink);

/* Flags of what it has seen. */
#define SOURCE_SPOOL_DAMAGED 1 /* not readable to its end: showq may not list it */
#define SOURCE_SPOOL_LISTED 2  /* for compare.c */

/* What it has seen, for the comparison with a listing, which may change that flag only. */
struct seen *source_spool_seen(struct source *source);
/* What a listing shows of a message too, as in seen_entry.listed. */
uint32_t source_spool_listed(int64_t arrival, uint64_t size);

#endif
