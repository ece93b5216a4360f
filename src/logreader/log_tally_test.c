#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "logreader/log_tally.h"

#define START INT64_C(1764496800) /* 2025-11-30T10:00:00Z */
#define TOLD_MAX 4096

/* What was told last of each minute. */
struct told {
	int64_t minute[TOLD_MAX];
	struct rate_counts sums[TOLD_MAX][RATE_KINDS];
	size_t count, tellings;
	int64_t quiet;
	char largest[RATES_KEY_MAX + 1]; /* sender of the last minute */
	uint32_t senders;
	uint64_t errors;
	struct rate_counts other;
	struct rate_sums minutes[TOLD_MAX];
};

struct world {
	struct log_tally *tally;
	struct log_clock clock;
	struct told told;
};

static void on_minute(void *context, const struct log_tally_minute *minute)
{
	struct told *told = context;
	const struct rate_entry *largest;
	size_t at = 0;

	while (at < told->count && told->minute[at] != minute->minute)
		at++;
	assert_true(at < TOLD_MAX && minute->minute % 60 == 0 && minute->quiet <= minute->minute);
	told->count += at == told->count;
	told->minute[at] = minute->minute;
	told->tellings++;
	told->quiet = minute->quiet;
	told->minutes[at] = *minute->sums;
	for (int kind = 0; kind < RATE_KINDS; kind++) {
		struct rate_counts *sum = &told->sums[at][kind];

		*sum = minute->kinds[kind].other;
		for (uint32_t i = 0; i < minute->kinds[kind].count; i++)
			rate_counts_add(sum, &minute->kinds[kind].entries[i].counts);
	}
	if (rate_table_largest(&minute->kinds[RATE_SENDER], RATE_RECEIVED, 1, &largest) == 1)
		snprintf(told->largest, sizeof(told->largest), "%.*s", (int)largest->key_len,
		    largest->key);
	told->senders = minute->kinds[RATE_SENDER].count;
	told->other = minute->kinds[RATE_LOGIN].other;
}

static int set_up(void **state)
{
	static struct world w;

	w = (struct world){.clock = {.reference_s = START}};
	w.tally = log_tally_create(on_minute, &w.told);
	log_tally_set_instance(w.tally, SLICE("postfix"));
	log_tally_clock(w.tally, START + 40 * 86400);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	log_tally_destroy(&w->tally);
	log_tally_destroy(&w->tally);
	return 0;
}

/* A line at START and so many seconds. */
static __attribute__((format(printf, 4, 5))) void say(
    struct world *w, int64_t second, const char *program, const char *format, ...)
{
	BUFFER_AUTO struct buffer text = {0}, scratch = {0};
	char time[CLOCK_RFC3339_SIZE], rest[2048];
	struct log_line line;
	va_list args;

	va_start(args, format);
	vsnprintf(rest, sizeof(rest), format, args);
	va_end(args);
	clock_rfc3339(START + second, time);
	buffer_printf(&text, "%s mail %s[1]: %s", time, program, rest);
	assert_true(log_line_parse(buffer_slice(&text), &w->clock, &scratch, &line));
	log_tally_line(w->tally, &line);
}

/* Over all that was told. */
static uint32_t sum(const struct world *w, enum rate_kind kind, enum rate_result result)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < w->told.count; i++)
		sum += w->told.sums[i][kind].n[result];
	return sum;
}

static void end(struct world *w, int64_t second)
{
	log_tally_clock(w->tally, START + second);
	log_tally_flush(w->tally);
}

static void arrive(struct world *w, int64_t second, const char *id, const char *login)
{
	say(w, second, "postfix/smtpd",
	    "%s: client=pc.example[192.0.2.7], sasl_method=PLAIN, sasl_username=%s", id, login);
	say(w, second, "postfix/cleanup", "%s: message-id=<%s@example.com>", id, id);
}

static void take_up(
    struct world *w, int64_t second, const char *id, const char *sender, unsigned nrcpt)
{
	say(w, second, "postfix/qmgr", "%s: from=<%s>, size=100, nrcpt=%u (queue active)", id,
	    sender, nrcpt);
}

static void attempt(struct world *w, int64_t second, const char *id, const char *to,
    const char *status, const char *reason)
{
	say(w, second, "postfix/smtp",
	    "%s: to=<%s>, relay=mx.there.example[198.51.100.1]:25, delay=1, delays=0/0/0/1, "
	    "dsn=4.0.0, status=%s (%s)",
	    id, to, status, reason);
}

