/* Records of the audit that are promised: written in the same transaction as what they are about,
 * so that a crash leaves both or neither. The service moves them on into the files of the audit
 * (src/audit), which know nothing of the database; so does what a command has written here that ran
 * beside the service, or without it. */
#ifndef STORE_AUDIT_ROWS_H
#define STORE_AUDIT_ROWS_H

#include <stddef.h>

#include "base/buffer.h"
#include "store/db.h"

/* Promises a record of these members (audit/record.h). In a write transaction. */
enum db_result audit_rows_promise(struct db *db, struct slice members, struct error *err);

/* The oldest ones that are promised, up to `max`; `members` get one text behind the other, each
 * with a line end. */
#define AUDIT_ROWS_MAX 500
struct audit_rows {
	int64_t ids[AUDIT_ROWS_MAX];
	size_t count;
	struct buffer members;
};
enum db_result audit_rows_read(struct db *db, struct audit_rows *rows, struct error *err);
/* They are in the files. */
enum db_result audit_rows_remove(struct db *db, const struct audit_rows *rows, struct error *err);

/* The oldest rows of the audit that earlier versions kept in the database, in the same form. */
enum db_result audit_rows_former(struct db *db, struct audit_rows *rows, struct error *err);
enum db_result audit_rows_remove_former(
    struct db *db, const struct audit_rows *rows, struct error *err);

/* What the database notes of the files: the record that was the last one, and its chain value. It
 * proves that nothing up to it is missing at the end. DB_NOT_FOUND where nothing was noted. */
#define AUDIT_ROWS_CHAIN_SIZE 32
struct audit_rows_note {
	int64_t n;
	unsigned char chain[AUDIT_ROWS_CHAIN_SIZE];
};
enum db_result audit_rows_note(
    struct db *db, const struct audit_rows_note *note, struct error *err);
enum db_result audit_rows_noted(struct db *db, struct audit_rows_note *note, struct error *err);

#endif
