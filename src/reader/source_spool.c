#include "reader/source_spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/memory.h"
#include "reader/looks.h"
#include "reader/message_file.h"
#include "wire/helper_proto.h"

_Static_assert((int)QUEUE_MAILDROP == (int)HELPER_QUEUE_MAILDROP &&
		   (int)QUEUE_ACTIVE == (int)HELPER_QUEUE_ACTIVE &&
		   (int)QUEUE_INCOMING == (int)HELPER_QUEUE_INCOMING &&
		   (int)QUEUE_DEFERRED == (int)HELPER_QUEUE_DEFERRED &&
		   (int)QUEUE_HOLD == (int)HELPER_QUEUE_HOLD &&
		   (int)QUEUE_CORRUPT == (int)HELPER_QUEUE_CORRUPT,
    "queues have one number");

/* Batches of descriptors under way: one is parsed while the helper opens the next. Each has up to
 * 252 descriptors, which the reader's limit of open files has to hold. */
#define BATCHES_MAX 2
#define PROGRESS_STEP 5000

enum purpose {
	PURPOSE_SCAN,	 /* new, or changed since the last look */
	PURPOSE_MISSING, /* not listed: moved against the scan, or gone */
	PURPOSE_BOUNCED, /* its bounce log is new or has grown */
	PURPOSE_HINT,	 /* an event named it; it may go again before it is read */
	PURPOSE_READ,	 /* asked for */
};

struct item {
	char id[QUEUE_ID_SIZE];
	uint8_t queue; /* where to look first */
	uint8_t purpose;
	uint32_t request; /* of PURPOSE_READ */
};

/* A first-in, first-out list in one piece of memory. */
struct work {
	struct item *items;
	size_t first, end, capacity;
};

struct batch {
	struct batch *next;
	struct spool *spool;
	int bounce_fd; /* the bounce log, of a batch of one message that has such a log */
	size_t count;
	struct item items[HELPER_OPEN_PAIRS_MAX];
};

struct read_state {
	struct read_state *next;
	uint32_t request;
	size_t left;
	bool failed;
	struct error error;
};

struct spool {
	struct source source;
	struct helper_client *client;
	struct seen *seen;
	/* Bounce logs: permanent failures that the sender was not told yet. There are few.
	 * `signature` is that of the log, `listed` that of the log that was read. */
	struct seen *bounced;
	struct message_file file;
	struct looks *looks; /* at what events named */
	struct work scan_work, read_work;
	struct batch *batches;
	size_t batch_count;
	struct read_state *reads;
	/* The look under way. */
	bool scanning, listed, failed;
	uint8_t stamp;
	bool warned; /* about a file that cannot be read: one example a look */
	uint64_t found, done;
	struct source_outcome outcome;
};

static void work_push(
    struct work *w, struct slice id, uint8_t queue, enum purpose purpose, uint32_t request)
{
	struct item *item;

	if (w->end == w->capacity) {
		w->capacity = w->capacity == 0 ? 256 : w->capacity * 2;
		w->items = memory_resize(w->items, w->capacity, sizeof(*w->items));
	}
	item = &w->items[w->end++];
	*item = (struct item){.queue = queue, .purpose = (uint8_t)purpose, .request = request};
	memcpy(item->id, id.data, id.len);
}

static void work_clear(struct work *w)
{
	free(w->items);
	*w = (struct work){0};
}

uint32_t source_spool_listed(int64_t arrival, uint64_t size)
{
	return (uint32_t)seen_mix((uint64_t)arrival, size);
}

struct seen *source_spool_seen(struct source *source)
{
	return ((struct spool *)source)->seen;
}

/* --- What was opened --- */

static void remember(struct spool *s, struct slice id)
{
	const struct message *m = &s->file.message;
	struct seen_entry *e = seen_add(s->seen, id);

	e->signature = message_file_signature(&s->file.stat);
	e->listed = source_spool_listed(m->arrival, m->size);
	e->queue = (uint8_t)m->queue;
	e->flags = (m->flags & MESSAGE_DAMAGED) != 0 ? SOURCE_SPOOL_DAMAGED : 0;
	e->stamp = s->stamp;
}

