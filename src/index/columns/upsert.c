/* What the source says goes into the columns here. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/delete_marks.h"
#include "index/columns/grow.h"
#include "index/columns/rows.h"
#include "postfix/reason.h"

/* ---- Texts ---- */

/* Texts come without control characters (postfix/message.h), but a separator in one must never
 * shift the others: it is left out. */
static void append_part(struct buffer *out, struct slice text)
{
	struct slice part;

	while (slice_split(&text, SEPARATOR, &part))
		buffer_append_slice(out, part);
}

struct slice internal_part(struct slice *rest)
{
	struct slice part = {"", 0};

	if (!slice_split(rest, SEPARATOR, &part))
		return (struct slice){"", 0};
	return part;
}

/* A filter asks for all of them: two searches, and nothing else. */
struct slice internal_reason_text(const struct index *ix, uint32_t number)
{
	struct slice all = dict_text(&ix->reasons, number);
	const char *end = all.data + all.len, *at = memchr(all.data, SEPARATOR, all.len);

	if (at)
		at = memchr(at + 1, SEPARATOR, (size_t)(end - at - 1));
	return at ? slice_make(at + 1, (size_t)(end - at - 1)) : (struct slice){"", 0};
}

static uint32_t intern_client(struct index *ix, const struct message *m)
{
	BUFFER_AUTO struct buffer text = {0};

	if (m->client_name.len == 0 && m->client_address.len == 0)
		return 0;
	append_part(&text, m->client_name);
	buffer_append_char(&text, SEPARATOR);
	append_part(&text, m->client_address);
	return dict_intern(&ix->clients, buffer_slice(&text));
}

/* Most replies begin with the host that gave them, "host mx.example.com[192.0.2.1] said: ...",
 * which is then not kept twice. */
static bool says_host(struct slice reason, struct slice host)
{
	struct slice behind = slice_from(reason, strlen("host "));

	return host.len > 0 && slice_starts_with(reason, "host ") && behind.len > host.len &&
	       slice_equal(slice_first(behind, host.len), host) && behind.data[host.len] == '[';
}

/* The host that answered; where none did, as the text names it ("connect to mx.example[...]"). */
static struct slice host_of(const struct message_recipient *r)
{
	struct reason reason;

	if (r->remote.len > 0)
		return r->remote;
	reason_parse(r->reason, &reason);
	return reason.host;
}

/* A reason as the dictionary has it; empty for none. */
static void put_reason(struct buffer *text, const struct message_recipient *r)
{
	struct slice host = host_of(r);

	buffer_clear(text);
	if (r->reason.len == 0 && r->dsn.len == 0)
		return;
	append_part(text, r->dsn);
	buffer_append_char(text, SEPARATOR);
	if (says_host(r->reason, host))
		buffer_append_char(text, HOST_IN_REASON);
	else
		append_part(text, host);
	buffer_append_char(text, SEPARATOR);
	append_part(text, r->reason);
}

static uint32_t intern_reason(struct index *ix, struct slice text, uint32_t hash)
{
	uint32_t number = dict_intern_hashed(&ix->reasons, text, hash);

	if (number < ix->settle_from && !internal_settled(ix, number))
		ix->settle_from = number;
	return number;
}

/* An address, with its domain in lower case as its note. */
static uint32_t intern_address(struct index *ix, struct dict *d, struct slice address)
{
	uint32_t number = dict_intern(d, address);
	const char *at = address.len ? memrchr(address.data, '@', address.len) : NULL;
	char domain[256];
	size_t len;

	if (number == 0 || d->entries[number].uses > 1 || !at)
		return number;
	len = address.len - (size_t)(at + 1 - address.data);
	/* A longer name is no domain (RFC 1035: 255). */
	if (len > sizeof(domain))
		len = sizeof(domain);
	for (size_t i = 0; i < len; i++)
		domain[i] =
		    at[1 + i] >= 'A' && at[1 + i] <= 'Z' ? (char)(at[1 + i] + 32) : at[1 + i];
	d->note[number] = dict_intern(&ix->domains, (struct slice){domain, len});
	return number;
}

static void release_address(struct index *ix, struct dict *d, uint32_t number)
{
	uint32_t domain = 0;

	if (dict_release(d, number, &domain))
		dict_release(&ix->domains, domain, NULL);
}

