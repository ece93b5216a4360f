/* Decides which lines the server is told of as they are logged, and gathers them into frames. It
 * asks for kinds of lines, and for all lines of the IDs that a job waits for. log_push_line adds
 * one line; log_push_flush sends what is there at the end of a turn. */
#include "logreader/log_push.h"

#include "logreader/log_event.h"

void log_push_init(struct log_push *push)
{
	*push = (struct log_push){.key = hash_key_random()};
}

void log_push_free(struct log_push *push)
{
	log_ids_free(&push->followed);
	buffer_free(&push->frame);
}

void log_push_reset(struct log_push *push)
{
	push->kinds = 0;
	log_ids_clear(&push->followed);
	buffer_clear(&push->frame);
}

bool log_push_follow(struct log_push *push, struct slice id)
{
	if (push->followed.count >= LOG_PROTO_FOLLOW_MAX)
		return false;
	log_ids_add(&push->followed, hash_bytes(&push->key, id));
	return true;
}

void log_push_unfollow(struct log_push *push, struct slice id)
{
	log_ids_remove(&push->followed, hash_bytes(&push->key, id));
}

void log_push_unfollow_all(struct log_push *push)
{
	log_ids_clear(&push->followed);
}

static bool is_followed(const struct log_push *push, struct slice id)
{
	return id.len > 0 && log_ids_contains(&push->followed, hash_bytes(&push->key, id));
}

/* A map or a lookup that fails keeps mail from being taken in or delivered; it is logged as a
 * warning by whoever needed it ("hash:/etc/postfix/virtual is unavailable. open database ...", "...
 * lookup error for
 * ...", "problem talking to service rewrite"). Most other warnings are
 * a stranger's doing, thousands a day. */
static bool is_trouble(const struct log_line *line)
{
	static const char *const words[] = {"lookup error", "is unavailable",
	    "table lookup problem", "dict_ldap", "open database ", "connect to mysql",
	    "connect to pgsql", "query failed", "problem talking to "};

	/* master says as a warning that the queue manager died (docs/POSTFIX.md, "Settings and
	 * reload"). */
	if (line->severity > LOG_WARNING_LINE || slice_is(line->process, "master"))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_find(line->reason, slice_of(words[i])) >= 0)
			return true;
	return false;
}

static uint32_t kind_of(const struct log_line *line)
{
	switch (line->event) {
	case LOG_EVENT_PICKUP:
		/* Without an old ID it is new mail of a local user, which the server hears of from
		 * the reader. */
		return line->other_id.len > 0 ? LOG_PROTO_KIND_REQUEUE : 0;
	case LOG_EVENT_POSTSUPER:
		return LOG_PROTO_KIND_POSTSUPER;
	case LOG_EVENT_REMOVED:
		return LOG_PROTO_KIND_REMOVED;
	case LOG_EVENT_DELIVERY:
		return LOG_PROTO_KIND_DELIVERY;
	case LOG_EVENT_PROBLEM:
		return is_trouble(line) ? LOG_PROTO_KIND_PROBLEM : 0;
	default:
		return 0;
	}
}

bool log_push_wants(struct log_push *push, const struct log_line *line)
{
	bool followed = line->event != LOG_EVENT_NONE &&
			(is_followed(push, line->id) || is_followed(push, line->other_id));

	/* At once and not when the server says so: the first attempt under the new ID may be logged
	 * within the same second. */
	if (followed && line->event == LOG_EVENT_PICKUP && line->other_id.len > 0)
		log_push_follow(push, line->id);
	return followed || (kind_of(line) & push->kinds) != 0;
}

void log_push_line(struct log_push *push, const struct log_line *line, struct channel *channel)
{
	struct log_proto_event event;

	if (channel == NULL || !log_push_wants(push, line))
		return;
	event = log_event_of(line);
	/* An event is never split over two frames. */
	if (push->frame.len > WIRE_FRAME_MAX - LOG_PROTO_EVENT_SIZE_MAX)
		log_push_flush(push, channel);
	if (push->frame.len == 0)
		frame_begin(&push->frame, LOG_PROTO_LIVE, 0);
	log_proto_put_event(&push->frame, &event);
}

void log_push_flush(struct log_push *push, struct channel *channel)
{
	if (push->frame.len > 0 && channel != NULL)
		channel_send(channel, &push->frame, NULL, 0);
	buffer_clear(&push->frame);
}
