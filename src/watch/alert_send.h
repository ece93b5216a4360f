/* One message to one channel, through the notifier. */
#ifndef WATCH_ALERT_SEND_H
#define WATCH_ALERT_SEND_H

#include "exchange/notify.h"
#include "watch/alerts/body.h"

/* Of the whole: longer than a relay takes that looks up names first. */
#define ALERT_SEND_TIMEOUT_MS 30000

/* Asks; `message` may lose incidents at its end. `done` is called exactly once unless it is
 * cancelled, never from within this call. 0: it cannot be sent as it is (`why`), and `done` is not
 * called. */
uint32_t alert_send(struct exchange *notifier, const struct alert_channel *channel,
    struct alerts_message *message, const struct alerts_place *place, notify_done *done,
    void *context, struct error *why);
/* A heartbeat: GET. */
uint32_t alert_send_beat(struct exchange *notifier, const struct alert_heartbeat *heartbeat,
    notify_done *done, void *context);

/* What happened and what was answered, for people, without the channel's secrets. */
void alert_send_words(const struct alert_channel *channel, const struct notifier_sent *sent,
    struct buffer *text, struct buffer *answer);

#endif
