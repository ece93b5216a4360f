/* An alert as a mail (RFC 5322): plain text in UTF-8, told apart from what people write
 * (Auto-Submitted), in one thread with all that is told of the same incident. */
#ifndef WATCH_ALERTS_MAIL_H
#define WATCH_ALERTS_MAIL_H

#include "watch/alerts/body.h"

/* Appends the whole of it, lines with \r\n. `now`: Unix seconds, for its date. */
void alerts_mail_make(const struct alerts_message *message, const struct alert_channel *channel,
    const struct alerts_place *place, int64_t now, struct buffer *out);

#endif
