/* Finds the queue manager of this instance in /proc, with the time at which it began. The release
 * gate decides by it whether a message can be released safely (docs/POSTFIX.md, "When a release is
 * safe"). So whatever is not certain is told as not known. */
#include "helper/qmgr.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "helper/spool.h"

/* One line: a name of 15 characters at most, and numbers (proc(5)). */
#define STAT_MAX 4096

bool qmgr_parse_stat(struct slice text, struct qmgr_stat *stat)
{
	/* The last parenthesis ends the name: a process can have any characters in its name, also
	 * these. */
	const char *open = memchr(text.data, '(', text.len),
		   *close = memrchr(text.data, ')', text.len);
	struct slice rest, word;
	unsigned field = 3; /* the one after the name, see proc(5) */
	uint64_t parent = 0;
	bool ok = false;

	if (open == NULL || close == NULL || close < open)
		return false;
	stat->name = slice_make(open + 1, (size_t)(close - open) - 1);
	rest = slice_trim(slice_from(text, (size_t)(close - text.data) + 1));
	for (; slice_split(&rest, ' ', &word); field++) {
		/* A process that has ended and was not waited for has lost its memory already. It
		 * must not count as a queue manager that lives. */
		if (field == 3)
			stat->dead = slice_is(word, "Z") || slice_is(word, "X");
		if (field == 4 && !slice_to_u64(word, &parent))
			return false;
		if (field == 22)
			ok = slice_to_u64(word, &stat->start_ticks);
	}
	stat->parent = (uint32_t)parent;
	return ok;
}

/* False where there is no such process. A process that is there but cannot be read makes *known
 * false: it may be the one that is looked for. */
static bool read_proc(const char *pid, struct buffer *text, struct qmgr_stat *stat, bool *known)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	buffer_clear(text);
	if (!fd_read_file(path, STAT_MAX, text, NULL)) {
		*known = *known && (errno == ENOENT || errno == ESRCH);
		return false;
	}
	return qmgr_parse_stat(buffer_slice(text), stat) && !stat->dead;
}

/* 0 where there is none; *known is false where that cannot be told. */
static uint32_t read_master_pid(const struct role_config *config, bool *known)
{
	BUFFER_AUTO struct buffer text = {0};
	struct spool spool;
	uint64_t pid = 0;

	if (spool_open(&spool, config) == 0) {
		FD_AUTO int directory = spool_open_directory(spool.root, "pid");
		FD_AUTO int fd = directory < 0
				     ? -1
				     : openat(directory, "master.pid",
					   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

		*known = fd >= 0 || errno == ENOENT;
		if (fd < 0 || !fd_read_all(fd, 64, &text, NULL) ||
		    !slice_to_u64(slice_trim(buffer_slice(&text)), &pid) || pid > INT32_MAX)
			pid = 0;
	}
	spool_close(&spool);
	return (uint32_t)pid;
}

/* When the system booted, from /proc/stat, Unix seconds: it does not move between two calls. Needed
 * for people and for comparing with file times. Where two starts are compared, the time since boot
 * is taken, which no set clock moves. */
static int64_t boot_time(void)
{
	BUFFER_AUTO struct buffer text = {0};
	uint64_t seconds = 0;
	struct slice line, rest;

	if (!fd_read_file("/proc/stat", (size_t)1 << 20, &text, NULL))
		return 0;
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line))
		if (slice_starts_with(line, "btime ") &&
		    slice_to_u64(slice_from(line, 6), &seconds))
			return (int64_t)seconds;
	return 0;
}

static int64_t ticks_us(uint64_t ticks)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);

	/* In two parts, so that the product cannot overflow. */
	return (int64_t)(ticks / hz * 1000000 + ticks % hz * 1000000 / hz);
}

/* nqmgr is a link to qmgr, for old entries of master.cf. */
static bool is_qmgr(struct slice name)
{
	return slice_is(name, "qmgr") || slice_is(name, "oqmgr") || slice_is(name, "nqmgr");
}

/* While a reload is under way there may be two: the older one still knows what it had taken up. */
static void find_child(struct helper_qmgr *qmgr)
{
	BUFFER_AUTO struct buffer text = {0};
	const struct dirent *entry;
	struct qmgr_stat stat;
	DIR *proc = opendir("/proc");

	qmgr->known = qmgr->known && proc != NULL;
	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		uint64_t pid;

		if (!slice_to_u64(slice_of(entry->d_name), &pid) ||
		    !read_proc(entry->d_name, &text, &stat, &qmgr->known) ||
		    stat.parent != qmgr->master_pid || !is_qmgr(stat.name) ||
		    (qmgr->alive && qmgr->started_boot_us <= ticks_us(stat.start_ticks)))
			continue;
		qmgr->alive = true;
		qmgr->pid = (uint32_t)pid;
		qmgr->started_boot_us = ticks_us(stat.start_ticks);
		qmgr->started_us = boot_time() * 1000000 + qmgr->started_boot_us;
	}
	if (proc != NULL)
		closedir(proc);
}

bool qmgr_is_elsewhere(const struct role_config *config)
{
	BUFFER_AUTO struct buffer text = {0};
	struct qmgr_stat stat;
	bool known = true;
	char pid[16];

	/* There `postfix` runs where its processes are. */
	if (config->prefix != NULL && config->prefix[0] != '\0')
		return false;
	snprintf(pid, sizeof(pid), "%u", read_master_pid(config, &known));
	if (read_proc(pid, &text, &stat, &known) && slice_is(stat.name, "master"))
		return false;
	return spool_is_served(config, "showq");
}

struct helper_qmgr qmgr_look(const struct role_config *config)
{
	BUFFER_AUTO struct buffer text = {0};
	struct helper_qmgr qmgr = {0};
	struct qmgr_stat stat;
	char pid[16];

	if (config->prefix != NULL && config->prefix[0] != '\0')
		return qmgr;
	qmgr.known = role_config_fact(config, "queue_directory")[0] == '/';
	qmgr.master_pid = read_master_pid(config, &qmgr.known);
	snprintf(pid, sizeof(pid), "%u", qmgr.master_pid);
	/* A stale file may name another process by now. */
	if (qmgr.master_pid == 0 || !read_proc(pid, &text, &stat, &qmgr.known) ||
	    !slice_is(stat.name, "master")) {
		/* Somebody is there: it runs where its processes are not seen, in a container that
		 * shares the queue directory. */
		qmgr.known = qmgr.known && !spool_is_served(config, "showq");
		qmgr.master_pid = 0;
		return qmgr;
	}
	qmgr.master_started_us = boot_time() * 1000000 + ticks_us(stat.start_ticks);
	find_child(&qmgr);
	return qmgr;
}
