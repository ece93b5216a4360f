/* Opens the database in whatever way it still can be: to read and write, alone on a full disk,
 * to read. One that is damaged is left as it is, and a new one beside it is used. Brings the
 * tables up to date. */
#include "store/db_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "store/db_backup.h"
#include "store/migrations.h"

/* DB_ROOM_LOG: a larger log is cut back to it after a checkpoint. */
#define LOG_LIMIT "16777216"
/* So many damaged fresh files beside a damaged one is a broken disk, not an accident. */
#define FRESH_MAX 9

enum opened { OPENED, OPEN_DAMAGED, OPEN_FAILED };

/* The first column of the first row of `sql` as a number. */
static int query_number(struct db *db, const char *sql, int64_t *number)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*number = sqlite3_column_int64(stmt, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* SQLITE_CORRUPT where quick_check says anything but ok. */
static int check_sound(struct db *db)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db->sqlite, "PRAGMA quick_check(1)", -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		rc = strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0 ? SQLITE_OK
										   : SQLITE_CORRUPT;
	sqlite3_finalize(stmt);
	return rc;
}

static void configure(struct db *db)
{
	int keep = 1;

	sqlite3_extended_result_codes(db->sqlite, 1);
	sqlite3_busy_timeout(db->sqlite, DB_BUSY_MS);
	/* The file may be another's work: its schema must not run what is unsafe, and no SQL may
	 * write the schema itself. */
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* Nothing that would have to be made on a full disk: see db_room.h. */
	sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	db_exec(db, "PRAGMA temp_store = MEMORY");
}

/* All steps in one transaction: a crash leaves the version before them, and no other process sees
 * the tables half-way, of which it would keep a copy in the place of the one that is worth keeping.
 * Another process may have made them meanwhile. */
static int migrate_steps(struct db *db, const char *const *steps, size_t count)
{
	char version[96];
	int64_t now = 0;
	int rc = db_exec(db, "BEGIN IMMEDIATE");

	if (rc != SQLITE_OK)
		return rc;
	snprintf(version, sizeof(version), "PRAGMA user_version = %zu; PRAGMA application_id = %d",
	    count, MIGRATIONS_APPLICATION);
	rc = query_number(db, "PRAGMA user_version", &now);
	for (size_t i = (size_t)now; i < count && rc == SQLITE_OK; i++)
		rc = db_exec(db, steps[i]);
	if (rc == SQLITE_OK && (uint64_t)now < count)
		rc = db_exec(db, version);
	if (rc == SQLITE_OK)
		rc = db_exec(db, "COMMIT");
	if (rc != SQLITE_OK)
		db_exec(db, "ROLLBACK");
	return rc;
}

/* Brings the tables up to date; false with `err`, and `rc` SQLite's reason or SQLITE_OK where we
 * refuse. */
static bool migrate(struct db *db, int *rc, struct error *err)
{
	size_t count;
	const char *const *steps = migrations_steps(&count);
	int64_t version = 0, application = 0, tables = 0;

	*rc = query_number(db, "PRAGMA user_version", &version);
	if (*rc == SQLITE_OK)
		*rc = query_number(db, "PRAGMA application_id", &application);
	if (*rc == SQLITE_OK)
		*rc = query_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (*rc != SQLITE_OK)
		return false;
	/* A wrong path must not turn another program's database into ours. */
	if (tables > 0 && application != MIGRATIONS_APPLICATION)
		return error_set(err, "store_unavailable", "it is another program's database");
	/* After a downgrade: an older program would write rows that the newer one misreads. */
	if (version < 0 || (uint64_t)version > count) {
		db_backup_refuse_newer(
		    sqlite3_db_filename(db->sqlite, "main"), version, (int64_t)count, err);
		return false;
	}
	if (sqlite3_db_readonly(db->sqlite, "main") == 1 && (uint64_t)version < count)
		return error_set(err, "store_read_only",
		    "it needs its tables brought up to date, and can only be read");
	/* A file of version 0 has nothing to go back to. */
	if (version > 0 && (uint64_t)version < count &&
	    db_backup_make(db, version, err) == DB_BACKUP_FAILED)
		return false;
	if ((uint64_t)version < count)
		*rc = migrate_steps(db, steps, count);
	return *rc == SQLITE_OK;
}

/* Only what SQLite itself calls damaged: a locked or unreadable file must not be taken for it. */
static enum opened judge(int rc)
{
	rc &= 0xff;
	return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ? OPEN_DAMAGED : OPEN_FAILED;
}

/* Sets the modes that every connection needs. A database that can only be read keeps those it has.
 */
