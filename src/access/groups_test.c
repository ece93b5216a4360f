/* Lines of access.group, and what they make of people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "access/groups.h"

#define CONTENT ACCESS_RIGHT_BIT(RIGHT_CONTENT)

static struct groups *map_of(const char *const lines[])
{
	struct groups *groups = groups_create();
	struct error err;

	for (size_t i = 0; lines[i] != NULL; i++)
		if (!groups_add(groups, slice_of(lines[i]), &err))
			fail_msg("%s: %s", lines[i], err.text);
	return groups;
}

static void test_lines(void **state)
{
	static const char *const lines[] = {"admins=admin", "Help Desk = viewer +content",
	    "\"cn=desk,dc=example\" = operator -content scope domain:=customer.example",
	    "  \"a \\\"b\\\\\"  =  viewer   scope   from:x or to:\"y z\" ", "почта = viewer", NULL};
	struct groups *groups = map_of(lines);

	(void)state;
	assert_int_equal(groups_lines(groups), 5);
	assert_string_equal(groups_name(groups, 1), "Help Desk");
	assert_string_equal(groups_name(groups, 2), "cn=desk,dc=example");
	assert_string_equal(groups_scope(groups, 2), "domain:=customer.example");
	assert_string_equal(groups_name(groups, 3), "a \"b\\");
	assert_string_equal(groups_scope(groups, 3), "from:x or to:\"y z\"");
	assert_null(groups_scope(groups, 4));
	groups_destroy(&groups);
	groups_destroy(&groups);
}

static void test_refused_lines(void **state)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
	    {"", "expected GROUP"},
	    {"admins", "expected GROUP"},
	    {" = admin", "expected GROUP"},
	    {"\"\" = admin", "expected GROUP"},
	    {"\"open = admin", "expected GROUP"},
	    {"\"open\\", "expected GROUP"},
	    {"\"x\" admin", "expected GROUP"},
	    {"bad\xff = admin", "expected GROUP"},
	    {"x =", "expected a role: viewer, operator or admin"},
	    {"x = none", "expected a role"},
	    {"x = Admin", "expected a role"},
	    {"x = viewer content", "expected +RIGHT"},
	    {"x = viewer +", "no such right"},
	    {"x = viewer +everything", "no such right; there are content"},
	    {"x = viewer +viewer", "no such right"},
	    {"x = viewer +settings", "cannot be given the right settings"},
	    {"x = admin -accounts", "cannot be taken away from the role admin"},
	    {"x = viewer scope", "expected a filter"},
	    {"there = viewer", "is given twice"},
	};
	struct groups *groups = groups_create();
	struct error err;
	char line[40];

	(void)state;
	assert_true(groups_add(groups, SLICE("there = admin"), &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(groups_add(groups, slice_of(cases[i].line), &err));
		assert_string_equal(err.code, "bad_config");
		if (strstr(err.text, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].line, err.text);
	}
	assert_int_equal(groups_lines(groups), 1);
	for (int i = 1; i <= GROUPS_MAX; i++) {
		snprintf(line, sizeof(line), "group%d = viewer", i);
		assert_true(groups_add(groups, slice_of(line), &err) == (i < GROUPS_MAX));
	}
	groups_destroy(&groups);
}

/* `in`: a person's groups, separated by commas. */
static bool map(const struct groups *groups, const char *in, struct access_grant *out)
{
	struct slice names[20], rest = slice_of(in);
	size_t count = 0;

	while (slice_split(&rest, ',', &names[count]))
		count++;
	return groups_map(groups, names, count, out);
}

static void test_people(void **state)
{
	static const char *const lines[] = {"all = operator", "a = operator scope domain:=a",
	    "b = operator -content scope domain:=b", "again = operator scope domain:=a",
	    "look = viewer", "read = viewer +content", "reada = viewer +content scope domain:=a",
	    "boss = admin scope domain:=c", NULL};
	static const struct {
		const char *in;
		enum access_role role; /* NONE: nobody */
		uint32_t given, taken;
		const char *scope;
	} cases[] = {
	    {"", ACCESS_ROLE_NONE, 0, 0, NULL},
	    {"A", ACCESS_ROLE_NONE, 0, 0, NULL},
	    {"a ", ACCESS_ROLE_NONE, 0, 0, NULL},
	    {"stranger,other", ACCESS_ROLE_NONE, 0, 0, NULL},
	    {"all", ACCESS_ROLE_OPERATOR, 0, 0, NULL},
	    {"a", ACCESS_ROLE_OPERATOR, 0, 0, "domain:=a"},
	    {"a,again", ACCESS_ROLE_OPERATOR, 0, 0, "domain:=a"},
	    {"stranger,a,a", ACCESS_ROLE_OPERATOR, 0, 0, "domain:=a"},
	    {"b,a", ACCESS_ROLE_OPERATOR, 0, CONTENT, "(domain:=a) or (domain:=b)"},
	    {"a,all", ACCESS_ROLE_OPERATOR, 0, 0, NULL},
	    /* Nobody acts on all because he may look at all. */
	    {"look,a", ACCESS_ROLE_OPERATOR, 0, 0, "domain:=a"},
	    {"look,read", ACCESS_ROLE_VIEWER, 0, 0, NULL},
	    {"read,reada", ACCESS_ROLE_VIEWER, CONTENT, 0, NULL},
	    {"reada", ACCESS_ROLE_VIEWER, CONTENT, 0, "domain:=a"},
	    {"boss,all", ACCESS_ROLE_ADMIN, 0, 0, "domain:=c"},
	};
	struct groups *groups = map_of(lines);
	struct access_grant result;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool known = map(groups, cases[i].in, &result);

		if (known != (cases[i].role != ACCESS_ROLE_NONE) || result.role != cases[i].role ||
		    result.given != cases[i].given || result.taken != cases[i].taken)
			fail_msg("%s: %s %x %x", cases[i].in, access_role_name(result.role),
			    result.given, result.taken);
		if (result.scoped != (cases[i].scope != NULL) ||
		    (result.scoped && strcmp(result.scope, cases[i].scope) != 0))
			fail_msg("%s: scope %s", cases[i].in, result.scope);
	}
	groups_destroy(&groups);
}

/* A scope that cannot be kept must not become a wider one. */
static void test_scopes_too_long_together(void **state)
{
	struct groups *groups = groups_create();
	char line[GROUPS_LINE_MAX + 1], *filter;
	struct access_grant result;
	struct error err;

	(void)state;
	for (char name = 'a'; name <= 'b'; name++) {
		snprintf(line, sizeof(line), "%c = viewer scope ", name);
		filter = line + strlen(line);
		memset(filter, name, 2500);
		filter[2500] = '\0';
		assert_true(groups_add(groups, slice_of(line), &err));
	}
	assert_true(map(groups, "a", &result));
	assert_true(result.scoped && strlen(result.scope) == 2500);
	/* No filter, so it lets nothing through. */
	assert_true(map(groups, "a,b", &result));
	assert_true(result.scoped && strcmp(result.scope, "(") == 0);
	groups_destroy(&groups);
}

static void test_nearly(void **state)
{
	static const char *const lines[] = {"Mail Admins = admin", NULL};
	struct groups *groups = map_of(lines);

	(void)state;
	assert_string_equal(groups_nearly(groups, SLICE(" mail admins")), "Mail Admins");
	assert_null(groups_nearly(groups, SLICE("mail-admins")));
	groups_destroy(&groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_refused_lines),
	    cmocka_unit_test(test_people),
	    cmocka_unit_test(test_scopes_too_long_together),
	    cmocka_unit_test(test_nearly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
