/* One message to a relay that was named for it. */
#ifndef NOTIFIER_MAIL_SEND_H
#define NOTIFIER_MAIL_SEND_H

#include "notifier/outcome.h"
#include "transfer/transfer.h"

/* A transfer that is not started yet. `send` has passed notifier_send_check; `own_name` is what is
 * said in EHLO ("" for the kernel's). */
struct transfer *mail_send_create(struct transfers *transfers, const struct notifier_send *send,
    const char *own_name, transfer_done *done, void *context);
/* What came of it. */
void mail_send_judge(
    struct transfer *transfer, const struct transfer_end *end, struct outcome *outcome);

#endif
