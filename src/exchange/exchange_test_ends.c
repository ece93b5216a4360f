/* One channel, made and taken down for each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exchange/exchange_test_ends.h"

void exchange_test_open(struct exchange_test_ends *ends)
{
	int fds[2];

	assert_true(channel_pair(fds, NULL));
	ends->near = channel_create(fds[0]);
	ends->far = channel_create(fds[1]);
	ends->exchange = exchange_create();
	exchange_attach(ends->exchange, ends->near);
}

void exchange_test_close(struct exchange_test_ends *ends)
{
	exchange_destroy(&ends->exchange);
	channel_destroy(&ends->near);
	channel_destroy(&ends->far);
}

void exchange_test_say(struct exchange_test_ends *ends, const struct buffer *b)
{
	struct frame frame;

	assert_true(channel_send(ends->far, b, NULL, 0));
	assert_int_equal(channel_receive(ends->near, &frame), CHANNEL_FRAME);
	exchange_frame(ends->exchange, &frame);
	frame_close(&frame);
}
