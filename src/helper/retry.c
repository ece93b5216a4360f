/* Asks flush(8) to try messages again, a few connections at a time, one request each. Behind a
 * command prefix there is no socket, so `postqueue -i` is run for each ID. A slot is one connection
 * or process in flight; advance() fills those that are free. */
#include "helper/retry.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "helper/child.h"
#include "helper/command.h"
#include "helper/spool.h"
#include "postfix/queue_id.h"

/* Connections at the same time. flush(8) may have any number of processes, each single-threaded;
 * more than this only makes the master start more of them. */
#define SLOTS 4
#define ANSWER_MAX 512
/* The listen queue is full: try again after this. */
#define AGAIN_MS 20
/* flush(8) answers at once, unless all its processes are stuck: then the rest is not kept waiting.
 */
#define ANSWER_MS 10000

struct slot {
	struct retry *retry;
	struct loop_watch *watch;
	int fd;
	size_t index; /* which ID */
	bool busy;
	struct child *child; /* under a prefix */
	char answer[ANSWER_MAX];
	size_t len;
};

struct retry {
	struct helper *helper;
	retry_function *function;
	void *context;
	char (*ids)[QUEUE_ID_SIZE];
	size_t count, next, done;
	struct loop_watch *timer;
	int64_t deadline;
	bool over; /* the deadline has come */
	struct slot slots[SLOTS];
};

int retry_parse_answer(struct slice answer)
{
	struct cursor c = cursor_init(answer.data, answer.len);

	/* Every value ends with NUL, and an answer may come in pieces. Until the whole pair is
	 * there this says that it is not there yet. */
	while (!c.failed && c.left > 0) {
		struct slice name = cursor_cstring(&c), value;
		uint64_t status;

		if (c.failed || name.len == 0) /* the end of the announcement */
			continue;
		value = cursor_cstring(&c);
		if (c.failed || !slice_is(name, "status"))
			continue;
		/* 4294967295 stands for failed; any number that is not known counts as that too. */
		if (!slice_to_u64(value, &status))
			return HELPER_RETRY_FAILED;
		return status == 0 || status == HELPER_RETRY_BAD || status == HELPER_RETRY_DENIED
			   ? (int)status
			   : HELPER_RETRY_FAILED;
	}
	return -1;
}

static void advance(struct retry *retry);

static void destroy(struct retry *retry)
{
	loop_remove(&retry->timer);
	free(retry->ids);
	free(retry);
}

static void finish(struct slot *slot, uint8_t status)
{
	struct retry *retry = slot->retry;

	loop_remove(&slot->watch);
	fd_close(&slot->fd);
	slot->busy = false;
	slot->child = NULL;
	slot->len = 0;
	retry->done++;
	/* The number of those that are done decides, and not the index: slots finish in any order.
	 */
	retry->function(retry->context, slot->index, status, retry->done == retry->count);
}

