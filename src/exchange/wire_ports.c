/* Turns the questions of ports.h into frames to helper and reader, and their frames into answers. A
 * question is an object of its own from when it is asked until it is answered: the exchange tells
 * it each frame of its answer, or that none will come. */
#include "exchange/wire_ports.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "postfix/message.h"
#include "postfix/postsuper_output.h"
#include "wire/helper_proto.h"
#include "wire/reader_proto.h"

/* The helper ends every command itself long before; this is for a helper that went silent. */
#define RUN_MS 1800000
/* A look may need a whole listing of a large queue. */
#define LOOK_MS 600000
#define ASK_MS 30000
/* postconf prints a few lines. */
#define OUTPUT_MAX ((size_t)1 << 20)
#define TEXT_MAX 300

enum kind { KIND_RUN, KIND_LOOK, KIND_COMMAND, KIND_QMGR };

/* What is known of one ID of a look. */
struct seen {
	struct found found;
	bool answered, absent;
	size_t sender, sender_len; /* in `texts` */
};

struct question {
	struct question *next;
	struct wire_ports *ports;
	enum kind kind;
	void *context;
	union {
		ports_ran_done *ran;
		ports_look_done *looked;
		ports_output_done *output;
		ports_qmgr_done *qmgr;
	} done;
	enum ports_verb verb;
	bool recall;
	/* Copies, because the caller's need not live until the answer. */
	struct slice *id; /* into `texts` of their own */
	char *id_text;
	size_t count, hint;
	enum ports_said *said;
	struct seen *seen;
	struct buffer texts;
	bool second_look;
	struct reader_proto_inbox inbox;
	struct postsuper_output_reader lines;
	struct buffer out, err;
	char text[TEXT_MAX];
	size_t text_len;
};

struct wire_ports {
	struct ports functions;
	struct exchange *helper, *reader;
	struct question *first;
};

static void free_question(struct question *q)
{
	buffer_free(&q->texts);
	buffer_free(&q->lines.pending);
	buffer_free(&q->out);
	buffer_free(&q->err);
	reader_proto_inbox_free(&q->inbox);
	free(q->id);
	free(q->id_text);
	free(q->said);
	free(q->seen);
	free(q);
}

static struct question *take_out(struct question *q)
{
	struct question **at = &q->ports->first;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	return q;
}

static void keep_text(struct question *q, struct slice text)
{
	/* The first one is kept: it is the cause, and what follows its consequences. */
	if (q->text_len > 0)
		return;
	q->text_len = text.len < TEXT_MAX ? text.len : TEXT_MAX;
	memcpy(q->text, text.data, q->text_len);
}

/* ---- answering ---- */

static void answer_run(struct question *q, enum ports_end end, int status)
{
	struct ports_ran ran = {.end = end,
	    .status = status,
	    .text = slice_make(q->text, q->text_len),
	    .said = q->said,
	    .count = q->count};

	q->done.ran(q->context, &ran);
}

static void answer_output(struct question *q, enum ports_end end, int status)
{
	struct ports_output output = {.end = end,
	    .status = status,
	    .out = buffer_slice(&q->out),
	    .err = end == PORTS_REFUSED || end == PORTS_LOST ? slice_make(q->text, q->text_len)
							     : buffer_slice(&q->err)};

	q->done.output(q->context, &output);
}

static void answer_look(struct question *q, bool complete)
{
	struct found *found = memory_zero(q->count + 1, sizeof(*found));

	for (size_t i = 0; i < q->count; i++) {
		const struct seen *s = &q->seen[i];

		found[i] = s->found;
		found[i].sender = s->sender_len == 0
				      ? SLICE("")
				      : slice_make(q->texts.data + s->sender, s->sender_len);
		/* Only a look that is complete says that something is missing. Neither seen nor
		 * absent: it is there and cannot be read. */
		if (!s->answered)
			found[i].state = !complete   ? FOUND_NOBODY
					 : s->absent ? FOUND_MISSING
						     : FOUND_UNREADABLE;
	}
	q->done.looked(q->context, found, q->count);
	free(found);
}

