/* What the supervisor is made of; the whole of it is tested by tests/system/roles.test.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "role/role.h"
#include "supervisor/accounts.h"
#include "supervisor/capture.h"
#include "supervisor/facts.h"
#include "supervisor/listen.h"
#include "supervisor/notify.h"
#include "supervisor/process.h"
#include "supervisor/supervisor.h"

#define NOBODY 65534

/* ---- capture ---- */

static bool capture(const char *script, int timeout_ms, struct buffer *out, struct error *err)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	return capture_run((char *const *)argv, timeout_ms, out, err);
}

static void test_capture(void **state)
{
	BUFFER_AUTO struct buffer out = {0};
	struct error err;
	int64_t begin = clock_monotonic_ms();
	const char *const missing[] = {"/no/such/program", NULL};

	(void)state;
	assert_true(capture("echo hello; echo $HOME; cat", 5000, &out, &err));
	assert_string_equal(buffer_string(&out), "hello\n/root\n");
	assert_false(capture("echo first >&2; echo second >&2; exit 3", 5000, &out, &err));
	assert_string_equal(err.text, "first");
	assert_false(capture("exit 3", 5000, &out, &err));
	assert_string_equal(err.text, "/bin/sh ended with status 3");
	assert_false(capture_run((char *const *)missing, 5000, &out, &err));
	assert_non_null(strstr(err.text, "No such file"));
	/* What it leaves behind is killed with it. */
	assert_false(capture("sleep 60 & sleep 60", 200, &out, &err));
	assert_string_equal(err.code, "timed_out");
	assert_true(clock_monotonic_ms() - begin < 20000);
	buffer_clear(&out);
	assert_true(capture("head -c 1000000 /dev/zero", 5000, &out, &err));
	assert_true(out.len <= CAPTURE_MAX);
}

/* ---- facts ---- */

static void test_facts(void **state)
{
	ROLE_CONFIG_AUTO struct role_config facts = {0};
	struct config *config = config_create();
	struct error err;

	(void)state;
	facts_parse(&facts,
	    SLICE("queue_directory = /var/spool/postfix\nmaillog_file =\nunknown = x\n= y\nno\n"
		  "syslog_name = a = b\n"));
	assert_string_equal(role_config_fact(&facts, "queue_directory"), "/var/spool/postfix");
	assert_string_equal(role_config_fact(&facts, "maillog_file"), "");
	assert_string_equal(role_config_fact(&facts, "syslog_name"), "a = b");
	/* Postfix that does not answer is said, and no failure. */
	assert_true(config_set(config, "postfix.command_prefix=/no/such/prefix", NULL));
	assert_true(config_set(config, "run.user=nobody", NULL));
	assert_true(config_set(config, "run.parse_user=65522", NULL));
	assert_true(config_set(config, "run.view_user=65523", NULL));
	assert_true(config_set(config, "run.notify_user=65524", NULL));
	assert_true(config_set(config, "http.socket_group=daemon", NULL));
	assert_true(facts_collect(config, "/x.conf", &facts, &err));
	assert_false(facts.facts.known);
	assert_non_null(strstr(facts.facts.error, "/no/such/prefix"));
	assert_string_equal(role_config_get(&facts, "run.user"), "nobody");
	if (geteuid() == 0) {
		assert_string_equal(role_config_get(&facts, "run.uid"), "65534");
		assert_string_equal(role_config_get(&facts, "run.view_gid"), "65523");
		assert_string_equal(role_config_get(&facts, "run.notify_gid"), "65524");
		assert_true(config_set(config, "run.user=no-such-user", NULL));
		assert_false(facts_collect(config, "", &facts, &err));
		assert_string_equal(err.code, "no_such_user");
		assert_true(config_set(config, "run.user=root", NULL));
		assert_false(facts_collect(config, "", &facts, &err));
		assert_string_equal(err.code, "user_is_root");
		/* Two levels of trust are never one user, nor operators. */
		assert_true(config_set(config, "run.user=65523", NULL));
		assert_false(facts_collect(config, "", &facts, &err));
		assert_string_equal(err.code, "same_user");
		assert_true(config_set(config, "run.user=65521", NULL));
		assert_true(facts_collect(config, "", &facts, &err));
		assert_true(config_set(config, "http.socket_group=65522", NULL));
		assert_false(facts_collect(config, "", &facts, &err));
		assert_string_equal(err.code, "group_of_role");
		/* Nor Postfix's own: that one could write the queue. */
		assert_true(config_set(config, "http.socket_group=daemon", NULL));
		assert_true(facts_collect(config, "", &facts, &err));
		role_config_set(&facts, "postfix.mail_uid", "65522");
		assert_false(accounts_collect(config, &facts, &err));
		assert_string_equal(err.code, "user_of_postfix");
		assert_non_null(strstr(err.text, "run.parse_user = 65522"));
		assert_true(facts_collect(config, "", &facts, &err));
		role_config_set(&facts, "postfix.setgid_gid", "65523");
		assert_false(accounts_collect(config, &facts, &err));
		assert_string_equal(err.code, "user_of_postfix");
	}
	config_destroy(&config);
}

