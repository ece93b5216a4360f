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

/* How a message came in. The numbers are on the wire. */
enum rate_way {
	RATE_WAY_SMTP,	 /* by smtpd or another server: its first line names a client */
	RATE_WAY_LOCAL,	 /* by sendmail(1): pickup took it */
	RATE_WAY_NOTICE, /* made here: a bounce, a delay warning, a notice to the postmaster */
	RATE_WAYS
};

/* From a message's arrival to the delivery of a recipient, as Postfix logs it (delay=): so many
 * bounds, and what is beyond the last of them. */
#define RATE_DELAY_BOUNDS 12
/* Milliseconds; a delay of exactly that is within it. `bound` below RATE_DELAY_BOUNDS. */
uint64_t rate_delay_bound(unsigned bound);

/* What is counted of a minute without any key. */
struct rate_sums {
	uint32_t messages[RATE_WAYS]; /* received, as RATE_RECEIVED says */
	/* Recipients delivered, each in the one bucket that it belongs to. */
	uint32_t delays[RATE_DELAY_BOUNDS + 1];
	uint64_t delay_ms; /* of all of these together */
};
/* Counts one that was delivered after so many milliseconds; below 0 is 0. */
void rate_sums_delivered(struct rate_sums *sums, int64_t delay_ms);
/* "smtp", "local", "notice"; NULL for other numbers. */
const char *rate_way_name(enum rate_way way);

/* "total", "diagnosis", "recipient_domain", "remote_host", "login", "client", "sender"; NULL for
 * other numbers. */
const char *rate_kind_name(enum rate_kind kind);
bool rate_kind_parse(struct slice name, enum rate_kind *kind);
/* "received", "delivered", "deferred", "bounced", "expired"; NULL for other numbers. */
const char *rate_result_name(enum rate_result result);
bool rate_result_parse(struct slice name, enum rate_result *result);

#endif
