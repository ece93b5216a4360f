/* The scanner of JSON lines. It goes forward only, never looks at a byte twice but for escapes, and
 * takes no memory beyond the caller's buffer. */
#include "base/json_scan.h"

#include <string.h>

#include "base/utf8.h"

struct json_scan json_scan_begin(struct slice in, struct buffer *text)
{
	buffer_clear(text);
	/* With this room `text` stays where it is, and slices of it stay good. */
	buffer_reserve(text, in.len + 1);
	return (struct json_scan){.in = in, .text = text};
}

char json_scan_next(struct json_scan *s)
{
	size_t blanks = 0;

	while (blanks < s->in.len && (s->in.data[blanks] == ' ' || s->in.data[blanks] == '\t' ||
					 s->in.data[blanks] == '\r' || s->in.data[blanks] == '\n'))
		blanks++;
	s->in = slice_from(s->in, blanks);
	return s->in.len > 0 ? s->in.data[0] : '\0';
}

bool json_scan_take(struct json_scan *s, char c)
{
	/* At the end json_scan_next gives NUL, which must not be taken for a NUL in the text. */
	if (s->failed || json_scan_next(s) != c || s->in.len == 0)
		return false;
	s->in = slice_from(s->in, 1);
	return true;
}

void json_scan_expect(struct json_scan *s, char c)
{
	if (!json_scan_take(s, c))
		s->failed = true;
}

bool json_scan_take_word(struct json_scan *s, const char *word)
{
	json_scan_next(s);
	if (s->failed || !slice_starts_with(s->in, word))
		return false;
	s->in = slice_from(s->in, strlen(word));
	return true;
}

static bool hex4(struct slice in, uint32_t *code)
{
	*code = 0;
	if (in.len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		int digit = slice_hex_digit(in.data[i]);

		if (digit < 0)
			return false;
		*code = *code << 4 | (uint32_t)digit;
	}
	return true;
}

/* "\uXXXX", perhaps the first half of a pair. Returns what was used; 0: it is none. */
static size_t unicode_escape(struct slice in, struct buffer *out)
{
	uint32_t code, low;

	if (!hex4(slice_from(in, 2), &code))
		return 0;
	if (code >= 0xd800 && code < 0xdc00 && slice_starts_with(slice_from(in, 6), "\\u") &&
	    hex4(slice_from(in, 8), &low) && low >= 0xdc00 && low < 0xe000) {
		utf8_append(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
		return 12;
	}
	/* Half of a pair alone is no character; the rest of the line is still good. */
	utf8_append(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
	return 6;
}

/* One escape at the front of `in`; the bytes used, 0 when it is none. */
static size_t escape(struct slice in, struct buffer *out)
{
	static const char LETTERS[] = "\"\\/bfnrt", VALUES[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (in.len < 2)
		return 0;
	if (in.data[1] == 'u')
		return unicode_escape(in, out);
	letter = memchr(LETTERS, in.data[1], sizeof(LETTERS) - 1);
	if (letter == NULL)
		return 0;
	buffer_append_char(out, VALUES[letter - LETTERS]);
	return 2;
}

/* The offset of the closing quote; sets `escaped` when a backslash stands before it. */
static bool string_end(struct slice in, size_t *end, bool *escaped)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.data[i] == '"') {
			*end = i;
			return true;
		}
		if (in.data[i] == '\\') {
			*escaped = true;
			i++;
		}
	}
	return false;
}

struct slice json_scan_string(struct json_scan *s)
{
	struct slice raw;
	bool escaped = false;
	size_t end, begin = s->text->len;

	if (!json_scan_take(s, '"') || !string_end(s->in, &end, &escaped)) {
		s->failed = true;
		return SLICE("");
	}
	raw = slice_first(s->in, end);
	s->in = slice_from(s->in, end + 1);
	/* Most strings: they are given where they stand in the line. */
	if (!escaped)
		return raw;
	while (raw.len > 0) {
		const char *backslash = memchr(raw.data, '\\', raw.len);
		size_t plain = backslash != NULL ? (size_t)(backslash - raw.data) : raw.len, used;

		buffer_append(s->text, raw.data, plain);
		raw = slice_from(raw, plain);
		if (raw.len == 0)
			break;
		used = escape(raw, s->text);
		if (used == 0) {
			s->failed = true;
			return SLICE("");
		}
		raw = slice_from(raw, used);
	}
	return slice_make(s->text->data + begin, s->text->len - begin);
}

/* The characters of a number; whether they make one is for who needs it. */
struct slice json_scan_number(struct json_scan *s)
{
	struct slice number;
	size_t len = 0;

	json_scan_next(s);
	while (!s->failed && len < s->in.len && s->in.data[len] != '\0' &&
	       strchr("+-.0123456789Ee", s->in.data[len]) != NULL)
		len++;
	number = slice_first(s->in, len);
	s->in = slice_from(s->in, len);
	return number;
}

uint64_t json_scan_u64(struct json_scan *s)
{
	bool negative = json_scan_take(s, '-');
	uint64_t value = 0;

	if (!slice_to_u64(json_scan_number(s), &value))
		s->failed = true;
	/* As showq gives a negative time, so that both listings agree. */
	return negative ? (uint64_t)0 - value : value;
}

/* The name of a member and its colon. */
static void skip_name(struct json_scan *s)
{
	json_scan_string(s);
	json_scan_expect(s, ':');
}

/* A value that has no values in it. */
static void skip_plain(struct json_scan *s)
{
	if (json_scan_next(s) == '"')
		json_scan_string(s);
	else if (!json_scan_take_word(s, "true") && !json_scan_take_word(s, "false") &&
		 !json_scan_take_word(s, "null") && json_scan_number(s).len == 0)
		s->failed = true;
}

/* With a stack of its own, one bit a level, so that no input can use up the real one. */
void json_scan_skip(struct json_scan *s)
{
	uint32_t objects = 0; /* a bit for each level: it is an object */
	unsigned depth = 0;
	size_t text = s->text->len;

	do {
		bool object = json_scan_take(s, '{');

		if (object || json_scan_take(s, '[')) {
			if (depth == JSON_SCAN_DEPTH_MAX)
				s->failed = true;
			objects = objects << 1 | object;
			depth++;
			if (json_scan_next(s) != (object ? '}' : ']')) {
				if (object)
					skip_name(s);
				continue;
			}
		} else
			skip_plain(s);
		/* Behind a value: one more, or the end of this level and of those around it. */
		while (depth > 0 && !s->failed && !json_scan_take(s, ',')) {
			json_scan_expect(s, objects & 1 ? '}' : ']');
			objects >>= 1;
			depth--;
		}
		if (depth > 0 && objects & 1)
			skip_name(s);
	} while (depth > 0 && !s->failed);
	s->text->len = text;
}
