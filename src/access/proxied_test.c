/* What a proxy's two headers make of people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "access/proxied.h"

static struct proxied *make(void)
{
	static const char *const lines[] = {
	    "mail-admins = admin", "desk = operator scope domain:=a", "look = viewer", NULL};
	struct proxied *proxied = proxied_create();
	struct groups *groups = groups_create();

	for (size_t i = 0; lines[i] != NULL; i++)
		assert_true(groups_add(groups, slice_of(lines[i]), NULL));
	proxied_set_groups(proxied, groups, ';');
	return proxied;
}

struct answer {
	bool in;
	struct caller caller;
	struct proxied_arrival arrival;
	struct error err;
};

static struct answer ask(struct proxied *proxied, const char *name, const char *groups, int64_t ms)
{
	struct proxied_said said = {slice_of(name), slice_of(groups), 1000 + ms / 1000, ms};
	struct answer answer = {.in = false};

	answer.in = proxied_caller(proxied, &said, &answer.caller, &answer.arrival, &answer.err);
	return answer;
}

static void test_who_comes_in(void **state)
{
	static const struct {
		const char *name, *groups, *why; /* NULL: he comes in */
	} cases[] = {
	    {"anna", "mail-admins", NULL},
	    {"Anna", "staff; mail-admins ;;", NULL},
	    {"anna", "", "in no group"},
	    {"anna", " ; ", "in no group"},
	    {"anna", "staff;other", "in these groups: staff;other. None"},
	    {"anna", "mail-admins,desk", "None of them"},
	    {"anna", "staff;Mail-Admins", "There is \"mail-admins\" here"},
	    {"root", "mail-admins", "the service's own"},
	    {"an\xff", "mail-admins",
		"\"an\xef\xbf\xbd\". This cannot be a name here: it is not UTF-8"},
	};
	struct proxied *proxied = make();
	char many[3 * PROXIED_GROUPS_MAX + 20] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a = ask(proxied, cases[i].name, cases[i].groups, 1);

		if (a.in != (cases[i].why == NULL))
			fail_msg("%s in %s", cases[i].name, cases[i].groups);
		if (a.in) {
			assert_string_equal(a.caller.name, "anna");
			assert_true(a.caller.via == VIA_PROXY && a.caller.user == 0);
			assert_true(a.caller.role == ACCESS_ROLE_ADMIN && a.caller.scope == NULL);
			assert_true(caller_may(&a.caller, RIGHT_ACCOUNTS));
			assert_int_equal(a.caller.expires, 1000 + PROXIED_STREAM_SECONDS);
		} else {
			assert_string_equal(a.err.code, "forbidden");
			if (strstr(a.err.text, cases[i].why) == NULL)
				fail_msg("%s", a.err.text);
		}
	}
	for (int i = 0; i < PROXIED_GROUPS_MAX; i++)
		strcat(many, "x;");
	assert_non_null(strstr(ask(proxied, "anna", many, 1).err.text, "None of them"));
	strcat(many, "mail-admins");
	assert_non_null(strstr(ask(proxied, "anna", many, 1).err.text, "more than 1000 groups"));
	proxied_destroy(&proxied);
	proxied_destroy(&proxied);
}

static void test_rights_and_scope(void **state)
{
	struct proxied *proxied = make();
	struct answer a = ask(proxied, "anna", "desk;look", 1);

	(void)state;
	assert_true(a.in && a.caller.role == ACCESS_ROLE_OPERATOR);
	assert_string_equal(a.caller.scope, "domain:=a");
	assert_true(caller_may(&a.caller, RIGHT_OPERATOR));
	assert_false(caller_may(&a.caller, RIGHT_PAUSES));
	proxied_destroy(&proxied);
}

/* A number for each person with each rights, so that what was opened with others can be ended. */
static void test_arrivals(void **state)
{
	struct proxied *proxied = make();
	struct answer first = ask(proxied, "anna", "look", 1), other, a;
	char name[20];

	(void)state;
	assert_true(first.arrival.arrived && first.arrival.former == 0 && first.caller.id != 0);
	other = ask(proxied, "boris", "look", 2);
	assert_true(other.arrival.arrived && other.caller.id != first.caller.id);
	a = ask(proxied, "ANNA", "look;unknown", 3);
	assert_true(!a.arrival.arrived && a.caller.id == first.caller.id);
	/* Other rights. */
	a = ask(proxied, "anna", "desk", 4);
	assert_true(a.arrival.arrived && a.arrival.former == first.caller.id);
	assert_true(a.caller.id != first.caller.id);
	/* Refused, he is still who he was. */
	assert_false(ask(proxied, "anna", "", 5).in);
	assert_false(ask(proxied, "anna", "desk", 6).arrival.arrived);
	/* After a time he comes anew, as the same. */
	first = ask(proxied, "anna", "desk", 7 + PROXIED_AWAY_MS);
	assert_true(
	    first.arrival.arrived && first.arrival.former == 0 && first.caller.id == a.caller.id);
	/* Whoever was away longest is forgotten. */
	for (int i = 0; i < PROXIED_PEOPLE; i++) {
		snprintf(name, sizeof(name), "person%d", i);
		assert_true(ask(proxied, name, "look", 8 + PROXIED_AWAY_MS).arrival.arrived);
	}
	assert_true(ask(proxied, "anna", "desk", 9 + PROXIED_AWAY_MS).arrival.arrived);
	proxied_destroy(&proxied);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_comes_in),
	    cmocka_unit_test(test_rights_and_scope),
	    cmocka_unit_test(test_arrivals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
