/* Each function is one statement, or a few in the caller's transaction. */
#include "store/audit_rows.h"

#include <string.h>

#include "base/clock.h"
#include "base/json_string.h"

enum db_result audit_rows_promise(struct db *db, struct slice members, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "INSERT INTO audit_promised (members) VALUES (?)", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, members);
	return db_run(s, err);
}

enum db_result audit_rows_read(struct db *db, struct audit_rows *rows, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT id, members FROM audit_promised ORDER BY id LIMIT 500", err);
	enum db_result result;

	rows->count = 0;
	buffer_clear(&rows->members);
	if (s == NULL)
		return DB_REFUSED;
	while ((result = db_step(s, err)) == DB_OK && rows->count < AUDIT_ROWS_MAX) {
		rows->ids[rows->count++] = db_int(s, 0);
		buffer_append_slice(&rows->members, db_text(s, 1));
		buffer_append_char(&rows->members, '\n');
	}
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static enum db_result remove_all(
    struct db *db, const char *sql, const struct audit_rows *rows, struct error *err)
{
	enum db_result result = DB_OK;

	for (size_t i = 0; i < rows->count && result == DB_OK; i++) {
		struct db_statement *s = db_statement(db, sql, err);

		if (s == NULL)
			return DB_REFUSED;
		db_bind_int(s, rows->ids[i]);
		result = db_run(s, err);
	}
	return result;
}

enum db_result audit_rows_remove(struct db *db, const struct audit_rows *rows, struct error *err)
{
	return remove_all(db, "DELETE FROM audit_promised WHERE id = ?", rows, err);
}

/* ---- The former table ---- */

static void put_text(struct buffer *out, const char *name, struct slice text)
{
	if (text.len == 0)
		return;
	buffer_printf(out, ",\"%s\":", name);
	json_string_put(out, text);
}

/* As audit_record_members writes them: a record of the action `former`. */
static void put_former(struct buffer *out, struct db_statement *s)
{
	BUFFER_AUTO struct buffer text = {0};
	char at[CLOCK_RFC3339_SIZE];

	clock_rfc3339(db_int(s, 1), at);
	buffer_printf(out, "\"at\":\"%.19s.000Z\",\"action\":\"former\"", at);
	put_text(out, "who", db_text(s, 2));
	put_text(out, "from", db_text(s, 3));
	put_text(out, "object", db_text(s, 5));
	buffer_append_slice(&text, db_text(s, 4));
	buffer_append_char(&text, ' ');
	buffer_append_slice(&text, db_text(s, 6));
	put_text(out, "text", slice_trim(buffer_slice(&text)));
	buffer_append_char(out, '\n');
}

enum db_result audit_rows_former(struct db *db, struct audit_rows *rows, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, at, who, source, action, target, detail FROM audit ORDER BY id LIMIT 500",
	    err);
	enum db_result result;

	rows->count = 0;
	buffer_clear(&rows->members);
	if (s == NULL)
		return DB_REFUSED;
	while ((result = db_step(s, err)) == DB_OK && rows->count < AUDIT_ROWS_MAX) {
		rows->ids[rows->count++] = db_int(s, 0);
		put_former(&rows->members, s);
	}
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result audit_rows_remove_former(
    struct db *db, const struct audit_rows *rows, struct error *err)
{
	return remove_all(db, "DELETE FROM audit WHERE id = ?", rows, err);
}

/* ---- The note of the end ---- */

enum db_result audit_rows_note(struct db *db, const struct audit_rows_note *note, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "REPLACE INTO audit_note (id, n, chain) VALUES (1, ?, ?)", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, note->n);
	db_bind_blob(s, slice_make(note->chain, sizeof(note->chain)));
	return db_run(s, err);
}

enum db_result audit_rows_noted(struct db *db, struct audit_rows_note *note, struct error *err)
{
	struct db_statement *s = db_statement(db, "SELECT n, chain FROM audit_note", err);
	enum db_result result;
	struct slice chain;

	if (s == NULL)
		return DB_REFUSED;
	result = db_step(s, err);
	if (result != DB_OK)
		return result;
	note->n = db_int(s, 0);
	chain = db_text(s, 1);
	if (chain.len == sizeof(note->chain))
		memcpy(note->chain, chain.data, chain.len);
	else
		result = DB_NOT_FOUND;
	db_reset(s);
	return result;
}
