/* The address of a request, split and decoded, and matched with the path of a route. */
#include "http/target.h"

#include <string.h>

#include "base/utf8.h"

/* Decodes to the end of `memory`, which has room: decoding never grows. */
static bool decode(
    struct slice in, bool plus_is_blank, struct buffer *memory, struct slice *out, const char **why)
{
	size_t begin = memory->len;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.data[i];
		if (c == '+' && plus_is_blank)
			c = ' ';
		if (c == '%') {
			if (in.len - i < 3 || slice_hex_digit(in.data[i + 1]) < 0 ||
			    slice_hex_digit(in.data[i + 2]) < 0) {
				*why = "A percent sign in the address is not followed by two "
				       "hexadecimal digits.";
				return false;
			}
			c = (char)(slice_hex_digit(in.data[i + 1]) * 16 +
				   slice_hex_digit(in.data[i + 2]));
			i += 2;
		}
		/* Parts are used as C strings further on, which would end there. */
		if (c == '\0') {
			*why = "The address contains a NUL.";
			return false;
		}
		buffer_append_char(memory, c);
	}
	*out = slice_make(memory->data + begin, memory->len - begin);
	/* Checked after decoding, when the bytes are those that are used. */
	*why = "The address is not valid UTF-8.";
	return utf8_valid(*out);
}

/* A path has one spelling. What decodes to a separator or a dot could be cut elsewhere by a proxy
 * in front, and a letter that is written as %61 passes its rules by. RFC 3986, 2.3: these never
 * need to be encoded. */
static bool spelt_plainly(struct slice segment)
{
	for (size_t i = 0; i + 2 < segment.len; i++) {
		int high, low, c;
		if (segment.data[i] != '%')
			continue;
		high = slice_hex_digit(segment.data[i + 1]);
		low = slice_hex_digit(segment.data[i + 2]);
		c = high * 16 + low;
		if (high >= 0 && low >= 0 &&
		    ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c != 0 && c < 0x80 && strchr("-._~/\\", c) != NULL)))
			return false;
	}
	return true;
}

static bool split_path(struct slice path, struct target_parts *parts, const char **why)
{
	struct slice segment;

	path = slice_from(path, 1);
	while (slice_split(&path, '/', &segment)) {
		/* No route has so many. */
		if (parts->segment_count == TARGET_SEGMENTS_MAX) {
			*why = "The path has too many segments.";
			return false;
		}
		*why = "A letter, digit, dot or separator in the path is percent-encoded.";
		if (!spelt_plainly(segment))
			return false;
		if (!decode(segment, false, &parts->memory, &parts->segments[parts->segment_count],
			why))
			return false;
		parts->segment_count++;
	}
	return true;
}

static bool split_query(struct slice query, struct target_parts *parts, const char **why)
{
	struct slice pair;

	while (slice_split(&query, '&', &pair)) {
		struct target_pair *p = &parts->query[parts->query_count];
		struct slice name;
		/* `a=1&&b=2` is what some programs make of an empty parameter. */
		if (pair.len == 0)
			continue;
		if (parts->query_count == TARGET_QUERY_MAX) {
			*why = "The address has too many parameters.";
			return false;
		}
		slice_split(&pair, '=', &name);
		if (!decode(name, true, &parts->memory, &p->name, why) ||
		    !decode(
			pair.data != NULL ? pair : SLICE(""), true, &parts->memory, &p->value, why))
			return false;
		parts->query_count++;
	}
	return true;
}

bool target_split(struct slice target, struct target_parts *parts, const char **why)
{
	struct slice rest = target;

	*why = "The address does not begin with a slash.";
	if (!slice_starts_with(target, "/"))
		return false;
	/* Reserved at once, so that no slice into it moves. */
	buffer_reserve(&parts->memory, target.len + 1);
	slice_split(&rest, '?', &parts->path);
	return split_path(parts->path, parts, why) &&
	       (rest.data == NULL || split_query(rest, parts, why));
}

void target_free(struct target_parts *parts)
{
	buffer_free(&parts->memory);
}

bool target_match(const struct target_parts *parts, const char *pattern, struct target_pair *params,
    size_t max, size_t *count)
{
	struct slice rest = slice_from(slice_of(pattern), 1), segment;
	size_t i = 0;

	*count = 0;
	for (; slice_split(&rest, '/', &segment); i++) {
		if (i == parts->segment_count)
			return false;
		if (!slice_starts_with(segment, "{")) {
			if (!slice_equal(segment, parts->segments[i]))
				return false;
			continue;
		}
		/* An empty segment is no value: `/messages//content` is no message. */
		if (parts->segments[i].len == 0 || *count == max)
			return false;
		params[*count].name = slice_make(segment.data + 1, segment.len - 2);
		params[*count].value = parts->segments[i];
		*count += 1;
	}
	return i == parts->segment_count;
}
