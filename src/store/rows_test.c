#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "store/deleters.h"
#include "store/job_rows.h"
#include "store/samples.h"
#include "store/settings_rows.h"
#include "store/store_test_place.h"

static struct sample sample_at(int64_t taken, int64_t deferred)
{
	return (struct sample){.taken = taken,
	    .count = {[QUEUE_INCOMING] = 1,
		[QUEUE_ACTIVE] = 2,
		[QUEUE_DEFERRED] = deferred,
		[QUEUE_MAILDROP] = -1},
	    .bytes = deferred * 1000};
}

static void test_samples_gaps_stay(void **state)
{
	struct place *p = *state;
	struct samples_range range = {.from = 0, .to = 86400, .max_points = 1000};
	struct error err;
	struct sample s;

	for (int64_t t = 3600; t < 7200; t += 300) {
		s = sample_at(t + 7, t);
		assert_int_equal(samples_add(p->db, &s, &err), DB_OK);
	}
	s = sample_at(36000, 5);
	assert_int_equal(samples_add(p->db, &s, &err), DB_OK);
	assert_int_equal(samples_read(p->db, &range, &err), DB_OK);
	assert_int_equal(range.step, 300);
	assert_int_equal(range.count, 13);
	assert_int_equal(range.points[0].taken, 3600);
	assert_int_equal(range.points[0].count[QUEUE_DEFERRED], 3600);
	assert_int_equal(range.points[0].count[QUEUE_MAILDROP], -1); /* not known is not zero */
	assert_int_equal(range.points[12].taken, 36000);
	free(range.points);
	range.max_points = 10;
	assert_int_equal(samples_read(p->db, &range, &err), DB_OK);
	assert_true(range.count <= 10 && range.step >= 8640);
	assert_int_equal(range.points[0].taken % range.step, 0);
	free(range.points);
	range.to = range.from;
	assert_int_equal(samples_read(p->db, &range, &err), DB_REFUSED);
}

static void test_samples_fold(void **state)
{
	struct place *p = *state;
	int64_t start = 1000000000 - 1000000000 % 3600,
		later = start + (SAMPLES_FINE_DAYS + 1) * 86400LL;
	struct samples_range range = {.from = start, .to = start + 7200, .max_points = 100};
	struct error err;
	struct sample s = sample_at(start, 100);

	assert_int_equal(samples_add(p->db, &s, &err), DB_OK);
	s = sample_at(start + 300, 200);
	assert_int_equal(samples_add(p->db, &s, &err), DB_OK);
	s = sample_at(later, 1);
	assert_int_equal(samples_add(p->db, &s, &err), DB_OK);
	assert_int_equal(samples_read(p->db, &range, &err), DB_OK);
	assert_int_equal(range.count, 1);
	assert_int_equal(range.points[0].count[QUEUE_DEFERRED], 200);
	assert_int_equal(range.points[0].count[QUEUE_MAILDROP], -1);
	free(range.points);
}

static void test_settings(void **state)
{
	struct place *p = *state;
	struct settings_rows_change
	    c = {.created = 5,
		.who = "ops",
		.state = SETTINGS_APPLYING,
		.value_count = 2,
		.values = {{.name = "maximal_queue_lifetime", .new_value = "3d", .new_set = true},
		    {.name = "queue_run_delay", .old_value = "5m", .old_set = true}}},
	    got, list[4];
	struct error err;
	size_t count;

	assert_int_equal(settings_rows_add(p->db, &c, &err), DB_OK);
	assert_int_equal(
	    settings_rows_finish(p->db, c.id, SETTINGS_APPLIED, "fine", 9, &err), DB_OK);
	assert_int_equal(
	    settings_rows_finish(p->db, 99, SETTINGS_APPLIED, "", 9, &err), DB_NOT_FOUND);
	assert_int_equal(settings_rows_get(p->db, c.id, &got, &err), DB_OK);
	assert_int_equal(got.state, SETTINGS_APPLIED);
	assert_int_equal(got.finished, 9);
	assert_int_equal(got.value_count, 2);
	assert_false(got.values[0].old_set);
	assert_string_equal(got.values[0].new_value, "3d");
	assert_false(got.values[1].new_set);
	assert_int_equal(settings_rows_get(p->db, 77, &got, &err), DB_NOT_FOUND);
	assert_int_equal(settings_rows_add(p->db, &c, &err), DB_OK);
	assert_int_equal(settings_rows_list(p->db, 0, list, 4, &count, &err), DB_OK);
	assert_int_equal(count, 2);
	assert_true(list[0].id > list[1].id);
}