/* Ends a question: takes it out first, because the callback may ask the next. */
static void finish(struct question *q, enum ports_end end, int status)
{
	struct ports_qmgr nothing = {0};

	take_out(q);
	switch (q->kind) {
	case KIND_RUN:
		answer_run(q, end, status);
		break;
	case KIND_COMMAND:
		answer_output(q, end, status);
		break;
	case KIND_LOOK:
		answer_look(q, end == PORTS_EXITED);
		break;
	case KIND_QMGR:
		q->done.qmgr(q->context, &nothing);
		break;
	}
	free_question(q);
}

/* ---- asking ---- */

static struct question *add(struct wire_ports *p, enum kind kind, void *context)
{
	struct question *q = memory_zero(1, sizeof(*q));

	q->ports = p;
	q->kind = kind;
	q->context = context;
	q->next = p->first;
	p->first = q;
	return q;
}

static void copy_ids(struct question *q, const struct slice *ids, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += ids[i].len;
	q->id_text = memory_alloc(bytes + 1);
	q->id = memory_zero(count + 1, sizeof(*q->id));
	q->count = count;
	bytes = 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(q->id_text + bytes, ids[i].data, ids[i].len);
		q->id[i] = slice_make(q->id_text + bytes, ids[i].len);
		bytes += ids[i].len;
	}
}

static exchange_fn on_helper, on_reader;

static void ask_helper(struct question *q, struct buffer *frame, int64_t patience_ms)
{
	exchange_ask(q->ports->helper, frame, clock_monotonic_ms() + patience_ms, on_helper, q);
}

/* The jobs' verbs and the helper's are not the same: some of the jobs' are restricted to hold. */
static void set_verb(struct helper_run *run, enum ports_verb verb)
{
	static const struct {
		enum helper_verb verb;
		bool hold_only;
	} table[] = {
	    [PORTS_HOLD] = {HELPER_VERB_HOLD, false},
	    [PORTS_RELEASE] = {HELPER_VERB_RELEASE, false},
	    [PORTS_DELETE] = {HELPER_VERB_DELETE, false},
	    [PORTS_DELETE_HELD] = {HELPER_VERB_DELETE, true},
	    [PORTS_REQUEUE] = {HELPER_VERB_REQUEUE, false},
	    [PORTS_REQUEUE_HELD] = {HELPER_VERB_REQUEUE, true},
	    [PORTS_EXPIRE] = {HELPER_VERB_EXPIRE, false},
	    [PORTS_RETRY] = {HELPER_VERB_RETRY, false},
	    [PORTS_FLUSH] = {HELPER_VERB_FLUSH, false},
	    [PORTS_HOLD_DEFERRED] = {HELPER_VERB_HOLD_DEFERRED, false},
	};

	run->verb = table[verb].verb;
	run->hold_only = table[verb].hold_only;
}

static void ports_run(void *owner, enum ports_verb verb, uint64_t token, const struct slice *ids,
    size_t count, ports_ran_done *done, void *context)
{
	struct wire_ports *p = owner;
	struct question *q = add(p, KIND_RUN, context);
	struct helper_run run = {.token = token};
	BUFFER_AUTO struct buffer frame = {0};

	q->done.ran = done;
	q->verb = verb;
	q->said = memory_zero(count + 1, sizeof(*q->said));
	copy_ids(q, ids, count);
	set_verb(&run, verb);
	run.ids = (struct helper_strings){q->id, count};
	helper_run_encode(&frame, 0, &run);
	ask_helper(q, &frame, RUN_MS);
}

static void ports_recall(void *owner, uint64_t token, const struct slice *ids, size_t count,
    ports_ran_done *done, void *context)
{
	struct wire_ports *p = owner;
	struct question *q = add(p, KIND_RUN, context);
	BUFFER_AUTO struct buffer frame = {0};

	q->done.ran = done;
	/* No verb is needed: the helper knows under the token what it ran. */
	q->recall = true;
	q->said = memory_zero(count + 1, sizeof(*q->said));
	copy_ids(q, ids, count);
	helper_token_encode(&frame, HELPER_RECALL, 0, &(struct helper_token){token});
	ask_helper(q, &frame, RUN_MS);
}

static void ports_taken(void *owner, uint64_t token)
{
	struct wire_ports *p = owner;
	BUFFER_AUTO struct buffer frame = {0};

	helper_token_encode(&frame, HELPER_TAKEN, 0, &(struct helper_token){token});
	/* Nothing is lost with it: the helper forgets the oldest outcomes by itself. */
	exchange_send(p->helper, &frame);
}

