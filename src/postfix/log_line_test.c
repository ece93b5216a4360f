#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "postfix/log_line.h"

#define ASSERT_TEXT(slice, text)                                                                   \
	do {                                                                                       \
		assert_int_equal((slice).len, strlen(text));                                       \
		assert_memory_equal((slice).data, text, strlen(text));                             \
	} while (0)

/* 2026-11-22T12:00:00Z */
#define REFERENCE 1795348800

static struct buffer scratch;

static bool parse(const char *text, struct log_line *line)
{
	struct log_clock clock = {.reference_s = REFERENCE};

	return log_line_parse(slice_of(text), &clock, &scratch, line);
}

static void test_delivery_line(void **state)
{
	struct log_line line;

	(void)state;
	assert_true(parse(
	    "Nov 22 08:00:01 mx1 postfix/smtp[25411]: 9DF7EAB8090: to=<bob@grey.test>, "
	    "orig_to=<alias@grey.test>, relay=127.0.0.1[127.0.0.1]:3101, conn_use=2, delay=92187, "
	    "delays=92106/79/2/0.21, tls=encrypted, dsn=4.2.0, status=deferred (host a said: 450 "
	    "4.2.0 wait (a, b) (in reply to RCPT TO command))",
	    &line));
	assert_int_equal(line.time_us, (REFERENCE - 4 * 3600 + 1) * INT64_C(1000000));
	ASSERT_TEXT(line.host, "mx1");
	ASSERT_TEXT(line.instance, "postfix");
	ASSERT_TEXT(line.process, "smtp");
	assert_int_equal(line.pid, 25411);
	ASSERT_TEXT(line.id, "9DF7EAB8090");
	assert_int_equal(line.event, LOG_EVENT_DELIVERY);
	ASSERT_TEXT(line.address, "bob@grey.test");
	ASSERT_TEXT(line.orig_to, "alias@grey.test");
	ASSERT_TEXT(line.relay, "127.0.0.1[127.0.0.1]:3101");
	assert_int_equal(line.delay_ms, 92187000);
	assert_int_equal(line.delays_ms[0], 92106000);
	assert_int_equal(line.delays_ms[2], 2000);
	assert_int_equal(line.delays_ms[3], 210);
	ASSERT_TEXT(line.tls, "encrypted");
	ASSERT_TEXT(line.dsn, "4.2.0");
	ASSERT_TEXT(line.status, "deferred");
	ASSERT_TEXT(
	    line.reason, "host a said: 450 4.2.0 wait (a, b) (in reply to RCPT TO command)");
}

static void test_addresses_that_look_like_fields(void **state)
{
	struct log_line line;

	(void)state;
	assert_true(parse(
	    "Nov 22 08:00:01 m postfix/smtp[1]: ABCDEF01: to=<\"x>, relay=evil, delay=1\"@a.test>, "
	    "relay=none, delay=0.5, delays=0/0/0/0, dsn=4.4.1, status=deferred (no)",
	    &line));
	ASSERT_TEXT(line.address, "\"x>, relay=evil, delay=1\"@a.test");
	ASSERT_TEXT(line.relay, "none");
	/* 3.4 logs a local part without its quotes. */
	assert_true(parse("Nov 22 08:00:01 m postfix/smtp[1]: ABCDEF01: to=<a > b@a.test>, "
			  "relay=none, delay=0.5, delays=0/0/0/0, dsn=4.4.1, status=deferred (no)",
	    &line));
	ASSERT_TEXT(line.address, "a > b@a.test");
	assert_true(parse("Nov 22 08:00:01 m postfix/qmgr[1]: ABCDEF01: from=<>, size=408, nrcpt=1 "
			  "(queue active)",
	    &line));
	assert_int_equal(line.event, LOG_EVENT_ACTIVE);
	ASSERT_TEXT(line.address, "");
	assert_int_equal(line.size, 408);
	assert_int_equal(line.recipients, 1);
}

