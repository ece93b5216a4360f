#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/wire_ports.h"
#include "postfix/message.h"
#include "wire/helper_proto.h"
#include "wire/reader_proto.h"

/* The test plays helper and reader at the other ends of two channels. */
struct table {
	struct wire_ports *ports;
	const struct ports *f;
	struct exchange *helper, *reader;
	struct channel *helper_near, *helper_far, *reader_near, *reader_far;
	int answers;
	struct ports_ran ran;
	char text[200];
	enum ports_said said[8];
	struct found found[8];
	char sender[8][64];
	size_t count;
	char out[100];
	struct ports_qmgr qmgr;
};

static int set_up(void **state)
{
	struct table *t = calloc(1, sizeof(*t));
	int helper[2], reader[2];

	assert_true(channel_pair(helper, NULL) && channel_pair(reader, NULL));
	t->helper_near = channel_create(helper[0]);
	t->helper_far = channel_create(helper[1]);
	t->reader_near = channel_create(reader[0]);
	t->reader_far = channel_create(reader[1]);
	t->helper = exchange_create();
	t->reader = exchange_create();
	t->ports = wire_ports_create(t->helper, t->reader);
	t->f = wire_ports_functions(t->ports);
	exchange_attach(t->helper, t->helper_near);
	exchange_attach(t->reader, t->reader_near);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct table *t = *state;

	wire_ports_destroy(&t->ports);
	exchange_destroy(&t->helper);
	exchange_destroy(&t->reader);
	channel_destroy(&t->helper_near);
	channel_destroy(&t->helper_far);
	channel_destroy(&t->reader_near);
	channel_destroy(&t->reader_far);
	free(t);
	return 0;
}

static void ran(void *context, const struct ports_ran *ran)
{
	struct table *t = context;

	t->answers++;
	t->ran = *ran;
	t->count = ran->count;
	snprintf(t->text, sizeof(t->text), "%.*s", SLICE_ARGS(ran->text));
	memcpy(t->said, ran->said, ran->count * sizeof(t->said[0]));
}

static void looked(void *context, const struct found *found, size_t count)
{
	struct table *t = context;

	t->answers++;
	t->count = count;
	for (size_t i = 0; i < count; i++) {
		t->found[i] = found[i];
		snprintf(t->sender[i], sizeof(t->sender[i]), "%.*s", SLICE_ARGS(found[i].sender));
	}
}

static void printed(void *context, const struct ports_output *output)
{
	struct table *t = context;

	t->answers++;
	t->ran.end = output->end;
	snprintf(t->out, sizeof(t->out), "%.*s", SLICE_ARGS(output->out));
}

static void managed(void *context, const struct ports_qmgr *state)
{
	struct table *t = context;

	t->answers++;
	t->qmgr = *state;
}

/* What the far end got: a frame that must be there. */
static uint32_t got(struct channel *far, uint8_t type, struct frame *frame)
{
	assert_int_equal(channel_receive(far, frame), CHANNEL_FRAME);
	assert_int_equal(frame->type, type);
	assert_int_not_equal(frame->request, 0);
	return frame->request;
}

static void tell(struct table *t, struct channel *near, struct channel *far, struct buffer *b)
{
	struct frame frame;

	assert_true(channel_send(far, b, NULL, 0));
	assert_int_equal(channel_receive(near, &frame), CHANNEL_FRAME);
	exchange_frame(near == t->helper_near ? t->helper : t->reader, &frame);
	frame_close(&frame);
}

static void tell_output(struct table *t, uint32_t request, uint8_t stream, const char *text)
{
	BUFFER_AUTO struct buffer b = {0};

	helper_output_encode(&b, request, &(struct helper_output){stream, slice_of(text)});
	tell(t, t->helper_near, t->helper_far, &b);
}

static void tell_exit(struct table *t, uint32_t request, struct helper_exit end)
{
	BUFFER_AUTO struct buffer b = {0};

	helper_exit_encode(&b, request, &end);
	tell(t, t->helper_near, t->helper_far, &b);
}