static void test_jobs(void **state)
{
	struct place *p = *state;
	struct job_row job = {.action = JOB_DELETE,
			   .state = JOB_WRITING,
			   .who = "ops",
			   .note = "n",
			   .created = 5,
			   .undo_seconds = 30,
			   .total = 3},
		       got, list[2];
	struct job_items items = {0}, back = {0};
	struct job_items_query query = {.after = -1, .max = 10};
	struct job_list_query running = {.states = 1u << JOB_RUNNING, .max = 2};
	int64_t n, delta[JOB_OUTCOMES] = {0};
	struct error err;
	size_t count;

	assert_int_equal(job_rows_add(p->db, &job, &err), DB_OK);
	for (int i = 0; i < 3; i++) {
		struct job_item *item = job_items_add(&items);

		item->seq = i;
		snprintf(item->id, sizeof(item->id), "ABCDEF%d", i);
		item->inode = UINT64_MAX - (uint64_t)i;
		item->arrival = -1;
	}
	assert_int_equal(job_rows_add_items(p->db, job.id, items.item, 3, &err), DB_OK);
	items.item[1].step = JOB_STEP_SETTLED;
	items.item[1].outcome = JOB_ITEM_REFUSED;
	items.item[1].detail = strdup("because");
	assert_int_equal(job_rows_update_item(p->db, job.id, &items.item[1], &err), DB_OK);
	job.state = JOB_RUNNING;
	assert_int_equal(job_rows_update(p->db, &job, &err), DB_OK);
	delta[JOB_ITEM_REFUSED] = 1;
	assert_int_equal(job_rows_progress(p->db, job.id, 77, delta, &err), DB_OK);
	assert_int_equal(job_rows_get(p->db, job.id, &got, &err), DB_OK);
	assert_int_equal(got.count[JOB_ITEM_REFUSED], 1);
	assert_int_equal(got.token, 77);
	assert_int_equal(got.state, JOB_RUNNING);
	assert_string_equal(got.note, "n");
	query.job = job.id;
	query.by_outcome = true;
	query.outcome = JOB_ITEM_REFUSED;
	assert_int_equal(job_rows_items(p->db, &query, &back, &err), DB_OK);
	assert_int_equal(back.count, 1);
	assert_string_equal(back.item[0].detail, "because");
	assert_true(back.item[0].inode == UINT64_MAX - 1);
	job_items_free(&back);
	query.by_outcome = false;
	query.open = true;
	assert_int_equal(job_rows_items(p->db, &query, &back, &err), DB_OK);
	assert_int_equal(back.count, 2);
	assert_int_equal(job_rows_cancel_items(p->db, job.id, 1, 3, &n, &err), DB_OK);
	assert_int_equal(n, 1);
	assert_int_equal(job_rows_unfinished(p->db, 0, list, 2, &count, &err), DB_OK);
	assert_int_equal(count, 1);
	assert_int_equal(job_rows_list(p->db, &running, list, &count, &err), DB_OK);
	assert_int_equal(count, 1);
	running.states = 1u << JOB_DONE;
	assert_int_equal(job_rows_list(p->db, &running, list, &count, &err), DB_OK);
	assert_int_equal(count, 0);
	job.state = JOB_DONE;
	job.finished = 100;
	assert_int_equal(job_rows_update(p->db, &job, &err), DB_OK);
	assert_int_equal(job_rows_unfinished(p->db, 0, list, 2, &count, &err), DB_OK);
	assert_int_equal(count, 0);
	for (bool more = true; more;)
		assert_int_equal(job_rows_expire(p->db, 101, &more, &err), DB_OK);
	assert_int_equal(job_rows_get(p->db, job.id, &got, &err), DB_NOT_FOUND);
	assert_int_equal(job_rows_update(p->db, &job, &err), DB_NOT_FOUND);
	job_items_free(&items);
	job_items_free(&back);
}