/* ---- sockets ---- */

static void test_tcp(void **state)
{
	struct config *config = config_create();
	BUFFER_AUTO struct buffer address = {0}, set = {0};
	struct error err;
	int fd, second;

	(void)state;
	assert_true(config_set(config, "http.listen=127.0.0.1:0", NULL));
	fd = listen_tcp("http.listen", config->http_listen, &address, &err);
	assert_true(fd >= 0);
	assert_memory_equal(buffer_string(&address), "127.0.0.1:", 10);
	buffer_printf(&set, "http.listen=%s", buffer_string(&address));
	assert_true(config_set(config, buffer_string(&set), NULL));
	second = listen_tcp("http.listen", config->http_listen, &address, &err);
	assert_int_equal(second, -1);
	assert_string_equal(err.code, "listen_failed");
	fd_close(&fd);
	config_destroy(&config);
}

static void test_unix(void **state)
{
	char dir[] = "/tmp/postroom-supervisor-XXXXXX", path[128], set[160];
	ROLE_CONFIG_AUTO struct role_config facts = {0};
	struct config *config = config_create();
	struct error err;
	struct stat st;
	int fd, second;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/run/socket", dir);
	snprintf(set, sizeof(set), "http.socket=%s", path);
	assert_true(config_set(config, set, NULL));
	role_config_set(&facts, "http.socket_gid", "65534");
	fd = listen_unix(config, &facts, &err);
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, geteuid() == 0 ? 0660 : 0600);
	if (geteuid() == 0)
		assert_true(st.st_uid == 0 && st.st_gid == NOBODY);
	second = listen_unix(config, &facts, &err);
	assert_int_equal(second, -1);
	assert_string_equal(err.code, "already_running");
	fd_close(&fd);
	fd = listen_unix(config, &facts, &err); /* nobody answers at it any more */
	assert_true(fd >= 0);
	fd_close(&fd);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0); /* something else is not removed */
	assert_int_equal(listen_unix(config, &facts, &err), -1);
	assert_string_equal(err.code, "listen_failed");
	rmdir(path);
	*strrchr(path, '/') = '\0';
	if (geteuid() == 0) {
		/* A directory that gives its own group to what is made in it. */
		assert_int_equal(chown(path, 0, 1), 0);
		assert_int_equal(chmod(path, 02755), 0);
		fd = listen_unix(config, &facts, &err);
		assert_true(fd >= 0);
		assert_int_equal(stat(config->http_socket, &st), 0);
		assert_true(st.st_gid == NOBODY && (st.st_mode & 07777) == 0660);
		fd_close(&fd);
		unlink(config->http_socket);
	}
	rmdir(path);
	rmdir(dir);
	config_destroy(&config);
}

