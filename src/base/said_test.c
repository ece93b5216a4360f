/* Every text renders with sample values, and nothing of it is left in braces; its words are JSON
 * with exactly the values that the English names. */
#include "base/said.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/json_scan.h"

/* The names between the braces of an English, each once. */
static size_t names_of(const char *english, char names[8][32], bool chooses[8])
{
	size_t count = 0;

	for (const char *at = english; (at = strchr(at, '{')) != NULL; at++) {
		size_t len = strcspn(at + 1, "}?"), i = 0;

		assert_true(len > 0 && len < 32);
		assert_non_null(strchr(at, '}'));
		while (i < count && strncmp(names[i], at + 1, len) != 0)
			i++;
		if (i == count) {
			assert_true(count < 8);
			memcpy(names[count], at + 1, len);
			names[count][len] = '\0';
			chooses[count++] = false;
		}
		chooses[i] |= at[1 + len] == '?';
	}
	return count;
}

/* {"code":NAME,"params":{...}}: as many params as `count`. */
static void assert_words(const struct said *said, const char *code, size_t count)
{
	BUFFER_AUTO struct buffer text = {0};
	struct json_scan s = json_scan_begin(buffer_slice(&said->words), &text);
	size_t seen = 0;

	json_scan_expect(&s, '{');
	assert_true(slice_is(json_scan_string(&s), "code"));
	json_scan_expect(&s, ':');
	assert_true(slice_is(json_scan_string(&s), code));
	json_scan_expect(&s, ',');
	assert_true(slice_is(json_scan_string(&s), "params"));
	json_scan_expect(&s, ':');
	json_scan_expect(&s, '{');
	while (json_scan_next(&s) == '"') {
		json_scan_string(&s);
		json_scan_expect(&s, ':');
		json_scan_skip(&s);
		seen++;
		json_scan_take(&s, ',');
	}
	json_scan_expect(&s, '}');
	json_scan_expect(&s, '}');
	assert_false(s.failed);
	assert_int_equal(seen, count);
}

static void every_text(void **state)
{
	(void)state;
	for (enum said_code code = SAID_NOTHING + 1; code < SAID_CODES; code++) {
		SAID_AUTO struct said said = {0};
		struct said_value values[8];
		char names[8][32], name[SAID_NAME_MAX];
		bool chooses[8];
		size_t count = names_of(said_english(code), names, chooses);

		for (size_t i = 0; i < count; i++)
			values[i] = chooses[i] ? said_number(names[i], 7)
					       : said_text(names[i], SLICE("a \"quoted\" value"));
		said_put_values(&said, code, values, count);
		assert_words(&said, said_code_name(code, name), count);
		assert_true(said.text.len > 0);
		assert_true(slice_find_char(buffer_slice(&said.text), '{') < 0);
		assert_true(strlen(name) + 1 < SAID_NAME_MAX);
	}
}

/* Whoever passes a list of values on takes as many as said_put: also an error. */
static void many_values(void **state)
{
	struct said_value other = said_text("other", SLICE("x"));
	struct error err;

	(void)state;
	assert_false(error_say(&err, "not_held", SAID_PREVIEW_NOT_HELD, 6, other, other, other,
	    other, other, said_number("count", 1)));
	assert_string_equal(err.text, "1 is not on hold.");
	error_say(&err, "not_held", SAID_PREVIEW_NOT_HELD, SAID_VALUES_MAX + 1,
	    said_number("count", 1), other, other, other, other, other, other, other, other);
	assert_string_equal(err.text, "1 is not on hold.");
}

static void numbers_choose(void **state)
{
	SAID_AUTO struct said said = {0};

	(void)state;
	said_put(&said, SAID_PREVIEW_NOT_HELD, 1, said_number("count", 1));
	assert_string_equal(buffer_string(&said.text), "1 is not on hold.");
	assert_string_equal(
	    buffer_string(&said.words), "{\"code\":\"preview_not_held\",\"params\":{\"count\":1}}");
	said_put(&said, SAID_PREVIEW_NOT_HELD, 1, said_number("count", 1000));
	assert_string_equal(buffer_string(&said.text), "1000 are not on hold.");
	/* What the English does not name is no param. */
	said_put(&said, SAID_PREVIEW_DELETE_SILENT, 1, said_number("count", -1));
	assert_string_equal(
	    buffer_string(&said.words), "{\"code\":\"preview_delete_silent\",\"params\":{}}");
}

