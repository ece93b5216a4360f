/* The rules of alerts over days, in milliseconds: incidents and the time go in, messages are
 * counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/table.h"
#include "watch/alerts/alerts.h"
#include "watch/alerts/choose.h"
#include "watch/incidents/incidents.h"

/* Monday, 2027-01-18 12:00:00 UTC. */
#define NOON INT64_C(1800273600)
#define HOUR INT64_C(3600)
#define DAY INT64_C(86400)
#define INCIDENTS 10000

static char empty[] = "";

/* A world of one channel and one rule, unless a test says otherwise. */
struct world {
	struct alerts *alerts;
	struct alert_setup setup;
	struct alert_channel channels[3];
	struct alert_rule rules[3];
	struct alert_silence silences[2];
	struct incident_row *rows;
	const struct incident_row **list;
	char (*keys)[24];
	size_t count;
	int64_t now;
	bool full;
	/* All that came out. */
	struct buffer said; /* "what channel items+more late\n" of the last turn */
	size_t messages, told, ended;
	struct table seen;
	char **key_list;
	size_t key_count;
};

static struct slice key_text(const void *owner, uint32_t number)
{
	const struct world *w = owner;

	return slice_of(w->key_list[number]);
}

static bool is_full(void *context, const char *channel)
{
	const struct world *w = context;

	(void)channel;
	return w->full;
}

static int set_up(void **state)
{
	struct world *w = memory_zero(1, sizeof(*w));

	w->alerts = alerts_create();
	w->now = NOON;
	w->rows = memory_zero(INCIDENTS, sizeof(*w->rows));
	w->list = memory_zero(INCIDENTS, sizeof(struct incident_row *));
	w->keys = memory_zero(INCIDENTS, sizeof(*w->keys));
	table_init(&w->seen, key_text);
	w->setup = (struct alert_setup){
	    .channels = w->channels, .channel_count = 1, .rules = w->rules, .rule_count = 1};
	for (int i = 0; i < 3; i++) {
		w->channels[i] = (struct alert_channel){
		    .name = empty, .enabled = true, .resolved = true, .limit_per_hour = 60};
		w->rules[i] = (struct alert_rule){.name = empty,
		    .key = empty,
		    .enabled = true,
		    .resolved = true,
		    .severities = 7,
		    .channel_count = 1};
		snprintf(w->channels[i].id, sizeof(w->channels[i].id), "c%d", i);
		snprintf(w->rules[i].id, sizeof(w->rules[i].id), "r%d", i);
		snprintf(w->rules[i].channels[0], ALERT_ID_MAX + 1, "c%d", i);
	}
	setenv("TZ", "UTC", 1);
	tzset();
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	alerts_destroy(&w->alerts);
	buffer_free(&w->said);
	table_free(&w->seen);
	for (size_t i = 0; i < w->key_count; i++)
		free(w->key_list[i]);
	free(w->key_list);
	free(w->rows);
	free(w->list);
	free(w->keys);
	free(w);
	return 0;
}

/* A new incident; its number is its place and one. */
static struct incident_row *add(
    struct world *w, enum incident_kind kind, enum incident_severity severity, const char *key)
{
	struct incident_row *row = &w->rows[w->count];

	snprintf(w->keys[w->count], sizeof(w->keys[0]), "%s", key);
	*row = (struct incident_row){.id = (int64_t)w->count + 1,
	    .kind = (int)kind,
	    .severity = (int)severity,
	    .state = INCIDENT_OPEN,
	    .key = w->keys[w->count],
	    .cause = empty,
	    .title = w->keys[w->count],
	    .text = empty,
	    .since = w->now,
	    .noticed = w->now,
	    .messages = 5};
	w->list[w->count++] = row;
	return row;
}

static struct incident_row *flood(struct world *w, enum incident_severity severity)
{
	return add(w, INCIDENT_FLOOD, severity, "info@office.example");
}

static void end(struct world *w, struct incident_row *row)
{
	row->state = INCIDENT_ENDED;
	row->until = w->now;
}