static void test_cut_line_keeps_its_reason(void **state)
{
	struct log_line line;

	(void)state;
	assert_true(parse(
	    "Nov 22 08:00:01 m postfix/smtp[1]: ABCDEF01: to=<a@a.test>, relay=none, delay=0.5, "
	    "delays=0/0/0/0, dsn=4.4.1, status=deferred (a reason that was cu",
	    &line));
	ASSERT_TEXT(line.reason, "a reason that was cu");
	assert_true(parse(
	    "Nov 22 08:00:01 m postfix/smtp[1]: ABCDEF01: to=<a@a.test>, relay=none, del", &line));
	assert_int_equal(line.event, LOG_EVENT_NONE);
	ASSERT_TEXT(line.id, "ABCDEF01");
	ASSERT_TEXT(line.address, "");
}

/* What a stranger says in AUTH= names nobody, and no other message. */
static void test_a_strangers_auth(void **state)
{
	static const struct {
		const char *fields, *login;
	} rows[] = {
	    {"sasl_sender=<a, sasl_username=ann, b>", ""},
	    {"sasl_sender=<a, orig_queue_id=ABCDEF99, orig_client=d.test[192.0.2.2]", ""},
	    {"sasl_method=PLAIN, sasl_username=u, sasl_sender=<a, sasl_username=ann, b>", "u"},
	    {"sasl_method=PLAIN, sasl_username=u, sasl_username=ann", "u"},
	};
	struct log_line line;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		BUFFER_AUTO struct buffer text = {0};

		buffer_printf(&text,
		    "Nov 22 08:00:01 m postfix/smtpd[1]: ABCDEF01: client=c.test[192.0.2.1], %s",
		    rows[i].fields);
		assert_true(parse(buffer_string(&text), &line));
		assert_int_equal(line.event, LOG_EVENT_CLIENT);
		ASSERT_TEXT(line.relay, "c.test[192.0.2.1]");
		ASSERT_TEXT(line.status, rows[i].login);
		ASSERT_TEXT(line.other_id, "");
	}
}

/* As Postfix 3.4 logs the address "ann@x.test>, size=1, nrcpt=9999 (queue active)"@evil.test. */
static void test_a_sender_that_looks_like_fields(void **state)
{
	struct log_line line;

	(void)state;
	assert_true(parse("Nov 22 08:00:01 m postfix/qmgr[1]: ABCDEF01: from=<ann@x.test>, size=1, "
			  "nrcpt=9999 (queue active)@evil.test>, size=300, nrcpt=1 (queue active)",
	    &line));
	assert_int_equal(line.event, LOG_EVENT_ACTIVE);
	assert_int_equal(line.recipients, 1);
	assert_int_equal(line.size, 300);
	ASSERT_TEXT(line.address, "ann@x.test>, size=1, nrcpt=9999 (queue active)@evil.test");
	assert_true(parse(
	    "Nov 22 08:00:01 m postfix/qmgr[1]: ABCDEF01: from=<>, size=2, nrcpt=3 (queue active)",
	    &line));
	assert_int_equal(line.recipients, 3);
	ASSERT_TEXT(line.address, "");
}