static void ask_reader(struct question *q, const struct slice *ids, size_t count)
{
	BUFFER_AUTO struct buffer frame = {0};

	reader_proto_read_frame(&frame, 0, ids, count);
	exchange_ask(q->ports->reader, &frame, clock_monotonic_ms() + LOOK_MS, on_reader, q);
}

static void ports_look(
    void *owner, const struct slice *ids, size_t count, ports_look_done *done, void *context)
{
	struct wire_ports *p = owner;
	struct question *q = add(p, KIND_LOOK, context);

	/* Asked of the reader and not of the index: what counts is what is on disk now. */
	q->done.looked = done;
	q->seen = memory_zero(count + 1, sizeof(*q->seen));
	copy_ids(q, ids, count);
	ask_reader(q, q->id, count);
}

static void set_command(struct helper_run *run, enum ports_command command)
{
	run->verb = HELPER_VERB_POSTCONF_GET;
	switch (command) {
	case PORTS_POSTCONF_EXPANDED:
		run->form = HELPER_POSTCONF_EXPANDED;
		break;
	case PORTS_POSTCONF_DEFAULTS:
		run->form = HELPER_POSTCONF_DEFAULTS;
		break;
	case PORTS_POSTCONF_EXPLICIT:
		run->form = HELPER_POSTCONF_EXPLICIT;
		break;
	case PORTS_POSTCONF_SERVICES:
		run->form = HELPER_POSTCONF_SERVICES;
		break;
	case PORTS_POSTCONF_SET:
		run->verb = HELPER_VERB_POSTCONF_SET;
		break;
	case PORTS_POSTCONF_UNSET:
		run->verb = HELPER_VERB_POSTCONF_UNSET;
		break;
	case PORTS_RELOAD:
		run->verb = HELPER_VERB_RELOAD;
		break;
	}
}

static void ports_command(void *owner, enum ports_command command,
    const struct ports_setting *settings, size_t count, ports_output_done *done, void *context)
{
	struct wire_ports *p = owner;
	struct question *q = add(p, KIND_COMMAND, context);
	struct helper_setting list[HELPER_SETTINGS_MAX] = {0};
	struct helper_run run = {.settings = list};
	BUFFER_AUTO struct buffer frame = {0};

	q->done.output = done;
	/* Nobody asks for these again after a crash: they read, or are looked at by reading. The
	 * number of a job's token never has this bit (its job would have to be the 2^32nd). By the
	 * clock, because the helper may remember tokens of the server before this one. */
	run.token = (UINT64_C(1) << 62) | (uint64_t)clock_now_us();
	for (size_t i = 0; i < count && i < HELPER_SETTINGS_MAX; i++, run.setting_count++)
		list[i] = (struct helper_setting){settings[i].name, settings[i].value};
	set_command(&run, command);
	helper_run_encode(&frame, 0, &run);
	ask_helper(q, &frame, RUN_MS);
}

static void ports_qmgr(void *owner, ports_qmgr_done *done, void *context)
{
	struct wire_ports *p = owner;
	struct question *q = add(p, KIND_QMGR, context);
	BUFFER_AUTO struct buffer frame = {0};

	q->done.qmgr = done;
	helper_plain_encode(&frame, HELPER_QMGR_STATE, 0);
	ask_helper(q, &frame, ASK_MS);
}

/* Both, since a job looks before and after what it does. */
static bool ports_ready(void *owner, struct slice *reason)
{
	const struct wire_ports *p = owner;

	if (!exchange_is_up(p->helper))
		*reason = SLICE("The helper is not there; it is started again by itself.");
	else if (!exchange_is_up(p->reader))
		*reason = SLICE("The reader is not there; it is started again by itself.");
	return exchange_is_up(p->helper) && exchange_is_up(p->reader);
}

/* ---- frames of the helper ---- */

/* Where `id` is among the question's; answers mostly come in their order. */
static size_t place_of(struct question *q, struct slice id)
{
	for (size_t i = 0; i < q->count; i++) {
		/* From where the last one was found: else a thousand lines would be compared with a
		 * thousand IDs each. */
		size_t at = q->hint + i < q->count ? q->hint + i : q->hint + i - q->count;

		if (slice_equal(q->id[at], id)) {
			q->hint = at + 1 < q->count ? at + 1 : 0;
			return at;
		}
	}
	return q->count;
}

