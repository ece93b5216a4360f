/* The helper's life: it takes what the supervisor sends (configuration, peers, pings, the word to
 * stop), and its loop does the rest. What its peers ask stands in requests.c. At the end it waits
 * for commands that run, and leaves them to themselves after that. */
#include "helper/helper.h"

#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "helper/hold_room.h"
#include "helper/pause_tables.h"
#include "helper/peer.h"
#include "helper/requests.h"
#include "helper/runs.h"
#include "helper/walk.h"
#include "wire/control_channel.h"

/* How long commands that run at the end may take before the helper leaves them to themselves. */
#define STOP_WAIT_MS 10000
/* A viewer that is through is reaped; one that is at work dies with the helper (PR_SET_PDEATHSIG).
 */
#define READERS_WAIT_MS 500

static void take_peer(void *context, struct frame *frame)
{
	struct helper *helper = context;
	struct control_peer peer = {0};

	if (!control_peer_decode(frame, &peer))
		log_error("a malformed PEER from the supervisor");
	else
		peer_open(helper, peer.role, frame_take_fd(frame, 0));
	/* Before the reader, which the service alone has, watches that directory. */
	if (peer.role == CONTROL_ROLE_READER && helper->config.prefix[0] == '\0')
		hold_room_make(&helper->config);
}

static void take_config(void *context, const struct frame *frame)
{
	struct helper *helper = context;

	if (!role_config_decode(frame, &helper->config))
		log_error("a malformed CONFIG from the supervisor");
}

static void on_control(void *context, short revents)
{
	struct helper *helper = context;

	if (!control_take(helper->control, &(struct control_taker){take_config, take_peer, helper}))
		loop_stop(helper->loop);
}

static void finish(struct helper *helper)
{
	int64_t now = clock_monotonic_ms(), until = now + STOP_WAIT_MS,
		soon = now + READERS_WAIT_MS;

	loop_remove(&helper->control_watch);
	/* The loop goes on without the control channel: outcomes of commands are still told to the
	 * server. */
	for (; now < until; now = clock_monotonic_ms()) {
		if (runs_running(helper->runs) == 0 && helper->tools == 0 &&
		    (helper->readers == 0 || now >= soon))
			break;
		loop_once(helper->loop, 100);
	}
	for (int role = 0; role < CONTROL_ROLES; role++)
		peer_close(&helper->peers[role]);
	runs_destroy(&helper->runs);
	pause_tables_destroy(&helper->pause_tables);
	role_config_free(&helper->config);
	channel_destroy(&helper->control);
	fd_close(&helper->viewer_program);
	loop_destroy(&helper->loop);
}

int helper_main(int control_fd, int viewer_program)
{
	static const struct peer_events events = {requests_take, requests_peer_gone};
	struct helper helper = {.loop = loop_create(),
	    .peer_events = &events,
	    .control = channel_create(control_fd),
	    .inotify = -1,
	    .viewer_program = viewer_program};

	/* A peer that is gone shows as EPIPE at its own channel, and not as the helper's death. */
	signal(SIGPIPE, SIG_IGN);
	/* Who stops all of a machine's services asks the helper too. It serves until the supervisor
	 * says so, whose last commands run here. */
	signal(SIGTERM, SIG_IGN);
	helper.runs = runs_create(&helper);
	helper.pause_tables = pause_tables_create(&helper);
	helper.control_watch = loop_add(helper.loop, control_fd, POLLIN, on_control, &helper);
	loop_run(helper.loop);
	finish(&helper);
	return 0;
}
