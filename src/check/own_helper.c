/* Starts the helper, hands it the configuration and one end of a channel, and asks by the other. */
#include "check/own_helper.h"

#include <signal.h>

#include "base/fd.h"
#include "role/program.h"

static bool send_frames(struct process *helper, const struct role_config *facts, int peer_fd)
{
	BUFFER_AUTO struct buffer frame = {0};
	bool ok;

	role_config_encode(&frame, facts);
	/* As the supervisor does: first its configuration, then its end of a channel. */
	ok = channel_send(helper->control, &frame, NULL, 0);
	control_peer_encode(&frame, &(struct control_peer){CONTROL_ROLE_SERVER});
	return ok && channel_send(helper->control, &frame, &peer_fd, 1);
}

bool own_helper_start(struct own_helper *helper, const struct role_config *facts, struct error *err)
{
	struct confine_plan plan = confine_plan(facts, CONTROL_ROLE_HELPER);
	int fds[2] = {-1, -1};
	FD_AUTO int program = program_open(PROGRAM_HELPER, err);
	bool ok;

	*helper = (struct own_helper){.process.pidfd = -1};
	if (program < 0 || !process_start(&helper->process, &plan, program, facts, err) ||
	    !channel_pair(fds, err))
		return false;
	helper->channel = channel_create(fds[0]);
	ok = send_frames(&helper->process, facts, fds[1]);
	fd_close(&fds[1]);
	return ok || error_set(err, "helper_failed", "it did not answer");
}

bool own_helper_ask(
    struct own_helper *helper, struct buffer *question, int timeout_ms, struct frame *answer)
{
	return channel_send(helper->channel, question, NULL, 0) &&
	       channel_wait(helper->channel, timeout_ms) &&
	       channel_receive(helper->channel, answer) == CHANNEL_FRAME;
}

void own_helper_end(struct own_helper *helper, bool answered)
{
	char how[128];

	channel_destroy(&helper->channel);
	if (helper->process.pid <= 0)
		return;
	channel_destroy(&helper->process.control); /* its end */
	if (!answered)
		kill(helper->process.pid, SIGKILL);
	(void)process_reap(&helper->process, how, sizeof(how));
}
