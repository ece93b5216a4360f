/* What inotify's events say about the queue: which IDs something happened to, which hashed
 * directories appeared, and whether anything was lost. Pure: bytes in; no descriptor, no clock. */
#ifndef READER_CHANGES_H
#define READER_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "reader/source.h"
#include "wire/helper_proto.h"

/* IDs that wait to be looked at; with more, a scan is cheaper and this costs no more memory.
 * A job of a million holds makes 6,000 in the time that changes gather (watch.c). */
#define CHANGES_IDS_MAX 65536
/* New directories that wait for their watch; more come only when everything is hashed anew. */
#define CHANGES_DIRECTORIES_MAX 256

/* Why what was told is not enough, the worst last. */
enum changes_loss {
	CHANGES_NONE,
	CHANGES_CORRUPT,  /* something happened in the corrupt queue: only a scan counts it */
	CHANGES_TOO_MANY, /* one of the bounds above */
	CHANGES_OVERFLOW, /* the kernel dropped events */
	CHANGES_MOVED,	  /* a directory was removed, renamed, replaced or unmounted, or events of
			     unknown form came: the watches have to be made anew */
};

struct changes_directory {
	uint32_t descriptor; /* the watch */
	uint8_t queue;	     /* enum queue; HELPER_QUEUE_ANY is the queue directory */
	bool stale;	     /* not named since changes_begin_directories */
	char path[HELPER_WATCH_PATH_MAX + 1];
};

struct changes;

struct changes *changes_create(void);
/* Accepts a pointer to NULL. */
void changes_destroy(struct changes **changes);
/* Forgets everything but the directories. */
void changes_clear(struct changes *changes);

/* ---- The watched directories */

/* All directories are to be named anew; end gives those that were not (the caller removes their
 * watches) in an array that lives until the next call, and forgets them. */
void changes_begin_directories(struct changes *changes);
const struct changes_directory *changes_end_directories(struct changes *changes, size_t *stale);
void changes_name_directory(struct changes *changes, const struct helper_watched *watched);
size_t changes_directory_count(const struct changes *changes);
const struct changes_directory *changes_directory_at(const struct changes *changes, size_t index);

/* ---- Events */

/* What one or more whole read(2)s of an inotify descriptor gave. */
void changes_take(struct changes *changes, const void *bytes, size_t len);
/* Something is known to be in that queue (or its bounce or defer log to have changed:
 * QUEUE_BOUNCE_LOGS, QUEUE_DEFER_LOGS). */
void changes_add(struct changes *changes, struct slice id, uint8_t queue);

/* The worst loss since the last call of this. */
enum changes_loss changes_take_loss(struct changes *changes);

/* A directory that appeared, to be watched: false when there is none. It is forgotten. */
bool changes_take_directory(struct changes *changes, struct changes_directory *directory);

/* The IDs, each once, with the queue of its last event, HELPER_QUEUE_GONE for a removal (and once
 * more where its bounce log has changed): an array that lives until the next call of any function
 * but these two. */
const struct source_hint *changes_hints(struct changes *changes, size_t *count);
size_t changes_count(const struct changes *changes);
/* They are looked at: forgets them. */
void changes_forget_hints(struct changes *changes);

#endif
