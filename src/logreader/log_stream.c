/* Reads a log file from any place in its text, plain or compressed. A gzip file gets points of
 * entry while it is read for the first time. Each has what zlib needs to begin there: the 32 KiB
 * before it, and the bits of a byte that is shared. The other formats are decoded from their
 * beginning. */
#include "logreader/log_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_BZIP2
#include <bzlib.h>
#endif

#include "base/memory.h"

#define INPUT_SIZE 65536
#define WINDOW_SIZE 32768
/* zlib's windowBits: any zlib or gzip header; no header. */
#define ZLIB_GZIP (15 + 16)
#define ZLIB_RAW (-15)
/* Behind a raw deflate stream: CRC and length (RFC 1952). */
#define GZIP_TRAILER 8
/* xz -9 takes 65 MiB to decode. */
#define LZMA_MEMORY_MAX ((uint64_t)96 << 20)

struct log_point {
	uint64_t out, in;      /* offsets, uncompressed and compressed */
	int bits;	       /* of the byte before `in` that belong to the data behind */
	unsigned char *window; /* the 32 KiB before `out`, deflated */
	uint32_t window_len, packed_len;
};

struct log_stream {
	int fd;
	enum log_format format;
	struct log_points *points;
	uint64_t in, out; /* offset of the next byte to pread; of the next byte to give */
	bool ended;
	unsigned char *input;
	size_t input_at, input_len;
	bool raw; /* gzip entered in its middle: no header was read */
	z_stream z;
#ifdef HAVE_LZMA
	lzma_stream lzma;
#endif
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
#endif
#ifdef HAVE_BZIP2
	bz_stream bzip2;
#endif
};

/* By the first bytes and not by the name: logrotate lets people choose any extension. */
enum log_format log_stream_format(int fd)
{
	static const struct {
		unsigned char magic[6];
		size_t len;
		enum log_format format;
	} known[] = {
	    {{0x1f, 0x8b}, 2, LOG_FORMAT_GZIP},
	    {{0xfd, '7', 'z', 'X', 'Z', 0}, 6, LOG_FORMAT_XZ},
	    {{0x28, 0xb5, 0x2f, 0xfd}, 4, LOG_FORMAT_ZSTD},
	    {{'B', 'Z', 'h'}, 3, LOG_FORMAT_BZIP2},
	};
	unsigned char head[6];
	ssize_t got = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (got >= (ssize_t)known[i].len && memcmp(head, known[i].magic, known[i].len) == 0)
			return known[i].format;
	return LOG_FORMAT_PLAIN;
}

void log_points_free(struct log_points *points)
{
	for (size_t i = 0; i < points->count; i++)
		free(points->items[i].window);
	free(points->items);
	*points = (struct log_points){.memory_max = points->memory_max};
}

/* False at the end of the file or on an error, which `err` then has. */
static bool fill(struct log_stream *s, struct error *err)
{
	ssize_t got;

	if (s->input_at < s->input_len)
		return true;
	do
		got = pread(s->fd, s->input, INPUT_SIZE, (off_t)s->in);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		error_set_errno(err, "io_error", errno, "reading the mail log");
		return false;
	}
	s->input_at = 0;
	s->input_len = (size_t)got;
	s->in += (size_t)got;
	return got > 0;
}

static ssize_t damaged(struct error *err)
{
	error_set(err, "io_error", "a compressed log file is damaged");
	return -1;
}

/* log_stream_read empties it first. */
static bool failed(const struct error *err)
{
	return err != NULL && err->code[0] != '\0';
}

/* The end of the file where the compressed data is not at its end: cut off, or still being written.
 * What came so far is all there is, with what the decoder had no room for: it is asked until it
 * gives nothing more. */
static ssize_t at_end_of_file(struct log_stream *s, const struct error *err)
{
	s->ended = true;
	return failed(err) ? -1 : 0;
}

/* ---- gzip ---- */

