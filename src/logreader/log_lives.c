/* Messages in an array, found by the hash of their ID, in a list from the one that was told of last
 * to the one longest ago. Their texts stand once in another array, with the number of their users.
 */
#include "logreader/log_lives.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rates.h"
#include "base/table.h"

#define NONE UINT32_MAX
/* What the allocator takes for each text, about. */
#define TEXT_OVERHEAD 24

struct text {
	char *bytes;
	uint32_t len;
	uint32_t users; /* 0: free */
};

struct log_lives {
	struct hash_key key;
	uint32_t messages_max;
	size_t text_max;

	struct log_life *items;
	uint32_t count, capacity;
	uint32_t free_item; /* first of the free ones, by `older`; NONE: none */
	uint32_t used;
	uint32_t newest, oldest;
	struct table ids;

	struct text *texts; /* number 0 is nobody's */
	uint32_t text_count, text_capacity;
	uint32_t free_text; /* first of the free ones, by `len`; NONE: none */
	size_t text_bytes;
	struct table by_text;
};

static struct slice id_of(const void *owner, uint32_t number)
{
	const struct log_lives *l = owner;

	return slice_make(&l->items[number].id, sizeof(l->items[number].id));
}

static struct slice text_of(const void *owner, uint32_t number)
{
	const struct log_lives *l = owner;

	return slice_make(l->texts[number].bytes, l->texts[number].len);
}

struct log_lives *log_lives_create(uint32_t messages_max, size_t text_max)
{
	struct log_lives *l = memory_zero(1, sizeof(*l));

	*l = (struct log_lives){.key = hash_key_random(),
	    .messages_max = messages_max,
	    .text_max = text_max,
	    .free_item = NONE,
	    .newest = NONE,
	    .oldest = NONE,
	    .free_text = NONE,
	    .text_count = 1};
	table_init(&l->ids, id_of);
	table_init(&l->by_text, text_of);
	return l;
}

void log_lives_destroy(struct log_lives **lives)
{
	struct log_lives *l = *lives;

	if (l == NULL)
		return;
	for (uint32_t i = 1; i < l->text_count; i++)
		if (l->texts[i].users > 0)
			free(l->texts[i].bytes);
	free(l->texts);
	free(l->items);
	table_free(&l->ids);
	table_free(&l->by_text);
	free(l);
	*lives = NULL;
}

uint64_t log_lives_hash(const struct log_lives *l, struct slice id)
{
	return hash_bytes(&l->key, id);
}

/* ---- texts ---- */

struct slice log_lives_text(const struct log_lives *l, uint32_t text)
{
	return text == 0 ? SLICE("") : text_of(l, text);
}

static void let_go(struct log_lives *l, uint32_t *field)
{
	uint32_t number = *field;
	struct text *text;

	*field = 0;
	if (number == 0)
		return;
	text = &l->texts[number];
	if (--text->users > 0)
		return;
	table_remove(&l->by_text, l, number);
	l->text_bytes -= text->len + TEXT_OVERHEAD;
	free(text->bytes);
	text->len = l->free_text;
	l->free_text = number;
}

static uint32_t new_text(struct log_lives *l, struct slice bytes)
{
	uint32_t number = l->free_text;

	if (number != NONE) {
		l->free_text = l->texts[number].len;
	} else {
		if (l->text_count >= l->text_capacity) {
			l->text_capacity = l->text_capacity == 0 ? 1024 : l->text_capacity * 2;
			l->texts = memory_resize(l->texts, l->text_capacity, sizeof(*l->texts));
		}
		number = l->text_count++;
	}
	/* Not as a string: a stranger's text may have a NUL. */
	l->texts[number] = (struct text){memory_alloc(bytes.len + 1), (uint32_t)bytes.len, 0};
	memcpy(l->texts[number].bytes, bytes.data, bytes.len);
	l->text_bytes += bytes.len + TEXT_OVERHEAD;
	table_add(&l->by_text, l, number);
	return number;
}