static void on_slot(void *context, short revents)
{
	struct slot *slot = context;
	ssize_t n = read(slot->fd, slot->answer + slot->len, sizeof(slot->answer) - slot->len);
	int status;

	if (revents != 0 && n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		slot->len += (size_t)n;
	status = retry_parse_answer(slice_make(slot->answer, slot->len));
	if (status < 0 && n > 0 && slot->len < sizeof(slot->answer))
		return;
	/* No answer, and the peer is gone: Postfix is stopping. */
	finish(slot, status < 0 ? HELPER_RETRY_UNREACHABLE : (uint8_t)status);
	advance(slot->retry);
}

/* False when the listen queue is full: the ID waits. A Unix socket that does not block says EAGAIN
 * then, and not EINPROGRESS. */
static bool ask_flush(struct slot *slot, const char *id)
{
	struct retry *retry = slot->retry;
	char request[128];
	int len = snprintf(request, sizeof(request), "request%csend_file%cqueue_id%c%s%c", 0, 0, 0,
		      id, 0) +
		  1;

	slot->fd = spool_connect(&retry->helper->config, "flush");
	if (slot->fd < 0 && errno == EAGAIN)
		return false;
	/* One write, so that the server does not take the first bytes for another protocol. */
	if (slot->fd < 0 || send(slot->fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
		finish(slot, HELPER_RETRY_UNREACHABLE);
		return true;
	}
	slot->watch = loop_add(retry->helper->loop, slot->fd, POLLIN, on_slot, slot);
	loop_deadline(slot->watch, clock_monotonic_ms() + ANSWER_MS);
	return true;
}

static void on_child(void *context, const struct helper_exit *end)
{
	struct slot *slot = context;

	finish(slot, end->status == 0 ? HELPER_RETRY_OK : HELPER_RETRY_FAILED);
	advance(slot->retry);
}

static void ask_child(struct slot *slot, const char *id)
{
	static const struct child_events events = {NULL, on_child};
	struct retry *retry = slot->retry;
	COMMAND_WORDS_AUTO struct command_words words = {0};
	struct child_plan plan = {
	    .output_fd = -1, .extra_fd = -1, .deadline_ms = retry->deadline - clock_monotonic_ms()};

	if (plan.deadline_ms > 0 &&
	    command_begin(&words, &retry->helper->config, "postqueue", NULL)) {
		command_words_add(&words, "-i");
		command_words_add(&words, id);
		plan.argv = words.items;
		slot->child = child_start(retry->helper->loop, &plan, &events, slot, NULL);
	}
	if (slot->child == NULL)
		finish(slot, HELPER_RETRY_UNREACHABLE);
}

static bool begin_next(struct slot *slot)
{
	struct retry *retry = slot->retry;
	const char *id = retry->ids[retry->next];

	slot->index = retry->next++;
	slot->busy = true;
	if (retry->over)
		finish(slot, HELPER_RETRY_UNREACHABLE);
	else if (retry->helper->config.prefix != NULL && retry->helper->config.prefix[0] != '\0')
		ask_child(slot, id);
	else if (!ask_flush(slot, id)) {
		retry->next--;
		slot->busy = false;
		return false;
	}
	return true;
}

/* Fills free slots until nothing is left to begin; ends the retry when all are done. */
static void advance(struct retry *retry)
{
	int64_t wake = retry->over ? -1 : retry->deadline;

	for (size_t i = 0; i < SLOTS; i++)
		while (!retry->slots[i].busy && retry->next < retry->count)
			if (!begin_next(&retry->slots[i])) {
				wake = clock_monotonic_ms() + AGAIN_MS;
				break;
			}
	if (retry->done == retry->count)
		destroy(retry);
	else
		loop_deadline(retry->timer, wake);
}

static void on_time(void *context, short revents)
{
	struct retry *retry = context;

	retry->over = clock_monotonic_ms() >= retry->deadline;
	if (retry->over)
		for (size_t i = 0; i < SLOTS; i++)
			/* Those with a process are left alone: each has the same deadline and ends
			 * by itself. */
			if (retry->slots[i].busy && retry->slots[i].child == NULL)
				finish(&retry->slots[i], HELPER_RETRY_UNREACHABLE);
	advance(retry);
}

struct retry *retry_start(struct helper *helper, const struct helper_strings *ids,
    int64_t deadline_ms, retry_function *function, void *context)
{
	struct retry *retry = memory_zero(1, sizeof(*retry));

	retry->helper = helper;
	retry->function = function;
	retry->context = context;
	retry->deadline = clock_monotonic_ms() + deadline_ms;
	retry->count = ids->count;
	retry->ids = memory_zero(ids->count, sizeof(*retry->ids));
	for (size_t i = 0; i < ids->count; i++)
		snprintf(retry->ids[i], QUEUE_ID_SIZE, "%.*s", SLICE_ARGS(ids->items[i]));
	for (size_t i = 0; i < SLOTS; i++)
		retry->slots[i] = (struct slot){.retry = retry, .fd = -1};
	/* Not from here: the caller may not be ready for an answer before it has this one. */
	retry->timer = loop_add(helper->loop, -1, 0, on_time, retry);
	loop_deadline(retry->timer, 0);
	return retry;
}
