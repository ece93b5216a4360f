/* Who did what, when, from where: appended, never changed. */
#ifndef ACCESS_AUDIT_H
#define ACCESS_AUDIT_H

#include <stdint.h>

#include "store/db.h"

struct audit_entry {
	int64_t at;
	struct slice who;    /* user or token name; "root" and others from the socket */
	struct slice source; /* client address, or "socket" */
	struct slice action; /* "login", "job.delete", "settings.set", ... */
	struct slice target; /* the job's number, a queue ID, ... */
	struct slice detail;
};

/* Appends one entry. */
enum db_result audit_append(struct db *db, const struct audit_entry *entry, struct error *err);

#endif
