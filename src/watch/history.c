/* Takes a sample of the queue's depth at each full interval of the clock, and then of the largest
 * groups in it, one kind in each turn: with a million messages one takes some milliseconds. Driven
 * by history_tick; a sample that cannot be taken or stored is a gap. */
#include "watch/history.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/queue.h"
#include "base/rate_table.h"
#include "query/groups.h"
#include "store/series.h"

/* Groups that are looked at: clients of several names are one address. */
#define GROUPS_MAX 200

struct history {
	struct store *store;
	int64_t interval;
	struct query *query;
	history_source_reads *source_reads;
	void *owner;
	int64_t next; /* Unix seconds of the next sample */
	/* The next kind that is counted of the sample in hand; RATE_KINDS: none is. */
	enum rate_kind kind;
	int64_t step; /* of that sample, as series have it */
	struct buffer batch;
};

static int64_t slot_after(const struct history *h, int64_t now)
{
	/* Full intervals of the clock: samples of several days stand under each other. */
	return now - now % h->interval + h->interval;
}

struct history *history_create(struct store *store, struct query *query, int64_t interval,
    history_source_reads *source_reads, void *owner)
{
	struct history *h = memory_zero(1, sizeof(*h));

	h->store = store;
	h->interval = interval > 0 ? interval : SAMPLES_STEP;
	h->query = query;
	h->source_reads = source_reads;
	h->owner = owner;
	h->kind = RATE_KINDS;
	h->next = clock_now(); /* the first as soon as the queue is known */
	return h;
}

void history_destroy(struct history **history)
{
	if (*history != NULL)
		buffer_free(&(*history)->batch);
	free(*history);
	*history = NULL;
}

/* A second later where it could not be taken: the queue may be known by then. */
int64_t history_deadline_ms(const struct history *h)
{
	int64_t now = clock_now();

	if (h->kind != RATE_KINDS)
		return 0; /* at once */
	return clock_monotonic_ms() + (h->next > now ? (h->next - now) * 1000 : 1000);
}

/* False when the queue is not known now. */
static bool take(const struct history *h, struct sample *sample)
{
	struct index_status status;

	query_status(h->query, query_scope_all(), sample->taken, &status);
	if (status.state != INDEX_CURRENT || !h->source_reads(h->owner))
		return false;
	for (enum queue q = QUEUE_MAILDROP; q < QUEUE_CORRUPT; q++)
		sample->count[q] = (int64_t)status.counts[q];
	sample->count[QUEUE_CORRUPT] = status.corrupt_known ? (int64_t)status.corrupt : -1;
	sample->bytes = (int64_t)status.bytes;
	return true;
}

static enum db_result add(struct db *db, void *context, struct error *err)
{
	return samples_add(db, context, err);
}

/* A sample that cannot be stored is a gap; the store's health says why. */
static void added(void *context, enum db_result result, const struct error *err)
{
	(void)result;
	(void)err;
	free(context);
}

/* ---- The largest groups ---- */

static const struct {
	enum rate_kind kind;
	enum group_key key;
} group_kinds[] = {{RATE_CAUSE, GROUP_CAUSE}, {RATE_DOMAIN, GROUP_RECIPIENT_DOMAIN},
    {RATE_REMOTE_HOST, GROUP_REMOTE_HOST}, {RATE_LOGIN, GROUP_LOGIN}, {RATE_CLIENT, GROUP_CLIENT},
    {RATE_SENDER, GROUP_SENDER}};

/* As the log's counts have it: a client is its address, and the null sender has a sign. */
static struct slice key_of(enum rate_kind kind, struct slice key)
{
	ptrdiff_t open = slice_find_char(key, '[');

	if (kind == RATE_SENDER && key.len == 0)
		return SLICE("<>");
	if (kind != RATE_CLIENT || open < 0)
		return key;
	key = slice_from(key, (size_t)open + 1);
	return slice_first(key, key.len > 0 ? key.len - 1 : 0);
}

static void put_groups(struct history *h, enum rate_kind kind, const struct groups *groups)
{
	const struct rate_entry *largest[SERIES_LARGEST];
	struct series_item items[SERIES_LARGEST];
	struct rate_table table;
	uint64_t other = groups->other.messages;
	size_t count;

	rate_table_init(&table, GROUPS_MAX);
	for (size_t i = 0; i < groups->count; i++) {
		struct slice key = key_of(kind, groups->items[i].key);
		struct rate_counts counts = {.n = {(uint32_t)groups->items[i].messages}};

		/* Nobody's: no reason known, no login. */
		if (key.len > 0)
			rate_table_add(&table, key, &counts);
	}
	count = rate_table_largest(&table, RATE_RECEIVED, SERIES_LARGEST, largest);
	other += table.other.n[RATE_RECEIVED];
	for (uint32_t i = 0; i < table.count; i++)
		other += table.entries[i].counts.n[RATE_RECEIVED];
	for (size_t i = 0; i < count; i++) {
		items[i] = (struct series_item){
		    rate_entry_key(largest[i]), largest[i]->counts.n[RATE_RECEIVED]};
		other -= items[i].n;
	}
	/* Also of nothing: that it is known says the row. */
	series_put(&h->batch, h->step, kind, SERIES_DEPTH, items, count, other);
	rate_table_clear(&table);
}

static enum db_result add_groups(struct db *db, void *context, struct error *err)
{
	const struct buffer *batch = context;

	return series_store(db, buffer_slice(batch), err);
}

static void groups_are_added(void *context, enum db_result result, const struct error *err)
{
	(void)result;
	(void)err;
	buffer_free(context);
	free(context);
}

static void store_groups(struct history *h)
{
	struct buffer *batch;

	if (h->batch.len == 0)
		return;
	batch = memory_alloc(sizeof(*batch));
	*batch = h->batch;
	h->batch = (struct buffer){.len = 0};
	store_write_optional(h->store, add_groups, groups_are_added, batch);
}

static void take_groups(struct history *h, int64_t now)
{
	for (size_t i = 0; i < sizeof(group_kinds) / sizeof(group_kinds[0]); i++) {
		struct groups groups;
		struct error err;

		if (group_kinds[i].kind != h->kind)
			continue;
		/* The source may have failed since the turn before. */
		if (h->source_reads(h->owner) &&
		    query_groups(h->query, query_scope_all(), NULL, group_kinds[i].key, GROUPS_MAX,
			now, &groups, &err)) {
			put_groups(h, h->kind, &groups);
			groups_free(&groups);
		}
	}
	if (++h->kind == RATE_KINDS)
		store_groups(h);
}

void history_tick(struct history *h)
{
	int64_t now = clock_now();
	struct sample sample = {.taken = now}, *copy;

	/* A clock that was set back must not stop the samples. */
	if (h->next - now > 2 * h->interval)
		h->next = slot_after(h, now);
	if (h->kind != RATE_KINDS)
		take_groups(h, now);
	if (now < h->next || !take(h, &sample))
		return;
	h->next = slot_after(h, now);
	copy = memory_alloc(sizeof(*copy));
	*copy = sample;
	/* On a full disk the reserve is for jobs, and the history has a gap. */
	store_write_optional(h->store, add, added, copy);
	if (h->kind != RATE_KINDS)
		return; /* of the sample before */
	h->kind = RATE_CAUSE;
	h->step = now - now % SERIES_STEP;
}
