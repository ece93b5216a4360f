#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "index/columns/listing_comparison.h"
#include "index/columns/sightings.h"

#define NOW INT64_C(1800000000)
#define ID "0AD06AB80A3"

static void tell(struct index *ix, const char *id, enum queue queue, uint32_t signature)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_FILE;
	m.known |= queue == QUEUE_DEFERRED ? MESSAGE_KNOWS_NEXT_RETRY : 0;
	m.known |= queue != QUEUE_ACTIVE ? MESSAGE_KNOWS_REASONS : 0;
	m.arrival = NOW - 1000;
	m.next_retry = queue == QUEUE_DEFERRED ? NOW : 0;
	m.inode = 4711;
	m.size = 1000;
	m.signature = signature;
	m.log_stamp = 5;
	r = message_add_recipient(&m);
	r->address = SLICE("a@a.test");
	r->reason = queue != QUEUE_ACTIVE ? SLICE("over quota") : SLICE("");
	index_upsert(ix, &m);
}

static bool sight(struct index *ix, const char *id, enum queue queue, uint32_t signature)
{
	return index_sighted(
	    ix, &(struct index_sighting){slice_of(id), queue, signature, 0, NOW + 500});
}

static void check(struct index *ix, enum queue queue, int64_t next_retry, bool current)
{
	uint32_t row = index_find(ix, SLICE(ID));
	struct index_recipient recipient;
	struct index_status status;
	struct index_row r;

	assert_true(index_row(ix, row, &r));
	assert_int_equal(r.queue, queue);
	assert_true(r.next_retry == next_retry);
	assert_int_equal((r.known & MESSAGE_KNOWS_NEXT_RETRY) != 0, next_retry != 0);
	assert_int_equal((r.known & MESSAGE_KNOWS_REASONS) != 0, current);
	assert_true(index_recipient(ix, row, 0, &recipient));
	assert_true(slice_is(recipient.reason, "over quota"));
	assert_int_equal(recipient.reason_current, current);
	index_status(ix, &status);
	for (unsigned q = 0; q < QUEUE_COUNT; q++)
		assert_int_equal(status.counts[q], q == (unsigned)queue);
	assert_true(status.messages == 1 && status.bytes == 1000);
}

static uint64_t generation(struct index *ix)
{
	struct index_status status;

	index_status(ix, &status);
	return status.generation;
}

static void test_unchanged_is_moved(void **state)
{
	struct index *ix = index_create();
	uint64_t before;

	(void)state;
	assert_true(sight(ix, ID, QUEUE_DEFERRED, 7));
	tell(ix, ID, QUEUE_DEFERRED, 7);
	before = generation(ix);
	assert_false(sight(ix, ID, QUEUE_DEFERRED, 7));
	assert_true(generation(ix) == before);
	check(ix, QUEUE_DEFERRED, NOW, true);
	/* Held and released: what was read stays true; the next retry is the file's time again. */
	assert_false(sight(ix, ID, QUEUE_HOLD, 7));
	check(ix, QUEUE_HOLD, 0, true);
	assert_false(sight(ix, ID, QUEUE_DEFERRED, 7));
	check(ix, QUEUE_DEFERRED, NOW + 500, true);
	/* In active Postfix forgets the reasons; what was known stays as the last known. */
	assert_false(sight(ix, ID, QUEUE_ACTIVE, 7));
	check(ix, QUEUE_ACTIVE, 0, false);
	assert_true(generation(ix) == before + 3);
	index_free(ix);
}

static bool sight_log(struct index *ix, enum queue queue, uint32_t log_stamp)
{
	return index_sighted(
	    ix, &(struct index_sighting){SLICE(ID), queue, 7, log_stamp, NOW + 500});
}

/* The defer log can change alone: late, on hold, and twice within a second. Where it was not looked
 * at, nothing is said of it. */
