/* One change of Postfix's settings, from the wish to its stored end, and its undoing.
 *
 * A step is entered by go(), by two tables: which step may follow which, and what a step begins.
 * What a step has begun answers later, and that answer decides which step is next.
 * The first time through writes the new values; when anything fails behind that, `undoing` is set
 * and the same steps set back the old ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/memory.h"
#include "base/state_machine.h"
#include "settings/internal.h"

/* How often the queue manager is looked at while it is watched. */
#define ASK_MS 500
#define STORE_AGAIN_MS 3000
/* So many times longer than usual a queue manager is waited for that nothing in the log speaks
 * against: with all processors busy, 10 s were not enough. */
#define LONGER_MAX 5
/* The last changes that are looked through for one that was left in the middle. */
#define RESUME_MAX 5

static void begin_look(struct apply *a);
static void begin_setting(struct apply *a);
static void begin_unsetting(struct apply *a);
static void begin_check(struct apply *a);
static void begin_reload(struct apply *a);
static void begin_watch(struct apply *a);
static void begin_storing_end(struct apply *a);

/* ---- the steps ---- */

static const char *const names[APPLY_STEPS] = {[APPLY_IDLE] = "idle",
    [APPLY_READING] = "reading",
    [APPLY_STORING] = "storing",
    [APPLY_LOOKING] = "looking",
    [APPLY_SETTING] = "setting",
    [APPLY_UNSETTING] = "unsetting",
    [APPLY_CHECKING] = "checking",
    [APPLY_RELOADING] = "reloading",
    [APPLY_WATCHING] = "watching",
    [APPLY_ENDING] = "ending"};

#define TO STATE_MACHINE_BIT
/* Wherever something can fail once main.cf may have been written, an undoing begins, or the end. */
#define TO_UNDONE (TO(APPLY_SETTING) | TO(APPLY_ENDING))
static const uint32_t next[APPLY_STEPS] = {
    [APPLY_IDLE] = TO(APPLY_READING),
    /* Idle: refused before it was written down. Reloading and ending: a change that a crash left
     * in the middle, with main.cf written or not. */
    [APPLY_READING] = TO(APPLY_IDLE) | TO(APPLY_STORING) | TO(APPLY_RELOADING) | TO(APPLY_ENDING),
    [APPLY_STORING] = TO(APPLY_IDLE) | TO(APPLY_LOOKING),
    [APPLY_LOOKING] = TO(APPLY_SETTING),
    [APPLY_SETTING] = TO(APPLY_UNSETTING) | TO_UNDONE,
    [APPLY_UNSETTING] = TO(APPLY_CHECKING) | TO_UNDONE,
    [APPLY_CHECKING] = TO(APPLY_RELOADING) | TO_UNDONE,
    [APPLY_RELOADING] = TO(APPLY_WATCHING) | TO_UNDONE,
    [APPLY_WATCHING] = TO_UNDONE,
    /* Again: the end could not be stored. */
    [APPLY_ENDING] = TO(APPLY_IDLE) | TO(APPLY_ENDING),
};
#undef TO_UNDONE
#undef TO

static const struct state_machine machine = {"change of settings", APPLY_STEPS, names, next};

/* What a step begins. */
static void (*const begins[APPLY_STEPS])(struct apply *a) = {
    [APPLY_LOOKING] = begin_look,
    [APPLY_SETTING] = begin_setting,
    [APPLY_UNSETTING] = begin_unsetting,
    [APPLY_CHECKING] = begin_check,
    [APPLY_RELOADING] = begin_reload,
    [APPLY_WATCHING] = begin_watch,
    [APPLY_ENDING] = begin_storing_end,
};

/* The only place that sets the step. */
static void go(struct apply *a, enum apply_step to)
{
	a->step = (enum apply_step)state_machine_move(&machine, a->step, to);
	if (begins[to] != NULL)
		begins[to](a);
}

static void end(struct apply *a, enum settings_rows_state state, const char *detail)
{
	a->change.state = state;
	a->change.finished = clock_now();
	snprintf(a->change.detail, sizeof(a->change.detail), "%s", detail);
	go(a, APPLY_ENDING);
}

/* ---- answering ---- */

static void answer(struct apply *a, const struct error *err)
{
	settings_change_done *done = a->done;

	a->done = NULL;
	if (done != NULL)
		done(a->context, err == NULL ? &a->change : NULL, err);
}

