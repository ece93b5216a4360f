/* Random numbers that are the same for the same seed everywhere (splitmix64). */
#ifndef INCIDENTS_DICE_H
#define INCIDENTS_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state; /* the seed */
};

uint64_t dice_roll(struct dice *dice);
/* In [0, 1). */
double dice_unit(struct dice *dice);
/* Of lo to hi, both among them. */
int64_t dice_between(struct dice *dice, int64_t lo, int64_t hi);
/* Spread evenly, and evenly over the powers. */
double dice_range(struct dice *dice, double lo, double hi);
double dice_scale(struct dice *dice, double lo, double hi);
bool dice_chance(struct dice *dice, double probability);
/* How often something happens that happens `mean` times on average. */
unsigned dice_poisson(struct dice *dice, double mean);

#endif
