#include "jobs/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"

/* Texts live one after the other in one buffer: an entry keeps offsets, which stay right as it
 * grows. */
struct entry {
	size_t id, sender, domain; /* offsets into `text` */
	uint32_t sender_len;
	uint16_t domain_len;
	uint8_t id_len, queue;
	int64_t arrival, size, created;
	uint64_t inode;
	uint32_t recipients, row;
};

struct selection {
	struct entry *entry;
	size_t count, room;
	int64_t bytes;
	struct buffer text;
	uint32_t *slot; /* open addressing; index + 1, 0 empty */
	size_t slots;	/* a power of two */
	struct hash_key key;
};

struct selection *selection_create(void)
{
	struct selection *s = memory_zero(1, sizeof(*s));

	s->key = hash_key_random();
	return s;
}

void selection_destroy(struct selection **pointer)
{
	struct selection *s = *pointer;

	if (s == NULL)
		return;
	buffer_free(&s->text);
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

	if (s->count < s->slots / 2)
		return;
	free(s->slot);
	s->slots = slots;
	s->slot = memory_zero(slots, sizeof(*s->slot));
	for (size_t i = 0; i < s->count; i++)
		s->slot[find_slot(s, entry_id(s, i))] = (uint32_t)i + 1;
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
	if (s->count == s->room) {
		s->room = s->room == 0 ? 64 : s->room * 2;
		s->entry = memory_resize(s->entry, s->room, sizeof(*s->entry));
	}
	e = &s->entry[s->count];
	*e = (struct entry){.queue = (uint8_t)t->queue,
	    .arrival = t->arrival,
	    .size = t->size,
	    .created = t->created,
	    .inode = t->inode,
	    .recipients = t->recipients,
	    .row = t->row,
	    .id_len = (uint8_t)t->id.len,
	    .sender_len = (uint32_t)t->sender.len};
	e->domain_len = t->domain.len <= 255 ? (uint16_t)t->domain.len : 0;
	e->id = keep(s, t->id);
	e->sender = keep(s, t->sender);
	e->domain = keep(s, slice_first(t->domain, e->domain_len));
	s->count++;
	s->slot[at] = (uint32_t)s->count;
	if (t->size > 0)
		s->bytes += t->size;
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

int64_t selection_bytes(const struct selection *s)
{
	return s->bytes;
}

void selection_get(const struct selection *s, size_t i, struct target *t)
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
	    .row = e->row};
}

bool selection_contains(const struct selection *s, struct slice id)
{
	return s->slots != 0 && s->slot[find_slot(s, id)] != 0;
}

/* ---- from the index ---- */

static void note_left(struct selection_left *left, struct slice id)
{
	if (left == NULL || left->count == SELECTION_LEFT_MAX || id.len >= QUEUE_ID_SIZE)
		return;
	memcpy(left->id[left->count], id.data, id.len);
	left->id[left->count++][id.len] = '\0';
}

/* What a destination is, for pacing: what stands behind the last @, in lower case. */
static struct slice destination(const struct index *ix, uint32_t row, char out[256])
{
	struct index_recipient r;
	ptrdiff_t at = -1;
	size_t len = 0;

	if (!index_recipient(ix, row, 0, &r))
		return SLICE("");
	for (size_t i = 0; i < r.address.len; i++)
		if (r.address.data[i] == '@')
			at = (ptrdiff_t)i;
	for (size_t i = (size_t)(at + 1); at >= 0 && i < r.address.len && len < 255; i++) {
		char c = r.address.data[i];

		out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return slice_make(out, len);
}

static void add_row(
    struct selection *s, const struct index *ix, uint32_t number, const struct index_row *row)
{
	char domain[256];
	struct target t = {.id = slice_of(row->id),
	    .queue = row->queue,
	    .arrival = row->arrival,
	    .size = (int64_t)row->size,
	    .sender = row->sender,
	    .created = -1,
	    .domain = destination(ix, number, domain),
	    .recipients = row->recipient_count,
	    .row = number};

	if ((row->known & MESSAGE_KNOWS_FILE) != 0)
		t.inode = row->inode;
	if ((row->known & MESSAGE_KNOWS_CREATE_TIME) != 0)
		t.created = row->create_time;
	selection_add(s, &t);
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

struct selection *selection_from_view(const struct index *ix, const struct view *view,
    const struct slice *except, size_t except_count, struct selection_left *left, struct error *err)
{
	struct selection *not = selection_create(), *s;

	if (!is_current(view, err)) {
		selection_destroy(&not );
		return NULL;
	}
	for (size_t i = 0; i < except_count; i++)
		selection_add_missing(not, except[i]);
	s = selection_create();
	for (uint32_t i = 0; i < view_length(view); i++) {
		struct index_row row;
		uint32_t number = view_row(view, i);

		if (!index_row(ix, number, &row) || selection_contains(not, slice_of(row.id)))
			continue;
		if (row.left)
			note_left(left, slice_of(row.id));
		else
			add_row(s, ix, number, &row);
	}
	selection_destroy(&not );
	return s;
}

struct selection *selection_from_ids(const struct index *ix, const struct slice *ids, size_t count,
    struct selection_left *left, struct error *err)
{
	struct selection *s = selection_create();

	for (size_t i = 0; i < count; i++) {
		struct index_row row;
		uint32_t number;

		if (!queue_id_valid(ids[i])) {
			error_set(err, "invalid_id", "\"%.*s\" is no queue ID of Postfix",
			    (int)(ids[i].len < 64 ? ids[i].len : 64), ids[i].data);
			selection_destroy(&s);
			return NULL;
		}
		number = index_find(ix, ids[i]);
		if (number != INDEX_ROW_NONE && index_row(ix, number, &row))
			add_row(s, ix, number, &row);
		else {
			if (!selection_contains(s, ids[i]))
				note_left(left, ids[i]);
			selection_add_missing(s, ids[i]);
		}
	}
	return s;
}
