/* Which messages a job is for, frozen: from a view or from explicit IDs, with what makes each of
 * them that message and no other. Nothing is looked up again afterwards. */
#include "jobs/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/table.h"
#include "jobs/decide.h"

/* In an item: the number of an entry of its own, else that of a chosen message. */
#define ITEM_OWN (1u << 31)

/* Texts live one after the other in one buffer: an entry keeps offsets, which stay right as it
 * grows. */
struct entry {
	size_t id, sender, domain, reason; /* offsets into `text` */
	uint32_t sender_len, reason_len;
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
	size_t not_whole; /* chosen, and refused */
	struct selection_totals totals;
	struct query_chosen *chosen; /* of the queue; NULL: none is */
	struct scratch *scratch;
	/* What is not in the queue. */
	struct entry *entry;
	size_t entries, entry_room;
	struct buffer text;
	struct table by_id;
};

static struct slice entry_id(const void *owner, uint32_t number)
{
	const struct selection *s = owner;

	return slice_make(s->text.data + s->entry[number].id, s->entry[number].id_len);
}

struct selection *selection_create(void)
{
	struct selection *s = memory_zero(1, sizeof(*s));

	table_init(&s->by_id, entry_id);
	s->scratch = memory_zero(1, sizeof(*s->scratch));
	return s;
}

static struct selection *create_for(struct query *q)
{
	struct selection *s = selection_create();

	s->chosen = query_chosen_create(q);
	return s;
}

void selection_destroy(struct selection **pointer)
{
	struct selection *s = *pointer;

	if (s == NULL)
		return;
	query_chosen_free(&s->chosen);
	buffer_free(&s->text);
	free(s->item);
	free(s->scratch);
	free(s->entry);
	table_free(&s->by_id);
	free(s);
	*pointer = NULL;
}

static void add_item(struct selection *s, uint32_t item)
{
	if (s->count == s->room) {
		s->room = s->room == 0 ? 64 : s->room * 2;
		s->item = memory_resize(s->item, s->room, sizeof(*s->item));
	}
	s->item[s->count++] = item;
}

/* One that was just found. */
static void add_found(struct selection *s, const struct query_message *message)
{
	/* The highest bit of a number says whose it is; a queue with so many rows does not fit into
	 * memory. */
	if (message->number < ITEM_OWN && s->count < SELECTION_MAX &&
	    query_choose(s->chosen, message))
		add_item(s, message->number);
}

static void each_entry(const struct selection *s, query_chosen_each_fn *each, void *context)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct entry *e = &s->entry[i];
		struct index_brief brief = {.queue = (enum queue)e->queue,
		    .null_sender = e->sender_len == 0,
		    .recipient_count = e->recipients,
		    .arrival = e->arrival,
		    .create_time = e->created,
		    .size = (uint64_t)e->size};

		each(context, e->arrival < 0 ? NULL : &brief);
	}
}

void selection_each(const struct selection *s, query_chosen_each_fn *each, void *context)
{
	if (s->chosen != NULL)
		query_chosen_each(s->chosen, each, context);
	each_entry(s, each, context);
}

static void add_one(void *context, const struct index_brief *message)
{
	struct selection_totals *totals = context;

	totals->bytes += (int64_t)message->size;
	totals->recipients += message->recipient_count;
	totals->queue[message->queue]++;
}

/* Once all that was found is in. */
static void add_up(struct selection *s)
{
	query_chosen_each(s->chosen, add_one, &s->totals);
}

static size_t keep(struct selection *s, struct slice text)
{
	size_t at = s->text.len;

	buffer_append_slice(&s->text, text);
	return at;
}

bool selection_add(struct selection *s, const struct target *t)
{
	struct entry *e;

	/* Each ID once: a job that does a message twice would report the second as gone. */
	if (t->id.len == 0 || t->id.len > QUEUE_ID_MAX || s->count == SELECTION_MAX ||
	    table_find(&s->by_id, s, t->id) != TABLE_NONE)
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
	    .sender_len = (uint32_t)t->sender.len,
	    .reason_len = (uint32_t)t->reason.len};
	e->domain_len = t->domain.len <= TARGET_DOMAIN_MAX ? (uint16_t)t->domain.len : 0;
	e->id = keep(s, t->id);
	e->sender = keep(s, t->sender);
	e->domain = keep(s, slice_first(t->domain, e->domain_len));
	e->reason = keep(s, t->reason);
	table_add(&s->by_id, s, (uint32_t)s->entries);
	add_item(s, ITEM_OWN | (uint32_t)s->entries++);
	s->totals.bytes += t->size > 0 ? t->size : 0;
	s->totals.recipients += t->recipients;
	if (t->queue < QUEUE_COUNT)
		s->totals.queue[t->queue]++;
	return true;
}

