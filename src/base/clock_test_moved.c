/* In the place of clock.c, in the tests that are linked with it. */
#include "base/clock_test_moved.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"

/* Of the monotonic clock, and of the others. */
static _Atomic int64_t *moved_ms;

/* Before any process is forked, so that all have it. */
__attribute__((constructor)) static void share(void)
{
	void *page = mmap(
	    NULL, 2 * sizeof(*moved_ms), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		abort();
	moved_ms = page;
}

void clock_move(int64_t ms)
{
	atomic_fetch_add(&moved_ms[0], ms);
}

void clock_pass(int64_t ms)
{
	atomic_fetch_add(&moved_ms[0], ms);
	atomic_fetch_add(&moved_ms[1], ms);
}

static int64_t read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now(void)
{
	return clock_now_us() / 1000000;
}

int64_t clock_now_us(void)
{
	return read_us(CLOCK_REALTIME) + atomic_load(&moved_ms[1]) * 1000;
}

int64_t clock_monotonic_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000 + atomic_load(&moved_ms[0]);
}

int64_t clock_boot_us(void)
{
	return read_us(CLOCK_BOOTTIME) + atomic_load(&moved_ms[1]) * 1000;
}
