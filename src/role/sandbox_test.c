/* Each test forks, closes one kind of sandbox in the child, and tries there what it must not. The
 * test runs as root where it can, so that it is the sandbox which refuses, not a file's mode. */
#include "role/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/memory.h"
#include "role/sandbox_calls.h"
#include "role/sandbox_rules.h"

/* What a child found, in its exit status. */
#define WORKED 0
/* Errors of the kernel are told as they are; these come from the child itself. */
#define NOT_CLOSED 250

struct attempt {
	const char *name;  /* of the system call, as the log has it */
	int (*make)(void); /* 0 or an error of the kernel */
};

static char directory[64];

static int result_of(long result)
{
	return result < 0 ? errno : WORKED;
}

/* ---- what a process that was taken over tries ---- */

static int try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int try_fork(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return result_of(pid);
}

static int try_unix_socket(void)
{
	return result_of(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int try_tcp_socket(void)
{
	return result_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_ptrace(void)
{
	return result_of(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
}

static int try_signal(void)
{
	return result_of(kill(getppid(), 0));
}

static int try_memory(void)
{
	char byte;
	struct iovec to = {&byte, 1}, from = {directory, 1};

	return result_of(process_vm_readv(getppid(), &to, 1, &from, 1, 0));
}

static int try_write(void)
{
	return result_of(open("/dev/null", O_WRONLY));
}

static int try_shadow(void)
{
	return result_of(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
}

/* Landlock lets a descriptor be made of whatever there is, if it cannot be read by it. */
static int try_path(void)
{
	return result_of(open("/etc/shadow", O_PATH | O_CLOEXEC));
}

static int try_other_process(void)
{
	return result_of(open("/proc/1/status", O_RDONLY | O_CLOEXEC));
}

static int try_other_memory(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
	return result_of(open(path, O_RDONLY | O_CLOEXEC));
}

static int try_code(void)
{
	void *page = mmap(
	    NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : WORKED;
}

static int try_unshare(void)
{
	return result_of(unshare(CLONE_NEWUSER));
}

static int try_module(void)
{
	return result_of(syscall(SYS_init_module, "", 0, ""));
}

static int try_bpf(void)
{
	return result_of(syscall(SYS_bpf, 0, NULL, 0));
}

static int try_newer_call(void)
{
	return result_of(syscall(511));
}

static int try_clone3(void)
{
	return result_of(syscall(SYS_clone3, NULL, 0));
}

/* A signal to another process without a call that names one: it comes when the pipe is written to.
 */
static int try_signal_by_descriptor(void)
{
	int fds[2];

	return pipe(fds) != 0 ? errno : result_of(fcntl(fds[0], F_SETOWN, getppid()));
}

static int try_lock(void)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	return result_of(fcntl(STDIN_FILENO, F_SETLK, &lock));
}

#ifdef __x86_64__
/* The same kernel by its other doors: getpid, which every row has, by the numbers of x32 and i386.
 */
static int try_x32(void)
{
	return result_of(syscall(0x40000000 | SYS_getpid));
}

static int try_i386(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result < 0 ? (int)-result : WORKED;
}
#endif

static const struct attempt hostile[] = {
    {"execve", try_exec},
    {"clone", try_fork},
    {"socket", try_unix_socket},
    {"socket", try_tcp_socket},
    {"ptrace", try_ptrace},
    {"kill", try_signal},
    {"process_vm_readv", try_memory},
    {"openat", try_write},
    {"mmap", try_code},
    {"unshare", try_unshare},
    {"init_module", try_module},
    {"bpf", try_bpf},
};
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

/* ---- children ---- */

struct end {
	int status, signal;
	char said[2048];
};

/* Runs `child` in a process of its own; what it writes to standard error is kept. */
static struct end run(int (*child)(const void *context), const void *context)
{
	struct end end = {0};
	int fds[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGSYS, SIG_DFL); /* cmocka's would go on with the tests */
		dup2(fds[1], STDERR_FILENO);
		_exit(child(context));
	}
	close(fds[1]);
	while ((n = read(fds[0], end.said + len, sizeof(end.said) - 1 - len)) > 0)
		len += (size_t)n;
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (end.said[0] != '\0')
		print_message("%s", end.said);
	end.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return end;
}

struct closing {
	enum sandbox_row row;
	int (*make)(void);
};

static int filtered(const void *context)
{
	const struct closing *c = context;
	struct error err;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !sandbox_calls_close(c->row, &err))
		return NOT_CLOSED;
	return c->make();
}

static struct end try_filtered(enum sandbox_row row, int (*make)(void))
{
	return run(filtered, &(struct closing){row, make});
}

static int ruled(const void *context)
{
	const struct closing *c = context;
	struct sandbox_rules rules = {.runs_programs = c->row == SANDBOX_HELPER};
	struct error err;

	if (c->row == SANDBOX_SERVER) {
		rules.paths[rules.count++] = (struct sandbox_path){directory, true};
		rules.paths[rules.count++] = (struct sandbox_path){"/etc/passwd", false};
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || sandbox_rules_close(&rules, &err) == 0)
		return NOT_CLOSED;
	return c->make();
}

static int try_ruled(enum sandbox_row row, int (*make)(void))
{
	return run(ruled, &(struct closing){row, make}).status;
}

/* ---- the filters ---- */

static void test_parsers(void **state)
{
	static const enum sandbox_row rows[] = {SANDBOX_READER, SANDBOX_LOGREADER, SANDBOX_VIEWER};
	char wanted[64];

	for (size_t r = 0; r < 3; r++)
		for (size_t i = 0; i < HOSTILE; i++) {
			struct end end = try_filtered(rows[r], hostile[i].make);

			snprintf(wanted, sizeof(wanted), "system call %s,", hostile[i].name);
			assert_int_equal(end.status, SANDBOX_EXIT_STATUS);
			assert_non_null(strstr(end.said, wanted));
		}
	/* What the server does with files of its own, nobody else does with others'. */
	for (size_t r = 0; r < 3; r++) {
		assert_int_equal(
		    try_filtered(rows[r], try_signal_by_descriptor).status, SANDBOX_EXIT_STATUS);
		assert_int_equal(try_filtered(rows[r], try_lock).status, SANDBOX_EXIT_STATUS);
		assert_int_equal(try_filtered(rows[r], try_path).status, SANDBOX_EXIT_STATUS);
	}
	/* The log reader opens nothing at all. */
	assert_int_equal(try_filtered(SANDBOX_LOGREADER, try_shadow).status, SANDBOX_EXIT_STATUS);
}

#ifdef __x86_64__
static void test_other_doors(void **state)
{
	for (int row = 0; row < SANDBOX_ROWS; row++) {
		assert_int_equal(try_filtered((enum sandbox_row)row, try_x32).signal, SIGSYS);
		assert_int_equal(try_filtered((enum sandbox_row)row, try_i386).signal, SIGSYS);
	}
}
#endif

static int work_as_parser(void)
{
	char *memory = malloc((size_t)1 << 20);
	int fds[2];
	struct stat st;

	if (memory == NULL || pipe(fds) != 0 || write(fds[1], "x", 1) != 1 ||
	    read(fds[0], memory, 1) != 1 || fstat(fds[0], &st) != 0)
		return 1;
	free(memory);
	signal(SIGPIPE, SIG_IGN);
	return isatty(fds[0]) || !fd_set_nonblocking(fds[0], true) ||
		       fcntl(fds[0], F_DUPFD_CLOEXEC, 0) < 0
		   ? 2
		   : WORKED;
}

static int convert(void)
{
	/* One that no table has preloaded, with a library of its own. */
	iconv_t handle = iconv_open("UTF-8", "EUC-JISX0213");

	return handle == (iconv_t)-1 ? errno : WORKED;
}

static void test_parsers_work(void **state)
{
	assert_int_equal(try_filtered(SANDBOX_READER, work_as_parser).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_LOGREADER, work_as_parser).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_VIEWER, convert).status, WORKED);
}

/* A libc that is newer than the table goes another way. */
static void test_newer_calls(void **state)
{
	assert_int_equal(try_filtered(SANDBOX_READER, try_newer_call).status, ENOSYS);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_newer_call).status, ENOSYS);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_newer_call).status, ENOSYS);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_clone3).status, ENOSYS);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_clone3).status, ENOSYS);
}