void selection_add_missing(struct selection *s, struct slice id)
{
	struct target t = {.id = id, .queue = TARGET_QUEUE_UNKNOWN, .arrival = -1, .created = -1};

	selection_add(s, &t);
}

size_t selection_count(const struct selection *s)
{
	return s->count;
}

size_t selection_not_whole(const struct selection *s)
{
	return s->not_whole;
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
	    .reason = slice_make(s->text.data + e->reason, e->reason_len)};
}

/* One selection under way. */
struct choosing {
	struct selection *s, *excepted;
	const struct slice *ids;
	const struct job_item **items;
	struct selection_left *left;
	bool scoped;
};

static bool contains(const struct selection *s, struct slice id)
{
	return table_find(&s->by_id, s, id) != TABLE_NONE;
}

static void note_left(struct selection_left *left, struct slice id)
{
	if (left == NULL || left->count == SELECTION_LEFT_MAX || id.len >= QUEUE_ID_SIZE)
		return;
	memcpy(left->id[left->count], id.data, id.len);
	left->id[left->count++][id.len] = '\0';
}

/* An ID that is in no selection is noted once all the same. */
static void note_once(struct choosing *c, struct slice id)
{
	if (contains(c->excepted, id))
		return;
	selection_add_missing(c->excepted, id);
	note_left(c->left, id);
}

/* What a destination is, for pacing: what stands behind the last @, in lower case. */
static struct slice destination(struct slice address, char out[TARGET_DOMAIN_MAX])
{
	ptrdiff_t at = -1;
	size_t len = 0;

