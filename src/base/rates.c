/* The names of what the mail log is counted by. */
#include "base/rates.h"

#include <stddef.h>

static const char *const kinds[RATE_KINDS] = {
    "total", "diagnosis", "recipient_domain", "remote_host", "login", "client", "sender"};
static const char *const results[RATE_RESULTS] = {
    "received", "delivered", "deferred", "bounced", "expired"};

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
