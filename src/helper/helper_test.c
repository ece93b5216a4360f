/* The helper as a process of its own, with its rights dropped as in the service, on a real private
 * Postfix. Skipped (status 77) without root or without Postfix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "helper/command.h"
#include "helper/helper.h"
#include "helper/qmgr.h"
#include "helper/retry.h"
#include "postfix/queue_id.h"
#include "role/role.h"
#include "supervisor/facts.h"
#include "supervisor/process.h"
#include "viewer/viewer.h"

#define MESSAGES 4
#define WAIT_MS 30000

struct fixture {
	char dir[64];
	struct config *config;
	struct role_config facts;
	struct process helper;
	struct channel *server, *reader, *logreader;
	char ids[MESSAGES][QUEUE_ID_SIZE];
	size_t id_count;
	uint32_t request;
	struct frame frame;
	struct buffer text; /* what a command printed */
	struct helper_exit end;
	uint8_t statuses[MESSAGES];
};

static void script(const struct fixture *f, const char *verb, const char *more)
{
	char line[512];

	snprintf(line, sizeof(line), "%s/tests/harness/postfix.sh %s %s %s",
	    getenv("POSTROOM_SOURCE"), verb, f->dir, more);
	assert_int_equal(system(line), 0);
}

static struct channel *introduce(struct fixture *f, enum control_role role)
{
	struct control_peer peer = {role};
	BUFFER_AUTO struct buffer frame = {0};
	int fds[2];

	assert_true(channel_pair(fds, NULL));
	control_peer_encode(&frame, &peer);
	assert_true(channel_send(f->helper.control, &frame, &fds[1], 1));
	fd_close(&fds[1]);
	return channel_create(fds[0]);
}

/* This program plays the helper and the viewer. */
static int open_self(void)
{
	return open("/proc/self/exe", O_PATH | O_CLOEXEC);
}

static void start_helper(struct fixture *f)
{
	struct confine_plan plan = {.role = CONTROL_ROLE_HELPER,
	    .privileged = true,
	    .unbounded = f->facts.prefix[0] != '\0'};
	struct control_ready ready;
	struct error err;
	BUFFER_AUTO struct buffer frame = {0};
	FD_AUTO int program = open_self();

	assert_true(process_start(&f->helper, &plan, program, &f->facts, &err));
	assert_true(channel_wait(f->helper.control, WAIT_MS));
	assert_int_equal(channel_receive(f->helper.control, &f->frame), CHANNEL_FRAME);
	assert_true(control_ready_decode(&f->frame, &ready));
	assert_true(confine_check(&plan, &ready, &err));
	role_config_encode(&frame, &f->facts);
	assert_true(channel_send(f->helper.control, &frame, NULL, 0));
	f->server = introduce(f, CONTROL_ROLE_SERVER);
	f->reader = introduce(f, CONTROL_ROLE_READER);
	f->logreader = introduce(f, CONTROL_ROLE_LOGREADER);
}

static const char *const users[] = {
    "run.user=65521", "run.parse_user=65522", "run.view_user=65523", "run.notify_user=65524"};

static int set_up_with(void **state, const char *prefix)
{
	struct fixture *f = memory_zero(1, sizeof(*f));
	char directory[128];
	struct error err;

	strcpy(f->dir, "/tmp/postroom-helper-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	script(f, "start", "");
	f->config = config_create();
	snprintf(directory, sizeof(directory), "postfix.config_directory=%s/config", f->dir);
	assert_true(config_set(f->config, directory, NULL));
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		assert_true(config_set(f->config, users[i], NULL));
	assert_true(config_set(f->config, prefix, NULL));
	assert_true(facts_collect(f->config, "", &f->facts, &err) && f->facts.facts.known);
	start_helper(f);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, "postfix.command_prefix=");
}

/* A prefix that adds nothing: the commands are the same, but nothing is known of a spool. */
static int set_up_prefix(void **state)
{
	return set_up_with(state, "postfix.command_prefix=/usr/bin/env -u NOTHING");
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char how[128], line[128];

	channel_destroy(&f->server);
	channel_destroy(&f->reader);
	channel_destroy(&f->logreader);
	channel_destroy(&f->helper.control); /* its end */
	if (f->helper.pid > 0)
		assert_true(process_reap(&f->helper, how, sizeof(how)));
	script(f, "stop", "");
	role_config_free(&f->facts);
	config_destroy(&f->config);
	buffer_free(&f->text);
	snprintf(line, sizeof(line), "rm -rf %s", f->dir);
	assert_int_equal(system(line), 0);
	free(f);
	return 0;
}

static void ask(struct fixture *f, struct channel *channel, struct buffer *frame)
{
	assert_true(channel_send(channel, frame, NULL, 0));
}

/* The next frame, which must be of that type and answer the last question. */
static void next(struct fixture *f, struct channel *channel, enum helper_type type)
{
	frame_close(&f->frame);
	assert_true(channel_wait(channel, WAIT_MS));
	assert_int_equal(channel_receive(channel, &f->frame), CHANNEL_FRAME);
	assert_int_equal(f->frame.request, f->request);
	assert_int_equal(f->frame.type, type);
}

