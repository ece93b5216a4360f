/* splitmix64, and the few distributions that a mail host needs. */
#include "dice.h"

#include <math.h>

uint64_t dice_roll(struct dice *dice)
{
	uint64_t z = (dice->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

double dice_unit(struct dice *dice)
{
	return (double)(dice_roll(dice) >> 11) * 0x1p-53;
}

int64_t dice_between(struct dice *dice, int64_t lo, int64_t hi)
{
	return lo + (int64_t)(dice_roll(dice) % (uint64_t)(hi - lo + 1));
}

double dice_range(struct dice *dice, double lo, double hi)
{
	return lo + dice_unit(dice) * (hi - lo);
}

double dice_scale(struct dice *dice, double lo, double hi)
{
	return lo * exp(dice_unit(dice) * log(hi / lo));
}

bool dice_chance(struct dice *dice, double probability)
{
	return dice_unit(dice) < probability;
}

/* Over 30 the normal distribution is near enough, and costs the same for any mean. */
static unsigned poisson_large(struct dice *dice, double mean)
{
	double radius = sqrt(-2 * log(1 - dice_unit(dice)));
	double value = mean + sqrt(mean) * radius * cos(6.283185307179586 * dice_unit(dice));

	return value < 0 ? 0 : (unsigned)(value + 0.5);
}

unsigned dice_poisson(struct dice *dice, double mean)
{
	double left;
	unsigned n = 0;

	if (mean <= 0)
		return 0;
	if (mean > 30)
		return poisson_large(dice, mean);
	for (left = dice_unit(dice); left > exp(-mean) && n < 1000; n++)
		left *= dice_unit(dice);
	return n;
}
