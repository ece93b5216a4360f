/* The role as a process, with a real helper beside it, on logs that are written, rotated,
 * compressed, truncated and lost while it looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/clock_test_moved.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/memory.h"
#include "helper/helper.h"
#include "logreader/log_tally.h"
#include "logreader/logreader.h"
#include "postfix/log_line.h"
#include "wire/channel.h"
#include "wire/control_proto.h"
#include "wire/log_proto.h"

/* Generous: it costs time only when something is wrong. The role makes itself nice, so a busy
 * machine lets it wait long, and a sanitizer longer. */
#define WAIT_MS 120000
/* After that the log reader looks for files again, and takes a command that was silent for caught
 * up. */
#define LISTED_AGAIN_MS 2500

struct fixture {
	char dir[64], log[128];
	struct role_config config;
	pid_t helper_pid, role_pid;
	struct channel *helper_control, *control, *server;
	struct log_proto_status status;
	char status_text[256];
	char foreign[512];
	struct buffer live; /* "event id other_id status\n" of each live event */
	struct buffer found;
	struct log_proto_end end;
	char end_error[256];
	bool answered;
	const char *zone; /* of the role; NULL: the same as the test's */
	int64_t last_us;  /* of the last event of a lookup */
	/* Deferred recipients of each minute, as it was told last. */
	struct minute {
		int64_t at;
		uint32_t deferred;
	} minutes[256];
	size_t minute_count;
};

static pid_t start_role(int (*role)(int), const char *zone, struct channel **control)
{
	int fds[2];
	pid_t pid;

	assert_true(channel_pair(fds, NULL));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		log_init("test", LOG_LEVEL_ERROR);
		/* What the test has open is none of the role's business: another role's end would
		 * never close. */
		for (int fd = 3; fd < 256; fd++)
			if (fd != fds[1])
				close(fd);
		if (zone != NULL)
			setenv("TZ", zone, 1);
		_exit(role(fds[1]));
	}
	fd_close(&fds[1]);
	*control = channel_create(fds[0]);
	return pid;
}

static void send_config(struct fixture *f, struct channel *control)
{
	BUFFER_AUTO struct buffer frame = {0};

	role_config_encode(&frame, &f->config);
	assert_true(channel_send(control, &frame, NULL, 0));
}

static void send_peer(struct channel *control, enum control_role role, int fd)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct control_peer peer = {role};

	control_peer_encode(&frame, &peer);
	assert_true(channel_send(control, &frame, &fd, 1));
	close(fd);
}

static void connect_helper(struct fixture *f)
{
	int fds[2];

	assert_true(channel_pair(fds, NULL));
	send_peer(f->helper_control, CONTROL_ROLE_LOGREADER, fds[0]);
	send_peer(f->control, CONTROL_ROLE_HELPER, fds[1]);
}

static void connect_server(struct fixture *f)
{
	int fds[2];

	channel_destroy(&f->server);
	assert_true(channel_pair(fds, NULL));
	send_peer(f->control, CONTROL_ROLE_SERVER, fds[1]);
	f->server = channel_create(fds[0]);
}

