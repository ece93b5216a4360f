/* The reader's process. It decides when the queue is looked at and from which source, and passes on
 * to the server what the source finds. The source is the spool, or a listing where the spool cannot
 * be read. Between scans the spool is followed by its inotify watches (tracking.h). */
#include "reader/reader.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "exchange/loop_exchange.h"
#include "postfix/version.h"
#include "reader/compare.h"
#include "reader/source.h"
#include "reader/source_listing.h"
#include "reader/source_spool.h"
#include "reader/tracking.h"
#include "wire/control_channel.h"
#include "wire/control_proto.h"
#include "wire/helper_proto.h"
#include "wire/reader_proto.h"

/* Scanning costs at most a tenth of a core: after a scan that took t, nothing for 9 t. */
#define REST_FACTOR 9
#define SPOOL_REST_MIN_MS 1000
#define LISTING_REST_MIN_MS 5000
#define REST_MAX_MS 60000
/* While every change is told, a scan only finds what inotify cannot show: a directory that a
 * mount hides, recipients that are done while a message is being delivered. It then takes at most a
 * thousandth of the time, of a million messages (some 6 s) every hour. */
#define LIVE_REST_FACTOR 1000
#define LIVE_REST_MIN_MS 10000
#define LIVE_REST_MAX_MS 3600000
/* After a scan that failed. */
#define RETRY_MS 3000
/* How often a spool that could not be read is tried again while a listing stands in. */
#define PROBE_MS 60000
/* A comparison costs Postfix a whole listing: 1/1000 of the time at most, and first so long after
 * the first complete scan, when whoever came to see the queue has seen it. */
#define COMPARE_FIRST_MS 120000
#define COMPARE_REST_MIN_MS 600000
#define COMPARE_REST_FACTOR 1000
static const char NO_HELPER[] = "The queue cannot be read now: the helper process is not there.";
/* REFRESH questions that wait; more are answered at once with an error. */
#define REFRESHES_MAX 64

struct refresh {
	uint32_t request;
	bool begun; /* a scan that began after the question is under way */
};

enum wanted_source { WANTED_AUTO, WANTED_SPOOL, WANTED_LISTING };

struct reader {
	struct loop *loop;
	struct channel *control;
	struct loop_watch *control_watch, *timer;
	struct role_config config;
	bool configured;
	enum wanted_source wanted;

	struct loop_exchange *helper_channel;
	struct exchange *helper; /* over that channel */
	bool had_helper;
	struct channel *server;
	struct loop_watch *server_watch;
	struct reader_proto_writer writer;
	bool congested;

	struct source *source;
	bool fresh;	   /* the server knows nothing yet, or the source is another one */
	bool server_empty; /* and has said so; until the next scan begins */
	bool scanning;
	uint64_t scan_number;
	int64_t scan_began_ms, scan_began_us;
	bool scan_reset;
	int64_t next_scan_ms, not_before_ms; /* what is needed soon waits for the latter too */
	struct tracking *tracking;
	bool preparing;	 /* a scan is about to begin */
	bool scan_again; /* what was missed may have been passed by the scan under way */
	struct refresh refreshes[REFRESHES_MAX];
	size_t refresh_count;

	bool status_sent;
	enum reader_proto_source status_source;
	bool status_healthy;
	struct error status_error; /* an empty code: all is well */
	struct error fallback;	   /* why the spool cannot be read, while a listing stands in */
	int64_t next_probe_ms;

	struct compare *compare;
	int64_t next_compare_ms, compare_began_ms;
};

/* --- To the server --- */

static void send_frame(struct reader *r, const struct buffer *frame)
{
	if (r->server != NULL)
		reader_proto_writer_frame(&r->writer, frame);
}

static void send_status(struct reader *r, bool healthy, const struct error *err)
{
	BUFFER_AUTO struct buffer frame = {0};
	enum reader_proto_source kind =
	    r->source != NULL ? r->source->ops->kind : READER_PROTO_SOURCE_NONE;
	struct reader_proto_status status = {kind, healthy, {"", 0}, {"", 0}};

	if (err != NULL) {
		status.code = slice_of(err->code);
		status.why = slice_of(err->text);
	}
	/* By its code and not its text, which may hold a number that changes with each try. */
	if (r->status_sent && r->status_source == kind && r->status_healthy == healthy &&
	    slice_is(status.code, r->status_error.code))
		return;
	r->status_sent = true;
	r->status_source = kind;
	r->status_healthy = healthy;
	r->status_error = err != NULL ? *err : (struct error){"", ""};
	if (err != NULL)
		log_warning("%s: %s", err->code, err->text);
	reader_proto_status_frame(&frame, &status);
	send_frame(r, &frame);
}

