/* For tests of what happens after a while: a clock goes on when the test says so. */
#ifndef BASE_CLOCK_TEST_MOVED_H
#define BASE_CLOCK_TEST_MOVED_H

#include <stdint.h>

/* Milliseconds forward, for this process and all that it has forked or will. Who waits for a
 * deadline sees it when he looks at the clock again. */
void clock_move(int64_t ms);
/* All clocks go on, the wall clock too: time passes. */
void clock_pass(int64_t ms);

#endif
