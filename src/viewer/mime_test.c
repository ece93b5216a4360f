/* What is made of a message, as the frames that tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gmime/gmime.h>
#include <libxml/parser.h>

#include "viewer/mime.h"

/* What came, one line a frame. */
struct said {
	struct buffer lines, bytes;
};

static void say_part(struct said *said, const struct frame *frame)
{
	struct viewer_part p;

	assert_true(viewer_part_decode(frame, &p));
	buffer_printf(&said->lines, "part %u in %u: %.*s", p.number, p.parent, SLICE_ARGS(p.type));
	if (p.name.len > 0)
		buffer_printf(&said->lines, " name=%.*s", SLICE_ARGS(p.name));
	if (p.charset.len > 0)
		buffer_printf(&said->lines, " charset=%.*s", SLICE_ARGS(p.charset));
	if (p.content_id.len > 0)
		buffer_printf(&said->lines, " cid=%.*s", SLICE_ARGS(p.content_id));
	buffer_printf(&said->lines, p.container ? " container\n" : " %llu bytes\n",
	    (unsigned long long)p.size);
}

static void take(void *context, struct buffer *bytes)
{
	struct said *said = context;
	struct viewer_header header;
	struct viewer_hop hop;
	struct viewer_text text;
	struct viewer_bytes piece;
	struct viewer_note note;
	struct frame frame;

	assert_true(frame_parse(bytes->data, bytes->len, &frame));
	frame.fd_count = 0;
	if (viewer_header_decode(&frame, &header))
		buffer_printf(&said->lines, "%.*s=%.*s%s\n", SLICE_ARGS(header.name),
		    SLICE_ARGS(header.value), header.cut ? " (cut)" : "");
	else if (viewer_hop_decode(&frame, &hop))
		buffer_printf(&said->lines, "hop %.*s > %.*s%s %lld\n", SLICE_ARGS(hop.from),
		    SLICE_ARGS(hop.by), hop.has_delay ? " after" : "", (long long)hop.delay);
	else if (frame.type == VIEWER_PART)
		say_part(said, &frame);
	else if (viewer_text_decode(&frame, &text))
		buffer_printf(&said->lines, "text %u: %.*s%s%s\n", text.part, SLICE_ARGS(text.text),
		    text.cut ? " (cut)" : "", text.damaged ? " (damaged)" : "");
	else if (viewer_bytes_decode(&frame, &piece))
		buffer_append_slice(&said->bytes, piece.bytes);
	else if (viewer_note_decode(&frame, &note))
		buffer_printf(&said->lines, "note %.*s\n", SLICE_ARGS(note.code));
	else
		fail();
}

static struct mime *parse(struct out *out, struct said *said, struct slice message)
{
	static struct charsets *charsets;
	struct buffer bytes = {0};
	const char *missing;

	if (charsets == NULL) {
		charsets = charsets_open(&missing);
		g_mime_init();
		xmlInitParser();
	}
	*out = (struct out){.send = take, .context = said};
	buffer_append_slice(&bytes, message);
	return mime_parse(&bytes, charsets, out);
}

static void finish(struct mime *mime, struct out *out, struct said *said)
{
	mime_free(&mime);
	buffer_free(&out->frame);
	buffer_free(&said->lines);
	buffer_free(&said->bytes);
}

static void assert_headers(struct slice message, const char *wanted)
{
	struct said said = {.lines = {0}};
	struct out out;
	struct mime *mime = parse(&out, &said, message);

	assert_non_null(mime);
	mime_send_headers(mime);
	assert_string_equal(buffer_string(&said.lines), wanted);
	finish(mime, &out, &said);
}

static void assert_parts(const char *message, struct viewer_limits limits, const char *wanted)
{
	struct said said = {.lines = {0}};
	struct out out;
	struct mime *mime = parse(&out, &said, slice_of(message));

	assert_non_null(mime);
	mime_send_parts(mime, &limits);
	assert_string_equal(buffer_string(&said.lines), wanted);
	finish(mime, &out, &said);
}

static void test_headers_in_their_order(void **state)
{
	assert_headers(SLICE("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
			     " =?iso-8859-1?Q?=E9?=\r\nX-A: 1\r\nno header\r\n"
			     "From : a@example.org\r\nx-a:2\r\n\r\nBody: none\r\n"),
	    "Subject=Grüßeé\nX-A=1\nFrom=a@example.org\nx-a=2\n");
}

/* A sender cannot hide what stands behind it. */
static void test_nul_ends_nothing(void **state)
{
	assert_headers(SLICE("Subject: seen\0too\nX\0Y: =?utf-8?Q?a=00b?= c\n\0: d\n\r: e\n\n"),
	    "Subject=seen\xef\xbf\xbdtoo\nX\xef\xbf\xbdY=a?b c\n\xef\xbf\xbd=d\n");
}

