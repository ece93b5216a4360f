/* What of a trace is within a scope: recipients by what the log says of them, and messages by what
 * is shown of them. */
#include "api/trace_part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* A slice in a constant. */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static const struct log_traced_message message = {.ids = {TEXT("4bJk01z")},
    .id_count = 1,
    .last_us = INT64_C(1790000100000009),
    .arrival_us = INT64_C(1790000000000000),
    .has_sender = true,
    .sender = TEXT("anna@a.example"),
    .message_id = TEXT("<1@a.example>")};
static const struct log_traced_recipient inside = {.address = TEXT("bob@b.example"),
					     .at_us = INT64_C(1790000005000000),
					     .remote_id = TEXT("REMOTE1")},
					 outside = {.address = TEXT("carl@c.example"),
					     .at_us = INT64_C(1790000100000000),
					     .remote_id = TEXT("REMOTE2")};

static const struct trace_page newest; /* the first */

/* How many recipients are shown to who searches for `text`; -1: the message is not. */
static int shown_to(const char *scope, const char *text, json_t **last)
{
	const struct log_trace_question question = {.text = slice_of(text)};
	struct trace_part *part = trace_part_create(scope, &question, &newest, 1);
	json_t *json = json_pack("{sb}", "recipients_cut", 1), *recipients = json_array();
	int shown = -1;

	trace_part_begin(part, &message);
	if (trace_part_has(part, &inside))
		json_array_append_new(recipients, json_pack("{ss}", "address", "bob@b.example"));
	if (trace_part_has(part, &outside))
		json_array_append_new(recipients, json_pack("{ss}", "address", "carl@c.example"));
	if (trace_part_finish(part, json, recipients))
		shown = (int)json_array_size(recipients);
	if (last != NULL)
		*last = json_incref(json_object_get(json, "last"));
	json_decref(json);
	json_decref(recipients);
	trace_part_destroy(&part);
	return shown;
}

static void test_recipients(void **state)
{
	json_t *last;

	(void)state;
	assert_int_equal(shown_to("domain:=b.example", "bob@b.example", &last), 1);
	/* When something happened to him, not to the other one. */
	assert_string_equal(json_string_value(last), "2026-09-21T14:13:25Z");
	json_decref(last);
	assert_int_equal(shown_to("from:*@a.example", "bob@b.example", NULL), 2);
	assert_int_equal(shown_to("domain:=d.example", "bob@b.example", NULL), -1);
	/* What the log does not say, and what is no filter. */
	assert_int_equal(shown_to("size>0", "bob@b.example", NULL), -1);
	assert_int_equal(shown_to("((", "bob@b.example", NULL), -1);
}

/* A list has sent the mail on: who may see what Anna sends is not told to whom. */
static void test_of_another_sender(void **state)
{
	static const char *const by_who_sent[] = {
	    "from:*@a.example", "login:=anna", "client:192.0.2.1", "-from:zoe", "anna"};
	const struct log_traced_message from_client = {.ids = {TEXT("4bJk01z")},
	    .id_count = 1,
	    .has_sender = true,
	    .sender = TEXT("anna@a.example"),
	    .login = TEXT("anna"),
	    .client = TEXT("c.example[192.0.2.1]")};
	struct log_traced_recipient member = {
	    .address = TEXT("bob@b.example"), .original = TEXT("bob@b.example")};
	const struct log_trace_question question = {.text = SLICE("4bJk01z")};
	struct trace_part *part;

	(void)state;
	for (size_t i = 0; i < sizeof(by_who_sent) / sizeof(*by_who_sent); i++) {
		part = trace_part_create(by_who_sent[i], &question, &newest, 1);
		trace_part_begin(part, &from_client);
		member.other_sender = false;
		assert_true(trace_part_has(part, &member));
		member.other_sender = true;
		assert_false(trace_part_has(part, &member));
		trace_part_destroy(&part);
	}
	/* Who sees what goes to him sees it all the same. */
	part = trace_part_create("domain:=b.example", &question, &newest, 1);
	trace_part_begin(part, &from_client);
	assert_true(trace_part_has(part, &member));
	trace_part_destroy(&part);
}

/* Else it would tell that the message goes there, too. */
static void test_found_by_what_is_shown(void **state)
{
	static const char *const by_his[] = {"b.example", "BOB@B.example", "anna@a.example",
	    "a.example", " 4bJk01z ", "<1@a.example>", "1@a.example", "REMOTE1"};
	static const char *const by_others[] = {
	    "carl@c.example", "c.example", "REMOTE2", "4bjk01z"};

	(void)state;
	for (size_t i = 0; i < sizeof(by_his) / sizeof(*by_his); i++)
		assert_int_equal(shown_to("domain:=b.example", by_his[i], NULL), 1);
	for (size_t i = 0; i < sizeof(by_others) / sizeof(*by_others); i++)
		assert_int_equal(shown_to("domain:=b.example", by_others[i], NULL), -1);
}

/* A message of which bob and carl are recipients; when each was tried. */
static void give(
    struct trace_part *part, const char *id, int64_t arrival, int64_t bob, int64_t carl)
{
	struct log_traced_message m = message;
	struct log_traced_recipient r[2] = {inside, outside};
	json_t *json = json_pack("{ss, sb}", "id", id, "recipients_cut", 1);
	json_t *recipients = json_pack("[{ss}]", "address", "bob@b.example");

	m.ids[0] = slice_of(id);
	m.arrival_us = arrival;
	m.last_us = carl > bob ? carl : bob;
	r[0].at_us = bob;
	r[1].at_us = carl;
	trace_part_begin(part, &m);
	(void)trace_part_has(part, &r[0]);
	(void)trace_part_has(part, &r[1]);
	(void)trace_part_finish(part, json, recipients);
	json_decref(json);
	json_decref(recipients);
}

