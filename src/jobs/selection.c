#include "jobs/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"
#include "jobs/decide.h"

/* In an item: the number of an entry of its own, else it is a row of the index. */
#define ITEM_OWN (1u << 31)

/* Texts live one after the other in one buffer: an entry keeps offsets, which stay right as it
 * grows. */
struct entry {
	size_t id, sender, domain; /* offsets into `text` */
	uint32_t sender_len;
	uint16_t domain_len;
	uint8_t id_len, queue;
	int64_t arrival, size, created;
	uint64_t inode;
	uint32_t recipients;
};

/* What selection_get gives slices of. */
struct scratch {
	char id[QUEUE_ID_SIZE], domain[TARGET_DOMAIN_MAX];
};

struct selection {
	uint32_t *item;
	size_t count, room;
	struct selection_totals totals;
	struct index *ix; /* of the rows; NULL: there are none */
	struct view_pin *pin;
	uint64_t *chosen; /* a bit for each row that is an item */
	size_t chosen_words;
	struct scratch *scratch;
	/* What is not in the index. */
	struct entry *entry;
	size_t entries, entry_room;
	struct buffer text;
	uint32_t *slot; /* open addressing; entry + 1, 0 empty */
	size_t slots;	/* a power of two */
	struct hash_key key;
};

struct selection *selection_create(void)
{
	struct selection *s = memory_zero(1, sizeof(*s));

	s->key = hash_key_random();
	s->scratch = memory_zero(1, sizeof(*s->scratch));
	return s;
}

static struct selection *create_for(struct index *ix)
{
	struct selection *s = selection_create();

	s->ix = ix;
	s->pin = view_pin(ix);
	return s;
}

void selection_destroy(struct selection **pointer)
{
	struct selection *s = *pointer;

	if (s == NULL)
		return;
	view_unpin(&s->pin);
	buffer_free(&s->text);
	free(s->item);
	free(s->chosen);
	free(s->scratch);
	free(s->entry);
	free(s->slot);
	free(s);
	*pointer = NULL;
}

static struct slice entry_id(const struct selection *s, size_t i)
{
	return slice_make(s->text.data + s->entry[i].id, s->entry[i].id_len);
}

/* The slot where `id` is, or the empty one where it belongs. */
static size_t find_slot(const struct selection *s, struct slice id)
{
	size_t at = hash_bytes(&s->key, id) & (s->slots - 1);

	while (s->slot[at] != 0 && !slice_equal(entry_id(s, s->slot[at] - 1), id))
		at = (at + 1) & (s->slots - 1);
	return at;
}

static void grow(struct selection *s)
{
	size_t slots = s->slots == 0 ? 64 : s->slots * 2;

	if (s->entries < s->slots / 2)
		return;
	free(s->slot);
	s->slots = slots;
	s->slot = memory_zero(slots, sizeof(*s->slot));
	for (size_t i = 0; i < s->entries; i++)
		s->slot[find_slot(s, entry_id(s, i))] = (uint32_t)i + 1;
}

static void add_item(struct selection *s, uint32_t item)
{
	if (s->count == s->room) {
		s->room = s->room == 0 ? 64 : s->room * 2;
		s->item = memory_resize(s->item, s->room, sizeof(*s->item));
	}
	s->item[s->count++] = item;
}

/* Whether the row was chosen before; it is from now on. */
static bool choose(struct selection *s, uint32_t row)
{
	uint64_t bit = UINT64_C(1) << (row % 64);
	size_t words = s->chosen_words == 0 ? 1024 : s->chosen_words;
	bool before;

	while (row / 64 >= words)
		words *= 2;
	if (words > s->chosen_words) {
		s->chosen = memory_resize(s->chosen, words, sizeof(*s->chosen));
		memset(
		    s->chosen + s->chosen_words, 0, (words - s->chosen_words) * sizeof(*s->chosen));
		s->chosen_words = words;
	}
	before = s->chosen[row / 64] & bit;
	s->chosen[row / 64] |= bit;
	return before;
}

static bool is_chosen(const struct selection *s, uint32_t row)
{
	return row / 64 < s->chosen_words && (s->chosen[row / 64] >> (row % 64) & 1);
}

static void add_row(struct selection *s, uint32_t row)
{
	if (row < ITEM_OWN && s->count < SELECTION_MAX && !choose(s, row))
		add_item(s, row);
}

uint32_t *selection_rows(const struct selection *s, size_t *count)
{
	uint32_t *rows = memory_alloc(s->count * sizeof(*rows) + 1);

	*count = 0;
	for (size_t w = 0; w < s->chosen_words; w++) {
		for (uint64_t bits = s->chosen[w]; bits != 0; bits &= bits - 1)
			rows[(*count)++] = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return rows;
}

static void each_entry(const struct selection *s, selection_each_fn *each, void *ctx)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct entry *e = &s->entry[i];
		struct index_brief brief = {.queue = (enum queue)e->queue,
		    .null_sender = e->sender_len == 0,
		    .recipient_count = e->recipients,
		    .arrival = e->arrival,
		    .create_time = e->created,
		    .size = (uint64_t)e->size};

		each(ctx, e->arrival < 0 ? NULL : &brief);
	}
}