static void expect_refused(struct fixture *f, struct channel *channel, const char *code)
{
	struct helper_refused refused;

	next(f, channel, HELPER_REFUSED);
	assert_true(helper_refused_decode(&f->frame, &refused));
	assert_true(slice_is(refused.code, code));
}

/* ---- listing and opening ---- */

static size_t list(struct fixture *f, uint32_t queues)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_record record;
	struct helper_list_end end;

	helper_list_encode(&frame, ++f->request, &(struct helper_list){queues, false});
	ask(f, f->reader, &frame);
	f->id_count = 0;
	for (;;) {
		struct cursor c;

		assert_true(channel_wait(f->reader, WAIT_MS));
		assert_int_equal(channel_receive(f->reader, &f->frame), CHANNEL_FRAME);
		if (f->frame.type != HELPER_LIST_BATCH)
			break;
		c = frame_cursor(&f->frame);
		while (helper_record_get(&c, &record)) {
			assert_true(f->id_count < MESSAGES &&
				    (queues & HELPER_QUEUE_BIT(record.queue)) != 0);
			assert_true(S_ISREG(record.mode) && record.inode != 0);
			snprintf(
			    f->ids[f->id_count++], QUEUE_ID_SIZE, "%.*s", SLICE_ARGS(record.name));
		}
		assert_true(cursor_finished(&c));
	}
	assert_true(helper_list_end_decode(&f->frame, &end));
	assert_int_equal(end.error, 0);
	assert_int_equal(end.records, f->id_count);
	return f->id_count;
}

static void inject(struct fixture *f)
{
	char count[8];

	snprintf(count, sizeof(count), "%d", MESSAGES);
	script(f, "inject", count);
	assert_int_equal(list(f, HELPER_QUEUE_BIT(QUEUE_DEFERRED)), MESSAGES);
}

static void open_ids(
    struct fixture *f, enum helper_open_kind kind, uint8_t queue, struct slice *ids, size_t count)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_open open = {kind, queue, {ids, count}};

	helper_open_encode(&frame, ++f->request, &open);
	ask(f, f->reader, &frame);
	next(f, f->reader, HELPER_OPENED);
}

/* Files that are too large to come as their bytes, and more of the others than one frame holds. */
static void open_large(struct fixture *f, bool bytes)
{
	char path[1100], names[40][20], block[1000] = {'C'};
	struct slice ids[40];
	struct helper_opened opened;
	struct cursor c;

	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "ABCDEF1234%02d", i);
		ids[i] = slice_of(names[i]);
		snprintf(path, sizeof(path), "%s/spool/hold/%s", f->dir, names[i]);
		FD_AUTO int fd = open(path, O_CREAT | O_WRONLY, 0700);
		for (int k = 0; k < (i % 2 == 0 ? 16 : 17); k++)
			assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
	}
	open_ids(f, HELPER_OPEN_MESSAGE_DEFER, QUEUE_HOLD, ids, 40);
	c = frame_cursor(&f->frame);
	for (int i = 0; i < 40; i++) {
		if (c.left == 0) {
			next(f, f->reader, HELPER_OPENED);
			c = frame_cursor(&f->frame);
		}
		assert_true(helper_opened_get(&c, &opened) && opened.error == 0);
		assert_int_equal(opened.record.size, i % 2 == 0 ? 16000 : 17000);
		assert_int_equal(opened.bytes.len, i % 2 == 0 && bytes ? 16000 : 0);
		assert_int_equal(opened.defer_error, ENOENT);
		assert_int_equal(opened.fd == HELPER_NO_FD, i % 2 == 0 && bytes);
		if (opened.fd == HELPER_NO_FD)
			continue;
		FD_AUTO int fd = frame_take_fd(&f->frame, opened.fd);
		assert_int_equal(pread(fd, block, sizeof(block), 15000 + i % 2 * 1000), 1000);
	}
	assert_int_equal(c.left, 0);
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "%s/spool/hold/%s", f->dir, names[i]);
		unlink(path);
	}
}

