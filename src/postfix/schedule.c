/* When Postfix will try a message again and when it gives up, from its settings (docs/POSTFIX.md,
 * "When a message is tried again"). A forecast: the queue manager tells nobody, so each attempt is
 * a span from the earliest moment to the latest. */
#include "postfix/schedule.h"

struct schedule_settings schedule_defaults(void)
{
	/* Postfix's own defaults: two times 5 minutes, 4,000 seconds, and two times 5 days. */
	return (struct schedule_settings){300, 300, 4000, 432000, 432000};
}

/* a + b, at most INT64_MAX: times come from files that anyone may have made. */
static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t schedule_backoff(const struct schedule_settings *s, int64_t create_time, int64_t now)
{
	int64_t delay;

	if (__builtin_sub_overflow(now, create_time, &delay))
		delay = s->maximal_backoff_time;
	if (delay > s->maximal_backoff_time)
		delay = s->maximal_backoff_time;
	if (delay < s->minimal_backoff_time)
		delay = s->minimal_backoff_time;
	return delay;
}

int64_t schedule_expiry(const struct schedule_settings *s, int64_t create_time, bool null_sender)
{
	int64_t lifetime = s->maximal_queue_lifetime;

	/* Postfix takes the shorter one for bounces. */
	if (null_sender && s->bounce_queue_lifetime < lifetime)
		lifetime = s->bounce_queue_lifetime;
	return plus(create_time, lifetime);
}

size_t schedule_ahead(const struct schedule_settings *s, int64_t create_time, bool null_sender,
    int64_t next_retry, int64_t now, struct schedule_attempt *attempts, size_t max)
{
	int64_t expiry = schedule_expiry(s, create_time, null_sender);
	int64_t earliest = next_retry > now ? next_retry : now;
	int64_t latest = plus(earliest, s->queue_run_delay);

	for (size_t i = 0; i < max; i++) {
		/* Surely the last only when even the earliest moment is past the lifetime. */
		attempts[i] = (struct schedule_attempt){earliest, latest, earliest >= expiry};
		if (attempts[i].last)
			return i + 1;
		earliest = plus(earliest, schedule_backoff(s, create_time, earliest));
		/* The attempt may wait for a whole run of the queue behind its time. */
		latest = plus(
		    plus(latest, schedule_backoff(s, create_time, latest)), s->queue_run_delay);
	}
	return max;
}
