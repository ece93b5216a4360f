/* Counts what the log tells of recipients, minute by minute, by the keys of base/rates.h. Pure:
 * lines and the time go in, minutes come out; no I/O and no clock.
 *
 * What is counted, and as what:
 *   received   the recipients of qmgr's first "(queue active)" line of a message whose first line
 *              (client=, uid=, message-id=) was seen. One that is tried again is not received
 *              again, nor is one that postsuper re-queued (pickup names its former ID), nor one
 *              that comes back from a content filter that passes the former ID on (orig_queue_id=).
 *              A filter that passes none on makes each message count twice.
 *              The message itself counts by the way that its first line tells.
 *   delivered  status=sent, with the line's delay=, but not to a filter that has just given the
 *              message back so.
 *   deferred   status=deferred or SOFTBOUNCE: each attempt.
 *   bounced    status=bounced.
 *   expired    qmgr's status=expired or force-expired: the recipients that were deferred since it
 *              took the message up.
 *
 * A line's minute is that of its own time. A minute is told when LOG_TALLY_MINUTES others have
 * followed it, or by log_tally_flush; a line that comes late for a minute that is still held makes
 * it be told again, whole. Later ones, and those ahead of the clock, count nothing. When the log's
 * time has jumped back (LOG_TALLY_JUMP lines in a row), counting goes on from there.
 *
 * Several instances of Postfix may log into one file: what counts is what the watched one's queue
 * manager took up, whatever a service of it calls itself (-o syslog_name=), and what the watched
 * one says itself. */
#ifndef LOGREADER_LOG_TALLY_H
#define LOGREADER_LOG_TALLY_H

#include "base/rate_table.h"
#include "logreader/log_repeats.h"
#include "postfix/log_line.h"

/* Keys of each kind in a minute. */
#define LOG_TALLY_KEYS 4096
/* Minutes that are held for late lines. At 4,096 keys of each kind, of 40 bytes each, one takes 3
 * MB. */
#define LOG_TALLY_MINUTES 5
/* Messages whose login, client and sender are remembered, those that were told of last: of more,
 * deliveries count for domain, host and cause alone. 64 bytes each: 16 MiB. */
#define LOG_TALLY_MESSAGES (1U << 18)
/* Bytes of the logins, clients, senders and others that these have. */
#define LOG_TALLY_TEXT ((size_t)12 << 20)
/* Seconds that a line may be ahead of the clock. */
#define LOG_TALLY_AHEAD 300
#define LOG_TALLY_JUMP 1000
/* Seconds after its end that a minute is told, for lines that are under way. */
#define LOG_TALLY_GRACE 2
/* Seconds between two tellings of one minute. */
#define LOG_TALLY_AGAIN 10
/* A longer silence is not told as minutes without mail. */
#define LOG_TALLY_QUIET (INT64_C(7) * 86400)

struct log_tally;

/* A minute as it is told. */
struct log_tally_minute {
	int64_t minute; /* Unix seconds, a multiple of 60 */
	int64_t quiet;	/* minutes from here up to it had nothing; `minute`: none of them */
	const struct rate_table *kinds; /* RATE_KINDS of them; until the callback returns */
	const struct rate_sums *sums;	/* the same */
};
typedef void log_tally_fn(void *context, const struct log_tally_minute *minute);

struct log_tally *log_tally_create(log_tally_fn *fn, void *context);
/* Accepts a pointer to NULL. */
void log_tally_destroy(struct log_tally **tally);

/* The syslog_name of the watched instance; empty: every line counts. */
void log_tally_set_instance(struct log_tally *tally, struct slice syslog_name);
/* Begins anew, as with an empty log. Minutes before `from` (Unix seconds) are not told. */
void log_tally_reset(struct log_tally *tally, int64_t from);
/* Unix time. Lines far ahead of it are not counted; when it was set back, counting goes on from
 * there. */
void log_tally_clock(struct log_tally *tally, int64_t now);

void log_tally_line(struct log_tally *tally, const struct log_line *line);
/* Tells what is over and was not told, also minutes in which nothing was logged: only while every
 * line that was written has been given. */
void log_tally_flush(struct log_tally *tally);

/* What came again and again in the half hour before the newest minute: messages that were received
 * here, each by its first attempt. One that is tried again, was re-queued, or that a content filter
 * takes, is not another one. See log_repeats.h. */
size_t log_tally_repeats(struct log_tally *tally, struct log_repeat out[2 * LOG_REPEATS_TOLD]);

/* The newest minute that has begun; 0: none. */
int64_t log_tally_newest(const struct log_tally *tally);
/* Lines that were too late, or ahead of the clock. */
uint64_t log_tally_left_out(const struct log_tally *tally);
size_t log_tally_memory(const struct log_tally *tally);

#endif
