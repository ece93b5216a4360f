/* What a queue ID is, and what it tells: its form, time, inode and directory (docs/POSTFIX.md,
 * "Queue IDs"). Every ID from outside passes queue_id_valid before it becomes a file name or a line
 * for postsuper. It is stricter than Postfix, which takes up to 255 letters, digits and
 * underscores. */
#include "postfix/queue_id.h"

#include <string.h>

/* Five digits of microseconds and at least one of the inode; 21 with an inode of 64 bits. */
#define SHORT_MIN 6
#define SHORT_MAX 21
#define SHORT_USEC_DIGITS 5
/* Six digits of seconds today, more in the far future, and always four of microseconds. */
#define LONG_TIME_MIN 10
#define LONG_TIME_MAX 15
#define LONG_USEC_DIGITS 4
#define LONG_INODE_MAX 12

/* The digits of base 52 (safe_ultostr.c): 0-9, then the consonants, B to Z and b to z. Base 51 has
 * no z. Each ID is checked many times on its way: no search in a table of them. */
#define BASE_TIME 52
#define BASE_INODE 51
/* Bits of a, e, i, o and u, counted from a. */
#define VOWELS 0x104111u

static bool is_upper_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

/* The letter's place in the alphabet; over 25 for what is none. */
static unsigned letter_of(char c)
{
	return (unsigned)(unsigned char)(c | 0x20) - 'a';
}

static bool is_digit_of(char c, unsigned base)
{
	unsigned letter = letter_of(c);

	if (letter > 25)
		return c >= '0' && c <= '9';
	return (VOWELS >> letter & 1) == 0 && (c != 'z' || base == BASE_TIME);
}

/* Of a character that is one. */
static unsigned digit_value(char c)
{
	unsigned letter = letter_of(c);

	if (letter > 25)
		return (unsigned)(c - '0');
	letter -= (unsigned)__builtin_popcount(VOWELS & ((1u << letter) - 1));
	return letter + (c < 'a' ? 10 : 31);
}

static bool is_short(struct slice id)
{
	if (id.len < SHORT_MIN || id.len > SHORT_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!is_upper_hex(id.data[i]))
			return false;
	return true;
}

/* Splits a long ID at its last 'z' (the time may contain one, the inode never does). */
static bool split_long(struct slice id, struct slice *time, struct slice *inode)
{
	size_t z = id.len;

	if (id.len > QUEUE_ID_MAX)
		return false;
	while (z > 0 && id.data[z - 1] != 'z')
		z--;
	if (z == 0)
		return false;
	*time = slice_first(id, z - 1);
	*inode = slice_from(id, z);
	if (time->len < LONG_TIME_MIN || time->len > LONG_TIME_MAX)
		return false;
	if (inode->len < 1 || inode->len > LONG_INODE_MAX)
		return false;
	for (size_t i = 0; i < time->len; i++)
		if (!is_digit_of(time->data[i], BASE_TIME))
			return false;
	for (size_t i = 0; i < inode->len; i++)
		if (!is_digit_of(inode->data[i], BASE_INODE))
			return false;
	return true;
}

/* The value of `text` in that base; false on overflow. All digits were checked. */
static bool decode(struct slice text, uint64_t base, uint64_t *value)
{
	uint64_t v = 0;

	for (size_t i = 0; i < text.len; i++) {
		/* 51 is the largest digit. */
		if (v > (UINT64_MAX - 51) / base)
			return false;
		v = v * base + digit_value(text.data[i]);
	}
	*value = v;
	return true;
}

static bool decode_hex(struct slice text, uint64_t *value)
{
	uint64_t v = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (v > UINT64_MAX >> 4)
			return false;
		v = v << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'A' + 10);
	}
	*value = v;
	return true;
}

enum queue_id_form queue_id_form(struct slice id)
{
	struct slice time, inode;

	if (is_short(id))
		return QUEUE_ID_SHORT;
	return split_long(id, &time, &inode) ? QUEUE_ID_LONG : QUEUE_ID_INVALID;
}

bool queue_id_valid(struct slice id)
{
	return queue_id_form(id) != QUEUE_ID_INVALID;
}

/* Seconds and microseconds stand without a mark between them: the last four digits are the
 * microseconds. */
static bool long_times(struct slice id, uint64_t *seconds, uint64_t *us)
{
	struct slice time, inode;

	if (!split_long(id, &time, &inode))
		return false;
	return decode(slice_first(time, time.len - LONG_USEC_DIGITS), BASE_TIME, seconds) &&
	       decode(slice_from(time, time.len - LONG_USEC_DIGITS), BASE_TIME, us);
}

bool queue_id_time_us(struct slice id, int64_t *us)
{
	uint64_t seconds, fraction;

	if (!long_times(id, &seconds, &fraction) || fraction >= 1000000 ||
	    seconds > (uint64_t)INT64_MAX / 1000000 - 1)
		return false;
	*us = (int64_t)(seconds * 1000000 + fraction);
	return true;
}

bool queue_id_inode(struct slice id, uint64_t *inode)
{
	struct slice time, number;

	if (is_short(id))
		return decode_hex(slice_from(id, SHORT_USEC_DIGITS), inode);
	return split_long(id, &time, &number) && decode(number, BASE_INODE, inode);
}

/* As %05lX prints it. */
static struct slice hex_of(uint64_t value, char out[16])
{
	size_t at = 16;

	while (value != 0 || at > 16 - SHORT_USEC_DIGITS) {
		out[--at] = "0123456789ABCDEF"[value % 16];
		value /= 16;
	}
	return slice_make(out + at, 16 - at);
}

bool queue_id_hash_directory(struct slice id, unsigned depth, char out[QUEUE_ID_HASH_SIZE])
{
	char hex[16];
	struct slice from = id;
	uint64_t seconds, us;

	if (depth > QUEUE_ID_DEPTH_MAX)
		return false;
	if (!is_short(id)) {
		/* A long ID is hashed by its microseconds as a short one would have them: its first
		 * digits are the same for years. */
		if (!long_times(id, &seconds, &us))
			return false;
		from = hex_of(us, hex);
	}
	for (unsigned i = 0; i < depth; i++) {
		out[2 * i] = i < from.len ? from.data[i] : '_';
		out[2 * i + 1] = '/';
	}
	out[(size_t)2 * depth] = '\0';
	return true;
}