static void on_read(struct spool *s, const struct item *item, struct slice id)
{
	const struct source_sink *sink = &s->source.sink;
	struct seen_entry *e = seen_find(s->seen, id), *bounced = seen_find(s->bounced, id);

	if (bounced != NULL)
		bounced->listed = (uint32_t)bounced->signature;
	if (s->file.bytes.len > MESSAGE_ENCODED_MAX) {
		sink->warning(sink->context, "message_too_large", id,
		    "A message has more text than can be shown.");
		return;
	}
	/* It may have been read already: listed twice while it moved, or asked for. */
	if (item->purpose == PURPOSE_READ || item->purpose == PURPOSE_BOUNCED || e == NULL ||
	    e->signature != message_file_signature(&s->file.stat))
		sink->message(sink->context, item->request, buffer_slice(&s->file.bytes));
	remember(s, id);
}

static void on_absent(struct spool *s, const struct item *item, struct slice id)
{
	const struct source_sink *sink = &s->source.sink;
	struct seen_entry *e = seen_find(s->seen, id);

	if (e != NULL) {
		sink->removed(sink->context, id, e->queue);
		seen_remove(s->seen, e);
	}
	if (item->purpose == PURPOSE_READ)
		sink->absent(sink->context, item->request, id);
}

static struct read_state *read_of(struct spool *s, uint32_t request)
{
	struct read_state *r = s->reads;

	while (r != NULL && r->request != request)
		r = r->next;
	return r;
}

/* What the helper's open says of something that is no queue file, in words. */
static const char *unreadable_why(uint32_t number)
{
	switch (number) {
	case EINVAL:
		return "it is no regular file";
	case EISDIR:
		return "it is a directory";
	case ELOOP:
		return "it is a symbolic link";
	default:
		return strerror((int)number);
	}
}

/* Descriptors or memory ran out: that says nothing about the file, and may be over soon. */
static bool is_shortage(uint32_t number)
{
	return number == EMFILE || number == ENFILE || number == ENOMEM;
}

/* A READ goes on without it: of an ID that was neither found nor absent the server knows that it is
 * there and cannot be read. One bad file must not keep a job from the other 999. */
static void on_unreadable(
    struct spool *s, const struct item *item, struct slice id, uint32_t number)
{
	const struct source_sink *sink = &s->source.sink;
	struct seen_entry *e = seen_find(s->seen, id);
	struct read_state *r = item->purpose == PURPOSE_READ ? read_of(s, item->request) : NULL;
	char text[256];

	if (e != NULL)
		e->stamp = s->stamp;
	snprintf(text, sizeof(text), "The queue file %s cannot be read: %s.", item->id,
	    unreadable_why(number));
	if (r != NULL && is_shortage(number)) {
		r->failed = true;
		error_set(&r->error, "unreadable", "%s", text);
	}
	if (!s->warned)
		sink->warning(sink->context, "unreadable", id, text);
	s->warned = true;
}

/* Being written, or marked as corrupt and about to be moved: no message of the queue now. */
static void on_not_ready(struct spool *s, const struct item *item, struct slice id)
{
	const struct source_sink *sink = &s->source.sink;
	struct seen_entry *e = seen_find(s->seen, id);

	if (e != NULL)
		e->stamp = s->stamp;
	if (item->purpose == PURPOSE_READ)
		sink->absent(sink->context, item->request, id);
}

static void on_opened(struct spool *s, const struct item *item, const struct helper_opened *opened,
    struct frame *frame, int bounce_fd)
{
	FD_AUTO int fd = -1, log_fd = -1;
	struct message_file_fds fds;
	struct slice id = slice_of(item->id);
	enum message_file_result result;

	if (opened->error == ENOENT) {
		on_absent(s, item, id);
		return;
	}
	if (opened->error == EAGAIN) {
		on_not_ready(s, item, id);
		return;
	}
	if (opened->error == 0)
		fd = frame_take_fd(frame, opened->fd);
	if (opened->defer_error == 0 && opened->defer_fd != HELPER_NO_FD)
		log_fd = frame_take_fd(frame, opened->defer_fd);
	if (fd < 0 || opened->queue >= QUEUE_COUNT) {
		on_unreadable(s, item, id, opened->error != 0 ? opened->error : EMFILE);
		return;
	}
	fds = (struct message_file_fds){fd, log_fd, bounce_fd};
	result = message_file_read(&s->file, id, (enum queue)opened->queue, &fds);
	if (result == MESSAGE_FILE_READ)
		on_read(s, item, id);
	else if (result == MESSAGE_FILE_NOT_READY)
		on_not_ready(s, item, id);
	else
		on_unreadable(s, item, id, (uint32_t)errno);
}

