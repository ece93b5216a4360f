#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/series.h"
#include "store/series_rows.h"
#include "store/store_test_place.h"

#define DAY INT64_C(86400)
#define START (INT64_C(20000) * DAY)

static void put_total(struct buffer *batch, int64_t taken, enum series_what what, uint64_t n)
{
	series_put(batch, taken, RATE_TOTAL, what, &(struct series_item){SLICE(""), n}, 1, 0);
}

static void put_one(
    struct buffer *batch, int64_t taken, enum rate_kind kind, const char *key, uint64_t n)
{
	series_put(
	    batch, taken, kind, SERIES_RECEIVED, &(struct series_item){slice_of(key), n}, 1, 1);
}

static void store(struct place *p, struct buffer *batch)
{
	struct error err;

	assert_int_equal(series_store(p->db, buffer_slice(batch), &err), DB_OK);
	buffer_clear(batch);
}

static void read(struct place *p, struct series_range *range)
{
	struct error err;

	assert_int_equal(series_read(p->db, range, &err), DB_OK);
}

static int64_t number(struct place *p, const char *sql)
{
	struct error err;
	struct db_statement *s = db_statement(p->db, sql, &err);
	int64_t number;

	assert_int_equal(db_step(s, &err), DB_OK);
	number = db_int(s, 0);
	db_reset(s);
	return number;
}

static void test_gaps_zeros_and_others(void **state)
{
	struct place *p = *state;
	BUFFER_AUTO struct buffer batch = {0};
	struct series_range range = {.kind = RATE_LOGIN,
	    .what = SERIES_RECEIVED,
	    .from = START,
	    .to = START + 1500,
	    .max_points = 100,
	    .limit = 2};
	int64_t newest;
	struct error err;

	/* Steps 0, 1 and 3 are known; in 1 nobody signed in. */
	put_total(&batch, START, SERIES_RECEIVED, 30);
	series_put(&batch, START, RATE_LOGIN, SERIES_RECEIVED,
	    (struct series_item[]){{SLICE("a"), 10}, {SLICE("b"), 5}, {SLICE("c"), 2}}, 3, 7);
	put_total(&batch, START + 300, SERIES_RECEIVED, 0);
	put_total(&batch, START + 900, SERIES_RECEIVED, 4);
	put_one(&batch, START + 900, RATE_LOGIN, "b", 3);
	store(p, &batch);
	for (int again = 0; again < 2; again++) {
		read(p, &range);
		assert_int_equal(range.step, 300);
		assert_int_equal(range.count, 5);
		assert_int_equal(range.line_count, 2);
		assert_string_equal(range.lines[0].key, "a");
		assert_string_equal(range.lines[1].key, "b");
		assert_int_equal(range.lines[0].values[0], 10);
		assert_int_equal(range.lines[0].values[1], 0);
		assert_int_equal(range.lines[0].values[2], SERIES_GAP);
		assert_int_equal(range.lines[0].values[3], 0);
		assert_int_equal(range.lines[1].values[3], 3);
		assert_int_equal(range.other[0], 9);
		assert_int_equal(range.other[2], SERIES_GAP);
		assert_int_equal(range.other[3], 1);
		assert_int_equal(range.known_from, START);
		series_free(&range);
		/* The same again: nothing is counted twice. */
		put_total(&batch, START + 900, SERIES_RECEIVED, 4);
		put_one(&batch, START + 900, RATE_LOGIN, "b", 3);
		store(p, &batch);
	}
	range.max_points = 2;
	read(p, &range);
	assert_int_equal(range.step, 900);
	assert_int_equal(range.lines[0].values[0], 10);
	assert_int_equal(range.lines[1].values[1], 3);
	series_free(&range);
	assert_int_equal(series_newest(p->db, &newest, &err), DB_OK);
	assert_int_equal(newest, START + 900);
	range.to = range.from;
	assert_int_equal(series_read(p->db, &range, &err), DB_REFUSED);
}

