/* What the live view asks of the helper, LOOK and WATCH, on queue directories made here: the helper
 * runs as a process of its own, this one plays supervisor and reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "helper/helper.h"
#include "helper/spool.h"
#include "helper/watches.h"
#include "wire/control_proto.h"
#include "wire/helper_proto.h"

#define WAIT_MS 20000
#define WATCHED_MAX 64
#define ID "4F0A512345"

struct fixture {
	char directory[64];
	pid_t helper;
	bool unlimited; /* the machine has no user namespaces */
	struct channel *control, *channel;
	struct frame frame;
	uint32_t request;
	int inotify;
	struct {
		uint32_t descriptor;
		char name[64]; /* "deferred/A" */
	} watched[WATCHED_MAX];
	size_t watched_count, listed;
	char last_listed[32];
	struct helper_watch_end end;
	char why[512];
};

static const char *path(const struct fixture *f, const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *out = paths[next++ % 4];

	snprintf(out, sizeof(paths[0]), "%s/%s", f->directory, name);
	return out;
}

static void make_directory(const struct fixture *f, const char *name)
{
	assert_int_equal(mkdir(path(f, name), 0700), 0);
}

static void make_file(const struct fixture *f, const char *name, mode_t mode)
{
	int fd = open(path(f, name), O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0 && fchmod(fd, mode) == 0);
	fd_close(&fd);
}

static void move(const struct fixture *f, const char *from, const char *to)
{
	assert_int_equal(rename(path(f, from), path(f, to)), 0);
}

/* A channel of that role; the one before is closed. */
static void introduce(struct fixture *f, enum control_role role)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct control_peer peer = {role};
	int fds[2];

	channel_destroy(&f->channel);
	assert_true(channel_pair(fds, NULL));
	control_peer_encode(&frame, &peer);
	assert_true(channel_send(f->control, &frame, &fds[1], 1));
	fd_close(&fds[1]);
	f->channel = channel_create(fds[0]);
}

