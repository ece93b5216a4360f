/* Seals: once a day the audit is sealed with a key that nobody can have had before. The key is
 * replaced by its hash at each seal and overwritten, so whoever breaks in later can make later
 * seals and no earlier one. Who has the first key, and keeps it elsewhere, can make all of them
 * again and see whether they fit.
 *
 *     key 0: 32 random bytes. key j + 1 = BLAKE2b-256("postroom audit: the next key"), keyed by j.
 *     mac of seal j = BLAKE2b-256(chain value before it, then its line up to `,"mac":`), keyed by
 * j.
 *
 * The key lies beside the files of the audit, in one block that is written in place. A *lineage* is
 * all the keys that come from one first key. */
#ifndef AUDIT_SEAL_H
#define AUDIT_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/error.h"

#define AUDIT_KEY_SIZE 32
/* Its name in the directory of the audit. */
#define AUDIT_KEY_FILE "seal.key"
/* 16 hexadecimal digits and NUL. */
#define AUDIT_LINEAGE_SIZE 17

struct audit_key {
	char lineage[AUDIT_LINEAGE_SIZE];
	uint64_t number; /* of the seal that it makes next: 0 the first */
	unsigned char key[AUDIT_KEY_SIZE];
	/* The first one of the lineage, until somebody has been shown it. */
	bool has_first;
	unsigned char first[AUDIT_KEY_SIZE];
	/* The seal that was made last: when, as which record, its mac. It stands here before it
	 * stands in the file, because its key is gone by then. 0: none yet. */
	uint64_t made_n;
	char made_at[AUDIT_TIME_SIZE];
	unsigned char made_mac[AUDIT_CHAIN_SIZE];
};

/* A new lineage: random, with its first key. */
void audit_key_create(struct audit_key *key);
/* The key of the next seal takes the place of this one. */
void audit_key_next(struct audit_key *key);

/* Makes the seal that will be record `n`, behind the chain value `chain`: it is in `key` then,
 * whose key is the next one. */
void audit_seal_make(
    struct audit_key *key, uint64_t n, const unsigned char chain[AUDIT_CHAIN_SIZE], int64_t at_us);
/* The members of the seal that was made last. */
void audit_seal_members(const struct audit_key *key, struct buffer *members);
/* Whether the seal `line` was made with this key. */
bool audit_seal_fits(
    const struct audit_key *key, struct slice line, const unsigned char chain[AUDIT_CHAIN_SIZE]);

/* ---- On disk ---- */

/* Reads it. not_found where there is none, store_damaged where it is none of ours. */
bool audit_key_read(const char *directory, struct audit_key *key, struct error *err);
/* Writes it over the former one and syncs. Where the file system copies on write (btrfs, ZFS), and
 * in an SSD, the former bytes may be there still: nothing here can change that. */
bool audit_key_write(const char *directory, const struct audit_key *key, struct error *err);
/* Keeps other processes from both until `*lock` is closed; -1 with `err`. */
int audit_key_lock(const char *directory, struct error *err);

/* ---- As text, for who keeps it elsewhere ---- */

/* "postroom-audit-key-1 LINEAGE KEY" and NUL, of its first key. */
#define AUDIT_KEY_TEXT_SIZE 104
void audit_key_text(const struct audit_key *key, char text[AUDIT_KEY_TEXT_SIZE]);
/* One such line, blanks around it aside. Gives the key of seal 0. */
bool audit_key_parse(struct slice line, struct audit_key *key);

#endif
