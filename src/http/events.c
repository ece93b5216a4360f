/* The hub of Server-Sent Events: topics with the last event of each, and the readers. What is new
 * goes to all of them at once; nothing is kept for a reader that does not keep up. */
#include "http/events.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"

#define HEARTBEAT_MS 15000
/* What a browser waits before it connects again. */
#define RETRY_MS 2000

/* Names of events that have versions: what the API tells to each. */
#define VERSIONS_MAX 4

struct reader {
	struct http_events *events;
	struct http_request *request;
	struct {
		const char *name; /* NULL: free */
		uint64_t last;
	} versions[VERSIONS_MAX]; /* of what he was told last */
	struct reader *next, **previous;
};

/* The last event about something, and one that waits for its turn. */
struct topic {
	char *key;
	char *name;
	json_t *waiting;
	int64_t due_ms;	 /* when `waiting` goes out */
	int64_t sent_ms; /* when the last one did */
	uint64_t number; /* of `text`; 0: nothing was sent yet */
	char *text;	 /* the whole event as it was sent */
};

struct http_events {
	uv_timer_t heartbeat, pace;
	unsigned open_handles;
	struct reader *readers;
	size_t reader_count;
	struct topic topics[HTTP_EVENTS_KEPT];
	size_t topic_count;
	/* A browser that comes back after a restart names a number of the former process, which
	 * means nothing here. */
	uint32_t life;	    /* tells this process's numbers from those of the one before */
	uint64_t number;    /* of the last event */
	uint64_t forgotten; /* the newest number that is no longer kept */
};

static void reader_remove(struct reader *r)
{
	/* A pointer to the pointer: taken out without going through the list. */
	*r->previous = r->next;
	if (r->next != NULL)
		r->next->previous = r->previous;
	r->events->reader_count--;
	free(r);
}

static void on_gone(void *data)
{
	reader_remove(data);
}

/* A reader that takes nothing is closed: it comes back and gets what is new by then. */
static void reader_send(struct reader *r, const char *text)
{
	struct http_request *rq = r->request;

	if (http_stream_queued(rq) <= HTTP_STREAM_HIGH) {
		http_stream_write(rq, text, strlen(text));
		return;
	}
	reader_remove(r);
	http_stream_abort(rq);
}

/* Whether he is told of everything. */
static bool sees_all(const struct reader *r)
{
	/* Whoever has a scope must not learn from an event what happens outside it. */
	return http_caller(r->request)->scope == NULL;
}

static void send_all(struct http_events *events, const char *text, bool to_all)
{
	for (struct reader *r = events->readers, *next; r != NULL; r = next) {
		next = r->next;
		if (to_all || sees_all(r))
			reader_send(r, text);
	}
}

/* `number` NULL: it has none. */
static char *event_text(
    const struct http_events *events, const uint64_t *number, const char *name, const json_t *data)
{
	struct buffer text = {0};
	char *dump = json_dumps(data, JSON_COMPACT);

	if (number != NULL)
		buffer_printf(&text, "id: %08x-%llu\n", events->life, (unsigned long long)*number);
	buffer_printf(&text, "event: %s\ndata: %s\n\n", name, dump != NULL ? dump : "{}");
	free(dump);
	return (char *)(uintptr_t)buffer_string(&text);
}

static void topic_send(struct http_events *events, struct topic *topic, int64_t now)
{
	free(topic->text);
	topic->number = ++events->number;
	topic->text = event_text(events, &topic->number, topic->name, topic->waiting);
	topic->sent_ms = now;
	json_decref(topic->waiting);
	topic->waiting = NULL;
	send_all(events, topic->text, false);
}

static void topic_drop(struct http_events *events, size_t i)
{
	struct topic *topic = &events->topics[i];

	/* Whoever names an older number has missed something that nobody can tell him: he gets a
	 * reset. */
	if (topic->number > events->forgotten)
		events->forgotten = topic->number;
	free(topic->key);
	free(topic->name);
	free(topic->text);
	json_decref(topic->waiting);
	events->topics[i] = events->topics[--events->topic_count];
}

static void on_pace(uv_timer_t *timer);

static void arm_pace(struct http_events *events)
{
	int64_t now = clock_monotonic_ms(), first = INT64_MAX;

	for (size_t i = 0; i < events->topic_count; i++)
		if (events->topics[i].waiting != NULL && events->topics[i].due_ms < first)
			first = events->topics[i].due_ms;
	if (first == INT64_MAX)
		uv_timer_stop(&events->pace);
	else
		uv_timer_start(
		    &events->pace, on_pace, first > now ? (uint64_t)(first - now) : 1, 0);
}

