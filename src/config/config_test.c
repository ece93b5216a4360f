#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

static bool parse(struct config *config, const char *text, struct error *err)
{
	return config_parse(config, text, strlen(text), "postroom.conf", err);
}

static void test_defaults_and_file(void **state)
{
	struct config *config = config_create();
	struct error err;

	(void)state;
	assert_string_equal(config->http_listen, "127.0.0.1:8025");
	assert_true(config->settings_write);
	assert_true(parse(config,
	    "# comment\n\n[http]\nlisten = [::1]:9000\n[postfix]\n"
	    "source=listing\r\n command_prefix = docker exec -i mta \n[settings]\nwrite = no",
	    &err));
	assert_string_equal(config->http_listen, "[::1]:9000");
	assert_int_equal(config->postfix_source, CONFIG_SOURCE_LISTING);
	assert_string_equal(config->postfix_command_prefix, "docker exec -i mta");
	assert_false(config->settings_write);
	assert_true(config_check(config, &err));
	config_destroy(&config);
	config_destroy(&config);
}

static void test_refusals_name_the_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"[http]\nlissten = 1",
		"postroom.conf:2: unknown key http.lissten; did you mean http.listen?"},
	    {"listen = 1", "postroom.conf:1: a key before the first [section]"},
	    {"[http]\nlisten = localhost:1",
		"postroom.conf:2: http.listen = localhost:1: expected an IP address"},
	    {"[http]\nlisten = ::1:80", "postroom.conf:2: http.listen = ::1:80: expected"},
	    {"[http]\nlisten = 127.0.0.1:65536", "postroom.conf:2: http.listen"},
	    {"[http]\ninsecure = true",
		"postroom.conf:2: http.insecure = true: expected yes or no"},
	    {"[http]\ninsecure = no\ninsecure = yes",
		"postroom.conf:3: http.insecure is given twice"},
	    {"[http\n", "postroom.conf:1: a section without"},
	    {"[store]\npath = db", "postroom.conf:2: store.path = db: expected an absolute path"},
	    {"[store]\nsample_interval = 0",
		"postroom.conf:2: store.sample_interval = 0: expected"},
	    {"[audit]\nkeep = 29d", "postroom.conf:2: audit.keep = 29d: expected a time"},
	    {"[audit]\nkeep = 400", "postroom.conf:2: audit.keep = 400: expected"},
	    {"[run]\nsandbox = yes",
		"postroom.conf:2: run.sandbox = yes: expected prefer or require"},
	    {"[http]\nbase_path = postroom",
		"postroom.conf:2: http.base_path = postroom: expected a path such as /postroom"},
	    {"[http]\nbase_path = /", "postroom.conf:2: http.base_path = /: expected"},
	    {"[http]\nbase_path = /a/", "postroom.conf:2: http.base_path = /a/: expected"},
	    {"[http]\nbase_path = /a//b", "postroom.conf:2: http.base_path = /a//b: expected"},
	    {"[http]\nbase_path = /a/../b", "postroom.conf:2: http.base_path"},
	    {"[http]\nbase_path = /%61", "postroom.conf:2: http.base_path"},
	    {"[http]\nbase_path = /a;Secure", "postroom.conf:2: http.base_path"},
	    {"[http]\ntrusted_proxy = proxy.example",
		"postroom.conf:2: http.trusted_proxy = proxy.example: expected IP addresses"},
	    {"[http]\ntrusted_proxy = 0.0.0.0/0", "postroom.conf:2: http.trusted_proxy"},
	    {"[http]\ntrusted_proxy = unix:root", "postroom.conf:2: http.trusted_proxy"},
	    {"[run]\nuser = a\x01", "postroom.conf:2: run.user: a control character"},
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = config_create();

		assert_false(parse(config, cases[i].text, &err));
		assert_string_equal(err.code, "bad_config");
		if (strncmp(err.text, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("got: %s", err.text);
		config_destroy(&config);
	}
}

static void test_base_path_and_url(void **state)
{
	static const struct {
		const char *path, *url;
		bool good;
	} cases[] = {
	    {"/postroom", "https://mail.example/postroom", true},
	    {"/postroom", "https://mail.example/postroom/", true},
	    {"/postroom", "", true},
	    {"/a/b", "http://mail.example:8443/a/b", true},
	    {"", "https://mail.example/anything", true},
	    {"/postroom", "https://mail.example", false},
	    {"/postroom", "https://mail.example/", false},
	    {"/postroom", "https://mail.example/postroom/x", false},
	    {"/postroom", "https://mail.example/x/postroom", false},
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = config_create();
		char text[200];

		snprintf(text, sizeof(text), "[http]\nbase_path = %s\npublic_url = %s\n",
		    cases[i].path, cases[i].url);
		assert_true(parse(config, text, &err));
		if (config_check(config, &err) != cases[i].good)
			fail_msg("%s and %s", cases[i].path, cases[i].url);
		config_destroy(&config);
	}
}

