/* The history of Postfix settings: what was changed to what, by whom, and what became of it. */
#ifndef STORE_SETTINGS_ROWS_H
#define STORE_SETTINGS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

#define SETTINGS_ROWS_VALUES_MAX 8
#define SETTINGS_ROWS_NAME_MAX 40
#define SETTINGS_ROWS_VALUE_MAX 64
#define SETTINGS_ROWS_DETAIL_MAX 512
#define SETTINGS_ROWS_NOTE_MAX 1000

enum settings_rows_state {
	SETTINGS_APPLYING = 1, /* written before anything runs */
	SETTINGS_APPLIED,      /* the queue manager came back healthy with it */
	SETTINGS_UNDONE,       /* taken back, because it did not */
	SETTINGS_FAILED, /* nothing was changed, or (the detail says so) it could not be taken back
			  */
};

struct settings_rows_value {
	char name[SETTINGS_ROWS_NAME_MAX];
	/* As in main.cf; `set` false means: not there, the default counts. */
	char old_value[SETTINGS_ROWS_VALUE_MAX], new_value[SETTINGS_ROWS_VALUE_MAX];
	bool old_set, new_set;
};

struct settings_rows_change {
	int64_t id;
	int64_t created, finished; /* Unix seconds; finished 0: still under way */
	char who[65];
	char note[SETTINGS_ROWS_NOTE_MAX + 1]; /* empty: none */
	int64_t restores;		       /* the change that this one put back; 0: none */
	enum settings_rows_state state;
	char detail[SETTINGS_ROWS_DETAIL_MAX];
	struct settings_rows_value values[SETTINGS_ROWS_VALUES_MAX];
	size_t value_count;
};

/* "applying", "applied", "undone", "failed" */
const char *settings_rows_state_name(enum settings_rows_state state);

/* Fills in change->id. */
enum db_result settings_rows_add(
    struct db *db, struct settings_rows_change *change, struct error *err);
enum db_result settings_rows_finish(struct db *db, int64_t id, enum settings_rows_state state,
    const char *detail, int64_t now, struct error *err);
enum db_result settings_rows_get(
    struct db *db, int64_t id, struct settings_rows_change *change, struct error *err);
/* The newest first, those below `before` (0: all), at most `max` into `changes`. */
enum db_result settings_rows_list(struct db *db, int64_t before,
    struct settings_rows_change *changes, size_t max, size_t *count, struct error *err);

#endif
