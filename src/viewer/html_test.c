/* What is left of a mail's HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "viewer/html.h"
#include "viewer/html_style.h"

#define LINK(address) "<a title=\"" address "\">"

/* Between `<body>` and `</body>`. */
static struct slice body_of(struct buffer *out)
{
	struct slice all = buffer_slice(out);
	ptrdiff_t from = slice_find(all, SLICE("<body>\n")),
		  to = slice_find(all, SLICE("\n</body></html>\n"));

	assert_true(from > 0 && to > from);
	return slice_first(slice_from(all, (size_t)from + 7), (size_t)(to - from - 7));
}

static void expect(const char *html, const char *expected)
{
	BUFFER_AUTO struct buffer out = {0}, text = {0};

	assert_true(html_rewrite(slice_of(html), NULL, &out));
	buffer_append_slice(&text, body_of(&out));
	assert_string_equal(buffer_string(&text), expected);
}

static void test_what_is_shown(void **state)
{
	(void)state;
	expect("<p>Hello <b>you</b></p>", "<p>Hello <b>you</b></p>");
	expect("<table border=1><tr><td colspan=2>x</table>",
	    "<table border=\"1\"><tr><td colspan=\"2\">x</td></tr></table>");
	expect("<p>a < b &amp; c &lt;script&gt;", "<p>a &#60; b &#38; c &#60;script&#62;</p>");
	expect("<a href=' HTTPS://shop.exa\nmple/?a=1&amp;b=\"2\"'>x</a>",
	    LINK("HTTPS://shop.example/?a=1&#38;b=&#34;2&#34;") "x</a>");
	expect("<a href=mailto:a@shop.example title=bank.example>x</a>",
	    LINK("mailto:a@shop.example") "x</a>");
	expect("<img src='data:image/png;base64,iVBO Rw0=' alt=x width=3>",
	    "<img src=\"data:image/png;base64,iVBORw0=\" alt=\"x\" width=\"3\">");
	expect("<p style='Color:red;background:url(//e.example);width:50%'>x</p>",
	    "<p style=\"Color: red;width: 50%;\">x</p>");
	expect("<object data=//e.example><p>instead</p></object>", "<p>instead</p>");
	expect("<svg><text>drawn</text></svg>", "drawn");
	expect("<p>one<p>two", "<p>one</p><p>two</p>");
}

static void test_what_is_not(void **state)
{
	static const char *const nothing[] = {"<script>x</script>", "<script>",
	    "<style>a{}</style>", "<iframe src=//e.example>x</iframe>", "<iframe>",
	    "<frame src=//e.example>", "<frameset><frame src=//e.example></frameset>",
	    "<link rel=preconnect href=//e.example>",
	    "<meta http-equiv=refresh content='0;//e.example'>", "<base href=//e.example>",
	    "<svg><foreignObject><iframe src=//e.example></iframe></foreignObject></svg>",
	    "<math><mi xlink:href=//e.example></mi></math>", "<embed src=//e.example>",
	    "<object data=//e.example></object>",
	    "<form action=//e.example><input type=image></form>",
	    "<video src=//e.example><source src=//e.example><track src=//e.example></video>",
	    "<template><img src=x></template>", "<!-- <img src=//e.example> -->",
	    "<?xml version=1?>", "<!doctype html SYSTEM 'x'>",
	    "<title><img src=//e.example></title>", "<xml><o:p>office</o:p></xml>",
	    "<custom-one is=x onload=y></custom-one>", "<a-b:c></a-b:c>", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		expect(nothing[i], "");
	expect("<p onclick=x id=y class=z name=q background=//e.example data-x=1 ping=//e>t</p>",
	    "<p>t</p>");
	expect("<img src=//e.example/x srcset=//e.example lowsrc=//e.example dynsrc=//e.example>",
	    "<img>");
	expect(
	    "<img src='data:image/svg+xml;base64,PHN2Zz4='><img src='data:text/html;base64,PA=='>"
	    "<img src='data:image/png,<svg>'><img src=cid:none>",
	    "<img><img><img><img>");
	expect("<a href='java&#9;script:x'>1</a><a href=//e.example>2</a><a "
	       "href=data:text/html,x>3</a>"
	       "<a href='#top'>4</a><a href='&#1;vbscript:x'>5</a>",
	    "<a>1</a><a>2</a><a>3</a><a>4</a><a>5</a>");
	/* What an attribute holds never becomes a tag, for whichever parser. */
	expect("<p title='</noscript><img src=x onerror=y>`\"'>",
	    "<p title=\"&#60;/noscript&#62;&#60;img src=x onerror=y&#62;&#96;&#34;\"></p>");
	expect("<textarea></textarea><img title=\"</textarea><iframe src=//e>\">",
	    "<img title=\"&#60;/textarea&#62;&#60;iframe src=//e&#62;\">");
}

static void test_styles(void **state)
{
	static const char *const none[] = {"background:url(//e)", "background:u\\72l(//e)",
	    "background:\\75rl(//e)", "background:/**/url(//e)", "background:image-set('//e' 1x)",
	    "background:-webkit-image-set('//e' 1x)", "background-image:red", "cursor:pointer",
	    "content:'x'", "list-style:disc", "-moz-binding:x", "behavior:x", "position:fixed",
	    "animation:x 1s", "--a:red", "color:var(--a)", "width:expression(1)", "width:calc(1px)",
	    "@import 'x'", "color:red}", "color:{", "color:red<", "font-family:'a\\'b'",
	    "font-family:'a", "font-family:'a;b'", "font-family:'//e'", "color:rgb(url(x))",
	    "color:rgb(1", "color:)", "color:", "color", ":red", "filter:none", "mask:none",
	    "border-image:none", "src:x", "font:12px//x", "color:a@b", "color:a:b", "", ";;;"};
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		html_style_rewrite(slice_of(none[i]), &out);
		if (out.len > 0)
			print_error("%s -> %s\n", none[i], buffer_string(&out));
		assert_int_equal(out.len, 0);
	}
	html_style_rewrite(SLICE(" COLOR : #fff !important ; background:url(x); "
				 "font:12px/1.5 \"Times New Roman\",serif;color:rgba(1,2,3,.5)"),
	    &out);
	assert_string_equal(buffer_string(&out), "COLOR: #fff !important;"
						 "font: 12px/1.5 \"Times New Roman\",serif;"
						 "color: rgba(1,2,3,.5);");
}

