#include "store/accounts.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Every secret says what it is, so that one that leaked into a log is recognised. */
#define TOKEN_PREFIX "postroom_"
#define SECRET_BYTES 32

const char *accounts_role_name(enum accounts_role role)
{
	static const char *const names[] = {[ACCOUNTS_VIEWER] = "viewer",
	    [ACCOUNTS_OPERATOR] = "operator",
	    [ACCOUNTS_ADMIN] = "admin"};

	return names[role];
}

bool accounts_role_parse(struct slice text, enum accounts_role *role)
{
	for (enum accounts_role r = ACCOUNTS_VIEWER; r <= ACCOUNTS_ADMIN; r++)
		if (slice_is(text, accounts_role_name(r))) {
			*role = r;
			return true;
		}
	return false;
}

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool accounts_check_name(struct slice name, struct error *err)
{
	bool good = name.len > 0 && name.len <= ACCOUNTS_NAME_MAX && is_alphanumeric(name.data[0]);

	for (size_t i = 0; i < name.len && good; i++)
		good = is_alphanumeric(name.data[i]) || strchr("._-@", name.data[i]) != NULL;
	/* strchr also finds the NUL at its end. */
	if (good && memchr(name.data, '\0', name.len) == NULL)
		return true;
	return error_set(err, "bad_name",
	    "a name is 1 to %d letters, digits or . _ - @ and begins with a letter or digit",
	    ACCOUNTS_NAME_MAX);
}

bool accounts_check_password(struct slice password, struct error *err)
{
	if (password.len >= ACCOUNTS_PASSWORD_MIN && password.len <= ACCOUNTS_PASSWORD_MAX)
		return true;
	return error_set(err, "bad_password", "a password has %d to %d bytes",
	    ACCOUNTS_PASSWORD_MIN, ACCOUNTS_PASSWORD_MAX);
}

static enum db_result missing(struct error *err, const char *what)
{
	error_set(err, "not_found", "%s", what);
	return DB_NOT_FOUND;
}

static void copy_name(char out[ACCOUNTS_NAME_MAX + 1], struct slice name)
{
	size_t len = name.len < ACCOUNTS_NAME_MAX ? name.len : ACCOUNTS_NAME_MAX;

	memcpy(out, name.data, len);
	out[len] = '\0';
}

/* ---- passwords ---- */

