/* The hash table for what is not the index: it finds things that stand in an array of their
 * owner's, by a text that each of them has. The table keeps only their numbers, four bytes a slot,
 * at most half full. Keyed (hash.h), because strangers choose such texts. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdint.h>

#include "base/hash.h"
#include "base/slice.h"

#define TABLE_NONE UINT32_MAX

/* The text of the owner's thing with this number. */
typedef struct slice table_text(const void *owner, uint32_t number);

struct table {
	table_text *text_of;
	uint32_t *slot; /* number + 1; 0: empty */
	size_t slots;	/* 0 or a power of two */
	size_t used;
	struct hash_key key;
};

/* An empty table with a key of its own. `owner` is whatever text_of makes of it, at each call. */
void table_init(struct table *t, table_text *text_of);
/* Leaves it empty; it may be used again. */
void table_free(struct table *t);

/* The number of the thing with this text; TABLE_NONE when there is none. */
uint32_t table_find(const struct table *t, const void *owner, struct slice text);
/* Takes in a thing whose text is not in the table yet. The owner has it under this number. */
void table_add(struct table *t, const void *owner, uint32_t number);
/* Takes out a thing that is in the table. The owner still has it. */
void table_remove(struct table *t, const void *owner, uint32_t number);
/* A thing that is in the table will have another number. The owner still has it under the old one.
 */
void table_renumber(struct table *t, const void *owner, uint32_t from, uint32_t to);

#endif
