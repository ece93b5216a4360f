/* What is told of a queue: all of it, bounded, and nothing where the source is blind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/clock_test_moved.h"
#include "index/index.h"
#include "store/store.h"
#include "watch/metrics_gathering.h"

#define HOSTILE 100000

struct world {
	struct index *index;
	struct query *query;
	struct store *store;
	struct notices *notices;
	struct log_rates *rates;
	struct incident_watch *watch;
	struct metrics *metrics;
	struct metrics_gathering *gathering;
	struct buffer text;
	int64_t now;
};

static bool yes(void *context)
{
	(void)context;
	return true;
}

static void no_log(void *context, struct incident_log *out)
{
	(void)context;
	*out = (struct incident_log){.known = false};
}

static int not_known(void *context)
{
	(void)context;
	return -1;
}

static void nobody(void *context, uint64_t version)
{
	(void)context;
	(void)version;
}

static int set_up(void **state)
{
	static struct world w;
	const struct incident_watch_events events = {&w, yes, no_log, not_known, nobody};

	w = (struct world){.index = index_create(), .now = clock_now()};
	w.query = query_create(w.index);
	w.store = store_create("/nonexistent/metrics-test.db");
	w.notices = notices_create();
	w.rates = log_rates_create(w.store);
	w.watch = incident_watch_create(w.store, w.query, w.notices, w.rates, &events);
	w.metrics = metrics_create();
	w.gathering =
	    metrics_gathering_create(w.metrics, w.query, w.watch, w.rates, 20, w.now - 3600);
	index_set_lifetimes(w.index, 86400, 86400);
	index_scan_begin(w.index, true, 3);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	incident_watch_stop(w->watch);
	store_destroy(&w->store);
	metrics_gathering_destroy(&w->gathering);
	metrics_gathering_destroy(&w->gathering);
	metrics_destroy(&w->metrics);
	incident_watch_destroy(&w->watch);
	log_rates_destroy(&w->rates);
	notices_destroy(&w->notices);
	query_free(w->query);
	index_free(w->index);
	buffer_free(&w->text);
	return 0;
}

static void tell(struct world *w, unsigned n, enum queue queue, const char *login,
    struct slice recipient, int64_t age)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%XABCD", 0x100000 + n);
	m.queue = queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_REASONS;
	m.arrival = m.create_time = w->now - age;
	m.size = 1000;
	m.sender = SLICE("a@shop.example");
	m.login = slice_of(login);
	m.client_address = SLICE("192.0.2.7");
	m.client_name = SLICE("unknown");
	r = message_add_recipient(&m);
	r->address = recipient;
	r->reason = SLICE("host mx.a.example[192.0.2.9] said: 452 4.2.2 Mailbox full");
	m.recipient_todo = 1;
	index_upsert(w->index, &m);
}

/* Until a turn has looked at all of the queue. */
static void look(struct world *w)
{
	index_scan_end(w->index, true, w->now);
	while (index_settle(w->index, 100000))
		;
	while (incident_watch_as_of(w->watch) == 0 ||
	       incident_gathering_found(incident_watch_gathering(w->watch)) == NULL) {
		struct pollfd fd = {.fd = store_fd(w->store), .events = POLLIN};

		poll(&fd, 1, 1);
		store_dispatch(w->store);
		incident_watch_tick(w->watch);
		/* The next step, or the next turn. */
		clock_move(5);
	}
}

static void scrape(struct world *w, bool queue_read, bool log_known)
{
	struct incident_log log = {.known = log_known};

	buffer_clear(&w->text);
	metrics_begin(w->metrics);
	metrics_gathering_fill(w->gathering, w->now, queue_read, &log);
	metrics_write(w->metrics, METRICS_TEXT, &w->text);
}

static bool has(struct world *w, const char *line)
{
	return strstr(buffer_string(&w->text), line) != NULL;
}

