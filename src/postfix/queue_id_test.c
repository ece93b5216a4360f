#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "postfix/queue_id.h"

static void test_forms(void **state)
{
	static const char *const bad[] = {"", "-", "ALL", "--", "-d", "a;b", "0AD06", "0ad06ab80a3",
	    "0AD06AB80A3 ", " 0AD06AB80A3", "0AD06AB80A3\n", "../0AD06AB80A3", "0AD06AB80A3/..",
	    "4jXJD647cHz", "z1djFS", "4jXJD647cz1djFS", "4jXJD647cHz1djFSz", "4jXJD647cHz1aeFS",
	    "0123456789ABCDEF012345", "BCDFGHJKLMNPQRSTz1", "BCDFGHJKLMz1234567890123"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(queue_id_form(slice_of(bad[i])), QUEUE_ID_INVALID);
	assert_int_equal(queue_id_form(SLICE("0AD06AB80A3\0")), QUEUE_ID_INVALID);
	assert_int_equal(queue_id_form(SLICE("0AD06AB80A3")), QUEUE_ID_SHORT);
	assert_int_equal(queue_id_form(SLICE("012345678")), QUEUE_ID_SHORT);
	assert_int_equal(queue_id_form(SLICE("4jXJD647cHz1djFS")), QUEUE_ID_LONG);
	assert_int_equal(queue_id_form(SLICE("zzzzzzzzzzzzzzzz1")), QUEUE_ID_LONG);
}

static void test_decode(void **state)
{
	uint64_t inode;
	int64_t us;

	(void)state;
	assert_true(queue_id_time_us(SLICE("4dCzQ80sf8z1p3V6"), &us));
	assert_true(us == 1763785200123456);
	assert_true(queue_id_inode(SLICE("4dCzQ80sf8z1p3V6"), &inode) && inode == 12345678);
	assert_false(queue_id_time_us(SLICE("0AD06AB80A3"), &us));
	assert_true(queue_id_inode(SLICE("0AD06AB80A3"), &inode) && inode == 0xAB80A3);
	/* zzzz is 7,311,615 microseconds: no time. */
	assert_false(queue_id_time_us(SLICE("4dCzQ8zzzzz1"), &us));
	assert_false(queue_id_time_us(SLICE("zzzzzzzzzzz0000z1"), &us));
	assert_true(queue_id_inode(SLICE("4dCzQ80sf8zyyyyyyyyyyyy"), &inode) == false);
}

static void test_hash_directory(void **state)
{
	char out[QUEUE_ID_HASH_SIZE];

	(void)state;
	assert_true(queue_id_hash_directory(SLICE("0AD06AB80A3"), 0, out));
	assert_string_equal(out, "");
	assert_true(queue_id_hash_directory(SLICE("0AD06AB80A3"), 2, out));
	assert_string_equal(out, "0/A/");
	/* 123456 us = 1E240 */
	assert_true(queue_id_hash_directory(SLICE("4dCzQ80sf8z1p3V6"), 7, out));
	assert_string_equal(out, "1/E/2/4/0/_/_/");
	assert_false(queue_id_hash_directory(SLICE("ALL"), 1, out));
	assert_false(queue_id_hash_directory(SLICE("0AD06AB80A3"), QUEUE_ID_DEPTH_MAX + 1, out));
}

static void test_queue_names(void **state)
{
	enum queue queue;

	(void)state;
	for (unsigned i = 0; i < QUEUE_COUNT; i++)
		assert_true(queue_parse(slice_of(queue_name((enum queue)i)), &queue) && queue == i);
	assert_null(queue_name(QUEUE_COUNT));
	assert_false(queue_parse(SLICE("defer"), &queue));
	assert_false(queue_parse(SLICE(""), &queue));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_decode),
	    cmocka_unit_test(test_hash_directory),
	    cmocka_unit_test(test_queue_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
