#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "index/groups/groups.h"
#include "index/index.h"

#define NOW INT64_C(1800000000)
#define MANY 3000

static void tell(
    struct index *ix, const char *id, enum queue queue, int64_t arrival, const char *sender)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_REASONS;
	m.arrival = m.create_time = arrival;
	m.inode = 4711;
	m.size = 10;
	m.sender = slice_of(sender);
	message_add_recipient(&m)->address = SLICE("a@a.test");
	index_upsert(ix, &m);
}

static struct index_match count(struct index *ix, const char *filter)
{
	struct filter *f = filter_parse(slice_of(filter), NULL);
	struct index_match match;

	assert_non_null(f);
	index_count(ix, f, NOW, &match);
	filter_free(f);
	return match;
}

/* How many are shown as being deleted, by every way of asking. */
static void check(struct index *ix, uint64_t held, uint64_t deleting)
{
	struct index_status status;

	index_status(ix, &status);
	assert_int_equal(status.counts[QUEUE_HOLD], held);
	assert_int_equal(status.deleting, deleting);
	assert_int_equal(count(ix, "deleting:yes").messages, deleting);
	assert_int_equal(count(ix, "queue:hold deleting:no").messages, held - deleting);
	assert_int_equal(count(ix, "deleting:no").messages, status.messages - deleting);
}

static void test_only_the_message_that_is_meant(void **state)
{
	struct index *ix = index_create();

	(void)state;
	index_deleting_known(ix);
	/* The mark may be there before the message, and outlives a source that begins again. */
	index_set_deleting(ix, SLICE("0AD06AB80A3"), NOW - 100, 4711, 7);
	check(ix, 0, 0);
	tell(ix, "0AD06AB80A3", QUEUE_DEFERRED, NOW - 100, "x@y.test");
	check(ix, 0, 0);
	assert_int_equal(index_deleting(ix, index_find(ix, SLICE("0AD06AB80A3"))), 0);
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW - 100, "x@y.test");
	check(ix, 1, 1);
	assert_int_equal(index_deleting(ix, index_find(ix, SLICE("0AD06AB80A3"))), 7);
	assert_true(index_remove(ix, SLICE("0AD06AB80A3")));
	check(ix, 0, 0);
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW - 100, "x@y.test");
	check(ix, 1, 1);
	/* Another message under the same ID: another arrival. */
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW - 50, "x@y.test");
	check(ix, 1, 0);
	/* Or another file. */
	index_set_deleting(ix, SLICE("0AD06AB80A3"), NOW - 50, 4712, 7);
	check(ix, 1, 0);
	index_set_deleting(ix, SLICE("0AD06AB80A3"), NOW - 50, 0, 7);
	check(ix, 1, 1);
	/* Another job's end is not this one's. */
	index_end_deleting(ix, SLICE("0AD06AB80A3"), 8, false);
	check(ix, 1, 1);
	index_end_deleting(ix, SLICE("0AD06AB80A3"), 7, false);
	check(ix, 1, 0);
	index_free(ix);
}

static void test_removed_stays_marked_until_it_has_left(void **state)
{
	struct index *ix = index_create();

	(void)state;
	index_deleting_known(ix);
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW, "");
	index_set_deleting(ix, SLICE("0AD06AB80A3"), NOW, 4711, 7);
	index_end_deleting(ix, SLICE("0AD06AB80A3"), 7, true);
	check(ix, 1, 1);
	index_remove(ix, SLICE("0AD06AB80A3"));
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW, "");
	check(ix, 1, 0);
	index_free(ix);
}

/* A delete of what another delete has on hold already: the undo of one predicates the other's. */
static void test_two_deletes_of_one_message(void **state)
{
	struct slice id = SLICE("0AD06AB80A3");
	struct index *ix = index_create();

	(void)state;
	index_deleting_known(ix);
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW, "");
	index_set_deleting(ix, id, NOW, 4711, 98);
	index_set_deleting(ix, id, NOW, 4711, 99);
	check(ix, 1, 1);
	assert_int_equal(index_deleting(ix, index_find(ix, id)), 99);
	index_end_deleting(ix, id, 99, false);
	check(ix, 1, 1);
	assert_int_equal(index_deleting(ix, index_find(ix, id)), 98);
	/* The one that is undone may be the older one, too. */
	index_set_deleting(ix, id, NOW, 4711, 100);
	index_end_deleting(ix, id, 98, false);
	check(ix, 1, 1);
	assert_int_equal(index_deleting(ix, index_find(ix, id)), 100);
	/* Removed by one: the mark of the other goes when its job has found out. */
	index_set_deleting(ix, id, NOW, 4711, 101);
	index_end_deleting(ix, id, 100, true);
	index_remove(ix, id);
	check(ix, 0, 0);
	index_end_deleting(ix, id, 101, true);
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW, "");
	check(ix, 1, 0);
	index_free(ix);
}