static void test_hops_have_delays(void **state)
{
	assert_headers(SLICE("Received: from b by c; Sun, 22 Nov 2026 08:50:10 +0000\n"
			     "Received: from a by b; Sun, 22 Nov 2026 08:49:00 +0000\n"
			     "Received: by a; no date\n\n"),
	    "Received=from b by c; Sun, 22 Nov 2026 08:50:10 +0000\n"
	    "Received=from a by b; Sun, 22 Nov 2026 08:49:00 +0000\n"
	    "Received=by a; no date\n"
	    "hop b > c after 70\nhop a > b 0\nhop  > a 0\n");
}

static const char nested[] =
    "Content-Type: multipart/mixed; boundary=x\n\n"
    "--x\nContent-Type: message/rfc822\n\n"
    "Content-Type: text/plain; charset=ISO-8859-1\n"
    "Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n"
    "--x\nContent-Type: application/pdf; name=\"=?utf-8?Q?a=2Fb.pdf?=\"\n"
    "Content-Transfer-Encoding: base64\nContent-Disposition: attachment\n\nSGVsbG8=\n"
    "--x\nContent-Type: text/plain; charset=nobody-knows\n\ncaf\xe9\n--x--\n";

static void test_parts_are_numbered_through(void **state)
{
	assert_parts(nested, (struct viewer_limits){0},
	    "part 0 in 0: multipart/mixed container\n"
	    "part 1 in 0: message/rfc822 container\n"
	    "part 2 in 1: text/plain charset=iso-8859-1 5 bytes\ntext 2: Grüße\n"
	    "part 3 in 0: application/pdf name=b.pdf 5 bytes\n"
	    "part 4 in 0: text/plain charset=nobody-knows 4 bytes\ntext 4: café (damaged)\n");
}

static void test_texts_are_limited(void **state)
{
	assert_parts(nested, (struct viewer_limits){.text_bytes = 3},
	    "part 0 in 0: multipart/mixed container\n"
	    "part 1 in 0: message/rfc822 container\n"
	    "part 2 in 1: text/plain charset=iso-8859-1 5 bytes\ntext 2: Gr (cut)\n"
	    "part 3 in 0: application/pdf name=b.pdf 5 bytes\n"
	    "part 4 in 0: text/plain charset=nobody-knows 4 bytes\ntext 4: caf (cut) (damaged)\n");
}

static void test_one_part(void **state)
{
	struct said said = {.lines = {0}};
	struct out out;
	struct mime *mime = parse(&out, &said, slice_of(nested));
	struct viewer_limits limits = {0};
	bool cut;

	assert_true(mime_send_part(mime, 3, &limits, &cut));
	assert_false(cut);
	assert_string_equal(buffer_string(&said.bytes), "Hello");
	limits.total_bytes = 2;
	buffer_clear(&said.bytes);
	assert_true(mime_send_part(mime, 3, &limits, &cut));
	assert_true(cut);
	assert_string_equal(buffer_string(&said.bytes), "He");
	assert_false(mime_send_part(mime, 0, &limits, &cut));
	assert_false(mime_send_part(mime, 5, &limits, &cut));
	finish(mime, &out, &said);
}

/* Pictures that the mail brings are put where its HTML names them; others are not fetched. */
static void test_html_has_its_pictures(void **state)
{
	struct said said = {.lines = {0}};
	struct out out;
	struct mime *mime = parse(&out, &said,
	    SLICE("Content-Type: multipart/related; boundary=x\n\n"
		  "--x\nContent-Type: text/html\n\n"
		  "<img src=\"cid:one\"><img src=\"http://x.example/a.png\">\n"
		  "--x\nContent-Type: image/png\nContent-ID: <one>\n"
		  "Content-Transfer-Encoding: base64\n\nQUJD\n--x--\n"));

	assert_true(mime_send_html(mime, 1));
	assert_non_null(strstr(buffer_string(&said.lines), "src=\"data:image/png;base64,QUJD\""));
	assert_null(strstr(buffer_string(&said.lines), "x.example"));
	assert_false(mime_send_html(mime, 0));
	finish(mime, &out, &said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_headers_in_their_order),
	    cmocka_unit_test(test_nul_ends_nothing),
	    cmocka_unit_test(test_hops_have_delays),
	    cmocka_unit_test(test_parts_are_numbered_through),
	    cmocka_unit_test(test_texts_are_limited),
	    cmocka_unit_test(test_one_part),
	    cmocka_unit_test(test_html_has_its_pictures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
