#include "jobs/pace.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

struct bucket {
	char *destination;
	size_t len;
	int64_t next_us; /* a message may go from then on; microseconds, so that many a second do
			    not drift */
};

struct pace {
	int64_t gap_us; /* between two messages */
	struct hash_key key;
	struct bucket *bucket;
	size_t slots, count; /* slots is a power of two */
	int64_t next_ms;
};

struct pace *pace_create(int64_t rate)
{
	struct pace *pace = memory_zero(1, sizeof(*pace));

	pace->gap_us = 60000000 / (rate > 0 ? rate : 1);
	pace->key = hash_key_random();
	pace->slots = 64;
	pace->bucket = memory_zero(pace->slots, sizeof(*pace->bucket));
	pace->next_ms = -1;
	return pace;
}

void pace_destroy(struct pace **pointer)
{
	struct pace *pace = *pointer;

	if (pace == NULL)
		return;
	for (size_t i = 0; i < pace->slots; i++)
		free(pace->bucket[i].destination);
	free(pace->bucket);
	free(pace);
	*pointer = NULL;
}

static struct bucket *find(struct pace *pace, struct slice destination)
{
	size_t at = hash_bytes(&pace->key, destination) & (pace->slots - 1);

	while (pace->bucket[at].destination != NULL &&
	       !slice_equal(
		   slice_make(pace->bucket[at].destination, pace->bucket[at].len), destination))
		at = (at + 1) & (pace->slots - 1);
	return &pace->bucket[at];
}

static void grow(struct pace *pace)
{
	struct bucket *old = pace->bucket;
	size_t slots = pace->slots;

	if (pace->count < slots / 2)
		return;
	pace->slots = slots * 2;
	pace->bucket = memory_zero(pace->slots, sizeof(*pace->bucket));
	for (size_t i = 0; i < slots; i++)
		if (old[i].destination != NULL)
			*find(pace, slice_make(old[i].destination, old[i].len)) = old[i];
	free(old);
}

bool pace_take(struct pace *pace, struct slice destination, int64_t now_ms)
{
	struct bucket *b;
	int64_t earliest;

	grow(pace);
	b = find(pace, destination);
	if (b->destination == NULL) {
		b->destination = memory_strndup(destination.data, destination.len);
		b->len = destination.len;
		b->next_us = now_ms * 1000;
		pace->count++;
	}
	/* A second of unused pace is kept at most. */
	earliest = now_ms * 1000 - 1000000;
	if (b->next_us < earliest)
		b->next_us = earliest;
	if (b->next_us > now_ms * 1000) {
		int64_t at = (b->next_us + 999) / 1000;

		if (pace->next_ms < 0 || at < pace->next_ms || pace->next_ms <= now_ms)
			pace->next_ms = at;
		return false;
	}
	b->next_us += pace->gap_us;
	return true;
}

int64_t pace_next_ms(const struct pace *pace)
{
	return pace->next_ms;
}

int64_t pace_seconds_left(const struct pace *pace)
{
	(void)pace;
	return -1;
}
