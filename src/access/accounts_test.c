/* Accounts, tokens, sessions: what is kept of them, and what ends with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/accounts.h"
#include "access/hashing.h"
#include "access/weak_passwords.h"
#include "base/fd.h"
#include "store/store_test_place.h"

/* Not a real hash: checking one is for test_hashing. */
static struct accounts_user add(struct db *db, const char *name, enum access_role role)
{
	struct access_grant grant = {.role = role};
	struct accounts_user user;
	struct error err;

	assert_int_equal(
	    accounts_user_add(db, slice_of(name), "hash", &grant, 7, &user, &err), DB_OK);
	return user;
}

static void test_names(void **state)
{
	const struct slice bad[] = {SLICE(""), SLICE("-a"), SLICE("a b"), SLICE("a\0b"),
	    SLICE("a/b"), SLICE("a\n"), SLICE("\xc3\xa9"),
	    SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")};
	struct place *p = *state;
	const struct slice same[] = {SLICE("ops"), SLICE("Ops"), SLICE("OPS")};
	const struct access_grant viewer = {.role = ACCESS_ROLE_VIEWER};
	struct accounts_user user;
	enum access_role role;
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(accounts_check_name(bad[i], &err));
		assert_string_equal(err.code, "bad_name");
	}
	assert_true(accounts_check_name(SLICE("a.b_c-d@e9"), &err));
	add(p->db, "ops", ACCESS_ROLE_ADMIN);
	/* Two that differ in case alone would be taken for each other. */
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(accounts_user_add(p->db, same[i], "hash", &viewer, 7, &user, &err),
		    DB_CONFLICT);
		assert_string_equal(err.text, "there is a user ops already");
	}
	assert_true(access_role_parse(SLICE("admin"), &role) && role == ACCESS_ROLE_ADMIN);
	assert_false(access_role_parse(SLICE("root"), &role));
}

static void test_passwords(void **state)
{
	static const char *const bad[] = {"", "short", "elevenbytes", "aaaaaaaaaaaa",
	    "abcabcabcabc", "passwordpassword", "PasswordPassword", "password1234", "Password2026!",
	    "qwertyuiop123", "iloveyou1234", "123456789012", "210987654321", "abcdefghijklm",
	    "welcome00000", "football!!!!!", "zxcvbnm123456789", "annalies-is-here",
	    "xxANNALIESxxx"};
	static const char *const good[] = {"correct horse battery", "a long enough password",
	    "tb7-Kq2v-9xLm", "password-is-not-enough", "Stra\303\237enbahn 17b"};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (accounts_check_password(SLICE("annalies"), slice_of(bad[i]), &err))
			fail_msg("%s was taken", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!accounts_check_password(SLICE("annalies"), slice_of(good[i]), &err))
			fail_msg("%s was refused: %s", good[i], err.text);
	/* A name of two letters stands in many a good password. */
	assert_true(accounts_check_password(SLICE("al"), SLICE("tall buildings"), &err));
	/* The list is searched to both ends. */
	assert_true(weak_password(SLICE("123456")));
	assert_true(weak_password(SLICE("zzzzzz1")));
	assert_true(weak_password(SLICE("!qaz2wsx")));
}

/* What an account has, counted in what is loaded. */
static size_t secrets(struct db *db)
{
	struct accounts_all all;
	struct error err;
	size_t count;

	assert_int_equal(accounts_load(db, 20, 0, &all, &err), DB_OK);
	count = all.secret_count;
	accounts_all_free(&all);
	return count;
}

static void give_secrets(struct db *db, const struct accounts_user *user)
{
	struct accounts_session s = {.user_id = user->id, .grant = user->grant, .expires = 1000};
	struct accounts_token t = {
	    .name = "script", .grant.role = ACCESS_ROLE_VIEWER, .user_id = user->id};
	char secret[ACCOUNTS_SECRET_SIZE];
	struct error err;

	assert_int_equal(accounts_session_create(db, &s, 10, secret, &err), DB_OK);
	assert_int_equal(accounts_token_create(db, &t, 10, secret, &err), DB_OK);
}

