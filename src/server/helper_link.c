/* The channel to the helper: hands its answers to the exchange, asks now and then what works, and
 * opens messages. To open one is a question to the helper, whose answer is a channel to a viewer;
 * from then on the viewer is listened to, with a deadline that each of its frames puts off. */
#include "server/helper_link.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define OWNER "helper"

/* One message being viewed. */
struct view {
	struct helper_link *client;
	uint64_t number;
	uint32_t request;  /* of the question to the helper; 0 once the viewer's channel is there */
	struct link *link; /* to the viewer */
	int64_t deadline_ms; /* of the viewer; INT64_MAX while paused, and while the helper is asked
			      */
	bool over;	     /* END came */
	struct error error;  /* for the end, from a later turn of the loop */
	bool failed;
	struct api_content_reader reader;
	struct view *next;
};

struct helper_link {
	uv_loop_t *loop;
	struct link *link;
	struct exchange *questions;
	uv_timer_t *timer;
	struct notices *notices;
	struct helper_link_events events;
	struct view *views;
	bool status_asked;
	uint64_t next_number;
	int64_t status_at_ms; /* when to ask next */
	int running;
};

/* ---- Views ---- */

static void view_unlist(struct view *v)
{
	struct view **p = &v->client->views;

	while (*p != v)
		p = &(*p)->next;
	*p = v->next;
	exchange_cancel(v->client->questions, v->request);
	link_destroy(&v->link);
}

/* Tells the end; `code` NULL: all is well. */
static void view_end(struct view *v, const char *code, const char *text)
{
	struct error err;

	view_unlist(v);
	if (code != NULL)
		error_set(&err, code, "%s", text);
	v->reader.end(v->reader.data, code != NULL ? &err : NULL);
	free(v);
}

static void on_timer(uv_timer_t *timer);

/* The same from the timer: never from within the call that asked. */
static void view_end_later(struct view *v, const char *code, const char *text)
{
	v->failed = true;
	error_set(&v->error, code, "%s", text);
	v->deadline_ms = 0;
	/* In the next turn of the loop; after that every second, as before. */
	uv_timer_start(v->client->timer, on_timer, 0, 1000);
}

/* The viewer's words for what the API has a code for. */
static const char *code_of_failure(struct slice code)
{
	if (slice_is(code, "no_such_part"))
		return "part_not_found";
	if (slice_is(code, "message_gone") || slice_is(code, "not_found"))
		return "message_not_found";
	/* A code that is not known must not become one that the API does not document. */
	return "view_failed";
}

static void on_view_frame(void *context, struct frame *frame)
{
	struct view *v = context;
	struct viewer_note note;
	char text[ERROR_TEXT_MAX];

	/* Each frame puts it off: a large message takes long, a stuck viewer says nothing. */
	v->deadline_ms = clock_monotonic_ms() + HELPER_LINK_VIEW_TIMEOUT_MS;
	if (frame->type == VIEWER_FAILED && viewer_note_decode(frame, &note)) {
		snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(note.text));
		view_end(v, code_of_failure(note.code), text);
	} else if (frame->type == VIEWER_END) {
		view_end(v, NULL, NULL);
	} else {
		v->reader.frame(v->reader.data, frame);
	}
}

static void on_view_down(void *context)
{
	view_end(context, "view_failed",
	    "The viewer ended before it was done: the message takes too much memory or time.");
}

static struct view *view_by_number(struct helper_link *client, uint64_t number)
{
	for (struct view *v = client->views; v != NULL; v = v->next)
		if (v->number == number)
			return v;
	return NULL;
}

/* ---- The helper's answer ---- */

static void view_stream(struct view *v, int fd)
{
	v->request = 0;
	v->deadline_ms = clock_monotonic_ms() + HELPER_LINK_VIEW_TIMEOUT_MS;
	v->link =
	    link_create(v->client->loop, &(struct link_events){v, on_view_frame, on_view_down});
	link_attach(v->link, fd);
}

static void view_refused(struct view *v, const struct frame *frame)
{
	struct helper_refused refused = {0};
	char text[ERROR_TEXT_MAX];

	helper_refused_decode(frame, &refused);
	snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(refused.text));
	view_end(v, code_of_failure(refused.code), text);
}

static bool on_view_answer(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct view *v = context;
	int fd;

	if (failure == EXCHANGE_LATE)
		view_end(v, "timed_out", "The viewer did not answer in time.");
	else if (frame == NULL)
		view_end(
		    v, "helper_unavailable", "The helper is not there: messages cannot be opened.");
	else if (frame->type == HELPER_REFUSED)
		view_refused(v, frame);
	else if (frame->type == HELPER_STREAM && (fd = frame_take_fd(frame, 0)) >= 0)
		view_stream(v, fd);
	else
		return false;
	return true;
}

uint64_t helper_link_view(struct helper_link *client, const struct helper_view *question,
    const struct api_content_reader *reader)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct view *v = memory_zero(1, sizeof(*v));
	size_t count = 0;

	for (const struct view *other = client->views; other != NULL; other = other->next)
		count++;
	v->client = client;
	v->number = ++client->next_number;
	v->reader = *reader;
	v->deadline_ms = INT64_MAX;
	v->next = client->views;
	client->views = v;
	helper_view_encode(&frame, 0, question);
	/* Said from a later turn: whoever asks does not have the number yet. */
	if (count >= HELPER_LINK_VIEWS_MAX)
		view_end_later(v, "too_many_requests",
		    "Too many messages are being read right now: try again.");
	else
		v->request = exchange_ask(client->questions, &frame,
		    clock_monotonic_ms() + HELPER_LINK_VIEW_TIMEOUT_MS, on_view_answer, v);
	return v->number;
}

