/* Whether a service of Postfix is there, without its noticing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "helper/spool.h"

struct fixture {
	char directory[64], public[80], socket[96];
	struct role_config config;
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){.directory = "/tmp/postroom-spool-XXXXXX"};
	assert_non_null(mkdtemp(f.directory));
	snprintf(f.public, sizeof(f.public), "%s/public", f.directory);
	snprintf(f.socket, sizeof(f.socket), "%s/showq", f.public);
	assert_int_equal(mkdir(f.public, 0700), 0);
	role_config_set_fact(&f.config, "queue_directory", slice_of(f.directory));
	role_config_set_fact(&f.config, "hash_queue_depth", SLICE("1"));
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->socket);
	rmdir(f->public);
	rmdir(f->directory);
	role_config_free(&f->config);
	return 0;
}

static int serve(const struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->socket);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Each connection is a whole listing, which showq makes to the end though nobody reads it. */
static void test_asking_connects_nobody(void **state)
{
	struct fixture *f = *state;
	FD_AUTO int fd = serve(f);

	for (int i = 0; i < 5; i++)
		assert_true(spool_is_served(&f->config, "showq"));
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
}

static void test_a_name_that_is_left_is_not_served(void **state)
{
	struct fixture *f = *state;

	assert_false(spool_is_served(&f->config, "showq"));
	assert_int_equal(errno, ENOENT);
	close(serve(f));
	assert_false(spool_is_served(&f->config, "showq"));
	assert_int_equal(errno, ECONNREFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_asking_connects_nobody, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_a_name_that_is_left_is_not_served, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
