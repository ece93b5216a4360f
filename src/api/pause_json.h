/* Pauses as JSON, and what requests about them have in common. */
#ifndef API_PAUSE_JSON_H
#define API_PAUSE_JSON_H

#include "api/api.h"
#include "settings/pauses.h"

/* `Pause` in api/openapi.yaml; a new reference. `waiting` -1: not counted. */
json_t *api_pause_json(const struct pause *pause, int64_t waiting);
/* "none", "done", ...; a new reference. */
json_t *api_pause_setup_state_json(enum pause_setup_state state);
/* `PauseSetup`; a new reference. */
json_t *api_pause_setup_json(const struct pause_setup *setup);

/* What is to be held back, as PauseTarget says it, checked as far as that is possible without
 * asking Postfix. `key` is its kept form, and what ask->key points to. */
struct api_pause_ask {
	struct pauses_ask ask;
	struct buffer written, key;
};
/* Members of PauseTarget, for http_json. */
#define API_PAUSE_TARGET "kind key subdomains throttle release until long"
/* False: it has been answered (missing_member, invalid_value, pause_too_long). The caller frees in
 * either case. ask.reason and ask.who stay as they are. */
bool api_pause_read(
    struct http_request *rq, const json_t *body, int64_t now, struct api_pause_ask *out);
void api_pause_free(struct api_pause_ask *ask);
/* `until` and `long` of a body. */
bool api_pause_read_end(
    struct http_request *rq, const json_t *body, int64_t *until, bool *long_confirmed);

/* Appends the term that selects what waits for a pause: paused:=KEY. */
void api_pause_term(struct buffer *out, struct slice key);

#endif
