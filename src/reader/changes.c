/* Turns the events of inotify into hints: which IDs something happened to, and in which queue. It
 * knows each watched directory by its descriptor, and gathers one entry for each ID until watch.c
 * asks. What cannot be told as a hint is told as a loss, and then the whole queue is looked at. */
#include "reader/changes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "postfix/queue_id.h"
#include "reader/id_table.h"

/* Flags of struct id_entry. */
#define FLAG_FILE 1   /* something happened to the queue file */
#define FLAG_BOUNCE 2 /* and to its bounce log */
#define FLAG_DEFER 4  /* and to its defer log, which does not tell where the message is */

struct changes {
	/* The kernel numbers watches upwards, so new ones mostly belong at the end. */
	struct changes_directory *directories; /* by ascending descriptor */
	size_t directory_count, directory_capacity;
	struct changes_directory *stale; /* given out by changes_end_directories */
	struct id_table *ids;
	struct source_hint *hints;
	size_t hint_capacity;
	struct changes_directory added[CHANGES_DIRECTORIES_MAX];
	size_t added_count;
	enum changes_loss loss;
};

struct changes *changes_create(void)
{
	struct changes *changes = memory_zero(1, sizeof(*changes));

	changes->ids = id_table_create();
	return changes;
}

void changes_destroy(struct changes **pointer)
{
	struct changes *changes = *pointer;

	if (changes == NULL)
		return;
	*pointer = NULL;
	id_table_destroy(&changes->ids);
	free(changes->directories);
	free(changes->stale);
	free(changes->hints);
	free(changes);
}

void changes_clear(struct changes *changes)
{
	changes_forget_hints(changes);
	changes->added_count = 0;
	changes->loss = CHANGES_NONE;
}

/* The worst one is kept: it says how much of what was gathered still holds. */
static void lose(struct changes *changes, enum changes_loss loss)
{
	if (changes->loss < loss)
		changes->loss = loss;
}

/* ---- directories ---- */

