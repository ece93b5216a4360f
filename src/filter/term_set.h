/* Text terms that look in the same values and of which any one suffices, as `from:a or from:b` has
 * them, made ready for very many values. A few substrings are searched for by vector operations,
 * through many values at once; a long list (of senders, of queue IDs: what a person pastes) becomes
 * one automaton (Aho and Corasick, 1975), so that its length does not matter. */
#ifndef FILTER_TERM_SET_H
#define FILTER_TERM_SET_H

#include "filter/filter.h"

struct term_set;

/* `terms` are nodes of kind FILTER_TEXT, at least one; their field does not matter here, and what
 * they point to must outlive the set. The automaton of a filter of FILTER_TEXT_MAX bytes takes 64
 * MiB at worst (each of its characters a state, each byte a class of its own), of a list of
 * addresses about 10 MiB. Freed by term_set_free (NULL is fine). */
struct term_set *term_set_create(const struct filter_node *const *terms, size_t count);
void term_set_free(struct term_set *set);

/* Whether any term matches `value`. `scratch` is working memory that the caller keeps between
 * calls. */
bool term_set_match(const struct term_set *set, struct slice value, struct buffer *scratch);

/* term_set_match of many: sets bit n of `yes` for each text n that matches. The texts stand in
 * one piece of memory in this order, and what stands between them may be read. */
void term_set_match_all(const struct term_set *set, const struct slice *texts, size_t count,
    uint64_t *yes, struct buffer *scratch);

/* Whether term_set_next may be used: the terms are a few substrings without control characters.
 */
bool term_set_is_searchable(const struct term_set *set);
/* The first place from `at` on where a term is in a piece of memory; piece.len when there is none.
 * The piece holds many values with anything between them: what is at the place is one's only when
 * it lies within it, and *len is the length of the shortest term there. Ends with *vain above
 * `vain_max` when the piece was made to look promising (needle_search.h): then values are to be
 * matched one by one. */
size_t term_set_next(const struct term_set *set, struct slice piece, size_t at, size_t *len,
    size_t *vain, size_t vain_max);

/* So many bytes may be compared in vain for each byte of a piece. */
#define TERM_SET_VAIN 4

/* Whether a term has a blank, or may match one: then a value in which more than a blank may stand
 * between two words (a reply of several lines) is to be matched once more without that. */
bool term_set_has_blank(const struct term_set *set);
/* The longest word of each term, for term_set_next: what the set matches has one, whatever stands
 * between the words. NULL where no term has a blank, or this set cannot be used so. The set must
 * outlive it. */
struct term_set *term_set_words(const struct term_set *set);

/* Whether a term may match a value of letters and digits alone, as a queue ID is. */
bool term_set_in_ids(const struct filter_node *term);

/* What a byte of a value costs, in bytes that could be searched for one substring meanwhile. */
uint64_t term_set_cost(const struct term_set *set);

#endif
