#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/clock_test_moved.h"
#include "base/memory.h"
#include "settings/settings.h"

/* A Postfix of two settings that behaves like postconf, `postfix reload` and the queue manager. */
struct world {
	char folder[64], path[80];
	struct store *store;
	struct settings *settings;
	char run_delay[64], lifetime[64]; /* what main.cf sets; empty: nothing */
	char bad[64];			  /* with this run delay the queue manager dies */
	bool no_write, no_reload, down, unknown;
	bool lose_write; /* the next edit works, and its answer is lost */
	int reloads, edits;
	int late;   /* so many looks do not see the queue manager yet */
	int silent; /* so many times are waited out before a look is answered after a reload */
	/* One answer at a time. */
	bool waiting, is_qmgr;
	ports_output_done *output_done;
	ports_qmgr_done *qmgr_done;
	void *context;
	struct ports_output output;
	char out[500];
	/* What came back. */
	struct settings_view view;
	struct settings_rows_change change, told;
	struct error err;
	bool answered, failed;
};

static void print_values(struct world *w, enum ports_command command)
{
	const char *delay = w->run_delay, *lifetime = w->lifetime;
	bool explicit = command == PORTS_POSTCONF_EXPLICIT;

	if (command == PORTS_POSTCONF_DEFAULTS || (!explicit && delay[0] == '\0'))
		delay = "300s";
	if (command == PORTS_POSTCONF_DEFAULTS || (!explicit && lifetime[0] == '\0'))
		lifetime = "5d";
	w->out[0] = '\0';
	if (delay[0] != '\0')
		snprintf(w->out + strlen(w->out), 100, "queue_run_delay = %s\n", delay);
	if (lifetime[0] != '\0')
		snprintf(w->out + strlen(w->out), 100, "maximal_queue_lifetime = %s\n", lifetime);
	if (command == PORTS_POSTCONF_SERVICES)
		snprintf(w->out, sizeof(w->out), "smtp/inet/queue_run_delay = 1s\n");
}

static char *place(struct world *w, struct slice name)
{
	return slice_is(name, "queue_run_delay") ? w->run_delay : w->lifetime;
}

static void command(void *owner, enum ports_command c, const struct ports_setting *settings,
    size_t count, ports_output_done *done, void *context)
{
	struct world *w = owner;
	int status = 0;

	assert_false(w->waiting);
	w->out[0] = '\0';
	if (c == PORTS_RELOAD) {
		w->reloads++;
		status = w->no_reload || w->down;
	} else if (c == PORTS_POSTCONF_SET || c == PORTS_POSTCONF_UNSET) {
		w->edits++;
		status = w->no_write;
		for (size_t i = 0; i < count && !w->no_write; i++)
			snprintf(place(w, settings[i].name), 64, "%.*s",
			    c == PORTS_POSTCONF_SET ? (int)settings[i].value.len : 0,
			    settings[i].value.data);
	} else
		print_values(w, c);
	w->output = (struct ports_output){.end = PORTS_EXITED,
	    .status = status,
	    .out = slice_of(w->out),
	    .err = status != 0 ? SLICE("postfix: fatal: it did not work\n") : SLICE("")};
	if (w->lose_write && (c == PORTS_POSTCONF_SET || c == PORTS_POSTCONF_UNSET)) {
		w->output = (struct ports_output){
		    .end = PORTS_LOST, .status = -1, .err = SLICE("the helper went away")};
		w->lose_write = false;
	}
	w->output_done = done;
	w->context = context;
	w->waiting = true;
	w->is_qmgr = false;
}

static void qmgr(void *owner, ports_qmgr_done *done, void *context)
{
	struct world *w = owner;

	assert_false(w->waiting);
	w->qmgr_done = done;
	w->context = context;
	w->waiting = w->is_qmgr = true;
}

