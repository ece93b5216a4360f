/* Who may come in: users with a password, tokens for scripts, sessions of browsers. Of tokens and
 * sessions only a hash is stored, so that a stolen database opens nothing. Passwords are Argon2id
 * (libsodium). All functions with a `db` run on the thread that owns it. */
#ifndef ACCESS_ACCOUNTS_H
#define ACCESS_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "access/role.h"
#include "store/db.h"

#define ACCOUNTS_NAME_MAX 64
#define ACCOUNTS_PASSWORD_MIN 12
#define ACCOUNTS_PASSWORD_MAX 1024 /* longer ones only burn time */
/* 32 random bytes in URL-safe base64 without padding, its prefix and the NUL. */
#define ACCOUNTS_SECRET_SIZE 56
/* Argon2id as libsodium writes it, with its NUL (crypto_pwhash_STRBYTES). */
#define ACCOUNTS_HASH_SIZE 128
/* What is kept of a secret: its BLAKE2b. */
#define ACCOUNTS_KEY_SIZE 32

struct accounts_user {
	int64_t id;
	char name[ACCOUNTS_NAME_MAX + 1];
	enum access_role role;
	bool locked;			   /* may not sign in until it is unlocked */
	int64_t created;		   /* Unix seconds, like all times here */
	char password[ACCOUNTS_HASH_SIZE]; /* the hash */
};

/* A name is 1 to ACCOUNTS_NAME_MAX of a-z A-Z 0-9 . _ - @ and begins with a letter or digit. False
 * with bad_name. */
bool accounts_check_name(struct slice name, struct error *err);
/* A password has ACCOUNTS_PASSWORD_MIN to ACCOUNTS_PASSWORD_MAX bytes, does not hold the name, and
 * is not one of the commonest (weak_passwords.h). False with bad_password and what is wrong. */
bool accounts_check_password(struct slice name, struct slice password, struct error *err);

/* The hash of a password, and whether a password fits one. Each takes about 60 ms and 64 MiB, on
 * purpose, and neither needs the database: the service runs them in hashing.h, never here. */
bool accounts_password_hash(
    struct slice password, char hash[ACCOUNTS_HASH_SIZE], struct error *err);
bool accounts_password_fits(struct slice password, const char *hash);

/* With the hash of a password. DB_CONFLICT when the name is taken. Fills in `user`. */
enum db_result accounts_user_add(struct db *db, struct slice name, const char *hash,
    enum access_role role, int64_t now, struct accounts_user *user, struct error *err);
enum db_result accounts_user_by_name(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err);

/* What is to be different; each member counts only when its flag is set. */
struct accounts_change {
	bool set_role, set_locked, set_password;
	enum access_role role;
	bool locked;
	char password[ACCOUNTS_HASH_SIZE];
};
/* Changes an account and ends all its sessions and tokens: whoever holds one has to show himself
 * again. Fills in `user` as it is then. DB_NOT_FOUND; DB_CONFLICT (last_admin) where nobody would
 * be left who may sign in as admin. */
enum db_result accounts_user_change(struct db *db, struct slice name,
    const struct accounts_change *change, struct accounts_user *user, struct error *err);
/* The same for an account that goes. */
enum db_result accounts_user_delete(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err);

struct accounts_token {
	int64_t id;
	char name[ACCOUNTS_NAME_MAX + 1]; /* what it is for; shown as who in histories */
	enum access_role role;
	int64_t created;
	int64_t expires; /* 0: never */
	int64_t user_id; /* the account that made it and that it ends with; 0: none */
	bool once;	 /* good for one login: the demo's and the first one's address */
};

/* Makes a token of `t` (name, role, expires, user_id and once are read; id and created filled in);
 * `secret` gets the text to show, once and never again. Names need not be unique. */
enum db_result accounts_token_create(struct db *db, struct accounts_token *t, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* Uses up a `once` token: found at most once (needs a write transaction). */
enum db_result accounts_token_redeem(
    struct db *db, struct slice secret, int64_t now, struct accounts_token *t, struct error *err);
enum db_result accounts_token_delete(struct db *db, int64_t id, struct error *err);
/* The valid ones that are not `once`, newest first, at most `max` of them. */
enum db_result accounts_token_list(struct db *db, int64_t now, struct accounts_token *tokens,
    size_t max, size_t *count, struct error *err);

struct accounts_session {
	int64_t id;
	char who[ACCOUNTS_NAME_MAX + 1]; /* the user's or token's name */
	int64_t user_id;		 /* 0: from a `once` token */
	enum access_role role;
	int64_t created;
	int64_t expires;
};

/* A session that ends at `expires`; of `s` who, user_id, role and expires are read. */
enum db_result accounts_session_create(struct db *db, struct accounts_session *s, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* The same for an account whose password was found right: DB_NOT_FOUND when the account is not any
 * more as `user` says (another password, locked, deleted), so that a change that came between the
 * check and this counts. */
enum db_result accounts_session_for_user(struct db *db, const struct accounts_user *user,
    struct accounts_session *s, int64_t now, char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* Logout. Ending what is not there is fine. */
enum db_result accounts_session_end(struct db *db, struct slice secret, struct error *err);
/* Removes sessions and tokens that have expired. */
enum db_result accounts_expire(struct db *db, int64_t now, struct error *err);

/* ---- All of it at once, for the service's memory ---- */

/* A valid secret, by its key (accounts_key). */
struct accounts_secret {
	unsigned char key[ACCOUNTS_KEY_SIZE];
	bool is_token, once;
	int64_t id, user_id, expires;
	enum access_role role;
	char name[ACCOUNTS_NAME_MAX + 1];
};
struct accounts_all {
	int64_t version; /* of the database, as another process changes it */
	struct accounts_user *users;
	size_t user_count, user_room;
	struct accounts_secret *secrets;
	size_t secret_count, secret_room;
};
/* What a secret is kept and looked for by. */
void accounts_key(struct slice secret, unsigned char key[ACCOUNTS_KEY_SIZE]);
/* DB_NOT_FOUND when nothing but this connection has changed the database since `version` (0: read
 * in any case). Freed with accounts_all_free. */
enum db_result accounts_load(
    struct db *db, int64_t now, int64_t version, struct accounts_all *all, struct error *err);
void accounts_all_free(struct accounts_all *all);
/* The key that signs device cookies; made at the first call (needs a write transaction). */
enum db_result accounts_device_key(
    struct db *db, unsigned char key[ACCOUNTS_KEY_SIZE], struct error *err);

#endif