static void test_changes_end_what_there_was(void **state)
{
	struct place *p = *state;
	struct accounts_user ann = add(p->db, "ann", ACCESS_ROLE_OPERATOR),
			     ops = add(p->db, "ops", ACCESS_ROLE_ADMIN), now;
	const struct accounts_change changes[] = {
	    {.set_role = true, .grant.role = ACCESS_ROLE_VIEWER},
	    {.set_password = true, .password = "another"}, {.set_locked = true, .locked = true},
	    {.set_locked = true, .locked = false}};
	struct accounts_token late = {
	    .name = "late", .grant.role = ACCESS_ROLE_VIEWER, .user_id = ann.id};
	char secret[ACCOUNTS_SECRET_SIZE];
	struct error err;

	give_secrets(p->db, &ops);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (!ann.locked)
			give_secrets(p->db, &ann);
		assert_int_equal(
		    accounts_user_change(p->db, SLICE("ann"), &changes[i], &ann, &err), DB_OK);
		assert_int_equal(secrets(p->db), 2); /* those of ops */
	}
	assert_int_equal(accounts_user_by_name(p->db, SLICE("ann"), &now, &err), DB_OK);
	assert_int_equal(now.grant.role, ACCESS_ROLE_VIEWER);
	assert_string_equal(now.password, "another");
	assert_false(now.locked);
	give_secrets(p->db, &ann);
	assert_int_equal(accounts_user_delete(p->db, SLICE("ann"), &now, &err), DB_OK);
	assert_int_equal(secrets(p->db), 2);
	/* What was on its way meanwhile does not come into being. */
	assert_int_equal(accounts_token_create(p->db, &late, 10, secret, &err), DB_NOT_FOUND);
	assert_int_equal(accounts_user_delete(p->db, SLICE("ann"), &now, &err), DB_NOT_FOUND);
	assert_int_equal(
	    accounts_user_change(p->db, SLICE("ann"), &changes[0], &now, &err), DB_NOT_FOUND);
}

static void test_last_admin_stays(void **state)
{
	struct place *p = *state;
	const struct accounts_change lock = {.set_locked = true, .locked = true},
				     unlock = {.set_locked = true},
				     lower = {.set_role = true, .grant.role = ACCESS_ROLE_OPERATOR},
				     password = {.set_password = true, .password = "x"};
	struct accounts_change part = {.set_scope = true};
	struct accounts_user user;
	struct error err;

	add(p->db, "ops", ACCESS_ROLE_ADMIN);
	add(p->db, "ann", ACCESS_ROLE_OPERATOR);
	assert_int_equal(
	    accounts_user_change(p->db, SLICE("ops"), &lock, &user, &err), DB_CONFLICT);
	assert_string_equal(err.code, "last_admin");
	assert_int_equal(
	    accounts_user_change(p->db, SLICE("ops"), &lower, &user, &err), DB_CONFLICT);
	assert_int_equal(accounts_user_delete(p->db, SLICE("ops"), &user, &err), DB_CONFLICT);
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &password, &user, &err), DB_OK);
	/* A locked admin is none that could help. */
	add(p->db, "two", ACCESS_ROLE_ADMIN);
	assert_int_equal(accounts_user_change(p->db, SLICE("two"), &lock, &user, &err), DB_OK);
	/* Nor is one who sees a part only. */
	add(p->db, "three", ACCESS_ROLE_ADMIN);
	access_grant_set_scope(&part.grant, SLICE("from:shop"));
	assert_int_equal(accounts_user_change(p->db, SLICE("three"), &part, &user, &err), DB_OK);
	assert_int_equal(
	    accounts_user_change(p->db, SLICE("ops"), &part, &user, &err), DB_CONFLICT);
	assert_int_equal(accounts_user_delete(p->db, SLICE("ops"), &user, &err), DB_CONFLICT);
	assert_int_equal(accounts_user_change(p->db, SLICE("two"), &unlock, &user, &err), DB_OK);
	assert_int_equal(accounts_user_delete(p->db, SLICE("ops"), &user, &err), DB_OK);
}

