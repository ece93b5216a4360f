/* The table that diagnoses_to_c.py makes from diagnoses.ini; for diagnosis.c alone. */
#ifndef POSTFIX_DIAGNOSIS_TABLE_H
#define POSTFIX_DIAGNOSIS_TABLE_H

#include "postfix/diagnosis.h"

#define DIAGNOSIS_PARTS_MAX 4
/* Three neighbouring letters have a place in a set of so many. */
#define DIAGNOSIS_TRIPLES 8192
#define DIAGNOSIS_PATTERNS_MAX 4096

enum diagnosis_says { DIAGNOSIS_ANYBODY_SAYS, DIAGNOSIS_POSTFIX_SAYS, DIAGNOSIS_SERVER_SAYS };

/* One `match`. All that is given must fit; `parts` stand in the reason in this order, in any
 * distance. */
struct diagnosis_pattern {
	uint8_t says;	/* enum diagnosis_says */
	bool suspended; /* only what the queue manager deferred without trying */
	bool ours;	/* only where the next hop is ours */
	bool anchored;	/* the first part begins the reason */
	bool in_reply; /* the parts are the server\'s words; else they may be Postfix\'s around them
			*/
	uint16_t diagnosis; /* index into diagnosis_table */
	uint16_t code;	    /* reply code, 0: any */
	uint16_t part_count;
	uint16_t triple;  /* the place of the second rarest triple of the parts, 0: none */
	struct slice dsn; /* enhanced status code or the beginning of one, empty: any */
	struct slice parts[DIAGNOSIS_PARTS_MAX]; /* lower case */
};

extern const struct diagnosis diagnosis_table[];
extern const size_t diagnosis_table_count;
extern const struct diagnosis_pattern diagnosis_patterns[];
extern const size_t diagnosis_pattern_count;

/* The patterns by the place of the rarest triple of their parts: those of place p are
 * diagnosis_bucket[diagnosis_bucket_begin[p]] and so on, to the beginning of the next. In bucket 0
 * are those that any reason may fit. */
extern const uint16_t diagnosis_bucket_begin[DIAGNOSIS_TRIPLES + 1];
extern const uint16_t diagnosis_bucket[];
/* A bit for each bucket that is not empty: few are, and this is small enough to stay near. */
extern const uint64_t diagnosis_bucket_used[DIAGNOSIS_TRIPLES / 64];

#endif
