/* The reader's inotify descriptor and the watches on queue directories. Limits of the kernel are
 * root's here, since the helper makes both; the reader only reads events.
 *
 * Each event is work for the process of Postfix that causes it (0.3 us, measured), so the masks are
 * the smallest that show every change of a message (docs/POSTFIX.md, "Queue directories"). What a
 * message that comes in, is delivered and goes costs are four events: incoming  CREATE    of the
 * temporary name that it has at first, which says nothing: but hashed directories are created here
 * too, when hash_queue_names changes ATTRIB    cleanup makes it ready by fchmod; utime by a
 * restarting queue manager active    MOVED_TO  from incoming and deferred DELETE    delivered or
 * bounced ATTRIB    utime comes before every renaming away from here, the deferral and the return
 * to incoming; the mark of `postsuper -e` Where less passes through, what comes and goes is told in
 * full. A file that is renamed by `postsuper -s` (its ID changes) or moved away by hand leaves no
 * other trace than MOVED_FROM. deferred, hold, corrupt, maildrop MOVED_TO, MOVED_FROM, DELETE;
 * ATTRIB (flush(8)'s utime, the mark; a ready maildrop) defer     CLOSE_WRITE: the end of an
 * attempt was added, maybe of a message that is on hold by now, whose queue file does not change.
 * Only what is deferred costs this. CREATE: of hashed directories bounce    CLOSE_WRITE: a
 * permanent failure was added to a message that stays */
#ifndef HELPER_WATCHES_H
#define HELPER_WATCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "helper/peer.h"
#include "helper/spool.h"

/* Makes helper->inotify, in place of an earlier one. 0, or an errno value. */
int watches_open(struct helper *helper);
void watches_close(struct helper *helper);

/* Watches an open directory of that queue; HELPER_QUEUE_ANY is the queue directory itself. 0 with
 * the watch descriptor, or an errno value (helper_proto.h, helper_watch_end). */
int watches_add(const struct helper *helper, int directory, unsigned queue, uint32_t *descriptor);

/* Why it failed, a sentence without its stop; and the line to type where a limit is the reason, or
 * nothing. */
void watches_explain(int error, const char *where, struct buffer *why, struct buffer *fix);

/* Directories that the configuration asks for, once all hashed ones are there. */
uint64_t watches_needed(const struct spool *spool);
/* The same as watches_explain where the limit is lower than that; nothing where it is not. */
void watches_explain_need(const struct spool *spool, struct buffer *why, struct buffer *fix);
/* Whether watches could be had now, by trying one: 0, or an errno value as of watches_add. */
int watches_try(const struct spool *spool);

/* The kernel's limits for root. */
struct watches_limits {
	uint64_t watches, instances;		   /* WATCHES_UNKNOWN where they cannot be read */
	const char *watches_name, *instances_name; /* of the sysctls that hold them */
};
#define WATCHES_UNKNOWN UINT64_MAX
struct watches_limits watches_limits(void);
/* What to set a limit to that is too low: `usual`, or twice as much where that is no more. */
uint64_t watches_advice(uint64_t limit, uint64_t usual);
/* What kernels since 5.11 give a machine with 4 GiB; a watch costs 1 KiB, and only in use. */
#define WATCHES_ADVICE 524288
/* Four times the default of all kernels; few programs have more than one. */
#define WATCHES_INSTANCES_ADVICE 512

#endif
