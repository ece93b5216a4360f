/* Rows as bytes, there and back. */
#include "store/series_rows.h"

#include "base/cursor.h"

static void put(struct buffer *b, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		buffer_put_u8(b, (uint8_t)(v | 0x80));
	buffer_put_u8(b, (uint8_t)v);
}

static uint64_t get(struct cursor *c)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = cursor_u8(c);

		v |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return v;
	}
	c->failed = true;
	return 0;
}

void series_row_put(struct buffer *out, const struct series_row *row)
{
	put(out, row->other);
	for (size_t i = 0; i < row->count; i++) {
		put(out, (uint64_t)row->items[i].id);
		put(out, row->items[i].n);
	}
}

bool series_row_get(struct slice bytes, struct series_row *row)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);

	row->other = get(&c);
	for (row->count = 0; c.left > 0 && row->count < SERIES_LARGEST; row->count++) {
		row->items[row->count].id = (int64_t)get(&c);
		row->items[row->count].n = get(&c);
	}
	return cursor_finished(&c);
}
