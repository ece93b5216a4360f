/* The six settings: their rules, how they are read (four runs of postconf, one after the
 * other), and what is said of values that do not fit together. The change itself
 * is in apply.c. */
#include "settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/memory.h"
#include "base/said.h"
#include "postfix/postconf_output.h"
#include "settings/internal.h"

#define DAY 86400

/* The last changes that are looked through for what was last set here. */
#define CHANGES_MAX 50

/* Lifetimes: 0 to 90 days as the page offers them (Postfix allows 100). Backoff and run delay: from
 * a second, up to what still makes sense within the longest lifetime. */
static const struct settings_rule rules[SETTINGS_COUNT] = {
    [SETTING_MAXIMAL_LIFETIME] = {"maximal_queue_lifetime", 0, 90 * DAY, 'd', "qmgr"},
    [SETTING_BOUNCE_LIFETIME] = {"bounce_queue_lifetime", 0, 90 * DAY, 'd', "qmgr"},
    [SETTING_MINIMAL_BACKOFF] = {"minimal_backoff_time", 1, 7 * DAY, 's', "qmgr"},
    [SETTING_MAXIMAL_BACKOFF] = {"maximal_backoff_time", 1, 7 * DAY, 's', "qmgr"},
    [SETTING_QUEUE_RUN_DELAY] = {"queue_run_delay", 1, DAY, 's', "qmgr"},
    [SETTING_DELAY_WARNING] = {"delay_warning_time", 0, 90 * DAY, 'h', "cleanup"},
};

const struct settings_rule *settings_rule(enum setting_name name)
{
	return &rules[name];
}

bool settings_parse_name(struct slice text, enum setting_name *name)
{
	for (int i = 0; i < SETTINGS_COUNT; i++)
		if (slice_is(text, rules[i].name)) {
			*name = (enum setting_name)i;
			return true;
		}
	return false;
}

static void copy(char *out, size_t size, struct slice text)
{
	size_t len = text.len < size ? text.len : size - 1;

	memcpy(out, text.data, len);
	out[len] = '\0';
}

/* ---- warnings ---- */

static void warn(struct settings_view *view, const char *code, const struct said *said)
{
	struct settings_warning *w = &view->warning[view->warning_count];

	if (view->warning_count == SETTINGS_WARNINGS_MAX)
		return;
	w->code = code;
	copy(w->text, sizeof(w->text), buffer_slice(&said->text));
	/* Cut words would be none. */
	copy(w->words, sizeof(w->words),
	    said->words.len < sizeof(w->words) ? buffer_slice(&said->words) : SLICE(""));
	view->warning_count++;
}

static void warn_if(struct settings_view *view, bool is_so, const char *code, enum said_code says)
{
	SAID_AUTO struct said said = {0};

	if (!is_so)
		return;
	said_put(&said, says, 0);
	warn(view, code, &said);
}

/* Unknown values (-1) give no warning: nobody can say that they do not fit. */
static bool is_over(const struct settings_view *view, enum setting_name a, enum setting_name b)
{
	return view->item[a].seconds >= 0 && view->item[b].seconds >= 0 &&
	       view->item[a].seconds > view->item[b].seconds;
}

