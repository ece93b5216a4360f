/* The pauses: one list in memory, the same rows in the store, and Postfix's tables made from it.
 *
 * A pause is moved on by pauses_go() alone. Its tables are written as a whole, one at a time;
 * whatever changes meanwhile marks its table, which is then written once more for all of it. So ten
 * thousand changes are a few writes, and after a crash, of whomever, the next write says what is in
 * force. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "settings/pauses_internal.h"

/* The helper is at work on a table already. */
#define BUSY_MS 1000
/* A table that could not be written: a disk that is full stays so for a while. */
#define FAILED_MS 10000
/* A process of Postfix that began before a reload may still decide for a moment. */
#define RELOADED_MS 2000

#define TABLE_NONE_WRITING PAUSE_TABLES

/* ---- writing the tables ---- */

/* What cannot be stored is tried again. */
static void end_written(void *context, enum db_result result, const struct error *err)
{
	struct answer *a = context;
	struct live *l = pauses_find(a->pauses, a->id);

	(void)err;
	if (l != NULL && result != DB_OK) {
		l->ending = false;
		l->settle_ms = clock_monotonic_ms() + GONE_MS;
	} else if (l != NULL) {
		if (l->pause.state == PAUSE_LIFTING)
			pauses_go(l, PAUSE_ENDED);
		l->born = false;
		pauses_tell(l);
		pauses_drop(l);
	}
	pauses_answer_free(a);
}

static void begin_end(struct live *l, enum pause_state state)
{
	struct answer *a = pauses_answer_new(l->pauses, NULL, NULL);

	l->ending = true;
	pause_copy(&a->pause, &l->pause);
	a->id = l->pause.id;
	a->from = l->stored_domains;
	a->pause.state = state;
	store_write(l->pauses->store, pauses_write_row, end_written, a);
}

/* It was never in the table, and is not tried again: whoever asked is told why. */
static void fail(struct live *l, const char *why)
{
	l->pause.ended = clock_now();
	pauses_go(l, PAUSE_FAILED);
	pauses_set_trouble(l, why);
	begin_end(l, PAUSE_FAILED);
}

/* What fails with a table that could not be written. Of a throttle that is impossible that one
 * alone: it must not keep others from being set or lifted. */
static bool is_to_blame(const struct live *l, bool throttle)
{
	return throttle ? l->pause.throttle_s != 0 && pauses_is_wanted(l)
			: l->pause.state == PAUSE_LIFTING || !l->in_table;
}

static void write_failed(struct pauses *p, enum pause_table table, const struct error *err)
{
	bool gone = strcmp(err->code, "helper_unavailable") == 0,
	     busy = strcmp(err->code, "busy") == 0,
	     throttle = strcmp(err->code, "pause_throttle_impossible") == 0,
	     unused = strcmp(err->code, "pause_setup_missing") == 0;

	p->dirty[table] = gone || busy || throttle;
	p->again_ms = clock_monotonic_ms() + (busy ? BUSY_MS : gone ? GONE_MS : FAILED_MS);
	if (throttle)
		p->again_ms = 0;
	for (struct live *l = p->first; l != NULL; l = l->next) {
		if (!l->born || pauses_table_of(l) != table || l->ending)
			continue;
		l->sent = false;
		if (gone || busy || !is_to_blame(l, throttle))
			continue;
		/* Postfix does not know the table: what is to be lifted is. */
		if (unused && l->pause.state == PAUSE_LIFTING) {
			l->settle_ms = clock_monotonic_ms() + PAUSES_EFFECT_S * 1000;
			continue;
		}
		if (l->pause.state == PAUSE_SETTING && !l->in_table) {
			fail(l, err->text);
			continue;
		}
		l->left_out = throttle;
		p->dirty[table] |= !unused;
		pauses_set_trouble(l, err->text);
	}
}

static void write_done(struct pauses *p, enum pause_table table, const struct pause_written *w)
{
	int64_t now = clock_monotonic_ms();

	if (w->reloaded)
		p->reloaded_ms = now;
	if (w->trouble.len > 0) {
		p->dirty[table] = true;
		p->again_ms = now + FAILED_MS;
	}
	if (!w->in_use)
		snprintf(p->setup_trouble, sizeof(p->setup_trouble),
		    "it does not hold: main.cf was edited since pauses were set up");
	for (struct live *l = p->first; l != NULL; l = l->next) {
		if (!l->sent || pauses_table_of(l) != table)
			continue;
		l->sent = false;
		l->in_table = pauses_is_wanted(l);
		/* With trouble Postfix does not know the table yet. */
		if (l->pause.state == PAUSE_LIFTING && l->settle_ms == NEVER && w->trouble.len == 0)
			l->settle_ms = now + (w->reloaded ? RELOADED_MS : PAUSES_EFFECT_S * 1000);
		l->wants_probe |= pauses_is_wanted(l) && !l->left_out;
		if (w->trouble.len > 0 || !w->in_use) {
			char text[300];

			snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(w->trouble));
			pauses_set_trouble(l, w->trouble.len > 0 ? text : p->setup_trouble);
		}
	}
}