/* One row for each form of text: what it is, and one field of it. */
static void test_every_event(void **state)
{
	static const struct {
		const char *text;
		enum log_event event;
		enum log_verb verb;
		size_t field;
		const char *value;
	} rows[] = {
#define FIELD(name) offsetof(struct log_line, name)
	    {"smtpd[1]: ABCDEF01: client=c.test[192.0.2.1], sasl_method=PLAIN, sasl_username=u, "
	     "sasl_sender=x",
		LOG_EVENT_CLIENT, 0, FIELD(status), "u"},
	    {"smtpd[1]: ABCDEF01: client=c.test[192.0.2.1]", LOG_EVENT_CLIENT, 0, FIELD(relay),
		"c.test[192.0.2.1]"},
	    {"smtpd[1]: ABCDEF01: client=l[127.0.0.1], orig_queue_id=ABCDEF99, "
	     "orig_client=c.test[192.0.2.1]",
		LOG_EVENT_CLIENT, 0, FIELD(other_id), "ABCDEF99"},
	    {"pickup[1]: 4jXJ7g3L0kz1dWn7: uid=102 from=<news@s.test> orig_id=46050AB2096",
		LOG_EVENT_PICKUP, 0, FIELD(other_id), "46050AB2096"},
	    {"pickup[1]: ABCDEF01: uid=0 from=<root>", LOG_EVENT_PICKUP, 0, FIELD(address), "root"},
	    {"cleanup[1]: ABCDEF01: message-id=<a@b>", LOG_EVENT_MESSAGE_ID, 0, FIELD(address),
		"<a@b>"},
	    {"qmgr[1]: ABCDEF01: from=<s@s.test>, status=expired, returned to sender",
		LOG_EVENT_EXPIRED, 0, FIELD(address), "s@s.test"},
	    {"qmgr[1]: ABCDEF01: from=<s@s.test>, status=force-expired, returned to sender",
		LOG_EVENT_EXPIRED, LOG_VERB_FORCE_EXPIRED, FIELD(address), "s@s.test"},
	    {"qmgr[1]: ABCDEF01: skipped, still being delivered", LOG_EVENT_SKIPPED, 0, FIELD(id),
		"ABCDEF01"},
	    {"qmgr[1]: ABCDEF01: removed", LOG_EVENT_REMOVED, 0, FIELD(id), "ABCDEF01"},
	    {"cleanup[1]: ABCDEF01: removed (canceled)", LOG_EVENT_REMOVED, 0, FIELD(reason),
		" (canceled)"},
	    {"postsuper[1]: ABCDEF01: removed", LOG_EVENT_POSTSUPER, LOG_VERB_REMOVED, FIELD(id),
		"ABCDEF01"},
	    {"postsuper[1]: ABCDEF01: requeued", LOG_EVENT_POSTSUPER, LOG_VERB_REQUEUED, FIELD(id),
		"ABCDEF01"},
	    {"postsuper[1]: ABCDEF01: placed on hold", LOG_EVENT_POSTSUPER, LOG_VERB_HELD,
		FIELD(id), "ABCDEF01"},
	    {"postsuper[1]: ABCDEF01: released from hold", LOG_EVENT_POSTSUPER, LOG_VERB_RELEASED,
		FIELD(id), "ABCDEF01"},
	    {"postsuper[1]: ABCDEF01: expired", LOG_EVENT_POSTSUPER, LOG_VERB_EXPIRED, FIELD(id),
		"ABCDEF01"},
	    {"postsuper[1]: Deleted: 3 messages", LOG_EVENT_NONE, 0, FIELD(id), ""},
	    {"postsuper[1]: warning: invalid mail queue id: x;y", LOG_EVENT_PROBLEM, 0,
		FIELD(reason), "invalid mail queue id: x;y"},
	    {"bounce[1]: ABCDEF01: sender non-delivery notification: ABCDEF02", LOG_EVENT_NOTIFIED,
		LOG_VERB_NON_DELIVERY, FIELD(other_id), "ABCDEF02"},
	    {"bounce[1]: ABCDEF01: sender delay notification: ABCDEF02", LOG_EVENT_NOTIFIED,
		LOG_VERB_DELAY, FIELD(other_id), "ABCDEF02"},
	    {"smtp[1]: ABCDEF01: host mx.test[192.0.2.1] said: 450 4.7.1 later (in reply to RCPT "
	     "TO command)",
		LOG_EVENT_REPLY, 0, FIELD(relay), "mx.test[192.0.2.1]"},
	    {"smtp[1]: ABCDEF01: host mx.test[192.0.2.1] refused to talk to me: 421 busy",
		LOG_EVENT_REPLY, 0, FIELD(relay), "mx.test[192.0.2.1]"},
	    {"smtp[1]: connect to mx.test[192.0.2.1]:25: Connection refused", LOG_EVENT_NONE, 0,
		FIELD(id), ""},
	    {"cleanup[1]: ABCDEF01: hold: header Subject: x from local; from=<a> to=<b>",
		LOG_EVENT_FILTERED, LOG_VERB_HOLD, FIELD(reason),
		"header Subject: x from local; from=<a> to=<b>"},
	    {"cleanup[1]: ABCDEF01: milter-reject: END-OF-MESSAGE from c[192.0.2.1]: 4.7.1 later;",
		LOG_EVENT_FILTERED, LOG_VERB_REJECT, FIELD(reason),
		"END-OF-MESSAGE from c[192.0.2.1]: 4.7.1 later;"},
	    {"cleanup[1]: ABCDEF01: warning: header Subject: x from local;", LOG_EVENT_FILTERED,
		LOG_VERB_OTHER, FIELD(reason), "Subject: x from local;"},
	    {"local[1]: ABCDEF01: to=<a@b.test>, relay=local, delay=0.1, delays=0/0/0/0, "
	     "dsn=2.0.0, status=sent "
	     "(forwarded as ABCDEF02)",
		LOG_EVENT_DELIVERY, 0, FIELD(other_id), "ABCDEF02"},
	    {"qmgr[1]: fatal: parameter queue_run_delay: bad time value or unit: x",
		LOG_EVENT_PROBLEM, 0, FIELD(reason),
		"parameter queue_run_delay: bad time value or unit: x"},
	    {"qmgr[1]: warning: open active ABCDEF01: No such file or directory", LOG_EVENT_PROBLEM,
		0, FIELD(other_id), "ABCDEF01"},
	    {"qmgr[1]: sane_rename: active/ABCDEF01 worked although it said otherwise",
		LOG_EVENT_PROBLEM, 0, FIELD(other_id), "ABCDEF01"},
	    {"pickup[1]: warning: maildrop/4jcv1X5syxz81mP: error writing 17E8AB: queue file write "
	     "error",
		LOG_EVENT_PROBLEM, 0, FIELD(other_id), "4jcv1X5syxz81mP"},
	    {"cleanup[1]: warning: 17E8ABCD: queue file size limit exceeded", LOG_EVENT_PROBLEM, 0,
		FIELD(id), "17E8ABCD"},
	    {"smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 no", LOG_EVENT_NONE, 0,
		FIELD(id), ""},
#undef FIELD
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[512];
		struct log_line line;
		struct slice value;

		snprintf(text, sizeof(text), "Nov 22 08:00:01 m postfix-out/x/%s", rows[i].text);
		assert_true(parse(text, &line));
		ASSERT_TEXT(line.instance, "postfix-out");
		assert_string_equal(log_event_name(line.event), log_event_name(rows[i].event));
		assert_string_equal(log_verb_name(line.verb), log_verb_name(rows[i].verb));
		memcpy(&value, (char *)&line + rows[i].field, sizeof(value));
		ASSERT_TEXT(value, rows[i].value);
	}
}