static void on_line(void *context, const struct postsuper_output_line *line)
{
	struct question *q = context;
	size_t at;

	switch (line->kind) {
	case POSTSUPER_OUTPUT_MESSAGE:
		at = place_of(q, line->id);
		if (at < q->count)
			q->said[at] = PORTS_OK;
		break;
	case POSTSUPER_OUTPUT_INVALID_ID:
		at = place_of(q, line->id);
		if (at < q->count)
			q->said[at] = PORTS_BAD;
		keep_text(q, line->text);
		break;
	case POSTSUPER_OUTPUT_WARNING:
	case POSTSUPER_OUTPUT_FATAL:
		keep_text(q, line->text);
		break;
	default:
		break;
	}
}

static void on_output(struct question *q, const struct frame *frame)
{
	struct helper_output output;

	if (!helper_output_decode(frame, &output))
		return;
	/* postsuper says everything on its standard error (docs/POSTFIX.md, "postsuper"). */
	if (q->kind == KIND_RUN && q->verb != PORTS_FLUSH && output.stream == 2)
		postsuper_output_feed(&q->lines, output.bytes, on_line, q);
	else if (q->kind == KIND_RUN)
		keep_text(q, slice_trim(output.bytes));
	else {
		struct buffer *b = output.stream == 1 ? &q->out : &q->err;

		/* A piece beyond the bound is dropped whole; postconf never comes near it. */
		if (output.bytes.len <= OUTPUT_MAX - b->len)
			buffer_append_slice(b, output.bytes);
	}
}

static void on_retried(struct question *q, const struct frame *frame)
{
	struct helper_retried retried;

	if (!helper_retried_decode(frame, &retried) || q->kind != KIND_RUN || q->recall)
		return;
	/* The decoder checks the bounds of the protocol, this those of the question. */
	for (size_t i = 0;
	     i < retried.statuses.len && retried.first < q->count && i < q->count - retried.first;
	     i++) {
		uint8_t status = (uint8_t)retried.statuses.data[i];

		q->said[retried.first + i] = status == HELPER_RETRY_OK	  ? PORTS_OK
					     : status == HELPER_RETRY_BAD ? PORTS_BAD
									  : PORTS_FAILED;
		if (status == HELPER_RETRY_UNREACHABLE)
			keep_text(q,
			    SLICE("Postfix's flush service does not answer; is Postfix running?"));
	}
}

static void on_ended(struct question *q, const struct frame *frame)
{
	struct helper_exit end;

	if (q->kind == KIND_RUN)
		postsuper_output_finish(&q->lines, on_line, q);
	if (!helper_exit_decode(frame, &end))
		finish(q, PORTS_LOST, -1);
	else if (end.deadline || end.signal != 0)
		/* Its output need not tell all that it had done by then; the jobs look. */
		finish(q, PORTS_KILLED, end.status);
	else
		finish(q, PORTS_EXITED, end.status);
}

static void on_refused(struct question *q, const struct frame *frame)
{
	struct helper_refused refused = {0};

	helper_refused_decode(frame, &refused);
	/* The refusal says more than what came before it. */
	q->text_len = 0;
	keep_text(q, refused.text);
	/* Of a recall: the helper does not know that run (any more), so nobody knows what it did.
	 */
	finish(q, q->recall ? PORTS_LOST : PORTS_REFUSED, -1);
}

static void on_qmgr(struct question *q, const struct frame *frame)
{
	struct helper_qmgr state;
	struct ports_qmgr answer = {0};

	if (helper_qmgr_decode(frame, &state))
		answer = (struct ports_qmgr){
		    state.known, state.alive, state.pid, state.started_us, state.started_boot_us};
	take_out(q);
	q->done.qmgr(q->context, &answer);
	free_question(q);
}

static void on_lost(struct question *q, enum exchange_failure failure)
{
	keep_text(q, failure == EXCHANGE_GONE ? SLICE("the helper went away")
					      : SLICE("the helper did not answer"));
	finish(q, PORTS_LOST, -1);
}

/* True when the answer is complete: the question is gone then. */
static bool on_helper(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct question *q = context;

	if (frame == NULL) {
		on_lost(q, failure);
		return true;
	}
	switch (frame->type) {
	case HELPER_OUTPUT:
		on_output(q, frame);
		return false;
	case HELPER_RETRIED:
		on_retried(q, frame);
		return false;
	case HELPER_EXIT:
		on_ended(q, frame);
		return true;
	case HELPER_QMGR:
		if (q->kind != KIND_QMGR)
			return false;
		on_qmgr(q, frame);
		return true;
	case HELPER_REFUSED:
		on_refused(q, frame);
		return true;
	default:
		return false;
	}
}

