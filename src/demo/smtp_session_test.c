#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "demo/smtp_session.h"

struct fixture {
	struct smtp_session_seen *seen;
	struct smtp_session s;
};

static struct fixture begin(const char *domain)
{
	struct fixture f = {.seen = memory_zero(1, sizeof(*f.seen))};

	smtp_session_start(&f.s, world_find(domain), f.seen, 0);
	return f;
}

static void end(struct fixture *f)
{
	smtp_session_free(&f->s);
	free(f->seen);
}

static bool says(struct fixture *f, const char *line, int64_t now, const char *expected)
{
	bool found;

	buffer_clear(&f->s.replies);
	smtp_session_line(&f->s, slice_of(line), now);
	found = slice_find(buffer_slice(&f->s.replies), slice_of(expected)) >= 0;
	return found;
}

static void accepts_a_message(void **state)
{
	struct fixture f = begin("customer.example");

	assert_true(slice_starts_with(buffer_slice(&f.s.replies), "220 mx.customer.example"));
	assert_true(says(&f, "EHLO x", 0, "250 SMTPUTF8"));
	assert_true(says(&f, "MAIL FROM:<a@b.example>", 0, "250 2.1.0"));
	assert_true(says(&f, "RCPT TO:<c@customer.example>", 0, "250 2.1.5"));
	assert_true(says(&f, "DATA", 0, "354"));
	assert_false(says(&f, "RCPT TO:<not a command here>", 0, "2"));
	assert_true(says(&f, ".", 0, "queued as"));
	assert_true(says(&f, "QUIT", 0, "221"));
	assert_true(f.s.closing);
	end(&f);
}

static void greylists_for_a_time(void **state)
{
	struct fixture f = begin("university.example");

	assert_true(
	    says(&f, "RCPT TO:<a@university.example>", 0, "450 4.2.0 <a@university.example>"));
	assert_true(says(&f, "RCPT TO:<a@university.example>", 200000, "450 4.2.0"));
	assert_true(says(&f, "RCPT TO:<b@university.example>", 200000, "450 4.2.0"));
	assert_true(says(&f, "RCPT TO:<a@university.example>", 241000, "250 2.1.5"));
	end(&f);
}

static void comes_back_while_one_watches(void **state)
{
	struct fixture f = begin("shop.example");

	assert_true(says(&f, "RCPT TO:<a@shop.example>", 299000, "450 4.3.2"));
	assert_true(says(&f, "RCPT TO:<a@shop.example>", 300000, "250 2.1.5"));
	assert_true(says(&f, "RCPT TO:<b@shop.example>", 300000, "250 2.1.5"));
	end(&f);
}

static void remembers_only_so_many(void **state)
{
	struct fixture f = begin("university.example");
	char line[64];

	for (int i = 0; i < SMTP_SESSION_SEEN_MAX * 2; i++) {
		snprintf(line, sizeof(line), "RCPT TO:<u%d@university.example>", i);
		assert_true(says(&f, line, 0, "450"));
	}
	end(&f);
}

static void hangs_up_with_421(void **state)
{
	struct fixture f = begin("bigmail.example");
	bool limited = false;

	for (int i = 0; i < 100 && !limited; i++)
		limited = says(&f, "MAIL FROM:<a@b.example>", 0, "421 4.7.28");
	assert_true(limited);
	assert_true(f.s.closing);
	assert_null(memmem(f.s.replies.data, f.s.replies.len, "{id}", 4));
	end(&f);
}

static void keeps_the_archive_waiting(void **state)
{
	struct fixture f = begin("archive.example");

	smtp_session_line(&f.s, SLICE("DATA"), 1000);
	smtp_session_line(&f.s, SLICE("."), 1000);
	assert_int_equal(f.s.hold_until, 121000);
	end(&f);
}

static void a_silent_host_says_nothing(void **state)
{
	struct fixture f = begin("tired.example");

	smtp_session_line(&f.s, SLICE("EHLO x"), 0);
	assert_int_equal(f.s.replies.len, 0);
	end(&f);
}

static void odd_lines_are_answered(void **state)
{
	struct fixture f = begin("clinic.example");

	assert_true(says(&f, "", 0, "502"));
	assert_true(says(&f, "RCPT TO:nobody", 0, "5"));
	end(&f);
}

/* Every rule and every destination belongs together, and each answer is one that SMTP knows. */
static void the_tables_agree(void **state)
{
	size_t count;
	const struct world_rule *rules = world_rules(&count);

	for (size_t i = 0; i < count; i++) {
		const struct world_host *host = world_find(rules[i].domain);
		assert_non_null(host);
		assert_int_equal(host->kind, WORLD_ANSWERS);
		assert_in_range(rules[i].share, 1, 100);
		assert_non_null(strchr("245", rules[i].reply[0]));
	}
	assert_null(world_find("unknown.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accepts_a_message),
	    cmocka_unit_test(greylists_for_a_time),
	    cmocka_unit_test(comes_back_while_one_watches),
	    cmocka_unit_test(remembers_only_so_many),
	    cmocka_unit_test(hangs_up_with_421),
	    cmocka_unit_test(keeps_the_archive_waiting),
	    cmocka_unit_test(a_silent_host_says_nothing),
	    cmocka_unit_test(odd_lines_are_answered),
	    cmocka_unit_test(the_tables_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
