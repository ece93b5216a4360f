#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/groups/groups.h"

#define NOW INT64_C(1800000000)
#define MESSAGES 250
#define RECIPIENTS 4

/* A plain record of each message, to count by hand. */
struct plain {
	enum queue queue;
	int64_t arrival;
	uint64_t size;
	char sender[40], login[16];
	char recipient[RECIPIENTS][40];
	const char *reason[RECIPIENTS];
	bool done[RECIPIENTS];
	size_t count;
};

static struct plain plains[MESSAGES];

static unsigned random_below(unsigned n)
{
	return (unsigned)random() % n;
}

static void fill(struct plain *p)
{
	/* Each is a class of its own. */
	static const char *const reasons[] = {"", "over quota", "greylisted", "mailbox is locked"};

	*p = (struct plain){.queue = (enum queue)random_below(QUEUE_CORRUPT),
	    .arrival = NOW - (int64_t)random_below(2000) * random_below(60),
	    .size = random_below(5000),
	    .count = random_below(RECIPIENTS + 1)};
	if (random_below(6))
		snprintf(p->sender, sizeof(p->sender), "u%u@s%u.example", random_below(9),
		    random_below(7));
	if (random_below(2))
		snprintf(p->login, sizeof(p->login), "login%u", random_below(6));
	for (size_t i = 0; i < p->count; i++) {
		snprintf(p->recipient[i], sizeof(p->recipient[i]), "r%zu@d%u.test", i,
		    random_below(4) ? random_below(3) : random_below(30));
		p->reason[i] = reasons[random_below(4)];
		p->done[i] = random_below(6) == 0;
	}
}

static struct index *make(void)
{
	struct index *ix = index_create();

	for (unsigned i = 0; i < MESSAGES; i++) {
		struct plain *p = &plains[i];
		MESSAGE_AUTO struct message m;
		fill(p);
		message_init(&m);
		snprintf(m.id, sizeof(m.id), "%06X", i + 0x100000);
		m.queue = p->queue;
		m.known = MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_REASONS | MESSAGE_KNOWS_DETAILS;
		m.arrival = p->arrival;
		m.size = p->size;
		m.sender = slice_of(p->sender);
		m.login = slice_of(p->login);
		for (size_t k = 0; k < p->count; k++) {
			struct message_recipient *r = message_add_recipient(&m);
			r->address = slice_of(p->recipient[k]);
			r->reason = slice_of(p->reason[k]);
			r->dsn = p->reason[k][0] ? SLICE("4.0.0") : SLICE("");
			r->flags = p->done[k] ? MESSAGE_RECIPIENT_DONE : 0;
			m.recipient_todo -= p->done[k];
		}
		index_upsert(ix, &m);
	}
	return ix;
}

static void age_name(int64_t arrival, char out[40])
{
	int64_t minutes = (NOW - arrival) / 60, limit = 5;

	while (limit < 1280 && minutes >= limit)
		limit *= 2;
	snprintf(out, 40, minutes >= 1280 ? "%lld+" : "%lld", (long long)limit);
}

static const char *after_at(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? at + 1 : "";
}

/* The key of one recipient (of the message, where it has none). */
static void key_of(const struct plain *p, size_t recipient, enum group_key key, char out[40])
{
	bool none = p->count == 0 || recipient >= p->count;

	switch (key) {
	case GROUP_QUEUE:
		snprintf(out, 40, "%s", queue_name(p->queue));
		break;
	case GROUP_AGE:
		age_name(p->arrival, out);
		break;
	case GROUP_SENDER:
		snprintf(out, 40, "%s", p->sender);
		break;
	case GROUP_SENDER_DOMAIN:
		snprintf(out, 40, "%s", after_at(p->sender));
		break;
	case GROUP_LOGIN:
		snprintf(out, 40, "%s", p->login);
		break;
	case GROUP_RECIPIENT_DOMAIN:
		snprintf(out, 40, "%s", none ? "" : after_at(p->recipient[recipient]));
		break;
	default:
		snprintf(out, 40, "%s", none ? "" : p->reason[recipient]);
		break;
	}
}

/* Where a key is shown; `count`: nowhere. */
static size_t place_of(const struct group *groups, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is(groups[i].key, key))
			return i;
	}
	return count;
}

struct sums {
	uint64_t messages, recipients, bytes;
};

