/* What a trace makes of single cases, and that several of them take turns. Logs are a command's
 * output, kept in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "logreader/log_traces.h"

/* 2026-11-22T00:00:00Z */
#define START_US (INT64_C(1795305600) * 1000000)

struct log {
	struct log_index index;
	struct buffer text;
};

static void take_line(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset)
{
	(void)context;
	(void)source;
	(void)line;
	(void)offset;
}

__attribute__((format(printf, 3, 4))) static void say(
    struct log *log, int second, const char *format, ...)
{
	char text[2000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	buffer_printf(&log->text, "2026-11-22T%02d:%02d:%02d+00:00 mx1 %s\n", second / 3600,
	    second / 60 % 60, second % 60, text);
}

/* What was said so far is one file, newer than those before. */
static void end_file(struct log *log)
{
	struct log_source *s = log_index_add(&log->index, 0, "log");

	s->keeps_text = true;
	log_source_feed(s, buffer_slice(&log->text), &log->index.key, take_line, NULL);
	log_source_finish(s, &log->index.key, take_line, NULL);
	buffer_clear(&log->text);
}

static int set_up(void **state)
{
	struct log *log = memory_zero(1, sizeof(*log));

	log_index_init(&log->index);
	*state = log;
	return 0;
}

static int tear_down(void **state)
{
	struct log *log = *state;

	log_index_free(&log->index);
	buffer_free(&log->text);
	free(log);
	return 0;
}

/* ---- answers, as text ---- */

struct answer {
	struct buffer text; /* "ID,ID sender: address=result ...; " for each message */
	size_t messages, recipients;
	bool cut;
	struct log_trace_end end;
};

static void on_frame(void *context, const struct buffer *bytes)
{
	static const char *const names[] = {
	    "unknown", "queued", "deferred", "held", "delivered", "bounced", "expired", "deleted"};
	struct answer *a = context;
	struct log_traced_message m;
	struct log_traced_recipient r;
	struct frame frame;
	struct cursor c;

	assert_true(frame_parse(bytes->data, bytes->len, &frame));
	c = frame_cursor(&frame);
	if (frame.type == LOG_PROTO_TRACED) {
		assert_true(log_trace_get_message(&c, &m));
		buffer_printf(&a->text, "%s", a->messages++ > 0 ? "; " : "");
		for (size_t i = 0; i < m.id_count; i++)
			buffer_printf(&a->text, "%s%.*s", i > 0 ? "," : "", SLICE_ARGS(m.ids[i]));
		a->cut |= m.recipients_cut;
	} else if (frame.type == LOG_PROTO_TRACED_RECIPIENTS) {
		for (; log_trace_get_recipient(&c, &r); a->recipients++)
			if (a->recipients < 4)
				buffer_printf(&a->text, " %.*s=%s%s", SLICE_ARGS(r.address),
				    names[r.result], r.other_sender ? " (by another)" : "");
	} else {
		assert_true(log_trace_get_end(&c, &a->end));
	}
}

static struct log_trace_question question_of(const char *text)
{
	return (struct log_trace_question){.text = slice_of(text),
	    .from_us = INT64_MIN,
	    .to_us = INT64_MAX,
	    .limit = 50,
	    .after = {.id = SLICE("")}};
}

static void ask_question(
    struct log *log, const struct log_trace_question *question, struct answer *a)
{
	struct log_trace *trace = log_trace_create(question, SLICE("postfix"), &log->index);

