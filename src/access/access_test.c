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
	struct access_grant grant = {.role = role};
	struct accounts_user user;

	assert_int_equal(
	    accounts_user_add(db, slice_of(name), "hash", &grant, 7, &user, NULL), DB_OK);
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
	struct accounts_token script = {.name = "script", .grant.role = ACCESS_ROLE_VIEWER},
			      over = {
				  .name = "over", .grant.role = ACCESS_ROLE_ADMIN, .expires = 8};
	struct accounts_session session = {.expires = clock_now() + 1000};
	char token[ACCOUNTS_SECRET_SIZE], old[ACCOUNTS_SECRET_SIZE], cookie[ACCOUNTS_SECRET_SIZE];
	const struct caller *caller;

	assert_int_equal(accounts_token_create(w.place->db, &script, 7, token, NULL), DB_OK);
	assert_int_equal(accounts_token_create(w.place->db, &over, 7, old, NULL), DB_OK);
	assert_int_equal(accounts_session_for_user(
			     w.place->db, ann.id, SLICE("ann"), "hash", &session, 7, cookie, NULL),
	    DB_OK);
	w.access = access_create(w.store, was_read, &w);
	assert_false(access_loaded(w.access));
	assert_null(find(&w, token, CREDENTIALS_TOKEN));
	tick(&w);
	assert_true(access_loaded(w.access) && w.reads == 1 && w.failures == 0);

	caller = find(&w, token, CREDENTIALS_TOKEN);
	assert_non_null(caller);
	assert_string_equal(caller->name, "script");
	assert_true(caller->role == ACCESS_ROLE_VIEWER && caller->scope == NULL);
	assert_int_equal(caller->via, VIA_TOKEN);
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
	struct accounts_token t = {.name = "t", .grant.role = ACCESS_ROLE_ADMIN, .user_id = ann.id};
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
	struct accounts_token t = {.name = "t", .grant.role = (enum access_role)77};
	char secret[ACCOUNTS_SECRET_SIZE];
	const struct caller *caller;

	assert_int_equal(accounts_token_create(w.place->db, &t, 7, secret, NULL), DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	caller = find(&w, secret, CREDENTIALS_TOKEN);
	for (int right = 0; caller != NULL && right < RIGHTS; right++)
		assert_int_equal(
		    caller_may(caller, (enum access_right)right), right == RIGHT_PUBLIC);
	end(&w);
}

/* An account's secrets open what both may, and see what both see, as the account is now. */
static void test_never_more_than_the_account(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_OPERATOR);
	struct accounts_token t = {.name = "t", .user_id = ann.id};
	struct credentials_account *account;
	char secret[ACCOUNTS_SECRET_SIZE];
	const struct caller *caller;

	t.grant = (struct access_grant){.role = ACCESS_ROLE_ADMIN};
	assert_int_equal(accounts_token_create(w.place->db, &t, 7, secret, NULL), DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	caller = find(&w, secret, CREDENTIALS_TOKEN);
	assert_true(caller_may(caller, RIGHT_OPERATOR) && caller->scope == NULL);
	assert_false(caller_may(caller, RIGHT_ACCOUNTS) || caller_may(caller, RIGHT_SETTINGS));
	/* Whatever becomes of the account counts at the next use. */
	account = credentials_account(access_credentials(w.access), SLICE("ann"));
	account->user.grant.taken = ACCESS_RIGHT_BIT(RIGHT_CONTENT);
	access_grant_set_scope(&account->user.grant, SLICE("from:a or from:b"));
	caller = find(&w, secret, CREDENTIALS_TOKEN);
	assert_false(caller_may(caller, RIGHT_CONTENT) || caller_may(caller, RIGHT_PAUSES));
	assert_string_equal(caller->scope, "from:a or from:b");
	account->user.locked = true;
	assert_null(find(&w, secret, CREDENTIALS_TOKEN));
	account->user.locked = false;
	assert_non_null(find(&w, secret, CREDENTIALS_TOKEN));
	credentials_drop_account(access_credentials(w.access), SLICE("ann"));
	assert_null(find(&w, secret, CREDENTIALS_TOKEN));
	end(&w);
}

