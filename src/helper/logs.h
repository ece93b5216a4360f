/* The mail log: where it is, its files, or the command that prints it. */
#ifndef HELPER_LOGS_H
#define HELPER_LOGS_H

#include "base/buffer.h"
#include "helper/peer.h"

/* LOG_LIST, LOG_OPEN and LOG_COMMAND; `request` is the number that the answer carries. */
void logs_list(struct peer *peer, uint32_t request);
void logs_open(struct peer *peer, uint32_t request, const struct helper_log_open *wanted);
void logs_command(struct peer *peer, uint32_t request, const struct helper_log_command *wanted);
void logs_peer_gone(struct peer *peer);

/* Which kind of log there is, and for people: its path, the command, or what is missing. `journal`
 * may be NULL: then a file that is there wins, written to or not. */
enum helper_log_kind logs_find(
    const struct role_config *config, const struct journal_look *journal, struct buffer *text);

#endif
