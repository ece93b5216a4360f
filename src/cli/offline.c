/* Each of these opens the database, does its one thing and closes it. A service that runs
 * notices the change and reads its accounts again. */
#include "cli/offline.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "access/otp_rows.h"
#include "audit/record.h"
#include "base/clock.h"
#include "base/slice.h"
#include "store/audit_rows.h"
#include "store/db.h"

bool offline_possible(bool named)
{
	/* Whoever named a service meant that one, and not the database of this host. */
	return geteuid() == 0 && !named;
}

/* Here root is given up: db_prepare becomes the service's user. */
static struct db *open_store(const struct config *config, struct error *err)
{
	struct db_health health;

	if (!db_prepare(config->store_path, config->run_user, err))
		return NULL;
	return db_open(config->store_path, &health, err);
}

/* With a transaction that has begun; NULL where either fails. */
static struct db *begin(const struct config *config, struct error *err)
{
	struct db *db = open_store(config, err);

	if (db != NULL && db_begin(db, err) != DB_OK)
		db_close(&db);
	return db;
}

/* The database is closed in each case: the service may want it next. */
static bool finish(struct db *db, enum db_result result, struct error *err)
{
	if (result == DB_OK)
		result = db_commit(db, err);
	if (result != DB_OK)
		db_rollback(db);
	db_close(&db);
	return result == DB_OK;
}

/* The same for what the audit is told of: the service moves the record on into its files, now or
 * when it runs again. */
static bool finish_with(
    struct db *db, enum db_result result, const struct audit_entry *what, struct error *err)
{
	BUFFER_AUTO struct buffer members = {0};
	struct audit_entry entry = *what;

	entry.who = SLICE("root");
	entry.via = SLICE("command");
	entry.outcome = SLICE("done");
	audit_record_members(&members, &entry);
	if (result == DB_OK)
		result = audit_rows_promise(db, buffer_slice(&members), err);
	return finish(db, result, err);
}

/* Of one account: what was done to it. */
static bool finish_account(
    struct db *db, enum db_result result, const char *name, const char *text, struct error *err)
{
	char object[100];

	snprintf(object, sizeof(object), "/api/v1/users/%.64s", name);
	return finish_with(db, result,
	    &(struct audit_entry){
		.action = AUDIT_ACCOUNT, .object = slice_of(object), .text = slice_of(text)},
	    err);
}

bool offline_parse_role(const char *text, enum access_role *role, struct error *err)
{
	char words[ACCESS_ROLE_WORDS_SIZE];

	access_role_all(words);
	return access_role_parse(slice_of(text), role) ||
	       error_set(err, "bad_role", "%s: expected %s", text, words);
}

bool offline_add_user(const struct config *config, const char *name, const char *role,
    const struct access_grant *more, const char *password, struct error *err)
{
	struct accounts_user user;
	char hash[ACCOUNTS_HASH_SIZE];
	struct access_grant grant = *more;
	struct db *db;

	/* All checks and the slow hash before the transaction, which keeps the service from
	 * writing. */
	if (!offline_parse_role(role, &grant.role, err) ||
	    !accounts_check_name(slice_of(name), err) ||
	    !accounts_check_password(slice_of(name), slice_of(password), err) ||
	    !accounts_password_hash(slice_of(password), hash, err))
		return false;
	db = begin(config, err);
	return db != NULL &&
	       finish_account(db,
		   accounts_user_add(db, slice_of(name), hash, &grant, clock_now(), &user, err),
		   name, role, err);
}

bool offline_change_user(const struct config *config, const char *name,
    const struct accounts_change *change, struct error *err)
{
	struct db *db = begin(config, err);
	struct accounts_user user;

	return db != NULL && finish_account(db,
				 accounts_user_change(db, slice_of(name), change, &user, err), name,
				 change->set_password ? "another password"
				 : change->set_locked ? (change->locked ? "locked" : "unlocked")
						      : "other rights",
				 err);
}

bool offline_set_password(
    const struct config *config, const char *name, const char *password, struct error *err)
{
	struct accounts_change change = {.set_password = true};

	return accounts_check_password(slice_of(name), slice_of(password), err) &&
	       accounts_password_hash(slice_of(password), change.password, err) &&
	       offline_change_user(config, name, &change, err);
}

bool offline_delete_user(const struct config *config, const char *name, struct error *err)
{
	struct db *db = begin(config, err);
	struct accounts_user user;

	return db != NULL &&
	       finish_account(
		   db, accounts_user_delete(db, slice_of(name), &user, err), name, "deleted", err);
}

bool offline_end_otp(const struct config *config, const char *name, struct error *err)
{
	struct db *db = begin(config, err);
	struct accounts_user user;
	enum db_result result;
	char object[100];

	if (db == NULL)
		return false;
	snprintf(object, sizeof(object), "/api/v1/users/%.64s/otp", name);
	result = accounts_user_by_name(db, slice_of(name), &user, err);
	if (result == DB_OK)
		result = otp_rows_end(db, user.id, err);
	if (result == DB_OK)
		result = accounts_sessions_end_of(db, user.id, 0, err);
	return finish_with(db, result,
	    &(struct audit_entry){
		.action = AUDIT_OTP, .object = slice_of(object), .text = SLICE("taken off")},
	    err);
}

bool offline_load(const struct config *config, struct accounts_all *all, struct error *err)
{
	struct db *db = open_store(config, err);
	enum db_result result;

	if (db == NULL)
		return false;
	/* Version 0: read in any case. */
	result = accounts_load(db, clock_now(), 0, all, err);
	db_close(&db);
	return result == DB_OK;
}

bool offline_create_token(const struct config *config, const char *name, const char *role,
    const struct access_grant *more, int64_t expires, char secret[ACCOUNTS_SECRET_SIZE],
    struct error *err)
{
	struct accounts_token token = {.grant = *more, .expires = expires};
	struct db *db;

	if (!offline_parse_role(role, &token.grant.role, err))
		return false;
	if (strlen(name) >= sizeof(token.name))
		return error_set(
		    err, "bad_name", "a name has at most %zu characters", sizeof(token.name) - 1);
	snprintf(token.name, sizeof(token.name), "%s", name);
	db = begin(config, err);
	return db != NULL &&
	       finish_with(db, accounts_token_create(db, &token, clock_now(), secret, err),
		   &(struct audit_entry){.action = AUDIT_TOKEN,
		       .object = SLICE("/api/v1/tokens"),
		       .text = slice_of(name)},
		   err);
}
