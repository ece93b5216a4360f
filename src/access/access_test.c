#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "access/access.h"
#include "access/device.h"
#include "base/clock.h"
#include "store/store.h"
#include "store/store_test_place.h"

/* The service's store, and `place->db` as another process that changes the same file. */
struct world {
	struct place *place;
	struct store *store;
	struct access *access;
	int reads, failures;
};

static void was_read(void *context, const struct error *err)
{
	struct world *w = context;

	w->reads++;
	w->failures += err != NULL;
}

static void tick(struct world *w)
{
	access_tick(w->access);
	while (store_pending(w->store) > 0) {
		struct pollfd answer = {.fd = store_fd(w->store), .events = POLLIN};

		assert_true(poll(&answer, 1, -1) >= 0);
		store_dispatch(w->store);
	}
}

static struct world begin(void **state)
{
	return (struct world){
	    .place = *state, .store = store_create(((struct place *)*state)->path)};
}

static void end(struct world *w)
{
	store_destroy(&w->store);
	access_destroy(&w->access);
}

static struct accounts_user add_user(struct db *db, const char *name, enum access_role role)
{
	struct accounts_user user;

	assert_int_equal(
	    accounts_user_add(db, slice_of(name), "hash", role, 7, &user, NULL), DB_OK);
	return user;
}

static const struct caller *find(struct world *w, const char *secret, enum credentials_kind kind)
{
	return credentials_find(access_credentials(w->access), slice_of(secret), kind, clock_now());
}

static void test_who_may_come_in(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_OPERATOR);
	struct accounts_token script = {.name = "script", .role = ACCESS_ROLE_VIEWER},
			      over = {.name = "over", .role = ACCESS_ROLE_ADMIN, .expires = 8};
	struct accounts_session session = {.expires = clock_now() + 1000};
	char token[ACCOUNTS_SECRET_SIZE], old[ACCOUNTS_SECRET_SIZE], cookie[ACCOUNTS_SECRET_SIZE];
	const struct caller *caller;

	assert_int_equal(accounts_token_create(w.place->db, &script, 7, token, NULL), DB_OK);
	assert_int_equal(accounts_token_create(w.place->db, &over, 7, old, NULL), DB_OK);
	assert_int_equal(
	    accounts_session_for_user(w.place->db, &ann, &session, 7, cookie, NULL), DB_OK);
	w.access = access_create(w.store, was_read, &w);
	assert_false(access_loaded(w.access));
	assert_null(find(&w, token, CREDENTIALS_TOKEN));
	tick(&w);
	assert_true(access_loaded(w.access) && w.reads == 1 && w.failures == 0);

	caller = find(&w, token, CREDENTIALS_TOKEN);
	assert_non_null(caller);
	assert_string_equal(caller->name, "script");
	assert_true(caller->role == ACCESS_ROLE_VIEWER && caller->scope == NULL);
	assert_int_equal(caller->via, CALLER_VIA_TOKEN);
	caller = find(&w, cookie, CREDENTIALS_SESSION);
	assert_non_null(caller);
	assert_true(caller->role == ACCESS_ROLE_OPERATOR && caller->user == (uint64_t)ann.id);
	/* Each secret opens its own door only. */
	assert_null(find(&w, token, CREDENTIALS_SESSION));
	assert_null(find(&w, cookie, CREDENTIALS_TOKEN));
	assert_null(find(&w, old, CREDENTIALS_TOKEN));
	assert_null(find(&w, "postroom_", CREDENTIALS_TOKEN));
	assert_null(find(&w, "", CREDENTIALS_SESSION));
	end(&w);
}

/* The command line changes the database beside the service. */
static void test_changes_of_others(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_ADMIN);
	struct accounts_token t = {.name = "t", .role = ACCESS_ROLE_ADMIN, .user_id = ann.id};
	struct accounts_change lock = {.set_locked = true, .locked = true};
	char secret[ACCOUNTS_SECRET_SIZE];

	add_user(w.place->db, "ops", ACCESS_ROLE_ADMIN);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	assert_int_equal(accounts_token_create(w.place->db, &t, 7, secret, NULL), DB_OK);
	assert_null(find(&w, secret, CREDENTIALS_TOKEN));
	tick(&w);
	assert_non_null(find(&w, secret, CREDENTIALS_TOKEN));
	assert_int_equal(accounts_user_change(w.place->db, SLICE("ann"), &lock, &ann, NULL), DB_OK);
	tick(&w);
	assert_null(find(&w, secret, CREDENTIALS_TOKEN));
	assert_true(credentials_account(access_credentials(w.access), SLICE("ann"))->user.locked);
	end(&w);
}

