/* How often a sign-in may be tried, so that nobody guesses a password and nobody is locked out by
 * strangers. Pure: the time comes from the caller.
 *
 * A stranger's attempt counts against the name that he tries, wherever he is, and against his
 * address, whatever he tries. The counters have fixed places by a keyed hash: names and addresses
 * without number cannot push one out, they can only fill others' places as well. Whoever is known
 * for the name (a session, a cookie of an earlier sign-in, an address that it signed in from) has a
 * count of his own and is let in while strangers have used up theirs. */
#ifndef ACCESS_LOGIN_LIMITS_H
#define ACCESS_LOGIN_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* So many attempts at once, then one each so many seconds. */
#define LOGIN_NAME_BURST 30
#define LOGIN_NAME_SECONDS 30
#define LOGIN_ADDRESS_BURST 10
#define LOGIN_ADDRESS_SECONDS 12
#define LOGIN_KNOWN_BURST 10
#define LOGIN_KNOWN_SECONDS 6
/* Of one-time codes, where three of a million are right: each day that somebody goes on guessing
 * gives him one chance in 3,400, with a browser that is known one in 690. Whoever uses this up
 * knows the password, and the audit says so. */
#define LOGIN_CODE_BURST 10
#define LOGIN_CODE_SECONDS 900
#define LOGIN_KNOWN_CODE_BURST 10
#define LOGIN_KNOWN_CODE_SECONDS 180

struct login_limits;

struct login_limits *login_limits_create(void);
/* Accepts a pointer to NULL. */
void login_limits_destroy(struct login_limits **limits);

struct login_attempt {
	struct slice name;
	const char *peer; /* "address:port" */
	uint64_t known;	  /* what he is known by; 0 for a stranger */
	bool is_code;	  /* a one-time code, which is counted apart; else a password */
	bool as_known;	  /* filled in: counted as known */
	bool fresh;	  /* filled in: nothing counts against his address */
};

/* Counts an attempt that is about to be checked; false when it must wait, with `seconds` (at least
 * 1). A known one who has used up his own count is treated as a stranger. */
bool login_limits_take(
    struct login_limits *limits, struct login_attempt *attempt, int64_t now_ms, int64_t *seconds);
/* It was right, or could not be checked: it does not count. */
void login_limits_give_back(struct login_limits *limits, const struct login_attempt *attempt);

/* The address of a peer without its port, an IPv6 one as its /64, as one number that is never 0. */
uint64_t login_limits_address(const struct login_limits *limits, const char *peer);
/* Any other text as such a number, for `known`. */
uint64_t login_limits_hash(const struct login_limits *limits, struct slice text);

#endif
