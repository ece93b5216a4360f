/* Tables for people: columns as wide as they need to be, and on a terminal together no wider than
 * it. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 12

struct table_column {
	const char *title;
	bool right;    /* numbers */
	size_t least;  /* may be cut to this width; 0: is never cut */
	unsigned drop; /* on a terminal that is too narrow, the highest of these are left out first;
			  0: is always there */
};

struct table;

/* `columns` outlives the table. */
struct table *table_create(const struct table_column *columns, size_t count);
void table_destroy(struct table **table);

/* The next cell, row by row; the text is made safe for a terminal and copied. NULL is an empty
 * cell. */
void table_cell(struct table *table, const char *text);
void table_cell_number(struct table *table, long long value);

size_t table_rows(const struct table *table);

/* Prints the titles and the rows; `width` is the terminal's, 0 for none (nothing is cut). */
void table_print(const struct table *table, FILE *out, size_t width);

/* The width of the terminal behind `out`, 0 when it is none. */
size_t table_terminal_width(FILE *out);

#endif
