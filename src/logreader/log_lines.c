/* Cuts bytes into lines, whatever pieces they come in. A line within one piece is given as it lies
 * there; only one that is split is copied. Memory is bounded by LOG_LINE_MAX, since a stranger
 * decides how long a line is. */
#include "logreader/log_lines.h"

void log_lines_free(struct log_lines *lines)
{
	buffer_free(&lines->partial);
}

void log_lines_reset(struct log_lines *lines, uint64_t offset)
{
	buffer_clear(&lines->partial);
	lines->start = lines->end = offset;
	lines->skipping = false;
}

/* The line is complete: `piece` is its end, or all of it. */
static void end_line(
    struct log_lines *lines, struct slice piece, uint64_t next, log_lines_fn fn, void *context)
{
	uint64_t start = lines->start;

	if (lines->skipping || piece.len > LOG_LINE_MAX) {
		lines->too_long++;
	} else if (lines->partial.len > 0) {
		buffer_append_slice(&lines->partial, piece);
		fn(context, buffer_slice(&lines->partial), start, next);
	} else {
		fn(context, piece, start, next);
	}
	buffer_clear(&lines->partial);
	lines->skipping = false;
	lines->start = next;
}

void log_lines_feed(struct log_lines *lines, struct slice bytes, log_lines_fn fn, void *context)
{
	while (bytes.len > 0) {
		ptrdiff_t newline = slice_find_char(bytes, '\n');
		struct slice piece = newline < 0 ? bytes : slice_first(bytes, (size_t)newline);

		/* By subtraction: partial.len never exceeds LOG_LINE_MAX. What was gathered of the
		 * line is given up at once. */
		if (!lines->skipping && piece.len > LOG_LINE_MAX - lines->partial.len) {
			lines->skipping = true;
			buffer_clear(&lines->partial);
		}
		if (newline < 0) {
			if (!lines->skipping)
				buffer_append_slice(&lines->partial, piece);
			lines->end += bytes.len;
			return;
		}
		/* The newline counts, so that offsets are those of the file. */
		lines->end += piece.len + 1;
		end_line(lines, piece, lines->end, fn, context);
		bytes = slice_from(bytes, piece.len + 1);
	}
}

void log_lines_finish(struct log_lines *lines, log_lines_fn fn, void *context)
{
	if (lines->skipping || lines->partial.len > 0)
		end_line(lines, (struct slice){"", 0}, lines->end, fn, context);
}
