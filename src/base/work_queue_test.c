#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/work_queue.h"

#define ITEMS 40

/* What became of the items, by letters in their order. */
struct world {
	struct work_queue *queue;
	struct work_item items[ITEMS];
	char worked[ITEMS + 1], told[ITEMS + 1];
	unsigned refused; /* by a `done` that puts in another one */
	bool again;
};

static char letter_of(const struct work_item *item)
{
	return (char)('a' + (int)item->lane);
}

static void work(void *context, struct work_item *item)
{
	struct world *w = context;

	w->worked[strlen(w->worked)] = letter_of(item);
}

static void done(void *context, struct work_item *item)
{
	struct world *w = context;

	w->told[strlen(w->told)] = letter_of(item);
	if (w->again)
		w->refused += !work_queue_put(w->queue, 0, item);
}

static struct work_kind kind_of(struct world *w)
{
	return (struct work_kind){
	    .threads = 1, .waiting_max = 4, .work = work, .done = done, .context = w};
}

static void wait_until_told(struct world *w, size_t count)
{
	while (strlen(w->told) < count) {
		struct pollfd fd = {work_queue_fd(w->queue), POLLIN, 0};

		assert_int_equal(poll(&fd, 1, 60000), 1);
		work_queue_dispatch(w->queue);
	}
}

static void test_done_comes_back(void **state)
{
	struct world w = {0};
	struct work_kind kind = kind_of(&w);

	(void)state;
	w.queue = work_queue_create(&kind);
	for (size_t i = 0; i < 3; i++) {
		assert_true(work_queue_put(w.queue, 0, &w.items[i]));
		wait_until_told(&w, i + 1);
	}
	assert_string_equal(w.told, "aaa");
	/* Nothing is done, and nothing is said. */
	work_queue_dispatch(w.queue);
	assert_string_equal(w.told, "aaa");
	work_queue_destroy(&w.queue);
	assert_null(w.queue);
	work_queue_destroy(&w.queue);
}

/* None may be taken before all are there: then the lanes are what is left to choose by. */
static int when_all_are_there(void *context, const unsigned waiting[WORK_LANES_MAX])
{
	static const int order[] = {2, 0, 1, 2, 0, 1, 0, 0};
	struct world *w = context;
	size_t worked = strlen(w->worked);

	if (waiting[0] + waiting[1] + waiting[2] + worked < sizeof(order) / sizeof(order[0]))
		return -1;
	return worked < sizeof(order) / sizeof(order[0]) ? order[worked] : -1;
}

static void test_lanes(void **state)
{
	struct world w = {0};
	struct work_kind kind = kind_of(&w);

	(void)state;
	kind.choose = when_all_are_there;
	w.queue = work_queue_create(&kind);
	for (size_t i = 0; i < 4; i++)
		assert_true(work_queue_put(w.queue, 0, &w.items[i]));
	/* One lane is full, and the others have room. */
	assert_false(work_queue_put(w.queue, 0, &w.items[4]));
	for (unsigned i = 0; i < 4; i++)
		assert_true(work_queue_put(w.queue, 1 + i % 2, &w.items[4 + i]));
	wait_until_told(&w, 8);
	assert_string_equal(w.worked, "cabcabaa");
	assert_string_equal(w.told, "cabcabaa");
	work_queue_destroy(&w.queue);
}

/* At the end everything is still worked on and told, and nothing more is taken. */
static void test_end(void **state)
{
	struct world w = {.again = true};
	struct work_kind kind = kind_of(&w);

	(void)state;
	kind.waiting_max = ITEMS;
	w.queue = work_queue_create(&kind);
	for (size_t i = 0; i < ITEMS; i++)
		assert_true(work_queue_put(w.queue, 3, &w.items[i]));
	work_queue_destroy(&w.queue);
	assert_int_equal(strlen(w.worked), ITEMS);
	assert_int_equal(strlen(w.told), ITEMS);
	assert_int_equal(w.refused, ITEMS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_done_comes_back),
	    cmocka_unit_test(test_lanes), cmocka_unit_test(test_end)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
