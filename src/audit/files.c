/* Finds the end of what is there, appends and syncs, and sees to the room. */
#include "audit/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"

/* Two lines of any length end in it. */
#define TAIL (2 * AUDIT_LINE_MAX)

/* Where the records end. */
struct end {
	uint64_t n;
	unsigned char chain[AUDIT_CHAIN_SIZE];
	char at[AUDIT_TIME_SIZE];
};

struct audit_files {
	char *directory;
	int dir, fd;
	uint64_t number;
	int64_t size, room_end;
	bool room_unknown;
	size_t torn;
	struct end end, waiting_end; /* on disk; behind what waits */
	struct buffer waiting;
};

void audit_files_name(uint64_t number, char name[AUDIT_FILE_NAME_SIZE])
{
	snprintf(name, AUDIT_FILE_NAME_SIZE, "audit-%08" PRIu64 ".jsonl", number % 100000000);
}

/* ---- What is there ---- */

static bool parse_name(const char *name, uint64_t *number)
{
	struct slice s = slice_of(name);

	return s.len == strlen("audit-00000000.jsonl") && slice_starts_with(s, "audit-") &&
	       slice_ends_with(s, ".jsonl") && slice_to_u64(slice_make(name + 6, 8), number) &&
	       *number > 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return one < other ? -1 : one > other;
}

bool audit_files_list(const char *directory, uint64_t **numbers, size_t *count, struct error *err)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	uint64_t number;
	size_t room = 0;

	*numbers = NULL;
	*count = 0;
	if (dir == NULL)
		return error_set_errno(err, errno == ENOENT ? "not_found" : "store_unavailable",
		    errno, "%s", directory);
	while ((entry = readdir(dir)) != NULL) {
		if (!parse_name(entry->d_name, &number))
			continue;
		if (*count == room) {
			room = room == 0 ? 64 : 2 * room;
			*numbers = memory_resize(*numbers, room, sizeof(**numbers));
		}
		(*numbers)[(*count)++] = number;
	}
	closedir(dir);
	if (*count > 1)
		qsort(*numbers, *count, sizeof(**numbers), by_number);
	return true;
}

/* ---- The end of what is there ---- */

/* Takes the last line off `text`, which ends with a line end; false when there is none. */
static bool take_last_line(struct slice *text, struct slice *line)
{
	const char *before;

	if (text->len == 0)
		return false;
	before = text->len > 1 ? memrchr(text->data, '\n', text->len - 1) : NULL;
	*line = before == NULL
		    ? slice_first(*text, text->len - 1)
		    : slice_make(before + 1, (size_t)(text->data + text->len - 1 - before - 1));
	*text = slice_first(*text, before == NULL ? 0 : (size_t)(before + 1 - text->data));
	return true;
}

static bool read_end(struct slice line, struct end *end)
{
	BUFFER_AUTO struct buffer text = {0};
	struct audit_line ends;
	struct audit_parsed record;

	if (!audit_line_read(line, &ends) || !audit_record_read(line, &text, &record))
		return false;
	end->n = ends.n;
	memcpy(end->chain, ends.chain, sizeof(end->chain));
	snprintf(end->at, sizeof(end->at), "%.*s", SLICE_ARGS(record.at));
	return true;
}

enum found { FOUND_NOTHING, FOUND_END, FOUND_DAMAGED };

/* Looks at the last bytes of a file. `torn`: those behind its last line end. A line that is none
 * of ours is somebody else's doing and stays where it is: damaged. */
static enum found look_at_tail(int fd, int64_t size, struct end *end, size_t *torn)
{
	size_t len = size < TAIL ? (size_t)size : TAIL;
	MEMORY_AUTO char *bytes = memory_alloc(len + 1);
	struct slice text, line;
	const char *last;
	bool damaged = false;

