/* What may be sent, and that it arrives as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wire/notifier_proto.h"

static const struct notifier_send webhook = {.way = NOTIFIER_HTTP,
    .url = {"https://hook.example/x", 22},
    .body = {"{}", 2},
    .timeout_ms = 1000};
static const struct notifier_send command = {
    .way = NOTIFIER_COMMAND, .command = {"page-me.sh", 10}, .timeout_ms = 1};
static const struct notifier_send mail = {.way = NOTIFIER_MAIL,
    .relay = {"smtp://relay.example", 20},
    .from = {"postroom@mx.example", 19},
    .to = {"ops@x.example\n", 14},
    .body = {"Subject: x\r\n\r\nx\r\n", 17},
    .timeout_ms = NOTIFIER_TIMEOUT_MAX_MS};

/* Whether it would be sent, with one member set to that. */
#define WITH(base, member, bytes) with((base), offsetof(struct notifier_send, member), SLICE(bytes))

static bool with(struct notifier_send send, size_t at, struct slice value)
{
	struct error err = {"", ""};
	bool ok;

	memcpy((char *)&send + at, &value, sizeof(value));
	ok = notifier_send_check(&send, &err);
	/* Never refused without a word. */
	assert_true(ok || (strcmp(err.code, "bad_channel") == 0 && err.text[0] != '\0'));
	return ok;
}

static void test_urls(void **state)
{
	(void)state;
	assert_true(notifier_send_check(&webhook, NULL));
	assert_true(WITH(webhook, url, "http://a"));
	assert_true(WITH(webhook, url, "https://a-b.example:8443/p/a?q=1&r=2#x"));
	assert_true(WITH(webhook, url, "http://[::1]:9093/api/v2/alerts"));
	assert_true(WITH(webhook, url, "http://192.0.2.1?x=http://a@b/"));
	assert_false(WITH(webhook, url, ""));
	assert_false(WITH(webhook, url, "ftp://a/"));
	assert_false(WITH(webhook, url, "file:///etc/passwd"));
	assert_false(WITH(webhook, url, "HTTP://a/"));
	assert_false(WITH(webhook, url, "http://"));
	assert_false(WITH(webhook, url, "http:///x"));
	assert_false(WITH(webhook, url, "http://user@a/"));
	assert_false(WITH(webhook, url, "http://user:pw@a/"));
	assert_false(WITH(webhook, url, "http://a:0/"));
	assert_false(WITH(webhook, url, "http://a:65536/"));
	assert_false(WITH(webhook, url, "http://a:/"));
	assert_false(WITH(webhook, url, "http://a:1:2/"));
	assert_false(WITH(webhook, url, "http://[::1/"));
	assert_false(WITH(webhook, url, "http://[]/"));
	assert_false(WITH(webhook, url, "http://[::1]x/"));
	assert_false(WITH(webhook, url, "http://[fe80::1%25eth0]/"));
	assert_false(WITH(webhook, url, "http://a\\@b/"));
	assert_false(WITH(webhook, url, "http://%6c/"));
	assert_false(WITH(webhook, url, "http://a/ b"));
	assert_false(WITH(webhook, url, "http://a/\r\nX: y"));
	assert_false(WITH(webhook, url, "http://a\0b/"));
	assert_false(WITH(webhook, url, "http://b\303\274cher.example/"));
}

static void test_headers(void **state)
{
	(void)state;
	assert_true(WITH(webhook, headers, "Authorization: Bearer x\nX-A: \303\274 b:c\n"));
	assert_false(WITH(webhook, headers, "X-A: b"));
	assert_false(WITH(webhook, headers, "X-A: b\n\n"));
	assert_false(WITH(webhook, headers, "X-A:\n"));
	assert_false(WITH(webhook, headers, "X-A: \t\n"));
	assert_false(WITH(webhook, headers, "X-A;\n"));
	assert_false(WITH(webhook, headers, ": b\n"));
	assert_false(WITH(webhook, headers, "X A: b\n"));
	assert_false(WITH(webhook, headers, " X: b\n"));
	assert_false(WITH(webhook, headers, "X\0: b\n"));
	assert_false(WITH(webhook, headers, "X-A: b\r\n"));
	assert_false(WITH(webhook, headers, "X-A: b\0\n"));
	assert_false(WITH(webhook, headers, "host: b\n"));
	assert_false(WITH(webhook, headers, "Content-Length: 5\n"));
	assert_false(WITH(webhook, headers, "TRANSFER-ENCODING: chunked\n"));
}

