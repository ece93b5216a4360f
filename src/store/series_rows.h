/* The form of a row of series in the database: what the other keys have, then for each key the
 * number of its text and its own; seven bits a byte, the lowest first, a set high bit means more.
 * What a text number means, series_keys says; 0 is the empty text. Shared by the files that write
 * and read them. */
#ifndef STORE_SERIES_ROWS_H
#define STORE_SERIES_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "store/series.h"

struct series_row_item {
	int64_t id;
	uint64_t n;
};

struct series_row {
	uint64_t other;
	size_t count;
	struct series_row_item items[SERIES_LARGEST];
};

void series_row_put(struct buffer *out, const struct series_row *row);
/* False where the bytes are no row: the database is damaged. */
bool series_row_get(struct slice bytes, struct series_row *row);

#endif
