/* A dictionary: each distinct string once, with a count of those who use it, known by a 32-bit
 * number. Number 0 is the empty string, which is always there and is not counted. Numbers are dense
 * and are used again, so that a decision about each string is one bit in a bitmap.
 *
 * About 24 bytes beside the text of a string: offset, uses, hash, half a table slot or a whole one,
 * and its length in front of the text. */
#ifndef INDEX_DICT_H
#define INDEX_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/slice.h"

struct dict_entry {
	uint32_t at;   /* in the arena, in units of 4 bytes; of a free number, the next free one */
	uint32_t uses; /* 0: free */
	uint32_t hash;
};

struct dict {
	struct dict_entry *entries;
	uint32_t count,
	    cap; /* entries[0] is the empty string; count is one past the highest number */
	uint32_t free_head, used;
	uint32_t *table; /* numbers; 0: empty slot */
	uint32_t mask;	 /* slots less one; 0 before the first */
	char *arena;	 /* u32 length, bytes, padding to 4 */
	size_t arena_len, arena_cap, arena_dead;
	/* A number beside each string for whoever owns the dictionary (0 when new), or NULL. */
	uint32_t *note;
	bool with_note;
	struct hash_key key;
};

void dict_init(struct dict *d, bool with_note);
void dict_free(struct dict *d);

/* The number of `text`, with one more use. Slices from dict_text end here. */
uint32_t dict_intern(struct dict *d, struct slice text);
/* One more use of a number that is in use. */
void dict_keep(struct dict *d, uint32_t number);
/* One use less. True when that was the last: the number is free now, and the note, if any, was
 * *note. */
bool dict_release(struct dict *d, uint32_t number, uint32_t *note);

/* The number of `text` without using it; 0 when it is not there (or empty). */
uint32_t dict_find(const struct dict *d, struct slice text);
bool dict_used(const struct dict *d, uint32_t number);
/* Valid until the next dict_intern or dict_release. */
struct slice dict_text(const struct dict *d, uint32_t number);
/* Bytes of memory that the dictionary takes, texts and all. */
size_t dict_memory(const struct dict *d);

#endif
