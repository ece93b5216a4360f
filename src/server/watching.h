/* What the server tells the incidents (watch/incident_watch.h), and what they tell the page. */
#ifndef SERVER_WATCHING_H
#define SERVER_WATCHING_H

#include "server/internal.h"
#include "watch/alert_watch.h"
#include "watch/incident_watch.h"

/* When query, store, notices, rates and events of `server` are there. */
struct incident_watch *watching_create(struct server *server);
/* When there are incidents, too. */
struct alert_watch *watching_alerts(struct server *server);

/* How the log is read now; the context is the server. */
void watching_log_state(void *server, struct incident_log *out);

/* What the helper, the log reader and postconf say. */
void watching_status(struct incident_watch *watch, const struct helper_status *status);
void watching_log_event(struct incident_watch *watch, const struct log_proto_event *event);
void watching_repeats(
    struct incident_watch *watch, const struct log_proto_repeats *head, struct cursor *repeats);
void watching_facts(struct incident_watch *watch, const struct role_config *config);

#endif
