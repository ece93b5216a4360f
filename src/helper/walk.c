/* Walks through the queue directories for the reader: to list the files, to watch the directories,
 * or both. A walk does ENTRIES_AT_ONCE names in a turn of the loop and then lets other questions
 * through. What it finds goes out in batches, the watches before the files in them. */
#include "helper/walk.h"

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

#define WALKS_MAX 4
/* Entries for each turn: about 2 ms with a warm cache. */
#define ENTRIES_AT_ONCE 1000
/* While the peer's queue is full, look again after this. */
#define PAUSE_MS 5
/* A batch is sent when the next record might not fit. */
#define BATCH_BYTES (WIRE_BODY_MAX - 300)

/* What a walk does with what it comes by. */
enum walk_work {
	WALK_LIST,	     /* files are listed */
	WALK_WATCH,	     /* directories are watched, files passed over */
	WALK_WATCH_AND_LIST, /* both */
};

struct walk {
	struct walk *next;
	enum walk_work work;
	struct helper *helper;
	struct peer_ref peer;
	struct loop_watch *turn;
	struct spool spool;
	uint32_t queues; /* still to do */
	bool names;	 /* of a LIST */
	uint8_t queue;	 /* of the open directories */
	/* Descriptors stay open on the way down, so that a directory that is renamed meanwhile
	 * leads nowhere else. */
	DIR *levels[QUEUE_ID_DEPTH_MAX + 1]; /* the queue directory, and the hashed ones below it */
	unsigned open_levels;
	char path[2 * (QUEUE_ID_DEPTH_MAX + 1)]; /* of the innermost, below the queue: "A/B" */
	size_t start_len;			 /* of the path that a WATCH began with */
	struct buffer batch, watched;
	uint64_t records, watches;
};

static void start_batches(struct walk *walk)
{
	frame_begin(&walk->batch, HELPER_LIST_BATCH, walk->peer.request);
	frame_begin(&walk->watched, HELPER_WATCHES, walk->peer.request);
}

static void send_batches(struct walk *walk)
{
	struct peer *peer = peer_of(walk->helper, &walk->peer);

	/* Watches go first: the reader can then place an event that comes for a file of the batch.
	 */
	if (peer != NULL && walk->watched.len > WIRE_HEADER_SIZE)
		peer_send(peer, &walk->watched, NULL, 0);
	if (peer != NULL && walk->batch.len > WIRE_HEADER_SIZE)
		peer_send(peer, &walk->batch, NULL, 0);
	start_batches(walk);
}

