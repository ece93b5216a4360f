/* The mail log: where it is, its files, or the command that prints it. */
#ifndef HELPER_LOGS_H
#define HELPER_LOGS_H

#include "base/buffer.h"
#include "helper/peer.h"

void logs_list(struct peer *peer, struct frame *frame);	   /* LOG_LIST */
void logs_open(struct peer *peer, struct frame *frame);	   /* LOG_OPEN */
void logs_command(struct peer *peer, struct frame *frame); /* LOG_COMMAND */
void logs_peer_gone(struct peer *peer);

/* Which kind of log there is, and for people: its path, the command, or what is missing. `journal`
 * may be NULL: then a file that is there wins, written to or not. */
enum helper_log_kind logs_find(
    const struct role_config *config, const struct journal_look *journal, struct buffer *text);

#endif
