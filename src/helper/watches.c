/* Makes inotify watches on queue directories, and explains in words for people why there can be
 * none. The descriptor goes to the reader, which reads the events but may not enter these
 * directories. Which events each queue needs, watches.h says. */
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
#define MASK_FULL (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB)

static const uint32_t masks[QUEUE_DIRECTORIES] = {
    [QUEUE_MAILDROP] = MASK_FULL,
    /* Every message passes through incoming and active, so these two ask for the fewest events. */
    [QUEUE_INCOMING] = IN_CREATE | IN_ATTRIB | IN_DELETE,
    [QUEUE_ACTIVE] = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB,
    [QUEUE_DEFERRED] = MASK_FULL,
    [QUEUE_HOLD] = MASK_FULL,
    [QUEUE_CORRUPT] = MASK_FULL,
    [QUEUE_DEFER_LOGS] = IN_CREATE | IN_CLOSE_WRITE,
    [QUEUE_BOUNCE_LOGS] = IN_CREATE | IN_CLOSE_WRITE,
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

/* The directory that was opened beneath the queue directory, whatever is at its path by now. 0 with
 * the watch descriptor, or an errno value. */
static int add_watch(int inotify, int directory, uint32_t mask, uint32_t *descriptor)
{
	char path[64];
	int wd;

	if (changes_elsewhere(directory))
		return EOPNOTSUPP;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", directory);
	wd = inotify_add_watch(inotify, path, MASK_ITSELF | mask);
	if (wd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ENOSYS : errno; /* no /proc */
	*descriptor = (uint32_t)wd;
	return 0;
}

int watches_add(const struct helper *helper, int directory, unsigned queue, uint32_t *descriptor)
{
	if (helper->inotify < 0)
		return EBADF;
	return add_watch(helper->inotify, directory,
	    queue == HELPER_QUEUE_ANY ? IN_CREATE | IN_MOVED_TO : masks[queue], descriptor);
}

int watches_try(const struct spool *spool)
{
	FD_AUTO int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	uint32_t descriptor;

	if (inotify < 0)
		return errno;
	return add_watch(inotify, spool->root, IN_CREATE, &descriptor);
}

uint64_t watches_needed(const struct spool *spool)
{
	uint64_t needed = 1;

	for (unsigned q = 0; q < QUEUE_DIRECTORIES; q++) {
		uint64_t level = 1;

		if ((HELPER_WATCH_QUEUES & HELPER_QUEUE_BIT(q)) == 0)
			continue;
		needed++;
		if ((spool->hashed & HELPER_QUEUE_BIT(q)) == 0)
			continue;
		/* Each level is a hexadecimal digit (docs/POSTFIX.md, "Queue directories"); eight
		 * of them fit. */
		for (unsigned i = 0; i < spool->depth; i++) {
			level *= 16;
			needed += level;
		}
	}
	return needed;
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

static void explain_limit(struct buffer *why, const char *what, uint64_t limit)
{
	buffer_append_string(why, "all ");
	if (limit != WATCHES_UNKNOWN)
		buffer_printf(why, "%llu ", (unsigned long long)limit);
	buffer_printf(why, "inotify %s that root may have are in use", what);
}

static void put_sysctl(struct buffer *fix, const char *name, uint64_t value)
{
	buffer_printf(fix, "sysctl -w %s=%llu", name, (unsigned long long)value);
}

void watches_explain(int error, const char *where, struct buffer *why, struct buffer *fix)
{
	struct watches_limits limits = watches_limits();

	if (error == ENOSPC) {
		explain_limit(why, "watches", limits.watches);
		put_sysctl(
		    fix, limits.watches_name, watches_advice(limits.watches, WATCHES_ADVICE));
	} else if (error == EMFILE && !files_are_out()) {
		explain_limit(why, "instances", limits.instances);
		put_sysctl(fix, limits.instances_name,
		    watches_advice(limits.instances, WATCHES_INSTANCES_ADVICE));
	} else if (error == EOPNOTSUPP) {
		buffer_printf(why,
		    "%s is on a file system that does not tell of changes made elsewhere", where);
	} else {
		buffer_printf(why, "%s cannot be watched: %s", where, strerror(error));
	}
}

void watches_explain_need(const struct spool *spool, struct buffer *why, struct buffer *fix)
{
	struct watches_limits limits = watches_limits();
	uint64_t needed = watches_needed(spool);

	if (needed <= limits.watches)
		return;
	buffer_printf(why, "hash_queue_depth asks for %llu queue directories, and %s is %llu",
	    (unsigned long long)needed, limits.watches_name, (unsigned long long)limits.watches);
	put_sysctl(fix, limits.watches_name, watches_advice(needed, WATCHES_ADVICE));
}