/* What a damaged database says of a role opens nothing. */
static void test_damaged_role(void **state)
{
	struct world w = begin(state);
	struct accounts_token t = {.name = "t", .role = (enum access_role)77};
	char secret[ACCOUNTS_SECRET_SIZE];
	const struct caller *caller;

	assert_int_equal(accounts_token_create(w.place->db, &t, 7, secret, NULL), DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	caller = find(&w, secret, CREDENTIALS_TOKEN);
	for (int right = 0; caller != NULL && right < RIGHTS; right++)
		assert_false(access_role_has(caller->role, (enum access_right)right));
	end(&w);
}

static void test_known_people(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_VIEWER);
	struct accounts_session session = {.expires = clock_now() + 1000};
	char cookie[ACCOUNTS_SECRET_SIZE], device[DEVICE_COOKIE_SIZE];
	struct slice none = SLICE(""), ours = SLICE("ann"), other = SLICE("bob");
	const char *peer = "192.0.2.1:50000";
	uint64_t by_session, by_device, by_address;

	add_user(w.place->db, "bob", ACCESS_ROLE_VIEWER);
	assert_int_equal(
	    accounts_session_for_user(w.place->db, &ann, &session, 7, cookie, NULL), DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	assert_null(access_device_key(w.access));
	tick(&w);
	assert_non_null(access_device_key(w.access));
	device_cookie_make(access_device_key(w.access), ours, device);

	assert_int_equal(access_known(w.access, ours, peer, none, none), 0);
	by_session = access_known(w.access, ours, peer, slice_of(cookie), none);
	by_device = access_known(w.access, ours, peer, none, slice_of(device));
	access_note_address(w.access, ours, peer);
	by_address = access_known(w.access, ours, "192.0.2.1:50001", none, none);
	assert_true(by_session != 0 && by_device != 0 && by_address != 0);
	assert_true(by_session != by_device && by_device != by_address && by_session != by_address);
	/* For another name he is a stranger, and so is another address for this one. */
	assert_int_equal(
	    access_known(w.access, other, peer, slice_of(cookie), slice_of(device)), 0);
	assert_int_equal(access_known(w.access, ours, "192.0.2.2:50000", none, none), 0);
	/* A cookie that was changed by one letter is none. */
	device[0] = device[0] == 'A' ? 'B' : 'A';
	assert_int_equal(access_known(w.access, ours, "192.0.2.2:1", none, slice_of(device)), 0);
	end(&w);
}

/* Addresses outlive a reading, and the oldest makes room. */
static void test_addresses(void **state)
{
	struct world w = begin(state);
	struct slice none = SLICE(""), ann = SLICE("ann");
	struct accounts_token t = {.name = "t", .role = ACCESS_ROLE_VIEWER};
	char peer[40], secret[ACCOUNTS_SECRET_SIZE];

	add_user(w.place->db, "ann", ACCESS_ROLE_VIEWER);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	for (int i = 0; i <= CREDENTIALS_ADDRESSES; i++) {
		snprintf(peer, sizeof(peer), "192.0.2.%d:1", i);
		access_note_address(w.access, ann, peer);
	}
	assert_int_equal(accounts_token_create(w.place->db, &t, 7, secret, NULL), DB_OK);
	tick(&w);
	assert_int_equal(access_known(w.access, ann, "192.0.2.0:1", none, none), 0);
	assert_true(access_known(w.access, ann, "192.0.2.1:1", none, none) != 0);
	assert_true(access_known(w.access, ann, peer, none, none) != 0);
	access_note_address(w.access, SLICE("nobody"), peer);
	assert_int_equal(access_known(w.access, SLICE("nobody"), peer, none, none), 0);
	end(&w);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {TEST(test_who_may_come_in), TEST(test_changes_of_others),
	    TEST(test_damaged_role), TEST(test_known_people), TEST(test_addresses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