/* No key twice, ever: that is what the store would refuse. */
static void note_key(struct world *w, const struct alerts_message *m)
{
	w->key_list = memory_resize(w->key_list, w->key_count + 1, sizeof(char *));
	w->key_list[w->key_count] = memory_strdup(m->key);
	if (table_find(&w->seen, w, slice_of(m->key)) != TABLE_NONE)
		fail_msg("%s came twice", m->key);
	table_add(&w->seen, w, (uint32_t)w->key_count++);
}

static const char *turn(struct world *w)
{
	static const char *const whats[] = {"fired", "repeated", "resolved", "test"};
	const struct alerts_facts facts = {.now = w->now,
	    .incidents = w->list,
	    .count = w->count,
	    .is_full = is_full,
	    .context = w};

	buffer_clear(&w->said);
	alerts_turn(w->alerts, &w->setup, &facts);
	for (size_t i = 0; i < alerts_count(w->alerts); i++) {
		const struct alerts_message *m = alerts_at(w->alerts, i);

		note_key(w, m);
		w->messages += m->silenced == NULL;
		for (size_t k = 0; k < m->count; k++) {
			w->told += !m->items[k].ended;
			w->ended += m->items[k].ended;
		}
		buffer_printf(&w->said, "%s%s %s %zu+%llu%s", i > 0 ? ", " : "",
		    m->silenced != NULL ? "silenced" : whats[m->what], m->channel, m->count,
		    (unsigned long long)m->more, m->late ? " late" : "");
	}
	return buffer_string(&w->said);
}

static const char *turn_after(struct world *w, int64_t seconds)
{
	w->now += seconds;
	return turn(w);
}

/* Every ten seconds, as the service does. */
static void turns(struct world *w, int64_t seconds)
{
	for (int64_t until = w->now + seconds; w->now < until;)
		turn_after(w, 10);
}

/* ---- */

static void test_once(void **state)
{
	struct world *w = *state;
	struct incident_row *row = flood(w, INCIDENT_WATCH);

	assert_string_equal(turn(w), "fired c0 1+0");
	assert_string_equal(turn_after(w, 10), "");
	assert_true(alerts_is_told(w->alerts, "c0", 1));
	row->state = INCIDENT_QUIET;
	assert_string_equal(turn_after(w, 300), "");
	row->state = INCIDENT_OPEN;
	assert_string_equal(turn_after(w, 10), "");
	end(w, row);
	assert_string_equal(turn_after(w, 10), "resolved c0 1+0");
	assert_false(alerts_is_told(w->alerts, "c0", 1));
	assert_string_equal(turn_after(w, 10), "");
	/* It goes from the list, and nothing is told of that. */
	w->count = 0;
	turns(w, 2 * DAY);
	assert_int_equal(w->messages, 2);
}

static void test_worse(void **state)
{
	struct world *w = *state;
	struct incident_row *row = flood(w, INCIDENT_NOTE);

	turn(w);
	row->severity = INCIDENT_ACT;
	assert_string_equal(turn_after(w, 10), "fired c0 1+0");
	/* Less severe, and worse again: it was told. */
	row->severity = INCIDENT_NOTE;
	assert_string_equal(turn_after(w, 10), "");
	row->severity = INCIDENT_ACT;
	assert_string_equal(turn_after(w, 10), "");
	assert_int_equal(w->messages, 2);
}

static void test_what_a_rule_means(void **state)
{
	struct world *w = *state;

	w->rules[0].kinds = 1u << INCIDENT_FLOOD;
	w->rules[0].severities = 1u << INCIDENT_ACT;
	w->rules[0].key = (char[]){"*@OFFICE.example"};
	flood(w, INCIDENT_WATCH);
	add(w, INCIDENT_FLOOD, INCIDENT_ACT, "info@other.example");
	add(w, INCIDENT_LOOP, INCIDENT_ACT, "info@office.example");
	assert_string_equal(turn(w), "");
	w->rows[0].severity = INCIDENT_ACT;
	assert_string_equal(turn_after(w, 10), "fired c0 1+0");
}

