/* Events of inotify, well formed and not, made of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/buffer.h"
#include "reader/changes.h"

#define ID "4F0A512345"
#define OTHER "4F0A5FFFFF"

struct fixture {
	struct changes *changes;
	struct buffer bytes;
};

static void name_it(struct fixture *f, uint32_t descriptor, uint8_t queue, const char *path)
{
	struct helper_watched watched = {descriptor, queue, slice_of(path)};

	changes_name_directory(f->changes, &watched);
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){changes_create(), {0}};
	/* Not in the order of their descriptors. */
	name_it(&f, 7, QUEUE_DEFERRED, "A");
	name_it(&f, 1, HELPER_QUEUE_ANY, "");
	name_it(&f, 3, QUEUE_ACTIVE, "");
	name_it(&f, 2, QUEUE_INCOMING, "");
	name_it(&f, 5, QUEUE_DEFERRED, "");
	name_it(&f, 8, QUEUE_HOLD, "");
	name_it(&f, 9, QUEUE_CORRUPT, "");
	name_it(&f, 10, QUEUE_BOUNCE_LOGS, "");
	name_it(&f, 11, QUEUE_DEFER_LOGS, "A");
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	changes_destroy(&f->changes);
	buffer_free(&f->bytes);
	return 0;
}

static void put(struct fixture *f, int descriptor, uint32_t mask, const char *name)
{
	struct inotify_event event = {descriptor, mask, 0, 0};
	size_t len = strlen(name);

	/* As the kernel does: the name with its NUL, filled up to a multiple of 16. */
	event.len = len == 0 ? 0 : (uint32_t)(len / 16 + 1) * 16;
	buffer_append(&f->bytes, &event, sizeof(event));
	buffer_append(&f->bytes, name, len);
	for (size_t i = len; i < event.len; i++)
		buffer_append_char(&f->bytes, '\0');
}

static void take(struct fixture *f)
{
	changes_take(f->changes, f->bytes.data, f->bytes.len);
	buffer_clear(&f->bytes);
}

static void expect_hint(struct fixture *f, size_t index, const char *id, uint8_t queue)
{
	size_t count;
	const struct source_hint *hints = changes_hints(f->changes, &count);

	assert_true(index < count);
	assert_true(slice_is(hints[index].id, id));
	assert_int_equal(hints[index].queue, queue);
}

static size_t count_hints(struct fixture *f)
{
	size_t count;

	(void)changes_hints(f->changes, &count);
	return count;
}

static void test_one_hint_for_a_message(void **state)
{
	struct fixture *f = *state;

	put(f, 2, IN_ATTRIB, ID);
	put(f, 3, IN_MOVED_TO, ID);
	put(f, 3, IN_ATTRIB, OTHER);
	put(f, 7, IN_MOVED_TO, ID);
	put(f, 10, IN_CLOSE_WRITE, OTHER);
	put(f, 3, IN_DELETE, "4F0A5EEEEE");
	take(f);
	assert_int_equal(changes_count(f->changes), 3);
	assert_int_equal(count_hints(f), 4);
	expect_hint(f, 3, "4F0A5EEEEE", HELPER_QUEUE_GONE);
	expect_hint(f, 0, ID, QUEUE_DEFERRED);
	expect_hint(f, 1, OTHER, QUEUE_ACTIVE);
	expect_hint(f, 2, OTHER, QUEUE_BOUNCE_LOGS);
	changes_forget_hints(f->changes);
	assert_int_equal(count_hints(f), 0);
	/* A bounce log alone says nothing of the queue file. */
	put(f, 10, IN_CLOSE_WRITE, OTHER);
	take(f);
	assert_int_equal(count_hints(f), 1);
	expect_hint(f, 0, OTHER, QUEUE_BOUNCE_LOGS);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_NONE);
}

