/* The audit: who did and read what, when, from where, and how it was answered. Records are taken
 * on any thread at once, and written by a thread of its own: chained (record.h), into files
 * (files.h), sealed once a day and at the end (seal.h), and told to the journal. What is older than
 * it is kept goes then, a file at a time, and a record says so.
 *
 * Nothing is done whose record cannot be kept: who wants to do something asks audit_takes first. */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/error.h"

/* Where the audit of a database is: its path and this. */
#define AUDIT_DIRECTORY_SUFFIX "-audit"
/* Records that wait to be written. Beyond three quarters of it nothing more is begun. */
#define AUDIT_WAITING_MAX 20000

struct audit;

/* Opens or makes the files in `directory`. Never NULL: where that fails, audit_takes says why, and
 * it is tried again every few seconds. */
struct audit *audit_create(const char *directory, int64_t keep_seconds);
/* Writes what waits, and a seal. Accepts a pointer to NULL. */
void audit_destroy(struct audit **audit);
void audit_set_keep(struct audit *audit, int64_t keep_seconds);

/* Takes a record; copies it. Never waits. Returns its ticket for audit_is_kept. */
uint64_t audit_record(struct audit *audit, const struct audit_entry *entry);
/* The same of a record whose members were made before (record.h): one that was promised. */
uint64_t audit_record_promised(struct audit *audit, struct slice members);
/* Whether the record of that ticket is on disk. */
bool audit_is_kept(struct audit *audit, uint64_t ticket);

/* Whether a record of this action can be kept now; otherwise false with audit_unavailable. */
bool audit_takes(struct audit *audit, enum audit_action action, struct error *err);

enum audit_state {
	AUDIT_FINE,
	AUDIT_LOW,    /* the disk is full: what is done is recorded in the reserve, reading stops */
	AUDIT_BROKEN, /* nothing can be written */
};
struct audit_status {
	enum audit_state state;
	char text[ERROR_TEXT_MAX]; /* why; "" when fine */
	uint64_t last;		   /* the record written last */
	unsigned char chain[AUDIT_CHAIN_SIZE];
	char lineage[20]; /* of the seals */
	uint64_t seals;	  /* made in it */
	uint64_t sealed;  /* the record that is the last seal; 0: none */
	char sealed_at[AUDIT_TIME_SIZE];
	bool key_waits;	  /* nobody has been shown the first key of this lineage */
	uint64_t waiting; /* records that are not on disk yet */
	uint64_t lost;	  /* since the start */
};
void audit_health(struct audit *audit, struct audit_status *health);

/* For tests: the daily work now; waits until it is done. */
void audit_turn(struct audit *audit);

#endif
