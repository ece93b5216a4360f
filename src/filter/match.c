#include "filter/match.h"

#include <string.h>

/* Sixteen bytes: gcc and clang make one instruction of each operation (SSE2, NEON). */
typedef uint8_t block __attribute__((vector_size(16)));

static block load(const char *p)
{
	block b;

	memcpy(&b, p, sizeof(b));
	return b;
}

static block fold_block(block b)
{
	return b | ((block)((block)(b - 'A') < 26) & 0x20);
}

static char fold_char(char c)
{
	return (char)((unsigned char)c | ((unsigned char)(c - 'A') < 26 ? 0x20 : 0));
}

void match_fold(struct buffer *out, struct slice s)
{
	char *to = buffer_reserve(out, s.len);
	size_t i = 0;

	for (; s.len - i >= sizeof(block); i += sizeof(block)) {
		block b = fold_block(load(s.data + i));
		memcpy(to + i, &b, sizeof(b));
	}
	for (; i < s.len; i++)
		to[i] = fold_char(s.data[i]);
	out->len += s.len;
}

/* So many bytes may be compared in vain for each byte of the value. */
#define VAIN_MAX 4

static bool contains_folded(struct slice value, struct slice needle, struct buffer *scratch)
{
	buffer_clear(scratch);
	match_fold(scratch, value);
	return memmem(scratch->data, scratch->len, needle.data, needle.len) != NULL;
}

static bool here(const char *p, struct slice needle, size_t *compared)
{
	for (size_t i = 0; i < needle.len; i++, ++*compared) {
		if (fold_char(p[i]) != needle.data[i])
			return false;
	}
	return true;
}

bool match_contains(struct slice value, struct slice needle, struct buffer *scratch)
{
	size_t places, at = 0, vain = 0;
	block first, last;

	if (needle.len == 0)
		return true;
	if (value.len < needle.len)
		return false;
	places = value.len - needle.len + 1;
	memset(&first, needle.data[0], sizeof(first));
	memset(&last, needle.data[needle.len - 1], sizeof(last));
	for (; places - at >= sizeof(block); at += sizeof(block)) {
		const char *p = value.data + at;
		block hits = (block)(fold_block(load(p)) == first) &
			     (block)(fold_block(load(p + needle.len - 1)) == last);
		uint64_t halves[2];
		memcpy(halves, &hits, sizeof(halves));
		if ((halves[0] | halves[1]) == 0)
			continue;
		for (size_t i = 0; i < sizeof(block); i++) {
			if (hits[i] && here(p + i, needle, &vain))
				return true;
		}
		if (vain > VAIN_MAX * value.len)
			return contains_folded(value, needle, scratch);
	}
	for (; at < places; at++) {
		if (here(value.data + at, needle, &vain))
			return true;
		if (vain > VAIN_MAX * value.len + 64)
			return contains_folded(value, needle, scratch);
	}
	return false;
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
	ptrdiff_t took =
	    piece_forward(star < 0 ? pattern : slice_first(pattern, (size_t)star), value);

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
