/* All blocks of the log as they were at one moment, oldest first: a search goes through them by
 * number while the index changes. */
#ifndef LOGREADER_LOG_BLOCKS_H
#define LOGREADER_LOG_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logreader/log_index.h"

struct log_blocks_item {
	uint64_t serial, offset;   /* of its source, and in its text */
	int64_t first_us, last_us; /* of its lines; INT64_MAX and 0: none has a time */
	bool open;		   /* it was still in the making: lines may have come since */
	/* of a file that can only be decoded from its beginning; its newest line then */
	bool forward;
	int64_t file_us;
};

/* Texts of blocks that are kept: 300 KiB each. */
#define LOG_BLOCKS_KEPT 4

struct log_blocks_kept;

struct log_blocks {
	struct log_blocks_item *item;
	size_t count;
	/* The blocks that were read last: a search comes back to them for each message in it. */
	struct log_blocks_kept *kept;
	unsigned turn;
	bool lost;	    /* one that was to be read is no longer there, or cannot be read */
	struct error error; /* the first reason for that, where there is one */
};

void log_blocks_take(struct log_blocks *blocks, const struct log_index *index);
void log_blocks_free(struct log_blocks *blocks);

/* False where nothing with that hash (log_keys.h) is in it. */
bool log_blocks_may_contain(
    const struct log_blocks *blocks, size_t number, const struct log_index *index, uint64_t hash);
/* Whether it can be read within some milliseconds; else some of the way there was gone, and it is
 * to be called again (log_source_approach). */
bool log_blocks_approach(
    const struct log_blocks *blocks, size_t number, const struct log_index *index);
/* Every line of Postfix's in it, in order, with its offset there. The line lives during the call.
 * What cannot be read sets `lost` and gives nothing. Where `may_matter` is not NULL, only lines
 * for whose text it is true are parsed. */
typedef bool (*log_blocks_filter_fn)(void *context, struct slice text);
typedef void (*log_blocks_line_fn)(void *context, const struct log_line *line, uint64_t offset);
void log_blocks_read(struct log_blocks *blocks, size_t number, struct log_index *index,
    log_blocks_filter_fn may_matter, log_blocks_line_fn fn, void *context);

#endif
