/* What one minute of the log counts, by key. */
#include "world.h"

#include <string.h>

#include "base/memory.h"
#include "postfix/diagnosis.h"

static bool is_new(const struct counts *c, uint32_t key)
{
	static const struct rate_counts nothing;

	return memcmp(&c->of[key], &nothing, sizeof(nothing)) == 0;
}

static void grow(struct counts *c, uint32_t key)
{
	uint32_t old = c->room;

	if (key < old)
		return;
	c->room = key * 2 + 64;
	c->of = memory_resize(c->of, c->room, sizeof(*c->of));
	memset(c->of + old, 0, (c->room - old) * sizeof(*c->of));
}

void count(struct world *w, enum rate_kind kind, uint32_t key, enum rate_result result, uint32_t n)
{
	struct counts *c = &w->counts[kind];

	if (key == NAME_NONE || n == 0)
		return;
	grow(c, key);
	if (is_new(c, key)) {
		if (c->touched_count == c->touched_room) {
			c->touched_room = c->touched_room * 2 + 64;
			c->touched =
			    memory_resize(c->touched, c->touched_room, sizeof(*c->touched));
		}
		c->touched[c->touched_count++] = key;
	}
	c->of[key].n[result] += n;
}

void counts_clear(struct world *w)
{
	for (int kind = 0; kind < RATE_KINDS; kind++) {
		struct counts *c = &w->counts[kind];

		for (uint32_t i = 0; i < c->touched_count; i++)
			c->of[c->touched[i]] = (struct rate_counts){0};
		c->touched_count = 0;
	}
}

struct slice counts_key(const struct world *w, enum rate_kind kind, uint32_t key)
{
	static const enum key names[RATE_KINDS] = {
	    [RATE_DOMAIN] = KEY_DOMAIN,
	    [RATE_REMOTE_HOST] = KEY_HOST,
	    [RATE_LOGIN] = KEY_LOGIN,
	    [RATE_CLIENT] = KEY_CLIENT,
	    [RATE_SENDER] = KEY_SENDER,
	};

	if (kind == RATE_TOTAL)
		return SLICE("");
	if (kind == RATE_CAUSE)
		return reply_cause((enum reply)key);
	return names_text(&w->names[names[kind]], key);
}
