/* The log reader's process: it follows the mail log, keeps an index of it, and answers the server's
 * lookups. It parses what strangers can write, so it has no rights but to ask the helper for
 * descriptors. One turn of the loop does a little of each kind of work (work). */
#include "logreader/logreader.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "exchange/loop_exchange.h"
#include "logreader/log_count.h"
#include "logreader/log_files.h"
#include "logreader/log_lookup.h"
#include "logreader/log_push.h"
#include "logreader/log_traces.h"
#include "wire/control_channel.h"
#include "wire/control_proto.h"
#include "wire/log_proto.h"

/* Lookups that wait for their turn; a page asks for one message at a time. */
#define LOOKUPS_MAX 64
/* How often the server is told how far the index is, while it grows. */
#define STATUS_EVERY_MS 2000
/* A question about a message that was in the queue so recently is about one that is in it. */
#define ALIVE_NOW_US (INT64_C(60) * 1000000)
/* Reading gigabytes of history must not slow down mail. */
#define NICE 10

struct question {
	uint32_t request;
	struct log_lookup *lookup;
};

struct logreader {
	struct loop *loop;
	struct channel *control;
	struct loop_watch *control_watch, *timer;
	struct loop_exchange *helper; /* questions to it */
	struct channel *server;
	struct loop_watch *server_watch;
	struct log_index index;
	struct log_files *files;
	struct log_push push;
	struct log_count *count;
	struct question questions[LOOKUPS_MAX];
	size_t question_count;
	struct log_traces traces;
	struct buffer instance; /* the watched Postfix's syslog_name */
	bool work;		/* the last step left something to do */
	uint8_t state;		/* as it was last sent */
	bool foreign;		/* the same */
	char *text;
	int64_t status_at_ms;
};

/* ---- to the server ---- */

static void send_frame(struct logreader *r, const struct buffer *frame)
{
	if (r->server != NULL)
		channel_send(r->server, frame, NULL, 0);
}

/* What cannot be read at all comes before how far the reading is. */
static uint8_t state_of(const struct logreader *r)
{
	if (log_files_state(r->files) == LOG_FILES_LOOKING)
		return LOG_PROTO_STARTING;
	if (log_files_state(r->files) == LOG_FILES_FAILED)
		return LOG_PROTO_FAILED;
	return log_index_complete(&r->index) ? LOG_PROTO_FOLLOWING : LOG_PROTO_INDEXING;
}

/* The first source that could not be read says so in place of where the log is. */
static const char *text_of(const struct logreader *r)
{
	for (size_t i = 0; i < r->index.count; i++)
		if (r->index.sources[i]->error.code[0] != '\0')
			return r->index.sources[i]->error.text;
	return log_files_text(r->files);
}

/* What a log looks like that is another program's, or of a form that is not known. Said only when
 * all of it was read, as Postfix's lines may follow. */
static void append_foreign(const struct logreader *r, struct buffer *out)
{
	uint64_t lines;
	const char *first = log_index_foreign(&r->index, &lines);

	if (first == NULL || state_of(r) != LOG_PROTO_FOLLOWING)
		return;
	buffer_printf(out, "the mail log (%s) has ", log_files_text(r->files));
	if (lines == 1)
		buffer_printf(out, "one line, and it is none of Postfix's: %s", first);
	else
		buffer_printf(out, "%llu lines, and none is one of Postfix's; the first: %s",
		    (unsigned long long)lines, first);
}

static void send_status(struct logreader *r, bool always)
{
	BUFFER_AUTO struct buffer frame = {0};
	BUFFER_AUTO struct buffer foreign = {0};
	const char *text = text_of(r);
	struct log_proto_status status = {
	    .state = state_of(r),
	    .oldest_us = log_index_oldest(&r->index),
	    .newest_us = log_index_newest(&r->index),
	    .bytes = log_index_bytes(&r->index),
	    .memory = log_index_memory(&r->index),
	    .unreadable = log_index_unreadable(&r->index),
	    .text = slice_of(text),
	};
	bool changed = r->text == NULL || status.state != r->state || strcmp(text, r->text) != 0;

	append_foreign(r, &foreign);
	status.foreign = buffer_slice(&foreign);
	changed = changed || r->foreign != (foreign.len > 0);

	/* A change is told at once, mere progress at intervals. */
	if (!always && !changed && clock_monotonic_ms() < r->status_at_ms)
		return;
	/* In the journal once for each change, although it is tried again every few seconds. */
	if (changed && status.state == LOG_PROTO_FAILED)
		log_warning("no mail log: %s", text);
	free(r->text);
	r->text = memory_strdup(text);
	r->state = status.state;
	r->foreign = foreign.len > 0;
	r->status_at_ms = clock_monotonic_ms() + STATUS_EVERY_MS;
	frame_begin(&frame, LOG_PROTO_STATUS, 0);
	log_proto_put_status(&frame, &status);
	send_frame(r, &frame);
}

