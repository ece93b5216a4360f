/* Accounts, tokens and sessions as rows of the database, and what a name, a password and a secret
 * must be. One function is one step of a transaction; the caller (api/, cli/) owns the transaction.
 * A change of an account ends its sessions and tokens in the same one, so that neither can outlive
 * it.
 */
#include "access/accounts.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/weak_passwords.h"
#include "base/memory.h"

/* Every secret says what it is, so that one that leaked into a log is recognised. */
#define TOKEN_PREFIX "postroom_"
#define SECRET_BYTES 32

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool accounts_is_secret(struct slice text)
{
	return slice_starts_with(text, TOKEN_PREFIX);
}

bool accounts_check_name(struct slice name, struct error *err)
{
	bool good = name.len > 0 && name.len <= ACCOUNTS_NAME_MAX && is_alphanumeric(name.data[0]);

	for (size_t i = 0; i < name.len && good; i++)
		good = is_alphanumeric(name.data[i]) || strchr("._-@", name.data[i]) != NULL;
	/* strchr also finds the NUL at its end. */
	if (good && memchr(name.data, '\0', name.len) == NULL)
		return true;
	return error_say(
	    err, "bad_name", SAID_PROBLEM_NAME_FORM, 1, said_number("most", ACCOUNTS_NAME_MAX));
}

/* Whether `inner`, of at least three letters, stands anywhere in `outer`. */
static bool holds(struct slice outer, struct slice inner)
{
	if (inner.len < 3)
		return slice_equal_nocase(outer, inner);
	for (size_t i = 0; i + inner.len <= outer.len; i++)
		if (slice_equal_nocase(slice_make(outer.data + i, inner.len), inner))
			return true;
	return false;
}

/* By length and by a list of the commonest, without rules about classes of characters: those only
 * make people predictable. */
bool accounts_check_password(struct slice name, struct slice password, struct error *err)
{
	if (password.len < ACCOUNTS_PASSWORD_MIN || password.len > ACCOUNTS_PASSWORD_MAX)
		return error_say(err, "bad_password", SAID_PROBLEM_PASSWORD_LENGTH, 2,
		    said_number("least", ACCOUNTS_PASSWORD_MIN),
		    said_number("most", ACCOUNTS_PASSWORD_MAX));
	if (holds(password, name))
		return error_say(err, "bad_password", SAID_PROBLEM_PASSWORD_NAME, 0);
	if (weak_password(password))
		return error_say(err, "bad_password", SAID_PROBLEM_PASSWORD_COMMON, 0);
	return true;
}

static enum db_result missing(struct error *err, enum said_code what)
{
	error_say(err, "not_found", what, 0);
	return DB_NOT_FOUND;
}

static void copy_text(char *out, size_t size, struct slice text)
{
	snprintf(out, size, "%.*s", SLICE_ARGS(text));
}

static void copy_name(char out[ACCOUNTS_NAME_MAX + 1], struct slice name)
{
	size_t len = name.len < ACCOUNTS_NAME_MAX ? name.len : ACCOUNTS_NAME_MAX;

	memcpy(out, name.data, len);
	out[len] = '\0';
}

/* ---- passwords ---- */

