#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "jobs/preview.h"
#include "jobs/selection.h"
#include "jobs/standing.h"

static bool has(const struct preview *p, const char *code, int64_t count)
{
	for (size_t i = 0; i < p->warning_count; i++)
		if (strcmp(p->warning[i].code, code) == 0)
			return p->warning[i].count == count;
	return false;
}

static void test_preview(void **state)
{
	struct selection *s = selection_create();
	struct target t = {.id = SLICE("ABCDEF1"),
	    .queue = QUEUE_HOLD,
	    .arrival = 100,
	    .created = 100,
	    .size = 10,
	    .sender = SLICE("a@shop.example")};
	struct preview_facts facts = {.now = 1000,
	    .maximal_lifetime = 500,
	    .bounce_lifetime = 5000,
	    .postfix_version = 307,
	    .undo_seconds = 30};
	struct preview p;
	struct error err;

	(void)state;
	assert_true(selection_add(s, &t));
	assert_false(selection_add(s, &t)); /* once each */
	t.id = SLICE("ABCDEF2");
	t.queue = QUEUE_ACTIVE;
	t.sender = SLICE("");
	selection_add(s, &t);
	t.id = SLICE("ABCDEF3");
	t.queue = QUEUE_MAILDROP;
	selection_add(s, &t);
	selection_add_missing(s, SLICE("ABCDEF4"));
	assert_true(preview_make(JOB_RELEASE, s, &facts, &p, &err));
	assert_int_equal(p.matched, 3);
	assert_int_equal(p.bytes, 30);
	assert_true(has(&p, "held_long", 1) && has(&p, "not_held", 2) && has(&p, "not_found", 1));
	assert_true(preview_make(JOB_DELETE, s, &facts, &p, &err));
	assert_true(
	    has(&p, "maildrop", 1) && has(&p, "active_now", 1) && has(&p, "already_held", 1));
	assert_int_equal(p.command_count, 2);
	assert_true(preview_make(JOB_BOUNCE, s, &facts, &p, &err));
	assert_true(has(&p, "null_sender", 2) && has(&p, "on_hold", 1));
	facts.postfix_version = 304;
	assert_false(preview_make(JOB_BOUNCE, s, &facts, &p, &err));
	assert_string_equal(err.code, "unsupported_by_postfix");
	assert_int_equal(preview_parse_version("3.10.2"), 310);
	assert_int_equal(preview_parse_version(""), 0);
	selection_destroy(&s);
}

static void test_standing(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct standing then = {.queue = {[QUEUE_DEFERRED] = 400, [QUEUE_HOLD] = 3}}, now = then,
			read;
	static const char *const bad[] = {"", "1", "1.0.0.0.400.3", "1.0.0.0.400.3.0.0",
	    "2.0.0.0.400.3.0", "1.0.0.0.-4.3.0", "1.0.0.0.99999999999.3.0", "1.0.0.0..3.0", "x"};
	struct error err;

	(void)state;
	standing_write(&then, &text);
	assert_true(standing_read(buffer_slice(&text), &read, &err));
	assert_memory_equal(&read, &then, sizeof(then));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(standing_read(slice_of(bad[i]), &read, &err));
		assert_string_equal(err.code, "invalid_value");
	}
	/* Some went into delivery, some left: one in twenty of 403 is 20. */
	now.queue[QUEUE_DEFERRED] -= 20;
	now.queue[QUEUE_ACTIVE] += 15;
	assert_int_equal(standing_moved(&then, &now), 20);
	assert_false(standing_outdated(&then, &now));
	now.queue[QUEUE_HOLD]--;
	assert_int_equal(standing_moved(&then, &now), 21);
	assert_true(standing_outdated(&then, &now));
	/* Of a few, some may go without a question. */
	then = (struct standing){.queue = {[QUEUE_DEFERRED] = 10}};
	now = (struct standing){0};
	assert_false(standing_outdated(&then, &now));
	then.queue[QUEUE_DEFERRED] = 11;
	assert_true(standing_outdated(&then, &now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_preview), cmocka_unit_test(test_standing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