static void on_pace(uv_timer_t *timer)
{
	struct http_events *events = timer->data;
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < events->topic_count; i++) {
		struct topic *topic = &events->topics[i];
		if (topic->waiting != NULL && topic->due_ms <= now)
			topic_send(events, topic, now);
	}
	arm_pace(events);
}

static struct topic *topic_find(struct http_events *events, const char *name, const char *key)
{
	struct topic *topic;
	size_t oldest = 0;

	for (size_t i = 0; i < events->topic_count; i++)
		if (strcmp(events->topics[i].key, key) == 0)
			return &events->topics[i];
	/* What was told longest ago goes. */
	if (events->topic_count == HTTP_EVENTS_KEPT) {
		for (size_t i = 1; i < events->topic_count; i++)
			if (events->topics[i].number < events->topics[oldest].number)
				oldest = i;
		topic_drop(events, oldest);
	}
	topic = &events->topics[events->topic_count++];
	*topic = (struct topic){.key = memory_strdup(key), .name = memory_strdup(name)};
	return topic;
}

void http_events_publish(
    struct http_events *events, const char *name, const char *key, unsigned pace_ms, json_t *data)
{
	struct topic *topic = topic_find(events, name, key);
	int64_t now = clock_monotonic_ms();

	/* Only the newest state of a thing is of interest; one that waited is replaced. */
	json_decref(topic->waiting);
	topic->waiting = data;
	/* The first one at once, so that a job that begins is seen without delay. */
	if (topic->number > 0 && topic->sent_ms + (int64_t)pace_ms > now) {
		topic->due_ms = topic->sent_ms + (int64_t)pace_ms;
		arm_pace(events);
		return;
	}
	topic_send(events, topic, now);
}

/* What the reader has missed since the event that it names; false when that cannot be told. */
static bool replay(struct http_events *events, struct reader *r, struct slice last)
{
	char life[10];
	struct slice part;
	uint64_t number, sent;

	snprintf(life, sizeof(life), "%08x", events->life);
	if (!slice_split(&last, '-', &part) || !slice_is(part, life) || last.data == NULL ||
	    !slice_to_u64(last, &number) || number < events->forgotten || number > events->number)
		return false;
	/* In the order of their numbers: a selection, there are at most HTTP_EVENTS_KEPT. */
	for (sent = number;;) {
		const struct topic *next = NULL;
		for (size_t i = 0; i < events->topic_count; i++) {
			const struct topic *t = &events->topics[i];
			if (t->number > sent && (next == NULL || t->number < next->number))
				next = t;
		}
		if (next == NULL)
			return true;
		http_stream_write(r->request, next->text, strlen(next->text));
		sent = next->number;
	}
}

static void write_event(struct reader *r, const char *name, const json_t *data)
{
	char *text = event_text(r->events, sees_all(r) ? &r->events->number : NULL, name, data);

	http_stream_write(r->request, text, strlen(text));
	free(text);
}

/* Whether this is what he was told last under that name; it is from now on. */
static bool was_told(struct reader *r, const char *name, uint64_t version)
{
	size_t i = 0;

	while (i < VERSIONS_MAX && r->versions[i].name != NULL &&
	       strcmp(r->versions[i].name, name) != 0)
		i++;
	if (version == 0 || i == VERSIONS_MAX)
		return false;
	if (r->versions[i].name != NULL && r->versions[i].last == version)
		return true;
	r->versions[i].name = name;
	r->versions[i].last = version;
	return false;
}

void http_events_publish_each(
    struct http_events *events, const char *name, http_events_tell *tell, void *context)
{
	for (struct reader *r = events->readers, *next; r != NULL; r = next) {
		uint64_t version = 0;
		json_t *data = sees_all(r) ? NULL : tell(context, r->request, &version);

		next = r->next;
		if (data != NULL && !was_told(r, name, version)) {
			char *text = event_text(events, NULL, name, data);

			reader_send(r, text);
			free(text);
		}
		json_decref(data);
	}
}

void http_events_subscribe(
    struct http_events *events, struct http_request *rq, json_t *first, uint64_t version)
{
	struct reader *r;
	struct slice last;
	char retry[40];

