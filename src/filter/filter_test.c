#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "filter/match.h"

/* Writes the tree under `node` as an expression that shows every decision of the parser. */
static void show(struct buffer *out, const struct filter_node *nodes, uint32_t node)
{
	static const char *const kinds[] = {"and", "or", "not"};
	static const char *const ops[] = {"<", "<=", "=", ">=", ">"};
	static const char *const matches[] = {":", "=", "~"};
	const struct filter_node *n = &nodes[node];

	if (n->kind == FILTER_TEXT) {
		buffer_printf(out, "%s%s%.*s", filter_field_name(n->field), matches[n->match],
		    SLICE_ARGS(n->pattern));
	} else if (n->kind == FILTER_NUMBER) {
		buffer_printf(
		    out, "%s%s%lld", filter_field_name(n->field), ops[n->op], (long long)n->value);
	} else {
		buffer_printf(out, "(%s", kinds[n->kind]);
		for (uint32_t c = n->first_child; c != FILTER_NONE; c = nodes[c].next_sibling) {
			assert_true(c < node);
			buffer_append_char(out, ' ');
			show(out, nodes, c);
		}
		buffer_append_char(out, ')');
	}
}

static void check_parse(const char *text, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0};
	struct filter_error err;
	struct filter *f = filter_parse(slice_of(text), &err);
	uint32_t count;
	const struct filter_node *nodes;

	if (!f)
		fail_msg("%s: column %u, expected %s", text, err.column, err.expected);
	nodes = filter_nodes(f, &count);
	if (count > 0)
		show(&out, nodes, count - 1);
	assert_string_equal(buffer_string(&out), expected);
	filter_free(f);
}

static void check_error(const char *text, uint32_t column, const char *word)
{
	struct filter_error err;
	struct filter *f = filter_parse(slice_of(text), &err);

	if (f)
		fail_msg("%s: is taken for a filter", text);
	if (err.column != column || !strstr(err.expected, word))
		fail_msg("%s: column %u, expected %s", text, err.column, err.expected);
}

static void test_terms(void **state)
{
	check_parse("", "");
	check_parse(" \t\n", "");
	check_parse("Foo", ":foo");
	check_parse("from:*@Shop.example age>2h reason:\"over quota\" -queue:hold",
	    "(and from~*@shop.example age>7200 reason:over quota (not queue:hold))");
	check_parse("to:=A@b.example", "to=a@b.example");
	check_parse("to=A@b.example", "to=a@b.example");
	check_parse("from:<>", "from=");
	check_parse("from:\"<>\"", "from:<>");
	check_parse("login:\"\"", "login:");
	check_parse("login=\"\"", "login=");
	check_parse(
	    "subject:\"what? *really* \\\"so\\\" \\\\\"", "subject:what? *really* \"so\" \\");
	check_parse("size>=10M size<500k recipients=1 next<-5m next<0",
	    "(and size>=10485760 size<512000 recipients=1 next<-300 next<0)");
	check_parse("FROM:x AGE<1W", "(and from:x age<604800)");
	check_parse("2001:db8::1", ":2001:db8::1");
	check_parse("a-b", ":a-b");
	check_parse("-a-b", "(not :a-b)");
	check_parse("helo:a=b", "helo:a=b");
}

static void test_structure(void **state)
{
	check_parse("a b or c d", "(or (and :a :b) (and :c :d))");
	check_parse("a (b or c) d", "(and :a (or :b :c) :d)");
	check_parse("not a", "(not :a)");
	check_parse("not (a b)", "(not (and :a :b))");
	check_parse("-(a or b)", "(not (or :a :b))");
	check_parse("--a", ":a");
	check_parse("not -not a", "(not :a)");
	check_parse("((a))", ":a");
	check_parse("a and b", "(and :a :b)");
	check_parse("a OR b", "(or :a :b)");
	check_parse("\"or\" order notes", "(and :or :order :notes)");
	check_parse("(from:a)", "from:a");
}

