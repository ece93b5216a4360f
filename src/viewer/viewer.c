#include "viewer/viewer.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "viewer/charset.h"
#include "viewer/content.h"
#include "viewer/headers.h"
#include "viewer/output.h"
#include "viewer/parts.h"

/* The helper sends the first frame before it starts the process: longer than this is a fault. */
#define START_TIMEOUT_MS 5000

static bool limit(int resource, rlim_t value)
{
	return setrlimit(resource, &(struct rlimit){value, value}) == 0;
}

/* What is left to give up: the helper has changed the user. */
static bool drop_rights(struct error *err)
{
	bool ok = geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
		  limit(RLIMIT_CPU, VIEWER_CPU_SECONDS) && limit(RLIMIT_CORE, 0) &&
		  limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0);

#ifndef __SANITIZE_ADDRESS__ /* which needs terabytes of addresses */
	ok = ok && limit(RLIMIT_AS, VIEWER_MEMORY_MAX);
#endif
	return ok || error_set(err, "sandbox_failed",
			 "the viewer runs as root or could not bound itself");
}

struct gathered {
	struct buffer bytes;
	uint64_t max;
	bool cut;
};

static bool gather(void *arg, struct slice piece)
{
	struct gathered *g = arg;
	uint64_t room = g->max - g->bytes.len;

	g->cut = piece.len > room;
	buffer_append_slice(&g->bytes, slice_first(piece, (size_t)room));
	return !g->cut;
}

struct stream {
	struct output *output;
	struct gathered small; /* lines are short: frames are not */
	uint64_t left, sent;
	bool cut;
};

static bool stream_flush(struct stream *s)
{
	bool ok = output_bytes(s->output, buffer_slice(&s->small.bytes));

	s->sent += s->small.bytes.len;
	buffer_clear(&s->small.bytes);
	return ok;
}

static bool stream_piece(void *arg, struct slice piece)
{
	struct stream *s = arg;

	s->cut = piece.len > s->left;
	piece = slice_first(piece, (size_t)s->left);
	s->left -= piece.len;
	buffer_append_slice(&s->small.bytes, piece);
	if (s->small.bytes.len >= VIEWER_CHUNK && !stream_flush(s))
		return false;
	return !s->cut;
}

static bool send_raw(struct output *output, int fd, const struct viewer_start *start,
    struct viewer_end *end, struct error *err)
{
	struct stream s = {.output = output, .left = start->limits.total_bytes};
	bool ok = content_read(fd, start->source, stream_piece, &s, err);

	stream_flush(&s);
	end->message_bytes = s.sent;
	end->cut = s.cut;
	buffer_free(&s.small.bytes);
	return ok;
}

static void send_content(struct output *output, const struct charsets *charsets,
    struct slice message, const struct viewer_limits *limits)
{
	struct slice block = headers_block(message);

	if (block.len == VIEWER_HEADER_BYTES_MAX)
		output_note(output, "header_cut", "The header is larger than what is shown of it.");
	headers_send(output, block);
	parts_send(output, charsets, message, limits);
}

/* What is damaged behind its beginning is shown up to there, with a note. */
static bool read_message(struct output *output, int fd, const struct viewer_start *start,
    struct gathered *g, struct error *err)
{
	if (!content_read(fd, start->source, gather, g, err)) {
		if (g->bytes.len == 0)
			return false;
		output_note(output, err->code, err->text);
	}
	if (g->cut)
		output_note(
		    output, "message_cut", "The message is larger than what is read of it.");
	return true;
}

static bool serve(struct output *output, const struct charsets *charsets, int fd,
    const struct viewer_start *start, struct viewer_end *end, struct error *err)
{
	struct gathered g = {.max = VIEWER_MESSAGE_MAX};
	bool ok;

	if (start->mode == VIEWER_MODE_RAW)
		return send_raw(output, fd, start, end, err);
	ok = read_message(output, fd, start, &g, err);
	end->message_bytes = g.bytes.len;
	if (ok && start->mode == VIEWER_MODE_CONTENT)
		send_content(output, charsets, buffer_slice(&g.bytes), &start->limits);
	else if (ok)
		ok = parts_send_one(
		    output, buffer_slice(&g.bytes), start->part, &start->limits, &end->cut, err);
	buffer_free(&g.bytes);
	return ok;
}

static void default_limits(struct viewer_start *start)
{
	struct viewer_limits *limits = &start->limits;
	uint64_t most = start->mode == VIEWER_MODE_CONTENT ? (uint64_t)VIEWER_TEXT_MAX * 16
							   : VIEWER_TOTAL_BYTES_DEFAULT;

	if (limits->text_bytes == 0)
		limits->text_bytes = VIEWER_TEXT_DEFAULT;
	if (limits->text_bytes > VIEWER_TEXT_MAX)
		limits->text_bytes = VIEWER_TEXT_MAX;
	if (limits->total_bytes == 0)
		limits->total_bytes = start->mode == VIEWER_MODE_CONTENT
					  ? VIEWER_TOTAL_TEXT_DEFAULT
					  : VIEWER_TOTAL_BYTES_DEFAULT;
	if (limits->total_bytes > most)
		limits->total_bytes = most;
}

static bool receive_start(
    struct channel *channel, struct viewer_start *start, int *fd, struct error *err)
{
	struct frame frame;
	bool ok;

	if (!channel_wait(channel, START_TIMEOUT_MS) ||
	    channel_receive(channel, &frame) != CHANNEL_FRAME)
		return error_set(err, "not_readable", "the viewer was started without a message");
	ok = frame.type == VIEWER_START && viewer_start_decode(&frame, start);
	*fd = frame_take_fd(&frame, 0);
	frame_close(&frame);
	if (!ok || *fd < 0)
		return error_set(err, "not_readable", "the viewer was started without a message");
	default_limits(start);
	return true;
}

int viewer_main(int fd)
{
	struct output output = {.channel = channel_create(fd)};
	struct charsets *charsets;
	struct viewer_start start;
	struct viewer_end end = {0};
	FD_AUTO int message = -1;
	struct error err;
	bool ok;

	/* Everything that opens files comes before the first byte that a stranger wrote. */
	g_mime_init();
	charsets = charsets_open();
	ok = drop_rights(&err) && receive_start(output.channel, &start, &message, &err) &&
	     serve(&output, charsets, message, &start, &end, &err);
	if (ok) {
		viewer_end_encode(&output.frame, &end);
		output_send(&output);
	} else {
		output_failed(&output, &err);
	}
	charsets_close(&charsets);
	channel_destroy(&output.channel);
	buffer_free(&output.frame);
	return ok ? 0 : 1;
}
