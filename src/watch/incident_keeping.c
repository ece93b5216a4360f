/* Everything is written as what nobody misses (store_write_optional): on a full disk the reserve is
 * for jobs, and incidents go on from memory. */
#include "watch/incident_keeping.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/said.h"

struct load {
	struct incident_keeping *keeping;
	int64_t last_id;
	struct incident_records open, ended;
	struct buffer memory;
};

struct batch {
	struct incident_keeping *keeping;
	int64_t now;
	struct incident_records records;
	struct buffer memory; /* empty: not written */
};

struct incident_keeping {
	struct store *store;
	struct incident_tracking *tracking;
	incident_keeping_loaded *loaded;
	void *context;
	bool writing, works, stopped;
	bool list_changed; /* since the module's memory was written */
	int64_t remembered_at, tried_at;
};

/* ---- The start ---- */

static enum db_result read_all(struct db *db, void *context, struct error *err)
{
	struct load *load = context;
	enum db_result result = incident_rows_last_id(db, &load->last_id, err);

	if (result == DB_OK)
		result = incident_rows_list(db, -1, INCIDENTS_MAX, &load->open, err);
	if (result == DB_OK)
		result = incident_rows_list(db, clock_now() - INCIDENT_TRACKING_ENDED_SECONDS,
		    INCIDENT_TRACKING_ENDED_MAX, &load->ended, err);
	if (result == DB_OK)
		result = incident_rows_memory(db, &load->memory, err);
	return result;
}

static void all_is_read(void *context, enum db_result result, const struct error *err)
{
	struct load *load = context;
	struct incident_keeping *k = load->keeping;
	uint64_t first = result == DB_OK ? (uint64_t)load->last_id + 1 : (uint64_t)clock_now();

	(void)err;
	k->works = result == DB_OK;
	for (size_t i = 0; result == DB_OK && i < load->open.count; i++)
		incident_tracking_restore(k->tracking, &load->open.items[i]);
	for (size_t i = 0; result == DB_OK && i < load->ended.count; i++)
		incident_tracking_restore(k->tracking, &load->ended.items[i]);
	if (!k->stopped)
		k->loaded(
		    k->context, first, result == DB_OK ? buffer_slice(&load->memory) : SLICE(""));
	incident_records_free(&load->open);
	incident_records_free(&load->ended);
	buffer_free(&load->memory);
	free(load);
}

struct incident_keeping *incident_keeping_create(struct store *store,
    struct incident_tracking *tracking, incident_keeping_loaded *loaded, void *context)
{
	struct incident_keeping *k = memory_zero(1, sizeof(*k));
	struct load *load = memory_zero(1, sizeof(*load));

	k->store = store;
	k->tracking = tracking;
	k->loaded = loaded;
	k->context = context;
	k->works = true;
	load->keeping = k;
	store_read(store, read_all, all_is_read, load);
	return k;
}

void incident_keeping_destroy(struct incident_keeping **keeping)
{
	free(*keeping);
	*keeping = NULL;
}

/* What the store told others counts too: nothing may have been there to write since. Its reserve is
 * not for incidents. */
bool incident_keeping_works(const struct incident_keeping *k)
{
	struct db_health health;

	store_health(k->store, &health);
	return k->works &&
	       (health.state == DB_FINE || health.state == DB_FRESH || health.state == DB_LOW);
}

/* ---- After a turn ---- */

static enum db_result put_record(
    struct db *db, const struct incident_record *record, struct error *err)
{
	enum db_result result = incident_rows_put(db, &record->row, err);

	for (size_t i = 0; i < record->moment_count && result == DB_OK; i++)
		result = incident_rows_add_moment(db, record->row.id, &record->moments[i], err);
	return result;
}

static enum db_result write_batch(struct db *db, void *context, struct error *err)
{
	struct batch *batch = context;
	enum db_result result = DB_OK;

