/* Opens files beneath the queue directory, for reading and never for anything else
 * (docs/POSTFIX.md, "Reading beside Postfix"). A path is made here, of a queue's name, hash
 * directories and an ID that was checked. A message that is not where it should be is looked for in
 * the other queues, since mail moves while one looks. */
#include "helper/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hash.h"
#include "postfix/queue_id.h"

/* A depth beyond this is not looked for when a file is not where the configuration says. */
#define OTHER_DEPTHS 3
/* queue name, hash directories, ID, NUL */
#define PATH_SIZE (16 + QUEUE_ID_HASH_SIZE + QUEUE_ID_SIZE)

int spool_open(struct spool *spool, const struct role_config *config)
{
	struct slice rest = slice_of(role_config_fact(config, "hash_queue_names")), name;
	const char *directory = role_config_fact(config, "queue_directory");
	uint64_t depth = 1;

	*spool = (struct spool){.root = -1, .messages.fd = -1, .logs.fd = -1};
	if (directory[0] != '/')
		return ENOENT;
	if (slice_to_u64(slice_of(role_config_fact(config, "hash_queue_depth")), &depth) &&
	    depth > QUEUE_ID_DEPTH_MAX)
		depth = QUEUE_ID_DEPTH_MAX;
	spool->depth = (unsigned)depth;
	/* Postfix takes commas and blanks between names; the reading of hash_queue_names does the
	 * same. */
	while (slice_split(&rest, ',', &name))
		for (struct slice part, words = name; slice_split(&words, ' ', &part);)
			for (unsigned q = 0; q < QUEUE_DIRECTORIES; q++)
				if (slice_is(slice_trim(part), queue_directory_name(q)))
					spool->hashed |= HELPER_QUEUE_BIT(q);
	spool->root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return spool->root >= 0 ? 0 : errno;
}

void spool_close(struct spool *spool)
{
	fd_close(&spool->messages.fd);
	fd_close(&spool->logs.fd);
	fd_close(&spool->root);
}

/* Where the kernel has no openat2 (before 5.6, or forbidden by a container): one component at a
 * time. */
static int open_stepwise(int at, const char *path, int flags)
{
	char copy[PATH_SIZE];
	FD_AUTO int here = -1;
	char *name = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *slash; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
		int next;

		*slash = '\0';
		next = openat(
		    here >= 0 ? here : at, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
		if (next < 0)
			return -1;
		fd_close(&here);
		here = next;
	}
	return openat(here >= 0 ? here : at, name, flags | O_NOFOLLOW);
}

static int open_beneath(int at, const char *path, int flags)
{
	/* The kernel refuses every link on the way, and every way out of the directory. What lies
	 * in maildrop was written by any local user, and the helper is root. */
	struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC),
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, at, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = open_stepwise(at, path, flags | O_CLOEXEC);
	return fd;
}

void spool_record(struct helper_record *record, const struct stat *st)
{
	record->mode = (uint32_t)st->st_mode;
	record->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	record->changed_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
	record->inode = st->st_ino;
	record->size = (uint64_t)st->st_size;
}

uint32_t spool_stamp(const struct stat *log)
{
	/* The inode is in it, because a defer log that was removed and written anew can have the
	 * same size and second. */
	uint64_t mixed = 0;

	if (log != NULL)
		mixed = hash_u64(
		    hash_u64(hash_u64((uint64_t)log->st_ino) ^ (uint64_t)log->st_size) ^
		    ((uint64_t)log->st_mtim.tv_sec * 1000000000 + (uint64_t)log->st_mtim.tv_nsec));
	/* Never 0, so that a stamp can be told from one that was not taken. */
	return (uint32_t)mixed | 1;
}

int spool_open_directory(int at, const char *name)
{
	return open_beneath(at, name, O_RDONLY | O_DIRECTORY);
}

/* One file that is looked for: to be opened, or (file is NULL) only looked at. */
struct search {
	struct spool *spool;
	struct slice id;
	struct spool_file *file;
	struct stat *st;
};

/* The directory of that queue and hash ("", "A/", "A/B/"), or -1 with errno; it stays the spool's.
 * Nothing on the way to it is a link either. */
