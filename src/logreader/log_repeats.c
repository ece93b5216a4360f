/* A table for each kind in each step; a key that has come often enough over all steps stands among
 * the candidates, which are few, so that telling costs nothing on a busy host. */
#include "logreader/log_repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/rate_table.h"

enum kind { KIND_MESSAGE_ID, KIND_PAIR, KINDS };

/* Counted are messages; which result they stand under says nothing. */
static const struct rate_counts once = {.n = {[RATE_RECEIVED] = 1}};

/* "sender NUL text", and of a message ID a hash of the recipient behind it. */
struct candidate {
	char *key;
	size_t len;
	uint32_t times; /* when it was last looked at */
};

struct step {
	int64_t number; /* of LOG_REPEATS_STEP seconds; 0: none */
	struct rate_table kinds[KINDS];
};

struct log_repeats {
	struct hash_key hash_key;
	int64_t newest; /* the number of the newest step */
	struct step steps[LOG_REPEATS_STEPS];
	struct candidate candidates[KINDS][LOG_REPEATS_TOLD];
	size_t count[KINDS];
};

static void clear_step(struct step *step)
{
	step->number = 0;
	for (int kind = 0; kind < KINDS; kind++)
		rate_table_clear(&step->kinds[kind]);
}

struct log_repeats *log_repeats_create(void)
{
	struct log_repeats *r = memory_zero(1, sizeof(*r));

	r->hash_key = hash_key_random();
	for (int i = 0; i < LOG_REPEATS_STEPS; i++)
		for (int kind = 0; kind < KINDS; kind++)
			rate_table_init(&r->steps[i].kinds[kind], LOG_REPEATS_KEYS);
	return r;
}

void log_repeats_reset(struct log_repeats *r)
{
	for (int i = 0; i < LOG_REPEATS_STEPS; i++)
		clear_step(&r->steps[i]);
	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < r->count[kind]; i++)
			free(r->candidates[kind][i].key);
		memset(r->candidates[kind], 0, sizeof(r->candidates[kind]));
		r->count[kind] = 0;
	}
	r->newest = 0;
}

void log_repeats_destroy(struct log_repeats **repeats)
{
	if (*repeats == NULL)
		return;
	log_repeats_reset(*repeats);
	free(*repeats);
	*repeats = NULL;
}

/* ---- counting ---- */

static struct step *step_of(struct log_repeats *r, int64_t at)
{
	int64_t number = at / LOG_REPEATS_STEP;
	struct step *step;

	if (number <= 0)
		return NULL;
	/* The clock of whoever logs was wrong. */
	if (number <= r->newest - 2 * LOG_REPEATS_STEPS)
		log_repeats_reset(r);
	if (number <= r->newest - LOG_REPEATS_STEPS)
		return NULL;
	step = &r->steps[number % LOG_REPEATS_STEPS];
	if (step->number != number)
		clear_step(step);
	step->number = number;
	if (number > r->newest)
		r->newest = number;
	return step;
}

/* Over the steps of the half hour that ends with `newest`. */
static uint32_t times_of(
    const struct log_repeats *r, enum kind kind, struct slice key, int64_t newest)
{
	uint32_t times = 0;

	for (int i = 0; i < LOG_REPEATS_STEPS; i++) {
		const struct step *step = &r->steps[i];
		const struct rate_entry *entry = NULL;
		if (step->number > newest - LOG_REPEATS_STEPS && step->number <= newest)
			entry = rate_table_find(&step->kinds[kind], key);
		if (entry != NULL)
			times += entry->counts.n[RATE_RECEIVED];
	}
	return times;
}

/* Where it stands among the candidates; its place is free, or that of one that came less often. */
static struct candidate *candidate_of(
    struct log_repeats *r, enum kind kind, struct slice key, uint32_t times)
{
	struct candidate *list = r->candidates[kind], *least = &list[0];

	for (size_t i = 0; i < r->count[kind]; i++) {
		if (slice_equal(slice_make(list[i].key, list[i].len), key))
			return &list[i];
		list[i].times = times_of(r, kind, slice_make(list[i].key, list[i].len), r->newest);
		if (list[i].times < least->times)
			least = &list[i];
	}
	if (r->count[kind] < LOG_REPEATS_TOLD)
		return &list[r->count[kind]++];
	if (least->times >= times)
		return NULL;
	free(least->key);
	*least = (struct candidate){.len = 0};
	return least;
}

