/* What a process is, seen from outside: /proc/PID/status and the credentials of its first frame. */
#include "role/prove.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

/* /proc/PID/status has some 1,500 bytes. */
#define STATUS_MAX 8192

static bool unsafe(struct error *err, const char *what)
{
	return error_set(err, "unsafe", "%s", what);
}

int prove_open(pid_t pid, struct error *err)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		error_set_errno(err, "unsafe", errno, "%s", path);
	return fd;
}

/* The value of "Name:\tvalue"; empty where there is no such line. */
static struct slice field(struct slice status, const char *name)
{
	struct slice line;

	while (slice_split(&status, '\n', &line)) {
		struct slice key;

		if (slice_split(&line, ':', &key) && slice_is(key, name))
			return slice_trim(line);
	}
	return SLICE("");
}

bool prove_handed(int status, pid_t pid, struct error *err)
{
	char link[32], path[64] = "", wanted[32], text[STATUS_MAX];
	struct statfs fs;
	ssize_t len = pread(status, text, sizeof(text), 0), path_len;
	uint64_t number;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", status);
	snprintf(wanted, sizeof(wanted), "/%d/status", (int)pid);
	path_len = readlink(link, path, sizeof(path) - 1);
	/* By name as well: other files of /proc hold what a process likes to write there. */
	return (len > 0 && fstatfs(status, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
		   path_len >= (ssize_t)strlen(wanted) &&
		   strcmp(path + path_len - strlen(wanted), wanted) == 0 &&
		   slice_to_u64(field(slice_make(text, (size_t)len), "Pid"), &number) &&
		   number == (uint64_t)pid) ||
	       unsafe(err, "what it handed over is not what the kernel says of it");
}

/* Real, effective, saved and file system's: all four are `id`. */
static bool are_all(struct slice ids, uint32_t id)
{
	struct slice word;
	unsigned count = 0;
	uint64_t value;

	while (slice_split(&ids, '\t', &word)) {
		if (!slice_to_u64(word, &value) || value != id)
			return false;
		count++;
	}
	return count == 4;
}

static bool parse_capabilities(struct slice hex, uint64_t *set)
{
	*set = 0;
	for (size_t i = 0; i < hex.len; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = strchr(digits, hex.data[i]);

		if (hex.data[i] == '\0' || at == NULL)
			return false;
		*set = *set << 4 | (uint64_t)(at - digits);
	}
	return hex.len == 16;
}

static bool check_capabilities(
    const struct confine_plan *plan, struct slice status, struct error *err)
{
	static const char *const names[] = {"CapInh", "CapAmb", "CapPrm", "CapEff", "CapBnd"};
	uint64_t allowed = confine_bounding(plan), set;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* Nothing is ever inherited, not even by the helper's tools. */
		uint64_t may = i < 2 ? 0 : allowed;

		if (!parse_capabilities(field(status, names[i]), &set))
			return unsafe(err, "the kernel does not tell its capabilities");
		if ((set & ~may) != 0)
			return error_set(err, "unsafe",
			    "it has capabilities that it should not have (%s %llx)", names[i],
			    (unsigned long long)(set & ~may));
	}
	return true;
}

bool prove_status(const struct confine_plan *plan, struct slice status, struct error *err)
{
	bool helper = plan->role == CONTROL_ROLE_HELPER;

	/* The helper cannot have it: postqueue and postdrop are setgid programs. */
	if (!helper && !slice_is(field(status, "NoNewPrivs"), "1"))
		return unsafe(err, "it could gain rights (no_new_privs is not set)");
	if (!plan->privileged)
		return are_all(field(status, "Uid"), geteuid()) ||
		       unsafe(err, "it runs as another user");
	if (!are_all(field(status, "Uid"), helper ? 0 : plan->uid) ||
	    (!helper && !are_all(field(status, "Gid"), plan->gid)))
		return unsafe(err, "it runs as the wrong user or group");
	if (field(status, "Groups").len != 0)
		return unsafe(err, "it is in more groups than its own");
	return check_capabilities(plan, status, err);
}

bool prove_role(const struct confine_plan *plan, pid_t pid, int status,
    const struct channel *channel, const struct frame *first, struct error *err)
{
	char text[STATUS_MAX];
	struct control_ready ready;
	struct ucred sender;
	ssize_t len;

	/* What it says of itself comes first, because a mistake of ours shows there in words. What
	 * counts is what follows. */
	if (!control_ready_decode(first, &ready) || ready.role != plan->role)
		return unsafe(err, "its first frame does not say what it is");
	/* The kernel fills this in, and the sender cannot choose it. */
	if (!channel_sender(channel, &sender) || sender.pid != pid)
		return unsafe(err, "its first frame was sent by another process");
	if (!confine_check(plan, &ready, err))
		return false;
	if (sender.uid != ready.uid || sender.gid != ready.gid)
		return unsafe(err, "it is not the user that it says");
	/* The descriptor belongs to the process that was started, even when its number has gone to
	 * another. */
	len = pread(status, text, sizeof(text), 0);
	if (len <= 0)
		return error_set_errno(err, "unsafe", errno, "the kernel does not tell what it is");
	return prove_status(plan, slice_make(text, (size_t)len), err);
}
