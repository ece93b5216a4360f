#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "postfix/diagnosis.h"

static struct slice none = {"", 0};

static void read_replies(struct buffer *text)
{
	const char *folder = getenv("POSTROOM_FIXTURES");
	struct error err;
	char path[512];

	assert_non_null(folder);
	snprintf(path, sizeof(path), "%s/replies.tsv", folder);
	if (!fd_read_file(path, 1 << 20, text, &err))
		fail_msg("%s", err.text);
}

/* Each real reply is found by its own section, and every section has at least two. */
static void test_every_reply_finds_its_diagnosis(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, line;
	unsigned *counts = memory_zero(diagnosis_count(), sizeof(*counts));
	unsigned wrong = 0;

	(void)state;
	read_replies(&text);
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line)) {
		const struct diagnosis *wanted, *found;
		struct slice key;

		if (line.len == 0 || line.data[0] == '#')
			continue;
		assert_true(slice_split(&line, '\t', &key));
		wanted = diagnosis_by_key(key);
		if (wanted == NULL)
			fail_msg("no diagnosis %.*s", SLICE_ARGS(key));
		counts[diagnosis_index(wanted)]++;
		found = diagnosis_find(line, none);
		assert_non_null(found);
		if (found != wanted) {
			print_error(
			    "%s instead of %s: %.*s\n", found->key, wanted->key, SLICE_ARGS(line));
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	for (size_t i = 0; i < diagnosis_count(); i++)
		if (counts[i] < 2)
			fail_msg("%s has %u replies", diagnosis_at(i)->key, counts[i]);
	free(counts);
}

static void test_there_are_enough(void **state)
{
	(void)state;
	assert_true(diagnosis_count() >= 80);
	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *d = diagnosis_at(i);

		assert_int_equal(diagnosis_index(d), i);
		assert_ptr_equal(diagnosis_by_key(slice_of(d->key)), d);
		assert_true(strlen(d->title) > 5 && d->title[strlen(d->title) - 1] != '.');
		assert_true(d->cause[strlen(d->cause) - 1] == '.' &&
			    d->advice[strlen(d->advice) - 1] == '.');
		assert_non_null(diagnosis_severity_name(d->severity));
		assert_non_null(diagnosis_where_name(d->where));
	}
	assert_null(diagnosis_by_key(SLICE("no-such-key")));
}

static const char *key_of(const char *reason, const char *dsn)
{
	const struct diagnosis *d = diagnosis_find(slice_of(reason), slice_of(dsn));

	return d == NULL ? "(none)" : d->key;
}

static void test_status_code_counts(void **state)
{
	(void)state;
	assert_string_equal(key_of("", ""), "(none)");
	assert_string_equal(key_of("host a said: 450 no", "4.2.2"), "over-quota");
	assert_string_equal(key_of("host a said: 450 4.2.2 no", ""), "over-quota");
	assert_string_equal(key_of("host a said: 450 4.2.20 no", ""), "class-mailbox");
	assert_string_equal(key_of("host a said: 450 4.20.2 no", ""), "unrecognised");
	assert_string_equal(key_of("host a said: 450-4.3.5 no", ""), "server-configuration");
	assert_string_equal(key_of("no", "4.4.1"), "class-network");
	assert_string_equal(key_of("HOST A SAID: 450 GREYLISTED", ""), "greylisted");
	/* 451 is a milter's; the same words behind 421 are not. */
	assert_string_equal(
	    key_of("host a said: 451 Service unavailable", ""), "milter-unavailable");
	assert_string_equal(
	    key_of("host a said: 421 Service unavailable", ""), "service-unavailable");
}

static void test_suspension_is_looked_through(void **state)
{
	static const char refused[] = "delivery temporarily suspended: connect to "
				      "mx.example.com[192.0.2.1]:25: Connection refused";

	(void)state;
	assert_true(diagnosis_is_suspended(slice_of(refused)));
	assert_false(diagnosis_is_suspended(SLICE("connect to x: Connection refused")));
	assert_string_equal(key_of(refused, "4.4.1"), "connection-refused");
	assert_string_equal(
	    key_of("delivery temporarily suspended: odd words", "4.4.1"), "destination-suspended");
}

/* What a stranger can put into a reason costs no more than its length. */
static void test_long_reasons_are_quick(void **state)
{
	static char text[1 << 20];
	int64_t start;

	(void)state;
	memset(text, 'a', sizeof(text));
	start = clock_monotonic_ms();
	for (int i = 0; i < 200; i++)
		assert_string_equal(
		    diagnosis_find(slice_make(text, sizeof(text)), none)->key, "unrecognised");
	for (size_t i = 0; i + 8 < sizeof(text); i += 8)
		memcpy(text + i, "connect ", 8);
	for (int i = 0; i < 200; i++)
		assert_non_null(diagnosis_find(slice_make(text, sizeof(text)), none));
	assert_true(clock_monotonic_ms() - start < 2000);
	assert_non_null(diagnosis_find(slice_make("\0\xff\x80", 3), none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_reply_finds_its_diagnosis),
	    cmocka_unit_test(test_there_are_enough),
	    cmocka_unit_test(test_status_code_counts),
	    cmocka_unit_test(test_suspension_is_looked_through),
	    cmocka_unit_test(test_long_reasons_are_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
