/* When Postfix tries a message again (docs/POSTFIX.md, "When a message is tried again"; Postfix:
 * qmgr/qmgr_active.c). All times are Unix seconds, all durations seconds.
 *
 * After a failed attempt at time `now` the next one is not before now + clamp(now - create_time,
 * minimal_backoff, maximal_backoff), and happens at the first scan of the deferred queue after
 * that: up to queue_run_delay later. No counter exists; the age alone decides. */
#ifndef POSTFIX_SCHEDULE_H
#define POSTFIX_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule_settings {
	int64_t queue_run_delay;
	int64_t minimal_backoff_time;
	int64_t maximal_backoff_time;
	int64_t maximal_queue_lifetime;
	int64_t bounce_queue_lifetime;
};

/* One coming attempt: not before `earliest`, and at `latest` unless Postfix is busy or stopped. */
struct schedule_attempt {
	int64_t earliest;
	int64_t latest;
	bool last; /* the attempt after which, when it fails, the message is returned to its sender
		    */
};

/* Postfix's defaults: 300 s, 300 s, 4000 s, 5 d, 5 d. */
struct schedule_settings schedule_defaults(void);

/* The wait that an attempt failing at `now` sets; the minimum wins where it is over the maximum. */
int64_t schedule_backoff(const struct schedule_settings *s, int64_t create_time, int64_t now);

/* When the message is too old: the first attempt that fails at or after this returns it. Null
 * senders have bounce_queue_lifetime, which Postfix clamps to maximal_queue_lifetime. */
int64_t schedule_expiry(const struct schedule_settings *s, int64_t create_time, bool null_sender);

/* The coming attempts, at most `max`, beginning with the one that `next_retry` (the deferred file's
 * mtime) allows and ending with the one after which the message is returned. An attempt that is due
 * already has earliest = now. Later attempts assume that each one fails at once: `earliest` as if
 * every scan came at once, `latest` as if each came queue_run_delay late. Returns how many. */
size_t schedule_ahead(const struct schedule_settings *s, int64_t create_time, bool null_sender,
    int64_t next_retry, int64_t now, struct schedule_attempt *attempts, size_t max);

#endif
