#include "filter/match.h"

#include <string.h>

void match_fold(struct buffer *out, struct slice s)
{
	char *to = buffer_reserve(out, s.len);

	/* No branch, so that the compiler makes vectors of it. */
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		to[i] = (char)(c | ((unsigned char)(c - 'A') < 26 ? 0x20 : 0));
	}
	out->len += s.len;
}

static bool continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Matches `piece` (no star in it) at the front of `value`; how many bytes it took, or -1. */
static ptrdiff_t piece_forward(struct slice piece, struct slice value)
{
	size_t at = 0;

	for (size_t i = 0; i < piece.len; i++) {
		if (at == value.len)
			return -1;
		if (piece.data[i] != '?') {
			if (piece.data[i] != value.data[at++])
				return -1;
			continue;
		}
		at++;
		while (at < value.len && continuation(value.data[at]))
			at++;
	}
	return (ptrdiff_t)at;
}

/* The same at the end of `value`. */
static ptrdiff_t piece_backward(struct slice piece, struct slice value)
{
	size_t left = value.len;

	for (size_t i = piece.len; i > 0; i--) {
		if (left == 0)
			return -1;
		if (piece.data[i - 1] != '?') {
			if (piece.data[i - 1] != value.data[--left])
				return -1;
			continue;
		}
		left--;
		while (left > 0 && continuation(value.data[left]))
			left--;
	}
	return (ptrdiff_t)(value.len - left);
}

/* Looks for `piece` anywhere in `value`; the offset behind it, or -1. */
static ptrdiff_t piece_find(struct slice piece, struct slice value)
{
	if (slice_find_char(piece, '?') < 0) {
		const char *hit = memmem(value.data, value.len, piece.data, piece.len);
		return hit ? hit - value.data + (ptrdiff_t)piece.len : -1;
	}
	for (size_t start = 0; start < value.len; start++) {
		ptrdiff_t took = piece_forward(piece, slice_from(value, start));
		if (took >= 0)
			return (ptrdiff_t)start + took;
	}
	return -1;
}

bool match_glob(struct slice pattern, struct slice value)
{
	ptrdiff_t star = slice_find_char(pattern, '*');
	ptrdiff_t took = piece_forward(star < 0 ? pattern : slice_first(pattern, (size_t)star), value);

	if (took < 0)
		return false;
	value = slice_from(value, (size_t)took);
	if (star < 0)
		return value.len == 0;
	pattern = slice_from(pattern, (size_t)star + 1);
	while ((star = slice_find_char(pattern, '*')) >= 0) {
		took = piece_find(slice_first(pattern, (size_t)star), value);
		if (took < 0)
			return false;
		value = slice_from(value, (size_t)took);
		pattern = slice_from(pattern, (size_t)star + 1);
	}
	return piece_backward(pattern, value) >= 0;
}