	for (size_t i = 0; i < batch->records.count && result == DB_OK; i++)
		result = put_record(db, &batch->records.items[i], err);
	if (batch->memory.len == 0 || result != DB_OK)
		return result;
	/* Seldom enough for what is seldom found. */
	result = incident_rows_expire(db, batch->now, err);
	if (result == DB_OK)
		result =
		    incident_rows_keep_memory(db, buffer_slice(&batch->memory), batch->now, err);
	return result;
}

static void batch_is_written(void *context, enum db_result result, const struct error *err)
{
	struct batch *batch = context;
	struct incident_keeping *k = batch->keeping;

	(void)err;
	k->writing = false;
	/* DB_UNKNOWN: told again, as what is there twice does no harm but to a timeline. */
	k->works = result == DB_OK;
	if (!k->works && batch->memory.len > 0)
		k->remembered_at = 0;
	if (!k->stopped)
		incident_tracking_saved(k->tracking, k->works);
	incident_records_free(&batch->records);
	buffer_free(&batch->memory);
	free(batch);
}

/* One that the store has and the module forgot at a kill would be told as ended, and then anew. */
static bool changes_list(const struct incident_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		for (size_t m = 0; m < records->items[i].moment_count; m++)
			if (records->items[i].moments[m].kind == INCIDENT_MOMENT_OPENED ||
			    records->items[i].moments[m].kind == INCIDENT_MOMENT_ENDED)
				return true;
	return false;
}

void incident_keeping_write(
    struct incident_keeping *k, const struct incidents *incidents, int64_t now, bool last)
{
	bool works = incident_keeping_works(k);
	struct batch *batch;
	/* A clock that was set back begins anew. */
	bool remember = last || now - k->remembered_at >= INCIDENT_KEEPING_MEMORY_SECONDS ||
			now < k->remembered_at;

	k->stopped |= last;
	/* A store that another process holds is waited for, and others wait behind that. */
	if (!last && (k->writing || (!works && now >= k->tried_at &&
					now - k->tried_at < INCIDENT_KEEPING_RETRY_SECONDS)))
		return;
	k->tried_at = now;
	batch = memory_zero(1, sizeof(*batch));
	batch->keeping = k;
	batch->now = now;
	incident_tracking_unsaved(k->tracking, now, &batch->records);
	k->list_changed |= changes_list(&batch->records);
	if (remember ||
	    (k->list_changed && now - k->remembered_at >= INCIDENT_KEEPING_CHANGED_SECONDS)) {
		incidents_save(incidents, &batch->memory);
		k->remembered_at = now;
		k->list_changed = false;
	}
	/* An empty write tells whether the store is back. */
	if (batch->records.count == 0 && batch->memory.len == 0 && works) {
		incident_records_free(&batch->records);
		free(batch);
		return;
	}
	k->writing = true;
	store_write_optional(k->store, write_batch, batch_is_written, batch);
}

/* ---- What people do ---- */

struct deed {
	struct incident_keeping *keeping;
	int64_t id, until;
	bool snooze;
	struct incident_note note;
	struct incident_moment moment;
	/* As it is in memory: it may not be in the store yet. Empty: it is only there. */
	struct incident_record record;
	incident_keeping_done *done;
	void *context;
};

static enum db_result not_found(struct error *err, int64_t id)
{
	error_say(err, "incident_not_found", SAID_PROBLEM_INCIDENT_NUMBER, 1,
	    said_number("incident", id));
	return DB_NOT_FOUND;
}

static enum db_result has_ended(struct error *err)
{
	error_say(err, "incident_ended", SAID_PROBLEM_INCIDENT_OVER, 0);
	return DB_CONFLICT;
}

/* The row goes with it: a note to what is not there would be lost. */
static enum db_result put_row(struct db *db, struct deed *deed, struct error *err)
{
	struct incident_record found;
	enum db_result result;

