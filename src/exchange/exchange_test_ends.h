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
/* The peer says it, and the exchange is told. */
void exchange_test_say(struct exchange_test_ends *ends, const struct buffer *frame);

#endif
