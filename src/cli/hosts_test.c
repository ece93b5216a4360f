/* Lists of hosts that are taken, and those that are refused with their line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/hosts.h"

static void takes_hosts(void **state)
{
	static const char text[] = "# ours\n[mx1]\nurl = https://mx1.example:8025\n"
				   "token_file=mx1.token\n ca_file = ca.pem \n\n"
				   "; here\n[ here ]\nsocket = /run/x = y.sock\r\n";
	struct hosts *hosts = memory_zero(1, sizeof(*hosts));
	const struct host *host;
	struct error err;

	(void)state;
	assert_true(hosts_parse(slice_of(text), hosts, &err));
	assert_int_equal(hosts->count, 2);
	host = hosts_find(hosts, "mx1");
	assert_non_null(host);
	assert_string_equal(host->url, "https://mx1.example:8025");
	assert_string_equal(host->token_file, "mx1.token");
	assert_string_equal(host->ca_file, "ca.pem");
	assert_null(host->socket);
	assert_string_equal(hosts_find(hosts, "here")->socket, "/run/x = y.sock");
	assert_null(hosts_find(hosts, "mx"));
	assert_false(hosts_have_tokens(hosts));
	hosts_free(hosts);
	assert_true(hosts_parse(slice_of(""), hosts, &err));
	assert_int_equal(hosts->count, 0);
	assert_true(hosts_parse(slice_of("[a]\nurl = http://b\ntoken = t\n"), hosts, &err));
	assert_true(hosts_have_tokens(hosts));
	hosts_free(hosts);
	free(hosts);
}

static void refuses_what_it_does_not_understand(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
	    {"url = x\n", "line 1: a key before the first [host]"},
	    {"[a]\nurl\n", "line 2: expected [host] or key = value"},
	    {"[a\nurl = x\n", "line 1: a section without"},
	    {"[]\n", "line 1: a host's name"},
	    {"[a b]\n", "line 1: a host's name"},
	    {"[-a]\n", "line 1: a host's name"},
	    {"[a]\nurl = x\n[a]\nurl = y\n", "line 3: [a] is there twice"},
	    {"[a]\nurl = x\nurl = y\n", "line 3: url is given twice"},
	    {"[a]\nulr = x\n", "line 2: ulr is no key of a host; did you mean url?"},
	    {"[a]\ncolour = red\n", "line 2: colour: expected one of"},
	    {"[a]\nurl =\n", "line 2: url has no value"},
	    {"[a]\n[b]\nurl = x\n", "line 2: [a] needs a url or a socket"},
	    {"[a]\nurl = x\nsocket = y\n", "[a] needs a url or a socket, and not both"},
	    {"[a]\nurl = x\ntoken = t\ntoken_file = f\n", "[a] has a token and a token_file"},
	    {"[a]\nsocket = x\ntoken = t\n", "are for a url"},
	};
	struct hosts *hosts = memory_zero(1, sizeof(*hosts));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err;

		assert_false(hosts_parse(slice_of(cases[i].text), hosts, &err));
		assert_string_equal(err.code, "bad_hosts");
		assert_non_null(strstr(err.text, cases[i].said));
		assert_int_equal(hosts->count, 0);
	}
	free(hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_hosts),
	    cmocka_unit_test(refuses_what_it_does_not_understand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
