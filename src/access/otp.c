/* The arithmetic of one-time passwords: reading what was typed, making secrets, comparing codes. */
#include "access/otp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <liboath/oath.h>
#include <sodium.h>

/* Crockford's base32: letters that nobody takes for another. */
static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
/* What may stand between letters: nobody types more. */
#define TYPED_MAX 64
/* A phone's clock may be off by this many steps; more would give whoever guesses more chances. */
#define WINDOW 1
/* A quarter of an hour: summer time and time zones are no matter, as both count in UTC. */
#define DIFFERS_STEPS 30

enum otp_policy otp_policy(const char *word)
{
	return strcmp(word, "required") == 0 ? OTP_REQUIRED
	       : strcmp(word, "off") == 0    ? OTP_OFF
					     : OTP_OPTIONAL;
}

/* ---- what was typed ---- */

static char canonical(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		return '0';
	return c == 'i' || c == 'l' ? '1' : c;
}

bool otp_read(struct slice text, struct otp_code *code)
{
	size_t len = 0, digits = 0;

	*code = (struct otp_code){0};
	if (text.len > TYPED_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = canonical(text.data[i]);

		if (c == ' ' || c == '-')
			continue;
		/* strchr also finds the NUL at its end. */
		if (c == '\0' || strchr(letters, c) == NULL || len == OTP_RECOVERY_LETTERS) {
			sodium_memzero(code, sizeof(*code));
			return false;
		}
		code->text[len++] = c;
		digits += c >= '0' && c <= '9';
	}
	if (len == OTP_RECOVERY_LETTERS)
		code->kind = OTP_KIND_RECOVERY;
	else if (len == OTP_DIGITS && digits == OTP_DIGITS)
		code->kind = OTP_KIND_TIMED;
	else
		sodium_memzero(code, sizeof(*code));
	return code->kind != OTP_KIND_NONE;
}

/* ---- making ---- */

void otp_make_secret(unsigned char secret[OTP_SECRET_SIZE])
{
	randombytes_buf(secret, OTP_SECRET_SIZE);
}

void otp_secret_text(const unsigned char secret[OTP_SECRET_SIZE], char text[OTP_SECRET_TEXT_SIZE])
{
	char *made = NULL;
	size_t len = 0;

	/* It fails only where there is no memory, as everything here that allocates. */
	if (oath_base32_encode((const char *)secret, OTP_SECRET_SIZE, &made, &len) != OATH_OK ||
	    len >= OTP_SECRET_TEXT_SIZE)
		abort();
	memcpy(text, made, len);
	text[len] = '\0';
	sodium_memzero(made, len);
	free(made);
}

void otp_make_recovery(char code[OTP_RECOVERY_SIZE])
{
	unsigned char random[OTP_RECOVERY_LETTERS];
	size_t at = 0;

	randombytes_buf(random, sizeof(random));
	for (size_t i = 0; i < OTP_RECOVERY_LETTERS; i++) {
		if (i > 0 && i % 4 == 0)
			code[at++] = '-';
		code[at++] = letters[random[i] % 32];
	}
	code[at] = '\0';
	sodium_memzero(random, sizeof(random));
}

/* Everything but what needs no encoding anywhere in an address. */
static size_t put_encoded(char *text, size_t size, size_t at, const char *part)
{
	for (; *part != '\0'; part++) {
		bool plain = (*part >= 'a' && *part <= 'z') || (*part >= 'A' && *part <= 'Z') ||
			     (*part >= '0' && *part <= '9') || strchr("-._~", *part) != NULL;

		at += (size_t)snprintf(at < size ? text + at : NULL, at < size ? size - at : 0,
		    plain ? "%c" : "%%%02X", (unsigned char)*part);
	}
	return at;
}

/* The host stands in the name, since somebody may have accounts at several. */
size_t otp_address(const unsigned char secret[OTP_SECRET_SIZE], const char *account,
    const char *host, char *text, size_t size)
{
	char secret_text[OTP_SECRET_TEXT_SIZE];
	size_t at = (size_t)snprintf(text, size, "otpauth://totp/Postroom:");

	otp_secret_text(secret, secret_text);
	at = put_encoded(text, size, at, account);
	if (host[0] != '\0')
		at = put_encoded(text, size, at, " ");
	at = put_encoded(text, size, at, host);
	at += (size_t)snprintf(at < size ? text + at : NULL, at < size ? size - at : 0,
	    "?secret=%s&issuer=Postroom&algorithm=SHA1&digits=%d&period=%d", secret_text,
	    OTP_DIGITS, OTP_STEP_SECONDS);
	sodium_memzero(secret_text, sizeof(secret_text));
	return at;
}

/* ---- comparing ---- */

/* Whether the code is that of a step. No step before 1970 has one. */
static bool is_of_step(
    const unsigned char secret[OTP_SECRET_SIZE], const struct otp_code *code, int64_t step)
{
	char right[OTP_DIGITS + 1];
	bool same;

	if (step < 0 || code->kind != OTP_KIND_TIMED ||
	    oath_totp_generate((const char *)secret, OTP_SECRET_SIZE,
		(time_t)(step * OTP_STEP_SECONDS), OTP_STEP_SECONDS, 0, OTP_DIGITS,
		right) != OATH_OK)
		return false;
	same = sodium_memcmp(code->text, right, OTP_DIGITS) == 0;
	sodium_memzero(right, sizeof(right));
	return same;
}

int64_t otp_next_at(int64_t used)
{
	return (used + 1) * OTP_STEP_SECONDS;
}

enum otp_verdict otp_check(const unsigned char secret[OTP_SECRET_SIZE], const struct otp_code *code,
    int64_t now, int64_t used, int64_t *step)
{
	int64_t here = now / OTP_STEP_SECONDS;
	bool right = false;

	if (used > here + WINDOW)
		return OTP_CLOCK_BACK;
	/* All three in any case, so that the time does not tell which one it was. */
	for (int64_t s = here - WINDOW; s <= here + WINDOW; s++)
		if (is_of_step(secret, code, s)) {
			right = true;
			*step = s;
		}
	if (!right)
		return OTP_WRONG;
	return *step > used ? OTP_GOOD : OTP_USED;
}

int64_t otp_clock_differs(
    const unsigned char secret[OTP_SECRET_SIZE], const struct otp_code *code, int64_t now)
{
	int64_t here = now / OTP_STEP_SECONDS;

	for (int64_t away = WINDOW + 1; away <= DIFFERS_STEPS; away++) {
		if (is_of_step(secret, code, here + away))
			return away * OTP_STEP_SECONDS;
		if (is_of_step(secret, code, here - away))
			return -away * OTP_STEP_SECONDS;
	}
	return 0;
}