static bool write_text(const char *name, const char *text)
{
	FD_AUTO int fd = open(name, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* In a user namespace of its own, where the same numbers are the same users, the helper's limits
 * are its own too. False where the machine does not allow that. */
static bool enter_namespace(int control_fd, const char *limit, const char *value)
{
	char go;

	return unshare(CLONE_NEWUSER) == 0 && send(control_fd, "?", 1, 0) == 1 &&
	       recv(control_fd, &go, 1, 0) == 1 && write_text(limit, value);
}

static bool map_users(pid_t pid, int control_fd)
{
	char name[64], asked;

	if (recv(control_fd, &asked, 1, 0) != 1)
		return false;
	snprintf(name, sizeof(name), "/proc/%d/uid_map", (int)pid);
	if (!write_text(name, "0 0 65536"))
		return false;
	snprintf(name, sizeof(name), "/proc/%d/gid_map", (int)pid);
	return write_text(name, "0 0 65536") && send(control_fd, "!", 1, 0) == 1;
}

static int set_up_limited(void **state, const char *limit, const char *value)
{
	static const char *const queues[] = {"maildrop", "incoming", "active", "deferred",
	    "deferred/4", "deferred/A", "hold", "corrupt", "defer", "bounce"};
	struct fixture *f = memory_zero(1, sizeof(*f));
	BUFFER_AUTO struct buffer frame = {0};
	ROLE_CONFIG_AUTO struct role_config config = {0};
	int fds[2];

	strcpy(f->directory, "/tmp/postroom-live-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++)
		make_directory(f, queues[i]);
	assert_true(channel_pair(fds, NULL));
	f->helper = fork();
	assert_true(f->helper >= 0);
	if (f->helper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		log_init("helper", LOG_LEVEL_ERROR);
		if (limit != NULL) {
			fd_set_nonblocking(fds[1], false);
			if (!enter_namespace(fds[1], limit, value))
				_exit(77);
		}
		_exit(helper_main(fds[1], -1));
	}
	close(fds[1]);
	fd_set_nonblocking(fds[0], false);
	f->unlimited = limit != NULL && !map_users(f->helper, fds[0]);
	f->control = channel_create(fds[0]);
	f->inotify = -1;
	*state = f;
	if (f->unlimited)
		return 0;
	role_config_set_fact(&config, "queue_directory", slice_of(f->directory));
	role_config_set_fact(&config, "hash_queue_names", SLICE("deferred, defer"));
	role_config_set_fact(&config, "hash_queue_depth", SLICE("1"));
	config.facts.known = true;
	role_config_encode(&frame, &config);
	assert_true(channel_send(f->control, &frame, NULL, 0));
	introduce(f, CONTROL_ROLE_READER);
	return 0;
}

static int set_up(void **state)
{
	return set_up_limited(state, NULL, NULL);
}

static int set_up_few_watches(void **state)
{
	return set_up_limited(state, "/proc/sys/user/max_inotify_watches", "10");
}

static int set_up_no_instance(void **state)
{
	return set_up_limited(state, "/proc/sys/user/max_inotify_instances", "0");
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char line[128];

	fd_close(&f->inotify);
	channel_destroy(&f->channel);
	channel_destroy(&f->control);
	waitpid(f->helper, NULL, 0);
	snprintf(line, sizeof(line), "rm -rf %s", f->directory);
	assert_int_equal(system(line), 0);
	free(f);
	return 0;
}

static void next(struct fixture *f)
{
	frame_close(&f->frame);
	assert_true(channel_wait(f->channel, WAIT_MS));
	assert_int_equal(channel_receive(f->channel, &f->frame), CHANNEL_FRAME);
	assert_int_equal(f->frame.request, f->request);
}

static void expect_refused(struct fixture *f, const struct buffer *frame, const char *code)
{
	struct helper_refused refused;

	assert_true(channel_send(f->channel, frame, NULL, 0));
	next(f);
	assert_true(helper_refused_decode(&f->frame, &refused));
	assert_true(slice_is(refused.code, code));
}

/* ---- LOOK ---- */

static struct helper_looked look(struct fixture *f, uint8_t queue, struct slice id)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_look_id ids[2] = {{queue, id}, {HELPER_QUEUE_ANY, SLICE("FFFFFFFF")}};
	struct helper_looked looked, other;
	struct cursor c;

	helper_look_encode(&frame, ++f->request, &(struct helper_look){ids, 2});
	assert_true(channel_send(f->channel, &frame, NULL, 0));
	next(f);
	assert_int_equal(f->frame.type, HELPER_LOOKED);
	c = frame_cursor(&f->frame);
	assert_true(helper_looked_get(&c, &looked));
	assert_true(helper_looked_get(&c, &other) && other.error == ENOENT);
	assert_true(cursor_finished(&c));
	return looked;
}

static void test_look(void **state)
{
	struct fixture *f = *state;
	struct helper_looked looked;
	struct stat st;

	make_file(f, "deferred/4/" ID, 0710);
	assert_int_equal(stat(path(f, "deferred/4/" ID), &st), 0);
	for (unsigned hint = 0; hint <= QUEUE_CORRUPT + 1; hint++) {
		looked =
		    look(f, hint > QUEUE_CORRUPT ? HELPER_QUEUE_ANY : (uint8_t)hint, SLICE(ID));
		assert_true(looked.error == 0 && looked.record.queue == QUEUE_DEFERRED);
		assert_true(looked.record.inode == st.st_ino && looked.record.size == 0 &&
			    looked.record.mode == (S_IFREG | 0710));
		assert_true(looked.record.mtime_ns ==
			    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
	}
	looked = look(f, HELPER_QUEUE_GONE, SLICE(ID));
	assert_true(looked.error == 0 && looked.record.queue == QUEUE_DEFERRED);
	assert_int_equal(look(f, HELPER_QUEUE_GONE, SLICE("4F0A512346")).error, ENOENT);
	/* Not ready is told by the mode; corrupt only where it was asked for; at another depth. */
	move(f, "deferred/4/" ID, "incoming/" ID);
	assert_int_equal(chmod(path(f, "incoming/" ID), 0600), 0);
	looked = look(f, QUEUE_ACTIVE, SLICE(ID));
	assert_true(looked.error == 0 && looked.record.queue == QUEUE_INCOMING &&
		    looked.record.mode == (S_IFREG | 0600));
	move(f, "incoming/" ID, "deferred/" ID);
	assert_int_equal(look(f, QUEUE_ACTIVE, SLICE(ID)).record.queue, QUEUE_DEFERRED);
	move(f, "deferred/" ID, "corrupt/" ID);
	assert_int_equal(look(f, QUEUE_ACTIVE, SLICE(ID)).error, ENOENT);
	assert_int_equal(look(f, QUEUE_CORRUPT, SLICE(ID)).record.queue, QUEUE_CORRUPT);
	/* Whatever is no ID, and whatever is no file, a link in the way too. */
	assert_int_equal(look(f, QUEUE_HOLD, SLICE("../corrupt/" ID)).error, EINVAL);
	assert_int_equal(look(f, QUEUE_HOLD, SLICE("")).error, EINVAL);
	assert_int_equal(symlink("/etc/passwd", path(f, "hold/ABCDEF")), 0);
	assert_int_equal(look(f, QUEUE_HOLD, SLICE("ABCDEF")).error, EINVAL);
	assert_int_equal(rename(path(f, "deferred/4"), path(f, "elsewhere")), 0);
	assert_int_equal(symlink(path(f, "corrupt"), path(f, "deferred/4")), 0);
	assert_int_equal(look(f, QUEUE_DEFERRED, SLICE(ID)).error, EINVAL);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_look_id id = {HELPER_QUEUE_ANY, SLICE(ID)};
	struct helper_watch watch = {false, QUEUE_DEFERRED, SLICE("A/..")};

	helper_watch_encode(&frame, ++f->request, &watch);
	expect_refused(f, &frame, "bad_request");
	helper_look_encode(&frame, ++f->request, &(struct helper_look){&id, 0});
	expect_refused(f, &frame, "bad_request");
	introduce(f, CONTROL_ROLE_SERVER);
	helper_look_encode(&frame, ++f->request, &(struct helper_look){&id, 1});
	expect_refused(f, &frame, "not_allowed");
	watch = (struct helper_watch){true, HELPER_QUEUE_ANY, SLICE("")};
	helper_watch_encode(&frame, ++f->request, &watch);
	expect_refused(f, &frame, "not_allowed");
}

/* ---- WATCH ---- */

static void take_watched(struct fixture *f)
{
	struct cursor c = frame_cursor(&f->frame);
	struct helper_watched w;

	while (helper_watched_get(&c, &w)) {
		assert_true(f->watched_count < WATCHED_MAX);
		f->watched[f->watched_count].descriptor = w.descriptor;
		snprintf(f->watched[f->watched_count++].name, sizeof(f->watched[0].name),
		    "%s%s%.*s", w.queue == HELPER_QUEUE_ANY ? "." : queue_directory_name(w.queue),
		    w.path.len > 0 ? "/" : "", SLICE_ARGS(w.path));
	}
	assert_true(cursor_finished(&c));
}

static void take_listed(struct fixture *f)
{
	struct cursor c = frame_cursor(&f->frame);
	struct helper_record record;

	for (; helper_record_get(&c, &record); f->listed++)
		snprintf(f->last_listed, sizeof(f->last_listed), "%u/%.*s", record.queue,
		    SLICE_ARGS(record.name));
	assert_true(cursor_finished(&c));
}

/* Returns the error that the answer ended with. */
static uint32_t watch(struct fixture *f, uint8_t queue, struct slice where)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_watch question = {f->inotify < 0, queue, where};

	helper_watch_encode(&frame, ++f->request, &question);
	assert_true(channel_send(f->channel, &frame, NULL, 0));
	f->watched_count = f->listed = 0;
	for (;;) {
		next(f);
		if (f->frame.type == HELPER_STREAM) {
			assert_int_equal(f->inotify, -1);
			f->inotify = frame_take_fd(&f->frame, 0);
		} else if (f->frame.type == HELPER_WATCHES)
			take_watched(f);
		else if (f->frame.type == HELPER_LIST_BATCH)
			take_listed(f);
		else
			break;
	}
	assert_true(helper_watch_end_decode(&f->frame, &f->end));
	assert_int_equal(f->end.watches, f->watched_count);
	snprintf(f->why, sizeof(f->why), "%.*s", SLICE_ARGS(f->end.text));
	if (f->end.error != 0 && where.len == 0)
		fd_close(&f->inotify);
	return f->end.error;
}

static const char *name_of(const struct fixture *f, int descriptor)
{
	for (size_t i = 0; i < f->watched_count; i++)
		if ((int)f->watched[i].descriptor == descriptor)
			return f->watched[i].name;
	return "?";
}

/* All events there are, as "directory:what:name" with a blank after each. */
static const char *events(const struct fixture *f)
{
	static char text[1024];
	static const struct {
		uint32_t mask;
		char letter;
	} letters[] = {{IN_ATTRIB, 'a'}, {IN_CREATE, 'c'}, {IN_DELETE, 'd'}, {IN_MOVED_FROM, 'f'},
	    {IN_MOVED_TO, 't'}, {IN_CLOSE_WRITE, 'w'}, {IN_MOVE_SELF, 'm'}, {IN_MODIFY, 'M'},
	    {IN_OPEN, 'o'}, {IN_ACCESS, 'A'}};
	_Alignas(struct inotify_event) char bytes[4096];
	ssize_t len = read(f->inotify, bytes, sizeof(bytes));
	size_t used = 0;

	text[0] = '\0';
	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *e = (const void *)(bytes + at);
		char what = '?';

		for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
			if ((e->mask & letters[i].mask) != 0)
				what = letters[i].letter;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s:%c:%s ",
		    name_of(f, e->wd), what, e->len > 0 ? e->name : "");
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	return text;
}

static void test_watch(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	assert_true(f->inotify >= 0 && (fcntl(f->inotify, F_GETFL) & O_NONBLOCK) != 0);
	/* The queue directory, eight queues, two hashed ones. */
	assert_int_equal(f->watched_count, 11);
	/* A message comes in: a temporary name, its own, content, ready; delivered. */
	make_file(f, "incoming/17.4242", 0600);
	assert_string_equal(events(f), "incoming:c:17.4242 incoming:a:17.4242 ");
	move(f, "incoming/17.4242", "incoming/" ID);
	assert_string_equal(events(f), "");
	assert_int_equal(chmod(path(f, "incoming/" ID), 0700), 0);
	move(f, "incoming/" ID, "active/" ID);
	assert_string_equal(events(f), "incoming:a:" ID " active:t:" ID " ");
	/* Deferred, tried again, held, released, given back to incoming. */
	assert_int_equal(utimensat(AT_FDCWD, path(f, "active/" ID), NULL, 0), 0);
	move(f, "active/" ID, "deferred/4/" ID);
	assert_string_equal(events(f), "active:a:" ID " deferred/4:t:" ID " ");
	move(f, "deferred/4/" ID, "active/" ID);
	assert_string_equal(events(f), "deferred/4:f:" ID " active:t:" ID " ");
	move(f, "active/" ID, "hold/" ID);
	assert_string_equal(events(f), "hold:t:" ID " ");
	move(f, "hold/" ID, "maildrop/" ID);
	assert_string_equal(events(f), "hold:f:" ID " maildrop:t:" ID " ");
	move(f, "maildrop/" ID, "corrupt/" ID);
	assert_string_equal(events(f), "maildrop:f:" ID " corrupt:t:" ID " ");
	assert_int_equal(unlink(path(f, "corrupt/" ID)), 0);
	assert_string_equal(events(f), "corrupt:d:" ID " ");
	/* A bounce log grows; whoever reads is not told of. */
	make_file(f, "bounce/" ID, 0600);
	assert_string_equal(events(f), "bounce:c:" ID " bounce:w:" ID " ");
	/* So does a defer log, also of what is on hold. */
	make_file(f, "defer/" ID, 0600);
	assert_string_equal(events(f), "defer:c:" ID " defer:w:" ID " ");
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	assert_int_equal(f->watched_count, 11);
	assert_string_equal(events(f), "");
}

static void test_watch_subdirectory(void **state)
{
	struct fixture *f = *state;
	uint32_t first;

	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	make_directory(f, "deferred/B");
	make_directory(f, "deferred/B/7");
	make_file(f, "deferred/B/B70000", 0700);
	make_file(f, "deferred/B/7/B71111", 0700);
	assert_string_equal(events(f), "deferred:c:B ");
	assert_int_equal(watch(f, QUEUE_DEFERRED, SLICE("B")), 0);
	assert_int_equal(f->watched_count, 2);
	assert_int_equal(f->listed, 2);
	assert_string_equal(f->watched[0].name, "deferred/B");
	assert_string_equal(f->watched[1].name, "deferred/B/7");
	first = f->watched[1].descriptor;
	/* Once more is no harm, and the same. */
	assert_int_equal(watch(f, QUEUE_DEFERRED, SLICE("B/7")), 0);
	assert_true(f->watched_count == 1 && f->watched[0].descriptor == first && f->listed == 1);
	assert_string_equal(f->last_listed, "3/B71111");
	assert_int_equal(unlink(path(f, "deferred/B/7/B71111")), 0);
	assert_string_equal(events(f), "deferred/B/7:d:B71111 ");
	assert_int_equal(watch(f, QUEUE_DEFERRED, SLICE("C")), ENOENT);
	assert_int_equal(watch(f, QUEUE_HOLD, SLICE("")), 0);
	assert_string_equal(f->watched[0].name, "hold");
	/* A directory that is gone makes it fail; a link is not followed. */
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	assert_int_equal(f->watched_count, 13);
	assert_int_equal(rmdir(path(f, "hold")), 0);
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), ENOENT);
	make_directory(f, "hold");
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	assert_int_equal(symlink("/etc", path(f, "deferred/E")), 0);
	assert_int_not_equal(watch(f, QUEUE_DEFERRED, SLICE("E")), 0);
	assert_int_equal(f->watched_count, 0);
	assert_int_equal(watch(f, QUEUE_HOLD, SLICE("")), EBADF);
}

