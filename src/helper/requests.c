#include "helper/requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "helper/logs.h"
#include "helper/qmgr.h"
#include "helper/runs.h"
#include "helper/scan.h"
#include "helper/spool.h"
#include "helper/status.h"
#include "helper/view.h"
#include "helper/watches.h"

/* ---- small answers ---- */

static void answer_showq(struct peer *peer, struct frame *frame)
{
	FD_AUTO int fd = spool_connect(&peer->helper->config, "showq");
	struct error err;

	if (fd >= 0) {
		peer_stream(peer, frame->request, fd);
		return;
	}
	error_set_errno(&err,
	    errno == ECONNREFUSED || errno == ENOENT ? "postfix_down" : "io_error", errno,
	    "%s/public/showq", role_config_fact(&peer->helper->config, "queue_directory"));
	peer_refuse_error(peer, frame->request, &err);
}

static void answer_qmgr(struct peer *peer, struct frame *frame)
{
	struct helper_qmgr qmgr = qmgr_look(&peer->helper->config);
	BUFFER_AUTO struct buffer answer = {0};

	helper_qmgr_encode(&answer, frame->request, &qmgr);
	peer_send(peer, &answer, NULL, 0);
}

static void answer_status(struct peer *peer, struct frame *frame)
{
	struct helper_status status = {0};
	BUFFER_AUTO struct buffer answer = {0};

	/* Where there is a reader, it tries for itself. */
	status_look(
	    &peer->helper->config, peer->helper->peers[CONTROL_ROLE_READER] == NULL, &status);
	helper_status_encode(&answer, frame->request, &status);
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

/* Bytes and descriptors that one ID needs at most. */
#define RECORD_MAX (2 * HELPER_OPEN_BYTES_MAX + 64)
#define RECORD_FDS 2

static void send_answer(struct answer *answer)
{
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
		    open->kind == HELPER_OPEN_DEFER ? HELPER_QUEUE_DEFER : HELPER_QUEUE_BOUNCE,
		    &file);
	opened.error = (uint32_t)error;
	if (error == 0)
		spool_record(&opened.record, &file.st);
	if (!both) {
		opened.fd = add_fd(answer, file.fd);
	} else {
		opened.fd = add_file(answer, &file, answer->message, &opened.bytes);
		opened.defer_error = (uint32_t)spool_open_log(spool, id, HELPER_QUEUE_DEFER, &log);
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
static bool open_spool(struct peer *peer, const struct frame *frame, struct spool *spool)
{
	int error = spool_open(spool, &peer->helper->config);
	struct error err;

	if (error == 0)
		return true;
	error_set_errno(&err, "no_spool", error, "%s",
	    role_config_fact(&peer->helper->config, "queue_directory"));
	peer_refuse_error(peer, frame->request, &err);
	return false;
}

static void answer_open(struct peer *peer, struct frame *frame)
{
	struct helper_open open;
	struct answer answer;
	struct spool spool;

	/* The arrays are not cleared for every question. */
	answer.peer = peer;
	answer.request = frame->request;
	answer.frame = (struct buffer){0};
	answer.fd_count = 0;
	helper_open_decode(frame, &open);
	if (open_spool(peer, frame, &spool))
		open_all(&answer, &spool, &open);
	buffer_free(&answer.frame);
	helper_strings_free(&open.ids);
	spool_close(&spool);
}

static void answer_look(struct peer *peer, struct frame *frame)
{
	BUFFER_AUTO struct buffer answer = {0};
	struct helper_look look;
	struct spool spool;

	helper_look_decode(frame, &look);
	if (open_spool(peer, frame, &spool)) {
		frame_begin(&answer, HELPER_LOOKED, frame->request);
		for (size_t i = 0; i < look.count; i++) {
			struct helper_looked looked = {0};
			struct stat st = {0};

			looked.error = (uint32_t)spool_look(
			    &spool, look.ids[i].id, look.ids[i].queue, &st, &looked.record.queue);
			if (looked.error == 0)
				spool_record(&looked.record, &st);
			/* A late answer of a delivery agent changes only the log: of a message that
			 * was put on hold or re-queued meanwhile, or is in incoming again after a
			 * reload. */
			if (looked.error == 0 && looked.record.queue != HELPER_QUEUE_ACTIVE)
				looked.record.log_stamp = spool_log_stamp(&spool, look.ids[i].id);
			helper_looked_put(&answer, &looked);
		}
		peer_send(peer, &answer, NULL, 0);
	}
	helper_look_free(&look);
	spool_close(&spool);
}

/* ---- whether a body is well formed ---- */

static bool is_empty(const struct frame *frame)
{
	return frame->body.len == 0;
}

static bool is_list(const struct frame *frame)
{
	struct helper_list list;

	return helper_list_decode(frame, &list);
}

static bool is_open(const struct frame *frame)
{
	struct helper_open open;
	bool ok = helper_open_decode(frame, &open);

	if (ok)
		helper_strings_free(&open.ids);
	return ok;
}

static bool is_look(const struct frame *frame)
{
	struct helper_look look;
	bool ok = helper_look_decode(frame, &look);

	if (ok)
		helper_look_free(&look);
	return ok;
}

static bool is_watch(const struct frame *frame)
{
	struct helper_watch watch;

	return helper_watch_decode(frame, &watch);
}

static bool is_log_open(const struct frame *frame)
{
	struct helper_log_open open;

	return helper_log_open_decode(frame, &open);
}

static bool is_log_command(const struct frame *frame)
{
	struct helper_log_command command;

	return helper_log_command_decode(frame, &command);
}

static bool is_run(const struct frame *frame)
{
	struct helper_run run = {0};
	bool ok = helper_run_decode(frame, &run);

	if (ok)
		helper_run_free(&run);
	return ok;
}

static bool is_token(const struct frame *frame)
{
	struct helper_token token;

	return helper_token_decode(frame, &token);
}

static bool is_view(const struct frame *frame)
{
	struct helper_view view;

	return helper_view_decode(frame, &view);
}

/* ---- the table ---- */

#define READER REQUEST_ROLE(CONTROL_ROLE_READER)
#define LOGREADER REQUEST_ROLE(CONTROL_ROLE_LOGREADER)
#define SERVER REQUEST_ROLE(CONTROL_ROLE_SERVER)

static const struct request requests[] = {
    [HELPER_LIST] = {READER, is_list, scan_start},
    [HELPER_OPEN] = {READER, is_open, answer_open},
    [HELPER_LOOK] = {READER, is_look, answer_look},
    [HELPER_WATCH] = {READER, is_watch, scan_watch},
    [HELPER_SHOWQ] = {READER, is_empty, answer_showq},
    [HELPER_LISTING] = {READER, is_empty, view_listing},
    [HELPER_LOG_LIST] = {LOGREADER, is_empty, logs_list},
    [HELPER_LOG_OPEN] = {LOGREADER, is_log_open, logs_open},
    [HELPER_LOG_COMMAND] = {LOGREADER, is_log_command, logs_command},
    [HELPER_RUN] = {SERVER, is_run, runs_start},
    [HELPER_RECALL] = {SERVER, is_token, runs_recall},
    [HELPER_TAKEN] = {SERVER, is_token, runs_taken},
    [HELPER_VIEW] = {SERVER, is_view, view_start},
    [HELPER_STATUS] = {SERVER, is_empty, answer_status},
    [HELPER_QMGR_STATE] = {SERVER, is_empty, answer_qmgr},
};

const struct request *request_find(uint8_t type)
{
	if (type >= sizeof(requests) / sizeof(requests[0]) || requests[type].handler == NULL)
		return NULL;
	return &requests[type];
}

void request_peer_gone(struct peer *peer)
{
	scan_peer_gone(peer);
	logs_peer_gone(peer);
	if (peer->role == CONTROL_ROLE_READER)
		watches_close(peer->helper);
}
