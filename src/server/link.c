/* One channel on libuv. Its poll handle is an object of its own, because libuv closes handles
 * later: a link that gets another channel, or is destroyed from within its own callback, lets go of
 * it. */
#include "server/link.h"

#include <stdlib.h>

#include "base/memory.h"

/* The poll handle of one descriptor; libuv frees it later than the link wants to. */
struct watch {
	uv_poll_t poll;
	struct link *link; /* NULL once the link has another or none */
	struct channel *channel;
	struct frame frame; /* the one that is being told */
};

struct link {
	uv_loop_t *loop;
	struct link_events events;
	struct watch *watch;
	bool paused;
	int polled; /* what is asked of uv_poll now */
};

static void on_closed(uv_handle_t *handle)
{
	struct watch *w = handle->data;
	channel_destroy(&w->channel);
	free(w);
}

static void drop_watch(struct link *link)
{
	struct watch *w = link->watch;

	if (w == NULL)
		return;
	link->watch = NULL;
	/* A callback of the handle that is still to come finds that it is nobody's. */
	w->link = NULL;
	uv_poll_stop(&w->poll);
	uv_close((uv_handle_t *)&w->poll, on_closed);
}

static void go_down(struct link *link)
{
	drop_watch(link);
	if (link->events.down != NULL)
		link->events.down(link->events.context);
}

/* False when the link went down or was changed by a callback. */
static bool receive(struct watch *w)
{
	struct link *link = w->link;

	switch (channel_receive(w->channel, &w->frame)) {
	case CHANNEL_FRAME:
		link->events.frame(link->events.context, &w->frame);
		frame_close(&w->frame);
		/* The callback may have destroyed the link, attached another channel, or paused it.
		 */
		return w->link != NULL && !w->link->paused;
	case CHANNEL_EMPTY:
		return false;
	default:
		go_down(link);
		return false;
	}
}

static void on_poll(uv_poll_t *poll, int status, int events);

void link_update(struct link *link)
{
	int wanted;

	if (link->watch == NULL)
		return;
	wanted = (link->paused ? 0 : UV_READABLE) |
		 (channel_wants_write(link->watch->channel) ? UV_WRITABLE : 0);
	/* Called before each wait of the loop: mostly nothing has changed, and that must cost
	 * nothing. */
	if (wanted == link->polled)
		return;
	link->polled = wanted;
	if (wanted == 0)
		uv_poll_stop(&link->watch->poll);
	else
		uv_poll_start(&link->watch->poll, wanted, on_poll);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	if (w->link == NULL)
		return;
	if (status < 0 || ((events & UV_WRITABLE) != 0 && !channel_flush(w->channel))) {
		go_down(w->link);
		return;
	}
	if ((events & UV_READABLE) != 0)
		/* Then others get their turn. libuv calls again at once when there is more. */
		for (int i = 0; i < LINK_FRAMES_AT_ONCE && receive(w); i++) {
		}
	if (w->link != NULL)
		link_update(w->link);
}

struct link *link_create(uv_loop_t *loop, const struct link_events *events)
{
	struct link *link = memory_zero(1, sizeof(*link));

	link->loop = loop;
	link->events = *events;
	return link;
}

void link_destroy(struct link **link)
{
	if (*link == NULL)
		return;
	drop_watch(*link);
	free(*link);
	*link = NULL;
}

void link_attach(struct link *link, int fd)
{
	struct watch *w = memory_zero(1, sizeof(*w));

	drop_watch(link);
	w->link = link;
	w->channel = channel_create(fd);
	w->poll.data = w;
	uv_poll_init(link->loop, &w->poll, fd);
	link->watch = w;
	link->polled = 0;
	link->paused = false;
	link_update(link);
}

bool link_is_up(const struct link *link)
{
	return link->watch != NULL;
}

struct channel *link_channel(struct link *link)
{
	return link->watch != NULL ? link->watch->channel : NULL;
}

bool link_send(struct link *link, const struct buffer *frame)
{
	bool sent = link->watch != NULL && channel_send(link->watch->channel, frame, NULL, 0);

	link_update(link);
	return sent;
}

void link_pause(struct link *link, bool pause)
{
	link->paused = pause;
	link_update(link);
}
