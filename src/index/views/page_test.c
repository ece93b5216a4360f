/* Pages and views of some thousands of messages against a plain sort, on data that is hard for a
 * selection: everything the same, everything in order, senders alike for 256 bytes; while messages
 * leave, also those that a page's key names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "index/views/view.h"

#define COUNT 5000
#define NOW INT64_C(1800000000)

enum shape { MIXED, EQUAL, ASCENDING, DESCENDING, LONG_SENDERS, SHAPES };

struct mail {
	char id[QUEUE_ID_SIZE], sender[400];
	int64_t arrival, next_retry; /* next_retry 0: not known */
	uint64_t size;
	unsigned recipients;
	bool gone;
};

static struct mail mails[COUNT];

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

static void make_sender(struct mail *m, enum shape shape, unsigned n)
{
	if (shape == EQUAL)
		snprintf(m->sender, sizeof(m->sender), "a@b.example");
	else if (shape == LONG_SENDERS)
		/* Alike in what the order looks at, for half of them. */
		snprintf(m->sender, sizeof(m->sender), "%0*d%u@b.example",
		    (int)(240 + below(2) * 20), 0, n);
	else if (shape == MIXED)
		snprintf(m->sender, sizeof(m->sender), "bounces+%u%s", below(60),
		    below(9) ? "@news.example" : "");
	else
		snprintf(m->sender, sizeof(m->sender), "s%05u@b.example",
		    shape == ASCENDING ? n : COUNT - n);
	if (shape == MIXED && below(20) == 0)
		m->sender[0] = '\0';
}

static void make_mail(struct mail *m, enum shape shape, unsigned n)
{
	unsigned place = shape == DESCENDING ? COUNT - n : n;

	*m = (struct mail){.arrival = NOW, .next_retry = NOW, .size = 1000, .recipients = 1};
	snprintf(m->id, sizeof(m->id), "%05X%06X", shape == MIXED ? below(0xF4240) : place,
	    shape == MIXED ? 0x100000 + n : place);
	make_sender(m, shape, n);
	if (shape == EQUAL)
		return;
	m->arrival = shape == MIXED ? NOW - below(300) : NOW - 2 * COUNT + place;
	m->next_retry = below(3) ? NOW + (shape == MIXED ? below(50) : place) : 0;
	m->size = shape == MIXED && below(50) == 0 ? (UINT64_C(5) << 32) + below(9) : place;
	m->recipients = below(10) ? 1 : below(6);
}

static void tell(struct index *ix, const struct mail *from)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", from->id);
	m.queue = QUEUE_DEFERRED;
	m.known = from->next_retry ? MESSAGE_KNOWS_NEXT_RETRY : 0;
	m.arrival = from->arrival;
	m.next_retry = from->next_retry;
	m.size = from->size;
	m.sender = slice_of(from->sender);
	for (unsigned i = 0; i < from->recipients; i++)
		message_add_recipient(&m)->address = SLICE("r@c.example");
	index_upsert(ix, &m);
}

static struct index *make_queue(enum shape shape)
{
	struct index *ix = index_create();

	index_scan_begin(ix, true, COUNT);
	for (unsigned n = 0; n < COUNT; n++) {
		make_mail(&mails[n], shape, n);
		tell(ix, &mails[n]);
	}
	index_scan_end(ix, true, NOW);
	return ix;
}

/* ---- The plain order ---- */

static int by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare(const struct mail *a, const struct mail *b, struct index_sort sort)
{
	int order = 0;

	if (sort.field == INDEX_SORT_NEXT_RETRY && (a->next_retry == 0) != (b->next_retry == 0))
		return a->next_retry == 0 ? 1 : -1;
	if (sort.field == INDEX_SORT_NEXT_RETRY)
		order = by_number(a->next_retry, b->next_retry);
	else if (sort.field == INDEX_SORT_SIZE)
		order = by_number((int64_t)a->size, (int64_t)b->size);
	else if (sort.field == INDEX_SORT_RECIPIENTS)
		order = by_number(a->recipients, b->recipients);
	else if (sort.field == INDEX_SORT_SENDER)
		order = strncmp(a->sender, b->sender, INDEX_SENDER_SORT_BYTES);
	if (order == 0 && sort.field != INDEX_SORT_ID)
		order = by_number(a->arrival, b->arrival);
	if (order == 0)
		order = strcmp(a->id, b->id);
	return sort.descending ? -order : order;
}

