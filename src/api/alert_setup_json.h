/* Channels, rules and silences as JSON, and back. */
#ifndef API_ALERT_SETUP_JSON_H
#define API_ALERT_SETUP_JSON_H

#include <jansson.h>

#include "http/request.h"
#include "store/alert_rows.h"

struct alert_watch;

/* With how they do. */
json_t *api_alert_channels_json(const struct alert_watch *watch);
json_t *api_alert_rules_json(const struct alert_watch *watch);
json_t *api_alert_silence_json(const struct alert_silence *silence);

/* From a body; `old` has what is stored, of which secrets are kept that are not given. False: it
 * has answered; what was read so far is in `fresh` all the same, for alert_setup_clear. */
bool api_alert_channels_read(struct http_request *rq, const json_t *body,
    const struct alert_setup *old, struct alert_setup *fresh);
/* `old` has the channels that rules may name. */
bool api_alert_rules_read(struct http_request *rq, const json_t *body,
    const struct alert_setup *old, struct alert_setup *fresh);
/* Without its number, and who made it. */
bool api_alert_silence_read(
    struct http_request *rq, const json_t *body, struct alert_silence *silence);

#endif