_Static_assert(ACCOUNTS_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium's hashes fit");
_Static_assert(ACCOUNTS_KEY_SIZE == crypto_generichash_BYTES, "libsodium's keys fit");

/* INTERACTIVE: 64 MiB and about 60 ms, which a small mail host can spare for a login. */
bool accounts_password_hash(struct slice password, char hash[ACCOUNTS_HASH_SIZE], struct error *err)
{
	if (sodium_init() < 0 ||
	    crypto_pwhash_str_alg(hash, password.data, password.len,
		crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		return error_say(err, "store_error", SAID_PROBLEM_HASH_MEMORY, 0);
	return true;
}

bool accounts_password_fits(struct slice password, const char *hash)
{
	return password.len <= ACCOUNTS_PASSWORD_MAX && sodium_init() >= 0 &&
	       crypto_pwhash_str_verify(hash, password.data, password.len) == 0;
}

/* ---- grants ---- */

/* Four columns, in each of the three tables. */
#define GRANT_COLUMNS "role, given, taken, scope"

static void read_grant(struct db_statement *s, int column, struct access_grant *grant)
{
	*grant = (struct access_grant){.role = (enum access_role)db_int(s, column),
	    .given = (uint32_t)db_int(s, column + 1),
	    .taken = (uint32_t)db_int(s, column + 2)};
	/* The empty text is a scope as well, and none that lets anything through: only NULL says
	 * that there is none. */
	if (!db_is_null(s, column + 3))
		access_grant_set_scope(
		    grant, db_text(s, column + 3).len > 0 ? db_text(s, column + 3) : SLICE("("));
}

static void bind_grant(struct db_statement *s, const struct access_grant *grant)
{
	db_bind_int(s, grant->role);
	db_bind_int(s, grant->given);
	db_bind_int(s, grant->taken);
	if (grant->scoped)
		db_bind_text(s, grant->scope);
	else
		db_bind_null(s);
}

/* ---- users ---- */

#define USER_COLUMNS                                                                               \
	"id, name, created, locked, password, " GRANT_COLUMNS                                      \
	", EXISTS (SELECT 1 FROM otp WHERE otp.user_id = users.id)"

static void read_user(struct db_statement *s, struct accounts_user *user)
{
	*user = (struct accounts_user){.id = db_int(s, 0),
	    .created = db_int(s, 2),
	    .locked = db_int(s, 3) != 0,
	    .otp = db_int(s, 9) != 0};
	copy_name(user->name, db_text(s, 1));
	snprintf(user->password, sizeof(user->password), "%.*s", SLICE_ARGS(db_text(s, 4)));
	read_grant(s, 5, &user->grant);
}

/* Two names that differ in case alone would be taken for each other. Those that there are from
 * before stay. */
static enum db_result check_free(struct db *db, struct slice name, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT name FROM users WHERE lower(name) = lower(?) LIMIT 1", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, name);
	result = db_step(s, err);
	if (result == DB_NOT_FOUND)
		return DB_OK;
	if (result != DB_OK)
		return result;
	error_say(err, "conflict", SAID_PROBLEM_USER_EXISTS, 1, said_text("name", db_text(s, 0)));
	db_reset(s);
	return DB_CONFLICT;
}

/* Name and rights are checked here as well: commands of root come without the API. */
enum db_result accounts_user_add(struct db *db, struct slice name, const char *hash,
    const struct access_grant *grant, int64_t now, struct accounts_user *user, struct error *err)
{
	struct db_statement *s;
	enum db_result result;

	if (!accounts_check_name(name, err) || !access_grant_check(grant, err))
		return DB_REFUSED;
	result = check_free(db, name, err);
	if (result != DB_OK)
		return result;
	s = db_statement(db,
	    "INSERT INTO users (name, password, created, " GRANT_COLUMNS
	    ") VALUES (?, ?, ?, ?, ?, ?, ?)",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, name);
	db_bind_text(s, hash);
	db_bind_int(s, now);
	bind_grant(s, grant);
	result = db_run(s, err);
	if (result == DB_CONFLICT)
		error_say(err, "conflict", SAID_PROBLEM_USER_EXISTS, 1, said_text("name", name));
	if (result != DB_OK)
		return result;
	*user = (struct accounts_user){.id = db_last_id(db), .grant = *grant, .created = now};
	copy_name(user->name, name);
	snprintf(user->password, sizeof(user->password), "%s", hash);
	return DB_OK;
}

enum db_result accounts_user_by_name(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT " USER_COLUMNS " FROM users WHERE name = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, name);
	result = db_step(s, err);
	if (result == DB_NOT_FOUND)
		return missing(err, SAID_PROBLEM_USER_UNKNOWN);
	if (result != DB_OK)
		return result;
	read_user(s, user);
	db_reset(s);
	return DB_OK;
}

/* Whether it may let others in: a locked one cannot, nor one that sees only a part. */
static bool is_acting_admin(const struct accounts_user *user)
{
	return (access_rights(&user->grant) & ACCESS_RIGHT_BIT(RIGHT_ACCOUNTS)) != 0 &&
	       !user->locked;
}

/* DB_CONFLICT unless somebody else than `user` is one. Accounts are few: the table of rights is
 * asked for each, so that nothing of it is said again in SQL. */
static enum db_result another_admin(struct db *db, int64_t user, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT " USER_COLUMNS " FROM users WHERE id <> ?", err);
	struct accounts_user other;
	enum db_result result;
	bool found = false;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, user);
	while (!found && (result = db_step(s, err)) == DB_OK) {
		read_user(s, &other);
		found = is_acting_admin(&other);
	}
	db_reset(s);
	if (found)
		return DB_OK;
	if (result != DB_NOT_FOUND)
		return result;
	error_say(err, "last_admin", SAID_PROBLEM_LAST_ADMIN, 0);
	return DB_CONFLICT;
}

static enum db_result end_all_of(struct db *db, int64_t user, struct error *err)
{
	enum db_result result =
	    db_run_number(db, "DELETE FROM sessions WHERE user_id = ?", user, err);

	return result == DB_OK
		   ? db_run_number(db, "DELETE FROM tokens WHERE user_id = ?", user, err)
		   : result;
}

void accounts_change_apply(struct accounts_user *user, const struct accounts_change *change)
{
	if (change->set_role)
		user->grant.role = change->grant.role;
	if (change->set_given)
		user->grant.given = change->grant.given;
	if (change->set_taken)
		user->grant.taken = change->grant.taken;
	if (change->set_scope) {
		user->grant.scoped = change->grant.scoped;
		memcpy(user->grant.scope, change->grant.scope, sizeof(user->grant.scope));
	}
	if (change->set_locked)
		user->locked = change->locked;
	if (change->set_password)
		memcpy(user->password, change->password, sizeof(user->password));
}

/* What the account was given or lost in another role counts no more, and is no mistake. A right
 * that a new scope would take away is one: it has to be taken back in the same step, so that nobody
 * goes on believing in it. */
static bool rights_fit(
    struct accounts_user *user, const struct accounts_change *change, struct error *err)
{
	struct access_grant named = user->grant;

	if (!change->set_given && change->set_scope)
		named.given &= access_grant_lost(&user->grant);
	else if (!change->set_given)
		named.given = 0;
	if (!change->set_taken)
		named.taken = 0;
	if (!access_grant_check(&named, err))
		return false;
	access_grant_effective(&user->grant, &user->grant.given, &user->grant.taken);
	return true;
}

static enum db_result write_user(struct db *db, const struct accounts_user *user, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE users SET role = ?, given = ?, taken = ?, scope = ?, locked = ?, password = ?"
	    " WHERE id = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	bind_grant(s, &user->grant);
	db_bind_int(s, user->locked);
	db_bind_text(s, user->password);
	db_bind_int(s, user->id);
	return db_run(s, err);
}

enum db_result accounts_user_change(struct db *db, struct slice name,
    const struct accounts_change *change, struct accounts_user *user, struct error *err)
{
	enum db_result result = accounts_user_by_name(db, name, user, err);
	bool was_admin = result == DB_OK && is_acting_admin(user);

	if (result != DB_OK)
		return result;
	accounts_change_apply(user, change);
	if (!rights_fit(user, change, err))
		return DB_REFUSED;
	/* In the same transaction as the change: two admins who lock each other at once must not
	 * both succeed. */
	if (was_admin && !is_acting_admin(user))
		result = another_admin(db, user->id, err);
	if (result == DB_OK)
		result = write_user(db, user, err);
	/* Also for a new password: whoever knew the old one may have a session. */
	return result == DB_OK ? end_all_of(db, user->id, err) : result;
}

enum db_result accounts_user_own_password(struct db *db, struct slice name, const char *before,
    const char *hash, int64_t session, struct accounts_user *user, struct error *err)
{
	enum db_result result = accounts_user_by_name(db, name, user, err);

	if (result != DB_OK)
		return result;
	/* The present password was checked against memory; only the row of now says whether it
	 * still counts. */
	if (user->locked || strcmp(user->password, before) != 0)
		return missing(err, SAID_PROBLEM_ACCOUNT_CHANGED);
	snprintf(user->password, sizeof(user->password), "%s", hash);
	result = write_user(db, user, err);
	return result == DB_OK ? accounts_sessions_end_of(db, user->id, session, err) : result;
}

enum db_result accounts_user_delete(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err)
{
	enum db_result result = accounts_user_by_name(db, name, user, err);

	if (result == DB_OK && is_acting_admin(user))
		result = another_admin(db, user->id, err);
	if (result == DB_OK)
		result = end_all_of(db, user->id, err);
	return result == DB_OK ? db_run_number(db, "DELETE FROM users WHERE id = ?", user->id, err)
			       : result;
}

/* ---- secrets ---- */

void accounts_key(struct slice secret, unsigned char key[ACCOUNTS_KEY_SIZE])
{
	crypto_generichash(
	    key, ACCOUNTS_KEY_SIZE, (const unsigned char *)secret.data, secret.len, NULL, 0);
}

/* A new secret and its hash. A secret of 256 random bits needs no slow hash. */
static bool make_secret(char secret[ACCOUNTS_SECRET_SIZE],
    unsigned char hash[crypto_generichash_BYTES], struct error *err)
{
	unsigned char random[SECRET_BYTES];
	size_t prefix = sizeof(TOKEN_PREFIX) - 1;

	if (sodium_init() < 0)
		return error_say(err, "store_error", SAID_PROBLEM_NO_RANDOM, 0);
	randombytes_buf(random, sizeof(random));
	memcpy(secret, TOKEN_PREFIX, prefix);
	sodium_bin2base64(secret + prefix, ACCOUNTS_SECRET_SIZE - prefix, random, sizeof(random),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof(random));
	accounts_key(slice_of(secret), hash);
	return true;
}

/* The database never sees a secret: whoever reads a copy of it cannot sign in. */
static void bind_hash(struct db_statement *s, struct slice secret)
{
	unsigned char hash[crypto_generichash_BYTES];

	accounts_key(secret, hash);
	db_bind_blob(s, slice_make(hash, sizeof(hash)));
}

/* Whether a token may still be made for this account: it may have ended since it was asked for. */
static enum db_result check_owner(struct db *db, int64_t user, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT 1 FROM users WHERE id = ? AND locked = 0", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, user);
	result = db_step(s, err);
	db_reset(s);
	return result == DB_NOT_FOUND ? missing(err, SAID_PROBLEM_ACCOUNT_ENDED) : result;
}

/* A token's name stands in the audit as who: nobody makes one that says that it was another. */
static enum db_result check_token_name(
    struct db *db, const struct accounts_token *t, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT 1 FROM users WHERE name = ? COLLATE NOCASE AND id <> ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, t->name);
	db_bind_int(s, t->user_id);
	result = db_step(s, err);
	db_reset(s);
	if (result == DB_NOT_FOUND && !slice_equal_nocase(slice_of(t->name), SLICE("root")))
		return DB_OK;
	if (result == DB_OK || result == DB_NOT_FOUND) {
		error_say(err, "bad_name", SAID_PROBLEM_TOKEN_NAME, 1,
		    said_text("name", slice_of(t->name)));
		return DB_REFUSED;
	}
	return result;
}

