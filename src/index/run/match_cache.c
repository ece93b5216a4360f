/* What filters found is kept as two bits a row, with the generation at which it was found. The
 * rows that changed since are known (GENERATION_ROWS of them), so asking again decides only these.
 * Filters are told apart by their nodes, not by their text: the same filter is often written in
 * two ways. */
#include "index/run/match_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct found {
	struct buffer key;
	uint64_t *yes, *unknown;
	size_t words;
	enum filter_field undecided;
	uint64_t generation;
};

struct match_cache {
	struct found found[MATCH_CACHE_COUNT];
	size_t next;
};

static void found_free(struct found *f)
{
	buffer_free(&f->key);
	free(f->yes);
	free(f->unknown);
	*f = (struct found){.words = 0};
}

void match_cache_free(struct index *ix)
{
	for (size_t i = 0; ix->match_cache && i < MATCH_CACHE_COUNT; i++)
		found_free(&ix->match_cache->found[i]);
	free(ix->match_cache);
	ix->match_cache = NULL;
}

/* The age of a message grows without any change of its row, and so does what is left of its
 * lifetime. A reason that is not settled changes its answer when it is. */
static bool is_on_rows_alone(const struct index *ix, const struct filter_node *n)
{
	if (n->kind == FILTER_NUMBER)
		return n->field != FILTER_AGE && n->field != FILTER_NEXT &&
		       n->field != FILTER_EXPIRES;
	if (n->kind == FILTER_TEXT && (n->field == FILTER_CAUSE || n->field == FILTER_REASON))
		return ix->settle_from >= ix->reasons.count;
	return true;
}

bool match_cache_on_rows_alone(const struct index *ix, const struct filter *filter)
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(filter, &count);

	for (uint32_t i = 0; i < count; i++) {
		if (!is_on_rows_alone(ix, &nodes[i]))
			return false;
	}
	return true;
}

/* Everything that can make two filters different, and nothing of how they are written. */
bool match_cache_key(const struct index *ix, const struct filter *filter, struct buffer *key)
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(filter, &count);

	if (!match_cache_on_rows_alone(ix, filter))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct filter_node *n = &nodes[i];
		if (key->len > MATCH_CACHE_KEY_MAX)
			return false;
		buffer_put_u8(key, (uint8_t)n->kind);
		buffer_put_u8(key, (uint8_t)n->field);
		buffer_put_u8(key, (uint8_t)n->op);
		buffer_put_u8(key, (uint8_t)n->match);
		buffer_put_i64(key, n->value);
		buffer_put_u32(key, n->first_child);
		buffer_put_u32(key, n->next_sibling);
		buffer_put_string(key, n->pattern);
	}
	return key->len <= MATCH_CACHE_KEY_MAX;
}

static struct found *look_up(const struct index *ix, struct slice key)
{
	for (size_t i = 0; ix->match_cache && i < MATCH_CACHE_COUNT; i++) {
		struct found *f = &ix->match_cache->found[i];
		if (f->yes && slice_equal(buffer_slice(&f->key), key))
			return f;
	}
	return NULL;
}

/* Rows that came since are beyond the words that are kept; they are zero here, and among the
 * changed. */
bool match_cache_find(const struct index *ix, struct slice key, size_t words, struct verdict *found,
    uint64_t *changed, enum filter_field *undecided)
{
	const struct found *f = look_up(ix, key);

	if (!f || f->words > words || ix->generation - f->generation >= GENERATION_ROWS ||
	    f->generation < ix->all_changed)
		return false;
	memcpy(found->yes, f->yes, f->words * sizeof(*f->yes));
	memcpy(found->unknown, f->unknown, f->words * sizeof(*f->unknown));
	for (uint64_t g = f->generation + 1; g <= ix->generation; g++) {
		uint32_t row = ix->changed_rows[g % GENERATION_ROWS];
		if (row != INDEX_ROW_NONE && row / 64 < words)
			changed[row / 64] |= UINT64_C(1) << (row % 64);
	}
	*undecided = f->undecided;
	return true;
}

void match_cache_store(struct index *ix, struct slice key, size_t words,
    const struct verdict *found, enum filter_field undecided)
{
	struct found *f = look_up(ix, key);

	if (!ix->match_cache)
		ix->match_cache = memory_zero(1, sizeof(*ix->match_cache));
	if (!f) {
		f = &ix->match_cache->found[ix->match_cache->next++ % MATCH_CACHE_COUNT];
		buffer_clear(&f->key);
		buffer_append_slice(&f->key, key);
	}
	f->yes = memory_resize(f->yes, words, sizeof(*f->yes));
	f->unknown = memory_resize(f->unknown, words, sizeof(*f->unknown));
	memcpy(f->yes, found->yes, words * sizeof(*f->yes));
	memcpy(f->unknown, found->unknown, words * sizeof(*f->unknown));
	f->words = words;
	f->undecided = undecided;
	f->generation = ix->generation;
}
