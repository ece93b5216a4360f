#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "index/index.h"
#include "query/query.h"
#include "store/series.h"
#include "store/store_test_place.h"
#include "watch/history.h"

static bool source_reads(void *owner)
{
	return *(bool *)owner;
}

static void add_deferred(struct index *index, const char *id, uint64_t size)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = QUEUE_DEFERRED;
	m.size = size;
	index_upsert(index, &m);
}

static enum db_result read_samples(struct db *db, void *context, struct error *err)
{
	return samples_read(db, context, err);
}

static enum db_result read_series(struct db *db, void *context, struct error *err)
{
	return series_read(db, context, err);
}

static void test_history(void **state)
{
	struct place *p = *state;
	bool reads = false;
	struct index *index = index_create();
	struct query *query = query_create(index);
	struct store *store = store_create(p->path);
	struct history *h = history_create(store, query, 300, source_reads, &reads);
	struct samples_range range = {
	    .from = clock_now() - 3600, .to = clock_now() + 3600, .max_points = 100};
	struct series_range senders = {
	    .kind = RATE_SENDER, .from = range.from, .to = range.to, .max_points = 100, .limit = 8};
	struct series_range logins = senders;

	logins.kind = RATE_LOGIN;
	reads = true;
	history_tick(h);
	assert_int_equal(store_pending(store), 0); /* nothing was read yet: a gap */
	index_scan_begin(index, true, 2);
	add_deferred(index, "AAAAAA1", 100);
	add_deferred(index, "AAAAAA2", 200);
	index_scan_end(index, true, clock_now());
	reads = false;
	history_tick(h);
	assert_int_equal(store_pending(store), 0); /* what it was before the source failed: a gap */
	reads = true;
	history_tick(h);
	history_tick(h);
	assert_int_equal(store_pending(store), 1);
	assert_int_equal(history_deadline_ms(h), 0); /* its groups follow, one kind in each turn */
	for (int i = 0; i < 6; i++)
		history_tick(h);
	assert_int_equal(store_pending(store), 2);
	assert_true(history_deadline_ms(h) <= clock_monotonic_ms() + 300000);
	store_read(store, read_series, NULL, &senders);
	store_read(store, read_series, NULL, &logins);
	store_read(store, read_samples, NULL, &range);
	while (store_pending(store) > 0) {
		struct pollfd answer = {.fd = store_fd(store), .events = POLLIN};

		assert_true(poll(&answer, 1, -1) >= 0);
		store_dispatch(store);
	}
	assert_int_equal(range.count, 1);
	assert_int_equal(range.points[0].count[QUEUE_DEFERRED], 2);
	assert_int_equal(range.points[0].count[QUEUE_HOLD], 0);
	assert_int_equal(range.points[0].bytes, 300);
	free(range.points);
	/* Both came from nobody, and nobody signed in: nothing is not a gap. */
	assert_int_equal(senders.line_count, 1);
	assert_string_equal(senders.lines[0].key, "<>");
	assert_int_equal(senders.lines[0].values[(clock_now() - senders.start) / 300], 2);
	assert_int_equal(logins.line_count, 0);
	assert_int_equal(logins.other[(clock_now() - logins.start) / 300], 0);
	assert_int_equal(logins.other[0], SERIES_GAP);
	series_free(&senders);
	series_free(&logins);
	history_destroy(&h);
	store_destroy(&store);
	query_free(query);
	index_free(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_history, place_set_up, place_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
