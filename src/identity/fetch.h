/* One request to an issuer: by transfer/transfer.h, with its bounds, and with what is the same for
 * all of them here. */
#ifndef IDENTITY_FETCH_H
#define IDENTITY_FETCH_H

#include "base/error.h"
#include "transfer/transfer.h"

struct fetch_question {
	const char *url;   /* has passed identity_endpoint_check */
	struct slice form; /* a POST of application/x-www-form-urlencoded; "": a GET */
	/* As it asks for them: HTTP's Basic, or a bearer's token. "": none. */
	struct slice user, password, bearer;
	uint32_t timeout_ms;
	bool allow_local; /* this host may be asked */
};

struct fetch_reply {
	long status;	   /* of HTTP; 0: there is no answer that could be read */
	struct slice body; /* at most IDENTITY_ANSWER_MAX */
	char why[200];	   /* why there is none, for people */
};
/* Called once, from the loop and never from within fetch_start; it may destroy the transfer. */
typedef void fetch_done(void *context, const struct fetch_reply *reply);

struct fetch;
struct fetch *fetch_start(struct transfers *transfers, const struct fetch_question *question,
    fetch_done *done, void *context);
/* Ends it without a word. Accepts a pointer to NULL. */
void fetch_destroy(struct fetch **fetch);

/* "name=value", with & before it where `form` has something already. */
void fetch_form_add(struct buffer *form, const char *name, struct slice value);

#endif
