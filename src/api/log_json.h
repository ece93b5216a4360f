/* What the mail log says about a message, as JSON: attempts, events and how far the log reaches. */
#ifndef API_LOG_JSON_H
#define API_LOG_JSON_H

#include "api/api.h"

struct log_json {
	json_t *attempts, *events;
	bool part; /* for somebody who may not know how many recipients there are */
	/* The newest trouble: what cleanup said, and what others did. */
	struct buffer of_cleanup, of_others;
};

void log_json_init(struct log_json *log);
void log_json_free(struct log_json *log);
/* Takes one event of a lookup. */
void log_json_event(struct log_json *log, const struct log_proto_event *event);
/* Sets `attempts`, `events` and `log` (LogState) in `body`. `end` and `status` may be NULL: the log
 * reader is not there. */
void log_json_finish(struct log_json *log, const struct log_proto_end *end,
    const struct log_proto_status *status, json_t *body);
/* Why a message that nothing has tried yet does not get on, as far as the log says; empty: it says
 * nothing. */
struct slice log_json_trouble(const struct log_json *log);

#endif
