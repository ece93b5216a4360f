/* For tests only, and never installed: a process that is entered as a role is, by the same
 * functions, and then tries what a parser that was taken over would try. What came of each attempt
 * is printed, one line each: the attempt, and what the kernel answered.
 *
 *   sandbox_probe calls ROW            the names of the system calls that a row lets through
 *   sandbox_probe try ROLE UID GID STORE ATTEMPT...     in the sandbox of that role
 *   sandbox_probe bare UID GID ATTEMPT...               as that user only, for comparison
 *   sandbox_probe without landlock|seccomp COMMAND...   runs it as on a kernel that lacks one
 *
 * An attempt is a name, and what it is about after a colon: open:/etc/shadow, connect:/path,
 * tcp:PORT, signal:PID, trace:PID, memory:PID, fork, exec. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "role/role.h"
#include "role/sandbox.h"
#include "role/sandbox_calls.h"
#include "wire/channel.h"

#define ATTEMPT_MAX 1024
#define NUMBERS_MAX 1024

/* ---- attempts ---- */

static int told(long result)
{
	return result < 0 ? errno : 0;
}

static int try_open(const char *path)
{
	return told(open(path, O_RDONLY | O_CLOEXEC));
}

static int try_write(const char *path)
{
	return told(open(path, O_WRONLY | O_CLOEXEC));
}

static int try_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return fd < 0 ? errno : told(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

static int try_tcp(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? errno : told(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

static int try_signal(const char *pid)
{
	return told(kill(atoi(pid), 0));
}

static int try_trace(const char *pid)
{
	return told(ptrace(PTRACE_SEIZE, atoi(pid), NULL, NULL));
}

static int try_memory(const char *pid)
{
	static char there; /* any address of the other will do: whether it may is asked first */
	char here;
	struct iovec to = {&here, 1}, from = {&there, 1};

	return told(process_vm_readv(atoi(pid), &to, 1, &from, 1, 0));
}

static int try_fork(const char *nothing)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return told(pid);
}

static int try_exec(const char *nothing)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int attempt(const char *text)
{
	static const struct {
		const char *name;
		int (*make)(const char *about);
	} attempts[] = {{"open", try_open}, {"write", try_write}, {"connect", try_connect},
	    {"tcp", try_tcp}, {"signal", try_signal}, {"trace", try_trace}, {"memory", try_memory},
	    {"fork", try_fork}, {"exec", try_exec}};
	size_t len = strcspn(text, ":");

	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		if (strlen(attempts[i].name) == len && strncmp(attempts[i].name, text, len) == 0)
			return attempts[i].make(text[len] == ':' ? text + len + 1 : "");
	return EDOM;
}

/* ---- the process that tries ---- */

/* Started by role_become, as every role is: what it is to try comes over its channel. */
static int probe(int argc, char **argv)
{
	char text[ATTEMPT_MAX] = "";

	if (role_enter(argc, argv) == 0)
		return 70;
	fcntl(CONTROL_FD, F_SETFL, 0);
	if (recv(CONTROL_FD, text, sizeof(text) - 1, 0) <= 0)
		return 71;
	return attempt(text);
}

/* As that user, with no more rights, and no sandbox. */
static int bare(const struct confine_plan *plan, const char *text)
{
	if (setgroups(0, NULL) != 0 || setresgid(plan->gid, plan->gid, plan->gid) != 0 ||
	    setresuid(plan->uid, plan->uid, plan->uid) != 0)
		return 71;
	return attempt(text);
}

/* ---- the process that starts it ---- */

static bool hand_over(int fd, const struct confine_plan *plan, const char *store, const char *text)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};
	BUFFER_AUTO struct buffer frame = {0};

	role_config_set(&config, "store.path", store);
	role_config_encode(&frame, &config);
	return (plan->role == CONTROL_ROLE_VIEWER ||
		   send(fd, frame.data, frame.len, MSG_NOSIGNAL) == (ssize_t)frame.len) &&
	       send(fd, text, strlen(text), MSG_NOSIGNAL) > 0;
}

