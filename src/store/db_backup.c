/* SQLite's own copy of an open database, into a file that gets its name when it is whole. */
#include "store/db_backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/slice.h"
#include "store/db_private.h"

#define NAME "-tables-"
/* The copies that are looked at; more than DB_BACKUP_KEPT only where somebody made some by hand. */
#define SEEN_MAX 64

/* ---- those that are there ---- */

static int by_version(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Splits `path`; the folder is "." where it names none. Returns the file's name. */
static const char *split(const char *path, char folder[DB_BACKUP_PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	snprintf(folder, DB_BACKUP_PATH_MAX, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
	    slash == NULL ? "." : path);
	return slash == NULL ? path : slash + 1;
}

/* The versions of the copies beside `path`, the highest first. */
static size_t list(const char *path, int64_t versions[SEEN_MAX])
{
	char folder[DB_BACKUP_PATH_MAX];
	const char *name = split(path, folder);
	size_t len = strlen(name), count = 0;
	DIR *dir = opendir(folder);
	struct dirent *entry;
	uint64_t version;

	if (dir == NULL)
		return 0;
	while (count < SEEN_MAX && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, name, len) == 0 &&
		    strncmp(entry->d_name + len, NAME, strlen(NAME)) == 0 &&
		    slice_to_u64(slice_of(entry->d_name + len + strlen(NAME)), &version) &&
		    version <= INT32_MAX)
			versions[count++] = (int64_t)version;
	closedir(dir);
	qsort(versions, count, sizeof(versions[0]), by_version);
	return count;
}

static void name_of(const char *path, int64_t version, char name[DB_BACKUP_PATH_MAX])
{
	snprintf(name, DB_BACKUP_PATH_MAX, "%.1000s" NAME "%lld", path, (long long)version);
}

bool db_backup_find(const char *path, int64_t known, char found[DB_BACKUP_PATH_MAX])
{
	int64_t versions[SEEN_MAX];
	size_t count = list(path, versions);

	for (size_t i = 0; i < count; i++)
		if (versions[i] <= known) {
			name_of(path, versions[i], found);
			return true;
		}
	return false;
}

static void forget_old(const char *path)
{
	int64_t versions[SEEN_MAX];
	size_t count = list(path, versions);
	char name[DB_BACKUP_PATH_MAX];

	for (size_t i = DB_BACKUP_KEPT; i < count; i++) {
		name_of(path, versions[i], name);
		(void)unlink(name);
	}
}

/* ---- making one ---- */

static bool has_room(const char *path)
{
	struct statvfs fs;
	struct stat file;

	return stat(path, &file) == 0 && statvfs(path, &fs) == 0 &&
	       (int64_t)fs.f_bavail * (int64_t)fs.f_frsize >= file.st_size + DB_ROOM_LOW &&
	       (fs.f_files == 0 || fs.f_favail >= DB_ROOM_INODES_LOW);
}

/* SQLite's result code. Locks are not asked for: only we know the file, under our own lock. */
static int copy(struct db *db, const char *name)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup;
	int rc = sqlite3_open_v2(name, &to,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, "unix-none");

	if (rc == SQLITE_OK)
		/* A copy that is cut off never gets its name, so it needs no log and no sync of its
		 * own. */
		rc = sqlite3_exec(
		    to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (rc == SQLITE_OK) {
		backup = sqlite3_backup_init(to, "main", db->sqlite, "main");
		if (backup == NULL)
			rc = sqlite3_errcode(to);
		else {
			rc = sqlite3_backup_step(backup, -1);
			(void)sqlite3_backup_finish(backup);
			if (rc == SQLITE_DONE)
				rc = SQLITE_OK;
		}
	}
	sqlite3_close(to);
	return rc;
}

static bool sync_folder(const char *path)
{
	char folder[DB_BACKUP_PATH_MAX];
	FD_AUTO int fd = -1;

	(void)split(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0;
}

/* Our lock is on the file that has the name: another process may have given it another name, or
 * taken it away, while this one waited. */
static int open_locked(const char *part)
{
	struct stat mine, named;

	for (;;) {
		int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0 || flock(fd, LOCK_EX) != 0 || fstat(fd, &mine) != 0) {
			fd_close(&fd);
			return -1;
		}
		if (lstat(part, &named) == 0 && mine.st_ino == named.st_ino &&
		    mine.st_dev == named.st_dev)
			return fd;
		fd_close(&fd);
	}
}

/* SQLite keeps user_version in its file's header, the highest byte first. */
static bool has_version(int fd, int64_t version)
{
	unsigned char b[4];

	return pread(fd, b, sizeof(b), 60) == sizeof(b) &&
	       ((int64_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]) == version;
}

static bool make(
    struct db *db, const char *path, const char *part, int fd, int64_t version, struct error *err)
{
	char name[DB_BACKUP_PATH_MAX];
	int rc;

	name_of(path, version, name);
	/* What a kill left of another one. */
	if (ftruncate(fd, 0) != 0)
		return error_set_errno(err, "store_unavailable", errno, "%.300s", part);
	rc = copy(db, part);
	if (rc != SQLITE_OK)
		return error_set(err, "store_unavailable", "%.300s: %s", part, sqlite3_errstr(rc));
	/* Another process has brought the tables up to date meanwhile, and made its copy before. */
	if (!has_version(fd, version))
		return unlink(part) == 0 || errno == ENOENT;
	if (fsync(fd) != 0 || rename(part, name) != 0 || !sync_folder(path))
		return error_set_errno(err, "store_unavailable", errno, "%.300s", name);
	return true;
}

enum db_backup db_backup_make(struct db *db, int64_t version, struct error *err)
{
	static const char what[] = "a backup before the tables are brought up to date";
	const char *path = sqlite3_db_filename(db->sqlite, "main");
	char part[DB_BACKUP_PATH_MAX];
	FD_AUTO int fd = -1;

	if (!has_room(path))
		return DB_BACKUP_NO_ROOM;
	snprintf(part, sizeof(part), "%.1000s" NAME "part", path);
	fd = open_locked(part);
	if (fd < 0) {
		error_set_errno(err, "store_unavailable", errno, "%s: %.300s", what, part);
		return DB_BACKUP_FAILED;
	}
	if (!make(db, path, part, fd, version, err)) {
		(void)unlink(part);
		error_prefix(err, "%s", what);
		return DB_BACKUP_FAILED;
	}
	forget_old(path);
	return DB_BACKUP_MADE;
}

/* ---- the way back ---- */

void db_backup_refuse_newer(const char *path, int64_t version, int64_t known, struct error *err)
{
	char found[DB_BACKUP_PATH_MAX];

	/* Its log is that of the newer database, and SQLite would take it for the older one's. */
	if (db_backup_find(path, known, found))
		error_set(err, "store_unavailable",
		    "it was made by a newer version of Postroom (tables %lld, this program knows "
		    "%lld). Install "
		    "that version again; or stop Postroom and go back to how it was before the "
		    "upgrade: "
		    "cp %.120s %.100s && rm -f %.100s-wal",
		    (long long)version, (long long)known, found, path, path);
	else
		error_set(err, "store_unavailable",
		    "it was made by a newer version of Postroom (tables %lld, this program knows "
		    "%lld), and "
		    "no backup from before the upgrade is beside it. Install that version again; "
		    "or stop "
		    "Postroom and move the database away: it begins a new one",
		    (long long)version, (long long)known);
}
