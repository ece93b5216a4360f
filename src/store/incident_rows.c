/* The statements about incidents. What is looked for stands in columns; evidence and points, which
 * are only shown, stand together in one. */
#include "store/incident_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cursor.h"
#include "base/json_scan.h"
#include "base/memory.h"

#define DAY 86400
/* Longer than any text that is written. */
#define TEXT_MAX 65536

static const char *const moment_names[INCIDENT_MOMENTS] = {
    [INCIDENT_MOMENT_OPENED] = "opened",
    [INCIDENT_MOMENT_QUIET] = "quiet",
    [INCIDENT_MOMENT_REOPENED] = "reopened",
    [INCIDENT_MOMENT_ENDED] = "ended",
    [INCIDENT_MOMENT_SEVERITY] = "severity",
    [INCIDENT_MOMENT_NOTE] = "note",
    [INCIDENT_MOMENT_SNOOZED] = "snoozed",
    [INCIDENT_MOMENT_JOB] = "job",
    [INCIDENT_MOMENT_SETTINGS] = "settings",
    [INCIDENT_MOMENT_PAUSE] = "pause",
};

const char *incident_moment_name(enum incident_moment_kind kind)
{
	bool known = kind >= INCIDENT_MOMENT_OPENED && kind < INCIDENT_MOMENTS;

	return known ? moment_names[kind] : "";
}

/* ---- In memory ---- */

static char *copy(const char *text)
{
	return text != NULL ? memory_strdup(text) : NULL;
}

void incident_row_clear(struct incident_row *row)
{
	free(row->key);
	free(row->cause);
	free(row->title);
	free(row->text);
	free(row->baseline);
	free(row->filter);
	free(row->words);
	for (size_t i = 0; i < row->evidence_count; i++) {
		free(row->evidence[i].text);
		free(row->evidence[i].quote);
	}
	*row = (struct incident_row){0};
}

void incident_row_copy(struct incident_row *to, const struct incident_row *from)
{
	*to = *from;
	to->key = copy(from->key);
	to->cause = copy(from->cause);
	to->title = copy(from->title);
	to->text = copy(from->text);
	to->baseline = copy(from->baseline);
	to->filter = copy(from->filter);
	to->words = copy(from->words);
	for (size_t i = 0; i < from->evidence_count; i++) {
		to->evidence[i].text = copy(from->evidence[i].text);
		to->evidence[i].quote = copy(from->evidence[i].quote);
	}
}

static void moment_clear(struct incident_moment *moment)
{
	free(moment->text);
	free(moment->link);
	free(moment->words);
}

void incident_record_clear(struct incident_record *record)
{
	incident_row_clear(&record->row);
	for (size_t i = 0; i < record->note_count; i++)
		free(record->notes[i].text);
	for (size_t i = 0; i < record->moment_count; i++)
		moment_clear(&record->moments[i]);
	free(record->notes);
	free(record->moments);
	*record = (struct incident_record){0};
}

struct slice incident_row_title_words(const struct incident_row *row)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice words = slice_of(row->words != NULL ? row->words : "");
	struct json_scan s = json_scan_begin(words, &text);

	/* They stand in the list in the order of the texts; the title's are the first. */
	if (!json_scan_take(&s, '[') || json_scan_next(&s) != '{')
		return SLICE("");
	words = s.in;
	json_scan_skip(&s);
	return s.failed ? SLICE("") : slice_first(words, words.len - s.in.len);
}

void incident_record_add_moment(struct incident_record *record, const struct incident_moment *m)
{
	if (record->moment_count == INCIDENT_ROWS_MOMENTS_MAX) {
		moment_clear(&record->moments[0]);
		memmove(&record->moments[0], &record->moments[1],
		    --record->moment_count * sizeof(*record->moments));
	}
	record->moments =
	    memory_resize(record->moments, record->moment_count + 1, sizeof(*record->moments));
	record->moments[record->moment_count++] =
	    (struct incident_moment){m->at, m->kind, copy(m->text), copy(m->link), copy(m->words)};
}