/* --- Ends --- */

static void end_read(struct spool *s, struct read_state *r)
{
	const struct source_sink *sink = &s->source.sink;
	struct read_state **at = &s->reads;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	sink->read_done(sink->context, r->request, r->failed ? &r->error : NULL);
	free(r);
}

static void item_done(struct spool *s, const struct item *item)
{
	const struct source_sink *sink = &s->source.sink;
	struct read_state *r;

	if (item->purpose != PURPOSE_READ) {
		if (++s->done % PROGRESS_STEP == 0 && s->scanning)
			sink->progress(
			    sink->context, s->done, s->listed ? s->found : READER_PROTO_UNKNOWN);
		return;
	}
	r = read_of(s, item->request);
	if (r != NULL && --r->left == 0)
		end_read(s, r);
}

static void scan_failed(struct spool *s, const char *code, struct slice text)
{
	s->failed = true;
	s->listed = true;
	s->outcome.complete = false;
	error_set(&s->outcome.error, code, "%.*s", SLICE_ARGS(text));
	work_clear(&s->scan_work);
}

/* A look is over when everything that it found was read. */
static void check_done(struct spool *s)
{
	const struct source_sink *sink = &s->source.sink;

	if (!s->scanning || !s->listed || s->scan_work.first < s->scan_work.end)
		return;
	for (const struct batch *b = s->batches; b != NULL; b = b->next)
		if (b->items[0].purpose != PURPOSE_READ)
			return;
	s->scanning = false;
	s->outcome.seen = seen_count(s->seen);
	work_clear(&s->scan_work);
	sink->scan_done(sink->context, &s->outcome);
}

/* --- Batches --- */

static void pump(struct spool *s);

static void free_batch(struct batch *b)
{
	struct spool *s = b->spool;
	struct batch **at = &s->batches;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	s->batch_count--;
	fd_close(&b->bounce_fd);
	free(b);
}

/* The batch could not be opened at all. */
static void fail_batch(struct batch *b, const char *code, struct slice text)
{
	struct spool *s = b->spool;

	for (size_t i = 0; i < b->count; i++) {
		struct read_state *r =
		    b->items[i].purpose == PURPOSE_READ ? read_of(s, b->items[i].request) : NULL;

		if (r != NULL) {
			r->failed = true;
			error_set(&r->error, code, "%.*s", SLICE_ARGS(text));
		} else if (b->items[i].purpose != PURPOSE_READ && s->scanning && !s->failed)
			scan_failed(s, code, text);
		else if (b->items[i].purpose != PURPOSE_READ)
			s->source.sink.unsure(s->source.sink.context);
	}
	for (size_t i = 0; i < b->count; i++)
		item_done(s, &b->items[i]);
}

static void read_batch(struct batch *b, struct frame *frame)
{
	struct cursor c = frame_cursor(frame);
	struct helper_opened opened;
	size_t i = 0;

	while (i < b->count && helper_opened_get(&c, &opened)) {
		on_opened(b->spool, &b->items[i], &opened, frame, b->bounce_fd);
		item_done(b->spool, &b->items[i]);
		i++;
	}
	if (i == b->count && cursor_finished(&c))
		return;
	/* The rest got no answer. */
	b->count -= i;
	memmove(b->items, b->items + i, b->count * sizeof(b->items[0]));
	fail_batch(b, "bad_frame", SLICE("The helper's answer does not fit the question."));
}

static bool on_batch(void *context, struct frame *frame)
{
	struct batch *b = context;
	struct spool *s = b->spool;
	struct helper_refused refused;

	if (frame == NULL)
		fail_batch(b, "helper_gone", SLICE("The helper process ended."));
	else if (frame->type == HELPER_OPENED)
		read_batch(b, frame);
	else if (frame->type == HELPER_REFUSED && helper_refused_decode(frame, &refused)) {
		char code[ERROR_CODE_MAX];

		snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
		fail_batch(b, code, refused.text);
	} else
		fail_batch(b, "bad_frame", SLICE("The helper's answer does not fit the question."));
	free_batch(b);
	pump(s);
	return true;
}