static void test_two_rules_and_channels(void **state)
{
	struct world *w = *state;
	struct incident_row *row = flood(w, INCIDENT_ACT);

	w->setup.channel_count = 3;
	w->setup.rule_count = 2;
	w->channels[2].enabled = false;
	w->channels[1].resolved = false;
	w->rules[1].channel_count = 2;
	snprintf(w->rules[1].channels[1], ALERT_ID_MAX + 1, "c2");
	turn(w);
	assert_int_equal(w->messages, 2);
	/* One that is turned on later is told what is open. */
	w->channels[2].enabled = true;
	assert_string_equal(turn_after(w, 10), "fired c2 1+0");
	end(w, row);
	turn_after(w, 10);
	assert_int_equal(w->ended, 2);
}

/* What had ended before anybody looked is no news. */
static void test_history(void **state)
{
	struct world *w = *state;

	end(w, flood(w, INCIDENT_ACT));
	assert_string_equal(turn(w), "");
	assert_string_equal(turn_after(w, DAY), "");
}

static void test_aside_and_explained(void **state)
{
	struct world *w = *state;
	struct incident_row *aside = flood(w, INCIDENT_ACT);
	struct incident_row *effect = add(w, INCIDENT_DESTINATION, INCIDENT_ACT, "a.example");
	struct incident_row *cause = add(w, INCIDENT_NAME_SERVICE, INCIDENT_ACT, "");

	aside->snoozed_until = w->now + HOUR;
	effect->caused_by = cause->id;
	assert_string_equal(turn(w), "fired c0 1+0");
	assert_int_equal(alerts_at(w->alerts, 0)->items[0].explains, 1);
	assert_string_equal(turn_after(w, 10), "");
	aside->snoozed_until = 0;
	assert_string_equal(turn_after(w, 10), "fired c0 1+0");
	/* The end of what was never told is not told. */
	end(w, effect);
	assert_string_equal(turn_after(w, 10), "");
	/* One that is put aside after it was told: its end is. */
	aside->snoozed_until = w->now + HOUR;
	turn_after(w, 10);
	end(w, aside);
	assert_string_equal(turn_after(w, 10), "resolved c0 1+0");
}

static void test_silence(void **state)
{
	struct world *w = *state;

	w->setup.silences = w->silences;
	w->setup.silence_count = 1;
	w->silences[0] = (struct alert_silence){.id = 9,
	    .kind = INCIDENT_FLOOD,
	    .severity = -1,
	    .key = (char[]){"info@*"},
	    .until = w->now + HOUR,
	    .reason = (char[]){"known"},
	    .by = "anna"};
	flood(w, INCIDENT_ACT);
	add(w, INCIDENT_FLOOD, INCIDENT_ACT, "news@office.example");
	assert_string_equal(turn(w), "silenced c0 1+0, fired c0 1+0");
	assert_string_equal(alerts_at(w->alerts, 0)->silenced, "Silenced by anna: known");
	assert_string_equal(turn_after(w, HOUR - 10), "");
	assert_string_equal(turn_after(w, 10), "fired c0 1+0");
}

static void test_repeat(void **state)
{
	struct world *w = *state;
	struct incident_row *row = flood(w, INCIDENT_ACT);

	w->rules[0].repeat = HOUR;
	turn(w);
	turns(w, 10 * HOUR);
	assert_int_equal(w->messages, 11);
	/* Not while its evidence is gone. */
	row->state = INCIDENT_QUIET;
	turns(w, 3 * HOUR);
	assert_int_equal(w->messages, 11);
	row->snoozed_until = w->now + 3 * HOUR;
	row->state = INCIDENT_OPEN;
	turns(w, 2 * HOUR);
	assert_int_equal(w->messages, 11);
}

