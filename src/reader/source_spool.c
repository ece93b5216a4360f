/* The source that reads queue files. A scan lists all directories through the helper and tells the
 * server what it sees (sightings); the server says which messages it wants read. Single IDs are
 * looked at when an event or the server names them. All of it is work in queues that pump() keeps
 * going. */
#include "reader/source_spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "reader/id_lookup.h"
#include "reader/id_table.h"
#include "reader/spool_open.h"
#include "reader/spool_sightings.h"
#include "reader/spool_work.h"
#include "wire/helper_proto.h"

#define PROGRESS_STEP 5000
/* LOOKs under way: those of a scan, and one about differences. */
#define LOOKS_MAX (READER_PROTO_LOOKS_AHEAD + 2)

/* Why an ID is looked at: the low byte of id_lookup.h's tag. Above it is the scan that waits for
 * it. */
enum look_tag {
	LOOK_HINT,  /* an event named it */
	LOOK_AGAIN, /* see struct spool */
	LOOK_ASKED, /* the server asks: this plus its place in `asked` */
};
#define LOOK_TAG(why, scan) ((uint32_t)(why) | (uint32_t)(scan) << 8)

struct read_state {
	struct read_state *next;
	uint32_t request;
	size_t left;
	bool failed;
	struct error error;
};

/* A LOOK of the server, until its LOOK_END was sent. */
struct asked {
	bool used;
	uint32_t request;
	size_t left;
};

struct spool {
	struct source source;
	struct exchange *client;
	struct spool_sightings *sight;
	struct spool_open *open;
	struct id_lookups *lookups;
	struct asked asked[LOOKS_MAX];
	/* Questions of people and jobs, which go first. */
	struct spool_work reading;
	struct spool_work hinted; /* wanted, outside of a scan: news do not wait for its rest */
	struct spool_work wanted;
	struct read_state *reads;
	uint8_t read_queue; /* where the last one was: a job's messages are in one queue */
	/* Bounce logs: permanent failures that the sender was not told yet. There are few.
	 * `signature` is that of the log, `listed` that of the log that was read. */
	struct id_table *bounced;

	/* The scan under way. */
	bool scanning;
	bool all;      /* everything is wanted */
	uint8_t scan;  /* its number, of the items that it waits for */
	bool listed;   /* everything that there is was seen */
	bool told;     /* the server was told so, */
	bool proven;   /* and has asked for all that it misses */
	uint64_t left; /* items that the scan waits for */
	bool warned;   /* about a file that cannot be read: one example a scan */
	uint64_t found, done;
	struct source_outcome outcome;
	/* Looked at for another reason while the listing ran: what the listing says of these may be
	 * older than what is known, so they are looked at once more. */
	struct spool_work again;
};

static void pump(struct spool *s);

/* --- The scan's items --- */

static void expect(struct spool *s, struct spool_item *item)
{
	item->scan = s->scan;
	s->left++;
}

/* There is no more to do for that item. */
static void settle(struct spool *s, const struct spool_item *item)
{
	const struct source_sink *sink = &s->source.sink;

	/* Of a scan that was broken off, or of no scan: nobody counts it. */
	if (!s->scanning || item->scan != s->scan)
		return;
	s->left--;
	if (++s->done % PROGRESS_STEP == 0 && s->done <= s->found)
		sink->progress(sink->context, s->done, s->listed ? s->found : READER_PROTO_UNKNOWN);
}

static void end_scan(struct spool *s)
{
	const struct source_sink *sink = &s->source.sink;

	s->scanning = false;
	s->outcome.seen = s->found;
	spool_work_clear(&s->again);
	sink->scan_done(sink->context, &s->outcome);
}

static void scan_failed(struct spool *s, const char *code, struct slice text)
{
	if (!s->scanning)
		return;
	s->outcome.complete = false;
	error_set(&s->outcome.error, code, "%.*s", SLICE_ARGS(text));
	/* What the failed scan wanted, the next one finds again. */
	spool_work_clear(&s->wanted);
	spool_sightings_forget(s->sight);
	end_scan(s);
}

