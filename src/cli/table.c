/* Keeps the cells until all are known, then finds widths: columns are left out or cut until the
 * rest fits the terminal. */
#include "cli/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "cli/safe_text.h"

#define GAP 2
/* What may be cut still says something in so many columns. */
#define NARROW 8
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
static void natural_widths(const struct table *table, size_t widths[], bool no_titles)
{
	for (size_t c = 0; c < table->column_count; c++)
		widths[c] = no_titles ? 0 : safe_text_width(slice_of(table->columns[c].title));
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t width = safe_text_width(slice_of(table->cells[i]));
		if (width > widths[i % table->column_count])
			widths[i % table->column_count] = width;
	}
}

/* What there is room for. */
struct room {
	size_t terminal;
	size_t least_most; /* no column asks for more than this, of those that may be cut */
};

/* How wide a column is at least: a short one needs no more than its texts. */
static size_t least_width(
    const struct table *table, const size_t widths[], const struct room *room, size_t c)
{
	size_t least = table->columns[c].least;

	if (least > room->least_most)
		least = room->least_most;
	return least > 0 && least < widths[c] ? least : widths[c];
}

/* The column with the highest rank; not `ranked`: the last that is there, but for the first. None:
 * the number of columns. */
static size_t next_to_go(const struct table *table, const size_t widths[], bool ranked)
{
	size_t next = table->column_count;

	for (size_t c = 0; c < table->column_count; c++) {
		unsigned rank = table->columns[c].drop;

		if (widths[c] == LEFT_OUT)
			continue;
		if (ranked ? rank > 0 &&
				 (next == table->column_count || rank > table->columns[next].drop)
			   : c > 0)
			next = c;
	}
	return next;
}

/* Leaves out what does not fit even when all are cut as far as they may be: LEFT_OUT in `widths`.
 * Where those without a rank are still too wide, they are cut further, and then go from the right:
 * a line that wraps makes a table unreadable. */
static void drop(const struct table *table, size_t widths[], struct room *room)
{
	const size_t none = table->column_count;

	for (;;) {
		size_t total = 0, next = next_to_go(table, widths, true);

		for (size_t c = 0; c < table->column_count; c++)
			if (widths[c] != LEFT_OUT)
				total +=
				    least_width(table, widths, room, c) + (total > 0 ? GAP : 0);
		if (total <= room->terminal)
			return;
		if (next == none && room->least_most > NARROW) {
			room->least_most = NARROW;
			continue;
		}
		if (next == none)
			next = next_to_go(table, widths, false);
		if (next == none)
			return;
		widths[next] = LEFT_OUT;
	}
}

/* Takes from the column that is furthest above its least width, until all fit or none may give any
 * more: what has to be read as a whole, with a large least width, gives last. */
static void fit(const struct table *table, size_t widths[], const struct room *room)
{
	for (;;) {
		size_t total = 0, most = 0, giving = table->column_count;

		for (size_t c = 0; c < table->column_count; c++) {
			size_t spare;

			if (widths[c] == LEFT_OUT)
				continue;
			total += widths[c] + (total > 0 ? GAP : 0);
			spare = widths[c] - least_width(table, widths, room, c);
			if (spare > most) {
				most = spare;
				giving = c;
			}
		}
		if (total <= room->terminal || most == 0)
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

struct cell {
	const char *text;
	size_t width;
	bool right, last;
	enum mark mark;
};

static void append_cell(struct buffer *line, const struct cell *cell)
{
	BUFFER_AUTO struct buffer cut = {0};
	size_t used, pad;

	append_cut(&cut, slice_of(cell->text), cell->width);
	/* Less than the width where a wide character did not fit any more. */
	used = safe_text_width(buffer_slice(&cut));
	pad = used < cell->width ? cell->width - used : 0;
	if (cell->right)
		buffer_printf(line, "%*s", (int)pad, "");
	buffer_append_string(line, colour_begin(cell->mark));
	buffer_append_slice(line, buffer_slice(&cut));
	buffer_append_string(line, colour_end(cell->mark));
	/* No blanks at the end of a line. */
	if (!cell->right && !cell->last)
		buffer_printf(line, "%*s", (int)pad, "");
	if (!cell->last)
		buffer_printf(line, "%*s", GAP, "");
}

static enum mark mark_of(const struct table_column *column, const char *text, bool title)
{
	return title ? MARK_TITLE : column->words ? colour_of_word(text) : MARK_NONE;
}

/* Titles where `cells` is NULL. */
static void print_row(
    const struct table *table, FILE *out, const size_t widths[], char *const *cells, bool colours)
{
	BUFFER_AUTO struct buffer line = {0};
	size_t last = table->column_count - 1;

	while (last > 0 && widths[last] == LEFT_OUT)
		last--;
	for (size_t c = 0; c < table->column_count; c++) {
		const struct table_column *column = &table->columns[c];
		const char *text = cells != NULL ? cells[c] : column->title;

		if (widths[c] != LEFT_OUT)
			append_cell(
			    &line, &(struct cell){text, widths[c], column->right, c == last,
				       colours ? mark_of(column, text, cells == NULL) : MARK_NONE});
	}
	buffer_append_char(&line, '\n');
	fwrite(line.data, 1, line.len, out);
}

/* A row that is not complete yet is not printed. */
void table_print(const struct table *table, FILE *out, const struct table_look *look)
{
	size_t widths[TABLE_COLUMNS_MAX];

	natural_widths(table, widths, look->no_titles);
	if (look->width > 0) {
		struct room room = {look->width, SIZE_MAX};

		drop(table, widths, &room);
		fit(table, widths, &room);
	}
	if (!look->no_titles)
		print_row(table, out, widths, NULL, look->colours);
	for (size_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count)
		print_row(table, out, widths, table->cells + i, look->colours);
}
