#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs/batch_state.h"

static const struct {
	enum batch_state from, to;
} moves[] = {
    {BATCH_FREE, BATCH_READING},
    {BATCH_READING, BATCH_DECIDING},
    {BATCH_READING, BATCH_FREE},
    {BATCH_DECIDING, BATCH_WRITING},
    {BATCH_DECIDING, BATCH_ASKING},
    {BATCH_DECIDING, BATCH_RUNNING},
    {BATCH_DECIDING, BATCH_RELOADING},
    {BATCH_DECIDING, BATCH_WAITING},
    {BATCH_WRITING, BATCH_READY},
    {BATCH_WRITING, BATCH_FREE},
    {BATCH_WRITING, BATCH_WAITING},
    {BATCH_ASKING, BATCH_DECIDING},
    {BATCH_READY, BATCH_RUNNING},
    {BATCH_READY, BATCH_DECIDING},
    {BATCH_RUNNING, BATCH_DECIDING},
    {BATCH_RUNNING, BATCH_WAITING},
    {BATCH_WAITING, BATCH_DECIDING},
    {BATCH_WAITING, BATCH_FREE},
    {BATCH_RELOADING, BATCH_DECIDING},
};

static bool is_listed(enum batch_state from, enum batch_state to)
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
	for (enum batch_state from = BATCH_FREE; from < BATCH_STATES; from++)
		for (enum batch_state to = BATCH_FREE; to < BATCH_STATES; to++)
			assert_int_equal(batch_state_allows(from, to), is_listed(from, to));
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		enum batch_state now = moves[i].from;

		batch_state_move(&now, moves[i].to);
		assert_int_equal(now, moves[i].to);
	}
}

/* A command that would be sent before it is on disk stops the process instead. */
static void test_impossible(void **state)
{
	enum batch_state now = BATCH_DECIDING;
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		batch_state_move(&now, BATCH_READY);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moves),
	    cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
