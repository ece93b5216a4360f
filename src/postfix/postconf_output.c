/* Reads what `postconf` prints: "name = value", or with `-P` "service/type/name = value". Times of
 * Postfix are read here too (docs/POSTFIX.md, "Settings and reload"). */
#include "postfix/postconf_output.h"

#include "base/duration.h"
#include <limits.h>

/* Nine digits of a strict value. */
#define STRICT_DIGITS_MAX 9

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
		/* The last one counts, as it does for Postfix where a name stands in main.cf twice.
		 */
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

bool postconf_output_time(struct slice value, char default_unit, int64_t *seconds)
{
	struct slice text = slice_trim(value);

	return duration_take(&text, default_unit, INT_MAX, seconds);
}

bool postconf_output_strict_time(struct slice value, int64_t *seconds)
{
	/* Postfix ignores what is behind a unit's letter, so a typing error would be taken. What we
	 * write ourselves is read strictly instead. */
	return value.len <= STRICT_DIGITS_MAX + 1 && duration_parse(value, 0, INT_MAX, seconds);
}