/* --- What was opened --- */

static struct read_state *read_of(struct spool *s, const struct spool_item *item)
{
	struct read_state *r = item->purpose == SPOOL_READ ? s->reads : NULL;

	while (r != NULL && r->request != item->request)
		r = r->next;
	return r;
}

static uint32_t request_of(const struct spool_item *item)
{
	return item->purpose == SPOOL_READ ? item->request : 0;
}

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

static void on_read(
    struct spool *s, const struct spool_item *item, const struct spool_result *result)
{
	const struct source_sink *sink = &s->source.sink;
	struct id_entry *bounced = id_table_find(s->bounced, slice_of(item->id));

	if (bounced != NULL)
		/* Read as the log is now; a later change makes the two differ again. */
		bounced->listed = (uint32_t)bounced->signature;
	/* A job's messages mostly lie in one queue, so this is where the next ones are looked for
	 * first. */
	if (item->purpose == SPOOL_READ)
		s->read_queue = (uint8_t)result->queue;
	if (item->scan == s->scan)
		s->outcome.read++;
	message_encode(sink->message(sink->context, request_of(item)), &result->file->message);
	if (!sink->end(sink->context, true))
		sink->warning(sink->context, "message_too_large", slice_of(item->id),
		    "A message has more text than can be shown.");
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
static void on_unreadable(struct spool *s, const struct spool_item *item, uint32_t number)
{
	const struct source_sink *sink = &s->source.sink;
	struct read_state *r = read_of(s, item);
	char text[256];

	snprintf(text, sizeof(text), "The queue file %s cannot be read: %s.", item->id,
	    unreadable_why(number));
	if (r != NULL && is_shortage(number)) {
		r->failed = true;
		error_set(&r->error, "unreadable", "%s", text);
	} else if (is_shortage(number))
		sink->unsure(sink->context);
	if (!s->warned)
		sink->warning(sink->context, "unreadable", slice_of(item->id), text);
	s->warned = true;
}

/* The helper did not answer. A READ fails as a whole, a scan too; a hint leaves it unsure whether
 * all is known. */
static void on_failed(struct spool *s, const struct spool_item *item, const struct error *why)
{
	const struct source_sink *sink = &s->source.sink;
	struct read_state *r = read_of(s, item);

	if (r != NULL) {
		r->failed = true;
		r->error = *why;
	} else if (s->scanning && item->scan == s->scan)
		scan_failed(s, why->code, slice_of(why->text));
	else if (item->purpose != SPOOL_READ)
		sink->unsure(sink->context);
}

static void on_opened(
    void *context, const struct spool_item *item, const struct spool_result *result)
{
	struct spool *s = context;
	const struct source_sink *sink = &s->source.sink;
	struct read_state *r;

	switch (result->found) {
	case SPOOL_FOUND:
		on_read(s, item, result);
		break;
	case SPOOL_NOT_READY:
		/* No message of the queue now, and its next change is news again. A list of names
		 * did not tell. */
		if (s->all && s->scanning && item->scan == s->scan)
			s->found--;
		if (item->purpose == SPOOL_READ)
			sink->absent(sink->context, item->request, slice_of(item->id));
		break;
	case SPOOL_ABSENT:
		sink->absent(sink->context, request_of(item), slice_of(item->id));
		break;
	case SPOOL_UNREADABLE:
		on_unreadable(s, item, result->error);
		break;
	case SPOOL_FAILED:
		on_failed(s, item, result->why);
		break;
	}
	/* After the message was sent, so that the end of a scan is behind all that belongs to it.
	 */
	settle(s, item);
	r = read_of(s, item);
	if (r != NULL && --r->left == 0)
		end_read(s, r);
}

static void on_room(void *context)
{
	pump(context);
}

static bool has_bounce_log(void *context, const struct spool_item *item)
{
	struct spool *s = context;

	return id_table_find(s->bounced, slice_of(item->id)) != NULL;
}

/* --- Sightings --- */

static void on_answered(void *context, const struct spool_item *item, bool wanted)
{
	struct spool *s = context;

	/* A scan of a million messages must not hold up the news about one. */
	struct spool_work *work = item->scan == 0 ? &s->hinted : &s->wanted;

	if (wanted)
		*spool_work_push(work, slice_of(item->id), item->queue) = *item;
	else
		settle(s, item);
}

static void spool_wanted(struct source *source, const struct frame *frame)
{
	struct spool *s = (struct spool *)source;

	if (spool_sightings_wanted(s->sight, frame))
		pump(s);
}

/* A file as its directory entry shows it; what it says of the item is put in. */
static void sight(struct spool *s, struct spool_item *item, const struct helper_record *record)
{
	struct queue_file_stat stat = {.mode = record->mode,
	    .inode = record->inode,
	    .size = record->size,
	    .mtime_ns = record->mtime_ns};
	struct spool_sighting seen = {.signature = message_file_signature(&stat),
	    .log_stamp = record->log_stamp,
	    .mtime = record->mtime_ns / 1000000000};

	item->queue = record->queue;
	item->inode = record->inode;
	spool_sightings_add(s->sight, item, &seen);
}

/* --- Looks at single IDs --- */

/* The item of one that was looked at. */
static struct spool_item looked_item(struct spool *s, struct slice id, uint32_t tag)
{
	struct spool_item item = {.purpose = SPOOL_WANTED, .scan = (uint8_t)(tag >> 8)};
	uint8_t why = (uint8_t)tag;

