/* A stream cut into lines, in whatever pieces it comes. Input: u8 how many bytes come at a time,
 * then the stream, in which a byte 1 stands for LONG_RUN letters (lines that are too long). */
#include "base/must_fuzz.h"
#include "logreader/log_lines.h"

#define LONG_RUN (LOG_LINE_MAX / 3)
/* Of the stream after that. */
#define STREAM_MAX ((size_t)1 << 20)

struct seen {
	struct buffer text; /* the lines one behind the other */
	uint64_t at;	    /* where the next line may begin at the earliest */
	size_t count;
};

static void take_line(void *context, struct slice line, uint64_t start, uint64_t next)
{
	struct seen *seen = context;

	must(start >= seen->at && next >= start + line.len && next <= start + line.len + 1);
	must(line.len <= LOG_LINE_MAX && slice_find_char(line, '\n') < 0);
	seen->at = next;
	seen->count++;
	buffer_append_slice(&seen->text, line);
	buffer_append_char(&seen->text, '\n');
}

static uint64_t cut(struct slice stream, size_t piece, struct seen *seen)
{
	struct log_lines lines = {.start = 0};
	size_t whole = stream.len;
	uint64_t too_long;

	while (stream.len > 0) {
		log_lines_feed(&lines, slice_first(stream, piece), take_line, seen);
		stream = slice_from(stream, piece);
		must(lines.partial.len <= LOG_LINE_MAX);
	}
	must(lines.end == whole);
	log_lines_finish(&lines, take_line, seen);
	must(lines.start == lines.end);
	too_long = lines.too_long;
	log_lines_free(&lines);
	return too_long;
}

static void expand(const uint8_t *data, size_t size, struct buffer *stream)
{
	for (size_t i = 0; i < size && stream->len < STREAM_MAX; i++) {
		if (data[i] == 1)
			memset(buffer_reserve(stream, LONG_RUN), 'x', LONG_RUN);
		if (data[i] == 1)
			stream->len += LONG_RUN;
		else
			buffer_append_char(stream, (char)data[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer stream = {0};
	struct seen whole = {.at = 0}, pieces = {.at = 0};
	uint64_t too_long;

	if (size == 0)
		return 0;
	expand(data + 1, size - 1, &stream);
	/* Small pieces of a long stream would only take their time. */
	too_long = cut(buffer_slice(&stream), stream.len + 1, &whole);
	must(cut(buffer_slice(&stream), data[0] + 1 + stream.len / 512, &pieces) == too_long);
	must(whole.count == pieces.count && whole.at == pieces.at);
	must(slice_equal(buffer_slice(&whole.text), buffer_slice(&pieces.text)));
	if (too_long == 0 && stream.len > 0 && stream.data[stream.len - 1] == '\n')
		must(slice_equal(buffer_slice(&whole.text), buffer_slice(&stream)));
	buffer_free(&whole.text);
	buffer_free(&pieces.text);
	return 0;
}