static void *nothing(void *context)
{
	return context;
}

static int try_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, nothing, NULL);

	return error != 0 ? error : pthread_join(thread, NULL);
}

static void test_server(void **state)
{
	struct end end = try_filtered(SANDBOX_SERVER, try_exec);

	assert_int_equal(end.status, EPERM);
	assert_non_null(strstr(end.said, "system call execve, which was refused"));
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_ptrace).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_memory).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_unshare).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_code).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_tcp_socket).status, EAFNOSUPPORT);
	/* For the name service, and for the copy that saves the index. */
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_unix_socket).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_fork).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_SERVER, try_thread).status, WORKED);
}

static int refuse_twice(void)
{
	(void)try_exec();
	return try_exec();
}

static void test_server_names_a_call_once(void **state)
{
	struct end end = try_filtered(SANDBOX_SERVER, refuse_twice);
	const char *first = strstr(end.said, "execve");

	assert_int_equal(end.status, EPERM);
	assert_non_null(first);
	assert_null(strstr(first + 1, "execve"));
}

static void test_helper(void **state)
{
	/* Its tools run; what they do not do, ends them, and that is seen. */
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_exec).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_fork).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_unix_socket).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_signal).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_unshare).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_ptrace).signal, SIGSYS);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_module).signal, SIGSYS);
	assert_int_equal(try_filtered(SANDBOX_HELPER, try_bpf).signal, SIGSYS);
}