static void test_another_defer_log_has_to_be_read(void **state)
{
	struct index *ix = index_create();

	(void)state;
	tell(ix, ID, QUEUE_DEFERRED, 7); /* with the log 5 */
	assert_false(sight_log(ix, QUEUE_DEFERRED, 5));
	assert_false(sight_log(ix, QUEUE_DEFERRED, 0));
	assert_true(sight_log(ix, QUEUE_DEFERRED, 6));
	assert_true(sight_log(ix, QUEUE_HOLD, 6));
	check(ix, QUEUE_DEFERRED, NOW, true);
	assert_false(sight_log(ix, QUEUE_HOLD, 5));
	check(ix, QUEUE_HOLD, 0, true);
	index_free(ix);
}

/* Held while it is being delivered: its log is gone, its reason is the last known one. */
static void test_held_without_a_log_keeps_its_reason(void **state)
{
	struct index *ix = index_create();
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;
	struct index_recipient recipient;
	uint32_t row;

	(void)state;
	tell(ix, ID, QUEUE_DEFERRED, 7);
	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", ID);
	m.queue = QUEUE_HOLD;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_REASONS;
	m.arrival = NOW - 1000;
	m.inode = 4711;
	m.size = 1000;
	m.signature = 7;
	r = message_add_recipient(&m);
	r->address = SLICE("a@a.test");
	index_upsert(ix, &m);
	row = index_find(ix, SLICE(ID));
	assert_true(index_recipient(ix, row, 0, &recipient));
	assert_true(slice_is(recipient.reason, "over quota") && !recipient.reason_current);
	r->reason = SLICE("refused late");
	index_upsert(ix, &m);
	assert_true(index_recipient(ix, row, 0, &recipient));
	assert_true(slice_is(recipient.reason, "refused late") && recipient.reason_current);
	index_free(ix);
}

static void test_what_has_to_be_read(void **state)
{
	struct index *ix = index_create();

	(void)state;
	tell(ix, ID, QUEUE_ACTIVE, 7);
	assert_false(sight(ix, ID, QUEUE_ACTIVE, 7));
	/* Out of active there may be reasons again; in maildrop the size is another one. */
	assert_true(sight(ix, ID, QUEUE_DEFERRED, 7));
	assert_true(sight(ix, ID, QUEUE_MAILDROP, 7));
	/* Another file, or one that has changed; one of a listing; one that has left. */
	assert_true(sight(ix, ID, QUEUE_ACTIVE, 8));
	tell(ix, ID, QUEUE_DEFERRED, 0);
	assert_true(sight(ix, ID, QUEUE_DEFERRED, 0));
	tell(ix, ID, QUEUE_DEFERRED, 9);
	assert_false(sight(ix, ID, QUEUE_DEFERRED, 9));
	index_remove(ix, SLICE(ID));
	assert_true(sight(ix, ID, QUEUE_DEFERRED, 9));
	assert_int_equal(index_find(ix, SLICE(ID)), INDEX_ROW_NONE);
	tell(ix, ID, QUEUE_DEFERRED, 9);
	index_forget_signatures(ix);
	assert_true(sight(ix, ID, QUEUE_DEFERRED, 9));
	/* What is no ID or no queue of messages is nothing to read. */
	assert_false(sight(ix, "../x", QUEUE_DEFERRED, 9));
	assert_false(sight(ix, ID, QUEUE_CORRUPT, 9));
	index_free(ix);
}

