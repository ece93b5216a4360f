/* Has the helper open messages, some at a time, and reads them from what it passes. A batch is of
 * one queue, where the helper looks first. A message with a bounce log is a batch of its own: that
 * log is asked for beforehand. */
#include "reader/spool_open.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/memory.h"
#include "wire/helper_proto.h"

struct batch {
	struct batch *next;
	struct spool_open *open;
	int bounce_fd; /* the bounce log, of a batch of one message that has such a log */
	size_t count, done;
	struct spool_item items[SPOOL_OPEN_ITEMS];
};

struct spool_open {
	struct exchange *helper;
	struct spool_open_client client;
	/* One for all: its buffers grow once and are used for every message. */
	struct message_file file;
	struct charsets *charsets; /* for the subjects of `file` */
	struct batch *batches;
	size_t count;
};

struct spool_open *spool_open_create(
    struct exchange *helper, const struct spool_open_client *client)
{
	struct spool_open *o = memory_zero(1, sizeof(*o));
	const char *missing;

	/* What this system does not have stays encoded. */
	o->charsets = charsets_open(&missing);
	o->file.parser.charsets = o->charsets;
	o->helper = helper;
	o->client = *client;
	return o;
}

static void free_batch(struct batch *b)
{
	struct spool_open *o = b->open;
	struct batch **at = &o->batches;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	o->count--;
	fd_close(&b->bounce_fd);
	free(b);
}

void spool_open_destroy(struct spool_open **pointer)
{
	struct spool_open *o = *pointer;

	if (o == NULL)
		return;
	while (o->batches != NULL) {
		exchange_forget(o->helper, o->batches);
		free_batch(o->batches);
	}
	message_file_free(&o->file);
	charsets_close(&o->charsets);
	free(o);
	*pointer = NULL;
}

size_t spool_open_pending(const struct spool_open *o)
{
	size_t count = 0;

	for (const struct batch *b = o->batches; b != NULL; b = b->next)
		count += b->count - b->done;
	return count;
}

bool spool_open_has_room(const struct spool_open *o)
{
	return o->count < SPOOL_OPEN_BATCHES;
}

/* --- Results --- */

static void report(struct batch *b, struct spool_result result)
{
	b->open->client.opened(b->open->client.context, &b->items[b->done++], &result);
}

/* What has no result yet fails; then the batch is over. */
static void fail_batch(struct batch *b, const char *code, struct slice text)
{
	struct error why;

	error_set(&why, code, "%.*s", SLICE_ARGS(text));
	/* Each item gets its result, whatever happened, as the source counts them. */
	while (b->done < b->count)
		report(b, (struct spool_result){.found = SPOOL_FAILED, .why = &why});
	free_batch(b);
}

static void fail_unfit(struct batch *b)
{
	fail_batch(b, "bad_frame", SLICE("The helper's answer does not fit the question."));
}

static struct spool_result read_files(struct batch *b, const struct message_file_parts *parts)
{
	struct message_file *file = &b->open->file;

	switch (message_file_read(file, parts)) {
	case MESSAGE_FILE_READ:
		return (struct spool_result){
		    .found = SPOOL_FOUND, .queue = parts->stat.queue, .file = file};
	case MESSAGE_FILE_NOT_READY:
		return (struct spool_result){.found = SPOOL_NOT_READY};
	default:
		return (struct spool_result){.found = SPOOL_UNREADABLE, .error = (uint32_t)errno};
	}
}

static struct queue_file_stat stat_of(const struct batch *b, const struct helper_record *record)
{
	return (struct queue_file_stat){.id = slice_of(b->items[b->done].id),
	    .queue = (enum queue)record->queue,
	    .mode = record->mode,
	    .inode = record->inode,
	    .size = record->size,
	    .mtime_ns = record->mtime_ns,
	    .changed_ns = record->changed_ns,
	    .maildrop_by_record = b->open->client.maildrop_by_record};
}

/* False when the helper had a descriptor, and it did not arrive. */
static bool part_of(
    const struct frame *frame, uint8_t fd, struct slice bytes, struct message_file_part *part)
{
	*part = (struct message_file_part){-1, bytes};
	if (fd == HELPER_NO_FD)
		return true;
	part->fd = frame_fd(frame, fd);
	return part->fd >= 0;
}