static void give_answer(struct world *w)
{
	w->waiting = false;
	if (w->is_qmgr) {
		struct ports_qmgr q = {.known = !w->unknown,
		    .alive = !w->down && (w->reloads == 0 || w->late-- <= 0) &&
			     (w->bad[0] == '\0' || strcmp(w->run_delay, w->bad) != 0)};

		w->qmgr_done(w->context, &q);
	} else
		w->output_done(w->context, &w->output);
}

static void changed(void *owner, const struct settings_rows_change *change)
{
	struct world *w = owner;

	w->told = *change;
}

static void start(struct world *w)
{
	struct ports ports = {.owner = w, .command = command, .qmgr = qmgr};

	w->store = store_create(w->path);
	w->settings =
	    settings_create(w->store, &ports, &(struct settings_events){w, changed}, true, 700);
}

static void stop(struct world *w)
{
	settings_stop(w->settings);
	store_destroy(&w->store);
	settings_destroy(&w->settings);
	w->waiting = false;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->folder, "/tmp/postroom-settings-test-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/postroom.db", w->folder);
	start(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char line[128];

	stop(w);
	snprintf(line, sizeof(line), "rm -rf %s", w->folder);
	assert_int_equal(system(line), 0);
	free(w);
	return 0;
}

/* Who waits for the store waits for its descriptor; who waits for a time has it come. */
static void turn(struct world *w)
{
	struct pollfd ready = {.fd = store_fd(w->store), .events = POLLIN};
	bool silent = w->waiting && w->is_qmgr && w->reloads > 0 && w->silent > 0;
	int64_t left;

	store_dispatch(w->store);
	if (w->waiting && !silent)
		give_answer(w);
	settings_tick(w->settings);
	left = settings_deadline_ms(w->settings) - clock_monotonic_ms();
	if (store_pending(w->store) > 0)
		assert_int_equal(poll(&ready, 1, 20000), 1);
	else if ((!w->waiting || silent) && left > 0) {
		w->silent -= silent;
		clock_pass(left);
	}
}

static void read_done(void *context, const struct settings_view *view, const struct error *err)
{
	struct world *w = context;

	(void)err;
	w->answered = true;
	w->failed = view == NULL;
	if (view != NULL)
		w->view = *view;
}

static void change_done(
    void *context, const struct settings_rows_change *change, const struct error *err)
{
	struct world *w = context;

	w->answered = true;
	w->failed = change == NULL;
	if (change != NULL)
		w->change = *change;
	else
		w->err = *err;
}

static void wait_answer(struct world *w)
{
	for (int i = 0; i < 20000 && !w->answered; i++)
		turn(w);
	assert_true(w->answered);
	w->answered = false;
}

static void wait_end(struct world *w)
{
	int64_t end = clock_monotonic_ms() + 40000;

	while (w->told.id != w->change.id || w->told.state == SETTINGS_APPLYING) {
		turn(w);
		assert_true(clock_monotonic_ms() < end);
	}
}

static struct settings_wish wish_delay(const char *value)
{
	struct settings_wish wish = {.who = "tester"};

	wish.wanted[SETTING_QUEUE_RUN_DELAY] = true;
	snprintf(wish.value[SETTING_QUEUE_RUN_DELAY], SETTINGS_ROWS_VALUE_MAX, "%s", value);
	return wish;
}

static void ask(struct world *w, struct settings_wish wish)
{
	settings_change(w->settings, &wish, change_done, w);
	assert_false(w->answered);
	wait_answer(w);
}

static void test_read(void **state)
{
	struct world *w = *state;

	strcpy(w->lifetime, "3d");
	settings_read(w->settings, read_done, w);
	wait_answer(w);
	assert_int_equal(w->view.item[SETTING_MAXIMAL_LIFETIME].source, SETTING_MAIN_CF);
	assert_int_equal(w->view.item[SETTING_MAXIMAL_LIFETIME].seconds, 3 * 86400);
	assert_string_equal(w->view.item[SETTING_MAXIMAL_LIFETIME].standard, "5d");
	assert_int_equal(w->view.item[SETTING_QUEUE_RUN_DELAY].source, SETTING_DEFAULT);
	assert_string_equal(w->view.item[SETTING_QUEUE_RUN_DELAY].value, "300s");
	assert_false(w->view.item[SETTING_BOUNCE_LIFETIME].known); /* this Postfix did not say */
}

