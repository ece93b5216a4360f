#include "index/reason_class.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"

/* What a word is made of. */
struct shape {
	size_t digits, letters, upper, dots, colons, dashes, others, at;
	bool hex; /* only digits, a-f, A-F and dashes */
	bool dsn_dots; /* digits and dots only */
};

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_' || c == '@' || c == ':' ||
	       c == '+' || c == '=' || c == '/' || c == '&' || c == '%' || (c & 0x80);
}

static struct shape shape_of(struct slice word)
{
	struct shape s = {.hex = true, .dsn_dots = true};

	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.data[i];
		s.digits += isdigit(c) != 0;
		s.letters += isalpha(c) != 0;
		s.upper += isupper(c) != 0;
		s.dots += c == '.';
		s.colons += c == ':';
		s.dashes += c == '-';
		s.at += c == '@';
		s.others += !isalnum(c) && c != '.' && c != ':' && c != '-' && c != '@';
		s.hex = s.hex && (isxdigit(c) || c == '-' || c == ':');
		s.dsn_dots = s.dsn_dots && (isdigit(c) || c == '.');
	}
	return s;
}

/* "said: 450", "4.2.2": what kind of answer it is, so it stays. `leads`: nothing or a colon is before. */
static bool is_code(struct slice word, const struct shape *s, bool leads)
{
	char first = word.len ? word.data[0] : '\0';

	if (first != '4' && first != '5' && first != '2')
		return false;
	if (s->dots == 0)
		return leads && word.len == 3 && s->digits == 3;
	return s->dsn_dots && s->dots == 2 && word.len >= 5 && word.len <= 9 && word.data[1] == '.';
}

/* The stand-in for a word that varies from reply to reply; NULL for one that stays. */
static const char *stand_in(struct slice word, bool leads)
{
	struct shape s = shape_of(word);

	if (s.at > 0)
		return "<address>";
	if (is_code(word, &s, leads) || (s.digits == 0 && s.dots == 0 && s.colons == 0 && s.others == 0))
		return NULL;
	if (s.digits > 0 && s.dots == 3 && s.letters == 0 && s.others == 0)
		return "<ip>";
	if (s.colons >= 2 && s.hex && s.digits + s.letters > 0)
		return s.letters == 0 && s.colons == 2 ? "<n>" : "<ip>";
	if (s.dots > 0 && s.letters > 0 && s.others == 0 && word.data[word.len - 1] != '.')
		return "<host>";
	if (s.letters == 0 && s.digits > 0)
		return "<n>";
	if (s.digits > 0 && s.letters + s.digits >= 6)
		return "<id>";
	return s.digits > 0 && s.digits >= s.letters ? "<n>" : NULL;
}

/* Up to a blank or what closes a quotation. */
static size_t url_length(struct slice text)
{
	size_t len = 0;

	while (len < text.len && !strchr(" \t\"'<>()[]", text.data[len]))
		len++;
	return len;
}

static void append_word(struct buffer *out, struct slice word)
{
	size_t tail = 0;
	bool leads = out->len == 0 || slice_ends_with(buffer_slice(out), ": ");
	const char *name;

	/* The full stop or colon that ends a sentence is no part of the word. */
	while (tail < word.len && strchr(".:-=/", word.data[word.len - 1 - tail]))
		tail++;
	name = stand_in(slice_first(word, word.len - tail), leads);
	if (name)
		buffer_append_string(out, name);
	else
		buffer_append_slice(out, slice_first(word, word.len - tail));
	buffer_append_slice(out, slice_from(word, word.len - tail));
}

void reason_class(struct buffer *out, struct slice reason)
{
	size_t at = 0;

	reason = utf8_first(reason, REASON_CLASS_LOOK_MAX);
	while (at < reason.len) {
		struct slice rest = slice_from(reason, at);
		size_t end = at;
		if (slice_starts_with(rest, "http://") || slice_starts_with(rest, "https://")) {
			buffer_append_string(out, "<url>");
			at += url_length(rest);
			continue;
		}
		while (end < reason.len && word_char(reason.data[end]))
			end++;
		/* Nor does a word begin with punctuation: the port in "[192.0.2.7]:25" is a number. */
		if (end == at || strchr(".:-=/&%+", reason.data[at])) {
			buffer_append_char(out, reason.data[at++]);
			continue;
		}
		append_word(out, (struct slice){reason.data + at, end - at});
		at = end;
	}
}
