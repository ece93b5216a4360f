/* One POST to a webhook. */
#ifndef NOTIFIER_HTTP_SEND_H
#define NOTIFIER_HTTP_SEND_H

#include "notifier/outcome.h"
#include "transfer/transfer.h"

/* A transfer that is not started yet. `send` has passed notifier_send_check, and may go. */
struct transfer *http_send_create(struct transfers *transfers, const struct notifier_send *send,
    transfer_done *done, void *context);
/* What came of it. */
void http_send_judge(
    struct transfer *transfer, const struct transfer_end *end, struct outcome *outcome);

#endif
