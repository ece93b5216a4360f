/* The rows of one-time passwords. A code is used up by the statement that finds it good: of two
 * that come at once, the second finds it used. */
#include "access/otp_rows.h"

#include <string.h>

#include <sodium.h>

#include "access/accounts.h"
#include "access/otp_vault.h"

static enum db_result missing(struct error *err)
{
	error_say(err, "not_found", SAID_PROBLEM_OTP_NONE_HERE, 0);
	return DB_NOT_FOUND;
}

/* ---- one that begins and ends ---- */

static enum db_result count(
    struct db *db, const char *sql, int64_t number, int64_t *found, struct error *err)
{
	struct db_statement *s = db_statement(db, sql, err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, number);
	result = db_step(s, err);
	if (result == DB_OK)
		*found = db_int(s, 0);
	db_reset(s);
	return result;
}

static enum db_result add_secret(struct db *db, int64_t user,
    const unsigned char sealed[OTP_VAULT_SIZE], int64_t now, int64_t step, struct error *err)
{
	/* By the row of now: the account may have ended since it was asked for. */
	struct db_statement *s = db_statement(db,
	    "INSERT INTO otp (user_id, sealed, since, used)"
	    " SELECT id, ?, ?, ? FROM users WHERE id = ? AND locked = 0",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_blob(s, slice_make(sealed, OTP_VAULT_SIZE));
	db_bind_int(s, now);
	db_bind_int(s, step);
	db_bind_int(s, user);
	result = db_run(s, err);
	if (result == DB_OK && db_changed(db) == 0)
		result = DB_CONFLICT;
	if (result == DB_CONFLICT)
		error_say(err, "conflict", SAID_PROBLEM_OTP_CONFLICT, 0);
	return result;
}

/* With the account's number, so that codes of two accounts never share a hash. */
static void hash_recovery(int64_t user, const struct otp_code *code, unsigned char *hash)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, ACCOUNTS_KEY_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)&user, sizeof(user));
	crypto_generichash_update(&state, (const unsigned char *)code->text, OTP_RECOVERY_LETTERS);
	crypto_generichash_final(&state, hash, ACCOUNTS_KEY_SIZE);
}

static enum db_result with_recovery(
    struct db *db, const char *sql, int64_t user, const struct otp_code *code, struct error *err)
{
	struct db_statement *s = db_statement(db, sql, err);
	unsigned char hash[ACCOUNTS_KEY_SIZE];

	if (s == NULL)
		return DB_REFUSED;
	hash_recovery(user, code, hash);
	db_bind_int(s, user);
	db_bind_blob(s, slice_make(hash, sizeof(hash)));
	return db_run(s, err);
}

enum db_result otp_rows_add(struct db *db, const char *database, int64_t user,
    const unsigned char secret[OTP_SECRET_SIZE], int64_t now, int64_t step,
    char codes[OTP_RECOVERY_CODES][OTP_RECOVERY_SIZE], struct error *err)
{
	unsigned char sealed[OTP_VAULT_SIZE];
	int64_t others = 0;
	enum db_result result =
	    count(db, "SELECT COUNT(*) FROM otp WHERE user_id <> ?", user, &others, err);

	if (result == DB_OK && !otp_vault_seal(database, others == 0, user, secret, sealed, err))
		return DB_REFUSED;
	if (result == DB_OK)
		result = add_secret(db, user, sealed, now, step, err);
	for (size_t i = 0; i < OTP_RECOVERY_CODES && result == DB_OK; i++) {
		struct otp_code code;

		otp_make_recovery(codes[i]);
		otp_read(slice_of(codes[i]), &code);
		result = with_recovery(
		    db, "INSERT INTO otp_recovery (user_id, hash) VALUES (?, ?)", user, &code, err);
		sodium_memzero(&code, sizeof(code));
	}
	return result;
}

enum db_result otp_rows_end(struct db *db, int64_t user, struct error *err)
{
	enum db_result result = db_run_number(db, "DELETE FROM otp WHERE user_id = ?", user, err);

	/* A trigger takes the recovery codes with it. */
	return result == DB_OK && db_changed(db) == 0 ? missing(err) : result;
}

enum db_result otp_rows_state(
    struct db *db, int64_t user, struct otp_state *state, struct error *err)
{
	int64_t left = 0;
	enum db_result result;

	*state = (struct otp_state){0};
	result = count(db, "SELECT since FROM otp WHERE user_id = ?", user, &state->since, err);
	state->on = result == DB_OK;
	if (result == DB_OK)
		result = count(
		    db, "SELECT COUNT(*) FROM otp_recovery WHERE user_id = ?", user, &left, err);
	state->codes_left = (unsigned)left;
	return result == DB_NOT_FOUND ? DB_OK : result;
}

/* ---- codes ---- */

/* Good where there is such a row, which it takes away. */
static enum db_result use_recovery(struct db *db, int64_t user, const struct otp_code *code,
    struct otp_answer *answer, struct error *err)
{
	enum db_result result = with_recovery(
	    db, "DELETE FROM otp_recovery WHERE user_id = ? AND hash = ?", user, code, err);

	answer->recovery = true;
	if (result == DB_OK)
		answer->verdict = db_changed(db) > 0 ? OTP_GOOD : OTP_WRONG;
	return result;
}

static enum db_result mark_used(struct db *db, int64_t user, int64_t step, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "UPDATE otp SET used = ? WHERE user_id = ? AND used < ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, step);
	db_bind_int(s, user);
	db_bind_int(s, step);
	result = db_run(s, err);
	return result == DB_OK && db_changed(db) == 0 ? missing(err) : result;
}

static enum db_result use_timed(struct db *db, const char *database, int64_t user,
    const unsigned char sealed[OTP_VAULT_SIZE], int64_t used, const struct otp_code *code,
    int64_t now, struct otp_answer *answer, struct error *err)
{
	unsigned char secret[OTP_SECRET_SIZE];
	enum db_result result = DB_OK;
	int64_t step = 0;

	if (!otp_vault_open(database, user, sealed, secret, err))
		return DB_REFUSED;
	answer->verdict = otp_check(secret, code, now, used, &step);
	if (answer->verdict == OTP_GOOD)
		result = mark_used(db, user, step, err);
	else if (answer->verdict == OTP_WRONG)
		answer->clock_differs = otp_clock_differs(secret, code, now);
	else
		answer->until = otp_next_at(used);
	sodium_memzero(secret, sizeof(secret));
	return result;
}

enum db_result otp_rows_use(struct db *db, const char *database, int64_t user,
    const struct otp_code *code, int64_t now, struct otp_answer *answer, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT sealed, used FROM otp WHERE user_id = ?", err);
	unsigned char sealed[OTP_VAULT_SIZE] = {0};
	enum db_result result;
	int64_t used = 0;

	*answer = (struct otp_answer){.verdict = OTP_WRONG};
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, user);
	result = db_step(s, err);
	if (result == DB_OK) {
		/* Of another length it is damaged, and does not open. */
		if (db_text(s, 0).len == sizeof(sealed))
			memcpy(sealed, db_text(s, 0).data, sizeof(sealed));
		used = db_int(s, 1);
	}
	db_reset(s);
	if (result == DB_NOT_FOUND)
		return missing(err);
	if (result != DB_OK)
		return result;
	return code->kind == OTP_KIND_RECOVERY
		   ? use_recovery(db, user, code, answer, err)
		   : use_timed(db, database, user, sealed, used, code, now, answer, err);
}