static void one_behind_the_other(void **state)
{
	SAID_AUTO struct said said = {0}, more = {0};

	(void)state;
	said_put(&more, SAID_ROLE_FIX, 0);
	said_then(&more, SAID_ROLE_ENDED_STATUS, 1, said_number("status", 1));
	said_put(&said, SAID_HELPER_SILENT_FIX, 0);
	said_then_said(&said, buffer_slice(&more.text), buffer_slice(&more.words));
	said_then(&said, SAID_ROLE_ENDED_SIGNAL, 1, said_number("signal", 9));
	assert_string_equal(buffer_string(&said.words),
	    "{\"code\":\"helper_silent_fix\",\"params\":{},\"then\":{\"code\":\"role_fix\","
	    "\"params\":{},\"then\":{\"code\":\"role_ended_status\",\"params\":{\"status\":1},"
	    "\"then\":{\"code\":\"role_ended_signal\",\"params\":{\"signal\":9}}}}}");
	assert_string_equal(buffer_string(&said.text),
	    "If this stays: `systemctl restart postroom`. If this stays, look at `journalctl -u "
	    "postroom`, and: `systemctl restart postroom`. It ended with status 1 and is started "
	    "again. It was ended by signal 9 and is started again.");
}

/* A part without words leaves the whole without: half of it in another language helps nobody. */
static void verbatim_has_none(void **state)
{
	SAID_AUTO struct said said = {0};

	(void)state;
	said_verbatim(&said, SLICE("somebody else's"));
	said_then(&said, SAID_ROLE_FIX, 0);
	assert_int_equal(said.words.len, 0);
	said_put(&said, SAID_ROLE_FIX, 0);
	said_then_said(&said, SLICE("more"), SLICE(""));
	assert_int_equal(said.words.len, 0);
	said_then(&said, SAID_ROLE_FIX, 0);
	assert_int_equal(said.words.len, 0);
}

/* A text within another, and several: their words are an array, and what follows is counted as
 * before. */
static void texts_within(void **state)
{
	SAID_AUTO struct said said = {0}, inner = {0};
	SAID_LIST_AUTO struct said_list list = {0};

	(void)state;
	said_put(&inner, SAID_ROLE_ENDED_SIGNAL, 1, said_number("signal", 9));
	said_put(&said, SAID_JOB_POSTFIX_SAID, 1,
	    said_inner("reply", buffer_slice(&inner.text), buffer_slice(&inner.words)));
	said_then(&said, SAID_ROLE_FIX, 0);
	assert_string_equal(buffer_string(&said.words),
	    "{\"code\":\"job_postfix_said\",\"params\":{\"reply\":[{\"code\":\"role_ended_signal\","
	    "\"params\":{\"signal\":9}}]},\"then\":{\"code\":\"role_fix\",\"params\":{}}}");
	assert_true(slice_starts_with(buffer_slice(&said.text),
	    "Postfix said: It was ended by signal 9 and is started again. If this stays"));

	said_list_add(&list, " or ", buffer_slice(&inner.text), buffer_slice(&inner.words));
	said_list_add(&list, " or ", SLICE("a \"stranger\""), SLICE(""));
	said_put(&said, SAID_JOB_POSTFIX_SAID, 1, said_of_list("reply", &list));
	assert_string_equal(buffer_string(&said.text),
	    "Postfix said: It was ended by signal 9 and is started again. or a \"stranger\"");
	assert_string_equal(buffer_string(&said.words),
	    "{\"code\":\"job_postfix_said\",\"params\":{\"reply\":[{\"code\":\"role_ended_signal\","
	    "\"params\":{\"signal\":9}},\"a \\\"stranger\\\"\"]}}");
	said_put(&said, SAID_JOB_POSTFIX_SAID, 1, said_inner("reply", SLICE("no"), SLICE("")));
	assert_string_equal(buffer_string(&said.words),
	    "{\"code\":\"job_postfix_said\",\"params\":{\"reply\":\"no\"}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_text),
	    cmocka_unit_test(many_values),
	    cmocka_unit_test(numbers_choose),
	    cmocka_unit_test(one_behind_the_other),
	    cmocka_unit_test(verbatim_has_none),
	    cmocka_unit_test(texts_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
