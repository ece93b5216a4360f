/* Keeps the cells until all are known, then finds widths: columns are left out or cut until the
 * rest fits the terminal. */
#include "cli/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "cli/safe_text.h"

#define GAP 2
/* A terminal that says less than this does not know its width. */
#define TERMINAL_LEAST 20
/* Instead of a column's width. */
#define LEFT_OUT SIZE_MAX

struct table {
	const struct table_column *columns;
	size_t column_count;
	char **cells;
	size_t cell_count;
	size_t cell_cap;
};

struct table *table_create(const struct table_column *columns, size_t count)
{
	struct table *table = memory_zero(1, sizeof(*table));

	table->columns = columns;
	table->column_count = count;
	return table;
}

void table_destroy(struct table **pointer)
{
	struct table *table = *pointer;

	if (table == NULL)
		return;
	for (size_t i = 0; i < table->cell_count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
	*pointer = NULL;
}

void table_cell(struct table *table, const char *text)
{
	BUFFER_AUTO struct buffer safe = {0};

	safe_text_append(&safe, slice_of(text != NULL ? text : ""));
	if (table->cell_count == table->cell_cap) {
		table->cell_cap = table->cell_cap == 0 ? 64 : table->cell_cap * 2;
		table->cells = memory_resize(table->cells, table->cell_cap, sizeof(*table->cells));
	}
	table->cells[table->cell_count++] = memory_strdup(buffer_string(&safe));
}

void table_cell_number(struct table *table, long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", value);
	table_cell(table, text);
}

size_t table_rows(const struct table *table)
{
	return table->cell_count / table->column_count;
}

/* In columns of the terminal, not in bytes or characters. */
static void natural_widths(const struct table *table, size_t widths[])
{
	for (size_t c = 0; c < table->column_count; c++)
		widths[c] = safe_text_width(slice_of(table->columns[c].title));
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t width = safe_text_width(slice_of(table->cells[i]));
		if (width > widths[i % table->column_count])
			widths[i % table->column_count] = width;
	}
}

/* How wide a column is at least: a short one needs no more than its texts. */
static size_t least_width(const struct table *table, const size_t widths[], size_t c)
{
	size_t least = table->columns[c].least;

	return least > 0 && least < widths[c] ? least : widths[c];
}

/* Leaves out what does not fit even when all are cut as far as they may be: LEFT_OUT in `widths`.
 */
static void drop(const struct table *table, size_t widths[], size_t terminal)
{
	for (;;) {
		size_t total = 0, first = table->column_count;

		for (size_t c = 0; c < table->column_count; c++) {
			if (widths[c] == LEFT_OUT)
				continue;
			total += least_width(table, widths, c) + (total > 0 ? GAP : 0);
			if (table->columns[c].drop > 0 &&
			    (first == table->column_count ||
				table->columns[c].drop > table->columns[first].drop))
				first = c;
		}
		if (total <= terminal || first == table->column_count)
			return;
		widths[first] = LEFT_OUT;
	}
}

/* Takes from the column that is furthest above its least width, until all fit or none may give any
 * more: what has to be read as a whole, with a large least width, gives last. */
static void fit(const struct table *table, size_t widths[], size_t terminal)
{
	for (;;) {
		size_t total = 0, most = 0, giving = table->column_count;

		for (size_t c = 0; c < table->column_count; c++) {
			if (widths[c] == LEFT_OUT)
				continue;
			total += widths[c] + (total > 0 ? GAP : 0);
			if (widths[c] - least_width(table, widths, c) > most) {
				most = widths[c] - least_width(table, widths, c);
				giving = c;
			}
		}
		if (total <= terminal || most == 0)
			return;
		widths[giving]--;
	}
}

/* The longest part of `text` that fits, with an ellipsis where something was cut off. */
static void append_cut(struct buffer *out, struct slice text, size_t width)
{
	size_t used = 0;

	if (safe_text_width(text) <= width) {
		buffer_append_slice(out, text);
		return;
	}
	while (text.len > 0) {
		uint32_t code_point;
		size_t len = utf8_decode(text, &code_point);
		size_t columns = safe_text_width(slice_first(text, len == 0 ? 1 : len));
		if (used + columns + 1 > width)
			break;
		buffer_append(out, text.data, len == 0 ? 1 : len);
		used += columns;
		text = slice_from(text, len == 0 ? 1 : len);
	}
	buffer_append_string(out, "\xe2\x80\xa6");
}

static void append_cell(struct buffer *line, const char *text, size_t width, bool right, bool last)
{
	BUFFER_AUTO struct buffer cut = {0};
	size_t used;
	size_t pad;

	append_cut(&cut, slice_of(text), width);
	/* Less than the width where a wide character did not fit any more. */
	used = safe_text_width(buffer_slice(&cut));
	pad = used < width ? width - used : 0;
	if (right)
		for (size_t i = 0; i < pad; i++)
			buffer_append_char(line, ' ');
	buffer_append_slice(line, buffer_slice(&cut));
	/* No blanks at the end of a line. */
	if (last)
		return;
	for (size_t i = 0; i < (right ? 0 : pad) + GAP; i++)
		buffer_append_char(line, ' ');
}

static void print_row(
    const struct table *table, FILE *out, const size_t widths[], char *const *cells)
{
	BUFFER_AUTO struct buffer line = {0};
	size_t last = table->column_count - 1;

	while (last > 0 && widths[last] == LEFT_OUT)
		last--;
	for (size_t c = 0; c < table->column_count; c++)
		if (widths[c] != LEFT_OUT)
			append_cell(&line, cells != NULL ? cells[c] : table->columns[c].title,
			    widths[c], table->columns[c].right, c == last);
	buffer_append_char(&line, '\n');
	fwrite(line.data, 1, line.len, out);
}

/* A row that is not complete yet is not printed. */
void table_print(const struct table *table, FILE *out, size_t width)
{
	size_t widths[TABLE_COLUMNS_MAX];

	natural_widths(table, widths);
	if (width > 0) {
		drop(table, widths, width);
		fit(table, widths, width);
	}
	print_row(table, out, widths, NULL);
	for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count)
		print_row(table, out, widths, table->cells + i);
}

size_t table_terminal_width(FILE *out)
{
	struct winsize size;

	/* 0: nobody looks at it, and nothing is cut. */
	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) < 0 ||
	    size.ws_col < TERMINAL_LEAST)
		return 0;
	return size.ws_col;
}
