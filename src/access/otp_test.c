/* One-time passwords: what is a code, when it is good, and that it is good once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <liboath/oath.h>

#include "access/accounts.h"
#include "access/login_limits.h"
#include "access/otp_rows.h"
#include "access/otp_vault.h"
#include "access/otp_waiting.h"
#include "store/store_test_place.h"

/* That of RFC 6238's appendix B. */
static const unsigned char secret[OTP_SECRET_SIZE + 1] = "12345678901234567890";

/* What a phone with the right clock shows at that time. */
static struct otp_code shown(int64_t at)
{
	struct otp_code code = {.kind = OTP_KIND_TIMED};

	assert_int_equal(oath_totp_generate((const char *)secret, OTP_SECRET_SIZE, (time_t)at,
			     OTP_STEP_SECONDS, 0, OTP_DIGITS, code.text),
	    OATH_OK);
	return code;
}

static enum otp_kind kind_of(const char *text)
{
	struct otp_code code;

	otp_read(slice_of(text), &code);
	return code.kind;
}

/* ---- what is pure ---- */

static void test_reading(void **state)
{
	struct otp_code code;

	(void)state;
	assert_int_equal(kind_of("123456"), OTP_KIND_TIMED);
	assert_int_equal(kind_of(" 123 456 "), OTP_KIND_TIMED);
	assert_int_equal(kind_of("12345"), OTP_KIND_NONE);
	assert_int_equal(kind_of("1234567"), OTP_KIND_NONE);
	assert_int_equal(kind_of("12345a"), OTP_KIND_NONE);
	assert_int_equal(kind_of("1234\t56"), OTP_KIND_NONE);
	assert_int_equal(kind_of(""), OTP_KIND_NONE);
	assert_int_equal(kind_of("0123-4567-89ab-cdef0"), OTP_KIND_NONE);
	assert_false(otp_read(SLICE("12\0003456"), &code));
	/* Arabic digits are digits to a person, but not those of a code. */
	assert_int_equal(kind_of("\xd9\xa1\xd9\xa2\xd9\xa3"), OTP_KIND_NONE);
	assert_true(otp_read(SLICE("OIL0 ABCD-efgh jkmn"), &code));
	assert_int_equal(code.kind, OTP_KIND_RECOVERY);
	assert_string_equal(code.text, "0110abcdefghjkmn");
}

