/* What rows keep in few bytes where it is as usual, and beside where it is not: told, changed from
 * any form to any other, left, and told again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/columns.h"
#include "index/index.h"

#define ROWS 60
#define RECIPIENTS 5

struct plain_recipient {
	char address[24], original[24], reason[24];
	bool done;
};

struct plain {
	bool there;
	char id[QUEUE_ID_SIZE];
	uint32_t known, todo, count;
	int64_t arrival, create_time;
	uint64_t size, inode;
	char login[16], helo[16];
	struct plain_recipient recipients[RECIPIENTS];
};

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

/* Of each length there is, from the shortest to the longest that is taken. */
static void make_id(unsigned n, char id[QUEUE_ID_SIZE])
{
	unsigned digits = n % 13;

	if (digits == 0)
		snprintf(id, QUEUE_ID_SIZE, "%05X%X", n, 0xB000 + n);
	else
		snprintf(id, QUEUE_ID_SIZE, "4bJkB%0*uz%.*s%c", n % 3 == 0 ? 10 : 5, n,
		    (int)digits - 1, "1BCDFGHJKLMN", "BCDFGHJKLMNPQRSTVWXYZbcdfghj"[n % 28]);
}

static void random_recipients(struct plain *p)
{
	p->count = below(3) ? 1 : below(RECIPIENTS + 1);
	p->todo = p->count;
	for (uint32_t i = 0; i < p->count; i++) {
		struct plain_recipient *r = &p->recipients[i];
		memset(r, 0, sizeof(*r));
		snprintf(r->address, sizeof(r->address), "u%u@d%u.test", below(20), below(3));
		if (below(3) == 0)
			snprintf(r->original, sizeof(r->original), "old%u@d.test", below(20));
		if (below(2))
			snprintf(r->reason, sizeof(r->reason), "reason %u", below(9));
		r->done = below(5) == 0;
		p->todo -= r->done;
	}
	/* Some that are counted and not kept. */
	p->todo += below(9) == 0 ? 7 : 0;
}

static void random_fields(struct plain *p)
{
	uint64_t in_id = 0;

	queue_id_inode(slice_of(p->id), &in_id);
	p->known = MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_REASONS;
	p->known |= below(4) ? MESSAGE_KNOWS_CREATE_TIME : 0;
	p->known |= below(4) ? MESSAGE_KNOWS_FILE : 0;
	p->size = below(2) ? below(1000) : UINT32_MAX - 2 + (uint64_t)below(5);
	p->inode = below(3) ? in_id : (uint64_t)random() << 33;
	p->create_time = p->arrival + (const int[]){0, 1, 253, 254, 255, 256, -1, 100000}[below(8)];
	snprintf(p->login, sizeof(p->login), "%s", below(3) ? "login" : "");
	snprintf(p->helo, sizeof(p->helo), "%s", below(3) ? "helo" : "");
	random_recipients(p);
}

static void tell(struct index *ix, const struct plain *p)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", p->id);
	m.queue = QUEUE_DEFERRED;
	m.known = p->known;
	m.arrival = p->arrival;
	m.create_time = p->create_time;
	m.size = p->size;
	m.inode = p->inode;
	m.login = slice_of(p->login);
	m.helo = slice_of(p->helo);
	for (uint32_t i = 0; i < p->count; i++) {
		struct message_recipient *r = message_add_recipient(&m);
		r->address = slice_of(p->recipients[i].address);
		r->original = slice_of(p->recipients[i].original);
		r->reason = slice_of(p->recipients[i].reason);
		r->flags = p->recipients[i].done ? MESSAGE_RECIPIENT_DONE : 0;
	}
	m.recipient_todo = p->todo;
	index_upsert(ix, &m);
}

static void check_recipients(struct index *ix, uint32_t row, const struct plain *p)
{
	struct index_recipient r;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct plain_recipient *want = &p->recipients[i];
		assert_true(index_recipient(ix, row, i, &r));
		assert_true(slice_is(r.address, want->address));
		assert_true(slice_is(r.original, want->original));
		assert_true(slice_is(r.reason, want->reason));
		assert_int_equal(r.flags, want->done ? MESSAGE_RECIPIENT_DONE : 0);
	}
	assert_false(index_recipient(ix, row, p->count, &r));
}

static void check(struct index *ix, const struct plain *p)
{
	uint32_t row = index_find(ix, slice_of(p->id));
	struct index_row r;

	assert_int_equal(row != INDEX_ROW_NONE, p->there);
	if (!p->there)
		return;
	assert_true(index_row(ix, row, &r));
	assert_string_equal(r.id, p->id);
	assert_int_equal(r.size, p->size);
	assert_int_equal(r.inode, p->known & MESSAGE_KNOWS_FILE ? p->inode : 0);
	assert_int_equal(r.arrival, p->arrival);
	assert_int_equal(r.create_time, p->known & MESSAGE_KNOWS_CREATE_TIME ? p->create_time : 0);
	assert_true(slice_is(r.login, p->login) && slice_is(r.helo, p->helo));
	assert_int_equal(r.recipient_count, p->todo);
	assert_int_equal(r.recipient_kept, p->count);
	check_recipients(ix, row, p);
}

static uint64_t generation(struct index *ix)
{
	struct index_status s;

	index_status(ix, &s);
	return s.generation;
}

static void change(struct index *ix, struct plain *p)
{
	uint64_t before;

	if (p->there && below(4) == 0) {
		p->there = !index_remove(ix, slice_of(p->id));
		return;
	}
	random_fields(p);
	p->there = true;
	tell(ix, p);
	before = generation(ix);
	tell(ix, p);
	assert_int_equal(generation(ix), before);
}

static void test_every_form(void **state)
{
	struct plain *plain = memory_zero(ROWS, sizeof(*plain));
	struct index *ix = index_create();

	srandom(5);
	for (unsigned n = 0; n < ROWS; n++) {
		make_id(n, plain[n].id);
		plain[n].arrival = 1800000000 + n;
	}
	for (int step = 0; step < 20000; step++) {
		change(ix, &plain[below(ROWS)]);
		for (unsigned n = 0; step % 100 == 0 && n < ROWS; n++)
			check(ix, &plain[n]);
	}
	/* Nothing stays behind when all have gone. */
	for (unsigned n = 0; n < ROWS; n++)
		index_remove(ix, slice_of(plain[n].id));
	for (int kind = 0; kind < SPARSE_COLUMNS; kind++)
		assert_int_equal(ix->sparse[kind].used, 0);
	assert_int_equal(ix->slots.used, 0);
	assert_int_equal(ix->addresses.slots.used + ix->reasons.slots.used, 0);
	assert_int_equal(ix->origins.slots.used + ix->logins.slots.used + ix->helos.slots.used, 0);
	assert_true(ix->rows <= ROWS);
	index_free(ix);
	free(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
