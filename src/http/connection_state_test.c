#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/connection_state.h"
#include "http/request_state.h"

static const struct {
	enum connection_state from, to;
} moves[] = {
    {CONNECTION_HEAD, CONNECTION_REQUEST},
    {CONNECTION_HEAD, CONNECTION_SENDING},
    {CONNECTION_HEAD, CONNECTION_CLOSING},
    {CONNECTION_REQUEST, CONNECTION_SENDING},
    {CONNECTION_REQUEST, CONNECTION_CLOSING},
    {CONNECTION_SENDING, CONNECTION_HEAD},
    {CONNECTION_SENDING, CONNECTION_LINGER},
    {CONNECTION_SENDING, CONNECTION_CLOSING},
    {CONNECTION_LINGER, CONNECTION_CLOSING},
};

static bool is_listed(enum connection_state from, enum connection_state to)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].from == from && moves[i].to == to)
			return true;
	return false;
}

/* These and no others. */
static void test_moves(void **state)
{
	(void)state;
	for (enum connection_state from = CONNECTION_HEAD; from < CONNECTION_STATES; from++)
		for (enum connection_state to = CONNECTION_HEAD; to < CONNECTION_STATES; to++)
			assert_int_equal(connection_state_allows(from, to), is_listed(from, to));
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		enum connection_state now = moves[i].from;

		connection_state_move(&now, moves[i].to);
		assert_int_equal(now, moves[i].to);
	}
}

/* A request goes one way. */
static void test_stages(void **state)
{
	(void)state;
	for (enum http_stage from = HTTP_STAGE_CHECKING; from < HTTP_STAGES; from++)
		for (enum http_stage to = HTTP_STAGE_CHECKING; to < HTTP_STAGES; to++)
			assert_int_equal(request_stage_allows(from, to), to == from + 1);
}

/* A closed connection that would be used again stops the process instead. */
static void test_impossible(void **state)
{
	enum connection_state now = CONNECTION_CLOSING;
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		connection_state_move(&now, CONNECTION_HEAD);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moves),
	    cmocka_unit_test(test_stages),
	    cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