static void test_both_scopes_hold(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_ADMIN), now;
	struct accounts_change scope = {.set_scope = true};
	struct accounts_token t = {.name = "t", .user_id = ann.id}, free = {.name = "f"};
	char secret[ACCOUNTS_SECRET_SIZE], other[ACCOUNTS_SECRET_SIZE];
	struct db_statement *s;

	add_user(w.place->db, "ops", ACCESS_ROLE_ADMIN);
	access_grant_set_scope(&scope.grant, SLICE("from:a"));
	assert_int_equal(
	    accounts_user_change(w.place->db, SLICE("ann"), &scope, &now, NULL), DB_OK);
	t.grant.role = free.grant.role = ACCESS_ROLE_ADMIN;
	access_grant_set_scope(&t.grant, SLICE("to:b"));
	access_grant_set_scope(&free.grant, SLICE("to:c"));
	assert_int_equal(accounts_token_create(w.place->db, &t, 7, secret, NULL), DB_OK);
	assert_int_equal(accounts_token_create(w.place->db, &free, 7, other, NULL), DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	assert_string_equal(find(&w, secret, CREDENTIALS_TOKEN)->scope, "from:a\x1eto:b");
	assert_string_equal(find(&w, other, CREDENTIALS_TOKEN)->scope, "to:c");
	/* Only NULL in the database is no scope: the empty text opens nothing. */
	s = db_statement(w.place->db, "UPDATE users SET scope = '' WHERE name = 'ann'", NULL);
	assert_int_equal(db_run(s, NULL), DB_OK);
	tick(&w);
	assert_string_equal(find(&w, secret, CREDENTIALS_TOKEN)->scope, "(\x1eto:b");
	end(&w);
}

static void test_names_without_case(void **state)
{
	struct world w = begin(state);
	struct accounts_user bob;
	char name[ACCOUNTS_NAME_MAX + 1];

	add_user(w.place->db, "Ann", ACCESS_ROLE_VIEWER);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	credentials_name_meant(access_credentials(w.access), SLICE("aNN"), name);
	assert_string_equal(name, "Ann");
	credentials_name_meant(access_credentials(w.access), SLICE("NOBODY"), name);
	assert_string_equal(name, "nobody");
	/* Two from before: each is meant only as it is written. */
	bob = credentials_account(access_credentials(w.access), SLICE("Ann"))->user;
	snprintf(bob.name, sizeof(bob.name), "ann");
	credentials_set_account(access_credentials(w.access), &bob);
	credentials_name_meant(access_credentials(w.access), SLICE("Ann"), name);
	assert_string_equal(name, "Ann");
	credentials_name_meant(access_credentials(w.access), SLICE("ann"), name);
	assert_string_equal(name, "ann");
	credentials_name_meant(access_credentials(w.access), SLICE("ANN"), name);
	assert_string_equal(name, "ann");
	assert_null(credentials_account(access_credentials(w.access), SLICE("ANN")));
	end(&w);
}

static int64_t boot_now(void)
{
	return clock_boot_us() / 1000000;
}

static const struct caller *use(
    struct world *w, const char *secret, int64_t now, int64_t boot, const char *peer)
{
	const struct credentials_use use = {now, boot, peer};

	return credentials_use(
	    access_credentials(w->access), slice_of(secret), CREDENTIALS_SESSION, &use);
}

/* By the clock that never steps, whatever the one on the wall says. */
static void test_sessions_end(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_VIEWER);
	struct accounts_session s = {.expires = clock_now() + 43200};
	char cookie[ACCOUNTS_SECRET_SIZE], other[ACCOUNTS_SECRET_SIZE];
	int64_t now = clock_now(), boot;
	struct credentials *credentials;
	struct accounts_ended gone[2];
	uint64_t ended;

	assert_int_equal(accounts_session_for_user(
			     w.place->db, ann.id, SLICE("ann"), "hash", &s, now, cookie, NULL),
	    DB_OK);
	assert_int_equal(accounts_session_for_user(
			     w.place->db, ann.id, SLICE("ann"), "hash", &s, now, other, NULL),
	    DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	credentials = access_credentials(w.access);
	credentials_set_idle(credentials, 3600);
	ended = credentials_ended(credentials);
	boot = boot_now();
	assert_non_null(use(&w, cookie, now, boot + 3500, "192.0.2.1:1"));
	/* Used an hour ago at the least, and a moment ago. */
	assert_int_equal(credentials_expire(credentials, now, boot + 3700, gone, 2), 1);
	assert_true(gone[0].id == s.id && !gone[0].is_token);
	assert_int_equal(credentials_ended(credentials), ended + 1);
	assert_null(find(&w, other, CREDENTIALS_SESSION));
	assert_non_null(find(&w, cookie, CREDENTIALS_SESSION));
	credentials_set_idle(credentials, 0);
	/* The clock is set back by a day: 12 hours are over all the same. */
	assert_non_null(use(&w, cookie, now - 86400, boot + 43000, "192.0.2.1:1"));
	assert_null(use(&w, cookie, now - 86400, boot + 43300, "192.0.2.1:1"));
	/* Set on by a day: it ends early. */
	assert_null(use(&w, cookie, now + 86400, boot + 10, "192.0.2.1:1"));
	credentials_end_sessions_of(credentials, (uint64_t)ann.id, 0);
	assert_false(credentials_holds(
	    credentials, &(struct caller){.via = VIA_SESSION, .id = (uint64_t)s.id}));
	end(&w);
}