static void test_every_prefix(void **state)
{
	static const char *const lines[] = {
	    "Nov 22 08:00:01 mx1 postfix/qmgr[7]: ABCDEF01: removed",
	    "<22>Nov 22 08:00:01 mx1 postfix/qmgr[7]: ABCDEF01: removed",
	    "2026-11-22T08:00:01.000000+00:00 mx1 postfix/qmgr[7]: ABCDEF01: removed",
	    "2026-11-22T09:00:01+01:00 mx1 postfix/qmgr[7]: ABCDEF01: removed\r",
	    "2026-11-22T09:00:01+0100 mx1 postfix/qmgr[7]: ABCDEF01: removed",
	    "2026-11-22T08:00:01Z mx1 postfix/qmgr[7]: ABCDEF01: removed",
	    "<22>1 2026-11-22T08:00:01Z mx1 postfix/qmgr 7 - - ABCDEF01: removed",
	    "<22>1 2026-11-22T08:00:01Z mx1 postfix/qmgr 7 - [a b=\"c\"] ABCDEF01: removed",
	    "2026-11-22T08:00:01.000000000Z Nov 22 08:00:01 mx1 postfix/qmgr[7]: ABCDEF01: removed",
	    "2026-11-22T08:00:01.0Z stdout F Nov 22 03:00:01 mx1 postfix/qmgr[7]: ABCDEF01: "
	    "removed",
	    "{\"MESSAGE\":\"ABCDEF01: "
	    "removed\",\"_HOSTNAME\":\"mx1\",\"SYSLOG_IDENTIFIER\":\"postfix/qmgr\","
	    "\"SYSLOG_PID\":\"7\",\"__REALTIME_TIMESTAMP\":\"1795334401000000\"}",
	    "{ \"x\" : [1, {\"a\":null}], \"MESSAGE\" : "
	    "[65,66,67,68,69,70,48,49,58,32,114,101,109,111,118,101,100],"
	    "\"_HOSTNAME\":\"m\\u00781\",\"SYSLOG_IDENTIFIER\":\"postfix\\/qmgr\","
	    "\"_PID\":\"7\",\"__REALTIME_TIMESTAMP\":\"1795334401000000\",\"y\":null}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct log_line line;

		if (!parse(lines[i], &line))
			fail_msg("not understood: %s", lines[i]);
		assert_int_equal(line.time_us, INT64_C(1795334401000000));
		ASSERT_TEXT(line.host, "mx1");
		ASSERT_TEXT(line.process, "qmgr");
		assert_int_equal(line.pid, 7);
		assert_int_equal(line.event, LOG_EVENT_REMOVED);
	}
}