static void stop_role(struct channel **control, pid_t *pid)
{
	int status = 0;

	channel_destroy(control);
	if (*pid > 0) {
		assert_int_equal(waitpid(*pid, &status, 0), *pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	*pid = 0;
}

static int run_helper(int control_fd)
{
	return helper_main(control_fd, -1);
}

static void start_helper(struct fixture *f)
{
	f->helper_pid = start_role(run_helper, NULL, &f->helper_control);
	send_config(f, f->helper_control);
}

static void start_all(struct fixture *f)
{
	start_helper(f);
	f->role_pid = start_role(logreader_main, f->zone, &f->control);
	send_config(f, f->control);
	connect_helper(f);
	connect_server(f);
}

static int set_up(void **state)
{
	struct fixture *f = memory_zero(1, sizeof(*f));

	strcpy(f->dir, "/tmp/postroom-logreader-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->log, sizeof(f->log), "%s/mail.log", f->dir);
	role_config_set(&f->config, "postfix.log", f->log);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char line[128];

	channel_destroy(&f->server);
	stop_role(&f->control, &f->role_pid);
	stop_role(&f->helper_control, &f->helper_pid);
	role_config_free(&f->config);
	buffer_free(&f->live);
	buffer_free(&f->found);
	snprintf(line, sizeof(line), "rm -rf %s", f->dir);
	assert_int_equal(system(line), 0);
	free(f);
	return 0;
}

/* ---- writing the log ---- */

static void log_text(struct fixture *f, const char *text)
{
	FD_AUTO int fd = open(f->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, text, strlen(text)));
}

/* One line of so many seconds ago, in the classic form. */
static void log_ago(struct fixture *f, int seconds, const char *text)
{
	char line[1024], when[32];
	time_t at = time(NULL) - seconds;
	struct tm tm;

	localtime_r(&at, &tm);
	strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
	snprintf(line, sizeof(line), "%s mx1 postfix/%s\n", when, text);
	log_text(f, line);
}

static void log_now(struct fixture *f, const char *text)
{
	log_ago(f, 0, text);
}

static void attempt_ago(struct fixture *f, int seconds, const char *id)
{
	char line[512];

	snprintf(line, sizeof(line),
	    "smtp[9]: %s: to=<ann@example.org>, relay=none, delay=9, delays=9/0/0/0, dsn=4.4.1, "
	    "status=deferred (connect to mx.example.org[192.0.2.9]:25: Connection refused)",
	    id);
	log_ago(f, seconds, line);
}

static void attempt(struct fixture *f, const char *id)
{
	attempt_ago(f, 0, id);
}

static void run(struct fixture *f, const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && %s", f->dir, command);
	assert_int_equal(system(line), 0);
}

/* ---- the server's side ---- */

static void keep_events(struct fixture *f, struct frame *frame, struct buffer *out)
{
	struct cursor c = frame_cursor(frame);
	struct log_proto_event event;

	while (log_proto_get_event(&c, &event)) {
		f->last_us = event.time_us;
		buffer_printf(out, "%s %.*s %.*s %.*s\n",
		    log_event_name((enum log_event)event.event), SLICE_ARGS(event.id),
		    SLICE_ARGS(event.other_id), SLICE_ARGS(event.status));
	}
	assert_true(cursor_finished(&c));
}

static void keep_text(char *out, size_t size, struct slice text)
{
	snprintf(out, size, "%.*s", SLICE_ARGS(text));
}

static void keep_minute(struct fixture *f, struct cursor *c)
{
	struct log_proto_minute head;
	struct log_proto_tally tally;
	size_t i = 0;

	assert_true(log_proto_get_minute(c, &head));
	while (i < f->minute_count && f->minutes[i].at != head.minute)
		i++;
	assert_true(i < sizeof(f->minutes) / sizeof(f->minutes[0]));
	f->minute_count += i == f->minute_count;
	if (head.first)
		f->minutes[i] = (struct minute){head.minute, 0};
	while (log_proto_get_tally(c, &tally))
		if (tally.kind == RATE_TOTAL)
			f->minutes[i].deferred += tally.counts.n[RATE_DEFERRED];
	assert_true(cursor_finished(c));
}

/* Nothing of what these tests log comes again and again: one attempt is no message. */
static void no_repeats(struct cursor *c)
{
	struct log_proto_repeats head;

	assert_true(log_proto_get_repeats(c, &head) && cursor_finished(c));
}

static void take_frame(struct fixture *f, struct frame *frame)
{
	struct cursor c = frame_cursor(frame);

	switch (frame->type) {
	case LOG_PROTO_STATUS:
		assert_true(log_proto_get_status(&c, &f->status));
		keep_text(f->status_text, sizeof(f->status_text), f->status.text);
		keep_text(f->foreign, sizeof(f->foreign), f->status.foreign);
		break;
	case LOG_PROTO_LIVE:
		keep_events(f, frame, &f->live);
		break;
	case LOG_PROTO_MINUTE:
		keep_minute(f, &c);
		break;
	case LOG_PROTO_REPEATS:
		no_repeats(&c);
		break;
	case LOG_PROTO_EVENTS:
		keep_events(f, frame, &f->found);
		break;
	case LOG_PROTO_END:
		assert_true(log_proto_get_end(&c, &f->end));
		keep_text(f->end_error, sizeof(f->end_error), f->end.error);
		f->answered = true;
		break;
	default:
		fail_msg("frame of type %u", frame->type);
	}
	frame_close(frame);
}

/* Takes what comes until `done` says so. */
static void wait_until(struct fixture *f, bool (*done)(struct fixture *f), const char *what)
{
	int64_t deadline = clock_monotonic_ms() + WAIT_MS;

	while (!done(f)) {
		struct frame frame;
		enum channel_result result = channel_receive(f->server, &frame);

		if (result == CHANNEL_FRAME)
			take_frame(f, &frame);
		else if (result != CHANNEL_EMPTY || clock_monotonic_ms() > deadline)
			fail_msg("%s: state %u \"%s\", live:\n%s", what, f->status.state,
			    f->status_text, buffer_string(&f->live));
		else
			channel_wait(f->server, 100);
	}
}

static bool is_following(struct fixture *f)
{
	return f->status.state == LOG_PROTO_FOLLOWING;
}

static bool is_failed(struct fixture *f)
{
	return f->status.state == LOG_PROTO_FAILED;
}

static bool is_answered(struct fixture *f)
{
	return f->answered;
}

static const char *expected;

static bool has_expected(struct fixture *f)
{
	return strstr(buffer_string(&f->live), expected) != NULL;
}

static void expect_live(struct fixture *f, const char *text)
{
	expected = text;
	wait_until(f, has_expected, text);
}

static void subscribe(struct fixture *f, uint32_t kinds)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct log_proto_subscribe body = {kinds};

	frame_begin(&frame, LOG_PROTO_SUBSCRIBE, 0);
	log_proto_put_subscribe(&frame, &body);
	assert_true(channel_send(f->server, &frame, NULL, 0));
}

static void follow(struct fixture *f, const char *id)
{
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, LOG_PROTO_FOLLOW, 0);
	log_proto_put_id(&frame, slice_of(id));
	assert_true(channel_send(f->server, &frame, NULL, 0));
}