static void test_codes_of_the_standard(void **state)
{
	static const struct {
		int64_t at;
		const char *code;
	} of_the_rfc[] = {{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"},
	    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
	struct otp_code code;
	int64_t step;

	(void)state;
	for (size_t i = 0; i < sizeof(of_the_rfc) / sizeof(of_the_rfc[0]); i++) {
		assert_true(otp_read(slice_of(of_the_rfc[i].code), &code));
		assert_int_equal(otp_check(secret, &code, of_the_rfc[i].at, 0, &step), OTP_GOOD);
		assert_int_equal(step, of_the_rfc[i].at / 30);
	}
}

static void test_a_code_is_good_around_its_time(void **state)
{
	const int64_t now = 1764547200; /* a step begins */
	struct otp_code code = shown(now);
	int64_t step = 0;

	(void)state;
	assert_int_equal(otp_check(secret, &code, now - 31, 0, &step), OTP_WRONG);
	assert_int_equal(otp_check(secret, &code, now - 30, 0, &step), OTP_GOOD);
	assert_int_equal(otp_check(secret, &code, now + 59, 0, &step), OTP_GOOD);
	assert_int_equal(otp_check(secret, &code, now + 60, 0, &step), OTP_WRONG);
	assert_int_equal(step, now / 30);
	/* It says to an admin by how much the clocks differ, and to nobody else. */
	assert_int_equal(otp_clock_differs(secret, &code, now + 600), -600);
	assert_int_equal(otp_clock_differs(secret, &code, now - 300), 300);
	assert_int_equal(otp_clock_differs(secret, &code, now + 3600), 0);
}

/* Used once it stays used, whatever the clock does; and one of later is good again. */
static void test_clock_steps(void **state)
{
	const int64_t now = 1764547200;
	struct otp_code first = shown(now), later;
	int64_t used = now / 30, step = 0;

	(void)state;
	for (int64_t at = now - 30; at < now + 60; at++)
		assert_int_equal(otp_check(secret, &first, at, used, &step), OTP_USED);
	/* Back: no code of before is good, neither one that was used nor one that was not. */
	for (int64_t back = 61; back < 4000; back += 30) {
		struct otp_code old = shown(now - back);

		assert_int_equal(otp_check(secret, &old, now - back, used, &step), OTP_CLOCK_BACK);
	}
	assert_int_equal(otp_next_at(used), now + 30);
	/* And when the time has come again, as if nothing had been. */
	later = shown(now + 30);
	assert_int_equal(otp_check(secret, &later, now + 30, used, &step), OTP_GOOD);
	/* Forward: a day later the old code is none, and that of the day is good. */
	assert_int_equal(otp_check(secret, &first, now + 86400, used, &step), OTP_WRONG);
	later = shown(now + 86400);
	assert_int_equal(otp_check(secret, &later, now + 86400, used, &step), OTP_GOOD);
	/* Before there was time at all. */
	assert_int_equal(otp_check(secret, &first, -5, 0, &step), OTP_WRONG);
}

static void test_address(void **state)
{
	char text[OTP_ADDRESS_SIZE], small[20];
	size_t len = otp_address(secret, "ann@shop.example", "mx1.example", text, sizeof(text));

	(void)state;
	assert_int_equal(len, strlen(text));
	assert_string_equal(text,
	    "otpauth://totp/Postroom:ann%40shop.example%20mx1.example"
	    "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Postroom&algorithm=SHA1&digits=6"
	    "&period=30");
	assert_int_equal(
	    otp_address(secret, "ann@shop.example", "mx1.example", small, sizeof(small)), len);
	otp_address(secret, "ann", "", text, sizeof(text));
	assert_non_null(strstr(text, "/Postroom:ann?secret="));
}

/* ---- the sealed secret ---- */

static void test_vault(void **state)
{
	struct place *p = *state;
	unsigned char sealed[OTP_VAULT_SIZE], again[OTP_VAULT_SIZE], out[OTP_SECRET_SIZE];
	char path[120];
	struct error err;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s.otp-key", p->path);
	/* Nobody has one yet, and somebody who should have one: only the first makes a key. */
	assert_false(otp_vault_seal(p->path, false, 7, secret, sealed, &err));
	assert_string_equal(err.code, "otp_unavailable");
	assert_non_null(strstr(err.text, path));
	assert_true(otp_vault_seal(p->path, true, 7, secret, sealed, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 32);
	assert_true(otp_vault_open(p->path, 7, sealed, out, &err));
	assert_memory_equal(out, secret, OTP_SECRET_SIZE);
	/* Sealed again it looks another, and the key stays. */
	assert_true(otp_vault_seal(p->path, true, 7, secret, again, &err));
	assert_memory_not_equal(sealed, again, sizeof(sealed));
	assert_true(otp_vault_open(p->path, 7, sealed, out, &err));
	/* Not as another account's, and not with a bit changed. */
	assert_false(otp_vault_open(p->path, 8, sealed, out, &err));
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_false(otp_vault_open(p->path, 7, sealed, out, &err));
		sealed[i] ^= 1;
	}
	/* Cut, too long, another one, gone. */
	assert_int_equal(truncate(path, 31), 0);
	assert_false(otp_vault_open(p->path, 7, sealed, out, &err));
	assert_non_null(strstr(err.text, "damaged"));
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "0123456789abcdef0123456789abcdef+", 33), 33);
	assert_false(otp_vault_open(p->path, 7, sealed, out, &err));
	assert_int_equal(ftruncate(fd, 32), 0);
	close(fd);
	assert_false(otp_vault_open(p->path, 7, sealed, out, &err));
	assert_non_null(strstr(err.text, "not the one"));
	assert_int_equal(unlink(path), 0);
	assert_false(otp_vault_open(p->path, 7, sealed, out, &err));
	/* A link is not followed: who may write there could have another file read. */
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_false(otp_vault_open(p->path, 7, sealed, out, &err));
}

