/* Whether channels and rules can be as somebody has set them, and what their words are. Pure. */
#ifndef WATCH_ALERTS_CHECK_H
#define WATCH_ALERTS_CHECK_H

#include "store/alert_rows.h"

#define ALERTS_LIMIT_LEAST 2
#define ALERTS_LIMIT_MOST 1000
#define ALERTS_GROUP_WAIT_MAX 3600
/* What is open is told again no more often, and at least once a week. */
#define ALERTS_REPEAT_LEAST 300
#define ALERTS_REPEAT_MAX 604800
#define ALERTS_BEAT_LEAST 10
#define ALERTS_BEAT_MOST 86400
/* Of headers, and of arguments or recipients, together: what the notifier takes, less our own. */
#define ALERTS_HEADERS_BYTES 7000
#define ALERTS_LIST_BYTES 4096
#define ALERTS_SILENCE_MAX (366 * INT64_C(86400))

/* What is wrong with it, and where. */
struct alerts_fault {
	const char *code;   /* of a problem: invalid_value or invalid_template */
	const char *member; /* "url" */
	size_t column;	    /* of a template, in characters from 1; else 0 */
	char text[400];
	char words[640]; /* of it (base/said.h); empty: none */
};

bool alerts_check_id(struct slice id);
bool alerts_check_channel(const struct alert_channel *channel, struct alerts_fault *fault);
/* `setup` has the channels that it may name. */
bool alerts_check_rule(
    const struct alert_rule *rule, const struct alert_setup *setup, struct alerts_fault *fault);
bool alerts_check_heartbeat(const struct alert_heartbeat *heartbeat, struct alerts_fault *fault);

/* "webhook", ...; NULL for other numbers. The other way -1. */
const char *alerts_channel_kind_name(enum alert_channel_kind kind);
int alerts_channel_kind(struct slice name);
const char *alerts_group_name(enum alert_group group);
int alerts_group(struct slice name);
const char *alerts_what_name(enum alert_what what);

#endif