static bool find(void *context, struct slice content_id, size_t room, struct buffer *address)
{
	assert_string_equal(context, "mail");
	assert_true(room > 0 && room <= HTML_OUT_MAX);
	if (!slice_is(content_id, "logo@shop.example"))
		return false;
	buffer_append_string(address, "data:image/gif;base64,R0lG");
	return true;
}

static void test_pictures_of_the_mail(void **state)
{
	BUFFER_AUTO struct buffer out = {0}, text = {0};
	char mail[] = "mail";
	struct html_images images = {find, mail};

	(void)state;
	assert_true(html_rewrite(
	    SLICE("<img src='cid:logo%40shop.example'><img src=CID:logo@shop.example><img "
		  "src=cid:other>"),
	    &images, &out));
	buffer_append_slice(&text, body_of(&out));
	assert_string_equal(buffer_string(&text), "<img src=\"data:image/gif;base64,R0lG\">"
						  "<img src=\"data:image/gif;base64,R0lG\"><img>");
}

/* `piece` again and again, up to about 4 MiB. */
static void repeat(struct buffer *out, const char *piece)
{
	buffer_clear(out);
	while (out->len < (size_t)4 << 20)
		buffer_append_string(out, piece);
}

static void test_bounds(void **state)
{
	static const struct {
		const char *piece;
		bool whole;
	} cases[] = {{"<div>", false}, {"<x>", false}, {"<b>", false}, {"</x>", true},
	    {"<!--", true}, {"&amp", false}, {"<", false}, {"<p x=y ", true}, {"<p x=\"", true},
	    {"<script>", true}, {"<p>x", false}, {"<x></y>", false}, {"text ", true},
	    {"&#65;", true}};
	BUFFER_AUTO struct buffer html = {0}, out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool whole;

		repeat(&html, cases[i].piece);
		buffer_clear(&out);
		whole = html_rewrite(buffer_slice(&html), NULL, &out);
		if (whole != cases[i].whole)
			print_error("%s\n", cases[i].piece);
		assert_int_equal(whole, cases[i].whole);
		assert_true(out.len < HTML_OUT_MAX + 8192);
		body_of(&out);
	}
}

static void test_odd_bytes(void **state)
{
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	assert_true(
	    html_rewrite(SLICE("<i\0frame src=x>a\0b<p\x01>\xff\xfe \x1b$B<\0b>"), NULL, &out));
	assert_true(utf8_valid(buffer_slice(&out)));
	assert_true(slice_find(buffer_slice(&out), SLICE("frame")) < 0);
	/* What a mail says of its character set is not believed. */
	buffer_clear(&out);
	assert_true(
	    html_rewrite(SLICE("<meta charset=utf-7>+ADw-script+AD4-<p>\xc3\xa9"), NULL, &out));
	assert_true(slice_find(buffer_slice(&out), SLICE("+ADw-script+AD4-")) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_shown),
	    cmocka_unit_test(test_what_is_not),
	    cmocka_unit_test(test_styles),
	    cmocka_unit_test(test_pictures_of_the_mail),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_odd_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