static void release_reason(struct index *ix, uint32_t number)
{
	uint32_t class = 0;

	if (!dict_release(&ix->reasons, number, &class))
		return;
	dict_release(&ix->classes, class, NULL);
	if (number < ix->diagnoses_cap)
		ix->diagnoses[number] = 0;
}

/* An origin holds its parts once, whoever has that origin. */
static void release_parts(struct index *ix, const struct origin *origin)
{
	dict_release(&ix->clients, origin->client, NULL);
	dict_release(&ix->logins, origin->login, NULL);
	dict_release(&ix->helos, origin->helo, NULL);
}

/* The client, login and helo of a message as one number. */
static uint32_t intern_origin(struct index *ix, const struct message *m)
{
	struct origin origin = {intern_client(ix, m), dict_intern(&ix->logins, m->login),
	    dict_intern(&ix->helos, m->helo)};
	uint32_t number;

	if (origin.client == 0 && origin.login == 0 && origin.helo == 0)
		return 0;
	number = dict_intern(&ix->origins, (struct slice){(const char *)&origin, sizeof(origin)});
	if (ix->origins.entries[number].uses > 1)
		release_parts(ix, &origin);
	return number;
}

static void release_origin(struct index *ix, uint32_t number)
{
	struct origin origin = internal_origin(ix, number);

	if (dict_release(&ix->origins, number, NULL))
		release_parts(ix, &origin);
}

static void release_recipient(struct index *ix, const struct recipient *r)
{
	release_address(ix, &ix->addresses, internal_address(ix, r));
	release_address(ix, &ix->addresses, internal_original(ix, r));
	release_reason(ix, internal_reason(r));
	if (r->reason & RECIPIENT_ORIGINAL)
		recipients_unpair(&ix->recipients, r->address);
}

/* Leaves the row without recipients. */
static void release_recipients(struct index *ix, uint32_t row)
{
	const struct recipient *list = internal_recipients(ix, row);

	for (uint32_t i = 0; i < internal_kept(ix, row); i++)
		release_recipient(ix, &list[i]);
	if (internal_block(ix, row))
		recipients_give(&ix->recipients, ix->c.recipient[row].address);
	ix->c.recipient[row] = (struct recipient){0, 0};
	ix->c.flags[row] &= (uint8_t)~ROW_ONE;
}

/* Everything that the row holds in dictionaries, but its fate. */
static void release_texts(struct index *ix, uint32_t row)
{
	release_address(ix, &ix->senders, ix->c.sender[row]);
	dict_release(&ix->subjects, ix->c.subject[row], NULL);
	release_origin(ix, ix->c.origin[row]);
	release_recipients(ix, row);
}

/* ---- Recipients ---- */

uint32_t internal_clamp_time(int64_t seconds)
{
	return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

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
		if (internal_address(ix, &list[i]) == address)
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
		sparse_set(&table, internal_address(ix, &old[i - 1]), i - 1);
	for (uint32_t i = 0; i < count; i++) {
		const struct recipient *from;
		if (internal_reason(&list[i]) != 0 || (list[i].reason & RECIPIENT_DONE))
			continue;
		from = with_address(ix, old, old_count, &table, internal_address(ix, &list[i]));
		if (!from || internal_reason(from) == 0)
			continue;
		dict_keep(&ix->reasons, internal_reason(from));
		list[i].reason |= internal_reason(from) | RECIPIENT_STALE;
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
		put_reason(&ix->text, r);
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
		    internal_address(ix, &a[i]) != internal_address(ix, &b[i]) ||
		    internal_original(ix, &a[i]) != internal_original(ix, &b[i]))
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
	uint32_t count = (uint32_t)m->recipient_count, old_count = internal_kept(ix, row);
	bool one = count == 1 && m->recipient_todo == 1;
	bool block = !one && (count > 0 || m->recipient_todo > 0);
	const struct recipient *old = internal_recipients(ix, row);
	struct recipient place = {0, 0}, *list = &place;

	if (block) {
		place.address = recipients_take(&ix->recipients, m->recipient_todo, count);
		list = ix->recipients.block[place.address]->list;
	}
	for (uint32_t i = 0; i < count; i++)
		list[i] =
		    make_recipient(ix, &m->recipients[i], i > 0 ? &m->recipients[i - 1] : NULL,
			i > 0 ? internal_reason(&list[i - 1]) : 0, current);
	if ((!current || is_held_without_log(m)) && old_count > 0)
		carry_reasons(ix, old, old_count, list, count);
	changed = count != old_count || m->recipient_todo != internal_todo(ix, row) ||
		  !same_recipients(ix, list, old, count);
	release_recipients(ix, row);
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
	release_address(ix, &ix->senders, old);
	return old != ix->c.sender[row];
}