/* Lines of the answer, each with a newline. */
static const char *look_up(struct fixture *f, const char *id)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct log_proto_lookup lookup = {.id = slice_of(id)};

	frame_begin(&frame, LOG_PROTO_LOOKUP, 7);
	log_proto_put_lookup(&frame, &lookup);
	assert_true(channel_send(f->server, &frame, NULL, 0));
	f->answered = false;
	buffer_clear(&f->found);
	wait_until(f, is_answered, "an answer");
	return buffer_string(&f->found);
}

/* Until every byte of the log has been read. */
static bool is_read(struct fixture *f)
{
	struct stat st;

	if (stat(f->log, &st) == 0 && f->status.bytes == (uint64_t)st.st_size)
		return true;
	/* Each subscription is answered with the status. */
	subscribe(f, LOG_PROTO_KIND_REQUEUE | LOG_PROTO_KIND_PROBLEM);
	return false;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

/* Where a log has just been changed for another, its lines come a little later. */
static void expect_found(struct fixture *f, const char *id, const char *text)
{
	int64_t deadline = clock_monotonic_ms() + WAIT_MS;

	while (strcmp(look_up(f, id), text) != 0)
		if (clock_monotonic_ms() > deadline)
			fail_msg("%s: %s, and not %s", id, buffer_string(&f->found), text);
}

/* Until the log reader has looked for files some times more: each time for one that was not there
 * before. */
static void wait_for_lists(struct fixture *f)
{
	static int made;

	for (int i = 0; i < 3; i++) {
		char id[24], found[64], command[128], log[sizeof(f->log)];

		made++;
		snprintf(id, sizeof(id), "FEDCBA%02d", made);
		snprintf(found, sizeof(found), "delivery %s  deferred\n", id);
		snprintf(command, sizeof(command),
		    "touch -d '2 hours ago' new && mv new mail.log.%d", 10 + made);
		strcpy(log, f->log);
		snprintf(f->log, sizeof(f->log), "%s/new", f->dir);
		attempt(f, id);
		strcpy(f->log, log);
		run(f, command);
		clock_move(LISTED_AGAIN_MS);
		expect_found(f, id, found);
	}
}

/* ---- tests ---- */

static void test_history_and_live_events(void **state)
{
	struct fixture *f = *state;

	attempt(f, "ABCDEF0001");
	start_all(f);
	wait_until(f, is_following, "following");
	assert_string_equal(look_up(f, "ABCDEF0001"), "delivery ABCDEF0001  deferred\n");
	subscribe(f, LOG_PROTO_KIND_REQUEUE | LOG_PROTO_KIND_PROBLEM);
	follow(f, "ABCDEF0001");
	look_up(f, "ABCDEF0001"); /* the answer comes behind what was asked before */
	attempt(f, "ABCDEF0001");
	attempt(f, "ABCDEF0002");
	log_now(f, "postsuper[5]: ABCDEF0001: requeued");
	log_now(f, "pickup[6]: ABCDEF0003: uid=102 from=<a@example.com> orig_id=ABCDEF0001");
	log_now(f, "pickup[6]: ABCDEF0005: uid=102 from=<a@example.com> orig_id=ABCDEF0004");
	attempt(f, "ABCDEF0003");
	log_now(f, "qmgr[7]: fatal: parameter queue_run_delay: bad time value or unit: x");
	expect_live(f, "problem");
	assert_string_equal(buffer_string(&f->live), "delivery ABCDEF0001  deferred\n"
						     "postsuper ABCDEF0001  \n"
						     "pickup ABCDEF0003 ABCDEF0001 \n"
						     "pickup ABCDEF0005 ABCDEF0004 \n"
						     "delivery ABCDEF0003  deferred\n"
						     "problem   \n");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0003")), 5);
	assert_int_equal(f->end.error.len, 0);
	/* Nothing is said twice, and a half line not before it is whole. */
	buffer_clear(&f->live);
	log_text(f, "Nov 22 08:00:00 mx1 postfix/qmgr[7]: fa");
	wait_until(f, is_read, "the half line");
	log_text(f, "tal: half\n");
	expect_live(f, "problem");
	assert_string_equal(buffer_string(&f->live), "problem   \n");
}

static void test_rotation_and_compression(void **state)
{
	struct fixture *f = *state;

	attempt(f, "ABCDEF0001");
	start_all(f);
	wait_until(f, is_following, "following");
	follow(f, "ABCDEF0001");
	look_up(f, "ABCDEF0001");
	run(f, "mv mail.log mail.log.1");
	/* A daemon that still has the old file open. */
	run(f, "echo 'Nov 22 08:00:00 mx1 postfix/qmgr[7]: ABCDEF0001: skipped, still being "
	       "delivered' >> mail.log.1");
	attempt(f, "ABCDEF0001");
	expect_live(f, "delivery");
	expect_live(f, "skipped");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 3);
	/* gzip keeps the time: a rotated file is old by then. */
	run(f, "touch -d '1 hour ago' mail.log.1 && gzip mail.log.1");
	wait_for_lists(f);
	attempt(f, "ABCDEF0001");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 4);
	assert_int_equal(f->end.error.len, 0);
	wait_for_lists(f);
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 4);
	assert_int_equal(f->end.error.len, 0);
}

