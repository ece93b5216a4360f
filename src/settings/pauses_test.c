/* The machine of the pauses on a store of its own, with a helper that is played here: it keeps
 * tables as Postfix would, refuses, goes away, or says that somebody else's entry wins. */
#include "settings/pauses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/clock_test_moved.h"
#include "base/memory.h"

#define KEYS_MAX 12000

struct world {
	char folder[64], path[80];
	struct store *store;
	struct pauses *pauses;
	/* What Postfix has: the keys of each table, in its order. */
	char *keys[PAUSE_TABLES][KEYS_MAX];
	size_t count[PAUSE_TABLES];
	struct pause_entry entry[PAUSE_TABLES]; /* the last of each */
	unsigned writes, looks;
	enum pause_setup_state setup;
	bool no_logins;		/* no service of Postfix knows logins */
	const char *refuse;	/* the next tables are refused with this code */
	const char *impossible; /* no table with this key: its throttle is impossible */
	bool lose; /* the next answer about a table is lost, and the table is written */
	const char *wins, *own; /* an address with an entry of its own; a domain of ours */
	/* What was asked and is not answered yet, the oldest first. */
	struct question {
		enum { WRITTEN, SETUP, QUERY } what;
		pause_written_done *written;
		pause_state_done *state;
		pause_answers_done *answers;
		void *context;
		struct error err;
		bool failed;
		uint32_t entries;
		enum pause_query_kind kind;
		char asked[PAUSE_QUERY_MAX][64];
		size_t asked_count;
	} question[4];
	size_t waiting;
	/* What came back. */
	bool answered;
	int64_t id;
	char code[ERROR_CODE_MAX];
	enum pause_state told;
	char trouble[400];
	unsigned lifted;
	bool slow;	    /* what follows a pause is not written down yet */
	bool reloads;	    /* each table costs a reload of Postfix */
	const char *unread; /* a table is written, and Postfix could not be told to read it */
};

/* ---- the helper ---- */

static void empty(struct world *w, enum pause_table table)
{
	while (w->count[table] > 0)
		free(w->keys[table][--w->count[table]]);
}

static bool has(const struct world *w, enum pause_table table, const char *key)
{
	for (size_t i = 0; i < w->count[table]; i++)
		if (strcmp(w->keys[table][i], key) == 0)
			return true;
	return false;
}

static bool is_impossible(const struct world *w, const struct pause_entry *entries, size_t count)
{
	for (size_t i = 0; w->impossible != NULL && i < count; i++)
		if (slice_is(entries[i].key, w->impossible))
			return true;
	return false;
}

static struct question *ask_question(struct world *w, int what, void *context)
{
	struct question *q = &w->question[w->waiting++];

	assert_in_range(w->waiting, 1, 4);
	*q = (struct question){.what = what, .context = context};
	return q;
}

static void write_table(void *owner, enum pause_table table, const struct pause_entry *entries,
    size_t count, pause_written_done *done, void *context)
{
	struct world *w = owner;
	const char *refusal =
	    is_impossible(w, entries, count) ? "pause_throttle_impossible" : w->refuse;

	struct question *q = ask_question(w, WRITTEN, context);

	w->writes++;
	q->written = done;
	q->entries = (uint32_t)count;
	q->failed = refusal != NULL || w->lose;
	if (q->failed)
		error_set(&q->err, w->lose ? "helper_unavailable" : refusal, "it did not work");
	if (refusal != NULL)
		return;
	empty(w, table);
	for (size_t i = 0; i < count; i++) {
		w->keys[table][w->count[table]++] =
		    memory_strndup(entries[i].key.data, entries[i].key.len);
		w->entry[table] = entries[i];
	}
	w->lose = false;
}

static void look_at_setup(
    void *owner, const struct pause_setup_ask *ask, pause_state_done *done, void *context)
{
	struct world *w = owner;

	assert_int_equal(ask->action, PAUSE_SETUP_LOOK);
	w->looks++;
	ask_question(w, SETUP, context)->state = done;
}

static void query(void *owner, enum pause_query_kind kind, const struct slice *keys, size_t count,
    pause_answers_done *done, void *context)
{
	struct question *q = ask_question(owner, QUERY, context);

	q->kind = kind;
	q->answers = done;
	q->asked_count = count;
	for (size_t i = 0; i < count; i++)
		snprintf(q->asked[i], sizeof(q->asked[i]), "%.*s", SLICE_ARGS(keys[i]));
}