static void test_open(void **state)
{
	struct fixture *f = *state;
	struct slice ids[3];
	struct helper_opened opened;
	struct cursor c;
	struct statfs fs;
	char path[256];
	int fd;

	inject(f);
	ids[0] = slice_of(f->ids[0]);
	ids[1] = SLICE("ABCDEF012345");
	ids[2] = SLICE("../../etc/passwd");
	open_ids(f, HELPER_OPEN_MESSAGE_DEFER, QUEUE_HOLD, ids, 3);
	c = frame_cursor(&f->frame);
	assert_true(helper_opened_get(&c, &opened));
	assert_true(
	    opened.error == 0 && opened.record.queue == QUEUE_DEFERRED && opened.defer_error == 0);
	assert_int_equal(opened.record.mode, S_IFREG | 0700);
	assert_int_equal(statfs(f->dir, &fs), 0);
	/* They were written just now, so they are in memory. A tmpfs has no RWF_NOWAIT. */
	if (fs.f_type != TMPFS_MAGIC) {
		assert_true(opened.fd == HELPER_NO_FD && opened.defer_fd == HELPER_NO_FD);
		assert_true(opened.bytes.len == opened.record.size && opened.bytes.data[0] == 'C');
		assert_true(opened.defer_bytes.len > 0);
	} else
		assert_true(opened.fd != HELPER_NO_FD && opened.defer_fd != HELPER_NO_FD);
	assert_true(helper_opened_get(&c, &opened));
	assert_true(
	    opened.error == ENOENT && opened.fd == HELPER_NO_FD && opened.defer_error == ENOENT);
	assert_true(helper_opened_get(&c, &opened));
	assert_true(
	    opened.error == EINVAL && opened.fd == HELPER_NO_FD && opened.defer_error == EINVAL);
	assert_false(helper_opened_get(&c, &opened));
	open_ids(f, HELPER_OPEN_MESSAGE, HELPER_QUEUE_ANY, &ids[0], 1);
	c = frame_cursor(&f->frame);
	assert_true(helper_opened_get(&c, &opened) && opened.error == 0);
	fd = frame_take_fd(&f->frame, opened.fd);
	assert_int_equal(pread(fd, path, 1, 0), 1);
	assert_int_equal(path[0], 'C');
	assert_int_equal(write(fd, "X", 1), -1); /* read-only */
	fd_close(&fd);
	/* Being written, a link, a FIFO, a directory: none is opened, and nothing waits. */
	snprintf(path, sizeof(path), "%s/spool/hold/ABCDEF012345", f->dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	open_ids(f, HELPER_OPEN_MESSAGE, HELPER_QUEUE_ANY, &ids[1], 1);
	c = frame_cursor(&f->frame);
	assert_true(helper_opened_get(&c, &opened) && opened.error == EAGAIN);
	fd_close(&fd);
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	open_ids(f, HELPER_OPEN_MESSAGE, QUEUE_HOLD, &ids[1], 1);
	c = frame_cursor(&f->frame);
	assert_true(helper_opened_get(&c, &opened) && opened.error == ELOOP);
	unlink(path);
	assert_int_equal(mkfifo(path, 0700), 0);
	open_ids(f, HELPER_OPEN_MESSAGE, QUEUE_HOLD, &ids[1], 1);
	c = frame_cursor(&f->frame);
	assert_true(
	    helper_opened_get(&c, &opened) && opened.error == EINVAL && f->frame.fd_count == 0);
	unlink(path);
	open_large(f, fs.f_type != TMPFS_MAGIC);
}

static void test_wrong_depth(void **state)
{
	struct fixture *f = *state;
	struct helper_opened opened;
	struct slice id;
	struct cursor c;
	char line[512];

	inject(f);
	snprintf(line, sizeof(line),
	    "mkdir %s/spool/deferred/Z && mkdir -p %s/spool/deferred/%c/%c && mv "
	    "%s/spool/deferred/%c/%s %s/spool/deferred/%c/%c/",
	    f->dir, f->dir, f->ids[0][0], f->ids[0][1], f->dir, f->ids[0][0], f->ids[0], f->dir,
	    f->ids[0][0], f->ids[0][1]);
	assert_int_equal(system(line), 0);
	id = slice_of(f->ids[0]);
	open_ids(f, HELPER_OPEN_MESSAGE, QUEUE_DEFERRED, &id, 1);
	c = frame_cursor(&f->frame);
	assert_true(helper_opened_get(&c, &opened) && opened.error == 0);
	assert_int_equal(list(f, HELPER_QUEUE_BIT(QUEUE_DEFERRED)), MESSAGES);
}

static void test_listings(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0}, text = {0};
	int fd;

	inject(f);
	helper_plain_encode(&frame, HELPER_SHOWQ, ++f->request);
	ask(f, f->reader, &frame);
	next(f, f->reader, HELPER_STREAM);
	fd = frame_take_fd(&f->frame, 0);
	fd_set_nonblocking(fd, false);
	assert_true(fd_read_all(fd, 100000, &text, NULL));
	assert_true(slice_find(buffer_slice(&text), slice_of(f->ids[3])) > 0);
	fd_close(&fd);
	helper_plain_encode(&frame, HELPER_LISTING, ++f->request);
	ask(f, f->reader, &frame);
	next(f, f->reader, HELPER_STREAM);
	fd = frame_take_fd(&f->frame, 0);
	buffer_clear(&text);
	assert_true(fd_read_all(fd, 100000, &text, NULL));
	assert_true(slice_find(buffer_slice(&text), SLICE("user4@dest.example")) > 0);
	fd_close(&fd);
	next(f, f->reader, HELPER_EXIT);
	assert_true(helper_exit_decode(&f->frame, &f->end) && f->end.status == 0);
}