static uint32_t deferred(const struct fixture *f)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < f->minute_count; i++)
		sum += f->minutes[i].deferred;
	return sum;
}

static uint32_t expected_deferred;

static bool all_is_counted(struct fixture *f)
{
	return deferred(f) == expected_deferred;
}

static void count_from(struct fixture *f, int64_t from)
{
	BUFFER_AUTO struct buffer frame = {0};

	frame_begin(&frame, LOG_PROTO_COUNT, 0);
	log_proto_put_count(&frame, &(struct log_proto_count){from});
	assert_true(channel_send(f->server, &frame, NULL, 0));
}

static void expect_counted(struct fixture *f, uint32_t count)
{
	expected_deferred = count;
	wait_until(f, all_is_counted, "the counts");
	/* Not more, either: an answer comes behind all that was told before. */
	look_up(f, "ABCDEF0001");
	assert_int_equal(deferred(f), count);
}

/* A minute that is over is told; then lines of now are late, but not too late. */
#define MINUTE_PASSES_MS 63000

static void test_minutes_are_counted_once(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		attempt_ago(f, 3600 - i * 60, "ABCDEF0001");
	run(f, "mv mail.log mail.log.1 && touch -d '50 minutes ago' mail.log.1");
	for (int i = 0; i < 10; i++)
		attempt_ago(f, 1800 - i * 60, "ABCDEF0001");
	start_all(f);
	count_from(f, 0);
	expect_counted(f, 20);
	/* As they come, over a rotation. */
	attempt(f, "ABCDEF0001");
	clock_pass(MINUTE_PASSES_MS);
	expect_counted(f, 21);
	run(f, "mv mail.log.1 mail.log.2 && mv mail.log mail.log.1");
	attempt(f, "ABCDEF0001");
	run(f, "tail -n 1 mail.log >> mail.log.1"); /* a daemon that still has the old file open */
	clock_move(LOG_TALLY_AGAIN * 1000);
	clock_pass(MINUTE_PASSES_MS);
	expect_counted(f, 23);
	run(f, "gzip mail.log.2 && touch -d '50 minutes ago' mail.log.2.gz");
	/* All of it again, for a new server, and by a new log reader. */
	connect_server(f);
	count_from(f, 0);
	expect_counted(f, 23);
	stop_role(&f->control, &f->role_pid);
	f->role_pid = start_role(logreader_main, f->zone, &f->control);
	send_config(f, f->control);
	connect_helper(f);
	connect_server(f);
	count_from(f, 0);
	expect_counted(f, 23);
	/* From a time on. */
	f->minute_count = 0;
	count_from(f, clock_now() - 2400);
	expect_counted(f, 13);
}