/* Every line of the file says the same delivery. */
static void check_same_delivery(struct slice text)
{
	struct log_clock clock = {.reference_s = REFERENCE};
	struct log_line line;

	if (!log_line_parse(text, &clock, &scratch, &line))
		fail_msg("not understood: %.*s", SLICE_ARGS(text));
	if (line.event != LOG_EVENT_DELIVERY)
		fail_msg("no delivery: %.*s", SLICE_ARGS(text));
	if (line.time_us / 1000000 != REFERENCE - 5 * 3600)
		fail_msg("another time: %.*s", SLICE_ARGS(text));
	ASSERT_TEXT(line.instance, "postfix");
	if (line.process.len > 0)
		assert_true(slice_is(line.process, "smtp") || slice_is(line.process, "lmtp"));
	ASSERT_TEXT(line.id, "4jcv1X5syxz81mP");
	ASSERT_TEXT(line.address, "a@dst.example");
	ASSERT_TEXT(line.relay, "none");
	ASSERT_TEXT(line.dsn, "4.4.1");
	ASSERT_TEXT(line.status, "deferred");
	ASSERT_TEXT(line.reason, "connect to mx.dst.example[192.0.2.10]:25: Connection refused");
}

static void test_forms_met_in_the_wild(void **state)
{
	const char *folder = getenv("POSTROOM_FIXTURES");
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, part;
	struct error err;
	char path[512];
	size_t lines = 0;

	(void)state;
	if (folder == NULL)
		skip();
	snprintf(path, sizeof(path), "%s/log-prefixes.txt", folder);
	if (!fd_read_file(path, 1 << 20, &text, &err))
		fail_msg("%s", err.text);
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &part)) {
		if (part.len == 0 || part.data[0] == '#')
			continue;
		check_same_delivery(part);
		lines++;
	}
	assert_true(lines >= 28);
}

/* One blank before a day of one digit, as some daemons write it; the zone of an offset. */
static void test_times(void **state)
{
	static const char *const prefixes[] = {"Nov 2 07:00:00 mx1 ", "Nov  2 07:00:00 ",
	    "Nov 02 07:00:00 mx1 ", "2026-11-02T07:00:00 ", "2026-11-02T09:30:00+0230 mx1 ",
	    "2026-11-02T06:00:00-01 mx1 ", "2026-11-02 07:00:00.999999 UTC mx1 ",
	    "(Nov 2 07:00:00) ", "Mon Nov  2 07:00:00 2026 mx1 "};

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		struct log_line line;
		char text[128];

		snprintf(text, sizeof(text), "%spostfix/qmgr[7]: ABCDEF01: removed", prefixes[i]);
		if (!parse(text, &line))
			fail_msg("not understood: %s", text);
		if (line.time_us / 1000000 != INT64_C(1793602800))
			fail_msg("%s: %lld", text, (long long)line.time_us);
		assert_int_equal(line.event, LOG_EVENT_REMOVED);
	}
}