	*torn = 0;
	if (pread(fd, bytes, len, size - (int64_t)len) != (ssize_t)len)
		return FOUND_DAMAGED;
	last = len > 0 ? memrchr(bytes, '\n', len) : NULL;
	text = slice_make(bytes, last == NULL ? 0 : (size_t)(last + 1 - bytes));
	*torn = len - text.len;
	while (take_last_line(&text, &line)) {
		if (read_end(line, end))
			return damaged ? FOUND_DAMAGED : FOUND_END;
		damaged = true;
	}
	/* More than a line can have, and no end: not torn but something else. */
	return damaged || *torn > AUDIT_LINE_MAX ? FOUND_DAMAGED : FOUND_NOTHING;
}

static int open_file(const struct audit_files *files, uint64_t number, int flags)
{
	char name[AUDIT_FILE_NAME_SIZE];

	audit_files_name(number, name);
	return openat(files->dir, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static bool make_file(struct audit_files *files, uint64_t number, struct error *err)
{
	int fd = open_file(files, number, O_RDWR | O_CREAT | O_EXCL);

	if (fd < 0 || fsync(files->dir) != 0) {
		error_set_errno(err, errno == ENOSPC ? "store_full" : "store_unavailable", errno,
		    "%s: a file for the audit", files->directory);
		fd_close(&fd);
		return false;
	}
	fd_close(&files->fd);
	files->fd = fd;
	files->number = number;
	files->size = files->room_end = 0;
	audit_files_tend(files);
	return true;
}

/* Drops what is behind the last line end of the newest file. */
static bool take_newest(struct audit_files *files, int64_t size, size_t torn, struct error *err)
{
	files->size = files->room_end = size - (int64_t)torn;
	files->torn = torn;
	if (torn > 0 && (ftruncate(files->fd, files->size) != 0 || fsync(files->fd) != 0))
		return error_set_errno(err, "store_unavailable", errno, "%s", files->directory);
	audit_files_tend(files);
	return true;
}

/* From the newest back to the first file that has a record. Where the newest ends in something
 * else, it is left as it is, and another one is begun. */
static bool find_end(struct audit_files *files, struct error *err)
{
	MEMORY_AUTO uint64_t *numbers = NULL;
	size_t count, at, torn;
	enum found found = FOUND_NOTHING;
	bool keeps = true;

	if (!audit_files_list(files->directory, &numbers, &count, err))
		return false;
	for (at = count; at > 0 && found == FOUND_NOTHING; at--) {
		FD_AUTO int fd = open_file(files, numbers[at - 1], O_RDWR);
		struct stat st;

		if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
			return error_set_errno(err, "store_unavailable", errno, "%s: file %" PRIu64,
			    files->directory, numbers[at - 1]);
		found = look_at_tail(fd, st.st_size, &files->end, &torn);
		if (at == count) {
			keeps = found != FOUND_DAMAGED;
			files->number = numbers[at - 1];
			files->fd = fd;
			fd = -1;
			if (keeps && !take_newest(files, st.st_size, torn, err))
				return false;
		}
		/* No record in sight: the end is that of an older one. */
		if (files->end.n == 0)
			found = FOUND_NOTHING;
	}
	files->waiting_end = files->end;
	return (count > 0 && keeps) || make_file(files, files->number + 1, err);
}

struct audit_files *audit_files_open(const char *directory, struct error *err)
{
	struct audit_files *files = memory_zero(1, sizeof(*files));
	bool good;

	files->directory = memory_strdup(directory);
	files->fd = -1;
	if (mkdir(directory, 0700) != 0 && errno != EEXIST)
		error_set_errno(err, errno == ENOSPC ? "store_full" : "store_unavailable", errno,
		    "%s", directory);
	files->dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (files->dir < 0)
		good = error_set_errno(err, "store_unavailable", errno, "%s", directory);
	/* Two writers would each make a record of the same number. */
	else if (flock(files->dir, LOCK_EX | LOCK_NB) != 0)
		good = error_set(
		    err, "store_locked", "%s: another process writes the audit", directory);
	else
		good = find_end(files, err);
	if (!good)
		audit_files_close(&files);
	return files;
}

void audit_files_close(struct audit_files **pointer)
{
	struct audit_files *files = *pointer;

	if (files == NULL)
		return;
	fd_close(&files->fd);
	fd_close(&files->dir);
	buffer_free(&files->waiting);
	free(files->directory);
	free(files);
	*pointer = NULL;
}

uint64_t audit_files_last(const struct audit_files *files)
{
	return files->end.n;
}

const unsigned char *audit_files_chain(const struct audit_files *files)
{
	return files->waiting_end.chain;
}

const char *audit_files_last_at(const struct audit_files *files)
{
	return files->end.at;
}

size_t audit_files_torn(const struct audit_files *files)
{
	return files->torn;
}

uint64_t audit_files_number(const struct audit_files *files)
{
	return files->number;
}

bool audit_files_is_new(const struct audit_files *files)
{
	return files->size == 0;
}

/* ---- Appending ---- */

uint64_t audit_files_put(struct audit_files *files, struct slice members)
{
	struct end *end = &files->waiting_end;

	end->n++;
	audit_record_line(&files->waiting, end->n, members, end->chain);
	/* `"at":"` and the time; as audit_record_members begins. */
	snprintf(end->at, sizeof(end->at), "%.*s", AUDIT_TIME_SIZE - 1, members.data + 6);
	return end->n;
}

struct slice audit_files_waiting(const struct audit_files *files)
{
	return buffer_slice(&files->waiting);
}

static bool write_waiting(struct audit_files *files)
{
	size_t done = 0;

	while (done < files->waiting.len) {
		ssize_t n = pwrite(files->fd, files->waiting.data + done, files->waiting.len - done,
		    files->size + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return fdatasync(files->fd) == 0;
}

bool audit_files_commit(struct audit_files *files, struct error *err)
{
	bool good = files->waiting.len == 0 || write_waiting(files);
	int number = errno;

	if (good) {
		files->size += (int64_t)files->waiting.len;
		files->end = files->waiting_end;
	} else {
		/* Half of it must not stand there when the next is written. What was beyond the
		 * end goes with it, and is asked for again. */
		if (ftruncate(files->fd, files->size) == 0)
			files->room_end = files->size;
		files->waiting_end = files->end;
		error_set_errno(err,
		    number == ENOSPC || number == EDQUOT ? "store_full" : "store_broken", number,
		    "%s", files->directory);
	}
	buffer_clear(&files->waiting);
	/* A flood must not be what the memory keeps room for. */
	if (files->waiting.cap > 4 * AUDIT_ROOM)
		buffer_free(&files->waiting);
	audit_files_tend(files);
	return good;
}

bool audit_files_next(struct audit_files *files, struct error *err)
{
	int former = dup(files->fd);
	int64_t size = files->size;
	bool made = former >= 0 && make_file(files, files->number + 1, err);

	/* Its room goes back to the disk. */
	if (made)
		(void)!ftruncate(former, size);
	fd_close(&former);
	return made;
}

/* ---- Room ---- */

int64_t audit_files_room(const struct audit_files *files)
{
	return files->room_unknown ? -1 : files->room_end - files->size;
}

void audit_files_tend(struct audit_files *files)
{
	if (files->room_unknown || files->room_end - files->size > AUDIT_ROOM / 2)
		return;
	/* Blocks that it has already cost nothing. */
	if (fallocate(files->fd, FALLOC_FL_KEEP_SIZE, files->size, AUDIT_ROOM) == 0)
		files->room_end = files->size + AUDIT_ROOM;
	else if (errno == EOPNOTSUPP || errno == ENOSYS)
		files->room_unknown = true;
}

bool audit_files_remove(struct audit_files *files, uint64_t number, struct error *err)
{
	char name[AUDIT_FILE_NAME_SIZE];

	audit_files_name(number, name);
	if (number == files->number || (unlinkat(files->dir, name, 0) != 0 && errno != ENOENT))
		return error_set_errno(
		    err, "store_unavailable", errno, "%s/%s", files->directory, name);
	return true;
}
