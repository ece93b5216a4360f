/* Takes minutes in, between log_rates_begin and log_rates_end of each frame. */
#include "watch/log_rates.h"

#include <stdlib.h>

#include "base/memory.h"

#define MINUTE 60

struct log_rates {
	struct rates *rates;
	log_rates_learn_fn *learn;
	void *learn_context;
	/* Of the frame in hand; minute 0: not taken. */
	struct log_rates_minute head;
};

struct log_rates *log_rates_create(void)
{
	struct log_rates *r = memory_zero(1, sizeof(*r));

	r->rates = rates_create();
	return r;
}

void log_rates_destroy(struct log_rates **rates)
{
	if (*rates == NULL)
		return;
	rates_free((*rates)->rates);
	free(*rates);
	*rates = NULL;
}

void log_rates_set_learner(struct log_rates *r, log_rates_learn_fn *learn, void *context)
{
	r->learn = learn;
	r->learn_context = context;
}

void log_rates_begin(struct log_rates *r, const struct log_rates_minute *minute, int64_t now)
{
	int64_t quiet = minute->quiet;

	r->head = (struct log_rates_minute){.minute = 0};
	if (minute->minute > now + LOG_RATES_AHEAD)
		return;
	/* The clock was set back: what was counted ahead of it would keep out all that comes. */
	if (rates_newest(r->rates) > now + LOG_RATES_AHEAD)
		rates_forget_after(r->rates, now);
	r->head = *minute;
	if (!minute->first)
		return;
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

int64_t log_rates_from(const struct log_rates *r)
{
	int64_t newest = rates_newest(r->rates);

	return newest > 0 ? newest - (RATES_MINUTES - 1) * MINUTE : 0;
}