bool incident_record_add_note(struct incident_record *record, const struct incident_note *note)
{
	struct incident_note *added;

	if (record->note_count == INCIDENT_ROWS_NOTES_MAX)
		return false;
	record->notes =
	    memory_resize(record->notes, record->note_count + 1, sizeof(*record->notes));
	added = &record->notes[record->note_count++];
	*added = *note;
	added->text = copy(note->text);
	return true;
}

void incident_records_free(struct incident_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		incident_record_clear(&records->items[i]);
	free(records->items);
	*records = (struct incident_records){0};
}

/* ---- Writing ---- */

static void put_shown(struct buffer *out, const struct incident_row *row)
{
	buffer_put_u8(out, (uint8_t)row->evidence_count);
	for (size_t i = 0; i < row->evidence_count; i++) {
		const struct incident_row_evidence *e = &row->evidence[i];

		buffer_put_string(out, slice_of(e->text));
		buffer_put_u8(out, e->quote != NULL);
		buffer_put_string(out, slice_of(e->quote != NULL ? e->quote : ""));
	}
	for (size_t i = 0; i < INCIDENT_ROWS_POINTS; i++)
		buffer_put_u32(out, (uint32_t)row->points[i]);
}

/* What cannot be read is not shown; the rest of the incident is. */
static void get_shown(struct slice bytes, struct incident_row *row)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	size_t count = cursor_u8(&c);

	for (size_t i = 0; i < count && i < INCIDENT_ROWS_EVIDENCE_MAX && !c.failed; i++) {
		struct incident_row_evidence *e = &row->evidence[row->evidence_count];
		struct slice text = cursor_string(&c, TEXT_MAX), quote;
		bool quoted = cursor_flag(&c);

		quote = cursor_string(&c, TEXT_MAX);
		if (c.failed)
			break;
		e->text = memory_strndup(text.data, text.len);
		e->quote = quoted ? memory_strndup(quote.data, quote.len) : NULL;
		row->evidence_count++;
	}
	for (size_t i = 0; i < INCIDENT_ROWS_POINTS; i++) {
		int32_t point = (int32_t)cursor_u32(&c);

		row->points[i] = c.failed ? -1 : point;
	}
}

enum db_result incident_rows_put(struct db *db, const struct incident_row *row, struct error *err)
{
	BUFFER_AUTO struct buffer shown = {0};
	struct db_statement *s = db_statement(db,
	    "INSERT OR REPLACE INTO incidents (id, kind, severity, state, subject, key, cause,"
	    " title, text, baseline, filter, since, noticed, until, messages, growth, actions,"
	    " caused_by, shown, snoozed_until, snoozed_by, words)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	put_shown(&shown, row);
	db_bind_int(s, row->id);
	db_bind_int(s, row->kind);
	db_bind_int(s, row->severity);
	db_bind_int(s, row->state);
	db_bind_int(s, row->subject);
	db_bind_text(s, row->key);
	db_bind_text(s, row->cause);
	db_bind_text(s, row->title);
	db_bind_text(s, row->text);
	db_bind_text(s, row->baseline);
	db_bind_text(s, row->filter);
	db_bind_int(s, row->since);
	db_bind_int(s, row->noticed);
	db_bind_int(s, row->until);
	db_bind_int(s, row->messages);
	db_bind_int(s, row->growth);
	db_bind_int(s, row->actions);
	db_bind_int(s, row->caused_by);
	db_bind_blob(s, buffer_slice(&shown));
	db_bind_int(s, row->snoozed_until);
	db_bind_text(s, row->snoozed_by);
	db_bind_text(s, row->words);
	return db_run(s, err);
}

enum db_result incident_rows_add_note(
    struct db *db, int64_t incident, struct incident_note *note, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "INSERT INTO incident_notes (incident, at, who, text) VALUES (?, ?, ?, ?)", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, incident);
	db_bind_int(s, note->at);
	db_bind_text(s, note->who);
	db_bind_text(s, note->text);
	result = db_run(s, err);
	if (result == DB_OK)
		note->id = db_last_id(db);
	return result;
}