static int compare_for_qsort(const void *a, const void *b, void *sort)
{
	return compare(
	    *(struct mail *const *)a, *(struct mail *const *)b, *(const struct index_sort *)sort);
}

/* Those that are queued, in order. */
static size_t sorted(struct mail **out, struct index_sort sort)
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT; i++) {
		if (!mails[i].gone)
			out[count++] = &mails[i];
	}
	qsort_r(out, count, sizeof(*out), compare_for_qsort, &sort);
	return count;
}

static void assert_row(struct index *ix, uint32_t row, const struct mail *m)
{
	struct index_row r;

	assert_true(index_row(ix, row, &r));
	assert_string_equal(r.id, m->id);
}

/* ---- Tests ---- */

static void lose(struct index *ix, struct mail *m)
{
	assert_true(index_remove(ix, slice_of(m->id)));
	m->gone = true;
}

/* Goes through all pages; between them messages leave: the last one of each page, and some.
 */
static void check_pages(struct index *ix, struct index_sort sort, bool losing)
{
	static struct mail *expected[COUNT];
	size_t count = sorted(expected, sort), at = 0;
	BUFFER_AUTO struct buffer after = {0};
	uint32_t rows[INDEX_PAGE_MAX];

	do {
		BUFFER_AUTO struct buffer next = {0};
		struct index_match match;
		int got = index_page(ix, NULL, sort, buffer_slice(&after),
		    1 + below(INDEX_PAGE_MAX), NOW, rows, &match, &next, NULL);
		assert_true(got >= 0);
		for (int i = 0; i < got; i++, at++) {
			while (at < count && expected[at]->gone)
				at++;
			assert_true(at < count);
			assert_row(ix, rows[i], expected[at]);
		}
		buffer_clear(&after);
		buffer_append_slice(&after, buffer_slice(&next));
		if (losing && got > 0) {
			lose(ix, expected[at - 1]);
			for (int i = 0; i < 20; i++) {
				struct mail *m = &mails[below(COUNT)];
				if (!m->gone)
					lose(ix, m);
			}
		}
	} while (after.len > 0);
	while (at < count && expected[at]->gone)
		at++;
	assert_int_equal(at, count);
}

static void check_view(struct index *ix, struct index_sort sort)
{
	static struct mail *expected[COUNT];
	size_t count = sorted(expected, sort);
	const struct view *v = view_create(ix, NULL, SLICE(""), sort, NOW);

	assert_int_equal(view_length(v), count);
	for (uint32_t i = 0; i < count; i++)
		assert_row(ix, view_row(v, i), expected[i]);
	view_drop(ix, slice_of(view_id(v)));
}

static void test_orders(void **state)
{
	(void)state;
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		struct index *ix = make_queue(shape);

		for (int s = 0; s < 12; s++) {
			struct index_sort sort = {(enum index_sort_field)(s / 2), s % 2};
			check_view(ix, sort);
			check_pages(ix, sort, false);
			check_pages(ix, sort, true);
		}
		index_free(ix);
	}
}

