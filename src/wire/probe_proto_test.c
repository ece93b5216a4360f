#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/probe_proto.h"

static const struct probe_question question = {
    .kind = PROBE_DESTINATION,
    .next_hop = {"shop.example:2525", 17},
    .helo = {"mail.test", 9},
    .blocklists = {"zen.list.test\n", 14},
    .tls = PROBE_TLS_DANE,
    .bind4 = {"192.0.2.1", 9},
    .resolver = {"127.0.0.1:5353", 14},
    .mx = true,
    .ipv4 = true,
    .allow_local = true,
};

static void a_question_arrives_as_it_was_asked(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct probe_question got;
	struct cursor c;

	(void)state;
	probe_put_question(&b, &question);
	c = cursor_init(b.data, b.len);
	assert_true(probe_get_question(&c, &got));
	assert_int_equal(got.kind, PROBE_DESTINATION);
	assert_true(slice_is(got.next_hop, "shop.example:2525") && slice_is(got.helo, "mail.test"));
	assert_true(slice_is(got.blocklists, "zen.list.test\n") && slice_is(got.ca_file, ""));
	assert_true(got.tls == PROBE_TLS_DANE && slice_is(got.bind4, "192.0.2.1"));
	assert_true(slice_is(got.resolver, "127.0.0.1:5353") && got.mx && !got.hosts);
	assert_true(got.ipv4 && !got.ipv6 && got.allow_local);
}

/* A notifier that has been broken into may send what it likes. */
static void what_is_no_question_is_refused(void **state)
{
	struct probe_question bad = question, got;
	BUFFER_AUTO struct buffer b = {0};
	struct cursor c;

	(void)state;
	bad.next_hop = SLICE("");
	probe_put_question(&b, &bad);
	c = cursor_init(b.data, b.len);
	assert_false(probe_get_question(&c, &got));
	buffer_clear(&b);
	probe_put_question(&b, &question);
	b.data[0] = 0;
	c = cursor_init(b.data, b.len);
	assert_false(probe_get_question(&c, &got));
	b.data[0] = 3;
	c = cursor_init(b.data, b.len);
	assert_false(probe_get_question(&c, &got));
}

static void long_texts_of_a_step_are_cut(void **state)
{
	char words[PROBE_ANSWER_MAX + 100];
	const struct probe_step step = {.name = PROBE_STEP_GREETING,
	    .outcome = PROBE_BAD,
	    .host = slice_make(words, sizeof(words)),
	    .took_ms = 12,
	    .text = slice_make(words, sizeof(words)),
	    .answer = slice_make(words, sizeof(words))};
	BUFFER_AUTO struct buffer b = {0};
	struct probe_step got;
	struct cursor c;

	(void)state;
	memset(words, 'x', sizeof(words));
	probe_put_step(&b, &step);
	c = cursor_init(b.data, b.len);
	assert_true(probe_get_step(&c, &got));
	assert_true(got.name == PROBE_STEP_GREETING && got.outcome == PROBE_BAD);
	assert_true(got.host.len == PROBE_HOST_MAX && got.text.len == PROBE_TEXT_MAX);
	assert_true(got.answer.len == PROBE_ANSWER_MAX && got.took_ms == 12);
}

/* Where mail goes is known here; a notifier that says so lies. */
static void the_notifier_tells_no_route(void **state)
{
	const struct probe_step step = {.name = PROBE_STEP_ROUTE, .text = {"elsewhere", 9}};
	BUFFER_AUTO struct buffer b = {0};
	struct probe_step got;
	struct cursor c;

	(void)state;
	probe_put_step(&b, &step);
	c = cursor_init(b.data, b.len);
	assert_false(probe_get_step(&c, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_question_arrives_as_it_was_asked),
	    cmocka_unit_test(what_is_no_question_is_refused),
	    cmocka_unit_test(long_texts_of_a_step_are_cut),
	    cmocka_unit_test(the_notifier_tells_no_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
