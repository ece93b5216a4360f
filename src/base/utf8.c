/* Decoding that refuses what RFC 3629 forbids (overlong forms, surrogates), and everything else
 * by means of it. */
#include "base/utf8.h"

size_t utf8_decode(struct slice s, uint32_t *code_point)
{
	/* The smallest code point of each length; what is below is overlong. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)s.data[0];
	size_t len = first < 0x80	? 1
		     : first >> 5 == 6	? 2
		     : first >> 4 == 14 ? 3
		     : first >> 3 == 30 ? 4
					: 0;
	uint32_t value;

	if (len == 0 || len > s.len)
		return 0;
	value = len == 1 ? first : first & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c >> 6 != 2)
			return 0;
		value = value << 6 | (c & 0x3f);
	}
	/* Overlong, beyond Unicode, or half of a pair of UTF-16. */
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*code_point = value;
	return len;
}

bool utf8_valid(struct slice s)
{
	uint32_t code_point;

	while (s.len > 0) {
		size_t len = utf8_decode(s, &code_point);

		if (len == 0)
			return false;
		s = slice_from(s, len);
	}
	return true;
}

void utf8_append_valid(struct buffer *out, struct slice s)
{
	uint32_t code_point;

	while (s.len > 0) {
		size_t len = utf8_decode(s, &code_point);

		if (len > 0)
			buffer_append(out, s.data, len);
		else
			buffer_append_string(out, "\xef\xbf\xbd");
		/* One byte at a time behind a bad one: the next character may be whole. */
		s = slice_from(s, len > 0 ? len : 1);
	}
}

/* A text that is cut must not end in half a character. */
struct slice utf8_first(struct slice s, size_t max)
{
	size_t len = max;

	if (s.len <= max)
		return s;
	/* Step back over at most three continuation bytes; more than that is not UTF-8 anyway. */
	for (int i = 0; i < 3 && len > 0 && ((unsigned char)s.data[len] >> 6) == 2; i++)
		len--;
	return slice_first(s, len);
}

void utf8_append(struct buffer *out, uint32_t code_point)
{
	uint32_t c = code_point;

	if (c < 0x80) {
		buffer_append_char(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buffer_append_char(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buffer_append_char(out, (char)(0xe0 | c >> 12));
		} else {
			buffer_append_char(out, (char)(0xf0 | c >> 18));
			buffer_append_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buffer_append_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buffer_append_char(out, (char)(0x80 | (c & 0x3f)));
}
