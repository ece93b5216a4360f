/* What the reader says, frame by frame: into the index, and back what it waits for (which sightings
 * are wanted, where to look). Messages of one frame are decoded a few ahead of the one being told,
 * so that the memory that they need is on its way. */
#include "server/feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "index/columns/sightings.h"
#include "postfix/message.h"
#include "server/comparison.h"

#define OWNER "reader"
/* What the reader warned about is shown for so long after it was last said. */
#define WARNING_SECONDS 3600

/* What a message needs from memory is fetched while those before it are told. */
#define AHEAD (INDEX_EXPECT_STEPS + 1)
struct ahead {
	struct message message;
	struct index_expected expected;
};

struct feed {
	struct index *index;
	struct notices *notices;
	struct reader_proto_inbox inbox; /* of events */
	struct reader_proto_inbox
	    answers; /* of READ answers, which may come between the pieces of an event */
	/* Messages of a frame that are decoded and still to be told: a ring, `ahead_from` the
	 * number of the first, `ahead_to` one past that of the last. */
	struct ahead ahead[AHEAD];
	size_t ahead_from, ahead_to;
	struct exchange *reader;
	feed_send_fn send;
	void *context;
	struct comparison *comparison;
	struct reader_proto_sighting sightings[READER_PROTO_SIGHTINGS_MAX];
	/* What the scan has not shown is being looked for: from which row on, in how many LOOKs. */
	bool proving;
	uint32_t unseen_from, lookups;
	bool told; /* of the first complete scan of this channel */
	bool scanning;
	enum reader_proto_source source;
	bool failed;
	unsigned missing; /* see feed_missing: a bit for each */
	bool stale;	  /* nobody has said since that it is current */
	bool bad;	  /* a message inside a good frame could not be read */
};

void feed_destroy(struct feed **feed)
{
	if (*feed == NULL)
		return;
	comparison_destroy(&(*feed)->comparison);
	for (size_t i = 0; i < AHEAD; i++)
		message_free(&(*feed)->ahead[i].message);
	reader_proto_inbox_free(&(*feed)->inbox);
	reader_proto_inbox_free(&(*feed)->answers);
	free(*feed);
	*feed = NULL;
}

static void tell_first(struct feed *feed)
{
	index_upsert(feed->index, &feed->ahead[feed->ahead_from++ % AHEAD].message);
}

static void tell_ahead(struct feed *feed)
{
	while (feed->ahead_from < feed->ahead_to)
		tell_first(feed);
}

static void on_message(void *context, uint32_t request, struct slice bytes)
{
	struct feed *feed = context;

	(void)request;
	/* The ring is full: the first has had its memory fetched for long enough. */
	if (feed->ahead_to - feed->ahead_from == AHEAD)
		tell_first(feed);
	if (!message_decode(&feed->ahead[feed->ahead_to % AHEAD].message, bytes)) {
		feed->bad = true;
		return;
	}
	feed->ahead_to++;
	/* Each message that is ahead goes one step further: what it needs next depends on what was
	 * fetched before. */
	for (unsigned step = 0; step < feed->ahead_to - feed->ahead_from; step++) {
		struct ahead *a = &feed->ahead[(feed->ahead_to - 1 - step) % AHEAD];

		if (step < INDEX_EXPECT_STEPS)
			index_expect(feed->index, &a->message, step, &a->expected);
	}
}

static void on_large_message(void *context, uint32_t request, struct slice bytes)
{
	on_message(context, request, bytes);
	tell_ahead(context);
}

