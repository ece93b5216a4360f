#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "cli/safe_text.h"
#include "cli/table.h"

static const struct table_column columns[] = {
    {"ID", false, 0}, {"SIZE", true, 0}, {"SENDER", false, 6}, {"REASON", false, 6}};

static char *printed(struct table *table, size_t width)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	table_print(table, out, &(struct table_look){.width = width});
	fclose(out);
	return text;
}

static struct table *filled(void)
{
	struct table *table = table_create(columns, 4);

	table_cell(table, "4jXMp05WMsz1bY2k");
	table_cell(table, "12k");
	table_cell(table, "orders@shop.example");
	table_cell(table, "a reason that is a good deal longer than the rest of the line");
	table_cell(table, "4A1");
	table_cell_number(table, 7);
	table_cell(table, NULL);
	table_cell(table, "\x1b[31mred");
	return table;
}

static void is_as_wide_as_it_needs(void **state)
{
	struct table *table = filled();
	char *text = printed(table, 0);

	assert_string_equal(text, "ID                SIZE  SENDER               REASON\n"
				  "4jXMp05WMsz1bY2k   12k  orders@shop.example  "
				  "a reason that is a good deal longer than the rest of the line\n"
				  "4A1                  7                       <U+001B>[31mred\n");
	assert_int_equal(table_rows(table), 2);
	free(text);
	table_destroy(&table);
	assert_null(table);
}

/* Columns with a rank go before others are cut to nothing, the highest rank first. */
static void leaves_out_what_has_no_room(void **state)
{
	static const struct table_column ranked[] = {{"ID", false, 0, 0}, {"SIZE", true, 0, 1},
	    {"CAUSE", false, 6, 0}, {"REPLY", false, 8, 2}};
	static const struct {
		size_t width;
		const char *text;
	} cases[] = {
	    {0, "ID     SIZE  CAUSE              REPLY\n4jXMp   12k  a cause in words   a long "
		"reply\n"},
	    {30, "ID     SIZE  CAUSE   REPLY\n4jXMp   12k  a cau\xe2\x80\xa6  a long "
		 "r\xe2\x80\xa6\n"},
	    {24, "ID     SIZE  CAUSE\n4jXMp   12k  a cause in\xe2\x80\xa6\n"},
	    {18, "ID     CAUSE\n4jXMp  a cause in\xe2\x80\xa6\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct table *table = table_create(ranked, 4);
		char *text;

		table_cell(table, "4jXMp");
		table_cell(table, "12k");
		table_cell(table, "a cause in words ");
		table_cell(table, "a long reply");
		text = printed(table, cases[i].width);
		assert_string_equal(text, cases[i].text);
		free(text);
		table_destroy(&table);
	}
}

/* No line wraps, and what the first column says is always whole. */
static void is_never_wider_than_the_terminal(void **state)
{
	for (size_t width = 20; width < 140; width++) {
		struct table *table = filled();
		char *text = printed(table, width);
		struct slice rest = slice_of(text);
		struct slice line;
		while (slice_split(&rest, '\n', &line))
			assert_true(safe_text_width(line) <= width);
		assert_non_null(strstr(text, "4jXMp05WMsz1bY2k"));
		free(text);
		table_destroy(&table);
	}
}

static void cuts_between_characters(void **state)
{
	static const struct table_column one[] = {{"T", false, 4}};
	struct table *table = table_create(one, 1);
	char *text;

	table_cell(
	    table, "\xe6\x9c\xac\xe3\x81\xae\xe6\xb3\xa8\xe6\x96\x87"); /* each two columns wide */
	text = printed(table, 6);
	assert_string_equal(text, "T\n\xe6\x9c\xac\xe3\x81\xae\xe2\x80\xa6\n");
	free(text);
	table_destroy(&table);
}

static void check_look(const struct table_look *look, const char *expected)
{
	static const struct table_column two[] = {
	    {"ID", false, 0}, {"STATE", false, 0, .words = true}};
	struct table *table = table_create(two, 2);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	table_cell(table, "1");
	table_cell(table, "refused");
	table_cell(table, "2");
	table_cell(table, "planned");
	table_print(table, out, look);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
	table_destroy(&table);
}

/* A colour is only put around what stands there without it, too. */
static void has_colours_and_titles_as_wished(void **state)
{
	check_look(&(struct table_look){.width = 0}, "ID  STATE\n1   refused\n2   planned\n");
	check_look(&(struct table_look){.no_titles = true}, "1  refused\n2  planned\n");
	check_look(&(struct table_look){.colours = true}, "\033[1mID\033[0m  \033[1mSTATE\033[0m\n"
							  "1   \033[31mrefused\033[0m\n"
							  "2   planned\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_as_wide_as_it_needs),
	    cmocka_unit_test(leaves_out_what_has_no_room),
	    cmocka_unit_test(is_never_wider_than_the_terminal),
	    cmocka_unit_test(cuts_between_characters),
	    cmocka_unit_test(has_colours_and_titles_as_wished),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
