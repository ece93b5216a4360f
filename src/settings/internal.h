/* What settings.c (reading, checking) and apply.c (changing) share. Nobody else includes
 * it. */
#ifndef SETTINGS_INTERNAL_H
#define SETTINGS_INTERNAL_H

#include "settings/settings.h"

enum apply_step {
	APPLY_IDLE,
	APPLY_READING,	 /* what is set now, to know what would change */
	APPLY_STORING,	 /* the change is being written down */
	APPLY_SETTING,	 /* postconf -e */
	APPLY_UNSETTING, /* postconf -X */
	APPLY_CHECKING,	 /* reading it back */
	APPLY_RELOADING,
	APPLY_WATCHING,
	APPLY_ENDING, /* its end is being stored */
};

struct apply {
	struct settings *settings;
	enum apply_step step;
	struct settings_wish wish;
	struct settings_rows_change change;
	settings_change_done *done; /* NULL once answered */
	void *ctx;
	bool undoing;
	bool down_before; /* Postfix was not running when it began */
	bool asked;	  /* about the queue manager, and no answer yet */
	int64_t watch_end_ms, next_ask_ms;
	bool alive, known; /* at the last look */
	bool trouble;
	char why[300]; /* of an undo */
	enum settings_rows_state end_state;
	char detail[SETTINGS_ROWS_DETAIL_MAX];
	int64_t retry_ms; /* its end could not be stored: when to try again */
};

struct reading;

struct settings {
	struct store *store;
	struct ports ports;
	struct settings_events events;
	bool writable, stopping, resumed;
	int64_t watch_ms;
	char obstacle[ERROR_TEXT_MAX];
	struct reading *readings; /* under way */
	struct apply apply;
};

/* Frees the readings whose answers will not come any more (settings.c). */
void settings_drop_readings(struct settings *settings);

#endif