static int near_directory(struct spool *spool, unsigned queue, const char *hash)
{
	struct spool_near *near = queue > QUEUE_CORRUPT ? &spool->logs : &spool->messages;
	char path[PATH_SIZE];

	if (near->fd >= 0 && near->queue == queue && strcmp(near->hash, hash) == 0)
		return near->fd;
	fd_close(&near->fd);
	snprintf(path, sizeof(path), "%s/%s", queue_directory_name(queue), hash);
	path[strlen(path) - 1] = '\0';
	near->queue = queue;
	snprintf(near->hash, sizeof(near->hash), "%s", hash);
	near->fd = open_beneath(spool->root, path, O_PATH | O_DIRECTORY);
	return near->fd;
}

/* 0 with *file, or an errno value. O_NONBLOCK: a FIFO that a local user put into maildrop must not
 * stop the helper. */
static int open_file(int at, const char *name, bool message, struct spool_file *file)
{
	int error = 0;

	file->fd = at < 0 ? -1 : open_beneath(at, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0)
		return errno == EXDEV ? ELOOP : errno;
	if (fstat(file->fd, &file->st) != 0)
		error = errno;
	else if (!S_ISREG(file->st.st_mode))
		error = S_ISDIR(file->st.st_mode) ? EISDIR : EINVAL;
	/* Not ready, or marked as damaged (docs/POSTFIX.md, "Queue files"). The answer has EAGAIN
	 * for that. */
	else if (message && (file->st.st_mode & 0700) != 0700)
		error = EAGAIN;
	if (error != 0)
		fd_close(&file->fd);
	return error;
}

/* RWF_NOWAIT: what is not in memory is not waited for, and then less comes than there is. */
bool spool_read(const struct spool_file *file, char *place, size_t room)
{
	size_t size = (size_t)file->st.st_size;
	struct iovec part = {place, size};

	return size <= room && preadv2(file->fd, &part, 1, 0, RWF_NOWAIT) == (ssize_t)size;
}

/* 0 with *st, or an errno value. Through O_PATH: fstatat would follow a link in place of a hashed
 * directory. */
static int look_at_file(int at, const char *path, struct stat *st)
{
	FD_AUTO int fd = open_beneath(at, path, O_PATH);

	if (fd < 0)
		return errno == EXDEV || errno == ELOOP ? EINVAL : errno;
	if (fstat(fd, st) != 0)
		return errno;
	return S_ISREG(st->st_mode) ? 0 : EINVAL;
}

static int at_depth(const struct search *search, unsigned queue, unsigned depth)
{
	char hash[QUEUE_ID_HASH_SIZE], path[PATH_SIZE];

	if (!queue_id_hash_directory(search->id, depth, hash))
		return EINVAL;
	/* Looking opens no file for reading: it changes nothing, and works for what nobody may
	 * read. */
	if (search->file == NULL) {
		snprintf(path, sizeof(path), "%s/%s%.*s", queue_directory_name(queue), hash,
		    SLICE_ARGS(search->id));
		return look_at_file(search->spool->root, path, search->st);
	}
	/* It is an ID, so it fits, and has no '/' and no dot. */
	memcpy(path, search->id.data, search->id.len);
	path[search->id.len] = '\0';
	/* What is in corrupt is marked as not ready, and is opened on purpose. */
	return open_file(
	    near_directory(search->spool, queue, hash), path, queue < QUEUE_CORRUPT, search->file);
}

static int at_configured_depth(const struct search *search, unsigned queue)
{
	const struct spool *spool = search->spool;

	return at_depth(
	    search, queue, (spool->hashed & HELPER_QUEUE_BIT(queue)) != 0 ? spool->depth : 0);
}

/* After a change of hash_queue_depth files may be at another depth until `postsuper -s`. */
static int at_other_depths(const struct search *search, unsigned queue)
{
	const struct spool *spool = search->spool;
	unsigned configured = (spool->hashed & HELPER_QUEUE_BIT(queue)) != 0 ? spool->depth : 0;
	int error = ENOENT;

	for (unsigned depth = 0; depth <= OTHER_DEPTHS && error == ENOENT; depth++)
		if (depth != configured)
			error = at_depth(search, queue, depth);
	return error;
}

