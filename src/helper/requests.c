/* What the helper answers: the table of requests, which of them each role may make, and the answers
 * that are too small for a file of their own. A request is decoded once, here; what answers it gets
 * it typed. */
#include "helper/requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "helper/client_query.h"
#include "helper/logs.h"
#include "helper/pause_foreign.h"
#include "helper/pause_query.h"
#include "helper/pause_setup.h"
#include "helper/pause_tables.h"
#include "helper/qmgr.h"
#include "helper/runs.h"
#include "helper/show.h"
#include "helper/spool.h"
#include "helper/status.h"
#include "helper/walk.h"
#include "helper/watches.h"

/* ---- small answers ---- */

/* The helper only connects. What showq says is parsed by the reader, without root's rights. */
static void answer_showq(struct peer *peer, uint32_t request)
{
	FD_AUTO int fd = spool_connect(&peer->helper->config, "showq");
	struct error err;

	if (fd >= 0) {
		peer_stream(peer, request, fd);
		return;
	}
	error_set_errno(&err,
	    errno == ECONNREFUSED || errno == ENOENT ? "postfix_down" : "io_error", errno,
	    "%s/public/showq", role_config_fact(&peer->helper->config, "queue_directory"));
	peer_refuse_error(peer, request, &err);
}

static void answer_qmgr(struct peer *peer, uint32_t request)
{
	struct helper_qmgr qmgr = qmgr_look(&peer->helper->config);
	BUFFER_AUTO struct buffer answer = {0};

	helper_qmgr_encode(&answer, request, &qmgr);
	peer_send(peer, &answer, NULL, 0);
}

static void answer_status(struct peer *peer, uint32_t request)
{
	struct helper_status status = {0};
	BUFFER_AUTO struct buffer answer = {0};

	/* Where there is a reader, it tries for itself. */
	status_look(
	    &peer->helper->config, peer->helper->peers[CONTROL_ROLE_READER] == NULL, &status);
	helper_status_encode(&answer, request, &status);
	problem_list_free(&status.problems);
	peer_send(peer, &answer, NULL, 0);
}

/* ---- OPEN ---- */

/* One frame of the answer, and what the next record of it is made of. */
struct answer {
	struct peer *peer;
	uint32_t request;
	struct buffer frame;
	int fds[WIRE_FDS_MAX];
	size_t fd_count;
	char message[HELPER_OPEN_BYTES_MAX], log[HELPER_OPEN_BYTES_MAX];
};

/* Bytes and descriptors that one ID needs at most. An answer is sent before these would not fit, so
 * one ID is never split over two frames. */
#define RECORD_MAX (2 * HELPER_OPEN_BYTES_MAX + 64)
#define RECORD_FDS 2

static void send_answer(struct answer *answer)
{
	/* What is queued has copies of its own. These here are closed at once, so that many
	 * questions cannot use up the descriptors. */
	peer_send(answer->peer, &answer->frame, answer->fds, answer->fd_count);
	fd_close_all(answer->fds, answer->fd_count);
	answer->fd_count = 0;
	frame_begin(&answer->frame, HELPER_OPENED, answer->request);
}

static uint8_t add_fd(struct answer *answer, int fd)
{
	if (fd < 0)
		return HELPER_NO_FD;
	answer->fds[answer->fd_count] = fd;
	return (uint8_t)answer->fd_count++;
}

/* The file as its bytes, in `place`, where that can be; else as a descriptor. */
static uint8_t add_file(
    struct answer *answer, struct spool_file *file, char *place, struct slice *bytes)
{
	/* Most queue files and defer logs are small. As bytes they cost the reader no system call
	 * and no descriptor. */
	if (file->fd < 0 || !spool_read(file, place, HELPER_OPEN_BYTES_MAX))
		return add_fd(answer, file->fd);
	*bytes = slice_make(place, (size_t)file->st.st_size);
	fd_close(&file->fd);
	return HELPER_NO_FD;
}

