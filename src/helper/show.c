/* Lets another process read for a peer: `postqueue -j` for a listing, a viewer for one message.
 * Their output goes to the peer through a descriptor and never through the helper. A viewer gets
 * the message only after it has proved that it is confined as its role demands. */
#include "helper/show.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "helper/child.h"
#include "helper/command.h"
#include "helper/spool.h"
#include "postfix/queue_id.h"

/* A listing of 974,000 messages took 285 s with a cold disk. */
#define LISTING_DEADLINE ((int64_t)1800 * 1000)
/* Parsing takes a second at most; a download goes as fast as the person at its end takes it. */
#define VIEW_DEADLINE ((int64_t)60 * 1000)
#define DOWNLOAD_DEADLINE ((int64_t)1800 * 1000)
#define ERRORS_MAX 65536

/* A process whose output goes to the peer by itself; what it says on standard error, and its end,
 * are told in frames when `tell` is set. */
struct reader {
	struct helper *helper;
	struct peer_ref peer;
	bool tell;
	struct viewing *viewing; /* while a viewer has not proved what it is */
};

/* A viewer that was started and has proved nothing yet. It is handed the message, and the peer its
 * channel, only then. */
struct viewing {
	struct reader *reader;
	struct child *child; /* NULL once it has ended */
	struct confine_plan plan;
	struct channel *near;
	struct loop_watch *watch;
	struct viewer_start first;
	int message;
};

/* From here on the process is only waited for: it has its message, or it is at its end. */
static void end_viewing(struct viewing *viewing)
{
	viewing->reader->viewing = NULL;
	loop_remove(&viewing->watch);
	channel_destroy(&viewing->near);
	fd_close(&viewing->message);
	free(viewing);
}

static void refuse_viewing(struct viewing *viewing, const char *why)
{
	struct reader *reader = viewing->reader;
	struct peer *peer = peer_of(reader->helper, &reader->peer);

	log_error("a viewer %s and is ended", why);
	if (peer != NULL)
		peer_refuse(peer, reader->peer.request, "view_failed",
		    "the process that reads messages did not start as it should; the log says "
		    "why");
	if (viewing->child != NULL)
		child_kill(viewing->child);
	end_viewing(viewing);
}

static void on_output(void *context, uint8_t stream, struct slice bytes)
{
	struct reader *reader = context;
	struct peer *peer = peer_of(reader->helper, &reader->peer);
	struct helper_output output = {stream, bytes};
	BUFFER_AUTO struct buffer frame = {0};

	/* For people: what a viewer says on standard error is its complaint. */
	if (!reader->tell)
		log_warning("reading a message: %.*s", SLICE_ARGS(slice_trim(bytes)));
	if (peer == NULL || !reader->tell)
		return;
	helper_output_encode(&frame, reader->peer.request, &output);
	peer_send(peer, &frame, NULL, 0);
}

static void on_done(void *context, const struct helper_exit *end)
{
	struct reader *reader = context;
	struct peer *peer = peer_of(reader->helper, &reader->peer);
	BUFFER_AUTO struct buffer frame = {0};

	reader->helper->readers--;
	if (reader->viewing != NULL) {
		reader->viewing->child = NULL; /* it has ended by itself */
		refuse_viewing(reader->viewing, "does not say what it is");
	}
	if (!reader->tell && end->signal != 0)
		log_warning("reading a message was ended by signal %u%s", end->signal,
		    end->deadline ? " (it took too long)" : "");
	if (peer != NULL && reader->tell) {
		helper_exit_encode(&frame, reader->peer.request, end);
		peer_send(peer, &frame, NULL, 0);
	}
	free(reader);
}

