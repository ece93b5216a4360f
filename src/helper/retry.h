/* Retry of many messages: flush(8)'s send_file requests over public/flush (docs/POSTFIX.md, "Retry
 * and flush"), or under a command prefix one `postqueue -i ID` after the other. */
#ifndef HELPER_RETRY_H
#define HELPER_RETRY_H

#include "helper/peer.h"

struct retry;

/* Called for each ID, in any order, with enum helper_retry; the last call has count IDs done. After
 * it the retry is freed. */
typedef void retry_function(void *context, size_t index, uint8_t status, bool last);

/* The IDs (checked, at least one) are copied. At `deadline_ms` from now those that are not done are
 * UNREACHABLE. */
struct retry *retry_start(struct helper *helper, const struct helper_strings *ids,
    int64_t deadline_ms, retry_function *function, void *context);

/* The status in flush(8)'s answer: attributes by name, over the announcement of Postfix 3.6 and
 * later. -1 as long as it is not there yet. */
int retry_parse_answer(struct slice answer);

#endif