static void tell(struct apply *a)
{
	if (a->settings->events.changed != NULL)
		a->settings->events.changed(a->settings->events.owner, &a->change);
}

/* Before anything was written: main.cf is as it was, and no change is in the history. */
static void give_up(struct apply *a, const struct error *err)
{
	go(a, APPLY_IDLE);
	answer(a, err);
}

/* ---- undoing ---- */

/* Sets back what was there; the same way as a change, its values exchanged. */
static void undo(struct apply *a, const char *why)
{
	/* The reason may be the one that is kept: settings_qmgr_trouble writes it there. */
	if (why != a->why)
		snprintf(a->why, sizeof(a->why), "%.290s", why);
	/* Never set back within a change: what fails while undoing ends it. */
	a->undoing = true;
	go(a, APPLY_SETTING);
}

/* What to do hangs on how far it came: a first edit that failed changed nothing, everything else is
 * taken back. */
static void failed(struct apply *a, const char *what, const struct ports_output *output)
{
	char text[400];
	struct slice said = output->err.len > 0 ? output->err : output->out;
	size_t len = said.len < 220 ? said.len : 220;

	while (len > 0 && (said.data[len - 1] == '\n' || said.data[len - 1] == ' '))
		len--;
	snprintf(text, sizeof(text), "%s%s%.*s", what, len > 0 ? ": " : "", (int)len, said.data);
	if (a->undoing) {
		char both[SETTINGS_ROWS_DETAIL_MAX];

		snprintf(both, sizeof(both),
		    "%.200s Taking it back failed too (%.200s): look at main.cf.", a->why, text);
		end(a, SETTINGS_FAILED, both);
	} else if ((a->step == APPLY_SETTING || a->step == APPLY_UNSETTING) && !a->written &&
		   (output->end == PORTS_EXITED || output->end == PORTS_REFUSED))
		end(a, SETTINGS_FAILED, text); /* one atomic edit: nothing was changed */
	else
		undo(a, text);
}

static bool went_well(const struct ports_output *output)
{
	return output->end == PORTS_EXITED && output->status == 0;
}

/* ---- main.cf ---- */

/* The values to write (`set` true) or to take out, as the change or its undo wants them. */
static size_t values_of(const struct apply *a, bool set, struct ports_setting *out)
{
	size_t count = 0;

	for (size_t i = 0; i < a->change.value_count; i++) {
		const struct settings_rows_value *v = &a->change.values[i];
		bool is_set = a->undoing ? v->old_set : v->new_set;

		if (is_set == set)
			out[count++] = (struct ports_setting){slice_of(v->name),
			    set ? slice_of(a->undoing ? v->old_value : v->new_value) : SLICE("")};
	}
	return count;
}

/* Two edits of main.cf, as `postconf -e` writes and `postconf -X` removes (docs/POSTFIX.md,
 * "Settings and reload"). Each is one rename, so main.cf is never half written. */
static void value_set(void *context, const struct ports_output *output)
{
	struct apply *a = context;

	if (a->settings->stopping)
		return;
	if (!went_well(output)) {
		failed(a, "postconf -e did not write main.cf", output);
		return;
	}
	a->written = true;
	go(a, APPLY_UNSETTING);
}

static void begin_setting(struct apply *a)
{
	struct ports_setting values[SETTINGS_ROWS_VALUES_MAX];
	size_t count = values_of(a, true, values);
	const struct ports *ports = &a->settings->ports;

	if (count == 0)
		go(a, APPLY_UNSETTING);
	else
		ports->command(ports->owner, PORTS_POSTCONF_SET, values, count, value_set, a);
}

static void value_unset(void *context, const struct ports_output *output)
{
	struct apply *a = context;

	if (a->settings->stopping)
		return;
	if (!went_well(output)) {
		failed(a, "postconf -X did not write main.cf", output);
		return;
	}
	a->written = true;
	go(a, APPLY_CHECKING);
}

static void begin_unsetting(struct apply *a)
{
	struct ports_setting values[SETTINGS_ROWS_VALUES_MAX];
	size_t count = values_of(a, false, values);
	const struct ports *ports = &a->settings->ports;

	if (count == 0)
		go(a, APPLY_CHECKING);
	else
		ports->command(ports->owner, PORTS_POSTCONF_UNSET, values, count, value_unset, a);
}

