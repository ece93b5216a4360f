#include "helper/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "helper/spool.h"
#include "helper/watches.h"
#include "postfix/queue_id.h"

#define SCANS_MAX 4
/* Entries for each turn: about 2 ms with a warm cache. */
#define ENTRIES_AT_ONCE 1000
/* While the peer's queue is full, look again after this. */
#define PAUSE_MS 5
/* A batch is sent when the next record might not fit. */
#define BATCH_BYTES (WIRE_BODY_MAX - 300)

/* What a walk does with what it comes by. */
enum scan_work {
	SCAN_LIST,	     /* files are listed */
	SCAN_WATCH,	     /* directories are watched, files passed over */
	SCAN_WATCH_AND_LIST, /* both */
};

struct scan {
	struct scan *next;
	enum scan_work work;
	struct helper *helper;
	struct peer_ref peer;
	struct loop_watch *turn;
	struct spool spool;
	uint32_t queues;		     /* still to do */
	bool names;			     /* of a LIST */
	uint8_t queue;			     /* of the open directories */
	DIR *levels[QUEUE_ID_DEPTH_MAX + 1]; /* the queue directory, and the hashed ones below it */
	unsigned open_levels;
	char path[2 * (QUEUE_ID_DEPTH_MAX + 1)]; /* of the innermost, below the queue: "A/B" */
	size_t start_len;			 /* of the path that a WATCH began with */
	struct buffer batch, watched;
	uint64_t records, watches;
};

static void start_batches(struct scan *scan)
{
	frame_begin(&scan->batch, HELPER_LIST_BATCH, scan->peer.request);
	frame_begin(&scan->watched, HELPER_WATCHES, scan->peer.request);
}

static void send_batches(struct scan *scan)
{
	struct peer *peer = peer_of(scan->helper, &scan->peer);

	if (peer != NULL && scan->watched.len > WIRE_HEADER_SIZE)
		peer_send(peer, &scan->watched, NULL, 0);
	if (peer != NULL && scan->batch.len > WIRE_HEADER_SIZE)
		peer_send(peer, &scan->batch, NULL, 0);
	start_batches(scan);
}

static void destroy(struct scan *scan)
{
	struct scan **at = &scan->helper->scans;

	while (*at != scan)
		at = &(*at)->next;
	*at = scan->next;
	loop_remove(&scan->turn);
	while (scan->open_levels > 0)
		closedir(scan->levels[--scan->open_levels]);
	spool_close(&scan->spool);
	buffer_free(&scan->batch);
	buffer_free(&scan->watched);
	free(scan);
}

/* A whole sentence, for a notice that has no other place for what to type. */
static void explain(int error, const char *where, struct buffer *text)
{
	BUFFER_AUTO struct buffer fix = {0};

	watches_explain(error, where, text, &fix);
	if (fix.len > 0)
		buffer_printf(text,
		    ": type `%s`, and put that setting into /etc/sysctl.d/60-postroom.conf",
		    buffer_string(&fix));
	buffer_append_char(text, '.');
}

static void encode_end(const struct scan *scan, int error, const char *where, struct buffer *frame)
{
	BUFFER_AUTO struct buffer text = {0};

	if (scan->work == SCAN_LIST) {
		struct helper_list_end end = {(uint32_t)error, {"", 0}, scan->records};

		if (error != 0)
			buffer_printf(&text, "%s: %s", where, strerror(error));
		end.text = buffer_slice(&text);
		helper_list_end_encode(frame, scan->peer.request, &end);
	} else {
		struct helper_watch_end end = {(uint32_t)error, {"", 0}, scan->watches};

		if (error != 0)
			explain(error, where, &text);
		end.text = buffer_slice(&text);
		helper_watch_end_encode(frame, scan->peer.request, &end);
	}
}

static void finish(struct scan *scan, int error, const char *where)
{
	struct peer *peer = peer_of(scan->helper, &scan->peer);
	BUFFER_AUTO struct buffer frame = {0};

	send_batches(scan);
	encode_end(scan, error, where, &frame);
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
	/* Watches that do not show everything are of no use, and may be what others need. */
	if (scan->work != SCAN_LIST && error != 0 && (error != ENOENT || scan->start_len == 0))
		watches_close(scan->helper);
	destroy(scan);
}

/* In the order in which messages move on, so that one is seen at least once. */
static bool next_queue(struct scan *scan)
{
	static const uint8_t order[] = {HELPER_QUEUE_MAILDROP, HELPER_QUEUE_INCOMING,
	    HELPER_QUEUE_ACTIVE, HELPER_QUEUE_DEFERRED, HELPER_QUEUE_HOLD, HELPER_QUEUE_CORRUPT,
	    HELPER_QUEUE_DEFER, HELPER_QUEUE_BOUNCE};

	for (size_t i = 0; i < sizeof(order); i++)
		if ((scan->queues & HELPER_QUEUE_BIT(order[i])) != 0) {
			scan->queues &= ~HELPER_QUEUE_BIT(order[i]);
			scan->queue = order[i];
			return true;
		}
	return false;
}

