/* What is to be sent, in its order for each channel. A message is written down as being sent before
 * the notifier is asked, and how it went after it has answered: so without a kill it is sent once,
 * and what was under way at a kill is sent again, with the same key for who cares.
 *
 * A channel that does not take a message is tried again with growing pauses, and what comes behind
 * it waits: the end of an incident never comes before its beginning. */
#ifndef WATCH_ALERT_OUTBOX_H
#define WATCH_ALERT_OUTBOX_H

#include "exchange/notify.h"
#include "store/store.h"
#include "watch/alerts/body.h"
#include "watch/notices.h"

/* The pause after the first try that fails, doubled with each, and its longest. */
#define ALERT_OUTBOX_PAUSE 5
#define ALERT_OUTBOX_PAUSE_MAX 300
/* Given up: never taken in so long; or refused so often, so that one that cannot be taken does not
 * keep back all behind it. */
#define ALERT_OUTBOX_PATIENCE (3 * 86400)
#define ALERT_OUTBOX_REFUSALS_MAX 8
/* Messages that wait for one channel; what comes then is told together later (alerts.h). */
#define ALERT_OUTBOX_WAITING_MAX 50
/* Of all channels, over a restart. */
#define ALERT_OUTBOX_OPEN_MAX 5000
/* People are told of a channel that has failed for so long. */
#define ALERT_OUTBOX_FAILING 900
/* What the store did not take is written again after so long. */
#define ALERT_OUTBOX_WRITE_AGAIN 30

struct alert_outbox;

struct alert_outbox_events {
	void *context;
	const struct alert_setup *(*setup)(void *context);
	/* Valid during the call. */
	void (*place)(void *context, struct alerts_place *out);
	void (*changed)(void *context);
	/* For metrics: "sent", "failed" (a try; it is tried again) or "given_up". */
	void (*counted)(void *context, const char *result);
};

/* All outlive it. */
struct alert_outbox *alert_outbox_create(struct store *store, struct exchange *notifier,
    struct notices *notices, const struct alert_outbox_events *events);
/* Begins nothing any more. Before the notifier's channel goes. */
void alert_outbox_stop(struct alert_outbox *outbox);
/* After the store was destroyed. Accepts a pointer to NULL. */
void alert_outbox_destroy(struct alert_outbox **outbox);

/* To be sent; takes what is in `row`. One with the number 0 is not in the store. */
void alert_outbox_add(struct alert_outbox *outbox, struct alert_row *row);
bool alert_outbox_is_full(const struct alert_outbox *outbox, const char *channel);
/* Channels are others now: what waits is tried at once. */
void alert_outbox_channels_changed(struct alert_outbox *outbox);

/* Begins what is due. Unix seconds. */
void alert_outbox_tick(struct alert_outbox *outbox, int64_t now);
/* When there is something to do without an event; Unix seconds; 0: never. */
int64_t alert_outbox_deadline(const struct alert_outbox *outbox);

/* Unix seconds; 0: what was sent last was taken. */
int64_t alert_outbox_failing_since(const struct alert_outbox *outbox, const char *channel);
/* Messages that are still to be sent, and channels that did not take the last one. */
size_t alert_outbox_waiting(const struct alert_outbox *outbox);
size_t alert_outbox_failing(const struct alert_outbox *outbox);
/* How a try went that was not of the outbox: a test, or an Alertmanager told again. */
void alert_outbox_note(struct alert_outbox *outbox, const struct alert_channel *channel,
    const struct notifier_sent *sent);

#endif
