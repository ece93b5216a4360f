/* What a scope leaves of the queue: which rows, and which recipients of each.
 *
 * A recipient is inside when the scope matches its row as if it were the only one and still to be
 * delivered to. A row is within the scope when one that is still to be delivered to is inside, or
 * when the scope matches a row that has none of those. It is whole when all of its recipients are
 * inside, also those that are done. What the scope cannot decide is outside: of recipients that are
 * not kept nothing is known, so these are inside only where the scope needs to know nothing of
 * them. Private to index/ and query/. */
#ifndef INDEX_INSIDE_H
#define INDEX_INSIDE_H

#include "index/columns/row_values.h"

/* So many scopes are remembered: accounts that work at the same time and see different parts. Two
 * bits a row each. */
#define INSIDE_KEPT 32

/* Of a row that is not whole: the places of its recipients that are inside, in their order. No
 * copies of them: a row that is told again as it was may have other numbers for the same. */
struct inside_part {
	uint32_t todo, kept;
	uint32_t place[];
};

struct inside {
	uint64_t *within, *whole; /* a bit for each row, live or left */
	struct sparse parts;	  /* by row: a struct inside_part */
	uint64_t serial;	  /* another one for each scope that had this place */
	bool too_costly;	  /* the scope was given up: what is not decided is outside */
	/* Private to inside.c. */
	size_t words;
	struct filter *scope; /* NULL: this place is free */
	bool on_rows_alone;   /* match_cache_on_rows_alone */
	uint64_t generation, used;
	int64_t now;
	uint32_t settle_from;
};

/* What somebody with this scope may see, as of now; NULL for no scope: everything. Rows that have
 * changed since it was asked for last are decided again, all of them where the scope depends on the
 * time. Valid until the queue changes, and for INSIDE_KEPT - 1 further scopes. */
const struct inside *inside_of(struct index *ix, const struct filter *scope, int64_t now);
/* Forgets all, when the index is freed. */
void inside_free(struct index *ix);

static inline bool inside_has(const uint64_t *bits, uint32_t row)
{
	return bits[row / 64] >> (row % 64) & 1;
}
/* NULL: nothing of the row is to be seen. Not of a whole one. */
static inline const struct inside_part *inside_part_of(const struct inside *inside, uint32_t row)
{
	uint64_t value;

	return sparse_find(&inside->parts, row, &value)
		   ? (const struct inside_part *)(uintptr_t)value
		   : NULL;
}
/* The place among all of a row's recipients of the one that is shown as number `n`; false past the
 * end. `inside` NULL: all are shown. */
bool inside_place(
    const struct index *ix, const struct inside *inside, uint32_t row, uint32_t n, uint32_t *place);

/* A row's recipients as somebody sees them: seen_at for each of `kept`. */
struct seen {
	const struct recipient *list;
	const uint32_t *place; /* in `list`; NULL: all of it */
	uint32_t kept, todo;
	bool cut; /* there are more than are kept */
};
static inline const struct recipient *seen_at(const struct seen *seen, uint32_t n)
{
	return &seen->list[seen->place ? seen->place[n] : n];
}
/* `inside` NULL: all of them. What is said of a row that is not within is nothing. */
static inline struct seen row_seen(
    const struct index *ix, const struct inside *inside, uint32_t row)
{
	const struct recipient_block *block;
	const struct inside_part *part;

	if (inside && !inside_has(inside->whole, row)) {
		part = inside_part_of(inside, row);
		return part ? (struct seen){row_recipients(ix, row), part->place, part->kept,
				  part->todo, false}
			    : (struct seen){NULL, NULL, 0, 0, false};
	}
	block = row_block(ix, row);
	if (block)
		return (struct seen){
		    block->list, NULL, block->kept, block->todo, ix->c.flags[row] & ROW_CUT};
	return (struct seen){&ix->c.recipient[row], NULL, (ix->c.flags[row] & ROW_ONE) != 0,
	    (ix->c.flags[row] & ROW_ONE) != 0, ix->c.flags[row] & ROW_CUT};
}

#endif
