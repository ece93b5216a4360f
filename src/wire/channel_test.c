#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "wire/channel.h"

struct pair {
	struct channel *a, *b;
};

static struct pair make_pair(void)
{
	int fds[2];

	assert_true(channel_pair(fds, NULL));
	return (struct pair){channel_create(fds[0]), channel_create(fds[1])};
}

static void destroy_pair(struct pair *p)
{
	channel_destroy(&p->a);
	channel_destroy(&p->b);
}

static void test_frame_with_descriptor(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct pair p = make_pair();
	struct frame frame;
	struct cursor c;
	int pipe_fds[2], fd;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	frame_begin(&b, 7, 42);
	buffer_put_string(&b, SLICE("hello"));
	buffer_put_i64(&b, -5);
	assert_true(channel_send(p.a, &b, &pipe_fds[0], 1));
	fd_close(&pipe_fds[0]);
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_FRAME);
	assert_int_equal(frame.type, 7);
	assert_int_equal(frame.request, 42);
	c = frame_cursor(&frame);
	assert_true(slice_is(cursor_string(&c, 10), "hello"));
	assert_true(cursor_i64(&c) == -5);
	assert_true(cursor_finished(&c));
	fd = frame_take_fd(&frame, 0);
	assert_true(fd >= 0);
	assert_int_equal(frame_take_fd(&frame, 1), -1);
	assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	assert_int_equal(read(fd, &(char){0}, 1), 1);
	fd_close(&fd);
	fd_close(&pipe_fds[1]);
	frame_close(&frame);
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_EMPTY);
	destroy_pair(&p);
}

static void test_queue_keeps_order(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct pair p = make_pair();
	struct frame frame;
	uint32_t expected = 0;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		frame_begin(&b, 1, i);
		memset(buffer_reserve(&b, 5000), 'x', 5000);
		b.len += 5000;
		assert_true(channel_send(p.a, &b, NULL, 0));
	}
	assert_true(channel_wants_write(p.a));
	while (expected < 2000) {
		switch (channel_receive(p.b, &frame)) {
		case CHANNEL_FRAME:
			assert_int_equal(frame.request, expected++);
			assert_int_equal(frame.body.len, 5000);
			break;
		default:
			assert_true(channel_flush(p.a));
		}
	}
	assert_int_equal(channel_queued(p.a), 0);
	destroy_pair(&p);
}

/* What comes with frame number N must never be taken for what came with N + 1: a descriptor that
 * cannot be duplicated for the queue takes all after it along. */
static void test_queue_keeps_indexes(void **state)
{
	BUFFER_AUTO struct buffer b = {0};
	struct pair p = make_pair();
	struct frame frame;
	enum channel_result result;
	int fds[3] = {open("/dev/null", O_RDONLY), -1, open("/dev/zero", O_RDONLY)};
	char byte;

	(void)state;
	frame_begin(&b, 1, 1);
	while (!channel_wants_write(p.a))
		assert_true(channel_send(p.a, &b, NULL, 0));
	frame_begin(&b, 2, 2);
	assert_true(channel_send(p.a, &b, fds, 3));
	do {
		assert_true(channel_flush(p.a));
		result = channel_receive(p.b, &frame);
		assert_int_equal(result, CHANNEL_FRAME);
	} while (frame.type != 2);
	assert_int_equal(frame.fd_count, 1);
	assert_int_equal(read(frame.fds[0], &byte, 1), 0);
	frame_close(&frame);
	fd_close(&fds[0]);
	fd_close(&fds[2]);
	destroy_pair(&p);
}

static void test_bad_packets(void **state)
{
	struct pair p = make_pair();
	struct frame frame;
	char big[WIRE_FRAME_MAX + 100] = {WIRE_VERSION};
	BUFFER_AUTO struct buffer b = {0};

	(void)state;
	assert_int_equal(send(channel_fd(p.a), "\x01", 1, 0), 1);
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_BAD);
	assert_int_equal(send(channel_fd(p.a), "\x09\x01\0\0\0\0\0\0", 8, 0), 8);
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_BAD);
	assert_int_equal(send(channel_fd(p.a), big, sizeof(big), 0), (int)sizeof(big));
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_BAD);
	frame_begin(&b, 1, 1);
	buffer_append(&b, big, sizeof(big));
	assert_false(channel_send(p.a, &b, NULL, 0));
	channel_destroy(&p.a);
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_CLOSED);
	destroy_pair(&p);
}

/* Whose a frame is, is the kernel's word, beside descriptors too. */
static void test_sender(void **state)
{
	struct pair p = make_pair();
	BUFFER_AUTO struct buffer b = {0};
	struct ucred sender;
	struct frame frame;
	int status;
	pid_t pid;

	(void)state;
	assert_true(channel_know_sender(p.b, true));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = channel_fd(p.a);

		frame_begin(&b, 1, 0);
		_exit(channel_send(p.a, &b, &fd, 1) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_FRAME);
	assert_true(channel_sender(p.b, &sender));
	assert_true(sender.pid == pid && sender.uid == geteuid() && sender.gid == getegid());
	assert_int_equal(frame.fd_count, 1);
	frame_close(&frame);
	assert_true(channel_know_sender(p.b, false));
	frame_begin(&b, 1, 0);
	assert_true(channel_send(p.a, &b, NULL, 0));
	assert_int_equal(channel_receive(p.b, &frame), CHANNEL_FRAME);
	assert_false(channel_sender(p.b, &sender));
	frame_close(&frame);
	destroy_pair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_frame_with_descriptor),
	    cmocka_unit_test(test_queue_keeps_order),
	    cmocka_unit_test(test_queue_keeps_indexes),
	    cmocka_unit_test(test_bad_packets),
	    cmocka_unit_test(test_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
