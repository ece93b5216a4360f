/* A state machine over one socket. Whatever the server does (says nothing, never ends, closes, is
 * no mail server) becomes a step with words. */
#include "notifier/probe_session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "base/state_machine.h"
#include "notifier/smtp_reply.h"

/* Read at once. */
#define PIECE 4096

enum session_state {
	CONNECTING, /* the kernel is at it */
	GREETING,   /* connected; the server speaks first */
	EHLO,	    /* EHLO was said */
	STARTTLS,   /* STARTTLS was said */
	HANDSHAKE,
	EHLO_TLS, /* EHLO was said again, inside TLS */
	QUITTING, /* QUIT was said */
	OVER,	  /* nothing more is said, read or told */
	SESSION_STATES
};

static const struct state_machine machine = {
    .name = "probe session",
    .count = SESSION_STATES,
    .states = (const char *const[]){"connecting", "greeting", "ehlo", "starttls", "handshake",
	"ehlo_tls", "quitting", "over"},
    .next =
	(const uint32_t[]){
	    [CONNECTING] = STATE_MACHINE_BIT(GREETING) | STATE_MACHINE_BIT(OVER),
	    [GREETING] =
		STATE_MACHINE_BIT(EHLO) | STATE_MACHINE_BIT(QUITTING) | STATE_MACHINE_BIT(OVER),
	    [EHLO] =
		STATE_MACHINE_BIT(STARTTLS) | STATE_MACHINE_BIT(QUITTING) | STATE_MACHINE_BIT(OVER),
	    [STARTTLS] = STATE_MACHINE_BIT(HANDSHAKE) | STATE_MACHINE_BIT(QUITTING) |
			 STATE_MACHINE_BIT(OVER),
	    [HANDSHAKE] = STATE_MACHINE_BIT(EHLO_TLS) | STATE_MACHINE_BIT(OVER),
	    [EHLO_TLS] = STATE_MACHINE_BIT(QUITTING) | STATE_MACHINE_BIT(OVER),
	    [QUITTING] = STATE_MACHINE_BIT(OVER),
	    [OVER] = 0,
	},
};

struct probe_session {
	struct loop *loop;
	struct probe_session_plan plan;
	struct probe_session_reader reader;
	enum session_state state;
	int fd;
	struct loop_watch *watch;
	struct probe_tls_session *tls;
	struct smtp_reply reply;
	int64_t begun_ms; /* of the step under way */
	enum probe_outcome outcome;
};

/* ---- Telling ---- */

static enum probe_step_name step_of(enum session_state state)
{
	static const enum probe_step_name names[] = {[CONNECTING] = PROBE_STEP_CONNECT,
	    [GREETING] = PROBE_STEP_GREETING,
	    [EHLO] = PROBE_STEP_EHLO,
	    [STARTTLS] = PROBE_STEP_STARTTLS,
	    [HANDSHAKE] = PROBE_STEP_CERTIFICATE,
	    [EHLO_TLS] = PROBE_STEP_EHLO_TLS,
	    [QUITTING] = PROBE_STEP_QUIT};

	return names[state];
}

/* What went wrong before QUIT means that mail does not get in here. */
static void tell_as(struct probe_session *s, enum probe_step_name name, enum probe_outcome outcome,
    struct slice text)
{
	int64_t now = clock_monotonic_ms();

	if (outcome == PROBE_BAD)
		s->outcome = PROBE_BAD;
	s->reader.step(s->reader.context, &(struct probe_step){.name = name,
					      .outcome = outcome,
					      .host = slice_of(s->plan.label),
					      .took_ms = (uint32_t)(now - s->begun_ms),
					      .text = text,
					      .answer = buffer_slice(&s->reply.words)});
	s->begun_ms = now;
}

static void tell(struct probe_session *s, enum probe_outcome outcome, const char *text)
{
	tell_as(s, step_of(s->state), outcome, slice_of(text));
}