static void test_copy_and_truncate(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++)
		attempt(f, "ABCDEF0001");
	start_all(f);
	wait_until(f, is_following, "following");
	follow(f, "ABCDEF0001");
	look_up(f, "ABCDEF0001");
	run(f, "cp mail.log mail.log.1 && : > mail.log");
	attempt(f, "ABCDEF0001");
	expect_live(f, "delivery");
	wait_for_lists(f);
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 6);
	assert_int_equal(f->end.error.len, 0);
}

static void test_log_that_is_missing(void **state)
{
	struct fixture *f = *state;

	start_all(f);
	wait_until(f, is_failed, "failing");
	assert_non_null(strstr(f->status_text, "does not exist"));
	look_up(f, "ABCDEF0001");
	assert_non_null(strstr(f->end_error, "does not exist"));
	follow(f, "ABCDEF0001");
	attempt(f, "ABCDEF0001");
	wait_until(f, is_following, "following");
	expect_live(f, "delivery");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 1);
	assert_int_equal(f->end.error.len, 0);
	run(f, "rm mail.log");
	wait_until(f, is_failed, "failing");
}

static bool is_foreign(struct fixture *f)
{
	return f->foreign[0] != '\0';
}

static bool is_understood(struct fixture *f)
{
	return f->status.state == LOG_PROTO_FOLLOWING && f->foreign[0] == '\0';
}

/* Lines come and none is understood: said with the first of them, and never as a log that does not
 * reach back. */
static void test_log_of_others(void **state)
{
	struct fixture *f = *state;

	log_text(f, "Nov 22 08:00:00 mx1 sshd[1]: Invalid user \x1b[31m\x07 postfix/qmgr[1]: x\n");
	log_text(f, "another line\n");
	start_all(f);
	wait_until(f, is_foreign, "a log of others");
	assert_non_null(strstr(f->foreign, "2 lines, and none is one of Postfix's; the first: Nov "
					   "22 08:00:00 mx1 sshd[1]: Invalid user ?[31m? "));
	assert_string_equal(look_up(f, "ABCDEF01"), "");
	assert_non_null(strstr(f->end_error, "none is one of Postfix's"));
	attempt(f, "ABCDEF01");
	wait_until(f, is_understood, "the first line of Postfix's");
	assert_string_equal(look_up(f, "ABCDEF01"), "delivery ABCDEF01  deferred\n");
	assert_string_equal(f->end_error, "");
}

/* /var/log with a mail.log that is a month old, and a journal to which mail is logged. */
static const char *private_dir;

static bool mount_over(const char *name, const char *target)
{
	char source[128];

	snprintf(source, sizeof(source), "%s/%s", private_dir, name);
	return mount(source, target, NULL, MS_BIND, NULL) == 0;
}

static bool enter_private(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount_over("log", "/var/log") && mount_over("journalctl", "/usr/bin/journalctl");
}

