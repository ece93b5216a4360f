/* Sorts terms by how they are searched for: a few substrings by needles (needle_search.c), many by
 * an automaton, patterns with wildcards inside one by one (match.c). */
#include "filter/term_set.h"

#include <stdlib.h>

#include "base/memory.h"
#include "filter/automaton.h"
#include "filter/match.h"
#include "filter/needle_search.h"

/* So many terms are cheaper one by one than as an automaton, which takes about as long for a byte
 * as a vector search takes for sixteen. */
#define FEW NEEDLES_MAX
#define AUTOMATON_COST 16
/* What a pattern costs that is matched by itself. */
#define PATTERN_COST 8

/* Texts with less between them are searched as one. */
#define GAP_MAX 128

struct term_set {
	/* Terms that are one text, at a place or anywhere, while they are few; and patterns that
	 * are more than that. */
	struct automaton_word *words;
	const struct filter_node **patterns;
	size_t word_count, pattern_count;
	struct automaton *automaton; /* in place of many words */
	bool only_substrings;	     /* there is nothing but words, which may be anywhere */
	bool everything;	     /* an empty text is everywhere */
	bool blank;		     /* a term has a blank, or may match one */
	struct needle_search search; /* of the words, when `searchable` */
	bool searchable;
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

/* The empty text is in every value; searching for it would find each place of each. */
static void sort_term(struct term_set *set, const struct filter_node *term)
{
	struct automaton_word word;

	set->blank |= slice_find_char(term->pattern, ' ') >= 0 ||
		      (term->match == FILTER_GLOB && slice_find_char(term->pattern, '?') >= 0);
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

/* What stands between the parts of a value (and in none) is a control character. */
static bool has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] < ' ')
			return true;
	}
	return false;
}

/* Values of a dictionary stand in memory with lengths and separators between them. A term that
 * has a control character might match across those, so it is not searched for in pieces. */
static void make_search(struct term_set *set)
{
	struct slice texts[NEEDLES_MAX];

	set->searchable = set->only_substrings && !set->everything;
	for (size_t i = 0; set->searchable && i < set->word_count; i++) {
		texts[i] = set->words[i].text;
		set->searchable = !has_control(texts[i]);
	}
	if (set->searchable)
		needle_search_init(&set->search, texts, set->word_count);
}

struct term_set *term_set_create(const struct filter_node *const *terms, size_t count)
{
	struct term_set *set = memory_zero(1, sizeof(*set));

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
	make_search(set);
	return set;
}

static struct slice longest_word(struct slice text)
{
	struct slice longest = {"", 0}, word;

	while (slice_split(&text, ' ', &word))
		if (word.len > longest.len)
			longest = word;
	return longest;
}

struct term_set *term_set_words(const struct term_set *set)
{
	struct term_set *words;

	if (!set->blank || !set->searchable)
		return NULL;
	words = memory_zero(1, sizeof(*words));
	words->only_substrings = true;
	words->words = memory_zero(set->word_count, sizeof(*words->words));
	for (; words->word_count < set->word_count; words->word_count++) {
		struct slice word = longest_word(set->words[words->word_count].text);
		words->words[words->word_count].text = word;
		words->everything |= word.len == 0;
	}
	make_search(words);
	if (words->searchable)
		return words;
	term_set_free(words);
	return NULL;
}

bool term_set_has_blank(const struct term_set *set)
{
	return set->blank;
}

void term_set_free(struct term_set *set)
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

bool term_set_match(const struct term_set *set, struct slice value, struct buffer *scratch)
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

static bool bit(const uint64_t *bits, size_t n)
{
	return bits[n / 64] >> (n % 64) & 1;
}

static void match_one_by_one(const struct term_set *set, const struct slice *texts, size_t from,
    size_t to, uint64_t *yes, struct buffer *scratch)
{
	for (size_t n = from; n < to; n++) {
		if (!bit(yes, n) && term_set_match(set, texts[n], scratch))
			yes[n / 64] |= UINT64_C(1) << (n % 64);
	}
}

/* Texts `from` to `to` with little between them. */
static void match_piece(const struct term_set *set, const struct slice *texts, size_t from,
    size_t to, uint64_t *yes, struct buffer *scratch)
{
	const char *begin = texts[from].data, *end = texts[to - 1].data + texts[to - 1].len;
	struct slice piece = slice_make(begin, (size_t)(end - begin));
	size_t at = 0, len, vain = 0, vain_max = TERM_SET_VAIN * piece.len;

	while (
	    (at = needle_search_next(&set->search, piece, at, &len, &vain, vain_max)) < piece.len) {
		if (vain > vain_max) {
			match_one_by_one(set, texts, from, to, yes, scratch);
			return;
		}
		while (begin + at >= texts[from].data + texts[from].len)
			from++;
		end = texts[from].data + texts[from].len;
		if (begin + at < texts[from].data) {
			at = (size_t)(texts[from].data - begin);
		} else if (len <= (size_t)(end - begin) - at) {
			yes[from / 64] |= UINT64_C(1) << (from % 64);
			at = (size_t)(end - begin);
		} else {
			at++;
		}
	}
}

void term_set_match_all(const struct term_set *set, const struct slice *texts, size_t count,
    uint64_t *yes, struct buffer *scratch)
{
	if (!set->searchable) {
		match_one_by_one(set, texts, 0, count, yes, scratch);
		return;
	}
	for (size_t from = 0, to; from < count; from = to) {
		to = from + piece_length(texts + from, count - from);
		match_piece(set, texts, from, to, yes, scratch);
	}
}

bool term_set_is_searchable(const struct term_set *set)
{
	return set->searchable;
}

size_t term_set_next(const struct term_set *set, struct slice piece, size_t at, size_t *len,
    size_t *vain, size_t vain_max)
{
	return needle_search_next(&set->search, piece, at, len, vain, vain_max);
}

static bool letter_or_digit(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10;
}

bool term_set_in_ids(const struct filter_node *term)
{
	for (size_t i = 0; i < term->pattern.len; i++) {
		char c = term->pattern.data[i];
		if (!letter_or_digit(c) && (term->match != FILTER_GLOB || (c != '*' && c != '?')))
			return false;
	}
	return true;
}

uint64_t term_set_cost(const struct term_set *set)
{
	if (set->everything)
		return 1;
	return set->word_count + set->pattern_count * PATTERN_COST +
	       (set->automaton ? AUTOMATON_COST : 0);
}