static void move(struct probe_session *s, enum session_state state)
{
	s->state = (enum session_state)state_machine_move(&machine, s->state, state);
}

/* Always the last of a call: `s` may be gone when it returns. */
static void finish(struct probe_session *s)
{
	move(s, OVER);
	loop_remove(&s->watch);
	s->reader.end(s->reader.context, s->outcome);
}

/* ---- Speaking ---- */

static void wait_for(struct probe_session *s, short events, int64_t ms)
{
	loop_events(s->watch, events);
	loop_deadline(s->watch, s->begun_ms + ms);
}

/* A few bytes on an idle connection: where not even those go out, it is broken. */
static bool say(struct probe_session *s, const char *text)
{
	size_t len = strlen(text);

	smtp_reply_clear(&s->reply);
	if (s->tls != NULL)
		return probe_tls_write(s->tls, text, len) == PROBE_TLS_DONE;
	return send(s->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void begin(struct probe_session *s, enum session_state state, const char *text)
{
	move(s, state);
	if (!say(s, text)) {
		tell(s, PROBE_BAD, "The connection broke.");
		finish(s);
		return;
	}
	wait_for(s, POLLIN, state == QUITTING ? PROBE_QUIT_MS : PROBE_REPLY_MS);
}

static void begin_ehlo(struct probe_session *s, enum session_state state)
{
	char line[PROBE_NEXT_HOP_MAX + 16];

	snprintf(line, sizeof(line), "EHLO %.*s\r\n", PROBE_NEXT_HOP_MAX, s->plan.helo);
	begin(s, state, line);
}

static void begin_quit(struct probe_session *s)
{
	begin(s, QUITTING, "QUIT\r\n");
}

/* ---- Replies ---- */

static bool is_fine(const struct smtp_reply *reply)
{
	return reply->code >= 200 && reply->code < 300;
}

static void on_greeting(struct probe_session *s)
{
	if (is_fine(&s->reply)) {
		tell(s, PROBE_OK, "It greets.");
		begin_ehlo(s, EHLO);
		return;
	}
	tell(s, PROBE_BAD,
	    s->reply.code >= 500 ? "It refuses to talk to us, and says that this is for good."
				 : "It refuses to talk to us now. Postfix tries again later.");
	begin_quit(s);
}

/* Postfix falls back to HELO, which is not said here. */
static void put_extensions(const struct probe_session *s, struct buffer *text)
{
	size_t count = s->reply.lines - 1;

	if (!is_fine(&s->reply))
		buffer_printf(text,
		    "It answers EHLO with %u. Postfix goes on with HELO, without extensions.",
		    s->reply.code);
	else if (count == 0)
		buffer_append_string(text, "It takes EHLO, and offers no extension.");
	else
		buffer_printf(text, "It takes EHLO, and offers %zu extension%s%s.", count,
		    count == 1 ? "" : "s", s->reply.starttls ? ", STARTTLS among them" : "");
}

/* Why STARTTLS is not said, and what that means. */
static void skip_starttls(struct probe_session *s)
{
	const struct probe_tls_policy *tls = &s->plan.tls;
	bool needed = probe_tls_needed(tls);
	BUFFER_AUTO struct buffer text = {0};

	smtp_reply_clear(&s->reply);
	if (tls->level == PROBE_TLS_NONE)
		buffer_append_string(
		    &text, "Postfix uses no TLS here (TLS level none): not tested.");
	else if (needed)
		buffer_printf(&text,
		    "It offers no STARTTLS. At TLS level %s%s Postfix does not deliver there.",
		    probe_tls_name(tls->level), tls->tlsa != NULL ? ", with TLSA records," : "");
	else
		buffer_printf(&text,
		    "It offers no STARTTLS: mail goes there unencrypted, which TLS level %s "
		    "allows.",
		    probe_tls_name(tls->level));
	tell_as(s, PROBE_STEP_STARTTLS,
	    tls->level == PROBE_TLS_NONE ? PROBE_SKIPPED
	    : needed			 ? PROBE_BAD
					 : PROBE_WARNING,
	    buffer_slice(&text));
}

static void on_ehlo(struct probe_session *s)
{
	BUFFER_AUTO struct buffer text = {0};
	bool starttls = is_fine(&s->reply) && s->reply.starttls;

	put_extensions(s, &text);
	tell(s, is_fine(&s->reply) ? PROBE_OK : PROBE_WARNING, buffer_string(&text));
	if (starttls && s->plan.tls.level != PROBE_TLS_NONE) {
		begin(s, STARTTLS, "STARTTLS\r\n");
		return;
	}
	skip_starttls(s);
	begin_quit(s);
}

/* What level and records allow where TLS fails: Postfix goes on without it, or not. */
static enum probe_outcome without_tls(const struct probe_session *s)
{
	return probe_tls_needed(&s->plan.tls) ? PROBE_BAD : PROBE_WARNING;
}

static void tell_no_tls(struct probe_session *s, const char *what)
{
	enum probe_outcome outcome = without_tls(s);
	BUFFER_AUTO struct buffer text = {0};

	buffer_printf(&text, "%s %s", what,
	    outcome == PROBE_WARNING ? "Postfix tries again without TLS, which its level allows."
				     : "Postfix does not deliver there without TLS.");
	tell(s, outcome, buffer_string(&text));
}

static void on_starttls(struct probe_session *s, size_t left_over)
{
	struct error err;

	if (!is_fine(&s->reply)) {
		tell_no_tls(s, "It offers STARTTLS, and refuses it.");
		begin_quit(s);
		return;
	}
	/* Whoever sits between could have put that there (CVE-2011-0411). */
	if (left_over > 0) {
		tell(s, PROBE_BAD, "It said more behind its reply, before the handshake.");
		finish(s);
		return;
	}
	tell(s, PROBE_OK, "It is ready for TLS.");
	smtp_reply_clear(&s->reply);
	move(s, HANDSHAKE);
	s->tls = probe_tls_create(s->fd, &s->plan.tls, &err);
	if (s->tls == NULL) {
		tell(s, PROBE_BAD, err.text);
		finish(s);
		return;
	}
	wait_for(s, POLLIN | POLLOUT, PROBE_REPLY_MS);
}

static void on_handshake(struct probe_session *s)
{
	BUFFER_AUTO struct buffer text = {0};
	struct error err = {.text = ""};
	enum probe_outcome outcome;
	enum probe_tls_result result = probe_tls_handshake(s->tls, &err);

	if (result == PROBE_TLS_WANTS_READ || result == PROBE_TLS_WANTS_WRITE) {
		loop_events(s->watch, result == PROBE_TLS_WANTS_READ ? POLLIN : POLLOUT);
		return;
	}
	if (result != PROBE_TLS_DONE) {
		buffer_printf(&text, "No TLS: %s.",
		    result == PROBE_TLS_CLOSED ? "it closed the connection in the handshake"
					       : err.text);
		tell_no_tls(s, buffer_string(&text));
		finish(s);
		return;
	}
	outcome = probe_tls_judge(s->tls, &text);
	tell(s, outcome, buffer_string(&text));
	begin_ehlo(s, EHLO_TLS);
}

static void on_ehlo_tls(struct probe_session *s)
{
	BUFFER_AUTO struct buffer text = {0};

	put_extensions(s, &text);
	tell(s, is_fine(&s->reply) ? PROBE_OK : PROBE_BAD, buffer_string(&text));
	begin_quit(s);
}

static void on_reply(struct probe_session *s, size_t left_over)
{
	switch (s->state) {
	case GREETING:
		on_greeting(s);
		break;
	case EHLO:
		on_ehlo(s);
		break;
	case STARTTLS:
		on_starttls(s, left_over);
		break;
	case EHLO_TLS:
		on_ehlo_tls(s);
		break;
	case QUITTING:
		tell(s, PROBE_OK, "It takes its leave.");
		finish(s);
		break;
	case CONNECTING:
	case HANDSHAKE:
	case OVER:
	case SESSION_STATES:
		break;
	}
}

/* ---- What is no reply ---- */

static void on_no_reply(struct probe_session *s)
{
	static const char *const texts[] = {
	    [SMTP_REPLY_NO_SMTP] = "What it says is no SMTP: a line begins with no reply code, or "
				   "with another one than the lines before.",
	    [SMTP_REPLY_LONG_LINE] = "It sends a line of more than 2,048 bytes without an end.",
	    [SMTP_REPLY_MANY_LINES] = "It sends a reply of more than 128 lines without an end."};

	tell(s, PROBE_BAD, texts[s->reply.state]);
	finish(s);
}

static void on_closed(struct probe_session *s)
{
	if (s->state == QUITTING)
		tell(s, PROBE_OK, "It closed the connection without a reply to QUIT.");
	else if (s->reply.line.len > 0 || s->reply.lines > 0)
		tell(s, PROBE_BAD, "It closed the connection in the middle of a reply.");
	else
		tell(s, PROBE_BAD,
		    s->state == GREETING ? "It closed the connection without a greeting."
					 : "It closed the connection without a reply.");
	finish(s);
}

static void on_late(struct probe_session *s)
{
	BUFFER_AUTO struct buffer text = {0};
	bool begun = s->reply.line.len > 0 || s->reply.lines > 0;

	if (s->state == CONNECTING)
		buffer_printf(&text,
		    "No connection within %d s: the host is down or unreachable, or a firewall "
		    "drops what is sent to it.",
		    PROBE_CONNECT_MS / 1000);
	else if (s->state == QUITTING)
		buffer_append_string(&text, "It does not answer QUIT.");
	else if (s->state == HANDSHAKE)
		buffer_printf(
		    &text, "The handshake did not end within %d s.", PROBE_REPLY_MS / 1000);
	else
		buffer_printf(&text, "%s within %d s.",
		    begun ? "It began a reply, and did not end it" : "It said nothing",
		    PROBE_REPLY_MS / 1000);
	tell(s, s->state == QUITTING ? PROBE_WARNING : PROBE_BAD, buffer_string(&text));
	finish(s);
}

/* ---- The socket ---- */

/* What has come; 0 where it is closed, -1 where nothing is there. */
static ssize_t take(struct probe_session *s, char *piece)
{
	size_t taken = 0;
	ssize_t got;

	if (s->tls == NULL) {
		got = recv(s->fd, piece, PIECE, 0);
		if (got < 0)
			return errno == EAGAIN || errno == EINTR ? -1 : 0;
		return got;
	}
	switch (probe_tls_read(s->tls, piece, PIECE, &taken)) {
	case PROBE_TLS_DONE:
		return (ssize_t)taken;
	case PROBE_TLS_WANTS_READ:
	case PROBE_TLS_WANTS_WRITE:
		return -1;
	case PROBE_TLS_CLOSED:
	case PROBE_TLS_FAILED:
		break;
	}
	return 0;
}

/* All that is there: TLS may hold more of it than the socket, which then wakes nobody. */
static void on_input(struct probe_session *s)
{
	char piece[PIECE];
	ssize_t got;

	while ((got = take(s, piece)) > 0) {
		size_t used = smtp_reply_take(&s->reply, piece, (size_t)got);

		if (s->reply.state == SMTP_REPLY_MORE)
			continue;
		/* The session may be gone behind either. What came behind the reply is nobody's:
		 * nothing was said yet that it could be the answer to. */
		if (s->reply.state == SMTP_REPLY_WHOLE)
			on_reply(s, (size_t)got - used);
		else
			on_no_reply(s);
		return;
	}
	if (got == 0)
		on_closed(s);
}

static void refuse_connection(struct probe_session *s, int number)
{
	BUFFER_AUTO struct buffer text = {0};

	if (number == ECONNREFUSED)
		buffer_append_string(
		    &text, "Connection refused: the host is there, and nothing listens.");
	else if (number == ENETUNREACH || number == EHOSTUNREACH)
		buffer_append_string(&text, "There is no way to that address from here.");
	else
		buffer_printf(&text, "No connection: %s.", strerror(number));
	tell(s, PROBE_BAD, buffer_string(&text));
	finish(s);
}

static void on_connected(struct probe_session *s)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	int number = 0;
	socklen_t size = sizeof(number);
	char from[INET6_ADDRSTRLEN] = "?", text[100];
	const void *address = &((struct sockaddr_in *)&own)->sin_addr;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0 || number != 0) {
		refuse_connection(s, number);
		return;
	}
	if (getsockname(s->fd, (struct sockaddr *)&own, &len) == 0) {
		if (own.ss_family == AF_INET6)
			address = &((struct sockaddr_in6 *)&own)->sin6_addr;
		inet_ntop(own.ss_family, address, from, sizeof(from));
	}
	snprintf(text, sizeof(text), "Connected, from %s.", from);
	tell(s, PROBE_OK, text);
	move(s, GREETING);
	wait_for(s, POLLIN, PROBE_REPLY_MS);
}

