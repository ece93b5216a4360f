/* From a proof to a session: the one way in for everybody who signs in, whatever he has shown
 * (a password, a link, a one-time code, the word of an OpenID provider). */
#ifndef API_SIGNING_IN_H
#define API_SIGNING_IN_H

#include "access/accounts.h"
#include "api/api.h"

/* What was shown, and whose session it makes. */
struct signing_in {
	enum accounts_how how;
	/* The account, or who it is that has none (user_id 0). */
	int64_t user_id;
	char name[ACCOUNTS_NAME_MAX + 1];
	/* Of an account: the hash of its password when the proof was checked; the account must
	 * still have it, so that a change in between counts. "": any. */
	char password[ACCOUNTS_HASH_SIZE];
	/* Somebody without an account: what he may, and who he is, so that it follows the
	 * configuration (access/person.h). NULL for an account. */
	struct access_grant grant;
	const struct person *person;
	/* A link that is used up by this, and says all of the above; "": none. */
	char once[ACCOUNTS_SECRET_SIZE];
};

/* Called once, on the loop. DB_OK: the session is open, its cookie stands in the answer, and
 * http_caller(rq) is who has come in; the callee answers. DB_NOT_FOUND: the account is not any more
 * as it was (another password, locked, deleted), or the link is used up. Anything else is of the
 * store. `rq` is NULL once the caller has gone. */
typedef void signing_in_done(
    void *context, struct http_request *rq, enum db_result result, const struct error *err);

/* Opens a session in one transaction with all that belongs to it: a link is used up, and the
 * session that this browser had before ends, with its streams. Copies `in`, and wipes the copy.
 * A browser that has shown a password or code is known from now on (login_limits.h). */
void accounts_open_session(struct api *api, struct http_request *rq, const struct signing_in *in,
    signing_in_done *done, void *context);

/* Who somebody is, how he came in and what he may: the answer of /me and of each way to sign in. */
json_t *signing_in_me(const struct api *api, const struct caller *caller);

#endif
