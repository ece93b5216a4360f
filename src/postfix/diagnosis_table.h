/* The table that diagnoses_to_c.py makes from diagnoses.ini; for diagnosis.c alone. */
#ifndef POSTFIX_DIAGNOSIS_TABLE_H
#define POSTFIX_DIAGNOSIS_TABLE_H

#include "postfix/diagnosis.h"

#define DIAGNOSIS_PARTS_MAX 4

/* One `match`. All that is given must fit; `parts` stand in the reason in this order, in any
 * distance. */
struct diagnosis_pattern {
	size_t diagnosis; /* index into diagnosis_table */
	unsigned code;	  /* reply code, 0: any */
	const char *dsn;  /* enhanced status code or the beginning of one, "": any */
	bool suspended;	  /* only what the queue manager deferred without trying */
	bool anchored;	  /* the first part begins the reason */
	size_t part_count;
	struct slice parts[DIAGNOSIS_PARTS_MAX]; /* lower case */
};

extern const struct diagnosis diagnosis_table[];
extern const size_t diagnosis_table_count;
extern const struct diagnosis_pattern diagnosis_patterns[];
extern const size_t diagnosis_pattern_count;

#endif
