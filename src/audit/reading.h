/* Reads the audit on a thread of its own, for a loop that must not wait: searches, and the look at
 * all of it. Used like store.h: poll audit_reading_fd() for reading and call
 * audit_reading_dispatch(). */
#ifndef AUDIT_READING_H
#define AUDIT_READING_H

#include "audit/search.h"
#include "audit/verify.h"

/* Questions that wait; more are refused with store_busy. */
#define AUDIT_READING_MAX 32

struct audit_reading;

/* One question, and what came of it. Belongs to the thread until `done` was called. */
struct audit_task {
	bool verify; /* else search */
	struct audit_query query;
	struct audit_found found; /* its lines are the owner's to free */
	struct audit_known known; /* for verify */
	struct audit_report report;
	bool good;
	struct error err;
};
/* Called on the owner's thread, from audit_reading_dispatch() or audit_reading_destroy(). */
typedef void audit_reading_done(void *context, struct audit_task *task);

struct audit_reading *audit_reading_create(const char *directory);
/* Answers everything first. Accepts a pointer to NULL. */
void audit_reading_destroy(struct audit_reading **reading);
int audit_reading_fd(const struct audit_reading *reading);
void audit_reading_dispatch(struct audit_reading *reading);

/* False, and nothing happens, when too many wait. */
bool audit_reading_ask(struct audit_reading *reading, struct audit_task *task,
    audit_reading_done *done, void *context);

#endif