static void test_a_message_with_its_life(void **state)
{
	struct world *w = *state;

	arrive(w, 0, "AAAAAAAAA1", "info");
	take_up(w, 1, "AAAAAAAAA1", "a@here.example", 2);
	attempt(w, 2, "AAAAAAAAA1", "b@There.example", "sent", "250 2.0.0 Ok");
	attempt(w, 2, "AAAAAAAAA1", "c@there.example", "deferred",
	    "host mx.there.example[198.51.100.1] said: 450 4.2.0 Greylisted (in reply to RCPT TO "
	    "command)");
	/* Tried again: not received again. */
	take_up(w, 400, "AAAAAAAAA1", "a@here.example", 2);
	attempt(w, 401, "AAAAAAAAA1", "c@there.example", "bounced",
	    "host mx.there.example[198.51.100.1] said: 550 5.1.1 User unknown");
	say(w, 401, "postfix/qmgr", "AAAAAAAAA1: removed");
	end(w, 600);
	for (enum rate_kind kind = RATE_TOTAL; kind < RATE_KINDS; kind++) {
		bool at_arrival = kind == RATE_TOTAL || kind >= RATE_LOGIN;

		assert_int_equal(sum(w, kind, RATE_RECEIVED), at_arrival ? 2 : 0);
		assert_int_equal(sum(w, kind, RATE_DELIVERED), kind != RATE_CAUSE);
		assert_int_equal(sum(w, kind, RATE_DEFERRED), 1);
		assert_int_equal(sum(w, kind, RATE_BOUNCED), 1);
		assert_int_equal(sum(w, kind, RATE_EXPIRED), 0);
	}
	assert_string_equal(w->told.largest, "a@here.example");
}

/* By the way that each came in, and how long each recipient took. */
static void test_ways_and_delays(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *id, *delay;
		unsigned bucket;
	} ways[] = {
	    {"AAAAAAAAA1", "0.5", 0}, {"AAAAAAAAA2", "0.51", 1}, {"AAAAAAAAA3", "500000", 12}};
	const struct rate_sums *sums = &w->told.minutes[0];

	arrive(w, 0, ways[0].id, "info");
	say(w, 0, "postfix/pickup", "%s: uid=1000 from=<a>", ways[1].id);
	say(w, 0, "postfix/cleanup", "%s: message-id=<x@here.example>", ways[1].id);
	say(w, 0, "postfix/cleanup", "%s: message-id=<y@here.example>", ways[2].id);
	for (int i = 0; i < 3; i++) {
		take_up(w, 1, ways[i].id, "a@here.example", 2);
		for (int recipient = 0; recipient < 2; recipient++)
			say(w, 2, "postfix/smtp",
			    "%s: to=<%d@there.example>, relay=mx.there.example[198.51.100.1]:25, "
			    "delay=%s, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)",
			    ways[i].id, recipient, ways[i].delay);
		/* Tried again, and received once. */
		take_up(w, 3, ways[i].id, "a@here.example", 2);
	}
	/* What did not arrive has no delay. */
	attempt(w, 3, ways[0].id, "c@there.example", "deferred", "timeout");
	end(w, 600);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sums->messages[i], 1);
		assert_int_equal(sums->delays[ways[i].bucket], 2);
	}
	assert_int_equal(sums->delay_ms, 2 * (500 + 510 + 500000000));
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 6);
}

static void test_expiry(void **state)
{
	struct world *w = *state;

	arrive(w, 0, "AAAAAAAAA1", "info");
	take_up(w, 1, "AAAAAAAAA1", "a@here.example", 3);
	for (int i = 0; i < 3; i++) {
		attempt(w, 2, "AAAAAAAAA1", i < 2 ? "b@there.example" : "c@other.example",
		    "deferred", "connect to mx.there.example[198.51.100.1]:25: Connection refused");
	}
	say(w, 3, "postfix/qmgr",
	    "AAAAAAAAA1: from=<a@here.example>, status=expired, returned to sender");
	/* One of which nothing is known. */
	say(w, 4, "postfix/qmgr",
	    "AAAAAAAAA2: from=<a@here.example>, status=force-expired, returned to sender");
	end(w, 600);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_EXPIRED), 4);
	assert_int_equal(sum(w, RATE_LOGIN, RATE_EXPIRED), 3);
	assert_int_equal(sum(w, RATE_DOMAIN, RATE_EXPIRED), 2);
	assert_int_equal(sum(w, RATE_CAUSE, RATE_EXPIRED), 2);
}

