#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/state_machine_test_moves.h"
#include "store/job_words.h"

static const struct state_machine_move_pair moves[] = {
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

static bool allows(unsigned from, unsigned to)
{
	return job_state_allows(from, to);
}

static unsigned move(unsigned from, unsigned to)
{
	enum job_state now = from;

	job_state_move(&now, to);
	return now;
}

/* These and no others; from a final state there is none. */
static void test_moves(void **state)
{
	(void)state;
	state_machine_test_moves(moves, sizeof(moves) / sizeof(moves[0]), JOB_STATES, allows, move);
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		assert_false(job_state_is_final((enum job_state)moves[i].from));
}

/* A finished job that would go on stops the process instead. */
static void test_impossible(void **state)
{
	(void)state;
	assert_int_equal(state_machine_test_signal(move, JOB_DONE, JOB_RUNNING), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moves),
	    cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
