/* The texts of a dictionary stand in one piece of memory, the arena, each behind its length, in
 * the order in which they came. That makes searching all of them a walk through memory from one
 * end to the other. A text that nobody uses any more stays in the arena as dead bytes until as
 * many have died as live; then the living are moved together. Numbers never move: a number is what
 * rows hold. */
#include "index/columns/dict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/region.h"

/* Below this, dead text is not worth moving the rest for. */
#define COMPACT_MIN ((size_t)1 << 20)

static void set_capacity(struct dict *d, size_t cap)
{
	d->entries = region_resize(d->entries, d->cap, cap, sizeof(*d->entries));
	if (d->with_note)
		d->note = region_resize(d->note, d->cap, cap, sizeof(*d->note));
	d->cap = (uint32_t)cap;
}

void dict_init(struct dict *d, bool with_note)
{
	*d = (struct dict){.count = 1, .with_note = with_note, .key = hash_key_random()};
	set_capacity(d, region_capacity(0, 1));
}

void dict_free(struct dict *d)
{
	region_free(d->entries, d->cap, sizeof(*d->entries));
	region_free(d->note, d->cap, sizeof(*d->note));
	region_free(d->arena, d->arena_cap, 1);
	slots_free(&d->slots);
	*d = (struct dict){0};
}

/* ---- Texts ---- */

static size_t length_room(size_t len)
{
	return len < UINT16_MAX ? sizeof(uint16_t) : sizeof(uint16_t) + sizeof(uint32_t);
}

static size_t text_room(size_t len)
{
	return (length_room(len) + len + DICT_UNIT - 1) / DICT_UNIT * DICT_UNIT;
}

/* Beyond the limit an offset would not fit into its 32 bits. Eight GiB of texts of one kind is no
 * queue but an attack or a mistake, and the process ends as it does without memory. */
static void arena_reserve(struct dict *d, size_t room)
{
	size_t cap;

	if (room <= d->arena_cap - d->arena_len)
		return;
	if (room > DICT_ARENA_MAX - d->arena_len) {
		fprintf(stderr, "postroom: out of memory (over 8 GiB of texts of one kind)\n");
		abort();
	}
	cap = region_capacity(d->arena_cap, d->arena_len + room);
	d->arena = region_resize(d->arena, d->arena_cap, cap, 1);
	d->arena_cap = cap;
}

static uint32_t arena_put(struct dict *d, struct slice text)
{
	size_t room = text_room(text.len), before = length_room(text.len);
	uint16_t len = text.len < UINT16_MAX ? (uint16_t)text.len : UINT16_MAX;
	uint32_t long_len = (uint32_t)text.len;
	char *p;

	arena_reserve(d, room);
	p = d->arena + d->arena_len;
	memcpy(p, &len, sizeof(len));
	if (len == UINT16_MAX)
		memcpy(p + sizeof(len), &long_len, sizeof(long_len));
	if (text.len > 0)
		memcpy(p + before, text.data, text.len);
	memset(p + before + text.len, 0, room - before - text.len);
	d->arena_len += room;
	return (uint32_t)((size_t)(p - d->arena) / DICT_UNIT);
}

/* Moves the live texts together. Linear, and only after as many bytes have died as live. */
static void compact(struct dict *d)
{
	char *old = d->arena;
	size_t old_cap = d->arena_cap;

	d->arena = NULL;
	d->arena_cap = d->arena_len = d->arena_dead = 0;
	for (uint32_t n = 1; n < d->count; n++) {
		if (d->entries[n].uses > 0)
			d->entries[n].at = arena_put(d, dict_text_at(old, d->entries[n].at));
	}
	region_free(old, old_cap, 1);
}

/* ---- Numbers ---- */

static uint32_t hash_of(const void *owner, uint32_t number)
{
	const struct dict *d = owner;

	return d->entries[number].hash;
}

static uint32_t hash_text(const struct dict *d, struct slice text)
{
	return (uint32_t)hash_bytes(&d->key, text);
}

/* The slot's tag and the whole hash are compared first: a text that is not the one is looked at
 * once in four thousand million times. */
static uint32_t find(const struct dict *d, struct slice text, uint32_t hash)
{
	struct slots_walk walk = slots_walk(&d->slots, hash);
	uint32_t n;

	while ((n = slots_next(&d->slots, &walk)) != 0) {
		if (d->entries[n].hash == hash && slice_equal(dict_text(d, n), text))
			return n;
	}
	return 0;
}

static uint32_t new_number(struct dict *d)
{
	uint32_t n = d->free_head;

	if (n != 0) {
		d->free_head = d->entries[n].at;
		return n;
	}
	if (d->count == d->cap)
		set_capacity(d, region_capacity(d->cap, (size_t)d->cap + 1));
	return d->count++;
}

uint32_t dict_intern(struct dict *d, struct slice text)
{
	return text.len > 0 ? dict_intern_hashed(d, text, hash_text(d, text)) : 0;
}

/* A number that is free is taken before a new one, so that bitmaps by number stay as short as the
 * most strings that there ever were at a time. */
