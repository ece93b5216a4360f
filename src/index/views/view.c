/* Views as the index owns them: a list of at most VIEW_COUNT_MAX, found by a random ID. Each pins
 * the rows that leave (index/columns/leaving.h) for as long as it may show them. */
#include "index/views/view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/memory.h"
#include "index/columns/row_values.h"
#include "index/run/matches.h"
#include "index/views/order.h"
#include "index/views/sender_order.h"

struct view {
	char id[VIEW_ID_SIZE];
	char *filter_text;
	struct filter *filter; /* to count what has arrived since; NULL: everything */
	struct index_sort sort;
	uint32_t *rows;
	uint32_t length;
	struct index_match match;
	int64_t as_of, created, read;
	bool actionable;
	uint64_t person;	/* whose it is */
	struct leaving_pin pin; /* rows that leave from here on may be in it */
	/* view_changes as it was counted last */
	uint64_t counted_generation, counted_arrived, counted_left;
	int64_t counted_at;	/* 0: never */
	int64_t count_again_ms; /* monotonic: not before then */
};

/* So many times as long as counting the changes of a view took they are not counted again, for all
 * views that are looked at together: a hundredth of a core. */
#define VIEW_COUNT_REST 100
#define VIEW_READ_LATELY_SECONDS 60

struct view_pin {
	struct index *ix;
	struct leaving_pin pin; /* as in a view */
};

struct view_list {
	struct view *views[VIEW_COUNT_MAX];
	size_t count;
	uint64_t rows;
};

static struct view_list *list_of(struct index *ix)
{
	if (!ix->views)
		ix->views = memory_zero(1, sizeof(*ix->views));
	return ix->views;
}

/* ---- The list ---- */

static void free_view(struct view *v)
{
	free(v->filter_text);
	filter_free(v->filter);
	free(v->rows);
	free(v);
}

static void list_drop(struct index *ix, size_t i)
{
	struct view_list *list = ix->views;
	struct view *v = list->views[i];

	list->rows -= v->length;
	list->views[i] = list->views[--list->count];
	leaving_drop_pin(ix, &v->pin);
	free_view(v);
}

void views_free(struct index *ix)
{
	while (ix->views && ix->views->count > 0)
		list_drop(ix, 0);
	free(ix->views);
	ix->views = NULL;
}

/* What the owner of a view has: how many views, or how many rows in them. */
static uint64_t held_by(const struct view_list *list, uint64_t person, bool rows)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->views[i]->person == person)
			sum += rows ? list->views[i]->length : 1;
	return sum;
}

/* One of who has the most of what is short; of those the least recently read. Among 200 views the
 * sums may be counted again for each. */
static void make_room(struct index *ix, bool rows)
{
	const struct view_list *list = ix->views;
	uint64_t most = held_by(list, list->views[0]->person, rows);
	size_t chosen = 0;

	for (size_t i = 1; i < list->count; i++) {
		uint64_t held = held_by(list, list->views[i]->person, rows);

		if (held < most ||
		    (held == most && list->views[i]->read >= list->views[chosen]->read))
			continue;
		most = held;
		chosen = i;
	}
	list_drop(ix, chosen);
}

static void make_id(char id[VIEW_ID_SIZE])
{
	unsigned char random[(VIEW_ID_SIZE - 1) / 2];

	/* Up to 256 bytes never come short (getrandom(2)). Nobody may guess another's view. */
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		abort();
	for (size_t i = 0; i < sizeof(random); i++) {
		id[2 * i] = "0123456789abcdef"[random[i] >> 4];
		id[2 * i + 1] = "0123456789abcdef"[random[i] & 15];
	}
	id[VIEW_ID_SIZE - 1] = '\0';
}