void selection_each(const struct selection *s, selection_each_fn *each, void *ctx)
{
	size_t count;
	MEMORY_AUTO uint32_t *rows = selection_rows(s, &count);

	for (size_t i = 0; i < count; i++) {
		struct index_brief row;

		if (index_brief(s->ix, rows[i], &row))
			each(ctx, &row);
	}
	each_entry(s, each, ctx);
}

/* Once all rows are in. */
static void add_up(struct selection *s)
{
	size_t count;
	MEMORY_AUTO uint32_t *rows = selection_rows(s, &count);

	for (size_t i = 0; i < count; i++) {
		struct index_brief row;

		if (!index_brief(s->ix, rows[i], &row))
			continue;
		s->totals.bytes += (int64_t)row.size;
		s->totals.recipients += row.recipient_count;
		s->totals.queue[row.queue]++;
	}
}

static size_t keep(struct selection *s, struct slice text)
{
	size_t at = s->text.len;

	buffer_append_slice(&s->text, text);
	return at;
}

bool selection_add(struct selection *s, const struct target *t)
{
	size_t at;
	struct entry *e;

	if (t->id.len == 0 || t->id.len > QUEUE_ID_MAX || s->count == SELECTION_MAX)
		return false;
	grow(s);
	at = find_slot(s, t->id);
	if (s->slot[at] != 0)
		return false;
	if (s->entries == s->entry_room) {
		s->entry_room = s->entry_room == 0 ? 64 : s->entry_room * 2;
		s->entry = memory_resize(s->entry, s->entry_room, sizeof(*s->entry));
	}
	e = &s->entry[s->entries];
	*e = (struct entry){.queue = (uint8_t)t->queue,
	    .arrival = t->arrival,
	    .size = t->size,
	    .created = t->created,
	    .inode = t->inode,
	    .recipients = t->recipients,
	    .id_len = (uint8_t)t->id.len,
	    .sender_len = (uint32_t)t->sender.len};
	e->domain_len = t->domain.len <= TARGET_DOMAIN_MAX ? (uint16_t)t->domain.len : 0;
	e->id = keep(s, t->id);
	e->sender = keep(s, t->sender);
	e->domain = keep(s, slice_first(t->domain, e->domain_len));
	add_item(s, ITEM_OWN | (uint32_t)s->entries++);
	s->slot[at] = (uint32_t)s->entries;
	s->totals.bytes += t->size > 0 ? t->size : 0;
	s->totals.recipients += t->recipients;
	if (t->queue < QUEUE_COUNT)
		s->totals.queue[t->queue]++;
	return true;
}

void selection_add_missing(struct selection *s, struct slice id)
{
	struct target t = {.id = id,
	    .queue = TARGET_QUEUE_UNKNOWN,
	    .arrival = -1,
	    .created = -1,
	    .row = INDEX_ROW_NONE};

	selection_add(s, &t);
}

size_t selection_count(const struct selection *s)
{
	return s->count;
}

const struct selection_totals *selection_totals(const struct selection *s)
{
	return &s->totals;
}

static void get_entry(const struct selection *s, size_t i, struct target *t)
{
	const struct entry *e = &s->entry[i];

	*t = (struct target){.id = entry_id(s, i),
	    .queue = (enum queue)e->queue,
	    .arrival = e->arrival,
	    .inode = e->inode,
	    .size = e->size,
	    .created = e->created,
	    .sender = slice_make(s->text.data + e->sender, e->sender_len),
	    .domain = slice_make(s->text.data + e->domain, e->domain_len),
	    .recipients = e->recipients,
	    .row = INDEX_ROW_NONE};
}

static bool contains(const struct selection *s, struct slice id)
{
	return s->slots > 0 && s->slot[find_slot(s, id)] != 0;
}

static void note_left(struct selection_left *left, struct slice id)
{
	if (left == NULL || left->count == SELECTION_LEFT_MAX || id.len >= QUEUE_ID_SIZE)
		return;
	memcpy(left->id[left->count], id.data, id.len);
	left->id[left->count++][id.len] = '\0';
}

/* A row that has left, unless it was excepted. */
static void note_left_row(struct selection_left *left, const struct index *ix, uint32_t number,
    const struct selection *excepted)
{
	struct index_row row;

	if (left == NULL || left->count == SELECTION_LEFT_MAX || !index_row(ix, number, &row))
		return;
	if (!contains(excepted, slice_of(row.id)))
		note_left(left, slice_of(row.id));
}

/* What a destination is, for pacing: what stands behind the last @, in lower case. */
static struct slice destination(const struct index *ix, uint32_t row, char out[TARGET_DOMAIN_MAX])
{
	struct index_recipient r;
	ptrdiff_t at = -1;
	size_t len = 0;

