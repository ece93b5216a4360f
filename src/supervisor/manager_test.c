/* What the supervisor does with the service manager: sockets that it is passed, and a helper that
 * it is not the parent of. This program plays the service manager, and the helper. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
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

#include "base/fd.h"
#include "role/connected.h"
#include "role/role.h"
#include "supervisor/errand.h"
#include "supervisor/listen.h"
#include "supervisor/passed.h"
#include "supervisor/process.h"

#define NOBODY 65534

/* ---- errands ---- */

static int is_nobody(const void *context)
{
	const char *path = context;

	return geteuid() == NOBODY && getegid() == NOBODY && getgroups(0, NULL) == 0 &&
		       mkdir(path, 0700) == 0
		   ? 0
		   : EPERM;
}

static int no_disk(const void *context)
{
	(void)context;
	return EROFS;
}

static void test_errand(void **state)
{
	char dir[] = "/tmp/postroom-errand-XXXXXX", path[64];
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chown(dir, NOBODY, NOBODY), 0);
	snprintf(path, sizeof(path), "%s/made", dir);
	assert_int_equal(errand_run(NOBODY, NOBODY, is_nobody, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_uid == NOBODY && st.st_gid == NOBODY);
	assert_int_equal(errand_run(NOBODY, NOBODY, no_disk, NULL), EROFS);
	assert_int_equal(geteuid(), 0);
	rmdir(path);
	rmdir(dir);
}

/* ---- passed sockets ---- */

#define CHECK(condition)                                                                           \
	do                                                                                         \
		if (!(condition))                                                                  \
			_exit(__LINE__ % 250 + 1);                                                 \
	while (0)

static void put_at(int fd, int place)
{
	CHECK(fd >= 0 && dup2(fd, place) == place);
}

static int listen_at(const struct sockaddr *address, socklen_t len, int type)
{
	int fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && bind(fd, address, len) == 0);
	CHECK(type != SOCK_STREAM || listen(fd, 1) == 0);
	return fd;
}