static const char *meaning(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(text, size, "signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0)
		snprintf(text, size, "worked");
	else if (WEXITSTATUS(status) == SANDBOX_EXIT_STATUS)
		snprintf(text, size, "ended by its sandbox");
	else
		snprintf(text, size, "%s", strerrorname_np(WEXITSTATUS(status)));
	return text;
}

static int start(
    const struct confine_plan *plan, bool sandboxed, const char *store, const char *text)
{
	int fds[2], status;
	struct error err;
	char end[64];
	pid_t pid;

	if (!channel_pair(fds, &err))
		return 1;
	pid = fork();
	if (pid == 0 && !sandboxed)
		_exit(bare(plan, text));
	if (pid == 0) {
		struct role_launch launch = {.plan = *plan,
		    .program = open("/proc/self/exe", O_PATH | O_CLOEXEC),
		    .standard = {open("/dev/null", O_RDONLY | O_CLOEXEC), 2, 2},
		    .control = fds[1]};

		role_become(&launch);
	}
	fd_close(&fds[1]);
	if (sandboxed && !hand_over(fds[0], plan, store, text))
		return 1;
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	printf("%s %s\n", text, meaning(status, end, sizeof(end)));
	fflush(stdout);
	fd_close(&fds[0]);
	return 0;
}

/* ---- the names of a row ---- */

static int print_calls(const char *row)
{
	static const char *const rows[SANDBOX_ROWS] = {
	    "reader", "logreader", "viewer", "server", "notifier", "helper", "foreign"};

	for (int r = 0; r < SANDBOX_ROWS; r++)
		for (int number = 0; number < NUMBERS_MAX && strcmp(row, rows[r]) == 0; number++) {
			char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

			if (name != NULL && sandbox_calls_allows((enum sandbox_row)r, name))
				puts(name);
			free(name);
		}
	return 0;
}

/* ---- a kernel that lacks something ---- */

/* Answers as such a kernel, by a filter of its own. No no_new_privs: Postfix has setgid programs.
 */
static int run_without(const char *what, char **argv)
{
	const struct scmp_arg_cmp older = {0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool rules = strcmp(what, "landlock") == 0;
	int number = rules ? SCMP_SYS(landlock_create_ruleset) : SCMP_SYS(seccomp);
	int result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);

	result |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
	if (!rules)
		result |= seccomp_rule_add_array(
		    filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, &older);
	result |= seccomp_load(filter);
	seccomp_release(filter);
	if (result == 0)
		execv(argv[0], argv);
	perror("sandbox_probe");
	return 1;
}

static enum control_role role_of(const char *name)
{
	for (int role = 1; role < CONTROL_ROLES; role++)
		if (strcmp(control_role_name((enum control_role)role), name) == 0)
			return (enum control_role)role;
	return 0;
}

int main(int argc, char **argv)
{
	bool sandboxed = argc > 5 && strcmp(argv[1], "try") == 0;
	struct confine_plan plan = {.privileged = true};
	int result = 0;

	if (strncmp(argv[0], "postroom-", 9) == 0)
		return probe(argc, argv);
	if (argc == 3 && strcmp(argv[1], "calls") == 0)
		return print_calls(argv[2]);
	if (argc > 3 && strcmp(argv[1], "without") == 0)
		return run_without(argv[2], argv + 3);
	if (!sandboxed && (argc < 5 || strcmp(argv[1], "bare") != 0))
		return 2;
	plan.role = sandboxed ? role_of(argv[2]) : CONTROL_ROLE_READER;
	plan.uid = (uint32_t)atoi(argv[sandboxed ? 3 : 2]);
	plan.gid = (uint32_t)atoi(argv[sandboxed ? 4 : 3]);
	for (int i = sandboxed ? 6 : 4; i < argc && result == 0; i++)
		result = start(&plan, sandboxed, sandboxed ? argv[5] : "", argv[i]);
	return result;
}