static void look_at_qmgr(struct fixture *f, struct helper_qmgr *qmgr);

/* More than the channel holds, to a reader that does not read at first: nothing is lost, and the
 * server's commands are not kept waiting. */
#define MANY 60000

static void make_many(struct fixture *f)
{
	char path[128];
	int hold;

	snprintf(path, sizeof(path), "%s/spool/hold", f->dir);
	hold = open(path, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < MANY; i++) {
		int fd;

		snprintf(path, sizeof(path), "%05X%X", i, i + 0x100000);
		fd = openat(hold, path, O_CREAT | O_WRONLY, 0700);
		assert_true(fd >= 0);
		fd_close(&fd);
	}
	fd_close(&hold);
}

static size_t count_records(struct fixture *f)
{
	struct helper_record record;
	size_t count = 0;

	for (;;) {
		struct cursor c;

		assert_true(channel_wait(f->reader, WAIT_MS));
		assert_int_equal(channel_receive(f->reader, &f->frame), CHANNEL_FRAME);
		if (f->frame.type != HELPER_LIST_BATCH)
			return count;
		c = frame_cursor(&f->frame);
		while (helper_record_get(&c, &record))
			count++;
		assert_true(cursor_finished(&c));
	}
}

static void test_large_list(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_list_end end;
	struct helper_qmgr qmgr;
	int64_t begin;

	make_many(f);
	helper_list_encode(
	    &frame, ++f->request, &(struct helper_list){HELPER_QUEUE_BIT(QUEUE_HOLD), false});
	ask(f, f->reader, &frame);
	begin = clock_monotonic_ms();
	for (int i = 0; i < 20; i++)
		look_at_qmgr(f, &qmgr);
	assert_true(clock_monotonic_ms() - begin < 5000);
	assert_int_equal(count_records(f), MANY);
	assert_true(helper_list_end_decode(&f->frame, &end));
	assert_true(end.error == 0 && end.records == MANY);
	begin = clock_monotonic_ms();
	ask(f, f->reader, &frame);
	assert_int_equal(count_records(f), MANY);
	print_message(
	    "%d names and stats in %lld ms\n", MANY, (long long)(clock_monotonic_ms() - begin));
	/* A reader that goes away in the middle is no trouble. */
	ask(f, f->reader, &frame);
	channel_destroy(&f->reader);
	f->reader = introduce(f, CONTROL_ROLE_READER);
	ask(f, f->reader, &frame);
	assert_int_equal(count_records(f), MANY);
}

/* ---- commands ---- */

static void collect(struct fixture *f)
{
	buffer_clear(&f->text);
	for (;;) {
		struct helper_output output;
		struct helper_retried retried;

		frame_close(&f->frame);
		assert_true(channel_wait(f->server, WAIT_MS));
		assert_int_equal(channel_receive(f->server, &f->frame), CHANNEL_FRAME);
		assert_int_equal(f->frame.request, f->request);
		if (helper_output_decode(&f->frame, &output))
			buffer_append_slice(&f->text, output.bytes);
		else if (helper_retried_decode(&f->frame, &retried))
			memcpy(f->statuses + retried.first, retried.statuses.data,
			    retried.statuses.len);
		else
			break;
	}
	if (f->frame.type != HELPER_EXIT)
		print_error("refused: %.*s\n", SLICE_ARGS(f->frame.body));
	assert_true(helper_exit_decode(&f->frame, &f->end));
}

static void start_run(
    struct fixture *f, uint64_t token, enum helper_verb verb, size_t ids, bool hold_only)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct slice slices[MESSAGES];
	struct helper_run run = {
	    .token = token, .verb = verb, .hold_only = hold_only, .ids = {slices, ids}};

	for (size_t i = 0; i < ids; i++)
		slices[i] = slice_of(f->ids[i]);
	helper_run_encode(&frame, ++f->request, &run);
	ask(f, f->server, &frame);
}

static void run_ids(
    struct fixture *f, uint64_t token, enum helper_verb verb, size_t ids, bool hold_only)
{
	start_run(f, token, verb, ids, hold_only);
	collect(f);
	assert_int_equal(f->end.status, 0);
}

static size_t count_said(const struct fixture *f, const char *what)
{
	struct slice rest = buffer_slice(&f->text), line;
	size_t count = 0;

	while (slice_split(&rest, '\n', &line))
		count += slice_ends_with(line, what);
	return count;
}

#define IN(queue) HELPER_QUEUE_BIT(QUEUE_##queue)

