/* Runs a filter over the rows. Each distinct string is decided at most once for each term, a number
 * of each row in a column; what is cheap comes first, and what cannot change the verdict of a row
 * any more does not look at it. Terms on one field that are joined by `or` (or excluded one by one)
 * are decided together (predicate.h). Three values: yes, no, and not known (the source does not
 * give the field); `not` of the unknown is unknown. Private to index/. */
#ifndef INDEX_RUN_H
#define INDEX_RUN_H

#include "index/run/predicate.h"

struct run {
	struct index *ix;
	const uint64_t *match; /* a bit for each row */
	uint64_t *own;	       /* where `match` is, unless everything matches */
	uint64_t *within;      /* likewise: what the filter's scope leaves; NULL: it has none */
	const struct inside *inside; /* and what of them: inside_of */
	size_t words;
	uint64_t undecided;
	enum filter_field undecided_field;
	bool too_costly;
};

/* Decides all live rows, of a joined filter (filter_join) those that its scope leaves, each with
 * the recipients that are inside: the others are not there. `filter` NULL: every one of them. The
 * index must not change until run_end. */
void run_begin(struct run *run, struct index *ix, const struct filter *filter, int64_t now);
/* The totals of what matches. */
void run_match(const struct run *run, struct index_match *match);
void run_end(struct run *run);

/* All live rows of a scope. */
void run_begin_scope(struct run *run, struct index *ix, const struct filter *scope, int64_t now);

#endif
