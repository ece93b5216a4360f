/* A source of the queue: something that can be looked at as a whole, and asked for single messages.
 * Two exist, the spool and listings. A source never decides when to look: reader.c does, by the
 * clock and by what inotify tells (watch.h). What it finds it gives to a sink. */
#ifndef READER_SOURCE_H
#define READER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "wire/reader_proto.h"

/* How a look at the whole queue ended. */
struct source_outcome {
	bool complete;
	struct error error; /* when not complete; when it is, what is not as it should be, or an
			       empty code */
	uint64_t seen;	    /* messages */
	uint64_t read;	    /* of those, read because they were new or had changed */
	uint64_t corrupt;   /* READER_PROTO_UNKNOWN where the source cannot know */
};

struct source_sink {
	void *context;
	/* A message that is new or has changed, or may have: it is appended, encoded, to what
	 * `message` returns; `request` is 0, or of the READ that it answers. Then `begun` is what
	 * was appended, until `end`: without `send` it is not told. False when it is too large to
	 * be told. */
	struct buffer *(*message)(void *context, uint32_t request);
	struct slice (*begun)(void *context);
	bool (*end)(void *context, bool send);
	void (*removed)(void *context, struct slice id, uint8_t queue);
	/* In no queue; `request` as above. */
	void (*absent)(void *context, uint32_t request, struct slice id);
	/* A frame of sightings: its answer comes back by ops->wanted. */
	void (*sightings)(void *context, const struct buffer *frame);
	/* The scan has sent all its sightings: ops->look and then ops->proven come back. */
	void (*listed)(void *context, uint64_t done, uint64_t expected);
	/* A look that ops->look asked for is over. */
	void (*looked)(void *context, uint32_t request);
	void (*progress)(void *context, uint64_t done, uint64_t expected);
	void (*scan_done)(void *context, const struct source_outcome *outcome);
	/* The answer to a READ is complete, or (err not NULL) could not be given. */
	void (*read_done)(void *context, uint32_t request, const struct error *err);
	void (*warning)(void *context, const char *code, struct slice id, const char *text);
	/* What was seen outside of a scan could not be looked at or read: only the next one will
	 * tell. */
	void (*unsure)(void *context);
	/* True while the server takes less than comes: ask for no more until the source is told to
	 * resume. */
	bool (*congested)(void *context);
};

struct source;

/* Something happened to this file: where it is now, and whether at all, is to be looked up. */
struct source_hint {
	struct slice id; /* a valid queue ID */
	uint8_t queue;	 /* enum queue: where it was; HELPER_QUEUE_GONE: it was removed
			    last; QUEUE_BOUNCE_LOGS: its bounce log is new or has grown */
};

struct source_ops {
	enum reader_proto_source kind;
	/* Looks at the whole queue. With `forget` it first forgets everything, so that everything
	 * is given again. With `all` the server wants everything that is there, without being
	 * asked. Not called while a scan is under way. */
	void (*scan)(struct source *source, bool forget, bool all);
	/* A fresh look at these IDs. Any number of reads may be under way, during scans too. */
	void (*read)(
	    struct source *source, uint32_t request, const struct slice *ids, size_t count);
	/* The server takes messages again. */
	void (*resume)(struct source *source);
	/* Reads that are under way end with an error. */
	void (*destroy)(struct source *source);

	/* The spool only, NULL elsewhere. */

	/* A WANTED frame of the server. */
	void (*wanted)(struct source *source, const struct frame *frame);
	/* See where these are now; sightings, absences, and then `looked`. */
	void (*look)(struct source *source, uint32_t request,
	    const struct reader_proto_place *places, size_t count);
	/* No more such looks for the scan under way. */
	void (*proven)(struct source *source);
	/* Looks at these soon, during scans too. */
	void (*hint)(struct source *source, const struct source_hint *hints, size_t count);
	/* Hints that were not looked at yet. */
	size_t (*waiting)(const struct source *source);
	/* Whether everything that was seen and hinted is told. */
	bool (*settled)(const struct source *source);
};

/* The first member of each source's own struct. */
struct source {
	const struct source_ops *ops;
	struct source_sink sink;
};

#endif