static void save_point(struct log_stream *s)
{
	struct log_points *p = s->points;
	unsigned char window[WINDOW_SIZE], packed[WINDOW_SIZE + 1024];
	uLongf packed_len = sizeof(packed);
	uInt window_len = 0;
	struct log_point *point;

	/* Without points the file is still read, only from its beginning. */
	if (p == NULL || p->memory >= p->memory_max)
		return;
	/* What is read a second time has its points already. */
	if (s->out < (p->count > 0 ? p->items[p->count - 1].out : 0) + LOG_POINT_SPAN)
		return;
	if (inflateGetDictionary(&s->z, window, &window_len) != Z_OK ||
	    compress2(packed, &packed_len, window, window_len, 1) != Z_OK)
		return;
	p->items = memory_resize(p->items, p->count + 1, sizeof(*p->items));
	point = &p->items[p->count++];
	*point = (struct log_point){.out = s->out,
	    .in = s->in - (s->input_len - s->input_at),
	    .bits = s->z.data_type & 7,
	    .window_len = window_len,
	    .packed_len = (uint32_t)packed_len};
	/* Deflated once more, as log text shrinks to a fraction and there is a point for every
	 * LOG_POINT_SPAN. */
	point->window = memory_alloc(packed_len);
	memcpy(point->window, packed, packed_len);
	p->memory += packed_len + sizeof(*point);
}

/* Passes over the trailer of a member that was entered in its middle, and then reads headers again.
 */
static void leave_raw(struct log_stream *s, struct error *err)
{
	for (int i = 0; i < GZIP_TRAILER && fill(s, err); i++)
		s->input_at++;
	/* logrotate and people put gzip members one behind the other; the next one begins with a
	 * header again. */
	s->raw = false;
	inflateReset2(&s->z, ZLIB_GZIP);
}

static ssize_t read_gzip(struct log_stream *s, void *data, size_t len, struct error *err)
{
	size_t given = 0;

	while (given == 0) {
		bool more = fill(s, err);
		int result;

		if (failed(err))
			return at_end_of_file(s, err);
		s->z.next_in = s->input + s->input_at;
		s->z.avail_in = (uInt)(s->input_len - s->input_at);
		s->z.next_out = data;
		s->z.avail_out = (uInt)(len < INPUT_SIZE ? len : INPUT_SIZE);
		/* Z_BLOCK stops between deflate blocks, the only places where a point can be. */
		result = inflate(&s->z, Z_BLOCK);
		given = (size_t)((unsigned char *)s->z.next_out - (unsigned char *)data);
		s->input_at = s->input_len - s->z.avail_in;
		s->out += given;
		if (result == Z_STREAM_END) {
			if (s->raw)
				leave_raw(s, err);
			else
				inflateReset(&s->z);
		} else if (result != Z_OK && result != Z_BUF_ERROR) {
			return damaged(err);
			/* 128: at the end of a block. 64: it was the last one of the stream, behind
			 * which there is nothing to enter. */
		} else if ((s->z.data_type & 128) != 0 && (s->z.data_type & 64) == 0) {
			save_point(s);
		}
		if (given == 0 && !more)
			return at_end_of_file(s, err);
	}
	return (ssize_t)given;
}

/* Sets the decoder to a saved point. */
static bool enter_at(struct log_stream *s, const struct log_point *point, struct error *err)
{
	unsigned char window[WINDOW_SIZE], byte = 0;
	uLongf window_len = sizeof(window);

	if (inflateInit2(&s->z, ZLIB_RAW) != Z_OK)
		return error_set(err, "io_error", "zlib does not start");
	s->raw = true;
	s->in = point->in;
	s->out = point->out;
	/* A deflate block may end within a byte. The rest of that byte belongs to the next block.
	 */
	if (point->bits != 0) {
		if (pread(s->fd, &byte, 1, (off_t)point->in - 1) != 1)
			return error_set(err, "io_error", "the log file became shorter");
		inflatePrime(&s->z, point->bits, byte >> (8 - point->bits));
	}
	if (uncompress(window, &window_len, point->window, point->packed_len) != Z_OK ||
	    inflateSetDictionary(&s->z, window, (uInt)window_len) != Z_OK)
		return error_set(err, "io_error", "a saved point of a log file is damaged");
	return true;
}