/* A new reader gets a descriptor of its own. */
static void test_new_reader(void **state)
{
	struct fixture *f = *state;
	int old;

	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	old = f->inotify;
	f->inotify = -1;
	introduce(f, CONTROL_ROLE_READER);
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	make_file(f, "hold/" ID, 0700);
	assert_string_equal(events(f), "hold:c:" ID " hold:a:" ID " ");
	fd_close(&old);
}

/* One watch too few: which limit, and what to type. The others are not kept. */
static void test_few_watches(void **state)
{
	struct fixture *f = *state;

	if (f->unlimited)
		skip();
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), ENOSPC);
	assert_string_equal(f->why,
	    "all 10 inotify watches that root may have are in use: type `sysctl -w "
	    "user.max_inotify_watches=524288`, and put that setting into "
	    "/etc/sysctl.d/60-postroom.conf.");
	assert_int_equal(rmdir(path(f, "deferred/4")), 0);
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), 0);
	assert_int_equal(f->watched_count, 10);
}

static void test_no_instance(void **state)
{
	struct fixture *f = *state;

	if (f->unlimited)
		skip();
	assert_int_equal(watch(f, HELPER_QUEUE_ANY, SLICE("")), EMFILE);
	assert_int_equal(f->inotify, -1);
	assert_non_null(strstr(f->why, "user.max_inotify_instances=512"));
}

