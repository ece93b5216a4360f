#include "postfix/encoded_word.h"

#include <stdint.h>

#include "base/utf8.h"

enum charset { CHARSET_OTHER, CHARSET_UTF8, CHARSET_WINDOWS_1252, CHARSET_LATIN9 };

static const struct {
	const char *name;
	enum charset charset;
} charsets[] = {
    {"utf-8", CHARSET_UTF8},
    {"utf8", CHARSET_UTF8},
    {"us-ascii", CHARSET_UTF8},
    {"ascii", CHARSET_UTF8},
    /* As browsers do (WHATWG Encoding): who writes 0x80 to 0x9f there does not mean controls. */
    {"iso-8859-1", CHARSET_WINDOWS_1252},
    {"latin1", CHARSET_WINDOWS_1252},
    {"windows-1252", CHARSET_WINDOWS_1252},
    {"cp1252", CHARSET_WINDOWS_1252},
    {"iso-8859-15", CHARSET_LATIN9},
    {"latin9", CHARSET_LATIN9},
};

#define NONE 0xfffd
/* 0x80 to 0x9f of windows-1252 (Unicode's MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT). */
static const uint16_t windows_1252[32] = {0x20ac, NONE, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020,
    0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, NONE, 0x017d, NONE, NONE, 0x2018, 0x2019,
    0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, NONE, 0x017e,
    0x0178};

struct word {
	enum charset charset;
	char encoding; /* 'b' or 'q' */
	struct slice text;
	size_t len; /* of all of it */
};

struct decoding {
	struct buffer *out;
	/* What the words so far that stand side by side, of one character set, have said. */
	struct buffer bytes;
	enum charset charset;
	bool after_word;
};

/* ---- Character sets ---- */

static enum charset charset_of(struct slice name)
{
	ptrdiff_t language = slice_find_char(name, '*');

	if (language >= 0)
		name = slice_first(name, (size_t)language);
	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (slice_equal_nocase(name, slice_of(charsets[i].name)))
			return charsets[i].charset;
	return CHARSET_OTHER;
}

/* ISO 8859-15 is ISO 8859-1 but for eight characters. */
static uint32_t latin9(unsigned char c)
{
	switch (c) {
	case 0xa4:
		return 0x20ac;
	case 0xa6:
		return 0x160;
	case 0xa8:
		return 0x161;
	case 0xb4:
		return 0x17d;
	case 0xb8:
		return 0x17e;
	case 0xbc:
		return 0x152;
	case 0xbd:
		return 0x153;
	case 0xbe:
		return 0x178;
	default:
		return c >= 0x80 && c < 0xa0 ? NONE : c;
	}
}

/* Of the first plane, which is where all of these character sets are. */
static void append_character(struct buffer *out, uint32_t c)
{
	if (c < 0x80) {
		buffer_append_char(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buffer_append_char(out, (char)(0xc0 | c >> 6));
	} else {
		buffer_append_char(out, (char)(0xe0 | c >> 12));
		buffer_append_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buffer_append_char(out, (char)(0x80 | (c & 0x3f)));
}

static void flush(struct decoding *d)
{
	struct slice bytes = buffer_slice(&d->bytes);

	if (d->charset == CHARSET_UTF8) {
		utf8_append_valid(d->out, bytes);
	} else {
		for (size_t i = 0; i < bytes.len; i++) {
			unsigned char c = (unsigned char)bytes.data[i];

			if (d->charset == CHARSET_LATIN9)
				append_character(d->out, latin9(c));
			else
				append_character(
				    d->out, c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80] : c);
		}
	}
	buffer_clear(&d->bytes);
}

/* ---- Encodings ---- */

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Padding may be missing, as it often is. */
static bool is_base64(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (base64_digit(text.data[i]) < 0)
			return false;
	return text.len % 4 != 1;
}

static struct slice without_padding(struct slice text)
{
	for (int i = 0; i < 2 && slice_ends_with(text, "="); i++)
		text = slice_first(text, text.len - 1);
	return text;
}

static void append_base64(struct buffer *out, struct slice text)
{
	uint32_t bits = 0;
	unsigned count = 0;

	for (size_t i = 0; i < text.len; i++) {
		bits = (bits << 6 | (uint32_t)base64_digit(text.data[i])) & 0xffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			buffer_append_char(out, (char)(bits >> count & 0xff));
		}
	}
}

static void append_quoted(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		bool pair = text.data[i] == '=' && text.len - i > 2;
		int high = pair ? slice_hex_digit(text.data[i + 1]) : -1;
		int low = pair ? slice_hex_digit(text.data[i + 2]) : -1;

		if (high >= 0 && low >= 0) {
			buffer_append_char(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buffer_append_char(out, text.data[i] == '_' ? ' ' : text.data[i]);
		}
	}
}

/* ---- Words ---- */

/* The length of what is printable, no blank, no '?', and, in a name, no '=': a scan never runs over
 * the beginning of another word, so that each byte is looked at twice at most. */
static size_t token_length(struct slice s, bool name)
{
	size_t len = 0;

	while (len < s.len && (unsigned char)s.data[len] > ' ' && s.data[len] != 0x7f &&
	       s.data[len] != '?' && !(name && s.data[len] == '='))
		len++;
	return len;
}

/* Reads a word at the front of `s`, which begins with "=?". */
static bool read_word(struct slice s, struct word *word)
{
	struct slice rest = slice_from(s, 2);
	size_t name = token_length(rest, true);

	word->charset = charset_of(slice_first(rest, name));
	rest = slice_from(rest, name);
	if (word->charset == CHARSET_OTHER || rest.len < 3 || rest.data[0] != '?' ||
	    rest.data[2] != '?')
		return false;
	word->encoding = (char)(rest.data[1] | 0x20);
	rest = slice_from(rest, 3);
	word->text = slice_first(rest, token_length(rest, false));
	rest = slice_from(rest, word->text.len);
	if (rest.len < 2 || rest.data[0] != '?' || rest.data[1] != '=')
		return false;
	word->len = s.len - (rest.len - 2);
	if (word->encoding == 'b')
		word->text = without_padding(word->text);
	return word->encoding == 'q' || (word->encoding == 'b' && is_base64(word->text));
}

static void add_word(struct decoding *d, struct slice before, const struct word *word)
{
	/* RFC 2047, 6.2: blanks between two encoded words belong to neither. */
	bool beside = d->after_word && slice_trim(before).len == 0;

	if (!beside || word->charset != d->charset)
		flush(d);
	if (!beside)
		buffer_append_slice(d->out, before);
	d->charset = word->charset;
	d->after_word = true;
	if (word->encoding == 'b')
		append_base64(&d->bytes, word->text);
	else
		append_quoted(&d->bytes, word->text);
}

static void add_plain(struct decoding *d, struct slice text)
{
	flush(d);
	d->after_word = false;
	buffer_append_slice(d->out, text);
}

void encoded_word_decode(struct buffer *out, struct slice text)
{
	struct decoding d = {.out = out, .charset = CHARSET_UTF8};
	struct word word;

	for (;;) {
		ptrdiff_t found = slice_find(text, SLICE("=?"));
		size_t at = (size_t)found;

		if (found < 0)
			break;
		if (read_word(slice_from(text, at), &word)) {
			add_word(&d, slice_first(text, at), &word);
			text = slice_from(text, at + word.len);
		} else {
			add_plain(&d, slice_first(text, at + 2));
			text = slice_from(text, at + 2);
		}
	}
	add_plain(&d, text);
	buffer_free(&d.bytes);
}
