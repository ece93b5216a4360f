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

static void put_usual(struct buffer *out, const struct calm *c)
{
	const struct usual *u = &c->usual;

	if (u->least == u->most)
		buffer_printf(out, "(usually %lld)", (long long)u->most);
	else
		buffer_printf(
		    out, "(usually %lld to %lld)", (long long)u->least, (long long)u->most);
}

static void put_comparison(struct buffer *out, const struct calm *c)
{
	const char *day = days[c->weekday % 7];

	if (c->log_behind) {
		buffer_append_string(out, " (the mail log is still being read)");
	} else if (c->usual.weeks == 0) {
		buffer_append_string(out, " (no history yet to compare with)");
	} else if (more_than_usual(c) || fewer_than_usual(c)) {
		buffer_printf(
		    out, ", %s than on other %s ", more_than_usual(c) ? "more" : "fewer", day);
		put_usual(out, c);
	} else {
		buffer_printf(out, ", as on other %s", day);
	}
}

static void put_queue(struct buffer *out, const struct calm *c)
{
	if (c->deferred == 0)
		buffer_append_string(out, " Nothing deferred");
	else
		buffer_printf(out, " %lld deferred", (long long)c->deferred);
	put_comparison(out, c);
	buffer_append_string(out, ".");
	if (c->oldest_age >= 60) {
		buffer_append_string(out, " Oldest ");
		put_age(out, c->oldest_age);
		buffer_append_string(out, ".");
	}
}

void calm_sentence(struct buffer *out, const struct calm *c)
{
	if (c->needs > 0) {
		buffer_printf(out, "%u need%s somebody.", c->needs, c->needs == 1 ? "s" : "");
		return;
	}
	if (!c->queue_known) {
		buffer_append_string(
		    out, "Nothing unusual is known; the queue has not been read yet.");
		return;
	}
	/* With far more than ever before, "nothing unusual" would not be true. */
	buffer_append_string(
	    out, more_than_usual(c) ? "Nothing needs somebody." : "Nothing unusual.");
	put_queue(out, c);
}
