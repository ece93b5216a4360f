#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/job_words.h"

static const struct {
	enum job_state from, to;
} moves[] = {
    {JOB_WRITING, JOB_PLANNED},
    {JOB_WRITING, JOB_CANCELLED},
    {JOB_PLANNED, JOB_RUNNING},
    {JOB_PLANNED, JOB_UNDOING},
    {JOB_PLANNED, JOB_CANCELLED},
    {JOB_RUNNING, JOB_GRACE},
    {JOB_RUNNING, JOB_UNDOING},
    {JOB_RUNNING, JOB_DONE},
    {JOB_RUNNING, JOB_CANCELLED},
    {JOB_GRACE, JOB_REMOVING},
    {JOB_GRACE, JOB_UNDOING},
    {JOB_REMOVING, JOB_DONE},
    {JOB_UNDOING, JOB_CANCELLED},
    {JOB_UNDOING, JOB_UNDONE},
};

static bool is_listed(enum job_state from, enum job_state to)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].from == from && moves[i].to == to)
			return true;
	return false;
}

/* These and no others; from a final state there is none. */
static void test_moves(void **state)
{
	(void)state;
	for (enum job_state from = JOB_WRITING; from < JOB_STATES; from++)
		for (enum job_state to = JOB_WRITING; to < JOB_STATES; to++) {
			assert_int_equal(job_state_allows(from, to), is_listed(from, to));
			assert_false(job_state_is_final(from) && is_listed(from, to));
		}
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		enum job_state now = moves[i].from;

		job_state_move(&now, moves[i].to);
		assert_int_equal(now, moves[i].to);
	}
}

/* A finished job that would go on stops the process instead. */
static void test_impossible(void **state)
{
	enum job_state now = JOB_DONE;
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		job_state_move(&now, JOB_RUNNING);
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
