/* The table of system calls that each kind of process may make, and the filter that libseccomp
 * makes of a row.
 *
 * What becomes of any other call depends on the row. A parser ends at once, and says which call it
 * was: it has been taken over, or its row is wrong, and neither may go unnoticed. In the server the
 * call is refused (EPERM) and named in the log, because a module of the name service may make any
 * call and must not take the page away. A tool of Postfix is ended by SIGSYS, which the helper
 * tells: its job looks at the queue then, and nothing is believed that was done by half. Around
 * programs that nobody knows only the kernel's own business is refused.
 *
 * A libc that is newer than this table asks for calls that nobody here knows by number. They are
 * answered with ENOSYS, as an older kernel would, and it goes another way. The same for those that
 * hide what they do behind a pointer (clone3, io_uring_setup): a filter sees numbers only. */
#include "role/sandbox_calls.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/log.h"
#include "role/sandbox.h"

/* ---- groups of calls ---- */

/* What every program does without asking anybody. */
static const char *const itself[] = {"brk", "munmap", "mremap", "madvise", "exit", "exit_group",
    "rt_sigreturn", "sigreturn", "rt_sigprocmask", "rt_sigaction", "sigaltstack", "futex",
    "futex_time64", "getrandom", "clock_gettime", "clock_gettime64", "clock_getres",
    "clock_getres_time64", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday",
    "time", "sched_yield", "sched_getaffinity", "getpid", "gettid", "getppid", "getuid", "geteuid",
    "getgid", "getegid", "getgroups", "rseq", "set_robust_list", "restart_syscall", "membarrier",
    "uname", "getrlimit", "ugetrlimit", "getrusage", "sysinfo", "getcpu", "getpriority", "capget",
    NULL};

/* What it does with descriptors that it has. */
static const char *const descriptors[] = {"read", "readv", "pread64", "preadv", "preadv2", "write",
    "writev", "pwrite64", "pwritev", "pwritev2", "lseek", "_llseek", "close", "close_range",
    "fstat", "fstat64", "fstatfs", "fstatfs64", "dup", "dup2", "dup3", "poll", "ppoll",
    "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64", "recvmsg", "recvfrom",
    "recv", "sendmsg", "sendto", "send", "sendmmsg", "recvmmsg", "recvmmsg_time64", "shutdown",
    "getsockopt", "getsockname", "getpeername", "fadvise64", "fadvise64_64", "inotify_rm_watch",
    "getdents64", "pipe", "pipe2", NULL};

/* The server: event loop, threads, the database in its directory, with locks (fcntl). */
static const char *const loops[] = {"fcntl", "fcntl64", "epoll_create", "epoll_create1",
    "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2",
    "timerfd_create", "timerfd_settime", "timerfd_settime64", "timerfd_gettime", "signalfd4",
    "accept", "accept4", "listen", "setsockopt", "set_tid_address", "wait4", "waitid", "kill",
    NULL};
static const char *const files[] = {"open", "openat", "stat", "stat64", "lstat", "lstat64",
    "newfstatat", "fstatat64", "statx", "access", "faccessat", "faccessat2", "statfs", "statfs64",
    "readlink", "readlinkat", "getcwd", "getdents", "flock", NULL};
static const char *const changes[] = {"fsync", "fdatasync", "sync_file_range", "ftruncate",
    "ftruncate64", "truncate", "truncate64", "fallocate", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "fchmodat2",
    "chown", "fchown", "fchownat", "lchown", "umask", "utime", "utimes", "utimensat",
    "utimensat_time64", "futimesat", "copy_file_range", "sendfile", "sendfile64", "link", "linkat",
    "symlink", "symlinkat", NULL};

/* What the helper and Postfix's tools do beside all that. The trace of every verb
 * (tests/system/sandbox_tools.test.mjs) says what they do today; this is that and its neighbours,
 * so that another version, shell or libc finds what it uses. */
