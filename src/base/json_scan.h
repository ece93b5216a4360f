/* Reads JSON (RFC 8259) member by member, without making a tree of it: for lines that come by the
 * million (`postqueue -j`, logs). Bytes in, values out; the caller knows which member means what.
 *
 * A string without escapes is a slice of the input, another one a slice of `text`. `text` has room
 * for all of them from the start, because no string is longer decoded than escaped: so every slice
 * stays good until the next json_scan_begin. After a mistake `failed` is set, and all else gives
 * nothing. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Arrays and objects inside one another, in values that are skipped. */
#define JSON_SCAN_DEPTH_MAX 16

struct json_scan {
	struct slice in; /* what is left */
	struct buffer *text;
	bool failed;
};

/* Empties `text`, which stays the caller's. */
struct json_scan json_scan_begin(struct slice in, struct buffer *text);

/* Takes the character when it is next, blanks before it aside. */
bool json_scan_take(struct json_scan *s, char c);
/* The same; that it is not next is a mistake. */
void json_scan_expect(struct json_scan *s, char c);
/* "true", "false", "null". */
bool json_scan_take_word(struct json_scan *s, const char *word);
/* Half of a surrogate pair becomes U+FFFD. Control characters in a string are let through. */
struct slice json_scan_string(struct json_scan *s);
/* The characters of a number, as they stand. Empty when there is none, which is no mistake. */
struct slice json_scan_number(struct json_scan *s);
/* A whole number; one below 0 as 2^64 less. Anything else is a mistake. */
uint64_t json_scan_u64(struct json_scan *s);
/* One value of any kind. */
void json_scan_skip(struct json_scan *s);
/* What comes next, blanks aside; '\0' at the end. */
char json_scan_next(struct json_scan *s);

#endif
