/* What a survey of many steps finds is what one counts by hand, also while the queue moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/groups/survey.h"

#define NOW INT64_C(1800000000)
#define MESSAGES 1000
#define RECIPIENTS 3

struct plain {
	enum queue queue;
	int64_t arrival;
	char sender[40], login[16], client[16];
	char recipient[RECIPIENTS][40];
	const char *reason[RECIPIENTS];
	size_t count;
};

static struct plain plains[MESSAGES];

static const char *const reasons[] = {"",
    "host mx1.mail.provider.test[192.0.2.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO)",
    "host mx2.mail.provider.test[192.0.2.2] said: 452 4.2.2 Mailbox full (in reply to RCPT TO)",
    "connect to mx.other.test[192.0.2.9]:25: Connection refused"};

static unsigned random_below(unsigned n)
{
	return (unsigned)random() % n;
}

static void fill(struct plain *p)
{
	*p = (struct plain){.queue = (enum queue)random_below(QUEUE_CORRUPT),
	    .arrival = NOW - (int64_t)random_below(200000),
	    .count = random_below(RECIPIENTS + 1)};
	if (random_below(6))
		snprintf(p->sender, sizeof(p->sender), "u%u@s%u.example", random_below(9),
		    random_below(7));
	if (random_below(2))
		snprintf(p->login, sizeof(p->login), "login%u", random_below(6));
	snprintf(p->client, sizeof(p->client), "192.0.2.%u", random_below(5));
	for (size_t i = 0; i < p->count; i++) {
		snprintf(
		    p->recipient[i], sizeof(p->recipient[i]), "r%zu@d%u.test", i, random_below(30));
		p->reason[i] = reasons[random_below(4)];
	}
}

static void tell(struct index *ix, unsigned n, const struct plain *p)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%XABCD", 0x1000 + n);
	m.queue = p->queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_REASONS;
	m.arrival = m.create_time = p->arrival;
	m.sender = slice_of(p->sender);
	m.login = slice_of(p->login);
	m.client_address = slice_of(p->client);
	m.client_name = SLICE("unknown");
	m.size = 100 + n;
	/* Not known, due, and to come. */
	m.known |= n % 3 != 0 ? MESSAGE_KNOWS_NEXT_RETRY : 0;
	m.next_retry = n % 3 == 0 ? 0 : NOW + (n % 3 == 1 ? -60 : 60);
	for (size_t i = 0; i < p->count; i++) {
		struct message_recipient *r = message_add_recipient(&m);

		r->address = slice_of(p->recipient[i]);
		r->reason = slice_of(p->reason[i]);
	}
	m.recipient_todo = (uint32_t)p->count;
	index_upsert(ix, &m);
}

static bool waits(const struct plain *p)
{
	return p->queue != QUEUE_HOLD && p->queue != QUEUE_MAILDROP;
}

static bool goes_to(const struct plain *p, size_t i, struct slice domain)
{
	return slice_equal(slice_from(slice_of(p->recipient[i]), 3), domain);
}

static const struct survey_group *find(const struct survey_groups *groups, const char *key)
{
	for (size_t i = 0; i < groups->count; i++)
		if (slice_is(groups->items[i].key, key))
			return &groups->items[i];
	return NULL;
}

static struct survey_result look(struct index *ix)
{
	struct survey *s = survey_create(ix);
	struct survey_result found;

	survey_begin(s, NOW);
	while (survey_step(s, 64))
		;
	survey_result(s, &found);
	survey_result_free(&found);
	/* Another one, with what the first has kept. */
	survey_begin(s, NOW);
	while (survey_step(s, 64))
		;
	survey_result(s, &found);
	survey_free(&s);
	return found;
}

static struct index *make(void)
{
	struct index *ix = index_create();

	srandom(7);
	for (unsigned i = 0; i < MESSAGES; i++) {
		fill(&plains[i]);
		tell(ix, i, &plains[i]);
	}
	while (index_settle(ix, 1000))
		;
	index_set_lifetimes(ix, 100000, 50000);
	return ix;
}

static void check_senders(const struct survey_result *found)
{
	for (size_t g = 0; g < found->senders.count; g++) {
		const struct survey_group *group = &found->senders.items[g];
		uint64_t messages = 0, recipients = 0;

		for (unsigned i = 0; i < MESSAGES; i++) {
			const char *sender = plains[i].sender[0] ? plains[i].sender : "<>";
			if (!slice_is(group->key, sender))
				continue;
			messages++;
			recipients += plains[i].count;
		}
		assert_int_equal(group->messages, messages);
		assert_int_equal(group->recipients, recipients);
		assert_true(g == 0 || group[-1].messages >= group->messages);
	}
	assert_non_null(find(&found->senders, "<>"));
}

static void check_domains(const struct survey_result *found)
{
	assert_int_equal(found->domains.count, 30);
	assert_int_equal(found->domains_waiting, 30);
	for (size_t g = 0; g < found->domains.count; g++) {
		const struct survey_group *group = &found->domains.items[g];
		uint64_t messages = 0, recipients = 0;
		int64_t oldest = INT64_MAX;

		for (unsigned i = 0; i < MESSAGES; i++) {
			size_t in = 0;
			for (size_t r = 0; r < plains[i].count && waits(&plains[i]); r++)
				in += goes_to(&plains[i], r, group->key);
			recipients += in;
			messages += in > 0;
			if (in > 0 && plains[i].arrival < oldest)
				oldest = plains[i].arrival;
		}
		assert_int_equal(group->messages, messages);
		assert_int_equal(group->recipients, recipients);
		assert_int_equal(group->oldest_arrival, oldest);
	}
}

