/* A blocking SMTP client: one letter, one session. */
#include "demo/feeder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/hash.h"

/* A server that says nothing for so long is not going to. */
#define SILENCE_SECONDS 20
#define REPLY_MAX ((size_t)8 << 10)
#define TRICKLE_LEAST_MS 1500
#define TRICKLE_SPREAD_MS 5000
#define WAIT_STEP_MS 50
#define FLOOD_LETTERS 220

static int connect_to(uint16_t port, struct error *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	struct timeval silence = {.tv_sec = SILENCE_SECONDS};
	FD_AUTO int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error_set_errno(err, "io_error", errno, "127.0.0.1:%u", port);
		return -1;
	}
	result = fd;
	fd = -1;
	return result;
}

/* The last line of a reply has a space after its code. */
static bool complete(struct slice reply)
{
	struct slice line = {0};

	if (!slice_ends_with(reply, "\n"))
		return false;
	while (slice_split(&reply, '\n', &line))
		if (line.len >= 4 && line.data[3] == ' ')
			return true;
	return false;
}

static bool expect(int fd, struct error *err)
{
	BUFFER_AUTO struct buffer reply = {0};

	while (!complete(buffer_slice(&reply))) {
		ssize_t n = read(fd, buffer_reserve(&reply, 1024), 1024);
		if (n <= 0 || reply.len > REPLY_MAX)
			return error_set_errno(err, "io_error", n < 0 ? errno : ECONNRESET, "SMTP");
		reply.len += (size_t)n;
	}
	/* 2xx is done, 3xx asks for the content. */
	if (reply.data[0] != '2' && reply.data[0] != '3')
		return error_set(
		    err, "refused", "%.*s", SLICE_ARGS(slice_trim(buffer_slice(&reply))));
	return true;
}

static bool say(int fd, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool say(int fd, struct error *err, const char *format, ...)
{
	char line[512];
	va_list args;
	int len;

	va_start(args, format);
	/* Two bytes are left for the line end. */
	len = vsnprintf(line, sizeof(line) - 2, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(line) - 2)
		return error_set(err, "io_error", "line too long");
	memcpy(line + len, "\r\n", 2);
	if (!fd_write_all(fd, line, (size_t)len + 2))
		return error_set_errno(err, "io_error", errno, "SMTP");
	return expect(fd, err);
}

/* Who Postfix shall take this for (XCLIENT, allowed from loopback in the demo's configuration). */
static bool introduce(int fd, const struct letter_sender *sender, struct error *err)
{
	const char *name =
	    strcmp(sender->client_name, "unknown") == 0 ? "[UNAVAILABLE]" : sender->client_name;

	return expect(fd, err) && say(fd, err, "EHLO feeder.demo.example") &&
	       say(fd, err, "XCLIENT NAME=%s ADDR=%s HELO=%s%s%s", name, sender->client_address,
		   sender->helo, sender->login != NULL ? " LOGIN=" : "",
		   sender->login != NULL ? sender->login : "") &&
	       say(fd, err, "EHLO %s", sender->helo);
}

bool feeder_send(uint16_t port, const struct letter *letter, struct error *err)
{
	FD_AUTO int fd = connect_to(port, err);

	if (fd < 0 || !introduce(fd, letter->sender, err) ||
	    !say(fd, err, "MAIL FROM:<%s>%s", letter->sender->address,
		letter->utf8 ? " SMTPUTF8" : ""))
		return false;
	for (size_t i = 0; i < letter->recipient_count; i++)
		if (!say(fd, err, "RCPT TO:<%s>", letter->recipients[i]))
			return false;
	/* No line of a letter begins with a dot (letter_body.c), so nothing needs stuffing. */
	return say(fd, err, "DATA") &&
	       fd_write_all(fd, letter->message.data, letter->message.len) && say(fd, err, ".") &&
	       say(fd, err, "QUIT");
}

/* Postfix may need a moment after its start before smtpd listens. */
bool feeder_wait(uint16_t port, int seconds, struct error *err)
{
	int64_t deadline = clock_monotonic_ms() + (int64_t)seconds * 1000;

	while (clock_monotonic_ms() < deadline) {
		FD_AUTO int fd = connect_to(port, NULL);
		if (fd >= 0 && expect(fd, NULL))
			return true;
		poll(NULL, 0, WAIT_STEP_MS);
	}
	return error_set(err, "timed_out", "nothing answers on 127.0.0.1:%u", port);
}

static void send_one(uint16_t port, struct letter *letter)
{
	/* A letter that is refused is left out: the demo has enough of them. */
	feeder_send(port, letter, NULL);
	letter_free(letter);
}

_Noreturn void feeder_run(uint16_t port)
{
	for (unsigned number = 0;; number++) {
		struct letter letter;
		/* The first queue goes in without a pause, so that there is something to see at
		 * once. */
		if (number >= LETTER_FIRST_COUNT)
			poll(NULL, 0,
			    TRICKLE_LEAST_MS + (int)(hash_u64(number) % TRICKLE_SPREAD_MS));
		letter_make(&letter, number, clock_now());
		send_one(port, &letter);
		/* The flood begins with what trickles in, and goes on for a quarter of an hour. */
		if (number >= LETTER_FIRST_COUNT && number < LETTER_FIRST_COUNT + FLOOD_LETTERS) {
			letter_make_flood(&letter, number, clock_now());
			send_one(port, &letter);
		}
	}
}
