/* Sums by one or two keys over many rows. Private to index/. */
#ifndef INDEX_TALLY_H
#define INDEX_TALLY_H

#include <stdatomic.h>

#include "index/groups/group_keys.h"

struct tally_sum {
	uint64_t recipients, bytes;
	uint32_t messages, oldest; /* oldest: when messages > 0 */
	uint32_t last_row;	   /* + 1: whose message was counted here last */
};

/* Adds an entry; its message's own values when it was not the last that was counted here. */
static inline void tally_add(
    struct tally_sum *s, const struct index *ix, const struct group_entry *e)
{
	uint32_t arrival;

	s->recipients += e->recipients;
	if (s->last_row == e->row + 1)
		return;
	s->last_row = e->row + 1;
	s->bytes += internal_size(ix, e->row);
	arrival = ix->c.arrival[e->row];
	if (s->messages++ == 0 || arrival < s->oldest)
		s->oldest = arrival;
}
/* Adds the sums of other messages. */
static inline void tally_merge(struct tally_sum *s, const struct tally_sum *other)
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
#define TALLY_TWO_THREADS_ROWS 30000

/* What one thread has added up. */
struct tally_part {
	struct tally_sum *sums; /* by both numbers, or as they came */
	uint64_t *keys;		/* as they came: both numbers */
	uint32_t *table;	/* place in `sums` + 1, by hash */
	uint32_t mask, cap;
	size_t count;
};
struct tally {
	struct group_keys keys;
	const uint64_t *bits;
	size_t words;
	uint32_t numbers[2];
	bool dense, two;    /* sums in an array; two threads */
	atomic_size_t next; /* the first word that no thread has taken */
	struct tally_part part[2];
};

/* Counts the rows whose bits are set. The caller frees. */
void tally_make(struct tally *t, const struct group_keys *keys, const uint64_t *bits, size_t words);
void tally_free(struct tally *t);

/* The sums with a message in them, in no order: `at` begins as 0. NULL at the end. */
const struct tally_sum *tally_next(const struct tally *t, size_t *at, uint32_t number[2]);

/* groups.c: the largest groups among the rows whose bits are set; all but `match` of what
 * groups_count gives. */
void groups_count_bits(const struct group_keys *keys, const uint64_t *bits, size_t words,
    size_t limit, struct groups *out);

#endif
