/* Which incidents a rule or a silence means, and which times of the day. Pure, but for the time
 * zone of the process. */
#ifndef WATCH_ALERTS_CHOOSE_H
#define WATCH_ALERTS_CHOOSE_H

#include "store/alert_rows.h"
#include "store/incident_rows.h"

/* A pattern with * (any text) and ? (one byte), without regard to the case of ASCII letters; "" is
 * any. In time that is the product of both lengths at worst. */
bool alerts_key_matches(struct slice pattern, struct slice key);

/* Whether a Unix time is within hours that are set: by the clock on the wall, so that a night with
 * a change of the clocks is an hour longer or shorter. */
bool alerts_hours_contain(const struct alert_hours *hours, int64_t at);

/* By kind and key, which an incident has for ever. */
bool alerts_rule_means(const struct alert_rule *rule, const struct incident_row *row);
bool alerts_rule_takes_severity(const struct alert_rule *rule, int severity);
/* The silence that holds for it; NULL: none. */
const struct alert_silence *alerts_silence_of(
    const struct alert_setup *setup, const struct incident_row *row, int64_t now);

#endif
