/* A hash table of numbers that belong to something kept elsewhere (strings of a dictionary, rows):
 * four bytes a slot, at most four fifths full, open addressing with linear probing. The bits of a
 * slot that no number needs hold a part of its hash, so that what does not match is passed without
 * looking at what the number belongs to. Private to index/. */
#ifndef INDEX_SLOTS_H
#define INDEX_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slots {
	uint32_t *slot; /* number, and above it low bits of its hash; 0: empty */
	uint32_t count; /* slots */
	uint32_t used;
	uint32_t bits; /* of a slot that hold the number */
};

/* The hash of what has this number. */
typedef uint32_t slots_hash(const void *owner, uint32_t number);

void slots_free(struct slots *s);
/* Room for `more` numbers beside those that are there, without moving; numbers are 1 to the
 * largest `used` there ever was. */
void slots_reserve(struct slots *s, uint32_t more, slots_hash *hash_of, const void *owner);
/* Puts a number in that is not there. There is room (slots_reserve). */
void slots_add(struct slots *s, uint32_t hash, uint32_t number);
/* Takes a number out that is there. */
void slots_remove(
    struct slots *s, uint32_t hash, uint32_t number, slots_hash *hash_of, const void *owner);

static inline uint32_t slots_home(const struct slots *s, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * s->count >> 32);
}
static inline uint32_t slots_number(const struct slots *s, uint32_t value)
{
	return value & (UINT32_MAX >> (32 - s->bits));
}

/* The numbers that may have this hash, one after the other; 0: no more.
 *     struct slots_walk w = slots_walk(s, hash);
 *     while ((number = slots_next(s, &w)) != 0 && !equal(number, ...)) ; */
struct slots_walk {
	uint32_t at, tag;
};
static inline struct slots_walk slots_walk(const struct slots *s, uint32_t hash)
{
	return (struct slots_walk){
	    s->count ? slots_home(s, hash) : 0, s->count ? hash << s->bits : 0};
}
static inline uint32_t slots_next(const struct slots *s, struct slots_walk *w)
{
	uint32_t value;

	if (s->count == 0)
		return 0;
	do {
		value = s->slot[w->at];
		w->at = w->at + 1 == s->count ? 0 : w->at + 1;
	} while (value != 0 && (value ^ w->tag) >> s->bits != 0);
	return slots_number(s, value);
}
/* Brings the place where the walk begins nearer, for a look soon after. */
static inline void slots_prefetch(const struct slots *s, uint32_t hash)
{
	if (s->count)
		__builtin_prefetch(&s->slot[slots_home(s, hash)]);
}

#endif
