/* One step after the other, each begun by a tick or by the answer to the one before: read what is
 * promised, give it to the audit, wait until it is on disk, remove it. So a crash at any moment
 * leaves a record in the database, in the files, or in both; and what is in both is found at the
 * next start, before it is given to the audit a second time. */
#include "server/auditing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/audit.h"
#include "audit/audit.h"
#include "audit/search.h"
#include "audit/verify.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/audit_rows.h"
#include "store/store.h"

/* What other processes promise is looked for so often, and so is what jobs do. */
#define READ_MS 1000
#define NOTE_MS 60000

enum step { STEP_BEGIN, STEP_IDLE, STEP_ASKED, STEP_KEEPING };

struct auditing {
	struct api *api;
	enum step step;
	bool former;	 /* the rows of earlier versions are read; else promised ones */
	bool all_former; /* there are none left */
	bool checked[2]; /* of either kind (former): the first ones since the start were looked for
			  */
	struct audit_rows rows;
	struct audit_rows_note note;
	uint64_t ticket; /* of the last record of `rows` */
	int64_t read_ms, note_ms;
	uint64_t noted;
};

struct auditing *auditing_create(struct api *api)
{
	struct auditing *a = memory_zero(1, sizeof(*a));

	a->api = api;
	return a;
}

void auditing_destroy(struct auditing **auditing)
{
	if (*auditing == NULL)
		return;
	buffer_free(&(*auditing)->rows.members);
	free(*auditing);
	*auditing = NULL;
}

/* ---- The note ---- */

static enum db_result read_note(struct db *db, void *context, struct error *err)
{
	struct auditing *a = context;

	return audit_rows_noted(db, &a->note, err);
}

static void note_read(void *context, enum db_result result, const struct error *err)
{
	struct auditing *a = context;
	struct audit_known known = {.n = (uint64_t)a->note.n, .who_knows = "the database"};
	struct audit_status now;
	char text[160];

	(void)err;
	a->step = STEP_IDLE;
	if (result != DB_OK)
		return;
	memcpy(known.chain, a->note.chain, sizeof(known.chain));
	api_audit_know(a->api->audit_memory, &known);
	audit_health(a->api->audit, &now);
	if (known.n <= now.last || now.state == AUDIT_BROKEN)
		return;
	snprintf(text, sizeof(text),
	    "the database knows record %" PRIu64 ", and the files ended at an earlier one",
	    known.n);
	log_error("the audit's end is missing: %s", text);
	audit_record(
	    a->api->audit, &(struct audit_entry){.action = AUDIT_LOST, .text = slice_of(text)});
}

static enum db_result write_note(struct db *db, void *context, struct error *err)
{
	struct auditing *a = context;

	return audit_rows_note(db, &a->note, err);
}

static void note_written(void *context, enum db_result result, const struct error *err)
{
	struct auditing *a = context;

	(void)result;
	(void)err;
	a->step = STEP_IDLE;
}

/* Only what is on disk is told. */
static bool note_is_due(struct auditing *a, int64_t now_ms)
{
	struct audit_status now;

	if (now_ms < a->note_ms)
		return false;
	a->note_ms = now_ms + NOTE_MS;
	audit_health(a->api->audit, &now);
	if (now.state == AUDIT_BROKEN || now.last == a->noted)
		return false;
	a->noted = now.last;
	a->note.n = (int64_t)now.last;
	memcpy(a->note.chain, now.chain, sizeof(a->note.chain));
	return true;
}

/* ---- Rows ---- */

static enum db_result remove_rows(struct db *db, void *context, struct error *err)
{
	struct auditing *a = context;

	return a->former ? audit_rows_remove_former(db, &a->rows, err)
			 : audit_rows_remove(db, &a->rows, err);
}

static void rows_removed(void *context, enum db_result result, const struct error *err)
{
	struct auditing *a = context;

	a->step = STEP_IDLE;
	if (result != DB_OK) {
		/* They must not be given to the audit a second time: looked for, as after a start.
		 */
		log_warning("records are in the audit, and stay promised: %s", err->text);
		a->checked[a->former] = false;
		return;
	}
	/* There may be more. */
	a->read_ms = 0;
}

/* Whether this one was given to the audit before a crash. */
static bool is_there(const struct auditing *a, struct slice members)
{
	char directory[1100];

	snprintf(directory, sizeof(directory), "%.1000s" AUDIT_DIRECTORY_SUFFIX,
	    role_config_get(a->api->config, "store.path"));
	return audit_search_members(directory, members);
}

static void rows_read(void *context, enum db_result result, const struct error *err)
{
	struct auditing *a = context;
	struct slice rest = buffer_slice(&a->rows.members), line;

	(void)err;
	a->step = STEP_IDLE;
	if (result != DB_OK)
		return;
	if (a->rows.count == 0) {
		a->all_former = a->all_former || a->former;
		a->checked[a->former] = true;
		a->former = !a->former && !a->all_former;
		return;
	}
	/* They wait where they are while the audit cannot take them. */
	if (!audit_takes(a->api->audit, AUDIT_JOB, NULL))
		return;
	a->ticket = 0;
	while (slice_split(&rest, '\n', &line))
		if (line.len > 0 && (a->checked[a->former] || !is_there(a, line)))
			a->ticket = audit_record_promised(a->api->audit, line);
	a->checked[a->former] = true;
	a->step = STEP_KEEPING;
}

static enum db_result read_rows(struct db *db, void *context, struct error *err)
{
	struct auditing *a = context;

	return a->former ? audit_rows_former(db, &a->rows, err)
			 : audit_rows_read(db, &a->rows, err);
}

void auditing_tick(struct auditing *a)
{
	int64_t now_ms = clock_monotonic_ms();

	if (a->step == STEP_BEGIN) {
		a->step = STEP_ASKED;
		store_read(a->api->store, read_note, note_read, a);
	} else if (a->step == STEP_KEEPING && audit_is_kept(a->api->audit, a->ticket)) {
		a->step = STEP_ASKED;
		store_write(a->api->store, remove_rows, rows_removed, a);
	} else if (a->step == STEP_IDLE && note_is_due(a, now_ms)) {
		a->step = STEP_ASKED;
		store_write_optional(a->api->store, write_note, note_written, a);
	} else if (a->step == STEP_IDLE && now_ms >= a->read_ms) {
		a->read_ms = now_ms + READ_MS;
		a->step = STEP_ASKED;
		store_read(a->api->store, read_rows, rows_read, a);
	}
}
