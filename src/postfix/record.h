/* Records of a queue file (Postfix: global/record.c, rec_type.h): a type byte, a length of 7 bits a
 * byte with the least significant first, then the payload. There is no file header and no checksum.
 */
#ifndef POSTFIX_RECORD_H
#define POSTFIX_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* The largest payload that is accepted. Content lines have at most line_length_limit (2,048) bytes;
 * a record of the envelope is one address, name or attribute. */
#define RECORD_DATA_MAX 131072
/* Type, five bytes of length, payload. */
#define RECORD_SIZE_MAX (6 + RECORD_DATA_MAX)

enum record_type {
	RECORD_SIZE = 'C',
	RECORD_TIME = 'T',
	RECORD_CREATE_TIME = 'c',
	RECORD_ATTRIBUTE = 'A',
	RECORD_SENDER = 'S',
	RECORD_RECIPIENT = 'R',
	RECORD_DONE = 'D',
	RECORD_ORIGINAL = 'O',
	RECORD_ORIGINAL_DSN = 'o',
	RECORD_WARN = 'W',
	RECORD_MESSAGE = 'M',
	RECORD_LINE = 'N',
	RECORD_PARTIAL = 'L', /* in the envelope: a content filter */
	RECORD_PADDING = 'w',
	RECORD_POINTER = 'p',
	RECORD_EXTRACTED = 'X',
	RECORD_END = 'E',
};

struct record {
	uint64_t offset; /* of its type byte in the file */
	uint64_t next;	 /* offset of the record behind it */
	uint8_t type;
	struct slice data; /* points into the window */
};

enum record_result {
	RECORD_OK,
	RECORD_MORE, /* not all of it is in the window: show `next - offset` bytes from `offset` on
		      */
	RECORD_EOF,  /* offset is the end of the file */
	RECORD_BAD,  /* not a record type, too long, or beyond the end of the file */
};

/* Reads the record at file offset `at` through a window of the file's bytes that begins at file
 * offset `window_at`. `file_size` bounds everything. */
enum record_result record_read(
    struct slice window, uint64_t window_at, uint64_t at, uint64_t file_size, struct record *out);

#endif
