/* Every line goes through write_text, which makes its bytes harmless and writes it at once. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/utf8.h"

/* Longer lines are cut: journald and syslog daemons split them anyway. */
#define LOG_LINE_MAX 2000

static struct {
	const char *role;
	enum log_level level;
	int journal; /* a connected socket; -1: lines only */
} settings = {"postroom", LOG_LEVEL_INFO, -1};

void log_init(const char *role, enum log_level level)
{
	settings.role = role;
	settings.level = level;
}

static void append_harmless(struct buffer *out, struct slice s)
{
	uint32_t code_point;

	while (s.len > 0) {
		size_t len = utf8_decode(s, &code_point);

		if (len > 0 && code_point >= 0x20 && (code_point < 0x7f || code_point > 0x9f))
			buffer_append(out, s.data, len);
		else
			/* A line end in an address would else look like a line of ours. */
			buffer_printf(out, "\\x%02x", (unsigned char)s.data[0]);
		s = slice_from(s, len > 0 && code_point >= 0xa0 ? len : 1);
	}
}

static void write_text(enum log_level level, const char *text)
{
	BUFFER_AUTO struct buffer line = {0};

	/* journald reads the priority from the line; people on a terminal need not see it. */
	if (!isatty(STDERR_FILENO))
		buffer_printf(&line, "<%d>", (int)level);
	buffer_printf(&line, "%s: ", settings.role);
	append_harmless(&line, slice_of(text));
	buffer_append_char(&line, '\n');
	/* Nothing can be done where the log itself fails. */
	(void)fd_write_all(STDERR_FILENO, line.data, line.len);
}

void log_write(enum log_level level, const char *format, ...)
{
	char text[LOG_LINE_MAX];
	va_list args;

	if (level > settings.level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	write_text(level, text);
}

/* ---- the journal ---- */

/* Standard error of a service is a connection to journald's "stdout"; beside it is the socket that
 * takes fields. */
#define JOURNAL_STREAM "/run/systemd/journal/stdout"
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

void log_open_journal(void)
{
	struct sockaddr_un stream = {0}, address = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(stream);

	if (settings.journal >= 0 ||
	    getpeername(STDERR_FILENO, (struct sockaddr *)&stream, &len) != 0 ||
	    stream.sun_family != AF_UNIX || strcmp(stream.sun_path, JOURNAL_STREAM) != 0)
		return;
	strcpy(address.sun_path, JOURNAL_SOCKET);
	settings.journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connect(settings.journal, (struct sockaddr *)&address, sizeof(address)) != 0)
		fd_close(&settings.journal);
}

/* "NAME=value" a line: values have no line ends, as they are made harmless. False when the journal
 * does not take it. */
static bool send_to_journal(
    enum log_level level, const struct log_field *fields, size_t count, const char *text)
{
	BUFFER_AUTO struct buffer entry = {0};

	if (settings.journal < 0)
		return false;
	buffer_printf(&entry, "PRIORITY=%d\nSYSLOG_IDENTIFIER=postroom\nMESSAGE=%s: ", (int)level,
	    settings.role);
	append_harmless(&entry, slice_of(text));
	for (size_t i = 0; i < count; i++) {
		buffer_printf(&entry, "\n%s=", fields[i].name);
		append_harmless(&entry, slice_of(fields[i].value));
	}
	buffer_append_char(&entry, '\n');
	return send(settings.journal, entry.data, entry.len, MSG_NOSIGNAL) == (ssize_t)entry.len;
}

void log_with(
    enum log_level level, const struct log_field *fields, size_t count, const char *format, ...)
{
	char text[LOG_LINE_MAX];
	va_list args;

	if (level > settings.level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!send_to_journal(level, fields, count, text))
		write_text(level, text);
}

/* ---- lines that strangers cause ---- */

/* A number of lines in each interval; the first line of the next one says how many were left out.
 */
bool log_limit_take(struct log_limit *limit, int64_t now_ms, unsigned *left_out)
{
	*left_out = 0;
	if (limit->written == 0 || now_ms - limit->begin_ms >= LOG_LIMIT_MS) {
		*left_out = limit->left_out;
		*limit = (struct log_limit){.begin_ms = now_ms};
	}
	/* A stranger who can make us complain must not fill the disk with it. */
	if (limit->written == LOG_LIMIT_LINES) {
		limit->left_out++;
		return false;
	}
	limit->written++;
	return true;
}

void log_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
{
	char text[LOG_LINE_MAX];
	unsigned left_out;
	va_list args;

	if (level > settings.level || !log_limit_take(limit, clock_monotonic_ms(), &left_out))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	write_text(level, text);
	if (left_out > 0)
		log_write(level, "(%u more of these were not written)", left_out);
}