static void test_actions(void **state)
{
	struct fixture *f = *state;

	inject(f);
	run_ids(f, 1, HELPER_VERB_HOLD, 3, false);
	assert_int_equal(count_said(f, ": placed on hold"), 3);
	assert_int_equal(list(f, IN(HOLD)), 3);
	run_ids(f, 2, HELPER_VERB_RELEASE, 1, false);
	assert_int_equal(count_said(f, ": released from hold"), 1);
	assert_int_equal(list(f, IN(HOLD)), 2);
	/* Restricted to hold: the two deferred ones stay. */
	assert_int_equal(list(f, IN(HOLD) | IN(DEFERRED)), MESSAGES);
	run_ids(f, 3, HELPER_VERB_DELETE, MESSAGES, true);
	assert_int_equal(count_said(f, ": removed"), 2);
	assert_int_equal(list(f, IN(DEFERRED)), 2);
	run_ids(f, 4, HELPER_VERB_EXPIRE, 1, false);
	assert_int_equal(count_said(f, ": expired"), 1);
	run_ids(f, 5, HELPER_VERB_REQUEUE, 2, false);
	assert_int_equal(count_said(f, ": requeued"), 2);
	run_ids(f, 6, HELPER_VERB_FLUSH, 0, false);
}

static void test_retry(void **state)
{
	struct fixture *f = *state;

	inject(f);
	strcpy(f->ids[3], "ABCDEF012345");
	memset(f->statuses, 99, sizeof(f->statuses));
	run_ids(f, 1, HELPER_VERB_RETRY, MESSAGES, false);
	for (size_t i = 0; i < MESSAGES; i++)
		assert_int_equal(f->statuses[i], HELPER_RETRY_OK);
	script(f, "stop", "");
	run_ids(f, 2, HELPER_VERB_RETRY, 2, false);
	assert_int_equal(f->statuses[0], HELPER_RETRY_UNREACHABLE);
	assert_int_equal(f->statuses[1], HELPER_RETRY_UNREACHABLE);
}

/* An outcome is kept until it is taken, also over a change of the server; a token runs once. */
static void test_recall(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0};

	inject(f);
	start_run(f, 10, HELPER_VERB_DELETE, 2, false);
	channel_destroy(&f->server);
	f->server = introduce(f, CONTROL_ROLE_SERVER);
	helper_token_encode(&frame, HELPER_RECALL, ++f->request, &(struct helper_token){10});
	ask(f, f->server, &frame);
	/* The old channel's last frame and the new channel are read in any order. */
	assert_true(channel_wait(f->server, WAIT_MS));
	assert_int_equal(channel_receive(f->server, &f->frame), CHANNEL_FRAME);
	if (f->frame.type == HELPER_REFUSED) {
		start_run(f, 10, HELPER_VERB_DELETE, 2, false);
		collect(f);
	} else {
		collect(f);
	}
	run_ids(f, 10, HELPER_VERB_DELETE, 2, false);
	assert_int_equal(count_said(f, ": removed"), 2);
	helper_token_encode(&frame, HELPER_TAKEN, ++f->request, &(struct helper_token){10});
	ask(f, f->server, &frame);
	helper_token_encode(&frame, HELPER_RECALL, ++f->request, &(struct helper_token){10});
	ask(f, f->server, &frame);
	expect_refused(f, f->server, "unknown_token");
}

static void run_settings(struct fixture *f, uint64_t token, enum helper_verb verb, uint8_t form,
    const char *name, const char *value)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_setting setting = {slice_of(name), slice_of(value)};
	struct helper_run run = {.token = token,
	    .verb = verb,
	    .form = form,
	    .settings = &setting,
	    .setting_count = name[0] != '\0'};

	helper_run_encode(&frame, ++f->request, &run);
	ask(f, f->server, &frame);
}

static void look_at_qmgr(struct fixture *f, struct helper_qmgr *qmgr)
{
	BUFFER_AUTO struct buffer frame = {0};

	helper_plain_encode(&frame, HELPER_QMGR_STATE, ++f->request);
	ask(f, f->server, &frame);
	next(f, f->server, HELPER_QMGR);
	assert_true(helper_qmgr_decode(&f->frame, qmgr));
}

static void test_settings(void **state)
{
	struct fixture *f = *state;
	struct helper_qmgr before = {0}, after = {0};
	int64_t now = clock_now_us(), until = clock_monotonic_ms() + WAIT_MS;

	while (!before.alive && clock_monotonic_ms() < until)
		look_at_qmgr(f, &before);
	assert_true(before.known && before.alive && before.pid > 1 && before.master_pid > 1);
	assert_true(before.started_us > now - 60000000 && before.started_us < now + 60000000);
	run_settings(f, 1, HELPER_VERB_POSTCONF_SET, 0, "queue_run_delay", "123s");
	collect(f);
	assert_int_equal(f->end.status, 0);
	run_settings(
	    f, 2, HELPER_VERB_POSTCONF_GET, HELPER_POSTCONF_EXPLICIT, "queue_run_delay", "");
	collect(f);
	assert_true(slice_is(buffer_slice(&f->text), "queue_run_delay = 123s\n"));
	run_settings(f, 3, HELPER_VERB_RELOAD, 0, "", "");
	collect(f);
	assert_int_equal(f->end.status, 0);
	/* The queue manager is a new process once the master has seen the signal. */
	until = clock_monotonic_ms() + WAIT_MS;
	while ((!after.alive || after.pid == before.pid) && clock_monotonic_ms() < until)
		look_at_qmgr(f, &after);
	assert_true(
	    after.alive && after.pid != before.pid && after.master_pid == before.master_pid);
	run_settings(f, 4, HELPER_VERB_POSTCONF_UNSET, 0, "queue_run_delay", "");
	collect(f);
	run_settings(
	    f, 5, HELPER_VERB_POSTCONF_GET, HELPER_POSTCONF_EXPLICIT, "queue_run_delay", "");
	collect(f);
	assert_int_equal(f->text.len, 0);
	run_settings(f, 6, HELPER_VERB_POSTCONF_GET, HELPER_POSTCONF_SERVICES, "", "");
	collect(f);
	assert_int_equal(f->end.status, 0);
	run_settings(f, 7, HELPER_VERB_VERSION, 0, "", "");
	collect(f);
	assert_true(f->text.len >= 6 && f->text.data[1] == '.');
	script(f, "stop", "");
	look_at_qmgr(f, &after);
	assert_true(after.known && !after.alive && after.master_pid == 0);
}

