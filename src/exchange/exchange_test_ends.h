/* For tests: both ends of a channel in one process. The exchange asks at the near end, the test
 * plays the peer at the far end. */
#ifndef EXCHANGE_EXCHANGE_TEST_ENDS_H
#define EXCHANGE_EXCHANGE_TEST_ENDS_H

#include "exchange/exchange.h"

struct exchange_test_ends {
	struct exchange *exchange;
	struct channel *near, *far;
};

/* Joined, with nothing asked. */
void exchange_test_open(struct exchange_test_ends *ends);
void exchange_test_close(struct exchange_test_ends *ends);
/* For cmocka: the state of a test is its own struct of `size` bytes, zeroed, which begins with the
 * ends. */
void *exchange_test_set_up(void **state, size_t size);
int exchange_test_tear_down(void **state);

/* The peer gets a frame of that type; gives its number. */
uint32_t exchange_test_receive(struct exchange_test_ends *ends, uint8_t type, struct frame *frame);
/* The peer says it, and what the exchange makes of it. */
enum exchange_taken exchange_test_say(struct exchange_test_ends *ends, const struct buffer *frame);

#endif