static void test_requeue_filter_and_notice(void **state)
{
	struct world *w = *state;

	arrive(w, 0, "AAAAAAAAA1", "info");
	take_up(w, 1, "AAAAAAAAA1", "a@here.example", 5);
	say(w, 2, "postfix/postsuper", "AAAAAAAAA1: requeued");
	say(w, 3, "postfix/pickup", "AAAAAAAAA2: uid=0 from=<a@here.example> orig_id=AAAAAAAAA1");
	say(w, 3, "postfix/cleanup", "AAAAAAAAA2: message-id=<x@example.com>");
	take_up(w, 4, "AAAAAAAAA2", "a@here.example", 5);
	end(w, 300);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_RECEIVED), 5);
	/* Through a filter that passes the ID on, and says where the message went. */
	say(w, 310, "postfix/smtpd",
	    "AAAAAAAAA3: client=localhost[127.0.0.1], orig_queue_id=AAAAAAAAA2, "
	    "orig_client=pc.example[192.0.2.7]");
	say(w, 310, "postfix/cleanup", "AAAAAAAAA3: message-id=<x@example.com>");
	take_up(w, 310, "AAAAAAAAA3", "a@here.example", 1);
	say(w, 311, "postfix/smtp",
	    "AAAAAAAAA2: to=<b@there.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
	    "delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): "
	    "250 "
	    "2.0.0 Ok: queued as AAAAAAAAA3)");
	attempt(w, 312, "AAAAAAAAA3", "b@there.example", "sent", "250 2.0.0 Ok: queued as 4XYZ");
	end(w, 600);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_RECEIVED), 5);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 1);
	assert_int_equal(sum(w, RATE_LOGIN, RATE_DELIVERED), 1);
	/* A notice: cleanup's line is its first; its sender is the null sender. */
	say(w, 610, "postfix/cleanup", "AAAAAAAAA4: message-id=<n@here.example>");
	take_up(w, 610, "AAAAAAAAA4", "", 1);
	end(w, 900);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_RECEIVED), 6);
	assert_string_equal(w->told.largest, "<>");
}

/* A stranger's server answers an innocent login's mail with the ID of what the stranger sends: the
 * innocent is not blamed for what becomes of that. A filter on this host is believed. */
static void test_a_reply_that_names_the_mail_of_others(void **state)
{
	static const struct {
		const char *relay, *client;
		uint32_t blamed;
	} cases[] = {
	    {"mx.evil.example[198.51.100.66]:25", "evil[198.51.100.67]", 0},
	    {"filter.example[192.0.2.20]:25", "filter.example[192.0.2.20]", 9},
	    {"127.0.0.1[127.0.0.1]:10024", "here.example[192.0.2.1]", 9},
	    {"here.example[private/filter]", "localhost[127.0.0.1]", 9},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w->told = (struct told){0};
		log_tally_reset(w->tally, START);
		arrive(w, 0, "AAAAAAAAA1", "info");
		take_up(w, 1, "AAAAAAAAA1", "a@here.example", 1);
		say(w, 2, "postfix/smtpd", "BBBBBBBBB1: client=%s", cases[i].client);
		take_up(w, 2, "BBBBBBBBB1", "a@here.example", 9);
		say(w, 3, "postfix/smtp",
		    "AAAAAAAAA1: to=<x@evil.example>, relay=%s, delay=1, delays=0/0/0/1, "
		    "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as BBBBBBBBB1)",
		    cases[i].relay);
		for (int r = 0; r < 9; r++)
			attempt(w, 4, "BBBBBBBBB1", "b@there.example", "bounced", "550 no");
		end(w, 300);
		assert_int_equal(sum(w, RATE_TOTAL, RATE_BOUNCED), 9);
		assert_int_equal(sum(w, RATE_LOGIN, RATE_BOUNCED), cases[i].blamed);
	}
}

/* A log that begins in the middle: what was there before is not received now. */
static void test_what_began_before_the_log(void **state)
{
	struct world *w = *state;

	take_up(w, 0, "AAAAAAAAA1", "a@here.example", 5);
	attempt(w, 1, "AAAAAAAAA1", "b@there.example", "deferred", "conversation timed out");
	say(w, 2, "postfix/pickup", "AAAAAAAAA3: uid=0 from=<a@here.example> orig_id=AAAAAAAAA2");
	take_up(w, 3, "AAAAAAAAA3", "a@here.example", 5);
	end(w, 300);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_RECEIVED), 0);
	assert_int_equal(sum(w, RATE_SENDER, RATE_DEFERRED), 1);
}

