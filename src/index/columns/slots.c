/* Linear probing, because neighbouring slots stand in the same line of the processor's cache. The
 * table does not double: it grows by a half, so that less of it is empty where there are millions.
 */
#include "index/columns/slots.h"

#include <stdlib.h>

#include "base/region.h"

#define SLOTS_MIN 64
/* A bit of a slot is left for its hash. This many are 8 GiB. */
#define SLOTS_MAX INT32_MAX

void slots_free(struct slots *s)
{
	region_free(s->slot, s->count, sizeof(*s->slot));
	*s = (struct slots){0};
}

/* At four fifths a look that finds nothing passes 13 slots, mostly in one line of the cache (linear
 * probing, Knuth 6.4). */
static uint32_t room(uint32_t count)
{
	return count / 5 * 4;
}

void slots_add(struct slots *s, uint32_t hash, uint32_t number)
{
	uint32_t at = slots_home(s, hash);

	while (s->slot[at] != 0)
		at = at + 1 == s->count ? 0 : at + 1;
	s->slot[at] = number | hash << s->bits;
	s->used++;
}

/* The hashes of so many are looked for one behind the other: each is somewhere else in memory, and
 * the processor fetches some at the same time. */
#define MOVED_AT_ONCE 32

static void move_some(
    struct slots *s, const struct slots *old, uint32_t from, slots_hash *hash_of, const void *owner)
{
	uint32_t number[MOVED_AT_ONCE], hash[MOVED_AT_ONCE], count = 0;

	for (uint32_t i = from; i < old->count && i - from < MOVED_AT_ONCE; i++) {
		number[count] = slots_number(old, old->slot[i]);
		count += number[count] != 0;
	}
	for (uint32_t i = 0; i < count; i++)
		hash[i] = hash_of(owner, number[i]);
	for (uint32_t i = 0; i < count; i++)
		slots_add(s, hash[i], number[i]);
}

/* Grows by a half: between 53 and 80 of 100 slots are used meanwhile. */
void slots_reserve(struct slots *s, uint32_t more, slots_hash *hash_of, const void *owner)
{
	struct slots old = *s;
	uint64_t need = old.used + (uint64_t)more, count = need + need / 4;

	if (need <= room(old.count))
		return;
	if (count < old.count + (uint64_t)old.count / 2)
		count = old.count + (uint64_t)old.count / 2;
	count += SLOTS_MIN;
	if (count > SLOTS_MAX)
		abort();
	*s = (struct slots){.count = (uint32_t)count};
	s->bits = 32 - (uint32_t)__builtin_clz(s->count);
	s->slot = region_resize(NULL, 0, s->count, sizeof(*s->slot));
	for (uint32_t from = 0; from < old.count; from += MOVED_AT_ONCE)
		move_some(s, &old, from, hash_of, owner);
	slots_free(&old);
}

/* Moves back those behind the hole that would no longer be found (Knuth 6.4, algorithm R). */
static void close_hole(struct slots *s, uint32_t hole, slots_hash *hash_of, const void *owner)
{
	uint32_t at = hole;

	for (;;) {
		uint32_t number, home;
		at = at + 1 == s->count ? 0 : at + 1;
		number = slots_number(s, s->slot[at]);
		if (number == 0)
			break;
		home = slots_home(s, hash_of(owner, number));
		/* Not those whose home is behind the hole, up to where they are. */
		if (hole <= at ? home > hole && home <= at : home > hole || home <= at)
			continue;
		s->slot[hole] = s->slot[at];
		hole = at;
	}
	s->slot[hole] = 0;
}

void slots_remove(
    struct slots *s, uint32_t hash, uint32_t number, slots_hash *hash_of, const void *owner)
{
	uint32_t at = slots_home(s, hash);

	while (slots_number(s, s->slot[at]) != number)
		at = at + 1 == s->count ? 0 : at + 1;
	close_hole(s, at, hash_of, owner);
	s->used--;
}
