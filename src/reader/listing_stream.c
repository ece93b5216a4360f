/* One listing of the queue, read to its end: from showq's socket, or as the output of `postqueue
 * -j` where that cannot be had. Bytes are fed to the parser of either form, and each message goes
 * to the client. It counts as good only when the last end was read (docs/POSTFIX.md, "Listings").
 */
#include "reader/listing_stream.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "postfix/queue_json.h"
#include "postfix/showq.h"
#include "wire/helper_proto.h"

/* showq's own time-out is an hour, and at its process limit it just stays silent: these are ours.
 */
#define FIRST_BYTE_MS 15000
#define IDLE_MS 30000
/* A command through a prefix may have to start something, and prints nothing for an empty queue. */
#define COMMAND_FIRST_MS 60000
#define CHUNK 65536
/* showq flushes after every message: to be woken for each costs more than to read it. It writes
 * some 25 kB in a millisecond, and waits itself from about 40 kB on (many small pieces fill a
 * socket early). */
#define GATHER_MS 1
/* So much at once means that it waits already: the next one is at once. */
#define GATHER_BELOW 16384
/* What is kept of the command's standard error, to say why it failed. */
#define COMPLAINT_MAX 400

struct listing_stream {
	struct loop *loop;
	struct loop_watch *watch;
	struct exchange *helper;
	struct listing_stream_client client;
	bool command;
	int fd;
	bool input_ended, exited, ended, paused;
	bool gathering; /* bytes may be there, and more is waited for before they are read */
	int32_t status;
	struct error failure; /* set when the end is not a good one */
	bool failed;
	struct showq showq;
	struct queue_json json;
	struct buffer complaint;
	char *chunk;
};

static void ask(struct listing_stream *s);

/* Reports through the loop, so that nobody is called back from within a call of his. */
static void end_soon(struct listing_stream *s)
{
	s->ended = true;
	if (s->watch != NULL) {
		loop_events(s->watch, 0);
		loop_deadline(s->watch, 0);
	}
}

static void fail(struct listing_stream *s, const char *code, const char *text)
{
	/* The first failure is the cause; what follows is its consequence. */
	if (s->ended)
		return;
	s->failed = true;
	error_set(&s->failure, code, "%s", text);
	end_soon(s);
}

/* The first line of what it said on standard error. */
static void append_complaint(struct listing_stream *s, struct buffer *out)
{
	struct slice line = buffer_slice(&s->complaint);
	ptrdiff_t newline = slice_find_char(line, '\n');

	message_printable(out, newline < 0 ? line : slice_first(line, (size_t)newline));
}

static void check_end(struct listing_stream *s)
{
	BUFFER_AUTO struct buffer text = {0};

	/* A command has two ends, of its output and of its process; they come in either order. */
	if (s->ended || !s->input_ended || (s->command && !s->exited))
		return;
	if (!s->command && !showq_complete(&s->showq)) {
		fail(s, "listing_broken_off", "The queue listing broke off before its end.");
		return;
	}
	/* Status 69 stands for every failure, so the first line of its complaint is shown. */
	if (s->command && (s->status != 0 || !queue_json_complete(&s->json))) {
		buffer_printf(&text, "postqueue -j ended with status %d: ", (int)s->status);
		append_complaint(s, &text);
		fail(s, "listing_broken_off", buffer_string(&text));
		return;
	}
	end_soon(s);
}

static bool feed(struct listing_stream *s, struct slice bytes)
{
	if (s->command)
		return queue_json_feed(&s->json, bytes, s->client.message, s->client.context);
	return showq_feed(&s->showq, bytes, s->client.message, s->client.context);
}

/* What is there, within reason, counted in `total`. False when the stream is over. */
static bool read_some(struct listing_stream *s, size_t *total)
{
	/* At most a mebibyte in a turn: pings and the server's questions come in between. */
	for (unsigned i = 0; i < 16 && !s->paused; i++) {
		ssize_t n = read(s->fd, s->chunk, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			s->input_ended = true;
			loop_events(s->watch, 0);
			if (s->command)
				/* The word about the exit is on its way through the helper; it is
				 * not waited for without end. */
				loop_deadline(s->watch, clock_monotonic_ms() + IDLE_MS);
			check_end(s);
			return false;
		}
		*total += (size_t)n;
		if (!feed(s, slice_make(s->chunk, (size_t)n))) {
			fail(s, "listing_malformed",
			    s->command ? s->json.problem : s->showq.problem);
			return false;
		}
	}
	return true;
}

static void wait_for_bytes(struct listing_stream *s, bool gather)
{
	s->gathering = gather;
	loop_events(s->watch, gather || s->paused ? 0 : POLLIN);
	loop_deadline(
	    s->watch, s->paused ? -1 : clock_monotonic_ms() + (gather ? GATHER_MS : IDLE_MS));
}

