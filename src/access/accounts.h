/* Who may come in: users with a password, tokens for scripts, sessions of browsers. Of tokens and
 * sessions only a hash is stored, so that a stolen database opens nothing. Passwords are Argon2id
 * (libsodium). All functions with a `db` run on the thread that owns it. */
#ifndef ACCESS_ACCOUNTS_H
#define ACCESS_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "access/person.h"
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
	struct access_grant grant;
	bool locked;			   /* may not sign in until it is unlocked */
	bool otp;			   /* needs a one-time password as well (otp_rows.h) */
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

/* With the hash of a password. DB_CONFLICT when the name is taken, also in other case. Fills in
 * `user`. */
enum db_result accounts_user_add(struct db *db, struct slice name, const char *hash,
    const struct access_grant *grant, int64_t now, struct accounts_user *user, struct error *err);
enum db_result accounts_user_by_name(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err);

/* What is to be different; each member counts only when its flag is set. */
struct accounts_change {
	bool set_role, set_given, set_taken, set_scope, set_locked, set_password;
	struct access_grant grant; /* of it, what the flags name */
	bool locked;
	char password[ACCOUNTS_HASH_SIZE];
};
/* The account as it would be. */
void accounts_change_apply(struct accounts_user *user, const struct accounts_change *change);
/* Changes an account and ends all its sessions and tokens: whoever holds one has to show himself
 * again. Fills in `user` as it is then. DB_NOT_FOUND; DB_REFUSED with bad_right where its role may
 * not be given or lose a right; DB_CONFLICT (last_admin) where nobody would be left who may sign in
 * and change accounts. */
enum db_result accounts_user_change(struct db *db, struct slice name,
    const struct accounts_change *change, struct accounts_user *user, struct error *err);
/* Another password, by who has shown the present one, of which `before` is the hash. His other
 * sessions end, and `session` stays, as do his tokens: they were made without the password. Fills
 * in `user`. DB_NOT_FOUND where the account has gone, is locked or has another password by now. */
enum db_result accounts_user_own_password(struct db *db, struct slice name, const char *before,
    const char *hash, int64_t session, struct accounts_user *user, struct error *err);
/* The same as accounts_user_change for an account that goes. */
enum db_result accounts_user_delete(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err);

struct accounts_token {
	int64_t id;
	char name[ACCOUNTS_NAME_MAX + 1]; /* what it is for; shown as who in histories */
	struct access_grant grant;
	int64_t created;
	int64_t expires; /* 0: never */
	int64_t user_id; /* the account that made it and that it ends with; 0: none */
	/* The same of somebody without an account (person.h); 0: none, as of root. */
	int64_t person_id;
	bool once; /* good for one login: the demo's and the first one's address */
};

/* Of one account or person, links apart. */
#define ACCOUNTS_TOKENS_MAX 100
/* Makes a token of `t` (name, grant, expires, user_id, person_id and once are read; id and created
 * filled in); `secret` gets the text to show, once and never again. Names need not be unique; but a
 * token of somebody has the name of no other account, nor root's (DB_REFUSED with bad_name), and
 * there are at most ACCOUNTS_TOKENS_MAX of them (DB_REFUSED with too_many_tokens). */