/* What may be given and taken away goes by the role, and is forgotten where it counts no more. */
static void test_rights_of_an_account(void **state)
{
	struct place *p = *state;
	const uint32_t content = ACCESS_RIGHT_BIT(RIGHT_CONTENT),
		       settings = ACCESS_RIGHT_BIT(RIGHT_SETTINGS);
	const struct accounts_change give = {.set_given = true, .grant.given = settings},
				     take = {.set_taken = true, .grant.taken = content},
				     lower = {.set_role = true, .grant.role = ACCESS_ROLE_VIEWER},
				     see = {.set_given = true, .grant.given = content};
	struct accounts_change scope = {.set_scope = true};
	struct accounts_user user;
	struct error err;

	add(p->db, "ops", ACCESS_ROLE_OPERATOR);
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &give, &user, &err), DB_OK);
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &take, &user, &err), DB_OK);
	assert_true(user.grant.given == settings && user.grant.taken == content);
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &see, &user, &err), DB_REFUSED);
	assert_string_equal(err.code, "bad_right");
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &lower, &user, &err), DB_OK);
	assert_true(user.grant.given == 0 && user.grant.taken == 0);
	access_grant_set_scope(&scope.grant, SLICE("from:shop"));
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &see, &user, &err), DB_OK);
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &scope, &user, &err), DB_OK);
	assert_int_equal(accounts_user_by_name(p->db, SLICE("ops"), &user, &err), DB_OK);
	assert_true(user.grant.scoped && user.grant.given == content);
	assert_string_equal(user.grant.scope, "from:shop");
	scope.grant.scoped = false;
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &scope, &user, &err), DB_OK);
	assert_int_equal(accounts_user_by_name(p->db, SLICE("ops"), &user, &err), DB_OK);
	assert_false(user.grant.scoped);
}

static bool file_contains(const char *path, const char *text)
{
	BUFFER_AUTO struct buffer b = {0};

	return fd_read_file(path, 64 << 20, &b, NULL) &&
	       slice_find(buffer_slice(&b), slice_of(text)) >= 0;
}

static void test_secrets(void **state)
{
	struct place *p = *state;
	struct accounts_token t = {
	    .name = "script", .grant.role = ACCESS_ROLE_OPERATOR, .expires = 100};
	struct accounts_token login = {.name = "demo",
				  .grant.role = ACCESS_ROLE_ADMIN,
				  .once = true},
			      found;
	char secret[ACCOUNTS_SECRET_SIZE], once[ACCOUNTS_SECRET_SIZE], wal[100];
	unsigned char key[ACCOUNTS_KEY_SIZE];
	struct accounts_all all;
	struct error err;

	assert_int_equal(accounts_token_create(p->db, &t, 50, secret, &err), DB_OK);
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	assert_true(file_contains(wal, "script") || file_contains(p->path, "script"));
	assert_false(file_contains(wal, secret) || file_contains(p->path, secret));
	assert_int_equal(accounts_load(p->db, 60, 0, &all, &err), DB_OK);
	assert_int_equal(all.secret_count, 1);
	accounts_key(slice_of(secret), key);
	assert_memory_equal(all.secrets[0].key, key, sizeof(key));
	assert_true(all.secrets[0].is_token && !all.secrets[0].once);
	assert_int_equal(all.secrets[0].grant.role, ACCESS_ROLE_OPERATOR);
	assert_string_equal(all.secrets[0].name, "script");
	accounts_all_free(&all);
	assert_int_equal(accounts_load(p->db, 100, 0, &all, &err), DB_OK);
	assert_int_equal(all.secret_count, 0);
	/* Nothing has come from elsewhere since. */
	assert_int_equal(accounts_load(p->db, 100, all.version, &all, &err), DB_NOT_FOUND);
	/* A link is good for one login. */
	assert_int_equal(accounts_token_create(p->db, &login, 50, once, &err), DB_OK);
	assert_int_equal(
	    accounts_token_redeem(p->db, slice_of(secret), 60, &found, &err), DB_NOT_FOUND);
	assert_int_equal(accounts_token_redeem(p->db, slice_of(once), 60, &found, &err), DB_OK);
	assert_int_equal(
	    accounts_token_redeem(p->db, slice_of(once), 60, &found, &err), DB_NOT_FOUND);
}

