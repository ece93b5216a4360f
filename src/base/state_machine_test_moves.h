/* What the tests of each state machine ask: are the moves that are allowed the listed ones and no
 * others, does each arrive, and does an impossible one stop the process? A test includes this after
 * cmocka.h. */
#ifndef BASE_STATE_MACHINE_TEST_MOVES_H
#define BASE_STATE_MACHINE_TEST_MOVES_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct state_machine_move_pair {
	unsigned from, to;
};

/* The machine under test: whether it has a move, and where it is after one. */
typedef bool state_machine_test_allows(unsigned from, unsigned to);
typedef unsigned state_machine_test_move(unsigned from, unsigned to);

/* For all pairs of the states 0 to `states` - 1. */
static inline void state_machine_test_moves(const struct state_machine_move_pair *moves,
    size_t count, unsigned states, state_machine_test_allows *allows, state_machine_test_move *move)
{
	for (unsigned from = 0; from < states; from++)
		for (unsigned to = 0; to < states; to++) {
			bool listed = false;

			for (size_t i = 0; i < count; i++)
				listed |= moves[i].from == from && moves[i].to == to;
			assert_int_equal(allows(from, to), listed);
		}
	for (size_t i = 0; i < count; i++)
		assert_int_equal(move(moves[i].from, moves[i].to), moves[i].to);
}

/* The signal that ends a process which makes this move; 0: none. The process is one of its own, and
 * leaves no core. */
static inline int state_machine_test_signal(
    state_machine_test_move *move, unsigned from, unsigned to)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		move(from, to);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#endif