static void test_bad_values(void **state)
{
	struct error mounted;
	static const char *const bad[] = {
	    "", "5", "5y", "-1s", "0s", "2d", " 5s", "5s ", "5 s", "$x", "1.5h", "999999999w"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ask(w, wish_delay(bad[i]));
		assert_true(w->failed);
		assert_string_equal(w->err.code, "invalid_value");
		assert_non_null(strstr(w->err.text, "queue_run_delay"));
	}
	strcpy(w->run_delay, "100s");
	ask(w, wish_delay("100s"));
	assert_string_equal(w->err.code, "settings_refused");
	error_set(&mounted, "settings_read_only", "main.cf is a mount point");
	settings_set_obstacle(w->settings, &mounted);
	ask(w, wish_delay("200s"));
	assert_string_equal(w->err.code, "settings_read_only");
	assert_int_equal(w->edits, 0);
}

static void test_applied_and_put_back(void **state)
{
	struct world *w = *state;
	int64_t first;

	ask(w, wish_delay("100s"));
	assert_false(w->failed);
	assert_int_equal(w->change.state, SETTINGS_APPLYING);
	first = w->change.id;
	settings_put_back(w->settings, 1, "x", change_done, w);
	wait_answer(w);
	assert_string_equal(w->err.code, "settings_busy");
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_APPLIED);
	assert_string_equal(w->run_delay, "100s");
	/* Something else changes it: that is told. */
	strcpy(w->run_delay, "77s");
	settings_read(w->settings, read_done, w);
	wait_answer(w);
	assert_true(w->view.item[SETTING_QUEUE_RUN_DELAY].drift);
	assert_string_equal(w->view.item[SETTING_QUEUE_RUN_DELAY].last_set, "100s");
	settings_put_back(w->settings, first, "tester", change_done, w);
	wait_answer(w);
	assert_false(w->failed);
	assert_int_equal(w->change.restores, first);
	wait_end(w);
	assert_string_equal(w->run_delay, "");
	settings_put_back(w->settings, 99, "tester", change_done, w);
	wait_answer(w);
	assert_string_equal(w->err.code, "change_not_found");
}

static void test_undone_when_it_dies(void **state)
{
	struct world *w = *state;

	strcpy(w->run_delay, "300s");
	strcpy(w->bad, "100s");
	ask(w, wish_delay("100s"));
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_UNDONE);
	assert_string_equal(w->run_delay, "300s");
	assert_int_equal(w->reloads, 2);
	assert_true(w->told.finished > 0 && w->told.detail[0] != '\0');
}

/* On a busy host it is seen late: no reason to take back what it runs with. */
static void test_comes_late(void **state)
{
	struct world *w = *state;

	strcpy(w->run_delay, "300s");
	w->late = 1;
	ask(w, wish_delay("100s"));
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_APPLIED);
	assert_string_equal(w->run_delay, "100s");
	assert_int_equal(w->reloads, 1);
}

/* A helper that is slow to look: whether it took it is not known yet, and is found out. */
static void test_is_answered_late(void **state)
{
	struct world *w = *state;

	strcpy(w->run_delay, "300s");
	strcpy(w->bad, "100s");
	w->silent = 2;
	ask(w, wish_delay("100s"));
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_UNDONE);
	assert_string_equal(w->run_delay, "300s");
}