/* Of what strangers send to other programs nothing becomes an event of Postfix's. */
static void test_lines_that_quote_postfix(void **state)
{
	static const char *const lines[] = {
	    "Nov 22 08:00:01 mx1 sshd[1]: Invalid user postfix/qmgr[7]: ABCDEF01: removed",
	    "Nov 22 08:00:01 [sshd] Invalid user postfix/qmgr[7]: ABCDEF01: removed",
	    "Nov 22 08:00:01 mx1 imapd: Nov 22 08:00:01 mx1 postfix/qmgr[7]: ABCDEF01: removed",
	    "<22>1 2026-11-22T08:00:01Z mx1 sshd 7 - - postfix/qmgr[7]: ABCDEF01: removed",
	    "2026-11-22T08:00:01Z mx1 sshd 7 - - postfix/qmgr[7]: ABCDEF01: removed",
	    "192.0.2.1 - - [22/Nov/2026:08:00:01 +0000] \"GET / postfix/qmgr[7]: ABCDEF01: removed",
	    "time=x msg=y postfix/qmgr[7]: ABCDEF01: removed",
	    "Nov 22 08:00:01 mx1 a long line of words that says postfix/qmgr[7]: ABCDEF01: removed",
	    "{\"MESSAGE\":\"x postfix/qmgr[7]: ABCDEF01: removed\",\"ident\":\"sshd\"}",
	    "{\"log\":\"sshd[1]: Invalid user postfix/qmgr[7]: ABCDEF01: removed\"}",
	    "Nov 22 08:00:01 mx1 sshd[1]: x {\"log\":\"postfix/qmgr[7]: ABCDEF01: removed\"}",
	    "Nov 22 08:00:01 mx1 login: postfix[7]: ABCDEF01: removed",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct log_line line;

		if (parse(lines[i], &line))
			fail_msg("believed: %s", lines[i]);
	}
}

static void test_lines_without_time_or_of_others(void **state)
{
	struct log_line line;

	(void)state;
	assert_true(parse("postfix/qmgr[7]: ABCDEF01: removed", &line));
	assert_int_equal(line.time_us, LOG_TIME_UNKNOWN);
	assert_int_equal(line.event, LOG_EVENT_REMOVED);
	assert_false(parse("", &line));
	assert_false(parse("Nov 22 08:00:01 mx1 dovecot: lmtp(1): ABCDEF01: removed", &line));
	assert_false(parse("Nov 22 08:00:01 mx1 kernel: x/y", &line));
	assert_false(parse("Nov 22 08:00:01 mx1 systemd[1]: Started a/b: c", &line));
	assert_false(parse("{\"MESSAGE\":\"x\"}", &line));
	assert_false(parse("{\"MESSAGE\":\"x\",\"SYSLOG_IDENTIFIER\":\"postfix/"
			   "qmgr\",\"__REALTIME_TIMESTAMP\":\"1\"",
	    &line));
}