/* Read back from Postfix itself: something else may write main.cf, or did at the same moment. */
static bool is_as_wanted(const struct apply *a, const struct settings_view *view)
{
	for (size_t i = 0; i < a->change.value_count; i++) {
		const struct settings_rows_value *v = &a->change.values[i];
		bool set = a->undoing ? v->old_set : v->new_set;
		enum setting_name name;

		if (!settings_parse_name(slice_of(v->name), &name))
			return false;
		if (view->item[name].main_cf_set != set ||
		    (set && strcmp(view->item[name].main_cf,
				a->undoing ? v->old_value : v->new_value) != 0))
			return false;
	}
	return true;
}

static void checked(void *context, const struct settings_view *view, const struct error *err)
{
	struct apply *a = context;

	if (a->settings->stopping)
		return;
	if (view != NULL && is_as_wanted(a, view))
		go(a, APPLY_RELOADING);
	else
		failed(a, view == NULL ? err->text : "main.cf does not say what was written to it",
		    &(struct ports_output){0});
}

static void begin_check(struct apply *a)
{
	settings_read(a->settings, checked, a);
}

/* ---- the queue manager ---- */

static void begin_watch(struct apply *a)
{
	a->trouble = false;
	a->alive = a->known = false;
	a->asked = false;
	a->longer = 0;
	a->next_ask_ms = clock_monotonic_ms() + ASK_MS;
	a->watch_end_ms = clock_monotonic_ms() + a->settings->watch_ms;
}

/* A queue manager that refuses a value ends after a reload that reported success, so success is
 * only where the watching begins. */
static void reloaded(void *context, const struct ports_output *output)
{
	struct apply *a = context;

	if (a->settings->stopping)
		return;
	if (went_well(output))
		go(a, APPLY_WATCHING);
	else if (a->down_before && a->undoing)
		end(a, SETTINGS_UNDONE, a->why);
	else if (a->down_before)
		end(a, SETTINGS_APPLIED,
		    "Postfix is not running: this takes effect when it is started.");
	else
		failed(a, "postfix reload failed", output);
}

static void begin_reload(struct apply *a)
{
	const struct ports *ports = &a->settings->ports;

	ports->command(ports->owner, PORTS_RELOAD, NULL, 0, reloaded, a);
}

static void looked_before(void *context, const struct ports_qmgr *state)
{
	struct apply *a = context;

	if (a->settings->stopping)
		return;
	/* Then a reload has to fail, and no queue manager can be watched. */
	a->down_before = state->known && !state->alive;
	go(a, APPLY_SETTING);
}

static void begin_look(struct apply *a)
{
	const struct ports *ports = &a->settings->ports;

	ports->qmgr(ports->owner, looked_before, a);
}

/* It may come late, when the watching is over already. */
static void looked(void *context, const struct ports_qmgr *state)
{
	struct apply *a = context;

	if (a->step != APPLY_WATCHING)
		return;
	a->asked = false;
	a->known = state->known;
	a->alive = state->alive;
}

/* On a host that is very busy the master starts it late, or the helper answers late. What is right
 * must not be taken back for that; and what is wrong mostly says so in the log. */
static bool waits_longer(struct apply *a)
{
	bool unanswered = !a->known && a->asked;

	if (a->longer == LONGER_MAX || a->trouble || (!unanswered && (!a->known || a->alive)))
		return false;
	a->longer++;
	a->watch_end_ms = clock_monotonic_ms() + a->settings->watch_ms;
	return true;
}

static void watch_ended(struct apply *a)
{
	/* Behind a command prefix no process can be seen; then only the log can tell. */
	bool healthy = !a->trouble && (!a->known || a->alive);
	int64_t seconds = a->settings->watch_ms * (1 + a->longer) / 1000;
	char text[SETTINGS_ROWS_DETAIL_MAX], unseen[200];

	if (a->undoing) {
		snprintf(text, sizeof(text), "%.300s What was set before is in force again%s",
		    a->why,
		    healthy
			? "."
			: ", but the queue manager is still not healthy: look at the mail log.");
		end(a, SETTINGS_UNDONE, text);
	} else if (!healthy) {
		snprintf(unseen, sizeof(unseen),
		    "The queue manager did not come back within %lld s of the reload; the log does "
		    "not say why.",
		    (long long)seconds);
		undo(a, a->trouble ? a->why : unseen);
	} else
		end(a, SETTINGS_APPLIED,
		    a->known ? ""
			     : "Whether the queue manager took it could not be seen from here.");
}