static int set_modes(struct db *db)
{
	int rc = SQLITE_OK;

	if (sqlite3_db_readonly(db->sqlite, "main") != 1)
		rc = db_exec(
		    db, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = " LOG_LIMIT);
	/* FULL: what a job is about to do is on disk, also over a power failure, before it is done.
	 */
	return rc == SQLITE_OK ? db_exec(db, "PRAGMA synchronous = FULL") : rc;
}

/* `alone`: no other process may use it meanwhile. Then no shared memory is needed, which the first
 * to open a database has to make anew. */
static enum opened open_with(
    const char *name, int flags, bool alone, struct db **out, struct error *err)
{
	struct db *db = memory_zero(1, sizeof(*db));
	int rc = sqlite3_open_v2(
	    name, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
	enum opened opened;

	if (rc == SQLITE_OK) {
		configure(db);
		if (alone)
			db_exec(db, "PRAGMA locking_mode = EXCLUSIVE");
		/* Before the first write: a damaged page that is written again spoils what
		 * `.recover` could save. */
		rc = check_sound(db);
	}
	if (rc == SQLITE_OK)
		rc = set_modes(db);
	if (rc == SQLITE_OK && migrate(db, &rc, err)) {
		db->alone = alone;
		db->room = (struct db_room){.bytes = -1, .inodes = -1}; /* not looked at yet */
		*out = db;
		return OPENED;
	}
	opened = rc == SQLITE_OK ? OPEN_FAILED : judge(rc);
	if (rc != SQLITE_OK)
		error_set(err, (rc & 0xff) == SQLITE_BUSY ? "store_locked" : "store_unavailable",
		    "%s", db->sqlite != NULL ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(rc));
	if (opened == OPEN_DAMAGED)
		error_set(err, "store_damaged", "%s", sqlite3_errstr(rc));
	db_close(&db);
	return opened;
}

/* A file in a folder that cannot be written cannot have the shared-memory file that its log needs.
 * Without a log beside it there is nothing that could be missed by reading the file alone. */
static enum opened open_immutable(const char *path, struct db **out, struct error *err)
{
	char name[1100];

	snprintf(name, sizeof(name), "%s-wal", path);
	/* The path becomes a URI, where these characters mean something else. */
	if (access(name, F_OK) == 0 || strpbrk(path, "?#%") != NULL)
		return OPEN_FAILED;
	snprintf(name, sizeof(name), "file:%s?immutable=1", path);
	return open_with(name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, false, out, err);
}

static bool can_only_be_read(const char *path)
{
	return access(path, F_OK) == 0 && access(path, R_OK) == 0 && access(path, W_OK) != 0;
}

/* Who made it before may have let others read it. SQLite gives what it makes beside a database that
 * one's mode. */
static void keep_to_ourselves(const char *path)
{
	static const char *const beside[] = {"", "-wal", "-shm"};

	/* By name: to close a descriptor of it would give up the locks that this process has on it.
	 */
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		char name[1100];
		struct stat st;

		snprintf(name, sizeof(name), "%.1000s%s", path, beside[i]);
		if (lstat(name, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
		    (st.st_mode & 0077) != 0)
			(void)chmod(name, 0600);
	}
}

/* Like open(2), 0600, so that nothing but the service reads it. */
static bool make_file(const char *path, struct error *err)
{
	/* SQLite would make it with the umask's rights, and hashes of passwords and tokens stand in
	 * it. */
	FD_AUTO int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
		return error_set_errno(
		    err, errno == ENOSPC ? "store_full" : "store_unavailable", errno, "%s", path);
	return true;
}

static bool is_disk_full(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 &&
	       ((int64_t)fs.f_bavail * (int64_t)fs.f_frsize < DB_ROOM_FULL ||
		   (fs.f_files > 0 && fs.f_favail == 0));
}

/* To read and write; on a full disk alone; else to read. */
static enum opened open_somehow(const char *path, struct db **out, struct error *err)
{
	enum opened opened = open_with(path, SQLITE_OPEN_READWRITE, false, out, err);
	struct error second;

	/* A damaged file must not be tried in other ways, and one that another process holds will
	 * be free again. */
	if (opened != OPEN_FAILED || access(path, R_OK) != 0 ||
	    (err != NULL && strcmp(err->code, "store_locked") == 0))
		return opened;
	if ((is_disk_full(path) &&
		open_with(path, SQLITE_OPEN_READWRITE, true, out, &second) == OPENED) ||
	    open_with(path, SQLITE_OPEN_READONLY, false, out, &second) == OPENED ||
	    open_immutable(path, out, &second) == OPENED)
		return OPENED;
	return opened;
}

static enum opened open_one(
    const char *path, struct db **out, struct db_health *health, struct error *err)
{
	enum opened opened;

	if (!make_file(path, err))
		return OPEN_FAILED;
	keep_to_ourselves(path);
	opened = open_somehow(path, out, err);
	if (opened != OPENED)
		return opened;
	snprintf(health->path, sizeof(health->path), "%s", path);
	snprintf((*out)->path, sizeof((*out)->path), "%s", path);
	if (sqlite3_db_readonly((*out)->sqlite, "main") == 1) {
		health->state = DB_READ_ONLY;
		snprintf(health->text, sizeof(health->text),
		    "%s can only be read: give it and its folder to the user that Postroom runs "
		    "as. "
		    "Until then no action, setting or sample can be stored, so none is taken.",
		    path);
	}
	return OPENED;
}

/* The newest sound one of path-fresh-1, -2, ... or the next. */
static enum opened open_fresh(
    const char *path, struct db **out, struct db_health *health, struct error *err)
{
	char name[1024];
	int newest = 0;

	for (int n = 1; n <= FRESH_MAX; n++) {
		snprintf(name, sizeof(name), "%.1000s-fresh-%d", path, n);
		if (access(name, F_OK) == 0)
			newest = n;
	}
	/* From the newest on: an older one was itself given up as damaged. */
	for (int n = newest > 0 ? newest : 1; n <= FRESH_MAX; n++) {
		enum opened opened;

		snprintf(name, sizeof(name), "%.1000s-fresh-%d", path, n);
		opened = open_one(name, out, health, err);
		if (opened != OPEN_DAMAGED)
			return opened;
	}
	return OPEN_FAILED;
}

/* The old file stays for whoever can repair it, so people are told where it is and how. */
static void describe_fresh(const char *path, const char *why, struct db_health *health)
{
	/* That is what stops the work, so it is what people have to know. */
	if (health->state == DB_READ_ONLY)
		return;
	health->state = DB_FRESH;
	snprintf(health->text, sizeof(health->text),
	    "%.300s is damaged (%.60s) and was left as it is; %.300s is used instead. To get the "
	    "old jobs and "
	    "accounts back, stop Postroom and repair it (sqlite3 FILE .recover); else move it "
	    "away.",
	    path, why, health->path);
}

struct db *db_open(const char *path, struct db_health *health, struct error *err)
{
	struct error local;
	struct db *db = NULL;
	enum opened opened;

	memset(health, 0, sizeof(*health));
	memset(&local, 0, sizeof(local));
	/* Room for "-fresh-N" and its end. */
	if (strlen(path) >= sizeof(health->path) - 16)
		error_set(&local, "store_unavailable", "the path is too long");
	else {
		opened = open_one(path, &db, health, &local);
		if (opened == OPEN_DAMAGED) {
			char why[ERROR_TEXT_MAX];

			snprintf(why, sizeof(why), "%s", local.text);
			if (open_fresh(path, &db, health, &local) == OPENED)
				describe_fresh(path, why, health);
		}
	}
	if (db != NULL)
		return db;
	health->state = strcmp(local.code, "store_locked") == 0 ? DB_LOCKED : DB_CLOSED;
	error_prefix(&local, "%s cannot be used", path);
	snprintf(health->text, sizeof(health->text), "%s", local.text);
	if (err != NULL)
		*err = local;
	return NULL;
}

bool db_examine(const char *path, struct error *err)
{
	struct db db = {0};
	int64_t version = 0;
	size_t count;
	int rc;

	if (access(path, F_OK) != 0)
		return error_set_errno(err, "not_found", errno, "%s", path);
	if (can_only_be_read(path))
		return error_set(err, "store_read_only", "%s can only be read", path);
	/* `postroom check` looks while the service runs: so it only reads. */
	rc = sqlite3_open_v2(path, &db.sqlite, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK)
		rc = check_sound(&db);
	if (rc == SQLITE_OK)
		rc = query_number(&db, "PRAGMA user_version", &version);
	sqlite3_close(db.sqlite);
	if (rc != SQLITE_OK)
		return error_set(err,
		    judge(rc) == OPEN_DAMAGED	 ? "store_damaged"
		    : (rc & 0xff) == SQLITE_BUSY ? "store_locked"
						 : "store_unavailable",
		    "%s: %s", path, sqlite3_errstr(rc));
	migrations_steps(&count);
	if (version < 0 || (uint64_t)version > count) {
		db_backup_refuse_newer(path, version, (int64_t)count, err);
		return error_prefix(err, "%s cannot be used", path);
	}
	return true;
}

/* ---- closing ---- */

/* The last one to close empties the log (else it would be read again over a backup that is put in
 * the database's place), and gives it its room anew. On a full disk that room would be lost: there
 * the log stays as it is. */
void db_close(struct db **pointer)
{
	struct db *db = *pointer;
	bool keep_log;

	if (db == NULL)
		return;
	if (db->path[0] != '\0')
		db_room_look(db);
	keep_log = db->room.log && db->room.bytes < DB_ROOM_LOW;
	for (size_t i = 0; i < db->statements; i++)
		/* SQLite does not close a database that has statements left. */
		sqlite3_finalize(db->statement[i].stmt);
	if (keep_log)
		db_exec(db, "PRAGMA journal_size_limit = -1");
	sqlite3_close(db->sqlite);
	if (db->room.log && !keep_log)
		(void)db_room_make_log(db->path);
	free(db);
	*pointer = NULL;
}