/* Their texts are in the frame, or in parts that are freed behind the last: none stays ahead. */
static bool on_messages(struct feed *feed, const struct frame *frame)
{
	/* Both kinds reach the index, as a fresh reading of a message is as good as an event. */
	struct reader_proto_inbox *inbox = frame->request != 0 ? &feed->answers : &feed->inbox;
	bool ok = reader_proto_inbox_messages(
	    inbox, frame, frame->type == READER_PROTO_PART ? on_large_message : on_message, feed);

	tell_ahead(feed);
	return ok && !feed->bad;
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

/* --- Sightings --- */

static bool on_sightings(struct feed *feed, const struct frame *frame)
{
	BUFFER_AUTO struct buffer answer = {0};
	uint8_t wanted[READER_PROTO_WANTED_BYTES] = {0};
	size_t count;

	if (!reader_proto_read_sightings(frame, feed->sightings, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct reader_proto_sighting *s = &feed->sightings[i];
		struct index_sighting sighting = {
		    s->id, (enum queue)s->queue, s->signature, s->log_stamp, s->mtime};

		/* The index decides: known with the same signature is not read again. */
		if (s->queue < QUEUE_CORRUPT && index_sighted(feed->index, &sighting))
			wanted[i / 8] |= (uint8_t)(1 << i % 8);
	}
	reader_proto_wanted_frame(&answer, frame->request, wanted, count);
	feed->send(feed->context, &answer);
	return true;
}

/* What is found comes as sightings and absences; of the answer only the end counts. */
static uint32_t ask_look(struct feed *feed, const struct reader_proto_place *places, size_t count,
    exchange_fn *fn, void *context)
{
	BUFFER_AUTO struct buffer frame = {0};

	reader_proto_look_frame(&frame, 0, places, count);
	return exchange_ask(feed->reader, &frame, EXCHANGE_NO_DEADLINE, fn, context);
}

static void send_plain(struct feed *feed, enum reader_proto_type type)
{
	BUFFER_AUTO struct buffer frame = {0};

	reader_proto_plain_frame(&frame, type, 0);
	feed->send(feed->context, &frame);
}

static exchange_fn on_proof_looked;

/* Absence is proved: what the scan did not show is looked for by ID, some at a time. */
static void prove(struct feed *feed)
{
	struct index_unseen unseen[READER_PROTO_READ_IDS_MAX];
	struct reader_proto_place places[READER_PROTO_READ_IDS_MAX];

	/* A few at a time: thousands that were delivered during a scan must not crowd out the news.
	 */
	while (feed->unseen_from != UINT32_MAX && feed->lookups < READER_PROTO_LOOKS_AHEAD) {
		size_t count = index_unseen(
		    feed->index, &feed->unseen_from, unseen, READER_PROTO_READ_IDS_MAX);

		for (size_t i = 0; i < count; i++)
			places[i] = (struct reader_proto_place){
			    slice_of(unseen[i].id), (uint8_t)unseen[i].queue};
		if (count == 0)
			continue;
		feed->lookups++;
		ask_look(feed, places, count, on_proof_looked, feed);
	}
	if (feed->lookups > 0)
		return;
	feed->proving = false;
	send_plain(feed, READER_PROTO_SCAN_PROVEN);
}

/* The lookups of a scan that was broken off are nothing any more. */
static void begin_proof(struct feed *feed)
{
	exchange_forget(feed->reader, feed);
	feed->proving = true;
	feed->unseen_from = 0;
	feed->lookups = 0;
	prove(feed);
}

/* Where the reader is gone, feed_lost has ended the scan. */
static bool on_proof_looked(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct feed *feed = context;

	if (frame == NULL || frame->type != READER_PROTO_LOOK_END)
		return false;
	if (feed->proving && feed->lookups > 0) {
		feed->lookups--;
		prove(feed);
	}
	return true;
}

/* --- The comparison with a listing --- */

static bool on_comparison_looked(void *context, struct frame *frame, enum exchange_failure failure)
{
	if (frame == NULL || frame->type != READER_PROTO_LOOK_END)
		return false;
	comparison_looked(context, frame->request);
	return true;
}

static uint32_t look_for_comparison(
    void *context, const struct reader_proto_place *places, size_t count)
{
	struct feed *feed = context;

	return ask_look(feed, places, count, on_comparison_looked, feed->comparison);
}

static void ask_listing(void *context)
{
	send_plain(context, READER_PROTO_COMPARE);
}

static void read_all(void *context)
{
	struct feed *feed = context;
	BUFFER_AUTO struct buffer frame = {0};

	/* Then every sighting is wanted, so the refresh reads the whole queue. */
	index_forget_signatures(feed->index);
	reader_proto_refresh_frame(&frame, 0);
	feed->send(feed->context, &frame);
}

static void differs(void *context, struct slice id, const char *text)
{
	struct feed *feed = context;
	SAID_AUTO struct said says = {0};

	(void)id;
	log_warning("%s", text);
	said_verbatim(&says, slice_of(text));
	notices_set_for(
	    feed->notices, OWNER, "source_differs", "warning", &says, NULL, WARNING_SECONDS);
}

static bool on_compare_end(struct feed *feed, const struct frame *frame)
{
	struct reader_proto_refreshed end;

	if (!reader_proto_read_refreshed(frame, &end))
		return false;
	comparison_end(feed->comparison, end.complete);
	return true;
}

/* --- Scans and state --- */

static void say_failed(struct feed *feed, struct slice why)
{
	SAID_AUTO struct said text = {0}, fix = {0};

	said_verbatim(&text, why);
	said_put(&fix, SAID_CHECK_SAYS_MISSING, 0);
	notices_set(feed->notices, OWNER, "listing_failed", "error", &text, &fix);
}

static bool on_status(struct feed *feed, const struct frame *frame)
{
	SAID_AUTO struct said why = {0};
	struct reader_proto_status s;

	if (!reader_proto_read_status(frame, &s))
		return false;
	feed->source = s.source;
	/* No reason why: the reader has only just begun. Otherwise the end of a scan says the same:
	 * one notice. */
	feed->failed = !s.healthy && s.why.len > 0;
	if (feed->failed)
		say_failed(feed, s.why);
	said_verbatim(&why, s.why);
	if (s.why.len > 0 && s.healthy)
		notices_set(feed->notices, OWNER, "source_degraded", "warning", &why, NULL);
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
	/* Rows that nothing proved to be gone stay, when the scan was not complete. */
	feed->scanning = feed->proving = false;
	if (s->complete)
		feed->stale = false;
	if (s->complete && !feed->told)
		log_info("the queue was read: %llu message%s, %llu of them read anew",
		    (unsigned long long)s->done, s->done == 1 ? "" : "s",
		    (unsigned long long)s->read);
	/* Reading a whole queue takes memory once that is not needed again. */
	if (s->complete && !feed->told)
		memory_give_back();
	feed->told |= s->complete;
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
	case READER_PROTO_SCAN_LISTED:
		begin_proof(feed);
		return true;
	default:
		scan_ended(feed, &s);
		return true;
	}
}

static bool on_current(struct feed *feed, const struct frame *frame)
{
	int64_t now_us;

	if (!reader_proto_read_current(frame, &now_us))
		return false;
	/* It sees that nothing moved, or it cannot look: it may not know the difference. */
	if (feed->missing != 0)
		return true;
	feed->stale = false;
	if (!feed->failed)
		index_touch(feed->index, now_us / 1000000);
	return true;
}

static bool on_warning(struct feed *feed, const struct frame *frame)
{
	struct reader_proto_warning w;
	char code[ERROR_CODE_MAX], text[ERROR_TEXT_MAX];
	SAID_AUTO struct said says = {0};

	if (!reader_proto_read_warning(frame, &w))
		return false;
	snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(w.code));
	if (w.id.len > 0)
		snprintf(text, sizeof(text), "%.*s (for example %.*s)", SLICE_ARGS(w.text),
		    SLICE_ARGS(w.id));
	else
		snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(w.text));
	said_verbatim(&says, slice_of(text));
	notices_set_for(feed->notices, OWNER, code, "warning", &says, NULL, WARNING_SECONDS);
	return true;
}