static void send_minute(void *context, const struct buffer *frame)
{
	send_frame(context, frame);
}

static void on_line(
    void *context, const struct log_source *source, const struct log_line *line, bool news)
{
	struct logreader *r = context;

	if (news)
		log_push_line(&r->push, line, r->server);
	log_count_line(r->count, source, line, news);
}

/* ---- lookups ---- */

static void send_end(struct logreader *r, uint32_t request, const struct log_proto_end *end)
{
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, LOG_PROTO_END, request);
	log_proto_put_end(&frame, end);
	send_frame(r, &frame);
}

static void answer(struct logreader *r, const struct question *question)
{
	BUFFER_AUTO struct buffer frame = {0};
	BUFFER_AUTO struct buffer foreign = {0};
	struct log_proto_end end = log_lookup_end(question->lookup, &r->index);

	for (size_t i = 0; i < log_lookup_count(question->lookup); i++) {
		struct slice event = log_lookup_event(question->lookup, i);

		/* As many events to a frame as fit; the END frame that follows says that it is
		 * whole. */
		if (frame.len > 0 && event.len > WIRE_FRAME_MAX - frame.len) {
			send_frame(r, &frame);
			buffer_clear(&frame);
		}
		if (frame.len == 0)
			frame_begin(&frame, LOG_PROTO_EVENTS, question->request);
		buffer_append_slice(&frame, event);
	}
	if (frame.len > 0)
		send_frame(r, &frame);
	append_foreign(r, &foreign);
	/* An empty answer must not look like a message without a history when there is no log to
	 * have one. */
	if (log_files_state(r->files) != LOG_FILES_READABLE && end.error.len == 0)
		end.error = slice_of(log_files_text(r->files));
	else if (end.error.len == 0)
		end.error = buffer_slice(&foreign);
	send_end(r, question->request, &end);
}

/* Asked first, answered first: a lookup takes milliseconds, and nobody can be passed over for
 * ever. */
static void remove_question(struct logreader *r, size_t at)
{
	log_lookup_destroy(&r->questions[at].lookup);
	r->question_count--;
	memmove(&r->questions[at], &r->questions[at + 1],
	    (r->question_count - at) * sizeof(*r->questions));
}

static void on_lookup(struct logreader *r, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_end refused = {.oldest_us = INT64_MAX};
	struct log_proto_lookup lookup;

	/* IDs are kept as C strings from here on; one with a NUL would be looked for as a shorter
	 * one. */
	if (!log_proto_get_lookup(&c, &lookup) || lookup.id.len == 0 ||
	    memchr(lookup.id.data, '\0', lookup.id.len) != NULL) {
		refused.error = SLICE("the question is malformed");
		send_end(r, frame->request, &refused);
	} else if (r->question_count == LOOKUPS_MAX) {
		refused.error = SLICE("too many questions to the mail log wait already");
		send_end(r, frame->request, &refused);
	} else {
		/* In the queue now: its latest life, whatever zone the log's times are in. */
		if (lookup.alive_us > clock_now_us() - ALIVE_NOW_US)
			lookup.alive_us = 0;
		r->questions[r->question_count++] =
		    (struct question){frame->request, log_lookup_create(&lookup)};
	}
}

/* ---- traces ---- */

static void send_trace_frame(void *context, const struct buffer *frame)
{
	send_frame(context, frame);
}

static void refuse_trace(struct logreader *r, uint32_t request, struct slice reason)
{
	BUFFER_AUTO struct buffer frame = {0};
	const struct log_trace_end end = {.error = reason};

	frame_begin(&frame, LOG_PROTO_TRACE_END, request);
	log_trace_put_end(&frame, &end);
	send_frame(r, &frame);
}

