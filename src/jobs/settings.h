/* Postfix's queue settings: what they are, where they are set, what a change would mean, and the change
 * itself, which is undone when the queue manager does not come back healthy with it. Like jobs.h bound
 * to no loop: settings_tick at settings_deadline_ms. */
#ifndef JOBS_SETTINGS_H
#define JOBS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "jobs/ports.h"
#include "store/settings_rows.h"
#include "store/store.h"

enum setting_name {
	SETTING_QUEUE_RUN_DELAY, SETTING_MINIMAL_BACKOFF, SETTING_MAXIMAL_BACKOFF,
	SETTING_MAXIMAL_LIFETIME, SETTING_BOUNCE_LIFETIME, SETTING_DELAY_WARNING,
	SETTINGS_COUNT
};

/* postconf's name; the bounds in seconds that a value must keep. */
struct setting_rule {
	const char *name;
	int64_t min, max;
	char unit;          /* of a number without one: s, h or d */
	const char *about;  /* one sentence */
};
const struct setting_rule *setting_rule(enum setting_name name);
/* False when it is none of the six. */
bool setting_parse_name(struct slice text, enum setting_name *name);

enum setting_source {
	SETTING_DEFAULT,  /* main.cf does not set it */
	SETTING_MAIN_CF,
	SETTING_MASTER_CF, /* a -o override of the queue manager in master.cf beats main.cf */
};

struct setting {
	char value[SETTINGS_ROWS_VALUE_MAX];  /* in force, as written */
	int64_t seconds;                      /* -1 where it is no time that Postfix accepts */
	char standard[SETTINGS_ROWS_VALUE_MAX]; /* Postfix's default */
	enum setting_source source;
	char override_service[64];            /* "qmgr/unix" for SETTING_MASTER_CF */
	char main_cf[SETTINGS_ROWS_VALUE_MAX]; /* what main.cf sets; "" when it does not */
	bool drift;                           /* differs from what was last set here */
	char last_set[SETTINGS_ROWS_VALUE_MAX];
};

struct settings_warning {
	const char *code; /* bounce_over_maximal, minimal_over_maximal, run_delay_over_minimal,
	                   * overridden, very_short_lifetime */
	char text[256];
};
#define SETTINGS_WARNINGS_MAX 8

struct settings_view {
	struct setting item[SETTINGS_COUNT];
	bool writable;
	char why_not[ERROR_TEXT_MAX]; /* settings.write = no, main.cf cannot be replaced, ... */
	struct settings_warning warning[SETTINGS_WARNINGS_MAX];
	size_t warning_count;
};

struct settings;

/* `writable` false: settings.write = no. */
struct settings *settings_create(struct store *store, const struct ports *ports, bool writable);
void settings_destroy(struct settings **settings);
int64_t settings_deadline_ms(const struct settings *settings);
void settings_tick(struct settings *settings);
/* Looks at a change that the last process left in the middle. Call once helper and store are there. */
void settings_resume(struct settings *settings);
/* The log reader saw a fatal or panic of the queue manager, or the master's warning about it. */
void settings_qmgr_trouble(struct settings *settings, struct slice line);

typedef void settings_read_done(void *ctx, const struct settings_view *view, const struct error *err);
void settings_read(struct settings *settings, settings_read_done *done, void *ctx);

struct settings_wish {
	/* New values, by setting_name; NULL leaves one as it is, "" takes it out of main.cf (the default). */
	const char *value[SETTINGS_COUNT];
	const char *who;
};

/* Checks a wish against the rules: bad_value with the parameter's name and what is allowed; and the
 * warnings that the values as a whole give. Pure. */
bool settings_check(const struct settings_view *view, const struct settings_wish *wish,
    struct settings_view *after, struct error *err);

/* Writes the change (one `postconf -e`), reloads, and watches the queue manager for
 * SETTINGS_WATCH_SECONDS; undoes it where it does not come back. `change` tells how it ended; it is NULL
 * when nothing was tried: settings_read_only, settings_busy, bad_value, nothing_changed, not_writable. */
#define SETTINGS_WATCH_SECONDS 10
typedef void settings_change_done(
    void *ctx, const struct settings_rows_change *change, const struct error *err);
void settings_change(struct settings *settings, const struct settings_wish *wish,
    settings_change_done *done, void *ctx);
/* Sets back what change `id` replaced, as a new change. */
void settings_put_back(struct settings *settings, int64_t id, const char *who,
    settings_change_done *done, void *ctx);

#endif
