#include "watch/history.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

struct history {
	struct store *store;
	int64_t interval;
	history_counts *counts;
	void *owner;
	int64_t next; /* Unix seconds of the next sample */
};

static int64_t slot_after(const struct history *h, int64_t now)
{
	return now - now % h->interval + h->interval;
}

struct history *history_create(
    struct store *store, int64_t interval, history_counts *counts, void *owner)
{
	struct history *h = memory_zero(1, sizeof(*h));

	h->store = store;
	h->interval = interval > 0 ? interval : SAMPLES_STEP;
	h->counts = counts;
	h->owner = owner;
	h->next = clock_now(); /* the first as soon as the queue is known */
	return h;
}

void history_destroy(struct history **history)
{
	free(*history);
	*history = NULL;
}

int64_t history_deadline_ms(const struct history *h)
{
	int64_t now = clock_now();

	return clock_monotonic_ms() + (h->next > now ? (h->next - now) * 1000 : 1000);
}

static enum db_result add(struct db *db, void *arg, struct error *err)
{
	return samples_add(db, arg, err);
}

/* A sample that cannot be stored is a gap; the store's health says why. */
static void added(void *arg, enum db_result result, const struct error *err)
{
	(void)result;
	(void)err;
	free(arg);
}

void history_tick(struct history *h)
{
	int64_t now = clock_now();
	struct sample sample = {.taken = now}, *copy;

	/* A clock that was set back must not stop the samples. */
	if (h->next - now > 2 * h->interval)
		h->next = slot_after(h, now);
	if (now < h->next || !h->counts(h->owner, &sample))
		return;
	h->next = slot_after(h, now);
	copy = memory_alloc(sizeof(*copy));
	*copy = sample;
	store_write_optional(h->store, add, added, copy);
}
