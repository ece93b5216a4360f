/* A look at the whole queue, a part of it at a time: who has how much in it, what waits for which
 * destination and why. Single groups (groups.h) of a million messages take ten to fifty
 * milliseconds each, all at once. A survey takes as long as all of them together, but between its
 * steps others have their turn.
 *
 * A row is looked at once. What changes behind the survey's back is not in it, and a text whose
 * number is used again meanwhile may take over the count of another: it is a picture of some
 * seconds, good enough to notice by and never to act on. */
#ifndef INDEX_SURVEY_H
#define INDEX_SURVEY_H

#include "index/groups/answer.h"
#include "index/index.h"

struct survey;

/* Keeps between two surveys which host each reply names: to find that anew would take most of the
 * time. Eight bytes for each different reply. The index outlives it. */
struct survey *survey_create(struct index *ix);
/* Accepts a pointer to NULL. */
void survey_free(struct survey **s);

/* Begins anew; what was found before is forgotten. */
void survey_begin(struct survey *s, int64_t now);
/* Looks at the next `rows` (rounded up to 64). False when all of them were looked at. */
bool survey_step(struct survey *s, uint32_t rows);
/* The largest of all that was looked at, and the end: the sums are forgotten. The caller frees
 * `out`. */
void survey_result(struct survey *s, struct survey_result *out);

#endif
