#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "wire/control_channel.h"
#include "wire/control_proto.h"

struct world {
	struct channel *role, *supervisor;
	struct control_taker taker;
	char took[8]; /* c: a configuration, p: a peer */
	int fd;	      /* of the peer */
	bool keep;    /* the role takes it */
};

static void on_config(void *context, const struct frame *frame)
{
	struct world *w = context;

	(void)frame;
	w->took[strlen(w->took)] = 'c';
}

static void on_peer(void *context, struct frame *frame)
{
	struct world *w = context;

	w->took[strlen(w->took)] = 'p';
	w->fd = w->keep ? frame_take_fd(frame, 0) : frame->fds[0];
}

static int set_up(void **state)
{
	static struct world w;
	int fds[2];

	log_init("test", LOG_LEVEL_ERROR);
	w = (struct world){.taker = {on_config, on_peer, &w}, .fd = -1};
	assert_true(channel_pair(fds, NULL));
	w.role = channel_create(fds[0]);
	w.supervisor = channel_create(fds[1]);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	channel_destroy(&w->role);
	channel_destroy(&w->supervisor);
	return 0;
}

static void say(struct world *w, enum control_type type)
{
	BUFFER_AUTO struct buffer frame = {0};

	control_plain_encode(&frame, type);
	assert_true(channel_send(w->supervisor, &frame, NULL, 0));
}

static void say_peer(struct world *w)
{
	BUFFER_AUTO struct buffer frame = {0};
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	control_peer_encode(&frame, &(struct control_peer){CONTROL_ROLE_SERVER});
	assert_true(channel_send(w->supervisor, &frame, &fd, 1));
	close(fd);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void test_taken_in_their_order(void **state)
{
	struct world *w = *state;
	struct frame frame;

	assert_true(control_take(w->role, &w->taker));
	say(w, CONTROL_CONFIG);
	say(w, CONTROL_PING);
	/* Not for this role: passed over. */
	say(w, CONTROL_ROLE_STATE);
	say_peer(w);
	say(w, CONTROL_CONFIG);
	assert_true(control_take(w->role, &w->taker));
	assert_string_equal(w->took, "cpc");
	assert_int_equal(channel_receive(w->supervisor, &frame), CHANNEL_FRAME);
	assert_int_equal(frame.type, CONTROL_PONG);
	/* Nobody has taken the descriptor. */
	assert_false(is_open(w->fd));
}

static void test_a_descriptor_is_kept(void **state)
{
	struct world *w = *state;

	w->keep = true;
	say_peer(w);
	assert_true(control_take(w->role, &w->taker));
	assert_true(is_open(w->fd));
	close(w->fd);
}

static void test_nothing_is_taken_behind_stop(void **state)
{
	struct world *w = *state;

	say(w, CONTROL_CONFIG);
	say(w, CONTROL_STOP);
	say_peer(w);
	assert_false(control_take(w->role, &w->taker));
	assert_string_equal(w->took, "c");
}

static void test_the_supervisor_is_gone(void **state)
{
	struct world *w = *state;

	say(w, CONTROL_CONFIG);
	channel_destroy(&w->supervisor);
	assert_false(control_take(w->role, &w->taker));
	assert_string_equal(w->took, "c");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_taken_in_their_order),
	    TEST(test_a_descriptor_is_kept), TEST(test_nothing_is_taken_behind_stop),
	    TEST(test_the_supervisor_is_gone)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
