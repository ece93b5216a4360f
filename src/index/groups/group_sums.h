/* Sums by one or two keys over many rows. Private to index/. */
#ifndef INDEX_GROUP_SUMS_H
#define INDEX_GROUP_SUMS_H

#include <stdatomic.h>

#include "index/columns/row_values.h"
#include "index/groups/group_keys.h"

struct group_sum {
	uint64_t recipients, bytes;
	uint32_t messages, oldest; /* oldest: when messages > 0 */
	uint32_t last_row;	   /* + 1: whose message was counted here last */
};

/* Adds an entry; its message's own values when it was not the last that was counted here. */
static inline void group_sum_add(
    struct group_sum *s, const struct index *ix, const struct group_entry *e)
{
	uint32_t arrival;

	s->recipients += e->recipients;
	if (s->last_row == e->row + 1)
		return;
	s->last_row = e->row + 1;
	s->bytes += row_size(ix, e->row);
	arrival = ix->c.arrival[e->row];
	if (s->messages++ == 0 || arrival < s->oldest)
		s->oldest = arrival;
}
/* Adds the sums of other messages. */
static inline void group_sum_merge(struct group_sum *s, const struct group_sum *other)
{
	if (other->messages == 0)
		return;
	if (s->messages == 0 || other->oldest < s->oldest)
		s->oldest = other->oldest;
	s->messages += other->messages;
	s->recipients += other->recipients;
	s->bytes += other->bytes;
}

/* Fewer rows than this are counted by one thread. */
#define GROUP_SUMS_TWO_THREADS_ROWS 30000

/* What one thread has added up. */
struct group_sums_part {
	struct group_sum *sums; /* by both numbers, or as they came */
	uint64_t *keys;		/* as they came: both numbers */
	uint32_t *table;	/* place in `sums` + 1, by hash */
	uint32_t mask, cap;
	size_t count;
};
struct group_sums {
	struct group_keys keys;
	const uint64_t *bits;
	size_t words;
	uint32_t numbers[2];
	bool dense, two;    /* sums in an array; two threads */
	atomic_size_t next; /* the first word that no thread has taken */
	struct group_sums_part part[2];
};

/* Counts the rows whose bits are set. The caller frees. */
void group_sums_make(
    struct group_sums *t, const struct group_keys *keys, const uint64_t *bits, size_t words);
void group_sums_free(struct group_sums *t);

/* The sums with a message in them, in no order: `at` begins as 0. NULL at the end. */
const struct group_sum *group_sums_next(const struct group_sums *t, size_t *at, uint32_t number[2]);

/* groups.c: the largest groups among the rows whose bits are set; all but `match` of what
 * groups_count gives. */
void groups_count_bits(const struct group_keys *keys, const uint64_t *bits, size_t words,
    size_t limit, struct groups *out);

#endif
