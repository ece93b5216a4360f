/* A byte buffer that grows. Zero-initialised is empty: `struct buffer b = {0};`. Whoever declares
 * it frees it (BUFFER_AUTO frees at the end of the scope). Appending never fails (see memory.h):
 * what comes from outside is bounded by the caller. Integers are written little-endian, the same
 * way that cursor.h reads them. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct buffer {
	char *data;
	size_t len;
	size_t cap;
};

void buffer_free(struct buffer *b);
#define BUFFER_AUTO __attribute__((cleanup(buffer_free)))

/* Empties without giving the memory back. */
void buffer_clear(struct buffer *b);
/* Room for at least `more` bytes after the end; returns where they begin. */
char *buffer_reserve(struct buffer *b, size_t more);
void buffer_append(struct buffer *b, const void *data, size_t len);
void buffer_append_slice(struct buffer *b, struct slice s);
void buffer_append_string(struct buffer *b, const char *s);
void buffer_append_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As in a URL's query: all but letters, digits and -._~ is written as %XX. */
void buffer_append_percent(struct buffer *b, struct slice s);
/* Drops the first `len` bytes (at most all). */
void buffer_consume(struct buffer *b, size_t len);
/* NUL-terminates (the NUL is not counted) and returns the text; valid until the next change. */
const char *buffer_string(struct buffer *b);
struct slice buffer_slice(const struct buffer *b);

void buffer_put_u8(struct buffer *b, uint8_t v);
void buffer_put_u16(struct buffer *b, uint16_t v);
void buffer_put_u32(struct buffer *b, uint32_t v);
void buffer_put_u64(struct buffer *b, uint64_t v);
void buffer_put_i64(struct buffer *b, int64_t v);
/* A string: its length as u32, then its bytes. */
void buffer_put_string(struct buffer *b, struct slice s);

#endif
