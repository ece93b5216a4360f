/* Names that others give to people, in every script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "access/person_name.h"

static void test_names(void **state)
{
	static const struct {
		const char *given, *name; /* NULL: refused */
	} cases[] = {
	    {"anna", "anna"}, {"Anna", "anna"},
	    {"ANNA.Example@Example.COM", "anna.example@example.com"},
	    {"EXAMPLE\\anna", "example\\anna"}, {"Anna van Example", "anna van example"},
	    {"7", "7"}, {"Зоя", "зоя"}, {"Ζωή", "ζωή"}, {"José", "josé"},
	    {"Jose\xcc\x81", "josé"}, /* e and an accent of its own: the same letter */
	    {"田中さん", "田中さん"}, {"カタカナ山田taro", "カタカナ山田taro"},
	    {"김민수", "김민수"}, {"محمد", "محمد"}, {"שרה", "שרה"}, {"अनिता", "अनिता"},
	    /* A word ends at a sign: a name and a domain may be of two scripts. */
	    {"зоя@example.com", "зоя@example.com"}, {"", NULL}, {" anna", NULL}, {"anna ", NULL},
	    {"anna  b", NULL}, {"root", NULL}, {"ROOT", NULL}, {"-", NULL}, {"uid 1000", NULL},
	    {"anna\tb", NULL}, {"anna\x7f", NULL}, {"anna\xff", NULL},
	    {"ann\xd0\xb0", NULL},			/* a Cyrillic a behind Latin letters */
	    {"\xce\x91nna", NULL},			/* a Greek Alpha in front of them */
	    {"김зоя", NULL}, {"\xef\xbd\x81nna", NULL}, /* a full-width a */
	    {"\xef\xac\x81n", NULL},			/* the ligature fi */
	    {"anna\xc2\xaa", NULL},			/* a raised a */
	    {"\xe2\x84\xaa"
	     "arl",
		"karl"},		/* the sign for Kelvin is the letter */
	    {"anna\xe2\x80\xae", NULL}, /* right-to-left override */
	    {"an\xe2\x80\x8bna", NULL}, /* zero width space */
	    {"anna\xe2\x80\x8d", NULL}, /* zero width joiner */
	    {"anna\xc2\xa0"
	     "b",
		NULL},			/* a blank that does not break */
	    {"anna\xe3\x85\xa4", NULL}, /* Hangul filler: a letter that is not seen */
	    {"anna\xef\xb8\x8f", NULL}, /* a variation selector: a mark, not seen */
	    {"\xf0\x9f\x98\x80", NULL}, /* a face */
	    {"\xee\x80\x80", NULL},	/* for private use */
	    {"anna<b>", "anna<b>"},	/* text like any other: it is shown as text */
	};
	char name[ACCOUNTS_NAME_MAX + 1];
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = person_name(slice_of(cases[i].given), name, &err);

		if (good != (cases[i].name != NULL))
			fail_msg("%s: %s", cases[i].given, good ? name : err.text);
		if (good)
			assert_string_equal(name, cases[i].name);
		else
			assert_string_equal(err.code, "bad_name");
	}
}

static void test_long_names(void **state)
{
	char given[1024], name[ACCOUNTS_NAME_MAX + 1];
	struct error err;

	(void)state;
	memset(given, 'a', sizeof(given));
	assert_true(person_name(slice_make(given, ACCOUNTS_NAME_MAX), name, &err));
	assert_int_equal(strlen(name), ACCOUNTS_NAME_MAX);
	assert_false(person_name(slice_make(given, ACCOUNTS_NAME_MAX + 1), name, &err));
	assert_non_null(strstr(err.text, "longer than 64 bytes"));
	assert_false(person_name(slice_make(given, sizeof(given)), name, &err));
	/* A NUL would end the name for some who read it. */
	assert_false(person_name(slice_make("an\0na", 5), name, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
