/* A row's place in each order as numbers of eight bytes, and the place of a page's end as text.
 * The text holds the place itself, not the row: the row may be gone when the next page is asked
 * for. */
#include "index/views/order.h"

#include <stdio.h>
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
	return error_say(err, "invalid_sort", SAID_PROBLEM_SORT, 0);
}

void index_sort_name(struct index_sort sort, char out[INDEX_SORT_NAME_SIZE])
{
	snprintf(
	    out, INDEX_SORT_NAME_SIZE, "%s%s", sort.descending ? "-" : "", fields[sort.field].name);
}

/* ---- Keys ---- */

/* The field in front, the arrival behind it. */
static uint64_t field_and_arrival(
    const struct index *ix, struct index_sort sort, uint32_t field, uint32_t row)
{
	uint64_t key = (uint64_t)field << 32 | ix->c.arrival[row];

	return sort.descending ? ~key : key;
}

static uint64_t next_retry_key(const struct index *ix, struct index_sort sort, uint32_t row)
{
	uint64_t behind = sort.descending ? ~ix->c.arrival[row] : ix->c.arrival[row];
	uint32_t next = ix->c.next_retry[row];

	if (!(ix->c.known[row] & MESSAGE_KNOWS_NEXT_RETRY))
		return (uint64_t)UINT32_MAX << 32 | behind;
	/* In 1970 or 2106 two seconds count as one, so that what is known stays before what is not.
	 */
	next = sort.descending ? UINT32_MAX - next : next;
	return (uint64_t)(next == UINT32_MAX ? next - 1 : next) << 32 | behind;
}

uint64_t order_key(const struct order *order, uint32_t row)
{
	const struct index *ix = order->ix;
	struct index_sort sort = order->sort;
	uint64_t key;

	switch (sort.field) {
	case INDEX_SORT_SIZE:
		key = row_size(ix, row);
		break;
	case INDEX_SORT_NEXT_RETRY:
		return next_retry_key(ix, sort, row);
	case INDEX_SORT_RECIPIENTS:
		return field_and_arrival(ix, sort, row_seen(ix, order->inside, row).todo, row);
	case INDEX_SORT_ID:
		key = row_id_word(ix, row);
		break;
	default:
		key = ix->c.arrival[row];
		break;
	}
	return sort.descending ? ~key : key;
}

/* ---- Comparing ---- */

/* What is behind the key: arrival, then ID (which is looked up only where that decides). Where the
 * key is or has the arrival, that is the same in both. */
static int compare_arrivals(struct index_sort sort, uint32_t a, uint32_t b)
{
	int order = sort.field == INDEX_SORT_ID ? 0 : (a > b) - (a < b);

	return sort.descending ? -order : order;
}

static int compare_ids(struct index_sort sort, const struct id_key *a, const struct id_key *b)
{
	int order = id_key_compare(a, b);

	return sort.descending ? -order : order;
}

static int compare_entries(
    const void *context, const struct sort_entry *a, const struct sort_entry *b)
{
	const struct order *order = context;
	const uint32_t *arrival = order->ix->c.arrival;
	struct id_key id_a, id_b;
	int first;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	first = compare_arrivals(order->sort, arrival[a->item], arrival[b->item]);
	if (first != 0)
		return first;
	id_a = row_id(order->ix, a->item);
	id_b = row_id(order->ix, b->item);
	return compare_ids(order->sort, &id_a, &id_b);
}

/* Level 1 is the arrival, level 2 the ID's beginning; comparing does the rest. */
static uint64_t level_key(const void *context, uint32_t row, unsigned level)
{
	const struct order *order = context;
	uint64_t key = level == 1 ? order->ix->c.arrival[row] : row_id_word(order->ix, row);

	return order->sort.descending ? ~key : key;
}

/* The key is level 0; a sort asks for arrival and ID only of those whose keys are the same. */
void order_init(struct order *order, const struct index *ix, const struct inside *inside,
    struct index_sort sort)
{
	*order = (struct order){.ix = ix, .inside = inside, .sort = sort};
	order->by = (struct sort_by){order, level_key, 3, compare_entries};
	/* By ID, what is behind its beginning is too rare for levels. */
	if (sort.field == INDEX_SORT_ID)
		order->by.levels = 1;
}

struct order_place order_place_of(const struct index *ix, const struct sort_entry *entry)
{
	return (struct order_place){.key = entry->key,
	    .arrival = ix->c.arrival[entry->item],
	    .id = row_id(ix, entry->item)};
}

int order_against(
    const struct order *order, const struct sort_entry *entry, const struct order_place *place)
{
	struct id_key id;
	int first;

	if (entry->key != place->key)
		return entry->key < place->key ? -1 : 1;
	first = compare_arrivals(order->sort, order->ix->c.arrival[entry->item], place->arrival);
	if (first != 0)
		return first;
	id = row_id(order->ix, entry->item);
	return compare_ids(order->sort, &id, &place->id);
}

/* ---- Pages' keys ---- */

static struct slice sender_of(const struct index *ix, uint32_t row)
{
	return slice_first(dict_text(&ix->senders, ix->c.sender[row]), INDEX_SENDER_SORT_BYTES);
}

/* letter, + or -, key, '.', arrival, '.', ID, and for senders '.' and the address; numbers and the
 * address in hexadecimal. */
void order_write_place(const struct order *order, uint32_t row, struct buffer *out)
{
	const struct index *ix = order->ix;
	struct index_sort sort = order->sort;
	struct id_key key = row_id(ix, row);
	bool by_sender = sort.field == INDEX_SORT_SENDER;
	char id[QUEUE_ID_SIZE];

	id_key_unpack(&key, id);
	buffer_printf(out, "%c%c%llx.%x.%s", fields[sort.field].letter, sort.descending ? '-' : '+',
	    (unsigned long long)(by_sender ? 0 : order_key(order, row)), ix->c.arrival[row], id);
	if (by_sender) {
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

/* A stranger may write anything here, so each part is bounded by what it can be, and the sort
 * must be the one that the key was made for. */
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
	return error_say(err, "invalid_cursor", SAID_PROBLEM_AFTER_SORT, 0);
}
