/* Finds one life of a queue ID in the index, block by block from the newest to the oldest. A step
 * looks through one block, so that news and other questions come in between. Other IDs of the same
 * message are looked for afterwards, one after the other. At the end all lines are put into the
 * order of time. */
#include "logreader/log_lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "logreader/log_event.h"

/* Memory of one answer: enough for LOG_PROTO_EVENTS_MAX events of the longest lines that Postfix
 * writes. */
#define BYTES_MAX ((size_t)48 << 20)
#define SECOND_US INT64_C(1000000)
/* Clocks of classic log lines have whole seconds, and an arrival is stamped before its line. */
#define SLACK_US (2 * SECOND_US)

/* Of a message that pickup cannot feed in, so many of its newest tries are followed. */
#define FED_MAX 4

/* One line that names the ID. */
struct found {
	int64_t time_us;
	uint64_t source, block, offset; /* its place; source counts from the oldest one */
	size_t from, len;		/* in `bytes` */
	enum log_event event;
	bool own; /* the line's own ID, not one that it mentions */
	char other[LOG_PROTO_ID_MAX + 1];
};

/* An ID to look for, and when the wanted life of it was. */
struct wanted {
	char id[LOG_PROTO_ID_MAX + 1];
	int64_t alive_us;
};

struct found_list {
	struct found *items;
	size_t count, capacity;
};

struct log_lookup {
	int64_t since_us;
	size_t limit;
	struct wanted ids[LOG_LOOKUP_IDS_MAX];
	size_t id_count, id_at;
	bool truncated, unbounded; /* unbounded: the beginning of some life was not found */
	struct error error;
	struct buffer bytes;
	struct found_list done; /* of the IDs that are finished */
	struct found_list life; /* of the ID in hand, newest first */
	/* When another process told of the birth of the life in hand, or of a later one under the
	 * same ID; 0: none did. */
	int64_t born_us, later_us;
	/* Where the search for the ID in hand stands: the next block to look at, downwards. */
	bool started;
	uint64_t serial;
	size_t block; /* number + 1; 0: the source is done */
};

struct log_lookup *log_lookup_create(const struct log_proto_lookup *question)
{
	struct log_lookup *l = memory_zero(1, sizeof(*l));

	l->since_us = question->since_us;
	l->limit = question->limit > 0 && question->limit < LOG_PROTO_EVENTS_MAX
		       ? question->limit
		       : LOG_PROTO_EVENTS_MAX;
	memcpy(l->ids[0].id, question->id.data, question->id.len);
	l->ids[0].alive_us = question->alive_us > 0 ? question->alive_us : INT64_MAX - SLACK_US;
	l->id_count = 1;
	return l;
}

void log_lookup_destroy(struct log_lookup **pointer)
{
	struct log_lookup *l = *pointer;

	if (l == NULL)
		return;
	buffer_free(&l->bytes);
	free(l->done.items);
	free(l->life.items);
	free(l);
	*pointer = NULL;
}

static void push(struct found_list *list, const struct found *found)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity > 0 ? list->capacity * 2 : 64;
		list->items = memory_resize(list->items, list->capacity, sizeof(*list->items));
	}
	list->items[list->count++] = *found;
}

/* Another ID of the same message, unless it is known. */
static void want(struct log_lookup *l, const char *id, int64_t alive_us)
{
	for (size_t i = 0; i < l->id_count; i++)
		if (strcmp(l->ids[i].id, id) == 0)
			return;
	if (l->id_count == LOG_LOOKUP_IDS_MAX) {
		l->truncated = true;
		return;
	}
	memcpy(l->ids[l->id_count].id, id, sizeof(l->ids[0].id));
	l->ids[l->id_count++].alive_us = alive_us;
}

/* ---- one block ---- */

struct reading {
	struct log_lookup *lookup;
	struct log_source *source;
	struct log_clock clock;
	struct slice id;
	struct found place; /* source and block */
	struct found_list list;
	struct buffer scratch;
};

