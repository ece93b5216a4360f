/* Queue IDs (Postfix: global/mail_queue.[ch], global/safe_ultostr.c). The root
 * helper uses this file too, so it depends on base alone.
 *
 * A short ID is the microseconds of a second, "%05X", and the inode, "%lX": it is used again once
 * its message is gone. A long ID (enable_long_queue_ids) is base-52 seconds (6 or more characters),
 * base-52 microseconds (4), 'z', base-51 inode: it is never used again. */
#ifndef POSTFIX_QUEUE_ID_H
#define POSTFIX_QUEUE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"
#include "base/slice.h"

/* The longest ID that is accepted: 15 characters of time, 'z', 12 of inode. */
#define QUEUE_ID_MAX 28
/* An ID and its NUL. */
#define QUEUE_ID_SIZE (QUEUE_ID_MAX + 1)

enum queue_id_form { QUEUE_ID_INVALID, QUEUE_ID_SHORT, QUEUE_ID_LONG };

/* The form of `id`, by anchored grammars, stricter than Postfix's own check (which accepts ALL):
 *     short  [0-9A-F]{6,21}
 *     long   [0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,15} z [the same without z]{1,12}
 * Neither matches ALL, "-", an option, or anything with a blank, a slash or a control character. */
enum queue_id_form queue_id_form(struct slice id);
bool queue_id_valid(struct slice id);

/* Unix time in microseconds from a long ID: when cleanup made the file. False for anything else. */
bool queue_id_time_us(struct slice id, int64_t *us);

/* The inode number that is in the ID, of both forms. False when `id` is no ID or the number
 * overflows. */
bool queue_id_inode(struct slice id, uint64_t *inode);

/* The hashed directory in front of the file name, "A/B/" for depth 2 (global/mail_queue.c): the
 * first characters of a short ID, of the microseconds as "%05X" for a long one, '_' where there are
 * too few. Depth 0 gives "". False when `id` is no ID or depth is over QUEUE_ID_DEPTH_MAX. */
#define QUEUE_ID_DEPTH_MAX 8
#define QUEUE_ID_HASH_SIZE (2 * QUEUE_ID_DEPTH_MAX + 1)
bool queue_id_hash_directory(struct slice id, unsigned depth, char out[QUEUE_ID_HASH_SIZE]);

#endif
