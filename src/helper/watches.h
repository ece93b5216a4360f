/* The reader's inotify descriptor and the watches on queue directories. Limits of the kernel are
 * root's here, since the helper makes both; the reader only reads events.
 *
 * Each event is work for the process of Postfix that causes it (0.3 us, measured), so the masks are
 * the smallest that show every change of a message (docs/POSTFIX.md, "Queue directories").
 *
 * A message that comes in, is delivered and goes costs four events. In incoming these are CREATE
 * and ATTRIB. CREATE has the temporary name of a message, which says nothing; but hashed
 * directories are created here too, when hash_queue_names changes. ATTRIB is cleanup's fchmod that
 * makes it ready, or the utime of a queue manager that restarts.
 *
 * In active they are MOVED_TO and DELETE: it came from incoming or deferred, and it was delivered
 * or bounced. ATTRIB comes before every renaming away from here, for the deferral and for the
 * return to incoming, and with the mark of `postsuper -e`.
 *
 * Where less passes through, what comes and goes is told in full. A file that `postsuper -s`
 * renames (its ID changes) or that is moved away by hand leaves no other trace than MOVED_FROM. So
 * deferred, hold, corrupt and maildrop have MOVED_TO, MOVED_FROM and DELETE. They have ATTRIB too,
 * for flush(8)'s utime, for the mark, and for a maildrop file that becomes ready.
 *
 * In defer CLOSE_WRITE says that the end of an attempt was added. The message may be on hold by
 * now, and then its queue file does not change. Only what is deferred costs this. CREATE is for
 * hashed directories. In bounce CLOSE_WRITE says that a permanent failure was added to a message
 * that stays. */
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
