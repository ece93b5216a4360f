/* For tests only, and never installed: supervisor and server of one real postroom-notifier, which
 * it starts as the supervisor does, with its rights dropped and its sandbox closed.
 *
 *   notifier_test_peer PROGRAM UID GID [KEY=VALUE...]
 *
 * On standard input, one line each, with bytes in hexadecimal:
 *   send NUMBER WAY METHOD TIMEOUT LOCAL [MEMBER=HEX]...
 *   raw HEX       a packet as it is
 *   cancel NUMBER
 *   ping
 *   config KEY=VALUE
 * On standard output: "started PID" at first, then "sent NUMBER RESULT STATUS RETRY_AFTER TOOK TEXT
 * ANSWER", "pong", "frame TYPE" for another frame, and "gone" when the server's channel has been
 * closed. The end of standard input ends the notifier, by STOP. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "role/role.h"
#include "wire/channel.h"
#include "wire/notifier_proto.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)

struct peer {
	struct channel *control, *server;
	struct role_config config;
	struct buffer input;
	pid_t pid;
};

/* ---- the notifier ---- */

static void send_config(struct peer *p)
{
	BUFFER_AUTO struct buffer frame = {0};

	role_config_encode(&frame, &p->config);
	(void)channel_send(p->control, &frame, NULL, 0);
}

static void send_server(struct peer *p)
{
	BUFFER_AUTO struct buffer frame = {0};
	int fds[2];

	if (!channel_pair(fds, NULL))
		exit(71);
	control_peer_encode(&frame, &(struct control_peer){CONTROL_ROLE_SERVER});
	(void)channel_send(p->control, &frame, &fds[1], 1);
	fd_close(&fds[1]);
	p->server = channel_create(fds[0]);
}

static void start(struct peer *p, const char *program, const char *uid, const char *gid)
{
	struct role_launch launch = {.plan = {.role = CONTROL_ROLE_NOTIFIER,
					 .privileged = geteuid() == 0,
					 .uid = (uint32_t)atoi(uid),
					 .gid = (uint32_t)atoi(gid)},
	    .program = open(program, O_PATH | O_CLOEXEC),
	    .standard = {open("/dev/null", O_RDONLY | O_CLOEXEC), 2, 2},
	    .gate = -1};
	int fds[2];

	if (launch.program < 0 || !channel_pair(fds, NULL))
		exit(71);
	launch.control = fds[1];
	p->pid = fork();
	if (p->pid == 0)
		role_become(&launch);
	fd_close(&fds[1]);
	p->control = channel_create(fds[0]);
	/* The first is read by role_enter, which closes the sandbox by it. */
	send_config(p);
	send_config(p);
	send_server(p);
	printf("started %d\n", (int)p->pid);
}

/* ---- what is typed ---- */

static void append_hex(struct buffer *out, struct slice hex)
{
	for (size_t i = 0; i + 1 < hex.len; i += 2)
		buffer_append_char(out,
		    (char)(slice_hex_digit(hex.data[i]) << 4 | slice_hex_digit(hex.data[i + 1])));
}

static uint32_t take_number(struct slice *rest)
{
	struct slice word = SLICE("");
	uint64_t number = 0;

	if (!slice_split(rest, ' ', &word) || !slice_to_u64(word, &number))
		exit(72);
	return (uint32_t)number;
}

static struct slice *member(struct notifier_send *send, struct slice name)
{
	const struct {
		const char *name;
		struct slice *value;
	} members[] = {{"url", &send->url}, {"headers", &send->headers}, {"body", &send->body},
	    {"command", &send->command}, {"arguments", &send->arguments}, {"relay", &send->relay},
	    {"from", &send->from}, {"to", &send->to}, {"user", &send->user},
	    {"password", &send->password}};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (slice_is(name, members[i].name))
			return members[i].value;
	exit(72);
}

static void send_send(struct peer *p, struct slice rest)
{
	BUFFER_AUTO struct buffer frame = {0}, bytes = {0};
	uint32_t number = take_number(&rest);
	struct notifier_send send = {.way = (enum notifier_way)take_number(&rest)};
	struct slice word, name;

	send.method = (enum notifier_method)take_number(&rest);
	send.timeout_ms = take_number(&rest);
	send.allow_local = take_number(&rest) != 0;
	/* Room for all of it at once: the members point into it. */
	buffer_reserve(&bytes, rest.len + 1);
	while (slice_split(&rest, ' ', &word)) {
		size_t at = bytes.len;

		if (!slice_split(&word, '=', &name))
			exit(72);
		append_hex(&bytes, word);
		*member(&send, name) = slice_from(buffer_slice(&bytes), at);
	}
	notifier_send_encode(&frame, number, &send);
	(void)channel_send(p->server, &frame, NULL, 0);
}

