/* Byte by byte into a line; a whole line is judged and put to the words. */
#include "notifier/smtp_reply.h"

#include "base/utf8.h"

void smtp_reply_clear(struct smtp_reply *reply)
{
	struct buffer words = reply->words, line = reply->line;

	buffer_clear(&words);
	buffer_clear(&line);
	*reply = (struct smtp_reply){.words = words, .line = line};
}

void smtp_reply_free(struct smtp_reply *reply)
{
	buffer_free(&reply->words);
	buffer_free(&reply->line);
}

void smtp_reply_put_harmless(struct buffer *out, struct slice text, size_t max)
{
	BUFFER_AUTO struct buffer valid = {0};
	struct slice rest, shown;

	/* Each byte may become three of U+FFFD; more of the text is never shown. */
	utf8_append_valid(&valid, utf8_first(text, max));
	shown = rest = utf8_first(buffer_slice(&valid), max);
	if (shown.len < valid.len || text.len > max)
		shown = utf8_first(rest, max - 3);
	for (size_t i = 0; i < shown.len; i++) {
		unsigned char c = (unsigned char)shown.data[i];

		/* U+0080 to U+009F are control characters, too: 0xc2 and such a byte. */
		if (c == 0xc2 && i + 1 < shown.len && (unsigned char)shown.data[i + 1] < 0xa0) {
			buffer_append_char(out, '?');
			i++;
		} else {
			buffer_append_char(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
		}
	}
	if (shown.len < rest.len || text.len > max)
		buffer_append_string(out, "...");
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code in front of a line, or 0. */
static unsigned code_of(struct slice line)
{
	if (line.len < 3 || line.data[0] < '2' || line.data[0] > '5' || !is_digit(line.data[1]) ||
	    !is_digit(line.data[2]) || (line.len > 3 && line.data[3] != ' ' && line.data[3] != '-'))
		return 0;
	return (unsigned)(line.data[0] - '0') * 100 + (unsigned)(line.data[1] - '0') * 10 +
	       (unsigned)(line.data[2] - '0');
}

static void put_words(struct smtp_reply *reply, struct slice line)
{
	size_t room = PROBE_ANSWER_MAX - reply->words.len;

	/* A line end, and what is cut. */
	if (room < 8)
		return;
	if (reply->words.len > 0) {
		buffer_append_char(&reply->words, '\n');
		room--;
	}
	smtp_reply_put_harmless(&reply->words, line, room);
}

static bool offers(struct slice line, const char *keyword)
{
	struct slice word;

	line = slice_trim(slice_from(line, 4));
	return slice_split(&line, ' ', &word) && slice_equal_nocase(word, slice_of(keyword));
}

static void take_line(struct smtp_reply *reply)
{
	struct slice line = buffer_slice(&reply->line);
	unsigned code;

	while (line.len > 0 && (line.data[line.len - 1] == '\r' || line.data[line.len - 1] == ' '))
		line.len--;
	code = code_of(line);
	/* What it says is shown in any case: it may be another protocol's greeting. */
	put_words(reply, line);
	reply->lines++;
	if (code == 0 || (reply->code != 0 && code != reply->code)) {
		reply->state = SMTP_REPLY_NO_SMTP;
	} else {
		if (reply->lines > 1) {
			reply->starttls |= offers(line, "STARTTLS");
			reply->enhanced |= offers(line, "ENHANCEDSTATUSCODES");
		}
		reply->code = code;
		if (line.len == 3 || line.data[3] == ' ')
			reply->state = SMTP_REPLY_WHOLE;
		else if (reply->lines == SMTP_REPLY_LINES_MAX)
			reply->state = SMTP_REPLY_MANY_LINES;
	}
	buffer_clear(&reply->line);
}

size_t smtp_reply_take(struct smtp_reply *reply, const char *data, size_t len)
{
	size_t taken = 0;

	while (taken < len && reply->state == SMTP_REPLY_MORE) {
		char c = data[taken++];

		if (c == '\n') {
			take_line(reply);
		} else if (reply->line.len == SMTP_REPLY_LINE_MAX) {
			put_words(reply, buffer_slice(&reply->line));
			reply->state = SMTP_REPLY_LONG_LINE;
		} else {
			buffer_append_char(&reply->line, c);
		}
	}
	return taken;
}