static const char *const programs[] = {"execve", "execveat", "fork", "vfork", "exit", "ioctl",
    "mmap", "mmap2", "mprotect", "arch_prctl", "prctl", "prlimit64", "setrlimit", "openat2",
    "name_to_handle_at", "bind", "connect", "socketpair", "chdir", "fchdir", "sync", "syncfs",
    "readahead", "splice", "tee", "vmsplice", "memfd_create", "mincore", "msync", "mlock", "mlock2",
    "munlock", "mlockall", "munlockall", "mknod", "mknodat", "getxattr", "lgetxattr", "fgetxattr",
    "listxattr", "llistxattr", "flistxattr", "setxattr", "lsetxattr", "fsetxattr", "removexattr",
    "lremovexattr", "fremovexattr", "inotify_init", "inotify_init1", "inotify_add_watch",
    "signalfd", "pause", "alarm", "getitimer", "setitimer", "timer_create", "timer_settime",
    "timer_gettime", "timer_getoverrun", "timer_delete", "timerfd_gettime64", "times", "tkill",
    "tgkill", "rt_sigsuspend", "rt_sigpending", "rt_sigtimedwait", "rt_sigtimedwait_time64",
    "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal", "setpgid", "getpgid",
    "getpgrp", "setsid", "getsid", "waitpid", "setpriority", "ioprio_get", "ioprio_set",
    "sched_setaffinity", "sched_getparam", "sched_setparam", "sched_getscheduler",
    "sched_setscheduler", "sched_getattr", "sched_get_priority_max", "sched_get_priority_min",
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "getresuid", "getresgid",
    "setfsuid", "setfsgid", "setgroups", "capset", "get_robust_list", "seccomp",
    "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "setuid32",
    "setgid32", "setreuid32", "setregid32", "setresuid32", "setresgid32", "getuid32", "getgid32",
    "geteuid32", "getegid32", "getgroups32", "setgroups32", "getresuid32", "getresgid32", "chown32",
    "fchown32", "lchown32", "setfsuid32", "setfsgid32", "set_thread_area", "get_thread_area",
    "cacheflush", "set_tls", "riscv_flush_icache", NULL};

/* The kernel's own business, and other processes' memory. No program that a mail system runs, or
 * that reaches a container, is in need of these. */
static const char *const kernels[] = {"kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "create_module", "get_kernel_syms", "query_module", "reboot",
    "swapon", "swapoff", "acct", "settimeofday", "clock_settime", "clock_settime64",
    "clock_adjtime", "clock_adjtime64", "adjtimex", "stime", "syslog", "iopl", "ioperm",
    "modify_ldt", "vm86", "vm86old", "quotactl", "quotactl_fd", "nfsservctl", "perf_event_open",
    "bpf", "userfaultfd", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "pidfd_getfd", "open_by_handle_at", "lookup_dcookie", "migrate_pages", "move_pages",
    "fanotify_init", "uselib", "ustat", "sysfs", "_sysctl", "vhangup", NULL};

/* ---- calls with conditions ---- */

struct rule {
	const char *call;
	int error; /* 0: let through; else the answer */
	unsigned count;
	struct scmp_arg_cmp compare[3];
};

#define MASKED(number, mask, value)                                                                \
	{                                                                                          \
		number, SCMP_CMP_MASKED_EQ, mask, value                                            \
	}
#define EQUAL(number, value)                                                                       \
	{                                                                                          \
		number, SCMP_CMP_EQ, value, 0                                                      \
	}
/* Not signed, which would fill the upper half of the kernel's number. */
#define LOW_HALF 0xffffffffu

/* Memory never becomes a program. */
static const struct rule plain_memory[] = {
    {"mmap", 0, 1, {MASKED(2, PROT_EXEC, 0)}},
    {"mmap2", 0, 1, {MASKED(2, PROT_EXEC, 0)}},
    {"mprotect", 0, 1, {MASKED(2, PROT_EXEC, 0)}},
    {NULL},
};

