/* The spool source. It remembers no message: names, times and inodes from the helper become
 * sightings, the server answers which of them it wants, and only those are opened, through
 * descriptors that the helper passes in batches. While a scan is under way it holds what is still
 * to be read (40 bytes each), and always the few bounce logs. Never a lock, never a write. */
#ifndef READER_SOURCE_SPOOL_H
#define READER_SOURCE_SPOOL_H

#include "exchange/exchange.h"
#include "reader/source.h"

/* The client and what the sink points to outlive the source; freed by ops->destroy. Every outcome
 * that is not complete carries the helper's own code (no_spool, io_error, ...), or helper_gone. */
struct source *source_spool_create(
    struct exchange *client, const struct source_sink *sink, bool maildrop_by_record);

#endif
