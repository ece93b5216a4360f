/* What the mail log is counted by: one enum of keys and one of results, for all layers, from the
 * log reader over the wire and the store to incidents and the API. */
#ifndef BASE_RATES_H
#define BASE_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* What recipients are counted by. The numbers are on the wire and in the store: append only. */
enum rate_kind {
	RATE_TOTAL,	  /* all together: its key is empty */
	RATE_CAUSE,	  /* the key of a diagnosis; only of those that were not delivered */
	RATE_DOMAIN,	  /* the recipient's domain, in lower case */
	RATE_REMOTE_HOST, /* that answered or was tried, in lower case, without address and port */
	RATE_LOGIN,	  /* the SASL login that gave the message in */
	RATE_CLIENT,	  /* the address of the client that gave it in */
	RATE_SENDER,	  /* the envelope sender; "<>" for the null sender */
	RATE_KINDS
};

/* What became of a recipient. The numbers are on the wire and in the store: append only. */
enum rate_result {
	/* accepted into the queue: when the queue manager takes a message up for the first time.
	 * Once for each message: one that is re-queued, or comes back from a content filter that
	 * names its former ID, was received before */
	RATE_RECEIVED,
	RATE_DELIVERED,
	RATE_DEFERRED, /* an attempt that failed for now */
	RATE_BOUNCED,
	RATE_EXPIRED,
	RATE_RESULTS
};

/* Longer keys are nobody's: a login of a kilobyte is a stranger's try. They count as `other`. */
#define RATES_KEY_MAX 320

/* Recipients, by result. */
struct rate_counts {
	uint32_t n[RATE_RESULTS];
};

/* "total", "diagnosis", "recipient_domain", "remote_host", "login", "client", "sender"; NULL for
 * other numbers. */
const char *rate_kind_name(enum rate_kind kind);
bool rate_kind_parse(struct slice name, enum rate_kind *kind);
/* "received", "delivered", "deferred", "bounced", "expired"; NULL for other numbers. */
const char *rate_result_name(enum rate_result result);
bool rate_result_parse(struct slice name, enum rate_result *result);

#endif
