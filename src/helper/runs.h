/* Commands that the server asked for, each under a token of its choice. A finished outcome is kept
 * until the server has taken it, so that a server that was restarted can ask again. */
#ifndef HELPER_RUNS_H
#define HELPER_RUNS_H

#include "helper/peer.h"

/* Commands at the same time; more are refused as busy. */
#define RUNS_AT_ONCE 8
/* Outcomes that nobody took: beyond these the oldest are forgotten. */
#define RUNS_KEPT 64
#define RUNS_KEPT_BYTES ((size_t)64 << 20)

struct runs *runs_create(struct helper *helper);
/* Forgets all outcomes; commands that run go on without the helper. */
void runs_destroy(struct runs **runs);

/* RUN, RECALL and TAKEN; `request` is the number that the answer carries. */
void runs_start(struct peer *peer, uint32_t request, const struct helper_run *wanted);
void runs_recall(struct peer *peer, uint32_t request, uint64_t token);
void runs_taken(struct peer *peer, uint64_t token);

/* Commands that have not ended yet. */
unsigned runs_running(const struct runs *runs);

#endif
