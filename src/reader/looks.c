#include "reader/looks.h"

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
	struct looks *looks;
	size_t count;
	struct item items[HELPER_LOOK_IDS_MAX];
};

struct looks {
	struct helper_client *client;
	struct looks_sink sink;
	struct item *items; /* waiting: first to end */
	size_t first, end, capacity;
	struct question *questions;
	unsigned question_count;
	size_t asked; /* IDs in the questions */
};

struct looks *looks_create(struct helper_client *client, const struct looks_sink *sink)
{
	struct looks *looks = memory_zero(1, sizeof(*looks));

	looks->client = client;
	looks->sink = *sink;
	return looks;
}

static void free_question(struct question *q)
{
	struct looks *looks = q->looks;
	struct question **at = &looks->questions;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	looks->question_count--;
	looks->asked -= q->count;
	free(q);
}

void looks_destroy(struct looks **pointer)
{
	struct looks *looks = *pointer;

	if (looks == NULL)
		return;
	*pointer = NULL;
	while (looks->questions != NULL) {
		helper_client_forget(looks->client, looks->questions);
		free_question(looks->questions);
	}
	free(looks->items);
	free(looks);
}

size_t looks_pending(const struct looks *looks)
{
	return looks->asked + looks->end - looks->first;
}

void looks_push(struct looks *looks, struct slice id, uint8_t queue, uint32_t tag)
{
	struct item *item;

	if (looks->end == looks->capacity && looks->first > looks->capacity / 2) {
		looks->end -= looks->first;
		memmove(
		    looks->items, looks->items + looks->first, looks->end * sizeof(*looks->items));
		looks->first = 0;
	} else if (looks->end == looks->capacity) {
		looks->capacity = looks->capacity == 0 ? 64 : looks->capacity * 2;
		looks->items = memory_resize(looks->items, looks->capacity, sizeof(*looks->items));
	}
	item = &looks->items[looks->end++];
	*item = (struct item){.queue = queue, .tag = tag};
	memcpy(item->id, id.data, id.len);
}

/* ---- answers ---- */

static void give(struct looks *looks, const struct item *item, struct helper_looked *looked)
{
	const struct looks_sink *sink = &looks->sink;
	struct slice id = slice_of(item->id);
	struct error err;

	looked->record.name = id;
	if (looked->error == 0)
		sink->found(sink->context, &looked->record, item->tag);
	else if (looked->error == ENOENT)
		sink->absent(sink->context, id, item->tag);
	else {
		error_set_errno(&err, "unreadable", (int)looked->error, "%s", item->id);
		sink->failed(sink->context, id, item->tag, &err);
	}
}

static void fail(struct question *q, size_t from, const char *code, struct slice text)
{
	const struct looks_sink *sink = &q->looks->sink;
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

	while (i < q->count && helper_looked_get(&c, &looked))
		give(q->looks, &q->items[i++], &looked);
	if (i < q->count || !cursor_finished(&c))
		fail(q, i, "bad_frame", SLICE("The helper's answer does not fit the question."));
}

static bool on_answer(void *context, struct frame *frame)
{
	struct question *q = context;
	struct looks *looks = q->looks;
	struct helper_refused refused;
	char code[ERROR_CODE_MAX];

	if (frame == NULL)
		fail(q, 0, "helper_gone", SLICE("The helper process ended."));
	else if (frame->type == HELPER_LOOKED)
		take_answer(q, frame);
	else if (frame->type == HELPER_REFUSED && helper_refused_decode(frame, &refused)) {
		snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
		fail(q, 0, code, refused.text);
	} else
		fail(q, 0, "bad_frame", SLICE("The helper's answer does not fit the question."));
	free_question(q);
	looks_go_on(looks);
	if (looks->sink.answered != NULL)
		looks->sink.answered(looks->sink.context);
	return true;
}

/* ---- questions ---- */

static void ask(struct looks *looks)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_look_id ids[HELPER_LOOK_IDS_MAX];
	struct helper_look look = {ids, 0};
	struct question *q = memory_alloc(sizeof(*q));
	uint32_t request = helper_client_next(looks->client);

	q->looks = looks;
	q->next = looks->questions;
	q->count = looks->end - looks->first;
	if (q->count > HELPER_LOOK_IDS_MAX)
		q->count = HELPER_LOOK_IDS_MAX;
	memcpy(q->items, looks->items + looks->first, q->count * sizeof(q->items[0]));
	looks->first += q->count;
	looks->questions = q;
	looks->question_count++;
	looks->asked += q->count;
	for (; look.count < q->count; look.count++)
		ids[look.count] = (struct helper_look_id){
		    q->items[look.count].queue, slice_of(q->items[look.count].id)};
	helper_look_encode(&frame, request, &look);
	if (helper_client_ask(looks->client, request, &frame, on_answer, q))
		return;
	fail(q, 0, "helper_gone", SLICE("The helper process is not there."));
	free_question(q);
}

void looks_go_on(struct looks *looks)
{
	const struct looks_sink *sink = &looks->sink;

	while (looks->question_count < QUESTIONS_MAX && looks->first < looks->end &&
	       (sink->congested == NULL || !sink->congested(sink->context)))
		ask(looks);
	if (looks->first == looks->end)
		looks->first = looks->end = 0;
}
