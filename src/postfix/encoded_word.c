/* Decodes encoded words of headers (RFC 2047) to UTF-8: what a subject shows. It is mail, so
 * anything may come. What is not a word exactly, or is of an unknown character set, stays as it
 * stands. Each byte is looked at a bounded number of times, whatever the header has. */
#include "postfix/encoded_word.h"

#include <stdint.h>

#include "base/utf8.h"

struct word {
	struct slice charset; /* its name */
	char encoding;	      /* 'b' or 'q' */
	struct slice text;
	size_t len; /* of all of it */
};

struct decoding {
	struct buffer *out;
	/* What the words so far that stand side by side, of one character set, have said. */
	struct buffer bytes;
	struct slice charset;
	struct charsets *charsets;
	bool after_word;
};

/* ---- Character sets ---- */

/* Most words: no converter is needed. */
static bool is_utf8(struct slice name)
{
	static const char *const names[] = {"utf-8", "utf8", "us-ascii", "ascii"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(name, slice_of(names[i])))
			return true;
	return false;
}

/* "utf-8*de-AT": the language says nothing of the characters (RFC 2231). */
static struct slice without_language(struct slice name)
{
	ptrdiff_t language = slice_find_char(name, '*');

	return language >= 0 ? slice_first(name, (size_t)language) : name;
}

static bool is_known(struct charsets *charsets, struct slice name)
{
	return name.len > 0 &&
	       (is_utf8(name) || (charsets != NULL && charsets_know(charsets, name)));
}

/* Words of one character set are put together before they are decoded. Senders cut a character in
 * two between words, though RFC 2047 forbids it. */
static void flush(struct decoding *d)
{
	struct slice bytes = buffer_slice(&d->bytes);

	if (bytes.len > 0 && !is_utf8(d->charset)) {
		BUFFER_AUTO struct buffer decoded = {0};
		struct charset_decoder *decoder = charset_decoder_begin(d->charsets, d->charset);

		charset_decoder_step(decoder, bytes, &decoded);
		charset_decoder_end(decoder, &decoded);
		/* UTF-16 may hold what UTF-8 may not. */
		utf8_append_valid(d->out, buffer_slice(&decoded));
	} else {
		utf8_append_valid(d->out, bytes);
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
	/* One digit alone has six bits and makes no byte. */
	return text.len % 4 != 1;
}

/* At most two, as base64 can have; more of them are a fault, and the word stays as it stands. */
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
		/* Sixteen bits are enough for what is not written yet; the rest must not run over.
		 */
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
static bool read_word(struct charsets *charsets, struct slice s, struct word *word)
{
	struct slice rest = slice_from(s, 2);
	size_t name = token_length(rest, true);

	word->charset = without_language(slice_first(rest, name));
	rest = slice_from(rest, name);
	if (rest.len < 3 || rest.data[0] != '?' || rest.data[2] != '?')
		return false;
	/* 'B' and 'b' are the same, 'Q' and 'q' too. */
	word->encoding = (char)(rest.data[1] | 0x20);
	rest = slice_from(rest, 3);
	word->text = slice_first(rest, token_length(rest, false));
	rest = slice_from(rest, word->text.len);
	if (rest.len < 2 || rest.data[0] != '?' || rest.data[1] != '=')
		return false;
	word->len = s.len - (rest.len - 2);
	if (word->encoding == 'b')
		word->text = without_padding(word->text);
	return (word->encoding == 'q' || (word->encoding == 'b' && is_base64(word->text))) &&
	       is_known(charsets, word->charset);
}

static void add_word(struct decoding *d, struct slice before, const struct word *word)
{
	/* RFC 2047, 6.2: blanks between two encoded words belong to neither. */
	bool beside = d->after_word && slice_trim(before).len == 0;

	if (!beside || !slice_equal_nocase(word->charset, d->charset))
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

void encoded_word_decode(struct charsets *charsets, struct buffer *out, struct slice text)
{
	struct decoding d = {.out = out, .charset = SLICE("utf-8"), .charsets = charsets};
	struct word word;

	for (;;) {
		ptrdiff_t found = slice_find(text, SLICE("=?"));
		size_t at = (size_t)found;

		if (found < 0)
			break;
		if (read_word(charsets, slice_from(text, at), &word)) {
			add_word(&d, slice_first(text, at), &word);
			text = slice_from(text, at + word.len);
		} else {
			/* Past the "=?" only: a word may begin at once behind it. */
			add_plain(&d, slice_first(text, at + 2));
			text = slice_from(text, at + 2);
		}
	}
	add_plain(&d, text);
	buffer_free(&d.bytes);
}
