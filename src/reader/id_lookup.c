/* Asks the helper where messages are now, by their IDs. IDs are pushed one by one with a tag that
 * says why. They wait here, go out many to a question, and come back to the sink with their tags,
 * in the order of the question. */
#include "reader/id_lookup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "postfix/queue_id.h"

/* Questions under way: one is answered while the answer to the other is worked on. */
#define QUESTIONS_MAX 2

struct item {
	uint32_t tag;
	uint8_t queue;
	char id[QUEUE_ID_SIZE];
};

struct question {
	struct question *next;
	struct id_lookups *lookups;
	size_t count;
	struct item items[HELPER_LOOK_IDS_MAX];
};

struct id_lookups {
	struct exchange *client;
	struct id_lookup_sink sink;
	struct item *items; /* waiting: first to end */
	size_t first, end, capacity;
	struct question *questions;
	unsigned question_count;
	size_t asked; /* IDs in the questions */
};

struct id_lookups *id_lookup_create(struct exchange *client, const struct id_lookup_sink *sink)
{
	struct id_lookups *lookups = memory_zero(1, sizeof(*lookups));

	lookups->client = client;
	lookups->sink = *sink;
	return lookups;
}

static void free_question(struct question *q)
{
	struct id_lookups *lookups = q->lookups;
	struct question **at = &lookups->questions;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	lookups->question_count--;
	lookups->asked -= q->count;
	free(q);
}

void id_lookup_destroy(struct id_lookups **pointer)
{
	struct id_lookups *lookups = *pointer;

	if (lookups == NULL)
		return;
	*pointer = NULL;
	while (lookups->questions != NULL) {
		exchange_forget(lookups->client, lookups->questions);
		free_question(lookups->questions);
	}
	free(lookups->items);
	free(lookups);
}

size_t id_lookup_pending(const struct id_lookups *lookups)
{
	return lookups->asked + lookups->end - lookups->first;
}

void id_lookup_push(struct id_lookups *lookups, struct slice id, uint8_t queue, uint32_t tag)
{
	struct item *item;

	/* What waits is moved to the front only when more than half is free, so an ID is moved once
	 * on average at most. */
	if (lookups->end == lookups->capacity && lookups->first > lookups->capacity / 2) {
		lookups->end -= lookups->first;
		memmove(lookups->items, lookups->items + lookups->first,
		    lookups->end * sizeof(*lookups->items));
		lookups->first = 0;
	} else if (lookups->end == lookups->capacity) {
		lookups->capacity = lookups->capacity == 0 ? 64 : lookups->capacity * 2;
		lookups->items =
		    memory_resize(lookups->items, lookups->capacity, sizeof(*lookups->items));
	}
	item = &lookups->items[lookups->end++];
	*item = (struct item){.queue = queue, .tag = tag};
	memcpy(item->id, id.data, id.len);
}

/* ---- answers ---- */

static void give(struct id_lookups *lookups, const struct item *item, struct helper_looked *looked)
{
	const struct id_lookup_sink *sink = &lookups->sink;
	struct slice id = slice_of(item->id);
	struct error err;

	looked->record.name = id;
	if (looked->error == 0)
		sink->found(sink->context, &looked->record, item->tag);
	/* The helper has looked in all queues before it says so; only this counts as absent. */
	else if (looked->error == ENOENT)
		sink->absent(sink->context, id, item->tag);
	else {
		error_set_errno(&err, "unreadable", (int)looked->error, "%s", item->id);
		sink->failed(sink->context, id, item->tag, &err);
	}
}

static void fail(struct question *q, size_t from, const char *code, struct slice text)
{
	const struct id_lookup_sink *sink = &q->lookups->sink;
	struct error err;

	error_set(&err, code, "%.*s", SLICE_ARGS(text));
	for (size_t i = from; i < q->count; i++)
		sink->failed(sink->context, slice_of(q->items[i].id), q->items[i].tag, &err);
}

static void take_answer(struct question *q, struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct helper_looked looked;
	size_t i = 0;

	/* Answers have no IDs of their own: the order ties them to the question. */
	while (i < q->count && helper_looked_get(&c, &looked))
		give(q->lookups, &q->items[i++], &looked);
	if (i < q->count || !cursor_finished(&c))
		fail(q, i, "bad_frame", SLICE("The helper's answer does not fit the question."));
}

static bool on_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct question *q = context;
	struct id_lookups *lookups = q->lookups;
	struct helper_refused refused;
	char code[ERROR_CODE_MAX];

	if (frame == NULL)
		fail(q, 0, "helper_gone", SLICE("The helper process is not there."));
	else if (frame->type == HELPER_LOOKED)
		take_answer(q, frame);
	else if (frame->type == HELPER_REFUSED && helper_refused_decode(frame, &refused)) {
		snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
		fail(q, 0, code, refused.text);
	} else
		fail(q, 0, "bad_frame", SLICE("The helper's answer does not fit the question."));
	/* Before the sink is told that it was answered: its IDs are pending no more. */
	free_question(q);
	id_lookup_go_on(lookups);
	if (lookups->sink.answered != NULL)
		lookups->sink.answered(lookups->sink.context);
	return true;
}

/* ---- questions ---- */

static void ask(struct id_lookups *lookups)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_look_id ids[HELPER_LOOK_IDS_MAX];
	struct helper_look look = {ids, 0};
	struct question *q = memory_alloc(sizeof(*q));

	q->lookups = lookups;
	q->next = lookups->questions;
	q->count = lookups->end - lookups->first;
	if (q->count > HELPER_LOOK_IDS_MAX)
		q->count = HELPER_LOOK_IDS_MAX;
	memcpy(q->items, lookups->items + lookups->first, q->count * sizeof(q->items[0]));
	lookups->first += q->count;
	lookups->questions = q;
	lookups->question_count++;
	lookups->asked += q->count;
	for (; look.count < q->count; look.count++)
		ids[look.count] = (struct helper_look_id){
		    q->items[look.count].queue, slice_of(q->items[look.count].id)};
	helper_look_encode(&frame, 0, &look);
	exchange_ask(lookups->client, &frame, EXCHANGE_NO_DEADLINE, on_answer, q);
}

void id_lookup_go_on(struct id_lookups *lookups)
{
	const struct id_lookup_sink *sink = &lookups->sink;

	/* What is found goes on to the server, so a server that is behind stops the questions too.
	 */
	while (lookups->question_count < QUESTIONS_MAX && lookups->first < lookups->end &&
	       (sink->congested == NULL || !sink->congested(sink->context)))
		ask(lookups);
	if (lookups->first == lookups->end)
		lookups->first = lookups->end = 0;
}
