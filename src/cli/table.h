/* Tables for people: columns as wide as they need to be, and on a terminal together no wider than
 * it. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/colour.h"

#define TABLE_COLUMNS_MAX 12

struct table_column {
	const char *title;
	bool right;    /* numbers */
	size_t least;  /* may be cut to this width; 0: is never cut */
	unsigned drop; /* on a terminal that is too narrow, the highest of these are left out first;
			  0: goes only when those without a rank are too wide by themselves */
	bool words;    /* states and the like: coloured by what they mean (colour_of_word) */
};

/* How it is printed. */
struct table_look {
	size_t width; /* the terminal's, 0 for none: nothing is cut */
	bool no_titles;
	bool colours;
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

/* Prints the titles and the rows. */
void table_print(const struct table *table, FILE *out, const struct table_look *look);

#endif