static void test_lines_are_the_proof(void **state)
{
	struct table *t = *state;
	struct slice ids[] = {SLICE("ABCDEF1"), SLICE("ABCDEF2"), SLICE("ABCDEF3")};
	struct helper_run run;
	struct frame frame;
	uint32_t request;

	t->f->run(t->f->owner, PORTS_DELETE_HELD, 99, ids, 3, ran, t);
	assert_int_equal(t->answers, 0);
	request = got(t->helper_far, HELPER_RUN, &frame);
	assert_true(helper_run_decode(&frame, &run));
	assert_int_equal(run.verb, HELPER_VERB_DELETE);
	assert_true(run.hold_only && run.token == 99 && run.ids.count == 3);
	helper_run_free(&run);
	tell_output(t, request, 2, "postsuper: ABCDEF3: rem");
	tell_output(t, request, 2,
	    "oved\npostsuper: ABCDEF9: removed\npostsuper: warning: something\npostsuper: "
	    "ABCDEF1: removed\npostsuper: Deleted: 3 messages\n");
	tell_exit(t, request, (struct helper_exit){0});
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->ran.end, PORTS_EXITED);
	assert_int_equal(t->said[0], PORTS_OK);
	assert_int_equal(t->said[1], PORTS_NOTHING);
	assert_int_equal(t->said[2], PORTS_OK);
	assert_string_equal(t->text, "something");
	/* Late and unknown frames are nobody's. */
	tell_exit(t, request, (struct helper_exit){0});
	tell_exit(t, 12345, (struct helper_exit){0});
	assert_int_equal(t->answers, 1);
}

/* The first two are valid to us, and not to this Postfix; the third is none of ours. */
static void test_ids_that_are_not_accepted(void **state)
{
	struct table *t = *state;
	struct slice ids[] = {SLICE("ABCDEF1"), SLICE("ABCDEF2"), SLICE("ABCDEF3")};
	struct frame frame;
	uint32_t request;

	t->f->run(t->f->owner, PORTS_HOLD, 1, ids, 3, ran, t);
	request = got(t->helper_far, HELPER_RUN, &frame);
	tell_output(t, request, 2,
	    "postsuper: warning: invalid mail queue id: ABCDEF2\n"
	    "postsuper: warning: invalid mail queue id: ABCDEF\n"
	    "postsuper: ABCDEF3: placed on hold\n"
	    "postsuper: warning: invalid mail queue id: ABCDEF1");
	tell_exit(t, request, (struct helper_exit){0});
	assert_int_equal(t->ran.end, PORTS_EXITED);
	assert_int_equal(t->said[0], PORTS_BAD);
	assert_int_equal(t->said[1], PORTS_BAD);
	assert_int_equal(t->said[2], PORTS_OK);
}

static void test_killed_refused_lost(void **state)
{
	struct table *t = *state;
	struct slice ids[] = {SLICE("ABCDEF1")};
	BUFFER_AUTO struct buffer b = {0};
	struct frame frame;
	uint32_t request;

	t->f->run(t->f->owner, PORTS_HOLD, 1, ids, 1, ran, t);
	request = got(t->helper_far, HELPER_RUN, &frame);
	tell_exit(t, request, (struct helper_exit){.status = -1, .signal = 9, .deadline = true});
	assert_int_equal(t->ran.end, PORTS_KILLED);
	t->f->run(t->f->owner, PORTS_HOLD, 2, ids, 1, ran, t);
	request = got(t->helper_far, HELPER_RUN, &frame);
	helper_refused_encode(&b, request, "busy", "too much at once");
	tell(t, t->helper_near, t->helper_far, &b);
	assert_int_equal(t->ran.end, PORTS_REFUSED);
	assert_string_equal(t->text, "too much at once");
	/* A recall of a run that the helper does not know tells nothing. */
	t->f->recall(t->f->owner, 2, ids, 1, ran, t);
	request = got(t->helper_far, HELPER_RECALL, &frame);
	buffer_clear(&b);
	helper_refused_encode(&b, request, "unknown_token", "no such run");
	tell(t, t->helper_near, t->helper_far, &b);
	assert_int_equal(t->ran.end, PORTS_LOST);
	/* The helper dies with a run under way. */
	t->f->run(t->f->owner, PORTS_HOLD, 3, ids, 1, ran, t);
	exchange_attach(t->helper, NULL);
	assert_int_equal(t->answers, 3);
	assert_int_equal(exchange_deadline_ms(t->helper), 0);
	exchange_tick(t->helper, 0);
	assert_int_equal(t->answers, 4);
	assert_int_equal(t->ran.end, PORTS_LOST);
	assert_false(t->f->ready(t->f->owner, &(struct slice){0}));
	/* And what is asked without it. */
	t->f->run(t->f->owner, PORTS_HOLD, 4, ids, 1, ran, t);
	assert_int_equal(t->answers, 4);
	exchange_tick(t->helper, 0);
	assert_int_equal(t->answers, 5);
}

