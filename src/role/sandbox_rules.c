/* Builds a Landlock ruleset for one process and puts it in force. Everything that the kernel's
 * version knows is forbidden, and then the paths of the caller are opened again. The constants are
 * our own: the kernel's header on the machine that builds may be older than the kernel that runs
 * it. */
#include "role/sandbox_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* The same on every architecture. */
#define NR_CREATE_RULESET 444
#define NR_ADD_RULE 445
#define NR_RESTRICT_SELF 446

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2

#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_MAKE_CHAR (UINT64_C(1) << 6)
#define FS_MAKE_BLOCK (UINT64_C(1) << 11)
#define FS_ALL_1 ((UINT64_C(1) << 13) - 1)
#define FS_REFER (UINT64_C(1) << 13)	 /* version 2: links and renames to another directory */
#define FS_TRUNCATE (UINT64_C(1) << 14)	 /* version 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* version 5 */
#define NET_BIND_TCP (UINT64_C(1) << 0)	 /* version 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_SOCKET (UINT64_C(1) << 0) /* version 6 */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)
/* Version 7: what the programs that it runs are refused is told to the kernel's audit too. */
#define LOG_NEW_EXEC_ON 2u

/* What a file, as against a directory, can be opened for. */
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

/* As the kernel lays them out; an older one gets a shorter first one. */
struct ruleset_attributes {
	uint64_t handled_fs, handled_net, scoped;
};
struct path_attributes {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));
struct port_attributes {
	uint64_t allowed, port;
};

unsigned sandbox_rules_abi(void)
{
	long abi = syscall(NR_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);

	return abi > 0 ? (unsigned)abi : 0;
}

const char *sandbox_rules_lack(unsigned abi)
{
	if (abi == 0)
		return "Landlock";
	if (abi < 2)
		return "Landlock's rules for renames, truncation, TCP, devices, signals and "
		       "abstract "
		       "sockets";
	if (abi < 3)
		return "Landlock's rules for truncation, TCP, devices, signals and abstract "
		       "sockets";
	if (abi < 4)
		return "Landlock's rules for TCP, devices, signals and abstract sockets";
	if (abi < 5)
		return "Landlock's rules for devices, signals and abstract sockets";
	if (abi < 6)
		return "Landlock's rules for signals and abstract sockets";
	return ""; /* 7 only tells more to the audit */
}

static uint64_t known_fs(unsigned abi)
{
	return FS_ALL_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	       (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static struct ruleset_attributes forbidden(const struct sandbox_rules *rules, unsigned abi)
{
	struct ruleset_attributes a = {.handled_fs = known_fs(abi)};

	if (rules->runs_programs)
		/* Where rules for files exist, a rename to another directory is refused unless it
		 * is allowed; version 1 cannot allow it, and postsuper makes them. */
		a.handled_fs = abi >= 2 ? FS_MAKE_CHAR | FS_MAKE_BLOCK | FS_REFER : 0;
	if (abi >= 4)
		a.handled_net = NET_BIND_TCP | (rules->connects ? 0 : NET_CONNECT_TCP);
	if (abi >= 6)
		a.scoped = SCOPE_ABSTRACT_SOCKET |
			   (rules->runs_programs && !rules->signals_own ? 0 : SCOPE_SIGNAL);
	return a;
}

static size_t attributes_size(unsigned abi)
{
	if (abi >= 6)
		return sizeof(struct ruleset_attributes);
	return abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static bool allow(int ruleset, const char *path, uint64_t access, struct error *err)
{
	FD_AUTO int fd = open(path, O_PATH | O_CLOEXEC);
	struct path_attributes attributes = {access, fd};
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return true; /* nothing there that it could have used */
	if (fd < 0 || fstat(fd, &st) != 0)
		return error_set_errno(err, "sandbox_failed", errno, "Landlock: %s", path);
	if (!S_ISDIR(st.st_mode))
		attributes.allowed &= FS_OF_FILES;
	if (syscall(NR_ADD_RULE, ruleset, RULE_PATH_BENEATH, &attributes, 0) != 0)
		return error_set_errno(err, "sandbox_failed", errno, "Landlock: %s", path);
	return true;
}

/* Port 0 is any that the kernel chooses: what a connection comes from when only its address is
 * chosen. */
static bool allow_any_port(int ruleset, uint64_t handled, struct error *err)
{
	struct port_attributes attributes = {handled & NET_BIND_TCP, 0};

	return attributes.allowed == 0 ||
	       syscall(NR_ADD_RULE, ruleset, RULE_NET_PORT, &attributes, 0) == 0 ||
	       error_set_errno(err, "sandbox_failed", errno, "Landlock: ports");
}

static bool allow_all(int ruleset, const struct sandbox_rules *rules,
    const struct ruleset_attributes *attributes, struct error *err)
{
	uint64_t handled = attributes->handled_fs;

	if (rules->connects && !allow_any_port(ruleset, attributes->handled_net, err))
		return false;
	if (rules->runs_programs)
		return (handled & FS_REFER) == 0 || allow(ruleset, "/", FS_REFER, err);
	for (size_t i = 0; i < rules->count; i++) {
		uint64_t access = FS_READ_FILE | FS_READ_DIR;

		if (rules->paths[i].write)
			access = handled & ~(FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_BLOCK);
		if (!allow(ruleset, rules->paths[i].path, access, err))
			return false;
	}
	return true;
}

unsigned sandbox_rules_close(const struct sandbox_rules *rules, struct error *err)
{
	unsigned abi = sandbox_rules_abi();
	struct ruleset_attributes attributes = forbidden(rules, abi);
	FD_AUTO int ruleset = -1;

	if (abi == 0) {
		error_set(err, "sandbox_failed", "the kernel has no Landlock");
		return 0;
	}
	if (abi > SANDBOX_RULES_ABI)
		abi = SANDBOX_RULES_ABI;
	ruleset = (int)syscall(NR_CREATE_RULESET, &attributes, attributes_size(abi), 0);
	if (ruleset < 0) {
		error_set_errno(err, "sandbox_failed", errno, "Landlock");
		return 0;
	}
	fd_set_cloexec(ruleset, true);
	if (!allow_all(ruleset, rules, &attributes, err))
		return 0;
	if (syscall(NR_RESTRICT_SELF, ruleset,
		rules->runs_programs && abi >= 7 ? LOG_NEW_EXEC_ON : 0) == 0)
		return abi;
	error_set_errno(err, "sandbox_failed", errno, "Landlock");
	return 0;
}