/* What every message adds to the places that `of` picks: SIZE_MAX stands for all. */
static struct sums by_hand(
    const struct groups_table *t, const enum group_key keys[2], size_t row, size_t column)
{
	struct sums sums = {0};

	for (unsigned i = 0; i < MESSAGES; i++) {
		const struct plain *p = &plains[i];
		uint64_t recipients = 0;
		bool in = false, some = false;
		for (size_t k = 0; k <= p->count; k++) {
			char a[40], b[40];
			if (k < p->count ? p->done[k] : some)
				continue;
			some = true;
			key_of(p, k, keys[0], a);
			key_of(p, k, keys[1], b);
			if ((row != SIZE_MAX && place_of(t->rows, t->row_count, a) != row) ||
			    (column != SIZE_MAX &&
				place_of(t->columns, t->column_count, b) != column))
				continue;
			in = true;
			recipients += k < p->count;
		}
		sums.messages += in;
		sums.recipients += recipients;
		sums.bytes += in ? p->size : 0;
	}
	return sums;
}

static void check_sums(struct sums expected, uint64_t messages, uint64_t recipients, uint64_t bytes)
{
	assert_int_equal(messages, expected.messages);
	assert_int_equal(recipients, expected.recipients);
	assert_int_equal(bytes, expected.bytes);
}

static void check_group(struct sums expected, const struct group *g)
{
	check_sums(expected, g->messages, g->recipients, g->bytes);
}

static void check_table(struct index *ix, const enum group_key keys[2], const size_t limits[2])
{
	struct groups_table t;

	groups_table_count(ix, NULL, keys, limits, NOW, &t);
	for (size_t r = 0; r <= t.row_count; r++) {
		for (size_t c = 0; c <= t.column_count; c++) {
			const struct groups_cell *cell = &t.cells[r * (t.column_count + 1) + c];
			check_sums(
			    by_hand(&t, keys, r, c), cell->messages, cell->recipients, cell->bytes);
		}
		check_group(
		    by_hand(&t, keys, r, SIZE_MAX), r < t.row_count ? &t.rows[r] : &t.other_row);
		assert_true(r == 0 || r >= t.row_count || keys[0] == GROUP_AGE ||
			    keys[0] == GROUP_QUEUE || t.rows[r].messages <= t.rows[r - 1].messages);
	}
	for (size_t c = 0; c <= t.column_count; c++)
		check_group(by_hand(&t, keys, SIZE_MAX, c),
		    c < t.column_count ? &t.columns[c] : &t.other_column);
	check_group(by_hand(&t, keys, SIZE_MAX, SIZE_MAX), &t.total);
	assert_int_equal(t.match.messages, MESSAGES);
	groups_table_free(&t);
}

static void test_every_pair(void **state)
{
	static const enum group_key all[] = {GROUP_QUEUE, GROUP_AGE, GROUP_SENDER,
	    GROUP_SENDER_DOMAIN, GROUP_LOGIN, GROUP_RECIPIENT_DOMAIN, GROUP_REASON};
	static const size_t limits[][2] = {{3, 2}, {1000, 50}};
	struct index *ix;

	srandom(3);
	ix = make();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++) {
			enum group_key keys[] = {all[i], all[k]};
			for (size_t l = 0; l < 2 && i != k; l++)
				check_table(ix, keys, limits[l]);
		}
	}
	index_free(ix);
}

static void test_shape(void **state)
{
	const enum group_key keys[] = {GROUP_RECIPIENT_DOMAIN, GROUP_AGE};
	const size_t limits[] = {5, 5};
	struct index *ix = index_create();
	struct groups_table t;
	struct filter *f;

	/* An empty queue has its columns. */
	groups_table_count(ix, NULL, keys, limits, NOW, &t);
	assert_int_equal(t.row_count, 0);
	assert_int_equal(t.column_count, 10);
	assert_true(slice_is(t.columns[0].key, "5"));
	assert_true(slice_is(t.columns[9].key, "1280+"));
	assert_int_equal(t.total.messages, 0);
	groups_table_free(&t);
	index_free(ix);

	srandom(4);
	ix = make();
	f = filter_parse(SLICE("queue:hold"), NULL);
	groups_table_count(ix, f, keys, limits, NOW, &t);
	assert_true(t.total.messages > 0 && t.total.messages < MESSAGES);
	assert_int_equal(t.total.messages, t.match.messages);
	assert_int_equal(t.row_count, 5);
	assert_true(t.other_row.messages > 0);
	assert_int_equal(t.other_column.messages, 0);
	groups_table_free(&t);
	filter_free(f);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_pair),
	    cmocka_unit_test(test_shape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