static void test_notify(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char text[32] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_manager("READY=1");
	snprintf(
	    address.sun_path, sizeof(address.sun_path), "/tmp/postroom-notify-%d", (int)getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	notify_manager("READY=1");
	assert_int_equal(recv(fd, text, sizeof(text) - 1, 0), 7);
	assert_string_equal(text, "READY=1");
	unlink(address.sun_path);
	unsetenv("NOTIFY_SOCKET");
	fd_close(&fd);
}

/* ---- rights ---- */

/* This program plays the roles itself. */
static int open_self(void)
{
	return open("/proc/self/exe", O_PATH | O_CLOEXEC);
}

static void start(enum control_role role, struct control_ready *ready)
{
	struct confine_plan plan = {role, geteuid() == 0, false, NOBODY, NOBODY};
	ROLE_CONFIG_AUTO struct role_config config = {0};
	FD_AUTO int program = open_self();
	struct process process, other;
	struct frame frame;
	struct error err;
	char how[128];
	int leak = dup(1); /* must not reach the role */

	assert_true(process_start(&process, &plan, program, &config, &err));
	assert_true(channel_wait(process.control, 10000));
	assert_int_equal(channel_receive(process.control, &frame), CHANNEL_FRAME);
	assert_true(control_ready_decode(&frame, ready));
	assert_true(process_prove(&process, &plan, &frame, &err));
	/* Another process's frame proves nothing. */
	other = process;
	other.pid = getpid();
	assert_false(process_prove(&other, &plan, &frame, &err));
	assert_string_equal(err.text, "its first frame was sent by another process");
	/* The same process is not what another plan wants. */
	plan.uid = 1;
	if (geteuid() == 0 && role != CONTROL_ROLE_HELPER)
		assert_false(process_prove(&process, &plan, &frame, &err));
	plan.role = CONTROL_ROLE_SERVER;
	assert_false(process_prove(&process, &plan, &frame, &err));
	kill(process.pid, SIGTERM);
	assert_false(process_reap(&process, how, sizeof(how)));
	assert_string_equal(how, "was ended by signal 15");
	fd_close(&leak);
}

/* Real processes, as the kernel sees them. */
static void test_roles_drop(void **state)
{
	struct control_ready ready;

	(void)state;
	start(CONTROL_ROLE_READER, &ready);
	assert_true(ready.no_new_privs && !ready.dumpable && ready.open_fds == 4);
	if (geteuid() == 0)
		assert_true(ready.uid == NOBODY && ready.gid == NOBODY && ready.groups == 0 &&
			    ready.cap_permitted == 0 && ready.cap_bounding == 0);
	start(CONTROL_ROLE_HELPER, &ready);
	assert_true(!ready.no_new_privs && !ready.dumpable);
	if (geteuid() == 0)
		assert_true(ready.uid == 0 && ready.cap_bounding != 0 &&
			    (ready.cap_bounding >> 21 & 1) == 0);
}

/* ---- roles that are not honest ---- */

/* This program is copied under these names, and behaves as its name says. */
static const struct {
	const char *name, *said; /* what the supervisor says of it */
} dishonest[] = {
    {"liar", "is not what it should be and is ended"},
    {"babbler", "its first frame does not say what it is"},
    {"flooder", "sends what nobody asked for and is ended"},
    {"mangler", "sends what is no frame and is ended"},
    {"mute", "does not say what it is and is ended"},
};
#define DISHONEST (sizeof(dishonest) / sizeof(dishonest[0]))

static void send_all(const struct buffer *frame)
{
	while (send(CONTROL_FD, frame->data, frame->len, MSG_NOSIGNAL) >= 0)
		;
}

/* The first frame of a reader that says it is that user, and all else that it should be. */
static void send_ready(uint32_t user)
{
	struct control_ready ready = {
	    CONTROL_ROLE_READER, user, user, 0, 0, 0, 0, 0, true, false, CONTROL_FD + 1};
	BUFFER_AUTO struct buffer frame = {0};

	control_ready_encode(&frame, &ready);
	(void)send(CONTROL_FD, frame.data, frame.len, MSG_NOSIGNAL);
}

static _Noreturn void misbehave(const char *name, int argc, char **argv)
{
	BUFFER_AUTO struct buffer frame = {0};

	fd_set_nonblocking(CONTROL_FD, false);
	control_plain_encode(&frame, CONTROL_PONG);
	if (strcmp(name, "liar") == 0)
		send_ready(65523);
	if (strcmp(name, "babbler") == 0)
		(void)send(CONTROL_FD, frame.data, frame.len, MSG_NOSIGNAL);
	if (strcmp(name, "mangler") == 0 && role_enter(argc, argv) != 0)
		(void)send(CONTROL_FD, "?", 1, MSG_NOSIGNAL);
	if (strcmp(name, "flooder") == 0 && role_enter(argc, argv) != 0)
		send_all(&frame);
	for (;;)
		pause();
}

/* One that does what is asked, and nothing else. */
static void obey(void)
{
	struct channel *control = channel_create(CONTROL_FD);
	BUFFER_AUTO struct buffer pong = {0};
	enum channel_result result = CHANNEL_EMPTY;
	struct frame frame = {0};

	control_plain_encode(&pong, CONTROL_PONG);
	while (result != CHANNEL_CLOSED && frame.type != CONTROL_STOP) {
		result = channel_receive(control, &frame);
		if (result == CHANNEL_EMPTY)
			(void)channel_wait(control, -1);
		if (result == CHANNEL_FRAME && frame.type == CONTROL_PING)
			(void)channel_send(control, &pong, NULL, 0);
		if (result == CHANNEL_FRAME)
			frame_close(&frame);
	}
	channel_destroy(&control);
}

static int enter_role(int argc, char **argv)
{
	char path[PATH_MAX] = "";
	const char *name;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) <= 0)
		return 70;
	name = strrchr(path, '/') + 1;
	for (size_t i = 0; i < DISHONEST; i++)
		if (strcmp(name, dishonest[i].name) == 0)
			misbehave(name, argc, argv);
	if (role_enter(argc, argv) == 0)
		return 70;
	obey();
	return 0;
}

