#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/dict.h"

static struct slice name(char *out, size_t size, unsigned n)
{
	snprintf(out, size, "sender%u@domain%u.example", n, n % 977);
	return slice_of(out);
}

/* Every string its own: one number each, dense, found again, and all of the memory given back. */
static void test_a_million_distinct(void **state)
{
	enum { MANY = 1000000 };
	struct dict d;
	char text[64];
	size_t own = 0;

	dict_init(&d, false);
	for (unsigned n = 0; n < MANY; n++) {
		struct slice s = name(text, sizeof(text), n);
		own += s.len;
		assert_int_equal(dict_intern(&d, s), n + 1);
	}
	assert_true(dict_memory(&d) < own + own / 8 + (size_t)MANY * 24);
	for (unsigned n = 0; n < MANY; n += 7) {
		struct slice s = name(text, sizeof(text), n);
		assert_int_equal(dict_find(&d, s), n + 1);
		assert_true(slice_equal(dict_text(&d, n + 1), s));
	}
	assert_int_equal(dict_find(&d, SLICE("sender@domain.example")), 0);
	for (unsigned n = 0; n < MANY; n += 2)
		assert_true(dict_release(&d, n + 1, NULL));
	for (unsigned n = 0; n < MANY; n += 7)
		assert_int_equal(
		    dict_find(&d, name(text, sizeof(text), n)), n % 2 == 0 ? 0 : n + 1);
	for (unsigned n = 0; n < MANY; n += 2)
		assert_true(dict_intern(&d, name(text, sizeof(text), MANY + n)) <= MANY);
	dict_free(&d);
}

#define PLAIN 300
struct plain {
	unsigned uses;
	uint32_t number, note;
};

static void check_against(const struct dict *d, const struct plain *plain)
{
	char text[64];

	for (unsigned i = 0; i < PLAIN; i++) {
		struct slice s = name(text, sizeof(text), i);
		assert_int_equal(dict_find(d, s), plain[i].uses ? plain[i].number : 0);
		if (plain[i].uses == 0)
			continue;
		assert_true(dict_used(d, plain[i].number));
		assert_true(slice_equal(dict_text(d, plain[i].number), s));
		assert_int_equal(d->note[plain[i].number], plain[i].note);
	}
}

/* Against a plain table: numbers stay while they are used, and come back when they are not. */
static void test_against_a_plain_table(void **state)
{
	struct plain plain[PLAIN] = {0};
	struct dict d;
	char text[64];
	uint32_t note = 0;

	srandom(11);
	dict_init(&d, true);
	for (unsigned step = 0; step < 200000; step++) {
		unsigned i = (unsigned)random() % (step % 20000 < 10000 ? PLAIN : 40);
		struct slice s = name(text, sizeof(text), i);
		struct plain *p = &plain[i];
		if (random() % 2) {
			uint32_t number = dict_intern(&d, s);
			assert_true(number <= PLAIN && (!p->uses || number == p->number));
			p->number = number;
			if (p->uses++ == 0)
				d.note[number] = p->note = step;
		} else if (p->uses > 0) {
			assert_int_equal(dict_release(&d, p->number, &note), --p->uses == 0);
			assert_int_equal(p->uses == 0 ? note : p->note, p->note);
		}
		if (step % 1000 == 0)
			check_against(&d, plain);
	}
	dict_free(&d);
}

static void test_lengths(void **state)
{
	static const size_t lengths[] = {1, 2, 3, 65533, 65534, 65535, 65536, 65537, 3000000, 1};
	MEMORY_AUTO char *text = memory_alloc(3000000);
	struct dict d;

	memset(text, 'x', 3000000);
	dict_init(&d, false);
	assert_int_equal(dict_intern(&d, SLICE("")), 0);
	assert_false(dict_release(&d, 0, NULL));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct slice s = {text, lengths[i]};
		uint32_t number = dict_intern(&d, s);
		assert_int_equal(number, i == 9 ? 1 : i + 1);
		assert_true(slice_equal(dict_text(&d, number), s));
	}
	assert_true(dict_text(&d, 0).len == 0 && dict_used(&d, 0) && !dict_used(&d, 100));
	assert_false(dict_release(&d, 1, NULL));
	/* The long one takes the others' dead text with it when it goes. */
	for (uint32_t n = 1; n < 10; n++)
		assert_true(dict_release(&d, n, NULL));
	assert_true(d.arena_len == 0 || d.arena_dead < d.arena_len);
	dict_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_million_distinct),
	    cmocka_unit_test(test_against_a_plain_table),
	    cmocka_unit_test(test_lengths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
