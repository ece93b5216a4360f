/* What the other side says, as Postfix writes it into the log and the defer log. What each means is
 * asked of the product's own diagnoses, not written down here. */
#ifndef INCIDENTS_REPLIES_H
#define INCIDENTS_REPLIES_H

#include <stdbool.h>

#include "base/slice.h"

enum reply {
	REPLY_NONE, /* delivered, or not tried yet */
	REPLY_GREYLISTED,
	REPLY_TRY_LATER, /* greylisting that does not say so */
	REPLY_OVER_QUOTA,
	REPLY_TIMED_OUT,
	REPLY_REFUSED,
	REPLY_NO_ROUTE,
	REPLY_SYSTEM,
	REPLY_SHUTTING_DOWN,
	REPLY_NOT_NOW,
	REPLY_UNUSUAL_RATE,
	REPLY_TOO_MUCH,
	REPLY_DNS_AGAIN,
	REPLY_BLOCKLIST,
	REPLY_BLOCKLIST_OTHER,
	REPLY_REPUTATION,
	REPLY_SPAM_LATER,
	REPLY_FILTER_REFUSED,
	REPLY_FILTER_TIMED_OUT,
	REPLY_LMTP_DOWN,
	REPLY_TRANSPORT,
	REPLY_RESOLVE,
	/* For good. */
	REPLY_UNKNOWN,
	REPLY_SPAM,
	REPLY_BLOCKED,
	REPLY_HOPS,
	REPLIES
};

/* The text, with any host in it. */
struct slice reply_text(enum reply reply);
/* The key of its diagnosis; empty for REPLY_NONE. */
struct slice reply_cause(enum reply reply);
/* The first reply with the same diagnosis: one number for each cause. */
enum reply reply_class(enum reply reply);
/* Whether somebody there said it, or a connection was tried: there is a remote host. */
bool reply_has_host(enum reply reply);

#endif