static void test_nobody_knows_before_it_is_told(void **state)
{
	struct index *ix = index_create();
	struct index_match match;

	(void)state;
	tell(ix, "0AD06AB80A3", QUEUE_HOLD, NOW, "");
	tell(ix, "0AD06AB80A4", QUEUE_DEFERRED, NOW, "");
	match = count(ix, "deleting:no");
	assert_true(match.messages == 1 && match.undecided == 1);
	assert_int_equal(match.undecided_field, FILTER_DELETING);
	index_deleting_known(ix);
	match = count(ix, "deleting:no");
	assert_true(match.messages == 2 && match.undecided == 0);
	index_free(ix);
}

static void test_groups_tell_it_apart(void **state)
{
	static const struct {
		const char *key;
		uint64_t messages;
	} wanted[] = {{"hold", 2}, {"deleting", 1}};
	struct index *ix = index_create();
	static const enum group_key key = GROUP_QUEUE;
	struct groups groups;

	(void)state;
	for (int i = 0; i < 3; i++)
		tell(ix,
		    i == 0   ? "0AD06AB80A3"
		    : i == 1 ? "0AD06AB80A4"
			     : "0AD06AB80A5",
		    QUEUE_HOLD, NOW, "");
	index_set_deleting(ix, SLICE("0AD06AB80A4"), NOW, 0, 1);
	groups_count(ix, NULL, &key, 1, 10, NOW, &groups);
	assert_int_equal(groups.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(slice_is(groups.items[i].key, wanted[i].key));
		assert_int_equal(groups.items[i].messages, wanted[i].messages);
	}
	groups_free(&groups);
	index_free(ix);
}

/* Marks come and go at random: the table, which moves what stands behind a gap, finds the rest. */
static void test_a_table_of_many(void **state)
{
	struct index *ix = index_create();
	bool marked[MANY] = {false};
	uint64_t now = 0, random = 42;
	char id[16];

	(void)state;
	index_deleting_known(ix);
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "%05X%05X", i % 7, 0x10000 + i);
		tell(ix, id, QUEUE_HOLD, NOW, "");
	}
	for (int turn = 0; turn < 20 * MANY; turn++) {
		int i;

		random = random * UINT64_C(6364136223846793005) + 1;
		i = (int)((random >> 33) % MANY);
		snprintf(id, sizeof(id), "%05X%05X", i % 7, 0x10000 + i);
		if (marked[i])
			index_end_deleting(ix, slice_of(id), 3, false);
		else
			index_set_deleting(ix, slice_of(id), NOW, 4711, 3);
		marked[i] = !marked[i];
		now += marked[i] ? 1 : UINT64_MAX;
	}
	check(ix, MANY, now);
	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "%05X%05X", i % 7, 0x10000 + i);
		assert_int_equal(
		    index_deleting(ix, index_find(ix, slice_of(id))), marked[i] ? 3 : 0);
	}
	index_free(ix);
}

/* By the lifetimes that Postfix has now, of bounces their own; what is on hold does not expire. */
static void test_expires_by_the_settings(void **state)
{
	struct index *ix = index_create();
	struct index_match match;

	(void)state;
	tell(ix, "0AD06AB80A3", QUEUE_DEFERRED, NOW - 9000, "x@y.test");
	tell(ix, "0AD06AB80A4", QUEUE_DEFERRED, NOW - 9000, "");
	tell(ix, "0AD06AB80A5", QUEUE_HOLD, NOW - 9000, "x@y.test");
	match = count(ix, "expires<6h");
	assert_true(match.messages == 0 && match.undecided == 2);
	assert_int_equal(match.undecided_field, FILTER_EXPIRES);
	index_set_lifetimes(ix, 10000, 100000);
	match = count(ix, "expires<6h");
	assert_true(match.messages == 1 && match.undecided == 0);
	assert_int_equal(count(ix, "expires=1000s").messages, 1);
	assert_int_equal(count(ix, "expires>=91000s from:<>").messages, 1);
	index_set_lifetimes(ix, 8000, 8000);
	assert_int_equal(count(ix, "expires<0").messages, 2);
	assert_int_equal(count(ix, "expires<-1001s").messages, 0);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_the_message_that_is_meant),
	    cmocka_unit_test(test_removed_stays_marked_until_it_has_left),
	    cmocka_unit_test(test_two_deletes_of_one_message),
	    cmocka_unit_test(test_nobody_knows_before_it_is_told),
	    cmocka_unit_test(test_groups_tell_it_apart),
	    cmocka_unit_test(test_a_table_of_many),
	    cmocka_unit_test(test_expires_by_the_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