/* But for a file that is mapped as one (a converter of iconv, a module of the name service). */
static const struct rule library_memory[] = {
    {"mmap", 0, 1, {MASKED(2, PROT_EXEC, 0)}},
    {"mmap2", 0, 1, {MASKED(2, PROT_EXEC, 0)}},
    {"mmap", 0, 2, {MASKED(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), MASKED(3, MAP_ANONYMOUS, 0)}},
    {"mmap2", 0, 2, {MASKED(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), MASKED(3, MAP_ANONYMOUS, 0)}},
    {"mprotect", 0, 1, {MASKED(2, PROT_EXEC, 0)}},
    {NULL},
};

/* fstat of libc; whether standard error is a terminal; limits, not set. */
static const struct rule of_descriptors[] = {
    {"newfstatat", 0, 1, {MASKED(3, AT_EMPTY_PATH, AT_EMPTY_PATH)}},
    {"fstatat64", 0, 1, {MASKED(3, AT_EMPTY_PATH, AT_EMPTY_PATH)}},
    {"statx", 0, 1, {MASKED(2, AT_EMPTY_PATH, AT_EMPTY_PATH)}},
    {"ioctl", 0, 1, {EQUAL(1, TCGETS)}},
    {"ioctl", 0, 1, {EQUAL(1, FIONREAD)}},
    {"ioctl", 0, 1, {EQUAL(1, FIONBIO)}},
    {"ioctl", 0, 1, {EQUAL(1, FIOCLEX)}},
    {"prlimit64", 0, 1, {EQUAL(2, 0)}},
    {"prctl", 0, 1, {MASKED(0, LOW_HALF, PR_SET_NAME)}},
    {"prctl", 0, 1, {MASKED(0, LOW_HALF, PR_GET_DUMPABLE)}},
    {"prctl", EINVAL, 1, {MASKED(0, LOW_HALF, PR_SET_VMA)}}, /* names for memory */
    {NULL},
};

/* A descriptor's own flags. Its other commands lock files, and name a process that is sent a signal
 * of one's choice when there is something to read: where Landlock has no rule for signals, a parser
 * would end whoever runs as the same user. */
static const struct rule own_descriptors[] = {
    {"fcntl", 0, 1, {MASKED(1, LOW_HALF, F_DUPFD)}},
    {"fcntl", 0, 1, {MASKED(1, LOW_HALF, F_DUPFD_CLOEXEC)}},
    {"fcntl", 0, 1, {MASKED(1, LOW_HALF, F_GETFD)}},
    {"fcntl", 0, 1, {MASKED(1, LOW_HALF, F_SETFD)}},
    {"fcntl", 0, 1, {MASKED(1, LOW_HALF, F_GETFL)}},
    {"fcntl", 0, 1, {MASKED(1, LOW_HALF, F_SETFL)}},
    {"fcntl64", 0, 1, {MASKED(1, LOW_HALF, F_DUPFD)}},
    {"fcntl64", 0, 1, {MASKED(1, LOW_HALF, F_DUPFD_CLOEXEC)}},
    {"fcntl64", 0, 1, {MASKED(1, LOW_HALF, F_GETFD)}},
    {"fcntl64", 0, 1, {MASKED(1, LOW_HALF, F_SETFD)}},
    {"fcntl64", 0, 1, {MASKED(1, LOW_HALF, F_GETFL)}},
    {"fcntl64", 0, 1, {MASKED(1, LOW_HALF, F_SETFL)}},
    {NULL},
};