/* ---- the rows ---- */

static int64_t add_user(struct db *db, const char *name)
{
	const struct access_grant grant = {.role = ACCESS_ROLE_ADMIN};
	struct accounts_user user;

	assert_int_equal(
	    accounts_user_add(db, slice_of(name), "hash", &grant, 7, &user, NULL), DB_OK);
	return user.id;
}

static enum otp_verdict use(struct place *p, int64_t user, struct otp_code code, int64_t now)
{
	struct otp_answer answer;
	struct error err;

	assert_int_equal(otp_rows_use(p->db, p->path, user, &code, now, &answer, &err), DB_OK);
	return answer.verdict;
}

static struct otp_code typed(const char *text)
{
	struct otp_code code;

	assert_true(otp_read(slice_of(text), &code));
	return code;
}

static void test_used_once(void **state)
{
	const int64_t now = 1764547200;
	struct place *p = *state;
	char codes[OTP_RECOVERY_CODES][OTP_RECOVERY_SIZE];
	int64_t ann = add_user(p->db, "ann");
	struct db_health health;
	struct accounts_user user;
	struct otp_state otp;
	struct error err;

	assert_int_equal(
	    otp_rows_add(p->db, p->path, ann, secret, now, now / 30, codes, &err), DB_OK);
	assert_int_equal(
	    otp_rows_add(p->db, p->path, ann, secret, now, now / 30, codes, &err), DB_CONFLICT);
	assert_int_equal(accounts_user_by_name(p->db, SLICE("ann"), &user, &err), DB_OK);
	assert_true(user.otp);
	/* That which has confirmed it is used up. */
	assert_int_equal(use(p, ann, shown(now), now), OTP_USED);
	assert_int_equal(use(p, ann, shown(now + 30), now), OTP_GOOD);
	assert_int_equal(use(p, ann, shown(now + 30), now), OTP_USED);
	/* Over a restart, too. */
	db_close(&p->db);
	p->db = db_open(p->path, &health, NULL);
	assert_non_null(p->db);
	assert_int_equal(use(p, ann, shown(now + 30), now + 30), OTP_USED);
	assert_int_equal(use(p, ann, shown(now), now + 10), OTP_USED);
	assert_int_equal(use(p, ann, shown(now + 60), now + 60), OTP_GOOD);
	assert_int_equal(use(p, ann, shown(now - 3600), now - 3600), OTP_CLOCK_BACK);
	assert_int_equal(otp_rows_state(p->db, ann, &otp, &err), DB_OK);
	assert_true(otp.on && otp.since == now && otp.codes_left == OTP_RECOVERY_CODES);
}

static void test_recovery_codes(void **state)
{
	const int64_t now = 1764547200;
	struct place *p = *state;
	char codes[OTP_RECOVERY_CODES][OTP_RECOVERY_SIZE],
	    others[OTP_RECOVERY_CODES][OTP_RECOVERY_SIZE];
	int64_t ann = add_user(p->db, "ann"), ben = add_user(p->db, "ben");
	char path[120];
	struct otp_state otp;

	assert_int_equal(
	    otp_rows_add(p->db, p->path, ann, secret, now, now / 30, codes, NULL), DB_OK);
	assert_int_equal(
	    otp_rows_add(p->db, p->path, ben, secret, now, now / 30, others, NULL), DB_OK);
	/* Those of another are none. */
	assert_int_equal(use(p, ann, typed(others[0]), now), OTP_WRONG);
	/* The key is not needed for them, nor the clock. */
	snprintf(path, sizeof(path), "%s.otp-key", p->path);
	assert_int_equal(unlink(path), 0);
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++) {
		assert_int_equal(use(p, ann, typed(codes[i]), now - 86400), OTP_GOOD);
		assert_int_equal(use(p, ann, typed(codes[i]), now), OTP_WRONG);
	}
	assert_int_equal(otp_rows_state(p->db, ann, &otp, NULL), DB_OK);
	assert_int_equal(otp.codes_left, 0);
}