static int helper_in_private(int fd)
{
	return enter_private() ? helper_main(fd, -1) : 77;
}

static bool can_enter_private(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(enter_private() ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool is_from_journal(struct fixture *f)
{
	return f->status.state == LOG_PROTO_FOLLOWING && f->status.newest_us > 0 &&
	       strcmp(f->status_text, "the journal") == 0;
}

static bool is_from_file(struct fixture *f)
{
	return f->status.state == LOG_PROTO_FOLLOWING && f->status.newest_us > 0 &&
	       strcmp(f->status_text, "/var/log/mail.log") == 0;
}

static void test_journal_and_a_file_left_over(void **state)
{
	struct fixture *f = *state;

	private_dir = f->dir;
	run(f, "mkdir -p log/journal && cat > journalctl <<'END'\n"
	       "#!/bin/sh\n"
	       "case \"$*\" in *--lines=1*) echo newer; exit;; esac\n"
	       "echo '{\"__REALTIME_TIMESTAMP\":\"'$(date +%s)'000000\",\"SYSLOG_IDENTIFIER\":"
	       "\"postfix/qmgr\",\"MESSAGE\":\"ABCDEF02: removed\"}'\n"
	       "exec sleep 1000\nEND\nchmod 755 journalctl");
	snprintf(f->log, sizeof(f->log), "%s/log/mail.log", f->dir);
	attempt(f, "ABCDEF01");
	run(f, "touch -d '1 month ago' log/mail.log");
	if (access("/usr/bin/journalctl", X_OK) != 0 || !can_enter_private()) {
		print_message("no journalctl, or nothing may be mounted here\n");
		skip();
	}
	role_config_set(&f->config, "postfix.log", "auto");
	f->helper_pid = start_role(helper_in_private, NULL, &f->helper_control);
	send_config(f, f->helper_control);
	f->role_pid = start_role(logreader_main, f->zone, &f->control);
	send_config(f, f->control);
	connect_helper(f);
	connect_server(f);
	wait_until(f, is_from_journal, "the journal");
	expect_found(f, "ABCDEF02", "removed ABCDEF02  \n");
	/* Somebody writes to the file again. */
	attempt(f, "ABCDEF03");
	wait_until(f, is_from_file, "the file");
	expect_found(f, "ABCDEF03", "delivery ABCDEF03  deferred\n");
	expect_found(f, "ABCDEF01", "delivery ABCDEF01  deferred\n");
}

static void test_command(void **state)
{
	struct fixture *f = *state;
	char command[256];

	attempt_ago(f, 10, "ABCDEF0001"); /* so that it is history */
	snprintf(command, sizeof(command), "tail -n +1 -F %s", f->log);
	role_config_set(&f->config, "postfix.log_command", command);
	start_all(f);
	wait_until(f, is_following, "following");
	follow(f, "ABCDEF0001");
	subscribe(f, LOG_PROTO_KIND_PROBLEM);
	expect_found(f, "ABCDEF0001", "delivery ABCDEF0001  deferred\n");
	attempt(f, "ABCDEF0001");
	expect_live(f, "delivery");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 2);
	assert_int_equal(count_lines(buffer_string(&f->live)), 1);
}

static bool has_complaint(struct fixture *f)
{
	return is_failed(f) && strstr(f->status_text, "No such file") != NULL;
}

static void test_command_that_ends(void **state)
{
	struct fixture *f = *state;

	role_config_set(&f->config, "postfix.log_command", "cat /nonexistent/mail.log");
	start_all(f);
	wait_until(f, has_complaint, "the command's complaint");
	look_up(f, "ABCDEF0001");
	assert_non_null(strstr(f->end_error, "No such file"));
}

static bool is_near_now(const struct fixture *f)
{
	int64_t off = clock_now_us() - f->last_us;

	return off < INT64_C(60) * 1000000 && off > INT64_C(-60) * 1000000;
}

static bool has_five_events(struct fixture *f)
{
	return count_lines(buffer_string(&f->live)) == 5;
}

/* The log is written in another zone than the log reader's, as a container's is. */
static void test_log_of_another_zone(void **state)
{
	struct fixture *f = *state;
	int64_t deadline;

	f->zone = "XYZ-5:30";
	attempt(f, "ABCDEF0001");
	start_all(f);
	wait_until(f, is_following, "following");
	follow(f, "ABCDEF0001");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 1);
	assert_false(is_near_now(f));
	for (int i = 0; i < 3; i++)
		attempt(f, "ABCDEF0001");
	deadline = clock_monotonic_ms() + WAIT_MS;
	do {
		assert_true(clock_monotonic_ms() < deadline);
	} while (count_lines(look_up(f, "ABCDEF0001")) != 4 || !is_near_now(f));
	attempt(f, "ABCDEF0001");
	attempt(f, "ABCDEF0001");
	wait_until(f, has_five_events, "five events");
}

