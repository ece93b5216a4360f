/* Between server and logreader: what the mail log says.
 *
 * The server asks LOG_PROTO_LOOKUP for the history of one message and gets any number of
 * LOG_PROTO_EVENTS and one LOG_PROTO_END, all with the question's request number. It subscribes to
 * kinds of new events and follows single IDs; these, and LOG_PROTO_STATUS whenever the state of
 * the log changes, come with request 0. A logreader that was started again knows no subscription
 * and no followed ID: the server sends them again, and looks up what it may have missed. */
#ifndef WIRE_LOG_PROTO_H
#define WIRE_LOG_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/rates.h"
#include "wire/frame.h"

enum log_proto_type {
	/* server to logreader */
	LOG_PROTO_SUBSCRIBE = 1, /* struct log_proto_subscribe; replaces the former; no answer */
	LOG_PROTO_FOLLOW, /* IDs; every event of them is pushed, also across requeues. No answer */
	LOG_PROTO_UNFOLLOW, /* IDs; none at all: every ID. No answer */
	LOG_PROTO_LOOKUP,   /* struct log_proto_lookup */
	LOG_PROTO_COUNT,    /* struct log_proto_count; replaces the former; no answer */
	LOG_PROTO_TRACE,    /* struct log_trace_question (log_trace_proto.h) */
	LOG_PROTO_CANCEL,   /* a request number: nobody waits for that LOOKUP or TRACE. No answer */
	/* logreader to server */
	LOG_PROTO_EVENTS = 64,	     /* events of a lookup, oldest first */
	LOG_PROTO_END,		     /* struct log_proto_end */
	LOG_PROTO_LIVE,		     /* events as they are logged (request 0) */
	LOG_PROTO_STATUS,	     /* struct log_proto_status (request 0) */
	LOG_PROTO_MINUTE,	     /* struct log_proto_minute, then its counts (request 0) */
	LOG_PROTO_TRACED,	     /* struct log_traced_message (log_trace_proto.h) */
	LOG_PROTO_TRACED_RECIPIENTS, /* struct log_traced_recipient, of the message before */
	LOG_PROTO_TRACE_END,	     /* struct log_trace_end */
	LOG_PROTO_REPEATS,	     /* struct log_proto_repeats, then each (request 0) */
};

/* The longest queue ID is 28 characters today (docs/POSTFIX.md, "Queue IDs"). */
#define LOG_PROTO_ID_MAX 64
/* Postfix cuts its lines at 2,000 characters; texts are cut here. */
#define LOG_PROTO_TEXT_MAX 2048
/* IDs that may be followed at once: 13 MB of them at most; further ones are not followed. */
#define LOG_PROTO_FOLLOW_MAX 200000
/* Events that a lookup gives at most: the newest ones. */
#define LOG_PROTO_EVENTS_MAX 20000

/* Kinds to subscribe to, or-ed. */
enum log_proto_kind {
	LOG_PROTO_KIND_REQUEUE = 1 << 0,   /* pickup lines with an original ID */
	LOG_PROTO_KIND_POSTSUPER = 1 << 1, /* postsuper lines */
	LOG_PROTO_KIND_PROBLEM = 1 << 2,   /* error, fatal and panic lines, master's warnings, and
					    * those of   lookups that fail */
	LOG_PROTO_KIND_REMOVED = 1 << 3,   /* messages that left (each one: many) */
	LOG_PROTO_KIND_DELIVERY = 1 << 4,  /* each delivery of each recipient: very many */
};

struct log_proto_subscribe {
	uint32_t kinds;
};

/* One message: the life of the ID that was in the queue at `alive_us` (0: the latest life). Events
 * before `since_us` are not looked for (the arrival of the message is right: it is kept over a
 * requeue). Requeue links are followed both ways. */
struct log_proto_lookup {
	struct slice id;
	int64_t since_us;
	int64_t alive_us;
	/* the newest so many events; 0 or more than LOG_PROTO_EVENTS_MAX means that */
	uint32_t limit;
};

/* One event. `event`, `verb` and `severity` are the numbers of log_line.h; strings are empty and
 * numbers 0 where the event has none; see struct log_line for what each means for which event. */
struct log_proto_event {
	int64_t time_us;
	uint8_t event, verb, severity;
	uint32_t pid;
	struct slice id, other_id, process, address, orig_to, relay, dsn, status, tls, reason;
	int64_t delay_ms, delays_ms[4];
	uint64_t size;
	uint32_t recipients, uid;
};

struct log_proto_end {
	bool truncated;	   /* there are older events than the limit let through */
	bool complete;	   /* the whole log was looked through as far back as asked; false while the
			    * index     is still being made, or when the log does not reach back to
			    * `since_us` */
	int64_t oldest_us; /* the oldest time that was looked through; INT64_MAX when nothing was */
	/* empty, or why there is no answer ("the mail log cannot be read: ...") */
	struct slice error;
};

enum log_proto_state {
	LOG_PROTO_STARTING,  /* no descriptor yet */
	LOG_PROTO_INDEXING,  /* live, and history is still being read */
	LOG_PROTO_FOLLOWING, /* live, history is complete */
	LOG_PROTO_FAILED,    /* nothing to read: `text` says why; tried again now and then */
};

