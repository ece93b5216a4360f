#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/state_machine_test_moves.h"
#include "jobs/batch_state.h"

static const struct state_machine_move_pair moves[] = {
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

static bool allows(unsigned from, unsigned to)
{
	return batch_state_allows(from, to);
}

static unsigned move(unsigned from, unsigned to)
{
	enum batch_state now = from;

	batch_state_move(&now, to);
	return now;
}

/* These and no others. */
static void test_moves(void **state)
{
	(void)state;
	state_machine_test_moves(
	    moves, sizeof(moves) / sizeof(moves[0]), BATCH_STATES, allows, move);
}

/* A command that would be sent before it is on disk stops the process instead. */
static void test_impossible(void **state)
{
	(void)state;
	assert_int_equal(state_machine_test_signal(move, BATCH_DECIDING, BATCH_READY), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moves),
	    cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
