/* One-time passwords over the API: setting one up, taking it off (otp.c), and the second step of a
 * sign-in (login_otp.c). Who has one is in access/otp_rows.h, what waits in access/otp_waiting.h.
 */
#ifndef API_OTP_H
#define API_OTP_H

#include "access/accounts.h"
#include "access/otp_rows.h"
#include "api/api.h"
#include "api/signing_in.h"

extern const struct http_route api_otp_routes[];
extern const struct http_route api_login_otp_routes[];

/* Answers a sign-in whose password was right and whose account needs a code, too: 401 otp_needed
 * with a challenge. */
void login_otp_ask(struct api *api, struct http_request *rq, const struct signing_in *in);

/* ---- What the two share ---- */

/* The member `code` of the body. False when the request has been answered. */
bool otp_body_code(struct http_request *rq, const json_t *body, struct otp_code *code);
/* Counts a try at the code of this account (access/login_limits.h); false when he has to wait, and
 * has been told so. `attempt` keeps the two texts. */
struct login_attempt;
bool otp_take_try(struct api *api, struct http_request *rq, const char *name, const char *peer,
    struct login_attempt *attempt);
/* Answers what was wrong with a code, and counts it with the sign-ins that failed. Logs where a
 * clock seems to be wrong. `rq` may be NULL. */
void otp_refused(struct api *api, struct http_request *rq, const char *name, const char *peer,
    const struct otp_answer *answer);

#endif