static enum db_result drop_oldest_moments(struct db *db, int64_t incident, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "DELETE FROM incident_moments WHERE incident = ?1 AND id <= (SELECT id FROM "
	    "incident_moments WHERE incident = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, incident);
	db_bind_int(s, INCIDENT_ROWS_MOMENTS_MAX);
	return db_run(s, err);
}

enum db_result incident_rows_add_moment(
    struct db *db, int64_t incident, const struct incident_moment *moment, struct error *err)
{
	enum db_result result;
	struct db_statement *s = db_statement(db,
	    "INSERT INTO incident_moments (incident, at, kind, text, link, words)"
	    " VALUES (?, ?, ?, ?, ?, ?)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, incident);
	db_bind_int(s, moment->at);
	db_bind_int(s, moment->kind);
	db_bind_text(s, moment->text);
	db_bind_text(s, moment->link);
	db_bind_text(s, moment->words);
	result = db_run(s, err);
	return result == DB_OK ? drop_oldest_moments(db, incident, err) : result;
}

enum db_result incident_rows_expire(struct db *db, int64_t now, struct error *err)
{
	enum db_result result =
	    db_run_number(db, "DELETE FROM incidents WHERE until > 0 AND until < ?",
		now - INCIDENT_ROWS_KEPT_DAYS * (int64_t)DAY, err);