static void test_groups(void **state)
{
	struct world *w = *state;

	w->rules[0].group = ALERT_GROUP_KIND;
	w->rules[0].group_wait = 60;
	flood(w, INCIDENT_ACT);
	assert_string_equal(turn(w), "");
	w->now += 30;
	add(w, INCIDENT_FLOOD, INCIDENT_ACT, "b");
	add(w, INCIDENT_LOOP, INCIDENT_ACT, "c");
	assert_string_equal(turn(w), "");
	assert_string_equal(turn_after(w, 30), "fired c0 2+0");
	assert_string_equal(turn_after(w, 30), "fired c0 1+0");
	w->rules[0].group = ALERT_GROUP_ALL;
	end(w, &w->rows[0]);
	end(w, &w->rows[2]);
	assert_string_equal(turn_after(w, 10), "");
	assert_string_equal(turn_after(w, 60), "resolved c0 2+0");
	/* It came and went while others were waited for: both at once. */
	end(w, add(w, INCIDENT_LOOP, INCIDENT_ACT, "d"));
	w->rows[3].state = INCIDENT_OPEN;
	assert_string_equal(turn_after(w, 10), "");
	end(w, &w->rows[3]);
	assert_string_equal(turn_after(w, 60), "resolved c0 1+0");
}

static void test_quiet_hours(void **state)
{
	struct world *w = *state;
	struct incident_row *gone;

	w->rules[0].quiet = (struct alert_hours){.set = true, .from = 22 * 60, .to = 7 * 60};
	w->now += 11 * HOUR; /* 23:00 */
	gone = flood(w, INCIDENT_WATCH);
	add(w, INCIDENT_LOOP, INCIDENT_WATCH, "b");
	assert_string_equal(turn(w), "");
	add(w, INCIDENT_LOOP, INCIDENT_ACT, "c");
	assert_string_equal(turn_after(w, 10), "fired c0 1+0");
	end(w, gone);
	assert_string_equal(turn_after(w, HOUR), "");
	turns(w, 7 * HOUR - 20);
	assert_int_equal(w->messages, 1);
	/* 07:00 and some seconds: as one, with what has come and gone. */
	turns(w, 20);
	assert_int_equal(w->messages, 2);
	assert_int_equal(w->told, 2);
	assert_int_equal(w->ended, 1);
	assert_string_equal(turn_after(w, 10), "");
}

static void test_hours(void **state)
{
	struct world *w = *state;
	struct incident_row *row;

	/* Only from 8 to 18 on workdays: noon on Monday, and what is open at 18:00 is no news. */
	w->rules[0].hours =
	    (struct alert_hours){.set = true, .from = 8 * 60, .to = 18 * 60, .days = 0x1f};
	row = flood(w, INCIDENT_ACT);
	assert_string_equal(turn(w), "fired c0 1+0");
	w->now += 7 * HOUR;
	add(w, INCIDENT_LOOP, INCIDENT_ACT, "b");
	assert_string_equal(turn(w), "");
	end(w, row);
	assert_string_equal(turn_after(w, 10), "resolved c0 1+0");
	assert_string_equal(turn_after(w, 12 * HOUR), "");
	assert_string_equal(turn_after(w, HOUR), "fired c0 1+0");
}

/* The night of 2027-03-28 in Berlin has an hour less, that of 2027-10-31 one more. */
static void test_clock_changes(void **state)
{
	struct world *w = *state;
	const struct alert_hours night = {.set = true, .from = 60, .to = 4 * 60};
	int64_t spring = INT64_C(1806188400), autumn = INT64_C(1824937200); /* midnight there */
	int minutes = 0;

	(void)w;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	for (int64_t t = spring; t < spring + 6 * HOUR; t += 60)
		minutes += alerts_hours_contain(&night, t);
	assert_int_equal(minutes, 2 * 60);
	minutes = 0;
	for (int64_t t = autumn; t < autumn + 6 * HOUR; t += 60)
		minutes += alerts_hours_contain(&night, t);
	assert_int_equal(minutes, 4 * 60);
}

static void test_days_over_midnight(void **state)
{
	/* Friday night: until seven on Saturday, and not on Friday morning. */
	const struct alert_hours hours = {
	    .set = true, .from = 22 * 60, .to = 7 * 60, .days = 1 << 4};
	struct alert_hours outside = hours;
	int64_t friday = NOON + 4 * DAY;

	(void)state;
	outside.outside = true;
	assert_false(alerts_hours_contain(&hours, friday - 6 * HOUR));
	assert_false(alerts_hours_contain(&hours, friday));
	assert_true(alerts_hours_contain(&hours, friday + 11 * HOUR));
	assert_true(alerts_hours_contain(&hours, friday + 18 * HOUR));
	assert_false(alerts_hours_contain(&hours, friday + 19 * HOUR));
	assert_false(alerts_hours_contain(&hours, friday + 35 * HOUR));
	assert_true(alerts_hours_contain(&outside, friday));
}

