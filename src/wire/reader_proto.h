/* Frames between the reader and the server (wire/frame.h is around each). A message is carried as
 * opaque bytes (postfix/message.h encodes and decodes them), so this file knows nothing of mail.
 *
 * What is known of the queue is kept once, by the server. The spool's reader keeps nothing: of each
 * file that it sees it sends a SIGHTING (ID, queue, signature), and the server says which of them
 * are WANTED, because it has no message with that ID and signature, or another state of its defer
 * log. Only those are opened and come
 * as upserts. At the end of a scan the reader says SCAN_LISTED; the server then sends the IDs that
 * it has and the scan did not show in LOOK frames, and SCAN_PROVEN when there are no more; each is
 * looked for in all queues, and is a sighting, or ABSENT. Then comes SCAN_END. Changes that are
 * seen outside of scans go the same way. To a server that has said EMPTY a scan sends no sightings.
 *
 *     reader                                  server
 *     SCAN_BEGIN
 *     SIGHTINGS 1, SIGHTINGS 2, ...           WANTED 1, WANTED 2, ...
 *     UPSERT...
 *     SCAN_LISTED                             LOOK 1
 *     [ABSENT 1] [SIGHTINGS 3] LOOK_END 1     [WANTED 3] LOOK 2 ... SCAN_PROVEN
 *     SCAN_END
 *
 * A listing shows all of each message, so its reader sends upserts and removals as it finds them.
 * Its first scan on a channel has `reset` set: after the end of a complete one every message that
 * it did not mention is gone. After a scan that is not complete nothing may be concluded from
 * absence.
 *
 * Neither side stops receiving while it cannot send, and what each side may have unanswered is
 * bounded (READER_PROTO_SIGHTINGS_AHEAD, READER_PROTO_LOOKS_AHEAD), so that full sockets never lock
 * the two up. */
#ifndef WIRE_READER_PROTO_H
#define WIRE_READER_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "wire/channel.h"
#include "wire/frame.h"

/* Types of frames. */
enum reader_proto_type {
	/* reader to server, events (request 0) */
	READER_PROTO_STATUS =
	    1, /* struct reader_proto_status: first frame of a channel, then on change */
	READER_PROTO_SCAN_BEGIN, /* struct reader_proto_scan */
	READER_PROTO_SCAN_PROGRESS,
	READER_PROTO_SCAN_END,
	READER_PROTO_UPSERT,  /* any number of messages */
	READER_PROTO_PART,    /* a piece of one message that is larger than a frame */
	READER_PROTO_REMOVE,  /* any number of struct reader_proto_removal */
	READER_PROTO_WARNING, /* struct reader_proto_warning */
	/* reader to server, answers */
	READER_PROTO_REFRESHED, /* struct reader_proto_refreshed */
	READER_PROTO_ABSENT,	/* IDs of a READ that are in no queue */
	READER_PROTO_READ_END, /* struct reader_proto_refreshed: the answer to a READ is complete */
	/* reader to server, the spool */
	READER_PROTO_SIGHTINGS, /* struct reader_proto_sighting, as many as fit; the request is its
				   number, of the reader's choice; answered by WANTED */
	READER_PROTO_SCAN_LISTED, /* struct reader_proto_scan: everything that is there was sighted;
				     answered by LOOK frames and SCAN_PROVEN */
	READER_PROTO_LOOK_END,	  /* no body: those IDs of that LOOK which were not ABSENT were
				     sighted, or are there and are no message now */
	/* reader to server, a listing to compare the view with */
	READER_PROTO_COMPARE_BEGIN, /* no body */
	READER_PROTO_LISTED,	    /* struct reader_proto_listed, as many as fit */
	READER_PROTO_COMPARE_END,   /* struct reader_proto_refreshed: complete, or why not */
	READER_PROTO_CURRENT, /* i64 Unix time in microseconds: nothing changed up to then that was
				 not told; only after a complete scan */
	/* server to reader */
	READER_PROTO_REFRESH =
	    32,		     /* scan now; answered by REFRESHED after a scan that began later */
	READER_PROTO_READ,   /* look at these IDs now: answered by UPSERT and PART frames that carry
				the request's number, ABSENT frames, and READ_END. One ID may come
				more than once: the last counts; one that does not come at all is
				there and cannot be read. They are news for the view too. */
	READER_PROTO_WANTED, /* the answer to SIGHTINGS: a bit for each, lowest first; those that
				are set are to be read */
	READER_PROTO_LOOK,   /* struct reader_proto_place, at most READER_PROTO_READ_IDS_MAX: see
				which of them are there, and where; answered by SIGHTINGS and ABSENT
				frames, and LOOK_END */
	READER_PROTO_SCAN_PROVEN, /* no body: no more LOOK frames for the scan */
	READER_PROTO_COMPARE,	  /* no body: list once more now; answered as any comparison */
	READER_PROTO_EMPTY, /* no body, only in front of the first scan: the server has no message,
			       so that it wants everything. What that scan comes by needs no
			       sighting, and is read at once. It may come too late. */
};