	*a = (struct answer){.cut = false};
	while (!log_trace_step(trace, &log->index))
		;
	log_trace_answer(
	    trace, 1, &(struct log_trace_end){.complete = true, .error = SLICE("")}, on_frame, a);
	log_trace_destroy(&trace);
}

static void ask(struct log *log, const char *text, const char *want)
{
	struct log_trace_question question = question_of(text);
	struct answer a;

	ask_question(log, &question, &a);
	if (strcmp(buffer_string(&a.text), want) != 0)
		fail_msg("%s: want %s, got %s", text, want, buffer_string(&a.text));
	buffer_free(&a.text);
}

/* ---- cases ---- */

static void begin_mail(struct log *log, int second, const char *id, const char *message_id)
{
	say(log, second, "postfix/smtpd[1]: %s: client=c.example[192.0.2.1]", id);
	say(log, second, "postfix/cleanup[2]: %s: message-id=<%s>", id, message_id);
	say(log, second,
	    "postfix/qmgr[3]: %s: from=<boss@firm.example>, size=9, nrcpt=1 (queue active)", id);
}

static void attempt(struct log *log, int second, const char *id, const char *to, const char *status)
{
	say(log, second,
	    "postfix/smtp[4]: %s: to=<%s>, relay=mx.example[198.51.100.1]:25, delay=1, "
	    "delays=0/0/0/1, dsn=2.0.0, status=%s",
	    id, to, status);
}

static void leave(struct log *log, int second, const char *id)
{
	say(log, second, "postfix/qmgr[3]: %s: removed", id);
}

/* A short ID is used again: each life is a message of its own. */
static void test_reused_id(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	attempt(log, 11, "ABCDEF1", "ann@x.example", "sent (250 ok)");
	leave(log, 11, "ABCDEF1");
	begin_mail(log, 500, "ABCDEF1", "m2@x");
	attempt(log, 501, "ABCDEF1", "bob@x.example", "bounced (550 no)");
	leave(log, 501, "ABCDEF1");
	end_file(log);
	ask(log, "ABCDEF1", "ABCDEF1 bob@x.example=bounced; ABCDEF1 ann@x.example=delivered");
	ask(log, "ann@x.example", "ABCDEF1 ann@x.example=delivered");
	ask(log, "m2@x", "ABCDEF1 bob@x.example=bounced");
}

/* Another server's queue ID is the same as one of ours: the Message-ID tells. */
static void test_foreign_queue_id(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	begin_mail(log, 11, "ABCDEF2", "m2@x");
	attempt(log, 12, "ABCDEF1", "ann@x.example", "sent (250 2.0.0 Ok: queued as ABCDEF2)");
	leave(log, 12, "ABCDEF1");
	attempt(log, 13, "ABCDEF2", "bob@x.example", "deferred (450 later)");
	end_file(log);
	ask(log, "ann@x.example", "ABCDEF1 ann@x.example=delivered");
	ask(log, "bob@x.example", "ABCDEF2 bob@x.example=deferred");
	/* By the ID itself both are found. */
	ask(log, "ABCDEF2", "ABCDEF2 bob@x.example=deferred; ABCDEF1 ann@x.example=delivered");
}

/* The filter has it, and gives it back; nothing has been tried since. */
static void test_waits_behind_a_filter(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	begin_mail(log, 11, "ABCDEF2", "m1@x");
	attempt(log, 12, "ABCDEF1", "ann@x.example", "sent (250 2.0.0 Ok: queued as ABCDEF2)");
	leave(log, 12, "ABCDEF1");
	end_file(log);
	ask(log, "ann@x.example", "ABCDEF1,ABCDEF2 ann@x.example=queued");
	leave(log, 60, "ABCDEF2");
	end_file(log);
	/* Gone without a word of this recipient: the filter's word stands. */
	ask(log, "ann@x.example", "ABCDEF1,ABCDEF2 ann@x.example=delivered");
}

/* A filter that does not say under which ID it gave the mail back. */
static void test_waits_behind_a_silent_filter(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	say(log, 11, "postfix/smtpd[1]: ABCDEF2: client=filter.example[198.51.100.1]");
	say(log, 11, "postfix/cleanup[2]: ABCDEF2: message-id=<m1@x>");
	attempt(log, 12, "ABCDEF1", "ann@x.example", "sent (250 2.0.0 Ok)");
	leave(log, 12, "ABCDEF1");
	end_file(log);
	ask(log, "ann@x.example", "ABCDEF1,ABCDEF2 ann@x.example=queued");
	say(log, 13,
	    "postfix/qmgr[3]: ABCDEF2: from=<boss@firm.example>, size=9, nrcpt=1 (queue active)");
	attempt(log, 13, "ABCDEF2", "bob@x.example", "deferred (450 later)");
	end_file(log);
	ask(log, "ABCDEF1", "ABCDEF1,ABCDEF2 ann@x.example=delivered bob@x.example=deferred");
}

/* What waits behind either filter is held, re-queued and deleted: nobody has got it. */
static void test_deleted_behind_a_filter(void **state)
{
	static const char *const replies[] = {
	    "sent (250 2.0.0 Ok: queued as ABCDEF2)", "sent (250 2.0.0 Ok)"};
	static const char *const ids[] = {"ABCDEF1,ABCDEF2", "ABCDEF1,ABCDEF2,ABCDEF3"};
	struct log *log = *state;
	char want[100];

	for (int named = 0; named < 2; named++) {
		tear_down(state);
		set_up(state);
		log = *state;
		begin_mail(log, 10, "ABCDEF1", "m1@x");
		say(log, 11, "postfix/smtpd[1]: ABCDEF2: client=filter.example[198.51.100.1]");
		say(log, 11, "postfix/cleanup[2]: ABCDEF2: message-id=<m1@x>");
		attempt(log, 12, "ABCDEF1", "ann@x.example", replies[named]);
		leave(log, 12, "ABCDEF1");
		say(log, 13, "postfix/postsuper[6]: ABCDEF2: placed on hold");
		end_file(log);
		snprintf(want, sizeof(want), "%s ann@x.example=held", ids[0]);
		ask(log, "ann@x.example", want);
		if (named == 0) {
			say(log, 14, "postfix/postsuper[6]: ABCDEF2: requeued");
			say(log, 14,
			    "postfix/pickup[7]: ABCDEF3: uid=0 from=<b@x> orig_id=ABCDEF2");
			say(log, 14, "postfix/cleanup[2]: ABCDEF3: message-id=<m1@x>");
		}
		say(log, 15, "postfix/postsuper[6]: ABCDEF%d: removed", named == 0 ? 3 : 2);
		end_file(log);
		snprintf(want, sizeof(want), "%s ann@x.example=deleted", ids[named == 0]);
		ask(log, "ann@x.example", want);
	}
}

/* The same mail from the same client once more, to somebody else: the first one has arrived. */
static void test_second_copy_is_no_filter(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	attempt(log, 11, "ABCDEF1", "ann@x.example", "sent (250 2.0.0 Ok)");
	leave(log, 11, "ABCDEF1");
	begin_mail(log, 12, "ABCDEF2", "m1@x");
	end_file(log);
	ask(log, "ann@x.example", "ABCDEF1,ABCDEF2 ann@x.example=delivered");
}

/* What a list sends on has the list's sender: to whom is not for who sees the first sender's mail.
 * What a filter gave back, or was re-queued, has the same. */
static void test_sent_on_by_another(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	attempt(log, 11, "ABCDEF1", "list@x.example", "sent (250 2.0.0 Ok)");
	leave(log, 11, "ABCDEF1");
	say(log, 12, "postfix/smtpd[1]: ABCDEF2: client=list.example[198.51.100.1]");
	say(log, 12, "postfix/cleanup[2]: ABCDEF2: message-id=<m1@x>");
	say(log, 12,
	    "postfix/qmgr[3]: ABCDEF2: from=<list-bounces@x.example>, size=9, nrcpt=1 (queue "
	    "active)");
	attempt(log, 13, "ABCDEF2", "member@y.example", "sent (250 2.0.0 Ok)");
	leave(log, 13, "ABCDEF2");
	begin_mail(log, 14, "ABCDEF3", "m1@x");
	attempt(log, 15, "ABCDEF3", "ann@x.example", "sent (250 2.0.0 Ok)");
	end_file(log);
	ask(log, "ABCDEF1",
	    "ABCDEF1,ABCDEF2,ABCDEF3 list@x.example=delivered "
	    "member@y.example=delivered (by another) ann@x.example=delivered");
}

static void test_forwarded_and_destroyed(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	say(log, 11, "postfix/cleanup[2]: ABCDEF2: message-id=<m1@x>");
	say(log, 11,
	    "postfix/local[5]: ABCDEF1: to=<ann@x.example>, relay=local, delay=0, "
	    "delays=0/0/0/0, dsn=2.0.0, status=sent (forwarded as ABCDEF2)");
	leave(log, 11, "ABCDEF1");
	say(log, 11,
	    "postfix/qmgr[3]: ABCDEF2: from=<boss@firm.example>, size=9, nrcpt=1 (queue active)");
	attempt(log, 12, "ABCDEF2", "ann@home.example", "deferred (450 later)");
	/* docs/POSTFIX.md: hold, then release, destroys mail that was active. */
	leave(log, 90, "ABCDEF2");
	end_file(log);
	ask(log, "ann@x.example",
	    "ABCDEF1,ABCDEF2 ann@x.example=delivered ann@home.example=unknown");
}

/* Re-queued, and the old life is no longer in the log. */
static void test_beginning_is_lost(void **state)
{
	struct log *log = *state;

	say(log, 10, "postfix/pickup[5]: ABCDEF2: uid=0 from=<boss@firm.example> orig_id=ABCDEF1");
	say(log, 10, "postfix/cleanup[2]: ABCDEF2: message-id=<m1@x>");
	attempt(log, 12, "ABCDEF2", "ann@x.example", "sent (250 ok)");
	end_file(log);
	ask(log, "ann@x.example", "ABCDEF1,ABCDEF2 ann@x.example=delivered");
	ask(log, "ABCDEF1", "ABCDEF1,ABCDEF2 ann@x.example=delivered");
}

/* Two instances in one log: the queue manager says whose it is. */
static void test_two_instances(void **state)
{
	struct log *log = *state;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	attempt(log, 11, "ABCDEF1", "ann@x.example", "sent (250 ok)");
	say(log, 12, "postfix-out/smtpd[1]: ABCDEF2: client=c.example[192.0.2.1]");
	say(log, 12,
	    "postfix-out/qmgr[3]: ABCDEF2: from=<boss@firm.example>, size=9, nrcpt=1 (queue "
	    "active)");
	say(log, 13,
	    "postfix-out/smtp[4]: ABCDEF2: to=<ann@x.example>, relay=none, delay=1, "
	    "delays=0/0/0/1, dsn=4.4.1, status=deferred (x)");
	end_file(log);
	ask(log, "ann@x.example", "ABCDEF1 ann@x.example=delivered");
	ask(log, "boss@firm.example", "ABCDEF1 ann@x.example=delivered");
}

static void test_many_recipients(void **state)
{
	struct log *log = *state;
	struct log_trace_question question = question_of("last@x.example");
	struct answer a;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	for (int i = 0; i < 3 * LOG_TRACE_RECIPIENTS_MAX; i++) {
		char to[40];

		snprintf(to, sizeof(to), "u%d@y.example", i);
		attempt(log, 20 + i, "ABCDEF1", to, "sent (250 ok)");
	}
	attempt(log, 900, "ABCDEF1", "last@x.example", "deferred (x)");
	end_file(log);
	ask_question(log, &question, &a);
	assert_true(a.cut && a.recipients == LOG_TRACE_RECIPIENTS_MAX);
	/* Who was asked for comes first. */
	assert_non_null(strstr(buffer_string(&a.text), "ABCDEF1 last@x.example=deferred u0@"));
	buffer_free(&a.text);
}

/* Only what the log says of it in that time; the rest of such a message is told all the same. */
static void test_times(void **state)
{
	struct log *log = *state;
	struct log_trace_question question = question_of("ann@x.example");
	struct answer a;

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	attempt(log, 11, "ABCDEF1", "ann@x.example", "deferred (x)");
	attempt(log, 900, "ABCDEF1", "ann@x.example", "sent (250 ok)");
	begin_mail(log, 400, "ABCDEF2", "m2@x");
	attempt(log, 400, "ABCDEF2", "ann@x.example", "sent (250 ok)");
	end_file(log);
	ask(log, "ann@x.example",
	    "ABCDEF1 ann@x.example=delivered; ABCDEF2 ann@x.example=delivered");
	question.to_us = START_US + 500 * INT64_C(1000000);
	ask_question(log, &question, &a);
	assert_string_equal(buffer_string(&a.text),
	    "ABCDEF2 ann@x.example=delivered; ABCDEF1 ann@x.example=delivered");
	buffer_free(&a.text);
	question.to_us = START_US + 300 * INT64_C(1000000);
	question.from_us = START_US + 11 * INT64_C(1000000);
	ask_question(log, &question, &a);
	assert_string_equal(buffer_string(&a.text), "ABCDEF1 ann@x.example=delivered");
	buffer_free(&a.text);
}

/* The same Message-ID a thousand times: chains are cut, and it ends. */
static void test_a_loop(void **state)
{
	struct log *log = *state;
	struct log_trace_question question = question_of("m1@x");
	struct answer a;

	for (int i = 0; i < 1000; i++) {
		char id[16];

		snprintf(id, sizeof(id), "ABCDE%05X", i);
		begin_mail(log, 10 + i, id, "m1@x");
		attempt(log, 10 + i, id, "ann@x.example", "sent (250 ok)");
		leave(log, 11 + i, id);
	}
	end_file(log);
	ask_question(log, &question, &a);
	assert_true(a.messages > 0 && a.cut);
	buffer_free(&a.text);
}

/* The log jumps back by hours: time decides, not the place. */
static void test_jumps_back(void **state)
{
	struct log *log = *state;

	begin_mail(log, 40000, "ABCDEF1", "m1@x");
	attempt(log, 40001, "ABCDEF1", "ann@x.example", "sent (250 ok)");
	leave(log, 40001, "ABCDEF1");
	end_file(log);
	begin_mail(log, 10, "ABCDEF2", "m2@x");
	attempt(log, 11, "ABCDEF2", "ann@x.example", "sent (250 ok)");
	leave(log, 11, "ABCDEF2");
	end_file(log);
	ask(log, "ann@x.example",
	    "ABCDEF1 ann@x.example=delivered; ABCDEF2 ann@x.example=delivered");
}

/* ---- several at once ---- */

static void test_turns(void **state)
{
	struct log *log = *state;
	struct log_traces *traces = memory_zero(1, sizeof(*traces));
	struct log_trace_question question = question_of("ann@x.example");
	uint32_t request, last = 0;
	size_t answered = 0;

	for (int i = 0; i < 300; i++) {
		char id[16];

		snprintf(id, sizeof(id), "ABCDE%05X", i);
		begin_mail(log, 10 + 100 * i, id, "other@x");
		attempt(log, 10 + 100 * i, id, "ann@x.example", "sent (250 ok)");
	}
	end_file(log);
	for (uint32_t i = 1; i <= LOG_TRACES_MAX; i++)
		assert_true(log_traces_add(traces, i, &question));
	assert_false(log_traces_add(traces, 99, &question));
	/* Each step is another's, as long as nobody is done. */
	for (int i = 0; i < 2 * LOG_TRACES_ACTIVE_MAX; i++) {
		assert_null(log_traces_step(traces, SLICE(""), &log->index, &request));
		assert_int_not_equal(request, last);
		last = request;
	}
	/* One that waits, one that is searched, one that is not there. */
	log_traces_cancel(traces, LOG_TRACES_MAX);
	log_traces_cancel(traces, 2);
	log_traces_cancel(traces, 12345);
	while (traces->count > 0) {
		if (log_traces_step(traces, SLICE(""), &log->index, &request) == NULL)
			continue;
		assert_true(request != 2 && request != LOG_TRACES_MAX);
		log_traces_cancel(traces, request);
		answered++;
	}
	assert_int_equal(answered, LOG_TRACES_MAX - 2);
	assert_null(log_traces_step(traces, SLICE(""), &log->index, &request));
	assert_true(log_traces_add(traces, 1, &question));
	log_traces_free(traces);
	free(traces);
}

/* A file that is removed while it is searched: what was found is told, and that something is
 * missing. */
static void test_file_goes_away(void **state)
{
	struct log *log = *state;
	struct log_trace_question question = question_of("ann@x.example");
	struct log_trace *trace;
	struct answer a = {.cut = false};

	begin_mail(log, 10, "ABCDEF1", "m1@x");
	attempt(log, 11, "ABCDEF1", "ann@x.example", "sent (250 ok)");
	end_file(log);
	begin_mail(log, 90, "ABCDEF2", "m2@x");
	attempt(log, 91, "ABCDEF2", "ann@x.example", "sent (250 ok)");
	end_file(log);
	trace = log_trace_create(&question, SLICE("postfix"), &log->index);
	assert_false(log_trace_step(trace, &log->index));
	log_index_remove(&log->index, 1);
	while (!log_trace_step(trace, &log->index))
		;
	log_trace_answer(
	    trace, 1, &(struct log_trace_end){.complete = true, .error = SLICE("")}, on_frame, &a);
	assert_string_equal(buffer_string(&a.text), "ABCDEF2 ann@x.example=delivered");
	assert_false(a.end.complete);
	buffer_free(&a.text);
	log_trace_destroy(&trace);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_reused_id), TEST(test_foreign_queue_id),
	    TEST(test_waits_behind_a_filter), TEST(test_waits_behind_a_silent_filter),
	    TEST(test_second_copy_is_no_filter), TEST(test_deleted_behind_a_filter),
	    TEST(test_sent_on_by_another), TEST(test_forwarded_and_destroyed),
	    TEST(test_beginning_is_lost), TEST(test_two_instances), TEST(test_many_recipients),
	    TEST(test_times), TEST(test_a_loop), TEST(test_jumps_back), TEST(test_turns),
	    TEST(test_file_goes_away)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
