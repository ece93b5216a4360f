/* The channel to the log reader: hands its answers to the exchange, and tells what it says by
 * itself (events as they are logged, the state of the log). */
#include "server/log_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/said.h"
#include "server/link.h"

#define OWNER "logreader"

/* IDs in one frame: 500 of at most 68 bytes. */
#define FOLLOW_AT_ONCE 500

struct log_client {
	struct link *link;
	struct exchange *questions;
	struct notices *notices;
	struct log_client_events events;
	size_t followed;
	bool known;
	bool said;	  /* that it answered what nobody had asked */
	int64_t heard_ms; /* monotonic: its last frame, or when one could not be received */
	struct log_proto_status status;
	struct buffer status_text;
};

/* ---- What it tells by itself ---- */

static void on_arrived(struct log_client *client, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_event event;

	while (c.left > 0 && log_proto_get_event(&c, &event))
		client->events.arrived(client->events.context, &event);
}

static void on_minute(struct log_client *client, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_minute minute;

	if (log_proto_get_minute(&c, &minute))
		client->events.minute(client->events.context, &minute, &c);
}

static void on_repeats(struct log_client *client, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_repeats head;

	if (log_proto_get_repeats(&c, &head))
		client->events.repeats(client->events.context, &head, &c);
}

/* What the log reader says of the log, with what to do about it, for as long as it is so. */
static void say(
    struct log_client *client, const char *code, bool is_so, struct slice text, enum said_code how)
{
	SAID_AUTO struct said says = {0}, fix = {0};

	if (!is_so) {
		notices_clear(client->notices, OWNER, code);
		return;
	}
	said_verbatim(&says, text);
	said_put(&fix, how, 0);
	notices_set(client->notices, OWNER, code, "warning", &says, &fix);
}

static void on_status(struct log_client *client, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_status status;

	if (!log_proto_get_status(&c, &status))
		return;
	buffer_clear(&client->status_text);
	buffer_append_slice(&client->status_text, status.text);
	client->status = status;
	client->status.text = buffer_slice(&client->status_text);
	client->status.foreign = SLICE(""); /* told below; nobody else asks */
	/* Only now is anything known of this log reader: not when its channel came. */
	client->known = true;
	say(client, "log_unavailable", status.state == LOG_PROTO_FAILED, status.text,
	    SAID_LOG_UNAVAILABLE_FIX);
	say(client, "log_not_understood", status.foreign.len > 0, status.foreign,
	    SAID_LOG_NOT_UNDERSTOOD_FIX);
}

static void on_frame(void *context, struct frame *frame)
{
	struct log_client *client = context;

	client->heard_ms = clock_monotonic_ms();
	if (frame->type == LOG_PROTO_LIVE)
		on_arrived(client, frame);
	else if (frame->type == LOG_PROTO_MINUTE)
		on_minute(client, frame);
	else if (frame->type == LOG_PROTO_REPEATS)
		on_repeats(client, frame);
	else if (frame->type == LOG_PROTO_STATUS)
		on_status(client, frame);
	else if (exchange_frame(client->questions, frame) == EXCHANGE_UNASKED && !client->said) {
		/* Once: it shall not fill the log. */
		client->said = true;
		log_warning(
		    "the log reader sent a frame of type %u that nobody asked for", frame->type);
	}
}

static void on_down(void *context)
{
	struct log_client *client = context;

	client->known = false;
	exchange_attach(client->questions, NULL);
}

struct log_client *log_client_create(uv_loop_t *loop, struct notices *notices,
    struct exchange *questions, const struct log_client_events *events)
{
	struct log_client *client = memory_zero(1, sizeof(*client));

	client->notices = notices;
	client->questions = questions;
	client->events = *events;
	client->link = link_create(loop, &(struct link_events){client, on_frame, on_down});
	return client;
}

void log_client_destroy(struct log_client **client)
{
	struct log_client *c = *client;

	if (c == NULL)
		return;
	/* So that whoever has a question open is told now, while he still exists. */
	on_down(c);
	exchange_tick(c->questions, clock_monotonic_ms());
	link_destroy(&c->link);
	buffer_free(&c->status_text);
	free(c);
	*client = NULL;
}

void log_client_attach(struct log_client *client, int fd)
{
	BUFFER_AUTO struct buffer frame = {0};
	/* For fates, for jobs that go on under a new ID, and for a queue manager that a setting has
	 * killed. */
	struct log_proto_subscribe subscribe = {LOG_PROTO_KIND_REQUEUE | LOG_PROTO_KIND_POSTSUPER |
						LOG_PROTO_KIND_PROBLEM | LOG_PROTO_KIND_DELIVERY};

	on_down(client);
	client->followed = 0;
	client->heard_ms = clock_monotonic_ms();
	link_attach(client->link, fd);
	exchange_attach(client->questions, link_channel(client->link));
	frame_begin(&frame, LOG_PROTO_SUBSCRIBE, 0);
	log_proto_put_subscribe(&frame, &subscribe);
	link_send(client->link, &frame);
}

static void send_ids(
    struct log_client *client, enum log_proto_type type, const struct slice *ids, size_t count)
{
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, type, 0);
	for (size_t i = 0; i < count; i++)
		log_proto_put_id(&frame, ids[i]);
	link_send(client->link, &frame);
}

void log_client_follow(struct log_client *client, const struct slice *ids, size_t count)
{
	/* The log reader would take no more. All are dropped: what is lost is at most the words of
	 * some attempts. */
	if (client->followed > LOG_PROTO_FOLLOW_MAX - FOLLOW_AT_ONCE) {
		send_ids(client, LOG_PROTO_UNFOLLOW, NULL, 0);
		client->followed = 0;
	}
	for (size_t i = 0; i < count; i += FOLLOW_AT_ONCE)
		send_ids(client, LOG_PROTO_FOLLOW, ids + i,
		    count - i < FOLLOW_AT_ONCE ? count - i : FOLLOW_AT_ONCE);
	client->followed += count;
}

void log_client_count(struct log_client *client, int64_t from)
{
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, LOG_PROTO_COUNT, 0);
	log_proto_put_count(&frame, &(struct log_proto_count){from});
	link_send(client->link, &frame);
}

void log_client_pause(struct log_client *client, bool pause)
{
	/* Who does not listen cannot say that the other is silent. */
	if (pause)
		client->heard_ms = clock_monotonic_ms();
	link_pause(client->link, pause);
}

void log_client_update(struct log_client *client)
{
	link_update(client->link);
}

const struct log_proto_status *log_client_status(const struct log_client *client)
{
	return client->known ? &client->status : NULL;
}

bool log_client_is_heard(const struct log_client *client)
{
	return clock_monotonic_ms() - client->heard_ms < LOG_CLIENT_SILENT_MS;
}
