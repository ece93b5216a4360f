/* The names of what the mail log is counted by, and the bounds of delays. */
#include "base/rates.h"

#include <stddef.h>

static const char *const kinds[RATE_KINDS] = {
    "total", "diagnosis", "recipient_domain", "remote_host", "login", "client", "sender"};
static const char *const results[RATE_RESULTS] = {
    "received", "delivered", "deferred", "bounced", "expired"};

static const char *const ways[RATE_WAYS] = {"smtp", "local", "notice"};

/* Half a second to four days: a delivery at once, greylisting, an hour's and a night's trouble, and
 * the last tries before the lifetime of five days is over. */
static const uint64_t delay_bounds[RATE_DELAY_BOUNDS] = {500, 1000, 5000, 15000, 60000, 300000,
    900000, 3600000, 14400000, 43200000, 86400000, 345600000};

/* Nothing stays in a queue for longer; what a line says beyond is not added up. */
#define DELAY_MAX_MS (INT64_C(366) * 86400000)

uint64_t rate_delay_bound(unsigned bound)
{
	return delay_bounds[bound];
}

void rate_sums_delivered(struct rate_sums *sums, int64_t delay_ms)
{
	unsigned bucket = 0;

	if (delay_ms < 0)
		delay_ms = 0;
	if (delay_ms > DELAY_MAX_MS)
		delay_ms = DELAY_MAX_MS;
	while (bucket < RATE_DELAY_BOUNDS && (uint64_t)delay_ms > delay_bounds[bucket])
		bucket++;
	sums->delays[bucket]++;
	sums->delay_ms += (uint64_t)delay_ms;
}

const char *rate_way_name(enum rate_way way)
{
	return (unsigned)way < RATE_WAYS ? ways[way] : NULL;
}

const char *rate_kind_name(enum rate_kind kind)
{
	return (unsigned)kind < RATE_KINDS ? kinds[kind] : NULL;
}

bool rate_kind_parse(struct slice name, enum rate_kind *kind)
{
	for (int i = 0; i < RATE_KINDS; i++)
		if (slice_is(name, kinds[i])) {
			*kind = (enum rate_kind)i;
			return true;
		}
	return false;
}

const char *rate_result_name(enum rate_result result)
{
	return (unsigned)result < RATE_RESULTS ? results[result] : NULL;
}

bool rate_result_parse(struct slice name, enum rate_result *result)
{
	for (int i = 0; i < RATE_RESULTS; i++)
		if (slice_is(name, results[i])) {
			*result = (enum rate_result)i;
			return true;
		}
	return false;
}