/* All tokens are in memory: one person's must not fill it. */
static enum db_result check_room(struct db *db, const struct accounts_token *t, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT count(*) FROM tokens WHERE user_id = ? AND person_id = ? AND once = 0", err);
	enum db_result result;
	int64_t count;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, t->user_id);
	db_bind_int(s, t->person_id);
	result = db_step(s, err);
	count = result == DB_OK ? db_int(s, 0) : 0;
	db_reset(s);
	if (result != DB_OK || count < ACCOUNTS_TOKENS_MAX)
		return result;
	error_say(err, "too_many_tokens", SAID_PROBLEM_TOKENS_FULL, 1,
	    said_number("most", ACCOUNTS_TOKENS_MAX));
	return DB_REFUSED;
}

enum db_result accounts_token_create(struct db *db, struct accounts_token *t, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err)
{
	bool has_owner = t->user_id != 0 || t->person_id != 0;
	unsigned char hash[crypto_generichash_BYTES];
	struct db_statement *s;
	enum db_result result;

	if (!accounts_check_name(slice_of(t->name), err) || !access_grant_check(&t->grant, err) ||
	    !make_secret(secret, hash, err))
		return DB_REFUSED;
	/* Tokens of the command line belong to no account. */
	if (t->user_id != 0 && (result = check_owner(db, t->user_id, err)) != DB_OK)
		return result;
	/* A link is for somebody: it may have his name. */
	if (has_owner && !t->once && (result = check_token_name(db, t, err)) != DB_OK)
		return result;
	if (has_owner && !t->once && (result = check_room(db, t, err)) != DB_OK)
		return result;
	s = db_statement(db,
	    "INSERT INTO tokens (hash, name, created, expires, once, user_id, person_id,"
	    " " GRANT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_blob(s, slice_make(hash, sizeof(hash)));
	db_bind_text(s, t->name);
	db_bind_int(s, now);
	db_bind_int(s, t->expires);
	db_bind_int(s, t->once);
	db_bind_int(s, t->user_id);
	db_bind_int(s, t->person_id);
	bind_grant(s, &t->grant);
	result = db_run(s, err);
	t->created = now;
	if (result == DB_OK)
		t->id = db_last_id(db);
	return result;
}

enum db_result accounts_token_redeem(
    struct db *db, struct slice secret, int64_t now, struct accounts_token *t, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, name, created, expires, user_id, person_id, " GRANT_COLUMNS " FROM tokens"
	    " WHERE hash = ? AND once = 1 AND (expires = 0 OR expires > ?)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	bind_hash(s, secret);
	db_bind_int(s, now);
	result = db_step(s, err);
	if (result == DB_NOT_FOUND)
		return missing(err, SAID_PROBLEM_TOKEN_EXPIRED);
	if (result != DB_OK)
		return result;
	*t = (struct accounts_token){.id = db_int(s, 0),
	    .created = db_int(s, 2),
	    .expires = db_int(s, 3),
	    .user_id = db_int(s, 4),
	    .person_id = db_int(s, 5),
	    .once = true};
	copy_name(t->name, db_text(s, 1));
	read_grant(s, 6, &t->grant);
	db_reset(s);
	/* In the transaction that found it: a link is good for one sign-in, also when two come at
	 * once. */
	return accounts_token_delete(db, t->id, err);
}

enum db_result accounts_token_delete(struct db *db, int64_t id, struct error *err)
{
	struct db_statement *s = db_statement(db, "DELETE FROM tokens WHERE id = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, id);
	result = db_run(s, err);
	return result == DB_OK && db_changed(db) == 0 ? missing(err, SAID_PROBLEM_TOKEN_UNKNOWN)
						      : result;
}

/* ---- sessions ---- */

const char *accounts_how_name(enum accounts_how how)
{
	static const char *const names[ACCOUNTS_HOWS] = {[ACCOUNTS_BY_UNKNOWN] = "unknown",
	    [ACCOUNTS_BY_PASSWORD] = "password",
	    [ACCOUNTS_BY_LINK] = "link",
	    [ACCOUNTS_BY_OTP] = "otp",
	    [ACCOUNTS_BY_OIDC] = "oidc"};

	return names[(size_t)how < ACCOUNTS_HOWS ? how : ACCOUNTS_BY_UNKNOWN];
}

/* Every browser's name is ASCII; whatever else somebody sends is not shown to others. */
void accounts_copy_agent(char agent[ACCOUNTS_AGENT_SIZE], struct slice header)
{
	size_t len = 0;

	for (size_t i = 0; i < header.len && len < ACCOUNTS_AGENT_SIZE - 1; i++)
		if (header.data[i] >= ' ' && header.data[i] <= '~')
			agent[len++] = header.data[i];
	agent[len] = '\0';
}

enum db_result accounts_session_create(struct db *db, struct accounts_session *session, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err)
{
	unsigned char hash[crypto_generichash_BYTES];
	struct db_statement *s;
	enum db_result result;