static void test_two_instances(void **state)
{
	struct world *w = *state;

	/* The other one's. */
	say(w, 0, "postfix-out/smtpd", "BBBBBBBBB1: client=x[192.0.2.9]");
	say(w, 0, "postfix-out/qmgr",
	    "BBBBBBBBB1: from=<x@y.example>, size=1, nrcpt=7 (queue active)");
	say(w, 1, "postfix-out/smtp",
	    "BBBBBBBBB1: to=<b@there.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, "
	    "status=deferred (x)");
	say(w, 2, "postfix-out/qmgr", "BBBBBBBBB1: removed");
	/* Ours, by services with names of their own. */
	say(w, 3, "postfix-submission/smtpd",
	    "AAAAAAAAA1: client=x[192.0.2.9], sasl_method=PLAIN, sasl_username=info");
	take_up(w, 4, "AAAAAAAAA1", "a@here.example", 2);
	say(w, 5, "slow/smtp",
	    "AAAAAAAAA1: to=<b@there.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, "
	    "status=deferred (x)");
	end(w, 300);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_RECEIVED), 2);
	assert_int_equal(sum(w, RATE_LOGIN, RATE_RECEIVED), 2);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DEFERRED), 1);
}

/* The same lines again: the same minutes. Late lines: the minute again, whole. */
static void test_told_again(void **state)
{
	struct world *w = *state;

	for (int again = 0; again < 2; again++) {
		log_tally_reset(w->tally, START);
		for (int i = 0; i < 600; i++)
			attempt(w, i, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
		end(w, 700);
		assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 600);
	}
	attempt(w, 590, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	end(w, 701);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 600); /* not at once */
	end(w, 720);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 601);
	attempt(w, 10, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok"); /* too late */
	assert_int_equal(log_tally_left_out(w->tally), 1);
	/* From a time on. */
	w->told = (struct told){0};
	log_tally_reset(w->tally, START + 300);
	for (int i = 0; i < 600; i++)
		attempt(w, i, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	end(w, 700);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 300);
}