static void warn_all(struct settings_view *view)
{
	view->warning_count = 0;
	warn_if(view, is_over(view, SETTING_BOUNCE_LIFETIME, SETTING_MAXIMAL_LIFETIME),
	    "bounce_over_maximal", SAID_SETTINGS_BOUNCE_OVER_MAXIMAL);
	warn_if(view, is_over(view, SETTING_MINIMAL_BACKOFF, SETTING_MAXIMAL_BACKOFF),
	    "minimal_over_maximal", SAID_SETTINGS_MINIMAL_OVER_MAXIMAL);
	warn_if(view, is_over(view, SETTING_QUEUE_RUN_DELAY, SETTING_MINIMAL_BACKOFF),
	    "run_delay_over_minimal", SAID_SETTINGS_RUN_DELAY_OVER_MINIMAL);
	warn_if(view, view->item[SETTING_MAXIMAL_LIFETIME].seconds == 0, "no_lifetime",
	    SAID_SETTINGS_NO_LIFETIME);
	for (int i = 0; i < SETTINGS_COUNT; i++) {
		SAID_AUTO struct said said = {0};
		const struct setting *item = &view->item[i];
		struct said_value name = said_text("name", slice_of(rules[i].name));

		if (item->source == SETTING_MASTER_CF) {
			said_put(&said, SAID_SETTINGS_OVERRIDDEN, 2, name,
			    said_text("entry", slice_of(item->override)));
			warn(view, "overridden", &said);
		}
		if (item->drift) {
			said_put(&said,
			    item->last_set[0] != '\0' ? SAID_SETTINGS_DRIFT
						      : SAID_SETTINGS_DRIFT_DEFAULT,
			    2, name, said_text("value", slice_of(item->last_set)));
			warn(view, "drift", &said);
		}
	}
}

/* ---- checking a wish ---- */

static bool check_value(
    enum setting_name name, const char *value, int64_t *seconds, struct error *err)
{
	const struct settings_rule *rule = &rules[name];
	char least[DURATION_TEXT_SIZE], most[DURATION_TEXT_SIZE];

	if (postconf_output_strict_time(slice_of(value), seconds) && *seconds >= rule->min &&
	    *seconds <= rule->max)
		return true;
	duration_format(rule->min, least);
	duration_format(rule->max, most);
	return error_say(err, "invalid_value", SAID_SETTINGS_VALUE, 3,
	    said_text("name", slice_of(rule->name)), said_text("least", slice_of(least)),
	    said_text("most", slice_of(most)));
}

static bool apply_one(struct setting *s, const struct settings_wish *wish, enum setting_name name,
    bool *changes, struct error *err)
{
	const char *value = wish->value[name];
	int64_t seconds = s->standard_seconds;

	/* What was there before a change is put back as it was, whatever it was. */
	if (!wish->unset[name] && wish->restores == 0 && !check_value(name, value, &seconds, err))
		return false;
	if (!wish->unset[name] && wish->restores != 0 &&
	    !postconf_output_time(slice_of(value), rules[name].unit, &seconds))
		seconds = -1;
	if (s->main_cf_set == !wish->unset[name] &&
	    (wish->unset[name] || strcmp(s->main_cf, value) == 0))
		return true;
	*changes = true;
	s->main_cf_set = !wish->unset[name];
	snprintf(s->main_cf, sizeof(s->main_cf), "%s", wish->unset[name] ? "" : value);
	s->drift = false;
	/* What master.cf sets stays in force, whatever main.cf says. */
	if (s->source == SETTING_MASTER_CF)
		return true;
	s->source = s->main_cf_set ? SETTING_MAIN_CF : SETTING_DEFAULT;
	snprintf(s->value, sizeof(s->value), "%s", s->main_cf_set ? s->main_cf : s->standard);
	s->seconds = seconds;
	return true;
}

/* On a copy, so that a preview can show what would come of it. */
bool settings_check(const struct settings_view *view, const struct settings_wish *wish,
    struct settings_view *after, struct error *err)
{
	bool changes = false;

	*after = *view;
	for (int i = 0; i < SETTINGS_COUNT; i++)
		if (wish->wanted[i] &&
		    !apply_one(&after->item[i], wish, (enum setting_name)i, &changes, err))
			return false;
	/* Of the values as they would be: a preview shows what the change brings about. */
	warn_all(after);
	if (!changes)
		return error_say(err, "settings_refused", SAID_SETTINGS_SAME, 0);
	return true;
}

