/* Looks how much room there is, makes the reserve and gives it up, and says in words how things
 * stand. */
#include "store/db_room.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "store/db_private.h"

/* One row of the table `reserve`, and the bytes that it says in SQL. */
#define ROW (1 << 20)
#define INSERT_ROW "INSERT INTO reserve (bytes) VALUES (zeroblob(1048576))"

static int64_t number(struct db *db, const char *sql)
{
	struct db_statement *s = db_statement(db, sql, NULL);
	int64_t value = 0;

	if (s == NULL)
		return 0;
	if (db_step(s, NULL) == DB_OK)
		value = db_int(s, 0);
	db_reset(s);
	return value;
}

static bool has_log(const char *path)
{
	char name[1100];
	struct stat st;

	snprintf(name, sizeof(name), "%s-wal", path);
	/* Blocks that are there, not the size: a file with holes has the size and not the room. */
	return stat(name, &st) == 0 && (int64_t)st.st_blocks * 512 >= DB_ROOM_LOG;
}

void db_room_look(struct db *db)
{
	struct db_room *room = &db->room;
	struct statvfs fs;

	*room = (struct db_room){.bytes = -1, .inodes = -1};
	if (statvfs(db->path, &fs) == 0) {
		/* Without the blocks that the file system keeps for root: the service is not root.
		 */
		room->bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
		/* 0 of 0: a file system that makes inodes as it goes. */
		room->inodes = fs.f_files > 0 ? (int64_t)fs.f_favail : -1;
	}
	room->reserve = number(db, "PRAGMA freelist_count") * number(db, "PRAGMA page_size");
	room->log = has_log(db->path);
}

const struct db_room *db_room(const struct db *db)
{
	return &db->room;
}

bool db_room_is_low(const struct db *db)
{
	const struct db_room *room = &db->room;

	return (room->bytes >= 0 && room->bytes < DB_ROOM_LOW) ||
	       (room->inodes >= 0 && room->inodes < DB_ROOM_INODES_LOW);
}

bool db_room_is_full(const struct db *db)
{
	return (db->room.bytes >= 0 && db->room.bytes < DB_ROOM_FULL) || db->room.inodes == 0;
}

bool db_room_is_over(const struct db *db)
{
	/* Not before it is low no more: it would else change to and fro at the border. */
	return db->alone && !db_room_is_low(db);
}

int64_t db_room_messages(const struct db *db)
{
	/* Without the log's room the first transaction needs a block already. */
	return db->room.log ? db->room.reserve / DB_ROOM_MESSAGE : 0;
}

void db_room_describe(const struct db *db, const char *path, char *text, size_t size)
{
	const struct db_room *room = &db->room;
	long long messages = (long long)db_room_messages(db);
	bool full = db_room_is_full(db);
	char inodes[60] = "", left[100];

	if (room->inodes >= 0 && room->inodes < DB_ROOM_INODES_LOW)
		snprintf(inodes, sizeof(inodes), " and %lld inodes", (long long)room->inodes);
	snprintf(left, sizeof(left), "%.1f MiB%s", (double)room->bytes / (1 << 20), inodes);
	if (full && messages == 0)
		snprintf(text, size,
		    "the file system of %.300s is full (%s left), and there is no reserve: actions "
		    "may "
		    "be refused, because their plan cannot be written down. Make room, or use "
		    "`postsuper` itself.",
		    path, left);
	else if (full)
		snprintf(text, size,
		    "the file system of %.300s is full (%s left). Delete, hold and release still "
		    "work, "
		    "from a reserve for about %lld messages; the history of the queue's depth and "
		    "what "
		    "the log tells of earlier actions are not kept meanwhile.",
		    path, left, messages);
	else
		snprintf(text, size,
		    "the file system of %.300s has %s left. When it is full, actions go on from a "
		    "reserve for about %lld messages.",
		    path, left, messages);
}

/* posix_fallocate(3) changes nothing that is there, and to SQLite zeros at the end of a log are no
 * frames. It holds no lock on this file that closing a descriptor would drop. */
bool db_room_make_log(const char *path)
{
	char name[1100];
	FD_AUTO int fd = -1;

	snprintf(name, sizeof(name), "%s-wal", path);
	fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && posix_fallocate(fd, 0, DB_ROOM_LOG) == 0;
}

/* Lets all rows go at once: their pages are the reserve then. Without secure_delete, which would
 * write each of them once more. */
static void free_rows(struct db *db)
{
	db_exec(db, "PRAGMA secure_delete = OFF");
	db_exec(db, "DELETE FROM reserve");
	db_exec(db, "PRAGMA secure_delete = ON");
}

/* Rows are gathered first and let go together: a row would else be made of the pages of the one
 * before. Pages that come and go in one transaction would never be written. */
bool db_room_tend(struct db *db)
{
	struct db_room *room = &db->room;
	int64_t rows, missing;

	db_room_look(db);
	rows = number(db, "SELECT count(*) FROM reserve");
	missing = DB_ROOM_RESERVE - room->reserve - rows * ROW;
	if (sqlite3_db_readonly(db->sqlite, "main") == 1)
		return false;
	/* The reserve must not be what fills the disk for others. */
	if (!room->log && room->bytes >= DB_ROOM_LOW + DB_ROOM_LOG)
		room->log = db_room_make_log(db->path);
	if (room->log && missing > 0 && room->bytes >= DB_ROOM_LOW + missing)
		return db_exec(db, INSERT_ROW) == SQLITE_OK;
	if (rows > 0) {
		free_rows(db);
		db_room_look(db);
	}
	return false;
}