/* What somebody has by a link is not his whose account it is. */
static void test_own_account(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_ADMIN);
	struct accounts_session mine = {.expires = clock_now() + 9, .how = ACCOUNTS_BY_PASSWORD},
				guest = {.who = "guest",
				    .user_id = ann.id,
				    .expires = clock_now() + 9,
				    .how = ACCOUNTS_BY_LINK,
				    .grant.role = ACCESS_ROLE_VIEWER};
	char own[ACCOUNTS_SECRET_SIZE], by_link[ACCOUNTS_SECRET_SIZE];

	assert_int_equal(accounts_session_for_user(w.place->db, ann.id, SLICE("ann"), "hash", &mine,
			     clock_now(), own, NULL),
	    DB_OK);
	assert_int_equal(
	    accounts_session_create(w.place->db, &guest, clock_now(), by_link, NULL), DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	assert_int_equal(caller_account(find(&w, own, CREDENTIALS_SESSION)), ann.id);
	assert_int_equal(find(&w, by_link, CREDENTIALS_SESSION)->user, ann.id);
	assert_int_equal(caller_account(find(&w, by_link, CREDENTIALS_SESSION)), 0);
	end(&w);
}

#define ISSUER "https://login.example"
#define DAY ((int64_t)86400)

/* Ann has come by an issuer, with one group, and made a token. */
static void come_by_issuer(struct world *w, const char *group, char cookie[ACCOUNTS_SECRET_SIZE],
    char token[ACCOUNTS_SECRET_SIZE])
{
	struct person ann = {.way = PERSON_BY_ISSUER,
	    .origin = (char *)ISSUER,
	    .subject = (char *)"s-ann",
	    .name = "ann",
	    .groups = (char *)group,
	    .groups_len = strlen(group) + 1,
	    .seen = clock_now()};
	struct accounts_session s = {.who = "ann",
	    .expires = clock_now() + 90 * DAY,
	    .how = ACCOUNTS_BY_OIDC,
	    .grant.role = ACCESS_ROLE_VIEWER};
	struct accounts_token t = {.name = "script", .grant.role = ACCESS_ROLE_ADMIN};

	assert_int_equal(person_write(w->place->db, &ann, NULL), DB_OK);
	s.person_id = t.person_id = ann.id;
	assert_int_equal(
	    accounts_session_create(w->place->db, &s, clock_now(), cookie, NULL), DB_OK);
	assert_int_equal(accounts_token_create(w->place->db, &t, clock_now(), token, NULL), DB_OK);
}

static void set_rules(struct world *w, const char *lines, const char *issuer)
{
	struct people_rules rules = {.groups = groups_create(), .issuer = issuer, .away = 14 * DAY};

	assert_true(groups_add_lines(rules.groups, slice_of(lines), NULL));
	credentials_set_rules(access_credentials(w->access), &rules);
}

static void test_a_locked_name_ends_what_an_issuer_opened(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "Ann", ACCESS_ROLE_VIEWER);
	struct accounts_change lock = {.set_locked = true, .locked = true};
	char cookie[ACCOUNTS_SECRET_SIZE], token[ACCOUNTS_SECRET_SIZE];
	struct caller caller;

	come_by_issuer(&w, "mail", cookie, token);
	w.access = access_create(w.store, NULL, NULL);
	set_rules(&w, "mail = viewer", ISSUER);
	tick(&w);
	caller = *find(&w, cookie, CREDENTIALS_SESSION);
	assert_non_null(find(&w, cookie, CREDENTIALS_SESSION));
	assert_int_equal(accounts_user_change(w.place->db, SLICE("Ann"), &lock, &ann, NULL), DB_OK);
	tick(&w);
	assert_null(find(&w, cookie, CREDENTIALS_SESSION));
	assert_null(find(&w, token, CREDENTIALS_TOKEN));
	assert_false(credentials_holds(access_credentials(w.access), &caller));
	end(&w);
}