/* ---- frames of the reader ---- */

static void on_message(void *context, uint32_t request, struct slice bytes)
{
	struct question *q = context;
	struct message m;
	struct seen *s;
	size_t at;

	message_init(&m);
	/* inode and ctime are kept where the source knows them: they tell whether it is still the
	 * same message. */
	if (message_decode(&m, bytes) && (at = place_of(q, slice_of(m.id))) < q->count) {
		s = &q->seen[at];
		s->answered = true;
		s->found = (struct found){.state = FOUND_HERE,
		    .queue = m.queue,
		    .arrival = m.arrival,
		    .inode = (m.known & MESSAGE_KNOWS_FILE) != 0 ? m.inode : 0,
		    .modified_us = m.mtime_ns / 1000,
		    .changed_us = (m.known & MESSAGE_KNOWS_FILE) != 0 ? m.changed_ns / 1000 : 0,
		    .expire_known = (m.known & MESSAGE_KNOWS_FORCED_EXPIRE) != 0,
		    .forced_expire = (m.flags & MESSAGE_FORCED_EXPIRE) != 0};
		s->sender = q->texts.len;
		s->sender_len = m.sender.len;
		/* By offset and not by pointer, as the buffer moves when it grows. */
		buffer_append_slice(&q->texts, m.sender);
	}
	message_free(&m);
}

static void on_absent(struct question *q, const struct frame *frame)
{
	struct slice ids[READER_PROTO_READ_IDS_MAX];
	size_t count, at;

	if (!reader_proto_read_ids(frame, ids, &count))
		return;
	for (size_t i = 0; i < count; i++)
		if ((at = place_of(q, ids[i])) < q->count)
			q->seen[at].absent = true;
}

/* A message can move against the order in which the queues are searched: what was not found is
 * looked for once more before it counts as gone. */
static bool look_again(struct question *q)
{
	struct slice ids[READER_PROTO_READ_IDS_MAX];
	size_t count = 0;

	if (q->second_look)
		return false;
	for (size_t i = 0; i < q->count && count < READER_PROTO_READ_IDS_MAX; i++)
		if (!q->seen[i].answered)
			ids[count++] = q->id[i];
	if (count == 0)
		return false;
	q->second_look = true;
	ask_reader(q, ids, count);
	return true;
}

static void on_read_end(struct question *q, const struct frame *frame)
{
	struct reader_proto_refreshed end;

	if (!reader_proto_read_refreshed(frame, &end) || !end.complete)
		finish(q, PORTS_LOST, -1);
	else if (!look_again(q))
		finish(q, PORTS_EXITED, 0);
}

static bool on_reader(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct question *q = context;

	if (frame == NULL) {
		on_lost(q, failure);
		return true;
	}
	switch (frame->type) {
	case READER_PROTO_UPSERT:
	case READER_PROTO_PART:
		reader_proto_inbox_messages(&q->inbox, frame, on_message, q);
		return false;
	case READER_PROTO_ABSENT:
		on_absent(q, frame);
		return false;
	case READER_PROTO_READ_END:
		on_read_end(q, frame);
		return true;
	default:
		return false;
	}
}

struct wire_ports *wire_ports_create(struct exchange *helper, struct exchange *reader)
{
	struct wire_ports *p = memory_zero(1, sizeof(*p));

	p->functions = (struct ports){.owner = p,
	    .run = ports_run,
	    .recall = ports_recall,
	    .taken = ports_taken,
	    .look = ports_look,
	    .command = ports_command,
	    .qmgr = ports_qmgr,
	    .ready = ports_ready};
	p->helper = helper;
	p->reader = reader;
	return p;
}

void wire_ports_destroy(struct wire_ports **pointer)
{
	struct wire_ports *p = *pointer;

	if (p == NULL)
		return;
	while (p->first != NULL)
		/* The exchanges are destroyed by their owner, and tell nobody then. */
		free_question(take_out(p->first));
	free(p);
	*pointer = NULL;
}

const struct ports *wire_ports_functions(struct wire_ports *p)
{
	return &p->functions;
}
