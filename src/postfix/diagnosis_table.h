/* The table that diagnoses_to_c.py makes from diagnoses.ini; for diagnosis.c alone. */
#ifndef POSTFIX_DIAGNOSIS_TABLE_H
#define POSTFIX_DIAGNOSIS_TABLE_H

#include "postfix/diagnosis.h"

#define DIAGNOSIS_PARTS_MAX 4
/* Three neighbouring letters have a place in a set of so many. */
#define DIAGNOSIS_TRIPLES 8192

enum diagnosis_says { DIAGNOSIS_ANYBODY_SAYS, DIAGNOSIS_POSTFIX_SAYS, DIAGNOSIS_SERVER_SAYS };

/* One `match`. All that is given must fit; `parts` stand in the reason in this order, in any
 * distance. */
struct diagnosis_pattern {
	/* The places of the two rarest triples of the parts; 0: any reason may have them. */
	uint16_t triples[2];
	uint8_t says;	    /* enum diagnosis_says */
	bool suspended;	    /* only what the queue manager deferred without trying */
	bool ours;	    /* only where the next hop is ours */
	bool anchored;	    /* the first part begins the reason */
	uint16_t diagnosis; /* index into diagnosis_table */
	uint16_t code;	    /* reply code, 0: any */
	uint16_t part_count;
	struct slice dsn; /* enhanced status code or the beginning of one, empty: any */
	struct slice parts[DIAGNOSIS_PARTS_MAX]; /* lower case */
};

extern const struct diagnosis diagnosis_table[];
extern const size_t diagnosis_table_count;
extern const struct diagnosis_pattern diagnosis_patterns[];
extern const size_t diagnosis_pattern_count;

#endif