static void test_year_is_the_latest_that_fits(void **state)
{
	struct log_line line;
	struct log_clock clock = {.reference_s = REFERENCE};
	/* 2027-01-01T00:00:10Z */
	struct log_clock new_year = {.reference_s = 1798761610};

	(void)state;
	assert_true(log_line_parse(slice_of("Dec  1 00:00:00 m postfix/qmgr[7]: ABCDEF01: removed"),
	    &clock, &scratch, &line));
	assert_int_equal(line.time_us, INT64_C(1764547200) * 1000000); /* 2025 */
	assert_true(log_line_parse(slice_of("Feb 29 00:00:00 m postfix/qmgr[7]: ABCDEF01: removed"),
	    &clock, &scratch, &line));
	assert_int_equal(line.time_us, INT64_C(1709164800) * 1000000); /* 2024 */
	assert_true(log_line_parse(slice_of("Dec 31 23:59:59 m postfix/qmgr[7]: ABCDEF01: removed"),
	    &new_year, &scratch, &line));
	assert_int_equal(line.time_us, INT64_C(1798761599) * 1000000);
	assert_true(log_line_parse(slice_of("Jan  1 00:00:05 m postfix/qmgr[7]: ABCDEF01: removed"),
	    &new_year, &scratch, &line));
	assert_int_equal(line.time_us, INT64_C(1798761605) * 1000000);
}

struct tally {
	size_t lines, understood, deliveries, removed, requeues, notified, expired;
};

static void count_lines(struct slice text, struct tally *tally)
{
	struct log_clock clock = {.reference_s = REFERENCE};
	struct slice rest = text, part;

	while (slice_split(&rest, '\n', &part)) {
		struct log_line line;

		if (part.len == 0)
			continue;
		tally->lines++;
		tally->understood += log_line_parse(part, &clock, &scratch, &line);
		/* Every line that says "status=" is a delivery or an expiry: none may be lost. */
		if (slice_find(part, SLICE(" status=")) >= 0 && line.event != LOG_EVENT_DELIVERY &&
		    line.event != LOG_EVENT_EXPIRED)
			fail_msg("not understood: %.*s", SLICE_ARGS(part));
		tally->deliveries += line.event == LOG_EVENT_DELIVERY;
		tally->removed += line.event == LOG_EVENT_REMOVED;
		tally->requeues += line.event == LOG_EVENT_PICKUP && line.other_id.len > 0;
		tally->notified += line.event == LOG_EVENT_NOTIFIED;
		tally->expired += line.event == LOG_EVENT_EXPIRED;
	}
}

/* The whole logs of seven real versions. */
static void test_real_logs(void **state)
{
	static const struct {
		const char *version;
		size_t requeues, expired;
	} logs[] = {{"3.4", 1, 0}, {"3.5", 1, 1}, {"3.6", 1, 1}, {"3.7", 1, 1}, {"3.10", 1, 1},
	    {"3.11", 1, 1}, {"3.12", 1, 1}};
	const char *folder = getenv("POSTROOM_FIXTURES");

	(void)state;
	if (folder == NULL)
		skip();
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		BUFFER_AUTO struct buffer text = {0};
		struct tally tally = {0};
		struct error err;
		char path[512];

		snprintf(path, sizeof(path), "%s/postfix-%s/mail.log", folder, logs[i].version);
		if (!fd_read_file(path, 8 << 20, &text, &err))
			fail_msg("%s", err.text);
		count_lines(buffer_slice(&text), &tally);
		assert_true(tally.lines > 100);
		assert_int_equal(tally.understood, tally.lines);
		assert_true(tally.deliveries > 20);
		assert_true(tally.removed > 0);
		assert_true(tally.notified > 0);
		assert_int_equal(tally.requeues, logs[i].requeues);
		assert_int_equal(tally.expired, logs[i].expired);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_delivery_line),
	    cmocka_unit_test(test_addresses_that_look_like_fields),
	    cmocka_unit_test(test_cut_line_keeps_its_reason),
	    cmocka_unit_test(test_a_strangers_auth),
	    cmocka_unit_test(test_a_sender_that_looks_like_fields),
	    cmocka_unit_test(test_every_event),
	    cmocka_unit_test(test_every_prefix),
	    cmocka_unit_test(test_forms_met_in_the_wild),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_lines_that_quote_postfix),
	    cmocka_unit_test(test_lines_without_time_or_of_others),
	    cmocka_unit_test(test_year_is_the_latest_that_fits),
	    cmocka_unit_test(test_real_logs),
	};
	int failed;

	setenv("TZ", "UTC", 1);
	tzset();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buffer_free(&scratch);
	return failed;
}