/* INTERACTIVE: 64 MiB and about 60 ms, which a small mail host can spare for a login. */
static bool hash_password(
    struct slice password, char out[crypto_pwhash_STRBYTES], struct error *err)
{
	if (sodium_init() < 0 ||
	    crypto_pwhash_str_alg(out, password.data, password.len,
		crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		return error_set(err, "store_error", "no memory to hash the password");
	return true;
}

enum db_result accounts_user_add(struct db *db, struct slice name, struct slice password,
    enum accounts_role role, int64_t now, struct accounts_user *user, struct error *err)
{
	char hash[crypto_pwhash_STRBYTES];
	struct db_statement *s;
	enum db_result result;

	if (!accounts_check_name(name, err) || !accounts_check_password(password, err) ||
	    !hash_password(password, hash, err))
		return DB_REFUSED;
	s = db_statement(
	    db, "INSERT INTO users (name, password, role, created) VALUES (?, ?, ?, ?)", err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, name);
	db_bind_text(s, hash);
	db_bind_int(s, role);
	db_bind_int(s, now);
	result = db_run(s, err);
	if (result == DB_CONFLICT)
		error_set(err, "conflict", "there is a user %.*s already", SLICE_ARGS(name));
	if (result != DB_OK)
		return result;
	*user = (struct accounts_user){.id = db_last_id(db), .role = role, .created = now};
	copy_name(user->name, name);
	return DB_OK;
}

enum db_result accounts_user_set_password(
    struct db *db, int64_t id, struct slice password, struct error *err)
{
	char hash[crypto_pwhash_STRBYTES];
	struct db_statement *s;
	enum db_result result;

	if (!accounts_check_password(password, err) || !hash_password(password, hash, err))
		return DB_REFUSED;
	s = db_statement(db, "UPDATE users SET password = ? WHERE id = ?", err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, hash);
	db_bind_int(s, id);
	result = db_run(s, err);
	return result == DB_OK && db_changed(db) == 0 ? missing(err, "there is no such user")
						      : result;
}

/* The row of `name`, and its password's hash where `hash` is not NULL. */
static enum db_result load_user(struct db *db, struct slice name, struct accounts_user *user,
    char hash[crypto_pwhash_STRBYTES], struct error *err)
{
	struct db_statement *s = db_statement(
	    db, "SELECT id, name, role, created, password FROM users WHERE name = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, name);
	result = db_step(s, err);
	if (result == DB_NOT_FOUND)
		return missing(err, "there is no such user");
	if (result != DB_OK)
		return result;
	user->id = db_int(s, 0);
	copy_name(user->name, db_text(s, 1));
	user->role = (enum accounts_role)db_int(s, 2);
	user->created = db_int(s, 3);
	if (hash != NULL)
		snprintf(hash, crypto_pwhash_STRBYTES, "%.*s", SLICE_ARGS(db_text(s, 4)));
	db_reset(s);
	return DB_OK;
}

enum db_result accounts_user_by_name(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err)
{
	return load_user(db, name, user, NULL, err);
}

enum db_result accounts_user_verify(struct db *db, struct slice name, struct slice password,
    struct accounts_user *user, struct error *err)
{
	char hash[crypto_pwhash_STRBYTES];
	enum db_result result;

	if (password.len > ACCOUNTS_PASSWORD_MAX || sodium_init() < 0)
		return missing(err, "wrong name or password");
	result = load_user(db, name, user, hash, err);
	if (result == DB_NOT_FOUND) {
		/* The time must not tell which names exist. */
		hash_password(password, hash, NULL);
		return missing(err, "wrong name or password");
	}
	if (result == DB_OK && crypto_pwhash_str_verify(hash, password.data, password.len) != 0)
		return missing(err, "wrong name or password");
	return result;
}

enum db_result accounts_user_count(struct db *db, int64_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db, "SELECT count(*) FROM users", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	result = db_step(s, err);
	if (result == DB_OK)
		*count = db_int(s, 0);
	db_reset(s);
	return result;
}

/* ---- secrets ---- */

static void hash_secret(struct slice secret, unsigned char out[crypto_generichash_BYTES])
{
	crypto_generichash(
	    out, crypto_generichash_BYTES, (const unsigned char *)secret.data, secret.len, NULL, 0);
}

/* A new secret and its hash. A secret of 256 random bits needs no slow hash. */
static bool make_secret(char secret[ACCOUNTS_SECRET_SIZE],
    unsigned char hash[crypto_generichash_BYTES], struct error *err)
{
	unsigned char random[SECRET_BYTES];
	size_t prefix = sizeof(TOKEN_PREFIX) - 1;

	if (sodium_init() < 0)
		return error_set(err, "store_error", "no random numbers");
	randombytes_buf(random, sizeof(random));
	memcpy(secret, TOKEN_PREFIX, prefix);
	sodium_bin2base64(secret + prefix, ACCOUNTS_SECRET_SIZE - prefix, random, sizeof(random),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof(random));
	hash_secret(slice_of(secret), hash);
	return true;
}

static void bind_hash(struct db_statement *s, struct slice secret)
{
	unsigned char hash[crypto_generichash_BYTES];

	hash_secret(secret, hash);
	db_bind_blob(s, slice_make(hash, sizeof(hash)));
}

enum db_result accounts_token_create(struct db *db, struct accounts_token *t, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err)
{
	unsigned char hash[crypto_generichash_BYTES];
	struct db_statement *s;
	enum db_result result;

	if (!accounts_check_name(slice_of(t->name), err) || !make_secret(secret, hash, err))
		return DB_REFUSED;
	s = db_statement(db,
	    "INSERT INTO tokens (hash, name, role, created, expires, once) VALUES (?, ?, ?, ?, ?, "
	    "?)",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_blob(s, slice_make(hash, sizeof(hash)));
	db_bind_text(s, t->name);
	db_bind_int(s, t->role);
	db_bind_int(s, now);
	db_bind_int(s, t->expires);
	db_bind_int(s, t->once);
	result = db_run(s, err);
	t->created = now;
	if (result == DB_OK)
		t->id = db_last_id(db);
	return result;
}

static enum db_result find_token(struct db *db, struct slice secret, int64_t now, bool once,
    struct accounts_token *t, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, name, role, created, expires FROM tokens"
	    " WHERE hash = ? AND once = ? AND (expires = 0 OR expires > ?)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	bind_hash(s, secret);
	db_bind_int(s, once);
	db_bind_int(s, now);
	result = db_step(s, err);
	if (result == DB_NOT_FOUND)
		return missing(err, "there is no such token, or it has expired");
	if (result != DB_OK)
		return result;
	t->id = db_int(s, 0);
	copy_name(t->name, db_text(s, 1));
	t->role = (enum accounts_role)db_int(s, 2);
	t->created = db_int(s, 3);
	t->expires = db_int(s, 4);
	t->once = once;
	db_reset(s);
	return DB_OK;
}

enum db_result accounts_token_find(
    struct db *db, struct slice secret, int64_t now, struct accounts_token *t, struct error *err)
{
	return find_token(db, secret, now, false, t, err);
}

enum db_result accounts_token_redeem(
    struct db *db, struct slice secret, int64_t now, struct accounts_token *t, struct error *err)
{
	enum db_result result = find_token(db, secret, now, true, t, err);

	return result == DB_OK ? accounts_token_delete(db, t->id, err) : result;
}

enum db_result accounts_token_delete(struct db *db, int64_t id, struct error *err)
{
	struct db_statement *s = db_statement(db, "DELETE FROM tokens WHERE id = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, id);
	result = db_run(s, err);
	return result == DB_OK && db_changed(db) == 0 ? missing(err, "there is no such token")
						      : result;
}

enum db_result accounts_token_list(struct db *db, int64_t now, struct accounts_token *tokens,
    size_t max, size_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, name, role, created, expires FROM tokens"
	    " WHERE once = 0 AND (expires = 0 OR expires > ?) ORDER BY id DESC",
	    err);
	enum db_result result = DB_OK;

	*count = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, now);
	while (*count < max && (result = db_step(s, err)) == DB_OK) {
		struct accounts_token *t = &tokens[(*count)++];
		*t = (struct accounts_token){.id = db_int(s, 0),
		    .role = (enum accounts_role)db_int(s, 2),
		    .created = db_int(s, 3),
		    .expires = db_int(s, 4)};
		copy_name(t->name, db_text(s, 1));
	}
	db_reset(s);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

/* ---- sessions ---- */

enum db_result accounts_session_create(struct db *db, struct accounts_session *session, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err)
{
	unsigned char hash[crypto_generichash_BYTES];
	struct db_statement *s;
	enum db_result result;

	if (!make_secret(secret, hash, err))
		return DB_REFUSED;
	s = db_statement(db,
	    "INSERT INTO sessions (hash, who, user_id, role, created, expires) VALUES (?, ?, ?, ?, "
	    "?, ?)",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_blob(s, slice_make(hash, sizeof(hash)));
	db_bind_text(s, session->who);
	db_bind_int(s, session->user_id);
	db_bind_int(s, session->role);
	db_bind_int(s, now);
	db_bind_int(s, session->expires);
	result = db_run(s, err);
	session->created = now;
	if (result == DB_OK)
		session->id = db_last_id(db);
	return result;
}

enum db_result accounts_session_find(struct db *db, struct slice secret, int64_t now,
    struct accounts_session *session, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT s.id, s.who, s.user_id, ifnull(u.role, s.role), s.created, s.expires FROM "
	    "sessions s"
	    " LEFT JOIN users u ON u.id = s.user_id"
	    " WHERE s.hash = ? AND s.expires > ? AND (s.user_id = 0 OR u.id IS NOT NULL)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	bind_hash(s, secret);
	db_bind_int(s, now);
	result = db_step(s, err);
	if (result == DB_NOT_FOUND)
		return missing(err, "there is no such session, or it has ended");
	if (result != DB_OK)
		return result;
	session->id = db_int(s, 0);
	copy_name(session->who, db_text(s, 1));
	session->user_id = db_int(s, 2);
	session->role = (enum accounts_role)db_int(s, 3);
	session->created = db_int(s, 4);
	session->expires = db_int(s, 5);
	db_reset(s);
	return DB_OK;
}

enum db_result accounts_session_end(struct db *db, struct slice secret, struct error *err)
{
	struct db_statement *s = db_statement(db, "DELETE FROM sessions WHERE hash = ?", err);

	if (s == NULL)
		return DB_REFUSED;
	bind_hash(s, secret);
	return db_run(s, err);
}

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
	return db_run(s, err);
}
