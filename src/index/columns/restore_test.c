/* What a snapshot says comes back as it was, and a snapshot that is not whole says nothing: every
 * byte wrong, every length, and files whose sum is right and whose numbers are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "index/columns/columns.h"
#include "index/columns/row_values.h"
#include "index/groups/groups.h"
#include "index/views/view.h"

#define NOW INT64_C(1800000000)
#define MESSAGES 24

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

static void tell_recipients(struct message *m, unsigned n, char (*texts)[64])
{
	for (unsigned i = 0; i < n % 4; i++) {
		struct message_recipient *r = message_add_recipient(m);
		snprintf(texts[i], sizeof(texts[i]), "r%u@d%u.test", n * 3 + i, i);
		r->address = slice_of(texts[i]);
		r->original = n % 5 == 0 ? SLICE("old@d.test") : SLICE("");
		r->reason = i == 0 ? SLICE("host mx.test[192.0.2.1] said: 452 full") : SLICE("");
		r->remote = i == 0 ? SLICE("mx.test") : SLICE("");
		r->dsn = i == 0 ? SLICE("4.2.2") : SLICE("");
		r->flags = n % 7 == 0 ? MESSAGE_RECIPIENT_DONE : 0;
	}
}

/* Of every form that a row may have, told so many seconds later. */
static void tell(struct index *ix, unsigned n, unsigned later)
{
	MESSAGE_AUTO struct message m;
	char sender[64], texts[4][64];

	message_init(&m);
	if (n % 2)
		snprintf(m.id, sizeof(m.id), "%05X%X", n, 0xB0000 + n);
	else
		snprintf(m.id, sizeof(m.id), "4bJkB%05uz%s", n, n % 6 ? "BCD" : "1BCDFGHJKLMN");
	snprintf(sender, sizeof(sender), "s%u@shop%u.example", n % 9, n % 3);
	m.queue = n % 3 ? QUEUE_DEFERRED : QUEUE_HOLD;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_FILE |
		  MESSAGE_KNOWS_REASONS | MESSAGE_KNOWS_NEXT_RETRY;
	m.arrival = NOW + n;
	m.create_time = NOW + n + (n % 4 ? 1 : 5000);
	m.next_retry = NOW + later;
	m.size = n % 8 ? n : UINT64_C(5) << 30;
	m.inode = n % 3 ? n : UINT64_C(1) << 40;
	m.signature = n + 1;
	m.sender = slice_of(sender);
	m.subject = slice_of(m.id);
	m.login = n % 2 ? SLICE("login") : SLICE("");
	m.client_name = n % 2 ? SLICE("client.test") : SLICE("");
	tell_recipients(&m, n, texts);
	index_upsert(ix, &m);
}

static void id_of(struct index *ix, uint32_t row, char id[QUEUE_ID_SIZE])
{
	struct id_key key = row_id(ix, row);

	id_key_unpack(&key, id);
}

/* With rows that are free, rows that left and are still in a view, and one that has a fate. */
static struct index *make(void)
{
	struct index *ix = index_create();
	char id[QUEUE_ID_SIZE];

	for (unsigned n = 0; n < MESSAGES; n++)
		tell(ix, n, 0);
	for (uint32_t row = 3; row < MESSAGES; row += 9) {
		id_of(ix, row, id);
		index_remove(ix, slice_of(id));
	}
	view_create(ix, NULL, SLICE(""), (struct index_sort){0}, NOW);
	id_of(ix, 5, id);
	index_set_fate(ix, slice_of(id), -1, SLICE("deleted"));
	index_remove(ix, slice_of(id));
	index_scan_begin(ix, false, 0);
	index_scan_end(ix, true, NOW);
	index_set_corrupt(ix, 2);
	while (index_settle(ix, 10))
		;
	return ix;
}

static void assert_same_text(struct slice a, struct slice b)
{
	assert_true(slice_equal(a, b));
}