static void test_retry_statuses(void **state)
{
	struct table *t = *state;
	struct slice ids[] = {SLICE("ABCDEF1"), SLICE("ABCDEF2"), SLICE("ABCDEF3")};
	BUFFER_AUTO struct buffer b = {0};
	struct frame frame;
	uint32_t request;

	t->f->run(t->f->owner, PORTS_RETRY, 1, ids, 3, ran, t);
	request = got(t->helper_far, HELPER_RUN, &frame);
	helper_retried_encode(&b, request, &(struct helper_retried){0, SLICE("\0\3")});
	tell(t, t->helper_near, t->helper_far, &b);
	buffer_clear(&b);
	helper_retried_encode(
	    &b, request, &(struct helper_retried){2, SLICE("\5\0\0\0")}); /* more than asked */
	tell(t, t->helper_near, t->helper_far, &b);
	tell_exit(t, request, (struct helper_exit){0});
	assert_int_equal(t->said[0], PORTS_OK);
	assert_int_equal(t->said[1], PORTS_BAD);
	assert_int_equal(t->said[2], PORTS_FAILED);
	assert_non_null(strstr(t->text, "flush service"));
}

static void tell_message(struct table *t, uint32_t request, const char *id)
{
	struct reader_proto_writer w = {.channel = t->reader_far};
	struct message m;
	struct frame frame;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = QUEUE_HOLD;
	m.arrival = 4711;
	m.inode = 17;
	m.known = MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_FORCED_EXPIRE;
	m.sender = message_keep(&m, SLICE("a@shop.example"));
	message_encode(reader_proto_writer_begin(&w, request), &m);
	assert_true(reader_proto_writer_end(&w, true));
	message_free(&m);
	assert_true(reader_proto_writer_flush(&w));
	reader_proto_writer_free(&w);
	assert_int_equal(channel_receive(t->reader_near, &frame), CHANNEL_FRAME);
	exchange_frame(t->reader, &frame);
	frame_close(&frame);
}

static void tell_end(struct table *t, uint32_t request, bool complete)
{
	BUFFER_AUTO struct buffer b = {0};

	reader_proto_refreshed_frame(&b, READER_PROTO_READ_END, request,
	    &(struct reader_proto_refreshed){.complete = complete, .error = SLICE("x")});
	tell(t, t->reader_near, t->reader_far, &b);
}

static void tell_absent(struct table *t, uint32_t request, struct slice id)
{
	struct reader_proto_writer w = {.channel = t->reader_far};
	struct frame frame;

	reader_proto_writer_absent(&w, request, id);
	assert_true(reader_proto_writer_flush(&w));
	reader_proto_writer_free(&w);
	assert_int_equal(channel_receive(t->reader_near, &frame), CHANNEL_FRAME);
	exchange_frame(t->reader, &frame);
	frame_close(&frame);
}

