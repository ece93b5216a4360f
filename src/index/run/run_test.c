/* What a filter may cost, and what is not settled yet. (model_test.c has what filters mean.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "index/columns/sightings.h"
#include "index/groups/groups.h"
#include "index/views/view.h"

#define NOW INT64_C(1800000000)

/* Message n, with a reason of its own. */
static void tell(struct index *ix, unsigned n, const char *reason)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;
	char text[600], sender[60];

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%05X%05X", n, 0xA0000 + n);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_REASONS;
	m.arrival = NOW - 100;
	m.size = 1000;
	m.signature = n + 1;
	snprintf(sender, sizeof(sender), "user%u@shop.example", n);
	m.sender = slice_of(sender);
	r = message_add_recipient(&m);
	r->address = SLICE("somebody@d.test");
	snprintf(
	    text, sizeof(text), "host mx.d.test[192.0.2.1] said: 452 4.2.2 %s, see %u", reason, n);
	r->reason = slice_of(text);
	r->dsn = SLICE("4.2.2");
	index_upsert(ix, &m);
}

static struct index_match count(struct index *ix, const char *text)
{
	struct filter *f = filter_parse(slice_of(text), NULL);
	struct index_match match;

	assert_non_null(f);
	index_count(ix, f, NOW, &match);
	filter_free(f);
	return match;
}

static void repeat(struct buffer *out, const char *text, const char *joint, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		buffer_append_string(out, i ? joint : "");
		buffer_append_string(out, text);
	}
}

/* Terms that each match everything, so that each has to be looked at: given up, not gone on with
 * for minutes, and nothing of it may be acted on. */
static void test_too_costly(void **state)
{
	BUFFER_AUTO struct buffer text = {0};
	struct index *ix = index_create();
	struct index_sort sort = {INDEX_SORT_ARRIVAL, true};
	struct index_match match;
	struct filter *f;
	char reason[512];

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	index_scan_begin(ix, true, 0);
	for (unsigned n = 0; n < 4000; n++)
		tell(ix, n, reason);
	index_scan_end(ix, true, NOW);
	repeat(&text, "reason:d", " ", 7000);
	match = count(ix, buffer_string(&text));
	assert_true(match.too_costly);
	assert_int_equal(match.messages, 0);
	assert_int_equal(match.undecided, 4000);
	assert_int_equal(match.undecided_field, FILTER_REASON);

	f = filter_parse(buffer_slice(&text), NULL);
	const struct view *v = view_create(ix, f, buffer_slice(&text), sort, NOW);
	assert_false(view_actionable(v));
	assert_true(view_match(v)->too_costly);
	filter_free(f);

	/* The same terms joined by `or`, or excluded one by one, are one. */
	buffer_clear(&text);
	repeat(&text, "reason:d", " or ", 5000);
	match = count(ix, buffer_string(&text));
	assert_false(match.too_costly);
	assert_int_equal(match.messages, 4000);
	buffer_clear(&text);
	repeat(&text, "-reason:zebra", " ", 4000);
	match = count(ix, buffer_string(&text));
	assert_false(match.too_costly);
	assert_int_equal(match.messages, 4000);
	index_free(ix);
}

/* Thousands of different terms, as somebody may paste them: IDs, senders, patterns. */
static void test_long_lists(void **state)
{
	BUFFER_AUTO struct buffer ids = {0}, senders = {0}, domains = {0};
	struct index *ix = index_create();

	(void)state;
	for (unsigned n = 0; n < 3000; n++)
		tell(ix, n, "Over quota");
	for (unsigned n = 0; n < 2000; n++) {
		buffer_printf(&ids, "%s%05X%05X", n ? " or " : "", n * 3, 0xA0000 + n * 3);
		buffer_printf(&senders, "%sfrom:=USER%u@shop.example", n ? " or " : "", n * 3);
		buffer_printf(&domains, "%s-from:*user%u@shop*", n ? " " : "", n * 3);
	}
	assert_int_equal(count(ix, buffer_string(&ids)).messages, 1000);
	assert_int_equal(count(ix, buffer_string(&senders)).messages, 1000);
	assert_int_equal(count(ix, buffer_string(&domains)).messages, 2000);
	index_free(ix);
}

/* Classes and diagnoses are found for so many reasons within a request; of the others it is not
 * known whether they match, until index_settle has come to them. */
static void test_unsettled(void **state)
{
	const enum group_key key = GROUP_REASON;
	struct index *ix = index_create();
	struct index_match match;
	struct groups groups;

	(void)state;
	for (unsigned n = 0; n < 7000; n++)
		tell(ix, n, "Over quota");
	groups_count(ix, NULL, &key, 1, 10, NOW, &groups);
	assert_int_equal(groups.count, 1);
	assert_int_equal(groups.items[0].messages + groups.unsettled, 7000);
	assert_int_equal(groups.other.messages, groups.unsettled);
	assert_true(groups.unsettled > 0);
	groups_free(&groups);
	match = count(ix, "diagnosis:over-quota");
	assert_int_equal(match.messages + match.undecided, 7000);
	assert_true(match.undecided > 0);
	assert_int_equal(match.undecided_field, FILTER_CAUSE);
	assert_false(match.too_costly);
	while (index_settle(ix, 1000))
		continue;
	match = count(ix, "diagnosis:over-quota");
	assert_int_equal(match.messages, 7000);
	assert_int_equal(match.undecided, 0);
	groups_count(ix, NULL, &key, 1, 10, NOW, &groups);
	assert_int_equal(groups.items[0].messages, 7000);
	assert_int_equal(groups.unsettled, 0);
	assert_string_equal(groups.items[0].diagnosis->key, "over-quota");
	groups_free(&groups);
	index_free(ix);
}

/* What a filter found is kept, and must follow each kind of change. (Random ones: model_test.c.) */
static void test_match_cache(void **state)
{
	struct index *ix = index_create();
	struct index_sighting seen = {.queue = QUEUE_ACTIVE, .signature = 1};

	(void)state;
	for (unsigned n = 0; n < 100; n++)
		tell(ix, n, "Over quota");
	assert_int_equal(count(ix, "queue:deferred").messages, 100);
	seen.id = SLICE("00000A0000");
	assert_false(index_sighted(ix, &seen));
	assert_int_equal(count(ix, "queue:deferred").messages, 99);
	assert_int_equal(count(ix, "queue:active").messages, 1);
	assert_true(index_remove(ix, SLICE("00001A0001")));
	assert_int_equal(count(ix, "queue:deferred").messages, 98);
	/* More changes than are remembered. */
	for (unsigned n = 0; n < 20000; n++) {
		seen.queue = n % 2 ? QUEUE_ACTIVE : QUEUE_HOLD;
		index_sighted(ix, &seen);
	}
	tell(ix, 1, "Over quota");
	assert_int_equal(count(ix, "queue:deferred").messages, 99);
	assert_int_equal(count(ix, "queue:active").messages, 1);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_too_costly),
	    cmocka_unit_test(test_long_lists),
	    cmocka_unit_test(test_unsettled),
	    cmocka_unit_test(test_match_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
