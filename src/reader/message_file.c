#include "reader/message_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reader/seen.h"

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
	buffer_free(&f->bytes);
}

/* Ready and force-expired; the group's read bit only tells the queue manager to
 * forget that a destination was dead. */
#define MODE_BITS 0710

uint32_t message_file_signature(const struct queue_file_stat *stat)
{
	uint64_t v = seen_mix(stat->mode & MODE_BITS, stat->inode);
	uint32_t signature = (uint32_t)seen_mix(seen_mix(v, stat->size), (uint64_t)stat->mtime_ns);

	return signature != 0 ? signature : 1;
}

/* Reads into the window; the bytes read, or -1. */
static ssize_t show(struct message_file *f, int fd, size_t length, uint64_t offset)
{
	ssize_t n;

	buffer_clear(&f->window);
	do
		n = pread(fd, buffer_reserve(&f->window, length), length, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		f->window.len = (size_t)n;
	return n;
}

static bool read_log(struct message_file *f, int fd, bool bounced)
{
	struct defer_log_index index = defer_log_index_make(&f->message, bounced);
	uint64_t at = 0;
	ssize_t n;

	defer_log_reset(&f->log);
	do {
		n = show(f, fd, LOG_STEP, at);
		if (n > 0)
			defer_log_feed(
			    &f->log, buffer_slice(&f->window), defer_log_index_apply, &index);
		at += n > 0 ? (uint64_t)n : 0;
		/* A regular file gives less than was asked for only at its end. */
	} while (n == LOG_STEP && at < LOG_MAX);
	defer_log_index_free(&index);
	return n >= 0;
}

enum message_file_result message_file_read(
    struct message_file *f, struct slice id, enum queue queue, const struct message_file_fds *fds)
{
	enum queue_file_status status;
	struct stat st;

	if (fstat(fds->queue_file, &st) != 0)
		return MESSAGE_FILE_ERROR;
	if (!S_ISREG(st.st_mode) || !queue_file_ready(st.st_mode))
		return MESSAGE_FILE_NOT_READY;
	f->stat = (struct queue_file_stat){.id = id,
	    .queue = queue,
	    .mode = st.st_mode,
	    .inode = st.st_ino,
	    .size = (uint64_t)st.st_size,
	    .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec};
	queue_file_begin(&f->parser, &f->stat, &f->message);
	do {
		if (show(f, fds->queue_file, f->parser.want_length, f->parser.want_offset) < 0)
			return MESSAGE_FILE_ERROR;
		status =
		    queue_file_step(&f->parser, buffer_slice(&f->window), f->parser.want_offset);
	} while (status == QUEUE_FILE_MORE);
	if (fds->defer_log >= 0 && !read_log(f, fds->defer_log, false))
		return MESSAGE_FILE_ERROR;
	if (fds->bounce_log >= 0 && !read_log(f, fds->bounce_log, true))
		return MESSAGE_FILE_ERROR;
	f->message.signature = message_file_signature(&f->stat);
	buffer_clear(&f->bytes);
	message_encode(&f->bytes, &f->message);
	return MESSAGE_FILE_READ;
}
