/* What the source says of a message goes into its row here. Reasons that the source no longer gives
 * are carried over from the row's recipients before. */
#include <string.h>

#include "index/columns/intern.h"
#include "index/columns/leaving.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/columns/rows.h"
#include "index/columns/totals.h"

/* ---- Recipients ---- */

/* Up to so many comparisons, looking at each is quicker than a table. */
#define CARRY_PLAIN 256

/* The first of `list` with this address: through a table of them where it is made. */
static const struct recipient *with_address(const struct index *ix, const struct recipient *list,
    uint32_t count, const struct sparse *table, uint32_t address)
{
	uint64_t at;

	if (table->used != 0)
		return sparse_find(table, address, &at) ? &list[at] : NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (recipient_address(ix, &list[i]) == address)
			return &list[i];
	}
	return NULL;
}

/* Gives each new recipient without a reason the one that its address had before. Linear in both
 * lists. */
static void carry_reasons(struct index *ix, const struct recipient *old, uint32_t old_count,
    struct recipient *list, uint32_t count)
{
	struct sparse table = {0};

	for (uint32_t i = old_count; i > 0 && count > CARRY_PLAIN / old_count; i--)
		sparse_set(&table, recipient_address(ix, &old[i - 1]), i - 1);
	for (uint32_t i = 0; i < count; i++) {
		const struct recipient *from;
		if (recipient_reason(&list[i]) != 0 || (list[i].reason & RECIPIENT_DONE))
			continue;
		from = with_address(ix, old, old_count, &table, recipient_address(ix, &list[i]));
		if (!from || recipient_reason(from) == 0)
			continue;
		dict_keep(&ix->reasons, recipient_reason(from));
		list[i].reason |= recipient_reason(from) | RECIPIENT_STALE;
	}
	sparse_free(&table);
}

/* The very same texts, as a decoded message has them that says "the same as before". */
static bool same_slices(struct slice a, struct slice b)
{
	return a.data == b.data && a.len == b.len;
}

static bool has_reason_of(const struct message_recipient *r, const struct message_recipient *before)
{
	return before && same_slices(r->reason, before->reason) &&
	       same_slices(r->dsn, before->dsn) && same_slices(r->remote, before->remote);
}

/* `before` is the recipient in front of it, whose reason has the number `reason`; NULL: none. */
static struct recipient make_recipient(struct index *ix, const struct message_recipient *r,
    const struct message_recipient *before, uint32_t reason, bool current)
{
	bool again = has_reason_of(r, before);
	uint32_t hash = 0, original;
	struct recipient out;

	/* Its place comes nearer while the addresses are looked for. */
	if (!again) {
		intern_put_reason(&ix->text, r);
		hash = dict_expect(&ix->reasons, buffer_slice(&ix->text));
	}
	original = intern_address(ix, &ix->addresses, r->original);
	out.address = intern_address(ix, &ix->addresses, r->address);
	if (again) {
		dict_keep(&ix->reasons, reason);
		out.reason = reason;
	} else
		out.reason = intern_reason(ix, buffer_slice(&ix->text), hash);
	if (out.reason != 0 && !current)
		out.reason |= RECIPIENT_STALE;
	if (r->flags & MESSAGE_RECIPIENT_DONE)
		out.reason |= RECIPIENT_DONE;
	if (r->flags & MESSAGE_RECIPIENT_BOUNCED)
		out.reason |= RECIPIENT_BOUNCED;
	if (original != 0) {
		out.address = recipients_pair(&ix->recipients, out.address, original);
		out.reason |= RECIPIENT_ORIGINAL;
	}
	return out;
}

/* Pairs have numbers of their own: what they say is compared. */
static bool same_recipients(
    const struct index *ix, const struct recipient *a, const struct recipient *b, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (a[i].reason != b[i].reason ||
		    recipient_address(ix, &a[i]) != recipient_address(ix, &b[i]) ||
		    recipient_original(ix, &a[i]) != recipient_original(ix, &b[i]))
			return false;
	}
	return true;
}

/* A message that is put on hold while it is being delivered has lost its log, and gets one only if
 * that attempt fails yet: until then the last known reasons stay. */
static bool is_held_without_log(const struct message *m)
{
	if (m->queue != QUEUE_HOLD)
		return false;
	for (size_t i = 0; i < m->recipient_count; i++)
		if (m->recipients[i].reason.len > 0 || m->recipients[i].dsn.len > 0)
			return false;
	return true;
}

