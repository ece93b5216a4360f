/* Says "unusual" of nothing that it has not compared: without samples of weeks before, that is said
 * too. */
#include "watch/calm.h"

/* How far beyond what was seen is still the same: half as much again, and some for small queues. */
#define NEAR_ENOUGH 20

static const char *const days[] = {
    "Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"};

static void put_age(struct buffer *out, int64_t seconds)
{
	if (seconds >= 2 * 86400)
		buffer_printf(out, "%lld d", (long long)(seconds / 86400));
	else if (seconds >= 3600)
		buffer_printf(out, "%lld h", (long long)(seconds / 3600));
	else
		buffer_printf(out, "%lld min", (long long)(seconds / 60));
}

static bool more_than_usual(const struct calm *c)
{
	return c->usual.weeks > 0 && c->deferred > c->usual.most + c->usual.most / 2 + NEAR_ENOUGH;
}

static bool fewer_than_usual(const struct calm *c)
{
	return c->usual.weeks > 0 && c->deferred < c->usual.least / 2 - NEAR_ENOUGH;
}

/* By how many there are usually: the same number each time, or from least to most. */
static enum said_code compared(const struct calm *c)
{
	bool same = c->usual.least == c->usual.most;

	if (c->log_behind)
		return SAID_CALM_DEFERRED_LOG;
	if (c->usual.weeks == 0)
		return SAID_CALM_DEFERRED_NEW;
	if (more_than_usual(c))
		return same ? SAID_CALM_DEFERRED_MORE : SAID_CALM_DEFERRED_MORE_RANGE;
	if (fewer_than_usual(c))
		return same ? SAID_CALM_DEFERRED_FEWER : SAID_CALM_DEFERRED_FEWER_RANGE;
	return SAID_CALM_DEFERRED_SAME;
}

static void put_queue(struct said *said, const struct calm *c)
{
	BUFFER_AUTO struct buffer age = {0};

	said_then(said, compared(c), 4,
	    said_number_as(
		"deferred", c->deferred, c->deferred == 0 ? SLICE("Nothing") : SLICE("")),
	    said_number_as("day", c->weekday % 7, slice_of(days[c->weekday % 7])),
	    said_number("least", (int64_t)c->usual.least),
	    said_number("most", (int64_t)c->usual.most));
	if (c->oldest_age < 60)
		return;
	put_age(&age, c->oldest_age);
	said_then(
	    said, SAID_CALM_OLDEST, 1, said_number_as("age", c->oldest_age, buffer_slice(&age)));
}

/* What may wait until morning is not called an alarm: nine of those read as nine. */
static void put_trouble(struct said *said, const struct calm *c)
{
	enum said_code says = c->needs == 0   ? SAID_CALM_WATCH
			      : c->watch == 0 ? SAID_CALM_NEEDS
					      : SAID_CALM_NEEDS_WATCH;

	said_put(said, says, 2, said_number("needs", c->needs), said_number("watch", c->watch));
}

void calm_sentence(struct said *said, const struct calm *c)
{
	if (c->needs > 0 || c->watch > 0) {
		put_trouble(said, c);
		return;
	}
	if (!c->queue_known) {
		said_put(said, SAID_CALM_UNKNOWN, 0);
		return;
	}
	/* With far more than ever before, "nothing unusual" would not be true. */
	said_put(said, more_than_usual(c) ? SAID_CALM_NOBODY : SAID_CALM_NOTHING, 0);
	put_queue(said, c);
}