static void assert_page(const struct trace_part *part, size_t limit, const char *ids, bool more)
{
	char text[100] = "", last[LOG_PROTO_ID_MAX + 1] = "";
	json_t *messages = json_array(), *one;
	int64_t us = 0;
	size_t i;

	assert_int_equal(trace_part_take(part, limit, messages, &us, last), more);
	json_array_foreach(messages, i, one) snprintf(text + strlen(text),
	    sizeof(text) - strlen(text), "%s ", json_string_value(json_object_get(one, "id")));
	assert_string_equal(text, ids);
	json_decref(messages);
}

/* What came of the others must not show in the order: neither who of them was tried last, nor that
 * somebody was. */
static void test_order_is_of_what_is_shown(void **state)
{
	struct log_trace_question question = {.text = SLICE("b.example")};
	struct trace_page page = newest;
	struct trace_part *part = trace_part_create("domain:=b.example", &question, &page, 3);

	(void)state;
	/* As the log reader gives them, by whoever was tried last. */
	give(part, "AAAAAA", 10, 100, 900);
	give(part, "BBBBBB", 10, 300, 800);
	assert_false(trace_part_is_full(part, 800));
	give(part, "CCCCCC", 10, 700, 0);
	/* A fourth may still be newer than what is kept. */
	assert_false(trace_part_is_full(part, 700));
	give(part, "DDDDDD", 10, 200, 250);
	assert_false(trace_part_is_full(part, 250));
	assert_true(trace_part_is_full(part, 150));
	assert_page(part, 2, "CCCCCC BBBBBB ", true);
	trace_part_destroy(&part);

	/* The next page goes on where that one ended. */
	page = (struct trace_page){.shown_us = 300, .shown_id = "BBBBBB"};
	part = trace_part_create("domain:=b.example", &question, &page, 3);
	give(part, "AAAAAA", 10, 100, 900);
	give(part, "BBBBBB", 10, 300, 800);
	give(part, "CCCCCC", 10, 700, 0);
	give(part, "DDDDDD", 10, 200, 250);
	assert_page(part, 2, "DDDDDD AAAAAA ", false);
	trace_part_destroy(&part);

	/* By the sender: when it came, whoever was tried since. */
	question = (struct log_trace_question){.text = SLICE("anna@a.example"), .from_us = 15};
	page = newest;
	part = trace_part_create("domain:=b.example", &question, &page, 3);
	give(part, "AAAAAA", 20, 100, 900);
	give(part, "BBBBBB", 30, 40, 800);
	/* Only the others' part of it is as new as he wants. */
	give(part, "CCCCCC", 10, 50, 700);
	assert_page(part, 2, "BBBBBB AAAAAA ", false);
	trace_part_destroy(&part);
}

static void test_places(void **state)
{
	struct numbers *numbers = numbers_create();
	struct log_trace_place place;
	char text[120];

	(void)state;
	trace_part_place(NULL, message.last_us, "4bJk01z", text, sizeof(text));
	assert_string_equal(text, "1790000100000009-4bJk01z");
	assert_true(trace_part_read_place(NULL, slice_of(text), &place));
	assert_int_equal(place.last_us, message.last_us);
	trace_part_place(numbers, message.last_us, "4bJk01z", text, sizeof(text));
	assert_null(strstr(text, "1790000100"));
	assert_true(trace_part_read_place(numbers, slice_of(text), &place));
	assert_int_equal(place.last_us, message.last_us);
	assert_true(slice_is(place.id, "4bJk01z"));
	assert_false(trace_part_read_place(numbers, SLICE("1790000100000009-4bJk01z"), &place));
	assert_false(trace_part_read_place(numbers, SLICE("1.-a"), &place));
	assert_false(trace_part_read_place(numbers, SLICE(""), &place));
	assert_false(trace_part_read_place(NULL, SLICE("1"), &place));
	numbers_destroy(&numbers);
}

/* He brings it again, and must not read of whom it is. */
static void test_hidden_places(void **state)
{
	struct numbers *numbers = numbers_create(), *other = numbers_create();
	char text[TRACE_PART_HIDDEN_SIZE], again[TRACE_PART_HIDDEN_SIZE],
	    of_long[TRACE_PART_HIDDEN_SIZE];
	const struct trace_page page = {message.last_us, "4bJk01z", 300, "BBBBBB"},
				longer = {message.last_us + 1, "4jXMp05WMsz1bY2k", 0, ""};
	struct trace_page found;

	(void)state;
	trace_page_hide(numbers, &page, text);
	trace_page_hide(numbers, &page, again);
	assert_string_equal(text, again);
	trace_page_hide(numbers, &longer, of_long);
	assert_int_equal(strlen(of_long), strlen(text));
	assert_true(strlen(text) <= 300);
	assert_true(trace_page_find(numbers, slice_of(text), &found));
	assert_true(found.from_us == page.from_us && found.shown_us == page.shown_us);
	assert_string_equal(found.from_id, page.from_id);
	assert_string_equal(found.shown_id, page.shown_id);
	assert_false(trace_page_find(other, slice_of(text), &found));
	assert_false(trace_page_find(NULL, slice_of(text), &found));
	text[20] = text[20] == 'A' ? 'B' : 'A';
	assert_false(trace_page_find(numbers, slice_of(text), &found));
	assert_false(trace_page_find(numbers, SLICE("~"), &found));
	numbers_destroy(&numbers);
	numbers_destroy(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recipients),
	    cmocka_unit_test(test_of_another_sender),
	    cmocka_unit_test(test_found_by_what_is_shown),
	    cmocka_unit_test(test_order_is_of_what_is_shown),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_hidden_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