static void table_written(
    void *context, const struct pause_written *written, const struct error *err)
{
	struct pauses *p = context;
	enum pause_table table = (enum pause_table)p->writing;

	p->writing = TABLE_NONE_WRITING;
	if (p->stopping)
		return;
	if (written != NULL)
		write_done(p, table, written);
	else
		write_failed(p, table, err);
}

static int by_key(const void *a, const void *b)
{
	const struct pause_entry *one = a, *other = b;
	int order = slice_compare(one->key, other->key);

	/* A pattern table answers by its first line that fits: sub.dst.example before dst.example
	 * with all below it, as a compiled table has it. */
	if (one->key.len != other->key.len)
		return one->key.len > other->key.len ? -1 : 1;
	/* Of two with the same key, the one that holds more back comes first. */
	if (order == 0)
		order = (one->throttle_s != 0) - (other->throttle_s != 0);
	return order != 0 ? order : (int)other->throttle_s - (int)one->throttle_s;
}

/* One entry for each key: two pauses can hold back one domain. */
static size_t merge(struct pause_entry *entries, size_t count)
{
	size_t kept = 0;

	qsort(entries, count, sizeof(*entries), by_key);
	for (size_t i = 0; i < count; i++)
		if (kept > 0 && slice_equal(entries[kept - 1].key, entries[i].key))
			entries[kept - 1].subdomains |= entries[i].subdomains;
		else
			entries[kept++] = entries[i];
	return kept;
}

static size_t add_entries(const struct live *l, struct pause_entry **entries, size_t count)
{
	const struct pause *pause = &l->pause;
	bool transport = pauses_table_of(l) == PAUSE_TABLE_TRANSPORT;
	size_t more = transport ? pause->domain_count : 1;

	*entries = memory_resize(*entries, count + more + 1, sizeof(**entries));
	for (size_t i = 0; i < more; i++)
		(*entries)[count + i] = (struct pause_entry){(uint64_t)pause->id, pause->subdomains,
		    pause->throttle_s, slice_of(transport ? pause->domains[i] : pause->key)};
	return count + more;
}

static void begin_write(struct pauses *p, enum pause_table table)
{
	MEMORY_AUTO struct pause_entry *entries = memory_alloc(sizeof(*entries));
	size_t count = 0;

	p->dirty[table] = false;
	if (table == PAUSE_TABLE_TRANSPORT)
		p->grown_ms = 0;
	p->writing = table;
	for (struct live *l = p->first; l != NULL; l = l->next) {
		if (!l->born || pauses_table_of(l) != table)
			continue;
		l->sent = true;
		if (pauses_is_wanted(l) && !l->left_out)
			count = add_entries(l, &entries, count);
	}
	count = merge(entries, count);
	if (count > PAUSE_ENTRIES_MAX)
		count = PAUSE_ENTRIES_MAX;
	p->ports.table(p->ports.owner, table, entries, count, table_written, p);
}

/* ---- turns ---- */

/* Postfix knows it. */
static void tell_lifted(struct live *l)
{
	const struct pauses_events *events = &l->pauses->events;

	if (l->told_lifted)
		return;
	l->told_lifted = true;
	l->followed = events->lifted == NULL;
	if (events->lifted != NULL)
		events->lifted(events->owner, &l->pause);
}

static void tick_one(struct live *l, int64_t now, int64_t now_ms)
{
	if (pauses_is_wanted(l) && l->pause.until <= now) {
		pauses_begin_lift(l, "");
		pauses_keep(l);
	}
	if (!l->born || pauses_is_wanted(l) || l->ending || l->settle_ms > now_ms)
		return;
	if (l->pause.state == PAUSE_LIFTING)
		tell_lifted(l);
	if (l->pause.state == PAUSE_FAILED)
		begin_end(l, PAUSE_FAILED);
	else if (l->followed)
		begin_end(l, PAUSE_ENDED);
}

void pauses_followed(struct pauses *p, int64_t id)
{
	struct live *l = pauses_find(p, id);

	if (l != NULL && l->told_lifted)
		l->followed = true;
}

static bool any_probe(const struct pauses *p)
{
	for (const struct live *l = p->first; l != NULL; l = l->next)
		if (l->wants_probe && pauses_is_wanted(l))
			return true;
	return false;
}

static bool any_in_force(const struct pauses *p)
{
	for (const struct live *l = p->first; l != NULL; l = l->next)
		if (l->pause.state == PAUSE_IN_FORCE)
			return true;
	return false;
}

static int dirty_table(const struct pauses *p)
{
	for (int i = 0; i < PAUSE_TABLES; i++)
		if (p->dirty[i])
			return i;
	return -1;
}