/* The supervisor, with `reader` for its reader; what it says goes to `log`. */
static pid_t run_supervisor(const char *dir, const char *reader, int log)
{
	char socket[160], store[160];
	const char *const sets[] = {"http.listen=", socket, store, "run.user=65521",
	    "run.parse_user=65522", "run.view_user=65523", "run.notify_user=65524",
	    "http.socket_group=nogroup", "postfix.command_prefix=/no/such/prefix"};
	struct source source = {"/dev/null", sets, sizeof(sets) / sizeof(sets[0]), ""};
	int programs[CONTROL_ROLES];
	BUFFER_AUTO struct buffer path = {0};
	struct config *config;
	struct error err;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (dup2(log, STDERR_FILENO) < 0)
		_exit(70);
	snprintf(socket, sizeof(socket), "http.socket=%s/socket", dir);
	snprintf(store, sizeof(store), "store.path=%s/state/postroom.db", dir);
	log_init("supervisor", LOG_LEVEL_WARNING);
	for (int role = 0; role < CONTROL_ROLES; role++)
		programs[role] = open_self();
	programs[CONTROL_ROLE_READER] = open(reader, O_PATH | O_CLOEXEC);
	config = source_load(&source, &path, &err);
	if (config == NULL)
		fprintf(stderr, "%s\n", err.text);
	_exit(
	    config == NULL ? 70 : supervisor_run(&source, config, buffer_string(&path), programs));
}

/* Reads `log` until each of the two has been said `times` times. */
static void expect_said(int log, const char *first, const char *second, int times)
{
	BUFFER_AUTO struct buffer text = {0};
	int firsts = 0, seconds = 0;

	while (firsts < times || seconds < times) {
		struct pollfd p = {log, POLLIN, 0};
		char bytes[4096];
		ssize_t n = poll(&p, 1, 60000) == 1 ? read(log, bytes, sizeof(bytes)) : -1;
		const char *at;

		if (n <= 0)
			fail_msg("waited for \"%s\" and \"%s\"; read: %s", first, second,
			    buffer_string(&text));
		buffer_append(&text, bytes, (size_t)n);
		firsts = seconds = 0;
		for (at = buffer_string(&text); (at = strstr(at, first)) != NULL; at++)
			firsts++;
		for (at = buffer_string(&text); (at = strstr(at, second)) != NULL; at++)
			seconds++;
	}
}