static void test_command_of_another_zone(void **state)
{
	struct fixture *f = *state;
	char command[256];
	int64_t deadline;

	f->zone = "XYZ-2";
	attempt(f, "ABCDEF0001");
	snprintf(command, sizeof(command), "tail -n +1 -F %s", f->log);
	role_config_set(&f->config, "postfix.log_command", command);
	start_all(f);
	wait_until(f, is_following, "following");
	follow(f, "ABCDEF0001");
	expect_found(f, "ABCDEF0001", "delivery ABCDEF0001  deferred\n");
	clock_move(LISTED_AGAIN_MS);
	look_up(f, "ABCDEF0001"); /* its history is over now */
	buffer_clear(&f->live);
	for (int i = 0; i < 3; i++)
		attempt(f, "ABCDEF0001");
	expect_live(f, "delivery");
	deadline = clock_monotonic_ms() + WAIT_MS;
	do {
		assert_true(clock_monotonic_ms() < deadline);
	} while (count_lines(look_up(f, "ABCDEF0001")) != 4 || !is_near_now(f));
}

static void test_peers_that_come_and_go(void **state)
{
	struct fixture *f = *state;

	attempt(f, "ABCDEF0001");
	start_all(f);
	wait_until(f, is_following, "following");
	connect_server(f);
	f->status.state = LOG_PROTO_STARTING;
	wait_until(f, is_following, "following");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 1);
	/* The helper dies; the log that is open is still read, and a new helper finds the next one.
	 */
	stop_role(&f->helper_control, &f->helper_pid);
	follow(f, "ABCDEF0001");
	look_up(f, "ABCDEF0001");
	attempt(f, "ABCDEF0001");
	expect_live(f, "delivery");
	start_helper(f);
	connect_helper(f);
	run(f, "mv mail.log mail.log.1");
	buffer_clear(&f->live);
	attempt(f, "ABCDEF0001");
	expect_live(f, "delivery");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 3);
}

static void test_questions_that_are_wrong(void **state)
{
	struct fixture *f = *state;
	BUFFER_AUTO struct buffer frame = {0};

	attempt(f, "ABCDEF0001");
	start_all(f);
	wait_until(f, is_following, "following");
	frame_begin(&frame, LOG_PROTO_LOOKUP, 9);
	buffer_append_string(&frame, "nonsense");
	assert_true(channel_send(f->server, &frame, NULL, 0));
	wait_until(f, is_answered, "an answer");
	assert_true(f->end_error[0] != '\0');
	buffer_clear(&frame);
	frame_begin(&frame, 200, 9);
	assert_true(channel_send(f->server, &frame, NULL, 0));
	assert_string_equal(look_up(f, ""), "");
	assert_true(f->end_error[0] != '\0');
	assert_string_equal(look_up(f, "../../etc/passwd"), "");
	assert_int_equal(count_lines(look_up(f, "ABCDEF0001")), 1);
}

int main(void)
{
#define ONE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    ONE(test_history_and_live_events),
	    ONE(test_rotation_and_compression),
	    ONE(test_copy_and_truncate),
	    ONE(test_log_that_is_missing),
	    ONE(test_log_of_others),
	    ONE(test_journal_and_a_file_left_over),
	    ONE(test_command),
	    ONE(test_command_that_ends),
	    ONE(test_log_of_another_zone),
	    ONE(test_command_of_another_zone),
	    ONE(test_peers_that_come_and_go),
	    ONE(test_questions_that_are_wrong),
	    /* Last: it lets time pass. */
	    ONE(test_minutes_are_counted_once),
	};
#undef ONE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
