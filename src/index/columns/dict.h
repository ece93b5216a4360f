/* A dictionary: each distinct string once, with a count of those who use it, known by a 32-bit
 * number. Number 0 is the empty string, which is always there and is not counted. Numbers are dense
 * and are used again, so that a decision about each string is one bit in a bitmap.
 *
 * About 20 bytes beside the text of a string: offset, uses, hash, a slot and a half of the table,
 * and its length in front of the text. Strings that came one after the other, as they do while a
 * queue is read for the first time, stand so in memory. */
#ifndef INDEX_DICT_H
#define INDEX_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/slice.h"
#include "index/columns/slots.h"

/* Texts together: an offset has 32 bits, in units of DICT_UNIT. */
#define DICT_UNIT 2
#define DICT_ARENA_MAX ((size_t)8 << 30)

struct dict_entry {
	uint32_t at;   /* in the arena; of a free number, the next free one */
	uint32_t uses; /* 0: free */
	uint32_t hash;
};

struct dict {
	struct dict_entry *entries;
	uint32_t count, cap; /* entries[0] is the empty string; count is one past the highest */
	uint32_t free_head;
	struct slots slots;
	char *arena; /* u16 length (UINT16_MAX: a u32 follows), bytes, padding to DICT_UNIT */
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
/* The text will be looked for: brings the place of the table nearer where it would be. Returns its
 * hash. Some time later the two others bring what that place leads to: the number's entry, and the
 * text. Nothing is changed, and none has to be called. */
uint32_t dict_expect(const struct dict *d, struct slice text);
void dict_expect_entry(const struct dict *d, uint32_t hash);
void dict_expect_text(const struct dict *d, uint32_t hash);
/* dict_intern of a text that has this hash. */
uint32_t dict_intern_hashed(struct dict *d, struct slice text, uint32_t hash);
/* One more use of a number that is in use. */
void dict_keep(struct dict *d, uint32_t number);
/* One use less. True when that was the last: the number is free now, and the note, if any, was
 * *note. */
bool dict_release(struct dict *d, uint32_t number, uint32_t *note);

/* The number of `text` without using it; 0 when it is not there (or empty). */
uint32_t dict_find(const struct dict *d, struct slice text);
static inline bool dict_used(const struct dict *d, uint32_t number)
{
	return number == 0 || (number < d->count && d->entries[number].uses > 0);
}
/* The text at a place of the arena. */
static inline struct slice dict_text_at(const char *arena, uint32_t at)
{
	const char *p = arena + (size_t)at * DICT_UNIT;
	uint16_t len;
	uint32_t long_len;

	memcpy(&len, p, sizeof(len));
	p += sizeof(len);
	if (len < UINT16_MAX)
		return (struct slice){p, len};
	memcpy(&long_len, p, sizeof(long_len));
	return (struct slice){p + sizeof(long_len), long_len};
}
/* Valid until the next dict_intern or dict_release. Texts of one dictionary stand in one piece of
 * memory, all of which may be read. */
static inline struct slice dict_text(const struct dict *d, uint32_t number)
{
	if (number == 0)
		return (struct slice){"", 0};
	return dict_text_at(d->arena, d->entries[number].at);
}
/* Bytes of the texts that are there, about: what reading them all means. */
static inline uint64_t dict_text_bytes(const struct dict *d)
{
	return d->arena_len - d->arena_dead;
}
/* Bytes of memory that the dictionary takes, texts and all. */
size_t dict_memory(const struct dict *d);

/* A dictionary whose key, entries (uses 0: free), notes and arena came from a file.
 * dict_restore_begin is false when a text is not within the arena; dict_claim counts a use, false
 * when there is no such string; dict_restore_end frees what nobody claimed and makes the table. */
bool dict_restore_begin(struct dict *d);
bool dict_claim(struct dict *d, uint32_t number);
bool dict_claimed(const struct dict *d, uint32_t number);
void dict_restore_end(struct dict *d);

#endif