static void test_postcat(void **state)
{
	struct fixture *f = *state;

	inject(f);
	run_ids(f, 1, HELPER_VERB_POSTCAT, 2, false);
	assert_int_equal(count_said(f, "*** ENVELOPE RECORDS"), 0);
	assert_true(slice_find(buffer_slice(&f->text), slice_of(f->ids[1])) > 0);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_log_open log;

	strcpy(f->ids[0], "ALL");
	start_run(f, 1, HELPER_VERB_DELETE, 1, false);
	expect_refused(f, f->server, "bad_id");
	start_run(f, 2, HELPER_VERB_DELETE, 0, false);
	expect_refused(f, f->server, "bad_request");
	start_run(f, 3, HELPER_VERB_HOLD, 0, true);
	expect_refused(f, f->server, "bad_request");
	run_settings(f, 4, HELPER_VERB_POSTCONF_SET, 0, "queue_directory", "300s");
	expect_refused(f, f->server, "bad_value");
	run_settings(f, 5, HELPER_VERB_POSTCONF_SET, 0, "queue_run_delay", "300s\nx=y");
	expect_refused(f, f->server, "bad_value");
	run_settings(f, 6, HELPER_VERB_POSTCONF_GET, HELPER_POSTCONF_RAW, "-e", "");
	expect_refused(f, f->server, "bad_value");
	/* Another role's request; an unknown one; a malformed one; no frame at all. It goes on. */
	helper_plain_encode(&frame, HELPER_SHOWQ, ++f->request);
	ask(f, f->server, &frame);
	expect_refused(f, f->server, "not_allowed");
	helper_plain_encode(&frame, 100, ++f->request);
	ask(f, f->server, &frame);
	expect_refused(f, f->server, "bad_request");
	helper_plain_encode(&frame, HELPER_RUN, ++f->request);
	ask(f, f->server, &frame);
	expect_refused(f, f->server, "bad_request");
	assert_int_equal(send(channel_fd(f->server), "garbage", 7, 0), 7);
	log.name = SLICE("../main.cf");
	helper_log_open_encode(&frame, ++f->request, &log);
	ask(f, f->logreader, &frame);
	expect_refused(f, f->logreader, "not_allowed");
	run_settings(f, 7, HELPER_VERB_VERSION, 0, "", "");
	collect(f);
	assert_int_equal(f->end.status, 0);
}

/* ---- the log, the status ---- */

static void test_log(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_log_files files;
	char line[256];
	int fd;

	inject(f);
	snprintf(line, sizeof(line),
	    "cd %s && touch mail.log.1 mail.log-20260101.gz 'mail.log.;x' mail.logger && "
	    "ln -s /etc/passwd mail.log.2",
	    f->dir);
	assert_int_equal(system(line), 0);
	helper_plain_encode(&frame, HELPER_LOG_LIST, ++f->request);
	ask(f, f->logreader, &frame);
	next(f, f->logreader, HELPER_LOG_FILES);
	assert_true(helper_log_files_decode(&f->frame, &files));
	assert_int_equal(files.kind, HELPER_LOG_PLAIN);
	assert_int_equal(files.count, 3);
	assert_true(slice_is(files.files[0].name, "mail.log") && files.files[0].size > 100);
	free(files.files);
	helper_log_open_encode(&frame, ++f->request, &(struct helper_log_open){SLICE("mail.log")});
	ask(f, f->logreader, &frame);
	next(f, f->logreader, HELPER_STREAM);
	fd = frame_take_fd(&f->frame, 0);
	assert_true(read(fd, line, 10) == 10);
	fd_close(&fd);
	helper_log_open_encode(
	    &frame, ++f->request, &(struct helper_log_open){SLICE("mail.log.2")});
	ask(f, f->logreader, &frame);
	expect_refused(f, f->logreader, "no_log");
}

