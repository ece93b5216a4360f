/* Makes the directory `hold` large enough once; hold_room.h says why that is needed. hold_room_make
 * decides as root whether there is anything to do. The work is done by a process that has given up
 * root before it touches a name. */
#include "helper/hold_room.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/users.h"
#include "helper/spool.h"

/* For 10,000 long IDs, of which a block may be full while others are half empty. */
#define HOLD_BYTES (2 << 20)
/* Not where that much is most of what is left. */
#define FREE_MIN (8 * HOLD_BYTES)
/* No queue ID begins with a dot. */
#define NAME_PREFIX ".postroom-room-"
/* The longest name there can be: the fewest links. */
#define NAME_SIZE 256
/* More than any block size needs. */
#define LINKS_MAX 20000
/* A slow disk gets a part of it: the helper answers nobody meanwhile. */
#define GROW_MS 1000

static bool is_large(int hold)
{
	struct stat st;

	return fstat(hold, &st) != 0 || st.st_size >= HOLD_BYTES;
}

static bool wants_room(int hold)
{
	struct statfs fs;

	/* ext2, ext3 and ext4 share one number in statfs(2). Of other file systems nobody has shown
	 * that this helps. */
	return !is_large(hold) && fstatfs(hold, &fs) == 0 && fs.f_type == EXT4_SUPER_MAGIC &&
	       fs.f_bavail * (uint64_t)fs.f_bsize >= FREE_MIN;
}

/* The names differ in their hash, so that they fill all parts of the directory alike. */
static void make_name(char name[NAME_SIZE], unsigned number)
{
	int len = snprintf(name, NAME_SIZE, NAME_PREFIX "%08x", number);

	memset(name + len, 'x', (size_t)(NAME_SIZE - 1 - len));
	name[NAME_SIZE - 1] = '\0';
}

/* The first name is made before all others and removed after them: while one of them is there, it
 * is. */
static bool has_names(int hold)
{
	char first[NAME_SIZE];
	struct stat st;

	make_name(first, 0);
	return fstatat(hold, first, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* By reading the directory and not by counting: a process that was killed left some number of them.
 */
static void remove_names(int hold)
{
	DIR *dir = fdopendir(dup(hold));
	const struct dirent *entry;
	char first[NAME_SIZE];

	if (dir == NULL)
		return;
	make_name(first, 0);
	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, NAME_PREFIX, strlen(NAME_PREFIX)) == 0 &&
		    strcmp(entry->d_name, first) != 0)
			unlinkat(hold, entry->d_name, 0);
	closedir(dir);
	unlinkat(hold, first, 0);
}

static void grow(int hold)
{
	int64_t end = clock_monotonic_ms() + GROW_MS;
	char first[NAME_SIZE], name[NAME_SIZE];
	int fd;

	make_name(first, 0);
	/* O_EXCL and O_NOFOLLOW, although only mail_owner may write here: a name that is there
	 * already is nobody's to open. */
	fd = openat(hold, first, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	close(fd);
	for (unsigned i = 1; i < LINKS_MAX && !is_large(hold) && clock_monotonic_ms() < end; i++) {
		make_name(name, i);
		if (linkat(hold, first, hold, name, 0) != 0)
			break;
	}
	remove_names(hold);
}

static _Noreturn void work_as(const struct user_ids *owner, int hold)
{
	/* Groups go first: without the user's rights they could no longer be given up. As
	 * mail_owner it can do no more here than Postfix itself. */
	if (setgroups(0, NULL) == 0 && setresgid(owner->gid, owner->gid, owner->gid) == 0 &&
	    setresuid(owner->uid, owner->uid, owner->uid) == 0) {
		/* What a process left that was killed here. */
		if (has_names(hold))
			remove_names(hold);
		if (wants_room(hold))
			grow(hold);
	}
	_exit(0);
}

void hold_room_make(const struct role_config *config)
{
	struct spool spool;
	struct user_ids owner;
	int error = spool_open(&spool, config);
	FD_AUTO int hold = -1;
	pid_t child;

	if (error == 0 && (spool.hashed & HELPER_QUEUE_BIT(QUEUE_HOLD)) == 0)
		hold = spool_open_directory(spool.root, queue_directory_name(QUEUE_HOLD));
	spool_close(&spool);
	if (hold < 0 || geteuid() != 0 || (!has_names(hold) && !wants_room(hold)))
		return;
	if (!user_find(role_config_get(config, "postfix.mail_uid"), &owner) || owner.uid == 0 ||
	    !group_find(role_config_get(config, "postfix.mail_gid"), &owner.gid))
		return;
	child = fork();
	if (child == 0)
		work_as(&owner, hold);
	if (child > 0)
		/* Waited for: the reader's watches on that directory must not see these names. */
		waitpid(child, NULL, 0);
	if (is_large(hold))
		log_info("the directory hold has room for more than 10,000 names now");
}
