/* Times as people, filters and Postfix's configuration write them: digits and one unit letter of
 * s m h d w. All that reads or writes one does it by this table. */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* The seconds that a unit letter stands for; 0 when it is none. Small letters only. */
int64_t duration_unit(char letter);

/* Reads digits and the unit behind them from the beginning of `text`, and takes them off it.
 * `default_unit` counts where the digits end the text; 0: there must be a unit. False, with nothing
 * taken, where there are no digits or no unit, or where it is more than `max` seconds. */
bool duration_take(struct slice *text, char default_unit, int64_t max, int64_t *seconds);

/* The same for a text that must be nothing else. */
bool duration_parse(struct slice text, char default_unit, int64_t max, int64_t *seconds);

/* In the largest unit that gives a whole number: 432000 is "5d", 4000 is "4000s", 0 is "0s". */
#define DURATION_TEXT_SIZE 24
void duration_format(int64_t seconds, char out[DURATION_TEXT_SIZE]);

#endif