/* A defer log that was written tells of a change, and not of where the message is. */
static void test_defer_logs(void **state)
{
	struct fixture *f = *state;

	put(f, 11, IN_CREATE, ID);
	take(f);
	assert_int_equal(count_hints(f), 0);
	put(f, 11, IN_CLOSE_WRITE, ID);
	put(f, 11, IN_CLOSE_WRITE, ID);
	take(f);
	assert_int_equal(count_hints(f), 1);
	expect_hint(f, 0, ID, HELPER_QUEUE_ANY);
	put(f, 7, IN_MOVED_TO, ID);
	put(f, 11, IN_CLOSE_WRITE, ID);
	take(f);
	assert_int_equal(count_hints(f), 1);
	expect_hint(f, 0, ID, QUEUE_DEFERRED);
}

static void test_what_is_no_message(void **state)
{
	struct fixture *f = *state;

	put(f, 2, IN_ATTRIB, "123456.4242"); /* a temporary name of cleanup */
	put(f, 8, IN_MOVED_TO, "ALL");
	put(f, 8, IN_MOVED_TO, "../../etc/passwd");
	put(f, 1, IN_CREATE, ID);   /* a file in the queue directory itself */
	put(f, 6, IN_MOVED_TO, ID); /* of a watch that was removed */
	put(f, 8, IN_CREATE | IN_ISDIR, ID);
	take(f);
	assert_int_equal(count_hints(f), 0);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_NONE);
}

static void test_new_directories(void **state)
{
	struct fixture *f = *state;
	struct changes_directory directory;

	put(f, 5, IN_CREATE | IN_ISDIR, "B");
	put(f, 7, IN_MOVED_TO | IN_ISDIR, "_");
	put(f, 5, IN_CREATE | IN_ISDIR, "lost+found");
	put(f, 5, IN_DELETE | IN_ISDIR, "C");
	take(f);
	assert_true(changes_take_directory(f->changes, &directory));
	assert_true(directory.queue == QUEUE_DEFERRED && strcmp(directory.path, "B") == 0);
	assert_true(changes_take_directory(f->changes, &directory));
	assert_string_equal(directory.path, "A/_");
	assert_false(changes_take_directory(f->changes, &directory));
	/* As deep as IDs are hashed at most, and no deeper. */
	name_it(f, 11, QUEUE_HOLD, "1/2/3/4/5/6/7");
	name_it(f, 12, QUEUE_HOLD, "1/2/3/4/5/6/7/8");
	put(f, 11, IN_CREATE | IN_ISDIR, "8");
	put(f, 12, IN_CREATE | IN_ISDIR, "9");
	take(f);
	assert_true(changes_take_directory(f->changes, &directory));
	assert_string_equal(directory.path, "1/2/3/4/5/6/7/8");
	assert_false(changes_take_directory(f->changes, &directory));
	assert_int_equal(changes_take_loss(f->changes), CHANGES_NONE);
	for (int i = 0; i <= CHANGES_DIRECTORIES_MAX; i++)
		put(f, 5, IN_CREATE | IN_ISDIR, "B");
	take(f);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_MOVED);
}

static enum changes_loss loss_of(struct fixture *f, int descriptor, uint32_t mask, const char *name)
{
	put(f, descriptor, mask, name);
	take(f);
	return changes_take_loss(f->changes);
}

static void test_losses(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loss_of(f, -1, IN_Q_OVERFLOW, ""), CHANGES_OVERFLOW);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_NONE);
	assert_int_equal(loss_of(f, 8, IN_MOVE_SELF, ""), CHANGES_MOVED);
	assert_int_equal(loss_of(f, 8, IN_UNMOUNT, ""), CHANGES_MOVED);
	assert_int_equal(loss_of(f, 1, IN_CREATE | IN_ISDIR, "hold"), CHANGES_MOVED);
	assert_int_equal(loss_of(f, 1, IN_MOVED_TO | IN_ISDIR, "active"), CHANGES_MOVED);
	assert_int_equal(loss_of(f, 1, IN_CREATE | IN_ISDIR, "trace"), CHANGES_NONE);
	assert_int_equal(loss_of(f, 1, IN_DELETE_SELF, ""), CHANGES_MOVED);
	/* A hashed directory may go, but not elsewhere. */
	assert_int_equal(loss_of(f, 7, IN_DELETE_SELF, ""), CHANGES_NONE);
	assert_int_equal(loss_of(f, 7, IN_MOVE_SELF, ""), CHANGES_MOVED);
	assert_int_equal(loss_of(f, 7, IN_IGNORED, ""), CHANGES_NONE);
	assert_int_equal(
	    loss_of(f, 7, IN_MOVE_SELF, ""), CHANGES_NONE); /* its last word was said */
	assert_int_equal(changes_directory_count(f->changes), 8);
	assert_int_equal(loss_of(f, 8, IN_IGNORED, ""), CHANGES_MOVED);
	/* The worst one counts. */
	put(f, 9, IN_MOVED_TO, ID);
	put(f, -1, IN_Q_OVERFLOW, "");
	put(f, 9, IN_MOVED_TO, ID);
	take(f);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_OVERFLOW);
	changes_clear(f->changes);
	assert_int_equal(loss_of(f, 9, IN_MOVED_TO, ID), CHANGES_CORRUPT);
	expect_hint(f, 0, ID, HELPER_QUEUE_ANY);
}

