/* An Accept header of any bytes, and labels of any bytes, each up to a NUL: what is written is
 * valid UTF-8, has a line for each sample, and no quote within a value that is not escaped. */
#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "watch/metrics/metrics.h"

/* A sample, or a line that begins with #: from the brace to its end each value is closed. */
static void check_line(struct slice line)
{
	bool inside = false;

	if (line.len == 0 || line.data[0] == '#')
		return;
	for (size_t i = 0; i < line.len; i++) {
		must((unsigned char)line.data[i] >= 0x20);
		if (inside && line.data[i] == '\\')
			i++;
		else if (line.data[i] == '"')
			inside = !inside;
	}
	must(!inside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest = slice_make(data, size), piece, line;
	struct metrics *m = metrics_create();
	enum metrics_format format;
	size_t lines = 0;

	slice_split(&rest, '\0', &piece);
	format = metrics_format_of(piece);
	metrics_begin(m);
	while (slice_split(&rest, '\0', &piece)) {
		metrics_set(m, METRIC_DESTINATION_QUEUED, piece, SLICE(""), (double)piece.len);
		metrics_set(m, METRIC_INFO, piece, piece, 1);
	}
	metrics_write(m, format, &text);
	must(utf8_valid(buffer_slice(&text)));
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line)) {
		check_line(line);
		lines += line.len > 0 && line.data[0] != '#';
	}
	must(lines == metrics_series(m) && lines <= METRICS_SERIES_MAX);
	metrics_destroy(&m);
	return 0;
}
