/* Reads the inotify descriptor that the helper made, and turns its events into hints by changes.c.
 * It has the helper add directories that appear while it runs. Everything is slowed down on
 * purpose: events are read in bursts, and changes gather before they are looked at. */
#include "reader/watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "reader/changes.h"

/* Events are read at most this often: the reader is not woken for each, which would take the time
 * from the processes of Postfix that cause them. The kernel keeps 16,384 (max_queued_events). */
#define READ_REST_MS 20
/* In one turn up to this much, which is more than the kernel keeps by default. */
#define READ_BYTES 65536
#define READS_MAX 16
/* Changes of one message gather this long, so that incoming, active and gone, or active and
 * deferred, cost one look. */
#define GATHER_MS 100
/* When the reader's own work grows beyond a twentieth of a core they gather longer, up to this: of
 * mail that is delivered at once nothing has to be read then. Well below a second, which is how old
 * the view may be. */
#define GATHER_MAX_MS 500
#define GATHER_CPU_FACTOR 20

struct watch {
	struct loop *loop;
	struct exchange *client;
	struct watch_sink sink;
	enum watch_state state;
	struct changes *changes;
	int fd;
	struct loop_watch *events, *timer;
	int64_t read_at, give_at;  /* -1: not due */
	int64_t gather_ms, cpu_us; /* how long changes gather, and the CPU time at the last */
	int64_t read_us, given_us; /* Unix time of the last reading, and of the last one whose
				      changes were given */
	char bytes[READ_BYTES];
};

/* ---- states ---- */

static void set_timer(struct watch *w)
{
	int64_t at = w->give_at;

	if (w->read_at >= 0 && (at < 0 || w->read_at < at))
		at = w->read_at;
	loop_deadline(w->timer, at);
}

/* The one place where the state changes: events are read in HOLDING alone. */
static void set_state(struct watch *w, enum watch_state state)
{
	w->state = state;
	w->read_at = -1;
	if (w->events != NULL)
		loop_events(w->events, state == WATCH_HOLDING ? POLLIN : 0);
	if (state == WATCH_OFF || state == WATCH_FAILED) {
		exchange_forget(w->client, w);
		loop_remove(&w->events);
		fd_close(&w->fd);
		changes_destroy(&w->changes);
		w->changes = changes_create();
		w->give_at = -1;
	}
	set_timer(w);
}

enum watch_state watch_state(const struct watch *watch)
{
	return watch->state;
}

int64_t watch_told_us(const struct watch *watch)
{
	if (watch->state != WATCH_HOLDING && watch->state != WATCH_ADDING)
		return 0;
	if (changes_count(watch->changes) > 0)
		/* What was gathered has not been looked at, so the index is as old as the last that
		 * was. */
		return watch->given_us;
	/* While it rests there may be events that it has not seen. */
	return watch->read_at < 0 && watch->state == WATCH_HOLDING ? clock_now_us()
								   : watch->read_us;
}

static void fail(struct watch *w, const char *code, struct slice text)
{
	bool beginning = w->state == WATCH_BEGINNING;
	struct error err;

	error_set(&err, code, "%.*s", SLICE_ARGS(text));
	set_state(w, WATCH_FAILED);
	/* Whoever waits for the beginning is told by that; later on it is a loss. */
	if (beginning)
		w->sink.begun(w->sink.context, &err);
	else
		w->sink.lost(w->sink.context, err.text);
}

/* ---- hints ---- */

static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* What was gathered longer costs less for each: a burst of work makes the next wait longer. */
static void adapt(struct watch *w)
{
	int64_t now = cpu_us();

	w->gather_ms = (now - w->cpu_us) * GATHER_CPU_FACTOR / 1000;
	w->cpu_us = now;
	if (w->gather_ms < GATHER_MS)
		w->gather_ms = GATHER_MS;
	if (w->gather_ms > GATHER_MAX_MS)
		w->gather_ms = GATHER_MAX_MS;
}

