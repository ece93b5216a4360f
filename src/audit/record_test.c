#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <sodium.h>

#include "audit/record.h"

/* A line of that entry behind `chain`. */
static struct slice line_of(
    struct buffer *out, const struct audit_entry *entry, unsigned char chain[AUDIT_CHAIN_SIZE])
{
	BUFFER_AUTO struct buffer members = {0};

	audit_record_members(&members, entry);
	buffer_clear(out);
	audit_record_line(out, 7, buffer_slice(&members), chain);
	assert_int_equal(out->data[out->len - 1], '\n');
	return slice_make(out->data, out->len - 1);
}

static void test_a_line_is_always_the_same(void **state)
{
	BUFFER_AUTO struct buffer out = {0};
	unsigned char chain[AUDIT_CHAIN_SIZE] = {0}, expected[AUDIT_CHAIN_SIZE];
	const struct audit_entry entry = {.action = AUDIT_JOB,
	    .at_us = 1769846400123456,
	    .who = SLICE("anna"),
	    .via = SLICE("socket"),
	    .uid = 1,
	    .job = 12,
	    .count = 34,
	    .outcome = SLICE("done"),
	    .status = 201,
	    .text = SLICE("a \"quote\"\n")};
	static const char bare[] =
	    "{\"n\":7,\"at\":\"2026-01-31T08:00:00.123Z\",\"action\":\"job\",\"who\":\"anna\","
	    "\"via\":\"socket\",\"uid\":0,\"job\":12,\"count\":34,\"outcome\":\"done\",\"status\":"
	    "201,"
	    "\"text\":\"a \\\"quote\\\"\\u000a\"";
	char hex[AUDIT_HEX_SIZE];
	unsigned char bytes[AUDIT_CHAIN_SIZE + sizeof(bare)] = {0};
	struct slice line = line_of(&out, &entry, chain);

	(void)state;
	if (!slice_starts_with(line, bare))
		fail_msg("%.*s", SLICE_ARGS(line));
	/* As the header says, so that others can prove it, too. */
	memcpy(bytes + AUDIT_CHAIN_SIZE, bare, sizeof(bare) - 1);
	crypto_generichash(expected, sizeof(expected), bytes, sizeof(bytes) - 1, NULL, 0);
	audit_hex(expected, hex);
	assert_memory_equal(expected, chain, sizeof(chain));
	assert_true(slice_find(line, slice_of(hex)) > 0);
}

static void test_there_and_back(void **state)
{
	BUFFER_AUTO struct buffer out = {0}, text = {0};
	unsigned char chain[AUDIT_CHAIN_SIZE] = {1}, zeros[AUDIT_CHAIN_SIZE] = {1};
	const struct audit_entry entry = {.action = AUDIT_CONTENT_READ,
	    .who = SLICE("b\xff\"\\"),
	    .scope = SLICE("domain:=a.example"),
	    .via = SLICE("token"),
	    .token = 12,
	    .owner = SLICE("otto"),
	    .message = SLICE("4Xabc"),
	    .reference = SLICE("00ff"),
	    .times = 3,
	    .own = SLICE("\"file\":2,\"after\":\"x\"")};
	struct slice line = line_of(&out, &entry, chain);
	struct audit_line ends;
	struct audit_parsed r;

	(void)state;
	assert_true(audit_line_read(line, &ends));
	assert_int_equal(ends.n, 7);
	assert_true(audit_line_follows(&ends, zeros));
	zeros[0] = 0;
	assert_false(audit_line_follows(&ends, zeros));
	assert_true(audit_record_read(line, &text, &r));
	assert_true(slice_is(r.who, "b\xef\xbf\xbd\"\\"));
	assert_true(slice_is(r.action, "content_read"));
	assert_true(slice_is(r.scope, "domain:=a.example"));
	assert_true(slice_is(r.owner, "otto"));
	assert_int_equal(r.token, 12);
	assert_true(slice_is(r.message, "4Xabc"));
	assert_true(slice_is(r.reference, "00ff"));
	assert_int_equal(r.times, 3);
	assert_int_equal(r.uid, -1);
	assert_int_equal(r.file, 2);
	assert_true(slice_is(r.after, "x"));
}

static void test_texts_are_cut(void **state)
{
	BUFFER_AUTO struct buffer out = {0};
	unsigned char chain[AUDIT_CHAIN_SIZE] = {0};
	static char many[100000];
	struct slice all;

	(void)state;
	/* What takes six bytes each. */
	memset(many, 1, sizeof(many));
	all = slice_make(many, sizeof(many));
	line_of(&out,
	    &(struct audit_entry){.who = all,
		.role = all,
		.scope = all,
		.via = all,
		.from = all,
		.object = all,
		.message = all,
		.filter = all,
		.outcome = all,
		.reference = all,
		.text = all},
	    chain);
	assert_true(out.len < AUDIT_LINE_MAX);
}

static void test_what_is_no_record(void **state)
{
	static const char *const lines[] = {"", "{}", "{\"n\":1}", "{\"n\":1,\"chain\":\"00\"}"};
	BUFFER_AUTO struct buffer out = {0}, text = {0};
	unsigned char chain[AUDIT_CHAIN_SIZE] = {0};
	struct slice line = line_of(&out, &(struct audit_entry){.action = AUDIT_JOB}, chain);
	struct audit_line ends;
	struct audit_parsed r;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(audit_line_read(slice_of(lines[i]), &ends));
	for (size_t len = 0; len < line.len; len++) {
		assert_false(audit_line_read(slice_first(line, len), &ends));
		assert_false(audit_record_read(slice_first(line, len), &text, &r));
	}
}

static void test_every_action_has_a_word(void **state)
{
	(void)state;
	for (enum audit_action a = AUDIT_NOTHING + 1; a < AUDIT_ACTIONS; a++) {
		enum audit_action back = AUDIT_NOTHING;

		assert_true(audit_action_name(a)[0] != '\0');
		assert_true(audit_action_parse(slice_of(audit_action_name(a)), &back));
		assert_int_equal(a, back);
	}
	assert_int_equal(audit_action_need(AUDIT_ACTIONS), AUDIT_NEEDS_WRITING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_line_is_always_the_same),
	    cmocka_unit_test(test_there_and_back),
	    cmocka_unit_test(test_texts_are_cut),
	    cmocka_unit_test(test_what_is_no_record),
	    cmocka_unit_test(test_every_action_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
