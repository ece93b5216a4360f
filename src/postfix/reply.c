/* Reads an SMTP reply as Postfix logs it, with its lines joined to one. The code, the enhanced
 * status and the words are told apart, and reply_join writes them once. Servers repeat code and
 * status on each line and break lines anywhere: one refusal would else become many classes. */
#include "postfix/reply.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool reply_begins(struct slice text)
{
	return text.len >= 3 && text.data[0] >= '2' && text.data[0] <= '5' &&
	       is_digit(text.data[1]) && is_digit(text.data[2]) &&
	       (text.len == 3 || text.data[3] == ' ' || text.data[3] == '-');
}

unsigned reply_code(struct slice text)
{
	return (unsigned)(text.data[0] - '0') * 100 + (unsigned)(text.data[1] - '0') * 10 +
	       (unsigned)(text.data[2] - '0');
}

struct slice reply_enhanced_code(struct slice text)
{
	size_t at = 0;

	for (unsigned part = 0; part < 3; part++) {
		size_t begin = at;

		while (at < text.len && at - begin < 3 && is_digit(text.data[at]))
			at++;
		if (at == begin)
			return (struct slice){"", 0};
		/* RFC 3463 has the classes 2, 4 and 5. */
		if (part == 0 && (at != 1 || strchr("245", text.data[0]) == NULL))
			return (struct slice){"", 0};
		if (part < 2 && (at == text.len || text.data[at++] != '.'))
			return (struct slice){"", 0};
	}
	/* "4.2.0.1" is an address or a version, and no status. */
	if (at < text.len && (is_digit(text.data[at]) || text.data[at] == '.'))
		return (struct slice){"", 0};
	return slice_first(text, at);
}

bool reply_has_lines(struct slice reply)
{
	return reply_begins(reply) && reply.len > 3 && reply.data[3] == '-';
}

static struct slice without_blanks(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.data[n] == ' ')
		n++;
	return slice_from(s, n);
}

/* What the beginning of a line takes: its code, and the enhanced code with the blank around it. */
static size_t line_start(struct slice line, struct slice *status)
{
	struct slice words = without_blanks(slice_from(line, 4));

	*status = reply_enhanced_code(words);
	if (status->len < words.len && words.data[status->len] != ' ')
		*status = (struct slice){"", 0};
	if (status->len > 0)
		words = slice_from(words, status->len);
	return line.len - words.len;
}

/* The same where a further line may begin; 0 when none does. In a reply whose first line says that
 * more follow, its code alone tells a line; else a blank must not be all that is behind it. */
static size_t further_line(struct slice reply, struct slice rest, struct slice *status)
{
	size_t len;

	*status = (struct slice){"", 0};
	if (!reply_begins(rest) || memcmp(rest.data, reply.data, 3) != 0)
		return 0;
	len = line_start(rest, status);
	if (rest.len > 3 && rest.data[3] == '-')
		return len;
	return status->len > 0 || reply_has_lines(reply) ? len : 0;
}

struct slice reply_status(struct slice reply)
{
	struct slice status, rest;
	size_t begin;

	if (!reply_begins(reply))
		return (struct slice){"", 0};
	begin = line_start(reply, &status);
	/* Some servers write the status on a later line only. */
	if (status.len > 0 || !reply_has_lines(reply))
		return status;
	for (size_t at = begin; at < reply.len; at++) {
		rest = slice_from(reply, at);
		if ((at == begin || reply.data[at - 1] == ' ' || reply.data[at - 1] == '?') &&
		    further_line(reply, rest, &status) > 0 && status.len > 0)
			return status;
	}
	return (struct slice){"", 0};
}

struct joined {
	char *out;
	size_t size, len;
	struct slice status; /* the reply's */
};

static void put(struct joined *j, const char *data, size_t len)
{
	/* A text that is too long loses its end; a class and a pattern look at its beginning. */
	if (len > j->size - j->len)
		len = j->size - j->len;
	if (len > 0)
		memcpy(j->out + j->len, data, len);
	j->len += len;
}

/* A word, and where the next one begins: behind the blank, or at a line that begins behind `?`. */
static size_t word_length(struct slice reply, struct slice rest, size_t *skip)
{
	ptrdiff_t blank = slice_find_char(rest, ' '), mark;
	struct slice word = slice_first(rest, blank >= 0 ? (size_t)blank : rest.len), status;
	size_t len = 0;

	*skip = 0;
	while (
	    reply_has_lines(reply) && (mark = slice_find_char(slice_from(word, len), '?')) >= 0) {
		len += (size_t)mark;
		if (further_line(reply, slice_from(rest, len + 1), &status) > 0) {
			*skip = 1;
			return len;
		}
		len++;
	}
	return word.len;
}

/* A line repeats the reply's own status; another one is a word of it. */
static struct slice without_status(const struct joined *j, struct slice line)
{
	struct slice words = without_blanks(line);

	while (j->status.len > 0 && slice_equal(reply_enhanced_code(words), j->status))
		words = without_blanks(slice_from(words, j->status.len));
	return words;
}

/* Words are put one blank apart; the beginnings of further lines are left out. */
static void put_words(struct joined *j, struct slice reply, struct slice rest)
{
	while (rest.len > 0 && j->len < j->size) {
		struct slice status;
		size_t line, len, skip;

		rest = without_blanks(rest);
		line = further_line(reply, rest, &status);
		if (line > 0) {
			rest = without_status(j, slice_from(rest, 4));
			continue;
		}
		len = word_length(reply, rest, &skip);
		if (len > 0) {
			put(j, " ", 1);
			put(j, rest.data, len);
		}
		rest = slice_from(rest, len + skip);
	}
}

/* Some servers repeat the code at once, behind another's reply that they pass on. */
static struct slice without_code(const struct joined *j, struct slice reply, struct slice words)
{
	words = without_blanks(words);
	while (reply_begins(words) && memcmp(words.data, reply.data, 3) == 0)
		words = without_status(j, slice_from(words, 4));
	return words;
}

size_t reply_join(char *out, size_t size, struct slice reply)
{
	struct joined j = {.out = out, .size = size};
	size_t begin;

	if (!reply_begins(reply)) {
		put(&j, reply.data, reply.len);
		return j.len;
	}
	begin = line_start(reply, &j.status);
	if (j.status.len == 0)
		j.status = reply_status(reply);
	put(&j, reply.data, 3);
	if (j.status.len > 0) {
		put(&j, " ", 1);
		put(&j, j.status.data, j.status.len);
	}
	put_words(&j, reply, without_code(&j, reply, slice_from(reply, begin)));
	return j.len;
}
