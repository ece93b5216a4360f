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
#include "cli/members.h"

/* The line of one value, without its end. */
static void check(json_t *value, const char *expected)
{
	const struct fields fields = {.csv = true, .names = {SLICE("x")}, .count = 1};
	json_t *object = json_pack("{so}", "x", value);
	char *text = NULL;
	size_t len = 0;
	FILE *before = stdout;

	stdout = open_memstream(&text, &len);
	fields_print(&fields, object);
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

/* A name with dots, in the JSON of `text`. */
static void check_path(const char *name, const char *text, const char *expected)
{
	struct fields fields = {.names = {slice_of(name)}, .count = 1};
	json_t *object = json_loads(text, 0, NULL);
	char *out = NULL;
	size_t len = 0;
	FILE *before = stdout;

	stdout = open_memstream(&out, &len);
	fields_print(&fields, object);
	fclose(stdout);
	stdout = before;
	assert_string_equal(out, expected);
	free(out);
	json_decref(object);
}

static void test_dots(void **state)
{
	static const char message[] =
	    "{\"origin\":{\"login\":\"shop\"},\"none\":null,"
	    "\"recipients\":[{\"address\":\"a\",\"x\":[{\"y\":1},{\"y\":2}]},{\"address\":\"b\"}]}";

	(void)state;
	check_path("origin.login", message, "{\"origin.login\":\"shop\"}\n");
	check_path("origin.helo", message, "{\"origin.helo\":null}\n");
	check_path("none.login", message, "{\"none.login\":null}\n");
	check_path("recipients.address", message, "{\"recipients.address\":[\"a\",\"b\"]}\n");
	check_path("recipients.1.address", message, "{\"recipients.1.address\":\"b\"}\n");
	check_path("recipients.7.address", message, "{\"recipients.7.address\":null}\n");
	check_path("recipients.x.y", message, "{\"recipients.x.y\":[[1,2],null]}\n");
	check_path("recipients.0.x.1.y", message, "{\"recipients.0.x.1.y\":2}\n");
}

static void test_members(void **state)
{
	size_t count;
	const struct members *table = members_table(&count);
	const struct members *list = members_of("list", "");

	(void)state;
	assert_true(members_has(list, SLICE("id")));
	assert_true(members_has(list, SLICE("recipients.3.address")));
	for (size_t i = 0; i < 6; i++) {
		static const char *const wrong[] = {"", "ID", "recipients.", ".id", "3", "id.x"};

		assert_false(members_has(list, slice_of(wrong[i])));
	}
	assert_string_equal(members_of("jobs", "17")->schema, "JobItem");
	assert_string_equal(members_of("jobs", "undo")->schema, "JobItem");
	assert_string_equal(members_of("jobs", "")->schema, "Job");
	assert_null(members_of("flush", ""));
	for (size_t i = 0; i < count; i++) {
		struct slice rest = slice_of(table[i].csv), one;

		while (slice_split(&rest, ' ', &one))
			assert_true(members_has(&table[i], one));
	}
}

/* --fields without a row to look in would take anything. */
static void test_each_command_has_members(void **state)
{
	size_t count;
	const struct command *commands = command_table(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		assert_true((members_of(commands[i].name, "") != NULL) ==
			    ((commands[i].options & OPTION_BIT(OPTION_FIELDS)) != 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells),
	    cmocka_unit_test(test_dots), cmocka_unit_test(test_members),
	    cmocka_unit_test(test_each_command_has_members)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