static int one_round(const struct search *search, unsigned hint, bool other_depths, uint8_t *queue)
{
	/* Where most messages are, first. What the hint says goes before all of them. */
	static const uint8_t order[] = {
	    QUEUE_DEFERRED, QUEUE_ACTIVE, QUEUE_INCOMING, QUEUE_HOLD, QUEUE_MAILDROP};

	for (size_t i = 0; i <= sizeof(order); i++) {
		unsigned q = i == 0 ? hint : order[i - 1];
		int error;

		if (q >= QUEUE_DIRECTORIES || (i > 0 && q == hint))
			continue;
		error = other_depths ? at_other_depths(search, q) : at_configured_depth(search, q);
		if (error != ENOENT) {
			*queue = (uint8_t)q;
			return error;
		}
	}
	return ENOENT;
}

static int everywhere(const struct search *search, unsigned hint, uint8_t *queue)
{
	int error = ENOENT;

	*queue = HELPER_QUEUE_ANY;
	if (!queue_id_valid(search->id))
		return EINVAL;
	/* It was seen to go, and one round is to confirm that. Two rounds and other depths for each
	 * message that was delivered would be most of the work. */
	if (hint == HELPER_QUEUE_GONE)
		return one_round(search, hint, false, queue);
	/* Twice: it may move into a queue that was looked into already. */
	for (int round = 0; round < 2 && error == ENOENT; round++)
		error = one_round(search, hint, false, queue);
	if (error == ENOENT)
		error = one_round(search, hint, true, queue);
	return error;
}

int spool_open_message(
    struct spool *spool, struct slice id, unsigned hint, struct spool_file *file, uint8_t *queue)
{
	struct search search = {spool, id, file, NULL};

	file->fd = -1;
	if (hint != QUEUE_CORRUPT)
		return everywhere(&search, hint, queue);
	*queue = QUEUE_CORRUPT;
	return queue_id_valid(id) ? at_configured_depth(&search, hint) : EINVAL;
}

int spool_look(struct spool *spool, struct slice id, unsigned hint, struct stat *st, uint8_t *queue)
{
	struct search search = {spool, id, NULL, st};

	return everywhere(&search, hint, queue);
}

int spool_open_log(struct spool *spool, struct slice id, unsigned queue, struct spool_file *file)
{
	struct search search = {spool, id, file, NULL};
	int error;

	file->fd = -1;
	if (!queue_id_valid(id))
		return EINVAL;
	error = at_configured_depth(&search, queue);
	return error == ENOENT ? at_other_depths(&search, queue) : error;
}

/* One system call where the log before it was in the same directory. */
uint32_t spool_log_stamp(struct spool *spool, struct slice id)
{
	unsigned depth =
	    (spool->hashed & HELPER_QUEUE_BIT(QUEUE_DEFER_LOGS)) != 0 ? spool->depth : 0;
	char hash[QUEUE_ID_HASH_SIZE], name[QUEUE_ID_SIZE];
	struct stat st;
	int at;

	if (!queue_id_valid(id) || !queue_id_hash_directory(id, depth, hash))
		return spool_stamp(NULL);
	memcpy(name, id.data, id.len);
	name[id.len] = '\0';
	at = near_directory(spool, QUEUE_DEFER_LOGS, hash);
	if (at < 0 || fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return spool_stamp(NULL);
	return spool_stamp(&st);
}

/* Through the directory's descriptor: a socket's address holds 107 characters, a path may have
 * more. */
static int connect_as(const struct role_config *config, const char *service, int type)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct spool spool;
	FD_AUTO int directory = -1, fd = -1;
	int error = spool_open(&spool, config), connected;

	if (error == 0)
		directory = open_beneath(spool.root, "public", O_PATH | O_DIRECTORY);
	if (error == 0 && directory < 0)
		error = errno;
	spool_close(&spool);
	if (error == 0) {
		/* The directory is the one that was opened, so nobody can put another in its place
		 * before connect. */
		snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
		    directory, service);
		fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
			error = errno;
	}
	connected = fd;
	if (error == 0)
		fd = -1;
	errno = error;
	return error == 0 ? connected : -1;
}

int spool_connect(const struct role_config *config, const char *service)
{
	return connect_as(config, service, SOCK_STREAM);
}

/* A datagram socket cannot be connected to one of streams: EPROTOTYPE where that one is there,
 * ECONNREFUSED where only its name is left (unix(7)). Its owner notices nothing. */
bool spool_is_served(const struct role_config *config, const char *service)
{
	FD_AUTO int fd = connect_as(config, service, SOCK_DGRAM);

	return fd < 0 && errno == EPROTOTYPE;
}
