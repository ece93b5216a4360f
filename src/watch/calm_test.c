#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "watch/calm.h"

static void expect(const struct calm *calm, const char *sentence)
{
	SAID_AUTO struct said out = {0};

	calm_sentence(&out, calm);
	assert_string_equal(buffer_string(&out.text), sentence);
	assert_true(slice_starts_with(buffer_slice(&out.words), "{\"code\":\"calm_"));
}

static void test_sentences(void **state)
{
	struct calm c = {.queue_known = true,
	    .deferred = 212,
	    .oldest_age = 7500,
	    .usual = {.weeks = 4, .least = 150, .most = 240}};

	(void)state;
	expect(&c, "Nothing unusual. 212 deferred, as on other Sundays. Oldest 2 h.");
	c.weekday = 1;
	c.deferred = 900;
	expect(&c,
	    "Nothing needs somebody. 900 deferred, more than on other Mondays (usually 150 to "
	    "240). Oldest 2 h.");
	c.deferred = 12;
	c.usual.least = c.usual.most = 240;
	expect(&c,
	    "Nothing unusual. 12 deferred, fewer than on other Mondays (usually 240). Oldest 2 "
	    "h.");
	c.usual.weeks = 0;
	c.oldest_age = 300000;
	expect(&c, "Nothing unusual. 12 deferred (no history yet to compare with). Oldest 3 d.");
	c.log_behind = true;
	expect(&c, "Nothing unusual. 12 deferred (the mail log is still being read). Oldest 3 d.");
	c.log_behind = false;
	c.deferred = 0;
	c.oldest_age = -1;
	expect(&c, "Nothing unusual. Nothing deferred (no history yet to compare with).");
	c.queue_known = false;
	expect(&c, "Nothing unusual is known; the queue has not been read yet.");
	c.needs = 1;
	expect(&c, "1 needs somebody.");
	c.needs = 3;
	expect(&c, "3 need somebody.");
	c.watch = 9;
	expect(&c, "3 need somebody, 9 to watch.");
	c.needs = 0;
	expect(&c, "Nobody is needed; 9 to watch.");
}

/* A queue of a few is not compared by halves. */
static void test_small(void **state)
{
	struct calm c = {.queue_known = true,
	    .deferred = 9,
	    .oldest_age = 600,
	    .weekday = 6,
	    .usual = {.weeks = 1, .least = 0, .most = 2}};

	(void)state;
	expect(&c, "Nothing unusual. 9 deferred, as on other Saturdays. Oldest 10 min.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sentences), cmocka_unit_test(test_small)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
