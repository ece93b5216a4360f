/* What the reader remembers of each message: enough to see that it changed, and no more, since
 * memory counts at a million messages. About 48 bytes a message, index included. */
#ifndef READER_SEEN_H
#define READER_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "postfix/queue_id.h"

/* IDs up to here are kept in place; longer ones (inodes over 2^60) beside. */
#define SEEN_ID_INLINE 24

struct seen_entry {
	uint64_t signature; /* the source's own: equal means unchanged */
	union {
		char bytes[SEEN_ID_INLINE];
		char *outside;
	} id;
	uint32_t listed; /* of what a listing shows too: arrival and size */
	uint8_t id_len;
	uint8_t queue; /* enum queue */
	uint8_t stamp; /* the scan that saw it last */
	uint8_t flags; /* the source's own */
};

struct seen;

struct seen *seen_create(void);
/* Accepts a pointer to NULL. */
void seen_destroy(struct seen **seen);

size_t seen_count(const struct seen *seen);
/* Entries are numbered from 0 to seen_count() - 1; adding and removing moves them. */
struct seen_entry *seen_at(struct seen *seen, size_t index);
struct slice seen_id(const struct seen_entry *entry);

/* NULL when there is none. The pointer lives until the next seen_add or seen_remove. */
struct seen_entry *seen_find(struct seen *seen, struct slice id);
/* The entry of that ID, zeroed when it is new. `id` is a valid queue ID. */
struct seen_entry *seen_add(struct seen *seen, struct slice id);
/* The last entry takes its place. */
void seen_remove(struct seen *seen, struct seen_entry *entry);
void seen_clear(struct seen *seen);

/* A signature of some numbers; equal numbers give equal ones. */
uint64_t seen_mix(uint64_t a, uint64_t b);

#endif