static void test_quiet_minutes(void **state)
{
	struct world *w = *state;

	attempt(w, 0, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	attempt(w, 3600, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	end(w, 3660 + LOG_TALLY_GRACE);
	assert_int_equal(w->told.count, 2);
	assert_int_equal(w->told.quiet, START + 60);
	/* Nothing is logged: told all the same. */
	end(w, 7200 + LOG_TALLY_GRACE);
	assert_int_equal(w->told.minute[w->told.count - 1], START + 7140);
	assert_int_equal(w->told.quiet, START + 3660);
	/* A line for one of those minutes. */
	attempt(w, 7000, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	end(w, 7300);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 3);
	/* Longer than anybody can know. */
	attempt(w, 20 * 86400, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	log_tally_clock(w->tally, START + 21 * 86400);
	attempt(w, 20 * 86400, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	attempt(w, 20 * 86400 + 600, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	assert_int_equal(w->told.quiet, START + 20 * 86400);
}

static void test_clocks_that_step(void **state)
{
	struct world *w = *state;
	int64_t year = 365 * 86400;

	end(w, 100);
	attempt(
	    w, 86400, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok"); /* ahead of the clock */
	attempt(w, 0, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	assert_int_equal(log_tally_newest(w->tally), START);
	/* The log jumps back: some lines are lost, and then it goes on from there. */
	for (int i = 0; i < 2 * LOG_TALLY_JUMP; i++)
		attempt(w, i / 100 - year, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	assert_true(log_tally_newest(w->tally) < START - year + 60);
	assert_int_equal(log_tally_left_out(w->tally), LOG_TALLY_JUMP);
	attempt(w, 60, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	/* The clock is set back: at once. */
	end(w, 1000 - year);
	attempt(w, 1000 - year, "AAAAAAAAA1", "b@there.example", "sent", "250 Ok");
	end(w, 1100 - year);
	assert_int_equal(log_tally_newest(w->tally), START - year + 1020);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), LOG_TALLY_JUMP + 4);
}

static void test_too_many_senders_and_a_long_login(void **state)
{
	struct world *w = *state;
	static char login[1024];
	size_t memory;

	memset(login, 'x', sizeof(login) - 1);
	for (int minute = 0; minute < 10; minute++) {
		for (unsigned i = 0; i < 10000; i++) {
			char id[32], sender[64];

			snprintf(id, sizeof(id), "A%09X", (unsigned)minute * 10000 + i);
			snprintf(sender, sizeof(sender), "u%u@m%d.example", i, minute);
			arrive(w, minute * 60, id, i == 0 ? login : "info");
			take_up(w, minute * 60, id, i % 2 ? sender : "flood@here.example", 1);
		}
	}
	memory = log_tally_memory(w->tally);
	end(w, 603);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_RECEIVED), 100000);
	assert_int_equal(sum(w, RATE_SENDER, RATE_RECEIVED), 100000);
	assert_int_equal(w->told.senders, LOG_TALLY_KEYS);
	assert_string_equal(w->told.largest, "flood@here.example");
	assert_int_equal(w->told.other.n[RATE_RECEIVED], 1); /* the login of a kilobyte */
	assert_true(memory < (size_t)40 << 20);
}

/* More messages than are remembered: those told of longest ago are forgotten. */
static void test_too_many_messages(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i <= LOG_TALLY_MESSAGES; i++) {
		char id[32];

		snprintf(id, sizeof(id), "A%09X", i);
		say(w, 0, "postfix/smtpd",
		    "%s: client=pc.example[192.0.2.7], sasl_method=PLAIN, sasl_username=u%u", id,
		    i);
		take_up(w, 0, id, "a@here.example", 1);
	}
	attempt(w, 1, "A000000000", "b@there.example", "sent", "250 Ok");
	attempt(w, 1, "A000040000", "b@there.example", "sent", "250 Ok");
	assert_true(log_tally_memory(w->tally) < (size_t)48 << 20);
	end(w, 300);
	assert_int_equal(sum(w, RATE_TOTAL, RATE_DELIVERED), 2);
	assert_int_equal(sum(w, RATE_LOGIN, RATE_DELIVERED), 1);
}

static unsigned times_of(struct world *w, bool message_id, const char *sender)
{
	struct log_repeat found[2 * LOG_REPEATS_TOLD];
	size_t count = log_tally_repeats(w->tally, found);

	for (size_t i = 0; i < count; i++)
		if (found[i].message_id == message_id && slice_is(found[i].sender, sender))
			return found[i].times;
	return 0;
}

static void come_again(struct world *w, int64_t second, const char *id)
{
	say(w, second, "postfix/smtpd", "%s: client=pc.example[192.0.2.7]", id);
	say(w, second, "postfix/cleanup", "%s: message-id=<4711@shop.example>", id);
	take_up(w, second, id, "a@shop.example", 1);
	say(w, second, "postfix/smtp",
	    "%s: to=<b@inner.example>, orig_to=<b@office.example>, "
	    "relay=mx.there.example[198.51.100.1]:25, "
	    "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)",
	    id);
}

static void test_what_comes_again_and_again(void **state)
{
	struct world *w = *state;
	struct log_repeat found[2 * LOG_REPEATS_TOLD];

	for (int i = 0; i < 8; i++) {
		char id[24];
		snprintf(id, sizeof(id), "A00000%d", i);
		come_again(w, i, id);
		/* Neither a retry, nor a re-queue, nor a filter that gives it back is another one.
		 */
		snprintf(id, sizeof(id), "B00000%d", i);
		arrive(w, i, id, "anna");
		take_up(w, i, id, "r@shop.example", 1);
		attempt(w, i, id, "c@there.example", "deferred", "connect to x: refused");
		for (int retry = 0; retry < 9; retry++) {
			take_up(w, i, id, "r@shop.example", 1);
			attempt(w, i, id, "c@there.example", "deferred", "connect to x: refused");
		}
	}
	assert_int_equal(log_tally_repeats(w->tally, found), 3);
	assert_true(slice_is(found[0].text, "<4711@shop.example>"));
	assert_true(slice_is(found[1].text, "b@office.example") ||
		    slice_is(found[2].text, "b@office.example"));
	assert_int_equal(times_of(w, true, "a@shop.example"), 8);
	assert_int_equal(times_of(w, false, "a@shop.example"), 8);
	assert_int_equal(times_of(w, true, "r@shop.example"), 0);
	assert_int_equal(times_of(w, false, "r@shop.example"), 8);
	log_tally_reset(w->tally, START);
	assert_int_equal(log_tally_repeats(w->tally, found), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_message_with_its_life),
	    TEST(test_ways_and_delays),
	    TEST(test_expiry),
	    TEST(test_requeue_filter_and_notice),
	    TEST(test_a_reply_that_names_the_mail_of_others),
	    TEST(test_what_began_before_the_log),
	    TEST(test_two_instances),
	    TEST(test_told_again),
	    TEST(test_quiet_minutes),
	    TEST(test_clocks_that_step),
	    TEST(test_too_many_senders_and_a_long_login),
	    TEST(test_too_many_messages),
	    TEST(test_what_comes_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