void pauses_tick(struct pauses *p)
{
	int64_t now = clock_now(), now_ms = clock_monotonic_ms();
	int table;

	if (p->stopping || !p->known)
		return;
	for (struct live *l = p->first; l != NULL; l = l->next)
		tick_one(l, now, now_ms);
	p->dirty[PAUSE_TABLE_TRANSPORT] |= p->grown_ms != 0 && p->grown_ms <= now_ms;
	/* One thing at a time is asked: a probe is of the table that was written before it. */
	if (p->writing != TABLE_NONE_WRITING || p->probing || p->again_ms > now_ms)
		return;
	table = dirty_table(p);
	if (table >= 0)
		begin_write(p, (enum pause_table)table);
	else if (any_probe(p))
		pauses_begin_probe(p);
	else if (!p->looking && p->look_ms <= now_ms && any_in_force(p))
		pauses_begin_look(p);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The wall clock may be set: an end is looked for at least so often. */
#define CLOCK_MS 10000

int64_t pauses_deadline_ms(const struct pauses *p)
{
	int64_t first = NEVER, now = clock_now(), now_ms = clock_monotonic_ms();

	if (p->stopping || !p->known)
		return -1;
	for (const struct live *l = p->first; l != NULL; l = l->next) {
		int64_t left = (l->pause.until - now) * 1000;

		if (pauses_is_wanted(l))
			first = earlier(first, left <= 0	 ? 0
					       : left < CLOCK_MS ? now_ms + left
								 : now_ms + CLOCK_MS);
		else if (l->born && !l->ending && (l->followed || !l->told_lifted))
			first = earlier(first, l->settle_ms);
	}
	if (p->writing == TABLE_NONE_WRITING && !p->probing) {
		if (dirty_table(p) >= 0 || any_probe(p))
			first = earlier(first, p->again_ms);
		else if (!p->looking && any_in_force(p))
			first = earlier(first, p->look_ms > p->again_ms ? p->look_ms : p->again_ms);
		if (p->grown_ms != 0)
			first = earlier(first, p->grown_ms);
	}
	return first == NEVER ? -1 : first;
}

/* ---- beginning and end ---- */

struct loading {
	struct pauses *pauses;
	struct pause *rows;
	size_t count;
};

static enum db_result read_rows(struct db *db, void *context, struct error *err)
{
	struct loading *r = context;

	return pause_rows_list(db, true, PAUSES_MAX, &r->rows, &r->count, err);
}

/* Nothing is known of what a former process had begun: every table is written anew, and every pause
 * asked for. */
static void take_row(struct pauses *p, struct pause *row)
{
	struct live *l = pauses_add(p);

	l->pause = *row;
	*row = (struct pause){0};
	l->born = true;
	l->stored_domains = l->pause.domain_count;
	pauses_index_domains(l);
	pauses_mark(l);
}

static void mark_all(struct pauses *p)
{
	for (int i = 0; i < PAUSE_TABLES; i++)
		p->dirty[i] = p->known;
}

static void rows_read(void *context, enum db_result result, const struct error *err)
{
	struct loading *r = context;
	struct pauses *p = r->pauses;

	(void)err;
	p->reading = false;
	/* The oldest first, so that the newest is first in the list. */
	for (size_t i = r->count; result == DB_OK && i > 0; i--)
		take_row(p, &r->rows[i - 1]);
	p->known = result == DB_OK;
	/* Also where nothing is held back: the store may be another than the one that the tables
	 * were made from. */
	mark_all(p);
	for (size_t i = 0; i < r->count; i++)
		pause_clear(&r->rows[i]);
	free(r->rows);
	free(r);
	pauses_make_list(p);
}

void pauses_resume(struct pauses *p)
{
	struct loading *r;

	p->again_ms = 0;
	for (struct live *l = p->first; l != NULL; l = l->next)
		l->left_out = false;
	mark_all(p);
	if (p->known || p->reading || p->stopping)
		return;
	p->reading = true;
	r = memory_zero(1, sizeof(*r));
	r->pauses = p;
	store_read(p->store, read_rows, rows_read, r);
}

struct pauses *pauses_create(
    struct store *store, const struct pause_ports *ports, const struct pauses_events *events)
{
	struct pauses *p = memory_zero(1, sizeof(*p));

	p->store = store;
	p->ports = *ports;
	p->events = *events;
	p->writing = TABLE_NONE_WRITING;
	p->reloaded_ms = INT64_MIN / 2;
	pauses_make_list(p);
	return p;
}

void pauses_stop(struct pauses *p)
{
	p->stopping = true;
}

void pauses_destroy(struct pauses **pointer)
{
	struct pauses *p = *pointer;

	if (p == NULL)
		return;
	while (p->answers != NULL)
		pauses_answer_free(p->answers);
	while (p->first != NULL)
		pauses_drop(p->first);
	pauses_forget_askers(p);
	free(p->list);
	free(p);
	*pointer = NULL;
}