static void test_end(void **state)
{
	struct place *p = *state;
	char codes[OTP_RECOVERY_CODES][OTP_RECOVERY_SIZE];
	int64_t ann = add_user(p->db, "ann"), ben = add_user(p->db, "ben");
	struct otp_code code = shown(900);
	struct otp_answer answer;
	struct accounts_user user;
	struct otp_state otp;
	struct error err;

	assert_int_equal(otp_rows_end(p->db, ann, &err), DB_NOT_FOUND);
	assert_int_equal(otp_rows_add(p->db, p->path, ann, secret, 900, 1, codes, &err), DB_OK);
	assert_int_equal(otp_rows_end(p->db, ann, &err), DB_OK);
	assert_int_equal(
	    otp_rows_use(p->db, p->path, ann, &code, 900, &answer, &err), DB_NOT_FOUND);
	/* Nothing of it is left for the next secret. */
	assert_int_equal(otp_rows_add(p->db, p->path, ann, secret, 900, 1, codes, &err), DB_OK);
	assert_int_equal(otp_rows_state(p->db, ann, &otp, &err), DB_OK);
	assert_int_equal(otp.codes_left, OTP_RECOVERY_CODES);
	/* It goes with the account, whose number another one may get. */
	assert_int_equal(accounts_user_delete(p->db, SLICE("ann"), &user, &err), DB_OK);
	assert_int_equal(otp_rows_state(p->db, ann, &otp, &err), DB_OK);
	assert_false(otp.on);
	assert_int_equal(otp.codes_left, 0);
	/* An account that is locked meanwhile gets none. */
	assert_int_equal(
	    accounts_user_change(p->db, SLICE("ben"),
		&(struct accounts_change){.set_locked = true, .locked = true}, &user, &err),
	    DB_CONFLICT); /* the last admin */
	add_user(p->db, "cat");
	assert_int_equal(
	    accounts_user_change(p->db, SLICE("ben"),
		&(struct accounts_change){.set_locked = true, .locked = true}, &user, &err),
	    DB_OK);
	assert_int_equal(
	    otp_rows_add(p->db, p->path, ben, secret, 900, 1, codes, &err), DB_CONFLICT);
}

/* ---- what waits ---- */

static void test_challenges(void **state)
{
	struct otp_waiting *waiting = otp_waiting_create();
	struct accounts_user ann = {.id = 3, .name = "ann"}, ben = {.id = 4, .name = "ben"}, out;
	char first[ACCOUNTS_SECRET_SIZE], mine[ACCOUNTS_SECRET_SIZE], his[ACCOUNTS_SECRET_SIZE];
	char known[ACCOUNTS_SECRET_SIZE];

	(void)state;
	otp_waiting_challenge(waiting, &ann, false, 1000, first);
	otp_waiting_challenge(waiting, &ben, false, 1000, his);
	otp_waiting_challenge(waiting, &ann, true, 1000, known);
	for (int i = 0; i < OTP_CHALLENGE_TRIES; i++)
		assert_true(otp_waiting_take(waiting, slice_of(first), 2000, &out));
	assert_string_equal(out.name, "ann");
	assert_false(otp_waiting_take(waiting, slice_of(first), 2000, &out));
	otp_waiting_give_back(waiting, slice_of(first));
	assert_true(otp_waiting_take(waiting, slice_of(first), 2000, &out));
	assert_false(otp_waiting_take(waiting, SLICE(""), 2000, &out));
	/* Many of one account push out its own alone, and not that of a browser that is known. */
	for (int i = 0; i < 1000; i++)
		otp_waiting_challenge(waiting, &ann, false, 3000, mine);
	assert_true(otp_waiting_take(waiting, slice_of(his), 3000, &out));
	assert_true(otp_waiting_take(waiting, slice_of(known), 3000, &out));
	assert_true(otp_waiting_take(waiting, slice_of(mine), 3000, &out));
	assert_false(otp_waiting_take(waiting, slice_of(first), 3000, &out));
	assert_false(
	    otp_waiting_take(waiting, slice_of(mine), 3000 + OTP_CHALLENGE_SECONDS * 1000, &out));
	otp_waiting_end(waiting, slice_of(his));
	assert_false(otp_waiting_take(waiting, slice_of(his), 3000, &out));
	otp_waiting_end_user(waiting, ann.id);
	assert_false(otp_waiting_take(waiting, slice_of(mine), 3000, &out));
	otp_waiting_destroy(&waiting);
	otp_waiting_destroy(&waiting);
}