	memcpy(item.id, id.data, id.len);
	/* Counted before it is told, so that the end of the LOOK comes with its last answer. */
	if (why >= LOOK_ASKED)
		s->asked[why - LOOK_ASKED].left--;
	return item;
}

static void on_look_found(void *context, const struct helper_record *record, uint32_t tag)
{
	struct spool *s = context;
	struct spool_item item = looked_item(s, record->name, tag);

	if (record->queue <= QUEUE_HOLD && queue_file_ready(record->mode))
		sight(s, &item, record);
	else
		settle(s, &item);
}

static void on_look_absent(void *context, struct slice id, uint32_t tag)
{
	struct spool *s = context;
	struct spool_item item = looked_item(s, id, tag);

	s->source.sink.absent(s->source.sink.context, 0, id);
	settle(s, &item);
}

static void on_look_failed(void *context, struct slice id, uint32_t tag, const struct error *err)
{
	struct spool *s = context;
	struct spool_item item = looked_item(s, id, tag);
	bool unreadable = strcmp(err->code, "unreadable") == 0;

	/* One file that cannot be looked at is none that is gone; a helper that is, is. */
	if (s->scanning && item.scan == s->scan && !unreadable)
		scan_failed(s, err->code, slice_of(err->text));
	else if (item.scan == 0)
		s->source.sink.unsure(s->source.sink.context);
	settle(s, &item);
}

static void on_look_answered(void *context)
{
	pump(context);
}

static void spool_look(
    struct source *source, uint32_t request, const struct reader_proto_place *places, size_t count)
{
	struct spool *s = (struct spool *)source;
	uint8_t scan = s->scanning ? s->scan : 0;
	struct asked *asked = NULL;