static int watch(struct scan *scan, int directory, unsigned queue)
{
	struct helper_watched watched = {0, (uint8_t)queue, slice_of(scan->path)};
	int error = watches_add(scan->helper, directory, queue, &watched.descriptor);

	if (error != 0)
		return error;
	helper_watched_put(&scan->watched, &watched);
	scan->watches++;
	if (scan->watched.len > BATCH_BYTES)
		send_batches(scan);
	return 0;
}

/* Whether a directory that is only watched has others in it. Where the file system counts them, two
 * links are none, and a million names need not be read. */
static bool has_directories(int directory)
{
	struct stat st;

	return fstat(directory, &st) != 0 || st.st_nlink != 2;
}

/* 0, or errno. */
static int open_level(struct scan *scan, int at, const char *name)
{
	int fd = spool_open_directory(at, name), error;
	DIR *dir;

	if (fd < 0)
		return errno;
	error = scan->work != SCAN_LIST ? watch(scan, fd, scan->queue) : 0;
	if (error != 0 || (scan->work == SCAN_WATCH && !has_directories(fd))) {
		close(fd);
		return error;
	}
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return ENOMEM;
	}
	scan->levels[scan->open_levels++] = dir;
	return 0;
}

/* "A" becomes "A/B". */
static void path_down(struct scan *scan, char letter)
{
	size_t len = strlen(scan->path);

	if (len > 0)
		scan->path[len++] = '/';
	scan->path[len++] = letter;
	scan->path[len] = '\0';
}

static void path_up(struct scan *scan)
{
	size_t len = strlen(scan->path);

	scan->path[len > 1 ? len - 2 : 0] = '\0';
}

/* A hashed directory; one that went away meanwhile, or is none, is no error. */
static int open_hashed(struct scan *scan, int at, const char *name)
{
	unsigned levels = scan->open_levels;
	int error;

	path_down(scan, name[0]);
	error = open_level(scan, at, name);
	if (scan->open_levels == levels)
		path_up(scan);
	return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV ? 0 : error;
}

static void close_level(struct scan *scan)
{
	closedir(scan->levels[--scan->open_levels]);
	if (strlen(scan->path) > scan->start_len)
		path_up(scan);
}

/* Whether a message's defer log can have changed although its queue file has not: on hold, by the
 * late end of an attempt; in deferred, by two attempts in one second, of which events tell where
 * there are any. To look at each costs as much as the file itself. */
static bool may_log_alone(const struct scan *scan)
{
	if (scan->names)
		return false;
	return scan->queue == HELPER_QUEUE_HOLD ||
	       (scan->queue == HELPER_QUEUE_DEFERRED && scan->helper->inotify < 0);
}

static void add_record(struct scan *scan, struct slice name, const struct stat *st)
{
	struct helper_record record = {.queue = scan->queue, .name = name};

	spool_record(&record, st);
	if (may_log_alone(scan))
		record.log_stamp = spool_log_stamp(&scan->spool, name);
	helper_record_put(&scan->batch, &record);
	scan->records++;
	if (scan->batch.len > BATCH_BYTES)
		send_batches(scan);
}