static void copy_self(const char *to)
{
	BUFFER_AUTO struct buffer bytes = {0};
	FD_AUTO int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	assert_true(fd_read_file("/proc/self/exe", (size_t)64 << 20, &bytes, NULL));
	assert_true(fd >= 0 && fd_write_all(fd, bytes.data, bytes.len));
}

/* Each is dealt with in words and replaced, and the supervisor lives: the service manager hears so,
 * and it stops when it is told to. All of them at once, a supervisor each. */
static void test_dishonest_roles(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {60, 0};
	char dir[] = "/tmp/postroom-supervisor-XXXXXX", path[160], text[32] = "";
	int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), status, logs[DISHONEST][2];
	pid_t pids[DISHONEST];
	size_t flooder = DISHONEST;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", dir);
	assert_int_equal(bind(notify, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(
	    setsockopt(notify, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	for (size_t i = 0; i < DISHONEST; i++) {
		char place[128];

		snprintf(place, sizeof(place), "%s/%zu", dir, i);
		assert_int_equal(mkdir(place, 0755), 0);
		snprintf(path, sizeof(path), "%s/%s", place, dishonest[i].name);
		copy_self(path);
		assert_int_equal(pipe2(logs[i], O_CLOEXEC), 0);
		if (strcmp(dishonest[i].name, "flooder") == 0)
			flooder = i;
		if (i == flooder)
			setenv("NOTIFY_SOCKET", address.sun_path, 1);
		pids[i] = run_supervisor(place, path, logs[i][1]);
		unsetenv("NOTIFY_SOCKET");
		fd_close(&logs[i][1]);
	}
	/* It keeps the socket for the next run. */
	assert_true(recv(notify, text, sizeof(text) - 1, 0) > 0);
	assert_memory_equal(text, "FDSTORE=1\nFDNAME=http.socket", 28);
	for (int beats = 0; beats < 2; beats++) {
		memset(text, 0, sizeof(text));
		assert_true(recv(notify, text, sizeof(text) - 1, 0) > 0);
		assert_string_equal(text, "WATCHDOG=1");
	}
	/* First the one that tells the service manager, to its end. */
	expect_said(logs[flooder][0], dishonest[flooder].said, "starting it again", 2);
	assert_int_equal(kill(pids[flooder], SIGTERM), 0);
	do {
		memset(text, 0, sizeof(text));
		assert_true(recv(notify, text, sizeof(text) - 1, 0) > 0);
	} while (strcmp(text, "STOPPING=1") != 0);
	/* A full one that nobody reads would hold its sender up; each supervisor has it open, too.
	 */
	(void)shutdown(notify, SHUT_RDWR);
	fd_close(&notify);
	for (size_t i = 0; i < DISHONEST; i++) {
		bool slow = strcmp(dishonest[i].name, "mute") == 0;

		if (i != flooder)
			expect_said(
			    logs[i][0], dishonest[i].said, "starting it again", slow ? 1 : 2);
	}
	for (size_t i = 0; i < DISHONEST; i++)
		if (i != flooder)
			assert_int_equal(kill(pids[i], SIGTERM), 0);
	for (size_t i = 0; i < DISHONEST; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
		fd_close(&logs[i][0]);
		snprintf(path, sizeof(path), "%s/%zu/%s", dir, i, dishonest[i].name);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%zu/state", dir, i);
		rmdir(path);
		/* Where a service manager keeps the socket its path stays. */
		snprintf(path, sizeof(path), "%s/%zu/socket", dir, i);
		assert_int_equal(unlink(path) == 0, i == flooder);
		snprintf(path, sizeof(path), "%s/%zu", dir, i);
		assert_int_equal(rmdir(path), 0);
	}
	unlink(address.sun_path);
	assert_int_equal(rmdir(dir), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_capture),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_tcp),
	    cmocka_unit_test(test_unix),
	    cmocka_unit_test(test_notify),
	    cmocka_unit_test(test_roles_drop),
	    cmocka_unit_test(test_dishonest_roles),
	};

	if (argc == 5)
		return enter_role(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
