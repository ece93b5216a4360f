#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "filter/typed_term.h"

/* The cursor is the `|` in `text`; the place as "kind field op typed", and what would be replaced.
 */
static void check(const char *text, const char *expected)
{
	static const char *const kinds[] = {"word", "value", "number"};
	BUFFER_AUTO struct buffer whole = {0};
	BUFFER_AUTO struct buffer memory = {0};
	BUFFER_AUTO struct buffer out = {0};
	size_t at = (size_t)(strchr(text, '|') - text);
	struct typed_term place;

	buffer_append(&whole, text, at);
	buffer_append_string(&whole, text + at + 1);
	typed_term_find(buffer_slice(&whole), at, &memory, &place);
	buffer_printf(&out, "%s %s%.*s%s[%.*s] {%.*s}", kinds[place.kind],
	    filter_field_name(place.field), SLICE_ARGS(place.op), place.quoted ? "\"" : "",
	    SLICE_ARGS(place.typed), (int)(place.to - place.from),
	    whole.len ? whole.data + place.from : "");
	assert_string_equal(buffer_string(&out), expected);
}

static void test_words(void **state)
{
	check("|", "word [] {}");
	check("  |", "word [] {}");
	check("fr|", "word [fr] {fr}");
	check("f|r", "word [f] {fr}");
	check("|fr", "word [] {}");
	check("a b|c d", "word [b] {bc}");
	check("a |", "word [] {}");
	check("-|", "word [] {}");
	check("-fr|", "word [fr] {fr}");
	check("(fr|", "word [fr] {fr}");
	check("(a or -fr|) b", "word [fr] {fr}");
	check("a)|", "word [] {}");
	check("a-b|", "word [a-b] {a-b}");
	check("\"over qu|", "word \"[over qu] {\"over qu}");
	check("\"over quota\"|", "word \"[over quota] {\"over quota\"}");
	check("sise>1|", "word [sise>1] {sise>1}");
	check("2001:db|", "word [2001:db] {2001:db}");
}

static void test_values(void **state)
{
	check("from:|", "value from:[] {from:}");
	check("from:sho|", "value from:[sho] {from:sho}");
	check("from:s|ho", "value from:[s] {from:sho}");
	check("FROM:=sho|", "value from:=[sho] {FROM:=sho}");
	check("from=sho|", "value from=[sho] {from=sho}");
	check("-from:sho| x", "value from:[sho] {from:sho}");
	check("from:a@b:c|", "value from:[a@b:c] {from:a@b:c}");
	check("x reason:\"over q|", "value reason:\"[over q] {reason:\"over q}");
	check("reason:\"over| quota\" x", "value reason:\"[over] {reason:\"over quota\"}");
	check("reason:\"over quota\"|", "value reason:\"[over quota] {reason:\"over quota\"}");
	check("reason:\"over| from:x", "value reason:\"[over] {reason:\"over}");
	check("reason:\"|", "value reason:\"[] {reason:\"}");
	check("reason:\"\"|", "value reason:\"[] {reason:\"\"}");
	check("subject:\"say \\\"h|", "value subject:\"[say \"h] {subject:\"say \\\"h}");
	check("subject:\"x\\|", "value subject:\"[x\\] {subject:\"x\\}");
	/* In the name: its value stays. */
	check("fr|om:x", "word [fr] {from:}");
	check("from|:x", "word [from] {from:}");
	check("from:|=x", "word [from:] {from:=}");
}

static void test_numbers(void **state)
{
	check("age|", "word [age] {age}");
	check("age>|", "number age>[] {age>}");
	check("age>=2|", "number age>=[2] {age>=2}");
	check("size<10|k", "number size<[10] {size<10k}");
	check("next<-5|", "number next<[-5] {next<-5}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