/* iconv loads its converters: opening to read, where Landlock lets it. O_PATH it would not ask. */
static const struct rule converters[] = {
    {"openat", 0, 1, {MASKED(2, O_ACCMODE | O_CREAT | O_TRUNC | O_PATH, O_RDONLY)}},
    {"open", 0, 1, {MASKED(1, O_ACCMODE | O_CREAT | O_TRUNC | O_PATH, O_RDONLY)}},
    /* What else the search for one touches is not there. */
    {"newfstatat", ENOENT, 1, {MASKED(3, AT_EMPTY_PATH, 0)}},
    {"stat", ENOENT, 0, {{0}}},
    {"access", ENOENT, 0, {{0}}},
    {"readlink", ENOENT, 0, {{0}}},
    {NULL},
};

/* The viewer gives itself seconds for a message. Nobody can have more than before. */
static const struct rule viewers[] = {
    {"prlimit64", 0, 1, {EQUAL(0, 0)}},
    {"setrlimit", 0, 0, {{0}}},
    {NULL},
};

static const struct rule logreaders[] = {
    {"setpriority", 0, 0, {{0}}}, /* it goes behind all others */
    {NULL},
};

#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	    CLONE_NEWPID | CLONE_NEWNET)
/* The first argument of clone, but on s390. */
#define CLONE_FLAGS 0

/* Threads, and the copy of itself that saves the index. Users are looked up through modules of the
 * name service, which may ask a process of the machine: a Unix socket, and no other. */
static const struct rule servers[] = {
    {"clone", 0, 1, {MASKED(CLONE_FLAGS, NEW_NAMESPACES, 0)}},
    {"fork", 0, 0, {{0}}},
    {"clone3", ENOSYS, 0, {{0}}},
    {"io_uring_setup", ENOSYS, 0, {{0}}},
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_UNIX)}},
    {"socket", EAFNOSUPPORT, 1, {{0, SCMP_CMP_NE, AF_UNIX, 0}}},
    {"connect", 0, 0, {{0}}},
    {"prctl", 0, 1, {MASKED(0, LOW_HALF, PR_SET_PDEATHSIG)}},
    {"prctl", 0, 1, {MASKED(0, LOW_HALF, PR_GET_NAME)}},
    {"setpriority", 0, 0, {{0}}},
    {"sched_setscheduler", 0, 0, {{0}}},
    {"ioprio_set", 0, 0, {{0}}},
    {NULL},
};

/* Outgoing connections, the threads that resolve names, and the modules of the name service. A
 * netlink socket, which tells this host's own addresses, is bound, and so is a connection that has
 * to come from a certain address; there is no call to listen. */
static const char *const clients[] = {"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
    "epoll_pwait2", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_settime64",
    "setsockopt", "socketpair", "connect", "bind", "set_tid_address", NULL};

static const struct rule notifiers[] = {
    {"clone", 0, 1, {MASKED(CLONE_FLAGS, NEW_NAMESPACES | CLONE_THREAD, CLONE_THREAD)}},
    {"clone3", ENOSYS, 0, {{0}}},
    {"io_uring_setup", ENOSYS, 0, {{0}}},
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_UNIX)}},
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_INET)}},
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_INET6)}},
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_NETLINK)}},
    {"prctl", 0, 1, {MASKED(0, LOW_HALF, PR_GET_NAME)}},
    {NULL},
};

static const struct rule helpers[] = {
    {"clone", 0, 1, {MASKED(CLONE_FLAGS, NEW_NAMESPACES, 0)}},
    {"clone3", ENOSYS, 0, {{0}}},
    {"io_uring_setup", ENOSYS, 0, {{0}}},
    {"kcmp", ENOSYS, 0, {{0}}},
    /* A viewer's parent asks for a network of its own for it; whoever may not, goes without. */
    {"unshare", EPERM, 0, {{0}}},
    {"personality", 0, 1, {MASKED(0, LOW_HALF, LOW_HALF)}}, /* asks, and changes nothing */
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_UNIX)}},
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_INET)}}, /* Postfix looks which of both there are */
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_INET6)}},
    {"socket", 0, 1, {MASKED(0, LOW_HALF, AF_NETLINK)}},
    {NULL},
};

