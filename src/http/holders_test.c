/* What one person may have, and that it is his alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "http/holders.h"

#define MB ((int64_t)1 << 20)
#define HOUR_MS 3600000

static int set_up(void **state)
{
	*state = holders_create();
	return 0;
}

static int tear_down(void **state)
{
	struct holders *holders = *state;

	holders_destroy(&holders);
	return 0;
}

static enum holders_answer take(
    struct holders *holders, uint64_t person, enum http_hold hold, int64_t now_ms)
{
	struct holder_claim claim = {
	    .person = person, .name = "ann", .via = "session", .hold = hold};
	int64_t seconds;

	return holders_take(holders, &claim, now_ms, &seconds);
}

/* Of content, and how long he has to wait: -1 not at all. */
static int64_t read_content(struct holders *holders, uint64_t person, int64_t bytes, int64_t now_ms)
{
	struct holder_claim claim = {.person = person,
	    .name = "ann",
	    .via = "token",
	    .is_content = true,
	    .content_per_hour = 36 * MB};
	int64_t seconds = 0;

	if (holders_take(holders, &claim, now_ms, &seconds) != HOLDERS_TAKEN)
		return seconds;
	holders_sent(holders, person, (size_t)bytes, true);
	holders_give(holders, person, HTTP_HOLD_REQUEST);
	return -1;
}

static void test_each_for_himself(void **state)
{
	for (int hold = 0; hold < HTTP_HOLDS; hold++) {
		for (unsigned i = 0; i < http_hold_max((enum http_hold)hold); i++)
			assert_int_equal(take(*state, 4, (enum http_hold)hold, 1), HOLDERS_TAKEN);
		assert_int_equal(take(*state, 4, (enum http_hold)hold, 1), HOLDERS_TOO_MANY);
		assert_int_equal(take(*state, 8, (enum http_hold)hold, 1), HOLDERS_TAKEN);
		holders_give(*state, 4, (enum http_hold)hold);
		assert_int_equal(take(*state, 4, (enum http_hold)hold, 1), HOLDERS_TAKEN);
	}
	/* What nobody has is given back by nobody. */
	holders_give(*state, 99, HTTP_HOLD_JOB);
}

static void test_content_of_an_hour(void **state)
{
	int64_t now = 1000;

	/* What is under way may go on: only the next one waits. */
	assert_int_equal(read_content(*state, 4, 35 * MB, now), -1);
	assert_int_equal(read_content(*state, 4, 37 * MB, now), -1);
	/* 72 MB of 36: a whole hour, and a moment. */
	assert_in_range(read_content(*state, 4, MB, now), 3590, 3610);
	assert_int_equal(read_content(*state, 8, MB, now), -1);
	/* It runs off evenly, however often somebody asks. */
	for (int i = 0; i < 36000; i++) {
		now += 50;
		assert_true(read_content(*state, 4, MB, now) > 0);
	}
	assert_in_range(read_content(*state, 4, MB, now), 1700, 1900);
	now += HOUR_MS / 2 + 60000;
	assert_int_equal(read_content(*state, 4, 2 * MB, now), -1);
	/* A day later nothing counts any more, and nothing is saved up. */
	now += 24 * (int64_t)HOUR_MS;
	assert_int_equal(read_content(*state, 4, 36 * MB, now), -1);
	assert_true(read_content(*state, 4, MB, now) > 0);
	/* Whoever is not counted reads on. */
	assert_int_equal(take(*state, 4, HTTP_HOLD_DOWNLOAD, now), HOLDERS_TAKEN);
}

static void count(void *context, const struct http_person *person)
{
	struct http_person *sum = context;

	sum->requests += person->requests;
	sum->refused += person->refused;
	sum->bytes += person->bytes;
	sum->content_bytes += person->content_bytes;
	sum->worked_us += person->worked_us;
	sum->now[HTTP_HOLD_EVENTS] += person->now[HTTP_HOLD_EVENTS];
	sum->person++;
}

static void test_what_is_told(void **state)
{
	struct http_person sum = {0};

	assert_int_equal(read_content(*state, 4, 100, 1), -1);
	assert_int_equal(take(*state, 8, HTTP_HOLD_EVENTS, 1), HOLDERS_TAKEN);
	holders_sent(*state, 8, 50, false);
	holders_worked(*state, 8, 700);
	holders_worked(*state, 12, 700);
	holders_each(*state, count, &sum);
	assert_int_equal(sum.person, 2);
	assert_int_equal(sum.requests, 2);
	assert_int_equal(sum.bytes, 150);
	assert_int_equal(sum.content_bytes, 100);
	assert_int_equal(sum.worked_us, 700);
	assert_int_equal(sum.now[HTTP_HOLD_EVENTS], 1);
}

/* Persons without number (of single sign-on) do not fill the memory, and nobody who is at something
 * is forgotten. */
static void test_bounded(void **state)
{
	struct http_person sum = {0};

	assert_int_equal(take(*state, 1, HTTP_HOLD_EVENTS, 0), HOLDERS_TAKEN);
	for (uint64_t person = 2; person < 20000; person++) {
		assert_int_equal(
		    take(*state, person, HTTP_HOLD_REQUEST, (int64_t)person), HOLDERS_TAKEN);
		holders_give(*state, person, HTTP_HOLD_REQUEST);
	}
	holders_each(*state, count, &sum);
	assert_int_equal(sum.person, HOLDERS_KEPT);
	assert_int_equal(sum.now[HTTP_HOLD_EVENTS], 1);
	/* Also where all of them are at something. */
	for (uint64_t person = 30000; person < 30000 + 2 * HOLDERS_KEPT; person++)
		assert_int_equal(take(*state, person, HTTP_HOLD_REQUEST, 99999), HOLDERS_TAKEN);
	for (uint64_t person = 30000; person < 30000 + 2 * HOLDERS_KEPT; person++)
		holders_give(*state, person, HTTP_HOLD_REQUEST);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_each_for_himself),
	    TEST(test_content_of_an_hour), TEST(test_what_is_told), TEST(test_bounded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
