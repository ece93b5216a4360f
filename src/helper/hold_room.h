/* Room for names in the directory `hold`. On ext2 to ext4 a directory needs blocks of its own for
 * more names: with a full disk `postsuper -h` and a delete with a grace time stop after some fifty
 * messages ("rename file deferred/7/74687136 as hold/74687136: No space left on device"). But such
 * a directory never shrinks. So it is made large once, while there is room, for more than 10,000
 * names: by links to an empty file, under names that are no queue ID, which are removed at once.
 *
 * This is the one thing that Postroom itself writes beneath the queue directory. It happens in a
 * process of its own that has become mail_owner, and that takes a second at most to make them; a
 * slow disk gets less room. To Postfix they are nothing: no queue ID begins with a dot, so showq,
 * qmgr and postsuper pass over them (postsuper -s says "bogus file name" of one that it comes
 * across). What a kill left in the middle goes at the next start. */
#ifndef HELPER_HOLD_ROOM_H
#define HELPER_HOLD_ROOM_H

#include "wire/control_proto.h"

/* Sees to it, once and quickly (0.1 s the first time, two system calls ever after). Does nothing
 * where it cannot or need not: another kind of file system, hashed `hold`, not root, a command
 * prefix. */
void hold_room_make(const struct role_config *config);

#endif
