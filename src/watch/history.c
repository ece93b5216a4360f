/* Takes a sample of the queue's depth at each full interval of the clock. Driven by history_tick; a
 * sample that cannot be taken or stored is a gap. */
#include "watch/history.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/queue.h"
#include "query/query.h"

struct history {
	struct store *store;
	int64_t interval;
	struct query *query;
	history_source_reads *source_reads;
	void *owner;
	int64_t next; /* Unix seconds of the next sample */
};

static int64_t slot_after(const struct history *h, int64_t now)
{
	/* Full intervals of the clock: samples of several days stand under each other. */
	return now - now % h->interval + h->interval;
}

struct history *history_create(struct store *store, struct query *query, int64_t interval,
    history_source_reads *source_reads, void *owner)
{
	struct history *h = memory_zero(1, sizeof(*h));

	h->store = store;
	h->interval = interval > 0 ? interval : SAMPLES_STEP;
	h->query = query;
	h->source_reads = source_reads;
	h->owner = owner;
	h->next = clock_now(); /* the first as soon as the queue is known */
	return h;
}

void history_destroy(struct history **history)
{
	free(*history);
	*history = NULL;
}

/* A second later where it could not be taken: the queue may be known by then. */
int64_t history_deadline_ms(const struct history *h)
{
	int64_t now = clock_now();

	return clock_monotonic_ms() + (h->next > now ? (h->next - now) * 1000 : 1000);
}

/* False when the queue is not known now. */
static bool take(const struct history *h, struct sample *sample)
{
	struct index_status status;

	query_status(h->query, query_scope_all(), sample->taken, &status);
	if (status.state != INDEX_CURRENT || !h->source_reads(h->owner))
		return false;
	for (enum queue q = QUEUE_MAILDROP; q < QUEUE_CORRUPT; q++)
		sample->count[q] = (int64_t)status.counts[q];
	sample->count[QUEUE_CORRUPT] = status.corrupt_known ? (int64_t)status.corrupt : -1;
	sample->bytes = (int64_t)status.bytes;
	return true;
}

static enum db_result add(struct db *db, void *context, struct error *err)
{
	return samples_add(db, context, err);
}

/* A sample that cannot be stored is a gap; the store's health says why. */
static void added(void *context, enum db_result result, const struct error *err)
{
	(void)result;
	(void)err;
	free(context);
}

void history_tick(struct history *h)
{
	int64_t now = clock_now();
	struct sample sample = {.taken = now}, *copy;

	/* A clock that was set back must not stop the samples. */
	if (h->next - now > 2 * h->interval)
		h->next = slot_after(h, now);
	if (now < h->next || !take(h, &sample))
		return;
	h->next = slot_after(h, now);
	copy = memory_alloc(sizeof(*copy));
	*copy = sample;
	/* On a full disk the reserve is for jobs, and the history has a gap. */
	store_write_optional(h->store, add, added, copy);
}
