#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "logreader/log_repeats.h"

#define START INT64_C(1764496800) /* 2025-11-30T10:00:00Z, the beginning of a step */

static int set_up(void **state)
{
	*state = log_repeats_create();
	return 0;
}

static int tear_down(void **state)
{
	struct log_repeats *r = *state;

	log_repeats_destroy(&r);
	log_repeats_destroy(&r);
	return 0;
}

static void add(struct log_repeats *r, int64_t second, const char *id, const char *sender,
    const char *recipient)
{
	log_repeats_add(r, START + second, slice_of(id), slice_of(sender), slice_of(recipient));
}

static struct log_repeat found[2 * LOG_REPEATS_TOLD];

static size_t find(struct log_repeats *r, int64_t second)
{
	return log_repeats_find(r, START + second, found);
}

static void test_the_same_message_again(void **state)
{
	struct log_repeats *r = *state;

	for (int i = 0; i < 12; i++)
		add(r, i * 20, "<4711@shop.example>", "a@shop.example", "b@office.example");
	/* Each has one recipient of the same ID: a list, in pieces. */
	for (int i = 0; i < 40; i++) {
		char to[32];
		snprintf(to, sizeof(to), "member%d@list.example", i);
		add(r, i, "<9@list.example>", "list@office.example", to);
	}
	assert_int_equal(find(r, 300), 2);
	assert_true(found[0].message_id && slice_is(found[0].text, "<4711@shop.example>"));
	assert_true(slice_is(found[0].sender, "a@shop.example"));
	assert_int_equal(found[0].times, 12);
	assert_true(!found[1].message_id && slice_is(found[1].text, "b@office.example"));
	/* Half an hour later it is over. */
	assert_int_equal(find(r, 1799), 2);
	assert_int_equal(find(r, 2100), 0);
}

static void test_two_that_answer(void **state)
{
	struct log_repeats *r = *state;

	for (int i = 0; i < 30; i++) {
		char id[32];
		snprintf(id, sizeof(id), "<%d@x>", i);
		/* Over five steps. */
		add(r, i * 45, id, "a@shop.example", "b@office.example");
		if (i % 2 == 0)
			add(r, i * 45, "<same@x>", "b@office.example", "a@shop.example");
		add(r, i * 45, id, "<>", "c@shop.example");
	}
	assert_int_equal(find(r, 1350), 3);
	assert_true(found[0].message_id && found[0].times == 15);
	assert_true(!found[1].message_id && found[1].times == 30);
	assert_true(slice_is(found[1].sender, "a@shop.example"));
	assert_true(found[2].times == 15 && slice_is(found[2].sender, "b@office.example"));
}

/* The most often stay, in a bounded list, whatever comes beside them. */
static void test_bounds(void **state)
{
	static char longest[LOG_REPEATS_TEXT_MAX + 2];
	struct log_repeats *r = *state;
	size_t count, memory;

	memset(longest, 'x', sizeof(longest) - 1);
	for (int round = 0; round < 30; round++) {
		for (int i = 0; i < 1500; i++) {
			char to[32];
			snprintf(to, sizeof(to), "%d-%d@there.example", round, i);
			add(r, round * 10, to, "news@office.example", to);
		}
		for (int i = 0; i < 40; i++) {
			char to[32];
			snprintf(to, sizeof(to), "r%d@there.example", i);
			for (int n = 0; n <= i / 8; n++)
				add(r, round * 10, "<id@x>", "a@office.example", to);
		}
		add(r, round * 10, longest, "a@office.example", longest);
		add(r, round * 10, "<id@x>", longest, "b@there.example");
		add(r, round * 10, "<id@x>", "", "b@there.example");
	}
	memory = log_repeats_memory(r);
	assert_true(memory < (size_t)12 << 20);
	count = find(r, 300);
	assert_int_equal(count, 2 * LOG_REPEATS_TOLD);
	/* Never more than came: with as many keys as there is room for, less. */
	assert_true(found[0].times <= 150 && found[0].times >= 30);
	for (size_t i = 1; i < LOG_REPEATS_TOLD; i++)
		assert_true(found[i].times <= found[i - 1].times);
	for (size_t i = 0; i < count; i++)
		assert_true(found[i].text.len <= LOG_REPEATS_TEXT_MAX &&
			    found[i].times >= LOG_REPEATS_LEAST);
}

static void test_clocks(void **state)
{
	struct log_repeats *r = *state;

	for (int i = 0; i < 10; i++)
		add(r, 7200, "", "a@shop.example", "b@office.example");
	/* Late lines count in their step, later ones nothing, a jump back begins anew. */
	for (int i = 0; i < 10; i++)
		add(r, 7200 - 900, "", "a@shop.example", "b@office.example");
	assert_int_equal(find(r, 7200), 1);
	assert_int_equal(found[0].times, 20);
	for (int i = 0; i < 10; i++)
		add(r, 7200 - 2400, "", "a@shop.example", "b@office.example");
	assert_int_equal(find(r, 7200), 1);
	assert_int_equal(found[0].times, 20);
	for (int i = 0; i < 7; i++)
		add(r, 0, "", "a@shop.example", "b@office.example");
	assert_int_equal(find(r, 0), 1);
	assert_int_equal(found[0].times, 7);
	log_repeats_add(r, -5, SLICE("<x@y>"), SLICE("a@b"), SLICE("c@d"));
	log_repeats_reset(r);
	assert_int_equal(find(r, 0), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_the_same_message_again),
	    TEST(test_two_that_answer),
	    TEST(test_bounds),
	    TEST(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
