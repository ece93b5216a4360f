/* What is known of the issuer (oidc.c), for the routes by which people sign in with it
 * (oidc_sign_in.c). */
#ifndef API_OIDC_STATE_H
#define API_OIDC_STATE_H

#include "access/login_limits.h"
#include "access/oidc_flow.h"
#include "api/oidc.h"
#include "api/signing_in.h"
#include "wire/identity_proto.h"

struct oidc {
	struct api *api;
	struct oidc_flows *flows;
	/* What is known of the issuer of that name; NULL: nothing. */
	char *issuer;
	bool ready; /* it answers, and the rest is known */
	char *authorization, *end_session;
	bool names_itself;
	char trouble[IDENTITY_TEXT_MAX + 1]; /* why it is not ready */
	uint32_t question;		     /* that is under way; 0: none */
	int64_t asked_ms;		     /* when, for the last time; 0: never */
	struct oidc_return *first;	     /* browsers that are back, and wait */
	unsigned told_count;
	int64_t told_ms; /* of the first of the last refusals in the log */
};

/* A browser that waits while the issuer is asked. */
struct oidc_return {
	struct oidc_return *next; /* one list for all of them */
	struct oidc *oidc;
	struct http_request *rq; /* NULL once it has gone */
	struct oidc_flow flow;
	struct login_attempt attempt;
	char peer[ACCOUNTS_PEER_SIZE];
	uint32_t question;
	char *issuer; /* that is asked, whichever is set when it answers */
	struct signing_in in;
	struct person person; /* who it is at the issuer */
};

/* `flow` has been taken (oidc_flow_take). */
struct oidc_return *oidc_return_create(
    struct oidc *oidc, const struct oidc_flow *flow, const char *peer);
/* Frees it. `used`: somebody has signed in with it. */
void oidc_return_end(struct oidc_return *r, bool used);

/* Seconds of a clock that never steps, never 0. */
int64_t oidc_now(void);
bool oidc_is_set(const struct oidc *oidc);
/* A key of the configuration. */
const char *oidc_key(const struct oidc *oidc, const char *key);
/* Where the issuer sends the browser back to. False where http.public_url does not say how this
 * page is reached. */
bool oidc_redirect_uri(const struct oidc *oidc, struct buffer *uri);
/* It does not answer: the sign-in page says so until it does. */
void oidc_not_ready(struct oidc *oidc, struct slice why);

/* How a sign-in ended, for the page (`/?sign_in=WORD`); words of the page's own, so that nobody
 * else can put a text there. */
enum oidc_word {
	OIDC_WORD_GOOD, /* no word: somebody is signed in */
	OIDC_WORD_DENIED,
	OIDC_WORD_EXPIRED,
	OIDC_WORD_UNAVAILABLE,
	OIDC_WORD_REFUSED,
	OIDC_WORD_NO_ROLE,
	OIDC_WORD_NAME,
	OIDC_WORD_LOCKED,
	OIDC_WORD_BUSY,
	OIDC_WORD_STORE,
	OIDC_WORDS
};
/* Sends the browser to the page, which is the one place that any of this leads to. */
void oidc_to_page(struct http_request *rq, enum oidc_word word);

/* Somebody wants to sign in: where the issuer does not answer, it may be asked earlier. */
void oidc_look_wanted(struct oidc *oidc);

#endif
