/* Peaks and last successes, by key, in one bounded table for each kind of key. An entry's worth is
 * its peak, or the time of its last success; a new key takes the place of the least worthy of a few
 * that are looked at. So a regular stays whatever strangers do, and no turn costs more than a few
 * looks for each new key. */
#include "watch/incidents/peaks.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/table.h"
#include "watch/incidents/list.h"
#include "watch/incidents/words.h"

/* Looked at to find a place: with eight, what is among the better half is hit once in 256 times. */
#define PLACES_TRIED 8

struct peak {
	char *key;
	double peak;	/* recipients in ten minutes, as it counted at `at` */
	int64_t at;	/* of the peak; of a domain or host: when it last took mail */
	int64_t minute; /* the last that was learned */
	int64_t slot;	/* number of the slot that `sum` is of */
	uint32_t sum, before;
	int64_t skip_from, skip_to;
};

struct peaks {
	struct peak *items;
	uint32_t count, hand;
	struct table table;
};

struct incident_peaks {
	struct peaks kinds[RATE_KINDS];
};

static struct slice key_of(const void *owner, uint32_t number)
{
	return slice_of(((const struct peaks *)owner)->items[number].key);
}

struct incident_peaks *incident_peaks_create(void)
{
	struct incident_peaks *peaks = memory_zero(1, sizeof(*peaks));

	for (unsigned kind = 0; kind < RATE_KINDS; kind++)
		table_init(&peaks->kinds[kind].table, key_of);
	return peaks;
}

void incident_peaks_free(struct incident_peaks *peaks)
{
	if (peaks == NULL)
		return;
	for (unsigned kind = 0; kind < RATE_KINDS; kind++) {
		struct peaks *p = &peaks->kinds[kind];
		for (uint32_t i = 0; i < p->count; i++)
			free(p->items[i].key);
		free(p->items);
		table_free(&p->table);
	}
	free(peaks);
}

static struct peak *find(const struct incident_peaks *peaks, enum rate_kind kind, struct slice key)
{
	const struct peaks *p = &peaks->kinds[kind];
	uint32_t number = table_find(&p->table, p, key);

	return number == TABLE_NONE ? NULL : &p->items[number];
}

static double decayed(const struct peak *peak, int64_t now)
{
	int64_t age = now > peak->at ? now - peak->at : 0;

	return peak->peak * exp2(-(double)age / INCIDENT_PEAK_HALF_LIFE);
}

/* What is lost with it. */
static double worth(enum rate_kind kind, const struct peak *peak, int64_t now)
{
	double usual = decayed(peak, now), running = (double)peak->sum + peak->before;

	if (kind == RATE_DOMAIN || kind == RATE_REMOTE_HOST)
		return (double)peak->at;
	/* What is being kept from learning is a flood: the culprit must be known again. */
	if (peak->skip_to + 3600 > now)
		return INFINITY;
	return usual > running ? usual : running;
}

/* The least worthy of those under the hand, which moves on. */
static uint32_t victim(struct peaks *p, enum rate_kind kind, int64_t now)
{
	uint32_t found = p->hand % p->count;

	for (uint32_t i = 0; i < PLACES_TRIED; i++) {
		uint32_t number = (p->hand + i) % p->count;
		if (worth(kind, &p->items[number], now) < worth(kind, &p->items[found], now))
			found = number;
	}
	p->hand = (p->hand + PLACES_TRIED) % p->count;
	return found;
}

/* A place for a new key: one more, or that of the least worthy. */
static struct peak *place(struct peaks *p, enum rate_kind kind, struct slice key, int64_t now)
{
	uint32_t number = p->count;

	if (p->items == NULL)
		p->items = memory_zero(INCIDENTS_KEYS_MAX, sizeof(p->items[0]));
	if (number == INCIDENTS_KEYS_MAX) {
		number = victim(p, kind, now);
		table_remove(&p->table, p, number);
		free(p->items[number].key);
	} else {
		p->count++;
	}
	p->items[number] = (struct peak){.key = memory_strndup(key.data, key.len), .slot = -1};
	table_add(&p->table, p, number);
	return &p->items[number];
}

static struct peak *find_or_place(
    struct incident_peaks *peaks, enum rate_kind kind, struct slice key, int64_t now)
{
	struct peak *peak;

	/* A NUL would end the text that the table compares. */
	if (key.len == 0 || key.len > RATES_KEY_MAX || slice_find_char(key, '\0') >= 0)
		return NULL;
	peak = find(peaks, kind, key);
	return peak != NULL ? peak : place(&peaks->kinds[kind], kind, key, now);
}

/* The sums of this slot and the one before it: a window of five to ten minutes. */
static void move_to_slot(struct peak *peak, int64_t slot)
{
	if (slot == peak->slot)
		return;
	peak->before = slot == peak->slot + 1 ? peak->sum : 0;
	peak->sum = 0;
	peak->slot = slot;
}