static struct spool_result read_opened(
    struct batch *b, const struct helper_opened *opened, const struct frame *frame)
{
	struct message_file_part none = {-1, {NULL, 0}};
	struct message_file_parts parts = {stat_of(b, &opened->record), opened->record.log_stamp,
	    none, none, {b->bounce_fd, {NULL, 0}}};

	if (opened->error == ENOENT)
		return (struct spool_result){.found = SPOOL_ABSENT};
	/* The helper's word for a file that is not ready. */
	if (opened->error == EAGAIN)
		return (struct spool_result){.found = SPOOL_NOT_READY};
	if (opened->error != 0 || opened->record.queue >= QUEUE_COUNT)
		return (struct spool_result){.found = SPOOL_UNREADABLE,
		    .error = opened->error != 0 ? opened->error : EINVAL};
	/* The kernel drops descriptors that a process has no room for. That is a shortage, and no
	 * fault of the file. */
	if (!part_of(frame, opened->fd, opened->bytes, &parts.queue_file) ||
	    (opened->defer_error == 0 &&
		!part_of(frame, opened->defer_fd, opened->defer_bytes, &parts.defer_log)))
		return (struct spool_result){.found = SPOOL_UNREADABLE, .error = EMFILE};
	return read_files(b, &parts);
}

/* One frame of the answer. False while there is more to come. */
static bool read_batch(struct batch *b, const struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct helper_opened opened;
	size_t before = b->done;

	while (b->done < b->count && helper_opened_get(&c, &opened))
		report(b, read_opened(b, &opened, frame));
	/* A frame without any answer would let the batch wait without end. */
	if (b->done == before || !cursor_finished(&c))
		fail_unfit(b);
	else if (b->done < b->count)
		return false;
	else
		free_batch(b);
	return true;
}

static bool on_batch(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct batch *b = context;
	struct spool_open *o = b->open;
	struct helper_refused refused;
	char code[ERROR_CODE_MAX];

	if (frame == NULL)
		fail_batch(b, "helper_gone", SLICE("The helper process is not there."));
	else if (frame->type == HELPER_OPENED) {
		if (!read_batch(b, frame))
			return false;
	} else if (frame->type == HELPER_REFUSED && helper_refused_decode(frame, &refused)) {
		snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
		fail_batch(b, code, refused.text);
	} else
		fail_unfit(b);
	o->client.room(o->client.context);
	return true;
}

/* --- Questions --- */

static void ask(struct batch *b, enum helper_open_kind kind, exchange_fn *fn)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct slice ids[SPOOL_OPEN_ITEMS];
	struct helper_open open = {
	    .kind = kind, .queue = b->items[0].queue, .ids = {ids, b->count}};

	for (size_t i = 0; i < b->count; i++)
		ids[i] = slice_of(b->items[i].id);
	helper_open_encode(&frame, 0, &open);
	exchange_ask(b->open->helper, &frame, EXCHANGE_NO_DEADLINE, fn, b);
}

/* The bounce log, or that there is none any more; then the message itself. */
static bool on_bounce_log(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct batch *b = context;
	struct helper_opened opened;
	struct cursor c;

	if (frame == NULL)
		return on_batch(b, NULL, failure);
	c = frame_cursor(frame);
	if (frame->type == HELPER_OPENED && helper_opened_get(&c, &opened) && opened.error == 0)
		b->bounce_fd = frame_take_fd(frame, opened.fd);
	ask(b, HELPER_OPEN_MESSAGE_DEFER, on_batch);
	return true;
}

void spool_open_batch(struct spool_open *o, struct spool_work *work,
    bool (*has_bounce_log)(void *context, const struct spool_item *item))
{
	struct batch *b = memory_alloc(sizeof(*b));
	struct spool_item *item;
	bool alone = false;

	*b = (struct batch){.next = o->batches, .open = o, .bounce_fd = -1};
	while ((item = spool_work_first(work)) != NULL && b->count < SPOOL_OPEN_ITEMS && !alone) {
		alone = has_bounce_log(o->client.context, item);
		/* It stays the first of what is waiting, for the next batch. */
		if (b->count > 0 && (alone || item->queue != b->items[0].queue))
			break;
		b->items[b->count++] = *item;
		spool_work_drop_first(work);
	}
	o->batches = b;
	o->count++;
	if (has_bounce_log(o->client.context, &b->items[0]))
		ask(b, HELPER_OPEN_BOUNCE, on_bounce_log);
	else
		ask(b, HELPER_OPEN_MESSAGE_DEFER, on_batch);
}
