/* Between server and logreader: the messages that the mail log knows of some text.
 *
 * The server asks LOG_PROTO_TRACE. The answer is, for each message and the newest first, one
 * LOG_PROTO_TRACED and any number of LOG_PROTO_TRACED_RECIPIENTS; then one LOG_PROTO_TRACE_END. All
 * have the question's request number. A search can take long: whoever no longer waits says
 * LOG_PROTO_CANCEL with the request number in its body. */
#ifndef WIRE_LOG_TRACE_PROTO_H
#define WIRE_LOG_TRACE_PROTO_H

#include "wire/log_proto.h"

/* Lives of one message that are told, through re-queues and filters; a longer chain is cut. */
#define LOG_TRACE_IDS_MAX 32
/* Messages of one page. */
#define LOG_TRACE_LIMIT_MAX 200
/* Recipients of one message that are told; those that were asked for come first. */
#define LOG_TRACE_RECIPIENTS_MAX 100
/* The longest text that is asked for: an address has at most 320 bytes, a message ID 998. */
#define LOG_TRACE_TEXT_MAX 998

/* Where a page ends: at a message, by the time of its last line and, where several share that, by
 * its first queue ID. */
struct log_trace_place {
	int64_t last_us;
	struct slice id; /* empty: no place, the first page */
};

struct log_trace_question {
	/* an address, a domain, a queue ID, a message ID or a remote queue ID, whole */
	struct slice text;
	/* only messages of which the log says something about the text from `from_us` on and before
	 * `to_us` */
	int64_t from_us, to_us;
	uint32_t limit; /* messages at most, 1 to LOG_TRACE_LIMIT_MAX */
	struct log_trace_place after;
};

/* The numbers travel: append only. */
enum log_trace_result {
	LOG_TRACE_UNKNOWN, /* the log does not say how it ended */
	LOG_TRACE_QUEUED,  /* nothing has been tried under its newest ID */
	LOG_TRACE_DEFERRED,
	LOG_TRACE_HELD,
	LOG_TRACE_DELIVERED,
	LOG_TRACE_BOUNCED,
	LOG_TRACE_EXPIRED, /* its time in the queue was over, or somebody ended it */
	LOG_TRACE_DELETED, /* without a word to the sender */
	LOG_TRACE_RESULTS
};

struct log_traced_message {
	struct slice ids[LOG_TRACE_IDS_MAX]; /* oldest life first; at least one */
	size_t id_count;
	int64_t last_us;    /* the newest line that has what was asked, within the times asked */
	int64_t arrival_us; /* 0: the line that took it in is not in the log */
	bool ended;	    /* the newest life is over, as the log has it */
	bool has_sender;    /* an empty sender that is known is the null sender */
	struct slice sender, message_id, login, client; /* empty: not known */
	uint64_t size;					/* 0: not known */
	bool recipients_cut; /* there are more recipients, or more lines, than are told */
};

struct log_traced_recipient {
	struct slice address, original; /* original: empty, or where it was addressed to at first */
	uint8_t result;			/* enum log_trace_result */
	int64_t at_us;			/* when the log said so */
	struct slice relay, dsn, reply, remote_id, by; /* empty: not known */
	/* Told of last in a life that is not certain to be of the message's sender: a list has sent
	 * it on, or it only has the same Message-ID. Then who sent the message, with which login
	 * and from where says nothing of this recipient. */
	bool other_sender;
};

struct log_trace_end {
	bool more;	    /* there may be more messages behind the last one */
	bool complete;	    /* all of the log was there to be searched */
	struct slice error; /* empty, or what is wrong with the log, or with the question */
};

void log_trace_put_question(struct buffer *b, const struct log_trace_question *question);
bool log_trace_get_question(struct cursor *c, struct log_trace_question *question);

void log_trace_put_cancel(struct buffer *b, uint32_t request);
bool log_trace_get_cancel(struct cursor *c, uint32_t *request);

/* Over-long texts are cut. */
void log_trace_put_message(struct buffer *b, const struct log_traced_message *message);
bool log_trace_get_message(struct cursor *c, struct log_traced_message *message);

/* Put for each recipient while the body stays within WIRE_BODY_MAX (one takes at most
 * LOG_TRACE_RECIPIENT_SIZE_MAX); get until the cursor is empty. */
#define LOG_TRACE_RECIPIENT_SIZE_MAX (7 * (LOG_PROTO_TEXT_MAX + 4) + 16)
void log_trace_put_recipient(struct buffer *b, const struct log_traced_recipient *recipient);
bool log_trace_get_recipient(struct cursor *c, struct log_traced_recipient *recipient);

void log_trace_put_end(struct buffer *b, const struct log_trace_end *end);
bool log_trace_get_end(struct cursor *c, struct log_trace_end *end);

#endif
