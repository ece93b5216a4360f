/* Runs a filter over the rows. Each distinct string is decided at most once for each term, a number
 * of each row in a column; what is cheap comes first, and what cannot change the verdict of a row
 * any more does not look at it. Terms on one field that are joined by `or` (or excluded one by one)
 * are decided together (predicate.h). Three values: yes, no, and not known (the source does not
 * give the field); `not` of the unknown is unknown. Private to index/. */
#ifndef INDEX_RUN_H
#define INDEX_RUN_H

#include "filter/filter.h"
#include "index/columns/columns.h"

/* What one filter may cost, in bytes of text searched for one substring: one to two seconds of two
 * cores, with all else standing still meanwhile. What people ask is far below (three substrings
 * over a million messages: a fortieth, with 40 % of the replies unique a tenth), and so is a pasted
 * list of any length. Hundreds of terms
 * that have to be decided apart, on as many texts, are not: then the rows that are left are
 * undecided, and index_match says `too_costly`. */
#define RUN_COST_MAX ((uint64_t)12 << 30)

struct run {
	struct index *ix;
	const uint64_t *match; /* a bit for each row */
	uint64_t *own;	       /* where `match` is, unless everything matches */
	uint64_t *within;      /* likewise: what the filter's scope matches; NULL: it has none */
	size_t words;
	uint64_t undecided;
	enum filter_field undecided_field;
	bool too_costly;
};

/* Decides all live rows, of a joined filter (filter_join) those that its scope matches: the others
 * are not there. `filter` NULL: every one of them. The index must not change until run_end. */
void run_begin(struct run *run, struct index *ix, const struct filter *filter, int64_t now);
/* The totals of what matches. */
void run_match(const struct run *run, struct index_match *match);
void run_end(struct run *run);

/* Decides these rows, live or not: `yes` for each that the filter matches for certain. */
void run_rows(struct index *ix, const struct filter *filter, const uint32_t *rows, size_t count,
    int64_t now, bool *yes);

#endif