static void add(struct log_repeats *r, struct step *step, enum kind kind, struct slice key)
{
	struct candidate *candidate;
	uint32_t times;

	rate_table_add(&step->kinds[kind], key, &once);
	/* Nearly all keys come once, and cost nothing more. */
	if (rate_table_find(&step->kinds[kind], key)->counts.n[RATE_RECEIVED] < 2)
		return;
	times = times_of(r, kind, key, r->newest);
	candidate = times >= LOG_REPEATS_LEAST ? candidate_of(r, kind, key, times) : NULL;
	if (candidate == NULL)
		return;
	if (candidate->key == NULL) {
		/* Not as a string: there is a NUL in it. */
		candidate->key = memory_alloc(key.len);
		memcpy(candidate->key, key.data, key.len);
		candidate->len = key.len;
	}
	candidate->times = times;
}

void log_repeats_add(struct log_repeats *r, int64_t at, struct slice message_id,
    struct slice sender, struct slice recipient)
{
	BUFFER_AUTO struct buffer key = {0}, pair = {0};
	uint64_t hash = hash_bytes(&r->hash_key, recipient);
	struct step *step;

	if (sender.len == 0 || recipient.len == 0 || sender.len > LOG_REPEATS_TEXT_MAX)
		return;
	step = step_of(r, at);
	if (step == NULL)
		return;
	buffer_append_slice(&key, sender);
	buffer_append_char(&key, '\0');
	if (message_id.len > 0 && message_id.len <= LOG_REPEATS_TEXT_MAX) {
		buffer_append_slice(&key, message_id);
		buffer_append(&key, &hash, sizeof(hash));
		add(r, step, KIND_MESSAGE_ID, buffer_slice(&key));
	}
	if (recipient.len > LOG_REPEATS_TEXT_MAX || slice_is(sender, "<>"))
		return;
	buffer_append_slice(&pair, sender);
	buffer_append_char(&pair, '\0');
	buffer_append_slice(&pair, recipient);
	add(r, step, KIND_PAIR, buffer_slice(&pair));
}

/* ---- telling ---- */

static struct log_repeat repeat_of(enum kind kind, const struct candidate *candidate)
{
	struct slice key = slice_make(candidate->key, candidate->len);
	size_t end = (size_t)slice_find_char(key, '\0');
	struct log_repeat repeat = {.message_id = kind == KIND_MESSAGE_ID,
	    .times = candidate->times,
	    .sender = slice_first(key, end),
	    .text = slice_from(key, end + 1)};

	if (repeat.message_id)
		repeat.text = slice_first(repeat.text, repeat.text.len - sizeof(uint64_t));
	return repeat;
}

static int by_times(const void *a, const void *b)
{
	const struct log_repeat *x = a, *y = b;

	if (x->times != y->times)
		return x->times > y->times ? -1 : 1;
	return slice_compare(x->text, y->text);
}

size_t log_repeats_find(
    struct log_repeats *r, int64_t now, struct log_repeat out[2 * LOG_REPEATS_TOLD])
{
	size_t count = 0;

	for (int kind = 0; kind < KINDS; kind++) {
		size_t first = count;
		for (size_t i = 0; i < r->count[kind]; i++) {
			struct candidate *candidate = &r->candidates[kind][i];
			candidate->times = times_of(r, (enum kind)kind,
			    slice_make(candidate->key, candidate->len), now / LOG_REPEATS_STEP);
			if (candidate->times >= LOG_REPEATS_LEAST)
				out[count++] = repeat_of((enum kind)kind, candidate);
		}
		qsort(&out[first], count - first, sizeof(*out), by_times);
	}
	return count;
}

size_t log_repeats_memory(const struct log_repeats *r)
{
	size_t memory = sizeof(*r);

	for (int i = 0; i < LOG_REPEATS_STEPS; i++)
		for (int kind = 0; kind < KINDS; kind++)
			memory += rate_table_memory(&r->steps[i].kinds[kind]);
	return memory;
}
