/* Postfix's queue settings: what they are, where they are set, what a change would mean, and the
 * change itself, which is undone when the queue manager does not come back healthy with it. Like
 * jobs.h bound to no loop: settings_tick at settings_deadline_ms. Answers never come from within
 * the call that asked. */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "exchange/ports.h"
#include "postfix/schedule.h"
#include "store/settings_rows.h"
#include "store/store.h"

enum setting_name {
	SETTING_MAXIMAL_LIFETIME,
	SETTING_BOUNCE_LIFETIME,
	SETTING_MINIMAL_BACKOFF,
	SETTING_MAXIMAL_BACKOFF,
	SETTING_QUEUE_RUN_DELAY,
	SETTING_DELAY_WARNING,
	SETTINGS_COUNT
};

struct settings_rule {
	const char *name;    /* postconf's */
	int64_t min, max;    /* seconds that may be set here */
	char unit;	     /* of a number without one */
	const char *service; /* the service in master.cf whose -o counts */
};
const struct settings_rule *settings_rule(enum setting_name name);
/* False when it is none of the six. */
bool settings_parse_name(struct slice text, enum setting_name *name);

enum setting_source {
	SETTING_DEFAULT, /* main.cf does not set it */
	SETTING_MAIN_CF,
	SETTING_MASTER_CF, /* a -o in master.cf beats main.cf */
};

struct setting {
	bool known;				/* Postfix said what it is */
	char value[SETTINGS_ROWS_VALUE_MAX];	/* in effect, as written */
	int64_t seconds;			/* -1 where it is no time that Postfix accepts */
	char standard[SETTINGS_ROWS_VALUE_MAX]; /* Postfix's default; "" unknown */
	int64_t standard_seconds;
	enum setting_source source;
	char override[160]; /* "qmgr/unix/queue_run_delay = 77s" for SETTING_MASTER_CF */
	bool main_cf_set;
	char main_cf[SETTINGS_ROWS_VALUE_MAX];	/* what main.cf sets */
	bool drift;				/* main.cf differs from what was last set here */
	char last_set[SETTINGS_ROWS_VALUE_MAX]; /* "" for the default */
};

struct settings_warning {
	const char *code; /* bounce_over_maximal, minimal_over_maximal, run_delay_over_minimal,
			   * overridden, no_lifetime, drift */
	char text[320];
	char words[320]; /* base/said.h */
};
#define SETTINGS_WARNINGS_MAX 16

struct settings_view {
	struct setting item[SETTINGS_COUNT];
	bool writable;
	struct error why_not; /* empty when writable */
	int64_t applying;     /* the change that is under way; 0 none */
	struct settings_warning warning[SETTINGS_WARNINGS_MAX];
	size_t warning_count;
};

struct settings;

struct settings_events {
	void *owner;
	/* A change was written down, or has ended. */
	void (*changed)(void *owner, const struct settings_rows_change *change);
};

/* `writable` false: settings.write = no. `watch_ms`: how long the queue manager is watched after a
 * reload (SETTINGS_WATCH_MS). */
struct settings *settings_create(struct store *store, const struct ports *ports,
    const struct settings_events *events, bool writable, int64_t watch_ms);
/* Nothing new is begun; a change under way is looked at by the next settings_resume. */
void settings_stop(struct settings *settings);
/* After store and ports were destroyed. */
void settings_destroy(struct settings **settings);
int64_t settings_deadline_ms(const struct settings *settings);
void settings_tick(struct settings *settings);
/* Looks at a change that the last process left in the middle. Call whenever the helper has come. */
void settings_resume(struct settings *settings);
/* The log reader saw a fatal or panic of the queue manager, or the master's warning about it. */
void settings_qmgr_trouble(struct settings *settings, struct slice line);
/* Why main.cf cannot be replaced, as the helper found; NULL when it can. */
void settings_set_obstacle(struct settings *settings, const struct error *why);

typedef void settings_read_done(
    void *context, const struct settings_view *view, const struct error *err);
/* Errors: helper_unavailable, postfix_failed. */
void settings_read(struct settings *settings, settings_read_done *done, void *context);

struct settings_wish {
	/* New values, by setting_name: `wanted` names those that are to change, `unset` those of
	 * them that are taken out of main.cf, so that the default counts. */
	bool wanted[SETTINGS_COUNT], unset[SETTINGS_COUNT];
	char value[SETTINGS_COUNT][SETTINGS_ROWS_VALUE_MAX];
	char who[65];
	char note[SETTINGS_ROWS_NOTE_MAX + 1];
	int64_t restores;
};

/* Checks a wish against the rules and gives the settings as they would be, with their warnings.
 * False with invalid_value (the parameter and what is allowed) or settings_refused (nothing would
 * change). Pure. */
bool settings_check(const struct settings_view *view, const struct settings_wish *wish,
    struct settings_view *after, struct error *err);

/* The attempts that these settings give to a message whose every attempt fails, in seconds after
 * its arrival. False when one of the five times is not known. */
bool settings_schedule(const struct settings_view *view, struct schedule_settings *out);

typedef void settings_change_done(
    void *context, const struct settings_rows_change *change, const struct error *err);
/* Writes the change down and answers (state SETTINGS_APPLYING); then one `postconf -e`, a reload,
 * and a while in which the queue manager has to live; undone where it does not. Errors:
 * settings_read_only, settings_busy, and those of settings_read, settings_check and the store. */
void settings_change(struct settings *settings, const struct settings_wish *wish,
    settings_change_done *done, void *context);
/* Sets back what change `id` replaced, as a new change. change_not_found. */
void settings_put_back(struct settings *settings, int64_t id, const char *who,
    settings_change_done *done, void *context);

/* A queue manager that dies of its settings dies within a second; the master then waits a minute.
 * One that is not seen by then, while the log says nothing against it, is waited for five times as
 * long again: a minute in all. */
#define SETTINGS_WATCH_MS 10000

#endif