static bool start_gzip(struct log_stream *s, uint64_t offset, struct error *err)
{
	const struct log_point *best = NULL;

	for (size_t i = 0; s->points != NULL && i < s->points->count; i++)
		if (s->points->items[i].out <= offset)
			best = &s->points->items[i];
	if (best != NULL)
		return enter_at(s, best, err);
	if (inflateInit2(&s->z, ZLIB_GZIP) != Z_OK)
		return error_set(err, "io_error", "zlib does not start");
	return true;
}

/* ---- the others ---- */

#ifdef HAVE_LZMA
static ssize_t read_xz(struct log_stream *s, void *data, size_t len, struct error *err)
{
	s->lzma.next_out = data;
	s->lzma.avail_out = len;
	while (s->lzma.avail_out == len) {
		bool more = fill(s, err);
		lzma_ret result;

		if (failed(err))
			return -1;
		s->lzma.next_in = s->input + s->input_at;
		s->lzma.avail_in = s->input_len - s->input_at;
		result = lzma_code(&s->lzma, more ? LZMA_RUN : LZMA_FINISH);
		s->input_at = s->input_len - s->lzma.avail_in;
		if (result == LZMA_STREAM_END || (!more && result == LZMA_BUF_ERROR)) {
			s->ended = true;
			break;
		}
		if (result != LZMA_OK)
			return damaged(err);
	}
	s->out += len - s->lzma.avail_out;
	return (ssize_t)(len - s->lzma.avail_out);
}
#endif

#ifdef HAVE_ZSTD
static ssize_t read_zstd(struct log_stream *s, void *data, size_t len, struct error *err)
{
	ZSTD_outBuffer out = {data, len, 0};

	while (out.pos == 0) {
		bool more = fill(s, err);
		ZSTD_inBuffer in;

		if (failed(err))
			return at_end_of_file(s, err);
		in = (ZSTD_inBuffer){s->input, s->input_len, s->input_at};
		if (ZSTD_isError(ZSTD_decompressStream(s->zstd, &out, &in)))
			return damaged(err);
		s->input_at = in.pos;
		if (out.pos == 0 && !more)
			return at_end_of_file(s, err);
	}
	s->out += out.pos;
	return (ssize_t)out.pos;
}
#endif

#ifdef HAVE_BZIP2
static ssize_t read_bzip2(struct log_stream *s, void *data, size_t len, struct error *err)
{
	size_t given = 0;

	while (given == 0) {
		bool more = fill(s, err);
		int result;

		if (failed(err))
			return at_end_of_file(s, err);
		s->bzip2.next_in = (char *)s->input + s->input_at;
		s->bzip2.avail_in = (unsigned)(s->input_len - s->input_at);
		s->bzip2.next_out = data;
		s->bzip2.avail_out = (unsigned)(len < INPUT_SIZE ? len : INPUT_SIZE);
		result = BZ2_bzDecompress(&s->bzip2);
		given = (size_t)(s->bzip2.next_out - (char *)data);
		s->input_at = s->input_len - s->bzip2.avail_in;
		if (result == BZ_STREAM_END) {
			/* bzip2 files may be put one behind the other. */
			BZ2_bzDecompressEnd(&s->bzip2);
			s->bzip2 = (bz_stream){0};
			if (BZ2_bzDecompressInit(&s->bzip2, 0, 0) != BZ_OK)
				return damaged(err);
		} else if (result != BZ_OK) {
			return damaged(err);
		}
		if (given == 0 && !more)
			return at_end_of_file(s, err);
	}
	s->out += given;
	return (ssize_t)given;
}
#endif

static ssize_t read_plain(struct log_stream *s, void *data, size_t len, struct error *err)
{
	ssize_t got;

	do
		got = pread(s->fd, data, len, (off_t)s->out);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		error_set_errno(err, "io_error", errno, "reading the mail log");
		return -1;
	}
	s->out += (size_t)got;
	return got;
}

/* ---- all ---- */

static bool unsupported(struct error *err)
{
	return error_set(
	    err, "unsupported", "this build cannot read logs in that compressed format");
}

