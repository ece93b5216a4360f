/* What waits for a code, in memory and for some minutes: sign-ins whose password was right
 * (challenges), and secrets that are being set up. A restart forgets both, and people begin again.
 * Pure: the time comes from the caller, by the clock that never steps. */
#ifndef ACCESS_OTP_WAITING_H
#define ACCESS_OTP_WAITING_H

#include "access/accounts.h"
#include "access/otp.h"

#define OTP_CHALLENGE_SECONDS 300
/* Codes that one challenge takes; then it begins with the password again. */
#define OTP_CHALLENGE_TRIES 5
/* Of one account, and as many for browsers that are known for it (login_limits.h); the oldest goes.
 * Whoever has its password can push out no other account's, nor its owner's where he is known. */
#define OTP_CHALLENGES_MAX 8
#define OTP_SETUP_SECONDS 900

struct otp_waiting;

struct otp_waiting *otp_waiting_create(void);
/* Wipes it. Accepts a pointer to NULL. */
void otp_waiting_destroy(struct otp_waiting **waiting);

/* A new challenge for this account, as it was when its password was found right. `secret` gets what
 * the browser shows with the code. */
void otp_waiting_challenge(struct otp_waiting *waiting, const struct accounts_user *user,
    bool known, int64_t now_ms, char secret[ACCOUNTS_SECRET_SIZE]);
/* Takes one try of a challenge, before the code is looked at, so that codes that come at once count
 * each. False where there is no such challenge (any more) or its tries are used up. */
bool otp_waiting_take(
    struct otp_waiting *waiting, struct slice secret, int64_t now_ms, struct accounts_user *user);
/* The code could not be looked at: the try does not count. */
void otp_waiting_give_back(struct otp_waiting *waiting, struct slice secret);
void otp_waiting_end(struct otp_waiting *waiting, struct slice secret);

/* A secret that its owner has been shown; one that was begun before is forgotten. */
void otp_waiting_begin(struct otp_waiting *waiting, int64_t user,
    const unsigned char secret[OTP_SECRET_SIZE], int64_t now_ms);
/* False where none was begun, or too long ago. `secret` may be NULL. */
bool otp_waiting_begun(struct otp_waiting *waiting, int64_t user, int64_t now_ms,
    unsigned char secret[OTP_SECRET_SIZE]);

/* All that waits for this account: it has changed, or ended. */
void otp_waiting_end_user(struct otp_waiting *waiting, int64_t user);

#endif