	if (deed->snooze && deed->record.row.id != 0 && deed->record.row.until != 0)
		return has_ended(err);
	if (deed->record.row.id != 0)
		return incident_rows_put(db, &deed->record.row, err);
	result = incident_rows_get(db, deed->id, &found, err);
	if (result == DB_NOT_FOUND)
		return not_found(err, deed->id);
	if (result != DB_OK)
		return result;
	/* Only those that have not ended are in memory for sure. */
	if (deed->snooze)
		result = has_ended(err);
	if (found.note_count >= INCIDENT_ROWS_NOTES_MAX && !deed->snooze) {
		error_say(err, "incident_notes_full", SAID_PROBLEM_NOTES_FULL, 1,
		    said_number("most", INCIDENT_ROWS_NOTES_MAX));
		result = DB_CONFLICT;
	}
	incident_record_clear(&found);
	return result;
}

static enum db_result do_deed(struct db *db, void *context, struct error *err)
{
	struct deed *deed = context;
	enum db_result result = put_row(db, deed, err);

	if (result == DB_OK && !deed->snooze)
		result = incident_rows_add_note(db, deed->id, &deed->note, err);
	if (result == DB_OK)
		result = incident_rows_add_moment(db, deed->id, &deed->moment, err);
	return result;
}

static void deed_is_done(void *context, enum db_result result, const struct error *err)
{
	struct deed *deed = context;
	struct incident_keeping *k = deed->keeping;

	if (result == DB_OK && !k->stopped) {
		if (deed->snooze)
			incident_tracking_snooze(
			    k->tracking, deed->id, deed->until, deed->note.who, &deed->moment);
		else
			incident_tracking_add_note(k->tracking, deed->id, &deed->note);
	}
	deed->done(deed->context, deed->snooze ? NULL : &deed->note, result == DB_OK ? NULL : err);
	incident_record_clear(&deed->record);
	free(deed->note.text);
	free(deed->moment.text);
	free(deed->moment.words);
	free(deed);
}

static struct deed *deed_create(struct incident_keeping *k, int64_t id, const char *who,
    int64_t now, incident_keeping_done *done, void *context)
{
	const struct incident_record *record = incident_tracking_find(k->tracking, id);
	struct deed *deed = memory_zero(1, sizeof(*deed));

	deed->keeping = k;
	deed->id = id;
	deed->note.at = deed->moment.at = now;
	snprintf(deed->note.who, sizeof(deed->note.who), "%s", who);
	if (record != NULL)
		incident_row_copy(&deed->record.row, &record->row);
	deed->done = done;
	deed->context = context;
	return deed;
}

void incident_keeping_add_note(struct incident_keeping *k, int64_t id, const char *who,
    struct slice text, int64_t now, incident_keeping_done *done, void *context)
{
	struct deed *deed = deed_create(k, id, who, now, done, context);
	struct buffer words = {0};

	deed->note.text = memory_strndup(text.data, text.len);
	buffer_printf(&words, "%s: %s", deed->note.who, deed->note.text);
	(void)buffer_string(&words);
	deed->moment.kind = INCIDENT_MOMENT_NOTE;
	deed->moment.text = words.data;
	store_write_optional(k->store, do_deed, deed_is_done, deed);
}

void incident_keeping_snooze(struct incident_keeping *k, int64_t id, const char *who, int64_t until,
    int64_t now, incident_keeping_done *done, void *context)
{
	struct deed *deed = deed_create(k, id, who, now, done, context);
	char time[CLOCK_RFC3339_SIZE];
	SAID_AUTO struct said text = {0};

	clock_rfc3339(until, time);
	said_put(&text, until != 0 ? SAID_MOMENT_ASIDE : SAID_MOMENT_TAKEN_UP, 2,
	    said_text("who", slice_of(deed->note.who)), said_text("until", slice_of(time)));
	deed->snooze = true;
	deed->until = until;
	deed->moment.kind = INCIDENT_MOMENT_SNOOZED;
	deed->moment.text = memory_strdup(buffer_string(&text.text));
	deed->moment.words = memory_strdup(buffer_string(&text.words));
	deed->record.row.snoozed_until = until;
	snprintf(deed->record.row.snoozed_by, sizeof(deed->record.row.snoozed_by), "%s", who);
	store_write_optional(k->store, do_deed, deed_is_done, deed);
}