static struct pause_answer transport_says(const struct world *w, const char *address)
{
	const char *domain = strchr(address, '@') + 1;

	if (w->wins != NULL && strcmp(w->wins, address) == 0)
		return (struct pause_answer){
		    slice_of(address), SLICE("smtp:[192.0.2.1]"), false, false};
	if (has(w, PAUSE_TABLE_TRANSPORT, domain))
		return (struct pause_answer){
		    slice_of(domain), SLICE("postroom-pause:"), true, false};
	return (struct pause_answer){0};
}

static void answer_query(const struct world *w, const struct question *q)
{
	struct pause_answer answers[PAUSE_QUERY_MAX] = {0};

	for (size_t i = 0; i < q->asked_count; i++)
		if (q->kind == PAUSE_QUERY_TRANSPORT)
			answers[i] = transport_says(w, q->asked[i]);
		else if (w->own != NULL && strcmp(w->own, q->asked[i]) == 0)
			answers[i].found = SLICE("mydestination");
	q->answers(q->context, answers, q->asked_count, NULL);
}

static void give_answer(struct world *w)
{
	struct question q = w->question[0];

	memmove(w->question, w->question + 1, sizeof(q) * --w->waiting);
	if (q.what == WRITTEN && q.failed)
		q.written(q.context, NULL, &q.err);
	else if (q.what == WRITTEN)
		q.written(q.context,
		    &(struct pause_written){
			q.entries, w->reloads, true, slice_of(w->unread != NULL ? w->unread : "")},
		    NULL);
	else if (q.what == SETUP)
		q.state(q.context,
		    &(struct pause_setup){.state = w->setup, .no_logins = w->no_logins}, NULL);
	else
		answer_query(w, &q);
}

/* ---- the world ---- */

static void on_changed(void *owner, const struct pause *pause)
{
	struct world *w = owner;

	w->told = pause->state;
	snprintf(
	    w->trouble, sizeof(w->trouble), "%s", pause->trouble != NULL ? pause->trouble : "");
}

static void on_lifted(void *owner, const struct pause *pause)
{
	struct world *w = owner;

	assert_int_equal(pause->state, PAUSE_LIFTING);
	w->lifted++;
	if (!w->slow)
		pauses_followed(w->pauses, pause->id);
}

static void start(struct world *w)
{
	struct pause_ports ports = {w, write_table, look_at_setup, query, NULL};
	struct pollfd ready = {.events = POLLIN};

	w->store = store_create(w->path);
	w->pauses =
	    pauses_create(w->store, &ports, &(struct pauses_events){w, on_changed, on_lifted});
	pauses_resume(w->pauses);
	ready.fd = store_fd(w->store);
	while (store_pending(w->store) > 0) {
		poll(&ready, 1, 20000);
		store_dispatch(w->store);
	}
}

/* As by a kill: what was asked is never answered. */
static void stop(struct world *w)
{
	pauses_stop(w->pauses);
	w->waiting = 0;
	store_destroy(&w->store);
	pauses_destroy(&w->pauses);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char line[128];

	stop(w);
	for (int i = 0; i < PAUSE_TABLES; i++)
		empty(w, (enum pause_table)i);
	snprintf(line, sizeof(line), "rm -rf %s", w->folder);
	assert_int_equal(system(line), 0);
	free(w);
	return 0;
}

/* Who waits for the store waits for its descriptor; who waits for a time has it come. */
static void turn(struct world *w)
{
	struct pollfd ready = {.fd = store_fd(w->store), .events = POLLIN};
	int64_t left;

	store_dispatch(w->store);
	if (w->waiting > 0)
		give_answer(w);
	pauses_tick(w->pauses);
	left = pauses_deadline_ms(w->pauses) - clock_monotonic_ms();
	if (store_pending(w->store) > 0)
		assert_int_equal(poll(&ready, 1, 20000), 1);
	else if (w->waiting == 0 && left > 0)
		clock_pass(left);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->folder, "/tmp/postroom-pauses-test-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/postroom.db", w->folder);
	w->setup = PAUSE_SETUP_DONE;
	start(w);
	*state = w;
	/* At its start every table is written once, also where nothing is held back. */
	while (w->writes < PAUSE_TABLES)
		turn(w);
	give_answer(w);
	w->writes = 0;
	return 0;
}

static void done(void *context, const struct pause *pause, const struct error *err)
{
	struct world *w = context;

	w->answered = true;
	snprintf(w->code, sizeof(w->code), "%s", err != NULL ? err->code : "");
	if (pause != NULL)
		w->id = pause->id;
}