static void destroy(struct walk *walk)
{
	struct walk **at = &walk->helper->walks;

	while (*at != walk)
		at = &(*at)->next;
	*at = walk->next;
	loop_remove(&walk->turn);
	while (walk->open_levels > 0)
		closedir(walk->levels[--walk->open_levels]);
	spool_close(&walk->spool);
	buffer_free(&walk->batch);
	buffer_free(&walk->watched);
	free(walk);
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

static void encode_end(const struct walk *walk, int error, const char *where, struct buffer *frame)
{
	BUFFER_AUTO struct buffer text = {0};

	if (walk->work == WALK_LIST) {
		struct helper_list_end end = {(uint32_t)error, {"", 0}, walk->records};

		if (error != 0)
			buffer_printf(&text, "%s: %s", where, strerror(error));
		end.text = buffer_slice(&text);
		helper_list_end_encode(frame, walk->peer.request, &end);
	} else {
		struct helper_watch_end end = {(uint32_t)error, {"", 0}, walk->watches};

		if (error != 0)
			explain(error, where, &text);
		end.text = buffer_slice(&text);
		helper_watch_end_encode(frame, walk->peer.request, &end);
	}
}

static void finish(struct walk *walk, int error, const char *where)
{
	struct peer *peer = peer_of(walk->helper, &walk->peer);
	BUFFER_AUTO struct buffer frame = {0};

	send_batches(walk);
	encode_end(walk, error, where, &frame);
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
	/* Watches that do not show everything are of no use, and may be what others need. */
	if (walk->work != WALK_LIST && error != 0 && (error != ENOENT || walk->start_len == 0))
		watches_close(walk->helper);
	destroy(walk);
}

/* In the order in which messages move on, so that one is seen at least once. */
static bool next_queue(struct walk *walk)
{
	static const uint8_t order[] = {QUEUE_MAILDROP, QUEUE_INCOMING, QUEUE_ACTIVE,
	    QUEUE_DEFERRED, QUEUE_HOLD, QUEUE_CORRUPT, QUEUE_DEFER_LOGS, QUEUE_BOUNCE_LOGS};

	for (size_t i = 0; i < sizeof(order); i++)
		if ((walk->queues & HELPER_QUEUE_BIT(order[i])) != 0) {
			walk->queues &= ~HELPER_QUEUE_BIT(order[i]);
			walk->queue = order[i];
			return true;
		}
	return false;
}

static int watch(struct walk *walk, int directory, unsigned queue)
{
	struct helper_watched watched = {0, (uint8_t)queue, slice_of(walk->path)};
	int error = watches_add(walk->helper, directory, queue, &watched.descriptor);

	if (error != 0)
		return error;
	helper_watched_put(&walk->watched, &watched);
	walk->watches++;
	if (walk->watched.len > BATCH_BYTES)
		send_batches(walk);
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
static int open_level(struct walk *walk, int at, const char *name)
{
	int fd = spool_open_directory(at, name), error;
	DIR *dir;

	if (fd < 0)
		return errno;
	/* Watched before it is read. The other way round, a file that comes in between would be
	 * seen by neither. */
	error = walk->work != WALK_LIST ? watch(walk, fd, walk->queue) : 0;
	if (error != 0 || (walk->work == WALK_WATCH && !has_directories(fd))) {
		close(fd);
		return error;
	}
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return ENOMEM;
	}
	walk->levels[walk->open_levels++] = dir;
	return 0;
}

/* "A" becomes "A/B". */
static void path_down(struct walk *walk, char letter)
{
	size_t len = strlen(walk->path);

	if (len > 0)
		walk->path[len++] = '/';
	walk->path[len++] = letter;
	walk->path[len] = '\0';
}

static void path_up(struct walk *walk)
{
	size_t len = strlen(walk->path);

	walk->path[len > 1 ? len - 2 : 0] = '\0';
}

/* A hashed directory; one that went away meanwhile, or is none, is no error. */
static int open_hashed(struct walk *walk, int at, const char *name)
{
	unsigned levels = walk->open_levels;
	int error;

	path_down(walk, name[0]);
	error = open_level(walk, at, name);
	if (walk->open_levels == levels)
		path_up(walk);
	/* ELOOP and EXDEV stand for a link in place of a directory: it is not followed. */
	return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV ? 0 : error;
}

static void close_level(struct walk *walk)
{
	closedir(walk->levels[--walk->open_levels]);
	if (strlen(walk->path) > walk->start_len)
		path_up(walk);
}

/* Whether a message's defer log can have changed although its queue file has not: on hold, by the
 * late end of an attempt; in deferred, by two attempts in one second, of which events tell where
 * there are any. To look at each costs as much as the file itself. */
static bool may_log_alone(const struct walk *walk)
{
	if (walk->names)
		return false;
	return walk->queue == QUEUE_HOLD ||
	       (walk->queue == QUEUE_DEFERRED && walk->helper->inotify < 0);
}

static void add_record(struct walk *walk, struct slice name, const struct stat *st)
{
	struct helper_record record = {.queue = walk->queue, .name = name};

	spool_record(&record, st);
	if (may_log_alone(walk))
		record.log_stamp = spool_log_stamp(&walk->spool, name);
	helper_record_put(&walk->batch, &record);
	walk->records++;
	if (walk->batch.len > BATCH_BYTES)
		send_batches(walk);
}

/* One name. 0, or an errno value that makes the listing incomplete. */
static int take_entry(struct walk *walk, const struct dirent *entry)
{
	DIR *here = walk->levels[walk->open_levels - 1];
	struct slice name = slice_of(entry->d_name);
	struct stat st;

	/* Hashed directories have names of one character; no queue ID is so short. */
	if (name.len == 1 && entry->d_name[0] != '.')
		return (strlen(walk->path) + 1) / 2 < QUEUE_ID_DEPTH_MAX
			   ? open_hashed(walk, dirfd(here), entry->d_name)
			   : 0;
	if (walk->work == WALK_WATCH)
		return 0;
	if (!queue_id_valid(name))
		return 0;
	/* Some file systems do not say what it is. Names alone need no look at the file: the
	 * directory has its inode. The mode is made up as a ready file's. */
	if (walk->names && walk->queue < QUEUE_CORRUPT && entry->d_type != DT_UNKNOWN)
		st = (struct stat){
		    .st_mode = DTTOIF(entry->d_type) | S_IRWXU, .st_ino = entry->d_ino};
	else if (fstatat(dirfd(here), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		/* It moved on between the two calls, which is normal; the queue that follows shows
		 * it. */
		return errno == ENOENT ? 0 : errno;
	if (S_ISREG(st.st_mode))
		add_record(walk, name, &st);
	return 0;
}

/* The directory of the queue, or the one in it that a WATCH names. */
static int open_queue(struct walk *walk)
{
	char path[16 + sizeof(walk->path)];

	snprintf(path, sizeof(path), "%s%s%s", queue_directory_name(walk->queue),
	    walk->start_len > 0 ? "/" : "", walk->path);
	return open_level(walk, walk->spool.root, path);
}

/* One step: the next name, the end of a directory, the next queue. False when the walk is over. */
static bool step(struct walk *walk)
{
	const struct dirent *entry;
	int error = 0;

	if (walk->open_levels == 0) {
		if (!next_queue(walk)) {
			finish(walk, 0, "");
			return false;
		}
		error = open_queue(walk);
	} else {
		/* readdir gives NULL at the end and on an error alike; only errno tells them apart.
		 */
		errno = 0;
		entry = readdir(walk->levels[walk->open_levels - 1]);
		if (entry != NULL)
			error = take_entry(walk, entry);
		else if (errno != 0)
			error = errno;
		else
			close_level(walk);
	}
	if (error == 0)
		return true;
	finish(walk, error, queue_directory_name(walk->queue));
	return false;
}

static void on_turn(void *context, short revents)
{
	struct walk *walk = context;
	struct peer *peer = peer_of(walk->helper, &walk->peer);

	/* A reader that is slower than the disk holds the walk up, so that a million names do not
	 * pile up here. */
	if (peer != NULL && channel_queued(peer->channel) > CHANNEL_QUEUE_HIGH) {
		loop_deadline(walk->turn, clock_monotonic_ms() + PAUSE_MS);
		return;
	}
	for (int i = 0; i < ENTRIES_AT_ONCE; i++)
		if (!step(walk))
			return;
	/* Other questions are answered before the next turn: what is older goes out before them. */
	send_batches(walk);
	loop_deadline(walk->turn, 0);
}

static unsigned count_walks(const struct helper *helper)
{
	unsigned count = 0;

	for (const struct walk *s = helper->walks; s != NULL; s = s->next)
		count++;
	return count;
}

static struct walk *start(struct peer *peer, uint32_t request, enum walk_work work)
{
	struct helper *helper = peer->helper;
	struct walk *walk;

	if (count_walks(helper) >= WALKS_MAX) {
		peer_refuse(peer, request, "busy", "other listings are under way");
		return NULL;
	}
	walk = memory_zero(1, sizeof(*walk));
	*walk = (struct walk){
	    .next = helper->walks, .work = work, .helper = helper, .peer = peer_ref(peer, request)};
	helper->walks = walk;
	start_batches(walk);
	return walk;
}

static void begin_walk(struct walk *walk)
{
	walk->turn = loop_add(walk->helper->loop, -1, 0, on_turn, walk);
	loop_deadline(walk->turn, 0);
}

void walk_list(struct peer *peer, uint32_t request, const struct helper_list *wanted)
{
	struct walk *walk = start(peer, request, WALK_LIST);
	int error;

	if (walk == NULL)
		return;
	walk->queues = wanted->queues;
	walk->names = wanted->names;
	error = spool_open(&walk->spool, &peer->helper->config);
	if (error != 0)
		finish(walk, error, role_config_fact(&peer->helper->config, "queue_directory"));
	else
		begin_walk(walk);
}

/* The queue directory itself, for a WATCH of everything. */
static int watch_root(struct walk *walk)
{
	FD_AUTO int fd = spool_open_directory(walk->spool.root, ".");

	return fd >= 0 ? watch(walk, fd, HELPER_QUEUE_ANY) : errno;
}

void walk_watch(struct peer *peer, uint32_t request, const struct helper_watch *wanted)
{
	struct walk *walk;
	int error;

	walk = start(
	    peer, request, wanted->queue == HELPER_QUEUE_ANY ? WALK_WATCH : WALK_WATCH_AND_LIST);
	if (walk == NULL)
		return;
	walk->start_len = wanted->path.len;
	memcpy(walk->path, wanted->path.data, wanted->path.len);
	walk->queues = wanted->queue == HELPER_QUEUE_ANY ? HELPER_WATCH_QUEUES
							 : HELPER_QUEUE_BIT(wanted->queue);
	error = spool_open(&walk->spool, &peer->helper->config);
	/* A new descriptor in place of the old one drops all former watches at once. */
	if (error == 0 && wanted->fresh)
		error = watches_open(peer->helper);
	if (error == 0 && wanted->fresh)
		peer_stream(peer, request, peer->helper->inotify);
	if (error == 0 && wanted->queue == HELPER_QUEUE_ANY)
		error = watch_root(walk);
	if (error != 0)
		finish(walk, error, role_config_fact(&peer->helper->config, "queue_directory"));
	else
		begin_walk(walk);
}

void walk_peer_gone(struct peer *peer)
{
	struct walk *next;

	for (struct walk *walk = peer->helper->walks; walk != NULL; walk = next) {
		next = walk->next;
		if (walk->peer.role == peer->role && walk->peer.serial == peer->serial)
			destroy(walk);
	}
}