uint32_t dict_intern_hashed(struct dict *d, struct slice text, uint32_t hash)
{
	uint32_t n;

	if (text.len == 0)
		return 0;
	n = find(d, text, hash);
	if (n != 0) {
		d->entries[n].uses++;
		return n;
	}
	slots_reserve(&d->slots, 1, hash_of, d);
	n = new_number(d);
	d->entries[n] = (struct dict_entry){.at = arena_put(d, text), .uses = 1, .hash = hash};
	if (d->with_note)
		d->note[n] = 0;
	slots_add(&d->slots, hash, n);
	return n;
}

uint32_t dict_expect(const struct dict *d, struct slice text)
{
	uint32_t hash;

	if (text.len == 0)
		return 0;
	hash = hash_text(d, text);
	slots_prefetch(&d->slots, hash);
	return hash;
}

void dict_expect_entry(const struct dict *d, uint32_t hash)
{
	struct slots_walk walk = slots_walk(&d->slots, hash);
	uint32_t n = hash != 0 ? slots_next(&d->slots, &walk) : 0;

	if (n != 0)
		__builtin_prefetch(&d->entries[n]);
}

void dict_expect_text(const struct dict *d, uint32_t hash)
{
	struct slots_walk walk = slots_walk(&d->slots, hash);
	uint32_t n = hash != 0 ? slots_next(&d->slots, &walk) : 0;

	if (n != 0 && d->entries[n].hash == hash)
		__builtin_prefetch(d->arena + (size_t)d->entries[n].at * DICT_UNIT);
}

void dict_keep(struct dict *d, uint32_t number)
{
	if (number != 0)
		d->entries[number].uses++;
}

bool dict_release(struct dict *d, uint32_t number, uint32_t *note)
{
	struct dict_entry *e = &d->entries[number];

	if (number == 0 || --e->uses > 0)
		return false;
	slots_remove(&d->slots, e->hash, number, hash_of, d);
	d->arena_dead += text_room(dict_text_at(d->arena, e->at).len);
	e->at = d->free_head;
	d->free_head = number;
	if (note)
		*note = d->with_note ? d->note[number] : 0;
	if (d->arena_dead > COMPACT_MIN && d->arena_dead > d->arena_len / 2)
		compact(d);
	return true;
}

uint32_t dict_find(const struct dict *d, struct slice text)
{
	return text.len == 0 ? 0 : find(d, text, hash_text(d, text));
}

size_t dict_memory(const struct dict *d)
{
	return d->cap * (sizeof(*d->entries) + (d->with_note ? sizeof(*d->note) : 0)) +
	       d->slots.count * sizeof(*d->slots.slot) + d->arena_cap;
}

/* ---- From a file ---- */

/* In `uses`: was in use when the file was written. */
#define RESTORING (1u << 31)

/* By subtraction from what is left, so that no length in a file can go round. */
static bool text_is_inside(const struct dict *d, uint32_t at)
{
	size_t start = (size_t)at * DICT_UNIT, left;
	uint16_t len;
	uint32_t long_len;

	if (start > d->arena_len || d->arena_len - start < sizeof(len))
		return false;
	left = d->arena_len - start - sizeof(len);
	memcpy(&len, d->arena + start, sizeof(len));
	if (len < UINT16_MAX)
		return len <= left;
	if (left < sizeof(long_len))
		return false;
	memcpy(&long_len, d->arena + start + sizeof(len), sizeof(long_len));
	return long_len <= left - sizeof(long_len);
}

/* Nothing in the file is believed: a text outside the arena, or a use that nobody claims, must
 * not be reachable later. Uses are counted anew by those who have the numbers. */
bool dict_restore_begin(struct dict *d)
{
	for (uint32_t n = 1; n < d->count; n++) {
		struct dict_entry *e = &d->entries[n];
		if (e->uses == 0)
			continue;
		if (!text_is_inside(d, e->at))
			return false;
		e->uses = RESTORING;
	}
	return true;
}

/* Uses are counted above RESTORING, so that a string which was in use and one which nobody has
 * claimed yet can be told apart. */
bool dict_claim(struct dict *d, uint32_t number)
{
	if (number == 0)
		return true;
	if (number >= d->count || d->entries[number].uses < RESTORING)
		return false;
	d->entries[number].uses++;
	return true;
}

bool dict_claimed(const struct dict *d, uint32_t number)
{
	return d->entries[number].uses > RESTORING;
}

void dict_restore_end(struct dict *d)
{
	size_t live = 0;

	slots_reserve(&d->slots, d->count, hash_of, d);
	for (uint32_t n = d->count - 1; n > 0; n--) {
		struct dict_entry *e = &d->entries[n];
		if (e->uses > RESTORING) {
			e->uses -= RESTORING;
			slots_add(&d->slots, e->hash, n);
			live += text_room(dict_text(d, n).len);
			continue;
		}
		*e = (struct dict_entry){.at = d->free_head};
		d->free_head = n;
	}
	d->arena_dead = live < d->arena_len ? d->arena_len - live : 0;
}
