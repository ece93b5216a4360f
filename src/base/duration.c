/* The units of time, and the one reader and writer of times with a unit. Pure. */
#include "base/duration.h"

#include <stdio.h>

static const struct {
	char letter;
	int64_t seconds;
} units[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

int64_t duration_unit(char letter)
{
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (units[i].letter == letter)
			return units[i].seconds;
	return 0;
}

bool duration_take(struct slice *text, char default_unit, int64_t max, int64_t *seconds)
{
	size_t n = 0;
	uint64_t number;
	int64_t each;

	while (n < text->len && text->data[n] >= '0' && text->data[n] <= '9')
		n++;
	each = duration_unit(n < text->len ? text->data[n] : default_unit);
	if (each == 0 || !slice_to_u64(slice_first(*text, n), &number) ||
	    /* By division, so that the product cannot overflow. */
	    number > (uint64_t)(max / each))
		return false;
	*seconds = (int64_t)number * each;
	*text = slice_from(*text, n < text->len ? n + 1 : n);
	return true;
}

bool duration_parse(struct slice text, char default_unit, int64_t max, int64_t *seconds)
{
	int64_t value;

	if (!duration_take(&text, default_unit, max, &value) || text.len > 0)
		return false;
	*seconds = value;
	return true;
}

void duration_format(int64_t seconds, char out[DURATION_TEXT_SIZE])
{
	size_t i = UNIT_COUNT - 1;

	if (seconds != 0)
		for (i = 0; i < UNIT_COUNT - 1 && seconds % units[i].seconds != 0; i++)
			;
	snprintf(out, DURATION_TEXT_SIZE, "%lld%c", (long long)(seconds / units[i].seconds),
	    units[i].letter);
}
