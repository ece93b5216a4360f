#include "index/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const struct {
	const char *name;
	char letter; /* in a page's key */
} fields[] = {
    [INDEX_SORT_ARRIVAL] = {"arrival", 'a'},
    [INDEX_SORT_SIZE] = {"size", 's'},
    [INDEX_SORT_SENDER] = {"sender", 'f'},
    [INDEX_SORT_NEXT_RETRY] = {"next_retry", 'n'},
    [INDEX_SORT_RECIPIENTS] = {"recipients", 'r'},
    [INDEX_SORT_ID] = {"id", 'i'},
};

bool index_sort_parse(struct slice text, struct index_sort *out, struct error *err)
{
	struct slice name = text;

	*out = (struct index_sort){INDEX_SORT_ARRIVAL, true};
	if (text.len == 0)
		return true;
	out->descending = text.data[0] == '-';
	name = slice_from(text, out->descending);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (slice_is(name, fields[i].name)) {
			out->field = (enum index_sort_field)i;
			return true;
		}
	}
	return error_set(err, "invalid_sort",
	    "sort is arrival, size, sender, next_retry, recipients or id, with - before it for "
	    "descending");
}

void index_sort_name(struct index_sort sort, char out[INDEX_SORT_NAME_SIZE])
{
	snprintf(
	    out, INDEX_SORT_NAME_SIZE, "%s%s", sort.descending ? "-" : "", fields[sort.field].name);
}

/* ---- Comparing ---- */

static struct slice sender_of(const struct index *ix, uint32_t row)
{
	return slice_first(dict_text(&ix->senders, ix->c.sender[row]), INDEX_SENDER_SORT_BYTES);
}

static uint64_t text_key(struct slice text)
{
	uint64_t key = 0;

	for (size_t i = 0; i < 8; i++)
		key = key << 8 | (i < text.len ? (unsigned char)text.data[i] : 0);
	return key;
}

uint64_t order_key(const struct index *ix, struct index_sort sort, uint32_t row)
{
	const struct columns *c = &ix->c;
	uint64_t key = 0;

	switch (sort.field) {
	case INDEX_SORT_ARRIVAL:
		key = c->arrival[row];
		break;
	case INDEX_SORT_SIZE:
		key = internal_size(ix, row);
		break;
	case INDEX_SORT_SENDER:
		key = text_key(sender_of(ix, row));
		break;
	case INDEX_SORT_NEXT_RETRY:
		if (!(c->known[row] & MESSAGE_KNOWS_NEXT_RETRY))
			return UINT64_MAX;
		key = c->next_retry[row];
		break;
	case INDEX_SORT_RECIPIENTS:
		key = internal_todo(ix, row);
		break;
	case INDEX_SORT_ID:
		key = internal_id_word(ix, row);
		break;
	}
	if (!sort.descending)
		return key;
	/* Times have 32 bits: what is known stays in front of UINT64_MAX. */
	return sort.field == INDEX_SORT_NEXT_RETRY ? UINT32_MAX - key : ~key;
}

/* What is behind the key: the rest of a sender, then arrival, then ID. */
static int compare_rest(struct index_sort sort, struct slice sender_a, struct slice sender_b,
    uint32_t arrival_a, uint32_t arrival_b, const struct id_key *id_a, const struct id_key *id_b)
{
	int order = 0;

	if (sort.field == INDEX_SORT_SENDER)
		order = slice_compare(sender_a, sender_b);
	if (order == 0 && sort.field != INDEX_SORT_ID)
		order = (arrival_a > arrival_b) - (arrival_a < arrival_b);
	if (order == 0)
		order = id_key_compare(id_a, id_b);
	return sort.descending ? -order : order;
}

int order_compare(const struct index *ix, struct index_sort sort, const struct order_entry *a,
    const struct order_entry *b)
{
	const struct columns *c = &ix->c;
	bool sender = sort.field == INDEX_SORT_SENDER;
	struct id_key id_a, id_b;
	struct slice none = {"", 0};

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	id_a = internal_id(ix, a->row);
	id_b = internal_id(ix, b->row);
	return compare_rest(sort, sender ? sender_of(ix, a->row) : none,
	    sender ? sender_of(ix, b->row) : none, c->arrival[a->row], c->arrival[b->row], &id_a,
	    &id_b);
}

