/* Carries incidents out: joins their list, the store and the notifier. What is told to whom, and
 * when, is decided in watch/alerts; here it is written down, given to the outbox, and kept.
 *
 * A turn follows each turn of the incidents at once, and each change of what is set. */
#ifndef WATCH_ALERT_WATCH_H
#define WATCH_ALERT_WATCH_H

#include "exchange/exchange.h"
#include "watch/alert_setting.h"
#include "watch/alerts/body.h"
#include "watch/incident_watch.h"
#include "watch/notices.h"

/* An Alertmanager is told again of what is open, well before it takes it for ended. */
#define ALERT_WATCH_RESEND 150
/* No heartbeat when the incidents had no turn for so long. */
#define ALERT_WATCH_STUCK 60

struct alert_watch;

struct alert_watch_events {
	void *context;
	/* Valid during the call. */
	void (*place)(void *context, struct alerts_place *out);
	/* The source of the queue can be read now. */
	bool (*source_reads)(void *context);
	/* People would see something else. */
	void (*changed)(void *context, uint64_t version);
	/* For metrics: what became of a message, as alert_outbox_events has it, or "silenced". */
	void (*counted)(void *context, const char *result);
};

/* All outlive it, but for what alert_watch_stop says. */
struct alert_watch *alert_watch_create(struct store *store, struct exchange *notifier,
    struct notices *notices, const struct incident_watch *incidents,
    const struct alert_watch_events *events);
/* Begins nothing any more. Before the store is destroyed, and before the notifier's channel. */
void alert_watch_stop(struct alert_watch *watch);
/* After the store was destroyed. Accepts a pointer to NULL. */
void alert_watch_destroy(struct alert_watch **watch);

/* Milliseconds on the monotonic clock; -1: never. */
int64_t alert_watch_deadline_ms(const struct alert_watch *watch);
/* After the incidents had their turn. */
void alert_watch_tick(struct alert_watch *watch);

/* ---- For the API ---- */

/* Channels, rules and silences. */
struct alert_setting *alert_watch_setting(const struct alert_watch *watch);
/* Unix seconds; 0: it takes what is sent. */
int64_t alert_watch_failing_since(const struct alert_watch *watch, const char *channel);
/* As alert_outbox_waiting and alert_outbox_failing. */
size_t alert_watch_waiting(const struct alert_watch *watch);
size_t alert_watch_failing(const struct alert_watch *watch);
/* The last heartbeat; `at` 0: there was none. */
struct alert_beat {
	int64_t at;
	bool ok;
	char text[500];
};
const struct alert_beat *alert_watch_beat(const struct alert_watch *watch);

struct alert_tested {
	bool ok;
	int status; /* 0: there was none */
	uint32_t took_ms;
	struct slice text, answer;
};
/* Sends a test to a channel, also to one that is turned off. `done` is called exactly once, perhaps
 * from within this call: alert_channel_not_found, notifier_unavailable, invalid_value. */
typedef void alert_watch_tested(
    void *context, const struct alert_tested *tested, const struct error *err);
void alert_watch_test(
    struct alert_watch *watch, const char *channel, alert_watch_tested *done, void *context);

#endif