static bool start(struct log_stream *s, uint64_t offset, struct error *err)
{
	switch (s->format) {
	case LOG_FORMAT_PLAIN:
		s->out = offset;
		return true;
	case LOG_FORMAT_GZIP:
		return start_gzip(s, offset, err);
	case LOG_FORMAT_XZ:
#ifdef HAVE_LZMA
		/* With a bound of memory, because the file itself says how much decoding takes. */
		s->lzma = (lzma_stream)LZMA_STREAM_INIT;
		return lzma_stream_decoder(&s->lzma, LZMA_MEMORY_MAX, LZMA_CONCATENATED) ==
			   LZMA_OK ||
		       unsupported(err);
#else
		return unsupported(err);
#endif
	case LOG_FORMAT_ZSTD:
#ifdef HAVE_ZSTD
		s->zstd = ZSTD_createDStream();
		return s->zstd != NULL || unsupported(err);
#else
		return unsupported(err);
#endif
	case LOG_FORMAT_BZIP2:
#ifdef HAVE_BZIP2
		return BZ2_bzDecompressInit(&s->bzip2, 0, 0) == BZ_OK || unsupported(err);
#else
		return unsupported(err);
#endif
	}
	return unsupported(err);
}

ssize_t log_stream_read(struct log_stream *s, void *data, size_t len, struct error *err)
{
	/* The readers look at the code afterwards to tell an error from the end. */
	if (err != NULL)
		err->code[0] = '\0';
	if (s->ended || len == 0)
		return 0;
	switch (s->format) {
	case LOG_FORMAT_GZIP:
		return read_gzip(s, data, len, err);
#ifdef HAVE_LZMA
	case LOG_FORMAT_XZ:
		return read_xz(s, data, len, err);
#endif
#ifdef HAVE_ZSTD
	case LOG_FORMAT_ZSTD:
		return read_zstd(s, data, len, err);
#endif
#ifdef HAVE_BZIP2
	case LOG_FORMAT_BZIP2:
		return read_bzip2(s, data, len, err);
#endif
	default:
		return read_plain(s, data, len, err);
	}
}

uint64_t log_stream_offset(const struct log_stream *s)
{
	return s->out;
}

bool log_stream_can_enter(enum log_format format)
{
	return format == LOG_FORMAT_PLAIN || format == LOG_FORMAT_GZIP;
}

/* Reads and drops what stands before the offset. */
static bool skip_to(struct log_stream *s, uint64_t offset, struct error *err)
{
	MEMORY_AUTO char *dropped = NULL;

	/* After entering at a point: mostly only a part of LOG_POINT_SPAN is left to drop. */
	if (s->out >= offset)
		return true;
	dropped = memory_alloc(INPUT_SIZE);
	while (s->out < offset) {
		uint64_t left = offset - s->out;
		ssize_t got =
		    log_stream_read(s, dropped, left < INPUT_SIZE ? (size_t)left : INPUT_SIZE, err);

		if (got < 0)
			return false;
		if (got == 0)
			return error_set(err, "io_error", "the log file became shorter");
	}
	return true;
}

struct log_stream *log_stream_open(
    int fd, enum log_format format, struct log_points *points, uint64_t offset, struct error *err)
{
	struct log_stream *s = memory_zero(1, sizeof(*s));

	*s = (struct log_stream){.fd = fd, .format = format, .points = points};
	/* A plain file is read straight into the caller's memory. */
	if (format != LOG_FORMAT_PLAIN)
		s->input = memory_alloc(INPUT_SIZE);
	if (!start(s, offset, err) || !skip_to(s, offset, err))
		log_stream_close(&s);
	return s;
}

void log_stream_close(struct log_stream **pointer)
{
	struct log_stream *s = *pointer;

	if (s == NULL)
		return;
	if (s->format == LOG_FORMAT_GZIP)
		inflateEnd(&s->z);
#ifdef HAVE_LZMA
	if (s->format == LOG_FORMAT_XZ)
		lzma_end(&s->lzma);
#endif
#ifdef HAVE_ZSTD
	if (s->format == LOG_FORMAT_ZSTD)
		ZSTD_freeDStream(s->zstd);
#endif
#ifdef HAVE_BZIP2
	if (s->format == LOG_FORMAT_BZIP2)
		BZ2_bzDecompressEnd(&s->bzip2);
#endif
	free(s->input);
	free(s);
	*pointer = NULL;
}