	if (!make_secret(secret, hash, err))
		return DB_REFUSED;
	s = db_statement(db,
	    "INSERT INTO sessions (hash, who, user_id, created, expires, used, how, came_from,"
	    " used_from, agent, person_id, " GRANT_COLUMNS
	    ") VALUES (?, ?, ?, ?4, ?, ?4, ?, ?7, ?7, ?, ?, ?, ?, ?, ?)",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_blob(s, slice_make(hash, sizeof(hash)));
	db_bind_text(s, session->who);
	db_bind_int(s, session->user_id);
	db_bind_int(s, now);
	db_bind_int(s, session->expires);
	db_bind_int(s, session->how);
	db_bind_text(s, session->came_from);
	db_bind_text(s, session->agent);
	db_bind_int(s, session->person_id);
	bind_grant(s, &session->grant);
	result = db_run(s, err);
	session->created = now;
	if (result == DB_OK)
		session->id = db_last_id(db);
	return result;
}

enum db_result accounts_session_for_user(struct db *db, int64_t user_id, struct slice name,
    const char *password, struct accounts_session *session, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err)
{
	/* The proof was checked against memory; only the row of now says whether it still counts.
	 */
	struct accounts_user today;
	enum db_result result = accounts_user_by_name(db, name, &today, err);

	if (result != DB_OK)
		return result;
	if (today.id != user_id || today.locked ||
	    (password[0] != '\0' && strcmp(today.password, password) != 0))
		return missing(err, SAID_PROBLEM_ACCOUNT_CHANGED);
	memcpy(session->who, today.name, sizeof(session->who));
	session->user_id = today.id;
	/* The scope is the account's, which is asked at each use. */
	session->grant = today.grant;
	session->grant.scoped = false;
	return accounts_session_create(db, session, now, secret, err);
}

/* Also when there is none: a browser may show one that ended long ago. */
enum db_result accounts_session_end(struct db *db, struct slice secret, struct error *err)
{
	struct db_statement *s = db_statement(db, "DELETE FROM sessions WHERE hash = ?", err);

