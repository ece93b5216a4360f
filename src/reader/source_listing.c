/* The source that reads listings of Postfix's own, where the queue files cannot be read. It keeps a
 * signature of each message as it was sent, and sends again only what differs. A message that is
 * missing from two listings in a row counts as gone: one listing can miss a message that moves. */
#include "reader/source_listing.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "postfix/message.h"
#include "reader/id_table.h"
#include "reader/listing_stream.h"

/* Of a id_entry: the listing before this one did not have it. */
#define MISSING_ONCE 1
/* Of a wanted ID: it was found. */
#define FOUND 1

struct wanted {
	struct wanted *next;
	uint32_t request;
	unsigned listings; /* that it has seen from their beginning */
	bool waits;	   /* for the next listing to begin */
	struct id_table *ids;
};

struct listed {
	struct source source;
	struct loop *loop;
	struct exchange *client;
	bool command;
	struct id_table *known;
	/* Random: a stranger must not be able to make two states of a message look alike. */
	struct hash_key key;
	struct listing_stream *stream;
	struct wanted *wanted;
	bool scanning;	/* somebody waits for scan_done; a listing may also run for wanted IDs alone
			 */
	bool scan_next; /* a scan was asked for while a listing for wanted IDs ran */
	uint8_t stamp;
	uint64_t count;
	bool postfix_down; /* the last listing said so */
};

static void start(struct listed *l);

static void on_message(void *context, struct message *m)
{
	struct listed *l = context;
	const struct source_sink *sink = &l->source.sink;
	struct slice id = slice_of(m->id);
	struct id_entry *e = id_table_find(l->known, id);
	uint64_t signature;

	/* Encoded first and compared then: the signature is of the very bytes that the server has.
	 */
	message_encode(sink->message(sink->context, 0), m);
	signature = hash_bytes(&l->key, sink->begun(sink->context));
	/* A message too large for the server is not remembered, so it is tried again by each
	 * listing. */
	if (!sink->end(sink->context, e == NULL || e->signature != signature))
		return;
	e = id_table_add(l->known, id);
	e->signature = signature;
	e->queue = (uint8_t)m->queue;
	e->stamp = l->stamp;
	e->flags = 0;
	l->count++;
	for (struct wanted *w = l->wanted; w != NULL; w = w->next) {
		/* Whoever asked in the middle of a listing may have asked for what it has passed
		 * already. */
		struct id_entry *asked = w->waits ? NULL : id_table_find(w->ids, id);

		if (asked == NULL)
			continue;
		asked->flags |= FOUND;
		message_encode(sink->message(sink->context, w->request), m);
		sink->end(sink->context, true);
	}
	if (sink->congested(sink->context))
		listing_stream_pause(l->stream, true);
}

static void remove_missing(struct listed *l)
{
	const struct source_sink *sink = &l->source.sink;
	size_t i = 0;

	while (i < id_table_count(l->known)) {
		struct id_entry *e = id_table_at(l->known, i);

		if (e->stamp == l->stamp || (e->flags & MISSING_ONCE) == 0) {
			if (e->stamp != l->stamp)
				e->flags |= MISSING_ONCE;
			i++;
			continue;
		}
		sink->removed(sink->context, id_entry_id(e), e->queue);
		id_table_remove(l->known, e);
	}
}

static void end_wanted(struct listed *l, struct wanted *w, const struct error *err)
{
	const struct source_sink *sink = &l->source.sink;
	struct wanted **at = &l->wanted;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	for (size_t i = 0; err == NULL && i < id_table_count(w->ids); i++)
		if ((id_table_at(w->ids, i)->flags & FOUND) == 0)
			sink->absent(
			    sink->context, w->request, id_entry_id(id_table_at(w->ids, i)));
	sink->read_done(sink->context, w->request, err);
	id_table_destroy(&w->ids);
	free(w);
}

static bool found_all(const struct wanted *w)
{
	for (size_t i = 0; i < id_table_count(w->ids); i++)
		if ((id_table_at(w->ids, i)->flags & FOUND) == 0)
			return false;
	return true;
}