static bool has_bounce_log(struct spool *s, const struct item *item)
{
	return seen_find(s->bounced, slice_of(item->id)) != NULL;
}

/* Items that one question can hold: of one queue; one that has a bounce log stands alone. */
static size_t take(struct spool *s, struct work *w, struct item *items)
{
	size_t count = 0;
	bool alone = false;

	while (w->first < w->end && count < HELPER_OPEN_PAIRS_MAX && !alone) {
		const struct item *item = &w->items[w->first];

		alone = has_bounce_log(s, item);
		if (count > 0 && (alone || item->queue != items[0].queue))
			break;
		items[count++] = *item;
		w->first++;
	}
	if (w->first == w->end)
		w->first = w->end = 0;
	return count;
}

static void open_batch(struct batch *b, enum helper_open_kind kind, helper_client_fn fn)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct spool *s = b->spool;
	struct slice ids[HELPER_OPEN_PAIRS_MAX];
	struct helper_open open = {
	    .kind = kind, .queue = b->items[0].queue, .ids = {ids, b->count}};
	uint32_t request = helper_client_next(s->client);

	for (size_t i = 0; i < b->count; i++)
		ids[i] = slice_of(b->items[i].id);
	helper_open_encode(&frame, request, &open);
	if (helper_client_ask(s->client, request, &frame, fn, b))
		return;
	fail_batch(b, "helper_gone", SLICE("The helper process is not there."));
	free_batch(b);
}

/* The bounce log, or that there is none any more; then the message itself. */
static bool on_bounce_log(void *context, struct frame *frame)
{
	struct batch *b = context;
	struct spool *s = b->spool;
	struct helper_opened opened;

	if (frame == NULL) {
		fail_batch(b, "helper_gone", SLICE("The helper process ended."));
		free_batch(b);
		pump(s);
		return true;
	}
	if (frame->type == HELPER_OPENED) {
		struct cursor c = frame_cursor(frame);

		if (helper_opened_get(&c, &opened) && opened.error == 0)
			b->bounce_fd = frame_take_fd(frame, opened.fd);
	}
	open_batch(b, HELPER_OPEN_MESSAGE_DEFER, on_batch);
	/* Where that failed at once a look may be over. */
	pump(s);
	return true;
}

static void ask(struct spool *s, struct work *w)
{
	struct batch *b = memory_zero(1, sizeof(*b));

	b->spool = s;
	b->bounce_fd = -1;
	b->count = take(s, w, b->items);
	b->next = s->batches;
	s->batches = b;
	s->batch_count++;
	if (has_bounce_log(s, &b->items[0]))
		open_batch(b, HELPER_OPEN_BOUNCE, on_bounce_log);
	else
		open_batch(b, HELPER_OPEN_MESSAGE_DEFER, on_batch);
}

static void pump(struct spool *s)
{
	const struct source_sink *sink = &s->source.sink;

	while (s->batch_count < BATCHES_MAX && s->read_work.first < s->read_work.end)
		ask(s, &s->read_work);
	while (s->batch_count < BATCHES_MAX && s->scan_work.first < s->scan_work.end &&
	       !sink->congested(sink->context))
		ask(s, &s->scan_work);
	check_done(s);
}

/* --- Names and times --- */

static void on_record(struct spool *s, const struct helper_record *record)
{
	struct queue_file_stat stat = {record->name, (enum queue)record->queue, record->mode,
	    record->inode, record->size, record->mtime_ns};
	struct seen_entry *e;

	if (record->queue == HELPER_QUEUE_CORRUPT) {
		s->outcome.corrupt++;
		return;
	}
	if (!queue_id_valid(record->name))
		return;
	if (record->queue == HELPER_QUEUE_BOUNCE) {
		e = seen_add(s->bounced, record->name);
		e->stamp = s->stamp;
		e->signature =
		    seen_mix(seen_mix(record->inode, record->size), (uint64_t)record->mtime_ns);
		return;
	}
	if (record->queue > HELPER_QUEUE_HOLD)
		return;
	e = seen_find(s->seen, record->name);
	if (e != NULL)
		e->stamp = s->stamp;
	if (!queue_file_ready(record->mode))
		return;
	if (e != NULL && e->signature == message_file_signature(&stat))
		return;
	s->found++;
	work_push(&s->scan_work, record->name, record->queue, PURPOSE_SCAN, 0);
}

