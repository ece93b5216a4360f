/* pause_ports.h over the exchange with the helper: frames out, answers in. */
#include "exchange/pause_ports.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

/* `postfix reload` looks at every active message; the helper ends each command itself long before.
 */
#define PATIENCE_MS 600000
/* Each is one command of root's after the other; the helper refuses more than PAUSE_AT_ONCE. Others
 * wait here. */
#define ASKED_AT_ONCE (PAUSE_AT_ONCE / 2)

struct question {
	struct question *next; /* the newest first */
	struct buffer frame;   /* until it is asked */
	bool asked;
	struct pause_wire *wire;
	enum helper_type type;
	union {
		pause_written_done *written;
		pause_state_done *state;
		pause_answers_done *answers;
		pause_found_done *found;
	} done;
	void *context;
};

struct pause_wire {
	struct pause_ports ports;
	struct exchange *helper;
	struct question *first;
	unsigned asked;
};

/* ---- answering ---- */

static void take_out(struct question *q)
{
	struct question **at = &q->wire->first;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	q->wire->asked -= q->asked;
	buffer_free(&q->frame);
}

static exchange_fn on_helper;

/* The oldest ones, as long as there is room. */
static void ask_waiting(struct pause_wire *wire)
{
	while (wire->asked < ASKED_AT_ONCE) {
		struct question *oldest = NULL;

		for (struct question *q = wire->first; q != NULL; q = q->next)
			if (!q->asked)
				oldest = q;
		if (oldest == NULL)
			return;
		oldest->asked = true;
		wire->asked++;
		exchange_ask(wire->helper, &oldest->frame, clock_monotonic_ms() + PATIENCE_MS,
		    on_helper, oldest);
	}
}

static void fail(const struct question *q, const struct error *err)
{
	switch (q->type) {
	case HELPER_PAUSE_TABLE:
		q->done.written(q->context, NULL, err);
		break;
	case HELPER_PAUSE_SETUP:
		q->done.state(q->context, NULL, err);
		break;
	case HELPER_PAUSE_QUERY:
		q->done.answers(q->context, NULL, 0, err);
		break;
	default:
		q->done.found(q->context, NULL, 0, err);
		break;
	}
}

static bool answer_written(const struct question *q, const struct frame *frame)
{
	struct pause_written written;

	if (!pause_written_decode(frame, &written))
		return false;
	q->done.written(q->context, &written, NULL);
	return true;
}

static bool answer_state(const struct question *q, const struct frame *frame)
{
	struct pause_setup setup;

	if (!pause_setup_decode(frame, &setup))
		return false;
	q->done.state(q->context, &setup, NULL);
	return true;
}

static bool answer_query(const struct question *q, const struct frame *frame)
{
	struct pause_answer answers[PAUSE_QUERY_MAX];
	struct cursor c = frame_cursor(frame);
	size_t count = 0;

	while (count < PAUSE_QUERY_MAX && pause_answer_get(&c, &answers[count]))
		count++;
	if (!cursor_finished(&c) || frame->type != HELPER_PAUSE_ANSWERS)
		return false;
	q->done.answers(q->context, answers, count, NULL);
	return true;
}

static bool answer_found(const struct question *q, const struct frame *frame)
{
	struct pause_found found[PAUSE_FOUND_MAX];
	struct cursor c = frame_cursor(frame);
	size_t count = 0;

	while (count < PAUSE_FOUND_MAX && pause_found_get(&c, &found[count]))
		count++;
	if (!cursor_finished(&c) || frame->type != HELPER_PAUSE_FOUND)
		return false;
	q->done.found(q->context, found, count, NULL);
	return true;
}

static bool answer(const struct question *q, const struct frame *frame)
{
	switch (q->type) {
	case HELPER_PAUSE_TABLE:
		return answer_written(q, frame);
	case HELPER_PAUSE_SETUP:
		return answer_state(q, frame);
	case HELPER_PAUSE_QUERY:
		return answer_query(q, frame);
	default:
		return answer_found(q, frame);
	}
}

