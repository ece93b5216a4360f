#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/match.h"
#include "filter/term_set.h"

/* ---- A plain, slow matcher ---- */

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (fold(a[i]) != fold(b[i]))
			return false;
	}
	return true;
}

static bool glob(const char *p, size_t p_len, const char *v, size_t v_len)
{
	if (p_len == 0)
		return v_len == 0;
	if (*p == '*')
		return glob(p + 1, p_len - 1, v, v_len) ||
		       (v_len > 0 && glob(p, p_len, v + 1, v_len - 1));
	return v_len > 0 && (*p == '?' || fold(*p) == fold(*v)) &&
	       glob(p + 1, p_len - 1, v + 1, v_len - 1);
}

static bool slow_match(const struct filter_node *term, struct slice value)
{
	struct slice p = term->pattern;

	if (term->match == FILTER_EXACT)
		return p.len == value.len && same(p.data, value.data, p.len);
	if (term->match == FILTER_GLOB)
		return glob(p.data, p.len, value.data, value.len);
	for (size_t at = 0; at + p.len <= value.len; at++) {
		if (same(p.data, value.data + at, p.len))
			return true;
	}
	return false;
}

/* ---- Random terms and values of few different letters, so that much matches nearly ---- */

#define VALUES 200
#define VALUE_MAX 90
#define TERMS 40

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

static size_t random_text(char *out, size_t max, const char *letters)
{
	size_t len = below((unsigned)max + 1);

	for (size_t i = 0; i < len; i++)
		out[i] = letters[below((unsigned)strlen(letters))];
	return len;
}

static void random_term(struct filter_node *n, char pattern[VALUE_MAX])
{
	static const enum filter_match kinds[] = {
	    FILTER_CONTAINS, FILTER_CONTAINS, FILTER_EXACT, FILTER_GLOB};

	*n = (struct filter_node){.kind = FILTER_TEXT, .match = kinds[below(4)]};
	n->pattern.data = pattern;
	n->pattern.len =
	    random_text(pattern, below(4) ? 4 : 12, n->match == FILTER_GLOB ? "ab@*?" : "aab@.");
	if (n->match == FILTER_GLOB && n->pattern.len == 0)
		n->match = FILTER_EXACT;
}

/* Values as they stand in a dictionary: behind each other with something between them. */
static size_t random_values(char *memory, struct slice values[VALUES])
{
	char *at = memory;
	size_t count = 1 + below(VALUES);

	for (size_t i = 0; i < count; i++) {
		at += below(20) ? below(5) : 300;
		values[i] = slice_make(at, random_text(at, below(3) ? 8 : VALUE_MAX, "aAbB@."));
		at += values[i].len;
	}
	return count;
}

static void check_set(const struct filter_node *const *terms, size_t term_count,
    const struct slice *values, size_t count)
{
	BUFFER_AUTO struct buffer scratch = {0};
	uint64_t yes[VALUES / 64 + 1] = {0};
	struct term_set *set = term_set_create(terms, term_count);

	term_set_match_all(set, values, count, yes, &scratch);
	for (size_t i = 0; i < count; i++) {
		bool expected = false;
		for (size_t k = 0; k < term_count; k++)
			expected |= slow_match(terms[k], values[i]);
		assert_int_equal(term_set_match(set, values[i], &scratch), expected);
		assert_int_equal(yes[i / 64] >> (i % 64) & 1, expected);
	}
	term_set_free(set);
}

static void test_random(void **state)
{
	MEMORY_AUTO char *memory = memory_alloc(VALUES * (VALUE_MAX + 300));
	struct filter_node nodes[TERMS];
	const struct filter_node *terms[TERMS];
	char patterns[TERMS][VALUE_MAX];
	struct slice values[VALUES];

	(void)state;
	for (unsigned seed = 1; seed <= 3000; seed++) {
		srandom(seed);
		size_t term_count = 1 + below(below(2) ? 3 : TERMS);
		memset(memory, 'a', VALUES * (VALUE_MAX + 300));
		for (size_t i = 0; i < term_count; i++) {
			random_term(&nodes[i], patterns[i]);
			terms[i] = &nodes[i];
		}
		check_set(terms, term_count, values, random_values(memory, values));
	}
}

/* Values made to look promising at every place are searched in another way. */
static void test_promising(void **state)
{
	static char text[5 * 4096];
	struct filter_node node = {.kind = FILTER_TEXT,
	    .match = FILTER_CONTAINS,
	    .pattern = {"aaaaaaaaaaaaaaaabaaaa", 21}};
	const struct filter_node *terms[] = {&node};
	struct slice values[5];

	(void)state;
	memset(text, 'A', sizeof(text));
	text[4 * 4096 + 2000] = 'b';
	for (size_t i = 0; i < 5; i++)
		values[i] = slice_make(text + i * 4096, 4096);
	check_set(terms, 1, values, 5);
}

/* A pattern of all bytes, of which an automaton makes its largest table. */
static void test_all_bytes(void **state)
{
	struct filter_node nodes[300];
	const struct filter_node *terms[300];
	char patterns[300][3];
	struct slice values[2] = {SLICE("x\x01yz"), SLICE("plain")};

	(void)state;
	for (int i = 0; i < 300; i++) {
		patterns[i][0] = (char)i;
		patterns[i][1] = 'Y' | 0x20;
		patterns[i][2] = i < 256 ? 'z' : 'q';
		nodes[i] = (struct filter_node){.kind = FILTER_TEXT,
		    .match = FILTER_CONTAINS,
		    .pattern = slice_make(patterns[i], 3)};
		terms[i] = &nodes[i];
	}
	check_set(terms, 300, values, 1);
	check_set(terms, 300, values + 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_promising),
	    cmocka_unit_test(test_all_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
