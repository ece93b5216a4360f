/* What the gate lets through and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/gate.h"

/* 0: more is wanted; 200: accepted; else the status of the refusal. */
static unsigned verdict(const char *text, size_t len)
{
	static struct gate_head head;
	struct gate_refusal refusal = {0};
	size_t scanned = 0, head_len = 0;
	struct slice bytes = slice_make(text, len);

	switch (gate_scan(bytes, &scanned, &head_len, &refusal)) {
	case GATE_MORE:
		return 0;
	case GATE_BAD:
		return refusal.status;
	default:
		return gate_parse(slice_first(bytes, head_len), &head, &refusal) ? 200
										 : refusal.status;
	}
}

#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: localhost\r\n"

static void test_verdicts(void **state)
{
	static const struct {
		const char *text;
		unsigned status;
	} cases[] = {
	    {GET HOST "\r\n", 200},
	    {GET HOST "X-Empty:\r\n\r\n", 200},
	    {GET HOST "X-Blank: \t a b \t\r\n\r\n", 200},
	    {"GET /a?b=%20 HTTP/1.1\r\n" HOST "\r\n", 200},
	    {"GET / HTTP/1.0\r\n\r\n", 200},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n", 200},
	    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 200},
	    {GET HOST, 0},
	    {"", 0},
	    /* two or no Hosts */
	    {GET "\r\n", 400},
	    {GET HOST HOST "\r\n", 400},
	    {GET HOST "host: other.example\r\n\r\n", 400},
	    {GET "Host: a b\r\n\r\n", 400},
	    {GET "Host: \r\n\r\n", 400},
	    {GET "Host: a/b\r\n\r\n", 400},
	    /* two ways to say how long the body is */
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		400},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 400},
	    {"POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400},
	    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
	    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", 501},
	    /* line ends */
	    {"GET / HTTP/1.1\nHost: localhost\n\n", 400},
	    {GET "Host: localhost\n\r\n", 400},
	    {GET HOST "\n", 400},
	    {GET HOST "X: a\rb\r\n\r\n", 400},
	    {"\r\n" GET HOST "\r\n", 400},
	    /* names and values */
	    {GET "Host : localhost\r\n\r\n", 400},
	    {GET HOST "X Y: a\r\n\r\n", 400},
	    {GET HOST ": a\r\n\r\n", 400},
	    {GET HOST "no colon\r\n\r\n", 400},
	    {GET HOST "X: a\r\n b\r\n\r\n", 400},
	    {GET HOST "X: a\r\n\tb\r\n\r\n", 400},
	    {GET " Host: localhost\r\n\r\n", 400},
	    {GET HOST "X: a\x01\r\n\r\n", 400},
	    {GET HOST "X: a\x7f\r\n\r\n", 400},
	    {GET HOST "Expect: a miracle\r\n\r\n", 417},
	    {GET HOST "Cookie: a=b\r\nCookie: a=c\r\n\r\n", 400},
	    /* the first line */
	    {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET / HTTP/1.1 \r\n" HOST "\r\n", 400},
	    {" GET / HTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET\t/\tHTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET /\r\n\r\n", 400},
	    {"G@T / HTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET http://localhost/ HTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET * HTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET /#a HTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET /\x80 HTTP/1.1\r\n" HOST "\r\n", 400},
	    {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
	    {"GET / HTTP/1.2\r\n" HOST "\r\n", 505},
	    {"GET / http/1.1\r\n" HOST "\r\n", 400},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned got = verdict(cases[i].text, strlen(cases[i].text));
		if (got != cases[i].status)
			fail_msg("case %zu (%s): %u, expected %u", i, cases[i].text, got,
			    cases[i].status);
	}
	assert_int_equal(verdict("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 30), 400);
}

/* A Host that two readers could understand differently names no host. */
static void test_hosts(void **state)
{
	static const char *const good[] = {"localhost", "queue.mail.example", "a_b-c.example:1",
	    "127.0.0.1:8025", "h:65535", "[::1]", "[::1]:80", "[2001:db8::192.0.2.1]:8025"};
	static const char *const bad[] = {":80", "h:", "h:0", "h:65536", "h:99999", "h:123456",
	    "h:8o", "h:+1", "h: 1", "h:-1", "h:80:80", "::1", "[::1", "[::1]x",
	    "[::1].evil.example", "[::1]:", "[::1]:0", "[::1]:65536", "[::1]]", "[]", "[]:80",
	    "[x]", "[1.2.3.4]", "[fe80::1%eth0]", "a[::1]", "a]", "h@evil.example", "h/evil",
	    "h,evil", ""};
	char text[200];
	(void)state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), GET "Host: %s\r\n\r\n", good[i]);
		if (verdict(text, strlen(text)) != 200)
			fail_msg("%s was refused", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), GET "Host: %s\r\n\r\n", bad[i]);
		if (verdict(text, strlen(text)) != 400)
			fail_msg("%s was not refused", bad[i]);
	}
}

