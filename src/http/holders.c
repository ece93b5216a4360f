/* Who holds what, in a table by caller: a caller who holds nothing is not in it. */
#include "http/holders.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

/* A few hundred callers at most: whoever calls has signed in. */
#define BUCKETS 256

struct holder {
	uint64_t caller;
	unsigned count[HTTP_HOLDS];
	struct holder *next;
};

struct holders {
	struct holder *buckets[BUCKETS];
};

static const struct {
	unsigned max;
	const char *name;
} holds[HTTP_HOLDS] = {
    [HTTP_HOLD_REQUEST] = {64, "requests"},
    /* A view is a process of the helper, which has eight of them for everybody
       (HELPER_READERS_MAX). */
    [HTTP_HOLD_DOWNLOAD] = {3, "views of messages"},
    [HTTP_HOLD_EVENTS] = {16, "event streams"},
};

unsigned http_hold_max(enum http_hold hold)
{
	return holds[hold].max;
}

const char *http_hold_name(enum http_hold hold)
{
	return holds[hold].name;
}

struct holders *holders_create(void)
{
	return memory_zero(1, sizeof(struct holders));
}

void holders_destroy(struct holders **holders)
{
	if (*holders == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while ((*holders)->buckets[i] != NULL) {
			struct holder *h = (*holders)->buckets[i];

			(*holders)->buckets[i] = h->next;
			free(h);
		}
	free(*holders);
	*holders = NULL;
}

static struct holder **find(struct holders *holders, uint64_t caller)
{
	/* Numbers of callers are ours, so nobody can choose where they go. */
	struct holder **at = &holders->buckets[hash_u64(caller) % BUCKETS];

	while (*at != NULL && (*at)->caller != caller)
		at = &(*at)->next;
	return at;
}

bool holders_take(struct holders *holders, uint64_t caller, enum http_hold hold)
{
	struct holder **at = find(holders, caller);

	if (*at == NULL) {
		*at = memory_zero(1, sizeof(**at));
		(*at)->caller = caller;
	}
	/* It stays in the table with what it holds already; one with nothing is below every limit.
	 */
	if ((*at)->count[hold] >= http_hold_max(hold))
		return false;
	(*at)->count[hold]++;
	return true;
}

void holders_give(struct holders *holders, uint64_t caller, enum http_hold hold)
{
	struct holder **at = find(holders, caller), *h = *at;
	unsigned left = 0;

	if (h == NULL || h->count[hold] == 0)
		return;
	h->count[hold]--;
	for (size_t i = 0; i < HTTP_HOLDS; i++)
		left += h->count[i];
	/* The last place is given back: the table has only callers who are at something. */
	if (left > 0)
		return;
	*at = h->next;
	free(h);
}
