/* Who did what, when, from where, and how it was answered: appended, never changed. A row for each
 * answered request of somebody known that may change something (http/router.h), and rows that count
 * together what strangers were refused (strangers.h). Nothing else writes here. */
#ifndef ACCESS_AUDIT_H
#define ACCESS_AUDIT_H

#include <stdint.h>

#include "store/db.h"

struct store;

struct audit_entry {
	int64_t at;	     /* Unix seconds */
	struct slice who;    /* user or token name; "root" and others from the socket; "-": nobody
			      * known */
	struct slice source; /* "127.0.0.1:50312", or "unix:uid=0" */
	struct slice action; /* "POST", "PUT", "DELETE"; "sign-in failed", "refused" */
	struct slice target; /* the path: "/api/v1/jobs" */
	struct slice detail; /* the status and what it was: "201 job 12: delete of 34 messages" */
};

/* On the store's thread. */
enum db_result audit_append(struct db *db, const struct audit_entry *entry, struct error *err);

/* From the server's loop: copies the entry, cut to what one row may hold, and appends it. Where the
 * store cannot take it, the log gets it. */
void audit_record(struct store *store, const struct audit_entry *entry);

#endif