static struct helper_status look_at_status(struct fixture *f)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_status status;

	helper_plain_encode(&frame, HELPER_STATUS, ++f->request);
	ask(f, f->server, &frame);
	next(f, f->server, HELPER_STATUS_REPLY);
	assert_true(helper_status_decode(&f->frame, &status));
	return status;
}

static void test_status(void **state)
{
	struct fixture *f = *state;
	struct helper_status status = look_at_status(f);
	int64_t until = clock_monotonic_ms() + WAIT_MS;

	/* `postfix start` returns before the queue manager is there. */
	while (!status.running && clock_monotonic_ms() < until) {
		problem_list_free(&status.problems);
		status = look_at_status(f);
	}
	for (size_t i = 0; i < status.problems.count; i++)
		if (status.problems.items[i].severity != PROBLEM_ADVICE)
			fail_msg(
			    "%s: %s", status.problems.items[i].code, status.problems.items[i].text);
	assert_true(status.root && status.postfix && status.running && status.spool &&
		    status.showq && status.flush && status.actions && status.settings &&
		    status.log && !status.prefix && status.bytes_free > 0 &&
		    status.running_since > clock_now() - 600);
	assert_non_null(problem_find(&status.problems, "short_queue_ids"));
	problem_list_free(&status.problems);
	script(f, "stop", "");
	status = look_at_status(f);
	assert_true(status.running_since == 0 && !status.running && !status.showq &&
		    !status.flush && status.spool);
	assert_non_null(problem_find(&status.problems, "postfix_stopped"));
	assert_null(problem_find(&status.problems, "showq_unreachable"));
	problem_list_free(&status.problems);
}

/* ---- one message ---- */

static void view(struct fixture *f, const char *id, enum viewer_mode mode)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_view view = {HELPER_QUEUE_ANY, slice_of(id), mode, 0, {0, 0}};

	helper_view_encode(&frame, ++f->request, &view);
	ask(f, f->server, &frame);
}

/* All that the viewer says until it is gone, the text in f->text; whether it came to an END. */
static bool watch_viewer(struct fixture *f)
{
	struct channel *channel;
	bool end = false;

	next(f, f->server, HELPER_STREAM);
	channel = channel_create(frame_take_fd(&f->frame, 0));
	buffer_clear(&f->text);
	while (channel_wait(channel, WAIT_MS) &&
	       channel_receive(channel, &f->frame) == CHANNEL_FRAME) {
		struct viewer_text text;
		struct viewer_bytes bytes;

		if (viewer_text_decode(&f->frame, &text))
			buffer_append_slice(&f->text, text.text);
		if (viewer_bytes_decode(&f->frame, &bytes))
			buffer_append_slice(&f->text, bytes.bytes);
		end = end || f->frame.type == VIEWER_END;
	}
	channel_destroy(&channel);
	return end;
}

static void test_view(void **state)
{
	struct fixture *f = *state;

	inject(f);
	view(f, f->ids[0], VIEWER_MODE_CONTENT);
	assert_true(watch_viewer(f));
	assert_true(slice_starts_with(buffer_slice(&f->text), "hello "));
	view(f, f->ids[0], VIEWER_MODE_RAW);
	assert_true(watch_viewer(f));
	assert_true(slice_starts_with(buffer_slice(&f->text), "Received: by mail.test"));
	assert_true(slice_ends_with(buffer_slice(&f->text), "\n"));
	view(f, f->ids[0], VIEWER_MODE_PART);
	assert_true(watch_viewer(f));
	view(f, "ABCDEF012345", VIEWER_MODE_RAW);
	expect_refused(f, f->server, "not_found");
	view(f, "ALL", VIEWER_MODE_RAW);
	expect_refused(f, f->server, "bad_id");
}

static void test_prefix(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0}, text = {0};
	struct helper_status status;
	struct helper_qmgr qmgr;
	int fd;

	/* The reader may not ask for a scan that cannot be made; here the file system is the same.
	 */
	inject(f);
	helper_plain_encode(&frame, HELPER_LISTING, ++f->request);
	ask(f, f->reader, &frame);
	next(f, f->reader, HELPER_STREAM);
	fd = frame_take_fd(&f->frame, 0);
	assert_true(fd_read_all(fd, 100000, &text, NULL));
	assert_true(slice_find(buffer_slice(&text), slice_of(f->ids[3])) > 0);
	fd_close(&fd);
	next(f, f->reader, HELPER_EXIT);
	run_ids(f, 1, HELPER_VERB_HOLD, 1, false);
	assert_int_equal(count_said(f, ": placed on hold"), 1);
	run_ids(f, 2, HELPER_VERB_RETRY, MESSAGES, false);
	for (size_t i = 0; i < MESSAGES; i++)
		assert_int_equal(f->statuses[i], HELPER_RETRY_OK);
	look_at_qmgr(f, &qmgr);
	assert_true(!qmgr.known && !qmgr.alive);
	status = look_at_status(f);
	assert_true(status.prefix && status.postfix && status.actions && !status.spool);
	problem_list_free(&status.problems);
	view(f, f->ids[0], VIEWER_MODE_RAW);
	assert_true(watch_viewer(f));
	assert_true(slice_starts_with(buffer_slice(&f->text), "Received: by mail.test"));
	assert_true(slice_find(buffer_slice(&f->text), SLICE("***")) < 0);
	view(f, "ABCDEF012345", VIEWER_MODE_RAW);
	assert_false(watch_viewer(f));
}

