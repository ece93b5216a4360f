/* Who holds and has used what, in a table by person. */
#include "http/holders.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

/* A few hundred persons at most: whoever calls has signed in. */
#define BUCKETS 256
#define HOUR_MS 3600000

struct holder {
	struct http_person person;
	/* Bytes of content that count against the hour. They run off evenly, so that who has used
	 * all of them up need not wait for the hour's end. */
	int64_t content_level, content_ms;
	struct holder *next;
};

struct holders {
	struct holder *buckets[BUCKETS];
	size_t count;
};

static const struct {
	unsigned max;
	enum said_code says;
} holds[HTTP_HOLDS] = {
    [HTTP_HOLD_REQUEST] = {64, SAID_PROBLEM_HOLD_REQUESTS},
    /* A view is a process of the helper, which has eight of them for everybody
       (HELPER_READERS_MAX). */
    [HTTP_HOLD_DOWNLOAD] = {3, SAID_PROBLEM_HOLD_DOWNLOADS},
    [HTTP_HOLD_EVENTS] = {16, SAID_PROBLEM_HOLD_STREAMS},
    /* The engine writes 64 down at once for everybody (jobs/submit.c). */
    [HTTP_HOLD_JOB] = {8, SAID_PROBLEM_HOLD_JOBS},
};

unsigned http_hold_max(enum http_hold hold)
{
	return holds[hold].max;
}

enum said_code http_hold_says(enum http_hold hold)
{
	return holds[hold].says;
}

struct holders *holders_create(void)
{
	return memory_zero(1, sizeof(struct holders));
}

static void drop(struct holders *holders, struct holder **at)
{
	struct holder *h = *at;

	*at = h->next;
	free(h);
	holders->count--;
}

void holders_destroy(struct holders **holders)
{
	if (*holders == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while ((*holders)->buckets[i] != NULL)
			drop(*holders, &(*holders)->buckets[i]);
	free(*holders);
	*holders = NULL;
}

static struct holder **find(struct holders *holders, uint64_t person)
{
	/* Numbers of persons are ours, so nobody can choose where they go. */
	struct holder **at = &holders->buckets[hash_u64(person) % BUCKETS];

	while (*at != NULL && (*at)->person.person != person)
		at = &(*at)->next;
	return at;
}

static unsigned under_way(const struct holder *h)
{
	unsigned sum = 0;

	for (size_t i = 0; i < HTTP_HOLDS; i++)
		sum += h->person.now[i];
	return sum;
}

/* As many are at something as there are connections, so where the table is full one is not. */
static void forget_one(struct holders *holders)
{
	struct holder **oldest = NULL;

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct holder **at = &holders->buckets[i]; *at != NULL; at = &(*at)->next)
			if (under_way(*at) == 0 &&
			    (oldest == NULL || (*at)->person.last_ms < (*oldest)->person.last_ms))
				oldest = at;
	if (oldest != NULL)
		drop(holders, oldest);
}

static struct holder *get(struct holders *holders, uint64_t person)
{
	struct holder **at = find(holders, person);

	if (*at != NULL)
		return *at;
	if (holders->count >= HOLDERS_KEPT) {
		forget_one(holders);
		at = find(holders, person);
	}
	*at = memory_zero(1, sizeof(**at));
	(*at)->person.person = person;
	holders->count++;
	return *at;
}

/* How long until less than the hour's bytes count; 0: now. */
static int64_t content_wait(struct holder *h, int64_t per_hour, int64_t now_ms)
{
	int64_t passed = now_ms - h->content_ms, off;

	/* In this order nothing overflows: an hour and a terabyte fit. */
	off = passed >= HOUR_MS ? per_hour : passed * (per_hour / 1000) / (HOUR_MS / 1000);
	/* What is too little to count is not lost: the clock waits for it. */
	if (off > 0) {
		h->content_level = h->content_level > off ? h->content_level - off : 0;
		h->content_ms = now_ms;
	}
	if (h->content_level < per_hour)
		return 0;
	return (h->content_level - per_hour) / (per_hour / 3600 + 1) + 1;
}

enum holders_answer holders_take(
    struct holders *holders, const struct holder_claim *claim, int64_t now_ms, int64_t *seconds)
{
	struct holder *h = get(holders, claim->person);

	snprintf(h->person.name, sizeof(h->person.name), "%s", claim->name);
	h->person.via = claim->via;
	h->person.last_ms = now_ms;
	h->person.requests++;
	if (h->person.now[claim->hold] >= http_hold_max(claim->hold)) {
		h->person.refused++;
		return HOLDERS_TOO_MANY;
	}
	if (claim->is_content && claim->content_per_hour > 0) {
		*seconds = content_wait(h, claim->content_per_hour, now_ms);
		if (*seconds > 0) {
			h->person.refused++;
			return HOLDERS_CONTENT_USED_UP;
		}
	}
	h->person.now[claim->hold]++;
	return HOLDERS_TAKEN;
}

void holders_give(struct holders *holders, uint64_t person, enum http_hold hold)
{
	struct holder *h = *find(holders, person);

	if (h != NULL && h->person.now[hold] > 0)
		h->person.now[hold]--;
}

void holders_sent(struct holders *holders, uint64_t person, size_t bytes, bool is_content)
{
	struct holder *h = *find(holders, person);

	if (h == NULL)
		return;
	h->person.bytes += bytes;
	if (!is_content)
		return;
	h->person.content_bytes += bytes;
	h->content_level += (int64_t)bytes;
}

void holders_worked(struct holders *holders, uint64_t person, int64_t us)
{
	struct holder *h = *find(holders, person);

	if (h != NULL)
		h->person.worked_us += us;
}

void holders_each(const struct holders *holders,
    void (*each)(void *context, const struct http_person *person), void *context)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (const struct holder *h = holders->buckets[i]; h != NULL; h = h->next)
			each(context, &h->person);
}
