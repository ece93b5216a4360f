#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/groups/complete.h"
#include "index/views/view.h"

#define NOW INT64_C(1800000000)
#define MESSAGES 300
#define RECIPIENTS 3

/* A plain record of each message, to count by hand. */
struct plain {
	bool there;
	char sender[40], login[20], client[20], address[40], helo[20], subject[30];
	char recipient[RECIPIENTS][40];
	size_t count;
	const char *reason;
};

static struct plain plains[MESSAGES];

static const char *const reasons[] = {"", "host mx.a.test[192.0.2.1] said: 452 4.2.2 Over quota",
    "connect to mx.b.test[192.0.2.2]:25: Connection refused"};

static unsigned random_below(unsigned n)
{
	return (unsigned)random() % n;
}

/* Some values often, most of them once. */
static unsigned skewed(void)
{
	return random_below(3) ? random_below(6) : random_below(1000);
}

static void fill(struct plain *p, unsigned i)
{
	*p = (struct plain){.there = true, .count = 1 + random_below(RECIPIENTS)};
	if (random_below(8))
		snprintf(p->sender, sizeof(p->sender), "User%u@%s.example", skewed(),
		    random_below(2) ? "shop" : "office");
	if (random_below(2))
		snprintf(p->login, sizeof(p->login), "login%u", skewed());
	snprintf(p->client, sizeof(p->client), "c%u.test", skewed());
	snprintf(p->address, sizeof(p->address), "192.0.2.%u", i % 200);
	snprintf(p->helo, sizeof(p->helo), "helo%u", skewed());
	snprintf(p->subject, sizeof(p->subject), "Subject %u", skewed());
	for (size_t k = 0; k < p->count; k++)
		snprintf(p->recipient[k], sizeof(p->recipient[k]), "r%u@d%u.test", skewed(),
		    skewed() % 12);
	p->reason = reasons[random_below(3)];
}

static void tell(struct index *ix, const struct plain *p, unsigned i)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%06X", i + 0x100000);
	m.queue = i % 2 ? QUEUE_DEFERRED : QUEUE_HOLD;
	m.known = MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_SUBJECT | MESSAGE_KNOWS_REASONS;
	m.arrival = NOW - i;
	m.sender = slice_of(p->sender);
	m.login = slice_of(p->login);
	m.client_name = slice_of(p->client);
	m.client_address = slice_of(p->address);
	m.helo = slice_of(p->helo);
	m.subject = slice_of(p->subject);
	for (size_t k = 0; k < p->count; k++) {
		struct message_recipient *r = message_add_recipient(&m);
		r->address = slice_of(p->recipient[k]);
		r->reason = slice_of(p->reason);
		r->dsn = p->reason[0] ? SLICE("4.2.2") : SLICE("");
	}
	index_upsert(ix, &m);
}

static struct index *make(void)
{
	struct index *ix = index_create();

	for (unsigned i = 0; i < MESSAGES; i++) {
		fill(&plains[i], i);
		tell(ix, &plains[i], i);
	}
	while (index_settle(ix, 100))
		continue;
	return ix;
}

static const char *domain(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? at + 1 : address;
}

/* Whether a message has this value, by hand. */
static bool has(const struct plain *p, enum complete_kind kind, const char *value)
{
	char client[64];

	switch (kind) {
	case COMPLETE_SENDER:
		return strcmp(p->sender, value) == 0;
	case COMPLETE_SENDER_DOMAIN:
		return p->sender[0] && strcmp(domain(p->sender), value) == 0;
	case COMPLETE_CLIENT:
		snprintf(client, sizeof(client), "%s[%s]", p->client, p->address);
		return strcmp(client, value) == 0;
	case COMPLETE_LOGIN:
		return strcmp(p->login, value) == 0;
	case COMPLETE_HELO:
		return strcmp(p->helo, value) == 0;
	case COMPLETE_SUBJECT:
		return strcmp(p->subject, value) == 0;
	default:
		break;
	}
	for (size_t k = 0; k < p->count; k++) {
		const char *r = p->recipient[k];
		if (strcmp(kind == COMPLETE_RECIPIENT ? r : domain(r), value) == 0)
			return true;
	}
	return false;
}

static uint64_t count_by_hand(enum complete_kind kind, const char *value)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < MESSAGES; i++)
		count += plains[i].there && has(&plains[i], kind, value);
	return count;
}

/* Each value's count, their order, and that each contains what was typed. */
static size_t check(
    struct index *ix, enum complete_kind kind, const char *typed, size_t limit, uint64_t *most)
{
	BUFFER_AUTO struct buffer memory = {0};
	struct complete_value found[COMPLETE_MAX];
	size_t count = complete_values(ix, kind, slice_of(typed), limit, &memory, found);

	assert_true(count <= limit);
	*most = count ? found[0].messages : 0;
	for (size_t i = 0; i < count; i++) {
		char value[80];
		snprintf(value, sizeof(value), "%.*s", SLICE_ARGS(found[i].text));
		if (found[i].messages != count_by_hand(kind, value))
			fail_msg("%s: %llu messages", value, (unsigned long long)found[i].messages);
		assert_true(i == 0 || found[i].messages <= found[i - 1].messages);
		assert_true(
		    value[0] == '\0' || slice_find_nocase(found[i].text, slice_of(typed)) >= 0);
	}
	return count;
}

