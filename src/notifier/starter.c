/* The starter's process: one loop with the channel to the notifier, and the commands that run. The
 * directory of commands is what the supervisor said, not what the notifier says. */
#include "notifier/starter.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "notifier/command.h"
#include "role/role.h"
#include "role/sandbox.h"
#include "wire/channel.h"

struct starter;

struct running {
	struct running *next;
	struct starter *starter;
	struct command *command;
	uint32_t request;
	int64_t began_ms;
};

struct starter {
	struct loop *loop;
	struct channel *channel;
	struct loop_watch *watch;
	const char *directory;
	struct running *first;
	unsigned count;
};

static void answer(struct starter *s, uint32_t request, const struct notifier_sent *sent)
{
	BUFFER_AUTO struct buffer frame = {0};

	notifier_sent_encode(&frame, request, sent);
	/* A notifier that is gone is noticed when its channel is read. */
	(void)channel_send(s->channel, &frame, NULL, 0);
	loop_events(s->watch, channel_wants_write(s->channel) ? POLLIN | POLLOUT : POLLIN);
}

/* The command itself is gone by then, or will be: it is not touched any more. */
static void take_out(struct running *r)
{
	struct running **at = &r->starter->first;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	r->starter->count--;
	free(r);
}

static void on_done(void *context, const struct outcome *outcome)
{
	struct running *r = context;
	struct notifier_sent sent = outcome->sent;

	sent.took_ms = (uint32_t)(clock_monotonic_ms() - r->began_ms);
	answer(r->starter, r->request, &sent);
	take_out(r);
}

static void begin(struct starter *s, const struct frame *frame)
{
	struct notifier_send send;
	struct outcome outcome = {0};
	struct running *r;

	if (!notifier_send_decode(frame, &send) || send.way != NOTIFIER_COMMAND) {
		log_warning("the notifier asks for what is no command");
		return;
	}
	if (s->count == STARTER_COMMANDS_MAX) {
		outcome_set(&outcome, NOTIFIER_TRY_AGAIN,
		    "It is not started now: %d other commands are running.", STARTER_COMMANDS_MAX);
		answer(s, frame->request, &outcome.sent);
		return;
	}
	r = memory_zero(1, sizeof(*r));
	*r = (struct running){s->first, s, NULL, frame->request, clock_monotonic_ms()};
	r->command = command_start(s->loop, s->directory, &send, on_done, r, &outcome);
	if (r->command == NULL) {
		answer(s, frame->request, &outcome.sent);
		free(r);
		return;
	}
	s->first = r;
	s->count++;
}

static void cancel(struct starter *s, uint32_t request)
{
	for (struct running *r = s->first; r != NULL; r = r->next)
		if (r->request == request) {
			command_cancel(r->command);
			take_out(r);
			return;
		}
}

static void on_channel(void *context, short revents)
{
	struct starter *s = context;
	enum channel_result result;
	struct frame frame;
	uint32_t request;

	if ((revents & POLLOUT) != 0)
		(void)channel_flush(s->channel);
	while ((result = channel_receive(s->channel, &frame)) == CHANNEL_FRAME) {
		if (frame.type == NOTIFIER_SEND)
			begin(s, &frame);
		else if (notifier_cancel_decode(&frame, &request))
			cancel(s, request);
		frame_close(&frame);
	}
	if (result != CHANNEL_EMPTY)
		loop_stop(s->loop);
}

static _Noreturn void serve(int fd, const char *directory)
{
	struct starter s = {.loop = loop_create(), .channel = channel_create(fd)};

	s.directory = directory;
	s.watch = loop_add(s.loop, fd, POLLIN, on_channel, &s);
	(void)loop_run(s.loop);
	for (struct running *r = s.first; r != NULL; r = r->next)
		command_cancel(r->command);
	/* The kernel frees all else that this process has. */
	_exit(0);
}

bool starter_begin(void *context, const struct role_config *config, struct error *err)
{
	int *own = context, fds[2];
	pid_t pid;

	if (!channel_pair(fds, err))
		return false;
	pid = fork();
	if (pid < 0) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return error_set_errno(err, "role_failed", errno, "fork");
	}
	if (pid == 0) {
		prctl(PR_SET_NAME, "postroom-starte");
		/* The supervisor's channel is the notifier's alone. */
		close(CONTROL_FD);
		fd_close(&fds[0]);
		signal(SIGINT, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		if (!sandbox_close_starter(err)) {
			log_error("the starter of commands: %s", err->text);
			_exit(ROLE_REFUSED);
		}
		serve(fds[1], role_config_get(config, "alerts.commands"));
	}
	fd_close(&fds[1]);
	*own = fds[0];
	return true;
}
