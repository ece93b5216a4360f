/* One-time passwords: the six digits that somebody's phone shows (RFC 6238: SHA-1, 30 seconds), by
 * liboath, and the recovery codes for the day when the phone is lost. Pure: the time comes from the
 * caller. Who has which secret stands in otp_rows.h.
 *
 * A code is known by its step, the number of its 30 seconds. One is good when its step is now, the
 * one before or the one after, and later than that of the last good one. So no code is good twice,
 * whichever way the clock steps: after a step back those of before are used up still. */
#ifndef ACCESS_OTP_H
#define ACCESS_OTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* What access.otp says; any other word is OTP_OPTIONAL. */
enum otp_policy { OTP_OFF, OTP_OPTIONAL, OTP_REQUIRED };
enum otp_policy otp_policy(const char *word);

#define OTP_SECRET_SIZE 20
#define OTP_STEP_SECONDS 30
#define OTP_DIGITS 6
/* In base32, with its NUL: 160 bits need no padding. */
#define OTP_SECRET_TEXT_SIZE 33

#define OTP_RECOVERY_CODES 10
/* 16 letters of 5 bits: nobody guesses 80 bits, so a fast hash of them is enough. */
#define OTP_RECOVERY_LETTERS 16
/* As it is shown, "k3f9-...", with its NUL. */
#define OTP_RECOVERY_SIZE 20

enum otp_kind {
	OTP_KIND_NONE,
	OTP_KIND_TIMED,	   /* six digits */
	OTP_KIND_RECOVERY, /* OTP_RECOVERY_LETTERS letters */
};
struct otp_code {
	enum otp_kind kind;
	char text[OTP_RECOVERY_LETTERS + 1];
};
/* Reads what somebody has typed: blanks and hyphens do not count, nor case, and o, i and l stand
 * for the digits that they look like. False, with OTP_KIND_NONE, where it is no code. */
bool otp_read(struct slice text, struct otp_code *code);

void otp_make_secret(unsigned char secret[OTP_SECRET_SIZE]);
/* The secret as people type it. */
void otp_secret_text(const unsigned char secret[OTP_SECRET_SIZE], char text[OTP_SECRET_TEXT_SIZE]);
/* A new recovery code as it is shown; otp_read gives what is kept of it. */
void otp_make_recovery(char code[OTP_RECOVERY_SIZE]);

/* What a phone takes in by its camera: otpauth://totp/... of this account at this host, as the key
 * URI format has it. The length; at least `size` where it did not fit. */
#define OTP_ADDRESS_SIZE 1024
size_t otp_address(const unsigned char secret[OTP_SECRET_SIZE], const char *account,
    const char *host, char *text, size_t size);

enum otp_verdict {
	OTP_GOOD,
	OTP_WRONG,
	OTP_USED,	/* right, but it or a later one was good before */
	OTP_CLOCK_BACK, /* the last good one is of a time that has not come: the clock was set back
			 */
};
/* Of six digits. `used` is the step of the last good code, 0 for none; of a good one `*step` is its
 * own. */
enum otp_verdict otp_check(const unsigned char secret[OTP_SECRET_SIZE], const struct otp_code *code,
    int64_t now, int64_t used, int64_t *step);
/* The Unix second at which a phone whose clock is right shows the first code that may be good after
 * that of `used`. */
int64_t otp_next_at(int64_t used);
/* Of a wrong one: by how many seconds the clocks may differ, a quarter of an hour at most, where it
 * is that of another time (negative: the phone is behind). 0: it is not. For an admin, never for
 * the one who tries: it would tell which code comes. */
int64_t otp_clock_differs(
    const unsigned char secret[OTP_SECRET_SIZE], const struct otp_code *code, int64_t now);

#endif