	for (size_t i = 0; i < address.len; i++)
		if (address.data[i] == '@')
			at = (ptrdiff_t)i;
	for (size_t i = (size_t)(at + 1); at >= 0 && i < address.len && len < TARGET_DOMAIN_MAX;
	     i++) {
		char c = address.data[i];

		out[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return slice_make(out, len);
}

static void get_chosen(const struct selection *s, uint32_t number, struct target *t)
{
	struct query_message m;
	struct index_recipient first = {.address = {"", 0}, .reason = {"", 0}};

	/* Never: it is kept as long as this selection is there. */
	if (!query_chosen_get(s->chosen, number, &m))
		abort();
	query_recipient(query_chosen_query(s->chosen), &m, 0, &first);
	memcpy(s->scratch->id, m.row.id, sizeof(m.row.id));
	*t = (struct target){.id = slice_of(s->scratch->id),
	    .queue = m.row.queue,
	    .arrival = m.row.arrival,
	    .inode = m.row.known & MESSAGE_KNOWS_FILE ? m.row.inode : 0,
	    .size = (int64_t)m.row.size,
	    .created = m.row.known & MESSAGE_KNOWS_CREATE_TIME ? m.row.create_time : -1,
	    .sender = m.row.sender,
	    .domain = destination(first.address, s->scratch->domain),
	    .recipients = m.row.recipient_count,
	    .reason = first.reason};
}

void selection_get(const struct selection *s, size_t i, struct target *t)
{
	uint32_t item = s->item[i];

	if (item & ITEM_OWN)
		get_entry(s, item & ~ITEM_OWN, t);
	else
		get_chosen(s, item, t);
}

bool selection_show(const struct selection *s, const struct query_scope *scope, size_t i,
    int64_t now, struct query_message *out)
{
	uint32_t item = s->item[i];

	return !(item & ITEM_OWN) && query_chosen_show(s->chosen, scope, item, now, out);
}

void selection_groups(const struct selection *s, const struct query_scope *scope,
    enum group_key key, size_t limit, int64_t now, struct groups *out)
{
	query_groups_chosen(s->chosen, scope, key, limit, now, out);
}

/* ---- From a view ---- */

/* Also those that are not queued, so that they are not told of as having left. */
static void except_one(void *context, size_t i, const struct query_message *message)
{
	struct choosing *c = context;

	if (message != NULL)
		add_found(c->s, message);
	else
		selection_add_missing(c->s, c->ids[i]);
}

/* The messages that are excepted: those that are queued, and the other IDs. */
static struct selection *excepted_of(struct query *q, const struct query_scope *scope,
    const struct slice *except, size_t count, int64_t now)
{
	struct choosing c = {.s = create_for(q), .ids = except};

	query_find_all(q, scope, except, count, now, except_one, &c);
	return c.s;
}

static void choose_row(void *context, uint32_t number)
{
	struct choosing *c = context;

	if (number < ITEM_OWN && c->s->count < SELECTION_MAX)
		add_item(c->s, number);
}

static bool note_row(void *context, struct slice id)
{
	struct choosing *c = context;

	if (!contains(c->excepted, id))
		note_left(c->left, id);
	return c->left != NULL && c->left->count < SELECTION_LEFT_MAX;
}

static void refuse_row(void *context, struct slice id)
{
	struct choosing *c = context;

	(void)id;
	c->s->not_whole++;
}

struct selection *selection_from_view(struct query *q, const struct query_scope *scope,
    const struct query_view *view, const struct slice *except, size_t except_count, int64_t now,
    struct selection_left *left, struct error *err)
{
	struct choosing c = {.left = left};

	/* Undecided rows or a queue that is not read: no action is taken on a guess. */
	if (!query_view_actionable(view, err))
		return NULL;
	c.excepted = excepted_of(q, scope, except, except_count, now);
	c.s = create_for(q);
	query_choose_view(c.s->chosen, scope, view, c.excepted->chosen, now,
	    &(struct query_chooser){choose_row, note_row, refuse_row, &c});
	selection_destroy(&c.excepted);
	add_up(c.s);
	return c.s;
}

/* ---- From IDs ---- */

static void take_id(void *context, size_t i, const struct query_message *message)
{
	struct choosing *c = context;
	size_t before = c->s->count;

	if (message != NULL && message->whole) {
		add_found(c->s, message);
		return;
	}
	/* Only within a scope; once, where an ID is given twice. */
	if (message != NULL) {
		c->s->not_whole += !contains(c->excepted, c->ids[i]);
		selection_add_missing(c->excepted, c->ids[i]);
		return;
	}
	/* What could turn out to be outside is not looked for. */
	if (c->scoped) {
		note_once(c, c->ids[i]);
		return;
	}
	selection_add_missing(c->s, c->ids[i]);
	if (c->s->count > before)
		note_left(c->left, c->ids[i]);
}

struct selection *selection_from_ids(struct query *q, const struct query_scope *scope,
    const struct slice *ids, size_t count, int64_t now, struct selection_left *left,
    struct error *err)
{
	struct choosing c = {.left = left, .ids = ids, .scoped = !query_scope_is_all(scope)};

	for (size_t i = 0; i < count; i++) {
		if (!queue_id_valid(ids[i])) {
			error_say(err, "invalid_id", SAID_PROBLEM_NO_ID, 1,
			    said_text("id", slice_first(ids[i], 64)));
			return NULL;
		}
	}
	c.s = create_for(q);
	c.excepted = c.scoped ? selection_create() : NULL;
	query_find_all(q, scope, ids, count, now, take_id, &c);
	selection_destroy(&c.excepted);
	add_up(c.s);
	return c.s;
}

/* ---- From what a job did ---- */

struct selection *selection_begin(
    struct query *q, const struct query_scope *scope, struct error *err)
{
	return query_current(q, scope, err) ? create_for(q) : NULL;
}

/* The ID may be another message's by now. */
static bool is_still(const struct job_item *item, const struct query_message *message)
{
	struct found found = {.state = FOUND_HERE,
	    .arrival = message->row.arrival,
	    .inode = message->row.known & MESSAGE_KNOWS_FILE ? message->row.inode : 0,
	    .sender = message->row.sender};

	return target_is_same(item, &found);
}

static void take_item(void *context, size_t i, const struct query_message *message)
{
	struct choosing *c = context;
	const struct job_item *item = c->items[i];

	if (message == NULL || !is_still(item, message))
		note_left(c->left, slice_of(item->id));
	else if (message->whole)
		add_found(c->s, message);
	else
		c->s->not_whole++;
}

void selection_add_items(struct selection *s, const struct query_scope *scope,
    const struct job_item *items, size_t count, int64_t now, struct selection_left *left)
{
	MEMORY_AUTO struct slice *ids = memory_alloc(count * sizeof(*ids) + 1);
	MEMORY_AUTO const struct job_item **chosen = memory_alloc(count * sizeof(*chosen) + 1);
	struct choosing c = {.s = s, .left = left, .items = chosen};
	size_t wanted = 0;

	for (size_t i = 0; i < count; i++) {
		/* It was on hold before the job: taking the job back must leave it there. */
		if (decide_found_held(&items[i]))
			continue;
		ids[wanted] = slice_of(items[i].id);
		chosen[wanted++] = &items[i];
	}
	query_find_all(query_chosen_query(s->chosen), scope, ids, wanted, now, take_item, &c);
}

void selection_end(struct selection *s)
{
	add_up(s);
}

/* ---- Before a job acts ---- */

struct allowing {
	const struct job_item *items;
	bool *allowed;
};

static void allow_one(void *context, size_t i, const struct query_message *message)
{
	struct allowing *a = context;

	a->allowed[i] = message != NULL && message->whole && is_still(&a->items[i], message);
}

void selection_allowed(struct query *q, const struct query_scope *scope,
    const struct job_item *items, size_t count, int64_t now, bool *allowed)
{
	MEMORY_AUTO struct slice *ids = memory_alloc(count * sizeof(*ids) + 1);

	for (size_t i = 0; i < count; i++)
		ids[i] = slice_of(items[i].id);
	query_find_all(q, scope, ids, count, now, allow_one, &(struct allowing){items, allowed});
}