/* One name. 0, or an errno value that makes the listing incomplete. */
static int take_entry(struct scan *scan, const struct dirent *entry)
{
	DIR *here = scan->levels[scan->open_levels - 1];
	struct slice name = slice_of(entry->d_name);
	struct stat st;

	if (name.len == 1 && entry->d_name[0] != '.')
		return (strlen(scan->path) + 1) / 2 < QUEUE_ID_DEPTH_MAX
			   ? open_hashed(scan, dirfd(here), entry->d_name)
			   : 0;
	if (scan->work == SCAN_WATCH)
		return 0;
	if (!queue_id_valid(name))
		return 0;
	/* Some file systems do not say what it is. */
	if (scan->names && scan->queue < HELPER_QUEUE_CORRUPT && entry->d_type != DT_UNKNOWN)
		st = (struct stat){
		    .st_mode = DTTOIF(entry->d_type) | S_IRWXU, .st_ino = entry->d_ino};
	else if (fstatat(dirfd(here), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : errno;
	if (S_ISREG(st.st_mode))
		add_record(scan, name, &st);
	return 0;
}

/* The directory of the queue, or the one in it that a WATCH names. */
static int open_queue(struct scan *scan)
{
	char path[16 + sizeof(scan->path)];

	snprintf(path, sizeof(path), "%s%s%s", helper_queue_name(scan->queue),
	    scan->start_len > 0 ? "/" : "", scan->path);
	return open_level(scan, scan->spool.root, path);
}

/* One step: the next name, the end of a directory, the next queue. False when the scan is over. */
static bool step(struct scan *scan)
{
	const struct dirent *entry;
	int error = 0;

	if (scan->open_levels == 0) {
		if (!next_queue(scan)) {
			finish(scan, 0, "");
			return false;
		}
		error = open_queue(scan);
	} else {
		errno = 0;
		entry = readdir(scan->levels[scan->open_levels - 1]);
		if (entry != NULL)
			error = take_entry(scan, entry);
		else if (errno != 0)
			error = errno;
		else
			close_level(scan);
	}
	if (error == 0)
		return true;
	finish(scan, error, helper_queue_name(scan->queue));
	return false;
}

static void on_turn(void *arg, short revents)
{
	struct scan *scan = arg;
	struct peer *peer = peer_of(scan->helper, &scan->peer);

	if (peer != NULL && channel_queued(peer->channel) > CHANNEL_QUEUE_HIGH) {
		loop_deadline(scan->turn, clock_monotonic_ms() + PAUSE_MS);
		return;
	}
	for (int i = 0; i < ENTRIES_AT_ONCE; i++)
		if (!step(scan))
			return;
	/* Other questions are answered before the next turn: what is older goes out before them. */
	send_batches(scan);
	loop_deadline(scan->turn, 0);
}

static unsigned count_scans(const struct helper *helper)
{
	unsigned count = 0;

	for (const struct scan *s = helper->scans; s != NULL; s = s->next)
		count++;
	return count;
}

static struct scan *start(struct peer *peer, uint32_t request, enum scan_work work)
{
	struct helper *helper = peer->helper;
	struct scan *scan;

	if (count_scans(helper) >= SCANS_MAX) {
		peer_refuse(peer, request, "busy", "other listings are under way");
		return NULL;
	}
	scan = memory_zero(1, sizeof(*scan));
	*scan = (struct scan){
	    .next = helper->scans, .work = work, .helper = helper, .peer = peer_ref(peer, request)};
	helper->scans = scan;
	start_batches(scan);
	return scan;
}

static void begin_walk(struct scan *scan)
{
	scan->turn = loop_add(scan->helper->loop, -1, 0, on_turn, scan);
	loop_deadline(scan->turn, 0);
}

void scan_start(struct peer *peer, uint32_t request, const struct helper_list *wanted)
{
	struct scan *scan = start(peer, request, SCAN_LIST);
	int error;

	if (scan == NULL)
		return;
	scan->queues = wanted->queues;
	scan->names = wanted->names;
	error = spool_open(&scan->spool, &peer->helper->config);
	if (error != 0)
		finish(scan, error, role_config_fact(&peer->helper->config, "queue_directory"));
	else
		begin_walk(scan);
}

/* The queue directory itself, for a WATCH of everything. */
static int watch_root(struct scan *scan)
{
	FD_AUTO int fd = spool_open_directory(scan->spool.root, ".");

	return fd >= 0 ? watch(scan, fd, HELPER_QUEUE_ANY) : errno;
}

void scan_watch(struct peer *peer, uint32_t request, const struct helper_watch *wanted)
{
	struct scan *scan;
	int error;

	scan = start(
	    peer, request, wanted->queue == HELPER_QUEUE_ANY ? SCAN_WATCH : SCAN_WATCH_AND_LIST);
	if (scan == NULL)
		return;
	scan->start_len = wanted->path.len;
	memcpy(scan->path, wanted->path.data, wanted->path.len);
	scan->queues = wanted->queue == HELPER_QUEUE_ANY ? HELPER_WATCH_QUEUES
							 : HELPER_QUEUE_BIT(wanted->queue);
	error = spool_open(&scan->spool, &peer->helper->config);
	if (error == 0 && wanted->fresh)
		error = watches_open(peer->helper);
	if (error == 0 && wanted->fresh)
		peer_stream(peer, request, peer->helper->inotify);
	if (error == 0 && wanted->queue == HELPER_QUEUE_ANY)
		error = watch_root(scan);
	if (error != 0)
		finish(scan, error, role_config_fact(&peer->helper->config, "queue_directory"));
	else
		begin_walk(scan);
}

void scan_peer_gone(struct peer *peer)
{
	struct scan *next;

	for (struct scan *scan = peer->helper->scans; scan != NULL; scan = next) {
		next = scan->next;
		if (scan->peer.role == peer->role && scan->peer.serial == peer->serial)
			destroy(scan);
	}
}
