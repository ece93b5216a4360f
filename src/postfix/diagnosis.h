/* What a reason for a deferral means: from the words of a reply to its likely cause and what to do.
 * The knowledge is in diagnoses.ini, which a build step turns into the table behind these functions
 * (diagnoses_to_c.py). All of it is pure; what is returned is constant and lives for ever. */
#ifndef POSTFIX_DIAGNOSIS_H
#define POSTFIX_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* Only so many bytes of a reason are looked at, as reason_one_line gives it: Postfix cuts a log
 * line at 2,000, and what says why stands at the front. */
#define DIAGNOSIS_REASON_MAX 4096

enum diagnosis_severity {
	DIAGNOSIS_WAIT,	 /* usually passes by itself: the next attempts are the cure */
	DIAGNOSIS_WATCH, /* may pass by itself; somebody should look if it lasts */
	DIAGNOSIS_ACT,	 /* does not pass until somebody changes something */
};

enum diagnosis_where {
	DIAGNOSIS_HERE, /* ours: this host's Postfix, filters, mailboxes, relay login, our network
			 */
	DIAGNOSIS_BETWEEN, /* on the way: DNS, network, TLS */
	DIAGNOSIS_THERE,   /* at the destination, or in what it thinks of us */
};

/* What a reason that has this cause speaks of. */
enum diagnosis_about {
	DIAGNOSIS_ABOUT_ALL, /* a host, a connection or a policy: others would be told the same */
	DIAGNOSIS_ABOUT_ONE, /* one recipient, one sender or one message */
};

/* What an incident makes of it (watch/incidents/incidents.h); each diagnosis has exactly one. */
enum diagnosis_family {
	DIAGNOSIS_FAMILY_RECIPIENT,   /* the own trouble of one recipient, sender or message */
	DIAGNOSIS_FAMILY_FULL,	      /* a full mailbox */
	DIAGNOSIS_FAMILY_LATER,	      /* greylisting and its like: the next attempts are the cure */
	DIAGNOSIS_FAMILY_RATE,	      /* we send too much there */
	DIAGNOSIS_FAMILY_REPUTATION,  /* what the destination thinks of our address */
	DIAGNOSIS_FAMILY_UNREACHABLE, /* the server, the way to it, or its domain is dead */
	DIAGNOSIS_FAMILY_REFUSES,     /* the server's own trouble, or it says no for good */
	DIAGNOSIS_FAMILY_NAMES,	      /* looking up names fails */
	DIAGNOSIS_FAMILY_SERVICE,     /* a server of our own, or a transport */
	DIAGNOSIS_FAMILY_POSTFIX,     /* this Postfix is set up wrongly */
	DIAGNOSIS_FAMILY_DISK,	      /* there is no room here */
	DIAGNOSIS_FAMILY_LOOP,
	DIAGNOSIS_FAMILIES
};

struct diagnosis {
	const char *key;    /* stable; lower case, digits and hyphens: "over-quota" */
	const char *title;  /* a few words, no full stop */
	const char *cause;  /* the likely cause, whole sentences */
	const char *advice; /* what to do, whole sentences */
	enum diagnosis_severity severity;
	enum diagnosis_where where;
	enum diagnosis_about about;
	enum diagnosis_family family;
	const char *runbook; /* the page of docs/runbooks that helps; NULL: none does */
};

/* The diagnosis of one recipient's reason as showq, a defer log or a log line gives it. `dsn` is
 * its enhanced status code ("4.2.2"), empty when the source gives none (then one inside the reason
 * counts). Patterns are tried in the order of the file and the first that matches wins; behind them
 * stand fallbacks by status class and by phase. A leading "delivery temporarily suspended: " is
 * looked through: what is found is why the destination was suspended. NULL only when the reason is
 * empty. Time is linear in the reason's length. */
const struct diagnosis *diagnosis_find(struct slice reason, struct slice dsn);

/* Where the cause of this reason is: as the diagnosis says, but here where a next hop of our own
 * (reason_hop_is_ours) stands in the place of the destination. */
enum diagnosis_where diagnosis_where(const struct diagnosis *diagnosis, struct slice reason);

/* Whether the reason says that the queue manager did not even try ("delivery temporarily suspended:
 * ...", docs/POSTFIX.md, "When a message is tried again"), which deserves a note beside the
 * diagnosis. */
bool diagnosis_is_suspended(struct slice reason);

/* By key; NULL when there is none. */
const struct diagnosis *diagnosis_by_key(struct slice key);

/* All of them, in the order of the file: index 0 to diagnosis_count() - 1. diagnosis_index is the
 * inverse of diagnosis_at, for those who keep a number instead of a pointer. */
size_t diagnosis_count(void);
const struct diagnosis *diagnosis_at(size_t index);
size_t diagnosis_index(const struct diagnosis *diagnosis);

/* "wait", "watch", "act"; "here", "between", "there". */
const char *diagnosis_severity_name(enum diagnosis_severity severity);
const char *diagnosis_where_name(enum diagnosis_where where);
/* "recipient", "full", ...: as in diagnoses.ini. */
const char *diagnosis_family_name(enum diagnosis_family family);

#endif
