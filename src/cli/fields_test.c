/* What a line of --csv holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fields.h"

/* The line of one value, without its end. */
static void check(json_t *value, const char *expected)
{
	struct command_run run = {0};
	const struct fields fields = {.names = {SLICE("x")}, .count = 1};
	json_t *object = json_pack("{so}", "x", value);
	char *text = NULL;
	size_t len = 0;
	FILE *before = stdout;

	run.values[OPTION_CSV] = "";
	stdout = open_memstream(&text, &len);
	fields_print(&run, &fields, object);
	fclose(stdout);
	stdout = before;
	assert_true(len >= 2 && strcmp(text + len - 2, "\r\n") == 0);
	text[len - 2] = '\0';
	assert_string_equal(text, expected);
	free(text);
	json_decref(object);
}

static void test_cells(void **state)
{
	(void)state;
	check(json_string("a@b.example"), "a@b.example");
	check(json_string("a,b"), "\"a,b\"");
	check(json_string("say \"x\""), "\"say \"\"x\"\"\"");
	check(json_string("\x1b[2J\n"), "<U+001B>[2J<U+000A>");
	check(json_string("=HYPERLINK(\"//evil\")"), "\"'=HYPERLINK(\"\"//evil\"\")\"");
	check(json_string("+1@evil.example"), "'+1@evil.example");
	check(json_string("-"), "'-");
	check(json_string("@x"), "'@x");
	check(json_integer(-7), "-7");
	check(json_null(), "");
	check(json_pack("[s]", "=x"), "\"[\"\"=x\"\"]\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