static void test_errors(void **state)
{
	check_error("a (b", 3, "closing )");
	check_error("a) b", 2, "a ( before");
	check_error("a or", 5, "a term");
	check_error("or a", 1, "a term");
	check_error("a or or b", 6, "a term");
	check_error("a and", 6, "a term");
	check_error("(a and) b", 7, "a term");
	check_error("a and or b", 7, "a term");
	check_error("()", 2, "a term");
	check_error("a -", 4, "right after");
	check_error("- a", 2, "right after");
}

/* What no message can be. */
static void test_impossible_values(void **state)
{
	check_error("queue:held", 7, "incoming, active, deferred, hold or maildrop (did you mean");
	check_error("age>1h -queue:=limbo", 16, "incoming, active, deferred, hold or maildrop");
	check_error("queue:corrupt", 7, "incoming, active");
	check_error("queue:de*d?", 7, "incoming, active");
	check_error("queue:=\"\"", 8, "incoming, active");
	check_error("queue:\"on hold\"", 7, "incoming, active");
	check_error("deleting:soon", 10, "yes or no");
	check_parse("queue:DEF", "queue:def");
	check_parse("queue:*", "queue~*");
	check_parse("queue:=\"hold\"", "queue=hold");
	check_parse("deleting:n", "deleting:n");
	check_parse("paused:soon", "paused:soon");
}

static void test_more_errors(void **state)
{
	check_error("from:", 6, "a text right after");
	check_error("from: x", 6, "a text right after");
	check_error("from:\"x", 6, "closing \"");
	check_error("\"x\"y", 4, "a blank or )");
	check_error("\"x\\y\"", 3, "backslash");
	check_error("sise>10k", 1, "a field (did you mean size?)");
	check_error("form:x", 1, "a field (did you mean from:?)");
	check_error("sender:x", 1, "a field (did you mean from:?)");
	check_error("zzzzz:x", 1, "a field (id:");
	check_error("form:x", 1, "a field");
	check_error("from>x", 5, ": or =");
	check_error("size:10k", 5, "one of >");
	check_error("size>10q", 6, "a size such as");
	check_error("size>", 6, "a size such as");
	check_error("age>1.5h", 5, "a time such as");
	check_error("age>-1h", 5, "a time such as");
	check_error("age>99999999999999999999", 5, "a time");
	check_error("age>9999999999999999w", 5, "a time");
	check_error("recipients>3k", 12, "whole number");
	check_error("from:a(b", 7, "quotes around");
	check_error("(a)b", 4, "a blank between");
}

static void test_limits(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct filter_error err;
	struct filter *f;

	for (int i = 0; i < FILTER_DEPTH_MAX; i++)
		buffer_append_char(&b, '(');
	buffer_append_char(&b, 'a');
	for (int i = 0; i < FILTER_DEPTH_MAX; i++)
		buffer_append_char(&b, ')');
	f = filter_parse(buffer_slice(&b), &err);
	assert_non_null(f);
	filter_free(f);
	buffer_clear(&b);
	for (int i = 0; i < FILTER_TEXT_MAX; i++)
		buffer_append_char(&b, '(');
	assert_null(filter_parse(buffer_slice(&b), &err));
	assert_int_equal(err.column, FILTER_DEPTH_MAX + 1);

	buffer_clear(&b);
	for (int i = 0; i < FILTER_TERMS_MAX; i++)
		buffer_append_string(&b, "a or ");
	buffer_append_string(&b, "b");
	assert_null(filter_parse(buffer_slice(&b), &err));
	assert_int_equal(err.column, 5 * FILTER_TERMS_MAX + 1);
	b.len -= 5;
	f = filter_parse(buffer_slice(&b), &err);
	assert_non_null(f);
	filter_free(f);

	buffer_clear(&b);
	for (int i = 0; i <= FILTER_TEXT_MAX; i++)
		buffer_append_char(&b, 'x');
	assert_null(filter_parse(buffer_slice(&b), &err));
	assert_int_equal(err.column, FILTER_TEXT_MAX + 1);
	assert_null(filter_parse((struct slice){"a\0b", 3}, &err));
	assert_int_equal(err.column, 2);
	/* Dashes, not parentheses: no depth, and no time worth speaking of. */
	memset(b.data, '-', FILTER_TEXT_MAX);
	b.data[FILTER_TEXT_MAX - 1] = 'a';
	f = filter_parse((struct slice){b.data, FILTER_TEXT_MAX}, &err);
	assert_non_null(f);
	filter_free(f);
}

