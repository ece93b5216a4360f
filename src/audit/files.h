/* The files of the audit: `audit-00000001.jsonl` and so on in a directory of their own, each with
 * whole lines of record.h. Only the newest is written, at its end; the oldest are removed whole.
 * One process writes, any number may read. Used by one thread at a time.
 *
 * On a full disk it goes on: the newest file has blocks beyond its end that are its own. */
#ifndef AUDIT_FILES_H
#define AUDIT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/error.h"

/* What the newest file has beyond its end: some 5,000 records. Below half of it the reserve has
 * been touched, because no more could be had. */
#define AUDIT_ROOM (2 << 20)

struct audit_files;

/* Opens the directory, makes it where it is missing (0700), and finds the end of the newest file:
 * looks at no more than its last 64 KiB. An unfinished line at the end is dropped; audit_files_torn
 * tells. NULL with `err`: store_locked where another process writes, store_full, store_unavailable.
 */
struct audit_files *audit_files_open(const char *directory, struct error *err);
void audit_files_close(struct audit_files **files);

/* The record written last, 0 before the first; its chain value; its time ("" before the first). */
uint64_t audit_files_last(const struct audit_files *files);
const unsigned char *audit_files_chain(const struct audit_files *files);
const char *audit_files_last_at(const struct audit_files *files);
/* The bytes that were dropped at the opening. */
size_t audit_files_torn(const struct audit_files *files);
/* The newest file's number, and whether it has no record yet: then `audit_begin` comes first. */
uint64_t audit_files_number(const struct audit_files *files);
bool audit_files_is_new(const struct audit_files *files);

/* Adds a record of these members (record.h) behind those that wait; returns its number. Nothing is
 * on disk before audit_files_commit. */
uint64_t audit_files_put(struct audit_files *files, struct slice members);
/* The lines that wait. */
struct slice audit_files_waiting(const struct audit_files *files);
/* Writes and syncs what waits. False with `err` (store_full, store_broken): none of it is in the
 * file, none waits any more, and numbers are as before. */
bool audit_files_commit(struct audit_files *files, struct error *err);

/* Begins another file, with nothing waiting. False where there is no room for one: the one before
 * goes on. */
bool audit_files_next(struct audit_files *files, struct error *err);

/* Bytes that can be written without a block of the disk; -1 where the file system cannot tell. */
int64_t audit_files_room(const struct audit_files *files);
/* Takes more where there is some. */
void audit_files_tend(struct audit_files *files);

/* The numbers of the files of `directory`, the oldest first; freed by the caller. False with `err`.
 */
bool audit_files_list(const char *directory, uint64_t **numbers, size_t *count, struct error *err);
#define AUDIT_FILE_NAME_SIZE 32
void audit_files_name(uint64_t number, char name[AUDIT_FILE_NAME_SIZE]);
/* Removes a file that is not the newest. */
bool audit_files_remove(struct audit_files *files, uint64_t number, struct error *err);

#endif
