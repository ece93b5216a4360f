#include "viewer/content.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "postfix/record.h"

/* Pointer records that are followed, as Postfix itself allows (rec_goto). */
#define POINTERS_MAX 10000
#define WINDOW_SIZE 262144 /* more than RECORD_SIZE_MAX, so that any record fits */

struct walk {
	int fd;
	uint64_t size; /* of the file */
	uint64_t at;   /* of the next record */
	uint64_t work; /* bytes walked over: a loop of pointers ends here */
	unsigned pointers;
	struct buffer window;
	uint64_t window_at;
};

/* Fills the window from `at` on. */
static bool fill(struct walk *w, uint64_t at, struct error *err)
{
	buffer_clear(&w->window);
	w->window_at = at;
	while (w->window.len < WINDOW_SIZE) {
		char *to = buffer_reserve(&w->window, WINDOW_SIZE - w->window.len);
		ssize_t n =
		    pread(w->fd, to, WINDOW_SIZE - w->window.len, (off_t)(at + w->window.len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "io_error", errno, "reading the queue file");
		if (n == 0)
			break;
		w->window.len += (size_t)n;
	}
	return true;
}

static bool next_record(struct walk *w, struct record *record, struct error *err)
{
	struct slice window = buffer_slice(&w->window);
	enum record_result result = RECORD_MORE;

	if (w->at >= w->window_at && w->at - w->window_at < w->window.len)
		result = record_read(window, w->window_at, w->at, w->size, record);
	if (result == RECORD_MORE) {
		if (!fill(w, w->at, err))
			return false;
		result =
		    record_read(buffer_slice(&w->window), w->window_at, w->at, w->size, record);
	}
	if (result != RECORD_OK)
		return error_set(err, "damaged_file", "the queue file is damaged at byte %llu",
		    (unsigned long long)w->at);
	w->work += record->next - w->at;
	if (w->work / 2 > w->size)
		return error_set(err, "damaged_file", "the queue file's pointers run in a circle");
	w->at = record->next;
	return true;
}

/* A pointer to 0 is a place kept for a later edit: reading goes on behind it. */
static bool follow(struct walk *w, const struct record *record, struct error *err)
{
	uint64_t target;

	if (!slice_to_u64(slice_trim(record->data), &target))
		return error_set(
		    err, "damaged_file", "the queue file has a pointer that is no number");
	if (target == 0)
		return true;
	if (++w->pointers > POINTERS_MAX || target >= w->size)
		return error_set(err, "damaged_file",
		    "the queue file has too many pointers, or one beyond its end");
	w->at = target;
	return true;
}

static bool find_content(struct walk *w, struct error *err)
{
	struct record record;

	while (next_record(w, &record, err)) {
		if (record.type == RECORD_MESSAGE)
			return true;
		if (record.type == RECORD_END || record.type == RECORD_EXTRACTED)
			return error_set(
			    err, "damaged_file", "the queue file has no message content");
		if (record.type == RECORD_POINTER && !follow(w, &record, err))
			return false;
	}
	return false;
}

static bool walk_content(struct walk *w, content_sink *sink, void *arg, struct error *err)
{
	struct record record;

	while (next_record(w, &record, err)) {
		switch (record.type) {
		case RECORD_LINE:
			if (!sink(arg, record.data) || !sink(arg, SLICE("\n")))
				return true;
			break;
		case RECORD_PARTIAL:
			if (!sink(arg, record.data))
				return true;
			break;
		case RECORD_POINTER:
			if (!follow(w, &record, err))
				return false;
			break;
		case RECORD_PADDING:
			break;
		case RECORD_EXTRACTED:
			return true;
		default:
			return error_set(err, "damaged_file",
			    "the queue file's content holds a record of type %d", record.type);
		}
	}
	return false;
}

static bool read_queue_file(int fd, content_sink *sink, void *arg, struct error *err)
{
	struct walk w = {.fd = fd};
	struct stat st;
	bool ok;

	if (fstat(fd, &st) != 0)
		return error_set_errno(err, "io_error", errno, "the queue file");
	w.size = (uint64_t)st.st_size;
	ok = find_content(&w, err) && walk_content(&w, sink, arg, err);
	buffer_free(&w.window);
	return ok;
}

static bool read_stream(int fd, content_sink *sink, void *arg, struct error *err)
{
	char piece[65536];

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "io_error", errno, "reading the message");
		if (n == 0 || !sink(arg, slice_make(piece, (size_t)n)))
			return true;
	}
}

bool content_read(
    int fd, enum viewer_source source, content_sink *sink, void *arg, struct error *err)
{
	return source == VIEWER_SOURCE_QUEUE_FILE ? read_queue_file(fd, sink, arg, err)
						  : read_stream(fd, sink, arg, err);
}
