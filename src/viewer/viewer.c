/* The process that shows one message. It waits for the helper's frame with the message, reads and
 * parses it, sends what was asked for, and ends. It is thrown away afterwards, so a stranger who
 * takes it over gets nothing but the message that he wrote. */
#include "viewer/viewer.h"

#include <gmime/gmime.h>
#include <libxml/parser.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "viewer/content.h"
#include "viewer/mime.h"
#include "wire/channel.h"

/* The first frame is in the channel before the viewer is. */
#define START_WAIT_MS 5000
/* The worst HTML that libxml2 is slow at costs its 4 MiB squared: such a mail ends the process. All
 * others are done within a second. */
#define HTML_SECONDS 5

static bool receive_start(struct channel *channel, struct viewer_start *start, int *fd)
{
	struct frame frame;

	if (!channel_wait(channel, START_WAIT_MS) ||
	    channel_receive(channel, &frame) != CHANNEL_FRAME)
		return false;
	*fd = viewer_start_decode(&frame, start) ? frame_take_fd(&frame, 0) : -1;
	frame_close(&frame);
	return *fd >= 0;
}

/* Waits until the frame is taken. Nobody needs a viewer whose reader has gone. */
static void send_frame(void *context, struct buffer *frame)
{
	struct channel *channel = context;

	/* exit and no clean-up by hand: the kernel frees all that this process has. */
	if (!channel_send(channel, frame, NULL, 0))
		exit(0);
	while (channel_wants_write(channel)) {
		struct pollfd p = {channel_fd(channel), POLLOUT, 0};

		if (poll(&p, 1, -1) < 0 || !channel_flush(channel))
			exit(0);
	}
}

static void send_end(struct out *out, uint64_t bytes, bool cut)
{
	viewer_end_encode(&out->frame, &(struct viewer_end){bytes, cut});
	out_send(out);
}

/* postcat prints nothing for a message that is not there; no message is empty. */
static bool is_gone(struct out *out, const struct content *content, uint64_t bytes)
{
	if (content->source == VIEWER_SOURCE_QUEUE_FILE || bytes > 0)
		return false;
	out_failed(out, "message_gone", "The message is not in the queue any more.");
	return true;
}

static void fail_damaged(struct out *out, const struct content *content)
{
	BUFFER_AUTO struct buffer text = {0};

	buffer_printf(&text, "The message cannot be read: its file %s.", content->problem);
	out_failed(out, "damaged_file", buffer_string(&text));
}

static void send_raw(struct out *out, struct content *content, const struct viewer_limits *limits)
{
	/* The limit of a caller may be lower than the viewer's own, never higher. */
	uint64_t left = limits->total_bytes != 0 && limits->total_bytes < VIEWER_TOTAL_BYTES_DEFAULT
			    ? limits->total_bytes
			    : VIEWER_TOTAL_BYTES_DEFAULT;
	uint64_t sent = 0;
	struct slice piece;
	bool cut = false;

	while (!cut && content_next(content, &piece)) {
		cut = piece.len > left;
		piece = cut ? slice_first(piece, (size_t)left) : piece;
		out_bytes(out, piece);
		left -= piece.len;
		sent += piece.len;
	}
	if (content->problem != NULL)
		fail_damaged(out, content);
	else if (!is_gone(out, content, sent))
		send_end(out, sent, cut);
}

/* The whole message, up to VIEWER_MESSAGE_MAX. Damage behind the first byte is a note: what can be
 * read is shown. */
static bool load(struct out *out, struct content *content, struct buffer *message)
{
	struct slice piece;

	while (content_next(content, &piece)) {
		/* GMime makes several copies, and the process has a limit of memory. */
		if (piece.len > VIEWER_MESSAGE_MAX - message->len) {
			buffer_append_slice(
			    message, slice_first(piece, VIEWER_MESSAGE_MAX - message->len));
			out_note(out, "message_cut",
			    "The message is larger than 64 MiB; only so much of it was read.");
			return true;
		}
		buffer_append_slice(message, piece);
	}
	if (content->problem == NULL)
		return !is_gone(out, content, message->len);
	if (message->len == 0) {
		fail_damaged(out, content);
		return false;
	}
	out_note(out, "damaged_file",
	    "The message's file is damaged: what could be read of it is shown.");
	return true;
}

/* Of processor time, from now on, at most. */
static void limit_seconds(rlim_t seconds)
{
	struct rlimit limit;
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	/* Never above what the helper has set. */
	if (getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_cur <= (rlim_t)used.tv_sec + seconds)
		return;
	limit.rlim_cur = (rlim_t)used.tv_sec + seconds;
	setrlimit(RLIMIT_CPU, &limit);
}

static void send_parsed(struct out *out, struct content *content, struct charsets *charsets,
    const struct viewer_start *start)
{
	BUFFER_AUTO struct buffer message = {0};
	struct mime *mime;
	uint64_t size;
	bool cut = false, ok = true;

	if (!load(out, content, &message))
		return;
	size = message.len;
	buffer_append_char(&message, '\n'); /* an empty message has an end too */
	/* message.data belongs to GMime from here on. */
	mime = mime_parse(&message, charsets, out);
	if (mime == NULL) {
		out_failed(
		    out, "not_readable", "This cannot be read as a message; its source can.");
		return;
	}
	if (start->mode == VIEWER_MODE_CONTENT) {
		mime_send_headers(mime);
		mime_send_parts(mime, &start->limits);
	} else if (start->mode == VIEWER_MODE_HTML) {
		/* Only here: the other modes have no library with such a worst case. */
		limit_seconds(HTML_SECONDS);
		ok = mime_send_html(mime, start->part);
	} else {
		ok = mime_send_part(mime, start->part, &start->limits, &cut);
	}
	if (ok)
		send_end(out, size, cut);
	else
		out_failed(out, "no_such_part",
		    "The message has no such part, or it is a container of others.");
	mime_free(&mime);
}

int viewer_main(int control_fd)
{
	struct charsets *charsets;
	struct content content;
	struct viewer_start start;
	const char *missing;
	FD_AUTO int message = -1;
	struct channel *channel;
	struct out out = {.send = send_frame};

	/* Before the message is there: how the libraries begin must not depend on it. */
	charsets = charsets_open(&missing);
	g_mime_init();
	xmlInitParser();
	channel = channel_create(control_fd);
	out.context = channel;
	if (receive_start(channel, &start, &message)) {
		content_open(&content, message, start.source);
		if (start.mode == VIEWER_MODE_RAW)
			send_raw(&out, &content, &start.limits);
		else
			send_parsed(&out, &content, charsets, &start);
		content_close(&content);
	}
	buffer_free(&out.frame);
	channel_destroy(&channel);
	charsets_close(&charsets);
	return 0;
}
