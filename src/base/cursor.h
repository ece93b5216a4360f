/* The one place that reads bytes with bounds. A cursor fails once and stays failed: every later
 * read gives zero or the empty slice, so a decoder reads all its fields and asks cursor_finished()
 * once. Slices point into the bytes given to cursor_init. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct cursor {
	const char *data;
	size_t left;
	bool failed;
};

struct cursor cursor_init(const void *data, size_t len);
uint8_t cursor_u8(struct cursor *c);
/* A byte that is 0 or 1; any other fails. */
bool cursor_flag(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
int64_t cursor_i64(struct cursor *c);
/* A string as buffer_put_string writes it; longer than `max` bytes fails. */
struct slice cursor_string(struct cursor *c, size_t max);
/* The next `len` bytes. */
struct slice cursor_bytes(struct cursor *c, size_t len);
/* The bytes up to and without the next NUL, which is consumed; fails where there is none. */
struct slice cursor_cstring(struct cursor *c);
/* Everything that is left. */
struct slice cursor_rest(struct cursor *c);
/* True when nothing failed and nothing is left over. */
bool cursor_finished(const struct cursor *c);

#endif
