/* Reads one record of a queue file: type, length, content (docs/POSTFIX.md, "Queue files"). All
 * bounds of the format are here, by subtraction from what is left. queue_file.c gives the records
 * their meaning. */
#include "postfix/record.h"

/* Of a character from '@' on. */
#define BIT(character) (UINT64_C(1) << ((character)-64))

/* Every type that rec_type.h knows ("CTAcFSMNLXRDOWIEVKPwpron<i>/emfd"), a bit for each character;
 * anything else is damage. */
static const uint64_t TYPES[2] = {
    UINT64_C(1) << '<' | UINT64_C(1) << '>' | UINT64_C(1) << '/',
    BIT('C') | BIT('T') | BIT('A') | BIT('c') | BIT('F') | BIT('S') | BIT('M') | BIT('N') |
	BIT('L') | BIT('X') | BIT('R') | BIT('D') | BIT('O') | BIT('W') | BIT('I') | BIT('E') |
	BIT('V') | BIT('K') | BIT('P') | BIT('w') | BIT('p') | BIT('r') | BIT('o') | BIT('n') |
	BIT('i') | BIT('e') | BIT('m') | BIT('f') | BIT('d'),
};
/* Five times seven bits: more than RECORD_DATA_MAX can need. */
#define LENGTH_BYTES_MAX 5

static bool is_type(uint8_t type)
{
	return type < 128 && (TYPES[type / 64] >> (type % 64) & 1) != 0;
}

/* `out->next` counts from the record's beginning until the caller makes it a file offset. */
static enum record_result read_bounded(struct slice in, uint64_t left, struct record *out)
{
	uint64_t len = 0;
	size_t at = 1;

	/* How much must be shown to read the length at all, but never more than the file has. */
	out->next = 1 + LENGTH_BYTES_MAX < left ? 1 + LENGTH_BYTES_MAX : left;
	if (in.len == 0)
		return RECORD_MORE;
	out->type = (uint8_t)in.data[0];
	if (!is_type(out->type))
		return RECORD_BAD;
	for (unsigned shift = 0;; shift += 7, at++) {
		uint8_t byte;

		if (at > LENGTH_BYTES_MAX || at >= left)
			return RECORD_BAD;
		if (at >= in.len)
			return RECORD_MORE;
		byte = (uint8_t)in.data[at];
		len |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			break;
	}
	at++;
	/* Here and not when it is read: a forged length must not make the caller ask for memory. */
	if (len > RECORD_DATA_MAX || len > left - at)
		return RECORD_BAD;
	out->next = at + len;
	if (out->next > in.len)
		return RECORD_MORE;
	out->data = slice_make(in.data + at, (size_t)len);
	return RECORD_OK;
}

enum record_result record_read(
    struct slice window, uint64_t window_at, uint64_t at, uint64_t file_size, struct record *out)
{
	struct slice in = {"", 0};
	enum record_result result;

	*out = (struct record){.offset = at};
	if (at > file_size)
		return RECORD_BAD;
	if (at == file_size)
		return RECORD_EOF;
	if (at >= window_at && at - window_at < window.len)
		in = slice_from(window, (size_t)(at - window_at));
	result = read_bounded(in, file_size - at, out);
	out->next += at;
	return result;
}