static void on_trace(struct logreader *r, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_trace_question question;

	if (!log_trace_get_question(&c, &question))
		refuse_trace(r, frame->request, SLICE("the question is malformed"));
	else if (!log_traces_add(&r->traces, frame->request, &question))
		refuse_trace(
		    r, frame->request, SLICE("too many questions to the mail log wait already"));
}

static void on_cancel(struct logreader *r, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	uint32_t request;

	/* An answer that is on its way meets one who no longer listens: nothing is wrong. */
	if (!log_trace_get_cancel(&c, &request))
		return;
	log_traces_cancel(&r->traces, request);
	for (size_t i = r->question_count; i > 0; i--)
		if (r->questions[i - 1].request == request)
			remove_question(r, i - 1);
}

/* A step of one of them. */
static void step_traces(struct logreader *r)
{
	BUFFER_AUTO struct buffer foreign = {0};
	struct log_trace_end end = {.more = false};
	const struct log_trace *trace;
	uint32_t request;

	trace = log_traces_step(&r->traces, buffer_slice(&r->instance), &r->index, &request);
	if (trace == NULL)
		return;
	append_foreign(r, &foreign);
	end.complete = state_of(r) == LOG_PROTO_FOLLOWING;
	end.error = buffer_slice(&foreign);
	/* An empty answer must not look like mail that was never here when there is no log. */
	if (log_files_state(r->files) == LOG_FILES_FAILED ||
	    (log_files_state(r->files) == LOG_FILES_LOOKING && r->index.count == 0))
		end.error = slice_of(log_files_text(r->files));
	log_trace_answer(trace, request, &end, send_trace_frame, r);
	log_traces_cancel(&r->traces, request);
}

/* ---- from the server ---- */

static void on_follow(struct logreader *r, const struct frame *frame, bool follow)
{
	struct cursor c = frame_cursor(frame);
	struct slice id;

	/* An empty UNFOLLOW stands for all. */
	if (!follow && c.left == 0)
		log_push_unfollow_all(&r->push);
	while (log_proto_get_id(&c, &id)) {
		if (!follow)
			log_push_unfollow(&r->push, id);
		else if (!log_push_follow(&r->push, id))
			log_warning("more than %d queue IDs are followed: further ones are not",
			    LOG_PROTO_FOLLOW_MAX);
	}
}

static void on_frame(struct logreader *r, const struct frame *frame)
{
	struct log_proto_subscribe subscribe;
	struct log_proto_count count;
	struct cursor c = frame_cursor(frame);

	switch (frame->type) {
	case LOG_PROTO_SUBSCRIBE:
		if (log_proto_get_subscribe(&c, &subscribe))
			r->push.kinds = subscribe.kinds;
		send_status(r, true);
		break;
	case LOG_PROTO_FOLLOW:
	case LOG_PROTO_UNFOLLOW:
		on_follow(r, frame, frame->type == LOG_PROTO_FOLLOW);
		break;
	case LOG_PROTO_COUNT:
		if (log_proto_get_count(&c, &count))
			log_count_from(r->count, count.from);
		break;
	case LOG_PROTO_LOOKUP:
		on_lookup(r, frame);
		break;
	case LOG_PROTO_TRACE:
		on_trace(r, frame);
		break;
	case LOG_PROTO_CANCEL:
		on_cancel(r, frame);
		break;
	default:
		log_warning("the server sent a frame of unknown type %u", frame->type);
	}
}

static void drop_server(struct logreader *r)
{
	while (r->question_count > 0)
		remove_question(r, 0);
	log_traces_free(&r->traces);
	loop_remove(&r->server_watch);
	channel_destroy(&r->server);
	log_push_reset(&r->push);
	log_count_stop(r->count);
}

static void on_server(void *context, short revents)
{
	struct logreader *r = context;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		channel_flush(r->server);
	for (;;) {
		enum channel_result result = channel_receive(r->server, &frame);

		if (result == CHANNEL_EMPTY)
			return;
		/* A bad frame ends it as well: from a peer that we trust it cannot come, so
		 * something is very wrong. */
		if (result != CHANNEL_FRAME) {
			drop_server(r);
			return;
		}
		on_frame(r, &frame);
		frame_close(&frame);
	}
}

static void connect_server(struct logreader *r, int fd)
{
	drop_server(r);
	r->server = channel_create(fd);
	r->server_watch = loop_add(r->loop, fd, POLLIN, on_server, r);
	send_status(r, true);
}

/* ---- the supervisor ---- */