	/* HEAD asks what the answer would look like: it gets that, and holds nothing. */
	if (http_head_only(rq)) {
		json_decref(first);
		http_stream_begin(rq, 200, "text/event-stream");
		http_stream_end(rq);
		return;
	}
	if (events->reader_count >= HTTP_EVENTS_READERS_MAX) {
		json_decref(first);
		http_reply_said(rq, "too_many_requests", NULL, SAID_PROBLEM_TOO_MANY_STREAMS, 0);
		return;
	}
	r = memory_zero(1, sizeof(*r));
	r->events = events;
	r->request = rq;
	r->next = events->readers;
	r->previous = &events->readers;
	if (r->next != NULL)
		r->next->previous = &r->next;
	events->readers = r;
	events->reader_count++;
	/* Before anything is written: writing can find that the client is gone. */
	http_on_gone(rq, on_gone, r);

	/* A proxy that gathers or compresses what comes would keep an event back until more has
	 * come: nginx goes by the first, others by the second. */
	http_set_header(rq, "X-Accel-Buffering", "no");
	http_set_header(rq, "Cache-Control", "no-store, no-transform");
	bool has_last = http_header(rq, "Last-Event-ID", &last);
	http_stream_begin(rq, 200, "text/event-stream");
	snprintf(retry, sizeof(retry), "retry: %d\n\n", RETRY_MS);
	http_stream_write(rq, retry, strlen(retry));
	if (has_last && sees_all(r) && !replay(events, r, last)) {
		json_t *reset =
		    json_pack("{ss}", "reason", "The events since then are no longer known.");
		write_event(r, "reset", reset);
		json_decref(reset);
	}
	if (first != NULL && !was_told(r, "queue", version))
		write_event(r, "queue", first);
	json_decref(first);
}

static void reader_end(struct reader *r)
{
	struct http_request *rq = r->request;

	reader_remove(r);
	http_stream_end(rq);
}

void http_events_end(struct http_events *events, enum caller_via via, uint64_t id)
{
	for (struct reader *r = events->readers, *next; r != NULL; r = next) {
		const struct caller *caller = http_caller(r->request);

		next = r->next;
		if (caller->via == via && caller->id == id)
			reader_end(r);
	}
}

void http_events_end_user(struct http_events *events, uint64_t user)
{
	for (struct reader *r = events->readers, *next; r != NULL; r = next) {
		next = r->next;
		if (http_caller(r->request)->user == user)
			reader_end(r);
	}
}

/* Keeps proxies from closing a quiet stream, and ends those whose session or token is over. */
static void on_heartbeat(uv_timer_t *timer)
{
	struct http_events *events = timer->data;
	int64_t now = clock_now();

	for (struct reader *r = events->readers, *next; r != NULL; r = next) {
		/* A stream has no requests in which the session would be looked at again. */
		int64_t expires = http_caller(r->request)->expires;

		next = r->next;
		if (expires != 0 && expires <= now)
			reader_end(r);
	}
	send_all(events, ": still here\n\n", true);
}

struct http_events *http_events_create(uv_loop_t *loop)
{
	struct http_events *events = memory_zero(1, sizeof(*events));

	/* By chance and not by time, because clocks are set. */
	if (getrandom(&events->life, sizeof(events->life), 0) != (ssize_t)sizeof(events->life))
		abort();
	uv_timer_init(loop, &events->heartbeat);
	uv_timer_init(loop, &events->pace);
	events->open_handles = 2;
	events->heartbeat.data = events->pace.data = events;
	uv_timer_start(&events->heartbeat, on_heartbeat, HEARTBEAT_MS, HEARTBEAT_MS);
	return events;
}

static void on_closed(uv_handle_t *handle)
{
	struct http_events *events = handle->data;

	if (--events->open_handles == 0)
		free(events);
}

void http_events_destroy(struct http_events **events)
{
	struct http_events *e = *events;

	if (e == NULL)
		return;
	while (e->readers != NULL) {
		/* Kept, because removing the reader frees it. */
		struct http_request *rq = e->readers->request;
		reader_remove(e->readers);
		http_stream_abort(rq);
	}
	while (e->topic_count > 0)
		topic_drop(e, 0);
	uv_close((uv_handle_t *)&e->heartbeat, on_closed);
	uv_close((uv_handle_t *)&e->pace, on_closed);
	*events = NULL;
}