void incident_peaks_learn(struct incident_peaks *peaks, enum rate_kind kind, struct slice key,
    int64_t minute, uint32_t recipients)
{
	struct peak *peak = find_or_place(peaks, kind, key, minute);
	uint64_t window;

	if (peak == NULL || minute <= peak->minute ||
	    (minute >= peak->skip_from && minute < peak->skip_to))
		return;
	peak->minute = minute;
	move_to_slot(peak, minute / INCIDENT_PEAK_SLOT);
	peak->sum = recipients < UINT32_MAX - peak->sum ? peak->sum + recipients : UINT32_MAX;
	window = (uint64_t)peak->sum + peak->before;
	if ((double)window > decayed(peak, minute)) {
		peak->peak = (double)window;
		peak->at = minute;
	}
}

void incident_peaks_skip(
    struct incident_peaks *peaks, enum rate_kind kind, struct slice key, int64_t from, int64_t to)
{
	struct peak *peak = find_or_place(peaks, kind, key, to);

	if (peak == NULL)
		return;
	/* One span: a flood that comes again within the hour was never over. */
	if (from > peak->skip_to + 3600 || peak->skip_to == 0)
		peak->skip_from = from;
	if (to > peak->skip_to)
		peak->skip_to = to;
}

double incident_peaks_usual(
    const struct incident_peaks *peaks, enum rate_kind kind, struct slice key, int64_t now)
{
	const struct peak *peak = find(peaks, kind, key);

	return peak != NULL ? decayed(peak, now) : 0;
}

void incident_peaks_took(
    struct incident_peaks *peaks, enum rate_kind kind, struct slice key, int64_t at)
{
	struct peak *peak = find_or_place(peaks, kind, key, at);

	if (peak != NULL && at > peak->at)
		peak->at = at;
}

int64_t incident_peaks_last_took(
    const struct incident_peaks *peaks, enum rate_kind kind, struct slice key)
{
	const struct peak *peak = find(peaks, kind, key);

	return peak != NULL ? peak->at : 0;
}

int64_t incident_peaks_last_took_by(const struct incident_peaks *peaks, struct slice provider)
{
	const struct peaks *hosts = &peaks->kinds[RATE_REMOTE_HOST];
	int64_t last = 0;

	for (uint32_t i = 0; i < hosts->count; i++)
		if (hosts->items[i].at > last &&
		    incident_is_host_of(slice_of(hosts->items[i].key), provider))
			last = hosts->items[i].at;
	return last;
}

void incident_peaks_mend(struct incident_peaks *peaks, int64_t now)
{
	for (unsigned kind = 0; kind < RATE_KINDS; kind++)
		for (uint32_t i = 0; i < peaks->kinds[kind].count; i++) {
			struct peak *peak = &peaks->kinds[kind].items[i];
			if (peak->minute > now)
				peak->minute = 0;
			if (peak->at > now)
				peak->at = now;
			if (peak->skip_to > now)
				peak->skip_from = peak->skip_to = 0;
		}
}

void incident_peaks_save(const struct incident_peaks *peaks, struct buffer *out)
{
	for (unsigned kind = RATE_DOMAIN; kind < RATE_KINDS; kind++) {
		const struct peaks *p = &peaks->kinds[kind];
		size_t end = out->len + INCIDENT_PEAKS_SAVED_MAX;
		for (uint32_t i = 0; i < p->count && out->len < end; i++) {
			buffer_put_u8(out, 1);
			buffer_put_string(out, slice_of(p->items[i].key));
			buffer_put_u64(out, (uint64_t)p->items[i].peak);
			buffer_put_i64(out, p->items[i].at);
			buffer_put_i64(out, p->items[i].minute);
			buffer_put_i64(out, p->items[i].skip_from);
			buffer_put_i64(out, p->items[i].skip_to);
		}
		buffer_put_u8(out, 0);
	}
}

static bool is_time(int64_t time)
{
	return time >= 0 && time <= INCIDENT_TIME_MAX;
}

static bool restore_one(struct incident_peaks *peaks, enum rate_kind kind, struct cursor *c)
{
	struct slice key = cursor_string(c, RATES_KEY_MAX);
	struct peak read = {.peak = (double)cursor_u64(c), .slot = -1}, *peak;

	read.at = cursor_i64(c);
	read.minute = cursor_i64(c);
	read.skip_from = cursor_i64(c);
	read.skip_to = cursor_i64(c);
	if (c->failed || !is_time(read.at) || !is_time(read.minute) || !is_time(read.skip_from) ||
	    !is_time(read.skip_to))
		return false;
	peak = find_or_place(peaks, kind, key, read.at);
	if (peak == NULL)
		return false;
	read.key = peak->key;
	*peak = read;
	return true;
}

bool incident_peaks_restore(struct incident_peaks *peaks, struct cursor *c)
{
	for (unsigned kind = RATE_DOMAIN; kind < RATE_KINDS; kind++)
		while (cursor_flag(c))
			if (!restore_one(peaks, (enum rate_kind)kind, c))
				return false;
	return !c->failed;
}