static void send_scan(struct reader *r, enum reader_proto_type type,
    const struct source_outcome *outcome, uint64_t done, uint64_t expected)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct reader_proto_scan scan = {.number = r->scan_number,
	    .source = r->source->ops->kind,
	    .reset = r->scan_reset,
	    .started_us = r->scan_began_us,
	    .done = done,
	    .expected = expected,
	    .corrupt = READER_PROTO_UNKNOWN,
	    .error = {"", 0}};

	if (outcome != NULL) {
		scan.complete = outcome->complete;
		scan.read = outcome->read;
		scan.corrupt = outcome->corrupt;
		/* An error beside a complete scan is a shortcoming, which the status tells. */
		if (!outcome->complete)
			scan.error = slice_of(outcome->error.text);
	}
	reader_proto_scan_frame(&frame, type, &scan);
	send_frame(r, &frame);
}

static void answer_refresh(struct reader *r, uint32_t request, const struct error *err)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct reader_proto_refreshed refreshed = {
	    err == NULL, err == NULL ? (struct slice){"", 0} : slice_of(err->text)};

	reader_proto_refreshed_frame(&frame, READER_PROTO_REFRESHED, request, &refreshed);
	send_frame(r, &frame);
}

/* Answers those whose scan is over. Whoever asked while the scan ran wants what changed before he
 * asked, and the scan may have passed it. */
static void answer_refreshes(struct reader *r, const struct error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->refresh_count; i++) {
		if (r->refreshes[i].begun)
			answer_refresh(r, r->refreshes[i].request, err);
		else
			r->refreshes[kept++] = r->refreshes[i];
	}
	r->refresh_count = kept;
}

/* --- The sink of the source --- */

/* Where the server is gone so is the source, and the writer keeps nothing. */
static struct buffer *on_message(void *context, uint32_t request)
{
	struct reader *r = context;

	return reader_proto_writer_begin(&r->writer, request);
}

static struct slice on_begun(void *context)
{
	struct reader *r = context;

	return reader_proto_writer_begun(&r->writer);
}

static bool on_end(void *context, bool send)
{
	struct reader *r = context;

	return reader_proto_writer_end(&r->writer, send);
}

static void on_removed(void *context, struct slice id, uint8_t queue)
{
	struct reader *r = context;

	if (r->server != NULL)
		reader_proto_writer_remove(&r->writer, id, queue);
}

static void on_absent(void *context, uint32_t request, struct slice id)
{
	struct reader *r = context;

	if (r->server != NULL)
		reader_proto_writer_absent(&r->writer, request, id);
}

static void on_sightings(void *context, const struct buffer *frame)
{
	send_frame(context, frame);
}

static void on_listed(void *context, uint64_t done, uint64_t expected)
{
	send_scan(context, READER_PROTO_SCAN_LISTED, NULL, done, expected);
}

static void on_looked(void *context, uint32_t request)
{
	BUFFER_AUTO struct buffer frame = {0};

	reader_proto_plain_frame(&frame, READER_PROTO_LOOK_END, request);
	send_frame(context, &frame);
}

static void on_progress(void *context, uint64_t done, uint64_t expected)
{
	struct reader *r = context;

	if (r->scanning)
		send_scan(r, READER_PROTO_SCAN_PROGRESS, NULL, done, expected);
}

static void on_read_done(void *context, uint32_t request, const struct error *err)
{
	struct reader *r = context;
	BUFFER_AUTO struct buffer frame = {0};
	struct reader_proto_refreshed end = {
	    err == NULL, err == NULL ? (struct slice){"", 0} : slice_of(err->text)};

	reader_proto_refreshed_frame(&frame, READER_PROTO_READ_END, request, &end);
	send_frame(r, &frame);
}