void log_lives_share(struct log_lives *l, uint32_t *field, uint32_t text)
{
	if (text != 0)
		l->texts[text].users++;
	let_go(l, field);
	*field = text;
}

/* ---- messages ---- */

static void unlink_item(struct log_lives *l, uint32_t number)
{
	struct log_life *life = &l->items[number];

	if (life->newer != NONE)
		l->items[life->newer].older = life->older;
	else
		l->newest = life->older;
	if (life->older != NONE)
		l->items[life->older].newer = life->newer;
	else
		l->oldest = life->newer;
}

static void link_newest(struct log_lives *l, uint32_t number)
{
	l->items[number].newer = NONE;
	l->items[number].older = l->newest;
	if (l->newest != NONE)
		l->items[l->newest].newer = number;
	else
		l->oldest = number;
	l->newest = number;
}

void log_lives_renew(struct log_lives *l, struct log_life *life)
{
	uint32_t older = life->older, newer = life->newer;

	let_go(l, &life->login);
	let_go(l, &life->client);
	let_go(l, &life->sender);
	let_go(l, &life->message_id);
	let_go(l, &life->domain);
	let_go(l, &life->host);
	*life = (struct log_life){.id = life->id, .older = older, .newer = newer};
}

static void forget(struct log_lives *l, uint32_t number)
{
	log_lives_renew(l, &l->items[number]);
	table_remove(&l->ids, l, number);
	unlink_item(l, number);
	l->items[number].older = l->free_item;
	l->free_item = number;
	l->used--;
}

static uint32_t number_of(const struct log_lives *l, struct slice id)
{
	uint64_t hash = log_lives_hash(l, id);

	return table_find(&l->ids, l, slice_make(&hash, sizeof(hash)));
}

struct log_life *log_lives_find(struct log_lives *l, struct slice id)
{
	uint32_t number = id.len > 0 ? number_of(l, id) : NONE;

	if (number == TABLE_NONE)
		return NULL;
	unlink_item(l, number);
	link_newest(l, number);
	return &l->items[number];
}

static uint32_t free_item(struct log_lives *l)
{
	uint32_t number;

	if (l->used == l->messages_max)
		forget(l, l->oldest);
	number = l->free_item;
	if (number != NONE) {
		l->free_item = l->items[number].older;
		return number;
	}
	if (l->count == l->capacity) {
		l->capacity = l->capacity == 0 ? 1024 : l->capacity * 2;
		l->items = memory_resize(l->items, l->capacity, sizeof(*l->items));
	}
	return l->count++;
}

struct log_life *log_lives_get(struct log_lives *l, struct slice id)
{
	struct log_life *life = log_lives_find(l, id);
	uint32_t number;

	if (life != NULL)
		return life;
	number = free_item(l);
	l->items[number] = (struct log_life){.id = log_lives_hash(l, id)};
	table_add(&l->ids, l, number);
	link_newest(l, number);
	l->used++;
	return &l->items[number];
}

void log_lives_remove(struct log_lives *l, struct slice id)
{
	uint32_t number = number_of(l, id);

	if (number != TABLE_NONE)
		forget(l, number);
}

void log_lives_set(struct log_lives *l, struct log_life *life, uint32_t *field, struct slice bytes)
{
	struct slice cut = slice_first(bytes, RATES_KEY_MAX + 1);
	uint32_t text = 0;

	if (cut.len > 0) {
		text = table_find(&l->by_text, l, cut);
		if (text == TABLE_NONE)
			text = new_text(l, cut);
	}
	log_lives_share(l, field, text);
	while (l->text_bytes > l->text_max && &l->items[l->oldest] != life)
		forget(l, l->oldest);
}

size_t log_lives_memory(const struct log_lives *l)
{
	return l->capacity * sizeof(*l->items) + l->text_capacity * sizeof(*l->texts) +
	       l->text_bytes + (l->ids.slots + l->by_text.slots) * sizeof(*l->ids.slot);
}
