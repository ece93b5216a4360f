#include "filter/set.h"

#include <stdlib.h>

#include "base/memory.h"
#include "filter/automaton.h"
#include "filter/match.h"

/* So many terms are cheaper one by one than as an automaton, which takes about as long for a byte
 * as a vector search takes for sixteen. */
#define FEW 8
#define AUTOMATON_COST 16
/* What a pattern costs that is matched by itself. */
#define PATTERN_COST 8

/* Texts with less between them are searched as one. */
#define GAP_MAX 128

struct filter_set {
	/* Terms that are one text, at a place or anywhere, while they are few; and patterns that
	 * are more than that. */
	struct automaton_word *words;
	const struct filter_node **patterns;
	size_t word_count, pattern_count;
	struct automaton *automaton; /* in place of many words */
	bool only_substrings;	     /* there is nothing but words, which may be anywhere */
	bool everything;	     /* an empty text is everywhere */
};

/* The pattern without a star at its ends. */
static struct slice without_stars(struct slice pattern)
{
	size_t from = pattern.data[0] == '*';
	size_t to = pattern.len - (pattern.len > from && pattern.data[pattern.len - 1] == '*');

	return slice_first(slice_from(pattern, from), to - from);
}

/* Whether a term is one text, at a place or anywhere: then it goes into the automaton. */
static bool one_text(const struct filter_node *term, struct automaton_word *word)
{
	*word = (struct automaton_word){.text = term->pattern};
	if (term->match == FILTER_CONTAINS)
		return true;
	word->at_start = word->at_end = true;
	if (term->match == FILTER_EXACT)
		return true;
	word->text = without_stars(term->pattern);
	word->at_start = term->pattern.data[0] != '*';
	word->at_end = term->pattern.data[term->pattern.len - 1] != '*';
	return slice_find_char(word->text, '*') < 0 && slice_find_char(word->text, '?') < 0;
}

static void sort_term(struct filter_set *set, const struct filter_node *term)
{
	struct automaton_word word;

	if (!one_text(term, &word)) {
		set->patterns[set->pattern_count++] = term;
		set->only_substrings = false;
		return;
	}
	set->words[set->word_count++] = word;
	if (word.at_start || word.at_end)
		set->only_substrings = false;
	else if (word.text.len == 0)
		set->everything = true;
}

struct filter_set *filter_set_create(const struct filter_node *const *terms, size_t count)
{
	struct filter_set *set = memory_zero(1, sizeof(*set));

	set->only_substrings = true;
	set->words = memory_alloc(count * sizeof(*set->words));
	set->patterns = memory_alloc(count * sizeof(*set->patterns));
	for (size_t i = 0; i < count; i++)
		sort_term(set, terms[i]);
	if (set->word_count > FEW && !set->everything) {
		set->automaton = automaton_create(set->words, set->word_count);
		set->word_count = 0;
		set->only_substrings = false;
	}
	return set;
}

void filter_set_free(struct filter_set *set)
{
	if (!set)
		return;
	automaton_free(set->automaton);
	free(set->words);
	free(set->patterns);
	free(set);
}

static bool word_matches(
    const struct automaton_word *word, struct slice value, struct buffer *scratch)
{
	struct slice text = word->text;

	if (text.len > value.len)
		return false;
	if (word->at_start && word->at_end)
		return slice_equal_nocase(value, text);
	if (word->at_start)
		return slice_equal_nocase(slice_first(value, text.len), text);
	if (word->at_end)
		return slice_equal_nocase(slice_from(value, value.len - text.len), text);
	return match_contains(value, text, scratch);
}

bool filter_set_match(const struct filter_set *set, struct slice value, struct buffer *scratch)
{
	if (set->everything)
		return true;
	if (set->automaton && automaton_find(set->automaton, value))
		return true;
	for (size_t i = 0; i < set->word_count; i++) {
		if (word_matches(&set->words[i], value, scratch))
			return true;
	}
	for (size_t i = 0; i < set->pattern_count; i++) {
		if (filter_match_text(set->patterns[i], value, scratch))
			return true;
	}
	return false;
}

/* How many of the texts, from the first, have little between them. */
static size_t piece_length(const struct slice *texts, size_t count)
{
	size_t n = 1;

	while (n < count && texts[n].data - (texts[n - 1].data + texts[n - 1].len) <= GAP_MAX)
		n++;
	return n;
}

void filter_set_match_all(const struct filter_set *set, const struct slice *texts, size_t count,
    uint64_t *yes, struct buffer *scratch)
{
	if (!set->only_substrings || set->everything) {
		for (size_t n = 0; n < count; n++) {
			if (filter_set_match(set, texts[n], scratch))
				yes[n / 64] |= UINT64_C(1) << (n % 64);
		}
		return;
	}
	for (size_t from = 0, to; from < count; from = to) {
		to = from + piece_length(texts + from, count - from);
		for (size_t i = 0; i < set->word_count; i++)
			match_contains_each(texts, from, to, set->words[i].text, yes, scratch);
	}
}

uint64_t filter_set_cost(const struct filter_set *set)
{
	if (set->everything)
		return 1;
	return set->word_count + set->pattern_count * PATTERN_COST +
	       (set->automaton ? AUTOMATON_COST : 0);
}
