/* One line of a mail log as Postfix writes it. Pure: bytes in, model out.
 *
 * Of the prefix only its structure counts: somewhere in its first words stands the program, as
 * "postfix/smtp[1]:", "[postfix/smtp]", "postfix/smtp" with RFC 5424's fields behind it, or with
 * that standard's "postfix" alone in front of a queue ID. Before it may stand a time in any usual
 * form (log_time.h), or several, of which the outermost with a zone counts; what a container's
 * runtime, a pager or grep puts in front; the host; a severity, also behind the program. A line may
 * be a JSON object (log_object.h) whose text is Postfix's or such a line. The texts are those of
 * Postfix 3.4 to 3.12 (docs/POSTFIX.md, "Log lines"). Slices point into the line given, or into
 * `scratch` for JSON.
 */
#ifndef POSTFIX_LOG_LINE_H
#define POSTFIX_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* What a line without a year or a zone is read against. Keep one for each log and give it to each
 * of its lines in turn: it remembers the last hour's conversion. Zero-initialise, set
 * `reference_s`. */
struct log_clock {
	int64_t reference_s; /* Unix time that no line is later than by more than a day: the time of
			      * reading for a growing log, the file's mtime for a rotated one */
	/* added to a time without a zone: the writer's zone is not this process's */
	int64_t shift_s;
	/* The rest belongs to log_line_parse. */
	uint32_t cached_hour;
	int64_t cached_reference_s;
	int64_t cached_s;
};

enum log_severity {
	LOG_INFO_LINE,
	LOG_WARNING_LINE,
	LOG_ERROR_LINE,
	LOG_FATAL_LINE,
	LOG_PANIC_LINE
};

/* The numbers travel in log_proto.h: append only. */
enum log_event {
	LOG_EVENT_NONE,	      /* nothing that is told below; `id` may be set */
	LOG_EVENT_CLIENT,     /* smtpd, qmqpd: taken from a client */
	LOG_EVENT_PICKUP,     /* pickup: a local submission, or with orig_id a requeue */
	LOG_EVENT_MESSAGE_ID, /* cleanup: the Message-ID header */
	LOG_EVENT_ACTIVE,     /* qmgr: an activation begins */
	LOG_EVENT_DELIVERY,   /* an attempt for one recipient ended */
	LOG_EVENT_REPLY,      /* smtp, lmtp: a server's refusal on the way to another server */
	LOG_EVENT_EXPIRED,    /* qmgr: lifetime over or force-expired, returned to sender */
	LOG_EVENT_SKIPPED,    /* qmgr: still being delivered, postponed */
	LOG_EVENT_REMOVED,    /* qmgr (or cleanup, 3.10+): this life of the ID ended */
	LOG_EVENT_NOTIFIED,   /* bounce: a notification was queued as other_id */
	LOG_EVENT_POSTSUPER,  /* postsuper acted: `verb` */
	LOG_EVENT_FILTERED,   /* cleanup: header or body check, milter: `verb` and text */
	LOG_EVENT_PROBLEM,    /* warning and worse of any Postfix program: `severity`, text */
};

enum log_verb {
	LOG_VERB_NONE,
	/* postsuper */
	LOG_VERB_REMOVED,
	LOG_VERB_REQUEUED,
	LOG_VERB_HELD,
	LOG_VERB_RELEASED,
	LOG_VERB_EXPIRED,
	/* cleanup and milters */
	LOG_VERB_HOLD,
	LOG_VERB_REJECT,
	LOG_VERB_DISCARD,
	LOG_VERB_REDIRECT,
	LOG_VERB_OTHER,
	/* bounce */
	LOG_VERB_NON_DELIVERY,
	LOG_VERB_DELAY,
	LOG_VERB_SUCCESS,
	LOG_VERB_POSTMASTER,
	/* qmgr's expiry */
	LOG_VERB_FORCE_EXPIRED,
};

struct log_line {
	int64_t time_us; /* Unix time in microseconds; LOG_TIME_UNKNOWN where the line has none */
	struct slice host;
	struct slice instance; /* "postfix", "postfix-out": what stands before the first slash */
	/* "smtp", "qmgr": what stands behind the last; empty where it was not logged */
	struct slice process;
	uint32_t pid;
	enum log_severity severity;
	struct slice text; /* all behind "progname[pid]: " */
	struct slice id;   /* the queue ID in front of the text, or empty */
	enum log_event event;
	enum log_verb verb;

	struct slice other_id; /* PICKUP: the ID before a requeue; NOTIFIED: the notification's;
				* CLIENT: orig_queue_id; DELIVERY: "forwarded as", or empty;
				* PROBLEM: one that the text mentions, where none is in front */
	/* DELIVERY: to; PICKUP, ACTIVE, EXPIRED: from; MESSAGE_ID: the ID header */
	struct slice address;
	struct slice orig_to; /* DELIVERY */
	struct slice relay;   /* DELIVERY: as logged; CLIENT: the client; REPLY: the server */
	struct slice dsn;     /* DELIVERY */
	struct slice status;  /* DELIVERY: "sent", "deferred", "bounced", ... ; CLIENT: SASL user */
	struct slice tls;     /* DELIVERY, 3.11+ */
	/* DELIVERY: what stands in the parentheses; others: the text that says why */
	struct slice reason;
	int64_t delay_ms;     /* DELIVERY */
	int64_t delays_ms[4]; /* DELIVERY: before qmgr, in qmgr, connecting, sending */
	uint64_t size;	      /* ACTIVE */
	uint32_t recipients;  /* ACTIVE */
	uint32_t uid;	      /* PICKUP */
};

#define LOG_TIME_UNKNOWN INT64_MIN

/* Reads one line, without its newline. False when it is no line of a Postfix program (then *out is
 * cleared). `scratch` is emptied and used for decoded JSON. Never fails on odd bytes: a text that
 * fits no form is LOG_EVENT_NONE, or LOG_EVENT_PROBLEM by its severity. */
bool log_line_parse(
    struct slice line, struct log_clock *clock, struct buffer *scratch, struct log_line *out);

/* "delivery", "removed", ... for programs; "removed", "hold", ... and "" for none. */
const char *log_event_name(enum log_event event);
const char *log_verb_name(enum log_verb verb);

#endif