static void test_advice(void **state)
{
	BUFFER_AUTO struct buffer why = {0}, fix = {0};
	struct watches_limits limits = watches_limits();
	struct spool spool = {-1, 1, HELPER_QUEUE_BIT(QUEUE_DEFERRED)};

	(void)state;
	assert_true(limits.watches > 0 && limits.instances > 0);
	assert_int_equal(watches_advice(8192, WATCHES_ADVICE), 524288);
	assert_int_equal(watches_advice(524288, WATCHES_ADVICE), 1048576);
	watches_explain(ENOSPC, "hold", &why, &fix);
	assert_non_null(strstr(buffer_string(&fix), limits.watches_name));
	buffer_clear(&fix);
	watches_explain(EMFILE, "hold", &why, &fix);
	assert_non_null(strstr(buffer_string(&fix), limits.instances_name));
	buffer_clear(&fix);
	buffer_clear(&why);
	watches_explain(EACCES, "hold", &why, &fix);
	assert_string_equal(buffer_string(&why), "hold cannot be watched: Permission denied");
	assert_int_equal(fix.len, 0);
	/* The queue directory, eight queues, sixteen of deferred. */
	assert_int_equal(watches_needed(&spool), 25);
	spool = (struct spool){
	    -1, 2, HELPER_QUEUE_BIT(QUEUE_DEFERRED) | HELPER_QUEUE_BIT(QUEUE_DEFER_LOGS)};
	assert_int_equal(watches_needed(&spool), 9 + 2 * (16 + 256));
	buffer_clear(&why);
	watches_explain_need(&spool, &why, &fix);
	assert_int_equal(why.len, 0);
	spool.depth = 8; /* more than any kernel allows */
	watches_explain_need(&spool, &why, &fix);
	assert_non_null(strstr(buffer_string(&fix), "sysctl -w "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_look, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_watch, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_watch_subdirectory, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_new_reader, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_few_watches, set_up_few_watches, tear_down),
	    cmocka_unit_test_setup_teardown(test_no_instance, set_up_no_instance, tear_down),
	    cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