/* Bounds, checked on both sides. */
#define READER_PROTO_ID_MAX 28			    /* QUEUE_ID_MAX */
#define READER_PROTO_TEXT_MAX 1024		    /* an error or a reason for a status */
#define READER_PROTO_MESSAGE_MAX ((size_t)64 << 20) /* MESSAGE_TEXT_MAX, and numbers */
#define READER_PROTO_READ_IDS_MAX 1000 /* IDs in one READ: what one batch of a job has */
/* A frame holds 1,424 of the longest; the answer is their bits. */
#define READER_PROTO_SIGHTINGS_MAX 1400
#define READER_PROTO_WANTED_BYTES ((READER_PROTO_SIGHTINGS_MAX + 7) / 8)
/* SIGHTINGS without their WANTED, and LOOKs without their LOOK_END, at the same time. */
#define READER_PROTO_SIGHTINGS_AHEAD 16
#define READER_PROTO_LOOKS_AHEAD 2

enum reader_proto_source {
	READER_PROTO_SOURCE_NONE,
	READER_PROTO_SOURCE_SPOOL,
	READER_PROTO_SOURCE_LISTING
};

/* Where the view comes from. `why` is a sentence for people when the source is not the one that was
 * asked for, or none can be read; empty when all is well. */
struct reader_proto_status {
	enum reader_proto_source source;
	bool healthy;
	struct slice code; /* stable word for `why`, for example "showq_unreachable" */
	struct slice why;
};

#define READER_PROTO_UNKNOWN UINT64_MAX

/* SCAN_BEGIN, SCAN_PROGRESS and SCAN_END share one body. */
struct reader_proto_scan {
	uint64_t number; /* counts up from 1 */
	enum reader_proto_source source;
	bool reset;
	bool complete;	    /* END only: the whole queue was seen */
	int64_t started_us; /* Unix time: what is shown is at least as new */
	uint64_t done;	    /* messages looked at so far; END: that are there */
	uint64_t expected;  /* how many there will be, READER_PROTO_UNKNOWN before that is known */
	uint64_t read;	    /* END: of those, read because they were new or had changed */
	uint64_t corrupt;   /* files in the corrupt queue; READER_PROTO_UNKNOWN where not known */
	struct slice error; /* END and not complete: why */
};

/* A file of the queue as its directory entry shows it. */
struct reader_proto_sighting {
	struct slice id;
	uint8_t queue; /* enum queue */
	uint32_t
	    signature; /* struct message's: same ID and signature are the same, unchanged file */
	/* struct message's, of the defer log; 0: it was not looked at, and is not compared */
	uint32_t log_stamp;
	int64_t mtime; /* Unix seconds: in deferred the next retry */
};

/* A message that is looked for, and where it was seen last. */
struct reader_proto_place {
	struct slice id;
	uint8_t queue;
};

/* What a listing shows of a message, as far as it can be compared. */
struct reader_proto_listed {
	struct slice id;
	uint8_t queue;
	int64_t arrival; /* Unix seconds */
	uint64_t size;
};

struct reader_proto_removal {
	struct slice id;
	uint8_t queue; /* enum queue: where it was last seen */
};

/* Something the operator should see: a difference between spool and listing, an unreadable file...
 */
struct reader_proto_warning {
	struct slice code;
	struct slice id; /* an example, may be empty */
	struct slice text;
};

struct reader_proto_refreshed {
	bool complete; /* false: the source could not be read, `error` says why */
	struct slice error;
};

/* Encoders: each makes one whole frame in `frame` (cleared first). Texts over READER_PROTO_TEXT_MAX
 * are cut. */
void reader_proto_status_frame(struct buffer *frame, const struct reader_proto_status *status);
void reader_proto_scan_frame(
    struct buffer *frame, enum reader_proto_type type, const struct reader_proto_scan *scan);
void reader_proto_warning_frame(struct buffer *frame, const struct reader_proto_warning *warning);
/* `type` is REFRESHED, READ_END or COMPARE_END. */
void reader_proto_refreshed_frame(struct buffer *frame, enum reader_proto_type type,
    uint32_t request, const struct reader_proto_refreshed *refreshed);
void reader_proto_refresh_frame(struct buffer *frame, uint32_t request);
void reader_proto_current_frame(struct buffer *frame, int64_t now_us);
/* At most READER_PROTO_READ_IDS_MAX IDs. */
void reader_proto_read_frame(
    struct buffer *frame, uint32_t request, const struct slice *ids, size_t count);
/* At most READER_PROTO_SIGHTINGS_MAX. */
void reader_proto_sightings_frame(struct buffer *frame, uint32_t request,
    const struct reader_proto_sighting *sightings, size_t count);
