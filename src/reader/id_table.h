/* What the reader remembers by queue ID: of each message enough to see that it changed, and no
 * more, since memory counts at a million messages. About 48 bytes a message, its place in the hash
 * table included. */
#ifndef READER_ID_TABLE_H
#define READER_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "postfix/queue_id.h"

/* IDs up to here are kept in place; longer ones (inodes over 2^60) beside. */
#define ID_ENTRY_INLINE 24

struct id_entry {
	uint64_t signature; /* the source's own: equal means unchanged */
	union {
		char bytes[ID_ENTRY_INLINE];
		char *outside;
	} id;
	uint32_t listed; /* of what a listing shows too: arrival and size */
	uint8_t id_len;
	uint8_t queue; /* enum queue */
	uint8_t stamp; /* the scan that saw it last */
	uint8_t flags; /* the source's own */
};

struct id_table;

struct id_table *id_table_create(void);
/* Accepts a pointer to NULL. */
void id_table_destroy(struct id_table **t);

size_t id_table_count(const struct id_table *t);
/* Entries are numbered from 0 to id_table_count() - 1; adding and removing moves them. */
struct id_entry *id_table_at(struct id_table *t, size_t index);
struct slice id_entry_id(const struct id_entry *entry);

/* NULL when there is none. The pointer lives until the next id_table_add or id_table_remove. */
struct id_entry *id_table_find(struct id_table *t, struct slice id);
/* The entry of that ID, zeroed when it is new. `id` is a valid queue ID. */
struct id_entry *id_table_add(struct id_table *t, struct slice id);
/* The last entry takes its place. */
void id_table_remove(struct id_table *t, struct id_entry *entry);
void id_table_clear(struct id_table *t);

#endif