struct feed *feed_create(struct index *index, struct notices *notices, struct exchange *reader,
    feed_send_fn send, void *context)
{
	struct feed *feed = memory_zero(1, sizeof(*feed));

	feed->index = index;
	feed->notices = notices;
	feed->reader = reader;
	feed->send = send;
	feed->context = context;
	feed->comparison = comparison_create(index,
	    &(struct comparison_client){feed, look_for_comparison, ask_listing, read_all, differs});
	for (size_t i = 0; i < AHEAD; i++)
		message_init(&feed->ahead[i].message);
	return feed;
}

void feed_begin(struct feed *feed)
{
	struct index_status status;

	index_status(feed->index, &status);
	if (status.state == INDEX_EMPTY)
		send_plain(feed, READER_PROTO_EMPTY);
}

bool feed_frame(struct feed *feed, const struct frame *frame)
{
	feed->bad = false;
	switch (frame->type) {
	case READER_PROTO_STATUS:
		return on_status(feed, frame);
	case READER_PROTO_SCAN_BEGIN:
	case READER_PROTO_SCAN_PROGRESS:
	case READER_PROTO_SCAN_LISTED:
	case READER_PROTO_SCAN_END:
		return on_scan(feed, frame);
	case READER_PROTO_UPSERT:
	case READER_PROTO_PART:
		return on_messages(feed, frame);
	case READER_PROTO_REMOVE:
		return reader_proto_inbox_removals(frame, on_removal, feed);
	case READER_PROTO_ABSENT:
		return on_absent(feed, frame);
	case READER_PROTO_SIGHTINGS:
		return on_sightings(feed, frame);
	case READER_PROTO_COMPARE_BEGIN:
		comparison_begin(feed->comparison);
		return true;
	case READER_PROTO_LISTED:
		return comparison_listed(feed->comparison, frame);
	case READER_PROTO_COMPARE_END:
		return on_compare_end(feed, frame);
	case READER_PROTO_CURRENT:
		return on_current(feed, frame);
	case READER_PROTO_WARNING:
		return on_warning(feed, frame);
	case READER_PROTO_LOOK_END:
	case READER_PROTO_REFRESHED:
	case READER_PROTO_READ_END:
		return true;
	default:
		return false;
	}
}

void feed_lost(struct feed *feed)
{
	/* A scan without its end proves nothing: what it has not shown may just not have been
	 * reached. */
	if (feed->scanning)
		index_scan_end(feed->index, false, clock_now());
	feed->scanning = feed->proving = feed->told = false;
	exchange_forget(feed->reader, feed);
	exchange_forget(feed->reader, feed->comparison);
	comparison_abort(feed->comparison);
	reader_proto_inbox_free(&feed->inbox);
	reader_proto_inbox_free(&feed->answers);
	feed->inbox = feed->answers = (struct reader_proto_inbox){0};
	/* Until a new reader says that it is current, the page says that what it shows may be old.
	 */
	feed->stale = true;
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
	return feed->failed || feed->stale || feed->missing != 0;
}

void feed_missing(struct feed *feed, unsigned process, bool missing)
{
	if (missing) {
		feed->missing |= 1U << process;
		feed->stale = true;
	} else {
		feed->missing &= ~(1U << process);
	}
}