/* What is written for neighbours at once touches nobody else, and nothing but how far they are. */
static void test_neighbours(void **state)
{
	struct place *p = *state;
	struct job_row job = {.action = JOB_HOLD, .state = JOB_RUNNING, .who = "ops", .total = 5};
	struct job_items items = {0}, back = {0};
	struct job_items_query query = {.after = -1, .max = 10};
	struct job_item other = {0};
	struct error err;

	assert_int_equal(job_rows_add(p->db, &job, &err), DB_OK);
	for (int i = 0; i < 5; i++) {
		struct job_item *item = job_items_add(&items);

		item->seq = i;
		snprintf(item->id, sizeof(item->id), "ABCDEF%d", i);
		item->sender = strdup("a@b.example");
		item->detail = strdup("said before");
	}
	assert_int_equal(job_rows_add_items(p->db, job.id, items.item, 5, &err), DB_OK);
	items.item[1].step = JOB_STEP_RELEASING;
	items.item[1].outcome = JOB_ITEM_SENT;
	items.item[1].intended = JOB_ITEM_UNDONE;
	items.item[1].was_held = true;
	items.item[1].token = UINT64_MAX / 2;
	assert_int_equal(job_rows_update_items(p->db, job.id, &items.item[1], 3, &err), DB_OK);
	query.job = job.id;
	assert_int_equal(job_rows_items(p->db, &query, &back, &err), DB_OK);
	assert_int_equal(back.count, 5);
	for (size_t i = 0; i < 5; i++) {
		bool moved = i >= 1 && i <= 3;

		assert_true(job_rows_equally_far(&back.item[i], &items.item[moved ? 1 : 0]));
		assert_string_equal(back.item[i].detail, "said before");
		assert_string_equal(back.item[i].sender, "a@b.example");
	}
	other = items.item[1];
	assert_true(job_rows_equally_far(&items.item[1], &other));
	other.token++;
	assert_false(job_rows_equally_far(&items.item[1], &other));
	other = items.item[1];
	other.intended = JOB_ITEM_PLANNED;
	assert_false(job_rows_equally_far(&items.item[1], &other));
	job_items_free(&items);
	job_items_free(&back);
}

/* What the log tells later: counted once for each item, the latest counts. */
static void test_results_and_stops(void **state)
{
	struct place *p = *state;
	struct job_row job = {.action = JOB_RETRY, .state = JOB_DONE, .rate = 60, .finished = 5},
		       got;
	struct job_stop stop = {.destination = "there.example", .reply = "450 no", .untried = 3};
	struct job_items items = {0}, back = {0};
	struct job_items_query query = {.after = -1, .max = 10};
	struct error err;

	assert_int_equal(job_rows_add(p->db, &job, &err), DB_OK);
	snprintf(job_items_add(&items)->id, JOB_ROWS_ID_MAX, "ABCDEF1");
	assert_int_equal(job_rows_add_items(p->db, job.id, items.item, 1, &err), DB_OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    job_rows_set_result(p->db, job.id, 0, JOB_RESULT_DEFERRED, "later", &err),
		    DB_OK);
	assert_int_equal(
	    job_rows_set_result(p->db, job.id, 9, JOB_RESULT_BOUNCED, "", &err), DB_OK);
	assert_int_equal(
	    job_rows_set_result(p->db, job.id, 0, JOB_RESULT_DELIVERED, "250 ok", &err), DB_OK);
	assert_int_equal(job_rows_add_stop(p->db, job.id, &stop, &err), DB_OK);
	assert_int_equal(job_rows_add_stop(p->db, job.id, &stop, &err), DB_OK);
	assert_int_equal(job_rows_get(p->db, job.id, &got, &err), DB_OK);
	assert_int_equal(got.result[JOB_RESULT_DELIVERED], 1);
	assert_int_equal(got.result[JOB_RESULT_DEFERRED], 0);
	assert_int_equal(got.result[JOB_RESULT_BOUNCED], 0);
	assert_int_equal(got.stops, 1);
	assert_int_equal(got.stop[0].untried, 6);
	assert_string_equal(got.stop[0].reply, "450 no");
	query.job = job.id;
	assert_int_equal(job_rows_items(p->db, &query, &back, &err), DB_OK);
	assert_string_equal(back.item[0].reply, "250 ok");
	assert_int_equal(back.item[0].result, JOB_RESULT_DELIVERED);
	job_items_free(&items);
	job_items_free(&back);
}