static void test_commands(void **state)
{
	(void)state;
	assert_true(notifier_send_check(&command, NULL));
	assert_true(WITH(command, arguments, "a\0\0b c\0"));
	assert_false(WITH(command, arguments, "a"));
	assert_false(WITH(command, command, ""));
	assert_false(WITH(command, command, "."));
	assert_false(WITH(command, command, ".."));
	assert_false(WITH(command, command, ".hidden"));
	assert_false(WITH(command, command, "/bin/sh"));
	assert_false(WITH(command, command, "a/b"));
	assert_false(WITH(command, command, "a b"));
	assert_false(WITH(command, command, "a\0b"));
	assert_false(WITH(command, command, "a;b"));
	assert_false(WITH(
	    command, command, "0123456789012345678901234567890123456789012345678901234567890123x"));
}

static void test_mail(void **state)
{
	(void)state;
	assert_true(notifier_send_check(&mail, NULL));
	assert_true(WITH(mail, from, ""));
	assert_true(WITH(mail, relay, "smtps://relay.example:465/"));
	assert_true(WITH(mail, to, "a@b\n\303\274@b.example\nx+y@z.example\n"));
	assert_false(WITH(mail, relay, "http://relay.example"));
	assert_false(WITH(mail, relay, "smtp://relay.example/name"));
	assert_false(WITH(mail, relay, "smtp://u:p@relay.example"));
	assert_false(WITH(mail, relay, "smtp://a\0b"));
	assert_false(WITH(mail, to, ""));
	assert_false(WITH(mail, to, "a@b"));
	assert_false(WITH(mail, to, "a@b\n\n"));
	assert_false(WITH(mail, to, "a\n"));
	assert_false(WITH(mail, to, "@b\n"));
	assert_false(WITH(mail, to, "a@\n"));
	assert_false(WITH(mail, to, "a@b@c\n"));
	assert_false(WITH(mail, to, "<a@b>\n"));
	assert_false(WITH(mail, to, "a@b> NOTIFY=NEVER\n"));
	assert_false(WITH(mail, to, "a@b\r\nRCPT TO:<c@d>\r\n"));
	assert_false(WITH(mail, from, "a@b\r\nDATA"));
	assert_false(WITH(mail, from, "\"a b\"@c"));
	assert_false(WITH(mail, body, ""));
	assert_false(WITH(mail, body, "x\n"));
	assert_false(WITH(mail, body, "x\r"));
	assert_false(WITH(mail, body, "x\r\r\n"));
	assert_false(WITH(mail, body, "\r\n.\n"));
	assert_false(WITH(mail, body, "a\0b\r\n"));
	assert_false(WITH(mail, password, "secret"));
	assert_true(WITH(mail, user, "me"));
	assert_false(WITH(mail, user, "me\r\nQUIT"));
}

static void test_bounds(void **state)
{
	struct notifier_send send = webhook;
	char *large = calloc(1, NOTIFIER_BODY_MAX + 1);

	(void)state;
	send.timeout_ms = 0;
	assert_false(notifier_send_check(&send, NULL));
	send.timeout_ms = NOTIFIER_TIMEOUT_MAX_MS + 1;
	assert_false(notifier_send_check(&send, NULL));
	send = webhook;
	send.way = (enum notifier_way)0;
	assert_false(notifier_send_check(&send, NULL));
	send = webhook;
	send.body = slice_make(large, NOTIFIER_BODY_MAX + 1);
	assert_false(notifier_send_check(&send, NULL));
	send.body.len--;
	assert_true(notifier_send_check(&send, NULL));
	send.method = NOTIFIER_GET;
	assert_false(notifier_send_check(&send, NULL));
	send.body.len = 0;
	assert_true(notifier_send_check(&send, NULL));
	send.method = (enum notifier_method)(NOTIFIER_GET + 1);
	assert_false(notifier_send_check(&send, NULL));
	free(large);
}

