#include "query/scope_within.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/scope_facts.h"

static struct query_scope *scope_of(const char *text)
{
	struct query_scope *scope = query_scope_create(slice_of(text), NULL);

	assert_non_null(scope);
	return scope;
}

static void test_within(void **state)
{
	static const struct {
		const char *inner, *outer;
		bool within;
	} cases[] = {
	    {"domain:=a.example", "domain:=a.example", true},
	    {"domain:=a.example", "domain:=A.example", true},
	    {"domain:=a.example", "domain:=b.example", false},
	    {"domain:=a.example", "domain:a.example", false},
	    {"domain:=a.example", "to:=a.example", false},
	    /* More that must be met. */
	    {"(domain:=a.example) (from:*@b.example)", "domain:=a.example", true},
	    {"domain:=a.example", "(domain:=a.example) (from:*@b.example)", false},
	    {"from:*@b.example domain:=a.example", "domain:=a.example from:*@b.example", true},
	    /* More that may be. */
	    {"domain:=a.example", "domain:=a.example or domain:=b.example", true},
	    {"domain:=a.example or domain:=b.example", "domain:=a.example", false},
	    {"domain:=b.example or domain:=a.example",
		"domain:=a.example or domain:=c.example or domain:=b.example", true},
	    {"(domain:=a.example or domain:=b.example) login:=x",
		"domain:=a.example or domain:=b.example", true},
	    /* The opposite of something. */
	    {"-domain:=a.example", "domain:=a.example", false},
	    {"-domain:=a.example", "-domain:=a.example", true},
	    {"size>5", "size>5", true},
	    {"size>5", "size>4", false},
	    {"", "domain:=a.example", false},
	    {"domain:=a.example", "", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct query_scope *inner = scope_of(cases[i].inner);
		struct query_scope *outer = scope_of(cases[i].outer);

		if (query_scope_within(inner, outer) != cases[i].within)
			fail_msg("%s within %s", cases[i].inner, cases[i].outer);
		query_scope_free(inner);
		query_scope_free(outer);
	}
}

/* What is not known decides nothing, whichever way. */
static void test_facts(void **state)
{
	const struct query_facts facts = {.has_sender = true,
	    .sender = SLICE("anna@a.example"),
	    .client = SLICE("web.example[192.0.2.1]"),
	    .recipient = SLICE("bob@B.example")};
	static const struct {
		const char *scope;
		bool has;
	} cases[] = {
	    {"domain:=b.example", true},
	    {"domain:=c.example", false},
	    {"-domain:=c.example", true},
	    {"from:*@a.example", true},
	    {"-from:*@a.example", false},
	    {"to:bob", true},
	    {"-to:somebody", false}, /* where it was addressed to at first is not known */
	    {"client:=192.0.2.1", true},
	    {"client:web", true},
	    {"login:=anna", false},
	    {"-login:=anna", false},
	    {"login:=anna or domain:=b.example", true},
	    {"login:=anna domain:=b.example", false},
	    {"size>0", false},
	    {"size>0 or from:anna", true},
	    {"queue:deferred", false},
	    {"bob", true},
	    {"-carl", false},
	    {"", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct query_scope *scope = scope_of(cases[i].scope);

		if (query_scope_has_facts(scope, &facts) != cases[i].has)
			fail_msg("facts within %s", cases[i].scope);
		query_scope_free(scope);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_within),
	    cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
