/* The present password of somebody who is signed in, asked for once more: by what would let
 * whoever sits at an open browser take the account over. */
#ifndef API_PRESENT_PASSWORD_H
#define API_PRESENT_PASSWORD_H

#include "api/api.h"

/* What the member is called in every body that has it. */
#define PRESENT_PASSWORD_MEMBER "present_password"

/* The account whose password the caller has signed in with; NULL when there is none, and the
 * request has been answered: password_elsewhere for who is known by single sign-on, else
 * password_no_account. Valid until the next change of accounts. */
struct credentials_account *present_password_account(struct api *api, struct http_request *rq);

/* Called once, on the loop. `rq` is NULL once the caller has gone. Where the password was not good
 * the request has been answered. The callee asks for the account again: it may have changed. */
typedef void present_password_done(void *context, struct http_request *rq, bool good);

/* Checks a password against that account. It counts as an attempt to sign in: the same limits, the
 * same records of what failed. False, and `done` is never called, when the request has been
 * answered: as above, or too_many_requests. A wrong one is answered with password_wrong. */
bool present_password_check(struct api *api, struct http_request *rq, struct slice password,
    present_password_done *done, void *context);

#endif
