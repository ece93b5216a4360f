#include "helper/watches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/slice.h"

/* What every directory tells of itself. EXCL_UNLINK: nothing of files that are deleted already. */
#define MASK_ITSELF (IN_ONLYDIR | IN_EXCL_UNLINK | IN_DELETE_SELF | IN_MOVE_SELF)
#define MASK_FULL (IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB)

struct mask {
	uint32_t files;
	bool files_are_made; /* files are created there, not only renamed into it: CREATE costs */
};

static const struct mask masks[HELPER_QUEUES] = {
    [HELPER_QUEUE_MAILDROP] = {MASK_FULL, true},
    [HELPER_QUEUE_INCOMING] = {IN_ATTRIB | IN_DELETE, true},
    [HELPER_QUEUE_ACTIVE] = {IN_MOVED_TO | IN_DELETE | IN_ATTRIB, false},
    [HELPER_QUEUE_DEFERRED] = {MASK_FULL, false},
    [HELPER_QUEUE_HOLD] = {MASK_FULL, false},
    [HELPER_QUEUE_CORRUPT] = {MASK_FULL, false},
    [HELPER_QUEUE_BOUNCE] = {IN_CLOSE_WRITE, true},
};

int watches_open(struct helper *helper)
{
	watches_close(helper);
	helper->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return helper->inotify >= 0 ? 0 : errno;
}

void watches_close(struct helper *helper)
{
	fd_close(&helper->inotify);
}

/* File systems whose files may be changed by another machine, or by the host of a virtual one:
 * inotify would not say so. Numbers of statfs(2). */
static bool changes_elsewhere(int directory)
{
	static const uint32_t types[] = {
	    0x6969,	/* NFS */
	    0xff534d42, /* CIFS */
	    0xfe534d42, /* SMB2 */
	    0x65735546, /* FUSE, virtiofs */
	    0x01021997, /* 9P */
	    0x00c36400, /* Ceph */
	    0x5346414f, /* AFS */
	    0x0bd00bd0, /* Lustre */
	    0x786f4256, /* VirtualBox's shared folders */
	};
	struct statfs fs;

	if (fstatfs(directory, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((uint32_t)fs.f_type == types[i])
			return true;
	return false;
}

static uint32_t mask_of(const struct spool *spool, unsigned queue, unsigned level)
{
	unsigned depth = (spool->hashed & HELPER_QUEUE_BIT(queue)) != 0 ? spool->depth : 0;

	if (!masks[queue].files_are_made || level < depth)
		return masks[queue].files | IN_CREATE;
	return masks[queue].files;
}

int watches_add(const struct helper *helper, const struct spool *spool, int directory,
    unsigned queue, unsigned level, uint32_t *descriptor)
{
	uint32_t mask =
	    queue == HELPER_QUEUE_ANY ? IN_CREATE | IN_MOVED_TO : mask_of(spool, queue, level);
	char path[64];
	int wd;

	if (helper->inotify < 0)
		return EBADF;
	if (changes_elsewhere(directory))
		return EOPNOTSUPP;
	/* The directory that was opened beneath the queue directory, whatever is there by now. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", directory);
	wd = inotify_add_watch(helper->inotify, path, MASK_ITSELF | mask);
	if (wd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ENOSYS : errno; /* no /proc */
	*descriptor = (uint32_t)wd;
	return 0;
}

/* ---- limits ---- */

static uint64_t read_number(const char *path)
{
	FD_AUTO int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t len = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	uint64_t number = 0;

	if (len <= 0 || !slice_to_u64(slice_trim(slice_make(text, (size_t)len)), &number))
		return WATCHES_UNKNOWN;
	return number;
}

/* A user namespace has limits of its own beside the machine's. */
static uint64_t lower(const char *machine, const char *machine_name, const char *here,
    const char *here_name, const char **name)
{
	uint64_t a = read_number(machine), b = read_number(here);

	*name = b < a ? here_name : machine_name;
	return b < a ? b : a;
}

struct watches_limits watches_limits(void)
{
	struct watches_limits limits;

	limits.watches = lower("/proc/sys/fs/inotify/max_user_watches",
	    "fs.inotify.max_user_watches", "/proc/sys/user/max_inotify_watches",
	    "user.max_inotify_watches", &limits.watches_name);
	limits.instances = lower("/proc/sys/fs/inotify/max_user_instances",
	    "fs.inotify.max_user_instances", "/proc/sys/user/max_inotify_instances",
	    "user.max_inotify_instances", &limits.instances_name);
	return limits;
}

uint64_t watches_advice(uint64_t limit, uint64_t usual)
{
	return limit < usual / 2 || limit == WATCHES_UNKNOWN ? usual : limit * 2;
}

/* inotify_init(2) says EMFILE for its own limit and for that of open files alike. */
static bool files_are_out(void)
{
	FD_AUTO int fd = open("/", O_PATH | O_CLOEXEC);

	return fd < 0 && errno == EMFILE;
}

static void explain_limit(
    struct buffer *text, const char *what, const char *name, uint64_t limit, uint64_t advice)
{
	buffer_append_string(text, "All ");
	if (limit != WATCHES_UNKNOWN)
		buffer_printf(text, "%llu ", (unsigned long long)limit);
	buffer_printf(text,
	    "inotify %s that root may have are in use: type `sysctl -w %s=%llu`, and put that "
	    "setting into /etc/sysctl.d/60-postroom.conf.",
	    what, name, (unsigned long long)watches_advice(limit, advice));
}

void watches_explain(int error, const char *where, struct buffer *text)
{
	struct watches_limits limits = watches_limits();

	if (error == ENOSPC)
		explain_limit(text, "watches", limits.watches_name, limits.watches, WATCHES_ADVICE);
	else if (error == EMFILE && !files_are_out())
		explain_limit(text, "instances", limits.instances_name, limits.instances,
		    WATCHES_INSTANCES_ADVICE);
	else if (error == EOPNOTSUPP)
		buffer_printf(text,
		    "%s is on a file system that does not tell of changes made elsewhere.", where);
	else
		buffer_printf(text, "%s cannot be watched: %s.", where, strerror(error));
}