/* Takes the view into the list, where others make room. */
static const struct view *list_add(struct index *ix, struct view *v, int64_t now)
{
	struct view_list *list = list_of(ix);

	while (list->count == VIEW_COUNT_MAX)
		make_room(ix, false);
	while (list->count > 0 && list->rows + v->length > VIEW_ROWS_MAX)
		make_room(ix, true);
	make_id(v->id);
	v->as_of = ix->as_of;
	v->created = v->read = now;
	leaving_add_pin(ix, &v->pin);
	v->actionable = ix->state == INDEX_CURRENT && v->match.undecided == 0;
	v->match.generation = ix->generation;
	/* Nothing has changed yet: that needs no counting. */
	v->counted_at = now;
	v->counted_generation = ix->generation;
	list->views[list->count++] = v;
	list->rows += v->length;
	return v;
}

/* ---- Making ---- */

/* The rows found, with their keys. */
static void take_matches(const struct view *v, const struct order *order,
    const struct matches *matches, struct sort_entry *entries)
{
	const struct index *ix = order->ix;
	MEMORY_AUTO uint32_t *rank = NULL;
	uint32_t row, count = 0;

	if (v->sort.field == INDEX_SORT_SENDER)
		rank = sender_order_rank(ix, matches, v->sort.descending);
	for (uint32_t b = 0; b < matches->blocks; b++) {
		MATCHES_FOR_EACH(matches, b, row)
		{
			uint64_t key = rank ? rank[ix->c.sender[row]] : order_key(order, row);
			entries[count++] = (struct sort_entry){key, row};
		}
	}
}

static void fill_view(struct view *v, const struct index *ix, const struct matches *matches)
{
	MEMORY_AUTO struct sort_entry *entries =
	    memory_alloc((size_t)matches->match.messages * sizeof(*entries) + 1);
	struct order order;

	v->match = matches->match;
	v->length = (uint32_t)matches->match.messages;
	v->rows = memory_alloc((size_t)v->length * sizeof(*v->rows) + 1);
	order_init(&order, ix, matches->run.inside, v->sort);
	take_matches(v, &order, matches, entries);
	sort_all(&order.by, entries, v->length);
	for (uint32_t i = 0; i < v->length; i++)
		v->rows[i] = entries[i].item;
}

const struct view *view_create(struct index *ix, const struct filter *filter,
    struct slice filter_text, struct index_sort sort, int64_t now)
{
	struct view *v = memory_zero(1, sizeof(*v));
	struct matches matches;

	v->sort = sort;
	v->filter_text = memory_strndup(filter_text.len ? filter_text.data : "", filter_text.len);
	v->filter = filter_hold(filter);
	matches_find(&matches, ix, filter, now);
	fill_view(v, ix, &matches);
	matches_free(&matches);
	return list_add(ix, v, now);
}

/* ---- Finding, and the end ---- */

static bool expired(const struct view *v, int64_t now)
{
	return now - v->read > VIEW_IDLE_SECONDS || now - v->created > VIEW_AGE_SECONDS;
}

static struct view *list_find(struct index *ix, struct slice id, size_t *place)
{
	for (size_t i = 0; ix->views && i < ix->views->count; i++) {
		if (slice_is(id, ix->views->views[i]->id)) {
			*place = i;
			return ix->views->views[i];
		}
	}
	return NULL;
}

const struct view *view_find(struct index *ix, struct slice id, int64_t now)
{
	size_t place;
	struct view *v = list_find(ix, id, &place);

	if (!v || expired(v, now))
		return NULL;
	v->read = now;
	return v;
}

void view_set_person(struct index *ix, struct slice id, uint64_t person)
{
	size_t place;
	struct view *v = list_find(ix, id, &place);

	if (v)
		v->person = person;
}

unsigned view_count_of(const struct index *ix, uint64_t person)
{
	return ix->views ? (unsigned)held_by(ix->views, person, false) : 0;
}

void view_drop(struct index *ix, struct slice id)
{
	size_t place;

	if (!list_find(ix, id, &place))
		return;
	list_drop(ix, place);
}