static void test_patterns(void **state)
{
	BUFFER_AUTO struct buffer stars = {0}, as = {0};

	(void)state;
	assert_true(alerts_key_matches(SLICE(""), SLICE("x")));
	assert_true(alerts_key_matches(SLICE("*"), SLICE("")));
	assert_true(alerts_key_matches(SLICE("*.Example"), SLICE("mx.a.eXAMPLE")));
	assert_false(alerts_key_matches(SLICE("*.example"), SLICE("example")));
	assert_true(alerts_key_matches(SLICE("a?c"), SLICE("abc")));
	assert_false(alerts_key_matches(SLICE("a?c"), SLICE("ac")));
	assert_true(alerts_key_matches(SLICE("*a*b"), SLICE("xxaaxb")));
	/* No time that doubles with each star. */
	for (int i = 0; i < 200; i++)
		buffer_append_string(&stars, "*a");
	buffer_append_char(&stars, 'b');
	for (int i = 0; i < 500; i++)
		buffer_append_char(&as, 'a');
	assert_false(alerts_key_matches(buffer_slice(&stars), buffer_slice(&as)));
}

/* The same incident comes and goes all day. */
static void test_flapping(void **state)
{
	struct world *w = *state;
	size_t before;

	for (int i = 0; i < 4 * 24; i++) {
		struct incident_row *row = flood(w, INCIDENT_ACT);

		turns(w, 300);
		end(w, row);
		turns(w, 600);
	}
	/* 192 without a bound. Three an hour: what has come and gone, that it is there, and gone.
	 */
	assert_in_range(w->messages, 24, 3 * 24 + 8);
	before = w->messages;
	turns(w, 2 * HOUR);
	assert_in_range(w->messages, before, before + 1);
	/* None is lost: each was told as ended. */
	assert_int_equal(w->ended, w->count);
}

/* 10,000 at once: no more than the limit, and all of them are told. */
static void test_limit(void **state)
{
	struct world *w = *state;
	int64_t at[4000];
	size_t count = 0;

	for (int i = 0; i < INCIDENTS; i++) {
		char key[24];

		snprintf(key, sizeof(key), "login%d", i);
		add(w, INCIDENT_FLOOD, INCIDENT_ACT, key);
	}
	for (int64_t begin = w->now; w->now < begin + 3 * HOUR; w->now += 10) {
		size_t before = w->messages;

		turn(w);
		while (before++ < w->messages)
			at[count++] = w->now;
	}
	for (size_t i = 60; i < count; i++)
		assert_true(at[i] - at[i - 60] >= HOUR);
	/* 30 by themselves, then all others in one. */
	assert_int_equal(w->messages, 31);
	assert_int_equal(w->told, 30 + ALERTS_ITEMS_MAX);
	for (int i = 0; i < INCIDENTS; i++)
		assert_true(alerts_is_told(w->alerts, "c0", i + 1));
	for (int i = 0; i < INCIDENTS; i++)
		end(w, &w->rows[i]);
	turns(w, 4 * HOUR);
	assert_true(w->messages < 31 + 60);
	w->count = 0;
	turns(w, DAY);
}

/* A receiver that takes nothing for an hour: the outbox is full, and afterwards it gets, as one,
 * what is there and what has come and gone. */
static void test_full(void **state)
{
	struct world *w = *state;
	struct incident_row *told = flood(w, INCIDENT_ACT), *gone;

	turn(w);
	w->full = true;
	gone = add(w, INCIDENT_LOOP, INCIDENT_ACT, "gone");
	add(w, INCIDENT_LOOP, INCIDENT_ACT, "there");
	turns(w, HOUR / 2);
	end(w, gone);
	end(w, told);
	turns(w, HOUR / 2);
	assert_int_equal(w->messages, 1);
	w->full = false;
	assert_string_equal(turn_after(w, 10), "fired c0 3+0 late");
	assert_int_equal(w->ended, 2);
	assert_string_equal(turn_after(w, 10), "");
}

