#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/needle_search.h"

#define PIECE_MAX 700

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

static void fill(char *out, size_t len, const char *letters)
{
	for (size_t i = 0; i < len; i++)
		out[i] = letters[below((unsigned)strlen(letters))];
}

/* The length of the shortest text at a place; 0: none. */
static size_t slow_look(const struct slice *texts, size_t count, struct slice rest)
{
	size_t shortest = 0;

	for (size_t i = 0; i < count; i++) {
		if (texts[i].len > rest.len ||
		    !slice_equal_nocase(slice_first(rest, texts[i].len), texts[i]))
			continue;
		if (shortest == 0 || texts[i].len < shortest)
			shortest = texts[i].len;
	}
	return shortest;
}

/* Every place that the scan gives, against every place there is. */
static void check(
    const struct needle_search *s, const struct slice *texts, size_t count, struct slice piece)
{
	size_t len, vain = 0, next = 0;

	for (size_t at = 0; at < piece.len; at++) {
		size_t expected = slow_look(texts, count, slice_from(piece, at));
		if (at == next)
			next = needle_search_next(s, piece, at, &len, &vain, SIZE_MAX);
		assert_int_equal(next == at, expected > 0);
		if (next != at)
			continue;
		assert_int_equal(len, expected);
		next++;
	}
	assert_int_equal(needle_search_next(s, piece, piece.len, &len, &vain, SIZE_MAX), piece.len);
}

/* Pieces end where memory that may be read does: each has an allocation of its own. */
static void test_random(void **state)
{
	static const char *const alphabets[] = {
	    "aAbB@.", "aaaaaaab", "user0123@d.", "\xc3\xbc\x9cU ["};
	char words[NEEDLES_MAX][40];
	struct slice texts[NEEDLES_MAX];

	(void)state;
	for (unsigned seed = 1; seed <= 4000; seed++) {
		srandom(seed);
		const char *letters = alphabets[below(4)];
		size_t count = 1 + below(NEEDLES_MAX), len = below(PIECE_MAX);
		MEMORY_AUTO char *piece = memory_alloc(len + 1);
		struct needle_search s;
		for (size_t i = 0; i < count; i++) {
			texts[i] = slice_make(words[i], 1 + below(below(3) ? 6 : 40));
			fill(words[i], texts[i].len, letters);
			for (size_t k = 0; k < texts[i].len; k++)
				words[i][k] |= words[i][k] >= 'A' && words[i][k] <= 'Z' ? 0x20 : 0;
		}
		fill(piece, len, letters);
		needle_search_init(&s, texts, count);
		check(&s, texts, count, slice_make(piece, len));
		s.wide = false;
		check(&s, texts, count, slice_make(piece, len));
	}
}

/* What looks promising everywhere ends the search. */
static void test_promising(void **state)
{
	static char text[1 << 16];
	struct slice needle = SLICE("aaaaaaaaaaaaaaaaaaaaaaaaeaaaaaaa");
	size_t len, vain = 0;
	struct needle_search s;

	(void)state;
	memset(text, 'A', sizeof(text));
	needle_search_init(&s, &needle, 1);
	needle_search_next(&s, slice_make(text, sizeof(text)), 0, &len, &vain, 1000);
	assert_true(vain > 1000 && vain < 2000);
	/* Where a rarer byte is asked for, hardly anything is compared. */
	needle = SLICE("aaaaaaaaaaaaaaaaaaaaaaaabaaaaaaa");
	needle_search_init(&s, &needle, 1);
	vain = 0;
	assert_int_equal(
	    needle_search_next(&s, slice_make(text, sizeof(text)), 0, &len, &vain, 1000),
	    sizeof(text));
	assert_true(vain < 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_promising),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