/* By what the log told; of those that it told nothing about only what is done. */
static void test_items_by_result(void **state)
{
	static const enum job_outcome outcomes[] = {
	    JOB_ITEM_DONE, JOB_ITEM_GONE, JOB_ITEM_DONE, JOB_ITEM_DONE};
	struct place *p = *state;
	struct job_row job = {.action = JOB_RETRY, .state = JOB_RUNNING, .total = 4, .undoes = 3},
		       got;
	struct job_items_query query = {.after = -1, .max = 10, .by_result = true};
	struct job_items items = {0}, back = {0};
	struct error err;

	assert_int_equal(job_rows_add(p->db, &job, &err), DB_OK);
	for (int i = 0; i < 4; i++) {
		struct job_item *item = job_items_add(&items);

		item->seq = i;
		snprintf(item->id, sizeof(item->id), "ABCDEF%d", i);
		item->outcome = outcomes[i];
	}
	assert_int_equal(job_rows_add_items(p->db, job.id, items.item, 4, &err), DB_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(job_rows_update_item(p->db, job.id, &items.item[i], &err), DB_OK);
	assert_int_equal(
	    job_rows_set_result(p->db, job.id, 2, JOB_RESULT_DEFERRED, "450 no", &err), DB_OK);
	query.job = job.id;
	query.result = JOB_RESULT_DEFERRED;
	assert_int_equal(job_rows_items(p->db, &query, &back, &err), DB_OK);
	assert_int_equal(back.count, 1);
	assert_int_equal(back.item[0].seq, 2);
	query.result = JOB_RESULT_UNKNOWN;
	assert_int_equal(job_rows_items(p->db, &query, &back, &err), DB_OK);
	assert_int_equal(back.count, 3);
	assert_int_equal(back.item[1].seq, 0);
	assert_int_equal(back.item[2].seq, 3);
	query.result = JOB_RESULT_BOUNCED;
	assert_int_equal(job_rows_items(p->db, &query, &back, &err), DB_OK);
	assert_int_equal(back.count, 3);
	assert_int_equal(job_rows_get(p->db, job.id, &got, &err), DB_OK);
	assert_int_equal(got.undoes, 3);
	job_items_free(&items);
	job_items_free(&back);
}

/* Who deleted it is the job that did it, at that time: a short ID is used again. */
static void test_deleters(void **state)
{
	struct place *p = *state;
	struct job_row deleted = {.action = JOB_DELETE,
			   .state = JOB_DONE,
			   .who = "ann",
			   .created = 1000,
			   .finished = 1300},
		       returned = {.action = JOB_BOUNCE,
			   .state = JOB_RUNNING,
			   .who = "bob",
			   .created = 5000},
		       held = {.action = JOB_HOLD,
			   .state = JOB_DONE,
			   .who = "eve",
			   .created = 900,
			   .finished = 6000};
	struct job_item item = {.id = "ABCDEF1", .outcome = JOB_ITEM_DONE},
			other = {.seq = 1, .id = "ABCDEF2", .outcome = JOB_ITEM_GONE};
	struct deleter asked[] = {{.id = "ABCDEF1", .at = 1290}, {.id = "ABCDEF1", .at = 5100},
	    {.id = "ABCDEF1", .at = 3000}, {.id = "ABCDEF2", .at = 1200},
	    {.id = "AB\"],[", .at = 1200}};
	struct error err;

	assert_int_equal(job_rows_add(p->db, &deleted, &err), DB_OK);
	assert_int_equal(job_rows_add(p->db, &returned, &err), DB_OK);
	assert_int_equal(job_rows_add(p->db, &held, &err), DB_OK);
	assert_int_equal(job_rows_add_items(p->db, deleted.id, &item, 1, &err), DB_OK);
	assert_int_equal(job_rows_add_items(p->db, deleted.id, &other, 1, &err), DB_OK);
	assert_int_equal(job_rows_add_items(p->db, returned.id, &item, 1, &err), DB_OK);
	assert_int_equal(job_rows_add_items(p->db, held.id, &item, 1, &err), DB_OK);
	assert_int_equal(deleters_find(p->db, asked, 5, &err), DB_OK);
	assert_int_equal(asked[0].job, deleted.id);
	assert_string_equal(asked[0].who, "ann");
	assert_int_equal(asked[1].job, returned.id);
	assert_string_equal(asked[1].who, "bob");
	/* Between the two; not done by the job; no queue ID. */
	assert_true(asked[2].job == 0 && asked[3].job == 0 && asked[4].job == 0);
	assert_int_equal(deleters_find(p->db, asked, 0, &err), DB_OK);
}

/* What was taken back from a hold is not held by it; another release is not known to be of it. */
static void test_held(void **state)
{
	struct place *p = *state;
	struct job_row hold = {.action = JOB_HOLD, .count[JOB_ITEM_DONE] = 5},
		       undo = {.action = JOB_RELEASE, .count[JOB_ITEM_DONE] = 2},
		       other = {.action = JOB_RELEASE, .count[JOB_ITEM_DONE] = 1};
	struct error err;
	int64_t held = -1;

	assert_int_equal(job_rows_held(p->db, &held, &err), DB_OK);
	assert_int_equal(held, 0);
	assert_int_equal(job_rows_add(p->db, &hold, &err), DB_OK);
	undo.undoes = hold.id;
	assert_int_equal(job_rows_add(p->db, &undo, &err), DB_OK);
	assert_int_equal(job_rows_add(p->db, &other, &err), DB_OK);
	assert_int_equal(job_rows_held(p->db, &held, &err), DB_OK);
	assert_int_equal(held, 3);
}

static void add_job(struct place *p, enum job_action action, const char *filter, int64_t done)
{
	struct job_row job = {
	    .action = action, .state = JOB_DONE, .count[JOB_ITEM_DONE] = done, .finished = 1};
	struct error err;

	snprintf(job.filter, sizeof(job.filter), "%s", filter);
	assert_int_equal(job_rows_add(p->db, &job, &err), DB_OK);
}

static int64_t held_now(struct place *p)
{
	struct error err;
	int64_t held = -1;

	assert_int_equal(job_rows_held(p->db, &held, &err), DB_OK);
	return held;
}

/* What was held and then deleted by the same filter is not held any more. */
static void test_held_and_deleted(void **state)
{
	struct place *p = *state;

	add_job(p, JOB_DELETE, "login:=info", 900);
	add_job(p, JOB_HOLD, "login:=info", 500);
	assert_int_equal(held_now(p), 500);
	/* Fewer than were held, and others' mail. */
	add_job(p, JOB_DELETE, "login:=info", 499);
	add_job(p, JOB_DELETE, "login:=anna", 900);
	assert_int_equal(held_now(p), 500);
	add_job(p, JOB_DELETE, "login:=info queue:hold", 500);
	assert_int_equal(held_now(p), 0);
	add_job(p, JOB_HOLD, "login:=info", 7);
	add_job(p, JOB_HOLD, "from:=a or from:=b", 30);
	assert_int_equal(held_now(p), 37);
	add_job(p, JOB_RELEASE, "(from:=a or from:=b) queue:hold", 30);
	assert_int_equal(held_now(p), 7);
	/* What is on hold is not what the second one deletes. */
	add_job(p, JOB_HOLD, "queue:deferred", 40);
	add_job(p, JOB_DELETE, "queue:deferred", 50);
	assert_int_equal(held_now(p), 47);
}

static void test_half_written_is_abandoned(void **state)
{
	struct place *p = *state;
	struct job_row half = {.action = JOB_HOLD, .state = JOB_WRITING, .total = 70000},
		       whole = {.action = JOB_HOLD, .state = JOB_PLANNED}, got;
	struct job_items items = {0};
	struct job_items_query query = {.after = -1, .max = 10};
	struct error err;
	bool ended = false;
	int slices = 0;

	half.count[JOB_ITEM_PLANNED] = half.total;
	assert_int_equal(job_rows_add(p->db, &half, &err), DB_OK);
	assert_int_equal(job_rows_add(p->db, &whole, &err), DB_OK);
	assert_int_equal(db_begin(p->db, &err), DB_OK);
	for (int64_t i = 0; i < 60000; i++) {
		struct job_item item = {.seq = i, .id = "ABCDEF1"};

		assert_int_equal(job_rows_add_items(p->db, half.id, &item, 1, &err), DB_OK);
	}
	assert_int_equal(db_commit(p->db, &err), DB_OK);
	for (; !ended; slices++)
		assert_int_equal(
		    job_rows_abandon(p->db, half.id, "stopped early", 9, &ended, &err), DB_OK);
	assert_int_equal(slices, 3);
	assert_int_equal(job_rows_get(p->db, half.id, &got, &err), DB_OK);
	assert_int_equal(got.state, JOB_CANCELLED);
	assert_int_equal(got.count[JOB_ITEM_CANCELLED], 70000);
	assert_int_equal(got.count[JOB_ITEM_PLANNED], 0);
	assert_string_equal(got.problem, "stopped early");
	query.job = half.id;
	assert_int_equal(job_rows_items(p->db, &query, &items, &err), DB_OK);
	assert_int_equal(items.count, 0);
	assert_int_equal(job_rows_drop(p->db, half.id, &err), DB_OK);
	assert_int_equal(job_rows_get(p->db, half.id, &got, &err), DB_NOT_FOUND);
	assert_int_equal(job_rows_get(p->db, whole.id, &got, &err), DB_OK);
}

static void test_names(void **state)
{
	enum job_action action;
	enum job_outcome outcome;
	enum job_result told;

	(void)state;
	assert_true(job_action_parse(SLICE("requeue"), &action) && action == JOB_REQUEUE);
	assert_false(job_action_parse(SLICE("flush"), &action));
	assert_false(job_action_parse(SLICE(""), &action));
	assert_true(job_outcome_parse(SLICE("gone"), &outcome) && outcome == JOB_ITEM_GONE);
	assert_true(job_result_parse(SLICE("bounced"), &told) && told == JOB_RESULT_BOUNCED);
	assert_true(job_result_parse(SLICE("unknown"), &told) && told == JOB_RESULT_UNKNOWN);
	assert_false(job_result_parse(SLICE("done"), &told));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_samples_gaps_stay),
	    TEST(test_samples_fold),
	    TEST(test_settings),
	    TEST(test_jobs),
	    TEST(test_neighbours),
	    TEST(test_results_and_stops),
	    TEST(test_items_by_result),
	    TEST(test_deleters),
	    TEST(test_held),
	    TEST(test_held_and_deleted),
	    TEST(test_half_written_is_abandoned),
	    TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