/* `viewing`: what waits for the process's proof, with what it is made of; else NULL. */
static bool start_reader(struct peer *peer, uint32_t request, const struct child_plan *plan,
    bool tell, struct viewing *viewing, struct error *err)
{
	static const struct child_events events = {on_output, on_done};
	struct reader *reader = memory_zero(1, sizeof(*reader));
	struct child *child;

	*reader = (struct reader){peer->helper, peer_ref(peer, request), tell, viewing};
	child = child_start(peer->helper->loop, plan, &events, reader, err);
	if (child == NULL) {
		free(reader);
		return false;
	}
	if (viewing != NULL) {
		viewing->reader = reader;
		viewing->child = child;
	}
	peer->helper->readers++;
	return true;
}

static bool start(struct peer *peer, uint32_t request, const struct child_plan *plan, bool tell,
    struct error *err)
{
	return start_reader(peer, request, plan, tell, NULL, err);
}

/* A person can ask for messages faster than they are read; each of them costs root a process. */
static bool busy(struct peer *peer, uint32_t request)
{
	if (peer->helper->readers < HELPER_READERS_MAX)
		return false;
	peer_refuse(peer, request, "busy", "other messages or listings are being read");
	return true;
}

void show_listing(struct peer *peer, uint32_t request)
{
	COMMAND_WORDS_AUTO struct command_words words = {0};
	struct child_plan plan = {.extra_fd = -1,
	    .deadline_ms = LISTING_DEADLINE,
	    .output_max = ERRORS_MAX,
	    .disposable = true};
	struct error err;
	int fds[2];

	if (busy(peer, request))
		return;
	if (!command_begin(&words, &peer->helper->config, "postqueue", &err)) {
		peer_refuse_error(peer, request, &err);
		return;
	}
	command_words_add(&words, "-j");
	if (pipe2(fds, O_CLOEXEC) != 0) {
		peer_refuse(peer, request, "spawn_failed", "no pipe");
		return;
	}
	plan.argv = words.items;
	plan.output_fd = fds[1];
	if (start(peer, request, &plan, true, &err))
		peer_stream(peer, request, fds[0]);
	else
		peer_refuse_error(peer, request, &err);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
}

/* ---- VIEW ---- */

static bool open_file(
    const struct helper *helper, const struct helper_view *view, int *fd, struct error *err)
{
	struct spool spool;
	struct spool_file file;
	uint8_t queue;
	int error = spool_open(&spool, &helper->config);

	if (error != 0) {
		error_set_errno(err, "no_spool", error, "the queue directory");
	} else {
		error = spool_open_message(&spool, view->id, view->queue, &file, &queue);
		*fd = file.fd;
		if (error == ENOENT)
			error_set(err, "not_found", "the message is not in the queue any more");
		else if (error == EAGAIN)
			error_set(
			    err, "not_ready", "the message is still being received, or damaged");
		else if (error != 0)
			error_set_errno(err, "io_error", error, "the queue file");
	}
	spool_close(&spool);
	return error == 0;
}

static int64_t deadline(const struct helper_view *view)
{
	bool parsed = view->mode == VIEWER_MODE_CONTENT || view->mode == VIEWER_MODE_HTML;

	return parsed ? VIEW_DEADLINE : DOWNLOAD_DEADLINE;
}

/* The message as postcat prints it, through a pipe. */
static bool open_postcat(
    struct peer *peer, uint32_t request, const struct helper_view *view, int *fd, struct error *err)
{
	COMMAND_WORDS_AUTO struct command_words words = {0};
	struct child_plan plan = {.extra_fd = -1,
	    .deadline_ms = deadline(view),
	    .output_max = ERRORS_MAX,
	    .disposable = true};
	char id[QUEUE_ID_SIZE];
	int fds[2];
	bool ok;

	if (!command_begin(&words, &peer->helper->config, "postcat", err))
		return false;
	snprintf(id, sizeof(id), "%.*s", SLICE_ARGS(view->id));
	command_words_split(&words, "-bh -q");
	command_words_add(&words, id);
	if (pipe2(fds, O_CLOEXEC) != 0)
		return error_set_errno(err, "spawn_failed", errno, "pipe");
	plan.argv = words.items;
	plan.output_fd = fds[1];
	ok = start(peer, request, &plan, false, err);
	fd_close(&fds[1]);
	if (ok)
		*fd = fds[0];
	else
		fd_close(&fds[0]);
	return ok;
}