static void open_one(
    struct answer *answer, struct spool *spool, const struct helper_open *open, struct slice id)
{
	struct helper_opened opened = {
	    .fd = HELPER_NO_FD, .defer_fd = HELPER_NO_FD, .record.queue = HELPER_QUEUE_ANY};
	bool both = open->kind == HELPER_OPEN_MESSAGE_DEFER;
	struct spool_file file, log;
	int error;

	if (both || open->kind == HELPER_OPEN_MESSAGE)
		error = spool_open_message(spool, id, open->queue, &file, &opened.record.queue);
	else
		error = spool_open_log(spool, id,
		    open->kind == HELPER_OPEN_DEFER ? QUEUE_DEFER_LOGS : QUEUE_BOUNCE_LOGS, &file);
	opened.error = (uint32_t)error;
	if (error == 0)
		spool_record(&opened.record, &file.st);
	if (!both) {
		opened.fd = add_fd(answer, file.fd);
	} else {
		opened.fd = add_file(answer, &file, answer->message, &opened.bytes);
		opened.defer_error = (uint32_t)spool_open_log(spool, id, QUEUE_DEFER_LOGS, &log);
		opened.record.log_stamp = spool_stamp(opened.defer_error == 0 ? &log.st : NULL);
		opened.defer_fd = add_file(answer, &log, answer->log, &opened.defer_bytes);
	}
	helper_opened_put(&answer->frame, &opened);
}

static void open_all(struct answer *answer, struct spool *spool, const struct helper_open *open)
{
	frame_begin(&answer->frame, HELPER_OPENED, answer->request);
	for (size_t i = 0; i < open->ids.count; i++) {
		if (answer->frame.len > WIRE_FRAME_MAX - RECORD_MAX ||
		    answer->fd_count > WIRE_FDS_MAX - RECORD_FDS)
			send_answer(answer);
		open_one(answer, spool, open, open->ids.items[i]);
	}
	send_answer(answer);
}

/* False when the queue directory cannot be opened: the question is refused then. */
static bool open_spool(struct peer *peer, uint32_t request, struct spool *spool)
{
	int error = spool_open(spool, &peer->helper->config);
	struct error err;

	if (error == 0)
		return true;
	error_set_errno(&err, "no_spool", error, "%s",
	    role_config_fact(&peer->helper->config, "queue_directory"));
	peer_refuse_error(peer, request, &err);
	return false;
}

static void answer_open(struct peer *peer, uint32_t request, const struct helper_open *open)
{
	struct answer answer;
	struct spool spool;

	/* The arrays are not cleared for every question. */
	answer.peer = peer;
	answer.request = request;
	answer.frame = (struct buffer){0};
	answer.fd_count = 0;
	if (open_spool(peer, request, &spool))
		open_all(&answer, &spool, open);
	buffer_free(&answer.frame);
	spool_close(&spool);
}

static void answer_look(struct peer *peer, uint32_t request, const struct helper_look *look)
{
	BUFFER_AUTO struct buffer answer = {0};
	struct spool spool;

	if (open_spool(peer, request, &spool)) {
		frame_begin(&answer, HELPER_LOOKED, request);
		for (size_t i = 0; i < look->count; i++) {
			struct helper_looked looked = {0};
			struct stat st = {0};

			looked.error = (uint32_t)spool_look(
			    &spool, look->ids[i].id, look->ids[i].queue, &st, &looked.record.queue);
			if (looked.error == 0)
				spool_record(&looked.record, &st);
			/* A late answer of a delivery agent changes only the log: of a message that
			 * was put on hold or re-queued meanwhile, or is in incoming again after a
			 * reload. */
			if (looked.error == 0 && looked.record.queue != QUEUE_ACTIVE)
				looked.record.log_stamp = spool_log_stamp(&spool, look->ids[i].id);
			helper_looked_put(&answer, &looked);
		}
		peer_send(peer, &answer, NULL, 0);
	}
	spool_close(&spool);
}

/* ---- reading a request ---- */