static void on_warning(void *context, const char *code, struct slice id, const char *text)
{
	struct reader *r = context;
	BUFFER_AUTO struct buffer frame = {0};
	struct reader_proto_warning warning = {slice_of(code), id, slice_of(text)};

	log_warning("%s: %s", code, text);
	reader_proto_warning_frame(&frame, &warning);
	send_frame(r, &frame);
}

/* A scan, as soon as the rest after the last one allows. */
static void look_soon(struct reader *r)
{
	int64_t soon = clock_monotonic_ms();

	if (soon < r->not_before_ms)
		soon = r->not_before_ms;
	if (r->scanning)
		r->scan_again = true;
	else if (r->next_scan_ms > soon)
		r->next_scan_ms = soon;
}

static void on_unsure(void *context)
{
	look_soon(context);
}

static bool on_congested(void *context)
{
	struct reader *r = context;

	if (r->server != NULL && channel_queued(r->server) > CHANNEL_QUEUE_HIGH)
		/* It stays so until the queue is down to a quarter (prepare), so that both sides do
		 * not stop and go for every frame. */
		r->congested = true;
	return r->congested;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* A listing costs Postfix as well, so it rests longer at least. */
static int64_t rest_after(const struct reader *r, int64_t took_ms)
{
	return clamp(took_ms * REST_FACTOR,
	    r->source->ops->kind == READER_PROTO_SOURCE_SPOOL ? SPOOL_REST_MIN_MS
							      : LISTING_REST_MIN_MS,
	    REST_MAX_MS);
}

static void rest(struct reader *r, bool complete)
{
	int64_t now = clock_monotonic_ms(), took = now - r->scan_began_ms;

	r->not_before_ms = now + (complete ? rest_after(r, took) : RETRY_MS);
	/* Without watches this is how old the index can be; with them a scan is only to make sure.
	 */
	r->next_scan_ms = r->not_before_ms;
	if (complete && tracking_holds(r->tracking) && !r->scan_again)
		r->next_scan_ms =
		    now + clamp(took * LIVE_REST_FACTOR, LIVE_REST_MIN_MS, LIVE_REST_MAX_MS);
	r->scan_again = false;
}

/* All is well, or what is not as it should be though the queue was read. */
static const struct error *shortcoming(const struct reader *r, const struct error *outcome)
{
	if (r->fallback.code[0] != '\0')
		return &r->fallback;
	return outcome->code[0] != '\0' ? outcome : tracking_error(r->tracking);
}

/* The spool itself cannot be read, for a reason that another try will not change soon. */
static bool calls_for_listing(const struct reader *r, const struct source_outcome *outcome)
{
	/* Three codes say nothing about the spool. A new helper or another try mends them. */
	return r->wanted == WANTED_AUTO && r->source->ops->kind == READER_PROTO_SOURCE_SPOOL &&
	       strcmp(outcome->error.code, "helper_gone") != 0 &&
	       strcmp(outcome->error.code, "bad_frame") != 0 &&
	       strcmp(outcome->error.code, "busy") != 0;
}

static void on_scan_done(void *context, const struct source_outcome *outcome)
{
	struct reader *r = context;
	int64_t now = clock_monotonic_ms();

	r->scanning = false;
	if (outcome->complete) {
		const struct error *why = shortcoming(r, &outcome->error);

		if (r->fresh)
			r->next_compare_ms = now + COMPARE_FIRST_MS;
		r->fresh = false;
		send_status(r, true, why->code[0] != '\0' ? why : NULL);
	} else
		send_status(r, false, &outcome->error);
	/* After the status: whoever is told of the end knows already how good it is. */
	send_scan(r, READER_PROTO_SCAN_END, outcome, outcome->seen, outcome->seen);
	answer_refreshes(r, outcome->complete ? NULL : &outcome->error);
	rest(r, outcome->complete);
	/* A scan's tables are freed by now, and the next one may be an hour away. */
	memory_give_back();
	if (!outcome->complete && calls_for_listing(r, outcome)) {
		r->fallback = outcome->error;
		r->next_probe_ms = now + PROBE_MS;
		r->next_scan_ms = now;
	}
}

/* --- The source --- */

static void end_source(struct reader *r)
{
	r->preparing = false;
	tracking_end(r->tracking);
	if (r->source == NULL)
		return;
	compare_abort(r->compare);
	if (r->scanning) {
		struct source_outcome broken = {.corrupt = READER_PROTO_UNKNOWN};

		error_set(&broken.error, "source_changed", "The look at the queue was broken off.");
		r->scanning = false;
		send_scan(r, READER_PROTO_SCAN_END, &broken, 0, READER_PROTO_UNKNOWN);
		answer_refreshes(r, &broken.error);
	}
	r->source->ops->destroy(r->source);
	r->source = NULL;
	r->fresh = true;
}

static bool use_spool(const struct reader *r)
{
	if (r->config.prefix != NULL && r->config.prefix[0] != '\0')
		return false;
	return r->wanted == WANTED_SPOOL ||
	       (r->wanted == WANTED_AUTO && r->fallback.code[0] == '\0');
}

/* An unknown version is a new one. */
static bool is_before_3_8(const struct role_config *config)
{
	int version = postfix_version(role_config_fact(config, "mail_version"));

	/* Before 3.8 the size of a message in maildrop is in its first record (docs/POSTFIX.md,
	 * "Listings"). */
	return version > 0 && version < 308;
}

/* Makes the source be the one that should be in use. */
static void choose_source(struct reader *r)
{
	enum reader_proto_source kind =
	    use_spool(r) ? READER_PROTO_SOURCE_SPOOL : READER_PROTO_SOURCE_LISTING;
	bool command = r->config.prefix != NULL && r->config.prefix[0] != '\0';
	struct source_sink sink = {.context = r,
	    .message = on_message,
	    .begun = on_begun,
	    .end = on_end,
	    .removed = on_removed,
	    .absent = on_absent,
	    .sightings = on_sightings,
	    .listed = on_listed,
	    .looked = on_looked,
	    .unsure = on_unsure,
	    .progress = on_progress,
	    .scan_done = on_scan_done,
	    .read_done = on_read_done,
	    .warning = on_warning,
	    .congested = on_congested};

	if (r->source != NULL && r->source->ops->kind == kind)
		return;
	end_source(r);
	if (kind == READER_PROTO_SOURCE_SPOOL)
		r->source = source_spool_create(r->helper, &sink, is_before_3_8(&r->config));
	else
		r->source = source_listing_create(r->loop, r->helper, command, &sink);
}

static void begin_scan(struct reader *r)
{
	r->scanning = true;
	/* A listing answers no LOOK: what it does not show the first time is gone. Of the spool
	 * each absence is proved by ID. */
	r->scan_reset = r->fresh && r->source->ops->kind == READER_PROTO_SOURCE_LISTING;
	r->scan_number++;
	r->scan_began_ms = clock_monotonic_ms();
	r->scan_began_us = clock_now_us();
	for (size_t i = 0; i < r->refresh_count; i++)
		r->refreshes[i].begun = true;
	send_scan(r, READER_PROTO_SCAN_BEGIN, NULL, 0, READER_PROTO_UNKNOWN);
	r->source->ops->scan(r->source, r->fresh, r->server_empty);
	r->server_empty = false;
}

static bool may_scan(const struct reader *r)
{
	return r->configured && !r->preparing && !r->scanning && r->server != NULL &&
	       exchange_is_up(r->helper);
}

static void begin_look(struct reader *r)
{
	choose_source(r);
	/* A listing has nothing to watch. */
	if (r->source->ops->hint == NULL) {
		begin_scan(r);
		return;
	}
	r->preparing = true;
	/* Watches first and the scan afterwards: what changes in between is told by an event. */
	tracking_prepare(r->tracking, r->source);
}

static void on_live_ready(void *context)
{
	struct reader *r = context;

	r->preparing = false;
	if (may_scan(r))
		begin_scan(r);
}

static void on_live_look(void *context, const char *why)
{
	log_info("the whole queue is looked at: %s", why);
	look_soon(context);
}

static void on_live_current(void *context, int64_t until_us)
{
	struct reader *r = context;
	BUFFER_AUTO struct buffer frame = {0};

	/* The end of a scan says the same, and says it more surely. */
	if (r->fresh || r->scanning || !r->status_healthy)
		return;
	reader_proto_current_frame(&frame, until_us);
	send_frame(r, &frame);
}

/* --- Is the spool readable again? --- */

static bool on_probe(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct reader *r = context;
	struct helper_list_end end;

	if (frame != NULL && frame->type == HELPER_LIST_BATCH)
		return false;
	if (frame != NULL && frame->type == HELPER_LIST_END &&
	    helper_list_end_decode(frame, &end) && end.error == 0) {
		log_info("the spool can be read again");
		r->fallback = (struct error){"", ""};
		r->next_scan_ms = clock_monotonic_ms();
	}
	return true;
}

static void probe_spool(struct reader *r)
{
	BUFFER_AUTO struct buffer frame = {0};
	/* The smallest question that shows whether directories can be read: hold is mostly nearly
	 * empty. */
	struct helper_list list = {HELPER_QUEUE_BIT(QUEUE_HOLD), false};

	r->next_probe_ms = clock_monotonic_ms() + PROBE_MS;
	helper_list_encode(&frame, 0, &list);
	exchange_ask(r->helper, &frame, EXCHANGE_NO_DEADLINE, on_probe, r);
}

/* --- Comparison --- */

static void on_compare_listed(void *context, const struct reader_proto_listed *listed)
{
	struct reader *r = context;

	if (r->server != NULL)
		reader_proto_writer_listed(&r->writer, listed);
}

static void on_compare_done(void *context, const struct error *err)
{
	struct reader *r = context;
	int64_t now = clock_monotonic_ms(),
		rest = (now - r->compare_began_ms) * COMPARE_REST_FACTOR;
	struct reader_proto_refreshed end = {
	    err == NULL, err == NULL ? (struct slice){"", 0} : slice_of(err->text)};
	BUFFER_AUTO struct buffer frame = {0};

	if (err != NULL)
		log_info("no comparison with a listing: %s", err->text);
	r->next_compare_ms = now + (rest < COMPARE_REST_MIN_MS ? COMPARE_REST_MIN_MS : rest);
	reader_proto_refreshed_frame(&frame, READER_PROTO_COMPARE_END, 0, &end);
	send_frame(r, &frame);
}

static void begin_compare(struct reader *r)
{
	BUFFER_AUTO struct buffer frame = {0};

	r->compare_began_ms = clock_monotonic_ms();
	reader_proto_plain_frame(&frame, READER_PROTO_COMPARE_BEGIN, 0);
	send_frame(r, &frame);
	compare_start(r->compare);
}

/* --- Questions of the server --- */

/* A source that cannot look has nothing that was not told already. */
static void on_look(struct reader *r, const struct frame *frame)
{
	struct reader_proto_place *places =
	    memory_alloc(READER_PROTO_READ_IDS_MAX * sizeof(*places));
	size_t count = 0;

	if (!reader_proto_read_places(frame, places, &count))
		log_warning("the server sent a malformed frame of type %u", frame->type);
	else if (r->source != NULL && r->source->ops->look != NULL)
		r->source->ops->look(r->source, frame->request, places, count);
	else
		on_looked(r, frame->request);
	free(places);
}

static void on_refresh(struct reader *r, uint32_t request)
{
	struct error err;

	if (!exchange_is_up(r->helper) || !r->configured) {
		error_set(&err, "helper_gone", "%s", NO_HELPER);
		answer_refresh(r, request, &err);
		return;
	}
	if (r->refresh_count == REFRESHES_MAX) {
		error_set(&err, "busy", "Too many refreshes wait already.");
		answer_refresh(r, request, &err);
		return;
	}
	/* Somebody waits for it, so it does not wait for the rest after the last scan. */
	r->refreshes[r->refresh_count++] = (struct refresh){request, false};
	r->next_scan_ms = clock_monotonic_ms();
}

static void on_read(struct reader *r, const struct frame *frame)
{
	struct slice *ids = memory_alloc(READER_PROTO_READ_IDS_MAX * sizeof(*ids));
	struct error err;
	size_t count;

	if (!reader_proto_read_ids(frame, ids, &count)) {
		error_set(&err, "bad_request", "The question is malformed.");
		on_read_done(r, frame->request, &err);
	} else if (r->source == NULL || !exchange_is_up(r->helper)) {
		error_set(&err, "helper_gone", "%s", NO_HELPER);
		on_read_done(r, frame->request, &err);
	} else
		r->source->ops->read(r->source, frame->request, ids, count);
	free(ids);
}

static void drop_server(struct reader *r)
{
	loop_remove(&r->server_watch);
	channel_destroy(&r->server);
	reader_proto_writer_free(&r->writer);
	r->refresh_count = 0;
	r->congested = false;
	/* What it knows of the server's index is of the former server's. */
	end_source(r);
}

static void on_server_frame(struct reader *r, const struct frame *frame)
{
	const struct source_ops *ops = r->source != NULL ? r->source->ops : NULL;

	switch (frame->type) {
	case READER_PROTO_REFRESH:
		on_refresh(r, frame->request);
		break;
	case READER_PROTO_READ:
		on_read(r, frame);
		break;
	case READER_PROTO_WANTED:
		if (ops != NULL && ops->wanted != NULL)
			ops->wanted(r->source, frame);
		break;
	case READER_PROTO_LOOK:
		on_look(r, frame);
		break;
	case READER_PROTO_SCAN_PROVEN:
		if (ops != NULL && ops->proven != NULL)
			ops->proven(r->source);
		break;
	/* An empty index wants everything, so the scan need not ask for each sighting. */
	case READER_PROTO_EMPTY:
		r->server_empty = r->fresh && !r->scanning;
		break;
	case READER_PROTO_COMPARE:
		r->next_compare_ms = clock_monotonic_ms();
		break;
	default:
		log_warning("the server sent a frame of unknown type %u", frame->type);
	}
}

static void on_server(void *context, short revents)
{
	struct reader *r = context;
	struct frame frame;

	if ((revents & POLLOUT) != 0)
		channel_flush(r->server);
	for (;;) {
		switch (channel_receive(r->server, &frame)) {
		case CHANNEL_FRAME:
			on_server_frame(r, &frame);
			frame_close(&frame);
			break;
		case CHANNEL_EMPTY:
			return;
		/* Said and passed over: the next frame is whole again, as packets keep their
		 * bounds. */
		case CHANNEL_BAD:
			log_warning("the server sent a frame that is none");
			break;
		case CHANNEL_CLOSED:
			drop_server(r);
			return;
		}
	}
}

static void connect_server(struct reader *r, int fd)
{
	drop_server(r);
	r->server = channel_create(fd);
	r->server_watch = loop_add(r->loop, fd, POLLIN, on_server, r);
	r->writer.channel = r->server;
	r->status_sent = false;
	r->fresh = true;
	r->server_empty = false;
	r->next_scan_ms = clock_monotonic_ms();
	send_status(r, false, NULL);
}

/* --- The supervisor --- */

static void on_config(void *context, const struct frame *frame)
{
	struct reader *r = context;
	const char *source;
	struct role_config config = {0};

	if (!role_config_decode(frame, &config)) {
		log_error("the supervisor sent a configuration that is none");
		return;
	}
	/* What the old one said may be wrong now: begin anew. */
	end_source(r);
	role_config_free(&r->config);
	r->config = config;
	r->configured = true;
	r->fallback = (struct error){"", ""};
	source = role_config_get(&r->config, "postfix.source");
	r->wanted = strcmp(source, "spool") == 0     ? WANTED_SPOOL
		    : strcmp(source, "listing") == 0 ? WANTED_LISTING
						     : WANTED_AUTO;
	r->next_scan_ms = clock_monotonic_ms();
}

static void on_peer(void *context, struct frame *frame)
{
	struct reader *r = context;
	struct control_peer peer;

	if (!control_peer_decode(frame, &peer))
		return;
	if (peer.role == CONTROL_ROLE_HELPER) {
		/* The new one knows nothing of the watches of the old. */
		r->preparing = false;
		tracking_end(r->tracking);
		loop_exchange_connect(r->helper_channel, frame_take_fd(frame, 0));
		r->next_scan_ms = clock_monotonic_ms();
	} else if (peer.role == CONTROL_ROLE_SERVER)
		connect_server(r, frame_take_fd(frame, 0));
}

static void on_control(void *context, short revents)
{
	struct reader *r = context;

	(void)revents;
	if (control_take(r->control, &(struct control_taker){on_config, on_peer, r}))
		return;
	/* The sign for the loop in reader_main to end. */
	loop_remove(&r->control_watch);
	loop_stop(r->loop);
}

/* --- The loop --- */

static bool may_compare(const struct reader *r)
{
	/* Not during a scan: both would read the whole queue at the same time. */
	return may_scan(r) && !compare_running(r->compare) && r->source != NULL && !r->fresh &&
	       r->source->ops->kind == READER_PROTO_SOURCE_SPOOL;
}

/* What is due now; sets the timer for what comes next. */
static void on_timer(void *context, short revents)
{
	struct reader *r = context;

	(void)revents;
	if (may_scan(r) && clock_monotonic_ms() >= r->next_scan_ms)
		begin_look(r);
	if (may_compare(r) && clock_monotonic_ms() >= r->next_compare_ms)
		begin_compare(r);
	if (r->fallback.code[0] != '\0' && may_scan(r) && clock_monotonic_ms() >= r->next_probe_ms)
		probe_spool(r);
}

static int64_t next_due(const struct reader *r)
{
	int64_t due = -1;

	if (may_scan(r))
		due = r->next_scan_ms;
	if (may_compare(r) && r->next_compare_ms < due)
		due = r->next_compare_ms;
	if (r->fallback.code[0] != '\0' && may_scan(r) && r->next_probe_ms < due)
		due = r->next_probe_ms;
	return due;
}

/* A helper that went while nothing was asked of it is news too; its questions say so themselves. */
static void notice_helper(struct reader *r)
{
	struct error err;

	if (exchange_is_up(r->helper)) {
		r->had_helper = true;
		return;
	}
	if (!r->had_helper)
		return;
	r->had_helper = false;
	r->preparing = false;
	tracking_end(r->tracking);
	error_set(&err, "helper_gone", "%s", NO_HELPER);
	send_status(r, false, &err);
	/* Those that came too late for the scan that has failed. */
	for (size_t i = 0; i < r->refresh_count; i++)
		r->refreshes[i].begun = true;
	answer_refreshes(r, &err);
}

/* Before each wait: what was gathered goes out, a server that caught up gets more. */
static void prepare(struct reader *r)
{
	loop_exchange_tick(r->helper_channel);
	notice_helper(r);
	if (r->server != NULL) {
		reader_proto_writer_flush(&r->writer);
		if (r->congested && channel_queued(r->server) < CHANNEL_QUEUE_HIGH / 4) {
			r->congested = false;
			if (r->source != NULL)
				r->source->ops->resume(r->source);
			compare_resume(r->compare);
		}
		loop_events(
		    r->server_watch, channel_wants_write(r->server) ? POLLIN | POLLOUT : POLLIN);
	}
	loop_exchange_update(r->helper_channel);
	loop_deadline(r->timer, next_due(r));
}

static void set_up(struct reader *r, int control_fd)
{
	r->loop = loop_create();
	r->control = channel_create(control_fd);
	r->control_watch = loop_add(r->loop, control_fd, POLLIN, on_control, r);
	r->timer = loop_add(r->loop, -1, 0, on_timer, r);
	r->helper_channel = loop_exchange_create(r->loop, "helper");
	r->helper = loop_exchange_questions(r->helper_channel);
	r->tracking = tracking_create(r->loop, r->helper,
	    &(struct tracking_client){r, on_live_ready, on_live_look, on_live_current});
	r->compare = compare_create(r->loop, r->helper,
	    &(struct compare_client){r, on_compare_listed, on_compare_done, on_congested});
	r->fresh = true;
}

static void tear_down(struct reader *r)
{
	drop_server(r);
	compare_destroy(&r->compare);
	tracking_destroy(&r->tracking);
	loop_exchange_destroy(&r->helper_channel);
	channel_destroy(&r->control);
	role_config_free(&r->config);
	loop_destroy(&r->loop);
}

int reader_main(int control_fd)
{
	struct reader *r = memory_zero(1, sizeof(*r));
	bool ok = true;

	set_up(r, control_fd);
	while (ok && r->control_watch != NULL) {
		prepare(r);
		ok = loop_once(r->loop, -1);
	}
	tear_down(r);
	free(r);
	return ok ? 0 : 1;
}
