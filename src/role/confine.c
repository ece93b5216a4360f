/* Rights: what each role keeps, how the rest is dropped, and the proof of it. One table says all of
 * it; docs/THREAT-MODEL.md has the same table, and tests/system/roles.test.mjs compares them. */
#include "role/confine.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

#define CAP(number) ((uint64_t)1 << (number))

/* What Postfix's own commands need below the helper: postsuper drops to mail_owner and reads the
 * queue (SETUID, SETGID, DAC_READ_SEARCH), `postfix reload` signals processes of mail_owner (KILL).
 * The helper itself empties the bounding set of a viewer (SETPCAP).
 * Its files that only mail_owner may write are written as mail_owner; main.cf is root's. */
static const uint64_t helper_capabilities =
    CAP(CAP_SETUID) | CAP(CAP_SETGID) | CAP(CAP_DAC_READ_SEARCH) | CAP(CAP_KILL) | CAP(CAP_SETPCAP);

/* Descriptors that a role may have open: batches of files in the helper and reader, clients in the
 * server. */
#define DESCRIPTORS_MAX 8192
#define NO_LIMIT RLIM_INFINITY

/* Limits of a role, set after its user has changed: a number of processes that is reached would
 * make exec fail before. A reader's log may go to a file (standard error), so it may write one. */
static const struct limits {
	rlim_t descriptors, memory, seconds, file_size, processes;
} limits[CONTROL_ROLES] = {
    [CONTROL_ROLE_HELPER] = {DESCRIPTORS_MAX, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT},
    [CONTROL_ROLE_READER] = {DESCRIPTORS_MAX, NO_LIMIT, NO_LIMIT, NO_LIMIT, 0},
    [CONTROL_ROLE_LOGREADER] = {DESCRIPTORS_MAX, NO_LIMIT, NO_LIMIT, NO_LIMIT, 0},
    [CONTROL_ROLE_SERVER] = {DESCRIPTORS_MAX, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT},
    /* Memory for a large message and its parts, and seconds. */
    [CONTROL_ROLE_VIEWER] = {64, (rlim_t)1 << 30, 20, 0, 0},
    [CONTROL_ROLE_NOTIFIER] = {1024, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT},
    [CONTROL_ROLE_IDENTITY] = {256, NO_LIMIT, NO_LIMIT, NO_LIMIT, NO_LIMIT},
};

static bool failed(struct error *err, const char *what)
{
	return error_set_errno(err, "insufficient_rights", errno, "%s", what);
}

static bool limit(int resource, rlim_t value, struct error *err)
{
	struct rlimit r;

	if (value == NO_LIMIT)
		return true;
	if (getrlimit(resource, &r) != 0)
		return failed(err, "getrlimit");
	/* A lower limit that somebody has set for the service stays. */
	r.rlim_cur = r.rlim_max < value ? r.rlim_max : value;
	r.rlim_max = r.rlim_cur;
	return setrlimit(resource, &r) == 0 || failed(err, "setrlimit");
}

static bool set_limits(enum control_role role, struct error *err)
{
	const struct limits *l = &limits[role];

	/* No core: the memory of each role has mail, addresses or secrets in it. */
	return limit(RLIMIT_CORE, 0, err) && limit(RLIMIT_NOFILE, l->descriptors, err) &&
	       (MEMORY_SANITIZED || limit(RLIMIT_AS, l->memory, err)) &&
	       limit(RLIMIT_CPU, l->seconds, err) && limit(RLIMIT_FSIZE, l->file_size, err) &&
	       limit(RLIMIT_NPROC, l->processes, err);
}

/* A network of its own, without so much as a loopback: for those that speak over the descriptors
 * they are handed, and no others. The viewer is one of them, but the helper that starts it has no
 * right to make a network. */
static void leave_network(enum control_role role)
{
	if (role != CONTROL_ROLE_READER && role != CONTROL_ROLE_LOGREADER)
		return;
	if (unshare(CLONE_NEWNET | CLONE_NEWIPC) != 0)
		log_info("the %s has no network of its own (%s); its sandbox still refuses sockets",
		    control_role_name(role), strerror(errno));
}

/* Who each role is; the helper stays root. */
static const struct {
	const char *uid, *gid;
} users[CONTROL_ROLES] = {
    [CONTROL_ROLE_READER] = {"run.parse_uid", "run.parse_gid"},
    [CONTROL_ROLE_LOGREADER] = {"run.parse_uid", "run.parse_gid"},
    [CONTROL_ROLE_SERVER] = {"run.uid", "run.gid"},
    [CONTROL_ROLE_VIEWER] = {"run.view_uid", "run.view_gid"},
    [CONTROL_ROLE_NOTIFIER] = {"run.notify_uid", "run.notify_gid"},
    [CONTROL_ROLE_IDENTITY] = {"run.notify_uid", "run.notify_gid"},
};

static uint32_t number(const struct role_config *config, const char *key)
{
	return key == NULL ? 0 : (uint32_t)strtoul(role_config_get(config, key), NULL, 10);
}

