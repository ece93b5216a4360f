/* The words of pauses in main.cf: put in front of what an operator wrote, found again, taken out.
 */
#include "postfix/pause_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pause_lines lines_of(const char *maps, const char *defer, const char *end_of_data)
{
	return (struct pause_lines){.directory = "/etc/postfix",
	    .type = SLICE("hash"),
	    .value = {slice_of(maps), slice_of(defer), slice_of(end_of_data)},
	    .set = {maps[0] != '\0', defer[0] != '\0', end_of_data[0] != '\0'},
	    .expanded = slice_of(maps)};
}

/* The three values with our words; what was there before comes out again, byte for byte. */
static void check_round(struct pause_lines before, const char *const after[PAUSE_LINES])
{
	struct buffer with[PAUSE_LINES] = {{0}};
	struct pause_lines done = before;

	assert_int_equal(pause_lines_find(&before), PAUSE_LINES_NONE);
	for (int i = 0; i < PAUSE_LINES; i++) {
		pause_lines_with(&before, (enum pause_line)i, &with[i]);
		assert_string_equal(buffer_string(&with[i]), after[i]);
		done.value[i] = buffer_slice(&with[i]);
	}
	done.expanded = done.value[0];
	assert_int_equal(pause_lines_find(&done), PAUSE_LINES_WHOLE);
	for (int i = 0; i < PAUSE_LINES; i++) {
		BUFFER_AUTO struct buffer again = {0}, without = {0};

		pause_lines_with(&done, (enum pause_line)i, &again);
		assert_string_equal(buffer_string(&again), after[i]);
		pause_lines_without(&done, (enum pause_line)i, &without);
		assert_true(slice_equal(buffer_slice(&without), before.value[i]));
	}
	for (int i = 0; i < PAUSE_LINES; i++)
		buffer_free(&with[i]);
}

#define COMPILED "hash:/etc/postfix/postroom-pauses/transport"
#define PATTERN "regexp:/etc/postfix/postroom-pauses/transport.regexp"
#define ACCESS                                                                                     \
	"check_sasl_access hash:/etc/postfix/postroom-pauses/login, check_sender_access "          \
	"hash:/etc/postfix/postroom-pauses/sender"

static void puts_ours_in_front(void **state)
{
	check_round(
	    lines_of("", "", ""), (const char *const[]){COMPILED, PAUSE_LINES_TRANSPORT, ACCESS});
	check_round(lines_of("hash:/etc/postfix/transport,  inline:{ a.example=smtp:x, b=c }",
			"slow", "check_client_access cidr:/etc/postfix/c, permit"),
	    (const char *const[]){COMPILED
		", hash:/etc/postfix/transport,  inline:{ a.example=smtp:x, b=c }",
		PAUSE_LINES_TRANSPORT ", slow",
		ACCESS ", check_client_access cidr:/etc/postfix/c, permit"});
}

static void is_a_pattern_table_before_patterns(void **state)
{
	static const char *const patterns[] = {"regexp:/etc/postfix/r", "pcre:/etc/postfix/p",
	    "proxy:mysql:/etc/postfix/m", "ldap:/etc/postfix/l", "static:x", "tcp:127.0.0.1:9",
	    "unionmap:{static:a, static:b}", "cidr:/etc/postfix/c", "socketmap:unix:x:y"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		BUFFER_AUTO struct buffer maps = {0}, after = {0};

		buffer_printf(&maps, "hash:/etc/postfix/transport, %s", patterns[i]);
		buffer_printf(&after, PATTERN ", %s", buffer_string(&maps));
		check_round(lines_of(buffer_string(&maps), "", ""),
		    (const char *const[]){buffer_string(&after), PAUSE_LINES_TRANSPORT, ACCESS});
	}
}

/* By a name that stands for another value, too: only the expanded value shows it. */
static void sees_patterns_behind_names(void **state)
{
	struct pause_lines lines = lines_of("$my_maps", "", "");
	BUFFER_AUTO struct buffer with = {0};

	lines.expanded = SLICE("hash:/etc/postfix/transport, pcre:/etc/postfix/p");
	assert_true(slice_is(pause_lines_pattern(&lines), "pcre:/etc/postfix/p"));
	pause_lines_with(&lines, PAUSE_LINE_TRANSPORT_MAPS, &with);
	assert_string_equal(buffer_string(&with), PATTERN ", $my_maps");
}

static void sees_what_others_changed(void **state)
{
	static const char *const maps[] = {"hash:/etc/postfix/transport, " COMPILED,
	    "hash:/etc/postfix/transport", COMPILED ", regexp:/etc/postfix/r",
	    "lmdb:/etc/postfix/postroom-pauses/transport"};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct pause_lines lines = lines_of(maps[i], PAUSE_LINES_TRANSPORT, ACCESS);
		BUFFER_AUTO struct buffer without = {0};

		assert_int_equal(pause_lines_find(&lines), PAUSE_LINES_PART);
		pause_lines_without(&lines, PAUSE_LINE_TRANSPORT_MAPS, &without);
		assert_int_equal(
		    slice_find(buffer_slice(&without), SLICE(PAUSE_LINES_DIRECTORY)), -1);
	}
}

static void takes_ours_out_wherever_they_stand(void **state)
{
	struct pause_lines lines = lines_of("hash:/a " COMPILED ", hash:/b", "x, postroom-pause y",
	    "check_client_access hash:/c, check_sender_access "
	    "hash:/etc/postfix/postroom-pauses/sender, check_sender_access hash:/d reject");
	static const char *const after[] = {"hash:/a hash:/b", "x y",
	    "check_client_access hash:/c check_sender_access hash:/d reject"};

	for (int i = 0; i < PAUSE_LINES; i++) {
		BUFFER_AUTO struct buffer without = {0};

		pause_lines_without(&lines, (enum pause_line)i, &without);
		assert_string_equal(buffer_string(&without), after[i]);
	}
}

static void numbers_what_was_seen(void **state)
{
	struct pause_lines one = lines_of("hash:/a", "", ""), other = one;

	assert_true(pause_lines_seen(&one) == pause_lines_seen(&other));
	other.set[1] = true;
	assert_true(pause_lines_seen(&one) != pause_lines_seen(&other));
	other = lines_of("hash:/a", "b", "");
	assert_true(pause_lines_seen(&one) != pause_lines_seen(&other));
}

static void knows_what_can_stand_in_main_cf(void **state)
{
	const char *suffix;

	assert_true(pause_lines_directory_valid("/etc/postfix-out.2"));
	assert_false(pause_lines_directory_valid("/etc/post fix"));
	assert_false(pause_lines_directory_valid("/etc/$x"));
	assert_false(pause_lines_directory_valid("etc"));
	assert_true(pause_lines_type_valid(SLICE("lmdb"), &suffix));
	assert_string_equal(suffix, ".lmdb");
	assert_false(pause_lines_type_valid(SLICE("dbm"), &suffix)); /* two files */
	assert_false(pause_lines_type_valid(SLICE("texthash"), &suffix));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(puts_ours_in_front),
	    cmocka_unit_test(is_a_pattern_table_before_patterns),
	    cmocka_unit_test(sees_patterns_behind_names),
	    cmocka_unit_test(sees_what_others_changed),
	    cmocka_unit_test(takes_ours_out_wherever_they_stand),
	    cmocka_unit_test(numbers_what_was_seen),
	    cmocka_unit_test(knows_what_can_stand_in_main_cf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
