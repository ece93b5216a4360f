/* Lines end with \r\n and stay below 78 characters: what is not ASCII is encoded in headers by
 * RFC 2047, and the text is quoted-printable, which every relay takes. */
#include "watch/alerts/mail.h"

#include <ctype.h>
#include <sodium.h>
#include <time.h>

#include "base/utf8.h"
#include "watch/alerts/words.h"
#include "watch/incidents/incidents.h"

#define LINE_MAX_CHARS 75
/* Bytes in one encoded word: 39 become 52 in base64, and 73 with what stands around them. */
#define WORD_BYTES 39

static bool is_ascii_line(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] > '~')
			return false;
	return true;
}

static void put_word(struct buffer *out, struct slice bytes)
{
	char text[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];

	sodium_bin2base64(text, sizeof(text), (const unsigned char *)bytes.data, bytes.len,
	    sodium_base64_VARIANT_ORIGINAL);
	buffer_printf(out, "=?utf-8?B?%s?=", text);
}

/* Short ASCII as it is; all else in words, none of which ends within a character. */
static void put_subject(struct buffer *out, struct slice text)
{
	bool first = true;

	buffer_append_string(out, "Subject: ");
	if (text.len <= LINE_MAX_CHARS - 9 && is_ascii_line(text) &&
	    slice_find(text, SLICE("=?")) < 0) {
		buffer_append_slice(out, text);
	} else
		while (text.len > 0) {
			struct slice part = utf8_first(text, WORD_BYTES);

			if (!first)
				buffer_append_string(out, "\r\n ");
			put_word(out, part);
			text = slice_from(text, part.len);
			first = false;
		}
	buffer_append_string(out, "\r\n");
}

static void put_date(struct buffer *out, int64_t now)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t at = (time_t)now;
	struct tm tm = {0};

	gmtime_r(&at, &tm);
	buffer_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_addresses(struct buffer *out, const struct alert_channel *channel)
{
	buffer_printf(out, "From: Postroom <%s>\r\nTo: ", channel->from);
	for (size_t i = 0; i < channel->to_count; i++)
		buffer_printf(out, "%s<%s>", i > 0 ? ",\r\n " : "", channel->to[i]);
	buffer_append_string(out, "\r\n");
}

/* The part behind the @ of our own message IDs: one word. */
static void put_host(struct buffer *out, struct slice host)
{
	for (size_t i = 0; i < host.len; i++)
		if (isalnum((unsigned char)host.data[i]) || host.data[i] == '.' ||
		    host.data[i] == '-')
			buffer_append_char(out, host.data[i]);
	if (host.len == 0)
		buffer_append_string(out, "localhost");
}

/* A thread has one name for each incident, which no message bears: what refers to the same name
 * stands together. */
static void put_thread(
    struct buffer *out, const struct alerts_message *m, const struct alerts_place *place)
{
	char token[ALERTS_TOKEN_SIZE];

	alerts_token(place, m->key, token);
	buffer_printf(out, "Message-ID: <postroom.%s@", token);
	put_host(out, place->host);
	buffer_append_string(out, ">\r\n");
	for (size_t i = 0; i < m->count && m->items[i].id != 0; i++) {
		buffer_printf(out, "%s<postroom.incident.%lld@", i == 0 ? "References: " : "\r\n ",
		    (long long)m->items[i].id);
		put_host(out, place->host);
		buffer_append_char(out, '>');
	}
	if (m->count > 0 && m->items[0].id != 0)
		buffer_append_string(out, "\r\n");
}

static void put_quoted_line(struct buffer *out, struct slice line)
{
	size_t column = 0;

	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.data[i];
		bool last = i + 1 == line.len;
		/* A dot that begins a line is a matter of SMTP, and is doubled there. */
		bool plain = (c > ' ' && c <= '~' && c != '=') || (c == ' ' && !last);

		if (column + (plain ? 1 : 3) > LINE_MAX_CHARS) {
			buffer_append_string(out, "=\r\n");
			column = 0;
		}
		if (plain)
			buffer_append_char(out, (char)c);
		else
			buffer_printf(out, "=%02X", c);
		column += plain ? 1 : 3;
	}
	buffer_append_string(out, "\r\n");
}

void alerts_mail_make(const struct alerts_message *m, const struct alert_channel *channel,
    const struct alerts_place *place, int64_t now, struct buffer *out)
{
	BUFFER_AUTO struct buffer text = {0}, subject = {0}, title = {0};
	struct slice rest, line;
	int worst = 0;

	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].severity > worst)
			worst = m->items[i].severity;
	alerts_message_title(m, &title);
	buffer_printf(&subject, "[%s] ", incident_severity_name((enum incident_severity)worst));
	alerts_escape(&subject, buffer_slice(&title), ALERTS_ESCAPE_NONE);
	put_date(out, now);
	put_addresses(out, channel);
	put_subject(out, buffer_slice(&subject));
	put_thread(out, m, place);
	buffer_append_string(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
				  "Content-Type: text/plain; charset=utf-8\r\n"
				  "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	alerts_words_text(m, channel, place, ALERTS_ESCAPE_NONE, &text);
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line))
		put_quoted_line(out, line);
}
