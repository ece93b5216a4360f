/* Keeps for each row whether it was in the scope at the last look, and a hash of what was shown of
 * it where that is known. A row that changes in something which is not shown (another recipient's
 * reply) hashes to the same, and is no change. */
#include "query/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "query/internal.h"

/* Rows that are looked at one by one; more have changed at once only when the queue was read. */
#define ROWS_MAX 16384
/* A scope with more messages than this is not hashed all at once: that would take a second. */
#define HASHED_AT_ONCE 20000
/* Views live for minutes: counts of generations so far back that one of them may still show. */
#define MARKS_MAX 256

/* Of a row: not in the scope; in it, but what it shows is not known. */
enum { OUTSIDE, INSIDE };

struct query_changes {
	struct query *q;
	const struct query_scope *scope;
	struct hash_key key;
	uint32_t *rows; /* what is known of each; else a hash */
	size_t count;
	uint64_t generation; /* of the queue at the last look */
	struct {
		uint64_t generation, count;
	} marks[MARKS_MAX]; /* a ring: the count from that generation on */
	size_t mark_count;
};

static void mark(struct query_changes *c, uint64_t count)
{
	c->marks[c->mark_count % MARKS_MAX].generation = c->generation;
	c->marks[c->mark_count++ % MARKS_MAX].count = count;
}

static uint64_t last_count(const struct query_changes *c)
{
	return c->marks[(c->mark_count - 1) % MARKS_MAX].count;
}

/* ---- One row ---- */

static uint64_t hash_text(const struct query_changes *c, uint64_t hash, struct slice text)
{
	return hash_mix(hash, hash_bytes(&c->key, text));
}

static uint64_t hash_recipients(
    const struct query_changes *c, uint64_t hash, const struct query_message *m)
{
	struct index_recipient r;
	struct index_pause pause;

	for (uint32_t n = 0; query_recipient(c->q, m, n, &r); n++) {
		hash = hash_text(c, hash_text(c, hash, r.address), r.reason);
		hash = hash_text(c, hash_text(c, hash, r.dsn), r.remote);
		hash = hash_mix(hash, r.flags);
		if (query_recipient_pause(c->q, m, n, &pause))
			hash = hash_mix(hash, (uint64_t)pause.id);
	}
	return hash;
}

/* What is shown of a row now: OUTSIDE, or a number that is neither OUTSIDE nor INSIDE. */
static uint32_t look_at(struct query_changes *c, uint32_t row, int64_t now)
{
	struct index_row r;
	struct query_message m;
	struct index_pause pause;
	uint64_t hash;

	if (!index_live(c->q->index, row) || !index_row(c->q->index, row, &r) ||
	    !query_find(c->q, c->scope, slice_of(r.id), now, &m))
		return OUTSIDE;
	hash = hash_text(c, (uint64_t)m.row.queue << 32 | m.row.known, slice_of(m.row.id));
	hash = hash_mix(hash, (uint64_t)m.row.arrival);
	hash = hash_mix(hash, (uint64_t)m.row.next_retry);
	hash = hash_mix(hash, (uint64_t)m.row.create_time);
	hash = hash_mix(hash, m.row.size);
	hash = hash_mix(hash, m.row.recipient_count);
	hash = hash_mix(hash, (uint64_t)m.row.forced_expire << 1 | m.row.damaged);
	hash = hash_mix(hash, (uint64_t)query_deleting(c->q, &m));
	hash = hash_text(c, hash_text(c, hash, m.row.sender), m.row.subject);
	if (query_pause(c->q, &m, &pause))
		hash = hash_mix(hash, (uint64_t)pause.id);
	hash = hash_recipients(c, hash, &m);
	return (uint32_t)hash > INSIDE ? (uint32_t)hash : INSIDE + 1;
}

/* ---- All rows ---- */