static void test_limits(void **state)
{
	static char big[GATE_HEAD_MAX + 100];
	int len;
	(void)state;

	len = snprintf(big, sizeof(big), GET HOST "X: ");
	memset(big + len, 'a', sizeof(big) - (size_t)len);
	assert_int_equal(verdict(big, sizeof(big)), 431);

	memset(big, 'a', sizeof(big));
	memcpy(big, "GET /", 5);
	len = GATE_TARGET_MAX + 10;
	len += snprintf(big + len, 100, " HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(verdict(big, (size_t)len), 414);

	len = snprintf(big, sizeof(big), GET HOST);
	for (int i = 0; i < GATE_HEADERS_MAX; i++)
		len += snprintf(big + len, sizeof(big) - (size_t)len, "X: a\r\n");
	len += snprintf(big + len, sizeof(big) - (size_t)len, "\r\n");
	assert_int_equal(verdict(big, (size_t)len), 431);
}

/* The verdict does not depend on how the bytes arrive. */
static void test_piecewise(void **state)
{
	static const char text[] = "POST /a HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc";
	struct gate_refusal refusal;
	size_t scanned = 0, head_len = 0, i;
	(void)state;

	for (i = 1; i < sizeof(text); i++)
		if (gate_scan(slice_make(text, i), &scanned, &head_len, &refusal) != GATE_MORE)
			break;
	assert_int_equal(head_len, sizeof(text) - 1 - 3);
	assert_int_equal(i, head_len);
}

static void test_head(void **state)
{
	static struct gate_head head;
	struct gate_refusal refusal;
	struct slice value;
	(void)state;

	assert_true(
	    gate_parse(slice_of("PUT /x HTTP/1.1\r\nhOST: [::1]:8025\r\nConnection: x, Close\r\n"
				"Content-Length: 007\r\n\r\n"),
		&head, &refusal));
	assert_true(slice_is(head.method, "PUT"));
	assert_true(slice_is(head.target, "/x"));
	assert_true(slice_is(head.host, "[::1]:8025"));
	assert_int_equal(head.framing, GATE_LENGTH);
	assert_int_equal(head.length, 7);
	assert_false(head.keep_alive);
	assert_true(gate_find(&head, "CONTENT-length", &value));
	assert_false(gate_find(&head, "Content", &value));
}

static enum gate_result unchunk(const char *text, size_t step, size_t max, struct buffer *body)
{
	struct gate_chunks chunks = {0};
	struct gate_refusal refusal;
	struct slice rest = slice_of(text);
	enum gate_result result = GATE_MORE;

	buffer_clear(body);
	while (rest.len > 0 && result == GATE_MORE) {
		size_t used;
		result = gate_unchunk(&chunks, slice_first(rest, step), &used, body, max, &refusal);
		if (result == GATE_MORE)
			assert_int_equal(used, rest.len < step ? rest.len : step);
		rest = slice_from(rest, used);
	}
	return result;
}

static void test_chunks(void **state)
{
	BUFFER_AUTO struct buffer body = {0};
	(void)state;

	for (size_t step = 1; step < 40; step++) {
		assert_int_equal(
		    unchunk("4\r\nWiki\r\nA\r\n0123456789\r\n0\r\n\r\n", step, 100, &body),
		    GATE_DONE);
		assert_true(slice_is(buffer_slice(&body), "Wiki0123456789"));
		assert_int_equal(unchunk("4\r\nWikiX", step, 100, &body), GATE_BAD);
		assert_int_equal(unchunk("4;x=y\r\nWiki\r\n", step, 100, &body), GATE_BAD);
		assert_int_equal(unchunk("4\nWiki", step, 100, &body), GATE_BAD);
		assert_int_equal(unchunk("\r\nWiki", step, 100, &body), GATE_BAD);
		assert_int_equal(unchunk("-4\r\nWiki", step, 100, &body), GATE_BAD);
		assert_int_equal(unchunk("0\r\nTrailer: x\r\n\r\n", step, 100, &body), GATE_BAD);
		assert_int_equal(unchunk("100000000\r\n", step, 100, &body), GATE_BAD);
		assert_int_equal(unchunk("FFFFFFFF\r\nabc", step, 100, &body), GATE_MORE);
		assert_int_equal(unchunk("5\r\nabcde\r\n", step, 4, &body), GATE_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_verdicts),
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_piecewise),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_chunks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
