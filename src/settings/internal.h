/* What settings.c (reading, checking) and apply.c (changing) share. Nobody else includes it. */
#ifndef SETTINGS_INTERNAL_H
#define SETTINGS_INTERNAL_H

#include "settings/settings.h"

/* The way of a change. Only go() in apply.c moves it on. */
enum apply_step {
	APPLY_IDLE,	 /* no change is under way */
	APPLY_READING,	 /* what is set now, to know what would change */
	APPLY_STORING,	 /* the change is being written down */
	APPLY_LOOKING,	 /* whether Postfix runs, before anything is written */
	APPLY_SETTING,	 /* postconf -e: the values that are set */
	APPLY_UNSETTING, /* postconf -X: those that go back to the default */
	APPLY_CHECKING,	 /* main.cf is being read back */
	APPLY_RELOADING, /* postfix reload */
	APPLY_WATCHING,	 /* the queue manager has to live for a while */
	APPLY_ENDING,	 /* its end is being stored; again and again where that fails */
	APPLY_STEPS,
};

struct apply {
	struct settings *settings;
	enum apply_step step;
	struct settings_wish wish;
	struct settings_rows_change change;
	settings_change_done *done; /* NULL once answered */
	void *context;
	bool undoing;	  /* what was there before is being set back: the same way once more */
	bool written;	  /* main.cf has been changed, by this or its undoing */
	bool down_before; /* Postfix was not running when it began */
	bool asked;	  /* about the queue manager, and no answer yet */
	int64_t watch_end_ms, next_ask_ms;
	bool alive, known; /* at the last look */
	unsigned longer;   /* how often it was not seen in time, and waited for once more */
	bool trouble;
	char why[300];	  /* of an undo */
	int64_t retry_ms; /* its end could not be stored: when to try again */
};

struct reading;

struct settings {
	struct store *store;
	struct ports ports;
	struct settings_events events;
	bool writable, stopping, resumed;
	int64_t watch_ms;
	struct error obstacle;	  /* why main.cf cannot be written; empty: it can */
	struct reading *readings; /* under way */
	struct apply apply;
};

/* Frees the readings whose answers will not come any more (settings.c). */
void settings_drop_readings(struct settings *settings);

#endif