/* The roles would not take it. */
static void test_too_long_is_refused(void **state)
{
	struct config *config = config_create();
	char assignment[CONFIG_VALUE_MAX + 100] = "postfix.log_command=";
	size_t name = strlen(assignment);
	struct error err;

	(void)state;
	memset(assignment + name, 'x', CONFIG_VALUE_MAX);
	assert_true(config_set(config, assignment, &err));
	assignment[name + CONFIG_VALUE_MAX] = 'x';
	assert_false(config_set(config, assignment, &err));
	assert_string_equal(err.text, "postfix.log_command: the value is longer than 4096 bytes");
	config_destroy(&config);
}

static void test_checks_between_keys(void **state)
{
	struct config *config = config_create();
	struct error err;

	(void)state;
	assert_true(config_set(config, "http.listen=0.0.0.0:80", &err));
	assert_false(config_check(config, &err));
	assert_true(config_set(config, "http.insecure=yes", &err));
	assert_true(config_check(config, &err));
	assert_true(config_set(config, "http.tls_cert=/c.pem", &err));
	assert_false(config_check(config, &err));
	assert_false(config_set(config, "http.listen", &err));
	assert_false(config_set(config, "nothing.here=1", &err));
	config_destroy(&config);
}

static void test_zones_are_names(void **state)
{
	struct config *config = config_create();
	struct error err;

	(void)state;
	assert_true(
	    config_set(config, "probes.blocklists=zen.list.example  bl.list.example", &err));
	assert_true(config_set(config, "probes.blocklists=", &err));
	assert_false(config_set(config, "probes.blocklists=list", &err));
	assert_false(
	    config_set(config, "probes.blocklists=zen.list.example,bl.list.example", &err));
	assert_false(config_set(config, "probes.blocklists=a..b.example", &err));
	assert_false(config_set(config, "probes.blocklists=.a.example", &err));
	config_destroy(&config);
}

/* What does not name one host cannot be answered, linked to or asked. */
static void test_addresses_name_a_host(void **state)
{
	static const struct {
		const char *assignment;
		bool good;
	} cases[] = {
	    {"http.public_url=https://mail.example:8443/a?b", true},
	    {"http.public_url=http://[2001:db8::1]/", true},
	    {"http.public_url=https://", false},
	    {"http.public_url=https:///a", false},
	    {"http.public_url=https://user@mail.example", false},
	    {"http.public_url=https://mail.example:0", false},
	    {"http.public_url=https://mail.example:", false},
	    {"http.public_url=https://[mail.example]", false},
	    {"http.public_url=HTTPS://mail.example", false},
	    {"access.proxy_logout_url=https://sso.example/logout?rd=https://mail.example", true},
	    {"access.proxy_logout_url=https://sso.example\\@mail.example/", false},
	    {"access.oidc_issuer=https://id.example:8443/realms/a", true},
	    {"access.oidc_issuer=http://[::1]:9000", true},
	    {"access.oidc_issuer=http://localhost/a", true},
	    {"access.oidc_issuer=http://localhost.example", false},
	    {"access.oidc_issuer=http://id.example", false},
	    {"access.oidc_issuer=https://", false},
	    {"access.oidc_issuer=https://id.example:99999", false},
	    {"access.oidc_issuer=https://id.example/?a", false},
	};
	struct config *config = config_create();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (config_set(config, cases[i].assignment, NULL) != cases[i].good)
			fail_msg("%s", cases[i].assignment);
	config_destroy(&config);
}

static void test_words(void **state)
{
	char **words = config_words("  docker exec\t-i mta ");

	(void)state;
	assert_string_equal(words[0], "docker");
	assert_string_equal(words[3], "mta");
	assert_null(words[4]);
	free(words);
	words = config_words("");
	assert_null(words[0]);
	free(words);
}

static void test_loopback(void **state)
{
	(void)state;
	assert_true(config_is_loopback("127.8.9.1"));
	assert_true(config_is_loopback("::1"));
	assert_false(config_is_loopback("0.0.0.0"));
	assert_false(config_is_loopback("::"));
	assert_false(config_is_loopback("localhost"));
}