static void test_foreign(void **state)
{
	assert_int_equal(try_filtered(SANDBOX_FOREIGN, try_exec).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_FOREIGN, try_tcp_socket).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_FOREIGN, try_ptrace).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_FOREIGN, try_module).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_FOREIGN, try_bpf).status, EPERM);
}

/* A helper is started beneath the supervisor's filter, and a viewer beneath the helper's. */
static int nested(const void *context)
{
	struct error err;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    !sandbox_calls_close(SANDBOX_FOREIGN, &err) ||
	    !sandbox_calls_close(SANDBOX_HELPER, &err) ||
	    !sandbox_calls_close(SANDBOX_VIEWER, &err))
		return NOT_CLOSED;
	return work_as_parser();
}

static void test_nested(void **state)
{
	assert_int_equal(run(nested, NULL).status, WORKED);
}

/* It connects and starts threads; no program, no process, and nobody connects to it. */
static void test_notifier(void **state)
{
	struct end end = try_filtered(SANDBOX_NOTIFIER, try_exec);

	assert_int_equal(end.status, EPERM);
	assert_non_null(strstr(end.said, "system call execve, which was refused"));
	assert_int_equal(try_filtered(SANDBOX_NOTIFIER, try_fork).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_NOTIFIER, try_ptrace).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_NOTIFIER, try_memory).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_NOTIFIER, try_unshare).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_NOTIFIER, try_code).status, EPERM);
	assert_int_equal(try_filtered(SANDBOX_NOTIFIER, try_tcp_socket).status, WORKED);
	assert_int_equal(try_filtered(SANDBOX_NOTIFIER, try_thread).status, WORKED);
	assert_false(sandbox_calls_allows(SANDBOX_NOTIFIER, "listen"));
	assert_false(sandbox_calls_allows(SANDBOX_NOTIFIER, "accept4"));
}

/* ---- the rules ---- */

static int abstract_name(struct sockaddr_un *address)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "%s", directory);
	return (int)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(directory));
}

static int try_abstract_socket(void)
{
	struct sockaddr_un address;
	socklen_t len = (socklen_t)abstract_name(&address);

	return result_of(
	    connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, len));
}

static int try_connect(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(9)};

	return result_of(
	    connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address)));
}

static int try_bind(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return result_of(
	    bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address)));
}

static int try_device(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/device", directory);
	return result_of(mknod(path, S_IFCHR | 0600, makedev(1, 3)));
}

static int try_own_file(void)
{
	char path[96], other[96];
	int fd;

	snprintf(path, sizeof(path), "%s/file", directory);
	snprintf(other, sizeof(other), "%s/below/file", directory);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 0) != 0)
		return errno;
	return result_of(rename(path, other)) != WORKED ? errno : result_of(unlink(other));
}

