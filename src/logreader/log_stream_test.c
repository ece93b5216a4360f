/* Compressed logs that are cut off at any byte, as one is that is still being written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "logreader/log_stream.h"

static void compress_text(struct slice text, struct buffer *file)
{
	z_stream z = {.next_in = (Bytef *)text.data, .avail_in = (uInt)text.len};
	uLong most;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	most = deflateBound(&z, text.len) + 32;
	z.next_out = (Bytef *)buffer_reserve(file, most);
	z.avail_out = (uInt)most;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	file->len = z.total_out;
	deflateEnd(&z);
}

static void read_in_pieces(int fd, size_t piece, struct buffer *out)
{
	struct error err = {"", ""};
	struct log_stream *stream = log_stream_open(fd, log_stream_format(fd), NULL, 0, &err);
	ssize_t got;

	assert_non_null(stream);
	while ((got = log_stream_read(stream, buffer_reserve(out, piece), piece, &err)) > 0)
		out->len += (size_t)got;
	assert_int_equal(got, 0);
	log_stream_close(&stream);
}

/* What the decoder has read and had no room for comes too. */
static void test_cut_gzip_in_pieces(void **state)
{
	BUFFER_AUTO struct buffer text = {0}, file = {0};
	FD_AUTO int fd = memfd_create("log", MFD_CLOEXEC);

	for (int i = 0; i < 60; i++)
		buffer_printf(&text, "postfix/smtp[%d]: 4bJkB: to=<a%d@example.org>\n", i, i * i);
	for (int i = 0; i < 1000; i++)
		buffer_append_char(&text, 'x');
	compress_text(buffer_slice(&text), &file);
	assert_int_equal(write(fd, file.data, file.len), file.len);
	for (size_t len = file.len; len >= 2; len--) {
		BUFFER_AUTO struct buffer whole = {0}, pieces = {0};

		assert_int_equal(ftruncate(fd, (off_t)len), 0);
		read_in_pieces(fd, 65536, &whole);
		read_in_pieces(fd, 7, &pieces);
		assert_int_equal(whole.len, pieces.len);
		assert_true(
		    slice_equal(buffer_slice(&whole), slice_first(buffer_slice(&text), whole.len)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut_gzip_in_pieces)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