	if (s == NULL)
		return DB_REFUSED;
	bind_hash(s, secret);
	return db_run(s, err);
}

enum db_result accounts_session_end_id(struct db *db, int64_t id, struct error *err)
{
	return db_run_number(db, "DELETE FROM sessions WHERE id = ?", id, err);
}

enum db_result accounts_sessions_end_of(
    struct db *db, int64_t user_id, int64_t but, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "DELETE FROM sessions WHERE user_id = ? AND id <> ?", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, user_id);
	db_bind_int(s, but);
	return db_run(s, err);
}

enum db_result accounts_end(
    struct db *db, const struct accounts_ended *ended, size_t count, struct error *err)
{
	enum db_result result = DB_OK;

	for (size_t i = 0; i < count && result == DB_OK; i++)
		result = db_run_number(db,
		    ended[i].is_token ? "DELETE FROM tokens WHERE id = ?"
				      : "DELETE FROM sessions WHERE id = ?",
		    ended[i].id, err);
	return result;
}

static enum db_result note_one(struct db *db, const struct accounts_used *used, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    used->is_token ? "UPDATE tokens SET used = ?, used_from = ? WHERE id = ?"
			   : "UPDATE sessions SET used = ?, used_from = ? WHERE id = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, used->at);
	db_bind_text(s, used->from);
	db_bind_int(s, used->id);
	return db_run(s, err);
}

enum db_result accounts_note_used(
    struct db *db, const struct accounts_used *used, size_t count, struct error *err)
{
	enum db_result result = DB_OK;