struct log_proto_status {
	uint8_t state;
	int64_t oldest_us; /* how far back the index reaches; INT64_MAX: nothing yet */
	int64_t newest_us; /* the last line's time; 0: none */
	uint64_t bytes;	   /* uncompressed bytes of log in the index */
	uint64_t memory;   /* bytes of memory that the index takes */
	uint64_t
	    unreadable; /* lines that were too long, or Postfix's with no time that can be read */
	struct slice text; /* for people: where the log is, or what is wrong with it */
	/* empty, or for people: lines come and none is one of Postfix's, with the first of them */
	struct slice foreign;
};

/* Asks for what is counted of each minute from `from` on (Unix seconds): of those that the log
 * still has, oldest first, and from then on of each minute that is over. */
struct log_proto_count {
	int64_t from;
};

/* Longer silence in the log is not told as minutes without mail: nobody knows. */
#define LOG_PROTO_QUIET_MAX (INT64_C(7) * 86400)
/* What was counted of one minute of the log, in one frame or several. It replaces what was told of
 * that minute before. Behind it come its counts, up to the frame's end; within a kind the largest
 * come first. */
struct log_proto_minute {
	int64_t minute;	  /* Unix seconds, a multiple of 60 */
	int64_t quiet;	  /* the same: minutes from here up to `minute` were counted and had
			   * nothing; at most LOG_PROTO_QUIET_MAX before it. `minute`: none */
	bool first, last; /* of this minute's frames */
	bool past;	  /* read from what was logged before; else it has just ended */
	/* Of keys that are not told, by kind; the same in each frame of a minute. */
	struct rate_counts other[RATE_KINDS];
	struct rate_sums sums; /* the same in each frame of a minute */
};
/* The first byte of a MINUTE. A body of another version is refused: half of a supervisor's roles
 * may be of the build before, for as long as an upgrade lasts. */
#define LOG_PROTO_MINUTE_VERSION 2
/* What came again and again in the half hour before `as_of`: all of it, in one frame. It replaces
 * what was told before. Behind it come the repeats, most often first, up to the frame's end. */
struct log_proto_repeats {
	int64_t as_of; /* Unix seconds, by the log */
};
#define LOG_PROTO_REPEATS_VERSION 1
#define LOG_PROTO_REPEATS_MAX 64
struct log_proto_repeat {
	bool message_id;     /* the same message ID of a sender to a recipient; else a sender and a
			      * recipient */
	uint32_t times;	     /* messages */
	struct slice sender; /* "<>": the null sender */
	struct slice text;   /* the message ID with its <>, or the recipient */
};
/* The counts of one key; not all are 0. */
struct log_proto_tally {
	uint8_t kind; /* enum rate_kind */
	struct slice key;
	struct rate_counts counts;
};
#define LOG_PROTO_TALLY_SIZE_MAX (6 + RATES_KEY_MAX + 4 * RATE_RESULTS)

void log_proto_put_subscribe(struct buffer *b, const struct log_proto_subscribe *subscribe);
bool log_proto_get_subscribe(struct cursor *c, struct log_proto_subscribe *subscribe);

/* A list of IDs, for FOLLOW and UNFOLLOW: append each with log_proto_put_id; a body holds as many
 * as fit in WIRE_BODY_MAX. log_proto_get_id is called until the cursor is empty. */
void log_proto_put_id(struct buffer *b, struct slice id);
bool log_proto_get_id(struct cursor *c, struct slice *id);

void log_proto_put_lookup(struct buffer *b, const struct log_proto_lookup *lookup);
bool log_proto_get_lookup(struct cursor *c, struct log_proto_lookup *lookup);

/* EVENTS and LIVE: call put for each event while the body stays within WIRE_BODY_MAX (one event
 * takes at most LOG_PROTO_EVENT_SIZE_MAX); get until the cursor is empty. Slices point into the
 * cursor's bytes. Over-long strings are cut by put. */
#define LOG_PROTO_EVENT_SIZE_MAX (10 * (LOG_PROTO_TEXT_MAX + 4) + 100)
void log_proto_put_event(struct buffer *b, const struct log_proto_event *event);
bool log_proto_get_event(struct cursor *c, struct log_proto_event *event);

void log_proto_put_end(struct buffer *b, const struct log_proto_end *end);
bool log_proto_get_end(struct cursor *c, struct log_proto_end *end);

void log_proto_put_count(struct buffer *b, const struct log_proto_count *count);
bool log_proto_get_count(struct cursor *c, struct log_proto_count *count);

/* MINUTE: the head, then counts while the body stays within WIRE_BODY_MAX. get_tally is called
 * until the cursor is empty; c->failed tells a malformed frame. */
void log_proto_put_minute(struct buffer *b, const struct log_proto_minute *minute);
bool log_proto_get_minute(struct cursor *c, struct log_proto_minute *minute);
void log_proto_put_tally(struct buffer *b, const struct log_proto_tally *tally);
bool log_proto_get_tally(struct cursor *c, struct log_proto_tally *tally);

/* REPEATS: the head, then at most LOG_PROTO_REPEATS_MAX. get_repeat is called until the cursor is
 * empty; c->failed tells a malformed frame. */
void log_proto_put_repeats(struct buffer *b, const struct log_proto_repeats *repeats);
bool log_proto_get_repeats(struct cursor *c, struct log_proto_repeats *repeats);
void log_proto_put_repeat(struct buffer *b, const struct log_proto_repeat *repeat);
bool log_proto_get_repeat(struct cursor *c, struct log_proto_repeat *repeat);

void log_proto_put_status(struct buffer *b, const struct log_proto_status *status);
bool log_proto_get_status(struct cursor *c, struct log_proto_status *status);

#endif