static void answer_wanted(struct listed *l, const struct error *err)
{
	struct wanted *next;

	for (struct wanted *w = l->wanted; w != NULL; w = next) {
		next = w->next;
		if (w->waits)
			continue;
		w->listings++;
		/* Absent only when two listings say so: one that moved against the stream is in
		 * neither part. */
		if (err != NULL || w->listings == 2 || found_all(w))
			end_wanted(l, w, err);
	}
}

static void report(struct listed *l, const struct error *err)
{
	const struct source_sink *sink = &l->source.sink;
	struct source_outcome outcome = {
	    .complete = err == NULL, .seen = l->count, .corrupt = READER_PROTO_UNKNOWN};

	if (!l->scanning)
		return;
	if (err != NULL)
		outcome.error = *err;
	else if (l->postfix_down)
		error_set(&outcome.error, "postfix_stopped",
		    "Postfix is not running: postqueue has read the queue by itself.");
	l->scanning = false;
	sink->scan_done(sink->context, &outcome);
}

static void on_done(void *context, const struct error *failure)
{
	struct listed *l = context;
	struct error copy;
	const struct error *err = NULL;

	if (failure != NULL) {
		copy = *failure;
		err = &copy;
	}
	l->postfix_down = listing_stream_postfix_down(l->stream);
	listing_stream_stop(&l->stream);
	/* Only a listing that was read to its end says that something is missing. */
	if (err == NULL)
		remove_missing(l);
	answer_wanted(l, err);
	report(l, err);
	/* Callbacks may have begun the next listing already. */
	if (l->stream == NULL && (l->wanted != NULL || l->scan_next)) {
		l->scanning |= l->scan_next;
		l->scan_next = false;
		start(l);
	}
}

static void start(struct listed *l)
{
	struct listing_stream_client client = {l, on_message, on_done};

	l->stamp++;
	l->count = 0;
	for (struct wanted *w = l->wanted; w != NULL; w = w->next)
		w->waits = false;
	l->stream = listing_stream_start(l->loop, l->client, l->command, &client);
}

static void listed_scan(struct source *source, bool forget, bool all)
{
	struct listed *l = (struct listed *)source;

	if (forget) {
		/* A listing under way does not give what it has given already. */
		listing_stream_stop(&l->stream);
		for (struct wanted *w = l->wanted; w != NULL; w = w->next)
			w->listings = 0;
		id_table_clear(l->known);
	}
	if (l->stream != NULL) {
		/* The one under way began too early for whoever asks now. */
		l->scan_next = true;
		return;
	}
	l->scanning = true;
	start(l);
}

static void listed_read(
    struct source *source, uint32_t request, const struct slice *ids, size_t count)
{
	struct listed *l = (struct listed *)source;
	struct wanted *w = memory_zero(1, sizeof(*w));

	*w = (struct wanted){
	    .next = l->wanted, .request = request, .waits = true, .ids = id_table_create()};
	for (size_t i = 0; i < count; i++) {
		if (queue_id_valid(ids[i]))
			id_table_add(w->ids, ids[i]);
		else
			source->sink.absent(source->sink.context, request, ids[i]);
	}
	l->wanted = w;
	if (l->stream == NULL)
		start(l);
}

static void listed_resume(struct source *source)
{
	struct listed *l = (struct listed *)source;

	if (l->stream != NULL)
		listing_stream_pause(l->stream, false);
}

static void listed_destroy(struct source *source)
{
	struct listed *l = (struct listed *)source;
	struct error err;

	error_set(&err, "source_changed", "The source of the queue has changed.");
	listing_stream_stop(&l->stream);
	while (l->wanted != NULL)
		end_wanted(l, l->wanted, &err);
	id_table_destroy(&l->known);
	free(l);
}

static const struct source_ops LISTED_OPS = {.kind = READER_PROTO_SOURCE_LISTING,
    .scan = listed_scan,
    .read = listed_read,
    .resume = listed_resume,
    .destroy = listed_destroy};

struct source *source_listing_create(
    struct loop *loop, struct exchange *client, bool command, const struct source_sink *sink)
{
	struct listed *l = memory_zero(1, sizeof(*l));

	l->source = (struct source){&LISTED_OPS, *sink};
	l->loop = loop;
	l->client = client;
	l->command = command;
	l->known = id_table_create();
	l->key = hash_key_random();
	return &l->source;
}
