/* Rows: taking and freeing them, and finding them by ID. Private to index/. */
#ifndef INDEX_ROWS_H
#define INDEX_ROWS_H

#include "index/columns/columns.h"

/* A free row, all zero but for its ID, which the table knows from now on. */
uint32_t rows_take(struct index *ix, const struct id_key *id);
/* Gives back what the row holds, and the row. It must be neither live nor in the list of those that
 * left. */
void rows_give(struct index *ix, uint32_t row);
/* The newest row with this ID, live or left; INDEX_ROW_NONE when there is none. */
uint32_t rows_find(const struct index *ix, const struct id_key *id);
/* rows_find will be asked for this ID soon. */
void rows_expect(const struct index *ix, const struct id_key *id);
/* Forgets the row's ID: rows_find gives it no longer. */
void rows_forget(struct index *ix, uint32_t row);
/* Makes room for so many rows. */
void rows_reserve(struct index *ix, size_t cap);
/* Column `i`, with `width` bytes for each row, in a fixed order; NULL past the last. */
char *rows_column(const struct columns *c, size_t i, size_t *width);
/* Rows whose columns came from a file: makes room for them in the table; then, for each that is
 * live, puts its ID there. False when it is none, or another row's. */
void rows_adopt_begin(struct index *ix);
bool rows_adopt(struct index *ix, uint32_t row);
void rows_free_all(struct index *ix);

#endif
