#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "index/index.h"
#include "server/comparison.h"

#define NOW INT64_C(1800000000)

/* What the comparison asked for. */
struct world {
	struct index *index;
	struct comparison *comparison;
	size_t looked, listings, read_all;
	char last[QUEUE_ID_SIZE], text[256];
};

static uint32_t look(void *context, const struct reader_proto_place *places, size_t count)
{
	struct world *w = context;

	w->looked = count;
	snprintf(w->last, sizeof(w->last), "%.*s", SLICE_ARGS(places[count - 1].id));
	return 7;
}

static void list(void *context)
{
	((struct world *)context)->listings++;
}

static void read_all(void *context)
{
	((struct world *)context)->read_all++;
}

static void differs(void *context, struct slice id, const char *text)
{
	struct world *w = context;

	(void)id;
	snprintf(w->text, sizeof(w->text), "%s", text);
}

static void tell(struct index *ix, const char *id, enum queue queue)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", id);
	m.queue = queue;
	m.arrival = NOW;
	m.size = 1000;
	index_upsert(ix, &m);
}

static int set_up(void **state)
{
	struct world *w = memory_zero(1, sizeof(*w));

	w->index = index_create();
	w->comparison = comparison_create(
	    w->index, &(struct comparison_client){w, look, list, read_all, differs});
	tell(w->index, "AAAAA1", QUEUE_DEFERRED);
	tell(w->index, "AAAAA2", QUEUE_HOLD);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	comparison_destroy(&w->comparison);
	index_free(w->index);
	free(w);
	return 0;
}

/* A listing of those IDs, all in deferred but those that begin with 'H'; NULL ends them. */
static void listing(struct world *w, const char *const *ids)
{
	comparison_begin(w->comparison);
	for (; *ids != NULL; ids++) {
		BUFFER_AUTO struct buffer b = {0};
		bool hold = (*ids)[0] == 'H';
		struct frame f;

		frame_begin(&b, READER_PROTO_LISTED, 0);
		buffer_put_string(&b, slice_of(hold ? *ids + 1 : *ids));
		buffer_put_u8(&b, (uint8_t)(hold ? QUEUE_HOLD : QUEUE_DEFERRED));
		buffer_put_i64(&b, NOW);
		buffer_put_u64(&b, 1000);
		assert_true(frame_parse(b.data, b.len, &f));
		assert_true(comparison_listed(w->comparison, &f));
	}
	comparison_end(w->comparison, true);
}

static void test_nothing_differs(void **state)
{
	struct world *w = *state;

	listing(w, (const char *const[]){"AAAAA1", "HAAAAA2", NULL});
	assert_int_equal(w->looked, 0);
	assert_int_equal(w->read_all, 0);
}

static void test_what_moved_on_is_forgotten(void **state)
{
	struct world *w = *state;

	listing(w, (const char *const[]){"AAAAA1", "HAAAAA2", "AAAAA3", NULL});
	assert_int_equal(w->looked, 1);
	assert_string_equal(w->last, "AAAAA3");
	assert_int_equal(w->listings, 0);
	assert_false(comparison_looked(w->comparison, 8));
	/* The look found it; another one is missing in the second listing: nothing lasts. */
	tell(w->index, "AAAAA3", QUEUE_DEFERRED);
	assert_true(comparison_looked(w->comparison, 7));
	assert_int_equal(w->listings, 1);
	listing(w, (const char *const[]){"AAAAA1", "AAAAA3", NULL});
	assert_int_equal(w->read_all, 0);
	assert_string_equal(w->text, "");
	/* And no third listing because of that one. */
	assert_int_equal(w->listings, 1);
}

static void check_lasting(struct world *w, const char *const *ids, const char *text)
{
	w->text[0] = '\0';
	listing(w, ids);
	assert_string_equal(w->text, "");
	assert_true(comparison_looked(w->comparison, 7));
	listing(w, ids);
	assert_string_equal(w->text, text);
}

static void test_what_lasts_is_told(void **state)
{
	struct world *w = *state;

	check_lasting(w, (const char *const[]){"AAAAA1", "HAAAAA2", "AAAAA3", NULL},
	    "The spool and Postfix's own listing differ: AAAAA3 is listed, but was not found in "
	    "the spool.");
	check_lasting(w, (const char *const[]){"AAAAA1", NULL},
	    "The spool and Postfix's own listing differ: AAAAA2 is in the spool, but is not "
	    "listed.");
	check_lasting(w, (const char *const[]){"HAAAAA1", "HAAAAA2", NULL},
	    "The spool and Postfix's own listing differ: AAAAA1 is in another queue in the "
	    "listing.");
	assert_int_equal(w->read_all, 3);
}

static void test_broken_listings_say_nothing(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer b = {0};
	struct frame f;

	comparison_begin(w->comparison);
	comparison_end(w->comparison, false);
	assert_int_equal(w->looked, 0);
	/* Broken off between the two: the next is a first one again. */
	listing(w, (const char *const[]){"AAAAA1", NULL});
	assert_true(comparison_looked(w->comparison, 7));
	comparison_begin(w->comparison);
	comparison_end(w->comparison, false);
	listing(w, (const char *const[]){"AAAAA1", NULL});
	assert_int_equal(w->read_all, 0);
	/* What is no ID, or no queue, is malformed. */
	frame_begin(&b, READER_PROTO_LISTED, 0);
	buffer_put_string(&b, SLICE("../x"));
	buffer_put_u8(&b, 3);
	buffer_put_i64(&b, NOW);
	buffer_put_u64(&b, 1000);
	assert_true(frame_parse(b.data, b.len, &f));
	assert_false(comparison_listed(w->comparison, &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_nothing_differs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_moved_on_is_forgotten, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_lasts_is_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_broken_listings_say_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
