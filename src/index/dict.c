#include "index/dict.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/grow.h"

/* Below this, dead text is not worth moving the rest for. */
#define COMPACT_MIN ((size_t)1 << 20)
/* The table is at most five eighths full: at seven eighths a look-up that finds nothing would pass
 * 32 slots, each a miss of the cache; here it passes 4 (linear probing, Knuth 6.4). */
#define TABLE_MIN 64

void dict_init(struct dict *d, bool with_note)
{
	*d = (struct dict){.count = 1, .with_note = with_note, .key = hash_key_random()};
	d->cap = (uint32_t)grow_capacity(0, 1);
	d->entries = memory_zero(d->cap, sizeof(*d->entries));
	if (with_note)
		d->note = memory_zero(d->cap, sizeof(*d->note));
}

void dict_free(struct dict *d)
{
	free(d->entries);
	free(d->table);
	free(d->arena);
	free(d->note);
	*d = (struct dict){0};
}

bool dict_used(const struct dict *d, uint32_t number)
{
	return number == 0 || (number < d->count && d->entries[number].uses > 0);
}

static struct slice text_at(const char *arena, uint32_t at)
{
	const char *p = arena + (size_t)at * 4;
	uint32_t len;

	memcpy(&len, p, sizeof(len));
	return (struct slice){p + sizeof(len), len};
}

struct slice dict_text(const struct dict *d, uint32_t number)
{
	if (number == 0)
		return (struct slice){"", 0};
	return text_at(d->arena, d->entries[number].at);
}

static size_t text_room(size_t len)
{
	return (sizeof(uint32_t) + len + 3) & ~(size_t)3;
}

static uint32_t arena_put(struct dict *d, struct slice text)
{
	size_t room = text_room(text.len);
	uint32_t len = (uint32_t)text.len;
	char *p;

	if (room > d->arena_cap - d->arena_len) {
		d->arena_cap = grow_capacity(d->arena_cap, d->arena_len + room);
		d->arena = memory_resize(d->arena, d->arena_cap, 1);
	}
	p = d->arena + d->arena_len;
	memcpy(p, &len, sizeof(len));
	if (text.len > 0)
		memcpy(p + sizeof(len), text.data, text.len);
	memset(p + sizeof(len) + text.len, 0, room - sizeof(len) - text.len);
	d->arena_len += room;
	return (uint32_t)((size_t)(p - d->arena) / 4);
}

/* Moves the live texts together. Linear, and only after as many bytes have died as live. */
static void compact(struct dict *d)
{
	char *old = d->arena;
	size_t live = d->arena_len - d->arena_dead;

	d->arena_cap = live + live / 8 + 64;
	d->arena = memory_alloc(d->arena_cap);
	d->arena_len = d->arena_dead = 0;
	for (uint32_t n = 1; n < d->count; n++) {
		if (d->entries[n].uses > 0)
			d->entries[n].at = arena_put(d, text_at(old, d->entries[n].at));
	}
	free(old);
}

static void table_insert(struct dict *d, uint32_t number)
{
	uint32_t slot = d->entries[number].hash & d->mask;

	while (d->table[slot] != 0)
		slot = (slot + 1) & d->mask;
	d->table[slot] = number;
}

static void table_grow(struct dict *d)
{
	uint32_t slots = d->mask ? (d->mask + 1) * 2 : TABLE_MIN;

	free(d->table);
	d->table = memory_zero(slots, sizeof(*d->table));
	d->mask = slots - 1;
	for (uint32_t n = 1; n < d->count; n++) {
		if (d->entries[n].uses > 0)
			table_insert(d, n);
	}
}

/* The slot of `text`, or the empty one where it would go. The table is never full. */
static uint32_t table_slot(const struct dict *d, struct slice text, uint32_t hash)
{
	uint32_t slot = hash & d->mask;

	for (; d->table[slot] != 0; slot = (slot + 1) & d->mask) {
		uint32_t n = d->table[slot];
		if (d->entries[n].hash == hash && slice_equal(dict_text(d, n), text))
			break;
	}
	return slot;
}

/* Takes a slot out and moves back those behind it that would no longer be found (Knuth 6.4, R). */
static void table_remove(struct dict *d, uint32_t slot)
{
	uint32_t hole = slot;

	for (;;) {
		slot = (slot + 1) & d->mask;
		if (d->table[slot] == 0)
			break;
		uint32_t home = d->entries[d->table[slot]].hash & d->mask;
		if (((slot - home) & d->mask) >= ((slot - hole) & d->mask)) {
			d->table[hole] = d->table[slot];
			hole = slot;
		}
	}
	d->table[hole] = 0;
}

static uint32_t new_number(struct dict *d)
{
	uint32_t n = d->free_head;

	if (n != 0) {
		d->free_head = d->entries[n].at;
		return n;
	}
	if (d->count == d->cap) {
		d->cap = (uint32_t)grow_capacity(d->cap, (size_t)d->cap + 1);
		d->entries = memory_resize(d->entries, d->cap, sizeof(*d->entries));
		if (d->with_note)
			d->note = memory_resize(d->note, d->cap, sizeof(*d->note));
	}
	return d->count++;
}

static uint32_t hash_of(const struct dict *d, struct slice text)
{
	return (uint32_t)hash_bytes(&d->key, text);
}

uint32_t dict_intern(struct dict *d, struct slice text)
{
	uint32_t hash, slot, n;

	if (text.len == 0)
		return 0;
	if (d->used >= d->mask / 8 * 5)
		table_grow(d);
	hash = hash_of(d, text);
	slot = table_slot(d, text, hash);
	n = d->table[slot];
	if (n != 0) {
		d->entries[n].uses++;
		return n;
	}
	n = new_number(d);
	d->entries[n] = (struct dict_entry){.at = arena_put(d, text), .uses = 1, .hash = hash};
	if (d->with_note)
		d->note[n] = 0;
	d->table[slot] = n;
	d->used++;
	return n;
}

void dict_keep(struct dict *d, uint32_t number)
{
	if (number != 0)
		d->entries[number].uses++;
}

bool dict_release(struct dict *d, uint32_t number, uint32_t *note)
{
	struct dict_entry *e = &d->entries[number];
	struct slice text;

	if (number == 0 || --e->uses > 0)
		return false;
	text = text_at(d->arena, e->at);
	e->uses = 1; /* still there for the table to find */
	table_remove(d, table_slot(d, text, e->hash));
	e->uses = 0;
	d->arena_dead += text_room(text.len);
	e->at = d->free_head;
	d->free_head = number;
	d->used--;
	if (note)
		*note = d->with_note ? d->note[number] : 0;
	if (d->arena_dead > COMPACT_MIN && d->arena_dead > d->arena_len / 2)
		compact(d);
	return true;
}

uint32_t dict_find(const struct dict *d, struct slice text)
{
	if (text.len == 0 || d->used == 0)
		return 0;
	return d->table[table_slot(d, text, hash_of(d, text))];
}

size_t dict_memory(const struct dict *d)
{
	return d->cap * (sizeof(*d->entries) + (d->with_note ? sizeof(*d->note) : 0)) +
	       (d->mask ? ((size_t)d->mask + 1) * sizeof(*d->table) : 0) + d->arena_cap;
}