/* What config_value gives is what the key takes. */
static void test_values_there_and_back(void **state)
{
	struct config *config = config_create();
	size_t count;
	const struct config_key *keys = config_keys(&count);

	(void)state;
	assert_true(config_set(config, "store.sample_interval=60", NULL));
	for (size_t i = 0; i < count; i++) {
		char *value = config_value(config, &keys[i]);
		struct error err;

		if (strcmp(keys[i].name, "store.sample_interval") == 0)
			assert_string_equal(value, "60");
		else
			assert_string_equal(value, keys[i].fallback);
		assert_true(keys[i].set(config, &keys[i], value, &err));
		free(value);
	}
	config_destroy(&config);
}

/* A single sign-on by a proxy's word is all there, or none of it. */
static void test_proxy_word(void **state)
{
	static const struct {
		const char *text, *why; /* NULL: good */
	} cases[] = {
	    {"", NULL},
	    {"proxy_user_header = Remote-User\n", "go together"},
	    {"proxy_groups_header = Remote-Groups\n", "go together"},
	    {"proxy_user_header = Remote-User\nproxy_groups_header = Remote-Groups\n",
		"http.trusted_proxy is empty"},
	    {"proxy_user_header = X-A\nproxy_groups_header = x-a\n[http]\ntrusted_proxy = ::1\n",
		"are both"},
	    {"proxy_user_header = A\nproxy_groups_header = B\n[http]\ntrusted_proxy = ::1\n", NULL},
	    {"proxy_user_header = Cookie\n", "expected the name of a header"},
	    {"proxy_user_header = x-forwarded-for\n", "expected the name of a header"},
	    {"proxy_user_header = Sec-User\n", "expected the name of a header"},
	    {"proxy_user_header = Remote_User\n", "expected the name of a header"},
	    {"proxy_user_header = A: B\n", "expected the name of a header"},
	    {"proxy_groups_separator =\n", "expected one of"},
	    {"proxy_groups_separator = ,,\n", "expected one of"},
	    {"proxy_groups_separator = |\n", NULL},
	    {"group = x\n", "file:2: access.group = x: expected GROUP"},
	    {"group = a = viewer\ngroup = a = admin\n",
		"file:3: access.group = a = admin: the group a"},
	    {"group = a = viewer\nproxy_logout_url = ftp://x\n", "expected an http"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = config_create();
		struct error err = {"", ""};
		char text[200];
		bool good;

		snprintf(text, sizeof(text), "[access]\n%s", cases[i].text);
		good = config_parse(config, text, strlen(text), "file", &err) &&
		       config_check(config, &err);
		if (good != (cases[i].why == NULL) ||
		    (!good && strstr(err.text, cases[i].why) == NULL))
			fail_msg("%s: %s", text, err.text);
		config_destroy(&config);
	}
}

/* The one key that may be given again and again. */
static void test_groups(void **state)
{
	struct config *config = config_create();
	const char text[] = "[access]\ngroup = a = viewer\n[http]\n[access]\ngroup = b = admin\n";
	char line[4200] = "access.group=";
	struct error err;

	(void)state;
	assert_true(config_parse(config, text, strlen(text), "file", &err));
	assert_string_equal(config->access_group, "a = viewer\nb = admin\n");
	assert_true(config_set(config, "access.group=c = operator scope domain:=x", &err));
	assert_string_equal(
	    config->access_group, "a = viewer\nb = admin\nc = operator scope domain:=x\n");
	assert_true(config_set(config, "access.group=", &err));
	assert_string_equal(config->access_group, "");
	/* All of them go in one packet. */
	for (int i = 0; i < 5; i++) {
		snprintf(line + 13, sizeof(line) - 13, "g%d = viewer scope %0*d", i, 3990, 1);
		assert_true(config_set(config, line, &err) == (i < 4));
	}
	assert_non_null(strstr(err.text, "all of them together are longer"));
	config_destroy(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values_there_and_back),
	    cmocka_unit_test(test_defaults_and_file),
	    cmocka_unit_test(test_refusals_name_the_place),
	    cmocka_unit_test(test_checks_between_keys),
	    cmocka_unit_test(test_base_path_and_url),
	    cmocka_unit_test(test_proxy_word),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_too_long_is_refused),
	    cmocka_unit_test(test_zones_are_names),
	    cmocka_unit_test(test_addresses_name_a_host),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