/* Killed and started again: it serves, and says that it knows nothing of what ran before. */
static void test_killed(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0};
	char how[128];

	kill(f->helper.pid, SIGKILL);
	assert_false(process_reap(&f->helper, how, sizeof(how)));
	assert_string_equal(how, "was ended by signal 9");
	assert_true(channel_wait(f->server, WAIT_MS));
	assert_int_equal(channel_receive(f->server, &f->frame), CHANNEL_CLOSED);
	channel_destroy(&f->server);
	channel_destroy(&f->reader);
	channel_destroy(&f->logreader);
	start_helper(f);
	helper_token_encode(&frame, HELPER_RECALL, ++f->request, &(struct helper_token){10});
	ask(f, f->server, &frame);
	expect_refused(f, f->server, "unknown_token");
	inject(f);
}

/* ---- pure parts ---- */

static void test_values(void **state)
{
	static const char *const good[] = {
	    "300s", "5d", "0", "999999999w", "$maximal_queue_lifetime"};
	static const char *const bad[] = {"", "s", "-1s", "1.5d", "5days", "1000000000s", "5 d",
	    "$mail_owner", "$", "300s ", "300S", "300s\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(command_setting_value_valid(slice_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(command_setting_value_valid(slice_of(bad[i])));
}

static void test_flush_answers(void **state)
{
	(void)state;
	assert_int_equal(retry_parse_answer(SLICE("status\0"
						  "0\0\0")),
	    HELPER_RETRY_OK);
	assert_int_equal(retry_parse_answer(SLICE("protocol\0queue_flush_protocol\0\0status\0"
						  "3\0\0")),
	    HELPER_RETRY_BAD);
	assert_int_equal(retry_parse_answer(SLICE("status\0"
						  "4294967295\0\0")),
	    HELPER_RETRY_FAILED);
	assert_int_equal(retry_parse_answer(SLICE("status\0x\0\0")), HELPER_RETRY_FAILED);
	assert_int_equal(retry_parse_answer(SLICE("protocol\0queue_flush")), -1);
	assert_int_equal(retry_parse_answer(SLICE("protocol\0queue_flush_protocol\0\0")), -1);
	assert_int_equal(retry_parse_answer(SLICE("status\0"
						  "0")),
	    -1);
	assert_int_equal(retry_parse_answer(SLICE("")), -1);
}

static void test_stat(void **state)
{
	struct qmgr_stat stat;

	(void)state;
	assert_true(qmgr_parse_stat(
	    SLICE("7 (a) b (c)) S 42 1 1 0 -1 4 1 2 3 4 5 6 7 8 9 10 11 12 987 1 2 3\n"), &stat));
	assert_true(
	    slice_is(stat.name, "a) b (c)") && stat.parent == 42 && stat.start_ticks == 987);
	assert_false(qmgr_parse_stat(SLICE(""), &stat));
	assert_false(qmgr_parse_stat(SLICE("7 (qmgr) S 42 1"), &stat));
	assert_false(qmgr_parse_stat(SLICE(")("), &stat));
}

static int enter_role(int argc, char **argv)
{
	enum control_role role = role_enter(argc, argv);

	if (role == 0)
		return 70;
	return role == CONTROL_ROLE_VIEWER ? viewer_main(CONTROL_FD)
					   : helper_main(CONTROL_FD, open_self());
}

#define ON_POSTFIX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest pure[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_flush_answers),
	    cmocka_unit_test(test_stat),
	};
	const struct CMUnitTest real[] = {
	    ON_POSTFIX(test_open),
	    ON_POSTFIX(test_wrong_depth),
	    ON_POSTFIX(test_listings),
	    ON_POSTFIX(test_large_list),
	    ON_POSTFIX(test_actions),
	    ON_POSTFIX(test_retry),
	    ON_POSTFIX(test_recall),
	    ON_POSTFIX(test_settings),
	    ON_POSTFIX(test_postcat),
	    ON_POSTFIX(test_refusals),
	    ON_POSTFIX(test_log),
	    ON_POSTFIX(test_status),
	    ON_POSTFIX(test_killed),
	    ON_POSTFIX(test_view),
	    cmocka_unit_test_setup_teardown(test_prefix, set_up_prefix, tear_down),
	};
	int failed;

	if (argc == 5)
		return enter_role(argc, argv);
	failed = cmocka_run_group_tests(pure, NULL, NULL);
	if (failed != 0 || geteuid() != 0 || access("/usr/sbin/postfix", X_OK) != 0)
		return failed != 0 ? 1 : 77;
	return cmocka_run_group_tests(real, NULL, NULL);
}
