#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/store_test_place.h"
#include "watch/history.h"

static bool count_nothing(void *owner, struct sample *sample)
{
	bool *known = owner;

	sample->count[SAMPLES_DEFERRED] = 7;
	return *known;
}

static enum db_result read_samples(struct db *db, void *arg, struct error *err)
{
	return samples_read(db, arg, err);
}

static void test_history(void **state)
{
	struct place *p = *state;
	bool known = false;
	struct store *store = store_create(p->path);
	struct history *h = history_create(store, 300, count_nothing, &known);
	struct samples_range range = {
	    .from = clock_now() - 3600, .to = clock_now() + 3600, .max_points = 100};

	history_tick(h);
	assert_int_equal(store_pending(store), 0); /* not known: a gap */
	known = true;
	history_tick(h);
	history_tick(h);
	assert_int_equal(store_pending(store), 1);
	assert_true(history_deadline_ms(h) <= clock_monotonic_ms() + 300000);
	store_read(store, read_samples, NULL, &range);
	while (store_pending(store) > 0) {
		struct pollfd answer = {.fd = store_fd(store), .events = POLLIN};

		assert_true(poll(&answer, 1, -1) >= 0);
		store_dispatch(store);
	}
	assert_int_equal(range.count, 1);
	assert_int_equal(range.points[0].count[SAMPLES_DEFERRED], 7);
	free(range.points);
	history_destroy(&h);
	store_destroy(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_history, place_set_up, place_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