void settings_qmgr_trouble(struct settings *settings, struct slice line)
{
	struct apply *a = &settings->apply;

	if (a->step != APPLY_WATCHING || a->trouble)
		return;
	a->trouble = true;
	if (!a->undoing)
		snprintf(a->why, sizeof(a->why), "The queue manager refused it: %.*s",
		    (int)(line.len < 200 ? line.len : 200), line.data);
	/* Nothing is to be waited for any more. */
	a->watch_end_ms = clock_monotonic_ms();
}

/* ---- the end of a change ---- */

static enum db_result store_end(struct db *db, void *context, struct error *err)
{
	struct apply *a = context;

	return settings_rows_finish(
	    db, a->change.id, a->change.state, a->change.detail, a->change.finished, err);
}

static void end_stored(void *context, enum db_result result, const struct error *err)
{
	struct apply *a = context;

	(void)err;
	if (a->settings->stopping)
		return;
	if (result != DB_OK) {
		/* Until it succeeds: without its end the change would look interrupted at the next
		 * start. */
		a->retry_ms = clock_monotonic_ms() + STORE_AGAIN_MS;
		return;
	}
	go(a, APPLY_IDLE);
	tell(a);
}

static void begin_storing_end(struct apply *a)
{
	a->retry_ms = 0;
	store_write(a->settings->store, store_end, end_stored, a);
}

/* ---- the beginning ---- */

static enum db_result store_begin(struct db *db, void *context, struct error *err)
{
	struct apply *a = context;

	return settings_rows_add(db, &a->change, err);
}

static void begun(void *context, enum db_result result, const struct error *err)
{
	struct apply *a = context;

	if (a->settings->stopping)
		return;
	/* Also when it is not known whether it was stored: then the next start finds a change that
	 * was never applied, and says so. */
	if (result != DB_OK) {
		give_up(a, err);
		return;
	}
	/* The caller is answered when the change is written down; it may take seconds until it is
	 * applied. */
	answer(a, NULL);
	tell(a);
	go(a, APPLY_LOOKING);
}

static void fill_change(struct apply *a, const struct settings_view *before)
{
	struct settings_rows_change *c = &a->change;

	memset(c, 0, sizeof(*c));
	c->created = clock_now();
	c->state = SETTINGS_APPLYING;
	c->restores = a->wish.restores;
	snprintf(c->who, sizeof(c->who), "%s", a->wish.who);
	snprintf(c->note, sizeof(c->note), "%s", a->wish.note);
	for (int i = 0; i < SETTINGS_COUNT; i++) {
		struct settings_rows_value *v = &c->values[c->value_count];
		const struct setting *s = &before->item[i];

		if (!a->wish.wanted[i])
			continue;
		snprintf(v->name, sizeof(v->name), "%s", settings_rule((enum setting_name)i)->name);
		v->old_set = s->main_cf_set;
		snprintf(v->old_value, sizeof(v->old_value), "%s", s->main_cf);
		v->new_set = !a->wish.unset[i];
		snprintf(v->new_value, sizeof(v->new_value), "%s", a->wish.value[i]);
		if (v->old_set != v->new_set ||
		    (v->new_set && strcmp(v->old_value, v->new_value) != 0))
			c->value_count++;
	}
}

/* What the helper writes (helper_proto.h). Postfix itself takes more, such as "5days". */
static bool can_be_written(const char *value)
{
	size_t digits = strspn(value, "0123456789");
	enum setting_name name;

	if (value[0] == '$')
		return settings_parse_name(slice_of(value + 1), &name);
	if (digits == 0 || digits > 9)
		return false;
	return value[digits] == '\0' ||
	       (duration_unit(value[digits]) != 0 && value[digits + 1] == '\0');
}