static bool matches(const char *filter, const char *value)
{
	struct filter_error err;
	struct filter *f = filter_parse(slice_of(filter), &err);
	BUFFER_AUTO struct buffer scratch = {0};
	uint32_t count;
	bool result;

	assert_non_null(f);
	result = filter_match_text(filter_nodes(f, &count), slice_of(value), &scratch);
	assert_int_equal(count, 1);
	filter_free(f);
	return result;
}

static void test_matching(void **state)
{
	assert_true(matches("quota", "Over QUOTA today"));
	assert_false(matches("quota", "quot"));
	assert_true(matches("from:=a@b.example", "A@B.example"));
	assert_false(matches("from:=a@b.example", "aa@b.example"));
	assert_true(matches("from:<>", ""));
	assert_false(matches("from:<>", "<>"));
	assert_true(matches("from:*@shop.example", "who@SHOP.example"));
	assert_false(matches("from:*@shop.example", "who@shop.example.org"));
	assert_true(matches("from:a*b*c", "aXbYbZc"));
	assert_false(matches("from:a*b*c", "aXc"));
	assert_true(matches("from:a?c*", "abcd"));
	assert_false(matches("from:a?c", "ac"));
	assert_false(matches("from:ab*ba", "aba"));
	assert_true(matches("from:*", ""));
	assert_true(matches("from:**a**", "bab"));
	assert_true(matches("from:?", "\xc3\xa9"));
	assert_true(matches("from:*?b", "\xc3\xa9"
					"b"));
	assert_true(matches("from:*x?z*", "xyxyz"));
	assert_false(matches("from:??", "\xc3\xa9"));
	assert_true(matches("subject:\"a*b\"", "xa*by"));
	assert_false(matches("subject:\"a*b\"", "acb"));
}

static void test_numbers(void **state)
{
	static const struct {
		const char *filter;
		int64_t value;
		bool match;
	} cases[] = {{"age>2h", 7200, false}, {"age>2h", 7201, true}, {"age>=2h", 7200, true},
	    {"age<2h", 7200, false}, {"age<=2h", 7200, true}, {"size=1k", 1024, true},
	    {"size=1k", 1025, false}, {"next<0", -1, true}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct filter *f = filter_parse(slice_of(cases[i].filter), NULL);
		uint32_t count;
		assert_int_equal(
		    filter_match_number(filter_nodes(f, &count), cases[i].value), cases[i].match);
		filter_free(f);
	}
}

/* A value is written so that it is read back as exactly that value. */
static void test_quoting(void **state)
{
	static const char *const values[][2] = {
	    {"a@b.example", "a@b.example"},
	    {"2001:db8::1", "2001:db8::1"},
	    {"bounce+u=x.example@y.example", "bounce+u=x.example@y.example"},
	    {"-dash", "-dash"},
	    {"or", "or"},
	    {"", "\"\""},
	    {"<>", "\"<>\""},
	    {"=x", "\"=x\""},
	    {"over quota", "\"over quota\""},
	    {"what?", "\"what?\""},
	    {"a*", "\"a*\""},
	    {"say \"x\" \\", "\"say \\\"x\\\" \\\\\""},
	    {"(x)", "\"(x)\""},
	    {"\xc3\xa9", "\xc3\xa9"},
	    {"tab\there", "\"tab\there\""},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		BUFFER_AUTO struct buffer text = {0};
		const struct filter_node *nodes;
		struct filter *f;
		uint32_t count;

		buffer_append_string(&text, "(subject:=");
		filter_quote(&text, slice_of(values[i][0]));
		assert_true(slice_is(slice_from(buffer_slice(&text), 10), values[i][1]));
		buffer_append_string(&text, ")");
		f = filter_parse(buffer_slice(&text), NULL);
		assert_non_null(f);
		nodes = filter_nodes(f, &count);
		assert_int_equal(count, 1);
		assert_int_equal(nodes[0].match, FILTER_EXACT);
		assert_true(slice_is(nodes[0].pattern, values[i][0]));
		filter_free(f);
	}
}