static void test_unseen_are_handed_out(void **state)
{
	struct index *ix = index_create();
	struct index_unseen out[2];
	uint32_t from = 0;

	(void)state;
	tell(ix, "AAAAA1", QUEUE_DEFERRED, 1);
	tell(ix, "AAAAA2", QUEUE_HOLD, 2);
	tell(ix, "AAAAA3", QUEUE_DEFERRED, 3);
	tell(ix, "AAAAA4", QUEUE_DEFERRED, 4);
	tell(ix, "AAAAA5", QUEUE_DEFERRED, 5);
	index_scan_begin(ix, false, 0);
	assert_false(sight(ix, "AAAAA1", QUEUE_DEFERRED, 1));
	assert_true(sight(ix, "AAAAA3", QUEUE_DEFERRED, 33));
	index_remove(ix, SLICE("AAAAA4"));
	tell(ix, "AAAAA6", QUEUE_DEFERRED, 6);
	assert_int_equal(index_unseen(ix, &from, out, 1), 1);
	assert_string_equal(out[0].id, "AAAAA2");
	assert_int_equal(out[0].queue, QUEUE_HOLD);
	assert_true(from != UINT32_MAX);
	assert_int_equal(index_unseen(ix, &from, out, 2), 1);
	assert_string_equal(out[0].id, "AAAAA5");
	assert_true(from == UINT32_MAX);
	assert_int_equal(index_unseen(ix, &from, out, 2), 0);
	index_scan_end(ix, true, NOW);
	/* Nothing was concluded from silence, and the next scan begins with nothing seen. */
	assert_true(index_find(ix, SLICE("AAAAA5")) != INDEX_ROW_NONE);
	index_scan_begin(ix, false, 0);
	from = 0;
	assert_int_equal(index_unseen(ix, &from, out, 2), 2);
	index_free(ix);
}

static void test_signatures_outlive_a_restart(void **state)
{
	char path[] = "/tmp/postroom-sight-XXXXXX";
	struct index *ix = index_create(), *again = index_create();
	struct error err;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	tell(ix, ID, QUEUE_DEFERRED, 7);
	assert_true(index_save(ix, path, &err));
	assert_true(index_restore(again, path, &err));
	assert_false(sight(again, ID, QUEUE_DEFERRED, 7));
	check(again, QUEUE_DEFERRED, NOW, true);
	assert_true(sight(again, ID, QUEUE_DEFERRED, 8));
	unlink(path);
	index_free(ix);
	index_free(again);
}

static enum index_difference listed(struct index *ix, const char *id, enum queue queue)
{
	return index_compare_listed(
	    ix, &(struct index_listed){slice_of(id), queue, NOW - 1000, 1000});
}

static void test_compared_with_a_listing(void **state)
{
	struct index *ix = index_create();
	struct index_unseen out[5];
	uint32_t from = 0;

	(void)state;
	tell(ix, "AAAAA1", QUEUE_DEFERRED, 1);
	tell(ix, "AAAAA2", QUEUE_HOLD, 2);
	tell(ix, "AAAAA3", QUEUE_ACTIVE, 3);
	tell(ix, "AAAAA4", QUEUE_DEFERRED, 4);
	index_compare_begin(ix);
	tell(ix, "AAAAA5", QUEUE_DEFERRED, 5);
	assert_int_equal(listed(ix, "AAAAA1", QUEUE_DEFERRED), INDEX_SAME);
	assert_int_equal(listed(ix, "AAAAA2", QUEUE_DEFERRED), INDEX_OTHER_QUEUE);
	/* One that only passes through active may have moved on. */
	assert_int_equal(listed(ix, "AAAAA1", QUEUE_ACTIVE), INDEX_SAME);
	assert_int_equal(listed(ix, "AAAAA9", QUEUE_DEFERRED), INDEX_NOT_THERE);
	assert_int_equal(index_compare_listed(ix, &(struct index_listed){SLICE("AAAAA1"),
						      QUEUE_DEFERRED, NOW - 1000, 1001}),
	    INDEX_OTHER_MESSAGE);
	/* Not listed: only the one that rests, and was there from the beginning. */
	assert_int_equal(index_compare_missing(ix, &from, out, 5), 1);
	assert_string_equal(out[0].id, "AAAAA4");
	assert_true(from == UINT32_MAX);
	index_compare_begin(ix);
	from = 0;
	assert_int_equal(index_compare_missing(ix, &from, out, 5), 4);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unchanged_is_moved),
	    cmocka_unit_test(test_another_defer_log_has_to_be_read),
	    cmocka_unit_test(test_held_without_a_log_keeps_its_reason),
	    cmocka_unit_test(test_what_has_to_be_read),
	    cmocka_unit_test(test_unseen_are_handed_out),
	    cmocka_unit_test(test_signatures_outlive_a_restart),
	    cmocka_unit_test(test_compared_with_a_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