static void on_readable(struct listing_stream *s)
{
	size_t total = 0;

	s->gathering = false;
	if (read_some(s, &total))
		wait_for_bytes(s, total > 0 && total < GATHER_BELOW && !s->paused);
}

void listing_stream_pause(struct listing_stream *s, bool paused)
{
	if (s->paused == paused || s->ended || s->input_ended)
		return;
	/* The pause has no deadline: it is the server that is behind, and not Postfix. */
	s->paused = paused;
	wait_for_bytes(s, false);
}

/* The descriptor is readable, the time is over, or the end is to be reported. */
static void on_watch(void *context, short revents)
{
	struct listing_stream *s = context;

	if (s->ended) {
		s->client.done(s->client.context, s->failed ? &s->failure : NULL);
		return;
	}
	if (revents != 0 || s->gathering)
		on_readable(s);
	else
		fail(s, "listing_silent", "The queue listing stalled: nothing came for too long.");
}

static void on_stream(struct listing_stream *s, struct frame *frame)
{
	s->fd = frame_take_fd(frame, 0);
	if (s->fd < 0) {
		fail(s, "bad_frame", "The helper's answer has no descriptor.");
		return;
	}
	fd_set_nonblocking(s->fd, true);
	loop_remove(&s->watch);
	s->watch = loop_add(s->loop, s->fd, POLLIN, on_watch, s);
	loop_deadline(
	    s->watch, clock_monotonic_ms() + (s->command ? COMMAND_FIRST_MS : FIRST_BYTE_MS));
}

static void on_refused(struct listing_stream *s, const struct frame *frame)
{
	struct helper_refused refused;
	char code[ERROR_CODE_MAX], text[ERROR_TEXT_MAX];

	if (!helper_refused_decode(frame, &refused)) {
		fail(s, "bad_frame", "The helper's answer does not fit the question.");
		return;
	}
	/* showq cannot be reached. postqueue reads the queue by itself when nobody serves the
	 * socket. */
	if (!s->command) {
		s->command = true;
		ask(s);
		return;
	}
	snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
	snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(refused.text));
	fail(s, code, text);
}

static bool on_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct listing_stream *s = context;
	struct helper_output output;
	struct helper_exit end;

	if (frame == NULL) {
		fail(s, "helper_gone", "The helper process is not there.");
		return true;
	}
	switch (frame->type) {
	/* showq's stream is the whole answer; a command's complaints and end still follow. */
	case HELPER_STREAM:
		on_stream(s, frame);
		return !s->command;
	case HELPER_OUTPUT:
		if (helper_output_decode(frame, &output) && s->complaint.len < COMPLAINT_MAX)
			buffer_append_slice(&s->complaint,
			    slice_first(output.bytes, COMPLAINT_MAX - s->complaint.len));
		return false;
	case HELPER_EXIT:
		s->exited = true;
		s->status = helper_exit_decode(frame, &end) ? end.status : -1;
		/* A pipe that nobody writes to any more ends by itself; without one this is the
		 * end. */
		if (s->fd < 0)
			s->input_ended = true;
		check_end(s);
		return true;
	case HELPER_REFUSED:
		on_refused(s, frame);
		return true;
	default:
		return false;
	}
}

static void ask(struct listing_stream *s)
{
	BUFFER_AUTO struct buffer frame = {0};

	loop_deadline(s->watch, clock_monotonic_ms() + COMMAND_FIRST_MS);
	helper_plain_encode(&frame, s->command ? HELPER_LISTING : HELPER_SHOWQ, 0);
	exchange_ask(s->helper, &frame, EXCHANGE_NO_DEADLINE, on_answer, s);
}

struct listing_stream *listing_stream_start(struct loop *loop, struct exchange *helper,
    bool command, const struct listing_stream_client *client)
{
	struct listing_stream *s = memory_zero(1, sizeof(*s));

	*s = (struct listing_stream){
	    .loop = loop, .helper = helper, .client = *client, .command = command, .fd = -1};
	s->chunk = memory_alloc(CHUNK);
	showq_begin(&s->showq);
	queue_json_begin(&s->json);
	s->watch = loop_add(loop, -1, 0, on_watch, s);
	ask(s);
	return s;
}

/* postqueue.c:show_queue(), the same words in all versions; only root gets this far. */
bool listing_stream_postfix_down(const struct listing_stream *s)
{
	return s->command &&
	       slice_find(buffer_slice(&s->complaint), SLICE("Mail system is down")) >= 0;
}

void listing_stream_stop(struct listing_stream **pointer)
{
	struct listing_stream *s = *pointer;

	if (s == NULL)
		return;
	exchange_forget(s->helper, s);
	loop_remove(&s->watch);
	fd_close(&s->fd);
	showq_free(&s->showq);
	queue_json_free(&s->json);
	buffer_free(&s->complaint);
	free(s->chunk);
	free(s);
	*pointer = NULL;
}
