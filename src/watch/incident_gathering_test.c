/* What facts a queue, complaints and settings become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "index/index.h"
#include "store/store.h"
#include "watch/incident_gathering.h"

struct world {
	struct index *index;
	struct query *query;
	struct store *store;
	struct notices *notices;
	struct log_rates *rates;
	struct incident_gathering *gathering;
	int64_t now;
};

static void tell(struct world *w, const char *id, enum queue queue, const char *sender,
    const char *recipient, int64_t age)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_REASONS;
	m.arrival = m.create_time = w->now - age;
	m.sender = slice_of(sender);
	m.login = SLICE("anna");
	m.client_address = SLICE("192.0.2.7");
	m.client_name = SLICE("unknown");
	r = message_add_recipient(&m);
	r->address = slice_of(recipient);
	r->reason = SLICE("connect to mx.a.example[192.0.2.9]:25: Connection refused");
	m.recipient_todo = 1;
	index_upsert(w->index, &m);
}

static int set_up(void **state)
{
	static struct world w;

	w = (struct world){.index = index_create(), .now = clock_now()};
	w.query = query_create(w.index);
	w.store = store_create("/nonexistent/gathering-test.db");
	w.notices = notices_create();
	w.rates = log_rates_create(w.store);
	w.gathering = incident_gathering_create(w.query, w.notices, w.rates);
	index_scan_begin(w.index, true, 3);
	tell(&w, "AAAAAA1", QUEUE_DEFERRED, "a@shop.example", "x@a.example", 7200);
	tell(&w, "AAAAAA2", QUEUE_DEFERRED, "", "y@a.example", 60);
	tell(&w, "AAAAAA3", QUEUE_HOLD, "a@shop.example", "z@b.example", 200000);
	index_scan_end(w.index, true, w.now);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	incident_gathering_destroy(&w->gathering);
	store_destroy(&w->store);
	log_rates_destroy(&w->rates);
	notices_destroy(&w->notices);
	query_free(w->query);
	index_free(w->index);
	return 0;
}

static const struct incident_facts *facts(struct world *w, bool queue_read)
{
	const struct incident_log log = {true, w->now, w->now - 86400};

	return incident_gathering_facts(w->gathering, w->now, queue_read, &log);
}

static void look(struct world *w)
{
	incident_gathering_look(w->gathering, w->now);
	while (incident_gathering_step(w->gathering))
		;
}

static void test_queue(void **state)
{
	struct world *w = *state;
	const struct incident_facts *f = facts(w, true);

	/* Before it was looked at nothing is believed. */
	assert_false(f->queue_known);
	look(w);
	f = facts(w, true);
	assert_true(f->queue_known);
	assert_false(facts(w, false)->queue_known);
	assert_int_equal(f->messages, 3);
	assert_int_equal(f->counts[QUEUE_DEFERRED], 2);
	assert_int_equal(f->oldest[QUEUE_DEFERRED], w->now - 7200);
	assert_int_equal(f->logins.count, 1);
	assert_true(slice_is(f->logins.items[0].key, "anna"));
	assert_int_equal(f->logins.items[0].messages, 3);
	assert_true(slice_is(f->clients.items[0].key, "192.0.2.7"));
	assert_int_equal(f->senders.count, 2);
	assert_true(slice_is(f->senders.items[1].key, "<>"));
	/* What is on hold waits for no destination. */
	assert_int_equal(f->domains.count, 1);
	assert_true(slice_is(f->host_causes.items[0].key, "mx.a.example"));
	assert_true(slice_is(f->provider_causes.items[0].key, "a.example"));
	assert_int_equal(f->null_sender_domains, 1);
	assert_int_equal(f->expiring, -1); /* no lifetime is known */
}

