#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/state_machine_test_moves.h"
#include "http/connection_state.h"
#include "http/request_state.h"

static const struct state_machine_move_pair moves[] = {
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

static bool allows(unsigned from, unsigned to)
{
	return connection_state_allows(from, to);
}

static unsigned move(unsigned from, unsigned to)
{
	enum connection_state now = from;

	connection_state_move(&now, to);
	return now;
}

/* These and no others. */
static void test_moves(void **state)
{
	(void)state;
	state_machine_test_moves(
	    moves, sizeof(moves) / sizeof(moves[0]), CONNECTION_STATES, allows, move);
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
	(void)state;
	assert_int_equal(
	    state_machine_test_signal(move, CONNECTION_CLOSING, CONNECTION_HEAD), SIGABRT);
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
