/* The outbox of alerts, and what the engine remembers between two starts. A row is written before
 * anything is sent, and its key is unique: the same state is never told twice. */
#include "store/alert_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define DAY INT64_C(86400)

void alert_row_clear(struct alert_row *row)
{
	free(row->key);
	free(row->title);
	free(row->text);
	free(row->answer);
	buffer_free(&row->content);
	*row = (struct alert_row){0};
}

void alert_rows_free(struct alert_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		alert_row_clear(&rows->items[i]);
	free(rows->items);
	*rows = (struct alert_rows){0};
}

enum db_result alert_rows_add(struct db *db, struct alert_row *row, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT OR IGNORE INTO alerts (key, channel, rule, what, state, at, next_attempt, "
	    "settled,"
	    " attempts, refused, status, took_ms, title, text, answer, content)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, row->key);
	db_bind_text(s, row->channel);
	db_bind_text(s, row->rule);
	db_bind_int(s, row->what);
	db_bind_int(s, row->state);
	db_bind_int(s, row->at);
	db_bind_int(s, row->next_attempt);
	db_bind_int(s, row->settled);
	db_bind_int(s, row->attempts);
	db_bind_int(s, row->refused);
	db_bind_int(s, row->status);
	db_bind_int(s, row->took_ms);
	db_bind_text(s, row->title);
	db_bind_text(s, row->text);
	db_bind_text(s, row->answer);
	db_bind_blob(s, buffer_slice(&row->content));
	result = db_run(s, err);
	row->id = result == DB_OK && db_changed(db) == 1 ? db_last_id(db) : 0;
	return result;
}

enum db_result alert_rows_settle(struct db *db, const struct alert_row *row, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE alerts SET state = ?, next_attempt = ?, settled = ?, attempts = ?, refused = ?,"
	    " status = ?, took_ms = ?, answer = ? WHERE id = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, row->state);
	db_bind_int(s, row->next_attempt);
	db_bind_int(s, row->settled);
	db_bind_int(s, row->attempts);
	db_bind_int(s, row->refused);
	db_bind_int(s, row->status);
	db_bind_int(s, row->took_ms);
	db_bind_text(s, row->answer);
	db_bind_int(s, row->id);
	return db_run(s, err);
}

/* ---- Reading ---- */

#define COLUMNS                                                                                    \
	"id, key, channel, rule, what, state, at, next_attempt, settled, attempts, refused,"       \
	" status, took_ms, title, text, answer, content"

static char *text_at(struct db_statement *s, int column)
{
	struct slice text = db_text(s, column);

	return db_is_null(s, column) ? NULL : memory_strndup(text.data, text.len);
}

static void read_row(struct db_statement *s, struct alert_row *row)
{
	*row = (struct alert_row){.id = db_int(s, 0),
	    .key = text_at(s, 1),
	    .what = (enum alert_what)db_int(s, 4),
	    .state = (enum alert_state)db_int(s, 5),
	    .at = db_int(s, 6),
	    .next_attempt = db_int(s, 7),
	    .settled = db_int(s, 8),
	    .attempts = (uint32_t)db_int(s, 9),
	    .refused = (uint32_t)db_int(s, 10),
	    .status = (int)db_int(s, 11),
	    .took_ms = db_int(s, 12),
	    .title = text_at(s, 13),
	    .text = text_at(s, 14),
	    .answer = text_at(s, 15)};
	snprintf(row->channel, sizeof(row->channel), "%.*s", SLICE_ARGS(db_text(s, 2)));
	snprintf(row->rule, sizeof(row->rule), "%.*s", SLICE_ARGS(db_text(s, 3)));
	buffer_append_slice(&row->content, db_text(s, 16));
}

static enum db_result read_rows(
    struct db_statement *s, size_t max, struct alert_rows *out, struct error *err)
{
	enum db_result result;

	out->items = memory_zero(max + 1, sizeof(*out->items));
	while ((result = db_step(s, err)) == DB_OK)
		read_row(s, &out->items[out->count++]);
	if (result == DB_NOT_FOUND)
		return DB_OK;
	alert_rows_free(out);
	return result;
}

enum db_result alert_rows_open(struct db *db, size_t max, struct alert_rows *out, struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "SELECT " COLUMNS " FROM alerts WHERE state < 2 ORDER BY id LIMIT ?", err);

	*out = (struct alert_rows){0};
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, (int64_t)max);
	return read_rows(s, max, out, err);
}

enum db_result alert_rows_list(
    struct db *db, const struct alert_rows_query *query, struct alert_rows *out, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT " COLUMNS " FROM alerts WHERE id < ?1 AND (?2 IS NULL OR channel = ?2)"
	    " AND (?3 < 0 OR state = ?3) AND (?4 < 0 OR (attempts > 0) = ?4)"
	    " ORDER BY id DESC LIMIT ?5",
	    err);

	*out = (struct alert_rows){0};
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, query->before > 0 ? query->before : INT64_MAX);
	db_bind_text(s, query->channel);
	db_bind_int(s, query->state);
	db_bind_int(s, query->tried);
	db_bind_int(s, (int64_t)query->limit);
	return read_rows(s, query->limit, out, err);
}

enum db_result alert_rows_expire(struct db *db, int64_t now, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "DELETE FROM alerts WHERE state >= 2 AND (at < ? OR id <="
	    " (SELECT id FROM alerts ORDER BY id DESC LIMIT 1 OFFSET ?))",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, now - ALERT_ROWS_KEPT_DAYS * DAY);
	db_bind_int(s, ALERT_ROWS_KEPT_MAX);
	return db_run(s, err);
}

/* ---- What the engine remembers ---- */

enum db_result alert_rows_keep_memory(struct db *db, struct slice bytes, struct error *err)
{
	struct db_statement *s = db_statement(db, "UPDATE alert_setup SET memory = ?", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_blob(s, bytes);
	return db_run(s, err);
}

enum db_result alert_rows_memory(struct db *db, struct buffer *out, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT memory FROM alert_setup WHERE id = 1", err);
	enum db_result result = s == NULL ? DB_REFUSED : db_step(s, err);

	if (result == DB_OK)
		buffer_append_slice(out, db_text(s, 0));
	if (s != NULL)
		db_reset(s);
	return result;
}