/* ---- rows ---- */

enum otherwise {
	OTHERWISE_END,	  /* the process says which call it was, and ends */
	OTHERWISE_REFUSE, /* it says so, and goes on: the call has failed */
	OTHERWISE_SIGNAL, /* SIGSYS ends it, and the kernel's log has the call */
	OTHERWISE_PASS,	  /* let through; `groups` and `rules` are what is refused */
};

static const struct row {
	enum otherwise otherwise;
	const char *const *groups[6];
	const struct rule *rules[5];
} rows[SANDBOX_ROWS] = {
    [SANDBOX_READER] = {OTHERWISE_END, {itself, descriptors},
	{of_descriptors, own_descriptors, library_memory, converters}},
    [SANDBOX_LOGREADER] = {OTHERWISE_END, {itself, descriptors},
	{of_descriptors, own_descriptors, plain_memory, logreaders}},
    [SANDBOX_VIEWER] = {OTHERWISE_END, {itself, descriptors},
	{of_descriptors, own_descriptors, library_memory, converters, viewers}},
    [SANDBOX_SERVER] = {OTHERWISE_REFUSE, {itself, descriptors, loops, files, changes},
	{of_descriptors, library_memory, servers}},
    [SANDBOX_NOTIFIER] = {OTHERWISE_REFUSE, {itself, descriptors, files, clients},
	{of_descriptors, own_descriptors, library_memory, notifiers}},
    [SANDBOX_HELPER] = {OTHERWISE_SIGNAL, {itself, descriptors, loops, files, changes, programs},
	{helpers}},
    [SANDBOX_FOREIGN] = {OTHERWISE_PASS, {kernels}},
};

/* ---- a call that the row does not have ---- */

/* No architecture has a higher number in common use; x32's begin at 2^30. */
#define NUMBERS_MAX 1024

static struct {
	enum otherwise otherwise;
	bool told[NUMBERS_MAX];
} own;

const char *sandbox_calls_name(int number)
{
	static char text[48];
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	if (name != NULL)
		snprintf(text, sizeof(text), "%s", name);
	else
		snprintf(text, sizeof(text), "number %d", number);
	free(name);
	return text;
}

/* Makes the call that was stopped return that. False where this program does not know how. */
static bool answer(void *context, int error)
{
#if defined(__x86_64__)
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = -error;
	return true;
#elif defined(__aarch64__)
	((ucontext_t *)context)->uc_mcontext.regs[0] = (unsigned long long)-error;
	return true;
#else
	return false;
#endif
}

/* The call has not been made. A program that was taken over can be rid of this function, but not of
 * the filter: then it is ended, or its call fails, without a word. */
static void on_refused(int signal, siginfo_t *info, void *context)
{
	int saved = errno, number = info->si_syscall;
	bool ends = own.otherwise != OTHERWISE_REFUSE || !answer(context, EPERM);

	if (number < 0 || number >= NUMBERS_MAX || !own.told[number] || ends)
		log_error("the sandbox does not admit the system call %s, which was %s",
		    sandbox_calls_name(number), ends ? "made: this process ends" : "refused");
	if (ends)
		_exit(SANDBOX_EXIT_STATUS);
	if (number >= 0 && number < NUMBERS_MAX)
		own.told[number] = true;
	errno = saved;
}

static bool watch_refused(enum otherwise otherwise, struct error *err)
{
	struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO | SA_NODEFER};

	own.otherwise = otherwise;
	if (otherwise != OTHERWISE_END && otherwise != OTHERWISE_REFUSE)
		return true;
	return sigaction(SIGSYS, &action, NULL) == 0 ||
	       error_set_errno(err, "sandbox_failed", errno, "SIGSYS");
}

/* ---- the filter ---- */