/* Replaces the row's recipients; true when anything is different. */
static bool set_recipients(struct index *ix, uint32_t row, const struct message *m)
{
	bool current = m->known & MESSAGE_KNOWS_REASONS, changed;
	uint32_t count = (uint32_t)m->recipient_count, old_count = row_kept(ix, row);
	bool one = count == 1 && m->recipient_todo == 1;
	bool block = !one && (count > 0 || m->recipient_todo > 0);
	const struct recipient *old = row_recipients(ix, row);
	struct recipient place = {0, 0}, *list = &place;

	if (block) {
		place.address = recipients_take(&ix->recipients, m->recipient_todo, count);
		list = ix->recipients.block[place.address]->list;
	}
	for (uint32_t i = 0; i < count; i++)
		list[i] =
		    make_recipient(ix, &m->recipients[i], i > 0 ? &m->recipients[i - 1] : NULL,
			i > 0 ? recipient_reason(&list[i - 1]) : 0, current);
	if ((!current || is_held_without_log(m)) && old_count > 0)
		carry_reasons(ix, old, old_count, list, count);
	changed = count != old_count || m->recipient_todo != row_todo(ix, row) ||
		  !same_recipients(ix, list, old, count);
	intern_release_recipients(ix, row);
	ix->c.recipient[row] = place;
	ix->c.flags[row] |= one ? ROW_ONE : 0;
	return changed;
}

/* ---- Rows ---- */

static bool set_u32(uint32_t *place, uint32_t value)
{
	bool changed = *place != value;

	*place = value;
	return changed;
}

static bool set_u8(uint8_t *place, uint8_t value)
{
	bool changed = *place != value;

	*place = value;
	return changed;
}

/* Takes the place of a number in a dictionary; the new one has its use already. */
static bool set_text(struct dict *d, uint32_t *place, uint32_t number)
{
	uint32_t old = *place;

	*place = number;
	dict_release(d, old, NULL);
	return old != number;
}

static bool set_sender(struct index *ix, uint32_t row, struct slice sender)
{
	uint32_t old = ix->c.sender[row];

	ix->c.sender[row] = intern_address(ix, &ix->senders, sender);
	intern_release_address(ix, &ix->senders, old);
	return old != ix->c.sender[row];
}

static bool set_size(struct index *ix, uint32_t row, uint64_t size)
{
	bool changed = row_size(ix, row) != size;

	ix->c.size[row] = size < SIZE_IN_SPARSE ? (uint32_t)size : SIZE_IN_SPARSE;
	if (size < SIZE_IN_SPARSE)
		sparse_drop(&ix->sparse[SPARSE_SIZE], row);
	else
		sparse_set(&ix->sparse[SPARSE_SIZE], row, size);
	return changed;
}

static bool set_origin(struct index *ix, uint32_t row, const struct message *m)
{
	uint32_t old = ix->c.origin[row];

	ix->c.origin[row] = intern_origin(ix, m);
	intern_release_origin(ix, old);
	return old != ix->c.origin[row];
}

/* Whether the inode is the one that the ID says, which then is kept nowhere else. */
static bool inode_in_id(const struct message *m)
{
	uint64_t inode;

	return (m->known & MESSAGE_KNOWS_FILE) && queue_id_inode(slice_of(m->id), &inode) &&
	       inode == m->inode;
}

/* Whether the message of a row with the ID of `m` is `m`, and not another one that got its ID. */
static bool same_message(const struct index *ix, uint32_t row, const struct message *m, bool in_id)
{
	uint64_t inode;

	if (ix->c.arrival[row] != row_clamp_time(m->arrival))
		return false;
	if (!(m->known & ix->c.known[row] & MESSAGE_KNOWS_FILE))
		return true;
	return sparse_find(&ix->sparse[SPARSE_INODE], row, &inode) ? inode == m->inode : in_id;
}

static void set_inode(struct index *ix, uint32_t row, const struct message *m, bool in_id)
{
	if (in_id || !(m->known & MESSAGE_KNOWS_FILE))
		sparse_drop(&ix->sparse[SPARSE_INODE], row);
	else
		sparse_set(&ix->sparse[SPARSE_INODE], row, m->inode);
}

static void set_create_time(struct index *ix, uint32_t row, const struct message *m)
{
	uint32_t arrival = ix->c.arrival[row], created = row_clamp_time(m->create_time);
	bool known = m->known & MESSAGE_KNOWS_CREATE_TIME;

	ix->c.created[row] = 0;
	if (!known || (created >= arrival && created - arrival < CREATED_IN_SPARSE)) {
		ix->c.created[row] = known ? (uint8_t)(created - arrival) : 0;
		sparse_drop(&ix->sparse[SPARSE_CREATED], row);
		return;
	}
	ix->c.created[row] = CREATED_IN_SPARSE;
	sparse_set(&ix->sparse[SPARSE_CREATED], row, created);
}

/* What is known, and the columns of which one is told by others. True when anything is different:
 * with another inode it would be another message. */
static bool set_file(struct index *ix, uint32_t row, const struct message *m, bool in_id)
{
	uint32_t created = row_create_time(ix, row);
	bool changed = set_u8(&ix->c.known[row], (uint8_t)m->known);

	changed |= set_u32(&ix->c.arrival[row], row_clamp_time(m->arrival));
	set_inode(ix, row, m, in_id);
	set_create_time(ix, row, m);
	return changed || created != row_create_time(ix, row);
}

