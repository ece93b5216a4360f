/* A ring of minutes, each with a table of keys for each kind. Sums over a window go through the
 * minutes in it. */
#include "watch/rates/rates.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/rate_table.h"

#define MINUTE 60

struct minute {
	int64_t at; /* 0: never begun */
	struct rate_table kinds[RATE_KINDS];
};

struct rates {
	int64_t newest;
	struct minute minutes[RATES_MINUTES]; /* at its number, modulo RATES_MINUTES */
};

struct rates *rates_create(void)
{
	struct rates *rates = memory_zero(1, sizeof(*rates));

	for (int i = 0; i < RATES_MINUTES; i++)
		for (int kind = 0; kind < RATE_KINDS; kind++)
			rate_table_init(&rates->minutes[i].kinds[kind], RATES_KEYS_MAX);
	return rates;
}

static void forget(struct minute *minute)
{
	minute->at = 0;
	for (int kind = 0; kind < RATE_KINDS; kind++)
		rate_table_clear(&minute->kinds[kind]);
}

void rates_free(struct rates *rates)
{
	if (rates == NULL)
		return;
	for (int i = 0; i < RATES_MINUTES; i++)
		forget(&rates->minutes[i]);
	free(rates);
}

static struct minute *place_of(struct rates *rates, int64_t minute)
{
	return &rates->minutes[minute / MINUTE % RATES_MINUTES];
}

void rates_begin(struct rates *rates, int64_t minute)
{
	struct minute *place;

	if (minute <= 0 || minute <= rates->newest - RATES_MINUTES * MINUTE)
		return;
	place = place_of(rates, minute);
	forget(place);
	place->at = minute;
	if (minute <= rates->newest)
		return;
	rates->newest = minute;
	/* The ring still holds minutes from before a gap. */
	for (int i = 0; i < RATES_MINUTES; i++)
		if (rates->minutes[i].at <= minute - RATES_MINUTES * MINUTE)
			forget(&rates->minutes[i]);
}

void rates_put(struct rates *rates, int64_t minute, enum rate_kind kind, struct slice key,
    const struct rate_counts *counts)
{
	struct minute *place;
	struct rate_table *table;

	if (minute <= 0 || place_of(rates, minute)->at != minute)
		return;
	place = place_of(rates, minute);
	table = &place->kinds[kind];
	/* Full: the largest came first. */
	if (table->count == table->max && rate_table_find(table, key) == NULL)
		return;
	rate_table_add(table, key, counts);
}

void rates_forget_after(struct rates *rates, int64_t minute)
{
	rates->newest = 0;
	for (int i = 0; i < RATES_MINUTES; i++) {
		if (rates->minutes[i].at > minute)
			forget(&rates->minutes[i]);
		if (rates->minutes[i].at > rates->newest)
			rates->newest = rates->minutes[i].at;
	}
}

int64_t rates_newest(const struct rates *rates)
{
	return rates->newest;
}

static bool lies_in(const struct minute *minute, int64_t from, int64_t to)
{
	return minute->at > 0 && minute->at >= from && minute->at < to;
}

struct rate_counts rates_sum(
    const struct rates *rates, enum rate_kind kind, struct slice key, int64_t from, int64_t to)
{
	struct rate_counts sum = {{0}};

	for (int i = 0; i < RATES_MINUTES; i++) {
		const struct rate_entry *entry =
		    lies_in(&rates->minutes[i], from, to)
			? rate_table_find(&rates->minutes[i].kinds[kind], key)
			: NULL;

		if (entry != NULL)
			rate_counts_add(&sum, &entry->counts);
	}
	return sum;
}

/* The one minute that lies in the window; NULL: there are none or several. */
static const struct minute *only_minute(const struct rates *rates, int64_t from, int64_t to)
{
	const struct minute *found = NULL;

	for (int i = 0; i < RATES_MINUTES; i++)
		if (lies_in(&rates->minutes[i], from, to)) {
			if (found != NULL)
				return NULL;
			found = &rates->minutes[i];
		}
	return found;
}

/* Each key from the first minute that has it, where its bytes stay; `told` marks those of `sums`.
 */
static void tell_minute(const struct rate_table *table, const struct rate_table *sums, bool *told,
    rates_each_fn *each, void *context)
{
	for (uint32_t j = 0; j < table->count; j++) {
		struct slice key = rate_entry_key(&table->entries[j]);
		const struct rate_entry *sum = rate_table_find(sums, key);

		if (told[sum - sums->entries])
			continue;
		told[sum - sums->entries] = true;
		each(context, key, &sum->counts);
	}
}

void rates_each(const struct rates *rates, enum rate_kind kind, int64_t from, int64_t to,
    rates_each_fn *each, void *context)
{
	const struct minute *only = only_minute(rates, from, to);
	struct rate_table sums;
	bool *told;

	for (uint32_t j = 0; only != NULL && j < only->kinds[kind].count; j++)
		each(context, rate_entry_key(&only->kinds[kind].entries[j]),
		    &only->kinds[kind].entries[j].counts);
	if (only != NULL)
		return;
	rate_table_init(&sums, RATES_MINUTES * RATES_KEYS_MAX);
	for (int i = 0; i < RATES_MINUTES; i++) {
		const struct rate_table *table = &rates->minutes[i].kinds[kind];

		for (uint32_t j = 0; j < table->count && lies_in(&rates->minutes[i], from, to); j++)
			rate_table_add(
			    &sums, rate_entry_key(&table->entries[j]), &table->entries[j].counts);
	}
	told = memory_zero(sums.count + 1, sizeof(*told));
	for (int i = 0; i < RATES_MINUTES; i++)
		if (lies_in(&rates->minutes[i], from, to))
			tell_minute(&rates->minutes[i].kinds[kind], &sums, told, each, context);
	free(told);
	rate_table_clear(&sums);
}