static bool set_size(struct index *ix, uint32_t row, uint64_t size)
{
	bool changed = internal_size(ix, row) != size;

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
	release_origin(ix, old);
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

	if (ix->c.arrival[row] != internal_clamp_time(m->arrival))
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
	uint32_t arrival = ix->c.arrival[row], created = internal_clamp_time(m->create_time);
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
	uint32_t created = internal_create_time(ix, row);
	bool changed = set_u8(&ix->c.known[row], (uint8_t)m->known);

	changed |= set_u32(&ix->c.arrival[row], internal_clamp_time(m->arrival));
	set_inode(ix, row, m, in_id);
	set_create_time(ix, row, m);
	return changed || created != internal_create_time(ix, row);
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
	changed |= set_u32(&c->next_retry[row], retry ? internal_clamp_time(m->next_retry) : 0);
	c->signature[row] = m->signature;
	c->log_stamp[row] = m->log_stamp;
	changed |= set_sender(ix, row, m->sender);
	changed |=
	    set_text(&ix->subjects, &c->subject[row], dict_intern(&ix->subjects, m->subject));
	changed |= set_origin(ix, row, m);
	changed |= set_recipients(ix, row, m);
	return changed;
}

void internal_count_in(struct index *ix, uint32_t row)
{
	ix->counts[ix->c.queue[row]]++;
	ix->delete_marks.rows += delete_marks_has(ix, row);
	ix->messages++;
	ix->damaged += (ix->c.flags[row] & ROW_DAMAGED) != 0;
	ix->bytes += internal_size(ix, row);
	if (ix->oldest_known && (ix->messages == 1 || ix->c.arrival[row] < ix->oldest))
		ix->oldest = ix->c.arrival[row];
}

void internal_count_out(struct index *ix, uint32_t row)
{
	ix->counts[ix->c.queue[row]]--;
	ix->delete_marks.rows -= delete_marks_has(ix, row);
	ix->messages--;
	ix->damaged -= (ix->c.flags[row] & ROW_DAMAGED) != 0;
	ix->bytes -= internal_size(ix, row);
	if (ix->c.arrival[row] <= ix->oldest)
		ix->oldest_known = ix->messages == 0;
}

static void enter(struct index *ix, uint32_t row)
{
	ix->c.flags[row] = (ix->c.flags[row] | ROW_LIVE) & ~ROW_LEFT;
	ix->live[row / 64] |= UINT64_C(1) << (row % 64);
}

/* ---- Leaving ---- */

/* A number in the dictionary, with its use, or 0. */
static bool set_fate(struct index *ix, uint32_t row, uint32_t fate)
{
	uint32_t old = internal_fate(ix, row);

	if (fate != 0)
		sparse_set(&ix->sparse[SPARSE_FATE], row, fate);
	else
		sparse_drop(&ix->sparse[SPARSE_FATE], row);
	dict_release(&ix->fates, old, NULL);
	return old != fate;
}

static void left_push(struct index *ix, uint32_t row)
{
	if (ix->left_count == ix->left_cap) {
		size_t cap = ix->left_cap ? ix->left_cap * 2 : 64;
		struct left_row *ring = memory_alloc(cap * sizeof(*ring));
		for (size_t i = 0; i < ix->left_count; i++)
			ring[i] = ix->left[(ix->left_head + i) % ix->left_cap];
		free(ix->left);
		ix->left = ring;
		ix->left_head = 0;
		ix->left_cap = cap;
	}
	ix->left[(ix->left_head + ix->left_count++) % ix->left_cap] =
	    (struct left_row){row, ix->sequence++};
}

static void free_row(struct index *ix, uint32_t row)
{
	release_texts(ix, row);
	dict_release(&ix->fates, internal_fate(ix, row), NULL);
	rows_give(ix, row);
}