static void wait_answer(struct world *w)
{
	w->answered = false;
	for (int i = 0; i < 1000 && !w->answered; i++)
		turn(w);
	assert_true(w->answered);
}

static struct pauses_ask ask_of(enum pause_kind kind, const char *key)
{
	return (struct pauses_ask){.kind = kind,
	    .key = slice_of(key),
	    .reason = SLICE("it has asked for it"),
	    .who = SLICE("op"),
	    .until = clock_now() + 3600};
}

static const char *set(struct world *w, struct pauses_ask ask)
{
	/* Nothing of what is asked lives longer than the call. */
	MEMORY_AUTO char *key = memory_strndup(ask.key.data, ask.key.len);

	ask.key = slice_of(key);
	pauses_set(w->pauses, &ask, done, w);
	memset(key, 'x', strlen(key));
	wait_answer(w);
	return w->code;
}

static void wait_state(struct world *w, int64_t id, enum pause_state state)
{
	for (int i = 0; i < 10000; i++) {
		const struct pause *pause = pauses_get(w->pauses, id);

		if (pause == NULL ? state >= PAUSE_ENDED : pause->state == state)
			return;
		turn(w);
	}
	fail_msg("pause %lld never came to state %d", (long long)id, state);
}

static void lift(struct world *w, int64_t id)
{
	pauses_lift(w->pauses, id, "other", done, w);
	wait_answer(w);
}

struct row {
	int64_t id;
	struct pause pause;
	enum db_result result;
};

static enum db_result read_row(struct db *db, void *context, struct error *err)
{
	struct row *r = context;

	return pause_rows_get(db, r->id, &r->pause, err);
}

static void row_read(void *context, enum db_result result, const struct error *err)
{
	struct row *r = context;

	r->result = result;
}

static struct row read_stored(struct world *w, int64_t id)
{
	struct row r = {.id = id};
	struct pollfd ready = {.fd = store_fd(w->store), .events = POLLIN};

	store_read(w->store, read_row, row_read, &r);
	while (store_pending(w->store) > 0) {
		poll(&ready, 1, 20000);
		store_dispatch(w->store);
	}
	return r;
}

/* What the store has of it. */
static struct pause stored(struct world *w, int64_t id)
{
	struct row r = read_stored(w, id);

	assert_int_equal(r.result, DB_OK);
	return r.pause;
}

static enum db_result stored_result(struct world *w, int64_t id)
{
	struct row r = read_stored(w, id);

	pause_clear(&r.pause);
	return r.result;
}

/* ---- tests ---- */