/* Depths: the largest counts. Beside them rates of long ago may still be coming. */
static void test_depths_and_hours(void **state)
{
	struct place *p = *state;
	BUFFER_AUTO struct buffer batch = {0};
	struct series_range range = {
	    .kind = RATE_LOGIN, .from = START, .to = START + 7200, .max_points = 100, .limit = 8};

	for (int64_t i = 0; i < 24; i++) {
		series_put(&batch, START + i * 300, RATE_LOGIN, SERIES_DEPTH,
		    (struct series_item[]){{SLICE("a"), (uint64_t)(10 + i)}, {SLICE("b"), 1}}, 2,
		    3);
		store(p, &batch);
		put_total(&batch, START + i * 300, SERIES_RECEIVED, 2);
		put_one(&batch, START + i * 300, RATE_LOGIN, "a", 2);
		store(p, &batch);
	}
	/* 35 days and an hour later the first of the two hours is one. */
	series_put(&batch, START + 35 * DAY + 3600, RATE_LOGIN, SERIES_DEPTH, NULL, 0, 0);
	store(p, &batch);
	assert_int_equal(
	    number(p, "SELECT count(*) FROM series WHERE step = 300 AND what = 0"), 13);
	assert_int_equal(
	    number(p, "SELECT count(*) FROM series WHERE step = 300 AND what = 1"), 48);
	read(p, &range);
	assert_int_equal(range.step, 3600);
	assert_int_equal(range.lines[0].values[0], 21);
	assert_int_equal(range.lines[0].values[1], 33);
	assert_int_equal(range.lines[1].values[0], 1);
	assert_int_equal(range.other[0], 3);
	series_free(&range);
	put_total(&batch, START + 35 * DAY + 7200, SERIES_RECEIVED, 1);
	store(p, &batch);
	assert_int_equal(number(p, "SELECT count(*) FROM series WHERE step = 300 AND what = 1"), 1);
	range.what = SERIES_RECEIVED;
	read(p, &range);
	assert_int_equal(range.lines[0].values[0], 24);
	assert_int_equal(range.lines[0].values[1], 24);
	assert_int_equal(range.other[1], 12);
	series_free(&range);
	/* After three years nothing is left of it, and of its texts. */
	put_total(&batch, START + 1200 * DAY, SERIES_RECEIVED, 1);
	store(p, &batch);
	series_put(&batch, START + 1200 * DAY, RATE_LOGIN, SERIES_DEPTH, NULL, 0, 0);
	store(p, &batch);
	put_total(&batch, START + 1201 * DAY, SERIES_RECEIVED, 1);
	store(p, &batch);
	assert_int_equal(number(p, "SELECT count(*) FROM series WHERE taken < 1800000000"), 0);
	assert_int_equal(number(p, "SELECT count(*) FROM series_keys"), 0);
}

/* The worst that can come: other keys in each sample. The oldest goes, and the file keeps to what
 * was counted. */
static void test_size(void **state)
{
	struct place *p = *state;
	BUFFER_AUTO struct buffer batch = {0};
	struct error err;
	struct stat st;
	int64_t bytes, oldest;
	unsigned serial = 0;

	for (int64_t i = 0; i < 200; i++) {
		for (enum rate_kind kind = RATE_CAUSE; kind < RATE_KINDS; kind++) {
			struct series_item items[SERIES_LARGEST];
			char keys[SERIES_LARGEST][64];

			for (size_t j = 0; j < SERIES_LARGEST; j++) {
				snprintf(keys[j], sizeof(keys[j]), "user%u@some-domain.example",
				    serial++);
				items[j] = (struct series_item){slice_of(keys[j]), 1000 - j};
			}
			for (enum series_what what = SERIES_RECEIVED; what < SERIES_WHATS; what++)
				series_put(
				    &batch, START + i * 300, kind, what, items, SERIES_LARGEST, 5);
		}
		if (batch.len > SERIES_BATCH_BYTES || i == 199)
			store(p, &batch);
	}
	bytes = number(p, "SELECT bytes FROM series_size");
	assert_int_equal(stat(p->path, &st), 0);
	print_message("counted %lld, file and log %lld\n", (long long)bytes,
	    (long long)number(p, "SELECT page_count * 4096 FROM pragma_page_count"));
	assert_true(
	    number(p, "SELECT page_count * 4096 FROM pragma_page_count") < bytes + (1 << 20));
	assert_int_equal(series_trim(p->db, bytes / 2, &err), DB_OK);
	assert_true(number(p, "SELECT bytes FROM series_size") <= bytes / 2);
	assert_int_equal(series_trim(p->db, bytes, &err), DB_OK);
	oldest = number(p, "SELECT coalesce(min(taken), 0) FROM series");
	assert_true(oldest == 0 || oldest > START);
	assert_int_equal(series_trim(p->db, 0, &err), DB_OK);
	assert_int_equal(number(p, "SELECT bytes FROM series_size"), 0);
	assert_int_equal(number(p, "SELECT count(*) FROM series_keys"), 0);
}

static void test_rows(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct series_row in = {.other = UINT64_MAX,
			      .count = 2,
			      .items = {{127, 128}, {INT64_C(1) << 40, 0}}},
			  out;

	(void)state;
	series_row_put(&b, &in);
	assert_true(series_row_get(buffer_slice(&b), &out));
	assert_true(out.other == in.other && out.count == 2 && out.items[0].n == 128 &&
		    out.items[1].id == in.items[1].id);
	for (size_t len = 0; len < b.len; len++)
		(void)series_row_get(slice_first(buffer_slice(&b), len), &out);
	assert_false(series_row_get(slice_first(buffer_slice(&b), b.len - 1), &out));
	assert_false(series_row_get(SLICE(""), &out));
	assert_true(series_row_get(SLICE("\x05"), &out) && out.other == 5 && out.count == 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_gaps_zeros_and_others),
	    TEST(test_depths_and_hours),
	    TEST(test_size),
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