void internal_release_left(struct index *ix, uint64_t oldest_view)
{
	while (ix->left_count > 0 && ix->left[ix->left_head].sequence < oldest_view) {
		struct left_row gone = ix->left[ix->left_head];
		ix->left_head = (ix->left_head + 1) % ix->left_cap;
		ix->left_count--;
		/* One that came back is in the queue, or further behind in this list. */
		if (gone.row != INDEX_ROW_NONE)
			free_row(ix, gone.row);
	}
}

/* Takes a row that came back out of the list of those that left. */
static void left_cancel(struct index *ix, uint32_t row)
{
	for (size_t i = ix->left_count; i > 0; i--) {
		struct left_row *entry = &ix->left[(ix->left_head + i - 1) % ix->left_cap];
		if (entry->row == row) {
			entry->row = INDEX_ROW_NONE;
			return;
		}
	}
}

static void leave(struct index *ix, uint32_t row)
{
	internal_count_out(ix, row);
	ix->c.flags[row] = (ix->c.flags[row] & ~ROW_LIVE) | ROW_LEFT;
	ix->live[row / 64] &= ~(UINT64_C(1) << (row % 64));
	delete_marks_left(ix, row);
	internal_changed(ix, row);
	ix->removed++;
	left_push(ix, row);
	internal_release_left(ix, internal_oldest_view(ix));
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
			leave(ix, row);
		row = INDEX_ROW_NONE;
	}
	if (row != INDEX_ROW_NONE && (ix->c.flags[row] & ROW_LIVE))
		return row;
	*fresh = true;
	if (row == INDEX_ROW_NONE)
		return rows_take(ix, id);
	left_cancel(ix, row);
	/* What was said of its leaving was wrong. */
	set_fate(ix, row, 0);
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
		put_reason(&ix->text, r);
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
		internal_count_out(ix, row);
	changed = set_columns(ix, row, m, in_id);
	if (fresh) {
		enter(ix, row);
		ix->upserted++;
	}
	internal_count_in(ix, row);
	/* One that is new cannot be missing from a listing that began before it came. */
	ix->c.flags[row] |= fresh ? ROW_SEEN | ROW_LISTED : ROW_SEEN;
	if (changed || fresh)
		internal_changed(ix, row);
}

bool index_remove(struct index *ix, struct slice id)
{
	uint32_t row = index_find(ix, id);

	if (row == INDEX_ROW_NONE)
		return false;
	leave(ix, row);
	return true;
}

void index_set_fate(struct index *ix, struct slice id, int64_t arrival, struct slice fate)
{
	struct id_key key;
	uint32_t row = id_key_pack(id, &key) ? rows_find(ix, &key) : INDEX_ROW_NONE;

	if (row == INDEX_ROW_NONE)
		return;
	if (arrival < 0 ? !internal_live(ix, row) && internal_fate(ix, row) != 0
			: ix->c.arrival[row] != internal_clamp_time(arrival))
		return;
	if (set_fate(ix, row, dict_intern(&ix->fates, fate)))
		internal_changed(ix, row);
}

void index_scan_begin(struct index *ix, bool reset, uint64_t expected)
{
	for (uint32_t row = 0; row < ix->rows; row++)
		ix->c.flags[row] &= (uint8_t)~ROW_SEEN;
	ix->scanning = true;
	ix->resetting = reset;
	ix->loaded = 0;
	ix->expected = expected;
	if (ix->state == INDEX_EMPTY)
		ix->state = INDEX_LOADING;
}

void index_scan_progress(struct index *ix, uint64_t done, uint64_t expected)
{
	ix->loaded = done;
	ix->expected = expected;
}

void index_scan_end(struct index *ix, bool complete, int64_t started)
{
	for (uint32_t row = 0; complete && ix->resetting && row < ix->rows; row++) {
		if ((ix->c.flags[row] & (ROW_LIVE | ROW_SEEN)) == ROW_LIVE)
			leave(ix, row);
	}
	ix->scanning = ix->resetting = false;
	if (!complete)
		return;
	if (ix->state != INDEX_CURRENT)
		internal_changed(ix, INDEX_ROW_NONE);
	ix->state = INDEX_CURRENT;
	index_touch(ix, started);
}

void internal_leave_all(struct index *ix)
{
	for (uint32_t row = 0; row < ix->rows; row++) {
		if (ix->c.flags[row] & ROW_LIVE)
			leave(ix, row);
	}
}

void index_touch(struct index *ix, int64_t now)
{
	if (now > ix->as_of)
		ix->as_of = now;
}