struct view_pin *view_pin(struct index *ix)
{
	struct view_pin *pin = memory_zero(1, sizeof(*pin));

	pin->ix = ix;
	leaving_add_pin(ix, &pin->pin);
	return pin;
}

void view_unpin(struct view_pin **pointer)
{
	struct view_pin *pin = *pointer;

	if (!pin)
		return;
	leaving_drop_pin(pin->ix, &pin->pin);
	free(pin);
	*pointer = NULL;
}

void view_expire(struct index *ix, int64_t now)
{
	for (size_t i = 0; ix->views && i < ix->views->count;) {
		if (expired(ix->views->views[i], now))
			list_drop(ix, i);
		else
			i++;
	}
}

/* ---- Reading ---- */

const char *view_id(const struct view *v)
{
	return v->id;
}

const struct filter *view_scope(const struct view *v)
{
	return v->filter ? filter_scope(v->filter) : NULL;
}

struct slice view_filter_text(const struct view *v)
{
	return slice_of(v->filter_text);
}

struct index_sort view_sort(const struct view *v)
{
	return v->sort;
}

uint32_t view_length(const struct view *v)
{
	return v->length;
}

const struct index_match *view_match(const struct view *v)
{
	return &v->match;
}

int64_t view_as_of(const struct view *v)
{
	return v->as_of;
}

bool view_actionable(const struct view *v)
{
	return v->actionable;
}

uint32_t view_row(const struct view *v, uint32_t offset)
{
	return v->rows[offset];
}

bool view_offset_of(const struct index *ix, const struct view *v, struct slice id, uint32_t *offset)
{
	struct id_key key;

	if (!id_key_pack(id, &key))
		return false;
	for (uint32_t i = 0; i < v->length; i++) {
		struct id_key here = row_id(ix, v->rows[i]);
		if (id_key_compare(&here, &key) == 0) {
			*offset = i;
			return true;
		}
	}
	return false;
}

static bool bit_of(const uint64_t *bits, uint32_t row)
{
	return bits[row / 64] >> (row % 64) & 1;
}

/* What matches now and is not in the view has arrived since; what is in it and not live has left.
 */
static void count_changes(struct index *ix, struct view *v, int64_t now)
{
	uint64_t matching = 0;
	const uint64_t *there;
	struct matches matches;

	matches_find(&matches, ix, v->filter, now);
	/* What has left the scope is not there any more. */
	there = matches.run.within ? matches.run.within : ix->live;
	v->counted_left = 0;
	for (uint32_t i = 0; i < v->length; i++) {
		v->counted_left += !bit_of(there, v->rows[i]);
		matching += bit_of(matches.run.match, v->rows[i]);
	}
	v->counted_arrived = matches.match.messages - matching;
	matches_free(&matches);
}

/* Views that somebody looks at now. */
static unsigned read_lately(const struct view_list *list, int64_t now)
{
	unsigned count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += now - list->views[i]->read <= VIEW_READ_LATELY_SECONDS;
	return count ? count : 1;
}

/* The index owns its views, and may remember a count in one that others only read. */
void view_changes(
    struct index *ix, const struct view *read, int64_t now, uint64_t *arrived, uint64_t *left)
{
	size_t place;
	struct view *v = list_find(ix, slice_of(read->id), &place);
	int64_t start = clock_monotonic_ms(), took;
	bool changed = v->counted_at != now || v->counted_generation != ix->generation;

	if (v->counted_at == 0 || (changed && start >= v->count_again_ms)) {
		count_changes(ix, v, now);
		took = clock_monotonic_ms() - start;
		v->counted_at = now;
		v->counted_generation = ix->generation;
		/* What takes no time that can be measured needs no rest. */
		v->count_again_ms =
		    start + (took > 1 ? took * VIEW_COUNT_REST * read_lately(ix->views, now) : 0);
	}
	*arrived = v->counted_arrived;
	*left = v->counted_left;
}
