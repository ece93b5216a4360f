/* A view of bytes that somebody else owns; not NUL-terminated, may contain NUL. The empty slice has
 * len 0 and any data. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *data;
	size_t len;
};

#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
/* printf("%.*s", SLICE_ARGS(s)) */
#define SLICE_ARGS(s) (int)(s).len, (s).data

/* In the header, because the parsers call them for every byte or two: with a literal, slice_of and
 * slice_is cost a compare of lengths. */
static inline struct slice slice_of(const char *string)
{
	return (struct slice){string, strlen(string)};
}

static inline struct slice slice_make(const void *data, size_t len)
{
	return (struct slice){(const char *)data, len};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b); /* ASCII letters only */
static inline bool slice_is(struct slice s, const char *string)
{
	return slice_equal(s, slice_of(string));
}

int slice_compare(struct slice a, struct slice b); /* like memcmp, the shorter first */
bool slice_starts_with(struct slice s, const char *prefix);
bool slice_ends_with(struct slice s, const char *suffix);

/* The offset of the first `needle` in `s`, or -1. slice_find_nocase folds ASCII letters; linear in
 * s.len for the short needles that people type (s.len times needle.len at worst). */
ptrdiff_t slice_find(struct slice s, struct slice needle);
ptrdiff_t slice_find_nocase(struct slice s, struct slice needle);
ptrdiff_t slice_find_char(struct slice s, char c);

/* Without the first `n` bytes (at most all of them); only the first `n`. */
static inline struct slice slice_from(struct slice s, size_t n)
{
	if (n > s.len)
		n = s.len;
	/* Nothing may be added to NULL, not even 0: an empty buffer's data is NULL. */
	return n == 0 ? s : (struct slice){s.data + n, s.len - n};
}

static inline struct slice slice_first(struct slice s, size_t n)
{
	return (struct slice){s.data, n < s.len ? n : s.len};
}

struct slice slice_trim(struct slice s); /* without blanks, tabs, CR, LF on both sides */

/* Takes the part before `separator` off the front of *rest and returns it; the whole rest when
 * there is none. False when *rest is already used up (its data is NULL then). */
bool slice_split(struct slice *rest, char separator, struct slice *part);

/* Unsigned decimal, all of it digits, at least one, no sign; false on overflow. */
bool slice_to_u64(struct slice s, uint64_t *value);

/* The value of a hexadecimal digit of either case, or -1. */
int slice_hex_digit(char c);

#endif