static void test_log_line_undoes(void **state)
{
	struct world *w = *state;

	w->unknown = true; /* under a prefix only the log can tell */
	ask(w, wish_delay("100s"));
	while (w->reloads == 0 || w->waiting)
		turn(w);
	settings_qmgr_trouble(
	    w->settings, SLICE("parameter queue_run_delay: bad time value or unit"));
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_UNDONE);
	assert_non_null(strstr(w->told.detail, "bad time value"));
	assert_string_equal(w->run_delay, "");
}

/* What is written and not reloaded would come into force, unwatched, with anybody's next reload. */
static void test_lost_write_is_taken_back(void **state)
{
	struct world *w = *state;

	strcpy(w->run_delay, "300s");
	w->lose_write = true;
	ask(w, wish_delay("100s"));
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_UNDONE);
	assert_string_equal(w->run_delay, "300s");
	assert_non_null(strstr(w->told.detail, "the helper went away"));
}

/* The helper would not write it, so that undoing would leave what does not work. */
static void test_no_way_back(void **state)
{
	static const char *const foreign[] = {
	    "5minutes", "${stress?{1s}:{5s}}", "$transport_retry_time"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		strcpy(w->run_delay, foreign[i]);
		ask(w, wish_delay("100s"));
		assert_true(w->failed);
		assert_string_equal(w->err.code, "settings_refused");
		assert_non_null(strstr(w->err.text, foreign[i]));
		assert_string_equal(w->run_delay, foreign[i]);
	}
	assert_int_equal(w->edits, 0);
	strcpy(w->run_delay, "$minimal_backoff_time");
	ask(w, wish_delay("100s"));
	assert_false(w->failed);
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_APPLIED);
}

static void test_failures(void **state)
{
	struct world *w = *state;

	w->no_write = true;
	ask(w, wish_delay("100s"));
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_FAILED);
	assert_non_null(strstr(w->told.detail, "it did not work"));
	assert_int_equal(w->reloads, 0);
	w->no_write = false;
	w->no_reload = true;
	ask(w, wish_delay("100s"));
	wait_end(w);
	assert_int_equal(
	    w->told.state, SETTINGS_FAILED); /* neither the reload nor that of the undo worked */
	assert_string_equal(w->run_delay, "");
	w->no_reload = false;
	w->down = true;
	ask(w, wish_delay("100s"));
	wait_end(w);
	assert_int_equal(w->told.state, SETTINGS_APPLIED);
	assert_non_null(strstr(w->told.detail, "not running"));
}

/* The process dies at every point; the next one finds out how things stand. */
static void test_crash_everywhere(void **state)
{
	struct world *w = *state;

	for (int at = 0; at < 14; at++) {
		w->run_delay[0] = '\0';
		w->change.id = w->told.id = 0;
		settings_change(w->settings, &(struct settings_wish){0}, change_done, w);
		wait_answer(w); /* nothing wished: refused; the engine is free */
		struct settings_wish wish = wish_delay("100s");

		settings_change(w->settings, &wish, change_done, w);
		for (int answers = 0; answers < at;) {
			answers += w->waiting;
			turn(w);
			if (w->told.state != SETTINGS_APPLYING && w->told.id != 0)
				break;
		}
		stop(w);
		w->answered = false;
		start(w);
		settings_resume(w->settings);
		if (w->change.id == 0)
			continue; /* it was not even written down */
		wait_end(w);
		if (w->told.state == SETTINGS_APPLIED)
			assert_string_equal(w->run_delay, "100s");
		else
			assert_string_equal(w->run_delay, "");
		assert_true(w->told.state == SETTINGS_APPLIED || w->told.state == SETTINGS_FAILED);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_read), TEST(test_bad_values),
	    TEST(test_applied_and_put_back), TEST(test_undone_when_it_dies), TEST(test_comes_late),
	    TEST(test_is_answered_late), TEST(test_log_line_undoes),
	    TEST(test_lost_write_is_taken_back), TEST(test_crash_everywhere),
	    TEST(test_no_way_back), TEST(test_failures)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