/* A cursor that nobody wrote is refused, or leads somewhere without harm. */
static void test_cursors(void **state)
{
	static const char *const bad[] = {"x", "a-", "a-1", "a-1.2", "a+1.2.ABCDEF1",
	    "a-g.2.ABCDEF1", "a-1.2.!", "a-11111111111111111.2.ABCDEF1", "f-0.2.ABCDEF1"};
	struct index *ix = make_queue(MIXED);
	struct index_match match;
	struct error err;
	uint32_t rows[10];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct index_sort sort = {INDEX_SORT_ARRIVAL, true};
		assert_int_equal(
		    index_page(ix, NULL, sort, slice_of(bad[i]), 10, NOW, rows, &match, NULL, &err),
		    -1);
		assert_string_equal(err.code, "invalid_cursor");
	}
	for (int i = 0; i < 12; i++) {
		struct index_sort sort = {(enum index_sort_field)(i / 2), i % 2};
		char text[100];
		snprintf(text, sizeof(text), "%c%cffffffffffffffff.ffffffff.zzzzzzzzzzzzzzzzzzzz%s",
		    "asfnri"[sort.field], sort.descending ? '-' : '+',
		    sort.field == INDEX_SORT_SENDER ? ".ff" : "");
		assert_true(index_page(ix, NULL, sort, slice_of(text), 10, NOW, rows, &match, NULL,
				&err) >= 0);
	}
	index_free(ix);
}

/* What predicates is kept for whoever holds a pin, until the last one lets go. */
static void test_pins(void **state)
{
	struct index *ix = make_queue(MIXED);
	struct view_pin *first = view_pin(ix), *second;
	uint32_t row = index_find(ix, slice_of(mails[7].id)), other;
	struct index_row r;

	(void)state;
	lose(ix, &mails[7]);
	second = view_pin(ix);
	other = index_find(ix, slice_of(mails[8].id));
	lose(ix, &mails[8]);
	assert_true(index_row(ix, row, &r) && r.left);
	assert_string_equal(r.id, mails[7].id);
	view_unpin(&first);
	assert_null(first);
	assert_false(index_row(ix, row, &r));
	assert_true(index_row(ix, other, &r) && r.left);
	view_unpin(&second);
	assert_false(index_row(ix, other, &r));
	view_unpin(&second);
	index_free(ix);
}

/* IDs that are used again and again while somebody keeps all that left: each is there once. */
static void test_ids_used_again_while_pinned(void **state)
{
	struct index *ix = index_create();
	struct view_pin *pin = view_pin(ix);
	struct index_status status;

	(void)state;
	for (int life = 0; life < 20; life++)
		for (int i = 0; i < 50; i++) {
			struct mail m = {.arrival = NOW + life, .size = 10};
			uint32_t row;
			struct index_row r;

			snprintf(m.id, sizeof(m.id), "ABCDE%05X", i);
			tell(ix, &m);
			row = index_find(ix, slice_of(m.id));
			assert_true(index_row(ix, row, &r) && !r.left);
			assert_int_equal(r.arrival, NOW + life);
			index_status(ix, &status);
			assert_int_equal(status.messages, life == 0 ? i + 1 : 50);
		}
	view_unpin(&pin);
	index_free(ix);
}

static void test_changes(void **state)
{
	struct index *ix = make_queue(EQUAL);
	struct filter *f = filter_parse(SLICE("size>500"), NULL);
	struct index_sort sort = {INDEX_SORT_ARRIVAL, true};
	const struct view *v = view_create(ix, f, SLICE("size>500"), sort, NOW);
	struct mail small = {.id = "ABCDEF1234", .arrival = NOW, .size = 10}, large = small;
	uint64_t arrived, left;

	(void)state;
	view_changes(ix, v, NOW, &arrived, &left);
	assert_int_equal(arrived + left, 0);
	lose(ix, &mails[3]);
	tell(ix, &small);
	snprintf(large.id, sizeof(large.id), "ABCDEF1235");
	large.size = 600;
	tell(ix, &large);
	view_changes(ix, v, NOW, &arrived, &left);
	assert_int_equal(arrived, 1);
	assert_int_equal(left, 1);
	filter_free(f);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_orders),
	    cmocka_unit_test(test_cursors), cmocka_unit_test(test_pins),
	    cmocka_unit_test(test_ids_used_again_while_pinned), cmocka_unit_test(test_changes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