bool confine_runs_foreign(const struct role_config *config)
{
	return (config->prefix != NULL && config->prefix[0] != '\0') ||
	       role_config_get(config, "postfix.log_command")[0] != '\0';
}

struct confine_plan confine_plan(const struct role_config *config, enum control_role role)
{
	return (struct confine_plan){.role = role,
	    .privileged = config->privileged,
	    .unbounded =
		role == CONTROL_ROLE_HELPER && config->prefix != NULL && config->prefix[0] != '\0',
	    .uid = number(config, users[role].uid),
	    .gid = number(config, users[role].gid),
	    .foreign = role == CONTROL_ROLE_HELPER && confine_runs_foreign(config)};
}

uint64_t confine_bounding(const struct confine_plan *plan)
{
	if (plan->role != CONTROL_ROLE_HELPER)
		return 0;
	return plan->unbounded ? ~(uint64_t)0 : helper_capabilities;
}

static bool drop_bounding(uint64_t keep, struct error *err)
{
	for (int cap = 0; cap <= 63; cap++) {
		int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (has < 0)
			break; /* the kernel knows no more */
		if (has == 1 && (keep & CAP(cap)) == 0 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
			return failed(err, "dropping a capability");
	}
	return true;
}

/* systemd 257 hands services an inheritable set, as large as the bounding set of their unit. */
static bool drop_inheritable(struct error *err)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0)
		return failed(err, "capget");
	data[0].inheritable = data[1].inheritable = 0;
	return syscall(SYS_capset, &header, data) == 0 || failed(err, "capset");
}

static bool become_user(const struct confine_plan *plan, struct error *err)
{
	if (plan->uid == 0 || plan->gid == 0)
		return error_set(err, "insufficient_rights", "it must not be root");
	/* Groups, then the group, then the user: without its rights the first two cannot be
	 * changed. */
	if (setgroups(0, NULL) != 0)
		return failed(err, "setgroups");
	if (setresgid(plan->gid, plan->gid, plan->gid) != 0)
		return failed(err, "setresgid");
	if (setresuid(plan->uid, plan->uid, plan->uid) != 0)
		return failed(err, "setresuid");
	return true;
}

bool confine_apply(const struct confine_plan *plan, struct error *err)
{
	bool helper = plan->role == CONTROL_ROLE_HELPER;

	if (plan->privileged) {
		leave_network(plan->role);
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
		/* Before the user changes: only whoever has CAP_SETPCAP may drop from the set. */
		if (!drop_bounding(confine_bounding(plan), err) || !drop_inheritable(err))
			return false;
		if (helper && setgroups(0, NULL) != 0)
			return failed(err, "setgroups");
		if (!helper && !become_user(plan, err))
			return false;
	}
	/* Not the helper: postqueue and postdrop are setgid programs. */
	if (!helper && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed(err, "no_new_privs");
	return set_limits(plan->role, err);
}

static uint32_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint32_t count = 0;

	if (dir == NULL)
		return UINT32_MAX;
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count - 1; /* the directory itself */
}

bool confine_read(enum control_role role, struct control_ready *ready, struct error *err)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	*ready = (struct control_ready){.role = role, .uid = geteuid(), .gid = getegid()};
	if (syscall(SYS_capget, &header, data) != 0)
		return failed(err, "capget");
	ready->cap_permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	ready->cap_effective = data[0].effective | (uint64_t)data[1].effective << 32;
	for (int cap = 0; cap <= 63; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			ready->cap_bounding |= CAP(cap);
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
			ready->cap_ambient |= CAP(cap);
	}
	ready->groups = (uint32_t)getgroups(0, NULL);
	ready->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	ready->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
	ready->open_fds = count_descriptors();
	return true;
}

static bool unsafe(struct error *err, const char *what)
{
	return error_set(err, "unsafe", "%s", what);
}

bool confine_check(
    const struct confine_plan *plan, const struct control_ready *ready, struct error *err)
{
	bool helper = plan->role == CONTROL_ROLE_HELPER;

	if (ready->dumpable)
		return unsafe(err, "the process can be dumped");
	if (ready->open_fds != CONTROL_FD + 1)
		return unsafe(err, "descriptors beside 0 to 3 are open");
	if (!helper && !ready->no_new_privs)
		return unsafe(err, "no_new_privs is not set");
	if (!helper && (ready->uid == 0 || ready->gid == 0))
		return unsafe(err, "it runs as root");
	if (!plan->privileged)
		return true; /* it never had more than its user */
	if (ready->groups != 0)
		return unsafe(err, "it has supplementary groups");
	if ((ready->cap_bounding & ~confine_bounding(plan)) != 0 || ready->cap_ambient != 0)
		return unsafe(err, "it could gain capabilities");
	if (helper)
		return ready->uid == 0 || unsafe(err, "the helper is not root");
	if (ready->uid != plan->uid || ready->gid != plan->gid)
		return unsafe(err, "it runs as the wrong user or group");
	if (ready->cap_permitted != 0 || ready->cap_effective != 0)
		return unsafe(err, "it has capabilities");
	return true;
}
