/* The least that anybody who reads a spool has to do, to measure Postroom against. It keeps and
 * shows nothing but how long it took.
 *
 *     bare_pass stat QUEUE_DIRECTORY     one thread: names, sizes and times of the deferred queue
 *     bare_pass read QUEUE_DIRECTORY     two threads: opens each deferred file and its defer log,
 *                                        reads the first 4 KiB, from the extracted segment to the
 *                                        end, and all of the log, and closes
 *
 * Prints "N files, S s". (Queue file format: global/rec_type.h; hashed directories:
 * hash_queue_depth 1.) */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HASHED 16
#define THREADS 2
#define HEAD_BYTES 4096
#define SEGMENT_BYTES 65536

struct pass {
	int deferred, defer;
	bool reading;
	atomic_int next_directory;
	atomic_ullong files;
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "bare_pass: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Where the extracted segment begins, by the first record of the file; 0 when it does not say. */
static off_t segment_at(const char *head, ssize_t len)
{
	long size, data_offset;

	if (len < 34 || head[0] != 'C' || sscanf(head + 2, "%15ld %15ld", &size, &data_offset) != 2)
		return 0;
	return (off_t)(data_offset + size);
}

static void read_message(struct pass *pass, int directory, int log_directory, const char *name)
{
	static _Thread_local char head[HEAD_BYTES], rest[SEGMENT_BYTES];
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t len;
	off_t at;

	if (fd < 0)
		return;
	len = pread(fd, head, sizeof(head), 0);
	at = segment_at(head, len);
	if (at > 0 && pread(fd, rest, sizeof(rest), at) < 0)
		fail(name);
	close(fd);
	fd = openat(log_directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		while (read(fd, rest, sizeof(rest)) > 0)
			;
		close(fd);
	}
	atomic_fetch_add(&pass->files, 1);
}

static void stat_message(struct pass *pass, int directory, const char *name)
{
	struct stat st;

	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		atomic_fetch_add(&pass->files, 1);
}

static void pass_directory(struct pass *pass, const char *name)
{
	int fd = openat(pass->deferred, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), log_fd;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return;
	log_fd = openat(pass->defer, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fdopendir(fd);
	if (dir == NULL)
		fail(name);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (pass->reading)
			read_message(pass, fd, log_fd, entry->d_name);
		else
			stat_message(pass, fd, entry->d_name);
	}
	closedir(dir);
	if (log_fd >= 0)
		close(log_fd);
}

static void *run(void *context)
{
	struct pass *pass = context;
	int n;

	while ((n = atomic_fetch_add(&pass->next_directory, 1)) < HASHED) {
		char name[2] = {"0123456789ABCDEF"[n], '\0'};

		pass_directory(pass, name);
	}
	return NULL;
}

static int open_directory(const char *queue_directory, const char *name)
{
	int spool = open(queue_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

	fd = spool < 0 ? -1 : openat(spool, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fail(name);
	close(spool);
	return fd;
}

int main(int argc, char **argv)
{
	struct pass pass = {0};
	struct timespec from, to;
	pthread_t threads[THREADS];
	int count;

	if (argc != 3 || (strcmp(argv[1], "stat") != 0 && strcmp(argv[1], "read") != 0)) {
		fprintf(stderr, "usage: bare_pass stat|read QUEUE_DIRECTORY\n");
		return 2;
	}
	pass.reading = strcmp(argv[1], "read") == 0;
	pass.deferred = open_directory(argv[2], "deferred");
	pass.defer = open_directory(argv[2], "defer");
	count = pass.reading ? THREADS : 1;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < count; i++)
		if ((errno = pthread_create(&threads[i], NULL, run, &pass)) != 0)
			fail("pthread_create");
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%llu files, %.3f s\n", (unsigned long long)pass.files,
	    (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	return 0;
}
