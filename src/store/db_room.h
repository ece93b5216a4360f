/* Room to act: when the disk is full is when people must delete. So the blocks that jobs will need
 * belong to the database already, in parts of its files that are written in place. Blocks of a
 * file that is given up would go to whoever fills the disk, or (ext4) to root alone.
 *
 *   - The write-ahead log keeps DB_ROOM_LOG bytes, also over a stop: a transaction needs no block.
 *   - The database has free pages, the reserve: what a job adds needs no block either.
 *   - Log and shared memory are there already, temporary tables are in memory: no inode is needed.
 *
 * Jobs use the reserve up while the disk is full. It is made again when there is room. Where a file
 * system writes nothing in place (btrfs, ZFS), this does not help. */
#ifndef STORE_DB_ROOM_H
#define STORE_DB_ROOM_H

#include "store/db.h"

/* A checkpoint comes at 4 MiB; the largest transaction (50,000 items expire) writes 8. */
#define DB_ROOM_LOG (16 << 20)
/* To hold, release and delete 10,000 messages, one after the other, takes 5 MB of it. */
#define DB_ROOM_RESERVE (8 << 20)
/* What one message of a job takes of it, with all its steps. */
#define DB_ROOM_MESSAGE 200
/* A disk with less is low; making the reserve leaves so much free. */
#define DB_ROOM_LOW (32 << 20)
#define DB_ROOM_INODES_LOW 100
/* A disk with less is full. */
#define DB_ROOM_FULL (1 << 20)

struct db_room {
	int64_t bytes;	 /* free on its file system for the service's user; -1 not known */
	int64_t inodes;	 /* -1: not known, or there is no limit */
	int64_t reserve; /* bytes of free pages */
	bool log;	 /* the log has its room */
};

/* Looks at the disk and at the reserve; what the functions below go by. */
void db_room_look(struct db *db);
const struct db_room *db_room(const struct db *db);
bool db_room_is_low(const struct db *db);
bool db_room_is_full(const struct db *db);
/* It was opened on a full disk, so that no other process can use it, and now there is room: it is
 * better opened anew. */
bool db_room_is_over(const struct db *db);
/* So many messages a job can still have when no block is free. */
int64_t db_room_messages(const struct db *db);

/* A sentence or two about a disk that is low or full: what is left, what still works, what to do.
 */
void db_room_describe(const struct db *db, const char *path, char *text, size_t size);

/* Makes a part of what is missing, where there is room for it. True when there is more to do at
 * once. Outside transactions. */
bool db_room_tend(struct db *db);

/* Gives the log of `path` its room; false where there is none. Needs no lock. */
bool db_room_make_log(const char *path);

#endif
