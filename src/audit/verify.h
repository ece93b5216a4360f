/* Whether the audit is whole. Reads all of it once, from its first record to its last, and says
 * what is wrong with which record. What it proves:
 *
 *   - The chain: no record was changed, removed, moved or put in, by anybody who did not make all
 *     that follow it anew.
 *   - The seals, with the first key that somebody has kept elsewhere: nothing up to the last seal
 * was changed by anybody who came in after that seal was made, whatever he could do then.
 *   - The key beside the files, and the note that the database has of the last record: that no
 * seal, and no noted record, is missing at the end.
 *
 * What stands behind the last seal is proved by the chain alone. Blocks, and may run beside the
 * service. */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/seal.h"

/* What is told of each; more are counted. */
#define AUDIT_VERIFY_PROBLEMS 20
#define AUDIT_VERIFY_TEXT 240

/* A record that somebody knows from elsewhere. */
struct audit_known {
	uint64_t n; /* 0: none */
	unsigned char chain[AUDIT_CHAIN_SIZE];
	const char *who_knows; /* "the database" */
};

struct audit_report {
	uint64_t records, first, last;
	char first_at[AUDIT_TIME_SIZE], last_at[AUDIT_TIME_SIZE];
	unsigned char chain[AUDIT_CHAIN_SIZE]; /* of the last */
	/* Seals; those that one of the keys was given for, and fit. */
	uint64_t seals, seals_fit;
	/* The last seal, and the last that fits. 0: none. */
	uint64_t sealed, proved;
	char sealed_at[AUDIT_TIME_SIZE], proved_at[AUDIT_TIME_SIZE];
	char lineage[AUDIT_LINEAGE_SIZE]; /* of the last seal */
	/* The oldest were removed: when, and how long they were kept (seconds). */
	char cut_at[AUDIT_TIME_SIZE];
	int64_t cut_keep;
	size_t problems; /* how many; the first ones in words */
	char problem[AUDIT_VERIFY_PROBLEMS][AUDIT_VERIFY_TEXT];
};

/* The files of `directory`, with `count` first keys of lineages (audit_key_parse). `known` may be
 * NULL. False with `err` where they cannot be read; what is wrong with them is in the report. */
bool audit_verify(const char *directory, const struct audit_key *keys, size_t count,
    const struct audit_known *known, struct audit_report *report, struct error *err);

#endif