static void test_held(void **state)
{
	struct world *w = *state;

	look(w);
	assert_int_equal(facts(w, true)->held_long, -1);
	incident_gathering_set_held_here(w->gathering, 0);
	assert_int_equal(facts(w, true)->held_long, 1);
	incident_gathering_set_held_here(w->gathering, 5);
	assert_int_equal(facts(w, true)->held_long, 0);
}

/* A queue that did not change is not looked at again before some minutes. */
static void test_looks(void **state)
{
	struct world *w = *state;

	look(w);
	w->now += 60;
	look(w);
	assert_int_equal(incident_gathering_looked_at(w->gathering), w->now - 60);
	index_remove(w->index, SLICE("AAAAAA1"));
	look(w);
	assert_int_equal(incident_gathering_looked_at(w->gathering), w->now);
	assert_int_equal(facts(w, true)->logins.items[0].messages, 2);
	w->now += 301;
	look(w);
	assert_int_equal(incident_gathering_looked_at(w->gathering), w->now);
}

static void test_counts_and_networks(void **state)
{
	struct world *w = *state;
	const struct incident_settings settings = {SLICE("198.51.100.0/24"), 20000, 1000};
	const struct incident_term terms[] = {
	    {INCIDENT_OF_LOGIN, SLICE("anna")}, {INCIDENT_OF_DOMAIN, SLICE("a.example")}};
	const struct incident_facts *f;

	incident_gathering_set_settings(w->gathering, &settings);
	f = facts(w, true);
	assert_int_equal(f->active_limit, 20000);
	assert_int_equal(f->queue_minfree, 1000);
	assert_true(f->is_own_client(f->context, SLICE("198.51.100.3")));
	assert_true(f->is_own_client(f->context, SLICE("127.0.0.1")));
	assert_false(f->is_own_client(f->context, SLICE("192.0.2.7")));
	assert_int_equal(f->count_messages(f->context, terms, 1), 3);
	/* In another turn, as each has only so much time for it. */
	f = facts(w, true);
	assert_int_equal(f->count_messages(f->context, terms, 2), 2);
}

/* Each complaint is told in one turn; of too many the newest. */
static void test_problems(void **state)
{
	struct world *w = *state;
	char text[40];
	struct incident_problem problem = {w->now, SLICE("master"), 2, {text, 0}};

	for (int i = 0; i < INCIDENT_PROBLEMS_MAX + 5; i++) {
		problem.text.len = (size_t)snprintf(text, sizeof(text), "process %d killed", i);
		incident_gathering_add_problem(w->gathering, &problem);
	}
	assert_int_equal(facts(w, true)->problem_count, INCIDENT_PROBLEMS_MAX);
	incident_gathering_add_problem(w->gathering, &problem);
	const struct incident_facts *f = facts(w, true);
	assert_int_equal(f->problem_count, 1);
	assert_true(slice_is(f->problems[0].process, "master"));
	assert_true(slice_is(f->problems[0].text, text));
	assert_int_equal(facts(w, true)->problem_count, 0);
}

/* ---- What strangers and users call themselves ---- */

static void tell_login(struct world *w, size_t number, struct slice login)
{
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "BBBBB%02zX", number);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_REASONS;
	m.arrival = m.create_time = w->now;
	m.login = m.sender = login;
	m.client_address = SLICE("192.0.2.7");
	r = message_add_recipient(&m);
	r->address = SLICE("x@a.example");
	m.recipient_todo = 1;
	index_upsert(w->index, &m);
}

/* The page adds terms to a filter, which it splits at blanks outside of quotes: also at those that
 * only Unicode calls blanks. */
static void stays_one_word(const struct incident_term *term)
{
	BUFFER_AUTO struct buffer filter = {0};
	struct slice text;

	assert_true(incident_terms_filter(&filter, term, 1));
	text = slice_from(buffer_slice(&filter), strlen("login:="));
	for (size_t i = 0; i < text.len; i++)
		assert_true((unsigned char)text.data[i] < 0x80 || text.data[0] == '"');
}