/* What the audit says of a token must not be said of somebody else. */
static void test_tokens_of_an_account(void **state)
{
	struct place *p = *state;
	struct accounts_user ann = add(p->db, "ann", ACCESS_ROLE_VIEWER);
	const char *const taken[] = {"ops", "OPS", "root"}, *const free[] = {"ann", "script"};
	struct accounts_token t = {.grant.role = ACCESS_ROLE_VIEWER, .user_id = ann.id};
	char secret[ACCOUNTS_SECRET_SIZE];
	struct error err;

	add(p->db, "ops", ACCESS_ROLE_ADMIN);
	for (size_t i = 0; i < 3; i++) {
		snprintf(t.name, sizeof(t.name), "%s", taken[i]);
		assert_int_equal(accounts_token_create(p->db, &t, 10, secret, &err), DB_REFUSED);
		assert_string_equal(err.code, "bad_name");
	}
	for (size_t i = 0; i < 2; i++) {
		snprintf(t.name, sizeof(t.name), "%s", free[i]);
		assert_int_equal(accounts_token_create(p->db, &t, 10, secret, &err), DB_OK);
	}
	for (size_t i = 2; i < ACCOUNTS_TOKENS_MAX; i++)
		assert_int_equal(accounts_token_create(p->db, &t, 10, secret, &err), DB_OK);
	assert_int_equal(accounts_token_create(p->db, &t, 10, secret, &err), DB_REFUSED);
	assert_string_equal(err.code, "too_many_tokens");
	/* A link for somebody who has an account as well. */
	snprintf(t.name, sizeof(t.name), "ops");
	t.once = true;
	assert_int_equal(accounts_token_create(p->db, &t, 10, secret, &err), DB_OK);
}

static enum db_result for_user(struct db *db, const struct accounts_user *user,
    struct accounts_session *s, char secret[ACCOUNTS_SECRET_SIZE])
{
	return accounts_session_for_user(
	    db, user->id, slice_of(user->name), user->password, s, 10, secret, NULL);
}

static void test_sessions(void **state)
{
	struct place *p = *state;
	const struct accounts_change password = {.set_password = true, .password = "new"};
	struct accounts_user ops = add(p->db, "ops", ACCESS_ROLE_VIEWER), now;
	struct accounts_session s = {.expires = 1000};
	char secret[ACCOUNTS_SECRET_SIZE];
	struct error err;

	assert_int_equal(for_user(p->db, &ops, &s, secret), DB_OK);
	assert_string_equal(s.who, "ops");
	assert_int_equal(s.grant.role, ACCESS_ROLE_VIEWER);
	assert_int_equal(secrets(p->db), 1);
	assert_int_equal(accounts_session_end(p->db, slice_of(secret), &err), DB_OK);
	assert_int_equal(accounts_session_end(p->db, slice_of(secret), &err), DB_OK);
	assert_int_equal(secrets(p->db), 0);
	/* The password was right when it was checked, but not any more. */
	assert_int_equal(accounts_user_change(p->db, SLICE("ops"), &password, &now, &err), DB_OK);
	assert_int_equal(for_user(p->db, &ops, &s, secret), DB_NOT_FOUND);
	assert_int_equal(for_user(p->db, &now, &s, secret), DB_OK);
	/* Whatever was shown that is no password. */
	assert_int_equal(
	    accounts_session_for_user(p->db, ops.id, SLICE("ops"), "", &s, 10, secret, &err),
	    DB_OK);
	assert_int_equal(accounts_expire(p->db, 2000, &err), DB_OK);
	assert_int_equal(secrets(p->db), 0);
}