/* A domain is looked for in both forms; what is no name stays one term. */
static void test_forms_of_domains(void **state)
{
	static const char *const cases[][2] = {
	    {"domain:m\xc3\xbcller.example",
		"(or domain:m\xc3\xbcller.example domain:xn--mller-kva.example)"},
	    {"domain:=XN--MLLER-KVA.example",
		"(or domain=xn--mller-kva.example domain=m\xc3\xbcller.example)"},
	    {"-from:*@*.m\xc3\xbcller.example",
		"(not (or from~*@*.m\xc3\xbcller.example from~*@*.xn--mller-kva.example))"},
	    /* Capitals beyond ASCII: the ASCII form, and the small letters that it stands for. */
	    {"to:=a@M\xc3\x9cLLER.example",
		"(or to=a@m\xc3\x9cller.example to=a@xn--mller-kva.example "
		"to=a@m\xc3\xbcller.example)"},
	    {"m\xc3\xbcller.example", "(or :m\xc3\xbcller.example :xn--mller-kva.example)"},
	    {"host:mx.m\xc3\xbcller.example x", "(and (or remote_host:mx.m\xc3\xbcller.example "
						"remote_host:mx.xn--mller-kva.example) :x)"},
	    {"m\xc3\xbcller", ":m\xc3\xbcller"},
	    {"subject:m\xc3\xbcller.example", "subject:m\xc3\xbcller.example"},
	    {"from:j\xc3\xbcrgen@shop.example", "from:j\xc3\xbcrgen@shop.example"},
	    {"domain:=\"m\xc3\xbcller.example\"", "domain=m\xc3\xbcller.example"},
	    {"domain:xn--a.example", "domain:xn--a.example"},
	    {"domain:a\xd7\x90.example", "domain:a\xd7\x90.example"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_parse(cases[i][0], cases[i][1]);
}

static void test_other_names(void **state)
{
	(void)state;
	check_parse("diagnosis:quota cause:quota", "(and cause:quota cause:quota)");
	check_parse(
	    "HOST:=mx.example remote_host:mx", "(and remote_host=mx.example remote_host:mx)");
	check_error("remote_hosts:mx", 1, "remote_host");
}

/* A plain glob by trying everything, to compare with. */
static bool slow_glob(const char *p, const char *v)
{
	if (*p == '\0')
		return *v == '\0';
	if (*p == '*')
		return slow_glob(p + 1, v) || (*v != '\0' && slow_glob(p, v + 1));
	return *v != '\0' && (*p == '?' || *p == *v) && slow_glob(p + 1, v + 1);
}

static void test_glob_against_slow_model(void **state)
{
	char pattern[8], value[10];

	srand(1);
	for (int i = 0; i < 200000; i++) {
		size_t p = 0, v = 0;
		for (int n = rand() % 7; n > 0; n--)
			pattern[p++] = "ab*?"[rand() % 4];
		for (int n = rand() % 9; n > 0; n--)
			value[v++] = "ab"[rand() % 2];
		pattern[p] = value[v] = '\0';
		if (match_glob(slice_of(pattern), slice_of(value)) != slow_glob(pattern, value))
			fail_msg("pattern %s value %s", pattern, value);
	}
}

static void test_contains_against_slow_model(void **state)
{
	BUFFER_AUTO struct buffer scratch = {0};
	char value[60], needle[24];

	srand(2);
	for (int i = 0; i < 200000; i++) {
		size_t v = (size_t)rand() % 60, n = (size_t)rand() % (i % 2 ? 4 : 24);
		for (size_t k = 0; k < v; k++)
			value[k] = "aAbB"[rand() % 4];
		for (size_t k = 0; k < n; k++)
			needle[k] = "ab"[rand() % 2];
		struct slice s = {value, v}, p = {needle, n};
		if (match_contains(s, p, &scratch) != (n == 0 || slice_find_nocase(s, p) >= 0))
			fail_msg("value %.*s needle %.*s", SLICE_ARGS(s), SLICE_ARGS(p));
	}
}

/* What would be exponential, or quadratic, with a careless matcher. */
static void test_time_is_linear(void **state)
{
	const size_t len = 1 << 20;
	MEMORY_AUTO char *value = memory_alloc(len);
	clock_t start = clock(); /* of this process: others may have the machine meanwhile */

	memset(value, 'a', len);
	assert_false(match_glob(SLICE("*a*a*a*a*a*a*a*a*a*a*a*b"), (struct slice){value, len}));
	assert_false(match_glob(SLICE("*aaaaaaaaaaaaaaab*"), (struct slice){value, len}));
	assert_false(match_glob(SLICE("*a?a?a?a?a?a?b*"), (struct slice){value, len}));
	BUFFER_AUTO struct buffer scratch = {0};
	MEMORY_AUTO char *needle = memory_alloc(len / 2);
	memset(needle, 'a', len / 2);
	needle[len / 4] = 'b';
	assert_false(
	    match_contains((struct slice){value, len}, (struct slice){needle, len / 2}, &scratch));
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
}

/* A joined filter has the inner one's nodes and the scope beside them, however little is left of
 * both where they were made. */
static void test_joined(void **state)
{
	struct filter *scope = filter_parse(SLICE("from:a"), NULL);
	struct filter *question = filter_parse(SLICE("to:b or to:c"), NULL), *joined, *other;
	uint32_t count;

	(void)state;
	assert_null(filter_join(NULL, NULL));
	other = filter_join(NULL, question);
	assert_ptr_equal(other, question);
	assert_null(filter_scope(other));
	filter_free(other);
	joined = filter_join(scope, question);
	filter_free(question);
	other = filter_join(scope, NULL);
	filter_free(scope);
	assert_int_equal(filter_nodes(joined, &count)[2].kind, FILTER_OR);
	assert_int_equal(count, 3);
	assert_true(filter_uses(joined, FILTER_TO) && !filter_uses(joined, FILTER_FROM));
	filter_nodes(other, &count);
	assert_int_equal(count, 0);
	assert_true(filter_same(filter_scope(joined), filter_scope(other)));
	assert_false(filter_same(joined, other));
	assert_true(filter_same(other, NULL));
	filter_free(joined);
	filter_free(other);
	scope = filter_parse(SLICE("FROM:A  size>1k"), NULL);
	other = filter_parse(SLICE("(from:a and size>1024)"), NULL);
	assert_true(filter_same(scope, other));
	filter_free(other);
	other = filter_parse(SLICE("from:a size>1023"), NULL);
	assert_false(filter_same(scope, other));
	filter_free(other);
	filter_free(scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_terms),
	    cmocka_unit_test(test_structure),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_more_errors),
	    cmocka_unit_test(test_impossible_values),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_matching),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_quoting),
	    cmocka_unit_test(test_forms_of_domains),
	    cmocka_unit_test(test_other_names),
	    cmocka_unit_test(test_glob_against_slow_model),
	    cmocka_unit_test(test_contains_against_slow_model),
	    cmocka_unit_test(test_joined),
	    cmocka_unit_test(test_time_is_linear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