static void on_event(void *context, short revents)
{
	struct probe_session *s = context;

	if (revents == 0)
		on_late(s);
	else if (s->state == CONNECTING)
		on_connected(s);
	else if (s->state == HANDSHAKE)
		on_handshake(s);
	else
		on_input(s);
}

/* Where it comes from decides what some servers say, so it should be where Postfix comes from. */
static void bind_to(int fd, struct slice address)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(address));
	/* Where that is not possible, the step says where it came from instead. */
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		(void)bind(fd, (struct sockaddr *)&v4, sizeof(v4));
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		(void)bind(fd, (struct sockaddr *)&v6, sizeof(v6));
}

/* 0, or why there is no connection, as errno has it. */
static int connect_now(struct probe_session *s)
{
	const struct sockaddr *address = (const struct sockaddr *)&s->plan.address;
	socklen_t len = address->sa_family == AF_INET ? sizeof(struct sockaddr_in)
						      : sizeof(struct sockaddr_in6);

	s->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return errno;
	if (s->plan.bind.len > 0)
		bind_to(s->fd, s->plan.bind);
	return connect(s->fd, address, len) != 0 && errno != EINPROGRESS ? errno : 0;
}

static void on_start(void *context, short revents)
{
	struct probe_session *s = context;
	int failed = connect_now(s);

	(void)revents;
	if (failed != 0) {
		refuse_connection(s, failed);
		return;
	}
	loop_remove(&s->watch);
	s->watch = loop_add(s->loop, s->fd, POLLOUT, on_event, s);
	wait_for(s, POLLOUT, PROBE_CONNECT_MS);
}

struct probe_session *probe_session_create(struct loop *loop, const struct probe_session_plan *plan,
    const struct probe_session_reader *reader)
{
	struct probe_session *s = memory_zero(1, sizeof(*s));

	s->loop = loop;
	s->plan = *plan;
	s->reader = *reader;
	s->fd = -1;
	s->begun_ms = clock_monotonic_ms();
	s->watch = loop_add(loop, -1, 0, on_start, s);
	loop_deadline(s->watch, s->begun_ms);
	return s;
}

void probe_session_destroy(struct probe_session **pointer)
{
	struct probe_session *s = *pointer;

	*pointer = NULL;
	if (s == NULL)
		return;
	loop_remove(&s->watch);
	probe_tls_destroy(&s->tls);
	fd_close(&s->fd);
	smtp_reply_free(&s->reply);
	free(s);
}
