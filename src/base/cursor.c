/* Bounds are checked in cursor_bytes; what is of another kind is read by means of it. */
#include "base/cursor.h"

#include <string.h>

struct cursor cursor_init(const void *data, size_t len)
{
	return (struct cursor){data, len, false};
}

struct slice cursor_bytes(struct cursor *c, size_t len)
{
	struct slice s;

	/* The empty slice points somewhere, so that callers may use it without a check. */
	if (c->failed || len > c->left) {
		c->failed = true;
		return (struct slice){"", 0};
	}
	s = slice_make(c->data, len);
	c->data += len;
	c->left -= len;
	return s;
}

static uint64_t little_endian(struct cursor *c, size_t bytes)
{
	struct slice s = cursor_bytes(c, bytes);
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++)
		v |= (uint64_t)(unsigned char)s.data[i] << (8 * i);
	return v;
}

uint8_t cursor_u8(struct cursor *c)
{
	return (uint8_t)little_endian(c, 1);
}

bool cursor_flag(struct cursor *c)
{
	uint8_t v = cursor_u8(c);

	/* One value has one encoding: a flag of 2 is damage. */
	if (v > 1)
		c->failed = true;
	return v == 1;
}

uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)little_endian(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)little_endian(c, 4);
}

uint64_t cursor_u64(struct cursor *c)
{
	return little_endian(c, 8);
}

int64_t cursor_i64(struct cursor *c)
{
	return (int64_t)little_endian(c, 8);
}

/* A length of 32 bits in front, and a limit of the caller's for each text. */
struct slice cursor_string(struct cursor *c, size_t max)
{
	uint32_t len = cursor_u32(c);

	/* Failed before cursor_bytes sees it: a length within the bytes may still be over the
	 * caller's limit. */
	if (len > max)
		c->failed = true;
	return cursor_bytes(c, len);
}

struct slice cursor_cstring(struct cursor *c)
{
	const char *nul = c->left > 0 ? memchr(c->data, '\0', c->left) : NULL;
	struct slice s;

	if (c->failed || nul == NULL) {
		c->failed = true;
		return (struct slice){"", 0};
	}
	s = cursor_bytes(c, (size_t)(nul - c->data));
	cursor_bytes(c, 1);
	return s;
}

struct slice cursor_rest(struct cursor *c)
{
	return cursor_bytes(c, c->left);
}

bool cursor_finished(const struct cursor *c)
{
	return !c->failed && c->left == 0;
}
