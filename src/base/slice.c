/* Comparing, finding, splitting and reading numbers, without regard to locale: letters are those
 * of ASCII. */
#include "base/slice.h"

static unsigned char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

static bool equal_nocase(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
	/* Most that are equal are so exactly, and memcmp is much faster. */
	return slice_equal(a, b) || (a.len == b.len && equal_nocase(a.data, b.data, a.len));
}

int slice_compare(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.data, b.data, len) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool slice_starts_with(struct slice s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && slice_is(slice_first(s, len), prefix);
}

bool slice_ends_with(struct slice s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && slice_is(slice_from(s, s.len - len), suffix);
}

ptrdiff_t slice_find(struct slice s, struct slice needle)
{
	const char *at;

	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return -1;
	at = memmem(s.data, s.len, needle.data, needle.len);
	return at != NULL ? at - s.data : -1;
}

/* Byte by byte: for the short texts that people type. Filters search by means of their own. */
ptrdiff_t slice_find_nocase(struct slice s, struct slice needle)
{
	if (needle.len == 0)
		return 0;
	for (size_t i = 0; s.len >= needle.len && i <= s.len - needle.len; i++)
		if (fold(s.data[i]) == fold(needle.data[0]) &&
		    equal_nocase(s.data + i, needle.data, needle.len))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t slice_find_char(struct slice s, char c)
{
	const char *at = s.len > 0 ? memchr(s.data, c, s.len) : NULL;

	return at != NULL ? at - s.data : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.data[0]))
		s = slice_from(s, 1);
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool slice_split(struct slice *rest, char separator, struct slice *part)
{
	ptrdiff_t at;

	if (rest->data == NULL)
		return false;
	at = slice_find_char(*rest, separator);
	if (at < 0) {
		*part = *rest;
		/* NULL and not empty: "a," has two parts and "a" has one. */
		*rest = (struct slice){NULL, 0};
		return true;
	}
	*part = slice_first(*rest, (size_t)at);
	*rest = slice_from(*rest, (size_t)at + 1);
	return true;
}

bool slice_to_u64(struct slice s, uint64_t *value)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		/* A number that does not fit is refused: cut off it would be another number. */
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s.data[i] - '0'), &n))
			return false;
	}
	*value = n;
	return true;
}

int slice_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}