static void test_counts(void **state)
{
	static const struct {
		enum complete_kind kind;
		const char *typed;
	} cases[] = {{COMPLETE_SENDER, ""}, {COMPLETE_SENDER, "SHOP"}, {COMPLETE_SENDER_DOMAIN, ""},
	    {COMPLETE_SENDER_DOMAIN, "off"}, {COMPLETE_RECIPIENT, "r1"}, {COMPLETE_RECIPIENT, ""},
	    {COMPLETE_RECIPIENT_DOMAIN, ""}, {COMPLETE_RECIPIENT_DOMAIN, "d1"},
	    {COMPLETE_CLIENT, "192"}, {COMPLETE_CLIENT, "c1"}, {COMPLETE_LOGIN, "login"},
	    {COMPLETE_HELO, ""}, {COMPLETE_SUBJECT, "subject 1"}};
	struct index *ix;
	uint64_t most, largest;

	srandom(1);
	ix = make();
	/* A view keeps rows that leave: they count no more. */
	view_create(ix, NULL, SLICE(""), (struct index_sort){0}, NOW);
	for (unsigned i = 0; i < MESSAGES; i += 7) {
		char id[8];
		snprintf(id, sizeof(id), "%06X", i + 0x100000);
		assert_true(index_remove(ix, slice_of(id)));
		plains[i].there = false;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(check(ix, cases[i].kind, cases[i].typed, COMPLETE_MAX, &largest) > 0);
		/* The largest are found whatever the limit. */
		for (size_t limit = 2; limit < 10; limit++) {
			assert_int_equal(
			    check(ix, cases[i].kind, cases[i].typed, limit, &most) <= limit, true);
			assert_true(most >= largest - largest / 4);
		}
		assert_int_equal(check(ix, cases[i].kind, cases[i].typed, 0, &most), 0);
	}
	assert_int_equal(check(ix, COMPLETE_SENDER, "nobody", 10, &most), 0);
	index_free(ix);
}

/* One client with many messages comes before one with few from many places. */
static void test_frequent_origin(void **state)
{
	struct index *ix = index_create();
	BUFFER_AUTO struct buffer memory = {0};
	struct complete_value found;

	for (unsigned i = 0; i < 53; i++) {
		struct plain p = {.login = "many", .client = "one.test", .count = 1, .reason = ""};
		if (i >= 50) {
			snprintf(p.login, sizeof(p.login), "few");
			snprintf(p.client, sizeof(p.client), "c%u.test", i);
		}
		snprintf(p.recipient[0], sizeof(p.recipient[0]), "r@d.test");
		tell(ix, &p, i);
	}
	assert_int_equal(complete_values(ix, COMPLETE_LOGIN, SLICE(""), 1, &memory, &found), 1);
	assert_true(slice_is(found.text, "many"));
	assert_int_equal(found.messages, 50);
	index_free(ix);
}

static void check_one(struct index *ix, enum complete_kind kind, const char *typed,
    const char *expected, size_t wanted)
{
	BUFFER_AUTO struct buffer memory = {0};
	struct complete_value found[COMPLETE_MAX];
	size_t count = complete_values(ix, kind, slice_of(typed), COMPLETE_MAX, &memory, found);

	if (count != wanted || (count > 0 && !slice_is(found[0].text, expected)))
		fail_msg("%s: %zu values, the first is %.*s", typed, count,
		    count ? (int)found[0].text.len : 0, count ? found[0].text.data : "");
	assert_true(count == 0 || found[0].messages > 0);
}

static void test_special(void **state)
{
	struct index *ix;

	srandom(2);
	ix = make();
	check_one(ix, COMPLETE_QUEUE, "h", "hold", 1);
	check_one(ix, COMPLETE_QUEUE, "", "deferred", 2);
	check_one(ix, COMPLETE_SENDER, "<", "", 1);
	check_one(ix, COMPLETE_SENDER, "mailer", "", 1);
	check_one(ix, COMPLETE_SENDER, "<>x", "", 0);
	check_one(ix, COMPLETE_SENDER_DOMAIN, "*ffi", "office.example", 1);
	check_one(ix, COMPLETE_SENDER_DOMAIN, "sh?p", "shop.example", 1);
	check_one(ix, COMPLETE_SENDER_DOMAIN, "ho?p", "", 0);
	check_one(ix, COMPLETE_REASON, "quota", "host <host>[<ip>] said: 452 4.2.2 Over quota", 1);
	check_one(ix, COMPLETE_CAUSE, "refused", "connection-refused", 1);
	index_free(ix);
	ix = index_create();
	for (int kind = COMPLETE_QUEUE; kind <= COMPLETE_SUBJECT; kind++)
		check_one(ix, (enum complete_kind)kind, "", "", 0);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_frequent_origin),
	    cmocka_unit_test(test_special),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