bool order_after(const struct index *ix, struct index_sort sort, const struct order_entry *e,
    const struct order_place *place)
{
	struct id_key id;

	if (e->key != place->key)
		return e->key > place->key;
	id = internal_id(ix, e->row);
	return compare_rest(sort, sender_of(ix, e->row), buffer_slice(&place->sender),
		   ix->c.arrival[e->row], place->arrival, &id, &place->id) > 0;
}

/* ---- Sorting ---- */

struct sort_context {
	const struct index *ix;
	struct index_sort sort;
};

static int compare_for_qsort(const void *a, const void *b, void *context)
{
	const struct sort_context *s = context;

	return order_compare(s->ix, s->sort, a, b);
}

static uint64_t arrival_key(const struct sort_context *s, const struct order_entry *e)
{
	uint32_t arrival = s->ix->c.arrival[e->row];

	return s->sort.descending ? UINT32_MAX - arrival : arrival;
}

/* One pass of a radix sort, by eight bits of the key or of the arrival. False when all have the
 * same. */
static bool radix_pass(const struct sort_context *s, bool by_arrival, unsigned shift,
    const struct order_entry *from, struct order_entry *to, size_t count)
{
	size_t places[257] = {0};

	for (size_t i = 0; i < count; i++) {
		uint64_t key = by_arrival ? arrival_key(s, &from[i]) : from[i].key;
		places[(key >> shift & 255) + 1]++;
	}
	for (size_t i = 1; i < 257; i++) {
		if (places[i] == count)
			return false;
		places[i] += places[i - 1];
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t key = by_arrival ? arrival_key(s, &from[i]) : from[i].key;
		to[places[key >> shift & 255]++] = from[i];
	}
	return true;
}

static void radix_sort(const struct sort_context *s, struct order_entry *entries, size_t count)
{
	MEMORY_AUTO struct order_entry *other = memory_alloc(count * sizeof(*other));
	struct order_entry *from = entries, *to = other, *swap;
	/* Senders have their rest before the arrival: that comes with the runs of equal keys. */
	bool arrival = s->sort.field != INDEX_SORT_SENDER && s->sort.field != INDEX_SORT_ID;

	for (unsigned pass = arrival ? 0 : 4; pass < 12; pass++) {
		if (!radix_pass(s, pass < 4, pass < 4 ? pass * 8 : (pass - 4) * 8, from, to, count))
			continue;
		swap = from;
		from = to;
		to = swap;
	}
	if (from != entries)
		memcpy(entries, from, count * sizeof(*entries));
}

static bool same_run(
    const struct sort_context *s, const struct order_entry *a, const struct order_entry *b)
{
	if (a->key != b->key)
		return false;
	return s->sort.field == INDEX_SORT_SENDER || s->sort.field == INDEX_SORT_ID ||
	       s->ix->c.arrival[a->row] == s->ix->c.arrival[b->row];
}

void order_sort(
    const struct index *ix, struct index_sort sort, struct order_entry *entries, size_t count)
{
	struct sort_context s = {ix, sort};

	if (count == 0)
		return;
	/* Twelve passes are dearer than comparisons for a few. */
	if (count < 512) {
		qsort_r(entries, count, sizeof(*entries), compare_for_qsort, &s);
		return;
	}
	radix_sort(&s, entries, count);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && same_run(&s, &entries[i], &entries[end]);)
			end++;
		if (end - i > 1)
			qsort_r(entries + i, end - i, sizeof(*entries), compare_for_qsort, &s);
	}
}

static void swap_entries(struct order_entry *a, struct order_entry *b)
{
	struct order_entry t = *a;

	*a = *b;
	*b = t;
}

/* Hoare's selection. The pivot is taken at a place that nobody outside can foresee usefully: the
 * median of first, middle and last after each cut. */
