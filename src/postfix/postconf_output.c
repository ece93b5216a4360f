#include "postfix/postconf_output.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct {
	char unit;
	int64_t seconds;
} UNITS[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
#define UNIT_COUNT (sizeof(UNITS) / sizeof(UNITS[0]))

/* Nine digits of a strict value. */
#define STRICT_DIGITS_MAX 9

static int64_t unit_seconds(char unit)
{
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (UNITS[i].unit == unit)
			return UNITS[i].seconds;
	return 0;
}

bool postconf_output_is_unit(char unit)
{
	return unit_seconds(unit) != 0;
}

bool postconf_output_parse(struct slice line, struct slice *name, struct slice *value)
{
	struct slice rest = line, before;

	/* A continuation of the value above, or a warning ("postconf: warning: ..."). */
	if (line.len == 0 || line.data[0] == ' ' || line.data[0] == '\t')
		return false;
	if (!slice_split(&rest, '=', &before) || rest.data == NULL)
		return false;
	before = slice_trim(before);
	if (before.len == 0 || slice_find_char(before, ' ') >= 0)
		return false;
	*name = before;
	*value = slice_trim(rest);
	return true;
}

bool postconf_output_find(struct slice output, const char *name, struct slice *value)
{
	struct slice line, found, text;
	bool any = false;

	while (slice_split(&output, '\n', &line)) {
		if (!postconf_output_parse(line, &found, &text) || !slice_is(found, name))
			continue;
		*value = text;
		any = true;
	}
	return any;
}

bool postconf_output_parse_override(struct slice line, struct postconf_output_override *out)
{
	struct slice path;

	if (!postconf_output_parse(line, &path, &out->value))
		return false;
	return slice_split(&path, '/', &out->service) && slice_split(&path, '/', &out->type) &&
	       path.data != NULL && (out->name = path, path.len > 0) && out->service.len > 0 &&
	       out->type.len > 0;
}

static size_t digits(struct slice value)
{
	size_t n = 0;

	while (n < value.len && value.data[n] >= '0' && value.data[n] <= '9')
		n++;
	return n;
}

static bool in_seconds(struct slice number, char unit, int64_t *seconds)
{
	uint64_t n;
	int64_t each = unit_seconds(unit);

	if (each == 0 || !slice_to_u64(number, &n) || n > (uint64_t)(INT_MAX / each))
		return false;
	*seconds = (int64_t)n * each;
	return true;
}

bool postconf_output_time(struct slice value, char default_unit, int64_t *seconds)
{
	struct slice text = slice_trim(value);
	size_t n = digits(text);

	return in_seconds(
	    slice_first(text, n), n < text.len ? text.data[n] : default_unit, seconds);
}

bool postconf_output_strict_time(struct slice value, int64_t *seconds)
{
	size_t n = digits(value);

	if (n == 0 || n > STRICT_DIGITS_MAX || value.len != n + 1)
		return false;
	return in_seconds(slice_first(value, n), value.data[n], seconds);
}

void postconf_output_format_time(int64_t seconds, char out[POSTCONF_OUTPUT_TIME_SIZE])
{
	size_t i = UNIT_COUNT - 1;

	if (seconds != 0)
		for (i = 0; i < UNIT_COUNT - 1 && seconds % UNITS[i].seconds != 0; i++)
			;
	snprintf(out, POSTCONF_OUTPUT_TIME_SIZE, "%lld%c", (long long)(seconds / UNITS[i].seconds),
	    UNITS[i].unit);
}