static int try_passwd(void)
{
	return result_of(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static void test_rules(void **state)
{
	unsigned abi = sandbox_rules_abi();

	if (abi == 0)
		skip();
	assert_int_equal(try_ruled(SANDBOX_READER, try_shadow), EACCES);
	assert_int_equal(try_ruled(SANDBOX_READER, try_passwd), EACCES);
	assert_int_equal(try_ruled(SANDBOX_READER, try_other_process), EACCES);
	assert_int_equal(try_ruled(SANDBOX_READER, try_other_memory), EACCES);
	assert_int_equal(try_ruled(SANDBOX_READER, try_own_file), EACCES);
	assert_int_equal(try_ruled(SANDBOX_READER, try_exec), EACCES);
	assert_int_equal(try_ruled(SANDBOX_READER, try_ptrace), EPERM);
	if (abi >= 4) {
		assert_int_equal(try_ruled(SANDBOX_READER, try_connect), EACCES);
		assert_int_equal(try_ruled(SANDBOX_READER, try_bind), EACCES);
	}
	if (abi >= 6) {
		assert_int_equal(try_ruled(SANDBOX_READER, try_signal), EPERM);
		assert_int_equal(try_ruled(SANDBOX_READER, try_abstract_socket), EPERM);
	}
}

static void test_rules_of_the_server(void **state)
{
	if (sandbox_rules_abi() < 2)
		skip();
	assert_int_equal(try_ruled(SANDBOX_SERVER, try_own_file), WORKED);
	assert_int_equal(try_ruled(SANDBOX_SERVER, try_passwd), WORKED);
	assert_int_equal(try_ruled(SANDBOX_SERVER, try_shadow), EACCES);
	assert_int_equal(try_ruled(SANDBOX_SERVER, try_device), geteuid() == 0 ? EACCES : EPERM);
}

static void test_rules_around_tools(void **state)
{
	unsigned abi = sandbox_rules_abi();

	if (abi < 2)
		skip();
	assert_int_equal(try_ruled(SANDBOX_HELPER, try_exec), WORKED);
	assert_int_equal(try_ruled(SANDBOX_HELPER, try_own_file), WORKED);
	assert_int_equal(try_ruled(SANDBOX_HELPER, try_signal), WORKED);
	assert_int_equal(try_ruled(SANDBOX_HELPER, try_device), geteuid() == 0 ? EACCES : EPERM);
	if (abi >= 4)
		assert_int_equal(try_ruled(SANDBOX_HELPER, try_connect), EACCES);
}

/* ---- a whole sandbox, and what proves it ---- */

static int closed(enum control_role role)
{
	ROLE_CONFIG_AUTO struct role_config config = {0};
	struct error err = {"", ""};
	char path[96];

	snprintf(path, sizeof(path), "%s/postroom.db", directory);
	role_config_set(&config, "store.path", path);
	if (role != CONTROL_ROLE_HELPER && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return NOT_CLOSED;
	if (!sandbox_close(role, &config, &err)) {
		fprintf(stderr, "%s", err.text);
		return NOT_CLOSED;
	}
	return WORKED;
}

static int reader_opens(const void *context)
{
	return closed(CONTROL_ROLE_READER) != WORKED ? NOT_CLOSED
						     : ((int (*)(void))(uintptr_t)context)();
}

static void test_reader(void **state)
{
	if (sandbox_rules_abi() < 6)
		skip();
	assert_int_equal(run(reader_opens, (void *)(uintptr_t)try_shadow).status, EACCES);
	assert_int_equal(run(reader_opens, (void *)(uintptr_t)try_other_process).status, EACCES);
	assert_int_equal(run(reader_opens, (void *)(uintptr_t)convert).status, WORKED);
	assert_int_equal(
	    run(reader_opens, (void *)(uintptr_t)try_exec).status, SANDBOX_EXIT_STATUS);
}

static int server_works(const void *context)
{
	if (closed(CONTROL_ROLE_SERVER) != WORKED || try_shadow() != WORKED ||
	    try_other_process() != EACCES)
		return NOT_CLOSED;
	return try_own_file();
}

static void test_whole_server(void **state)
{
	if (geteuid() != 0 || sandbox_rules_abi() < 6)
		skip();
	assert_int_equal(run(server_works, NULL).status, WORKED);
}

static int verify(const void *context)
{
	FD_AUTO int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	unsigned before = sandbox_own_filters();
	struct error err = {"", ""};

	if (sandbox_verify(status, before, &err))
		return 1; /* nothing was closed */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    !sandbox_calls_close(SANDBOX_FOREIGN, &err))
		return NOT_CLOSED;
	return sandbox_verify(status, before, &err) ? WORKED : 2;
}

static void test_verify(void **state)
{
	assert_int_equal(run(verify, NULL).status, WORKED);
}

/* ---- a kernel that lacks it ---- */

/* What an older kernel answers, by a filter around this process; then what is made of it. */
static bool forget(const char *const *calls, int error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int result = 0;

	for (; *calls != NULL; calls++)
		result |= seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint16_t)error),
		    seccomp_syscall_resolve_name(*calls), 0);
	result |= seccomp_load(filter);
	seccomp_release(filter);
	return result == 0;
}