/* Whoever has come by a group has what the table gives it now, and so has his token. */
static void test_rights_follow_the_table_of_groups(void **state)
{
	struct world w = begin(state);
	char cookie[ACCOUNTS_SECRET_SIZE], token[ACCOUNTS_SECRET_SIZE];
	struct accounts_ended gone[4];
	struct credentials *credentials;
	const struct caller *caller;
	struct caller session, script;
	struct accounts_all all;
	uint64_t ended;

	come_by_issuer(&w, "mail", cookie, token);
	w.access = access_create(w.store, NULL, NULL);
	credentials = access_credentials(w.access);
	set_rules(&w, "mail = operator", ISSUER);
	tick(&w);
	/* As the table has him, whatever it was when he signed in. */
	session = *find(&w, cookie, CREDENTIALS_SESSION);
	script = *find(&w, token, CREDENTIALS_TOKEN);
	assert_true(session.role == ACCESS_ROLE_OPERATOR && caller_may(&session, RIGHT_OPERATOR));
	assert_true(caller_may(&script, RIGHT_CONTENT) && !caller_may(&script, RIGHT_ACCOUNTS));
	assert_string_equal(script.owner, "ann");
	assert_true(credentials_holds(credentials, &session));

	ended = credentials_ended(credentials);
	set_rules(&w, "mail = operator -content scope to:a", ISSUER);
	assert_true(credentials_ended(credentials) > ended);
	/* Streams that were opened before end. */
	assert_false(credentials_holds(credentials, &session));
	assert_false(credentials_holds(credentials, &script));
	caller = find(&w, cookie, CREDENTIALS_SESSION);
	assert_false(caller_may(caller, RIGHT_CONTENT));
	assert_string_equal(caller->scope, "to:a");
	caller = find(&w, token, CREDENTIALS_TOKEN);
	assert_false(caller_may(caller, RIGHT_CONTENT));
	assert_string_equal(caller->scope, "to:a");
	/* The same table again is no news. */
	session = *find(&w, cookie, CREDENTIALS_SESSION);
	ended = credentials_ended(credentials);
	set_rules(&w, "mail = operator -content scope to:a", ISSUER);
	assert_true(credentials_ended(credentials) == ended);
	assert_true(credentials_holds(credentials, &session));

	/* Another issuer's people are others; and a group that is gone gives nothing. */
	set_rules(&w, "mail = operator", "https://other.example");
	assert_null(find(&w, cookie, CREDENTIALS_SESSION));
	set_rules(&w, "others = operator", ISSUER);
	assert_null(find(&w, cookie, CREDENTIALS_SESSION));
	assert_null(find(&w, token, CREDENTIALS_TOKEN));
	assert_int_equal(credentials_expire(credentials, clock_now(), boot_now(), gone, 4), 2);
	assert_int_equal(accounts_end(w.place->db, gone, 2, NULL), DB_OK);
	/* For good: the group's coming back brings nothing back. */
	set_rules(&w, "mail = operator", ISSUER);
	assert_null(find(&w, token, CREDENTIALS_TOKEN));
	assert_int_equal(accounts_expire(w.place->db, clock_now(), NULL), DB_OK);
	assert_int_equal(accounts_load(w.place->db, clock_now(), 0, &all, NULL), DB_OK);
	assert_true(all.secret_count == 0 && all.person_count == 0);
	accounts_all_free(&all);
	end(&w);
}