/* Which are in the scope, as INSIDE and OUTSIDE; how many. */
static size_t decide_all(const struct query_changes *c, uint32_t *rows, size_t count, int64_t now)
{
	const struct inside *inside = inside_of(c->q->index, c->scope->filter, now);
	size_t found = 0;

	for (uint32_t row = 0; row < count; row++) {
		bool is = index_live(c->q->index, row) && query_row_is_within(inside, row);

		rows[row] = is ? INSIDE : OUTSIDE;
		found += is;
	}
	return found;
}

/* Whether what is known before and after differs. */
static bool differs(uint32_t before, uint32_t after)
{
	if (before <= INSIDE || after <= INSIDE)
		return (before == OUTSIDE) != (after == OUTSIDE);
	return before != after;
}

/* At the beginning, and where nobody knows any more which rows have changed. */
static bool look_at_all(struct query_changes *c, int64_t now)
{
	size_t count = index_rows(c->q->index);
	uint32_t *rows = memory_alloc((count + 1) * sizeof(*rows));
	bool hashes = decide_all(c, rows, count, now) <= HASHED_AT_ONCE, changed = false;

	for (uint32_t row = 0; row < count || row < c->count; row++) {
		if (hashes && row < count && rows[row] == INSIDE)
			rows[row] = look_at(c, row, now);
		changed |= differs(
		    row < c->count ? c->rows[row] : OUTSIDE, row < count ? rows[row] : OUTSIDE);
	}
	free(c->rows);
	c->rows = rows;
	c->count = count;
	return changed;
}

static void make_room(struct query_changes *c, uint32_t row)
{
	size_t count = row + 1 > c->count * 2 ? row + 1 : c->count * 2;

	if (row < c->count)
		return;
	c->rows = memory_resize(c->rows, count, sizeof(*c->rows));
	memset(c->rows + c->count, 0, (count - c->count) * sizeof(*c->rows));
	c->count = count;
}

/* Of a row whose content was not known, any change counts. */
static bool look_at_one(struct query_changes *c, uint32_t row, int64_t now)
{
	uint32_t before, after;

	if (row == INDEX_ROW_NONE)
		return false;
	make_room(c, row);
	before = c->rows[row];
	after = look_at(c, row, now);
	c->rows[row] = after;
	return before != after;
}

/* ---- The count ---- */

void query_changes_look(struct query_changes *c, int64_t now)
{
	MEMORY_AUTO uint32_t *rows = NULL;
	uint64_t generation = index_generation(c->q->index);
	bool changed = false;
	int count;

	if (generation == c->generation)
		return;
	rows = memory_alloc(ROWS_MAX * sizeof(*rows));
	count = index_changed_rows(c->q->index, c->generation, rows, ROWS_MAX);
	for (int i = 0; i < count; i++)
		changed |= look_at_one(c, rows[i], now);
	if (count < 0)
		changed = look_at_all(c, now);
	c->generation = generation;
	if (changed)
		mark(c, last_count(c) + 1);
}

uint64_t query_changes_count(const struct query_changes *c, uint64_t generation)
{
	size_t kept = c->mark_count < MARKS_MAX ? c->mark_count : MARKS_MAX;

	for (size_t i = 1; i <= kept; i++) {
		size_t at = (c->mark_count - i) % MARKS_MAX;

		if (c->marks[at].generation <= generation)
			return c->marks[at].count;
	}
	/* Older than all that are kept. */
	return c->marks[(c->mark_count - kept) % MARKS_MAX].count - 1;
}

struct query_changes *query_changes_create(
    struct query *q, const struct query_scope *scope, uint64_t first, int64_t now)
{
	struct query_changes *c = memory_zero(1, sizeof(*c));

	c->q = q;
	c->scope = scope;
	c->key = hash_key_random();
	c->generation = index_generation(q->index);
	mark(c, first);
	look_at_all(c, now);
	return c;
}

void query_changes_free(struct query_changes **changes)
{
	if (*changes != NULL)
		free((*changes)->rows);
	free(*changes);
	*changes = NULL;
}