/* Each answer is one frame. */
static bool on_helper(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct question *q = context;
	struct pause_wire *wire = q->wire;
	struct helper_refused refused;
	struct error err;

	take_out(q);
	ask_waiting(wire);
	if (frame == NULL)
		error_set(&err, "helper_unavailable",
		    failure == EXCHANGE_GONE ? "the helper went away"
					     : "the helper did not answer");
	else if (helper_refused_decode(frame, &refused))
		error_set(&err, "", "%.*s", SLICE_ARGS(refused.text));
	else if (answer(q, frame)) {
		free(q);
		return true;
	} else
		error_set(&err, "helper_unavailable", "the helper's answer was malformed");
	if (frame != NULL && err.code[0] == '\0')
		snprintf(err.code, sizeof(err.code), "%.*s", SLICE_ARGS(refused.code));
	fail(q, &err);
	free(q);
	return true;
}

/* ---- asking ---- */

static struct question *add(struct pause_wire *wire, enum helper_type type, void *context)
{
	struct question *q = memory_zero(1, sizeof(*q));

	*q = (struct question){.next = wire->first, .wire = wire, .type = type, .context = context};
	wire->first = q;
	return q;
}

static void ask(struct question *q, struct buffer *frame)
{
	q->frame = *frame;
	*frame = (struct buffer){0};
	ask_waiting(q->wire);
}

/* All pieces but the last are sent without a question: what goes wrong with one shows at the last.
 */
static void send_table(void *owner, enum pause_table table, const struct pause_entry *entries,
    size_t count, pause_written_done *done, void *context)
{
	struct pause_wire *wire = owner;
	struct question *q = add(wire, HELPER_PAUSE_TABLE, context);
	BUFFER_AUTO struct buffer frame = {0};
	size_t at = 0, end;

	q->done.written = done;
	do {
		size_t bytes = 0;

		/* What goes into this piece; only then is it known whether it is the last. */
		for (end = at;
		     end < count && bytes + entries[end].key.len + 16 < WIRE_BODY_MAX - 1024; end++)
			bytes += entries[end].key.len + 16;
		buffer_clear(&frame);
		pause_piece_encode(
		    &frame, 0, &(struct pause_piece){table, (uint32_t)at, end == count});
		for (; at < end; at++)
			pause_entry_put(&frame, &entries[at]);
		if (end < count)
			exchange_send(wire->helper, &frame);
	} while (end < count);
	/* At once: its other pieces are on their way. Of these there is one at a time. */
	q->asked = true;
	wire->asked++;
	exchange_ask(wire->helper, &frame, clock_monotonic_ms() + PATIENCE_MS, on_helper, q);
}

static void ask_setup(
    void *owner, const struct pause_setup_ask *what, pause_state_done *done, void *context)
{
	struct question *q = add(owner, HELPER_PAUSE_SETUP, context);
	BUFFER_AUTO struct buffer frame = {0};

	q->done.state = done;
	pause_setup_ask_encode(&frame, 0, what);
	ask(q, &frame);
}

static void ask_query(void *owner, enum pause_query_kind kind, const struct slice *keys,
    size_t count, pause_answers_done *done, void *context)
{
	struct question *q = add(owner, HELPER_PAUSE_QUERY, context);
	struct pause_query query = {.kind = kind};
	BUFFER_AUTO struct buffer frame = {0};

	q->done.answers = done;
	for (; query.count < count && query.count < PAUSE_QUERY_MAX; query.count++)
		query.keys[query.count] = keys[query.count];
	pause_query_encode(&frame, 0, &query);
	ask(q, &frame);
}

static void ask_foreign(void *owner, pause_found_done *done, void *context)
{
	struct question *q = add(owner, HELPER_PAUSE_FOREIGN, context);
	BUFFER_AUTO struct buffer frame = {0};

	q->done.found = done;
	helper_plain_encode(&frame, HELPER_PAUSE_FOREIGN, 0);
	ask(q, &frame);
}

struct pause_wire *pause_wire_create(struct exchange *helper)
{
	struct pause_wire *wire = memory_zero(1, sizeof(*wire));

	wire->ports = (struct pause_ports){wire, send_table, ask_setup, ask_query, ask_foreign};
	wire->helper = helper;
	return wire;
}

void pause_wire_destroy(struct pause_wire **pointer)
{
	struct pause_wire *wire = *pointer;

	if (wire == NULL)
		return;
	while (wire->first != NULL) {
		struct question *q = wire->first;

		/* The exchange is destroyed by its owner, and tells nobody then. */
		take_out(q);
		free(q);
	}
	free(wire);
	*pointer = NULL;
}

const struct pause_ports *pause_wire_ports(struct pause_wire *wire)
{
	return &wire->ports;
}