static void give(struct watch *w)
{
	const struct source_hint *hints;
	size_t count;

	adapt(w);
	hints = changes_hints(w->changes, &count);
	/* Refused hints stay, and are offered again with those that come in the meantime. */
	if (count == 0 || w->sink.hints(w->sink.context, hints, count)) {
		changes_forget_hints(w->changes);
		w->given_us = w->read_us;
	}
	w->give_at = changes_count(w->changes) > 0 ? clock_monotonic_ms() + w->gather_ms : -1;
}

static void give_later(struct watch *w)
{
	if (w->give_at < 0 && changes_count(w->changes) > 0)
		w->give_at = clock_monotonic_ms() + w->gather_ms;
}

static void look_at_loss(struct watch *w)
{
	static const char *const why[] = {
	    [CHANGES_OVERFLOW] = "the kernel dropped events of the queue directories",
	    [CHANGES_TOO_MANY] = "more messages changed than can be looked at one by one",
	    [CHANGES_CORRUPT] = "something changed in the corrupt queue",
	    [CHANGES_MOVED] = "a queue directory was removed, renamed or replaced",
	};
	enum changes_loss loss = changes_take_loss(w->changes);

	if (loss == CHANGES_NONE)
		return;
	/* What the scan will find is not looked for one by one; but of a few files that
	 * changed beside the corrupt one all is known. */
	if (loss != CHANGES_CORRUPT)
		changes_forget_hints(w->changes);
	w->sink.lost(w->sink.context, why[loss]);
}

/* ---- new directories ---- */

static void add_next(struct watch *w);

static void take_watched(struct watch *w, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct helper_watched watched;

	while (helper_watched_get(&c, &watched))
		changes_name_directory(w->changes, &watched);
}

static void take_listed(struct watch *w, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct helper_record record;

	while (helper_record_get(&c, &record))
		changes_add(w->changes, record.name, record.queue);
}

/* True for a frame in the middle of the answer, which was taken. */
static bool take_part(struct watch *w, const struct frame *frame)
{
	if (frame == NULL)
		return false;
	if (frame->type == HELPER_WATCHES)
		take_watched(w, frame);
	else if (frame->type == HELPER_LIST_BATCH)
		take_listed(w, frame);
	else
		return false;
	return true;
}

/* The end of an answer: true when it says that all went well, or that the directory of its path is
 * gone; what is wrong otherwise ends the watching. */
static bool take_end(struct watch *w, const struct frame *frame, bool may_be_gone)
{
	struct helper_watch_end end;
	struct helper_refused refused;
	char code[ERROR_CODE_MAX];

	if (frame == NULL)
		fail(w, "helper_gone", SLICE("The helper process is not there."));
	else if (frame->type == HELPER_WATCH_END && helper_watch_end_decode(frame, &end)) {
		if (end.error == 0 || (may_be_gone && end.error == ENOENT))
			return true;
		fail(w, "not_watched", end.text);
	} else if (frame->type == HELPER_REFUSED && helper_refused_decode(frame, &refused)) {
		snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
		fail(w, code, refused.text);
	} else
		fail(w, "bad_frame", SLICE("The helper's answer does not fit the question."));
	return false;
}

static bool on_added(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct watch *w = context;

	if (take_part(w, frame))
		return false;
	if (!take_end(w, frame, true))
		return true;
	set_state(w, WATCH_HOLDING);
	add_next(w);
	give_later(w);
	look_at_loss(w);
	set_timer(w);
	return true;
}

static void ask(struct watch *w, const struct helper_watch *question, exchange_fn *fn)
{
	BUFFER_AUTO struct buffer frame = {0};

	helper_watch_encode(&frame, 0, question);
	exchange_ask(w->client, &frame, EXCHANGE_NO_DEADLINE, fn, w);
}

/* The next new directory, if there is one and no other is being added. */
static void add_next(struct watch *w)
{
	struct changes_directory directory;
	struct helper_watch question;

	if (w->state != WATCH_HOLDING || !changes_take_directory(w->changes, &directory))
		return;
	question = (struct helper_watch){false, directory.queue, slice_of(directory.path)};
	/* One directory at a time. Events wait in the kernel until its files are listed, or one
	 * could name a directory that is not known. */
	set_state(w, WATCH_ADDING);
	ask(w, &question, on_added);
}

/* ---- events ---- */

