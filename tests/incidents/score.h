/* Judges incidents by what was planted. Each time that an incident is open, from opening to quiet,
 * is an episode: right, wrong, or neither (a consequence of a truth, or too little to tell). */
#ifndef INCIDENTS_SCORE_H
#define INCIDENTS_SCORE_H

#include <stdbool.h>
#include <stdio.h>

#include "world.h"

struct score;

struct score *score_create(void);
void score_free(struct score *score);

void score_begin(struct score *score, uint64_t seed);
/* After each turn. */
void score_turn(struct score *score, const struct world *w, const struct incidents *incidents);
/* At the end of a world. `details`: what was missed and what was wrong; NULL: nowhere. */
void score_end(struct score *score, const struct world *w, FILE *details);

void score_print(struct score *score, FILE *out);
/* Whether all is as docs/BENCHMARKS.md asks; says what is not. `slack` is taken off each share, as
 * a few worlds have few truths; 0: nothing is. */
bool score_holds(struct score *score, double slack, FILE *out);
/* Of all that was shown in all turns so far: equal plays have equal ones. */
uint64_t score_digest(const struct score *score);

#endif
