/* A step is made from the minutes in memory, whole, each time that one of them changes. */
#include "watch/rates/rate_samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rate_table.h"
#include "store/series.h"

#define MINUTE 60
#define HOUR (RATES_MINUTES * MINUTE)

/* What keys have that were not told of a minute. */
struct others {
	int64_t minute;
	struct rate_counts kinds[RATE_KINDS];
};

/* Of the owner until it is given to the store. */
struct batch {
	struct rate_samples *samples; /* NULL: nobody waits any more */
	struct buffer bytes;
};

struct rate_samples {
	struct store *store;
	const struct rates *rates;
	struct others others[RATES_MINUTES]; /* at their number, modulo RATES_MINUTES */
	struct batch *under_way;
	struct buffer next; /* what goes to the store after that */
};

struct rate_samples *rate_samples_create(struct store *store, const struct rates *rates)
{
	struct rate_samples *s = memory_zero(1, sizeof(*s));

	s->store = store;
	s->rates = rates;
	return s;
}

void rate_samples_destroy(struct rate_samples **samples)
{
	struct rate_samples *s = *samples;

	if (s == NULL)
		return;
	if (s->under_way != NULL)
		s->under_way->samples = NULL;
	buffer_free(&s->next);
	free(s);
	*samples = NULL;
}

/* ---- to the store ---- */

static void send(struct rate_samples *s);

static enum db_result write(struct db *db, void *context, struct error *err)
{
	struct batch *batch = context;

	return series_store(db, buffer_slice(&batch->bytes), err);
}

/* What cannot be stored is a gap; the store's health says why. */
static void written(void *context, enum db_result result, const struct error *err)
{
	struct batch *batch = context;

	(void)result;
	(void)err;
	if (batch->samples != NULL) {
		batch->samples->under_way = NULL;
		send(batch->samples);
	}
	buffer_free(&batch->bytes);
	free(batch);
}

static void send(struct rate_samples *s)
{
	struct batch *batch;

	if (s->under_way != NULL || s->next.len == 0)
		return;
	batch = memory_alloc(sizeof(*batch));
	*batch = (struct batch){s, s->next};
	s->next = (struct buffer){.len = 0};
	s->under_way = batch;
	/* On a full disk the reserve is for jobs. */
	store_write_optional(s->store, write, written, batch);
}

bool rate_samples_are_behind(const struct rate_samples *s)
{
	return s->next.len >= SERIES_BATCH_BYTES;
}

/* ---- samples ---- */

static void add(void *context, struct slice key, const struct rate_counts *counts)
{
	rate_table_add(context, key, counts);
}

static void put_result(struct buffer *out, int64_t step, enum rate_kind kind,
    const struct rate_table *table, enum rate_result result)
{
	const struct rate_entry *largest[SERIES_LARGEST];
	struct series_item items[SERIES_LARGEST] = {{SLICE(""), 0}};
	size_t count = rate_table_largest(table, result, SERIES_LARGEST, largest);
	uint64_t other = table->other.n[result];

	for (uint32_t i = 0; i < table->count; i++)
		other += table->entries[i].counts.n[result];
	for (size_t i = 0; i < count; i++) {
		items[i] =
		    (struct series_item){rate_entry_key(largest[i]), largest[i]->counts.n[result]};
		other -= items[i].n;
	}
	/* A total of 0 says that the step is known. */
	if (kind == RATE_TOTAL)
		count = 1;
	if (count > 0 || other > 0)
		series_put(out, step, kind, SERIES_RECEIVED + result, items, count, other);
}

static void put_step(struct rate_samples *s, int64_t step)
{
	for (int kind = 0; kind < RATE_KINDS; kind++) {
		struct rate_table table;

		rate_table_init(&table, SERIES_STEP / MINUTE * RATES_KEYS_MAX);
		rates_each(s->rates, (enum rate_kind)kind, step, step + SERIES_STEP, add, &table);
		for (int i = 0; i < RATES_MINUTES; i++)
			if (s->others[i].minute >= step && s->others[i].minute < step + SERIES_STEP)
				rate_counts_add(&table.other, &s->others[i].kinds[kind]);
		for (int result = 0; result < RATE_RESULTS; result++)
			put_result(
			    &s->next, step, (enum rate_kind)kind, &table, (enum rate_result)result);
		rate_table_clear(&table);
	}
}

/* Longer ago than the minutes in memory go back: known to be nothing. */
static void put_quiet(struct rate_samples *s, int64_t step)
{
	struct series_item nothing = {SLICE(""), 0};

	for (int result = 0; result < RATE_RESULTS; result++)
		series_put(&s->next, step, RATE_TOTAL, SERIES_RECEIVED + result, &nothing, 1, 0);
}

void rate_samples_minute(struct rate_samples *s, int64_t minute, int64_t quiet,
    const struct rate_counts other[RATE_KINDS])
{
	int64_t newest = rates_newest(s->rates), step = quiet - quiet % SERIES_STEP;
	struct others *others = &s->others[minute / MINUTE % RATES_MINUTES];

	/* Too old to be in memory: nothing is known of the rest of its step. */
	if (minute <= newest - HOUR)
		return;
	others->minute = minute;
	memcpy(others->kinds, other, sizeof(others->kinds));
	/* The step before is ended by this minute where its own last ones were quiet; and it is
	 * stored again where it was stored, since that changes nothing. */
	for (; step + SERIES_STEP <= newest + MINUTE && step <= minute; step += SERIES_STEP) {
		if (step > newest - HOUR)
			put_step(s, step);
		else if (step >= quiet && step + SERIES_STEP <= minute)
			put_quiet(s, step);
	}
	send(s);
}
