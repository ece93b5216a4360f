/* One SQLite connection: opening, migrations, transactions, statements with bound parameters. Used
 * by one thread at a time. The command line uses it directly, the service through store.h. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"

struct db;

enum db_result {
	DB_OK,
	DB_NOT_FOUND, /* no such row; err code not_found */
	DB_CONFLICT,  /* it exists already, or its state does not allow this; err code conflict */
	/* Nothing was written. err code: store_read_only, store_locked (another process holds it
	 * longer than DB_BUSY_MS), store_full (no space left, and no reserve either: db_room.h),
	 * store_unavailable (never opened), store_damaged, store_broken (input/output errors). */
	DB_REFUSED,
	/* A commit failed in a way that leaves open whether it is on disk (an input/output error).
	 * Look before you act on it. err code store_unknown. */
	DB_UNKNOWN,
};

/* How long a statement waits for another process (`postroom user add` beside the service). */
#define DB_BUSY_MS 5000

enum db_state {
	DB_FINE,
	DB_FRESH,     /* the file was damaged; a new one beside it is used; the text names both */
	DB_READ_ONLY, /* reads work, writes are refused */
	DB_LOW,	      /* the disk is nearly full; all still works */
	DB_RESERVE,   /* the disk is full: jobs go on from the reserve (db_room.h) */
	DB_FULL,      /* the last write found no space, and the reserve is used up */
	DB_LOCKED,    /* the last write waited for another process in vain */
	DB_DAMAGED,   /* found damaged while in use: nothing is written any more until a restart */
	DB_BROKEN,    /* the last request met an input/output error */
	DB_CLOSED,    /* could not be opened at all; tried again with later requests */
};

#define DB_HEALTH_TEXT_MAX 1024 /* two paths and three sentences */

struct db_health {
	enum db_state state;
	char path[1024];	       /* the file in use; empty when closed */
	char text[DB_HEALTH_TEXT_MAX]; /* what is wrong and what to do; empty when DB_FINE */
};

/* The stable name of a state: "fine", "fresh", "low", "reserve", "read_only", "full",
 * "locked", "damaged", "broken", "closed". */
const char *db_state_name(enum db_state state);
/* Jobs can be written down in it. */
bool db_state_is_usable(enum db_state state);

/* Opens `path`, makes it where it is missing (its folder must exist), and brings the tables up to
 * this version of the program by numbered migrations.
 *   - damaged: it is left exactly as it is, never overwritten: `path`-fresh-N (the newest that is
 *     sound, else a new one) is used instead, and the health says so.
 *   - made by a newer version of the program: refused (store_unavailable), with the way back.
 *   - made by an older one: copied first (db_backup.h).
 *   - not writable: opened for reading only.
 * NULL with `err` when it cannot be used at all. `health` is always filled in. */
struct db *db_open(const char *path, struct db_health *health, struct error *err);
void db_close(struct db **db);

/* For commands that run as root before or beside the service: makes the folder of `path` where it
 * is missing (mode 0750, owner `user`), then gives up root for good and becomes `user` with his
 * groups, so that nothing in there can come to belong to root, nor a link in there be followed as
 * root. Not root: does nothing. */
bool db_prepare(const char *path, const char *user, struct error *err);

/* Only looks: is the file there, sound (quick_check) and of a version this program knows? Never
 * makes, repairs or migrates it. For `postroom check`. False with the reason (not_found where it is
 * missing). */
bool db_examine(const char *path, struct error *err);

enum db_result db_begin(struct db *db, struct error *err);
enum db_result db_commit(struct db *db, struct error *err);
/* Does nothing outside a transaction. */
void db_rollback(struct db *db);

/* Limits the file to `pages` pages (of 4096 bytes): for tests of a full disk. */
void db_limit_pages(struct db *db, int64_t pages);

/* ---- statements ---- */

struct db_statement;

/* The prepared statement for `sql`, a string that lives as long as the program: statements are kept
 * by that pointer. NULL with `err` where SQLite refuses it. Not to be nested with itself. */
struct db_statement *db_statement(struct db *db, const char *sql, struct error *err);

/* Binds parameter 1, 2, ... in the order of calls. Texts are copied. */
void db_bind_int(struct db_statement *s, int64_t value);
void db_bind_text(struct db_statement *s, const char *text); /* NULL binds NULL */
void db_bind_slice(struct db_statement *s, struct slice text);
void db_bind_blob(struct db_statement *s, struct slice bytes);
void db_bind_null(struct db_statement *s);

/* Runs to the next row: DB_OK there is one (read it with db_int and db_text), DB_NOT_FOUND the end
 * (the statement is reset; `err` untouched), else an error (reset too). */
enum db_result db_step(struct db_statement *s, struct error *err);
int64_t db_int(struct db_statement *s, int column);
bool db_is_null(struct db_statement *s, int column);
/* Never NULL data; valid until the next step. */
struct slice db_text(struct db_statement *s, int column);
/* A copy of it, to be freed; NULL where the column is. */
char *db_text_copy(struct db_statement *s, int column);
/* The same into `out`, with its NUL, cut to `size` bytes. */
void db_text_into(struct db_statement *s, int column, char *out, size_t size);
/* Gives the statement back before its last row was read. Harmless at any time. */
void db_reset(struct db_statement *s);

/* Runs a statement that gives no rows: DB_OK, or an error. */
enum db_result db_run(struct db_statement *s, struct error *err);
/* The same of `sql` with one parameter. */
enum db_result db_run_number(struct db *db, const char *sql, int64_t number, struct error *err);
int64_t db_last_id(const struct db *db);
int64_t db_changed(const struct db *db);

#endif
