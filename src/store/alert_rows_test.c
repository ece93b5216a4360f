#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/alert_rows.h"
#include "store/store_test_place.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

static struct alert_channel channel_named(const char *id)
{
	struct alert_channel c = {.name = memory_strdup("Ops"),
	    .kind = ALERT_WEBHOOK,
	    .enabled = true,
	    .url = memory_strdup("https://hook.example/secret"),
	    .hmac = memory_strdup("0123456789abcdef"),
	    .template = memory_strdup(""),
	    .command = memory_strdup(""),
	    .relay = memory_strdup(""),
	    .from = memory_strdup(""),
	    .user = memory_strdup(""),
	    .password = memory_strdup(""),
	    .headers = memory_zero(1, sizeof(struct alert_header)),
	    .header_count = 1,
	    .to = memory_zero(1, sizeof(char *)),
	    .to_count = 1,
	    .resolved = true,
	    .limit_per_hour = 30};

	snprintf(c.id, sizeof(c.id), "%s", id);
	c.headers[0] =
	    (struct alert_header){memory_strdup("Authorization"), memory_strdup("Bearer x")};
	c.to[0] = memory_strdup("a@b.example");
	return c;
}

static void test_channels_and_rules(void **state)
{
	struct place *p = *state;
	struct alert_setup setup = {0}, found;
	uint64_t revision = 0;
	struct error err;

	setup.channels = memory_zero(1, sizeof(*setup.channels));
	setup.channels[0] = channel_named("ops");
	setup.channel_count = 1;
	setup.heartbeat =
	    (struct alert_heartbeat){memory_strdup("https://beat.example/1"), 30, true, false};
	setup.rules = memory_zero(1, sizeof(*setup.rules));
	setup.rules[0] = (struct alert_rule){.id = "night",
	    .name = memory_strdup("At night"),
	    .enabled = true,
	    .kinds = 5,
	    .severities = 4,
	    .key = memory_strdup("*.example"),
	    .channels = {"ops", "two"},
	    .channel_count = 2,
	    .hours = {.set = true, .outside = true, .from = 1320, .to = 420, .days = 31},
	    .group = ALERT_GROUP_KIND,
	    .group_wait = 60,
	    .repeat = 3600};
	setup.rule_count = 1;
	assert_int_equal(alert_rows_put_channels(p->db, &setup, &revision, &err), DB_OK);
	assert_int_equal(revision, 1);
	revision = 0;
	assert_int_equal(alert_rows_put_channels(p->db, &setup, &revision, &err), DB_CONFLICT);
	assert_string_equal(err.code, "alerts_changed");
	assert_int_equal(alert_rows_put_rules(p->db, &setup, &revision, &err), DB_OK);

	assert_int_equal(alert_rows_setup(p->db, NOW, &found, &err), DB_OK);
	assert_int_equal(found.channels_revision, 1);
	assert_int_equal(found.channel_count, 1);
	assert_string_equal(found.channels[0].url, "https://hook.example/secret");
	assert_string_equal(found.channels[0].headers[0].value, "Bearer x");
	assert_string_equal(found.channels[0].to[0], "a@b.example");
	assert_int_equal(found.channels[0].limit_per_hour, 30);
	assert_true(found.heartbeat.enabled);
	assert_int_equal(found.heartbeat.every, 30);
	assert_int_equal(found.rules[0].hours.from, 1320);
	assert_true(found.rules[0].hours.outside);
	assert_false(found.rules[0].quiet.set);
	assert_string_equal(found.rules[0].channels[1], "two");
	assert_non_null(alert_setup_channel(&found, "ops"));
	assert_null(alert_setup_rule(&found, "ops"));
	alert_setup_clear(&found);
	alert_setup_clear(&setup);
}

static enum db_result silence(struct db *db, int64_t until, int64_t *id, struct error *err)
{
	struct alert_silence s = {.kind = 2,
	    .severity = -1,
	    .key = memory_strdup("a.example"),
	    .until = until,
	    .at = NOW,
	    .reason = memory_strdup("known"),
	    .by = "anna"};
	enum db_result result = alert_rows_add_silence(db, &s, err);

	*id = s.id;
	alert_silence_clear(&s);
	return result;
}

static void test_silences(void **state)
{
	struct place *p = *state;
	struct alert_setup found;
	struct error err;
	int64_t id, first;

	assert_int_equal(silence(p->db, NOW + 100, &first, &err), DB_OK);
	for (int i = 1; i < ALERT_SILENCES_MAX; i++)
		assert_int_equal(silence(p->db, NOW + 50, &id, &err), DB_OK);
	assert_int_equal(silence(p->db, NOW + 50, &id, &err), DB_CONFLICT);
	assert_string_equal(err.code, "silences_full");
	assert_int_equal(alert_rows_setup(p->db, NOW + 60, &found, &err), DB_OK);
	assert_int_equal(found.silence_count, 1);
	assert_int_equal(found.silences[0].severity, -1);
	assert_string_equal(found.silences[0].by, "anna");
	alert_setup_clear(&found);
	assert_int_equal(alert_rows_delete_silence(p->db, first, &err), DB_OK);
	assert_int_equal(alert_rows_delete_silence(p->db, first, &err), DB_NOT_FOUND);
}