static void copy_id(char out[LOG_PROTO_ID_MAX + 1], struct slice id)
{
	size_t len = id.len < LOG_PROTO_ID_MAX ? id.len : LOG_PROTO_ID_MAX;

	memcpy(out, id.data, len);
	out[len] = '\0';
}

static void read_line(void *context, struct slice text, uint64_t start, uint64_t next)
{
	struct reading *r = context;
	struct log_proto_event event;
	struct found found = r->place;
	struct log_line line;

	(void)next;
	/* Nearly all lines are of other messages: look for the letters before reading the words. */
	if (slice_find(text, r->id) < 0 || !log_line_parse(text, &r->clock, &r->scratch, &line))
		return;
	found.own = slice_equal(line.id, r->id);
	if ((!found.own && !slice_equal(line.other_id, r->id)) || line.event == LOG_EVENT_NONE)
		return;
	event = log_event_of(&line);
	if (event.time_us < r->lookup->since_us - SLACK_US && event.time_us != 0)
		return;
	found.time_us = event.time_us;
	found.offset = start;
	found.event = line.event;
	copy_id(found.other, found.own ? line.other_id : line.id);
	found.from = r->lookup->bytes.len;
	log_proto_put_event(&r->lookup->bytes, &event);
	found.len = r->lookup->bytes.len - found.from;
	push(&r->list, &found);
}

/* The line that took the message into the queue. */
static bool begins_life(const struct found *f)
{
	if (f->own)
		return f->event == LOG_EVENT_CLIENT || f->event == LOG_EVENT_PICKUP;
	return f->event == LOG_EVENT_NOTIFIED || f->event == LOG_EVENT_DELIVERY;
}

static bool ends_life(const struct found *f)
{
	return f->own && f->event == LOG_EVENT_REMOVED;
}

/* Another process told of a birth (a notice's, a forwarded message's). cleanup, qmgr and often the
 * first attempt have logged before it, so the life goes on until a little earlier. */
static bool take_birth_by_other(struct log_lookup *l, const struct found *f, int64_t alive_us)
{
	if (f->time_us <= alive_us + SLACK_US) {
		l->born_us = f->time_us;
		return f->time_us == 0; /* without times nothing says where it would end */
	}
	l->later_us = f->time_us;
	l->life.count = 0; /* a later message under the same ID */
	return false;
}

/* Takes one line into the life in hand, coming from newer ones. True when the life is complete. */
static bool take_line(struct log_lookup *l, const struct found *f, int64_t alive_us)
{
	if (l->born_us != 0 && (begins_life(f) || f->time_us < l->born_us - SLACK_US))
		return true;
	if (l->later_us != 0 && f->time_us >= l->later_us - SLACK_US)
		return false;
	if (ends_life(f) && l->life.count > 0 && l->born_us == 0) {
		int64_t oldest_us = l->life.items[l->life.count - 1].time_us;

		/* What follows "removed" within a second is the same life, logged by another
		 * program. */
		if (oldest_us - f->time_us >= SECOND_US) {
			if (oldest_us <= alive_us + SLACK_US)
				return true;
			l->life.count = 0;
		}
	}
	push(&l->life, f);
	if (!begins_life(f))
		return false;
	if (!f->own)
		return take_birth_by_other(l, f, alive_us);
	if (f->time_us <= alive_us + SLACK_US)
		return true;
	l->life.count = 0; /* a later message under the same ID */
	return false;
}

static bool look_at_block(
    struct log_lookup *l, struct log_index *index, size_t source, size_t block)
{
	struct log_source *s = index->sources[source];
	const struct wanted *wanted = &l->ids[l->id_at];
	struct reading r = {.lookup = l,
	    .source = s,
	    .clock = {.reference_s = s->clock.reference_s, .shift_s = s->clock.shift_s},
	    .id = slice_of(wanted->id)};
	bool complete = false;

