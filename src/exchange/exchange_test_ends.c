/* One channel, made and taken down for each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

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

void *exchange_test_set_up(void **state, size_t size)
{
	struct exchange_test_ends *ends = calloc(1, size);

	exchange_test_open(ends);
	*state = ends;
	return ends;
}

int exchange_test_tear_down(void **state)
{
	exchange_test_close(*state);
	free(*state);
	return 0;
}

uint32_t exchange_test_receive(struct exchange_test_ends *ends, uint8_t type, struct frame *frame)
{
	assert_int_equal(channel_receive(ends->far, frame), CHANNEL_FRAME);
	assert_int_equal(frame->type, type);
	return frame->request;
}

enum exchange_taken exchange_test_say(struct exchange_test_ends *ends, const struct buffer *b)
{
	enum exchange_taken taken;
	struct frame frame;

	assert_true(channel_send(ends->far, b, NULL, 0));
	assert_int_equal(channel_receive(ends->near, &frame), CHANNEL_FRAME);
	taken = exchange_frame(ends->exchange, &frame);
	frame_close(&frame);
	return taken;
}