/* In a process of its own, as all other descriptors are closed. */
static _Noreturn void be_passed(const char *dir)
{
	struct sockaddr_in tcp = {.sin_family = AF_INET}, other;
	struct sockaddr_un path = {.sun_family = AF_UNIX}, gone = path, manager = path;
	char text[128] = "", number[16];
	socklen_t len = sizeof(tcp);
	int fd, told;

	tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(path.sun_path, sizeof(path.sun_path), "%s/socket", dir);
	snprintf(gone.sun_path, sizeof(gone.sun_path), "%s/gone", dir);
	snprintf(manager.sun_path, sizeof(manager.sun_path), "%s/notify", dir);
	fd = listen_at((struct sockaddr *)&tcp, sizeof(tcp), SOCK_STREAM);
	CHECK(getsockname(fd, (struct sockaddr *)&tcp, &len) == 0);
	put_at(fcntl(fd, F_DUPFD, 20), 3);
	put_at(listen_at((struct sockaddr *)&path, sizeof(path), SOCK_STREAM), 4);
	put_at(listen_at((struct sockaddr *)&gone, sizeof(gone), SOCK_STREAM), 5);
	put_at(open("/dev/null", O_RDONLY), 6);
	CHECK(unlink(gone.sun_path) == 0);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_FDNAMES", "http.listen:http.socket:old", 1);
	passed_begin();
	CHECK(getenv("LISTEN_FDS") == NULL);
	CHECK(fcntl(6, F_GETFD) < 0 && fcntl(20, F_GETFD) < 0); /* nobody's */
	CHECK((fcntl(3, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(3, F_GETFL) & O_NONBLOCK) != 0);
	other = tcp;
	other.sin_port = htons((uint16_t)(ntohs(tcp.sin_port) ^ 1));
	CHECK(passed_take((struct sockaddr *)&other, sizeof(other)) == -1);
	CHECK(passed_take((struct sockaddr *)&tcp, sizeof(tcp)) == 3);
	CHECK(passed_take((struct sockaddr *)&tcp, sizeof(tcp)) == -1);
	CHECK(passed_take((struct sockaddr *)&path, sizeof(path)) == 4);
	CHECK(passed_take((struct sockaddr *)&gone, sizeof(gone)) == -1);
	told = listen_at((struct sockaddr *)&manager, sizeof(manager), SOCK_DGRAM);
	setenv("NOTIFY_SOCKET", manager.sun_path, 1);
	passed_end();
	CHECK(fcntl(5, F_GETFD) < 0);
	CHECK(recv(told, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	CHECK(strcmp(text, "FDSTOREREMOVE=1\nFDNAME=old") == 0);
	passed_keep("http.listen", 3); /* it is kept already */
	passed_keep("none", -1);
	CHECK(recv(told, text, sizeof(text), MSG_DONTWAIT) < 0);
	passed_keep("fresh", 0);
	memset(text, 0, sizeof(text));
	CHECK(recv(told, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	CHECK(strcmp(text, "FDSTORE=1\nFDNAME=fresh\nFDPOLL=0") == 0);
	_exit(0);
}

static void test_passed(void **state)
{
	char dir[] = "/tmp/postroom-passed-XXXXXX", path[64];
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(dir));
	pid = fork();
	if (pid == 0)
		be_passed(dir);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, i == 0 ? "socket" : "notify");
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

/* What somebody has done to a passed socket who may write in its directory. */
enum spoiled { AS_IT_WAS, LINKED, OF_ANOTHER, REPLACED };

/* The service is to serve a socket that was passed, and that belongs to another group by now. In a
 * process of its own, like the one before. */
static _Noreturn void be_kept(const char *dir, enum spoiled spoiled)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	ROLE_CONFIG_AUTO struct role_config facts = {0};
	struct config *config = config_create();
	bool good = spoiled == AS_IT_WAS;
	char set[100], other[100], number[16];
	struct error err = {"", ""};
	struct stat st;
	int fd;

	snprintf(path.sun_path, sizeof(path.sun_path), "%s/socket", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	snprintf(set, sizeof(set), "http.socket=%s", path.sun_path);
	CHECK(config_set(config, set, &err));
	role_config_set(&facts, "http.socket_gid", "65534");
	put_at(listen_at((struct sockaddr *)&path, sizeof(path), SOCK_STREAM), 3);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
	setenv("LISTEN_FDS", "1", 1);
	passed_begin();
	CHECK(spoiled != LINKED || link(path.sun_path, other) == 0);
	CHECK(spoiled != OF_ANOTHER || chown(path.sun_path, 1, 1) == 0);
	if (spoiled == REPLACED) {
		fd = open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		CHECK(fd >= 0 && rename(other, path.sun_path) == 0);
	}
	fd = listen_unix(config, &facts, &err);
	CHECK((fd == 3) == (good));
	CHECK(stat(path.sun_path, &st) == 0);
	CHECK((st.st_gid == NOBODY && (st.st_mode & 07777) == 0660) == good);
	CHECK(good || strcmp(err.code, "listen_failed") == 0);
	unlink(path.sun_path);
	unlink(other);
	_exit(0);
}

static void test_passed_to_another_group(void **state)
{
	char dir[] = "/tmp/postroom-passed-XXXXXX";
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	for (enum spoiled spoiled = AS_IT_WAS; spoiled <= REPLACED; spoiled++) {
		pid = fork();
		if (pid == 0)
			be_kept(dir, spoiled);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

/* ---- a helper that the service manager starts ---- */

/* As a socket unit with Accept=yes does it: one process for each connection, which is descriptor 3
 * of it. */
static pid_t be_manager(int listener)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && fork() == 0) {
			char program[] = "helper", argument[] = ROLE_CONNECTED;
			char *const argv[] = {program, argument, NULL};

			if (dup2(fd, CONTROL_FD) < 0)
				_exit(70);
			close_range(CONTROL_FD + 1, ~0U, 0);
			execv("/proc/self/exe", argv);
			_exit(70);
		}
		close(fd);
	}
}

static int open_self(void)
{
	return open("/proc/self/exe", O_PATH | O_CLOEXEC);
}

static void begins_and_ends(const char *path)
{
	struct confine_plan plan = {.role = CONTROL_ROLE_HELPER, .privileged = true};
	ROLE_CONFIG_AUTO struct role_config config = {.privileged = true};
	FD_AUTO int program = open_self();
	FD_AUTO int other = open("/bin/true", O_PATH | O_CLOEXEC);
	struct process process;
	struct pollfd polled = {.events = POLLIN};
	struct control_ready ready;
	struct frame frame;
	struct error err;
	char how[128];

	if (!process_connect(&process, path, program, &config, &err))
		fail_msg("%s", err.text);
	assert_true(process.connected && process.pid > 0 && process.pid != getpid());
	assert_true(channel_wait(process.control, 10000));
	assert_int_equal(channel_receive(process.control, &frame), CHANNEL_FRAME);
	assert_true(control_ready_decode(&frame, &ready));
	if (!process_prove(&process, &plan, &frame, &err))
		fail_msg("%s", err.text);
	/* Its rights are those that a helper has. */
	assert_true(ready.cap_bounding == confine_bounding(&plan) && ready.groups == 0);
	process_kill(&process);
	polled.fd = process.pidfd;
	assert_int_equal(poll(&polled, 1, 10000), 1);
	assert_false(process_prove(&process, &plan, &frame, &err));
	assert_true(process_reap(&process, how, sizeof(how)));
	assert_true(process.control == NULL && process.pidfd < 0 && process.status < 0);
	/* The service was upgraded: what starts now is of another build. */
	assert_false(process_connect(&process, path, other, &config, &err));
	assert_string_equal(err.code, "other_build");
	assert_false(process_connect(&process, "/no/such/socket", program, &config, &err));
	assert_string_equal(err.code, "not_started");
}

/* Who is not root gets nothing of it. */
static void refuses_users(const struct sockaddr_un *address)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		char byte;

		CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
		CHECK(connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0);
		CHECK(recv(fd, &byte, 1, 0) == 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_connected(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	FD_AUTO int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t manager;

	(void)state;
	if (geteuid() != 0)
		skip();
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/postroom-connected-%d",
	    (int)getpid());
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chmod(address.sun_path, 0777), 0);
	assert_int_equal(listen(listener, 4), 0);
	manager = be_manager(listener);
	begins_and_ends(address.sun_path);
	refuses_users(&address);
	assert_int_equal(kill(manager, SIGKILL), 0);
	assert_int_equal(waitpid(manager, NULL, 0), manager);
	unlink(address.sun_path);
}

static int be_helper(int argc, char **argv)
{
	if (role_enter(argc, argv) != CONTROL_ROLE_HELPER)
		return ROLE_REFUSED;
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_errand),
	    cmocka_unit_test(test_passed),
	    cmocka_unit_test(test_passed_to_another_group),
	    cmocka_unit_test(test_connected),
	};

	if (argc == 2 && strcmp(argv[1], ROLE_CONNECTED) == 0)
		return role_connected(CONTROL_ROLE_HELPER);
	if (argc == 5)
		return be_helper(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