static void test_too_many(void **state)
{
	struct fixture *f = *state;
	char id[16];

	for (unsigned i = 0; i <= CHANGES_IDS_MAX; i++) {
		snprintf(id, sizeof(id), "%010X", i);
		changes_add(f->changes, slice_of(id), QUEUE_HOLD);
	}
	assert_int_equal(changes_count(f->changes), CHANGES_IDS_MAX);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_TOO_MANY);
	/* Those that are there are still heard of. */
	changes_add(f->changes, SLICE("0000000000"), QUEUE_ACTIVE);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_NONE);
	expect_hint(f, 0, "0000000000", QUEUE_ACTIVE);
}

/* Every length at which an event can be cut, a name longer than what is there, and no NUL. */
static void test_malformed(void **state)
{
	struct fixture *f = *state;
	struct inotify_event event = {8, IN_MOVED_TO, 0, 0xfffffff0};
	BUFFER_AUTO struct buffer whole = {0};

	put(f, 8, IN_MOVED_TO, ID);
	buffer_append(&whole, f->bytes.data, f->bytes.len);
	for (size_t len = 1; len < whole.len; len++) {
		changes_take(f->changes, whole.data, len);
		assert_int_equal(changes_take_loss(f->changes), CHANGES_MOVED);
	}
	assert_int_equal(count_hints(f), 0);
	changes_take(f->changes, &event, sizeof(event));
	assert_int_equal(changes_take_loss(f->changes), CHANGES_MOVED);
	changes_take(f->changes, "", 0);
	assert_int_equal(changes_take_loss(f->changes), CHANGES_NONE);
	buffer_clear(&f->bytes);
	event.len = 10;
	buffer_append(&f->bytes, &event, sizeof(event));
	buffer_append_string(&f->bytes, ID); /* ten characters, and no NUL */
	take(f);
	expect_hint(f, 0, ID, QUEUE_HOLD);
}

static void test_directories_anew(void **state)
{
	struct fixture *f = *state;
	const struct changes_directory *stale;
	size_t count;

	changes_begin_directories(f->changes);
	name_it(f, 8, QUEUE_HOLD, "");
	name_it(f, 20, QUEUE_ACTIVE, "");
	name_it(f, 7, QUEUE_DEFERRED, "B"); /* renamed */
	stale = changes_end_directories(f->changes, &count);
	assert_int_equal(count, 7);
	assert_int_equal(stale[0].descriptor, 1);
	assert_int_equal(stale[6].descriptor, 11);
	assert_int_equal(changes_directory_count(f->changes), 3);
	assert_string_equal(changes_directory_at(f->changes, 0)->path, "B");
	put(f, 3, IN_MOVED_TO, OTHER); /* the active queue that was */
	put(f, 20, IN_MOVED_TO, ID);
	take(f);
	assert_int_equal(count_hints(f), 1);
	expect_hint(f, 0, ID, QUEUE_ACTIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_one_hint_for_a_message, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_defer_logs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_is_no_message, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_new_directories, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_losses, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_too_many, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_malformed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_directories_anew, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