static void test_a_queue(void **state)
{
	struct world *w = *state;

	tell(w, 1, QUEUE_DEFERRED, "anna", SLICE("x@a.example"), 3600);
	tell(w, 2, QUEUE_DEFERRED, "anna", SLICE("y@a.example"), 60);
	tell(w, 3, QUEUE_DEFERRED, "", SLICE("z@b.example"), 80000);
	tell(w, 4, QUEUE_HOLD, "", SLICE("z@b.example"), 10);
	look(w);
	scrape(w, true, true);
	assert_true(has(w, "\npostfix_queue_messages{queue=\"deferred\"} 3\n"));
	assert_true(has(w, "\npostfix_queue_messages{queue=\"incoming\"} 0\n"));
	assert_true(has(w, "\npostfix_queue_bytes{queue=\"deferred\"} 3000\n"));
	assert_true(has(w, "\npostfix_queue_recipients{queue=\"hold\"} 1\n"));
	assert_true(
	    has(w, "\npostfix_queue_oldest_message_age_seconds{queue=\"deferred\"} 80000\n"));
	assert_true(has(w, "\npostfix_queue_age_messages{age_minutes=\"5\"} 2\n"));
	assert_true(has(w, "\npostfix_queue_expiring_messages{within=\"1h\"} 0\n"));
	assert_true(has(w, "\npostfix_queue_expiring_messages{within=\"4h\"} 1\n"));
	assert_true(has(w, "{diagnosis=\"over-quota\",severity=\"watch\"} 3\n"));
	assert_true(has(w, "{destination=\"a.example\"} 2\n"));
	assert_true(has(w, "_age_seconds{destination=\"b.example\"} 80000\n"));
	assert_true(has(w, "{destination=\"other\"} 0\n"));
	assert_true(has(w, "\npostfix_sender_top_share_ratio{by=\"login\"} 0.5\n"));
	assert_true(has(w, "\npostfix_sender_top_share_ratio{by=\"sender\"} 1\n"));
	assert_true(has(w, "\npostroom_source_readable 1\n"));
	/* Whether Postfix runs, and how much room there is, nobody has said. */
	assert_false(has(w, "postfix_up") || has(w, "postfix_spool") || has(w, "minfree"));
}

/* What cannot be seen is not told, but that it cannot be. */
static void test_blind(void **state)
{
	struct world *w = *state;

	tell(w, 1, QUEUE_DEFERRED, "anna", SLICE("x@a.example"), 3600);
	look(w);
	scrape(w, false, false);
	assert_true(has(w, "\npostroom_source_readable 0\n"));
	assert_true(has(w, "\npostroom_log_readable 0\n"));
	assert_false(has(w, "postfix_"));
	/* It is read, and no minute has been told for hours. */
	scrape(w, true, true);
	assert_true(has(w, "\npostfix_queue_messages{queue=\"deferred\"} 1\n"));
	assert_false(has(w, "postfix_deliveries") || has(w, "postfix_delivery_delay"));
}

static void test_a_hundred_thousand_domains(void **state)
{
	struct world *w = *state;
	char address[100];

	for (unsigned i = 0; i < HOSTILE; i++) {
		snprintf(address, sizeof(address), i % 2 ? "a@d%u.test" : "a@\"%u\\\xff.test", i);
		tell(w, i, QUEUE_DEFERRED, address, slice_of(address), i % 90000);
	}
	tell(w, HOSTILE, QUEUE_DEFERRED, "", SLICE("\"x@y\"@z@w@"), 1);
	look(w);
	scrape(w, true, true);
	assert_true(has(w, "\npostfix_queue_messages{queue=\"deferred\"} 100001\n"));
	assert_true(has(w, "{destination=\"other\"} 999"));
	assert_true(metrics_series(w->metrics) <= METRICS_SERIES_MAX);
	assert_true(w->text.len < 65536);
	assert_false(has(w, "@"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_queue),
	    TEST(test_blind),
	    TEST(test_a_hundred_thousand_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