/* The longest of all still is one frame. */
static void test_largest(void **state)
{
	BUFFER_AUTO struct buffer headers = {0}, frame = {0};
	char *body = malloc(NOTIFIER_BODY_MAX), url[NOTIFIER_URL_MAX];
	struct notifier_send send = webhook, got;
	struct frame parsed;
	size_t everything = 1 + 10 * 4 + 4 + 1 + 1 + NOTIFIER_URL_MAX + NOTIFIER_HEADERS_MAX +
			    NOTIFIER_BODY_MAX + NOTIFIER_COMMAND_MAX + NOTIFIER_ARGUMENTS_MAX +
			    NOTIFIER_RELAY_MAX + NOTIFIER_ADDRESS_MAX + NOTIFIER_RECIPIENTS_MAX +
			    2 * NOTIFIER_SECRET_MAX;

	(void)state;
	assert_true(everything <= WIRE_BODY_MAX);
	memset(body, 'x', NOTIFIER_BODY_MAX);
	memset(url, 'x', sizeof(url));
	memcpy(url, "http://x/", 9);
	buffer_append_string(&headers, "X: ");
	while (headers.len < NOTIFIER_HEADERS_MAX - 1)
		buffer_append_char(&headers, 'x');
	buffer_append_char(&headers, '\n');
	send.url = slice_make(url, sizeof(url));
	send.headers = buffer_slice(&headers);
	send.body = slice_make(body, NOTIFIER_BODY_MAX);
	assert_true(notifier_send_check(&send, NULL));
	notifier_send_encode(&frame, 7, &send);
	assert_true(frame.len <= WIRE_FRAME_MAX);
	assert_true(frame_parse(frame.data, frame.len, &parsed) && parsed.request == 7);
	assert_true(notifier_send_decode(&parsed, &got));
	assert_true(slice_equal(got.body, send.body) && slice_equal(got.headers, send.headers) &&
		    slice_equal(got.url, send.url));
	free(body);
}

static void test_sent(void **state)
{
	BUFFER_AUTO struct buffer frame = {0}, long_text = {0};
	struct notifier_sent sent = {NOTIFIER_REFUSED, -5, 9, 77, SLICE("no"), SLICE("a\0b")}, got;
	struct frame parsed;

	(void)state;
	notifier_sent_encode(&frame, 3, &sent);
	assert_true(frame_parse(frame.data, frame.len, &parsed));
	assert_true(notifier_sent_decode(&parsed, &got));
	assert_true(got.status == -5 && got.took_ms == 77 && slice_equal(got.answer, sent.answer));
	/* Cut, and never too large. */
	while (long_text.len < 100000)
		buffer_append_char(&long_text, 'x');
	sent.text = sent.answer = buffer_slice(&long_text);
	buffer_clear(&frame);
	notifier_sent_encode(&frame, 3, &sent);
	assert_true(frame_parse(frame.data, frame.len, &parsed));
	assert_true(notifier_sent_decode(&parsed, &got));
	assert_true(got.answer.len == NOTIFIER_ANSWER_MAX && got.text.len == NOTIFIER_TEXT_MAX);
	/* No such result. */
	frame.data[WIRE_HEADER_SIZE] = 3;
	assert_true(frame_parse(frame.data, frame.len, &parsed));
	assert_false(notifier_sent_decode(&parsed, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_urls),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_commands),
	    cmocka_unit_test(test_mail),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_largest),
	    cmocka_unit_test(test_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