/* The index of the first directory whose descriptor is not lower. */
static size_t place_of(const struct changes *changes, uint32_t descriptor)
{
	size_t low = 0, high = changes->directory_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (changes->directories[middle].descriptor < descriptor)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct changes_directory *find(const struct changes *changes, uint32_t descriptor)
{
	size_t at = place_of(changes, descriptor);

	return at < changes->directory_count && changes->directories[at].descriptor == descriptor
		   ? &changes->directories[at]
		   : NULL;
}

static void make_room(struct changes *changes, size_t at)
{
	if (changes->directory_count == changes->directory_capacity) {
		changes->directory_capacity =
		    changes->directory_capacity == 0 ? 64 : changes->directory_capacity * 2;
		changes->directories = memory_resize(changes->directories,
		    changes->directory_capacity, sizeof(*changes->directories));
	}
	memmove(changes->directories + at + 1, changes->directories + at,
	    (changes->directory_count - at) * sizeof(*changes->directories));
	changes->directory_count++;
}

static void fill_path(struct changes_directory *directory, struct slice path)
{
	memset(directory->path, 0, sizeof(directory->path));
	memcpy(directory->path, path.data, slice_first(path, HELPER_WATCH_PATH_MAX).len);
}

void changes_name_directory(struct changes *changes, const struct helper_watched *watched)
{
	struct changes_directory *directory = find(changes, watched->descriptor);

	if (directory == NULL) {
		size_t at = place_of(changes, watched->descriptor);

		make_room(changes, at);
		directory = &changes->directories[at];
	}
	directory->descriptor = watched->descriptor;
	directory->queue = watched->queue;
	directory->stale = false;
	fill_path(directory, watched->path);
}

static void forget_directory(struct changes *changes, struct changes_directory *directory)
{
	size_t at = (size_t)(directory - changes->directories);

	changes->directory_count--;
	memmove(directory, directory + 1,
	    (changes->directory_count - at) * sizeof(*changes->directories));
}

/* All may have been replaced. Those that the helper names again are the queue's; the rest is not.
 */
void changes_begin_directories(struct changes *changes)
{
	for (size_t i = 0; i < changes->directory_count; i++)
		changes->directories[i].stale = true;
}

const struct changes_directory *changes_end_directories(struct changes *changes, size_t *stale)
{
	size_t kept = 0;

	free(changes->stale);
	changes->stale = memory_zero(changes->directory_count + 1, sizeof(*changes->stale));
	*stale = 0;
	for (size_t i = 0; i < changes->directory_count; i++)
		if (changes->directories[i].stale)
			changes->stale[(*stale)++] = changes->directories[i];
		else
			changes->directories[kept++] = changes->directories[i];
	changes->directory_count = kept;
	return changes->stale;
}

size_t changes_directory_count(const struct changes *changes)
{
	return changes->directory_count;
}

const struct changes_directory *changes_directory_at(const struct changes *changes, size_t index)
{
	return &changes->directories[index];
}

/* ---- events ---- */

void changes_add(struct changes *changes, struct slice id, uint8_t queue)
{
	struct id_entry *e;

	if (!queue_id_valid(id))
		return;
	if (queue == QUEUE_CORRUPT) {
		/* It is in the view no more, wherever it was. */
		lose(changes, CHANGES_CORRUPT);
		queue = HELPER_QUEUE_ANY;
	}
	e = id_table_find(changes->ids, id);
	/* Beyond that a scan costs less than looking at each one. So a flood of events has a
	 * bounded cost too. */
	if (e == NULL && id_table_count(changes->ids) == CHANGES_IDS_MAX) {
		lose(changes, CHANGES_TOO_MANY);
		return;
	}
	if (e == NULL)
		e = id_table_add(changes->ids, id);
	/* Flags and not a list: a message that is tried ten times in a moment is looked at once. */
	if (queue == QUEUE_BOUNCE_LOGS) {
		e->flags |= FLAG_BOUNCE;
	} else if (queue == QUEUE_DEFER_LOGS) {
		e->flags |= FLAG_DEFER;
	} else {
		e->flags |= FLAG_FILE;
		e->queue = queue;
	}
}

/* A directory appeared in one that is watched. */
static void take_new_directory(
    struct changes *changes, const struct changes_directory *parent, struct slice name)
{
	struct changes_directory *added;
	size_t len = strlen(parent->path);

	if (parent->queue == HELPER_QUEUE_ANY) {
		for (unsigned q = 0; q < QUEUE_DIRECTORIES; q++)
			if (slice_is(name, queue_directory_name(q)) &&
			    (HELPER_WATCH_QUEUES & HELPER_QUEUE_BIT(q)) != 0)
				lose(changes, CHANGES_MOVED);
		return;
	}
	/* Hashed directories have names of one character. */
	if (name.len != 1 || len + 2 > HELPER_WATCH_PATH_MAX)
		return;
	if (changes->added_count == CHANGES_DIRECTORIES_MAX) {
		lose(changes, CHANGES_MOVED);
		return;
	}
	added = &changes->added[changes->added_count++];
	*added = *parent;
	if (len > 0)
		added->path[len++] = '/';
	added->path[len++] = name.data[0];
	added->path[len] = '\0';
}

/* Something that happened to a watched directory itself, or to its watch. */
static void take_own_event(
    struct changes *changes, struct changes_directory *directory, uint32_t mask)
{
	/* A hashed directory may go: what was in it told of its own leaving. */
	bool hashed = directory->path[0] != '\0';

	if ((mask & (IN_UNMOUNT | IN_MOVE_SELF)) != 0 || !hashed)
		lose(changes, CHANGES_MOVED);
	if ((mask & IN_IGNORED) != 0)
		forget_directory(changes, directory);
}

static void take_event(
    struct changes *changes, uint32_t descriptor, uint32_t mask, struct slice name)
{
	struct changes_directory *directory;

	if ((mask & IN_Q_OVERFLOW) != 0) {
		/* The kernel has dropped events and does not say which: any message may have
		 * changed. */
		lose(changes, CHANGES_OVERFLOW);
		return;
	}
	directory = find(changes, descriptor);
	if (directory == NULL)
		return; /* its watch was removed, and this was under way already */
	if ((mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
		take_own_event(changes, directory, mask);
	else if ((mask & IN_ISDIR) != 0 && (mask & (IN_CREATE | IN_MOVED_TO)) != 0)
		take_new_directory(changes, directory, name);
	else if (directory->queue == QUEUE_DEFER_LOGS && (mask & IN_CLOSE_WRITE) == 0)
		return; /* it is still empty */
	else if ((mask & IN_ISDIR) == 0 && directory->queue != HELPER_QUEUE_ANY)
		changes_add(changes, name,
		    /* A removed file says more than its queue: the helper need look in one round
		     * only.
		     */
		    (mask & IN_DELETE) != 0 && directory->queue != QUEUE_CORRUPT
			? HELPER_QUEUE_GONE
			: directory->queue);
}

void changes_take(struct changes *changes, const void *bytes, size_t len)
{
	struct cursor c = cursor_init(bytes, len);

	while (c.left > 0) {
		struct slice head = cursor_bytes(&c, sizeof(struct inotify_event)), name;
		struct inotify_event event;

		/* Copied, because an event in a buffer of bytes need not be aligned. */
		if (!c.failed)
			memcpy(&event, head.data, sizeof(event));
		name = cursor_bytes(&c, c.failed ? 0 : event.len);
		if (c.failed) {
			lose(changes, CHANGES_MOVED);
			return;
		}
		/* The name is filled up with NULs. */
		name.len = strnlen(name.data, name.len);
		take_event(changes, (uint32_t)event.wd, event.mask, name);
	}
}

enum changes_loss changes_take_loss(struct changes *changes)
{
	enum changes_loss loss = changes->loss;

	changes->loss = CHANGES_NONE;
	return loss;
}

bool changes_take_directory(struct changes *changes, struct changes_directory *directory)
{
	if (changes->added_count == 0)
		return false;
	*directory = changes->added[0];
	changes->added_count--;
	memmove(
	    changes->added, changes->added + 1, changes->added_count * sizeof(changes->added[0]));
	return true;
}

/* ---- hints ---- */

const struct source_hint *changes_hints(struct changes *changes, size_t *count)
{
	/* An ID can have two hints: its file and its bounce log are looked at in different ways. */
	size_t most = 2 * id_table_count(changes->ids);

	if (changes->hint_capacity < most) {
		changes->hint_capacity = most;
		changes->hints = memory_resize(changes->hints, most, sizeof(*changes->hints));
	}
	*count = 0;
	for (size_t i = 0; i < id_table_count(changes->ids); i++) {
		const struct id_entry *e = id_table_at(changes->ids, i);

		if ((e->flags & FLAG_FILE) != 0)
			changes->hints[(*count)++] = (struct source_hint){id_entry_id(e), e->queue};
		else if ((e->flags & FLAG_DEFER) != 0)
			changes->hints[(*count)++] =
			    (struct source_hint){id_entry_id(e), HELPER_QUEUE_ANY};
		if ((e->flags & FLAG_BOUNCE) != 0)
			changes->hints[(*count)++] =
			    (struct source_hint){id_entry_id(e), QUEUE_BOUNCE_LOGS};
	}
	return changes->hints;
}

size_t changes_count(const struct changes *changes)
{
	return id_table_count(changes->ids);
}

void changes_forget_hints(struct changes *changes)
{
	id_table_clear(changes->ids);
	/* Given back, not kept: after a burst of many changes this would stay for good. */
	free(changes->hints);
	changes->hints = NULL;
	changes->hint_capacity = 0;
}