static void on_events(void *context, short revents)
{
	struct watch *w = context;
	ssize_t len = 0;

	(void)revents;
	/* A flood of events must not keep the reader from its other work. */
	for (int i = 0; i < READS_MAX; i++) {
		len = read(w->fd, w->bytes, sizeof(w->bytes));
		if (len <= 0)
			break;
		changes_take(w->changes, w->bytes, (size_t)len);
	}
	if (len < 0 && errno != EAGAIN && errno != EINTR) {
		fail(w, "not_watched", SLICE("The events of the queue cannot be read."));
		return;
	}
	/* Not polled during the rest: each further event would wake the reader at once. */
	loop_events(w->events, 0);
	w->read_at = clock_monotonic_ms() + READ_REST_MS;
	w->read_us = clock_now_us();
	add_next(w);
	give_later(w);
	look_at_loss(w);
	set_timer(w);
}

static void on_timer(void *context, short revents)
{
	struct watch *w = context;
	int64_t now = clock_monotonic_ms();

	(void)revents;
	if (w->read_at >= 0 && now >= w->read_at) {
		w->read_at = -1;
		loop_events(w->events, POLLIN);
	}
	if (w->give_at >= 0 && now >= w->give_at)
		give(w);
	set_timer(w);
}

/* ---- beginning ---- */

/* Directories that were not named again: what is in them is not the queue any more. */
static void remove_stale(struct watch *w)
{
	size_t count;
	const struct changes_directory *stale = changes_end_directories(w->changes, &count);

	for (size_t i = 0; i < count; i++)
		/* Else a directory that was moved away would go on telling of files that are no
		 * messages. */
		(void)inotify_rm_watch(w->fd, (int)stale[i].descriptor);
}

static bool on_begun(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct watch *w = context;

	if (frame != NULL && frame->type == HELPER_STREAM && w->fd < 0) {
		w->fd = frame_take_fd(frame, 0);
		if (w->fd >= 0)
			w->events = loop_add(w->loop, w->fd, 0, on_events, w);
		return false;
	}
	if (take_part(w, frame))
		return false;
	if (frame != NULL && frame->type == HELPER_WATCH_END && w->fd < 0) {
		/* It failed at once; or this process may have no more descriptors. */
		if (take_end(w, frame, false))
			fail(w, "not_watched", SLICE("The helper passed no descriptor."));
		return true;
	}
	if (!take_end(w, frame, false))
		return true;
	remove_stale(w);
	w->read_us = w->given_us = 0;
	set_state(w, WATCH_HOLDING);
	w->sink.begun(w->sink.context, NULL);
	return true;
}

void watch_begin(struct watch *w)
{
	struct helper_watch question = {w->fd < 0, HELPER_QUEUE_ANY, SLICE("")};

	/* An answer to the former WATCH would name directories of the walk before. */
	exchange_forget(w->client, w);
	/* New directories that wait are found by the walk. */
	changes_clear(w->changes);
	changes_begin_directories(w->changes);
	set_state(w, WATCH_BEGINNING);
	ask(w, &question, on_begun);
}

void watch_end(struct watch *w)
{
	/* The helper has the descriptor too, until the next WATCH: nothing shall wait in it. */
	for (size_t i = 0; w->fd >= 0 && i < changes_directory_count(w->changes); i++)
		(void)inotify_rm_watch(w->fd, (int)changes_directory_at(w->changes, i)->descriptor);
	set_state(w, WATCH_OFF);
}

struct watch *watch_create(
    struct loop *loop, struct exchange *client, const struct watch_sink *sink)
{
	struct watch *w = memory_zero(1, sizeof(*w));

	w->loop = loop;
	w->client = client;
	w->sink = *sink;
	w->fd = -1;
	w->read_at = w->give_at = -1;
	w->gather_ms = GATHER_MS;
	w->changes = changes_create();
	w->timer = loop_add(loop, -1, 0, on_timer, w);
	return w;
}

void watch_destroy(struct watch **pointer)
{
	struct watch *w = *pointer;

	if (w == NULL)
		return;
	*pointer = NULL;
	watch_end(w);
	changes_destroy(&w->changes);
	loop_remove(&w->timer);
	free(w);
}