/* A change that goes wrong is taken back: what could not be is not begun. */
static bool check_way_back(
    const struct settings_view *view, const struct settings_wish *wish, struct error *err)
{
	for (int i = 0; i < SETTINGS_COUNT; i++) {
		const struct setting *s = &view->item[i];

		if (wish->wanted[i] && s->main_cf_set && !can_be_written(s->main_cf))
			return error_say(err, "settings_refused", SAID_SETTINGS_NO_WAY_BACK, 2,
			    said_text("name", slice_of(settings_rule((enum setting_name)i)->name)),
			    said_text("value", slice_first(slice_of(s->main_cf), 80)));
	}
	return true;
}

static void read_before(void *context, const struct settings_view *view, const struct error *err)
{
	struct apply *a = context;
	struct settings_view after;
	struct error why;

	if (a->settings->stopping)
		return;
	if (view == NULL) {
		give_up(a, err);
		return;
	}
	if (!settings_check(view, &a->wish, &after, &why) ||
	    !check_way_back(view, &a->wish, &why)) {
		give_up(a, &why);
		return;
	}
	fill_change(a, view);
	go(a, APPLY_STORING);
	store_write(a->settings->store, store_begin, begun, a);
}

/* ---- refusals, which are answered later like everything ---- */

struct refusal {
	struct error err;
	settings_change_done *done;
	void *context;
};

static enum db_result nothing(struct db *db, void *context, struct error *err)
{
	(void)db;
	(void)context;
	(void)err;
	return DB_OK;
}

static void refused(void *context, enum db_result result, const struct error *err)
{
	struct refusal *r = context;

	(void)result;
	(void)err;
	r->done(r->context, NULL, &r->err);
	free(r);
}

static void refuse(
    struct settings *s, settings_change_done *done, void *context, const struct error *why)
{
	struct refusal *r = memory_zero(1, sizeof(*r));

	r->err = *why;
	r->done = done;
	r->context = context;
	/* By way of the store: callers count on an answer that comes after the call. */
	store_ask_read(s->store, nothing, refused, r);
}

static bool may_change(struct settings *s, settings_change_done *done, void *context)
{
	struct error why;

	if (!s->writable)
		error_say(&why, "settings_read_only", SAID_SETTINGS_NOT_WRITTEN, 0);
	else if (s->obstacle.text[0] != '\0')
		why = s->obstacle;
	/* One at a time: two that write main.cf could not be told apart when one fails. */
	else if (s->apply.step != APPLY_IDLE)
		error_say(&why, "settings_busy", SAID_SETTINGS_BUSY, 0);
	else
		return true;
	refuse(s, done, context, &why);
	return false;
}

/* There is one change at a time, so its memory is part of the settings and never freed alone. */
static struct apply *claim(struct settings *s, settings_change_done *done, void *context)
{
	struct apply *a = &s->apply;

	memset(a, 0, sizeof(*a));
	a->settings = s;
	a->done = done;
	a->context = context;
	go(a, APPLY_READING);
	return a;
}

void settings_change(
    struct settings *s, const struct settings_wish *wish, settings_change_done *done, void *context)
{
	struct apply *a;

	if (!may_change(s, done, context))
		return;
	a = claim(s, done, context);
	a->wish = *wish;
	settings_read(s, read_before, a);
}

static enum db_result read_change(struct db *db, void *context, struct error *err)
{
	struct apply *a = context;

	return settings_rows_get(db, a->wish.restores, &a->change, err);
}

static void change_read(void *context, enum db_result result, const struct error *err)
{
	struct apply *a = context;
	struct error why = *err;

	if (a->settings->stopping)
		return;
	if (result != DB_OK) {
		if (result == DB_NOT_FOUND)
			error_say(&why, "change_not_found", SAID_SETTINGS_NO_CHANGE, 1,
			    said_number("change", a->wish.restores));
		give_up(a, &why);
		return;
	}
	for (size_t i = 0; i < a->change.value_count; i++) {
		const struct settings_rows_value *v = &a->change.values[i];
		enum setting_name name;

		if (!settings_parse_name(slice_of(v->name), &name))
			continue;
		a->wish.wanted[name] = true;
		a->wish.unset[name] = !v->old_set;
		snprintf(a->wish.value[name], sizeof(a->wish.value[name]), "%s", v->old_value);
	}
	settings_read(a->settings, read_before, a);
}

/* A change like any other, with the old values as the wish: it can fail and is watched, too. */
void settings_put_back(
    struct settings *s, int64_t id, const char *who, settings_change_done *done, void *context)
{
	struct apply *a;

