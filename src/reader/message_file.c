/* Reads one message: its queue file, its defer log and its bounce log, into one `struct message`.
 * Each part is a descriptor, or bytes that the helper read already. Parsing is done by
 * postfix/queue_file.h and postfix/defer_log.h, which say what they want next; this file fetches
 * it. */
#include "reader/message_file.h"

#include <errno.h>
#include <unistd.h>

#include "base/hash.h"

/* Defer logs are read in such steps; nearly all fit into one. */
#define LOG_STEP 65536
/* A log is read so far: 200,000 recipients with long reasons. */
#define LOG_MAX ((uint64_t)256 << 20)

void message_file_free(struct message_file *f)
{
	message_free(&f->message);
	queue_file_free(&f->parser);
	defer_log_free(&f->log);
	buffer_free(&f->window);
}

/* Ready and force-expired; the group's read bit only tells the queue manager to
 * forget that a destination was dead. */
#define MODE_BITS 0710

uint32_t message_file_signature(const struct queue_file_stat *stat)
{
	uint64_t v = hash_mix(stat->mode & MODE_BITS, stat->inode);
	uint32_t signature = (uint32_t)hash_mix(hash_mix(v, stat->size), (uint64_t)stat->mtime_ns);

	/* 0 stands for a signature that is not known. */
	return signature != 0 ? signature : 1;
}

/* What is there from `offset` on, `length` bytes at most, in *window. False with errno. */
static bool show(struct message_file *f, const struct message_file_part *part, size_t length,
    uint64_t offset, struct slice *window)
{
	ssize_t n;

	if (part->fd < 0) {
		*window = slice_first(slice_from(part->bytes, (size_t)offset), length);
		return true;
	}
	buffer_clear(&f->window);
	/* pread and no lock: Postfix changes single bytes in place, and a reader sees the old or
	 * the new value. */
	do
		n = pread(part->fd, buffer_reserve(&f->window, length), length, (off_t)offset);
	while (n < 0 && errno == EINTR);
	*window = slice_make(f->window.data, n > 0 ? (size_t)n : 0);
	return n >= 0;
}

static bool read_log(struct message_file *f, const struct message_file_part *part, bool bounced)
{
	struct defer_log_index index = defer_log_index_make(&f->message, bounced);
	struct slice window;
	uint64_t at = 0;
	bool ok;

	defer_log_reset(&f->log);
	do {
		ok = show(f, part, LOG_STEP, at, &window);
		if (ok)
			defer_log_feed(&f->log, window, defer_log_index_apply, &index);
		at += window.len;
		/* A regular file gives less than was asked for only at its end. */
	} while (ok && window.len == LOG_STEP && at < LOG_MAX);
	defer_log_index_free(&index);
	return ok;
}

static bool is_there(const struct message_file_part *part)
{
	return part->fd >= 0 || part->bytes.data != NULL;
}

enum message_file_result message_file_read(
    struct message_file *f, const struct message_file_parts *parts)
{
	enum queue_file_status status;
	struct slice window;

	/* Judged by the mode at its opening; what is still being written is another time's news. */
	if (!queue_file_ready(parts->stat.mode))
		return MESSAGE_FILE_NOT_READY;
	f->stat = parts->stat;
	queue_file_begin(&f->parser, &f->stat, &f->message);
	do {
		if (!show(f, &parts->queue_file, f->parser.want_length, f->parser.want_offset,
			&window))
			return MESSAGE_FILE_ERROR;
		status = queue_file_step(&f->parser, window, f->parser.want_offset);
	} while (status == QUEUE_FILE_MORE);
	/* After the queue file: a block of a log names its recipient by the offset of a record in
	 * that file. */
	if (is_there(&parts->defer_log) && !read_log(f, &parts->defer_log, false))
		return MESSAGE_FILE_ERROR;
	if (is_there(&parts->bounce_log) && !read_log(f, &parts->bounce_log, true))
		return MESSAGE_FILE_ERROR;
	f->message.signature = message_file_signature(&f->stat);
	f->message.log_stamp = parts->log_stamp;
	return MESSAGE_FILE_READ;
}
