/* Transactions, statements that are prepared once and kept, and the errors of SQLite in our
 * words. Opening is in db_open.c, the reserve in db_room.c. */
#include "store/db_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *db_state_name(enum db_state state)
{
	static const char *const names[] = {[DB_FINE] = "fine",
	    [DB_FRESH] = "fresh",
	    [DB_LOW] = "low",
	    [DB_RESERVE] = "reserve",
	    [DB_READ_ONLY] = "read_only",
	    [DB_FULL] = "full",
	    [DB_LOCKED] = "locked",
	    [DB_DAMAGED] = "damaged",
	    [DB_BROKEN] = "broken",
	    [DB_CLOSED] = "closed"};

	return names[state];
}

bool db_state_is_usable(enum db_state state)
{
	return state == DB_FINE || state == DB_FRESH || state == DB_LOW || state == DB_RESERVE;
}

/* ---- errors ---- */

static enum db_result refuse(struct error *err, const char *code, enum said_code says)
{
	error_say(err, code, says, 0);
	return DB_REFUSED;
}

/* The codes decide what people are told (note_health in store.c), so SQLite's extended codes are
 * cut to their class here. */
static enum db_result fail(struct db *db, int rc, struct error *err)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return refuse(err, "store_full", SAID_STORE_NO_SPACE);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return refuse(err, "store_locked", SAID_STORE_HELD);
	case SQLITE_READONLY:
		return refuse(err, "store_read_only", SAID_STORE_READ_ONLY);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return refuse(err, "store_damaged", SAID_STORE_DAMAGED);
	/* No fault of the database: a name is taken, or a row is there already. */
	case SQLITE_CONSTRAINT:
		error_set(err, "conflict", "%s", sqlite3_errmsg(db->sqlite));
		return DB_CONFLICT;
	default:
		error_say(err, "store_broken", SAID_STORE_FAILED, 1,
		    said_text("error", slice_of(sqlite3_errmsg(db->sqlite))));
		return DB_REFUSED;
	}
}

int db_exec(struct db *db, const char *sql)
{
	return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

/* For tests: a database that may not grow behaves like a full disk. */
void db_limit_pages(struct db *db, int64_t pages)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %lld", (long long)pages);
	db_exec(db, sql);
}

/* ---- transactions ---- */

enum db_result db_begin(struct db *db, struct error *err)
{
	/* At once as a writer: a transaction that reads first could fail in the middle, when
	 * another process has written. */
	int rc = db_exec(db, "BEGIN IMMEDIATE");

	return rc == SQLITE_OK ? DB_OK : fail(db, rc, err);
}

enum db_result db_commit(struct db *db, struct error *err)
{
	int rc = db_exec(db, "COMMIT");
	enum db_result result;

	if (rc == SQLITE_OK)
		return DB_OK;
	if ((rc & 0xff) == SQLITE_IOERR) {
		/* The pages may be in the log and only their sync have failed: nobody can say now.
		 */
		error_say(err, "store_unknown", SAID_STORE_NOT_KNOWN, 1,
		    said_text("error", slice_of(sqlite3_errmsg(db->sqlite))));
		result = DB_UNKNOWN;
	} else
		result = fail(db, rc, err);
	db_rollback(db);
	return result;
}

void db_rollback(struct db *db)
{
	/* SQLite takes a transaction back by itself after some errors; a second ROLLBACK would be
	 * an error of its own. */
	if (sqlite3_get_autocommit(db->sqlite) == 0)
		db_exec(db, "ROLLBACK");
}

/* ---- statements ---- */

/* Prepared once and kept until the database is closed: parsing SQL costs more than running most of
 * it. */
struct db_statement *db_statement(struct db *db, const char *sql, struct error *err)
{
	struct db_statement *s;
	int rc;

	/* By the address of the text: each caller has one constant, so no text is compared. */
	for (size_t i = 0; i < db->statements; i++)
		if (db->statement[i].sql == sql) {
			/* It may have been left in the middle of its rows. */
			db_reset(&db->statement[i]);
			return &db->statement[i];
		}
	/* Only a statement that is built at run time could get here, and none is. */
	if (db->statements == DB_STATEMENTS_MAX) {
		error_set(err, "store_error", "too many different statements");
		return NULL;
	}
	s = &db->statement[db->statements];
	rc = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
	if (rc != SQLITE_OK) {
		fail(db, rc, err);
		return NULL;
	}
	s->db = db;
	s->sql = sql;
	s->bound = 0;
	db->statements++;
	return s;
}

void db_bind_int(struct db_statement *s, int64_t value)
{
	sqlite3_bind_int64(s->stmt, ++s->bound, value);
}

void db_bind_text(struct db_statement *s, const char *text)
{
	if (text == NULL)
		db_bind_null(s);
	else
		db_bind_slice(s, slice_of(text));
}

void db_bind_slice(struct db_statement *s, struct slice text)
{
	/* An empty text with a null pointer would be bound as NULL. */
	sqlite3_bind_text64(s->stmt, ++s->bound, text.len > 0 ? text.data : "", text.len,
	    SQLITE_TRANSIENT, SQLITE_UTF8);
}

void db_bind_blob(struct db_statement *s, struct slice bytes)
{
	sqlite3_bind_blob64(
	    s->stmt, ++s->bound, bytes.len > 0 ? bytes.data : "", bytes.len, SQLITE_TRANSIENT);
}

void db_bind_null(struct db_statement *s)
{
	sqlite3_bind_null(s->stmt, ++s->bound);
}

enum db_result db_step(struct db_statement *s, struct error *err)
{
	int rc = sqlite3_step(s->stmt);

	if (rc == SQLITE_ROW)
		return DB_OK;
	if (rc == SQLITE_DONE) {
		db_reset(s);
		return DB_NOT_FOUND;
	}
	enum db_result result = fail(s->db, rc, err);

	db_reset(s);
	return result;
}

int64_t db_int(struct db_statement *s, int column)
{
	return sqlite3_column_int64(s->stmt, column);
}

bool db_is_null(struct db_statement *s, int column)
{
	return sqlite3_column_type(s->stmt, column) == SQLITE_NULL;
}

struct slice db_text(struct db_statement *s, int column)
{
	/* As a blob, so that the length and not a NUL says where a text ends. */
	const void *data = sqlite3_column_blob(s->stmt, column);
	int len = sqlite3_column_bytes(s->stmt, column);

	return data == NULL ? SLICE("") : slice_make(data, (size_t)len);
}

char *db_text_copy(struct db_statement *s, int column)
{
	struct slice text = db_text(s, column);

	return db_is_null(s, column) ? NULL : memory_strndup(text.data, text.len);
}

void db_text_into(struct db_statement *s, int column, char *out, size_t size)
{
	struct slice text = db_text(s, column);
	size_t len = text.len < size ? text.len : size - 1;

	memcpy(out, text.data, len);
	out[len] = '\0';
}

void db_reset(struct db_statement *s)
{
	sqlite3_reset(s->stmt);
	/* A binding may hold a secret or a large text longer than it is needed. */
	sqlite3_clear_bindings(s->stmt);
	s->bound = 0;
}

enum db_result db_run(struct db_statement *s, struct error *err)
{
	enum db_result result = db_step(s, err);

	if (result == DB_OK)
		db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result db_run_number(struct db *db, const char *sql, int64_t number, struct error *err)
{
	struct db_statement *s = db_statement(db, sql, err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, number);
	return db_run(s, err);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

int64_t db_changed(const struct db *db)
{
	return sqlite3_changes64(db->sqlite);
}
