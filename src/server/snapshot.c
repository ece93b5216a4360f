/* Saving by a forked copy, how often, and the end of the copy. */
#include "server/snapshot.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "index/index.h"

/* After a crash what came since is read again: that many seconds of it. Saving a million messages
 * takes a second of one core and of the disk, so it is at most 1/300 of the time. */
#define REST_MIN_MS 60000
#define REST_FACTOR 300

struct snapshot {
	struct index *index;
	char *path;
	pid_t saver; /* 0: none */
	int64_t began_ms, next_ms;
	uint64_t saved; /* the generation that was saved last, or is being saved */
};

/* Beside the database, in the directory that nobody but the server's user can read. */
static char *path_beside(const char *store)
{
	BUFFER_AUTO struct buffer path = {0};
	MEMORY_AUTO char *copy = memory_strdup(store);

	buffer_printf(&path, "%s/queue.snapshot", dirname(copy));
	return memory_strdup(buffer_string(&path));
}

struct snapshot *snapshot_create(struct index *index, const char *store)
{
	struct snapshot *s = memory_zero(1, sizeof(*s));
	struct error err;

	s->index = index;
	s->path = path_beside(store);
	if (index_restore(index, s->path, &err))
		log_info("showing the queue as it was known before, until it is read again");
	else if (strcmp(err.code, "not_found") != 0)
		log_warning("the last known queue cannot be shown: %s", err.text);
	return s;
}

static void save_now(struct snapshot *s)
{
	struct index_status status;
	struct error err;

	index_status(s->index, &status);
	/* An index that was never read must not replace one that was. */
	if (status.as_of != 0 && !index_save(s->index, s->path, &err))
		log_warning("the queue as it is known now was not kept: %s", err.text);
}

/* Has nothing of the server's but its memory, and goes with it. */
static _Noreturn void save_and_exit(struct snapshot *s, pid_t server)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The server ended between fork and prctl: then no signal would come. */
	if (getppid() != server)
		_exit(0);
	/* Sockets of clients and channels would else stay open as long as the saving takes. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	save_now(s);
	/* No handlers and no flushing: buffers and database are the server's. */
	_exit(0);
}

static void begin(struct snapshot *s, uint64_t generation)
{
	pid_t server = getpid(), pid = fork();

	s->began_ms = clock_monotonic_ms();
	s->next_ms = s->began_ms + REST_MIN_MS;
	if (pid == 0)
		save_and_exit(s, server);
	if (pid < 0) {
		log_warning("the queue as it is known now was not kept: %s", strerror(errno));
		return;
	}
	s->saver = pid;
	/* As if it had gone well: if it did not, the next change of the queue makes another try. */
	s->saved = generation;
}

static void take_end(struct snapshot *s)
{
	int64_t now = clock_monotonic_ms(), rest = (now - s->began_ms) * REST_FACTOR;

	if (waitpid(s->saver, NULL, WNOHANG) == 0)
		return;
	s->saver = 0;
	s->next_ms = now + (rest < REST_MIN_MS ? REST_MIN_MS : rest);
}

void snapshot_tick(struct snapshot *s)
{
	struct index_status status;

	if (s->saver != 0) {
		take_end(s);
		return;
	}
	if (clock_monotonic_ms() < s->next_ms)
		return;
	index_status(s->index, &status);
	/* While it is being read for the first time, the file from before is the better one. */
	if (status.state == INDEX_CURRENT && status.generation != s->saved)
		begin(s, status.generation);
}

void snapshot_destroy(struct snapshot **pointer)
{
	struct snapshot *s = *pointer;

	if (s == NULL)
		return;
	if (s->saver != 0) {
		/* It has an older state, and must not rename its file over the one that is written
		 * now. */
		kill(s->saver, SIGKILL);
		waitpid(s->saver, NULL, 0);
	}
	save_now(s);
	free(s->path);
	free(s);
	*pointer = NULL;
}