	r.place = (struct found){
	    .source = index->count - source, .block = log_source_block_offset(s, block)};
	if (!log_source_read(s, block, read_line, &r, &l->error))
		l->unbounded = true;
	for (size_t i = r.list.count; i > 0 && !complete; i--) {
		complete = take_line(l, &r.list.items[i - 1], wanted->alive_us);
		if (!complete &&
		    (l->done.count + l->life.count >= l->limit || l->bytes.len > BYTES_MAX)) {
			l->truncated = true;
			complete = true;
		}
	}
	free(r.list.items);
	buffer_free(&r.scratch);
	return complete;
}

/* ---- from block to block ---- */

/* The next block, from newest to oldest, that may have the ID. False when there is none. */
static bool next_block(struct log_lookup *l, struct log_index *index, size_t *source, size_t *block)
{
	uint64_t hash = hash_bytes(&index->key, slice_of(l->ids[l->id_at].id));
	size_t at = l->started ? log_index_find(index, l->serial) : 0;

	/* A source that was rotated away meanwhile leaves the lookup at the end of the log. */
	for (; at < index->count; at++) {
		struct log_source *s = index->sources[at];

		if (!l->started || l->serial != s->serial) {
			l->started = true;
			l->serial = s->serial;
			l->block = s->count + 1;
		}
		if (l->block > s->count + 1)
			l->block = s->count + 1; /* blocks were given up */
		while (l->block > 0) {
			int64_t first, last;

			*source = at;
			*block = --l->block;
			if (!log_source_may_contain(s, *block, hash))
				continue;
			if (!log_source_span(s, *block, &first, &last) ||
			    last >= l->since_us - SLACK_US)
				return true;
		}
	}
	return false;
}

/* The life in hand is complete: keeps it, and follows what it says of other IDs. */
static void finish_id(struct log_lookup *l)
{
	for (size_t i = 0; i < l->life.count; i++) {
		const struct found *f = &l->life.items[i];

		if (f->event == LOG_EVENT_PICKUP && f->other[0] != '\0')
			want(l, f->other, f->time_us);
		/* pickup tried to feed it in under that ID, and does so every minute. */
		if (f->event == LOG_EVENT_PROBLEM && !f->own && f->other[0] != '\0' &&
		    l->id_count < FED_MAX)
			want(l, f->other, f->time_us);
		push(&l->done, f);
	}
	l->life.count = 0;
	l->born_us = l->later_us = 0;
	l->started = false;
	l->id_at++;
}

static int by_time_and_place(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* A pickup line that links two IDs was found under both. */
static void finish(struct log_lookup *l)
{
	struct found *items = l->done.items;
	size_t kept = 0;

	if (l->done.count > 1)
		qsort(items, l->done.count, sizeof(*items), by_time_and_place);
	for (size_t i = 0; i < l->done.count; i++)
		if (kept == 0 || by_time_and_place(&items[kept - 1], &items[i]) != 0)
			items[kept++] = items[i];
	l->done.count = kept;
}

bool log_lookup_step(struct log_lookup *l, struct log_index *index)
{
	size_t source, block;

	while (l->id_at < l->id_count) {
		if (next_block(l, index, &source, &block)) {
			if (!look_at_block(l, index, source, block))
				return false;
		} else {
			/* Not begun in what the log has: only as complete as the log. */
			l->unbounded = l->unbounded || l->born_us == 0;
		}
		finish_id(l);
	}
	finish(l);
	return true;
}

size_t log_lookup_count(const struct log_lookup *l)
{
	return l->done.count;
}

struct slice log_lookup_event(const struct log_lookup *l, size_t i)
{
	return slice_make(l->bytes.data + l->done.items[i].from, l->done.items[i].len);
}

struct log_proto_end log_lookup_end(const struct log_lookup *l, const struct log_index *index)
{
	int64_t oldest = log_index_oldest(index);
	bool reaches =
	    log_index_complete(index) && oldest <= l->since_us && l->error.code[0] == '\0';
	struct log_proto_end end = {.truncated = l->truncated,
	    .complete = !l->unbounded || reaches,
	    .oldest_us = oldest,
	    .error = {"", 0}};

	if (l->error.code[0] != '\0')
		end.error = slice_of(l->error.text);
	return end;
}