static void on_peer(void *context, struct frame *frame)
{
	struct logreader *r = context;
	struct control_peer peer;

	if (!control_peer_decode(frame, &peer))
		return;
	if (peer.role == CONTROL_ROLE_HELPER) {
		loop_exchange_connect(r->helper, frame_take_fd(frame, 0));
		log_files_restart(r->files);
	} else if (peer.role == CONTROL_ROLE_SERVER) {
		connect_server(r, frame_take_fd(frame, 0));
	}
}

/* Which log it is, the helper knows; but now it may be another one. */
static void on_config(void *context, const struct frame *frame)
{
	struct logreader *r = context;
	ROLE_CONFIG_AUTO struct role_config config = {0};

	log_files_reset(r->files);
	if (!role_config_decode(frame, &config))
		return;
	buffer_clear(&r->instance);
	buffer_append_string(&r->instance, role_config_fact(&config, "syslog_name"));
	log_count_set_instance(r->count, buffer_slice(&r->instance));
}

static void on_control(void *context, short revents)
{
	struct logreader *r = context;

	(void)revents;
	/* No watch: the sign for the loop in logreader_main to end. */
	if (!control_take(r->control, &(struct control_taker){on_config, on_peer, r}))
		loop_remove(&r->control_watch);
}

/* ---- the loop ---- */

/* A server that does not read gets no more until it has caught up. */
static bool is_congested(const struct logreader *r)
{
	return r->server != NULL && channel_queued(r->server) > CHANNEL_QUEUE_HIGH;
}

/* Some milliseconds of each kind of work, so that none waits long for another. */
static void work(struct logreader *r)
{
	r->work = false;
	if (is_congested(r))
		return;
	log_files_tick(r->files);
	r->work = log_files_step(r->files);
	log_push_flush(&r->push, r->server);
	r->work = log_count_step(r->count, r->files) || r->work;
	if (r->question_count > 0) {
		if (log_lookup_step(r->questions[0].lookup, &r->index)) {
			answer(r, &r->questions[0]);
			remove_question(r, 0);
		}
		r->work = r->work || r->question_count > 0;
	}
	step_traces(r);
	r->work = r->work || r->traces.count > 0;
	send_status(r, false);
}

/* Nothing to do but to have waited: the work is done after each turn of the loop. */
static void on_timer(void *context, short revents)
{
	(void)context;
	(void)revents;
}

static bool run_once(struct logreader *r)
{
	loop_exchange_tick(r->helper);
	loop_exchange_update(r->helper);
	if (r->server_watch != NULL)
		loop_events(
		    r->server_watch, channel_wants_write(r->server) ? POLLIN | POLLOUT : POLLIN);
	loop_deadline(r->timer, clock_monotonic_ms() + LOG_FILES_TICK_MS);
	/* While there is something to read it only looks whether anybody wants something, and does
	 * not wait. */
	if (!loop_once(r->loop, r->work ? 0 : -1))
		return false;
	work(r);
	return true;
}

static void set_up(struct logreader *r, int control_fd)
{
	r->loop = loop_create();
	r->control = channel_create(control_fd);
	r->control_watch = loop_add(r->loop, control_fd, POLLIN, on_control, r);
	r->timer = loop_add(r->loop, -1, 0, on_timer, r);
	r->helper = loop_exchange_create(r->loop, "helper");
	log_index_init(&r->index);
	log_push_init(&r->push);
	r->files =
	    log_files_create(r->loop, loop_exchange_questions(r->helper), &r->index, on_line, r);
	r->count = log_count_create(&r->index, send_minute, r);
}

static void tear_down(struct logreader *r)
{
	/* Its subscriptions and lookups were the former server's, whose numbers mean nothing to
	 * this one. */
	drop_server(r);
	log_files_destroy(&r->files);
	log_count_destroy(&r->count);
	log_index_free(&r->index);
	log_push_free(&r->push);
	loop_exchange_destroy(&r->helper);
	channel_destroy(&r->control);
	loop_destroy(&r->loop);
	free(r->text);
	buffer_free(&r->instance);
}

int logreader_main(int control_fd)
{
	struct logreader *r = memory_zero(1, sizeof(*r));
	bool ok = true;

	/* Not worth failing for: without it only the first indexing is felt. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	set_up(r, control_fd);
	while (ok && r->control_watch != NULL)
		ok = run_once(r);
	tear_down(r);
	free(r);
	return ok ? 0 : 1;
}