static uint32_t default_action(const struct row *row)
{
	if (row->otherwise == OTHERWISE_SIGNAL)
		return SCMP_ACT_KILL_PROCESS; /* and the kernel's log has the number */
	return row->otherwise == OTHERWISE_PASS ? SCMP_ACT_ALLOW : SCMP_ACT_TRAP;
}

static int add_call(scmp_filter_ctx filter, const struct row *row, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);
	uint32_t action = row->otherwise == OTHERWISE_PASS ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW;

	/* Negative: this machine has no such call, or this library does not know it. */
	return number < 0 ? 0 : seccomp_rule_add_array(filter, action, number, 0, NULL);
}

static int add_rule(scmp_filter_ctx filter, const struct rule *rule)
{
	int number = seccomp_syscall_resolve_name(rule->call);
	uint32_t action = rule->error != 0 ? SCMP_ACT_ERRNO((uint16_t)rule->error) : SCMP_ACT_ALLOW;

	return number < 0
		   ? 0
		   : seccomp_rule_add_array(filter, action, number, rule->count, rule->compare);
}

/* What is newer than this library, as far as numbers may grow in its life. */
static int add_unknown(scmp_filter_ctx filter)
{
	int last = 0, result = 0;

	for (int number = 0; number < NUMBERS_MAX / 2; number++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

		if (name != NULL)
			last = number;
		free(name);
	}
	for (int number = last + 1; number < NUMBERS_MAX / 2 && result == 0; number++)
		result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0, NULL);
	return result;
}

static int fill(scmp_filter_ctx filter, const struct row *row)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(row->groups) / sizeof(row->groups[0]); i++)
		for (const char *const *name = row->groups[i];
		     name != NULL && *name != NULL && result == 0; name++)
			result = add_call(filter, row, *name);
	for (size_t i = 0; i < sizeof(row->rules) / sizeof(row->rules[0]); i++)
		for (const struct rule *rule = row->rules[i];
		     rule != NULL && rule->call != NULL && result == 0; rule++)
			result = add_rule(filter, rule);
	if (result == 0 && row->otherwise != OTHERWISE_PASS)
		result = add_unknown(filter);
	return result;
}

bool sandbox_calls_supported(void)
{
	/* With a NULL program the kernel looks at the operation first and at the program then. */
	errno = 0;
	(void)prctl(PR_SET_SECCOMP, 2, NULL, 0, 0);
	return errno == EFAULT || errno == EACCES;
}

bool sandbox_calls_close(enum sandbox_row row, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(default_action(&rows[row]));
	int result = -ENOMEM;

	if (filter != NULL) {
		/* no_new_privs is the caller's: the helper must not have it. As a tree of numbers
		 * a filter costs the same for the last call as for the first. */
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
		/* A call by the numbers of another architecture (int 0x80) has no honest use here.
		 */
		seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
		/* The kernel's error, not this library's. */
		seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
		result = fill(filter, &rows[row]);
	}
	if (result == 0 && !watch_refused(rows[row].otherwise, err)) {
		seccomp_release(filter);
		return false;
	}
	if (result == 0)
		result = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	if (result == 0)
		return true;
	return error_set_errno(err, "sandbox_failed", -result, "seccomp");
}

static bool in_group(const char *const *group, const char *name)
{
	for (; group != NULL && *group != NULL; group++)
		if (strcmp(*group, name) == 0)
			return true;
	return false;
}

bool sandbox_calls_allows(enum sandbox_row which, const char *name)
{
	const struct row *row = &rows[which];
	bool named = false;

	for (size_t i = 0; i < sizeof(row->groups) / sizeof(row->groups[0]); i++)
		named = named || in_group(row->groups[i], name);
	for (size_t i = 0; i < sizeof(row->rules) / sizeof(row->rules[0]); i++)
		for (const struct rule *rule = row->rules[i]; rule != NULL && rule->call != NULL;
		     rule++)
			named = named || strcmp(rule->call, name) == 0;
	return named != (row->otherwise == OTHERWISE_PASS);
}
