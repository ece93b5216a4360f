/* Who may come in: users with a password, tokens for scripts, sessions of browsers. Of tokens and
 * sessions only a hash is stored, so that a stolen database opens nothing. Passwords are Argon2id
 * (libsodium). All functions run on the thread that owns `db`; accounts_user_verify takes about
 * 60 ms of it, on purpose. */
#ifndef STORE_ACCOUNTS_H
#define STORE_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

#define ACCOUNTS_NAME_MAX 64
#define ACCOUNTS_PASSWORD_MIN 10
#define ACCOUNTS_PASSWORD_MAX 1024 /* longer ones only burn time */
/* 32 random bytes in URL-safe base64 without padding, its prefix and the NUL. */
#define ACCOUNTS_SECRET_SIZE 56

enum accounts_role { ACCOUNTS_VIEWER = 1, ACCOUNTS_OPERATOR, ACCOUNTS_ADMIN };

/* "viewer", "operator", "admin"; false on any other text. */
const char *accounts_role_name(enum accounts_role role);
bool accounts_role_parse(struct slice text, enum accounts_role *role);

struct accounts_user {
	int64_t id;
	char name[ACCOUNTS_NAME_MAX + 1];
	enum accounts_role role;
	int64_t created; /* Unix seconds, like all times here */
};

/* A name is 1 to ACCOUNTS_NAME_MAX of a-z A-Z 0-9 . _ - @ and begins with a letter or digit; a
 * password has ACCOUNTS_PASSWORD_MIN to ACCOUNTS_PASSWORD_MAX bytes. False with bad_name,
 * bad_password. */
bool accounts_check_name(struct slice name, struct error *err);
bool accounts_check_password(struct slice password, struct error *err);

/* DB_CONFLICT when the name is taken. Fills in `user`. */
enum db_result accounts_user_add(struct db *db, struct slice name, struct slice password,
    enum accounts_role role, int64_t now, struct accounts_user *user, struct error *err);
enum db_result accounts_user_set_password(
    struct db *db, int64_t id, struct slice password, struct error *err);
/* DB_NOT_FOUND for an unknown name and for a wrong password, after the same time. */
enum db_result accounts_user_verify(struct db *db, struct slice name, struct slice password,
    struct accounts_user *user, struct error *err);
enum db_result accounts_user_by_name(
    struct db *db, struct slice name, struct accounts_user *user, struct error *err);
/* How many there are: with none, the page says how to add the first. */
enum db_result accounts_user_count(struct db *db, int64_t *count, struct error *err);

struct accounts_token {
	int64_t id;
	char name[ACCOUNTS_NAME_MAX + 1]; /* what it is for; shown as who in histories */
	enum accounts_role role;
	int64_t created;
	int64_t expires; /* 0: never */
	bool once;	 /* good for one login: the demo's and the first one's address */
};

/* Makes a token of `t` (name, role, expires and once are read; id and created filled in); `secret`
 * gets the text to show, once and never again. Names need not be unique. */
enum db_result accounts_token_create(struct db *db, struct accounts_token *t, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* The live token with this secret, else DB_NOT_FOUND. A `once` token is never found here. */
enum db_result accounts_token_find(
    struct db *db, struct slice secret, int64_t now, struct accounts_token *t, struct error *err);
/* Uses up a `once` token: found at most once (needs a write transaction). */
enum db_result accounts_token_redeem(
    struct db *db, struct slice secret, int64_t now, struct accounts_token *t, struct error *err);
enum db_result accounts_token_delete(struct db *db, int64_t id, struct error *err);
/* The live ones that are not `once`, newest first, at most `max` of them. */
enum db_result accounts_token_list(struct db *db, int64_t now, struct accounts_token *tokens,
    size_t max, size_t *count, struct error *err);

struct accounts_session {
	int64_t id;
	char who[ACCOUNTS_NAME_MAX + 1]; /* the user's or token's name */
	int64_t user_id;		 /* 0: from a `once` token */
	enum accounts_role role;
	int64_t created;
	int64_t expires;
};

/* A session that ends at `expires`; of `s` who, user_id, role and expires are read. */
enum db_result accounts_session_create(struct db *db, struct accounts_session *s, int64_t now,
    char secret[ACCOUNTS_SECRET_SIZE], struct error *err);
/* The live session with this secret, else DB_NOT_FOUND. The role is the user's of today. */
enum db_result accounts_session_find(
    struct db *db, struct slice secret, int64_t now, struct accounts_session *s, struct error *err);
/* Logout. Ending what is not there is fine. */
enum db_result accounts_session_end(struct db *db, struct slice secret, struct error *err);
/* Removes sessions and tokens that have expired. */
enum db_result accounts_expire(struct db *db, int64_t now, struct error *err);

#endif
