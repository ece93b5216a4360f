#include "index/texts.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/team.h"

/* Numbers in a part: 16 words of the bitmap, which only the part's thread writes. */
#define PART 1024
/* Most texts are addresses of some 25 bytes: below this a second thread does not pay. */
#define TWO_THREADS_BYTES ((uint64_t)1 << 20)
/* Looking at one text when it is asked for costs as much as deciding so many one after another. */
#define RANDOM_COST 8

/* A client has a name and an address, each a value of its own; of a reason only the words count. */
static size_t values_of(const struct texts *t, uint32_t number, struct slice value[2])
{
	if (t->dict == &t->ix->reasons) {
		value[0] = internal_reason_text(t->ix, number);
		return 1;
	}
	value[0] = dict_text(t->dict, number);
	if (t->dict != &t->ix->clients || number == 0)
		return 1;
	value[1] = value[0];
	value[0] = internal_part(&value[1]);
	return 2;
}

bool texts_look(const struct texts *t, uint32_t number, struct buffer *scratch)
{
	struct slice value[2];
	size_t count = values_of(t, number, value);

	return filter_set_match(t->set, value[0], scratch) ||
	       (count == 2 && filter_set_match(t->set, value[1], scratch));
}

/* Values that stand in the dictionary's memory one behind the other, and whose they are. */
struct batch {
	struct slice value[2 * PART];
	uint32_t number[2 * PART];
	size_t count;
};

static void batch_flush(const struct texts *t, struct batch *b, struct buffer *scratch)
{
	uint64_t yes[2 * PART / 64] = {0};

	if (b->count == 0)
		return;
	filter_set_match_all(t->set, b->value, b->count, yes, scratch);
	for (size_t w = 0; w * 64 < b->count; w++) {
		for (uint64_t left = yes[w]; left != 0; left &= left - 1) {
			uint32_t n = b->number[w * 64 + (size_t)__builtin_ctzll(left)];
			t->yes[n / 64] |= UINT64_C(1) << (n % 64);
		}
	}
	b->count = 0;
}

static void batch_add(const struct texts *t, struct batch *b, uint32_t number, struct slice value,
    struct buffer *scratch)
{
	const struct slice *last = b->count ? &b->value[b->count - 1] : NULL;

	if (last && value.data < last->data + last->len)
		batch_flush(t, b, scratch);
	b->value[b->count] = value;
	b->number[b->count++] = number;
}

static void decide_part(void *context, size_t part, struct buffer *scratch)
{
	const struct texts *t = context;
	uint32_t from = (uint32_t)part * PART;
	uint32_t to = t->dict->count - from > PART ? from + PART : t->dict->count;
	struct slice value[2];
	struct batch batch;

	batch.count = 0;
	for (uint32_t n = from; n < to; n++) {
		if (!dict_used(t->dict, n))
			continue;
		size_t count = values_of(t, n, value);
		for (size_t i = 0; i < count; i++) {
			if (value[i].len > 0)
				batch_add(t, &batch, n, value[i], scratch);
			else if (filter_set_match(t->set, value[i], scratch))
				t->yes[n / 64] |= UINT64_C(1) << (n % 64);
		}
	}
	batch_flush(t, &batch, scratch);
}

void texts_begin(struct texts *t, const struct index *ix, const struct dict *dict,
    const struct filter_set *set, uint64_t asked)
{
	size_t parts = ((size_t)dict->count + PART - 1) / PART;

	*t = (struct texts){.ix = ix, .dict = dict, .set = set};
	if (asked < dict->slots.used / RANDOM_COST)
		return;
	t->yes = memory_zero((size_t)dict->count / 64 + 1, sizeof(*t->yes));
	team_run(parts, dict_text_bytes(dict) > TWO_THREADS_BYTES, decide_part, t);
}

void texts_end(struct texts *t)
{
	free(t->yes);
	t->yes = NULL;
}
