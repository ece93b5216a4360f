/* A log file that may be compressed, whole or damaged. Input: u8 what is made of the rest (see
 * make_file), u8 how much is read at a time, then the file. */
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>

#include "base/buffer.h"
#include "base/must_fuzz.h"
#include "logreader/log_stream.h"

/* A few bytes may unpack to gigabytes: as much of it is enough. */
#define OUT_MAX ((size_t)256 << 10)
/* This passes a saved point. It takes its time, and is done for short texts only. */
#define LONG_OUT_MAX (LOG_POINT_SPAN + ((size_t)256 << 10))
#define LONG_TEXT_MAX 64

/* A file with these bytes, the same one each time. */
static int file_of(struct slice bytes)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("log", MFD_CLOEXEC);
	must(fd >= 0 && ftruncate(fd, 0) == 0);
	must(pwrite(fd, bytes.data, bytes.len, 0) == (ssize_t)bytes.len);
	return fd;
}

static void deflate_member(struct slice text, int level, struct buffer *file)
{
	z_stream z = {.next_in = (Bytef *)text.data, .avail_in = (uInt)text.len};
	uLong most;

	must(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	most = deflateBound(&z, text.len) + 32;
	z.next_out = (Bytef *)buffer_reserve(file, most);
	z.avail_out = (uInt)most;
	must(deflate(&z, Z_FINISH) == Z_STREAM_END);
	file->len += z.total_out;
	deflateEnd(&z);
}

/* What the file must read as, where that is known: as it is, packed as two gzip members, or packed
 * in many copies, so that points are saved. Else it is read as what its first bytes say. */
static bool make_file(unsigned kind, struct slice text, struct buffer *file, struct buffer *wanted)
{
	switch (kind) {
	case 0:
		buffer_append_slice(wanted, text);
		deflate_member(slice_first(text, text.len / 2), 6, file);
		deflate_member(slice_from(text, text.len / 2), 1, file);
		return true;
	case 1:
		if (text.len < 16 || text.len > LONG_TEXT_MAX)
			return false;
		while (wanted->len <= LONG_OUT_MAX - text.len)
			buffer_append_slice(wanted, text);
		deflate_member(buffer_slice(wanted), 1, file);
		return true;
	default:
		buffer_append_slice(file, text);
		return false;
	}
}

/* Reads from `offset` on, at most so much; false where it ends with damage. */
static bool read_from(int fd, struct log_points *points, uint64_t offset, size_t piece, size_t most,
    struct buffer *out)
{
	struct error err = {"", ""};
	struct log_stream *stream =
	    log_stream_open(fd, log_stream_format(fd), points, offset, &err);
	ssize_t got = 1;

	if (stream == NULL)
		return false;
	while (got > 0 && out->len < most) {
		size_t room = piece < most - out->len ? piece : most - out->len;

		got = log_stream_read(stream, buffer_reserve(out, room), room, &err);
		must(got <= (ssize_t)room);
		if (got > 0)
			out->len += (size_t)got;
	}
	must(got >= 0 || strcmp(err.code, "io_error") == 0);
	log_stream_close(&stream);
	return got >= 0;
}

static void must_begin_alike(const struct buffer *a, const struct buffer *b)
{
	size_t len = a->len < b->len ? a->len : b->len;

	must(slice_equal(slice_first(buffer_slice(a), len), slice_first(buffer_slice(b), len)));
}

/* How much is read at a time makes no difference, nor whether it is entered in its middle. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer file = {0}, wanted = {0}, whole = {0}, pieces = {0}, rest = {0};
	struct log_points points = {.memory_max = (size_t)1 << 20};
	size_t middle, most;
	bool known, good;
	int fd;

	if (size < 2)
		return 0;
	known = make_file(data[0], slice_make(data + 2, size - 2), &file, &wanted);
	fd = file_of(buffer_slice(&file));
	most = known ? LONG_OUT_MAX : OUT_MAX;
	good = read_from(fd, &points, 0, 65536, most, &whole);
	if (known)
		must(good && slice_equal(buffer_slice(&whole), buffer_slice(&wanted)));
	must(read_from(fd, NULL, 0, data[1] * 16 + 1 + whole.len / 256, most, &pieces) == good ||
	     whole.len == most || pieces.len == most);
	must_begin_alike(&whole, &pieces);
	must(!good || pieces.len == whole.len);
	middle = whole.len / 256 * data[1];
	if (read_from(fd, &points, middle, 65536, most - middle, &rest) && good) {
		struct slice behind = slice_from(buffer_slice(&whole), middle);

		must(slice_equal(buffer_slice(&rest), behind));
	} else {
		must(!good);
	}
	log_points_free(&points);
	return 0;
}
