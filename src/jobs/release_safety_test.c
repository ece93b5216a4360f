#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jobs/release_safety.h"

#define SECOND INT64_C(1000000)
/* What the wall clock shows beyond the clock that never steps. */
#define OFFSET (INT64_C(1800000000) * SECOND)

static struct found on_hold(int64_t changed_us)
{
	return (struct found){
	    .state = FOUND_HERE, .queue = QUEUE_HOLD, .inode = 7, .changed_us = changed_us};
}

static struct release_sight seen_at(int64_t changed_us, int64_t boot_us)
{
	struct release_sight sight = {0};
	struct found found = on_hold(changed_us);

	release_sight_take(&sight, &found, boot_us);
	return sight;
}

static struct release_facts running_since(int64_t boot_us)
{
	return (struct release_facts){.wall_offset_us = OFFSET,
	    .qmgr = {.known = true, .alive = true, .started_boot_us = boot_us}};
}

static void test_times(void **state)
{
	static const struct {
		int64_t changed, started;
		bool safe;
	} cases[] = {
	    {100 * SECOND + 1, 50 * SECOND, false}, /* before the hold: it may know the message */
	    {100 * SECOND + 1, 100 * SECOND + 1, false},
	    {100 * SECOND + 1, 100 * SECOND + 100001, false}, /* within what clocks may differ */
	    {100 * SECOND + 1, 100 * SECOND + 100002, true},  /* after the hold, before the look */
	    {100 * SECOND + 1, 201 * SECOND, true},
	    {100 * SECOND, 102 * SECOND, false}, /* whole seconds may be all that is kept */
	    {100 * SECOND, 102 * SECOND + 1, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct release_sight sight = seen_at(OFFSET + cases[i].changed, 200 * SECOND);
		struct release_facts facts = running_since(cases[i].started);

		assert_int_equal(release_is_safe(&sight, &facts), cases[i].safe);
	}
}

/* What nobody knows is never safe. */
static void test_unknown(void **state)
{
	struct release_facts facts = running_since(300 * SECOND);
	struct release_sight sight = {0};

	(void)state;
	assert_false(release_is_safe(&sight, &facts)); /* not looked at */
	/* Without a ctime, as in listings, only the order of what was seen counts. */
	sight = seen_at(0, 200 * SECOND);
	assert_true(release_is_safe(&sight, &facts));
	facts = running_since(200 * SECOND);
	assert_false(release_is_safe(&sight, &facts));
	sight = seen_at(OFFSET, 200 * SECOND);
	facts = (struct release_facts){.wall_offset_us = OFFSET};
	assert_false(release_is_safe(&sight, &facts)); /* no queue manager to be seen */
	facts.reloaded_boot_us = 200 * SECOND;
	assert_false(release_is_safe(&sight, &facts));
	facts.reloaded_boot_us = 200 * SECOND + 1;
	assert_true(release_is_safe(&sight, &facts));
	facts.qmgr.known = true; /* it is stopped, and knows nothing when it begins again */
	facts.reloaded_boot_us = 0;
	assert_true(release_is_safe(&sight, &facts));
}

/* Of two looks at the same file the first counts; what has been away in between begins anew. */
static void test_sights(void **state)
{
	struct release_facts facts = running_since(250 * SECOND);
	struct release_sight sight = seen_at(0, 200 * SECOND);
	struct found found = on_hold(0);

	(void)state;
	release_sight_take(&sight, &found, 300 * SECOND);
	assert_true(release_is_safe(&sight, &facts));
	found.changed_us = OFFSET + 299 * SECOND; /* released and held again */
	release_sight_take(&sight, &found, 300 * SECOND);
	assert_false(release_is_safe(&sight, &facts));
	found = on_hold(0);
	found.inode = 8; /* another message of that short ID */
	sight = seen_at(0, 200 * SECOND);
	release_sight_take(&sight, &found, 300 * SECOND);
	assert_false(release_is_safe(&sight, &facts));
	sight = seen_at(0, 200 * SECOND);
	found.queue = QUEUE_ACTIVE;
	release_sight_take(&sight, &found, 300 * SECOND);
	assert_false(sight.seen);
}

/* The hold was made when the clock showed another time than now. */
static void test_clock_steps(void **state)
{
	/* Held at 100 s of a queue manager that began at 50 s; then the clock was set an hour
	 * forward, so that 50 s is now called an hour later than it was. */
	struct release_sight sight = seen_at(OFFSET + 100 * SECOND, 200 * SECOND);
	struct release_facts facts = running_since(50 * SECOND);

	(void)state;
	facts.wall_offset_us = OFFSET; /* the smaller one that was seen before the step */
	assert_false(release_is_safe(&sight, &facts));
	/* Set an hour back after the hold: only the order of what was seen helps. */
	facts = running_since(150 * SECOND);
	facts.wall_offset_us = OFFSET - 3600 * SECOND;
	assert_false(release_is_safe(&sight, &facts));
	facts.qmgr.started_boot_us = 201 * SECOND;
	assert_true(release_is_safe(&sight, &facts));
}

/* Put on hold from deferred by this product's own command, which ended at `idle_us`. */
static void test_from_deferred(void **state)
{
	struct release_facts facts = running_since(50 * SECOND);
	struct release_sight sight = seen_at(OFFSET + 100 * SECOND, 200 * SECOND);

	(void)state;
	sight.idle_us = OFFSET + 101 * SECOND;
	assert_true(release_is_safe(&sight, &facts));
	sight.idle_us = OFFSET + 99 * SECOND; /* changed since: held again by somebody */
	assert_false(release_is_safe(&sight, &facts));
	sight.idle_us = OFFSET + 10000 * SECOND; /* not that hold */
	assert_false(release_is_safe(&sight, &facts));
	sight = seen_at(0, 200 * SECOND); /* nobody knows whether it is that hold */
	sight.idle_us = OFFSET + 101 * SECOND;
	assert_false(release_is_safe(&sight, &facts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_sights),
	    cmocka_unit_test(test_clock_steps),
	    cmocka_unit_test(test_from_deferred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