/* Hands over: the message to the viewer, the viewer to the peer. */
static void hand_over(struct viewing *viewing)
{
	struct reader *reader = viewing->reader;
	struct peer *peer = peer_of(reader->helper, &reader->peer);
	BUFFER_AUTO struct buffer frame = {0};

	viewer_start_encode(&frame, &viewing->first);
	/* The kernel's word on the sender was wanted for the first frame alone. The peer that takes
	 * the channel over gets it as it takes every other. */
	if (peer != NULL && channel_know_sender(viewing->near, false) &&
	    channel_send(viewing->near, &frame, &viewing->message, 1))
		peer_stream(peer, reader->peer.request, channel_fd(viewing->near));
	end_viewing(viewing);
}

static void on_first_frame(void *context, short revents)
{
	struct viewing *viewing = context;
	struct frame frame;
	struct error err;
	enum channel_result result = channel_receive(viewing->near, &frame);

	(void)revents;
	if (result == CHANNEL_EMPTY)
		return;
	if (result != CHANNEL_FRAME) {
		refuse_viewing(viewing, "does not say what it is");
		return;
	}
	if (child_prove(viewing->child, &viewing->plan, viewing->near, &frame, &err)) {
		frame_close(&frame);
		hand_over(viewing);
		return;
	}
	frame_close(&frame);
	log_error("a viewer: %s", err.text);
	refuse_viewing(viewing, "is not what it should be");
}

/* Takes `message` over. */
static bool start_viewer(struct peer *peer, uint32_t request, const struct helper_view *view,
    enum viewer_source source, int *message, struct error *err)
{
	struct viewing *viewing = memory_zero(1, sizeof(*viewing));
	struct child_plan plan = {.output_fd = -1,
	    .deadline_ms = deadline(view),
	    .output_max = ERRORS_MAX,
	    .disposable = true,
	    .role = &viewing->plan,
	    .program = peer->helper->viewer_program};
	int fds[2];
	bool ok;

	*viewing =
	    (struct viewing){.plan = confine_plan(&peer->helper->config, CONTROL_ROLE_VIEWER),
		.first = {view->mode, source, view->part, view->limits},
		.message = *message};
	*message = -1;
	ok = channel_pair(fds, err);
	if (ok) {
		viewing->near = channel_create(fds[0]);
		plan.extra_fd = fds[1];
		ok = channel_know_sender(viewing->near, true) &&
		     start_reader(peer, request, &plan, false, viewing, err);
		fd_close(&fds[1]);
	}
	if (ok) {
		viewing->watch = loop_add(
		    peer->helper->loop, channel_fd(viewing->near), POLLIN, on_first_frame, viewing);
		return true;
	}
	channel_destroy(&viewing->near);
	fd_close(&viewing->message);
	free(viewing);
	return false;
}

void show_message(struct peer *peer, uint32_t request, const struct helper_view *wanted)
{
	const struct role_config *config = &peer->helper->config;
	bool prefix = config->prefix != NULL && config->prefix[0] != '\0';
	FD_AUTO int message = -1;
	struct error err;
	bool ok;

	if (!queue_id_valid(wanted->id)) {
		peer_refuse(peer, request, "bad_id", "that is no queue ID");
		return;
	}
	if (busy(peer, request))
		return;
	ok = prefix ? open_postcat(peer, request, wanted, &message, &err)
		    : open_file(peer->helper, wanted, &message, &err);
	ok = ok && start_viewer(peer, request, wanted,
		       prefix ? VIEWER_SOURCE_RFC822 : VIEWER_SOURCE_QUEUE_FILE, &message, &err);
	if (!ok)
		peer_refuse_error(peer, request, &err);
}
