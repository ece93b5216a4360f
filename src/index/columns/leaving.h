/* Rows that have left the queue, and the pins that keep them in memory.
 * Private to index/. */
#ifndef INDEX_LEAVING_H
#define INDEX_LEAVING_H

#include <stddef.h>
#include <stdint.h>

struct index;

/* A row that has left, in the order of leaving. */
struct left_row {
	uint32_t row; /* INDEX_ROW_NONE: it came back */
	uint64_t sequence;
};

/* From its beginning on, rows that leave are kept. In its owner's memory. */
struct leaving_pin {
	uint64_t sequence; /* of the first row that is kept for it */
	struct leaving_pin *older, *newer;
};

struct leaving {
	struct left_row *ring; /* oldest first */
	size_t head, count, cap;
	uint64_t sequence; /* counts rows that left */
	struct leaving_pin *oldest, *newest;
};

/* A live row leaves the queue. */
void leaving_row(struct index *ix, uint32_t row);
/* A row that had left is in the queue again: out of the list, and without a fate. */
void leaving_undo(struct index *ix, uint32_t row);

/* Keeps the rows that leave from now on, until leaving_drop_pin, which frees those that no
 * other pin keeps. */
void leaving_add_pin(struct index *ix, struct leaving_pin *pin);
void leaving_drop_pin(struct index *ix, struct leaving_pin *pin);
/* The list's memory; not the rows'. */
void leaving_free(struct leaving *l);

#endif
