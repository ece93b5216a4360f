/* Runs a filter over the rows, in blocks of 64 to a word. Each distinct string is decided at most
 * once, and only when a row depends on it: what is cheap to decide comes first. Three values: yes,
 * no, and not known (the source does not give the field); `not` of the unknown is unknown. Private
 * to index/. */
#ifndef INDEX_RUN_H
#define INDEX_RUN_H

#include "filter/filter.h"
#include "index/internal.h"

/* Rows in a block: small enough for the stack at every level of nesting. */
#define RUN_WORDS 16
#define RUN_ROWS (RUN_WORDS * 64)

/* What is decided about the strings of one dictionary, or about the domain, client or diagnosis
 * behind a number: each once, when the first row asks for it. */
struct run;
struct run_memo;
typedef bool run_decide(
    struct run *run, const struct filter_node *term, struct run_memo *memo, uint32_t number);
struct run_memo {
	uint64_t *decided, *yes; /* a bit for each number */
	run_decide *decide;
	const struct dict *dict;
	struct run_memo *behind; /* domains behind addresses, diagnoses behind reasons */
};

/* A bare word looks in three dictionaries, other fields in one. */
struct run_leaf {
	struct run_memo memo[3];
};

struct run {
	struct index *ix;
	const struct filter_node *nodes;
	struct run_leaf *leaves;	      /* one for each node */
	uint32_t *first_child, *next_sibling; /* as in the nodes, but the cheapest child first */
	uint32_t node_count;
	int64_t now;
	uint32_t next; /* the next block's first row */
	struct buffer scratch;
	uint64_t undecided;
	enum filter_field undecided_field;
};

struct run_block {
	uint32_t first;
	uint64_t match[RUN_WORDS]; /* live rows that match */
};

/* `filter` NULL: every live row. The index must not change until run_end. */
void run_begin(struct run *run, struct index *ix, const struct filter *filter, int64_t now);
/* The next block with a match in it; false at the end. */
bool run_next(struct run *run, struct run_block *block);
/* Whether one row, live or not, matches (yes; not "not known"). */
bool run_row(struct run *run, uint32_t row);
void run_end(struct run *run);

/* Calls for each row of a block. */
#define RUN_FOR_EACH(block, row)                                                                   \
	for (unsigned run_w = 0; run_w < RUN_WORDS; run_w++)                                       \
		for (uint64_t run_bits = (block)->match[run_w];                                    \
		     run_bits != 0 &&                                                              \
		     ((row) = (block)->first + run_w * 64 + (uint32_t)__builtin_ctzll(run_bits),   \
		     1);                                                                           \
		     run_bits &= run_bits - 1)

#endif