static void is_written_down_then_in_the_table(void **state)
{
	struct world *w = *state;
	struct pause row;

	assert_string_equal(set(w, ask_of(PAUSE_DOMAIN, "Dst.Example")), "");
	row = stored(w, w->id);
	assert_int_equal(row.state, PAUSE_SETTING);
	assert_string_equal(row.key, "dst.example");
	pause_clear(&row);
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_true(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
	assert_non_null(pauses_of_domain(w->pauses, SLICE("dst.example")));
	assert_null(pauses_of_domain(w->pauses, SLICE("sub.dst.example")));
	lift(w, w->id);
	assert_string_equal(w->code, "");
	wait_state(w, w->id, PAUSE_ENDED);
	assert_false(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
	assert_int_equal(w->lifted, 1);
	row = stored(w, w->id);
	assert_int_equal(row.state, PAUSE_ENDED);
	assert_string_equal(row.ended_by, "other");
	pause_clear(&row);
}

/* Postfix takes half a minute to know: what waits is not tried before that. */
static void tells_of_the_end_when_postfix_knows(void **state)
{
	struct world *w = *state;
	int64_t before;

	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	before = clock_monotonic_ms();
	lift(w, w->id);
	assert_int_equal(w->lifted, 0);
	wait_state(w, w->id, PAUSE_ENDED);
	assert_int_equal(w->lifted, 1);
	assert_true(clock_monotonic_ms() - before >= PAUSES_EFFECT_S * 1000);
}

static void ends_by_itself(void **state)
{
	struct world *w = *state;
	struct pause row;

	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	wait_state(w, w->id, PAUSE_ENDED); /* the clock goes on by itself */
	assert_false(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
	row = stored(w, w->id);
	assert_string_equal(row.ended_by, "");
	assert_true(row.ended >= row.until);
	pause_clear(&row);
}

/* The service is gone for a day, and the pause was for an hour: Postfix held back all that time. */
static void ends_at_the_start_when_its_time_is_over(void **state)
{
	struct world *w = *state;

	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	stop(w);
	assert_true(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
	clock_pass(24 * 3600 * 1000);
	start(w);
	for (int i = 0; i < 1000 && w->lifted == 0; i++)
		turn(w);
	assert_int_equal(w->lifted, 1);
	assert_false(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
}

/* Whoever sets one has those forgotten that ended long ago, and no others. */
static void forgets_what_ended_long_ago(void **state)
{
	struct world *w = *state;
	int64_t ended, recent;

	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	ended = w->id;
	wait_state(w, ended, PAUSE_IN_FORCE);
	lift(w, ended);
	wait_state(w, ended, PAUSE_ENDED);
	set(w, ask_of(PAUSE_DOMAIN, "other.example"));
	recent = w->id;
	assert_int_equal(stored_result(w, ended), DB_OK);
	clock_pass((PAUSE_ROWS_KEPT_DAYS + 1) * 24 * 3600 * 1000LL);
	wait_state(w, recent, PAUSE_ENDED);
	assert_string_equal(set(w, ask_of(PAUSE_DOMAIN, "new.example")), "");
	assert_int_equal(stored_result(w, ended), DB_NOT_FOUND);
	assert_int_equal(stored_result(w, recent), DB_OK);
	assert_int_equal(stored_result(w, w->id), DB_OK);
}

/* Killed after any number of turns, with whatever was under way: the next process goes on. */
static void goes_on_after_a_kill_anywhere(void **state)
{
	struct world *w = *state;

	for (int turns = 0; turns < 14; turns++) {
		struct pauses_ask ask = ask_of(PAUSE_DOMAIN, "dst.example");
		size_t count;

		set(w, ask);
		for (int i = 0; i < turns; i++)
			turn(w);
		stop(w);
		start(w);
		wait_state(w, w->id, PAUSE_IN_FORCE);
		assert_true(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
		lift(w, w->id);
		for (int i = 0; i < turns && pauses_get(w->pauses, w->id) != NULL; i++) {
			store_dispatch(w->store);
			if (w->waiting > 0)
				give_answer(w);
			pauses_tick(w->pauses);
		}
		stop(w);
		start(w);
		wait_state(w, w->id, PAUSE_ENDED);
		assert_false(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
		pauses_list(w->pauses, &count);
		assert_int_equal(count, 0);
	}
}

/* What a sender's pause held would else stay on hold, and nobody would know. */
static void tells_again_what_nothing_followed_before_a_kill(void **state)
{
	struct world *w = *state;
	struct pauses_ask ask = ask_of(PAUSE_SENDER, "news@shop.example");
	struct pause row;

	ask.release = true;
	set(w, ask);
	wait_state(w, w->id, PAUSE_IN_FORCE);
	w->slow = true;
	lift(w, w->id);
	for (int i = 0; i < 1000 && w->lifted == 0; i++)
		turn(w);
	for (int i = 0; i < 5; i++)
		turn(w);
	row = stored(w, w->id);
	assert_int_equal(row.state, PAUSE_LIFTING);
	pause_clear(&row);
	stop(w);
	w->slow = false;
	start(w);
	wait_state(w, w->id, PAUSE_ENDED);
	assert_int_equal(w->lifted, 2);
}

static void writes_again_what_was_lost(void **state)
{
	struct world *w = *state;

	w->lose = true;
	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	w->lose = true;
	lift(w, w->id);
	wait_state(w, w->id, PAUSE_ENDED);
	assert_int_equal(w->writes, 4);
	assert_int_equal(w->count[PAUSE_TABLE_TRANSPORT], 0);
}

static void fails_where_no_table_can_be_written(void **state)
{
	struct world *w = *state;
	struct pause row;
	int64_t first;

	set(w, ask_of(PAUSE_DOMAIN, "first.example"));
	first = w->id;
	wait_state(w, first, PAUSE_IN_FORCE);
	w->refuse = "io_error";
	assert_string_equal(set(w, ask_of(PAUSE_DOMAIN, "dst.example")), "");
	wait_state(w, w->id, PAUSE_FAILED);
	row = stored(w, w->id);
	assert_int_equal(row.state, PAUSE_FAILED);
	assert_string_equal(row.trouble, "it did not work");
	pause_clear(&row);
	assert_int_equal(w->lifted, 0);
	/* What is in force stays so, and its lift waits for the disk. */
	assert_int_equal(pauses_get(w->pauses, first)->state, PAUSE_IN_FORCE);
	lift(w, first);
	for (int i = 0; i < 50; i++)
		turn(w);
	assert_int_equal(pauses_get(w->pauses, first)->state, PAUSE_LIFTING);
	assert_string_equal(pauses_get(w->pauses, first)->trouble, "it did not work");
	w->refuse = NULL;
	wait_state(w, first, PAUSE_ENDED);
	assert_int_equal(w->lifted, 1);
}

static void says_what_wins(void **state)
{
	struct world *w = *state;

	w->wins = "postroom-probe@dst.example";
	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_non_null(strstr(pauses_get(w->pauses, w->id)->trouble, "smtp:[192.0.2.1]"));
	/* Looked at again and again; it is well once the entry is gone. */
	w->wins = NULL;
	for (int i = 0; i < 200 && pauses_get(w->pauses, w->id)->trouble != NULL; i++)
		turn(w);
	assert_null(pauses_get(w->pauses, w->id)->trouble);
	w->setup = PAUSE_SETUP_CHANGED;
	for (int i = 0; i < 200 && pauses_get(w->pauses, w->id)->trouble == NULL; i++)
		turn(w);
	assert_non_null(strstr(pauses_get(w->pauses, w->id)->trouble, "main.cf"));
}

/* Of these no address can be asked for: how main.cf and master.cf stand says it. */
static void says_where_nobody_knows_logins(void **state)
{
	static const struct {
		enum pause_kind kind;
		const char *key;
		bool troubled;
	} cases[] = {{PAUSE_LOGIN, "info", true}, {PAUSE_SENDER, "a@shop.example", false}};
	struct world *w = *state;

	for (size_t i = 0; i < 2; i++) {
		const struct pause *pause;
		w->no_logins = true;
		w->setup = PAUSE_SETUP_DONE;
		set(w, ask_of(cases[i].kind, cases[i].key));
		wait_state(w, w->id, PAUSE_IN_FORCE);
		pause = pauses_get(w->pauses, w->id);
		assert_int_equal(pause->trouble != NULL, cases[i].troubled);
		if (cases[i].troubled)
			assert_non_null(strstr(pause->trouble, "smtpd_sasl_auth_enable"));
		/* What has become well is well again. */
		w->no_logins = false;
		w->setup = PAUSE_SETUP_CHANGED;
		for (int n = 0; n < 200 && strstr(w->trouble, "main.cf was") == NULL &&
				strstr(w->trouble, "edited main.cf") == NULL;
		     n++)
			turn(w);
		w->setup = PAUSE_SETUP_DONE;
		for (int n = 0; n < 200 && pause->trouble != NULL; n++)
			turn(w);
		assert_null(pause->trouble);
	}
}

static void refuses_what_cannot_be_meant(void **state)
{
	static const struct {
		enum pause_kind kind;
		const char *key;
	} wrong[] = {{PAUSE_DOMAIN, ""}, {PAUSE_DOMAIN, "*"}, {PAUSE_DOMAIN, "*.example"},
	    {PAUSE_DOMAIN, "example"}, {PAUSE_DOMAIN, "a b.example"},
	    {PAUSE_DOMAIN, "a.example\nb.c"}, {PAUSE_DOMAIN, "-a.example"},
	    {PAUSE_DOMAIN, "a..example"}, {PAUSE_DOMAIN, "a.example."},
	    {PAUSE_DOMAIN, "m\xc3\xbcller.example"}, {PAUSE_PROVIDER, "[192.0.2.1]"},
	    {PAUSE_SENDER, "<>"}, {PAUSE_SENDER, "@shop.example"},
	    {PAUSE_SENDER, "#a@shop.example"}, {PAUSE_SENDER, "a b@shop.example"},
	    {PAUSE_SENDER, "a@shop"}, {PAUSE_LOGIN, "*"}, {PAUSE_LOGIN, "a b"}, {PAUSE_LOGIN, "#a"},
	    {PAUSE_LOGIN, "\"a\""}, {PAUSE_LOGIN, "a\tHOLD"}};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_string_equal(set(w, ask_of(wrong[i].kind, wrong[i].key)), "invalid_value");
	assert_int_equal(w->looks, 0);
	assert_string_equal(set(w, ask_of(PAUSE_LOGIN, "shop\\news")), "");
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_true(has(w, PAUSE_TABLE_LOGIN, "shop\\news"));
	assert_string_equal(set(w, ask_of(PAUSE_LOGIN, "Shop\\News")), "pause_exists");
}

static void refuses_what_has_to_be_said_first(void **state)
{
	struct world *w = *state;
	struct pauses_ask ask = ask_of(PAUSE_DOMAIN, "dst.example");

	w->setup = PAUSE_SETUP_NONE;
	assert_string_equal(set(w, ask), "pause_setup_missing");
	w->setup = PAUSE_SETUP_CHANGED;
	assert_string_equal(set(w, ask), "pause_setup_changed");
	w->setup = PAUSE_SETUP_DONE;
	w->own = "dst.example";
	assert_string_equal(set(w, ask), "pause_own_domain");
	ask.own_domain_confirmed = true;
	assert_string_equal(set(w, ask), "");
	/* So does a provider to which mail of ours goes. */
	ask = ask_of(PAUSE_PROVIDER, "mail.provider.example");
	ask.domains = (const struct slice[]){SLICE("far.example"), SLICE("dst.example")};
	ask.domain_count = 2;
	assert_string_equal(set(w, ask), "pause_own_domain");
	ask.own_domain_confirmed = true;
	assert_string_equal(set(w, ask), "");
	ask = ask_of(PAUSE_DOMAIN, "late.example");
	ask.until = clock_now() + PAUSES_USUAL_S + 10;
	assert_string_equal(set(w, ask), "pause_too_long");
	ask.long_confirmed = true;
	assert_string_equal(set(w, ask), "");
	ask.until = clock_now() + PAUSES_LONGEST_S + 10;
	assert_string_equal(set(w, ask), "invalid_value");
	ask.until = clock_now();
	assert_string_equal(set(w, ask), "invalid_value");
	ask = ask_of(PAUSE_DOMAIN, "slow.example");
	ask.throttle_s = 7;
	assert_string_equal(set(w, ask), "invalid_value");
	lift(w, 999);
	assert_string_equal(w->code, "pause_not_found");
}

static void changes_its_end(void **state)
{
	struct world *w = *state;
	int64_t until = clock_now() + 7200;

	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	pauses_change(w->pauses, w->id, until, false, "op", done, w);
	wait_answer(w);
	assert_string_equal(w->code, "");
	assert_int_equal(pauses_get(w->pauses, w->id)->until, until);
	stop(w);
	start(w);
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_int_equal(pauses_get(w->pauses, w->id)->until, until);
}

static void takes_in_what_a_provider_has(void **state)
{
	struct world *w = *state;
	struct slice known[] = {SLICE("one.example"), SLICE("two.example"), SLICE("one.example")};
	struct pauses_ask ask = ask_of(PAUSE_PROVIDER, "mail.provider.example");

	ask.domains = known;
	ask.domain_count = 3;
	assert_false(pauses_want_hosts(w->pauses));
	set(w, ask);
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_int_equal(w->count[PAUSE_TABLE_TRANSPORT], 2);
	assert_true(pauses_want_hosts(w->pauses));
	pauses_saw(w->pauses, SLICE("mx1.mail.provider.example"), SLICE("Three.example"));
	pauses_saw(w->pauses, SLICE("mx1.mail.provider.example"), SLICE("three.example"));
	pauses_saw(w->pauses, SLICE("notmail.provider.example"), SLICE("four.example"));
	pauses_saw(w->pauses, SLICE("mail.provider.example"), SLICE("not a domain"));
	for (int i = 0; i < 100 && w->count[PAUSE_TABLE_TRANSPORT] != 3; i++)
		turn(w);
	assert_true(has(w, PAUSE_TABLE_TRANSPORT, "three.example"));
	stop(w);
	start(w);
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_int_equal(pauses_get(w->pauses, w->id)->domain_count, 3);
}

static void holds_a_domain_as_long_as_one_pause_does(void **state)
{
	struct world *w = *state;
	struct slice known[] = {SLICE("dst.example")};
	struct pauses_ask ask = ask_of(PAUSE_PROVIDER, "mail.provider.example");
	int64_t first;

	ask.throttle_s = 60;
	ask.domains = known;
	ask.domain_count = 1;
	set(w, ask);
	first = w->id;
	wait_state(w, first, PAUSE_IN_FORCE);
	assert_int_equal(w->entry[PAUSE_TABLE_TRANSPORT].throttle_s, 60);
	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_int_equal(w->count[PAUSE_TABLE_TRANSPORT], 1);
	assert_int_equal(w->entry[PAUSE_TABLE_TRANSPORT].throttle_s, 0);
	lift(w, w->id);
	wait_state(w, w->id, PAUSE_ENDED);
	assert_int_equal(w->entry[PAUSE_TABLE_TRANSPORT].throttle_s, 60);
	assert_true(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
}

static void lets_no_throttle_stand_in_the_way(void **state)
{
	struct world *w = *state;
	struct pauses_ask slow = ask_of(PAUSE_DOMAIN, "slow.example");
	int64_t other, throttled;

	slow.throttle_s = 60;
	set(w, slow);
	throttled = w->id;
	wait_state(w, throttled, PAUSE_IN_FORCE);
	/* Its transport is gone from master.cf: the next table is refused because of it. */
	w->impossible = "slow.example";
	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	other = w->id;
	wait_state(w, other, PAUSE_IN_FORCE);
	assert_non_null(pauses_get(w->pauses, throttled)->trouble);
	assert_true(has(w, PAUSE_TABLE_TRANSPORT, "dst.example"));
	/* A new one that is impossible fails, and alone. */
	w->impossible = "new.example";
	slow = ask_of(PAUSE_DOMAIN, "new.example");
	slow.throttle_s = 5;
	set(w, slow);
	wait_state(w, w->id, PAUSE_FAILED);
	assert_int_equal(pauses_get(w->pauses, other)->state, PAUSE_IN_FORCE);
}

/* Somebody gives it another end in the moment in which it is lifted; then comes a kill. */
static void stays_lifted(void **state)
{
	struct world *w = *state;
	struct pause row;

	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	pauses_lift(w->pauses, w->id, "other", done, w);
	pauses_change(w->pauses, w->id, clock_now() + 7200, false, "op", done, w);
	while (store_pending(w->store) > 0) {
		struct pollfd ready = {.fd = store_fd(w->store), .events = POLLIN};

		assert_int_equal(poll(&ready, 1, 20000), 1);
		store_dispatch(w->store);
	}
	row = stored(w, w->id);
	assert_int_equal(row.state, PAUSE_LIFTING);
	pause_clear(&row);
}

/* A pattern table counts from a reload on: without one nothing is in force, and nothing ends. */
static void waits_until_postfix_has_read_the_table(void **state)
{
	struct world *w = *state;

	w->unread = "postfix reload failed";
	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	for (int i = 0; i < 50; i++)
		turn(w);
	assert_int_equal(pauses_get(w->pauses, w->id)->state, PAUSE_SETTING);
	assert_string_equal(pauses_get(w->pauses, w->id)->trouble, w->unread);
	w->unread = NULL;
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_null(pauses_get(w->pauses, w->id)->trouble);
	w->unread = "postfix reload failed";
	lift(w, w->id);
	for (int i = 0; i < 50; i++)
		turn(w);
	assert_int_equal(pauses_get(w->pauses, w->id)->state, PAUSE_LIFTING);
	w->unread = NULL;
	wait_state(w, w->id, PAUSE_ENDED);
}

static void gathers_domains_between_reloads(void **state)
{
	struct world *w = *state;
	const char *domains[] = {"one.example", "two.example", "three.example"};

	w->reloads = true;
	set(w, ask_of(PAUSE_PROVIDER, "mail.provider.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	while (w->waiting > 0)
		give_answer(w);
	w->writes = 0;
	for (size_t i = 0; i < 3; i++) {
		pauses_saw(w->pauses, SLICE("mail.provider.example"), slice_of(domains[i]));
		pauses_tick(w->pauses);
		while (w->waiting > 0)
			give_answer(w);
	}
	assert_int_equal(w->writes, 0);
	for (int i = 0; i < 1000 && !has(w, PAUSE_TABLE_TRANSPORT, "three.example"); i++)
		turn(w);
	assert_true(has(w, PAUSE_TABLE_TRANSPORT, "one.example"));
	assert_int_equal(w->writes, 1);
}

static void puts_the_closer_name_first(void **state)
{
	struct world *w = *state;
	struct pauses_ask all = ask_of(PAUSE_DOMAIN, "dst.example");

	all.subdomains = true;
	set(w, all);
	set(w, ask_of(PAUSE_DOMAIN, "sub.dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_string_equal(w->keys[PAUSE_TABLE_TRANSPORT][0], "sub.dst.example");
}

/* Two are asked for at once, and the first is lifted before the answer comes. */
static void judges_each_by_its_own_answer(void **state)
{
	struct world *w = *state;
	int64_t calm;

	set(w, ask_of(PAUSE_DOMAIN, "calm.example"));
	calm = w->id;
	wait_state(w, calm, PAUSE_IN_FORCE);
	set(w, ask_of(PAUSE_DOMAIN, "loud.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	w->wins = "postroom-probe@loud.example";
	for (int i = 0; i < 1000 && (w->waiting == 0 || w->question[0].asked_count < 2); i++)
		turn(w);
	assert_int_equal(w->question[0].asked_count, 2);
	w->answered = false;
	pauses_lift(w->pauses, w->id, "other", done, w);
	while (!w->answered) {
		struct pollfd ready = {.fd = store_fd(w->store), .events = POLLIN};

		assert_int_equal(poll(&ready, 1, 20000), 1);
		store_dispatch(w->store);
	}
	give_answer(w);
	assert_null(pauses_get(w->pauses, calm)->trouble);
}

/* Somebody has undone the set-up: Postfix holds nothing back, and what is lifted is gone. */
static void lifts_what_postfix_does_not_know(void **state)
{
	struct world *w = *state;

	set(w, ask_of(PAUSE_DOMAIN, "dst.example"));
	wait_state(w, w->id, PAUSE_IN_FORCE);
	w->refuse = "pause_setup_missing";
	lift(w, w->id);
	wait_state(w, w->id, PAUSE_ENDED);
	assert_int_equal(w->lifted, 1);
	assert_int_equal(w->writes, 2);
}

static void writes_ten_thousand_domains_at_once(void **state)
{
	struct world *w = *state;
	MEMORY_AUTO struct slice *domains = memory_zero(10000, sizeof(*domains));
	BUFFER_AUTO struct buffer texts = {0};
	struct pauses_ask ask = ask_of(PAUSE_PROVIDER, "mail.provider.example");

	for (int i = 0; i < 10000; i++)
		buffer_printf(&texts, "domain%05d.example", i);
	for (size_t i = 0; i < 10000; i++)
		domains[i] = slice_make(texts.data + i * 19, 19);
	ask.domains = domains;
	ask.domain_count = 10000;
	set(w, ask);
	wait_state(w, w->id, PAUSE_IN_FORCE);
	assert_int_equal(w->count[PAUSE_TABLE_TRANSPORT], 10000);
	assert_int_equal(w->writes, 1);
	assert_non_null(pauses_of_domain(w->pauses, SLICE("domain09999.example")));
}

static void count_look(void *context, const struct pause_setup *setup, const struct error *err)
{
	assert_null(err);
	assert_int_equal(setup->state, PAUSE_SETUP_DONE);
	(*(unsigned *)context)++;
}

/* Each look is four commands of root's, and a viewer can ask as often as he likes. */
static void looks_once_for_all_who_ask(void **state)
{
	struct world *w = *state;
	unsigned before = w->looks, told = 0;

	for (int i = 0; i < 20; i++)
		pauses_setup_look(w->pauses, count_look, &told);
	assert_int_equal(w->looks, before + 1);
	give_answer(w);
	/* The others came while it went on: one more for all of them. */
	assert_int_equal(told, 1);
	assert_int_equal(w->looks, before + 2);
	give_answer(w);
	assert_int_equal(told, 20);
	assert_int_equal(w->waiting, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(is_written_down_then_in_the_table),
	    TEST(tells_of_the_end_when_postfix_knows),
	    TEST(ends_by_itself),
	    TEST(ends_at_the_start_when_its_time_is_over),
	    TEST(forgets_what_ended_long_ago),
	    TEST(goes_on_after_a_kill_anywhere),
	    TEST(tells_again_what_nothing_followed_before_a_kill),
	    TEST(writes_again_what_was_lost),
	    TEST(fails_where_no_table_can_be_written),
	    TEST(says_what_wins),
	    TEST(says_where_nobody_knows_logins),
	    TEST(looks_once_for_all_who_ask),
	    TEST(refuses_what_cannot_be_meant),
	    TEST(refuses_what_has_to_be_said_first),
	    TEST(changes_its_end),
	    TEST(takes_in_what_a_provider_has),
	    TEST(holds_a_domain_as_long_as_one_pause_does),
	    TEST(lets_no_throttle_stand_in_the_way),
	    TEST(stays_lifted),
	    TEST(waits_until_postfix_has_read_the_table),
	    TEST(gathers_domains_between_reloads),
	    TEST(puts_the_closer_name_first),
	    TEST(judges_each_by_its_own_answer),
	    TEST(lifts_what_postfix_does_not_know),
	    TEST(writes_ten_thousand_domains_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