/* Nobody can lock an account that there is not: who does not come any more has left. */
static void test_tokens_of_people_end_when_they_stay_away(void **state)
{
	struct world w = begin(state);
	char cookie[ACCOUNTS_SECRET_SIZE], token[ACCOUNTS_SECRET_SIZE];
	struct accounts_ended gone[4];
	struct credentials *credentials;
	struct person seen = {.way = PERSON_BY_ISSUER,
	    .origin = (char *)ISSUER,
	    .subject = (char *)"s-ann",
	    .name = "ann",
	    .groups = (char *)"mail",
	    .groups_len = 5,
	    .seen = clock_now()};
	struct person noted[2];
	int64_t now = clock_now(), boot = boot_now();

	come_by_issuer(&w, "mail", cookie, token);
	w.access = access_create(w.store, NULL, NULL);
	credentials = access_credentials(w.access);
	set_rules(&w, "mail = operator", ISSUER);
	tick(&w);
	assert_int_equal(credentials_expire(credentials, now, boot + 13 * DAY, gone, 4), 0);
	/* He comes again, with the same groups: nothing that had to be written at once. */
	assert_true(people_seen(credentials_people(credentials), &seen, boot + 13 * DAY));
	assert_int_equal(people_take_seen(credentials_people(credentials), noted, 2), 0);
	/* Whatever the clock on the wall says. */
	assert_int_equal(credentials_expire(credentials, now - DAY, boot + 26 * DAY, gone, 4), 0);
	assert_int_equal(credentials_expire(credentials, now - DAY, boot + 27 * DAY, gone, 4), 1);
	assert_true(gone[0].is_token);
	assert_null(find(&w, token, CREDENTIALS_TOKEN));
	/* With another group he has other rights at once, and they are written down. */
	seen.groups = (char *)"others";
	seen.groups_len = 7;
	assert_true(people_seen(credentials_people(credentials), &seen, boot));
	assert_null(find(&w, cookie, CREDENTIALS_SESSION));
	assert_int_equal(people_take_seen(credentials_people(credentials), noted, 2), 1);
	assert_int_equal(person_note(w.place->db, &noted[0], NULL), DB_OK);
	person_free(&noted[0]);
	end(&w);
}

/* His new groups could not be written down, and the accounts are read anew: they count all the
 * same, and are written down later. */
static void test_former_groups_do_not_come_back(void **state)
{
	struct world w = begin(state);
	char cookie[ACCOUNTS_SECRET_SIZE], token[ACCOUNTS_SECRET_SIZE];
	struct person seen = {.way = PERSON_BY_ISSUER,
	    .origin = (char *)ISSUER,
	    .subject = (char *)"s-ann",
	    .name = "ann",
	    .groups = (char *)"others",
	    .groups_len = 7,
	    .seen = clock_now()};
	struct person noted;
	struct people *people;

	come_by_issuer(&w, "mail", cookie, token);
	w.access = access_create(w.store, NULL, NULL);
	people = credentials_people(access_credentials(w.access));
	set_rules(&w, "mail = admin\nothers = viewer", ISSUER);
	tick(&w);
	assert_true(caller_may(find(&w, token, CREDENTIALS_TOKEN), RIGHT_OPERATOR));
	assert_true(people_seen(people, &seen, boot_now()));
	assert_int_equal(people_take_seen(people, &noted, 1), 1);
	person_free(&noted);
	add_user(w.place->db, "bob", ACCESS_ROLE_VIEWER);
	tick(&w);
	assert_non_null(credentials_account(access_credentials(w.access), SLICE("bob")));
	assert_false(caller_may(find(&w, token, CREDENTIALS_TOKEN), RIGHT_OPERATOR));
	assert_int_equal(people_take_seen(people, &noted, 1), 1);
	people_written(people, &noted, 1);
	person_free(&noted);
	assert_int_equal(people_take_seen(people, &noted, 1), 0);
	end(&w);
}

static void test_sessions_of_one_account_are_so_many(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_VIEWER),
			     bob = add_user(w.place->db, "bob", ACCESS_ROLE_VIEWER);
	struct accounts_session s = {.expires = clock_now() + 9, .how = ACCOUNTS_BY_PASSWORD};
	char first[ACCOUNTS_SECRET_SIZE], other[ACCOUNTS_SECRET_SIZE], cookie[ACCOUNTS_SECRET_SIZE];
	struct accounts_ended gone[4];
	struct credentials *credentials;
	const struct credentials_use now = {clock_now(), boot_now() + 5, "192.0.2.1:1"};

	assert_int_equal(accounts_session_for_user(w.place->db, bob.id, SLICE("bob"), "hash", &s,
			     clock_now(), other, NULL),
	    DB_OK);
	for (int i = 0; i <= ACCOUNTS_SESSIONS_MAX; i++)
		assert_int_equal(accounts_session_for_user(w.place->db, ann.id, SLICE("ann"),
				     "hash", &s, clock_now(), i == 0 ? first : cookie, NULL),
		    DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	credentials = access_credentials(w.access);
	/* It is the oldest, but in use. */
	assert_non_null(credentials_use(credentials, slice_of(first), CREDENTIALS_SESSION, &now));
	assert_int_equal(credentials_make_room(credentials, (uint64_t)s.id, gone, 4), 1);
	assert_true(gone[0].id != s.id && !gone[0].is_token);
	assert_int_equal(credentials_make_room(credentials, (uint64_t)s.id, gone, 4), 0);
	assert_non_null(find(&w, first, CREDENTIALS_SESSION));
	assert_non_null(find(&w, cookie, CREDENTIALS_SESSION));
	assert_non_null(find(&w, other, CREDENTIALS_SESSION));
	end(&w);
}

