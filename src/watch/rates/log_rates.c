/* Takes minutes in, between log_rates_begin and log_rates_end of each frame. */
#include "watch/rates/log_rates.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/series.h"
#include "watch/rates/rate_samples.h"

#define MINUTE 60
#define HOUR (RATES_MINUTES * MINUTE)

/* What the store has; asked once. */
struct stored {
	struct log_rates *owner; /* NULL: nobody waits any more */
	int64_t newest;
};

struct log_rates {
	struct rates *rates;
	struct rate_samples *samples;
	struct stored *asked; /* NULL: it has answered */
	int64_t stored;	      /* the newest step in it; 0: none; -1: it does not say */
	bool restarted;
	log_rates_learn_fn *learn;
	void *learn_context;
	/* Of the frame in hand; minute 0: not taken. */
	struct log_rates_minute head;
};

static enum db_result read_newest(struct db *db, void *context, struct error *err)
{
	struct stored *stored = context;

	return series_newest(db, &stored->newest, err);
}

static void newest_is_read(void *context, enum db_result result, const struct error *err)
{
	struct stored *stored = context;

	(void)err;
	if (stored->owner != NULL) {
		stored->owner->asked = NULL;
		stored->owner->stored = result == DB_OK ? stored->newest : -1;
	}
	free(stored);
}

struct log_rates *log_rates_create(struct store *store)
{
	struct log_rates *r = memory_zero(1, sizeof(*r));

	r->rates = rates_create();
	r->samples = rate_samples_create(store, r->rates);
	r->asked = memory_zero(1, sizeof(*r->asked));
	r->asked->owner = r;
	store_read(store, read_newest, newest_is_read, r->asked);
	return r;
}

void log_rates_destroy(struct log_rates **rates)
{
	struct log_rates *r = *rates;

	if (r == NULL)
		return;
	if (r->asked != NULL)
		r->asked->owner = NULL;
	rate_samples_destroy(&r->samples);
	rates_free(r->rates);
	free(r);
	*rates = NULL;
}

void log_rates_set_learner(struct log_rates *r, log_rates_learn_fn *learn, void *context)
{
	r->learn = learn;
	r->learn_context = context;
}

/* The step in which the quiet begins is over, and stored before its minutes are too old for the
 * memory. */
static void end_step(struct log_rates *r, int64_t quiet, int64_t minute)
{
	static const struct rate_counts nothing[RATE_KINDS];
	int64_t last = quiet - quiet % SERIES_STEP + SERIES_STEP - MINUTE;

	if (quiet % SERIES_STEP == 0 || last >= minute)
		return;
	for (int64_t at = quiet; at <= last; at += MINUTE)
		rates_begin(r->rates, at);
	rate_samples_minute(r->samples, last, quiet, nothing);
}

static bool can_be(const struct log_rates_minute *minute, int64_t now)
{
	return minute->quiet > 0 && minute->quiet <= minute->minute &&
	       minute->quiet % MINUTE == 0 && minute->minute % MINUTE == 0 &&
	       minute->minute <= now + LOG_RATES_AHEAD &&
	       minute->minute - minute->quiet <= LOG_RATES_QUIET_MAX;
}

void log_rates_begin(struct log_rates *r, const struct log_rates_minute *minute, int64_t now)
{
	int64_t quiet = minute->quiet;

	r->head = (struct log_rates_minute){.minute = 0};
	if (!can_be(minute, now))
		return;
	/* The clock was set back: what was counted ahead of it would keep out all that comes. */
	if (rates_newest(r->rates) > now + LOG_RATES_AHEAD)
		rates_forget_after(r->rates, now);
	r->head = *minute;
	if (!minute->first)
		return;
	/* The past is told anew, as its times were of another zone: its steps are made from it. */
	if (minute->past && minute->minute <= rates_newest(r->rates) - HOUR)
		rates_forget_after(r->rates, 0);
	end_step(r, quiet, minute->minute);
	if (quiet < minute->minute - RATES_MINUTES * MINUTE)
		quiet = minute->minute - RATES_MINUTES * MINUTE;
	for (; quiet < minute->minute; quiet += MINUTE)
		rates_begin(r->rates, quiet);
	rates_begin(r->rates, minute->minute);
}

void log_rates_put(
    struct log_rates *r, enum rate_kind kind, struct slice key, const struct rate_counts *counts)
{
	if (r->head.minute == 0)
		return;
	rates_put(r->rates, r->head.minute, kind, key, counts);
	if (r->learn != NULL)
		r->learn(r->learn_context, r->head.minute, kind, key, counts);
}

void log_rates_end(struct log_rates *r)
{
	if (r->head.minute != 0 && r->head.last)
		rate_samples_minute(r->samples, r->head.minute, r->head.quiet, r->head.other);
	r->head.minute = 0;
}

const struct rates *log_rates_minutes(const struct log_rates *r)
{
	return r->rates;
}

bool log_rates_are_current(const struct log_rates *r, int64_t now)
{
	int64_t newest = rates_newest(r->rates);

	return newest > now - LOG_RATES_BEHIND && newest <= now + LOG_RATES_AHEAD;
}

void log_rates_restart(struct log_rates *r)
{
	r->restarted = true;
}

bool log_rates_ask(struct log_rates *r, int64_t now, int64_t *from)
{
	int64_t newest = rates_newest(r->rates);

	if (!r->restarted || r->asked != NULL)
		return false;
	r->restarted = false;
	/* What is known here is newer than what is stored. */
	if (newest == 0)
		newest = r->stored;
	if (newest > 0) {
		*from = newest < now ? newest : now;
		/* So that the last hour is in memory; not quite an hour before a minute that is
		 * known, as that one would be too old to be taken. */
		*from -= HOUR - SERIES_STEP;
	} else {
		*from = newest == 0 ? 0 : now - LOG_RATES_WITHOUT_STORE;
	}
	/* Whole steps. */
	*from -= *from % SERIES_STEP;
	return true;
}

bool log_rates_are_behind(const struct log_rates *r)
{
	return rate_samples_are_behind(r->samples);
}
