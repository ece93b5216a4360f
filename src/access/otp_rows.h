/* Who has a one-time password, as rows of the database: the sealed secret (otp_vault.h), the step
 * of the last good code, and the hashes of the recovery codes that are left. Each function is one
 * step of a transaction, on the thread that owns `db`. A trigger takes the rows away with the
 * account. */
#ifndef ACCESS_OTP_ROWS_H
#define ACCESS_OTP_ROWS_H

#include "access/otp.h"
#include "store/db.h"

struct otp_state {
	bool on;
	int64_t since; /* Unix seconds */
	unsigned codes_left;
};

/* Gives an account its secret, from now on needed to sign in. `step` is that of the code that has
 * confirmed it, which is used up with that. `codes` gets the recovery codes, to be shown once.
 * DB_CONFLICT where it has one, or was ended or locked meanwhile. */
enum db_result otp_rows_add(struct db *db, const char *database, int64_t user,
    const unsigned char secret[OTP_SECRET_SIZE], int64_t now, int64_t step,
    char codes[OTP_RECOVERY_CODES][OTP_RECOVERY_SIZE], struct error *err);

struct otp_answer {
	enum otp_verdict verdict;
	int64_t until;	       /* OTP_USED, OTP_CLOCK_BACK: no code is good before this second */
	bool recovery;	       /* it was a recovery code */
	int64_t clock_differs; /* otp_clock_differs() of a wrong one */
};
/* Looks at a code and uses it up, in a write transaction: what DB_OK commits is good this once and
 * never again. DB_OK also for one that is not good. DB_NOT_FOUND: the account has no one-time
 * password (any more). DB_REFUSED with otp_unavailable where there is no key; a recovery code needs
 * none. */
enum db_result otp_rows_use(struct db *db, const char *database, int64_t user,
    const struct otp_code *code, int64_t now, struct otp_answer *answer, struct error *err);

/* DB_OK also where there is none. */
enum db_result otp_rows_state(
    struct db *db, int64_t user, struct otp_state *state, struct error *err);
/* DB_NOT_FOUND where there is none. */
enum db_result otp_rows_end(struct db *db, int64_t user, struct error *err);

#endif
