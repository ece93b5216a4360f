#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/region.h"
#include "base/slice.h"
#include "base/users.h"
#include "base/utf8.h"

static void test_cursor_reads_what_buffer_wrote(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct cursor c;

	(void)state;
	buffer_put_u8(&b, 200);
	buffer_put_u16(&b, 60000);
	buffer_put_u32(&b, 4000000000u);
	buffer_put_u64(&b, UINT64_MAX - 1);
	buffer_put_i64(&b, INT64_MIN);
	buffer_put_string(&b, SLICE("a\0b"));
	buffer_append(&b, "end", 4);
	c = cursor_init(b.data, b.len);
	assert_int_equal(cursor_u8(&c), 200);
	assert_int_equal(cursor_u16(&c), 60000);
	assert_int_equal(cursor_u32(&c), 4000000000u);
	assert_true(cursor_u64(&c) == UINT64_MAX - 1);
	assert_true(cursor_i64(&c) == INT64_MIN);
	assert_true(slice_equal(cursor_string(&c, 3), SLICE("a\0b")));
	assert_true(slice_is(cursor_cstring(&c), "end"));
	assert_true(cursor_finished(&c));
	assert_int_equal(cursor_u8(&c), 0);
	assert_false(cursor_finished(&c));
}

static void test_cursor_stays_failed(void **state)
{
	struct cursor c = cursor_init("\xff\xff\xff\xff", 4);

	(void)state;
	assert_int_equal(cursor_string(&c, SIZE_MAX).len, 0);
	assert_true(c.failed);
	c = cursor_init("\x02\0\0\0ab", 6);
	assert_int_equal(cursor_string(&c, 1).len, 0);
	assert_true(c.failed);
	c = cursor_init("ab", 2);
	assert_int_equal(cursor_cstring(&c).len, 0);
	assert_true(c.failed);
}

static void test_slice(void **state)
{
	struct slice rest = SLICE("a,,b"), part;
	uint64_t n;

	(void)state;
	assert_int_equal(slice_find_nocase(SLICE("over QUOTA"), SLICE("quota")), 5);
	assert_int_equal(slice_find_nocase(SLICE("ab"), SLICE("abc")), -1);
	assert_true(slice_split(&rest, ',', &part) && slice_is(part, "a"));
	assert_true(slice_split(&rest, ',', &part) && part.len == 0);
	assert_true(slice_split(&rest, ',', &part) && slice_is(part, "b"));
	assert_false(slice_split(&rest, ',', &part));
	assert_true(slice_to_u64(SLICE("18446744073709551615"), &n) && n == UINT64_MAX);
	assert_false(slice_to_u64(SLICE("18446744073709551616"), &n));
	assert_false(slice_to_u64(SLICE(""), &n));
	assert_false(slice_to_u64(SLICE("-1"), &n));
	assert_true(slice_compare(SLICE("a"), SLICE("ab")) < 0);
}