	for (size_t i = 0; i < LOOKS_MAX && asked == NULL; i++)
		if (!s->asked[i].used)
			asked = &s->asked[i];
	/* More than the server may ask at once; it is answered so that nobody waits. */
	if (asked == NULL) {
		source->sink.looked(source->sink.context, request);
		return;
	}
	*asked = (struct asked){true, request, 0};
	for (size_t i = 0; i < count; i++) {
		if (!queue_id_valid(places[i].id))
			continue;
		id_lookup_push(s->lookups, places[i].id, places[i].queue,
		    LOOK_TAG(LOOK_ASKED + (asked - s->asked), scan));
		asked->left++;
		/* Mostly it is about what this scan did not show, so the scan waits for it.
		 */
		s->left += scan != 0;
	}
	id_lookup_go_on(s->lookups);
	pump(s);
}

/* The LOOK_END frames of what was looked at, behind what was seen. */
static void end_looks(struct spool *s)
{
	const struct source_sink *sink = &s->source.sink;

	if (!spool_sightings_all_sent(s->sight))
		return;
	for (size_t i = 0; i < LOOKS_MAX; i++) {
		if (!s->asked[i].used || s->asked[i].left > 0)
			continue;
		s->asked[i].used = false;
		sink->looked(sink->context, s->asked[i].request);
	}
}

/* Whatever it was, it is another one now. */
static void hint_bounce_log(struct spool *s, struct slice id)
{
	struct id_entry *log = id_table_add(s->bounced, id);

	/* Any other number will do: it must differ from that of the log as it was read. */
	log->listed++;
	log->stamp = s->scan;
	spool_work_push(&s->hinted, id, QUEUE_ACTIVE)->purpose = SPOOL_BOUNCED;
}

static void spool_hint(struct source *source, const struct source_hint *hints, size_t count)
{
	struct spool *s = (struct spool *)source;

	for (size_t i = 0; i < count; i++) {
		if (hints[i].queue == QUEUE_BOUNCE_LOGS)
			hint_bounce_log(s, hints[i].id);
		else
			id_lookup_push(
			    s->lookups, hints[i].id, hints[i].queue, LOOK_TAG(LOOK_HINT, 0));
		if (s->scanning && !s->listed && hints[i].queue != QUEUE_BOUNCE_LOGS)
			spool_work_push(&s->again, hints[i].id, hints[i].queue);
	}
	id_lookup_go_on(s->lookups);
	pump(s);
}

/* --- The listing --- */

static void on_record(struct spool *s, const struct helper_record *record)
{
	struct spool_item item = {.queue = record->queue};
	struct id_entry *e;

	if (record->queue == QUEUE_CORRUPT)
		s->outcome.corrupt++;
	if (!queue_id_valid(record->name))
		return;
	if (record->queue == QUEUE_BOUNCE_LOGS) {
		e = id_table_add(s->bounced, record->name);
		e->stamp = s->scan;
		e->signature =
		    hash_mix(hash_mix(record->inode, record->size), (uint64_t)record->mtime_ns);
		return;
	}
	/* What is still being written is no message yet; its last chmod is an event of its own. */
	if (record->queue > QUEUE_HOLD || !queue_file_ready(record->mode))
		return;
	memcpy(item.id, record->name.data, record->name.len);
	expect(s, &item);
	s->found++;
	item.inode = record->inode;
	if (s->all)
		*spool_work_push(&s->wanted, record->name, item.queue) = item;
	else
		sight(s, &item, record);
}

/* Messages whose bounce log has not been read as it is now; logs that are gone are forgotten. */
static void look_at_bounce_logs(struct spool *s)
{
	size_t i = 0;

	while (i < id_table_count(s->bounced)) {
		struct id_entry *log = id_table_at(s->bounced, i);
		struct spool_item *item;

		/* The scan has just seen all bounce logs: this one is gone. */
		if (log->stamp != s->scan) {
			id_table_remove(s->bounced, log);
			continue;
		}
		if (log->listed != (uint32_t)log->signature) {
			item = spool_work_push(&s->wanted, id_entry_id(log), QUEUE_ACTIVE);
			item->purpose = SPOOL_BOUNCED;
			expect(s, item);
		}
		i++;
	}
}

static void scan_again(struct spool *s)
{
	const struct spool_item *item;

	while ((item = spool_work_first(&s->again)) != NULL) {
		id_lookup_push(
		    s->lookups, slice_of(item->id), item->queue, LOOK_TAG(LOOK_AGAIN, s->scan));
		s->left++;
		spool_work_drop_first(&s->again);
	}
	id_lookup_go_on(s->lookups);
}

static void on_list_end(struct spool *s, const struct helper_list_end *end)
{
	char text[256];

	if (end->error != 0) {
		snprintf(text, sizeof(text), "The queue directory cannot be read (%.*s: %s).",
		    SLICE_ARGS(slice_first(end->text, 128)), strerror((int)end->error));
		scan_failed(s, "io_error", slice_of(text));
		return;
	}
	s->listed = true;
	look_at_bounce_logs(s);
	scan_again(s);
}

/* Always false for more to come; true ends the question. */
static bool on_list(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct spool *s = context;
	struct helper_list_end end;
	struct helper_refused refused;
	struct helper_record record;
	char code[ERROR_CODE_MAX] = "bad_frame";
	bool more = frame != NULL && frame->type == HELPER_LIST_BATCH;

	if (more) {
		struct cursor c = frame_cursor(frame);

		/* A batch of a scan that has failed meanwhile is passed over. */
		while (s->scanning && helper_record_get(&c, &record))
			on_record(s, &record);
	} else if (frame == NULL)
		scan_failed(s, "helper_gone", SLICE("The helper process is not there."));
	else if (frame->type == HELPER_LIST_END && helper_list_end_decode(frame, &end))
		on_list_end(s, &end);
	else if (frame->type == HELPER_REFUSED && helper_refused_decode(frame, &refused)) {
		snprintf(code, sizeof(code), "%.*s", SLICE_ARGS(refused.code));
		scan_failed(s, code, refused.text);
	} else
		scan_failed(s, code, SLICE("The helper's answer does not fit the question."));
	pump(s);
	return !more;
}

/* --- What goes on --- */

/* A scan is over when all that it found was read, and what it did not find was looked for. */
static void check_scan(struct spool *s)
{
	const struct source_sink *sink = &s->source.sink;

	if (!s->scanning || !s->listed)
		return;
	/* Only now can the server know what was not shown, and have that looked for. */
	if (!s->told && spool_sightings_all_sent(s->sight)) {
		s->told = true;
		sink->listed(sink->context, s->done, s->found);
	}
	if (s->proven && s->left == 0) {
		s->outcome.complete = true;
		end_scan(s);
	}
}

static void pump(struct spool *s)
{
	const struct source_sink *sink = &s->source.sink;

	/* Not held up by a congested server: it is the server that waits for these. */
	while (spool_open_has_room(s->open) && spool_work_count(&s->reading) > 0)
		spool_open_batch(s->open, &s->reading, has_bounce_log);
	while (spool_open_has_room(s->open) && !sink->congested(sink->context)) {
		struct spool_work *next =
		    spool_work_count(&s->hinted) > 0 ? &s->hinted : &s->wanted;

		if (spool_work_count(next) == 0)
			break;
		/* By inode, which is mostly the order on the disk. */
		spool_work_sort(next);
		spool_open_batch(s->open, next, has_bounce_log);
	}
	spool_sightings_pump(s->sight);
	end_looks(s);
	check_scan(s);
}

static void spool_scan(struct source *source, bool forget, bool all)
{
	struct spool *s = (struct spool *)source;
	BUFFER_AUTO struct buffer frame = {0};
	struct helper_list list = {0};

	for (unsigned q = QUEUE_MAILDROP; q <= QUEUE_CORRUPT; q++)
		list.queues |= HELPER_QUEUE_BIT(q);
	list.queues |= HELPER_QUEUE_BIT(QUEUE_BOUNCE_LOGS);
	/* What a listing that was broken off still says is nothing for this one. */
	exchange_forget(s->client, s);
	if (forget)
		id_table_clear(s->bounced);
	/* 0 stands for no scan. */
	if (++s->scan == 0)
		s->scan = 1;
	s->scanning = true;
	s->listed = s->told = s->proven = s->warned = false;
	s->left = s->found = s->done = 0;
	s->outcome = (struct source_outcome){0};
	list.names = s->all = all;
	helper_list_encode(&frame, 0, &list);
	exchange_ask(s->client, &frame, EXCHANGE_NO_DEADLINE, on_list, s);
}

static void spool_proven(struct source *source)
{
	struct spool *s = (struct spool *)source;

	/* A word about a former scan, from before it was broken off, does not count. */
	s->proven = s->told;
	pump(s);
}

static void spool_read(
    struct source *source, uint32_t request, const struct slice *ids, size_t count)
{
	struct spool *s = (struct spool *)source;
	struct read_state *r = memory_zero(1, sizeof(*r));