static struct alert_row row_keyed(const char *key)
{
	struct alert_row row = {.key = memory_strdup(key),
	    .channel = "ops",
	    .rule = "night",
	    .state = ALERT_WAITING,
	    .at = NOW,
	    .next_attempt = NOW,
	    .took_ms = -1,
	    .title = memory_strdup("a.example refuses"),
	    .text = memory_strdup("12 tries")};

	buffer_append_slice(&row.content, SLICE("a\0b"));
	return row;
}

/* The same state is never written twice, and what is settled is no longer open. */
static void test_outbox(void **state)
{
	struct place *p = *state;
	struct alert_row row = row_keyed("ops/night/7/fired"),
			 again = row_keyed("ops/night/7/fired");
	struct alert_rows rows;
	struct error err;

	assert_int_equal(alert_rows_add(p->db, &row, &err), DB_OK);
	assert_true(row.id > 0);
	assert_int_equal(alert_rows_add(p->db, &again, &err), DB_OK);
	assert_int_equal(again.id, 0);
	assert_int_equal(alert_rows_open(p->db, 10, &rows, &err), DB_OK);
	assert_int_equal(rows.count, 1);
	assert_memory_equal(rows.items[0].content.data, "a\0b", 3);
	assert_null(rows.items[0].answer);
	alert_rows_free(&rows);

	row.state = ALERT_SENT;
	row.settled = NOW + 1;
	row.attempts = 2;
	row.answer = memory_strdup("ok");
	assert_int_equal(alert_rows_settle(p->db, &row, &err), DB_OK);
	assert_int_equal(alert_rows_open(p->db, 10, &rows, &err), DB_OK);
	assert_int_equal(rows.count, 0);
	alert_rows_free(&rows);
	alert_row_clear(&row);
	alert_row_clear(&again);
}

static void add_some(struct place *p, int count)
{
	struct error err;

	for (int i = 0; i < count; i++) {
		char key[20];
		struct alert_row row;

		snprintf(key, sizeof(key), "k%d", i);
		row = row_keyed(key);
		row.state = i % 2 ? ALERT_SENT : ALERT_WAITING;
		row.attempts = (uint32_t)(i % 4);
		row.at = NOW - i * DAY;
		snprintf(row.channel, sizeof(row.channel), "%s", i % 3 ? "ops" : "two");
		assert_int_equal(alert_rows_add(p->db, &row, &err), DB_OK);
		alert_row_clear(&row);
	}
}

static size_t listed(struct db *db, const struct alert_rows_query *query)
{
	struct alert_rows rows;
	struct error err;
	size_t count;

	assert_int_equal(alert_rows_list(db, query, &rows, &err), DB_OK);
	count = rows.count;
	for (size_t i = 1; i < count; i++)
		assert_true(rows.items[i].id < rows.items[i - 1].id);
	alert_rows_free(&rows);
	return count;
}

static void test_list(void **state)
{
	struct place *p = *state;

	add_some(p, 12);
	assert_int_equal(
	    listed(p->db, &(struct alert_rows_query){.limit = 5, .state = -1, .tried = -1}), 5);
	assert_int_equal(
	    listed(p->db,
		&(struct alert_rows_query){.limit = 50, .before = 4, .state = -1, .tried = -1}),
	    3);
	assert_int_equal(listed(p->db,
			     &(struct alert_rows_query){
				 .limit = 50, .channel = "two", .state = -1, .tried = -1}),
	    4);
	assert_int_equal(
	    listed(
		p->db, &(struct alert_rows_query){.limit = 50, .state = ALERT_WAITING, .tried = 1}),
	    3);
}

/* What is still to be sent is never forgotten. */
static void test_expire(void **state)
{
	struct place *p = *state;
	struct error err;

	add_some(p, 200);
	assert_int_equal(alert_rows_expire(p->db, NOW, &err), DB_OK);
	assert_int_equal(
	    listed(p->db,
		&(struct alert_rows_query){.limit = 500, .state = ALERT_WAITING, .tried = -1}),
	    100);
	assert_int_equal(
	    listed(
		p->db, &(struct alert_rows_query){.limit = 500, .state = ALERT_SENT, .tried = -1}),
	    45);
}

static void test_memory(void **state)
{
	struct place *p = *state;
	BUFFER_AUTO struct buffer out = {0};
	struct error err;

	assert_int_equal(alert_rows_memory(p->db, &out, &err), DB_OK);
	assert_int_equal(out.len, 0);
	assert_int_equal(alert_rows_keep_memory(p->db, SLICE("c\0d"), &err), DB_OK);
	assert_int_equal(alert_rows_memory(p->db, &out, &err), DB_OK);
	assert_memory_equal(out.data, "c\0d", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_channels_and_rules, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_silences, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_outbox, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_list, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_expire, place_set_up, place_tear_down),
	    cmocka_unit_test_setup_teardown(test_memory, place_set_up, place_tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
