/* Finds records in the files. Reads them from their end, or from their beginning for an export, and
 * looks at the bytes of a line before it reads it as JSON: a million records take about a second.
 * Blocks; may run beside the one who writes. */
#ifndef AUDIT_SEARCH_H
#define AUDIT_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/error.h"

/* Jobs that one message can have been in. */
#define AUDIT_SEARCH_JOBS 256

/* Which records; empty texts and zeros mean any. */
struct audit_query {
	char who[AUDIT_NAME_MAX + 1];
	char action[32];
	char message[AUDIT_NAME_MAX + 1]; /* about it, or about one of `jobs` */
	int64_t jobs[AUDIT_SEARCH_JOBS];  /* about any of these */
	size_t job_count;
	int64_t from, to; /* Unix seconds: not before, before */
	bool forward;	  /* the oldest first */
	uint64_t after;	  /* beyond this number: below it, or above it when forward; 0: all */
	size_t limit;	  /* at most so many; at least 1 */
};

/* The lines of the records that were found, each with its end, in the order of the query. */
struct audit_found {
	struct buffer lines;
	size_t count;
	uint64_t last; /* the number of the last one */
	bool more;     /* there may be more behind it */
};

/* Adds to `found`. False with `err` where the files cannot be read. */
bool audit_search(const char *directory, const struct audit_query *query, struct audit_found *found,
    struct error *err);

/* Whether a record of exactly these members is among the newest ones: in the last 4 MiB of the last
 * two files. */
bool audit_search_members(const char *directory, struct slice members);

#endif