	for (size_t i = 0; i < count && result == DB_OK; i++)
		result = note_one(db, &used[i], err);
	return result;
}

/* Only tidying: what has expired does not count, removed or not. */
enum db_result accounts_expire(struct db *db, int64_t now, struct error *err)
{
	struct db_statement *s = db_statement(db, "DELETE FROM sessions WHERE expires <= ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, now);
	result = db_run(s, err);
	if (result != DB_OK)
		return result;
	s = db_statement(db, "DELETE FROM tokens WHERE expires <> 0 AND expires <= ?", err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, now);
	result = db_run(s, err);
	return result == DB_OK ? person_expire(db, err) : result;
}

/* ---- all of it ---- */

static enum db_result data_version(struct db *db, int64_t *version, struct error *err)
{
	struct db_statement *s = db_statement(db, "PRAGMA data_version", err);
	enum db_result result = s != NULL ? db_step(s, err) : DB_REFUSED;

	if (result == DB_OK)
		*version = db_int(s, 0);
	if (s != NULL)
		db_reset(s);
	return result;
}

/* Room for one more. */
static void *grow(void *list, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return list;
	*room = *room > 0 ? *room * 2 : 64;
	return memory_resize(list, *room, size);
}

static enum db_result load_users(struct db *db, struct accounts_all *all, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT " USER_COLUMNS " FROM users ORDER BY name", err);
	enum db_result result = DB_REFUSED;

	while (s != NULL && (result = db_step(s, err)) == DB_OK) {
		all->users =
		    grow(all->users, &all->user_room, all->user_count, sizeof(*all->users));
		read_user(s, &all->users[all->user_count++]);
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

/* What belongs to an account that has gone or is locked counts no more, whoever wrote that. */
static enum db_result load_secrets(
    struct db *db, int64_t now, struct accounts_all *all, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT s.hash, 0, 0, s.id, s.user_id, s.expires, s.who, s.created, s.used,"
	    " s.used_from, s.how, s.came_from, s.agent, s.person_id, s.role, s.given, s.taken, "
	    "s.scope"
	    " FROM sessions s LEFT JOIN users u ON u.id = s.user_id"
	    " WHERE s.expires > ?1 AND (s.user_id = 0 OR u.locked = 0)"
	    " UNION ALL SELECT t.hash, 1, t.once, t.id, t.user_id, t.expires, t.name, t.created,"
	    " t.used, t.used_from, 0, '', '', t.person_id, t.role, t.given, t.taken, t.scope"
	    " FROM tokens t LEFT JOIN users u ON u.id = t.user_id"
	    " WHERE (t.expires = 0 OR t.expires > ?1) AND (t.user_id = 0 OR u.locked = 0)",
	    err);
	enum db_result result = DB_REFUSED;

	if (s != NULL)
		db_bind_int(s, now);
	while (s != NULL && (result = db_step(s, err)) == DB_OK) {
		struct slice key = db_text(s, 0);
		struct accounts_secret *to;

		all->secrets =
		    grow(all->secrets, &all->secret_room, all->secret_count, sizeof(*all->secrets));
		to = &all->secrets[all->secret_count++];
		*to = (struct accounts_secret){.is_token = db_int(s, 1) != 0,
		    .once = db_int(s, 2) != 0,
		    .id = db_int(s, 3),
		    .user_id = db_int(s, 4),
		    .expires = db_int(s, 5),
		    .created = db_int(s, 7),
		    .used = db_int(s, 8),
		    .how = (enum accounts_how)db_int(s, 10)};
		if (key.len == sizeof(to->key))
			memcpy(to->key, key.data, key.len);
		copy_name(to->name, db_text(s, 6));
		copy_text(to->used_from, sizeof(to->used_from), db_text(s, 9));
		copy_text(to->came_from, sizeof(to->came_from), db_text(s, 11));
		copy_text(to->agent, sizeof(to->agent), db_text(s, 12));
		to->person_id = db_int(s, 13);
		read_grant(s, 14, &to->grant);
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static enum db_result read_device_key(
    struct db *db, unsigned char key[ACCOUNTS_KEY_SIZE], struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT value FROM secret_keys WHERE name = 'device'", err);
	enum db_result result = s != NULL ? db_step(s, err) : DB_REFUSED;

	if (result == DB_OK && db_text(s, 0).len == ACCOUNTS_KEY_SIZE)
		memcpy(key, db_text(s, 0).data, ACCOUNTS_KEY_SIZE);
	if (s != NULL)
		db_reset(s);
	return result;
}

enum db_result accounts_device_key(
    struct db *db, unsigned char key[ACCOUNTS_KEY_SIZE], struct error *err)
{
	enum db_result result = read_device_key(db, key, err);
	struct db_statement *s;

	if (result != DB_NOT_FOUND)
		return result;
	if (sodium_init() < 0) {
		error_say(err, "store_error", SAID_PROBLEM_NO_RANDOM, 0);
		return DB_REFUSED;
	}
	randombytes_buf(key, ACCOUNTS_KEY_SIZE);
	s = db_statement(db, "INSERT INTO secret_keys (name, value) VALUES ('device', ?)", err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_blob(s, slice_make(key, ACCOUNTS_KEY_SIZE));
	return db_run(s, err);
}

enum db_result accounts_load(
    struct db *db, int64_t now, int64_t version, struct accounts_all *all, struct error *err)
{
	enum db_result result;

	*all = (struct accounts_all){0};
	result = data_version(db, &all->version, err);
	/* `data_version` changes when another connection has written, such as a command of root. */
	if (result == DB_OK && version != 0 && version == all->version)
		return DB_NOT_FOUND;
	if (result == DB_OK)
		result = load_users(db, all, err);
	if (result == DB_OK)
		result = load_secrets(db, now, all, err);
	if (result == DB_OK)
		result = person_load(db, &all->people, &all->person_count, err);
	if (result != DB_OK)
		accounts_all_free(all);
	return result;
}

void accounts_all_free(struct accounts_all *all)
{
	for (size_t i = 0; i < all->person_count; i++)
		person_free(&all->people[i]);
	free(all->people);
	free(all->users);
	free(all->secrets);
	*all = (struct accounts_all){0};
}
