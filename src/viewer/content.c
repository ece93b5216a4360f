/* Gives the bytes of a message, piece by piece, out of a queue file or out of a pipe from postcat.
 * A queue file is read record by record (docs/POSTFIX.md, "Queue files"); its envelope is passed
 * over. Nothing here knows of MIME. */
#include "viewer/content.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "postfix/queue_file.h"
#include "postfix/record.h"

#define WINDOW (RECORD_SIZE_MAX > QUEUE_FILE_WINDOW_MAX ? RECORD_SIZE_MAX : QUEUE_FILE_WINDOW_MAX)
/* Pieces are collected up to this before they are handed on. */
#define PIECE ((size_t)65536)

void content_open(struct content *content, int fd, enum viewer_source source)
{
	struct stat st;

	*content = (struct content){.fd = fd, .source = source};
	if (source != VIEWER_SOURCE_QUEUE_FILE)
		return;
	/* The size is the bound for every record and pointer; only a regular file has one. */
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		content->problem = "is no file";
	else
		content->file_size = (uint64_t)st.st_size;
}

void content_close(struct content *content)
{
	buffer_free(&content->window);
	buffer_free(&content->piece);
}

static bool damaged(struct content *content, const char *problem)
{
	content->problem = problem;
	content->finished = true;
	return false;
}

/* Reads on until the pipe ends. */
static bool next_plain(struct content *content, struct slice *piece)
{
	char *to;
	ssize_t n;

	buffer_clear(&content->piece);
	to = buffer_reserve(&content->piece, PIECE);
	do
		n = read(content->fd, to, PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return damaged(content, "cannot be read");
	content->piece.len = (size_t)n;
	*piece = buffer_slice(&content->piece);
	content->finished = n == 0;
	return n > 0;
}

static bool load_window(struct content *content, uint64_t offset)
{
	ssize_t n;
	char *to;

	buffer_clear(&content->window);
	to = buffer_reserve(&content->window, WINDOW);
	do
		n = pread(content->fd, to, WINDOW, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return damaged(content, n < 0 ? "cannot be read" : "is shorter than it was");
	content->window.len = (size_t)n;
	content->window_at = offset;
	return true;
}

/* The record at content->at; false at the end and at damage. */
static bool next_record(struct content *content, struct record *record)
{
	/* One window holds any record whole, so a second try is enough. */
	for (int tries = 0; tries < 2; tries++) {
		switch (record_read(buffer_slice(&content->window), content->window_at, content->at,
		    content->file_size, record)) {
		case RECORD_OK:
			content->at = record->next;
			return true;
		case RECORD_MORE:
			if (!load_window(content, record->offset))
				return false;
			break;
		case RECORD_EOF:
			return damaged(content, "ends within its content");
		case RECORD_BAD:
			return damaged(content, "has a malformed record");
		}
	}
	return damaged(content, "has a record that cannot be read");
}

/* Pointer 0 is a place holder. Jumps are counted, so that a loop ends. */
static bool follow(struct content *content, const struct record *record)
{
	uint64_t target;

	if (!slice_to_u64(slice_trim(record->data), &target))
		return damaged(content, "has a malformed pointer");
	if (target == 0)
		return true;
	if (++content->pointers > QUEUE_FILE_POINTERS_MAX)
		return damaged(content, "has too many pointers");
	if (target >= content->file_size)
		return damaged(content, "has a pointer beyond its end");
	content->at = target;
	return true;
}

/* To the first content record. */
static bool find_message(struct content *content)
{
	struct record record;

	while (next_record(content, &record)) {
		if (record.type == RECORD_MESSAGE)
			return true;
		if (record.type == RECORD_END || record.type == RECORD_EXTRACTED)
			return damaged(content, "has no content");
		/* Milters add records at the end of the file, so pointers come before the content
		 * as well. */
		if (record.type == RECORD_POINTER && !follow(content, &record))
			return false;
	}
	return false;
}

static bool take_record(struct content *content, const struct record *record)
{
	switch (record->type) {
	case RECORD_LINE:
		buffer_append_slice(&content->piece, record->data);
		/* A line's end is not in its record; a partial record is followed by the rest of
		 * its line. */
		buffer_append_char(&content->piece, '\n');
		return true;
	case RECORD_PARTIAL:
		buffer_append_slice(&content->piece, record->data);
		return true;
	case RECORD_POINTER:
		return follow(content, record);
	case RECORD_EXTRACTED:
	case RECORD_END:
		/* The content ends here; what follows are recipients and other records of the
		 * envelope. */
		content->finished = true;
		return true;
	default: /* padding, and what later versions may add */
		return true;
	}
}

static bool next_records(struct content *content, struct slice *piece)
{
	struct record record;

	buffer_clear(&content->piece);
	if (!content->begun && !find_message(content))
		return false;
	content->begun = true;
	while (!content->finished && content->piece.len < PIECE)
		if (!next_record(content, &record) || !take_record(content, &record))
			break;
	*piece = buffer_slice(&content->piece);
	return piece->len > 0;
}

bool content_next(struct content *content, struct slice *piece)
{
	if (content->finished ||
	    (content->source == VIEWER_SOURCE_QUEUE_FILE && content->problem != NULL))
		return false;
	return content->source == VIEWER_SOURCE_QUEUE_FILE ? next_records(content, piece)
							   : next_plain(content, piece);
}