enum db_result accounts_token_create(struct db *db, struct accounts_token *t, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* Uses up a `once` token: found at most once (needs a write transaction). */
enum db_result accounts_token_redeem(
    struct db *db, struct slice secret, int64_t now, struct accounts_token *t, struct error *err);
enum db_result accounts_token_delete(struct db *db, int64_t id, struct error *err);

/* By what somebody showed who he is. The numbers stand in the database. */
enum accounts_how {
	ACCOUNTS_BY_UNKNOWN, /* from before this was written down */
	ACCOUNTS_BY_PASSWORD,
	ACCOUNTS_BY_LINK,
	ACCOUNTS_BY_OTP,
	ACCOUNTS_BY_OIDC,
	ACCOUNTS_HOWS
};
/* "password", "link", "otp", "oidc"; "unknown" for any other number. */
const char *accounts_how_name(enum accounts_how how);

#define ACCOUNTS_PEER_SIZE 80
#define ACCOUNTS_AGENT_SIZE 201

struct accounts_session {
	int64_t id;
	char who[ACCOUNTS_NAME_MAX + 1]; /* the user's or token's name */
	int64_t user_id;		 /* 0: of no account */
	int64_t person_id;		 /* of whoever has none (person.h); 0: of nobody */
	struct access_grant grant;
	int64_t created;
	int64_t expires;
	enum accounts_how how;
	char came_from[ACCOUNTS_PEER_SIZE]; /* "127.0.0.1:50312" at the sign-in */
	char agent[ACCOUNTS_AGENT_SIZE];    /* what the browser calls itself */
};

/* What a browser calls itself, as it may be kept and shown: cut, and without what cannot be
 * printed. */
void accounts_copy_agent(char agent[ACCOUNTS_AGENT_SIZE], struct slice header);

/* Of one account, or of one person without: nobody sits at more browsers, and all of them are in
 * memory. A script that signs in anew each time, with a password that it should not have, would
 * else fill it. The one that has lain unused longest ends (credentials_make_room). */
#define ACCOUNTS_SESSIONS_MAX 50

/* A session that ends at `expires`; all of `s` but id and created is read. */
enum db_result accounts_session_create(struct db *db, struct accounts_session *s, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* The same for an account, which says who, user_id and grant: DB_NOT_FOUND when it is not any more
 * as it was when its proof was checked (locked, deleted, or with another password than the hash
 * `password`, "" for any), so that a change that came between the check and this counts. */
enum db_result accounts_session_for_user(struct db *db, int64_t user_id, struct slice name,
    const char *password, struct accounts_session *s, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* Logout. Ending what is not there is fine. */
enum db_result accounts_session_end(struct db *db, struct slice secret, struct error *err);
enum db_result accounts_session_end_id(struct db *db, int64_t id, struct error *err);
/* All of an account but one (0: all). */
enum db_result accounts_sessions_end_of(
    struct db *db, int64_t user_id, int64_t but, struct error *err);

/* A session or token that has ended in memory. */
struct accounts_ended {
	bool is_token;
	int64_t id;
};
enum db_result accounts_end(
    struct db *db, const struct accounts_ended *ended, size_t count, struct error *err);

/* That a session or token was used: when and from where. */
struct accounts_used {
	bool is_token;
	int64_t id, at;
	char from[ACCOUNTS_PEER_SIZE];
};
enum db_result accounts_note_used(
    struct db *db, const struct accounts_used *used, size_t count, struct error *err);
/* Removes sessions and tokens that have expired, and people who have none any more. */
enum db_result accounts_expire(struct db *db, int64_t now, struct error *err);

/* ---- All of it at once, for the service's memory ---- */

/* A valid secret, by its key (accounts_key). */
struct accounts_secret {
	unsigned char key[ACCOUNTS_KEY_SIZE];
	bool is_token, once;
	int64_t id, user_id, person_id, created, expires;
	struct access_grant grant;
	int64_t used; /* when it was used last; 0: never, or not known */
	char used_from[ACCOUNTS_PEER_SIZE];
	enum accounts_how how; /* of a session, as the next two */
	char came_from[ACCOUNTS_PEER_SIZE], agent[ACCOUNTS_AGENT_SIZE];
	char name[ACCOUNTS_NAME_MAX + 1];
};
struct accounts_all {
	int64_t version; /* of the database, as another process changes it */
	struct accounts_user *users;
	size_t user_count, user_room;
	struct accounts_secret *secrets;
	size_t secret_count, secret_room;
	struct person *people;
	size_t person_count;
};
/* Whether it is written as our secrets are, without looking for it. */
bool accounts_is_secret(struct slice text);
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