/* Both hosts of the provider are one, with a reply of one of them as it was given. */
static void check_providers(const struct survey_result *found)
{
	uint64_t recipients = 0;

	for (unsigned i = 0; i < MESSAGES; i++)
		for (size_t r = 0; r < plains[i].count && waits(&plains[i]); r++)
			recipients +=
			    plains[i].reason[r] == reasons[1] || plains[i].reason[r] == reasons[2];
	assert_int_equal(found->provider_causes.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct survey_cell *cell = &found->provider_causes.items[i];
		if (!slice_is(cell->key, "provider.test"))
			continue;
		assert_true(slice_is(cell->cause, "over-quota"));
		assert_int_equal(cell->recipients, recipients);
		assert_true(slice_is(cell->quote, reasons[1]) || slice_is(cell->quote, reasons[2]));
		return;
	}
	fail();
}

/* Of the numbers that have no key. */
static void check_sums(const struct survey_result *found)
{
	struct survey_result by_hand = {.due = 0};

	for (unsigned i = 0; i < MESSAGES; i++) {
		const struct plain *p = &plains[i];
		int64_t left = p->arrival + (p->sender[0] ? 100000 : 50000) - NOW;
		unsigned age = 0;

		by_hand.queues[p->queue].messages++;
		by_hand.queues[p->queue].bytes += 100 + i;
		by_hand.queues[p->queue].recipients += p->count;
		while (age < SURVEY_AGES - 1 && NOW - p->arrival >= 300 << age)
			age++;
		by_hand.ages[age]++;
		if (!waits(p))
			continue;
		by_hand.due += p->queue != QUEUE_DEFERRED || i % 3 == 1;
		by_hand.waiting_recipients += p->count;
		for (unsigned span = 0; span < SURVEY_SPANS; span++)
			by_hand.expiring_within[span] += left < survey_span_seconds(span);
	}
	assert_memory_equal(found->queues, by_hand.queues, sizeof(by_hand.queues));
	assert_memory_equal(found->ages, by_hand.ages, sizeof(by_hand.ages));
	assert_memory_equal(
	    found->expiring_within, by_hand.expiring_within, sizeof(by_hand.expiring_within));
	assert_int_equal(found->due, by_hand.due);
	assert_int_equal(found->waiting_recipients, by_hand.waiting_recipients);
	assert_string_equal(survey_age_name(0), "5");
	assert_string_equal(survey_age_name(SURVEY_AGES - 1), "1280+");
}

static void check_rest(const struct survey_result *found)
{
	uint64_t expiring = 0, held = 0, cells = 0, domains = 0;

	for (unsigned i = 0; i < MESSAGES; i++) {
		const struct plain *p = &plains[i];
		int64_t lifetime = p->sender[0] ? 100000 : 50000;

		expiring += waits(p) && p->arrival + lifetime - NOW < SURVEY_EXPIRING;
		held += p->queue == QUEUE_HOLD && NOW - p->arrival > SURVEY_HELD_LONG;
	}
	check_sums(found);
	for (size_t i = 0; i < found->domain_causes.count; i++)
		cells += found->domain_causes.items[i].recipients;
	for (size_t i = 0; i < found->domains.count; i++)
		domains += found->domains.items[i].recipients;
	assert_true(found->expiring_known);
	assert_int_equal(found->expiring, expiring);
	assert_int_equal(found->held_long, held);
	assert_int_equal(cells, domains);
	assert_non_null(find(&found->clients, "192.0.2.1"));
	assert_int_equal(found->logins.count, 6);
	assert_null(find(&found->logins, ""));
}

static void test_by_hand(void **state)
{
	struct index *ix = make();
	struct survey_result found = look(ix);

	(void)state;
	check_senders(&found);
	check_domains(&found);
	check_providers(&found);
	check_rest(&found);
	survey_result_free(&found);
	index_free(ix);
}

/* Messages come and go between the steps: nothing is counted that is not there, twice, or from
 * memory that has moved. */
static void test_moving(void **state)
{
	struct index *ix = make();
	struct survey *s = survey_create(ix);
	struct survey_result found;
	struct plain p;
	uint64_t senders = 0;
	unsigned next = MESSAGES;
	char id[QUEUE_ID_SIZE];

	(void)state;
	survey_begin(s, NOW);
	while (survey_step(s, 64) && next < 100000)
		for (unsigned i = 0; i < 200; i++) {
			fill(&p);
			snprintf(p.sender, sizeof(p.sender), "new%u@s.example", next);
			tell(ix, next, &p);
			snprintf(id, sizeof(id), "%XABCD", 0x1000 + next - MESSAGES);
			index_remove(ix, slice_of(id));
			next++;
		}
	survey_result(s, &found);
	for (size_t i = 0; i < found.senders.count; i++) {
		assert_true(found.senders.items[i].key.len > 0);
		senders += found.senders.items[i].messages;
	}
	assert_true(senders > 0 && senders <= next);
	survey_result_free(&found);
	survey_free(&s);
	index_free(ix);
}

static void test_empty(void **state)
{
	struct index *ix = index_create();
	struct survey_result found = look(ix);

	(void)state;
	assert_int_equal(found.senders.count, 0);
	assert_int_equal(found.domain_causes.count, 0);
	assert_false(found.expiring_known);
	survey_result_free(&found);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand),
	    cmocka_unit_test(test_moving), cmocka_unit_test(test_empty)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