	if (!may_change(s, done, context))
		return;
	a = claim(s, done, context);
	a->wish.restores = id;
	snprintf(a->wish.who, sizeof(a->wish.who), "%s", who);
	store_read(s->store, read_change, change_read, a);
}

/* ---- after a crash ---- */

struct resume {
	struct settings *settings;
	struct settings_rows_change change[RESUME_MAX];
	size_t count;
};

/* main.cf decides what became of a change that a crash left: it says the new values, the old, or
 * neither. */
static void resume_read(void *context, const struct settings_view *view, const struct error *err)
{
	struct apply *a = context;

	(void)err;
	if (a->settings->stopping)
		return;
	if (view == NULL) {
		/* The helper is not there yet; it is asked again when it has come. */
		go(a, APPLY_IDLE);
		a->settings->resumed = false;
		return;
	}
	a->undoing = false;
	if (is_as_wanted(a, view)) {
		/* Whether it was reloaded is not known; then it is watched as always. */
		go(a, APPLY_RELOADING);
		return;
	}
	a->undoing = true;
	if (is_as_wanted(a, view))
		end(a, SETTINGS_FAILED,
		    "The service was interrupted before main.cf was written: nothing was changed.");
	else
		end(a, SETTINGS_FAILED,
		    "The service was interrupted, and main.cf says neither what was set before nor "
		    "what was asked for: look at it.");
}

static enum db_result read_last(struct db *db, void *context, struct error *err)
{
	struct resume *r = context;

	return settings_rows_list(db, 0, r->change, RESUME_MAX, &r->count, err);
}

static void last_read(void *context, enum db_result result, const struct error *err)
{
	struct resume *r = context;
	struct settings *s = r->settings;

	(void)err;
	if (result != DB_OK)
		s->resumed = false;
	for (size_t i = 0;
	     i < r->count && result == DB_OK && !s->stopping && s->apply.step == APPLY_IDLE; i++)
		if (r->change[i].state == SETTINGS_APPLYING) {
			struct apply *a = claim(s, NULL, NULL);

			a->change = r->change[i];
			settings_read(s, resume_read, a);
		}
	free(r);
}

/* Once, when the helper is there: main.cf has to be read for it. */
void settings_resume(struct settings *s)
{
	struct resume *r;

	if (s->resumed || s->apply.step != APPLY_IDLE)
		return;
	s->resumed = true;
	r = memory_zero(1, sizeof(*r));
	r->settings = s;
	store_read(s->store, read_last, last_read, r);
}

/* ---- life ---- */

struct settings *settings_create(struct store *store, const struct ports *ports,
    const struct settings_events *events, bool writable, int64_t watch_ms)
{
	struct settings *s = memory_zero(1, sizeof(*s));

	s->store = store;
	s->ports = *ports;
	s->events = *events;
	s->writable = writable;
	s->watch_ms = watch_ms;
	return s;
}

void settings_stop(struct settings *s)
{
	s->stopping = true;
}

void settings_destroy(struct settings **pointer)
{
	if (*pointer != NULL)
		settings_drop_readings(*pointer);
	free(*pointer);
	*pointer = NULL;
}

int64_t settings_deadline_ms(const struct settings *s)
{
	const struct apply *a = &s->apply;

	if (s->stopping)
		return -1;
	if (a->step == APPLY_WATCHING)
		return a->asked || a->next_ask_ms > a->watch_end_ms ? a->watch_end_ms
								    : a->next_ask_ms;
	if (a->step == APPLY_ENDING && a->retry_ms != 0)
		return a->retry_ms;
	return -1;
}

/* The only clock of a change: everything else is an answer that comes. */
void settings_tick(struct settings *s)
{
	struct apply *a = &s->apply;
	int64_t now = clock_monotonic_ms();

	if (s->stopping)
		return;
	if (a->step == APPLY_WATCHING && now >= a->watch_end_ms && !waits_longer(a))
		watch_ended(a);
	else if (a->step == APPLY_WATCHING && !a->asked && now >= a->next_ask_ms) {
		a->asked = true;
		a->next_ask_ms = now + ASK_MS;
		s->ports.qmgr(s->ports.owner, looked, a);
	} else if (a->step == APPLY_ENDING && a->retry_ms != 0 && now >= a->retry_ms)
		go(a, APPLY_ENDING);
}