/* Fills the columns; true when anything is different from what was there. */
static bool set_columns(struct index *ix, uint32_t row, const struct message *m, bool in_id)
{
	struct columns *c = &ix->c;
	uint8_t flags = c->flags[row] & ~(ROW_FORCED | ROW_CUT | ROW_DAMAGED);
	bool retry = m->known & MESSAGE_KNOWS_NEXT_RETRY, changed = false;

	flags |= m->flags & MESSAGE_FORCED_EXPIRE ? ROW_FORCED : 0;
	flags |= m->flags & MESSAGE_RECIPIENTS_CUT ? ROW_CUT : 0;
	flags |= m->flags & MESSAGE_DAMAGED ? ROW_DAMAGED : 0;
	changed |= set_u8(&c->flags[row], flags);
	changed |= set_u8(&c->queue[row], (uint8_t)m->queue);
	changed |= set_file(ix, row, m, in_id);
	changed |= set_size(ix, row, m->size);
	changed |= set_u32(&c->next_retry[row], retry ? row_clamp_time(m->next_retry) : 0);
	c->signature[row] = m->signature;
	c->log_stamp[row] = m->log_stamp;
	changed |= set_sender(ix, row, m->sender);
	changed |=
	    set_text(&ix->subjects, &c->subject[row], dict_intern(&ix->subjects, m->subject));
	changed |= set_origin(ix, row, m);
	changed |= set_recipients(ix, row, m);
	return changed;
}

static void enter(struct index *ix, uint32_t row)
{
	ix->c.flags[row] = (ix->c.flags[row] | ROW_LIVE) & ~ROW_LEFT;
	ix->live[row / 64] |= UINT64_C(1) << (row % 64);
}

/* ---- What the header promises ---- */

/* The row that `m` goes into: its own, one of its own that had left, or a new one. */
static uint32_t row_for(
    struct index *ix, const struct id_key *id, const struct message *m, bool in_id, bool *fresh)
{
	uint32_t row = rows_find(ix, id);

	*fresh = false;
	if (row != INDEX_ROW_NONE && !same_message(ix, row, m, in_id)) {
		rows_forget(ix, row);
		if (ix->c.flags[row] & ROW_LIVE)
			leaving_row(ix, row);
		row = INDEX_ROW_NONE;
	}
	if (row != INDEX_ROW_NONE && (ix->c.flags[row] & ROW_LIVE))
		return row;
	*fresh = true;
	if (row == INDEX_ROW_NONE)
		return rows_take(ix, id);
	leaving_undo(ix, row);
	return row;
}

static void expect_places(struct index *ix, const struct message *m, struct index_expected *e)
{
	struct id_key id;

	if (id_key_pack(slice_of(m->id), &id))
		rows_expect(ix, &id);
	dict_expect(&ix->subjects, m->subject);
	e->sender = dict_expect(&ix->senders, m->sender);
	e->login = dict_expect(&ix->logins, m->login);
	e->helo = dict_expect(&ix->helos, m->helo);
	for (e->count = 0; e->count < m->recipient_count && e->count < INDEX_EXPECTED_MAX;
	     e->count++) {
		const struct message_recipient *r = &m->recipients[e->count];

		e->address[e->count] = dict_expect(&ix->addresses, r->address);
		e->reason[e->count] = 0;
		if (e->count > 0 && has_reason_of(r, r - 1))
			continue;
		intern_put_reason(&ix->text, r);
		e->reason[e->count] = dict_expect(&ix->reasons, buffer_slice(&ix->text));
	}
}

/* The next step of all of them. */
static void expect_more(const struct index *ix, const struct index_expected *e,
    void (*step)(const struct dict *d, uint32_t hash))
{
	step(&ix->senders, e->sender);
	step(&ix->logins, e->login);
	step(&ix->helos, e->helo);
	for (size_t i = 0; i < e->count; i++) {
		step(&ix->addresses, e->address[i]);
		step(&ix->reasons, e->reason[i]);
	}
}

void index_expect(
    struct index *ix, const struct message *m, unsigned step, struct index_expected *expected)
{
	if (step == 0)
		expect_places(ix, m, expected);
	else
		expect_more(ix, expected, step == 1 ? dict_expect_entry : dict_expect_text);
}

void index_upsert(struct index *ix, const struct message *m)
{
	struct id_key id;
	bool fresh, changed, in_id = inode_in_id(m);
	uint32_t row;

	if (!id_key_pack(slice_of(m->id), &id) || m->queue >= QUEUE_CORRUPT)
		return;
	row = row_for(ix, &id, m, in_id, &fresh);
	if (!fresh)
		totals_subtract(ix, row);
	changed = set_columns(ix, row, m, in_id);
	if (fresh) {
		enter(ix, row);
		ix->upserted++;
	}
	totals_add(ix, row);
	/* One that is new cannot be missing from a listing that began before it came. */
	ix->c.flags[row] |= fresh ? ROW_SEEN | ROW_LISTED : ROW_SEEN;
	if (changed || fresh)
		generation_next(ix, row);
}
