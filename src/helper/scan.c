#include "helper/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "helper/spool.h"
#include "postfix/queue_id.h"

#define SCANS_MAX 4
/* Entries for each turn: about 2 ms with a warm cache. */
#define ENTRIES_AT_ONCE 1000
/* While the peer's queue is full, look again after this. */
#define PAUSE_MS 5
/* A batch is sent when the next record might not fit. */
#define BATCH_BYTES (WIRE_BODY_MAX - 300)

struct scan {
	struct scan *next;
	struct helper *helper;
	struct peer_ref peer;
	struct loop_watch *turn;
	struct spool spool;
	uint32_t queues;		     /* still to do */
	uint8_t queue;			     /* of the open directories */
	DIR *levels[QUEUE_ID_DEPTH_MAX + 1]; /* the queue directory, and the hashed ones below it */
	unsigned open_levels;
	struct buffer batch;
	uint64_t records;
};

static void start_batch(struct scan *scan)
{
	frame_begin(&scan->batch, HELPER_LIST_BATCH, scan->peer.request);
}

static void send_batch(struct scan *scan)
{
	struct peer *peer = peer_of(scan->helper, &scan->peer);

	if (peer != NULL && scan->batch.len > WIRE_HEADER_SIZE)
		peer_send(peer, &scan->batch, NULL, 0);
	start_batch(scan);
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
	free(scan);
}

static void finish(struct scan *scan, int error, const char *where)
{
	struct peer *peer = peer_of(scan->helper, &scan->peer);
	BUFFER_AUTO struct buffer frame = {0}, text = {0};
	struct helper_list_end end = {(uint32_t)error, {"", 0}, scan->records};

	if (error != 0)
		buffer_printf(&text, "%s: %s", where, strerror(error));
	end.text = buffer_slice(&text);
	send_batch(scan);
	helper_list_end_encode(&frame, scan->peer.request, &end);
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
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

/* 0, or errno; a hashed directory that went away meanwhile is no error. */
static int open_level(struct scan *scan, int at, const char *name)
{
	int fd = spool_open_directory(at, name);
	DIR *dir;

	if (fd < 0)
		return errno;
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return ENOMEM;
	}
	scan->levels[scan->open_levels++] = dir;
	return 0;
}

static void add_record(struct scan *scan, struct slice name, const struct stat *st)
{
	struct helper_record record = {.queue = scan->queue, .name = name};

	spool_record(&record, st);
	helper_record_put(&scan->batch, &record);
	scan->records++;
	if (scan->batch.len > BATCH_BYTES)
		send_batch(scan);
}

/* One name. 0, or an errno value that makes the listing incomplete. */
static int take_entry(struct scan *scan, const struct dirent *entry)
{
	DIR *here = scan->levels[scan->open_levels - 1];
	struct slice name = slice_of(entry->d_name);
	struct stat st;

	if (name.len == 1 && entry->d_name[0] != '.' && scan->open_levels <= QUEUE_ID_DEPTH_MAX) {
		int error = open_level(scan, dirfd(here), entry->d_name);

		return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV
			   ? 0
			   : error;
	}
	if (!queue_id_valid(name))
		return 0;
	if (fstatat(dirfd(here), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : errno;
	if (S_ISREG(st.st_mode))
		add_record(scan, name, &st);
	return 0;
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
		error = open_level(scan, scan->spool.root, helper_queue_name(scan->queue));
	} else {
		errno = 0;
		entry = readdir(scan->levels[scan->open_levels - 1]);
		if (entry != NULL)
			error = take_entry(scan, entry);
		else if (errno != 0)
			error = errno;
		else
			closedir(scan->levels[--scan->open_levels]);
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
	loop_deadline(scan->turn, 0);
}

static unsigned count_scans(const struct helper *helper)
{
	unsigned count = 0;

	for (const struct scan *s = helper->scans; s != NULL; s = s->next)
		count++;
	return count;
}

void scan_start(struct peer *peer, struct frame *frame)
{
	struct helper *helper = peer->helper;
	struct helper_list list;
	struct scan *scan;
	int error;

	helper_list_decode(frame, &list);
	if (count_scans(helper) >= SCANS_MAX) {
		peer_refuse(peer, frame->request, "busy", "other listings are under way");
		return;
	}
	scan = memory_zero(1, sizeof(*scan));
	*scan = (struct scan){
	    helper->scans, helper, peer_ref(peer, frame->request), .queues = list.queues};
	helper->scans = scan;
	start_batch(scan);
	error = spool_open(&scan->spool, &helper->config);
	if (error != 0) {
		finish(scan, error, role_config_fact(&helper->config, "queue_directory"));
		return;
	}
	scan->turn = loop_add(helper->loop, -1, 0, on_turn, scan);
	loop_deadline(scan->turn, 0);
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