/* Messages whose bounce log has not been read as it is now; logs that are gone are forgotten. */
static void look_at_bounce_logs(struct spool *s)
{
	size_t i = 0;

	while (i < seen_count(s->bounced)) {
		struct seen_entry *log = seen_at(s->bounced, i);
		const struct seen_entry *e = seen_find(s->seen, seen_id(log));

		if (log->stamp != s->stamp) {
			seen_remove(s->bounced, log);
			continue;
		}
		if (e != NULL && log->listed != (uint32_t)log->signature)
			work_push(&s->scan_work, seen_id(log), e->queue, PURPOSE_BOUNCED, 0);
		i++;
	}
}

static void on_list_end(struct spool *s, const struct helper_list_end *end)
{
	if (end->error != 0) {
		char text[256];

		snprintf(text, sizeof(text), "The queue directory cannot be read (%.*s: %s).",
		    SLICE_ARGS(slice_first(end->text, 128)), strerror((int)end->error));
		scan_failed(s, "io_error", slice_of(text));
		return;
	}
	s->listed = true;
	s->outcome.complete = true;
	look_at_bounce_logs(s);
	for (size_t i = 0; i < seen_count(s->seen); i++) {
		const struct seen_entry *e = seen_at(s->seen, i);

		if (e->stamp != s->stamp)
			work_push(&s->scan_work, seen_id(e), e->queue, PURPOSE_MISSING, 0);
	}
}

/* Always false for more to come; true ends the question. */
static bool on_list(void *context, struct frame *frame)
{
	struct spool *s = context;
	struct helper_list_end end;
	struct helper_refused refused;
	struct helper_record record;
	char code[ERROR_CODE_MAX] = "bad_frame";

	if (frame != NULL && frame->type == HELPER_LIST_BATCH) {
		struct cursor c = frame_cursor(frame);

		while (helper_record_get(&c, &record))
			on_record(s, &record);
		pump(s);
		return false;
	}
	if (frame == NULL)
		scan_failed(s, "helper_gone", SLICE("The helper process ended."));
	else if (frame->type == HELPER_LIST_END && helper_list_end_decode(frame, &end))
		on_list_end(s, &end);
	else if (frame->type == HELPER_REFUSED && helper_refused_decode(frame, &refused)) {
		snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
		scan_failed(s, code, refused.text);
	} else
		scan_failed(s, code, SLICE("The helper's answer does not fit the question."));
	pump(s);
	return true;
}

static void spool_scan(struct source *source, bool forget)
{
	struct spool *s = (struct spool *)source;
	BUFFER_AUTO struct buffer frame = {0};
	uint32_t request = helper_client_next(s->client);
	struct helper_list list = {0};

	for (unsigned q = HELPER_QUEUE_MAILDROP; q <= HELPER_QUEUE_CORRUPT; q++)
		list.queues |= HELPER_QUEUE_BIT(q);
	list.queues |= HELPER_QUEUE_BIT(HELPER_QUEUE_BOUNCE);
	if (forget) {
		seen_clear(s->seen);
		seen_clear(s->bounced);
	}
	s->scanning = true;
	s->listed = s->failed = s->warned = false;
	s->stamp++;
	s->found = s->done = 0;
	s->outcome = (struct source_outcome){0};
	helper_list_encode(&frame, request, &list);
	if (!helper_client_ask(s->client, request, &frame, on_list, s)) {
		scan_failed(s, "helper_gone", SLICE("The helper process is not there."));
		pump(s);
	}
}

static void spool_read(
    struct source *source, uint32_t request, const struct slice *ids, size_t count)
{
	struct spool *s = (struct spool *)source;
	struct read_state *r = memory_zero(1, sizeof(*r));