static void test_look_twice(void **state)
{
	struct table *t = *state;
	struct slice ids[] = {SLICE("ABCDEF1"), SLICE("ABCDEF2"), SLICE("ABCDEF3"),
	    SLICE("ABCDEF4")},
		     asked[1000];
	struct frame frame;
	uint32_t request;
	size_t count;

	t->f->look(t->f->owner, ids, 4, looked, t);
	request = got(t->reader_far, READER_PROTO_READ, &frame);
	tell_message(t, request, "ABCDEF2");
	tell_absent(t, request, ids[0]);
	tell_absent(t, request, ids[3]);
	tell_end(t, request, true);
	assert_int_equal(t->answers, 0);
	/* The others are looked for once more; one turns up. */
	request = got(t->reader_far, READER_PROTO_READ, &frame);
	assert_true(reader_proto_read_ids(&frame, asked, &count));
	assert_int_equal(count, 3);
	tell_message(t, request, "ABCDEF1");
	tell_absent(t, request, ids[3]);
	tell_end(t, request, true);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->found[0].state, FOUND_HERE);
	assert_int_equal(t->found[1].state, FOUND_HERE);
	assert_int_equal(t->found[1].queue, QUEUE_HOLD);
	assert_true(t->found[1].arrival == 4711 && t->found[1].inode == 17);
	assert_string_equal(t->sender[1], "a@shop.example");
	assert_int_equal(
	    t->found[2].state, FOUND_UNREADABLE); /* there is an answer about neither */
	assert_int_equal(t->found[3].state, FOUND_MISSING);
}

static void test_look_without_answer(void **state)
{
	struct table *t = *state;
	struct slice ids[] = {SLICE("ABCDEF1"), SLICE("ABCDEF2")};
	struct frame frame;
	uint32_t request;

	t->f->look(t->f->owner, ids, 2, looked, t);
	request = got(t->reader_far, READER_PROTO_READ, &frame);
	tell_message(t, request, "ABCDEF2");
	tell_end(t, request, false);
	assert_int_equal(t->found[0].state, FOUND_NOBODY);
	assert_int_equal(t->found[1].state, FOUND_HERE);
	t->f->look(t->f->owner, ids, 2, looked, t);
	exchange_attach(t->reader, NULL);
	exchange_tick(t->reader, 0);
	assert_int_equal(t->answers, 2);
	assert_int_equal(t->found[1].state, FOUND_NOBODY);
}

static void test_commands(void **state)
{
	struct table *t = *state;
	struct ports_setting setting = {SLICE("queue_run_delay"), SLICE("300s")};
	BUFFER_AUTO struct buffer b = {0};
	struct helper_run run;
	struct frame frame;
	uint32_t request;

	t->f->command(t->f->owner, PORTS_POSTCONF_SET, &setting, 1, printed, t);
	request = got(t->helper_far, HELPER_RUN, &frame);
	assert_true(helper_run_decode(&frame, &run));
	assert_int_equal(run.verb, HELPER_VERB_POSTCONF_SET);
	assert_int_equal(run.setting_count, 1);
	assert_true(slice_is(run.settings[0].value, "300s"));
	helper_run_free(&run);
	tell_output(t, request, 1, "a = b\n");
	tell_exit(t, request, (struct helper_exit){0});
	assert_string_equal(t->out, "a = b\n");
	t->f->qmgr(t->f->owner, managed, t);
	request = got(t->helper_far, HELPER_QMGR_STATE, &frame);
	helper_qmgr_encode(&b, request,
	    &(struct helper_qmgr){.known = true, .alive = true, .pid = 7, .started_us = 9});
	tell(t, t->helper_near, t->helper_far, &b);
	assert_true(t->qmgr.known && t->qmgr.alive && t->qmgr.pid == 7);
	t->f->taken(t->f->owner, 5);
	got(t->helper_far, HELPER_TAKEN, &frame);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_lines_are_the_proof),
	    TEST(test_ids_that_are_not_accepted), TEST(test_killed_refused_lost),
	    TEST(test_retry_statuses), TEST(test_look_twice), TEST(test_look_without_answer),
	    TEST(test_commands)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
