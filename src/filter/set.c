#include "filter/set.h"

#include <stdlib.h>

#include "base/memory.h"
#include "filter/automaton.h"
#include "filter/match.h"

/* So many terms are cheaper one by one than as an automaton, which takes about as long for a byte
 * as a vector search takes for sixteen. */
#define FEW 8
#define AUTOMATON_COST 16

/* Texts with less between them are searched as one. */
#define GAP_MAX 128

struct filter_set {
	const struct filter_node **one_by_one;
	size_t count;
	bool only_substrings; /* one_by_one has nothing else, and there is no automaton */
	bool everything;      /* an empty substring is everywhere */
	struct automaton *automaton;
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

static void make_automaton(
    struct filter_set *set, const struct filter_node *const *terms, size_t count)
{
	MEMORY_AUTO struct automaton_word *words = memory_alloc(count * sizeof(*words));
	size_t word_count = 0;

	for (size_t i = 0; i < count; i++) {
		if (one_text(terms[i], &words[word_count]))
			word_count++;
		else
			set->one_by_one[set->count++] = terms[i];
	}
	if (word_count > 0)
		set->automaton = automaton_create(words, word_count);
}

struct filter_set *filter_set_create(const struct filter_node *const *terms, size_t count)
{
	struct filter_set *set = memory_zero(1, sizeof(*set));

	set->only_substrings = count <= FEW;
	for (size_t i = 0; i < count; i++) {
		set->everything |= terms[i]->match == FILTER_CONTAINS && terms[i]->pattern.len == 0;
		set->only_substrings &= terms[i]->match == FILTER_CONTAINS;
	}
	set->one_by_one = memory_alloc(count * sizeof(*set->one_by_one));
	if (count > FEW && !set->everything) {
		make_automaton(set, terms, count);
		return set;
	}
	for (size_t i = 0; i < count; i++)
		set->one_by_one[set->count++] = terms[i];
	return set;
}

void filter_set_free(struct filter_set *set)
{
	if (!set)
		return;
	automaton_free(set->automaton);
	free(set->one_by_one);
	free(set);
}

bool filter_set_match(const struct filter_set *set, struct slice value, struct buffer *scratch)
{
	if (set->everything)
		return true;
	if (set->automaton && automaton_find(set->automaton, value))
		return true;
	for (size_t i = 0; i < set->count; i++) {
		if (filter_match_text(set->one_by_one[i], value, scratch))
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
		for (size_t i = 0; i < set->count; i++)
			match_contains_each(
			    texts, from, to, set->one_by_one[i]->pattern, yes, scratch);
	}
}

uint64_t filter_set_cost(const struct filter_set *set)
{
	if (set->everything)
		return 1;
	return (set->only_substrings ? set->count : set->count * AUTOMATON_COST) +
	       (set->automaton ? AUTOMATON_COST : 0);
}