static int without(const void *context, const char *const *calls, int error)
{
	enum control_role role = *(const enum control_role *)context;
	char lacks[256];

	if (!forget(calls, error))
		return NOT_CLOSED;
	sandbox_lacks(lacks, sizeof(lacks));
	fprintf(stderr, "%s\n", lacks);
	return closed(role);
}

static int without_landlock(const void *context)
{
	static const char *const calls[] = {"landlock_create_ruleset", NULL};

	return without(context, calls, ENOSYS);
}

static int without_seccomp(const void *context)
{
	static const char *const calls[] = {"seccomp", NULL};
	const struct scmp_arg_cmp older = {0, SCMP_CMP_EQ, PR_SET_SECCOMP, 0};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	/* The older way to a filter, and only that: prctl does other things too. */
	seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, &older);
	seccomp_load(filter);
	seccomp_release(filter);
	return without(context, calls, ENOSYS);
}

static void test_no_landlock(void **state)
{
	enum control_role role = CONTROL_ROLE_READER;
	struct end end = run(without_landlock, &role);

	assert_non_null(strstr(end.said, "does not give Landlock"));
	assert_int_equal(end.status, WORKED);
}

static void test_no_seccomp(void **state)
{
	enum control_role role = CONTROL_ROLE_SERVER;
	struct end end = run(without_seccomp, &role);

	assert_non_null(strstr(end.said, "no seccomp filters"));
	assert_int_equal(end.status, WORKED);
}

static int make_directory(void **state)
{
	char below[96];
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(directory, "/tmp/postroom-sandbox-XXXXXX");
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(below, sizeof(below), "%s/below", directory);
	return mkdir(below, 0700) != 0 ||
	       bind(fd, (struct sockaddr *)&address, (socklen_t)abstract_name(&address)) != 0 ||
	       listen(fd, 8) != 0;
}

static int remove_directory(void **state)
{
	char below[96];

	snprintf(below, sizeof(below), "%s/below", directory);
	return rmdir(below) != 0 || rmdir(directory) != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parsers),
#ifdef __x86_64__
	    cmocka_unit_test(test_other_doors),
#endif
	    cmocka_unit_test(test_parsers_work),
	    cmocka_unit_test(test_newer_calls),
	    cmocka_unit_test(test_server),
	    cmocka_unit_test(test_notifier),
	    cmocka_unit_test(test_server_names_a_call_once),
	    cmocka_unit_test(test_helper),
	    cmocka_unit_test(test_foreign),
	    cmocka_unit_test(test_nested),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_rules_of_the_server),
	    cmocka_unit_test(test_rules_around_tools),
	    cmocka_unit_test(test_reader),
	    cmocka_unit_test(test_whole_server),
	    cmocka_unit_test(test_verify),
	    cmocka_unit_test(test_no_landlock),
	    cmocka_unit_test(test_no_seccomp),
	};

	/* No filter is closed in such a program: role/sandbox.c. */
	if (MEMORY_SANITIZED)
		return 77;
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