static void test_set_ups(void **state)
{
	struct otp_waiting *waiting = otp_waiting_create();
	unsigned char out[OTP_SECRET_SIZE];

	(void)state;
	assert_false(otp_waiting_begun(waiting, 3, 1000, out));
	otp_waiting_begin(waiting, 3, secret, 1000);
	otp_waiting_begin(waiting, 3, (const unsigned char *)"abcdefghijklmnopqrst", 2000);
	assert_true(otp_waiting_begun(waiting, 3, 2000, out));
	assert_memory_equal(out, "abcdefghijklmnopqrst", sizeof(out));
	assert_false(otp_waiting_begun(waiting, 4, 2000, NULL));
	assert_false(otp_waiting_begun(waiting, 3, 2000 + OTP_SETUP_SECONDS * 1000, NULL));
	otp_waiting_end_user(waiting, 3);
	assert_false(otp_waiting_begun(waiting, 3, 2000, NULL));
	otp_waiting_destroy(&waiting);
}

/* Codes have a count of their own: passwords do not use it up, and it is far slower. */
static void test_limits(void **state)
{
	struct login_limits *limits = login_limits_create();
	struct login_attempt code = {.name = SLICE("ann"), .is_code = true}, password = code;
	int64_t seconds = 0, allowed = 0;
	char peer[40];

	(void)state;
	password.is_code = false;
	for (int i = 0; i < 1000; i++) {
		snprintf(peer, sizeof(peer), "10.1.%d.%d:1", i / 250, i % 250);
		code.peer = password.peer = peer;
		allowed += login_limits_take(limits, &code, 1000, &seconds);
	}
	assert_int_equal(allowed, LOGIN_CODE_BURST);
	assert_int_equal(seconds, LOGIN_CODE_SECONDS);
	assert_true(login_limits_take(limits, &password, 1000, &seconds));
	/* Its owner's browser goes on. */
	code.known = 77;
	for (int i = 0; i < LOGIN_KNOWN_CODE_BURST; i++)
		assert_true(login_limits_take(limits, &code, 1000, &seconds));
	assert_false(login_limits_take(limits, &code, 1000, &seconds));
	code.as_known = true;
	login_limits_give_back(limits, &code);
	assert_true(login_limits_take(limits, &code, 1000, &seconds));
	login_limits_destroy(&limits);
}

int main(void)
{
#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_reading),
	    cmocka_unit_test(test_codes_of_the_standard),
	    cmocka_unit_test(test_a_code_is_good_around_its_time),
	    cmocka_unit_test(test_clock_steps), cmocka_unit_test(test_address),
	    IN_PLACE(test_vault), IN_PLACE(test_used_once), IN_PLACE(test_recovery_codes),
	    IN_PLACE(test_end), cmocka_unit_test(test_challenges), cmocka_unit_test(test_set_ups),
	    cmocka_unit_test(test_limits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
