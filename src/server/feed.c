#include "server/feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "postfix/message.h"

#define OWNER "reader"
/* What the reader warned about is shown for so long after it was last said. */
#define WARNING_SECONDS 3600

struct feed {
	struct index *index;
	struct notices *notices;
	struct reader_proto_inbox inbox; /* of events */
	struct reader_proto_inbox
	    answers; /* of READ answers, which may come between the pieces of an event */
	struct message message;
	bool scanning;
	enum reader_proto_source source;
	bool failed;
	bool bad; /* a message inside a good frame could not be read */
};

struct feed *feed_create(struct index *index, struct notices *notices)
{
	struct feed *feed = memory_zero(1, sizeof(*feed));

	feed->index = index;
	feed->notices = notices;
	message_init(&feed->message);
	return feed;
}

void feed_destroy(struct feed **feed)
{
	if (*feed == NULL)
		return;
	message_free(&(*feed)->message);
	reader_proto_inbox_free(&(*feed)->inbox);
	reader_proto_inbox_free(&(*feed)->answers);
	free(*feed);
	*feed = NULL;
}

static void on_message(void *context, uint32_t request, struct slice bytes)
{
	struct feed *feed = context;

	(void)request;
	if (message_decode(&feed->message, bytes))
		index_upsert(feed->index, &feed->message);
	else
		feed->bad = true;
}

static void on_removal(void *context, const struct reader_proto_removal *removal)
{
	struct feed *feed = context;
	index_remove(feed->index, removal->id);
}

static bool on_absent(struct feed *feed, const struct frame *frame)
{
	struct slice ids[READER_PROTO_READ_IDS_MAX];
	size_t count;

	if (!reader_proto_read_ids(frame, ids, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		index_remove(feed->index, ids[i]);
	return true;
}

static void say_failed(struct feed *feed, struct slice why)
{
	notices_set(feed->notices, OWNER, "listing_failed", "error", why,
	    SLICE("`postroom check` says what is missing."));
}

static bool on_status(struct feed *feed, const struct frame *frame)
{
	struct reader_proto_status s;

	if (!reader_proto_read_status(frame, &s))
		return false;
	feed->source = s.source;
	/* No reason why: the reader has only just begun. Otherwise the end of a scan says the same:
	 * one notice. */
	feed->failed = !s.healthy && s.why.len > 0;
	if (feed->failed)
		say_failed(feed, s.why);
	if (s.why.len > 0 && s.healthy)
		notices_set(feed->notices, OWNER, "source_degraded", "warning", s.why, SLICE(""));
	else
		notices_clear(feed->notices, OWNER, "source_degraded");
	return true;
}

/* 0 where the reader does not know. */
static uint64_t known(uint64_t n)
{
	return n == READER_PROTO_UNKNOWN ? 0 : n;
}

static void scan_ended(struct feed *feed, const struct reader_proto_scan *s)
{
	if (s->corrupt != READER_PROTO_UNKNOWN)
		index_set_corrupt(feed->index, s->corrupt);
	if (feed->scanning)
		index_scan_end(feed->index, s->complete, s->started_us / 1000000);
	feed->scanning = false;
	if (s->reset && s->complete)
		log_info("the queue was read: %llu message%s", (unsigned long long)s->done,
		    s->done == 1 ? "" : "s");
	feed->failed = !s->complete;
	if (s->complete)
		notices_clear(feed->notices, OWNER, "listing_failed");
	else
		say_failed(feed, s->error);
}

static bool on_scan(struct feed *feed, const struct frame *frame)
{
	struct reader_proto_scan s;

	if (!reader_proto_read_scan(frame, &s))
		return false;
	switch (frame->type) {
	case READER_PROTO_SCAN_BEGIN:
		feed->scanning = true;
		index_scan_begin(feed->index, s.reset, known(s.expected));
		return true;
	case READER_PROTO_SCAN_PROGRESS:
		index_scan_progress(feed->index, s.done, known(s.expected));
		return true;
	default:
		scan_ended(feed, &s);
		return true;
	}
}

static bool on_warning(struct feed *feed, const struct frame *frame)
{
	struct reader_proto_warning w;
	char code[ERROR_CODE_MAX], text[ERROR_TEXT_MAX];

	if (!reader_proto_read_warning(frame, &w))
		return false;
	snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(w.code));
	if (w.id.len > 0)
		snprintf(text, sizeof(text), "%.*s (for example %.*s)", SLICE_ARGS(w.text),
		    SLICE_ARGS(w.id));
	else
		snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(w.text));
	notices_set_for(
	    feed->notices, OWNER, code, "warning", slice_of(text), SLICE(""), WARNING_SECONDS);
	return true;
}

bool feed_frame(struct feed *feed, const struct frame *frame)
{
	struct reader_proto_inbox *inbox = frame->request != 0 ? &feed->answers : &feed->inbox;

	feed->bad = false;
	switch (frame->type) {
	case READER_PROTO_STATUS:
		return on_status(feed, frame);
	case READER_PROTO_SCAN_BEGIN:
	case READER_PROTO_SCAN_PROGRESS:
	case READER_PROTO_SCAN_END:
		return on_scan(feed, frame);
	case READER_PROTO_UPSERT:
	case READER_PROTO_PART:
		return reader_proto_inbox_messages(inbox, frame, on_message, feed) && !feed->bad;
	case READER_PROTO_REMOVE:
		return reader_proto_inbox_removals(frame, on_removal, feed);
	case READER_PROTO_ABSENT:
		return on_absent(feed, frame);
	case READER_PROTO_WARNING:
		return on_warning(feed, frame);
	case READER_PROTO_REFRESHED:
	case READER_PROTO_READ_END:
		return true;
	default:
		return false;
	}
}

void feed_lost(struct feed *feed)
{
	if (feed->scanning)
		index_scan_end(feed->index, false, clock_now());
	feed->scanning = false;
	reader_proto_inbox_free(&feed->inbox);
	reader_proto_inbox_free(&feed->answers);
	feed->inbox = feed->answers = (struct reader_proto_inbox){0};
}

const char *feed_source(const struct feed *feed)
{
	switch (feed->source) {
	case READER_PROTO_SOURCE_SPOOL:
		return "spool";
	case READER_PROTO_SOURCE_LISTING:
		return "listing";
	default:
		return NULL;
	}
}

bool feed_failed(const struct feed *feed)
{
	return feed->failed;
}