static void restart(struct world *w)
{
	BUFFER_AUTO struct buffer bytes = {0};
	BUFFER_AUTO struct buffer again = {0};

	alerts_save(w->alerts, &bytes);
	alerts_destroy(&w->alerts);
	w->alerts = alerts_create();
	assert_true(alerts_restore(w->alerts, buffer_slice(&bytes)));
	alerts_save(w->alerts, &again);
	assert_true(slice_equal(buffer_slice(&bytes), buffer_slice(&again)));
}

/* A restart at each moment changes nothing. */
static void test_restart(void **state)
{
	struct world *w = *state;
	struct incident_row *row;

	w->rules[0].repeat = HOUR;
	w->rules[0].group = ALERT_GROUP_ALL;
	w->rules[0].group_wait = 30;
	w->rules[0].quiet = (struct alert_hours){.set = true, .from = 22 * 60, .to = 7 * 60};
	row = flood(w, INCIDENT_WATCH);
	for (int i = 0; i < 6 * 60 * 24; i++) {
		turn_after(w, 10);
		if (i % 7 == 0)
			restart(w);
		if (i == 3000)
			end(w, row);
	}
	/* At noon and each hour until 20:00, and its end, as long as it is not quiet. */
	assert_int_equal(w->ended, 1);
	assert_int_equal(w->messages, 10);
}

static void test_state_of_others(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer bytes = {0};

	flood(w, INCIDENT_ACT);
	turn(w);
	alerts_save(w->alerts, &bytes);
	for (size_t i = 0; i < bytes.len; i++)
		assert_false(alerts_restore(w->alerts, slice_first(buffer_slice(&bytes), i)));
	assert_true(alerts_restore(w->alerts, buffer_slice(&bytes)));
}

/* Back by a minute: as if it stood still. Back by a week: nothing waits for a week. */
static void test_clock_steps(void **state)
{
	struct world *w = *state;

	w->rules[0].repeat = HOUR;
	flood(w, INCIDENT_ACT);
	turn(w);
	assert_string_equal(turn_after(w, -60), "");
	turns(w, HOUR + 120);
	assert_int_equal(w->messages, 2);
	w->now -= 7 * DAY;
	assert_string_equal(turn(w), "");
	turns(w, HOUR + 10);
	assert_int_equal(w->messages, 3);
	/* A leap forward repeats once. */
	assert_string_equal(turn_after(w, 30 * DAY), "repeated c0 1+0");
	assert_string_equal(turn_after(w, 10), "");
}

/* It had ended, and is open again under the same number: another round. */
static void test_again(void **state)
{
	struct world *w = *state;
	struct incident_row *row = flood(w, INCIDENT_ACT);

	turn(w);
	end(w, row);
	turn_after(w, 10);
	row->state = INCIDENT_OPEN;
	row->until = 0;
	assert_string_equal(turn_after(w, 10), "fired c0 1+0");
	end(w, row);
	assert_string_equal(turn_after(w, 10), "resolved c0 1+0");
}

/* One that goes from the list without a word has ended. */
static void test_vanished(void **state)
{
	struct world *w = *state;

	flood(w, INCIDENT_ACT);
	turn(w);
	w->count = 0;
	assert_string_equal(turn_after(w, 10), "resolved c0 1+0");
	assert_string_equal(alerts_at(w->alerts, 0)->items[0].title, "info@office.example");
}

static void test_removed_rule(void **state)
{
	struct world *w = *state;
	BUFFER_AUTO struct buffer bytes = {0};

	flood(w, INCIDENT_ACT);
	turn(w);
	w->setup.rule_count = 0;
	turn_after(w, 10);
	alerts_save(w->alerts, &bytes);
	assert_true(bytes.len < 40);
	assert_false(alerts_is_told(w->alerts, "c0", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_worse, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_a_rule_means, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_two_rules_and_channels, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_history, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_aside_and_explained, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_silence, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_repeat, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_groups, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_quiet_hours, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_hours, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_clock_changes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_days_over_midnight, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_patterns, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_flapping, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_state_of_others, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_clock_steps, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_vanished, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_removed_rule, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
