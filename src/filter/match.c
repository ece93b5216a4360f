/* One term against one value. Both are made so that nobody outside can make them slow: what looks
 * promising everywhere is handed to a linear search, and a pattern's pieces are never taken back.
 */
#include "filter/match.h"

#include <string.h>

#include "filter/block.h"

static block fold_block(block b)
{
	return b | ((block)((block)(b - 'A') < 26) & 0x20);
}

void match_fold(struct buffer *out, struct slice s)
{
	char *to = buffer_reserve(out, s.len);
	size_t i = 0;

	for (; s.len - i >= sizeof(block); i += sizeof(block)) {
		block b = fold_block(block_load(s.data + i));
		memcpy(to + i, &b, sizeof(b));
	}
	for (; i < s.len; i++)
		to[i] = block_fold_char(s.data[i]);
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

/* Counts what it compares, so that its caller can tell when a value was made to look promising.
 */
static bool here(const char *p, struct slice needle, size_t *compared)
{
	for (size_t i = 0; i < needle.len; i++, ++*compared) {
		if (block_fold_char(p[i]) != needle.data[i])
			return false;
	}
	return true;
}

/* A place is worth a look where the needle's first and last byte are. A byte with the bit 0x20 set
 * is the letter that the needle has exactly when it is that letter in either case. */
struct probe {
	block first, last, first_bit, last_bit;
	size_t apart;
};

static struct probe make_probe(struct slice needle)
{
	char first = needle.data[0], last = needle.data[needle.len - 1];
	struct probe p = {.apart = needle.len - 1};

	memset(&p.first, first, sizeof(p.first));
	memset(&p.last, last, sizeof(p.last));
	memset(&p.first_bit, (unsigned char)(first - 'a') < 26 ? 0x20 : 0, sizeof(p.first_bit));
	memset(&p.last_bit, (unsigned char)(last - 'a') < 26 ? 0x20 : 0, sizeof(p.last_bit));
	return p;
}

static block hits_at(const struct probe *p, const char *text)
{
	return (block)((block_load(text) | p->first_bit) == p->first) &
	       (block)((block_load(text + p->apart) | p->last_bit) == p->last);
}

/* The first place from `at` on that is worth a look; `places` when there is none. */
static size_t next_place(const struct probe *p, const char *text, size_t at, size_t places)
{
	const size_t step = sizeof(block);

	if (at >= places)
		return places;
	for (; places - at >= 4 * step; at += 4 * step) {
		const char *t = text + at;
		if (block_any(hits_at(p, t) | hits_at(p, t + step) | hits_at(p, t + 2 * step) |
			      hits_at(p, t + 3 * step)))
			break;
	}
	for (; places - at >= step; at += step) {
		block hits = hits_at(p, text + at);
		if (!block_any(hits))
			continue;
		for (size_t i = 0; !hits[i]; i++)
			at++;
		return at;
	}
	while (at < places && (block_fold_char(text[at]) != (char)p->first[0] ||
				  block_fold_char(text[at + p->apart]) != (char)p->last[0]))
		at++;
	return at;
}

bool match_contains(struct slice value, struct slice needle, struct buffer *scratch)
{
	size_t places, at = 0, vain = 0;
	struct probe probe;

	if (needle.len == 0)
		return true;
	if (value.len < needle.len)
		return false;
	places = value.len - needle.len + 1;
	probe = make_probe(needle);
	while ((at = next_place(&probe, value.data, at, places)) < places) {
		if (here(value.data + at, needle, &vain))
			return true;
		if (vain > VAIN_MAX * value.len + 64)
			return contains_folded(value, needle, scratch);
		at++;
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

/* The first and the last piece are bound to the ends of the value; those between may be taken at
 * the first place where they are, because a later place leaves less room for the rest. */
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
