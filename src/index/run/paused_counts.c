/* How many messages wait for each pause: one pass over the rows, in which only the recipients of a
 * domain that is held back are looked at more closely. */
#include <stdlib.h>

#include "base/memory.h"
#include "index/columns/row_values.h"

struct counting {
	struct index_pause_count *counts;
	uint32_t *last_row; /* + 1, by pause: a message counts once */
	uint32_t row;
};

static bool count(void *context, uint32_t pause)
{
	struct counting *c = context;

	c->counts[pause].messages += c->last_row[pause] != c->row + 1;
	c->last_row[pause] = c->row + 1;
	return true;
}

static bool any(void *context, uint32_t pause)
{
	(void)pause;
	*(bool *)context = true;
	return false;
}

/* A bit for each domain that a pause holds back. */
static uint64_t *held_domains(const struct index *ix)
{
	uint64_t *held = memory_zero((size_t)ix->domains.count / 64 + 1, sizeof(*held));

	for (uint32_t n = 1; n < ix->domains.count; n++) {
		bool found = false;
		if (dict_used(&ix->domains, n))
			paused_each_of_domain(ix, n, any, &found);
		held[n / 64] |= (uint64_t)found << (n % 64);
	}
	return held;
}

static void count_row(const struct index *ix, const uint64_t *held, struct counting *c)
{
	const struct recipient *list = row_recipients(ix, c->row);

	if (!paused_in_queue(ix->c.queue[c->row])) {
		paused_each_of_held(ix, c->row, count, c);
		return;
	}
	for (uint32_t i = 0; i < row_kept(ix, c->row); i++) {
		uint32_t domain = address_domain(&ix->addresses, recipient_address(ix, &list[i]));
		if (!recipient_is_done(&list[i]) && (held[domain / 64] >> (domain % 64) & 1))
			paused_each_of_domain(ix, domain, count, c);
	}
}

size_t index_count_pauses(const struct index *ix, struct index_pause_count **counts)
{
	MEMORY_AUTO uint64_t *held = held_domains(ix);
	MEMORY_AUTO uint32_t *last_row = memory_zero(ix->paused.count + 1, sizeof(*last_row));
	struct counting c = {NULL, last_row, 0};

	*counts = c.counts = memory_zero(ix->paused.count + 1, sizeof(*c.counts));
	for (size_t i = 0; i < ix->paused.count; i++)
		c.counts[i] = (struct index_pause_count){
		    .id = ix->paused.pause[i].id, .key = ix->paused.pause[i].key};
	for (size_t w = 0; ix->paused.count > 0 && w < ((size_t)ix->rows + 63) / 64; w++) {
		rows_expect_recipients(ix, ix->live[w], (uint32_t)(w * 64));
		for (uint64_t left = ix->live[w]; left != 0; left &= left - 1) {
			c.row = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
			count_row(ix, held, &c);
		}
	}
	return ix->paused.count;
}
