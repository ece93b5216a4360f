/* Copies of the database from before its tables were brought up to date: the way back to the
 * version of the program that knows those tables. They lie beside it: "postroom.db-tables-12" is
 * how it was when its tables had version 12. */
#ifndef STORE_DB_BACKUP_H
#define STORE_DB_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/db.h"

/* The newest of them are kept; each has the size of the database. */
#define DB_BACKUP_KEPT 3
#define DB_BACKUP_PATH_MAX 1100

enum db_backup {
	DB_BACKUP_MADE,
	/* It would leave less than DB_ROOM_LOW on the disk. Whoever must delete mail to make room
	 * needs the database now, so it is brought up to date without one. */
	DB_BACKUP_NO_ROOM,
	DB_BACKUP_FAILED, /* `err` says why; nothing was changed */
};

/* Copies what `db` has open, with tables of `version`, and syncs the copy. A former copy of the
 * same version is replaced, and those beyond DB_BACKUP_KEPT are removed. Only one process makes one
 * at a time. Outside transactions. */
enum db_backup db_backup_make(struct db *db, int64_t version, struct error *err);

/* The newest copy beside the database `path` whose tables a program knows that knows `known` steps.
 * False where there is none. */
bool db_backup_find(const char *path, int64_t known, char found[DB_BACKUP_PATH_MAX]);

/* Sets `err` to store_unavailable: this database was made by a newer version of the program, and
 * how one gets back to an older one. */
void db_backup_refuse_newer(const char *path, int64_t version, int64_t known, struct error *err);

#endif
