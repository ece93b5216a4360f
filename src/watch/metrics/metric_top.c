/* A short list, searched from the front: it has some dozens of keys at most. */
#include "watch/metrics/metric_top.h"

#include <stdlib.h>

#include "base/memory.h"

struct member {
	char *key;
	size_t len;
	int64_t value;	 /* -1: not known */
	int64_t largest; /* when it was last among the largest */
};

struct metric_top {
	size_t max, count;
	struct member *members;
};

struct metric_top *metric_top_create(size_t max)
{
	struct metric_top *top = memory_zero(1, sizeof(*top));

	top->max = max;
	top->members = memory_zero(max + 1, sizeof(*top->members));
	return top;
}

void metric_top_destroy(struct metric_top **top)
{
	if (*top == NULL)
		return;
	for (size_t i = 0; i < (*top)->count; i++)
		free((*top)->members[i].key);
	free((*top)->members);
	free(*top);
	*top = NULL;
}

static struct member *find(const struct metric_top *top, struct slice key)
{
	for (size_t i = 0; i < top->count; i++)
		if (slice_equal(slice_make(top->members[i].key, top->members[i].len), key))
			return &top->members[i];
	return NULL;
}

static void remove_member(struct metric_top *top, struct member *member)
{
	free(member->key);
	*member = top->members[--top->count];
}

/* The place of a key that comes in: a free one, or that of the smallest which is not among the
 * largest and has less than half as much. NULL: it has to wait. */
static struct member *place_for(struct metric_top *top, uint64_t value, int64_t now)
{
	struct member *smallest = NULL;

	if (top->count < top->max)
		return &top->members[top->count++];
	for (size_t i = 0; i < top->count; i++) {
		struct member *m = &top->members[i];

		if (m->largest != now && (smallest == NULL || m->value < smallest->value))
			smallest = m;
	}
	if (smallest == NULL || (smallest->value > 0 && value / 2 < (uint64_t)smallest->value))
		return NULL;
	free(smallest->key);
	return smallest;
}

static void come_in(struct metric_top *top, const struct metric_top_entry *entry, int64_t now)
{
	struct member *place = place_for(top, entry->value, now);

	if (place != NULL)
		*place = (struct member){memory_strndup(entry->key.data, entry->key.len),
		    entry->key.len, (int64_t)entry->value, now};
}

static void note_values(struct metric_top *top, const struct metric_top_entry *entries,
    size_t count, bool all, int64_t now)
{
	for (size_t i = 0; i < top->count; i++)
		top->members[i].value = all ? 0 : -1;
	for (size_t i = 0; i < count; i++) {
		struct member *member = find(top, entries[i].key);

		if (member == NULL)
			continue;
		member->value = (int64_t)entries[i].value;
		if (i < top->max)
			member->largest = now;
	}
}

void metric_top_take(struct metric_top *top, const struct metric_top_entry *entries, size_t count,
    bool all, int64_t now)
{
	note_values(top, entries, count, all, now);
	for (size_t i = top->count; i > 0; i--) {
		struct member *member = &top->members[i - 1];

		/* A clock that was set back would keep it for longer than anybody waits. */
		if (now - member->largest > METRIC_TOP_STAY || member->largest > now)
			remove_member(top, member);
	}
	for (size_t i = 0; i < count && i < top->max; i++)
		if (find(top, entries[i].key) == NULL)
			come_in(top, &entries[i], now);
}

size_t metric_top_count(const struct metric_top *top)
{
	return top->count;
}

struct slice metric_top_at(const struct metric_top *top, size_t i, int64_t *value)
{
	*value = top->members[i].value;
	return slice_make(top->members[i].key, top->members[i].len);
}

bool metric_top_has(const struct metric_top *top, struct slice key)
{
	return find(top, key) != NULL;
}
