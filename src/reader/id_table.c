/* Entries stand close together in one array; a table finds them by ID. One that goes leaves its
 * place to the last. */
#include "reader/id_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/table.h"

struct id_table {
	struct id_entry *entries;
	size_t count, capacity;
	struct table table;
};

struct slice id_entry_id(const struct id_entry *e)
{
	return slice_make(e->id_len > ID_ENTRY_INLINE ? e->id.outside : e->id.bytes, e->id_len);
}

static struct slice id_of(const void *owner, uint32_t number)
{
	const struct id_table *t = owner;

	return id_entry_id(&t->entries[number]);
}

struct id_table *id_table_create(void)
{
	struct id_table *t = memory_zero(1, sizeof(*t));

	table_init(&t->table, id_of);
	return t;
}

static void free_id(struct id_entry *e)
{
	if (e->id_len > ID_ENTRY_INLINE)
		free(e->id.outside);
}

void id_table_clear(struct id_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free_id(&t->entries[i]);
	free(t->entries);
	t->entries = NULL;
	t->count = t->capacity = 0;
	table_free(&t->table);
}

void id_table_destroy(struct id_table **pointer)
{
	if (*pointer == NULL)
		return;
	id_table_clear(*pointer);
	free(*pointer);
	*pointer = NULL;
}

size_t id_table_count(const struct id_table *t)
{
	return t->count;
}

struct id_entry *id_table_at(struct id_table *t, size_t index)
{
	return &t->entries[index];
}

/* The pointer holds until the next addition or removal: both may move entries. */
struct id_entry *id_table_find(struct id_table *t, struct slice id)
{
	uint32_t number = table_find(&t->table, t, id);

	return number == TABLE_NONE ? NULL : &t->entries[number];
}

struct id_entry *id_table_add(struct id_table *t, struct slice id)
{
	struct id_entry *e = id_table_find(t, id);

	if (e != NULL)
		return e;
	if (t->count == t->capacity) {
		/* By a quarter and not by double: with a million IDs the free half would be
		 * megabytes. */
		t->capacity += t->capacity / 4 + 64;
		t->entries = memory_resize(t->entries, t->capacity, sizeof(*t->entries));
	}
	e = &t->entries[t->count];
	*e = (struct id_entry){.id_len = (uint8_t)id.len};
	if (id.len > ID_ENTRY_INLINE)
		e->id.outside = memory_strndup(id.data, id.len);
	else
		memcpy(e->id.bytes, id.data, id.len);
	table_add(&t->table, t, (uint32_t)t->count++);
	return e;
}

void id_table_remove(struct id_table *t, struct id_entry *e)
{
	uint32_t number = (uint32_t)(e - t->entries), last = (uint32_t)t->count - 1;

	table_remove(&t->table, t, number);
	free_id(e);
	if (number != last) {
		table_renumber(&t->table, t, last, number);
		t->entries[number] = t->entries[last];
	}
	t->count--;
}