/* Only when all five are known: half of a schedule would be a guess. */
bool settings_schedule(const struct settings_view *view, struct schedule_settings *out)
{
	*out = (struct schedule_settings){
	    .queue_run_delay = view->item[SETTING_QUEUE_RUN_DELAY].seconds,
	    .minimal_backoff_time = view->item[SETTING_MINIMAL_BACKOFF].seconds,
	    .maximal_backoff_time = view->item[SETTING_MAXIMAL_BACKOFF].seconds,
	    .maximal_queue_lifetime = view->item[SETTING_MAXIMAL_LIFETIME].seconds,
	    .bounce_queue_lifetime = view->item[SETTING_BOUNCE_LIFETIME].seconds,
	};
	return out->queue_run_delay > 0 && out->minimal_backoff_time > 0 &&
	       out->maximal_backoff_time > 0 && out->maximal_queue_lifetime >= 0 &&
	       out->bounce_queue_lifetime >= 0;
}

/* ---- reading ---- */

/* The commands of a reading, in this order; then the history, for drift. */
static const enum ports_command reading_order[] = {PORTS_POSTCONF_EXPLICIT, PORTS_POSTCONF_DEFAULTS,
    PORTS_POSTCONF_EXPANDED, PORTS_POSTCONF_SERVICES};
#define READINGS (sizeof(reading_order) / sizeof(reading_order[0]))

struct reading {
	struct reading *next;
	struct settings *settings;
	size_t at;
	struct settings_view view;
	struct settings_rows_change *changes;
	size_t change_count;
	settings_read_done *done;
	void *context;
};

/* Out of the list before it is told: the caller may begin the next reading at once. */
static void finish(struct reading *r, const struct error *err)
{
	struct reading **at = &r->settings->readings;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	r->done(r->context, err == NULL ? &r->view : NULL, err);
	free(r->changes);
	free(r);
}

/* At the end of the service: nobody is told any more. */
void settings_drop_readings(struct settings *settings)
{
	while (settings->readings != NULL) {
		struct reading *r = settings->readings;

		settings->readings = r->next;
		free(r->changes);
		free(r);
	}
}

/* As written, without expanding: only so it can be put back as it was. */
static void take_explicit(struct setting *s, struct slice value)
{
	s->main_cf_set = true;
	copy(s->main_cf, sizeof(s->main_cf), value);
	copy(s->value, sizeof(s->value), value);
	s->source = SETTING_MAIN_CF;
}

static void take_default(struct setting *s, enum setting_name name, struct slice value)
{
	copy(s->standard, sizeof(s->standard), value);
	if (!postconf_output_time(value, rules[name].unit, &s->standard_seconds))
		s->standard_seconds = -1;
	if (!s->main_cf_set)
		copy(s->value, sizeof(s->value), value);
}

/* Postfix expands "$name"; only so the seconds are known. */
static void take_expanded(struct setting *s, enum setting_name name, struct slice value)
{
	s->known = true;
	if (!postconf_output_time(value, rules[name].unit, &s->seconds))
		s->seconds = -1;
}

/* One line for each parameter that master.cf sets with -o, whatever the service. */
static void take_services(struct settings_view *view, struct slice output)
{
	struct slice line;

	while (slice_split(&output, '\n', &line)) {
		struct postconf_output_override o;
		enum setting_name name;
		struct setting *s;

		if (!postconf_output_parse_override(line, &o) ||
		    !settings_parse_name(o.name, &name) ||
		    /* Only the service that reads the setting is concerned. */
		    !slice_is(o.service, rules[name].service))
			continue;
		s = &view->item[name];
		s->source = SETTING_MASTER_CF;
		copy(s->override, sizeof(s->override), line);
		copy(s->value, sizeof(s->value), o.value);
		if (!postconf_output_time(o.value, rules[name].unit, &s->seconds))
			s->seconds = -1;
	}
}

static void take_output(struct reading *r, struct slice output)
{
	if (reading_order[r->at] == PORTS_POSTCONF_SERVICES) {
		take_services(&r->view, output);
		return;
	}
	for (int i = 0; i < SETTINGS_COUNT; i++) {
		struct setting *s = &r->view.item[i];
		struct slice value;

		if (!postconf_output_find(output, rules[i].name, &value))
			continue;
		if (reading_order[r->at] == PORTS_POSTCONF_EXPLICIT)
			take_explicit(s, value);
		else if (reading_order[r->at] == PORTS_POSTCONF_DEFAULTS)
			take_default(s, (enum setting_name)i, value);
		else
			take_expanded(s, (enum setting_name)i, value);
	}
}

