#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "store/incident_rows.h"
#include "store/store_test_place.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

/* A text that nobody frees. */
static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

static struct incident_row row_numbered(int64_t id)
{
	struct incident_row row = {.id = id,
	    .kind = 1,
	    .severity = 2,
	    .subject = 3,
	    .key = lent("a.example"),
	    .cause = lent("greylisted"),
	    .title = lent("a.example refuses"),
	    .text = lent("Wait."),
	    .filter = lent("domain:a.example"),
	    .since = NOW - 60,
	    .noticed = NOW,
	    .messages = 12,
	    .growth = -3,
	    .actions = 5,
	    .caused_by = 7,
	    .evidence = {{lent("12 tries"), lent("450 4.7.1 \"later\"")},
		{lent("no success"), NULL}},
	    .evidence_count = 2,
	    .words = lent("[null]"),
	    .snoozed_until = NOW + 10,
	    .snoozed_by = "anna"};

	for (int i = 0; i < INCIDENT_ROWS_POINTS; i++)
		row.points[i] = i - 1;
	return row;
}

static void test_round(void **state)
{
	struct place *p = *state;
	struct incident_row row = row_numbered(5);
	struct incident_note note = {.at = NOW, .who = "anna", .text = lent("ticket opened")};
	struct incident_moment moment = {NOW, INCIDENT_MOMENT_JOB, lent("held"), lent("/?jobs=3")};
	struct incident_record found;
	struct error err;

	assert_int_equal(incident_rows_put(p->db, &row, &err), DB_OK);
	assert_int_equal(incident_rows_add_note(p->db, 5, &note, &err), DB_OK);
	assert_true(note.id > 0);
	assert_int_equal(incident_rows_add_moment(p->db, 5, &moment, &err), DB_OK);
	assert_int_equal(incident_rows_get(p->db, 5, &found, &err), DB_OK);
	assert_string_equal(found.row.title, row.title);
	assert_string_equal(found.row.filter, row.filter);
	assert_null(found.row.baseline);
	assert_string_equal(found.row.words, "[null]");
	assert_int_equal(found.row.growth, -3);
	assert_int_equal(found.row.caused_by, 7);
	assert_int_equal(found.row.evidence_count, 2);
	assert_string_equal(found.row.evidence[0].quote, "450 4.7.1 \"later\"");
	assert_null(found.row.evidence[1].quote);
	assert_memory_equal(found.row.points, row.points, sizeof(row.points));
	assert_string_equal(found.row.snoozed_by, "anna");
	assert_int_equal(found.note_count, 1);
	assert_string_equal(found.notes[0].text, "ticket opened");
	assert_int_equal(found.moment_count, 1);
	assert_string_equal(found.moments[0].link, "/?jobs=3");
	incident_record_clear(&found);
	assert_int_equal(incident_rows_get(p->db, 6, &found, &err), DB_NOT_FOUND);
}

/* Numbers are never given again, and what belongs to an incident goes with it. */
static void test_expire(void **state)
{
	struct place *p = *state;
	struct incident_row old = row_numbered(8), open = row_numbered(3);
	struct incident_note note = {.at = NOW, .who = "anna", .text = lent("gone with it")};
	struct incident_records list;
	struct error err;
	int64_t last;

	old.until = NOW - (INCIDENT_ROWS_KEPT_DAYS + 1) * DAY;
	assert_int_equal(incident_rows_last_id(p->db, &last, &err), DB_OK);
	assert_int_equal(last, 0);
	assert_int_equal(incident_rows_put(p->db, &old, &err), DB_OK);
	assert_int_equal(incident_rows_put(p->db, &open, &err), DB_OK);
	assert_int_equal(incident_rows_add_note(p->db, 8, &note, &err), DB_OK);
	assert_int_equal(incident_rows_list(p->db, 0, 10, &list, &err), DB_OK);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].row.id, 8);
	assert_int_equal(list.items[0].note_count, 1);
	incident_records_free(&list);
	assert_int_equal(incident_rows_list(p->db, -1, 10, &list, &err), DB_OK);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].row.id, 3);
	incident_records_free(&list);

	assert_int_equal(incident_rows_expire(p->db, NOW, &err), DB_OK);
	assert_int_equal(incident_rows_list(p->db, 0, 10, &list, &err), DB_OK);
	assert_int_equal(list.count, 0);
	incident_records_free(&list);
	assert_int_equal(incident_rows_put(p->db, &old, &err), DB_OK);
	assert_int_equal(incident_rows_list(p->db, 0, 10, &list, &err), DB_OK);
	assert_int_equal(list.items[0].note_count, 0);
	incident_records_free(&list);
	assert_int_equal(incident_rows_expire(p->db, NOW, &err), DB_OK);
	assert_int_equal(incident_rows_last_id(p->db, &last, &err), DB_OK);
	assert_int_equal(last, 8);
}

/* One that comes and goes does not grow without end: its newest moments are kept. */
static int64_t stored_moments(struct db *db)
{
	struct error err;
	struct db_statement *s = db_statement(db, "SELECT count(*) FROM incident_moments", &err);

	assert_non_null(s);
	assert_int_equal(db_step(s, &err), DB_OK);
	return db_int(s, 0);
}

static void test_bounds(void **state)
{
	struct place *p = *state;
	struct incident_row row = row_numbered(1);
	struct incident_record record = {0};
	struct incident_note note = {.at = NOW, .who = "anna", .text = lent("x")};
	struct error err;

	assert_int_equal(incident_rows_put(p->db, &row, &err), DB_OK);
	for (int i = 0; i < INCIDENT_ROWS_MOMENTS_MAX + 10; i++) {
		struct incident_moment moment = {i, INCIDENT_MOMENT_QUIET, lent(""), NULL};

		incident_record_add_moment(&record, &moment);
		assert_int_equal(incident_rows_add_moment(p->db, 1, &moment, &err), DB_OK);
	}
	assert_int_equal(record.moment_count, INCIDENT_ROWS_MOMENTS_MAX);
	assert_int_equal(record.moments[0].at, 10);
	assert_int_equal(stored_moments(p->db), INCIDENT_ROWS_MOMENTS_MAX);
	for (int i = 0; i < INCIDENT_ROWS_NOTES_MAX; i++)
		assert_true(incident_record_add_note(&record, &note));
	assert_false(incident_record_add_note(&record, &note));
	incident_record_clear(&record);
	assert_int_equal(incident_rows_get(p->db, 1, &record, &err), DB_OK);
	assert_int_equal(record.moment_count, INCIDENT_ROWS_MOMENTS_MAX);
	assert_int_equal(record.moments[0].at, 10);
	incident_record_clear(&record);
}

static void test_memory(void **state)
{
	struct place *p = *state;
	BUFFER_AUTO struct buffer out = {0};
	struct error err;

	assert_int_equal(incident_rows_memory(p->db, &out, &err), DB_OK);
	assert_int_equal(out.len, 0);
	assert_int_equal(incident_rows_keep_memory(p->db, SLICE("a\0b"), NOW, &err), DB_OK);
	assert_int_equal(incident_rows_keep_memory(p->db, SLICE("c\0d"), NOW, &err), DB_OK);
	assert_int_equal(incident_rows_memory(p->db, &out, &err), DB_OK);
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.data, "c\0d", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_round, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_expire, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_bounds, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_memory, place_set_up, place_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