static void check_recipients(struct index *a, uint32_t row_a, struct index *b, uint32_t row_b)
{
	struct index_recipient ra, rb;
	uint32_t i;

	for (i = 0; index_recipient(a, row_a, i, &ra); i++) {
		assert_true(index_recipient(b, row_b, i, &rb));
		assert_same_text(ra.address, rb.address);
		assert_same_text(ra.original, rb.original);
		assert_same_text(ra.reason, rb.reason);
		assert_same_text(ra.dsn, rb.dsn);
		assert_same_text(ra.remote, rb.remote);
		assert_int_equal(ra.flags, rb.flags);
		assert_ptr_equal(
		    index_recipient_diagnosis(a, row_a, i), index_recipient_diagnosis(b, row_b, i));
	}
	assert_false(index_recipient(b, row_b, i, &rb));
}

static void check_row(struct index *a, uint32_t row_a, struct index *b)
{
	struct index_row ra, rb;
	uint32_t row_b;

	assert_true(index_row(a, row_a, &ra));
	row_b = index_find(b, slice_of(ra.id));
	assert_true(index_row(b, row_b, &rb));
	assert_int_equal(ra.queue, rb.queue);
	assert_int_equal(ra.known, rb.known);
	assert_int_equal(ra.arrival, rb.arrival);
	assert_int_equal(ra.size, rb.size);
	assert_int_equal(ra.inode, rb.inode);
	assert_int_equal(ra.next_retry, rb.next_retry);
	assert_int_equal(ra.create_time, rb.create_time);
	assert_int_equal(ra.recipient_count, rb.recipient_count);
	assert_int_equal(a->c.signature[row_a], b->c.signature[row_b]);
	assert_same_text(ra.sender, rb.sender);
	assert_same_text(ra.subject, rb.subject);
	assert_same_text(ra.client_name, rb.client_name);
	assert_same_text(ra.login, rb.login);
	check_recipients(a, row_a, b, row_b);
}

static void check_same(struct index *a, struct index *b)
{
	struct index_status sa, sb;

	index_status(a, &sa);
	index_status(b, &sb);
	assert_int_equal(sb.state, INDEX_RESTORED);
	assert_int_equal(sa.messages, sb.messages);
	assert_int_equal(sa.bytes, sb.bytes);
	assert_memory_equal(sa.counts, sb.counts, sizeof(sa.counts));
	assert_int_equal(sa.oldest_arrival, sb.oldest_arrival);
	assert_int_equal(sa.as_of, sb.as_of);
	assert_int_equal(sa.corrupt, sb.corrupt);
	for (uint32_t row = 0; row < a->rows; row++) {
		if (row_is_live(a, row))
			check_row(a, row, b);
	}
}

/* Everything that follows numbers: in, out, and in again. */
static void use(struct index *ix)
{
	static const enum group_key keys[] = {GROUP_RECIPIENT_DOMAIN, GROUP_REASON};
	struct index_match match;
	struct groups groups;
	uint32_t rows[INDEX_PAGE_MAX];
	struct filter *f = filter_parse(SLICE("full or old or client:test"), NULL);
	char id[QUEUE_ID_SIZE];

	index_page(ix, f, (struct index_sort){INDEX_SORT_SENDER, false}, SLICE(""), INDEX_PAGE_MAX,
	    NOW, rows, &match, NULL, NULL);
	filter_free(f);
	groups_count(ix, NULL, keys, 2, 10, NOW, &groups);
	groups_free(&groups);
	for (unsigned n = 0; n < MESSAGES; n++)
		tell(ix, n, 7);
	for (uint32_t row = 0; row < ix->rows; row++) {
		if (!row_is_live(ix, row))
			continue;
		id_of(ix, row, id);
		assert_true(index_remove(ix, slice_of(id)));
	}
	assert_int_equal(ix->messages, 0);
	assert_int_equal(ix->slots.used + ix->addresses.slots.used + ix->senders.slots.used, 0);
	assert_int_equal(ix->reasons.slots.used + ix->classes.slots.used, 0);
	assert_int_equal(
	    ix->domains.slots.used + ix->origins.slots.used + ix->logins.slots.used, 0);
}

struct world {
	char path[40];
	struct index *ix;
	struct buffer file;
};

static int set_up(void **state)
{
	struct world *w = memory_zero(1, sizeof(*w));
	int fd;

	srandom(3);
	snprintf(w->path, sizeof(w->path), "/tmp/postroom-restore-XXXXXX");
	fd = mkstemp(w->path);
	w->ix = make();
	*state = w;
	return fd < 0 || close(fd) != 0 || !index_save(w->ix, w->path, NULL) ||
	       !fd_read_file(w->path, (size_t)1 << 20, &w->file, NULL);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	unlink(w->path);
	index_free(w->ix);
	buffer_free(&w->file);
	free(w);
	return 0;
}

