/* What db.c and db_open.c share. Nobody else includes it. */
#ifndef STORE_DB_PRIVATE_H
#define STORE_DB_PRIVATE_H

#include <sqlite3.h>
#include <stddef.h>

#include "store/db.h"
#include "store/db_room.h"

/* Statements that are kept prepared: more than there are texts of SQL in the program (some two
 * hundred), all of which one process may come to use. */
#define DB_STATEMENTS_MAX 512

struct db_statement {
	struct db *db;
	const char *sql;
	sqlite3_stmt *stmt;
	int bound;
};

struct db {
	sqlite3 *sqlite;
	char path[1100];     /* the file in use */
	struct db_room room; /* as it was seen last */
	bool alone;	     /* no other process can use the file meanwhile */
	struct db_statement statement[DB_STATEMENTS_MAX];
	size_t statements;
};

/* Runs SQL of our own, without parameters; SQLite's result code. */
int db_exec(struct db *db, const char *sql);

#endif