/* The filter of "Hold all" matches the mail of exactly that login or sender, whatever it is called:
 * each of these has one message. */
static void test_hostile_names(void **state)
{
	char longest[RATES_KEY_MAX];
	const struct slice names[] = {SLICE("x or queue:deferred"), SLICE("x"), SLICE("or"),
	    SLICE("not"), SLICE("-x"), SLICE("!x"), SLICE("x*"), SLICE("*"), SLICE("?"),
	    SLICE("x) or (queue:deferred"), SLICE("\"x\" or queue:deferred"), SLICE("\""),
	    SLICE("x\\"), SLICE("\\\" or id:*"), SLICE("=x"), SLICE("<x"), SLICE(">x"), SLICE(":="),
	    SLICE("x,y"), SLICE("x|y"), SLICE("x:y"), SLICE("login:=x"), SLICE("x\ny"),
	    SLICE("x\r\n"), SLICE("x\x1b[2J"), SLICE("x\t"), SLICE(" x"), SLICE("x "),
	    SLICE("\xe2\x80\xaex"), SLICE("x\xe2\x80\x8b"), SLICE("\xc3\xa9"), SLICE("e\xcc\x81"),
	    SLICE("x\xe3\x80\x80id:*"), SLICE("x\xe2\x80\x83or\xe2\x80\x83y"), SLICE("..//evil"),
	    SLICE("javascript:alert(1)"), SLICE("<script>x</script>"),
	    {longest, sizeof(longest) - 1}, {longest, sizeof(longest) - 2}};
	struct world *w = *state;
	const struct incident_facts *f;

	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tell_login(w, i, names[i]);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct incident_term terms[] = {
		    {INCIDENT_OF_LOGIN, names[i]}, {INCIDENT_OF_SENDER, names[i]}};

		f = facts(w, true);
		assert_int_equal(f->count_messages(f->context, &terms[0], 1), 1);
		f = facts(w, true);
		assert_int_equal(f->count_messages(f->context, &terms[1], 1), 1);
		stays_one_word(&terms[0]);
	}
	/* What is not the whole name, or cannot be said, has no filter: none, never another's. */
	f = facts(w, true);
	assert_int_equal(
	    f->count_messages(f->context,
		&(struct incident_term){INCIDENT_OF_LOGIN, {longest, sizeof(longest)}}, 1),
	    -1);
	assert_int_equal(f->count_messages(f->context,
			     &(struct incident_term){INCIDENT_OF_LOGIN, SLICE("x\0y")}, 1),
	    -1);
}

static void test_repeats(void **state)
{
	const struct incident_repeat_seen seen[] = {
	    {true, 12, SLICE("a@shop.example"), SLICE("<4711@shop.example>")},
	    {false, 30, SLICE("a@shop.example"), SLICE("b@office.example")}};
	struct world *w = *state;
	const struct incident_facts *f;

	assert_int_equal(facts(w, true)->repeat_count, 0);
	incident_gathering_set_repeats(w->gathering, w->now - 60, seen, 2);
	f = facts(w, true);
	assert_int_equal(f->repeat_count, 2);
	assert_true(f->repeats[0].message_id && f->repeats[0].times == 12);
	assert_true(slice_is(f->repeats[0].text, "<4711@shop.example>"));
	assert_true(slice_is(f->repeats[0].sender, "a@shop.example"));
	assert_true(slice_is(f->repeats[1].text, "a@shop.example b@office.example"));
	assert_true(slice_is(f->repeats[1].sender, "a@shop.example"));
	/* A log reader that says nothing any more says nothing of now. */
	w->now += 1200;
	assert_int_equal(facts(w, true)->repeat_count, 0);
	incident_gathering_set_repeats(w->gathering, w->now, NULL, 0);
	assert_int_equal(facts(w, true)->repeat_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_queue, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_held, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_looks, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_counts_and_networks, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_problems, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_repeats, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_hostile_names, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
