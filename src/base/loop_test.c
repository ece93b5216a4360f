#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/loop.h"

struct fixture {
	struct loop *loop;
	struct loop_watch *reader, *timer, *other;
	int fds[2];
	int reads, timeouts, others;
};

static void on_read(void *context, short revents)
{
	struct fixture *f = context;

	assert_true((revents & POLLIN) != 0);
	assert_int_equal(read(f->fds[0], &(char){0}, 1), 1);
	f->reads++;
	loop_remove(&f->other);
	if (f->reads == 2)
		loop_stop(f->loop);
}

static void on_time(void *context, short revents)
{
	struct fixture *f = context;

	assert_int_equal(revents, 0);
	f->timeouts++;
	assert_int_equal(write(f->fds[1], "x", 1), 1);
	if (f->timeouts == 1)
		loop_deadline(f->timer, clock_monotonic_ms() + 5);
}

static void on_other(void *context, short revents)
{
	((struct fixture *)context)->others++;
}

static void test_loop(void **state)
{
	struct fixture f = {.loop = loop_create()};
	int64_t begin = clock_monotonic_ms();

	(void)state;
	assert_int_equal(pipe(f.fds), 0);
	f.other = loop_add(f.loop, -1, 0, on_other, &f);
	f.reader = loop_add(f.loop, f.fds[0], POLLIN, on_read, &f);
	f.timer = loop_add(f.loop, -1, 0, on_time, &f);
	loop_deadline(f.other, begin + 60000);
	loop_deadline(f.timer, begin + 5);
	assert_true(loop_run(f.loop));
	assert_int_equal(f.reads, 2);
	assert_int_equal(f.timeouts, 2);
	assert_int_equal(f.others, 0);
	assert_null(f.other);
	assert_true(clock_monotonic_ms() - begin >= 10);
	loop_remove(&f.reader);
	loop_remove(&f.timer);
	assert_true(loop_once(f.loop, 0));
	loop_destroy(&f.loop);
	loop_destroy(&f.loop);
	fd_close(&f.fds[0]);
	fd_close(&f.fds[1]);
}

/* A watch that wants nothing is not woken, not even by a hang-up, which would spin. */
static void test_no_events(void **state)
{
	struct fixture f = {.loop = loop_create()};

	(void)state;
	assert_int_equal(pipe(f.fds), 0);
	fd_close(&f.fds[1]);
	f.reader = loop_add(f.loop, f.fds[0], 0, on_other, &f);
	assert_true(loop_once(f.loop, 0));
	assert_int_equal(f.others, 0);
	loop_events(f.reader, POLLIN);
	assert_true(loop_once(f.loop, 0));
	assert_int_equal(f.others, 1);
	loop_destroy(&f.loop);
	fd_close(&f.fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_loop),
	    cmocka_unit_test(test_no_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