/* Each reads its request once, whole, and hands it on; false when the body is malformed. */

/* Those without a body. */
static bool take_plain(struct peer *peer, const struct frame *frame,
    void (*handler)(struct peer *peer, uint32_t request))
{
	if (frame->body.len > 0)
		return false;
	handler(peer, frame->request);
	return true;
}

static bool take_showq(struct peer *peer, const struct frame *frame)
{
	return take_plain(peer, frame, answer_showq);
}

static bool take_listing(struct peer *peer, const struct frame *frame)
{
	return take_plain(peer, frame, show_listing);
}

static bool take_log_list(struct peer *peer, const struct frame *frame)
{
	return take_plain(peer, frame, logs_list);
}

static bool take_status(struct peer *peer, const struct frame *frame)
{
	return take_plain(peer, frame, answer_status);
}

static bool take_qmgr(struct peer *peer, const struct frame *frame)
{
	return take_plain(peer, frame, answer_qmgr);
}

/* Each runs commands, and the server is not to start any number of them. */
static bool is_pause_refused(struct peer *peer, const struct frame *frame)
{
	bool busy = peer->helper->tools >= PAUSE_AT_ONCE;

	if (busy)
		peer_refuse(peer, frame->request, "busy", "other commands are under way");
	return busy;
}

static bool take_pause_foreign(struct peer *peer, const struct frame *frame)
{
	return is_pause_refused(peer, frame) || take_plain(peer, frame, pause_foreign_take);
}

static bool take_list(struct peer *peer, const struct frame *frame)
{
	struct helper_list list;

	if (!helper_list_decode(frame, &list))
		return false;
	walk_list(peer, frame->request, &list);
	return true;
}

static bool take_open(struct peer *peer, const struct frame *frame)
{
	struct helper_open open;

	if (!helper_open_decode(frame, &open))
		return false;
	answer_open(peer, frame->request, &open);
	helper_strings_free(&open.ids);
	return true;
}

static bool take_look(struct peer *peer, const struct frame *frame)
{
	struct helper_look look;

	if (!helper_look_decode(frame, &look))
		return false;
	answer_look(peer, frame->request, &look);
	helper_look_free(&look);
	return true;
}

static bool take_watch(struct peer *peer, const struct frame *frame)
{
	struct helper_watch watch;

	if (!helper_watch_decode(frame, &watch))
		return false;
	walk_watch(peer, frame->request, &watch);
	return true;
}

static bool take_log_open(struct peer *peer, const struct frame *frame)
{
	struct helper_log_open open;

	if (!helper_log_open_decode(frame, &open))
		return false;
	logs_open(peer, frame->request, &open);
	return true;
}

static bool take_log_command(struct peer *peer, const struct frame *frame)
{
	struct helper_log_command command;

	if (!helper_log_command_decode(frame, &command))
		return false;
	logs_command(peer, frame->request, &command);
	return true;
}

static bool take_run(struct peer *peer, const struct frame *frame)
{
	struct helper_run run = {0};

	if (!helper_run_decode(frame, &run))
		return false;
	runs_start(peer, frame->request, &run);
	helper_run_free(&run);
	return true;
}

static bool take_recall(struct peer *peer, const struct frame *frame)
{
	struct helper_token token;

	if (!helper_token_decode(frame, &token))
		return false;
	runs_recall(peer, frame->request, token.token);
	return true;
}

static bool take_taken(struct peer *peer, const struct frame *frame)
{
	struct helper_token token;

	if (!helper_token_decode(frame, &token))
		return false;
	runs_taken(peer, token.token);
	return true;
}

static bool take_view(struct peer *peer, const struct frame *frame)
{
	struct helper_view view;

	if (!helper_view_decode(frame, &view))
		return false;
	show_message(peer, frame->request, &view);
	return true;
}

