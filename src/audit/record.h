/* One record of the audit as a line of JSON, and the chain that joins the lines. Pure.
 *
 *     {"n":12,"at":"2026-01-31T08:00:00.123Z","action":"job","who":"anna", ... ,"chain":"<64>"}
 *
 * `n` counts from 1. `chain` is the BLAKE2b-256 of the chain value of the record before (32 bytes;
 * zeros before the first) and of the line up to the comma before "chain". So each record carries
 * all that were before it: whoever changes, removes or moves one must make all later ones anew. */
#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/action.h"
#include "base/buffer.h"

#define AUDIT_CHAIN_SIZE 32
/* Of one line, with its end. What the texts below may have escaped to is far less. */
#define AUDIT_LINE_MAX 32768
/* What a text of a record has at most; the rest is cut off. */
#define AUDIT_NAME_MAX 120
#define AUDIT_TEXT_MAX 600
#define AUDIT_FILTER_MAX 1200

/* What is recorded. Empty texts and zeros are left out of the line. Bytes that are not UTF-8 become
 * U+FFFD. */
struct audit_entry {
	enum audit_action action;
	int64_t at_us;		/* Unix microseconds; 0: now */
	struct slice who;	/* account, token or user of the host; a name that was tried */
	struct slice role;	/* "operator" */
	struct slice scope;	/* what of the queue he may see: a filter */
	struct slice via;	/* "session", "token", "socket", "proxy", "command" */
	int64_t token;		/* number of the token that it was done with */
	struct slice owner;	/* whose that token is, where it has an owner */
	int64_t uid;		/* plus 1; 0: not by the socket */
	struct slice from;	/* address */
	struct slice object;	/* what it is about: "/api/v1/users/anna" */
	struct slice message;	/* queue ID */
	int64_t job;		/* number */
	struct slice filter;	/* of a job: what its messages were chosen by */
	int64_t count;		/* of messages */
	struct slice outcome;	/* "done", "refused", "failed", "left" */
	unsigned status;	/* of the answer, as of HTTP */
	struct slice reference; /* of the request */
	struct slice text;	/* what it was, in words: "delete of 34 messages". Never a secret */
	uint64_t times;		/* so many, summed up */
	struct slice own;	/* further members of the audit's own records: `"seal":3` */
};

/* The members of `entry` from "at" on, without `n` and `chain`: `"at":"...","action":"..."`. */
void audit_record_members(struct buffer *out, const struct audit_entry *entry);
/* A whole line with its end, of those members. `chain` is that of the record before, and becomes
 * that of this one. */
void audit_record_line(
    struct buffer *out, uint64_t n, struct slice members, unsigned char chain[AUDIT_CHAIN_SIZE]);

/* ---- Reading ---- */

/* Slices of the line, texts still escaped as JSON where audit_record_read does not say else. */
struct audit_line {
	uint64_t n;
	struct slice bare; /* up to the comma before "chain": what the chain is made of */
	unsigned char chain[AUDIT_CHAIN_SIZE];
};
/* A line without its end; looks at its two ends alone. False where it is no record. */
bool audit_line_read(struct slice line, struct audit_line *out);
/* Whether it follows the record whose chain value is `before`. */
bool audit_line_follows(
    const struct audit_line *line, const unsigned char before[AUDIT_CHAIN_SIZE]);

/* All of it. Slices are in the line or in `text`, and good until the next call with that buffer. */
struct audit_parsed {
	uint64_t n;
	struct slice at;     /* RFC 3339 with fractions */
	struct slice action; /* as it stands: a later version may have others */
	struct slice who, role, scope, via, owner, from, object, message, filter, outcome,
	    reference, text;
	int64_t uid; /* -1: none */
	int64_t token, job, count, status;
	uint64_t times;
	/* Of the audit's own records. */
	uint64_t file, seal, first;
	int64_t keep;
	struct slice before, after, lineage, mac;
};
/* False where it is not JSON, or not as we write it. */
bool audit_record_read(struct slice line, struct buffer *text, struct audit_parsed *out);

/* 64 hexadecimal digits and NUL. */
#define AUDIT_HEX_SIZE (2 * AUDIT_CHAIN_SIZE + 1)
void audit_hex(const unsigned char bytes[AUDIT_CHAIN_SIZE], char out[AUDIT_HEX_SIZE]);
bool audit_unhex(struct slice text, unsigned char bytes[AUDIT_CHAIN_SIZE]);

/* "2026-01-31T08:00:00.123Z" and NUL. */
#define AUDIT_TIME_SIZE 25
void audit_time(int64_t at_us, char out[AUDIT_TIME_SIZE]);

#endif