	*r = (struct read_state){.next = s->reads, .request = request, .left = 0};
	s->reads = r;
	for (size_t i = 0; i < count; i++) {
		const struct seen_entry *e;

		if (!queue_id_valid(ids[i])) {
			source->sink.absent(source->sink.context, request, ids[i]);
			continue;
		}
		e = seen_find(s->seen, ids[i]);
		work_push(&s->read_work, ids[i], e != NULL ? e->queue : (uint8_t)QUEUE_DEFERRED,
		    PURPOSE_READ, request);
		r->left++;
	}
	if (r->left == 0)
		end_read(s, r);
	pump(s);
}

/* --- Hints --- */

static void on_hint_found(void *context, const struct helper_record *record, uint32_t tag)
{
	struct spool *s = context;
	struct queue_file_stat stat = {record->name, (enum queue)record->queue, record->mode,
	    record->inode, record->size, record->mtime_ns};
	struct seen_entry *e = seen_find(s->seen, record->name);

	(void)tag;
	if (!queue_file_ready(record->mode) || record->queue > HELPER_QUEUE_HOLD ||
	    (e != NULL && e->signature == message_file_signature(&stat)))
		return;
	work_push(&s->scan_work, record->name, record->queue, PURPOSE_HINT, 0);
}

static void on_hint_absent(void *context, struct slice id, uint32_t tag)
{
	struct spool *s = context;
	const struct source_sink *sink = &s->source.sink;
	struct seen_entry *e = seen_find(s->seen, id);

	(void)tag;
	if (e == NULL)
		return;
	sink->removed(sink->context, id, e->queue);
	seen_remove(s->seen, e);
}

static void on_hint_failed(void *context, struct slice id, uint32_t tag, const struct error *err)
{
	struct spool *s = context;

	(void)id;
	(void)tag;
	(void)err;
	s->source.sink.unsure(s->source.sink.context);
}

static void on_hints_answered(void *context)
{
	pump(context);
}

static bool on_hints_congested(void *context)
{
	struct spool *s = context;

	return s->source.sink.congested(s->source.sink.context);
}

static void spool_hint(struct source *source, const struct source_hint *hints, size_t count)
{
	struct spool *s = (struct spool *)source;

	for (size_t i = 0; i < count; i++) {
		if (hints[i].queue == HELPER_QUEUE_BOUNCE) {
			const struct seen_entry *e = seen_find(s->seen, hints[i].id);

			(void)seen_add(s->bounced, hints[i].id);
			if (e != NULL)
				work_push(&s->scan_work, hints[i].id, e->queue, PURPOSE_BOUNCED, 0);
		} else
			looks_push(s->looks, hints[i].id, hints[i].queue, 0);
	}
	looks_go_on(s->looks);
	pump(s);
}

static void spool_resume(struct source *source)
{
	looks_go_on(((struct spool *)source)->looks);
	pump((struct spool *)source);
}

static void spool_destroy(struct source *source)
{
	struct spool *s = (struct spool *)source;

	helper_client_forget(s->client, s);
	looks_destroy(&s->looks);
	while (s->batches != NULL) {
		helper_client_forget(s->client, s->batches);
		free_batch(s->batches);
	}
	while (s->reads != NULL) {
		s->reads->failed = true;
		error_set(
		    &s->reads->error, "source_changed", "The source of the queue has changed.");
		end_read(s, s->reads);
	}
	work_clear(&s->scan_work);
	work_clear(&s->read_work);
	message_file_free(&s->file);
	seen_destroy(&s->seen);
	seen_destroy(&s->bounced);
	free(s);
}

static const struct source_ops SPOOL_OPS = {
    READER_PROTO_SOURCE_SPOOL, spool_scan, spool_read, spool_hint, spool_resume, spool_destroy};

struct source *source_spool_create(struct helper_client *client, const struct source_sink *sink)
{
	struct spool *s = memory_zero(1, sizeof(*s));

	s->source = (struct source){&SPOOL_OPS, *sink};
	s->client = client;
	s->seen = seen_create();
	s->bounced = seen_create();
	s->looks = looks_create(client, &(struct looks_sink){s, on_hint_found, on_hint_absent,
					    on_hint_failed, on_hints_answered, on_hints_congested});
	return &s->source;
}
