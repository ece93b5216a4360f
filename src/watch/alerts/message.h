/* What one alert says: the incidents that it is about, as they were when it was decided. It is kept
 * in the outbox so, and made into the body that a channel wants when it is sent. Pure. */
#ifndef WATCH_ALERTS_MESSAGE_H
#define WATCH_ALERTS_MESSAGE_H

#include "base/buffer.h"
#include "store/alert_rows.h"
#include "store/incident_rows.h"

/* Incidents that one message tells; those beyond are counted. */
#define ALERTS_ITEMS_MAX 20
/* Of texts, in bytes; longer ones are cut. Twenty of them stay within what the notifier takes. */
#define ALERTS_TITLE_MAX 160
#define ALERTS_WHY_MAX 300
#define ALERTS_TODO_MAX 500
#define ALERTS_FILTER_MAX 1000

struct alerts_item {
	int64_t id;
	int kind, severity; /* enum incident_kind, incident_severity */
	bool ended;
	char *title, *why, *todo;
	char *key;	      /* of its subject; "" */
	char *cause;	      /* the key of a diagnosis; "" */
	char *filter;	      /* "" */
	int64_t messages;     /* -1: not known */
	int64_t since, until; /* until 0: it is open */
	uint32_t explains;    /* other incidents that it is the cause of */
	uint32_t times;	      /* how often the like has come lately, this one with it; 0: it is no
			       * coming and going */
};

struct alerts_message {
	char *key;
	char channel[ALERT_ID_MAX + 1], rule[ALERT_ID_MAX + 1];
	enum alert_what what;
	int64_t at;
	struct alerts_item items[ALERTS_ITEMS_MAX];
	size_t count;
	uint64_t more;
	bool late;	/* it was held back (quiet hours, the limit), and tells of that time */
	char *silenced; /* not to be sent, and why; NULL: it is */
};
void alerts_item_clear(struct alerts_item *item);
void alerts_message_clear(struct alerts_message *message);

/* What is to be told of an incident. */
void alerts_item_fill(struct alerts_item *item, const struct incident_row *row);
/* False where the message is full: then it is counted, and `item` cleared. */
bool alerts_message_add(struct alerts_message *message, struct alerts_item *item);

/* "example.org refuses our mail"; "3 incidents: ... and 2 more"; one line. */
void alerts_message_title(const struct alerts_message *message, struct buffer *out);
/* Why, in one sentence. */
void alerts_message_text(const struct alerts_message *message, struct buffer *out);

/* For the outbox: items and what is counted; not key, channel, rule, what and at, which are columns
 * of it. Decoding takes anything: false, and an empty message, where it is none of ours. */
void alerts_message_encode(const struct alerts_message *message, struct buffer *out);
bool alerts_message_decode(struct slice bytes, struct alerts_message *message);
/* The whole of a row. */
bool alerts_message_of_row(const struct alert_row *row, struct alerts_message *message);
void alerts_message_to_row(const struct alerts_message *message, struct alert_row *row);

#endif
