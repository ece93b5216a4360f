/* What is sent: a message in the form that its channel's kind wants. Pure: the same message gives
 * the same bytes, but for its date. */
#ifndef WATCH_ALERTS_BODY_H
#define WATCH_ALERTS_BODY_H

#include "base/buffer.h"
#include "watch/alerts/message.h"

/* The notifier takes NOTIFIER_BODY_MAX; a message with more is cut to fewer incidents. */
#define ALERTS_BODY_MAX 36000

/* Where we are. */
struct alerts_place {
	struct slice public_url; /* http.public_url without a slash at its end; "": no links */
	struct slice host;	 /* the name of the mail system */
};

struct alerts_request {
	bool put;		    /* HTTP: PUT, else POST */
	struct buffer url, headers; /* HTTP; headers as the notifier wants them */
	struct buffer body; /* HTTP: the body; a command: its standard input; mail: the message */
};
void alerts_request_clear(struct alerts_request *request);

/* `message` may lose incidents at its end, which are counted then. `now`: Unix seconds, for a
 * signature and the date of a mail. */
void alerts_body_make(struct alerts_message *message, const struct alert_channel *channel,
    const struct alerts_place *place, int64_t now, struct alerts_request *out);

/* Of an Alertmanager: alerts that hold until `until`, unless they are told again or have ended. */
#define ALERTS_HOLD_SECONDS 600

/* Takes what is secret in a channel out of a text that comes from outside. */
void alerts_scrub(const struct alert_channel *channel, struct slice text, struct buffer *out);

#endif