/* `bits` has one for each of `count` sightings, those behind them clear. */
void reader_proto_wanted_frame(
    struct buffer *frame, uint32_t request, const uint8_t *bits, size_t count);
/* At most READER_PROTO_READ_IDS_MAX places. */
void reader_proto_look_frame(
    struct buffer *frame, uint32_t request, const struct reader_proto_place *places, size_t count);
/* A frame without a body: LOOK_END, COMPARE_BEGIN, SCAN_PROVEN, COMPARE, EMPTY. */
void reader_proto_plain_frame(struct buffer *frame, enum reader_proto_type type, uint32_t request);

/* Batches. A writer collects messages, removals or absent IDs and sends a frame whenever one is
 * full; reader_proto_writer_flush sends what is left. Sending one kind flushes the others first, so
 * the order is kept. Zero-initialise, then set `channel`; reader_proto_writer_free at the end. */
struct reader_proto_writer {
	struct channel *channel;
	struct buffer frame;
	uint8_t type; /* of the frame being filled, 0 when none */
	uint32_t request;
	size_t message_at; /* where the message being written begins */
	bool failed;	   /* the channel is gone: nothing more is sent */
};
/* A message is encoded where it is sent from: append it to the buffer that this returns, behind
 * what is there, and end it. */
struct buffer *reader_proto_writer_begin(struct reader_proto_writer *w, uint32_t request);
/* What was appended since; it lives until reader_proto_writer_end. */
struct slice reader_proto_writer_begun(const struct reader_proto_writer *w);
/* Without `send` it is as if nothing had been begun. False when it is larger than
 * READER_PROTO_MESSAGE_MAX: it is not sent. */
bool reader_proto_writer_end(struct reader_proto_writer *w, bool send);
void reader_proto_writer_remove(struct reader_proto_writer *w, struct slice id, uint8_t queue);
void reader_proto_writer_absent(struct reader_proto_writer *w, uint32_t request, struct slice id);
void reader_proto_writer_listed(
    struct reader_proto_writer *w, const struct reader_proto_listed *listed);
/* Flushes, then sends this frame. */
void reader_proto_writer_frame(struct reader_proto_writer *w, const struct buffer *frame);
bool reader_proto_writer_flush(struct reader_proto_writer *w);
void reader_proto_writer_free(struct reader_proto_writer *w);

/* Decoders of single frames: false when the body is not exactly that. Slices point into the frame.
 */
bool reader_proto_read_status(const struct frame *f, struct reader_proto_status *status);
bool reader_proto_read_scan(const struct frame *f, struct reader_proto_scan *scan);
bool reader_proto_read_warning(const struct frame *f, struct reader_proto_warning *warning);
bool reader_proto_read_current(const struct frame *f, int64_t *now_us);
bool reader_proto_read_refreshed(const struct frame *f, struct reader_proto_refreshed *refreshed);
/* The IDs of a READ or an ABSENT frame; `ids` has room for READER_PROTO_READ_IDS_MAX. */
bool reader_proto_read_ids(const struct frame *f, struct slice *ids, size_t *count);
/* `sightings` has room for READER_PROTO_SIGHTINGS_MAX. */
bool reader_proto_read_sightings(
    const struct frame *f, struct reader_proto_sighting *sightings, size_t *count);
/* The bits of a WANTED frame that answers `count` sightings. */
bool reader_proto_read_wanted(const struct frame *f, size_t count, const uint8_t **bits);
bool reader_proto_bit(const uint8_t *bits, size_t index);
/* `places` has room for READER_PROTO_READ_IDS_MAX. */
bool reader_proto_read_places(
    const struct frame *f, struct reader_proto_place *places, size_t *count);
/* One of a LISTED frame; false at the end and on malformed bytes: ask cursor_finished afterwards.
 */
bool reader_proto_read_listed(struct cursor *c, struct reader_proto_listed *listed);

/* The receiving side of UPSERT, PART and REMOVE. Zero-initialise; reader_proto_inbox_free at the
 * end. */
typedef void (*reader_proto_message_fn)(void *context, uint32_t request, struct slice bytes);
typedef void (*reader_proto_removal_fn)(void *context, const struct reader_proto_removal *removal);
struct reader_proto_inbox {
	struct buffer parts; /* of the message that comes in pieces */
	uint64_t expected;   /* its whole size, 0 when none is under way */
	uint32_t request;
};
/* Calls the function for each whole message of an UPSERT or PART frame. False when the frame is bad
 * (whatever was complete before the bad place was given already). */
bool reader_proto_inbox_messages(struct reader_proto_inbox *inbox, const struct frame *f,
    reader_proto_message_fn fn, void *context);
bool reader_proto_inbox_removals(const struct frame *f, reader_proto_removal_fn fn, void *context);
void reader_proto_inbox_free(struct reader_proto_inbox *inbox);

#endif
