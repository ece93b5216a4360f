#include "cli/offline.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/slice.h"
#include "store/db.h"

bool offline_possible(const char *url, const char *socket)
{
	return geteuid() == 0 && url == NULL && socket == NULL;
}

static struct db *open_store(const struct config *config, struct error *err)
{
	struct db_health health;

	if (!db_prepare(config->store_path, config->run_user, err))
		return NULL;
	return db_open(config->store_path, &health, err);
}

static bool finish(struct db *db, enum db_result result, struct error *err)
{
	if (result == DB_OK)
		result = db_commit(db, err);
	if (result != DB_OK)
		db_rollback(db);
	db_close(&db);
	return result == DB_OK;
}

static bool parse_role(const char *text, enum accounts_role *role, struct error *err)
{
	return accounts_role_parse(slice_of(text), role) ||
	       error_set(err, "bad_role", "%s: expected viewer, operator or admin", text);
}

bool offline_add_user(const struct config *config, const char *name, const char *role,
    const char *password, struct error *err)
{
	struct accounts_user user;
	char hash[ACCOUNTS_HASH_SIZE];
	enum accounts_role parsed;
	enum db_result result;
	struct db *db;

	if (!parse_role(role, &parsed, err) || !accounts_check_name(slice_of(name), err) ||
	    !accounts_check_password(slice_of(name), slice_of(password), err) ||
	    !accounts_password_hash(slice_of(password), hash, err))
		return false;
	db = open_store(config, err);
	if (db == NULL)
		return false;
	result = db_begin(db, err);
	if (result == DB_OK)
		result =
		    accounts_user_add(db, slice_of(name), hash, parsed, clock_now(), &user, err);
	return finish(db, result, err);
}

bool offline_create_token(const struct config *config, const char *name, const char *role,
    int64_t expires, char secret[ACCOUNTS_SECRET_SIZE], struct error *err)
{
	struct accounts_token token = {.expires = expires};
	enum db_result result;
	struct db *db;

	if (!parse_role(role, &token.role, err))
		return false;
	if (strlen(name) >= sizeof(token.name))
		return error_set(
		    err, "bad_name", "a name has at most %zu characters", sizeof(token.name) - 1);
	snprintf(token.name, sizeof(token.name), "%s", name);
	db = open_store(config, err);
	if (db == NULL)
		return false;
	result = db_begin(db, err);
	if (result == DB_OK)
		result = accounts_token_create(db, &token, clock_now(), secret, err);
	return finish(db, result, err);
}