static void test_device_key(void **state)
{
	struct place *p = *state;
	unsigned char one[ACCOUNTS_KEY_SIZE] = {0}, two[ACCOUNTS_KEY_SIZE] = {1},
		      none[ACCOUNTS_KEY_SIZE] = {0};
	struct error err;

	assert_int_equal(accounts_device_key(p->db, one, &err), DB_OK);
	assert_memory_not_equal(one, none, sizeof(one));
	assert_int_equal(accounts_device_key(p->db, two, &err), DB_OK);
	assert_memory_equal(one, two, sizeof(one));
}

static void checked(void *context, struct hashing_task *task)
{
	unsigned *count = context;

	assert_int_equal(task->password[0], 0); /* wiped */
	*count += task->good;
}

static void test_hashing(void **state)
{
	static struct hashing_task make = {.make = true, .password = "right", .password_len = 5},
				   fits, not, more[HASHING_WAITING + 5];
	struct hashing *hashing = hashing_create();
	unsigned good = 0, started = 0;

	(void)state;
	assert_true(hashing_start(hashing, HASHING_KNOWN, &make, checked, &good));
	while (good == 0) {
		struct pollfd fd = {hashing_fd(hashing), POLLIN, 0};

		assert_int_equal(poll(&fd, 1, 60000), 1);
		hashing_dispatch(hashing);
	}
	fits = (struct hashing_task){.password = "right", .password_len = 5};
	not = (struct hashing_task){.password = "wrong", .password_len = 5};
	memcpy(fits.hash, make.hash, sizeof(make.hash));
	memcpy(not .hash, make.hash, sizeof(make.hash));
	/* Strangers fill their lane, and the others stay free. */
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		more[i] = (struct hashing_task){.hash = "no hash"};
		started += hashing_start(hashing, HASHING_STRANGER, &more[i], checked, &good);
	}
	assert_true(started >= HASHING_WAITING);
	assert_true(hashing_start(hashing, HASHING_KNOWN, &fits, checked, &good));
	assert_true(hashing_start(hashing, HASHING_FRESH, &not, checked, &good));
	hashing_destroy(&hashing);
	assert_int_equal(good, 2);
	assert_true(fits.good && !not .good);
}

/* In which order strangers are served. */
struct order {
	struct hashing_task task;
	char letter;
	char *done;
};

static void note_order(void *context, struct hashing_task *task)
{
	struct order *order = context;

	(void)task;
	if (order->letter != 'k')
		order->done[strlen(order->done)] = order->letter;
}

/* Those from fresh addresses come before those who wait already, and not for ever. Known people
 * keep both threads at work until all wait. */
static void test_fresh_strangers_first(void **state)
{
	static const char letters[] = "kkkkkkkkkkkksssffffff";
	static const enum hashing_lane lanes[] = {
	    ['k'] = HASHING_KNOWN, ['s'] = HASHING_STRANGER, ['f'] = HASHING_FRESH};
	static struct order orders[sizeof(letters) - 1];
	struct hashing *hashing = hashing_create();
	char done[sizeof(letters)] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(letters) - 1; i++) {
		orders[i] =
		    (struct order){.task = {.make = true, .password = "slow", .password_len = 4},
			.letter = letters[i],
			.done = done};
		assert_true(hashing_start(hashing, lanes[(unsigned char)letters[i]],
		    &orders[i].task, note_order, &orders[i]));
	}
	hashing_destroy(&hashing);
	assert_string_equal(done, "fffsfffss");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {TEST(test_names), TEST(test_passwords),
	    TEST(test_changes_end_what_there_was), TEST(test_last_admin_stays),
	    TEST(test_rights_of_an_account), TEST(test_tokens_of_an_account), TEST(test_secrets),
	    TEST(test_sessions), TEST(test_device_key), TEST(test_hashing),
	    TEST(test_fresh_strangers_first)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
