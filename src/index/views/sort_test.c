/* Sorting and selecting against qsort, on keys that are random, all the same, or in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "index/views/sort.h"

#define MAX 3000

enum shape { RANDOM, FEW_KEYS, EQUAL, ASCENDING, DESCENDING, SHAPES };

/* Three levels of each item. */
static uint64_t levels[MAX][3];

static uint64_t level_key(const void *context, uint32_t item, unsigned level)
{
	(void)context;
	return levels[item][level];
}

static int compare(const void *context, const struct sort_entry *a, const struct sort_entry *b)
{
	(void)context;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	for (int i = 0; i < 3; i++) {
		if (levels[a->item][i] != levels[b->item][i])
			return levels[a->item][i] < levels[b->item][i] ? -1 : 1;
	}
	return (a->item > b->item) - (a->item < b->item);
}

static int compare_plain(const void *a, const void *b)
{
	return compare(NULL, a, b);
}

static const struct sort_by by = {NULL, level_key, 3, compare};

static void fill(enum shape shape, struct sort_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (int l = 0; l < 3; l++) {
			uint64_t wide = (uint64_t)random() << 33 ^ (uint64_t)random();
			levels[i][l] = shape == RANDOM	    ? wide
				       : shape == FEW_KEYS  ? wide % 3
				       : shape == EQUAL	    ? 7
				       : shape == ASCENDING ? i
							    : count - i;
		}
		entries[i] = (struct sort_entry){levels[i][0], (uint32_t)i};
	}
}

static void test_sort(void **state)
{
	static const size_t counts[] = {0, 1, 2, 12, 13, 128, 129, 700, MAX};
	static struct sort_entry a[MAX], b[MAX];

	(void)state;
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
			fill(shape, a, counts[c]);
			fill(shape, b, 0);
			for (size_t i = 0; i < counts[c]; i++)
				b[i] = a[i];
			qsort(b, counts[c], sizeof(*b), compare_plain);
			sort_all(&by, a, counts[c]);
			for (size_t i = 0; i < counts[c]; i++)
				assert_int_equal(a[i].item, b[i].item);
		}
	}
}

static void test_top(void **state)
{
	static struct sort_entry all[MAX];

	(void)state;
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		for (size_t wanted = 1; wanted < MAX + 500; wanted = wanted * 3 + 1) {
			struct sort_top top;
			size_t count = wanted < MAX ? wanted : MAX;

			fill(shape, all, MAX);
			sort_top_init(&top, &by, wanted);
			for (size_t i = 0; i < MAX; i++) {
				if (!sort_top_excludes(&top, all[i].key))
					sort_top_add(&top, all[i]);
			}
			sort_top_finish(&top);
			assert_int_equal(top.count, count);
			qsort(all, MAX, sizeof(*all), compare_plain);
			for (size_t i = 0; i < count; i++)
				assert_int_equal(top.entries[i].item, all[i].item);
			sort_top_free(&top);
		}
	}
}

/* Every place once, whatever their number. */
static void test_scatter(void **state)
{
	static uint32_t met[MAX];

	(void)state;
	for (uint32_t count = 1; count < MAX; count = count < 300 ? count + 1 : count + 97) {
		uint32_t step = sort_scatter_step(count);
		for (uint32_t n = 0; n < count; n++) {
			uint32_t place = sort_scatter(n, step, count);
			assert_true(place < count);
			assert_true(met[place] != count);
			met[place] = count;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_sort), cmocka_unit_test(test_top),
	    cmocka_unit_test(test_scatter)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