	*r = (struct read_state){.next = s->reads, .request = request, .left = 0};
	s->reads = r;
	for (size_t i = 0; i < count; i++) {
		struct spool_item *item;

		if (!queue_id_valid(ids[i])) {
			source->sink.absent(source->sink.context, request, ids[i]);
			continue;
		}
		item = spool_work_push(&s->reading, ids[i], s->read_queue);
		item->purpose = SPOOL_READ;
		item->request = request;
		r->left++;
		if (s->scanning && !s->listed)
			spool_work_push(&s->again, ids[i], s->read_queue);
	}
	/* Nothing valid was asked for, and it is answered all the same. */
	if (r->left == 0)
		end_read(s, r);
	pump(s);
}

static void spool_resume(struct source *source)
{
	id_lookup_go_on(((struct spool *)source)->lookups);
	pump((struct spool *)source);
}

static void spool_destroy(struct source *source)
{
	struct spool *s = (struct spool *)source;

	exchange_forget(s->client, s);
	spool_open_destroy(&s->open);
	id_lookup_destroy(&s->lookups);
	spool_sightings_destroy(&s->sight);
	while (s->reads != NULL) {
		s->reads->failed = true;
		error_set(
		    &s->reads->error, "source_changed", "The source of the queue has changed.");
		end_read(s, s->reads);
	}
	spool_work_clear(&s->wanted);
	spool_work_clear(&s->hinted);
	spool_work_clear(&s->reading);
	spool_work_clear(&s->again);
	id_table_destroy(&s->bounced);
	free(s);
}

static void spool_send(void *context, const struct buffer *frame)
{
	struct spool *s = context;

	s->source.sink.sightings(s->source.sink.context, frame);
}

static bool spool_congested(void *context)
{
	struct spool *s = context;

	return s->source.sink.congested(s->source.sink.context);
}

static size_t spool_waiting(const struct source *source)
{
	return id_lookup_pending(((const struct spool *)source)->lookups);
}

static bool spool_settled(const struct source *source)
{
	const struct spool *s = (const struct spool *)source;

	return !s->scanning && id_lookup_pending(s->lookups) == 0 &&
	       spool_sightings_pending(s->sight) == 0 && spool_work_count(&s->hinted) == 0 &&
	       spool_open_pending(s->open) == 0;
}

static const struct source_ops SPOOL_OPS = {
    .kind = READER_PROTO_SOURCE_SPOOL,
    .scan = spool_scan,
    .read = spool_read,
    .resume = spool_resume,
    .destroy = spool_destroy,
    .wanted = spool_wanted,
    .look = spool_look,
    .proven = spool_proven,
    .hint = spool_hint,
    .waiting = spool_waiting,
    .settled = spool_settled,
};

struct source *source_spool_create(
    struct exchange *client, const struct source_sink *sink, bool maildrop_by_record)
{
	struct spool *s = memory_zero(1, sizeof(*s));

	s->source = (struct source){&SPOOL_OPS, *sink};
	s->client = client;
	s->read_queue = QUEUE_DEFERRED;
	s->bounced = id_table_create();
	s->open = spool_open_create(
	    client, &(struct spool_open_client){s, on_opened, on_room, maildrop_by_record});
	s->lookups =
	    id_lookup_create(client, &(struct id_lookup_sink){s, on_look_found, on_look_absent,
					 on_look_failed, on_look_answered, spool_congested});
	s->sight = spool_sightings_create(
	    &(struct spool_sightings_client){s, spool_send, spool_congested, on_answered});
	return &s->source;
}