/* A stream asks nobody again: it must not go on past a code that is asked of everybody now. */
static void test_a_code_that_is_required_ends_what_is_open(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_VIEWER);
	struct accounts_session s = {.expires = clock_now() + 9, .how = ACCOUNTS_BY_PASSWORD};
	char cookie[ACCOUNTS_SECRET_SIZE];
	struct credentials *credentials;
	struct caller caller;
	uint64_t ended;

	assert_int_equal(accounts_session_for_user(w.place->db, ann.id, SLICE("ann"), "hash", &s,
			     clock_now(), cookie, NULL),
	    DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	credentials = access_credentials(w.access);
	caller = *find(&w, cookie, CREDENTIALS_SESSION);
	ended = credentials_ended(credentials);
	credentials_set_otp_required(credentials, true);
	assert_true(credentials_ended(credentials) > ended);
	assert_false(credentials_holds(credentials, &caller));
	/* What he opens to set one up goes on. */
	caller = *find(&w, cookie, CREDENTIALS_SESSION);
	assert_true(caller.must_otp && credentials_holds(credentials, &caller));
	credentials_account(credentials, SLICE("ann"))->user.otp = true;
	assert_true(credentials_holds(credentials, &caller));
	end(&w);
}

/* Kept in memory, and written down for all of them at once. */
static void test_last_use(void **state)
{
	struct world w = begin(state);
	struct accounts_user ann = add_user(w.place->db, "ann", ACCESS_ROLE_VIEWER);
	struct accounts_session s = {.expires = clock_now() + 43200};
	char cookie[ACCOUNTS_SECRET_SIZE];
	struct accounts_used used[4];
	struct credentials_item item;
	struct accounts_all all;
	int64_t now = clock_now();

	assert_int_equal(accounts_session_for_user(
			     w.place->db, ann.id, SLICE("ann"), "hash", &s, now, cookie, NULL),
	    DB_OK);
	w.access = access_create(w.store, NULL, NULL);
	tick(&w);
	assert_int_equal(credentials_take_used(access_credentials(w.access), used, 4), 0);
	assert_non_null(use(&w, cookie, now + 5, boot_now(), "192.0.2.1:50000"));
	assert_true(credentials_item(
	    access_credentials(w.access), CREDENTIALS_SESSION, (uint64_t)s.id, now, &item));
	assert_int_equal(item.used, now + 5);
	assert_string_equal(item.used_from, "192.0.2.1:50000");
	assert_int_equal(credentials_take_used(access_credentials(w.access), used, 4), 1);
	assert_int_equal(credentials_take_used(access_credentials(w.access), used, 4), 0);
	assert_int_equal(accounts_note_used(w.place->db, used, 1, NULL), DB_OK);
	assert_int_equal(accounts_load(w.place->db, now, 0, &all, NULL), DB_OK);
	assert_int_equal(all.secrets[0].used, now + 5);
	assert_string_equal(all.secrets[0].used_from, "192.0.2.1:50000");
	accounts_all_free(&all);
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
	assert_int_equal(accounts_session_for_user(
			     w.place->db, ann.id, SLICE("ann"), "hash", &session, 7, cookie, NULL),
	    DB_OK);
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
	struct accounts_token t = {.name = "t", .grant.role = ACCESS_ROLE_VIEWER};
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
	    TEST(test_damaged_role), TEST(test_never_more_than_the_account),
	    TEST(test_both_scopes_hold), TEST(test_names_without_case), TEST(test_sessions_end),
	    TEST(test_own_account), TEST(test_a_locked_name_ends_what_an_issuer_opened),
	    TEST(test_rights_follow_the_table_of_groups),
	    TEST(test_tokens_of_people_end_when_they_stay_away),
	    TEST(test_former_groups_do_not_come_back),
	    TEST(test_sessions_of_one_account_are_so_many),
	    TEST(test_a_code_that_is_required_ends_what_is_open), TEST(test_last_use),
	    TEST(test_known_people), TEST(test_addresses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
