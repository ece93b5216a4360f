/* The list of open questions to one peer. A question is in it from exchange_ask until its answer is
 * complete, its deadline comes, its peer is gone or it is cancelled; whatever takes it out frees
 * it. Every function that may be called back is called when the list is whole, because it may
 * change it: after each call the question is looked up again by its number. */
#include "exchange/exchange.h"

#include <stdlib.h>

#include "base/memory.h"

struct question {
	struct question *next;
	uint32_t number;
	enum exchange_failure failure; /* to be told by the next tick, when not EXCHANGE_ANSWERED */
	int64_t deadline_ms;
	exchange_fn *fn;
	void *context;
};

struct exchange {
	struct channel *channel; /* NULL: nobody is there */
	uint32_t last_number;
	struct question *first, **last; /* in the order in which they were asked */
};

struct exchange *exchange_create(void)
{
	struct exchange *e = memory_zero(1, sizeof(*e));

	e->last = &e->first;
	return e;
}

/* Takes the question at that place out of the list. */
static void drop(struct exchange *e, struct question **at)
{
	struct question *q = *at;

	*at = q->next;
	if (e->last == &q->next)
		e->last = at;
	free(q);
}

void exchange_destroy(struct exchange **pointer)
{
	struct exchange *e = *pointer;

	if (e == NULL)
		return;
	while (e->first != NULL)
		drop(e, &e->first);
	free(e);
	*pointer = NULL;
}

/* The place of that question, or the list's end. */
static struct question **find(struct exchange *e, uint32_t number)
{
	struct question **at = &e->first;

	while (*at != NULL && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

void exchange_attach(struct exchange *e, struct channel *channel)
{
	/* Only marked here and told by the next tick: whoever attaches does not expect to be called
	 * back. */
	e->channel = channel;
	for (struct question *q = e->first; q != NULL; q = q->next)
		if (q->failure == EXCHANGE_ANSWERED)
			q->failure = EXCHANGE_GONE;
}

bool exchange_is_up(const struct exchange *e)
{
	return e->channel != NULL;
}

/* After 2^32 questions the numbers begin anew; one that is still open keeps its own. */
static uint32_t next_number(struct exchange *e)
{
	do
		e->last_number++;
	while (e->last_number == 0 || *find(e, e->last_number) != NULL);
	return e->last_number;
}

static enum exchange_failure send(struct exchange *e, struct buffer *frame, uint32_t number)
{
	if (e->channel == NULL)
		return EXCHANGE_GONE;
	/* Failing is better than waiting: whoever asks can say so at once, and memory stays
	 * bounded. */
	if (channel_queued(e->channel) > EXCHANGE_QUEUE_MAX)
		return EXCHANGE_FULL;
	frame_set_request(frame, number);
	return channel_send(e->channel, frame, NULL, 0) ? EXCHANGE_ANSWERED : EXCHANGE_GONE;
}

uint32_t exchange_ask(
    struct exchange *e, struct buffer *frame, int64_t deadline_ms, exchange_fn *fn, void *context)
{
	struct question *q = memory_zero(1, sizeof(*q));

	q->number = next_number(e);
	q->deadline_ms = deadline_ms;
	q->fn = fn;
	q->context = context;
	/* A question that could not be sent is in the list too, so that its end comes in the same
	 * way. */
	q->failure = send(e, frame, q->number);
	*e->last = q;
	e->last = &q->next;
	return q->number;
}

bool exchange_send(struct exchange *e, struct buffer *frame)
{
	/* It gets a number of its own: an answer that comes all the same is then nobody's. */
	return send(e, frame, next_number(e)) == EXCHANGE_ANSWERED;
}

void *exchange_cancel(struct exchange *e, uint32_t number)
{
	struct question **at = find(e, number);
	void *context;

	if (*at == NULL)
		return NULL;
	context = (*at)->context;
	drop(e, at);
	return context;
}

bool exchange_is_open(const struct exchange *e, uint32_t number)
{
	for (const struct question *q = e->first; q != NULL; q = q->next)
		if (q->number == number)
			return true;
	return false;
}

void exchange_forget(struct exchange *e, const void *context)
{
	struct question **at = &e->first;

	while (*at != NULL)
		if ((*at)->context == context)
			drop(e, at);
		else
			at = &(*at)->next;
}

enum exchange_taken exchange_frame(struct exchange *e, struct frame *frame)
{
	struct question *q = *find(e, frame->request);

	if (q == NULL || q->failure != EXCHANGE_ANSWERED)
		/* Numbers are given in order, so one above the last was never given (before they
		 * begin anew, which no process lives to see). */
		return frame->request == 0 || frame->request > e->last_number ? EXCHANGE_UNASKED
									      : EXCHANGE_STALE;
	/* By number, since the function may have cancelled it or asked others. */
	if (q->fn(q->context, frame, EXCHANGE_ANSWERED))
		exchange_cancel(e, frame->request);
	return EXCHANGE_TAKEN;
}

static bool is_due(const struct question *q, int64_t now_ms)
{
	return q->failure != EXCHANGE_ANSWERED || q->deadline_ms <= now_ms;
}

void exchange_tick(struct exchange *e, int64_t now_ms)
{
	/* Questions that are asked by the functions below wait for the next tick, or this might
	 * never end. */
	uint32_t last = e->last_number;
	struct question **at = &e->first;

	/* Numbers rise along the list, but for where they begin anew. */
	while (*at != NULL && (int32_t)((*at)->number - last) <= 0) {
		/* A copy, as it is out of the list before its function is called. */
		struct question ended = **at;

		if (!is_due(&ended, now_ms)) {
			at = &(*at)->next;
			continue;
		}
		drop(e, at);
		ended.fn(ended.context, NULL,
		    ended.failure != EXCHANGE_ANSWERED ? ended.failure : EXCHANGE_LATE);
		/* The function may have taken out any of them: from the beginning. */
		at = &e->first;
	}
}

int64_t exchange_deadline_ms(const struct exchange *e)
{
	int64_t first = EXCHANGE_NO_DEADLINE;

	for (const struct question *q = e->first; q != NULL; q = q->next) {
		/* What has failed already is due at once. */
		int64_t at = q->failure != EXCHANGE_ANSWERED ? 0 : q->deadline_ms;

		if (at < first)
			first = at;
	}
	return first == EXCHANGE_NO_DEADLINE ? -1 : first;
}
