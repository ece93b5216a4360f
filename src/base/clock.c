/* The clocks, and nothing else: a test that moves them puts its own in the place of this file
 * (clock_test_moved.c). */
#include "base/clock.h"

#include <time.h>

int64_t clock_now(void)
{
	return clock_now_us() / 1000000;
}

int64_t clock_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_boot_us(void)
{
	struct timespec now;

	/* It counts while the host sleeps, too, and nobody can set it (docs/POSTFIX.md, "The grace
	 * time of a delete"). */
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
