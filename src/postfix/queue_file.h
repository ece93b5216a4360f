/* The parser of queue files (docs/POSTFIX.md, "Queue files"; Postfix: showq/showq.c,
 * qmgr/qmgr_message.c, global/record.c). It does no I/O: it is shown windows of the file and says
 * which one it wants next, so that a caller reads the envelope, the header up to the subject, and
 * what stands behind the content, but not the content.
 *
 *     queue_file_begin(&file, &stat, &message);
 *     do
 *         window = pread(file.want_length bytes at file.want_offset);
 *     while (queue_file_step(&file, window, file.want_offset) == QUEUE_FILE_MORE);
 *
 * Lock-free reading is safe: once a file has mode 0700 Postfix changes it in place only by single
 * bytes and fields of fixed width. Pointer records are followed; the work is at most linear in the
 * file's size. */
#ifndef POSTFIX_QUEUE_FILE_H
#define POSTFIX_QUEUE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/charset.h"
#include "base/slice.h"
#include "postfix/message.h"

/* The usual window: holds the envelope and the header of nearly every message. */
#define QUEUE_FILE_WINDOW 4096
/* No window that is asked for is larger than this. */
#define QUEUE_FILE_WINDOW_MAX 262144
/* The subject is looked for in so much of the header; behind it, it is not known. */
#define QUEUE_FILE_HEADER_MAX 65536
/* Pointer records that are followed in one file, as Postfix itself allows (rec_goto). */
#define QUEUE_FILE_POINTERS_MAX 10000

enum queue_file_status {
	QUEUE_FILE_MORE, /* show want_length bytes (fewer at the end of the file) from want_offset
			    on */
	QUEUE_FILE_DONE,
	QUEUE_FILE_BAD, /* damaged: `problem` says how; the message holds what was read,
			   MESSAGE_DAMAGED */
};

/* What the file system says about the file. */
struct queue_file_stat {
	struct slice id;
	enum queue queue;
	uint32_t mode;
	uint64_t inode;
	uint64_t size;
	int64_t mtime_ns;
	int64_t changed_ns; /* st_ctime; 0 not known */
	/* Postfix up to 3.7: the size of a re-queued message in maildrop is its size record's, as
	 * elsewhere; later versions take the file's. */
	bool maildrop_by_record;
};

/* Only a file with this is complete; 0600 is being written, 0400 was put aside as corrupt. */
bool queue_file_ready(uint32_t mode);

enum queue_file_place {
	QUEUE_FILE_ENVELOPE,
	QUEUE_FILE_HEADER, /* of the content, looking for the subject */
	QUEUE_FILE_SKIP,   /* the content record by record, where no size record tells its end */
	QUEUE_FILE_EXTRACTED,
};

struct queue_file {
	/* For subjects; the caller's, and kept from file to file. NULL: utf-8 alone is decoded. */
	struct charsets *charsets;
	/* What to show next. */
	uint64_t want_offset;
	size_t want_length;
	const char *problem; /* of QUEUE_FILE_BAD: a sentence's end, "has no end record" */

	/* Beside the message: from the size record and others; valid when have_size and so on. */
	bool have_size, have_content_length, have_delay_warning;
	uint64_t data_size;	 /* bytes of records from data_offset to the extracted segment */
	uint64_t data_offset;	 /* of the first content record */
	uint64_t content_length; /* bytes of the message as the queue manager logs them */
	uint64_t qmgr_flags;
	int64_t delay_warning;	     /* Unix seconds; -1: sent already */
	struct slice encoding;	     /* "7bit", "8bit"; kept in the message */
	struct slice log_ident;	     /* queue ID at the upstream host */
	struct slice message_origin; /* host[address] */

	/* Private. */
	struct message *message;
	enum queue_file_place place;
	uint64_t file_size, at, work, header_bytes;
	unsigned pointers;
	bool have_sender, have_time, partial_line, in_subject, expect_extracted, by_file;
	struct buffer original, original_dsn, line, subject;
	struct slice client_name, client_address, helo;
};

/* Starts on a new file; `message` is cleared and filled in as far as `stat` goes. Zero-initialise
 * the struct before the first use; it may be used for any number of files. */
void queue_file_begin(
    struct queue_file *file, const struct queue_file_stat *stat, struct message *message);
enum queue_file_status queue_file_step(
    struct queue_file *file, struct slice window, uint64_t window_offset);
void queue_file_free(struct queue_file *file);

/* The whole of a file that is in memory, for tests and for the viewer. */
enum queue_file_status queue_file_parse(struct queue_file *file, const struct queue_file_stat *stat,
    struct slice bytes, struct message *message);

#endif