void helper_link_view_cancel(struct helper_link *client, uint64_t number)
{
	struct view *v = view_by_number(client, number);

	if (v == NULL)
		return;
	view_unlist(v);
	free(v);
}

void helper_link_view_pause(struct helper_link *client, uint64_t number, bool pause)
{
	struct view *v = view_by_number(client, number);

	if (v == NULL || v->link == NULL)
		return;
	/* A client that does not read has its own time limit (HTTP_WRITE_TIMEOUT_MS). */
	v->deadline_ms = pause ? INT64_MAX : clock_monotonic_ms() + HELPER_LINK_VIEW_TIMEOUT_MS;
	link_pause(v->link, pause);
}

/* ---- The state of the helper ---- */

static void take_status(struct helper_link *client, const struct frame *frame)
{
	struct helper_status status = {0};

	if (!helper_status_decode(frame, &status)) {
		log_warning("the helper sent a malformed status");
		return;
	}
	/* Behind a prefix no process can be seen: -1 is not known. */
	client->running = status.prefix ? -1 : status.running;
	client->events.status(client->events.context, &status);
	notices_set_problems(client->notices, OWNER, &status.problems);
	problem_list_free(&status.problems);
}

/* One that has ended is started again by the supervisor, which says so. One that is there and
 * silent is said here; its next answer takes that back (take_status). */
static void say_silent(struct helper_link *client)
{
	SAID_AUTO struct said text = {0}, fix = {0};

	client->running = -1;
	said_put(&text, SAID_HELPER_SILENT, 0);
	said_put(&fix, SAID_HELPER_SILENT_FIX, 0);
	notices_set(client->notices, OWNER, "helper_unavailable", "error", &text, &fix);
}

static bool on_status(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct helper_link *client = context;

	client->status_asked = false;
	if (frame != NULL && frame->type == HELPER_STATUS_REPLY)
		take_status(client, frame);
	return true;
}

static void ask_status(struct helper_link *client)
{
	BUFFER_AUTO struct buffer frame = {0};

	client->status_at_ms = clock_monotonic_ms() + HELPER_LINK_STATUS_MS;
	if (!link_is_up(client->link))
		return;
	/* The question before this one was not answered in HELPER_LINK_STATUS_MS. */
	if (client->status_asked) {
		say_silent(client);
		return;
	}
	client->status_asked = true;
	helper_plain_encode(&frame, HELPER_STATUS, 0);
	exchange_ask(client->questions, &frame, EXCHANGE_NO_DEADLINE, on_status, client);
}

static void on_frame(void *context, struct frame *frame)
{
	struct helper_link *client = context;

	if (exchange_frame(client->questions, frame) == EXCHANGE_UNASKED)
		log_warning(
		    "the helper sent a frame of type %u that nobody asked for", frame->type);
}

/* What was asked ends at the next tick of the exchange. Views that have their viewer go on. */
static void on_down(void *context)
{
	struct helper_link *client = context;

	client->running = -1;
	exchange_attach(client->questions, NULL);
}

static void on_timer(uv_timer_t *timer)
{
	struct helper_link *client = timer->data;
	int64_t now = clock_monotonic_ms();

	for (struct view *v = client->views, *next; v != NULL; v = next) {
		next = v->next;
		if (v->deadline_ms > now)
			continue;
		if (v->failed)
			view_end(v, v->error.code, v->error.text);
		else
			view_end(v, "timed_out", "The viewer did not answer in time.");
		/* Begun again from the front; the list is short, and ended views are in it no more.
		 */
		next = client->views; /* the callback may have changed the list */
	}
	if (client->status_at_ms <= now)
		ask_status(client);
}

struct helper_link *helper_link_create(uv_loop_t *loop, struct notices *notices,
    struct exchange *questions, const struct helper_link_events *events)
{
	struct helper_link *client = memory_zero(1, sizeof(*client));

	client->loop = loop;
	client->notices = notices;
	client->questions = questions;
	client->events = *events;
	client->running = -1;
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

void helper_link_destroy(struct helper_link **client)
{
	struct helper_link *c = *client;

	if (c == NULL)
		return;
	while (c->views != NULL)
		view_end(c->views, "helper_unavailable", "The service is stopping.");
	on_down(c);
	exchange_forget(c->questions, c);
	link_destroy(&c->link);
	uv_close((uv_handle_t *)c->timer, on_closed);
	free(c);
	*client = NULL;
}

void helper_link_attach(struct helper_link *client, int fd)
{
	if (link_is_up(client->link))
		on_down(client);
	/* A status that the old one owes is not waited for. */
	exchange_forget(client->questions, client);
	client->status_asked = false;
	link_attach(client->link, fd);
	exchange_attach(client->questions, link_channel(client->link));
	/* The jobs go on with what was under way. */
	client->events.came(client->events.context);
	ask_status(client);
}

struct link *helper_link_link(struct helper_link *client)
{
	return client->link;
}

int helper_link_postfix_running(const struct helper_link *client)
{
	return client->running;
}