/* Restores these bytes; NULL when they are refused, which must leave an empty index. */
static struct index *restore(struct world *w, const char *bytes, size_t len)
{
	struct index *ix = index_create();
	struct error err;
	FILE *file;

	/* Emptied and written again, a file would go to the disk each time (ext4). */
	unlink(w->path);
	file = fopen(w->path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
	if (index_restore(ix, w->path, &err))
		return ix;
	assert_string_equal(err.code, "invalid_file");
	assert_int_equal(ix->state, INDEX_EMPTY);
	assert_int_equal(ix->messages + ix->rows + (uint64_t)ix->as_of, 0);
	index_free(ix);
	return NULL;
}

static void test_as_it_was(void **state)
{
	struct world *w = *state;
	struct index *again = restore(w, w->file.data, w->file.len), *third;
	struct error err;

	assert_non_null(again);
	check_same(w->ix, again);
	assert_true(index_save(again, w->path, &err));
	third = index_create();
	assert_true(index_restore(third, w->path, &err));
	check_same(w->ix, third);
	use(again);
	assert_true(index_save(again, w->path, &err));
	index_free(again);
	again = index_create();
	assert_true(index_restore(again, w->path, &err));
	assert_int_equal(again->messages, 0);
	use(again);
	index_free(again);
	index_free(third);
}

static void test_nothing_of_an_empty_index(void **state)
{
	struct world *w = *state;
	struct index *none = index_create(), *again = index_create();
	struct error err;

	assert_true(index_save(none, w->path, &err));
	assert_true(index_restore(again, w->path, &err));
	assert_int_equal(again->messages, 0);
	use(again);
	index_free(none);
	index_free(again);
}

static void test_every_byte_and_every_length(void **state)
{
	struct world *w = *state;
	size_t len = w->file.len;
	MEMORY_AUTO char *bytes = memory_alloc(len + 1);

	memcpy(bytes, w->file.data, len);
	bytes[len] = 0;
	assert_null(restore(w, bytes, len + 1));
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= (char)(1u << (i % 8));
		assert_null(restore(w, bytes, len));
		bytes[i] = w->file.data[i];
		if (i % 5 == 0)
			assert_null(restore(w, bytes, i));
	}
}

/* As somebody would write it who knows the sum: refused, or an index that holds together. */
static void test_wrong_numbers_under_a_right_sum(void **state)
{
	static const uint32_t odd[] = {0, 1, 2, 0x7f, 0xff, 0xffff, 0x7fffffff, 0x80000000,
	    0xfffffffe, 0xffffffff, 1000, 0x10000001};
	struct world *w = *state;
	size_t len = w->file.len, body = len - sizeof(uint64_t), taken = 0;
	MEMORY_AUTO char *bytes = memory_alloc(len);

	for (int round = 0; round < 3000; round++) {
		uint64_t sum;
		struct index *ix;
		memcpy(bytes, w->file.data, len);
		for (unsigned k = 0; k < 1 + below(3); k++) {
			size_t at = below((unsigned)body / 4) * 4u;
			memcpy(bytes + at, &odd[below(12)], sizeof(odd[0]));
			bytes[below((unsigned)body)] ^= below(2) ? (char)(1u << below(8)) : 0;
		}
		sum = XXH64(bytes, body, 0);
		memcpy(bytes + body, &sum, sizeof(sum));
		ix = restore(w, bytes, len);
		if (!ix)
			continue;
		taken++;
		use(ix);
		index_free(ix);
	}
	assert_true(taken > 50);
}

static void test_not_a_file(void **state)
{
	struct index *ix = index_create();
	struct error err;

	(void)state;
	assert_false(index_restore(ix, "/tmp", &err));
	assert_false(index_restore(ix, "/nowhere/at/all", &err));
	assert_string_equal(err.code, "not_found");
	assert_false(index_save(ix, "/nowhere/at/all", &err));
	assert_string_equal(err.code, "io_error");
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_as_it_was, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_nothing_of_an_empty_index, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_every_byte_and_every_length, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_wrong_numbers_under_a_right_sum, set_up, tear_down),
	    cmocka_unit_test(test_not_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
