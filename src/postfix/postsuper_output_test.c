#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "postfix/postsuper_output.h"

static struct postsuper_output_line parsed(const char *line)
{
	struct postsuper_output_line out;

	postsuper_output_parse(slice_of(line), &out);
	return out;
}

static void test_lines(void **state)
{
	struct postsuper_output_line l = parsed("postsuper: 0AD06AB80A3: placed on hold");

	(void)state;
	assert_true(l.kind == POSTSUPER_OUTPUT_MESSAGE && l.verb == POSTSUPER_OUTPUT_HELD);
	assert_true(slice_is(l.id, "0AD06AB80A3"));
	l = parsed("postsuper: 4jXJD647cHz1djFS: removed");
	assert_true(l.kind == POSTSUPER_OUTPUT_MESSAGE && l.verb == POSTSUPER_OUTPUT_REMOVED);
	l = parsed("postsuper: Force-expired: 1 message");
	assert_true(l.kind == POSTSUPER_OUTPUT_SUMMARY && l.verb == POSTSUPER_OUTPUT_EXPIRED &&
		    l.count == 1);
	l = parsed("postsuper: Deleted: 0 messages");
	assert_true(l.kind == POSTSUPER_OUTPUT_SUMMARY && l.count == 0);
	l = parsed("postsuper: warning: invalid mail queue id: x;y");
	assert_true(l.kind == POSTSUPER_OUTPUT_INVALID_ID && slice_is(l.id, "x;y"));
	assert_int_equal(parsed("postsuper: error: QUEUE FILE NAMES WERE CHANGED").kind,
	    POSTSUPER_OUTPUT_WARNING);
	assert_int_equal(
	    parsed("postsuper: fatal: use of this command is reserved for the superuser").kind,
	    POSTSUPER_OUTPUT_FATAL);
	/* None of these is the success of a message. */
	assert_int_equal(parsed("0AD06AB80A3: removed").kind, POSTSUPER_OUTPUT_OTHER);
	assert_int_equal(parsed("postsuper: ALL: removed").kind, POSTSUPER_OUTPUT_OTHER);
	assert_int_equal(parsed("postsuper: 0AD06AB80A3: removed ").kind, POSTSUPER_OUTPUT_OTHER);
	assert_int_equal(
	    parsed("postsuper: warning: 0AD06AB80A3: removed").kind, POSTSUPER_OUTPUT_WARNING);
	assert_int_equal(parsed("").kind, POSTSUPER_OUTPUT_OTHER);
}

static void count(void *context, const struct postsuper_output_line *line)
{
	((size_t *)context)[line->kind]++;
}

static void test_captured_output(void **state)
{
	static const char *const versions[] = {"3.4", "3.5", "3.6", "3.7", "3.10", "3.11", "3.12"};

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		BUFFER_AUTO struct buffer bytes = {0};
		struct postsuper_output_reader reader = {0};
		size_t kinds[8] = {0};
		char path[512];

		snprintf(path, sizeof(path), "%s/postfix-%s/postsuper.txt",
		    getenv("POSTROOM_FIXTURES"), versions[i]);
		assert_true(fd_read_file(path, 65536, &bytes, NULL));
		for (size_t at = 0; at < bytes.len; at += 10)
			postsuper_output_feed(&reader,
			    slice_first(slice_from(buffer_slice(&bytes), at), 10), count, kinds);
		postsuper_output_finish(&reader, count, kinds);
		buffer_free(&reader.pending);
		/* Held, requeued, removed, and from 3.5 on expired. */
		assert_int_equal(kinds[POSTSUPER_OUTPUT_MESSAGE], i == 0 ? 3 : 4);
		assert_int_equal(kinds[POSTSUPER_OUTPUT_INVALID_ID], 2);
	}
}

static void test_overlong_line_is_no_success(void **state)
{
	BUFFER_AUTO struct buffer bytes = {0};
	struct postsuper_output_reader reader = {0};
	size_t kinds[8] = {0};

	(void)state;
	for (size_t i = 0; i < POSTSUPER_OUTPUT_LINE_MAX; i++)
		buffer_append_char(&bytes, 'x');
	buffer_append_string(
	    &bytes, "postsuper: 0AD06AB80A3: removed\npostsuper: 0AD06AB80A4: removed");
	postsuper_output_feed(&reader, buffer_slice(&bytes), count, kinds);
	assert_int_equal(kinds[POSTSUPER_OUTPUT_MESSAGE], 0);
	postsuper_output_finish(&reader, count, kinds);
	assert_int_equal(kinds[POSTSUPER_OUTPUT_MESSAGE], 1);
	buffer_free(&reader.pending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_captured_output),
	    cmocka_unit_test(test_overlong_line_is_no_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