	if (!index_recipient(ix, row, 0, &r))
		return SLICE("");
	for (size_t i = 0; i < r.address.len; i++)
		if (r.address.data[i] == '@')
			at = (ptrdiff_t)i;
	for (size_t i = (size_t)(at + 1); at >= 0 && i < r.address.len && len < TARGET_DOMAIN_MAX;
	     i++) {
		char c = r.address.data[i];

		out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return slice_make(out, len);
}

static void get_row(const struct selection *s, uint32_t number, struct target *t)
{
	struct index_row row;

	/* Never: the index keeps it as long as this selection is there. */
	if (!index_row(s->ix, number, &row))
		abort();
	memcpy(s->scratch->id, row.id, sizeof(row.id));
	*t = (struct target){.id = slice_of(s->scratch->id),
	    .queue = row.queue,
	    .arrival = row.arrival,
	    .inode = row.known & MESSAGE_KNOWS_FILE ? row.inode : 0,
	    .size = (int64_t)row.size,
	    .created = row.known & MESSAGE_KNOWS_CREATE_TIME ? row.create_time : -1,
	    .sender = row.sender,
	    .domain = destination(s->ix, number, s->scratch->domain),
	    .recipients = row.recipient_count,
	    .row = number};
}

void selection_get(const struct selection *s, size_t i, struct target *t)
{
	uint32_t item = s->item[i];

	if (item & ITEM_OWN)
		get_entry(s, item & ~ITEM_OWN, t);
	else
		get_row(s, item, t);
}

static bool is_current(const struct view *view, struct error *err)
{
	const struct index_match *match = view_match(view);

	if (match->undecided > 0)
		return error_set(err, "field_unavailable",
		    "it is not known whether \"%s:\" matches %llu message%s: no action is taken on "
		    "a guess",
		    filter_field_name(match->undecided_field), (unsigned long long)match->undecided,
		    match->undecided == 1 ? "" : "s");
	if (!view_actionable(view))
		return error_set(err, "not_current",
		    "the queue was not completely read when this view was made; take a new view "
		    "when it is");
	return true;
}

/* The messages that are excepted: rows of those that are queued, and the other IDs. */
static struct selection *excepted_of(
    const struct index *ix, const struct slice *except, size_t count)
{
	struct selection *s = selection_create();

	for (size_t i = 0; i < count; i++) {
		uint32_t row = index_find(ix, except[i]);
		if (row != INDEX_ROW_NONE)
			add_row(s, row);
		else
			selection_add_missing(s, except[i]);
	}
	return s;
}

struct selection *selection_from_view(struct index *ix, const struct view *view,
    const struct slice *except, size_t except_count, struct selection_left *left, struct error *err)
{
	struct selection *s, *excepted;

	if (!is_current(view, err))
		return NULL;
	excepted = excepted_of(ix, except, except_count);
	s = create_for(ix);
	for (uint32_t i = 0; i < view_length(view); i++) {
		uint32_t row = view_row(view, i);

		if (!index_live(ix, row))
			note_left_row(left, ix, row, excepted);
		else if (!is_chosen(excepted, row))
			add_row(s, row);
	}
	selection_destroy(&excepted);
	add_up(s);
	return s;
}

struct selection *selection_from_ids(struct index *ix, const struct slice *ids, size_t count,
    struct selection_left *left, struct error *err)
{
	struct selection *s = create_for(ix);

	for (size_t i = 0; i < count; i++) {
		uint32_t row;
		size_t before = s->count;

		if (!queue_id_valid(ids[i])) {
			error_set(err, "invalid_id", "\"%.*s\" is no queue ID of Postfix",
			    (int)(ids[i].len < 64 ? ids[i].len : 64), ids[i].data);
			selection_destroy(&s);
			return NULL;
		}
		row = index_find(ix, ids[i]);
		if (row != INDEX_ROW_NONE) {
			add_row(s, row);
			continue;
		}
		selection_add_missing(s, ids[i]);
		if (s->count > before)
			note_left(left, ids[i]);
	}
	add_up(s);
	return s;
}

struct selection *selection_begin(struct index *ix, struct error *err)
{
	struct index_status status;

	index_status(ix, &status);
	if (status.state != INDEX_CURRENT) {
		error_set(err, "not_current",
		    "the queue has not been completely read: try again when it has");
		return NULL;
	}
	return create_for(ix);
}

void selection_add_item(
    struct selection *s, const struct job_item *item, struct selection_left *left)
{
	struct found found = {.state = FOUND_HERE};
	uint32_t number = index_find(s->ix, slice_of(item->id));
	struct index_row row;

	if (decide_found_held(item))
		return;
	if (number != INDEX_ROW_NONE && index_row(s->ix, number, &row)) {
		found.arrival = row.arrival;
		found.inode = row.known & MESSAGE_KNOWS_FILE ? row.inode : 0;
		found.sender = row.sender;
		if (target_is_same(item, &found)) {
			add_row(s, number);
			return;
		}
	}
	note_left(left, slice_of(item->id));
}

void selection_end(struct selection *s)
{
	add_up(s);
}