static enum db_result read_changes(struct db *db, void *context, struct error *err)
{
	struct reading *r = context;

	return settings_rows_list(db, 0, r->changes, CHANGES_MAX, &r->change_count, err);
}

/* What each was last set to here, from the newest change that was applied. */
static void find_drift(struct reading *r, enum setting_name name)
{
	struct setting *s = &r->view.item[name];

	for (size_t i = 0; i < r->change_count; i++) {
		const struct settings_rows_change *c = &r->changes[i];

		/* What was taken back or failed was never in force. */
		if (c->state != SETTINGS_APPLIED)
			continue;
		for (size_t k = 0; k < c->value_count; k++) {
			const struct settings_rows_value *v = &c->values[k];

			if (strcmp(v->name, rules[name].name) != 0)
				continue;
			snprintf(
			    s->last_set, sizeof(s->last_set), "%s", v->new_set ? v->new_value : "");
			s->drift = v->new_set != s->main_cf_set ||
				   (v->new_set && strcmp(v->new_value, s->main_cf) != 0);
			return;
		}
	}
}

static void changes_read(void *context, enum db_result result, const struct error *err)
{
	struct reading *r = context;

	(void)err;
	/* Without the history the settings are shown all the same, only without drift. */
	for (int i = 0; i < SETTINGS_COUNT && result == DB_OK; i++)
		find_drift(r, (enum setting_name)i);
	warn_all(&r->view);
	finish(r, NULL);
}

static void next_reading(struct reading *r);

static void postconf_ran(void *context, const struct ports_output *output)
{
	struct reading *r = context;
	struct error err;

	/* The whole reading fails: half of the settings would look like all of them. */
	if (output->end != PORTS_EXITED || output->status != 0) {
		error_say(&err,
		    output->end == PORTS_LOST || output->end == PORTS_REFUSED ? "helper_unavailable"
									      : "postfix_failed",
		    SAID_SETTINGS_UNREAD, 1, said_text("reply", slice_first(output->err, 300)));
		finish(r, &err);
		return;
	}
	take_output(r, output->out);
	/* One command after the other: each is a process of the helper's, and nobody waits for
	 * milliseconds. */
	r->at++;
	next_reading(r);
}

static void next_reading(struct reading *r)
{
	const struct ports *ports = &r->settings->ports;
	struct ports_setting names[SETTINGS_COUNT];
	bool services;

	if (r->at == READINGS) {
		r->changes = memory_zero(CHANGES_MAX, sizeof(*r->changes));
		store_read(r->settings->store, read_changes, changes_read, r);
		return;
	}
	for (int i = 0; i < SETTINGS_COUNT; i++)
		names[i] = (struct ports_setting){slice_of(rules[i].name), SLICE("")};
	services = reading_order[r->at] == PORTS_POSTCONF_SERVICES;
	ports->command(ports->owner, reading_order[r->at], names, services ? 0 : SETTINGS_COUNT,
	    postconf_ran, r);
}

void settings_read(struct settings *settings, settings_read_done *done, void *context)
{
	struct reading *r = memory_zero(1, sizeof(*r));
	struct settings_view *view = &r->view;

	r->settings = settings;
	r->next = settings->readings;
	settings->readings = r;
	r->done = done;
	r->context = context;
	for (int i = 0; i < SETTINGS_COUNT; i++)
		view->item[i].seconds = view->item[i].standard_seconds = -1;
	view->writable = settings->writable && settings->obstacle.text[0] == '\0';
	view->why_not = settings->obstacle;
	if (!settings->writable)
		error_say(&view->why_not, "settings_read_only", SAID_SETTINGS_ONLY_SHOWN, 0);
	view->applying = settings->apply.step > APPLY_STORING ? settings->apply.change.id : 0;
	next_reading(r);
}

void settings_set_obstacle(struct settings *settings, const struct error *why)
{
	settings->obstacle = why != NULL ? *why : (struct error){0};
}