static bool take_pause_table(struct peer *peer, const struct frame *frame)
{
	struct pause_piece piece;
	struct cursor entries;

	if (!pause_piece_decode(frame, &piece, &entries))
		return false;
	/* Pieces before the last are only kept. */
	if (!piece.last || !is_pause_refused(peer, frame))
		pause_tables_take(peer, frame->request, &piece, cursor_rest(&entries));
	return true;
}

static bool take_pause_setup(struct peer *peer, const struct frame *frame)
{
	struct pause_setup_ask ask;

	if (!pause_setup_ask_decode(frame, &ask))
		return false;
	if (!is_pause_refused(peer, frame))
		pause_setup_take(peer, frame->request, &ask);
	return true;
}

static bool take_pause_query(struct peer *peer, const struct frame *frame)
{
	struct pause_query query;

	if (!pause_query_decode(frame, &query))
		return false;
	if (is_pause_refused(peer, frame))
		return true;
	if (query.kind == PAUSE_QUERY_CLIENT)
		client_query_take(peer, frame->request, &query);
	else
		pause_query_take(peer, frame->request, &query);
	return true;
}

/* ---- the table: who may make each request, and what takes it ---- */

#define ROLE(role) (1u << (role))
#define READER ROLE(CONTROL_ROLE_READER)
#define LOGREADER ROLE(CONTROL_ROLE_LOGREADER)
#define SERVER ROLE(CONTROL_ROLE_SERVER)

static const struct request {
	uint32_t roles; /* ROLE of who may; none by default */
	bool (*take)(struct peer *peer, const struct frame *frame);
} requests[] = {
    [HELPER_LIST] = {READER, take_list},
    [HELPER_OPEN] = {READER, take_open},
    [HELPER_LOOK] = {READER, take_look},
    [HELPER_WATCH] = {READER, take_watch},
    [HELPER_SHOWQ] = {READER, take_showq},
    [HELPER_LISTING] = {READER, take_listing},
    [HELPER_LOG_LIST] = {LOGREADER, take_log_list},
    [HELPER_LOG_OPEN] = {LOGREADER, take_log_open},
    [HELPER_LOG_COMMAND] = {LOGREADER, take_log_command},
    [HELPER_RUN] = {SERVER, take_run},
    [HELPER_RECALL] = {SERVER, take_recall},
    [HELPER_TAKEN] = {SERVER, take_taken},
    [HELPER_VIEW] = {SERVER, take_view},
    [HELPER_STATUS] = {SERVER, take_status},
    [HELPER_QMGR_STATE] = {SERVER, take_qmgr},
    [HELPER_PAUSE_TABLE] = {SERVER, take_pause_table},
    [HELPER_PAUSE_SETUP] = {SERVER, take_pause_setup},
    [HELPER_PAUSE_QUERY] = {SERVER, take_pause_query},
    [HELPER_PAUSE_FOREIGN] = {SERVER, take_pause_foreign},
};

void requests_take(struct peer *peer, const struct frame *frame)
{
	const struct request *request = NULL;

	if (frame->type < sizeof(requests) / sizeof(requests[0]) &&
	    requests[frame->type].take != NULL)
		request = &requests[frame->type];
	if (request == NULL) {
		peer_complain(peer, "an unknown request");
		peer_refuse(peer, frame->request, "bad_request", "no such request");
		/* The role is known by the channel that the supervisor made, and not by anything
		 * that the peer says. */
	} else if ((request->roles & ROLE(peer->role)) == 0) {
		peer_complain(peer, "a request that it may not make");
		peer_refuse(peer, frame->request, "not_allowed", "this role may not ask for that");
	} else if (!request->take(peer, frame)) {
		peer_complain(peer, "a malformed request");
		peer_refuse(peer, frame->request, "bad_request", "the request is malformed");
	}
}

void requests_peer_gone(struct peer *peer)
{
	/* Runs are not ended: what was begun on the queue is finished, and the outcome kept for the
	 * next server. */
	walk_peer_gone(peer);
	logs_peer_gone(peer);
	if (peer->role == CONTROL_ROLE_READER)
		watches_close(peer->helper);
}
