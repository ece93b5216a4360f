#include "server/log_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "server/link.h"

#define OWNER "logreader"

struct lookup {
	uint32_t request;
	uint64_t number;
	int64_t deadline_ms;
	struct api_log_reader reader;
	struct lookup *next;
};

/* IDs in one frame: 500 of at most 68 bytes. */
#define FOLLOW_AT_ONCE 500

struct log_client {
	struct link *link;
	uv_timer_t *timer;
	struct notices *notices;
	struct log_client_events events;
	struct lookup *lookups;
	uint32_t next_request;
	uint64_t next_number;
	size_t followed;
	bool known;
	struct log_proto_status status;
	struct buffer status_text;
};

/* Takes a look-up off the list and tells its end (NULL: no answer). */
static void finish(struct log_client *client, struct lookup *l, const struct log_proto_end *end)
{
	struct lookup **p = &client->lookups;

	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	l->reader.end(l->reader.data, end);
	free(l);
}

static struct lookup *find(struct log_client *client, uint32_t request)
{
	for (struct lookup *l = client->lookups; l != NULL; l = l->next)
		if (l->request == request)
			return l;
	return NULL;
}

static void on_events(struct log_client *client, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_event event;

	while (c.left > 0 && log_proto_get_event(&c, &event)) {
		/* Looked for each time: the reader may have cancelled from within its callback. */
		struct lookup *l = find(client, frame->request);
		if (frame->type == LOG_PROTO_LIVE)
			client->events.live(client->events.context, &event);
		else if (l != NULL)
			l->reader.event(l->reader.data, &event);
	}
}

static void on_end(struct log_client *client, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_end end;
	struct lookup *l = find(client, frame->request);

	if (l != NULL)
		finish(client, l, log_proto_get_end(&c, &end) ? &end : NULL);
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
	client->known = true;
	if (status.state == LOG_PROTO_FAILED)
		notices_set(client->notices, OWNER, "log_unavailable", "warning", status.text,
		    SLICE("Set postfix.log or postfix.log_command to where Postfix logs; `postroom "
			  "check` says more."));
	else
		notices_clear(client->notices, OWNER, "log_unavailable");
	if (status.foreign.len > 0)
		notices_set(client->notices, OWNER, "log_not_understood", "warning", status.foreign,
		    SLICE(
			"Set postfix.log or postfix.log_command to where Postfix logs. If that is "
			"it, its form is one that Postroom does not know."));
	else
		notices_clear(client->notices, OWNER, "log_not_understood");
}

static void on_frame(void *context, struct frame *frame)
{
	struct log_client *client = context;

	switch (frame->type) {
	case LOG_PROTO_EVENTS:
	case LOG_PROTO_LIVE:
		on_events(client, frame);
		break;
	case LOG_PROTO_END:
		on_end(client, frame);
		break;
	case LOG_PROTO_STATUS:
		on_status(client, frame);
		break;
	default:
		log_warning("the log reader sent a frame of unknown type %u", frame->type);
	}
}

static void on_down(void *context)
{
	struct log_client *client = context;

	client->known = false;
	while (client->lookups != NULL)
		finish(client, client->lookups, NULL);
}

static void on_timer(uv_timer_t *timer)
{
	struct log_client *client = timer->data;
	int64_t now = clock_monotonic_ms();

	for (struct lookup *l = client->lookups, *next; l != NULL; l = next) {
		next = l->next;
		if (l->deadline_ms <= now) {
			finish(client, l, NULL);
			next = client->lookups;
		}
	}
}

struct log_client *log_client_create(
    uv_loop_t *loop, struct notices *notices, const struct log_client_events *events)
{
	struct log_client *client = memory_zero(1, sizeof(*client));

	client->notices = notices;
	client->events = *events;
	client->link = link_create(loop, &(struct link_events){client, on_frame, on_down});
	client->timer = memory_zero(1, sizeof(*client->timer));
	uv_timer_init(loop, client->timer);
	client->timer->data = client;
	uv_timer_start(client->timer, on_timer, 1000, 1000);
	return client;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

void log_client_destroy(struct log_client **client)
{
	struct log_client *c = *client;

	if (c == NULL)
		return;
	on_down(c);
	link_destroy(&c->link);
	uv_close((uv_handle_t *)c->timer, on_closed);
	buffer_free(&c->status_text);
	free(c);
	*client = NULL;
}

void log_client_attach(struct log_client *client, int fd)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct log_proto_subscribe subscribe = {LOG_PROTO_KIND_REQUEUE | LOG_PROTO_KIND_POSTSUPER |
						LOG_PROTO_KIND_PROBLEM | LOG_PROTO_KIND_DELIVERY};

	on_down(client);
	client->followed = 0;
	link_attach(client->link, fd);
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
	if (client->followed > LOG_PROTO_FOLLOW_MAX - FOLLOW_AT_ONCE) {
		send_ids(client, LOG_PROTO_UNFOLLOW, NULL, 0);
		client->followed = 0;
	}
	for (size_t i = 0; i < count; i += FOLLOW_AT_ONCE)
		send_ids(client, LOG_PROTO_FOLLOW, ids + i,
		    count - i < FOLLOW_AT_ONCE ? count - i : FOLLOW_AT_ONCE);
	client->followed += count;
}

uint64_t log_client_lookup(struct log_client *client, const struct log_proto_lookup *question,
    const struct api_log_reader *reader)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct lookup *l = memory_zero(1, sizeof(*l));

	if (++client->next_request == 0)
		client->next_request = 1;
	l->request = client->next_request;
	l->number = ++client->next_number;
	l->reader = *reader;
	l->next = client->lookups;
	client->lookups = l;
	frame_begin(&frame, LOG_PROTO_LOOKUP, l->request);
	log_proto_put_lookup(&frame, question);
	/* Not there: told by the timer, never from within this call. */
	l->deadline_ms =
	    link_send(client->link, &frame) ? clock_monotonic_ms() + LOG_CLIENT_TIMEOUT_MS : 0;
	if (l->deadline_ms == 0)
		uv_timer_start(client->timer, on_timer, 0, 1000);
	return l->number;
}

void log_client_cancel(struct log_client *client, uint64_t lookup)
{
	for (struct lookup **p = &client->lookups; *p != NULL; p = &(*p)->next)
		if ((*p)->number == lookup) {
			struct lookup *l = *p;
			*p = l->next;
			free(l);
			return;
		}
}

const struct log_proto_status *log_client_status(const struct log_client *client)
{
	return client->known ? &client->status : NULL;
}
