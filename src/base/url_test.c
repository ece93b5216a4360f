#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/url.h"

static void test_parts(void **state)
{
	static const struct {
		const char *text, *scheme, *origin, *authority, *host;
		uint16_t port;
		const char *rest;
	} good[] = {
	    {"http://a", "http", "http://a", "a", "a", 0, ""},
	    {"https://a-b.example:8443/p/a?q=1&r=2#x", "https", "https://a-b.example:8443",
		"a-b.example:8443", "a-b.example", 8443, "/p/a?q=1&r=2#x"},
	    {"http://[::1]:9093/api", "http", "http://[::1]:9093", "[::1]:9093", "::1", 9093,
		"/api"},
	    {"smtps://[2001:db8::25]", "smtps", "smtps://[2001:db8::25]", "[2001:db8::25]",
		"2001:db8::25", 0, ""},
	    /* What stands behind the authority is nobody's host. */
	    {"http://192.0.2.1?x=http://a@b/", "http", "http://192.0.2.1", "192.0.2.1", "192.0.2.1",
		0, "?x=http://a@b/"},
	    {"http://a#@b", "http", "http://a", "a", "a", 0, "#@b"},
	    {"http://in_side.Example.:1", "http", "http://in_side.Example.:1", "in_side.Example.:1",
		"in_side.Example.", 1, ""},
	};
	struct url url;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!url_split(slice_of(good[i].text), &url))
			fail_msg("refused: %s", good[i].text);
		assert_true(slice_is(url.scheme, good[i].scheme));
		assert_true(slice_is(url.origin, good[i].origin));
		assert_true(slice_is(url.authority, good[i].authority));
		assert_true(slice_is(url.host, good[i].host));
		assert_int_equal(url.port, good[i].port);
		assert_true(slice_is(url.rest, good[i].rest));
		assert_true(slice_is(url_origin(slice_of(good[i].text)), good[i].origin));
	}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {"", "a", "a:25", "//a", "http:", "http:/a", "http:a",
	    "://a", "HTTP://a", "1http://a", "ht tp://a", "http://", "http:///x", "http://?x",
	    "http://#", "http://user@a/", "http://user:pw@a/", "http://@a", "http://a:0/",
	    "http://a:65536/", "http://a:/", "http://a:1:2/", "http://a:000080/", "http://a:+1/",
	    "http://a: 1/", "http://::1/", "http://[::1/", "http://[]/", "http://[::1]x/",
	    "http://[::1]:/", "http://[a]/", "http://[192.0.2.1]/", "http://[fe80::1%25eth0]/",
	    "http://a\\@b/", "http://a\\b/", "http://%6c/", "http://a,b/", "http://a/ b",
	    "http://a/\r\nX: y", "http://a/\t", "http://b\303\274cher.example/",
	    "http://a/\303\274"};
	struct url url;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (url_split(slice_of(bad[i]), &url))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(url.host.len + url.origin.len + url.rest.len, 0);
		assert_int_equal(url_origin(slice_of(bad[i])).len, 0);
	}
	assert_false(url_split(SLICE("http://a\0b/"), &url));
	assert_false(url_split(SLICE("http://a/\0"), &url));
	assert_false(url_split(SLICE("http://[::1\0]/"), &url));
}

static void test_authority(void **state)
{
	char longest[URL_HOST_MAX + 2];
	struct slice host;
	uint16_t port;

	(void)state;
	assert_true(url_split_authority(SLICE("localhost"), &host, &port));
	assert_true(slice_is(host, "localhost") && port == 0);
	assert_true(url_split_authority(SLICE("[::1]:8025"), &host, &port));
	assert_true(slice_is(host, "::1") && port == 8025);
	assert_false(url_split_authority(SLICE("localhost/"), &host, &port));
	assert_true(host.len == 0 && port == 0);
	memset(longest, 'a', sizeof(longest));
	assert_true(url_split_authority(slice_make(longest, URL_HOST_MAX), &host, &port));
	assert_false(url_split_authority(slice_make(longest, URL_HOST_MAX + 1), &host, &port));
}

static void test_own_host(void **state)
{
	(void)state;
	assert_true(url_host_is_own(SLICE("localhost")) && url_host_is_own(SLICE("127.0.0.1")) &&
		    url_host_is_own(SLICE("::1")));
	assert_false(url_host_is_own(SLICE("localhost.example")) ||
		     url_host_is_own(SLICE("127.0.0.1.example")) || url_host_is_own(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_refused), cmocka_unit_test(test_authority),
	    cmocka_unit_test(test_own_host)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