	/* What belongs to none: of those that went now, and of any that went before. */
	if (result == DB_OK)
		result = db_run_number(db,
		    "DELETE FROM incident_notes WHERE at > ? AND NOT EXISTS"
		    " (SELECT 1 FROM incidents WHERE id = incident)",
		    0, err);
	if (result == DB_OK)
		result = db_run_number(db,
		    "DELETE FROM incident_moments WHERE at > ? AND NOT EXISTS"
		    " (SELECT 1 FROM incidents WHERE id = incident)",
		    0, err);
	return result;
}

/* ---- Reading ---- */

static char *text_at(struct db_statement *s, int column)
{
	struct slice text = db_text(s, column);

	return db_is_null(s, column) ? NULL : memory_strndup(text.data, text.len);
}

static char *text_or_empty(struct db_statement *s, int column)
{
	struct slice text = db_text(s, column);

	return memory_strndup(text.data, text.len);
}

#define COLUMNS                                                                                    \
	"id, kind, severity, state, subject, key, cause, title, text, baseline, filter, since,"    \
	" noticed, until, messages, growth, actions, caused_by, shown, snoozed_until, snoozed_by," \
	" words"

static void read_row(struct db_statement *s, struct incident_row *row)
{
	*row = (struct incident_row){.id = db_int(s, 0),
	    .kind = (int)db_int(s, 1),
	    .severity = (int)db_int(s, 2),
	    .state = (int)db_int(s, 3),
	    .subject = (int)db_int(s, 4),
	    .key = text_or_empty(s, 5),
	    .cause = text_or_empty(s, 6),
	    .title = text_or_empty(s, 7),
	    .text = text_or_empty(s, 8),
	    .baseline = text_at(s, 9),
	    .filter = text_at(s, 10),
	    .since = db_int(s, 11),
	    .noticed = db_int(s, 12),
	    .until = db_int(s, 13),
	    .messages = db_int(s, 14),
	    .growth = db_int(s, 15),
	    .actions = (unsigned)db_int(s, 16),
	    .caused_by = db_int(s, 17),
	    .snoozed_until = db_int(s, 19),
	    .words = text_at(s, 21)};
	get_shown(db_text(s, 18), row);
	snprintf(row->snoozed_by, sizeof(row->snoozed_by), "%.*s", SLICE_ARGS(db_text(s, 20)));
}

static enum db_result read_notes(struct db *db, struct incident_record *record, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, at, who, text FROM incident_notes WHERE incident = ? ORDER BY id LIMIT ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, record->row.id);
	db_bind_int(s, INCIDENT_ROWS_NOTES_MAX);
	while ((result = db_step(s, err)) == DB_OK) {
		MEMORY_AUTO char *text = text_or_empty(s, 3);
		struct incident_note note = {.id = db_int(s, 0), .at = db_int(s, 1), .text = text};

		snprintf(note.who, sizeof(note.who), "%.*s", SLICE_ARGS(db_text(s, 2)));
		incident_record_add_note(record, &note);
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static enum db_result read_moments(struct db *db, struct incident_record *record, struct error *err)
{
	/* The newest of them, in their order. */
	struct db_statement *s = db_statement(db,
	    "SELECT at, kind, text, link, words FROM (SELECT * FROM incident_moments WHERE "
	    "incident = ?"
	    " ORDER BY id DESC LIMIT ?) ORDER BY id",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, record->row.id);
	db_bind_int(s, INCIDENT_ROWS_MOMENTS_MAX);
	while ((result = db_step(s, err)) == DB_OK) {
		MEMORY_AUTO char *text = text_or_empty(s, 2);
		MEMORY_AUTO char *link = text_at(s, 3);
		MEMORY_AUTO char *words = text_at(s, 4);

		incident_record_add_moment(
		    record, &(struct incident_moment){db_int(s, 0),
				(enum incident_moment_kind)db_int(s, 1), text, link, words});
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result incident_rows_get(
    struct db *db, int64_t id, struct incident_record *out, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT " COLUMNS " FROM incidents WHERE id = ?", err);
	enum db_result result;

	*out = (struct incident_record){0};
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, id);
	result = db_step(s, err);
	if (result == DB_OK)
		read_row(s, &out->row);
	db_reset(s);
	if (result == DB_NOT_FOUND)
		error_say(
		    err, "not_found", SAID_PROBLEM_INCIDENT_NUMBER, 1, said_number("incident", id));
	if (result == DB_OK)
		result = read_notes(db, out, err);
	if (result == DB_OK)
		result = read_moments(db, out, err);
	if (result != DB_OK)
		incident_record_clear(out);
	return result;
}

enum db_result incident_rows_list(
    struct db *db, int64_t ended_since, size_t max, struct incident_records *out, struct error *err)
{
	bool open = ended_since < 0;
	struct db_statement *s = db_statement(db,
	    "SELECT " COLUMNS " FROM incidents WHERE (until = 0) = ? AND until >= ?"
	    " ORDER BY noticed DESC, id DESC LIMIT ?",
	    err);
	enum db_result result;

	*out = (struct incident_records){0};
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, open);
	db_bind_int(s, open ? 0 : ended_since);
	db_bind_int(s, (int64_t)max);
	out->items = memory_zero(max + 1, sizeof(*out->items));
	while ((result = db_step(s, err)) == DB_OK)
		read_row(s, &out->items[out->count++].row);
	result = result == DB_NOT_FOUND ? DB_OK : result;
	for (size_t i = 0; i < out->count && result == DB_OK; i++) {
		result = read_notes(db, &out->items[i], err);
		if (result == DB_OK && open)
			result = read_moments(db, &out->items[i], err);
	}
	if (result != DB_OK)
		incident_records_free(out);
	return result;
}

enum db_result incident_rows_last_id(struct db *db, int64_t *id, struct error *err)
{
	/* Also of those that were removed since: a number is never used twice. */
	struct db_statement *s = db_statement(db,
	    "SELECT max(coalesce((SELECT max(id) FROM incidents), 0),"
	    " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'incidents'), 0))",
	    err);
	enum db_result result = s == NULL ? DB_REFUSED : db_step(s, err);

	*id = result == DB_OK ? db_int(s, 0) : 0;
	if (s != NULL)
		db_reset(s);
	return result;
}

/* ---- What the module remembers ---- */

enum db_result incident_rows_keep_memory(
    struct db *db, struct slice bytes, int64_t now, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "INSERT OR REPLACE INTO incident_memory (id, at, bytes) VALUES (1, ?, ?)", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, now);
	db_bind_blob(s, bytes);
	return db_run(s, err);
}

enum db_result incident_rows_memory(struct db *db, struct buffer *out, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT bytes FROM incident_memory WHERE id = 1", err);
	enum db_result result = s == NULL ? DB_REFUSED : db_step(s, err);

	if (result == DB_OK)
		buffer_append_slice(out, db_text(s, 0));
	if (s != NULL)
		db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}
