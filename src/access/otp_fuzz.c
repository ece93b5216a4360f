/* What somebody types as a code. Input: the text. It is a code of one of the two kinds, of letters
 * that stand for themselves alone, or none; typed again as it was understood it is the same; and no
 * text is good for a secret that nobody knows. */
#include <string.h>

#include "access/otp.h"
#include "base/must_fuzz.h"

static const unsigned char secret[OTP_SECRET_SIZE] = "12345678901234567890";

/* A right code stays right however it is spaced and written. */
static void check_spaced(uint8_t where)
{
	char shown[OTP_RECOVERY_SIZE], spaced[OTP_RECOVERY_SIZE + 1];
	struct otp_code plain, again;

	otp_make_recovery(shown);
	must(otp_read(slice_of(shown), &plain) && plain.kind == OTP_KIND_RECOVERY);
	where = (uint8_t)(where % OTP_RECOVERY_SIZE);
	memcpy(spaced, shown, where);
	spaced[where] = ' ';
	memcpy(spaced + where + 1, shown + where, OTP_RECOVERY_SIZE - where);
	must(otp_read(slice_of(spaced), &again) && strcmp(plain.text, again.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct otp_code code, again;
	int64_t step = 0;

	if (otp_read(text, &code)) {
		must(strlen(code.text) ==
		     (code.kind == OTP_KIND_TIMED ? OTP_DIGITS : OTP_RECOVERY_LETTERS));
		must(strspn(code.text, "0123456789abcdefghjkmnpqrstvwxyz") == strlen(code.text));
		must(otp_read(slice_of(code.text), &again) && again.kind == code.kind &&
		     strcmp(code.text, again.text) == 0);
	} else {
		must(code.kind == OTP_KIND_NONE && code.text[0] == '\0');
	}
	/* At 59 s the codes of RFC 6238's secret are those of steps 0, 1 and 2. */
	if (otp_check(secret, &code, 59, 0, &step) == OTP_GOOD)
		must(strcmp(code.text, "287082") == 0 || strcmp(code.text, "359152") == 0);
	check_spaced(size > 0 ? data[0] : 0);
	return 0;
}
