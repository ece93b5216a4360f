#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/memory.h"
#include "postfix/diagnosis.h"
#include "postfix/reason.h"
#include "postfix/reply.h"

static struct slice none = {"", 0};

static void read_fixture(struct buffer *text, const char *name)
{
	const char *folder = getenv("POSTROOM_FIXTURES");
	struct error err;
	char path[512];

	assert_non_null(folder);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!fd_read_file(path, 1 << 20, text, &err))
		fail_msg("%s", err.text);
}

/* The key and the reason of the next line; false at the end. */
static bool next_reply(struct slice *rest, struct slice *key, struct slice *reason)
{
	while (slice_split(rest, '\n', reason))
		if (reason->len > 0 && reason->data[0] != '#')
			return slice_split(reason, '\t', key);
	return false;
}

/* Each real reply is found by its own section, and every section has at least two. */
static void test_every_reply_finds_its_diagnosis(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, key, line;
	unsigned *counts = memory_zero(diagnosis_count(), sizeof(*counts));
	unsigned wrong = 0;

	(void)state;
	read_fixture(&text, "replies.tsv");
	rest = buffer_slice(&text);
	while (next_reply(&rest, &key, &line)) {
		const struct diagnosis *wanted, *found;

		wanted = diagnosis_by_key(key);
		if (wanted == NULL)
			fail_msg("no diagnosis %.*s", SLICE_ARGS(key));
		counts[diagnosis_index(wanted)]++;
		found = diagnosis_find(line, none);
		assert_non_null(found);
		if (found != wanted) {
			print_error(
			    "%s instead of %s: %.*s\n", found->key, wanted->key, SLICE_ARGS(line));
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	for (size_t i = 0; i < diagnosis_count(); i++)
		if (counts[i] < 2)
			fail_msg("%s has %u replies", diagnosis_at(i)->key, counts[i]);
	free(counts);
}

/* Whether `found` is one of the keys, divided by `/`, or in the place that is meant by "here". */
static bool is_one_of(struct slice keys, const struct diagnosis *found, struct slice reason)
{
	struct slice key;

	if (slice_is(keys, "here"))
		return diagnosis_where(found, reason) == DIAGNOSIS_HERE;
	while (slice_split(&keys, '/', &key))
		if (slice_is(key, found->key))
			return true;
	return false;
}

/* Nine in ten of the replies that nobody tuned to. */
static void test_held_out_replies(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, keys, reason;
	unsigned right = 0, count = 0;

	(void)state;
	read_fixture(&text, "replies-held-out.tsv");
	rest = buffer_slice(&text);
	for (; next_reply(&rest, &keys, &reason); count++)
		right += is_one_of(keys, diagnosis_find(reason, none), reason);
	assert_true(count > 150 && right * 10 >= count * 9);
}

/* All that Postfix says itself is known, and where its cause is. */
static void test_postfix_texts(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, source, key, where, reason;
	unsigned wrong = 0, count = 0;

	(void)state;
	read_fixture(&text, "postfix-texts.tsv");
	rest = buffer_slice(&text);
	for (; next_reply(&rest, &source, &reason); count++) {
		const struct diagnosis *found;

		assert_true(slice_split(&reason, '\t', &key));
		assert_true(slice_split(&reason, '\t', &where));
		found = diagnosis_find(reason, none);
		if (slice_is(key, found->key) &&
		    slice_is(where, diagnosis_where_name(diagnosis_where(found, reason))))
			continue;
		print_error("%s (%s) instead of %.*s (%.*s): %.*s\n", found->key,
		    diagnosis_where_name(diagnosis_where(found, reason)), SLICE_ARGS(key),
		    SLICE_ARGS(where), SLICE_ARGS(reason));
		wrong++;
	}
	assert_int_equal(wrong, 0);
	assert_true(count > 200);
}

/* A reply with a line end in place of the blank at `at`, and of the one before where there are two:
 * `again` is what begins the last line, and with a hyphen each line before. */
static void break_reply(
    struct buffer *out, struct slice reason, struct slice reply, size_t at, struct slice again)
{
	size_t front = (size_t)(reply.data - reason.data);

	buffer_clear(out);
	buffer_append_slice(out, slice_first(reason, front + 3));
	buffer_append_char(out, '-');
	buffer_append_slice(out, slice_first(slice_from(reply, 4), at - 4));
	buffer_append_char(out, ' ');
	buffer_append_slice(out, again);
	buffer_append_slice(out, slice_from(reason, front + at + 1));
}

static void check_same(struct slice reason, struct slice broken)
{
	BUFFER_AUTO struct buffer one = {0}, two = {0};

	reason_class(&one, reason);
	reason_class(&two, broken);
	if (!slice_equal(buffer_slice(&one), buffer_slice(&two)))
		fail_msg("class %s\nbecame %s", buffer_string(&one), buffer_string(&two));
	if (diagnosis_find(reason, none) != diagnosis_find(broken, none))
		fail_msg("%s became %s: %.*s", diagnosis_find(reason, none)->key,
		    diagnosis_find(broken, none)->key, SLICE_ARGS(broken));
}

/* The reply broken at each of its blanks, with its enhanced code repeated and without. */
static unsigned check_breaks(struct slice reason)
{
	BUFFER_AUTO struct buffer broken = {0}, again = {0};
	struct slice reply = reason_reply(reason), status = reply_status(reply);
	unsigned places = 0;

	/* One begins with a greeting's code and ends with another. */
	for (size_t at = 4; reply_begins(reply) && reply_code(reply) >= 400 && at < reply.len;
	     at++) {
		if (reply.data[at] != ' ')
			continue;
		for (unsigned form = 0; form < 4; form++) {
			buffer_clear(&again);
			buffer_append_slice(&again, slice_first(reply, 3));
			buffer_append_char(&again, form < 2 ? '-' : ' ');
			if (status.len > 0 && form % 2 == 0)
				buffer_printf(&again, "%.*s ", SLICE_ARGS(status));
			break_reply(&broken, reason, reply, at, buffer_slice(&again));
			check_same(reason, buffer_slice(&broken));
		}
		places++;
	}
	return places;
}

static void test_where_lines_end_changes_nothing(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, key, reason;
	unsigned places = 0;

	(void)state;
	read_fixture(&text, "replies.tsv");
	rest = buffer_slice(&text);
	while (next_reply(&rest, &key, &reason))
		places += check_breaks(reason);
	assert_true(places > 1000);
}

static void test_there_are_enough(void **state)
{
	(void)state;
	assert_true(diagnosis_count() >= 80);
	for (size_t i = 0; i < diagnosis_count(); i++) {
		const struct diagnosis *d = diagnosis_at(i);

		assert_int_equal(diagnosis_index(d), i);
		assert_ptr_equal(diagnosis_by_key(slice_of(d->key)), d);
		assert_true(strlen(d->title) > 5 && d->title[strlen(d->title) - 1] != '.');
		assert_true(d->cause[strlen(d->cause) - 1] == '.' &&
			    d->advice[strlen(d->advice) - 1] == '.');
		assert_non_null(diagnosis_severity_name(d->severity));
		assert_non_null(diagnosis_where_name(d->where));
	}
	assert_null(diagnosis_by_key(SLICE("no-such-key")));
}

static const char *key_of(const char *reason, const char *dsn)
{
	const struct diagnosis *d = diagnosis_find(slice_of(reason), slice_of(dsn));

	return d == NULL ? "(none)" : d->key;
}

static void test_status_code_counts(void **state)
{
	(void)state;
	assert_string_equal(key_of("", ""), "(none)");
	assert_string_equal(key_of("host a said: 450 no", "4.2.2"), "over-quota");
	assert_string_equal(key_of("host a said: 450 4.2.2 no", ""), "over-quota");
	assert_string_equal(key_of("host a said: 450 4.2.20 no", ""), "class-mailbox");
	assert_string_equal(key_of("host a said: 450 4.20.2 no", ""), "unrecognised");
	assert_string_equal(key_of("host a said: 450-4.3.5 no", ""), "server-configuration");
	assert_string_equal(key_of("host a said: 450 no", "4.4.1"), "class-network");
	assert_string_equal(key_of("no", "4.4.1"), "unrecognised-here");
	assert_string_equal(key_of("host a said: 450 GREYLISTED", ""), "greylisted");
	/* 451 is a milter's; the same words behind 421 are not. */
	assert_string_equal(
	    key_of("host a said: 451 Service unavailable", ""), "milter-unavailable");
	assert_string_equal(
	    key_of("host a said: 421 Service unavailable", ""), "service-unavailable");
	/* The "ip" of "recipient" is no address. */
	assert_string_equal(
	    key_of("host a said: 450 4.3.2 <a@b>: Recipient address rejected: Service "
		   "unavailable, maintenance until further notice",
		""),
	    "service-unavailable");
	assert_string_equal(
	    key_of("host a said: 450 4.7.1 Your client IP 192.0.2.1 was rejected", ""),
	    "client-rejected");
}

static void test_suspension_is_looked_through(void **state)
{
	static const char refused[] = "delivery temporarily suspended: connect to "
				      "mx.example.com[192.0.2.1]:25: Connection refused";

	(void)state;
	assert_true(diagnosis_is_suspended(slice_of(refused)));
	assert_false(diagnosis_is_suspended(SLICE("connect to x: Connection refused")));
	assert_string_equal(key_of(refused, "4.4.1"), "connection-refused");
	assert_string_equal(
	    key_of("delivery temporarily suspended: odd words", "4.4.1"), "destination-suspended");
}

/* Broken at every blank, 64 kB: the same words, so the same diagnosis and class. */
static void test_a_long_reply_of_many_lines(void **state)
{
	BUFFER_AUTO struct buffer broken = {0}, plain = {0};

	(void)state;
	buffer_append_string(&broken, "host a.example[192.0.2.1] said: 452-4.2.9 the");
	buffer_append_string(&plain, "host a.example[192.0.2.1] said: 452 4.2.9 the");
	while (broken.len < 65536) {
		buffer_append_string(
		    &broken, " 452-4.2.9 user's 452- mailbox 452 4.2.9 is 452-full");
		buffer_append_string(&plain, " user's mailbox is full");
	}
	check_same(buffer_slice(&plain), buffer_slice(&broken));
	assert_string_equal(diagnosis_find(buffer_slice(&broken), none)->key, "over-quota");
	/* Postfix's own words behind it are seen, however long it is. */
	buffer_clear(&broken);
	buffer_append_string(&broken, "host a.example[192.0.2.1] said: 452-x");
	while (broken.len < 65536)
		buffer_append_string(&broken, " 452-x");
	buffer_append_string(&broken, " (in reply to RCPT TO command)");
	assert_string_equal(diagnosis_find(buffer_slice(&broken), none)->key, "phase-recipient");
	assert_non_null(diagnosis_find(slice_make("\0\xff\x80", 3), none));
}

/* Incidents ask for families: each has a cause, and the causes that they are known by are in them.
 */
static void test_families(void **state)
{
	static const struct {
		const char *key;
		enum diagnosis_family family;
	} known[] = {{"greylisted", DIAGNOSIS_FAMILY_LATER}, {"over-quota", DIAGNOSIS_FAMILY_FULL},
	    {"user-unknown", DIAGNOSIS_FAMILY_RECIPIENT}, {"google-rate", DIAGNOSIS_FAMILY_RATE},
	    {"blocklist-spamhaus", DIAGNOSIS_FAMILY_REPUTATION},
	    {"connection-refused", DIAGNOSIS_FAMILY_UNREACHABLE},
	    {"resolver-broken", DIAGNOSIS_FAMILY_NAMES},
	    {"content-filter-error", DIAGNOSIS_FAMILY_SERVICE}};
	bool used[DIAGNOSIS_FAMILIES] = {false};

	(void)state;
	for (size_t i = 0; i < diagnosis_count(); i++) {
		assert_in_range(diagnosis_at(i)->family, 0, DIAGNOSIS_FAMILIES - 1);
		used[diagnosis_at(i)->family] = true;
		/* One recipient's, sender's or message's reason blames no destination. */
		if (diagnosis_at(i)->about == DIAGNOSIS_ABOUT_ONE &&
		    diagnosis_at(i)->family != DIAGNOSIS_FAMILY_RECIPIENT)
			assert_true(diagnosis_at(i)->family == DIAGNOSIS_FAMILY_FULL ||
				    diagnosis_at(i)->family == DIAGNOSIS_FAMILY_LATER ||
				    diagnosis_at(i)->family == DIAGNOSIS_FAMILY_LOOP);
	}
	for (int i = 0; i < DIAGNOSIS_FAMILIES; i++)
		assert_true(used[i]);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(diagnosis_by_key(slice_of(known[i].key))->family, known[i].family);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_reply_finds_its_diagnosis),
	    cmocka_unit_test(test_held_out_replies),
	    cmocka_unit_test(test_postfix_texts),
	    cmocka_unit_test(test_where_lines_end_changes_nothing),
	    cmocka_unit_test(test_there_are_enough),
	    cmocka_unit_test(test_status_code_counts),
	    cmocka_unit_test(test_suspension_is_looked_through),
	    cmocka_unit_test(test_a_long_reply_of_many_lines),
	    cmocka_unit_test(test_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