static void test_clock(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t t;

	(void)state;
	clock_rfc3339(1763785200, text);
	assert_string_equal(text, "2025-11-22T04:20:00Z");
	assert_true(
	    clock_parse_rfc3339(SLICE("2025-11-22T05:20:00.250+01:00"), &t) && t == 1763785200);
	assert_false(clock_parse_rfc3339(SLICE("2025-02-29T05:20:00Z"), &t));
	assert_false(clock_parse_rfc3339(SLICE("2025-11-22 05:20:00"), &t));
	assert_false(clock_parse_rfc3339(SLICE("2025-11-22T05:20:00.Z"), &t));
	clock_rfc3339(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

/* The reference vector of SipHash-1-3 for the key 00..0f and the empty input, from the authors'
 * code. */
static void test_hash(void **state)
{
	struct hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

	(void)state;
	assert_true(hash_bytes(&key, SLICE("")) == 0xabac0158050fc4dcu);
	assert_true(hash_bytes(&key, SLICE("abcdefgh")) != hash_bytes(&key, SLICE("abcdefgi")));
	assert_true(hash_bytes(&key, SLICE("abc")) != hash_bytes(&key, SLICE("abc\0")));
}

static void test_utf8(void **state)
{
	BUFFER_AUTO struct buffer b = {0};

	(void)state;
	assert_true(utf8_valid(SLICE("aé€😀")));
	assert_false(utf8_valid(SLICE("\xc0\x80")));
	assert_false(utf8_valid(SLICE("\xed\xa0\x80")));
	assert_false(utf8_valid(SLICE("\xf4\x90\x80\x80")));
	assert_false(utf8_valid(SLICE("\xe2\x82")));
	utf8_append_valid(&b, SLICE("a\xff"
				    "b\xe2\x82"));
	assert_string_equal(buffer_string(&b), "a\xef\xbf\xbd"
					       "b\xef\xbf\xbd\xef\xbf\xbd");
	assert_int_equal(utf8_first(SLICE("a€"), 3).len, 1);
	assert_int_equal(utf8_first(SLICE("a€"), 4).len, 4);
}

static void test_error(void **state)
{
	struct error err;

	(void)state;
	assert_false(error_set(&err, "bad_id", "no such ID: %s", "X"));
	error_prefix(&err, "line %d", 3);
	assert_string_equal(err.text, "line 3: no such ID: X");
	assert_string_equal(err.code, "bad_id");
	assert_false(error_set(NULL, "x", "y"));
}

/* Across the border between allocations and pages, both ways: what was there stays, what is new is
 * zero, also where something was before it shrank. */
static void test_region(void **state)
{
	static const size_t sizes[] = {
	    1, 1000, 70000, 65536, 100000, 262144, 66000, 300000, 65535, 65536, 65537, 1, 0, 5};
	uint32_t *region = NULL;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		region = region_resize(region, count, sizes[i], sizeof(*region));
		for (size_t k = 0; k < sizes[i]; k++) {
			assert_int_equal(region[k], k < count ? k + 1 : 0);
			region[k] = (uint32_t)k + 1;
		}
		count = sizes[i];
	}
	region_free(region, count, sizeof(*region));
	region_free(NULL, 5, 1);
}

/* Those between and around them stay open. */
static void test_close_all(void **state)
{
	int fds[8], kept[3], list[6];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	kept[0] = fds[0];
	kept[1] = fds[4];
	kept[2] = fds[7];
	memcpy(list, (int[]){fds[1], fds[2], fds[3], -1, fds[6], fds[5]}, sizeof(list));
	fd_close_all(list, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(list[i], -1);
	for (size_t i = 0; i < 8; i++) {
		bool open_still = i == 0 || i == 4 || i == 7;

		assert_int_equal(fcntl(fds[i], F_GETFD) >= 0, open_still);
	}
	fd_close_all(kept, 3);
	fd_close_all(kept, 3);
}

static void test_log_limit(void **state)
{
	struct log_limit limit = {0};
	unsigned left_out, written = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		written += log_limit_take(&limit, 5000 + i, &left_out);
	assert_int_equal(written, LOG_LIMIT_LINES);
	assert_true(log_limit_take(&limit, 5000 + LOG_LIMIT_MS, &left_out));
	assert_int_equal(left_out, 1000 - LOG_LIMIT_LINES);
	assert_true(log_limit_take(&limit, 5001 + LOG_LIMIT_MS, &left_out));
	assert_int_equal(left_out, 0);
}

static void test_users(void **state)
{
	struct user_ids ids;
	uint32_t gid;

	(void)state;
	assert_true(user_find("root", &ids) && ids.uid == 0 && ids.gid == 0);
	assert_true(user_find("65521", &ids) && ids.uid == 65521 && ids.gid == 65521);
	assert_false(user_find("roo", &ids));
	assert_false(user_find("", &ids));
	assert_false(user_find("4294967295", &ids)); /* "no change" */
	assert_true(user_parse(SLICE("a:x:7:8:A User:/home:/bin/sh"), &ids));
	assert_true(ids.uid == 7 && ids.gid == 8);
	assert_false(user_parse(SLICE("a:x:7"), &ids));
	assert_false(user_parse(SLICE("a:x::8:"), &ids));
	assert_false(user_parse(SLICE("a:x:-1:8:"), &ids));
	assert_true(group_find("root", &gid) && gid == 0);
	assert_true(group_parse(SLICE("g:x:12:a,b"), &gid) && gid == 12);
	assert_false(group_parse(SLICE("g:x:"), &gid));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_log_limit),
	    cmocka_unit_test(test_cursor_reads_what_buffer_wrote),
	    cmocka_unit_test(test_cursor_stays_failed),
	    cmocka_unit_test(test_slice),
	    cmocka_unit_test(test_clock),
	    cmocka_unit_test(test_hash),
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_error),
	    cmocka_unit_test(test_region),
	    cmocka_unit_test(test_close_all),
	    cmocka_unit_test(test_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
