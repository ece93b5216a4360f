/* What a filter's nodes say of the rows, or of recipients as if each were alone (struct bits).
 * Neither scopes nor what was found before are known here. Private to index/. */
#ifndef INDEX_VERDICTS_H
#define INDEX_VERDICTS_H

#include "filter/filter.h"
#include "index/run/predicate.h"

/* What one filter may cost, in bytes of text searched for one substring: one to two seconds of two
 * cores, with all else standing still meanwhile. What people ask is far below (three substrings
 * over a million messages: a fortieth, with 40 % of the replies unique a tenth), and so is a pasted
 * list of any length. Hundreds of terms
 * that have to be decided apart, on as many texts, are not: then the rows that are left are
 * undecided, and index_match says `too_costly`. */
#define VERDICT_COST_MAX ((uint64_t)12 << 30)

/* Decides what is asked about, by a filter with at least one node, without its scope; `out` has
 * room and is all zero. `undecided` becomes the field of an unknown one. False: it was given up,
 * and what was not decided is unknown. */
bool verdict_decide(struct index *ix, const struct filter *filter, const struct bits *asked,
    int64_t now, struct verdict *out, enum filter_field *undecided);
/* Whether classes or diagnoses of reasons are needed for it (reasons_settle). */
bool verdict_needs_settling(const struct filter *filter);

/* Room for one of so many words, all zero. */
struct verdict verdict_make(size_t words);
void verdict_free(struct verdict *verdict);
/* How many bits are set. */
uint64_t bits_count(const uint64_t *bits, size_t words);

#endif