void order_select(const struct index *ix, struct index_sort sort, struct order_entry *entries,
    size_t count, size_t k)
{
	size_t low = 0, high = count;

	while (high - low > 1 && k > low && k < high) {
		size_t i = low, j = high - 1, mid = low + (high - low) / 2;
		if (order_compare(ix, sort, &entries[mid], &entries[low]) < 0)
			swap_entries(&entries[mid], &entries[low]);
		if (order_compare(ix, sort, &entries[j], &entries[low]) < 0)
			swap_entries(&entries[j], &entries[low]);
		if (order_compare(ix, sort, &entries[j], &entries[mid]) < 0)
			swap_entries(&entries[j], &entries[mid]);
		if (high - low <= 3)
			break;
		struct order_entry pivot = entries[mid];
		for (;;) {
			while (order_compare(ix, sort, &entries[i], &pivot) < 0)
				i++;
			while (order_compare(ix, sort, &pivot, &entries[j]) < 0)
				j--;
			if (i >= j)
				break;
			swap_entries(&entries[i++], &entries[j--]);
		}
		/* Entries up to j are not after the pivot, those behind are not before it. */
		if (k <= j + 1)
			high = j + 1;
		else
			low = j + 1;
	}
}

/* ---- Pages' keys ---- */

/* letter, + or -, key, '.', arrival, '.', ID, and for senders '.' and the address; numbers and the
 * address in hexadecimal. */
void order_write_place(
    const struct index *ix, struct index_sort sort, uint32_t row, struct buffer *out)
{
	struct id_key key = internal_id(ix, row);
	char id[QUEUE_ID_SIZE];

	id_key_unpack(&key, id);
	buffer_printf(out, "%c%c%llx.%x.%s", fields[sort.field].letter, sort.descending ? '-' : '+',
	    (unsigned long long)order_key(ix, sort, row), ix->c.arrival[row], id);
	if (sort.field == INDEX_SORT_SENDER) {
		struct slice sender = sender_of(ix, row);
		buffer_append_char(out, '.');
		for (size_t i = 0; i < sender.len; i++)
			buffer_printf(out, "%02x", (unsigned char)sender.data[i]);
	}
}

static bool read_hex(struct slice text, unsigned digits_max, uint64_t *value)
{
	*value = 0;
	if (text.len == 0 || text.len > digits_max)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int digit = slice_hex_digit(text.data[i]);
		if (digit < 0)
			return false;
		*value = *value << 4 | (uint64_t)digit;
	}
	return true;
}

static bool read_hex_bytes(struct slice text, struct buffer *out)
{
	if (text.len % 2 != 0 || text.len > INDEX_SENDER_SORT_BYTES * 2)
		return false;
	for (size_t i = 0; i < text.len; i += 2) {
		int high = slice_hex_digit(text.data[i]), low = slice_hex_digit(text.data[i + 1]);
		if (high < 0 || low < 0)
			return false;
		buffer_append_char(out, (char)(high << 4 | low));
	}
	return true;
}

bool order_read_place(
    struct slice text, struct index_sort sort, struct order_place *place, struct error *err)
{
	struct slice rest = slice_from(text, 2), part = {"", 0};
	uint64_t arrival = 0;
	bool good = text.len > 2 && text.data[0] == fields[sort.field].letter &&
		    text.data[1] == (sort.descending ? '-' : '+');

	*place = (struct order_place){0};
	good = good && slice_split(&rest, '.', &part) && read_hex(part, 16, &place->key);
	good = good && slice_split(&rest, '.', &part) && read_hex(part, 8, &arrival);
	good = good && slice_split(&rest, '.', &part) && id_key_pack(part, &place->id);
	place->arrival = (uint32_t)arrival;
	if (good && sort.field == INDEX_SORT_SENDER)
		good = slice_split(&rest, '.', &part) && read_hex_bytes(part, &place->sender);
	if (good && !rest.data)
		return true;
	buffer_free(&place->sender);
	return error_set(err, "invalid_cursor",
	    "after must be the `next` of a page with the same sort, as it was given");
}
