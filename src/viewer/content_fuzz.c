/* The bytes of a message, from what may be no queue file. Input: u8 which kind of source, then the
 * file. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/must_fuzz.h"
#include "postfix/queue_file.h"
#include "viewer/content.h"

/* A file with these bytes, the same one each time, at its beginning. */
static int file_of(struct slice bytes)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("content", MFD_CLOEXEC);
	must(fd >= 0 && ftruncate(fd, 0) == 0);
	must(pwrite(fd, bytes.data, bytes.len, 0) == (ssize_t)bytes.len);
	must(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* It ends: every piece takes the reader on, or follows one of a bounded number of pointers. What is
 * no queue file comes as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct content content;
	struct slice bytes, piece;
	BUFFER_AUTO struct buffer all = {0};
	size_t total = 0;
	bool plain;

	if (size == 0)
		return 0;
	plain = data[0] % 2 != 0;
	bytes = slice_make(data + 1, size - 1);
	content_open(
	    &content, file_of(bytes), plain ? VIEWER_SOURCE_RFC822 : VIEWER_SOURCE_QUEUE_FILE);
	while (content_next(&content, &piece)) {
		must(piece.len > 0);
		total += piece.len;
		must(total <= size * (QUEUE_FILE_POINTERS_MAX + 1));
		if (plain)
			buffer_append_slice(&all, piece);
	}
	if (plain)
		must(content.problem == NULL && slice_equal(buffer_slice(&all), bytes));
	must(!content_next(&content, &piece));
	content_close(&content);
	return 0;
}