static void send_raw(struct peer *p, struct slice hex)
{
	BUFFER_AUTO struct buffer bytes = {0};

	append_hex(&bytes, hex);
	(void)channel_send(p->server, &bytes, NULL, 0);
}

static void set_config(struct peer *p, struct slice pair)
{
	MEMORY_AUTO char *text = memory_strndup(pair.data, pair.len);
	char *equals = strchr(text, '=');

	if (equals == NULL)
		exit(72);
	*equals = '\0';
	/* A name without a dot is one of Postfix's. */
	if (!role_config_set_fact(&p->config, text, slice_of(equals + 1)))
		role_config_set(&p->config, text, equals + 1);
}

static void take_line(struct peer *p, struct slice line)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct slice rest = line, verb = SLICE("");

	slice_split(&rest, ' ', &verb);
	if (slice_is(verb, "send")) {
		send_send(p, rest);
	} else if (slice_is(verb, "raw")) {
		send_raw(p, rest);
	} else if (slice_is(verb, "cancel")) {
		notifier_cancel_encode(&frame, take_number(&rest));
		(void)channel_send(p->server, &frame, NULL, 0);
	} else if (slice_is(verb, "ping")) {
		control_plain_encode(&frame, CONTROL_PING);
		(void)channel_send(p->control, &frame, NULL, 0);
	} else if (slice_is(verb, "config")) {
		set_config(p, rest);
		send_config(p);
	} else {
		exit(72);
	}
}

static bool take_input(struct peer *p)
{
	char bytes[65536];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
	ptrdiff_t end;

	if (n <= 0 || p->input.len > LINE_MAX_BYTES)
		return false;
	buffer_append(&p->input, bytes, (size_t)n);
	while ((end = slice_find_char(buffer_slice(&p->input), '\n')) >= 0) {
		take_line(p, slice_first(buffer_slice(&p->input), (size_t)end));
		buffer_consume(&p->input, (size_t)end + 1);
	}
	return true;
}

/* ---- what it answers ---- */

static void print_hex(struct slice bytes)
{
	putchar(' ');
	for (size_t i = 0; i < bytes.len; i++)
		printf("%02x", (unsigned char)bytes.data[i]);
	if (bytes.len == 0)
		putchar('-');
}

static void print_frame(const struct frame *frame)
{
	struct notifier_sent sent;

	if (!notifier_sent_decode(frame, &sent)) {
		printf("frame %u\n", frame->type);
		return;
	}
	printf("sent %u %d %d %u %u", frame->request, (int)sent.result, (int)sent.status,
	    sent.retry_after_s, sent.took_ms);
	print_hex(sent.text);
	print_hex(sent.answer);
	putchar('\n');
}

/* False when the other end is gone. */
static bool take_frames(struct channel *channel, bool control)
{
	enum channel_result result;
	struct frame frame;

	while ((result = channel_receive(channel, &frame)) == CHANNEL_FRAME) {
		if (!control)
			print_frame(&frame);
		else if (frame.type == CONTROL_PONG)
			puts("pong");
		frame_close(&frame);
	}
	return result == CHANNEL_EMPTY;
}

static void run(struct peer *p)
{
	struct pollfd polled[3] = {{STDIN_FILENO, POLLIN, 0}, {channel_fd(p->control), POLLIN, 0},
	    {channel_fd(p->server), POLLIN, 0}};

	for (;;) {
		fflush(stdout);
		if (poll(polled, 3, -1) < 0)
			exit(71);
		if (polled[0].revents != 0 && !take_input(p))
			return;
		if (polled[1].revents != 0 && !take_frames(p->control, true))
			polled[1].fd = -1;
		if (polled[2].revents != 0 && !take_frames(p->server, false)) {
			puts("gone");
			polled[2].fd = -1;
		}
	}
}

static void stop(struct peer *p)
{
	BUFFER_AUTO struct buffer frame = {0};
	int status = 0;

	control_plain_encode(&frame, CONTROL_STOP);
	(void)channel_send(p->control, &frame, NULL, 0);
	(void)waitpid(p->pid, &status, 0);
	printf("ended %d\n", status);
	channel_destroy(&p->server);
	channel_destroy(&p->control);
	role_config_free(&p->config);
	buffer_free(&p->input);
}

int main(int argc, char **argv)
{
	struct peer p = {0};

	if (argc < 4)
		return 2;
	for (int i = 4; i < argc; i++)
		set_config(&p, slice_of(argv[i]));
	start(&p, argv[1], argv[2], argv[3]);
	run(&p);
	stop(&p);
	return 0;
}
