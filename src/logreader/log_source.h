/* One log file, or the output of a log command, with its index: for each block of some 256 KiB of
 * text a compact filter of what its lines can be found by (log_keys.h). A search reads only the
 * blocks whose filter knows the text. A file is read again through its descriptor; a command's
 * output, which cannot be, is kept deflated in memory. */
#ifndef LOGREADER_LOG_SOURCE_H
#define LOGREADER_LOG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "logreader/log_ids.h"
#include "logreader/log_lines.h"
#include "logreader/log_stream.h"
#include "postfix/log_line.h"

/* Text of one block: a millisecond to look through, and at 1,500 lines a filter of some 1 KiB. */
#define LOG_BLOCK_SIZE ((uint64_t)256 << 10)
/* What one step reads: a few milliseconds, so that new events and lookups come in between. */
#define LOG_STEP_SIZE ((size_t)512 << 10)

struct log_block {
	uint64_t offset, length;   /* in the uncompressed text; length ends behind a newline */
	int64_t first_us, last_us; /* smallest and largest time; first INT64_MAX: none had one */
	struct log_filter filter;
	unsigned char *text; /* deflated, of a command's output; NULL for files */
	uint32_t text_len;
};

struct log_source {
	char *name;	 /* base name of the file, or what the command is called */
	uint64_t inode;	 /* 0 for a command */
	uint64_t serial; /* never used twice */
	int fd;		 /* of a file; -1: a command, or a file whose descriptor was given up */
	enum log_format format;
	uint64_t head;	     /* hash of its first line, 0 while there is none: knows a file that was
				compressed or copied */
	bool keeps_text;     /* a command's output: blocks have their text in memory */
	bool grows;	     /* grows: the end of the file is not the end of the log */
	bool complete;	     /* all of it is in the index (live: up to its present end) */
	unsigned missed;     /* how often the file list did not have it */
	int64_t rotated_ms;  /* monotonic: when it was last seen as the current file */
	uint64_t grows_from; /* lines from this offset on are news; those before are history */
	struct log_clock clock;
	struct log_points points;
	struct log_lines lines;
	struct log_stream *stream; /* while a compressed file is being indexed */
	/* Of a file that can only be decoded from its beginning: where the last block that was read
	 * ended, so that the next one behind it costs little. NULL: none was */
	struct log_stream *reader;
	struct error error; /* why it could not be read further; empty code: it could */

	struct log_block *blocks;
	size_t count;
	size_t memory;	     /* of filters, texts and blocks */
	uint64_t dropped;    /* blocks at the front that were given up for want of memory */
	uint64_t unreadable; /* lines of Postfix's without a time that can be read */
	uint64_t understood; /* lines of Postfix's */
	uint64_t foreign;    /* lines of others, or of a form that is not known */
	char *first_foreign; /* the first of these, printable and cut; NULL: none */

	struct log_ids open_ids; /* of the block in the making, which begins at open_offset */
	uint64_t open_offset;
	int64_t open_first_us, open_last_us;
	struct buffer open_text; /* of a command's output */
};

/* Told of every Postfix line while it is indexed, in order. */
typedef void (*log_source_fn)(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset);

struct log_source *log_source_create(const char *name, uint64_t serial);
void log_source_destroy(struct log_source **source);

/* Gives the file (again): takes the descriptor over, closes a former one, learns format and head.
 * What is indexed already stays. */
void log_source_set_file(struct log_source *source, int fd, const struct hash_key *key);
/* The hash of the first line of a file; 0 when it has none yet. */
uint64_t log_source_head(int fd, enum log_format format, const struct hash_key *key);

/* Reads and indexes up to LOG_STEP_SIZE. True while there is more to do now. */
bool log_source_step(
    struct log_source *source, const struct hash_key *key, log_source_fn fn, void *context);
/* Indexes bytes of a command's output. */
void log_source_feed(struct log_source *source, struct slice bytes, const struct hash_key *key,
    log_source_fn fn, void *context);
/* The file will not grow any more: a last line without a newline counts, the open block is closed.
 */
void log_source_finish(
    struct log_source *source, const struct hash_key *key, log_source_fn fn, void *context);

/* Block numbers: 0 to count - 1, and count for the block in the making. */
bool log_source_may_contain(const struct log_source *source, size_t block, uint64_t hash);
/* The time span of a block; false when it is not known. */
bool log_source_span(
    const struct log_source *source, size_t block, int64_t *first_us, int64_t *last_us);
/* The block that begins there, as log_source_block_offset gives it: numbers change when blocks are
 * given up. False when it was. */
bool log_source_find_block(const struct log_source *source, uint64_t offset, size_t *block);
/* Where a block begins; with the offset of a line in it this is the line's place in the source. */
uint64_t log_source_block_offset(const struct log_source *source, size_t block);
/* Of a file that can only be decoded from its beginning, goes on by some milliseconds' worth to
 * where the block begins. False while it is not there: to be called again. True for all others, and
 * where it cannot get there: log_source_read says why. */
bool log_source_approach(struct log_source *source, size_t block);
/* Gives every line of a block, with its offset, to fn; false with `err` when it cannot be read. */
bool log_source_read(
    struct log_source *source, size_t block, log_lines_fn fn, void *context, struct error *err);

/* Gives up the oldest block; false when there is none. */
bool log_source_drop_oldest(struct log_source *source);
size_t log_source_memory(const struct log_source *source);
/* The earliest time in it, INT64_MAX: none. The last one, 0: none. */
int64_t log_source_oldest(const struct log_source *source);
int64_t log_source_newest(const struct log_source *source);

#endif
