/* What somebody with a scope gets of a trace: of each message those recipients that his scope
 * matches by what the log says of it, and the message only where it has one and would be found by
 * what he is shown. What the log does not tell (a reason, a size) decides nothing.
 *
 * The order, too, is that of what he is shown: the log reader gives messages by their newest line
 * of what was asked, which may be about somebody else. The newest that is shown is never newer, so
 * a page is whole when all that is still to come is older than its last message. */
#ifndef API_TRACE_PART_H
#define API_TRACE_PART_H

#include "api/api.h"
#include "wire/log_trace_proto.h"

struct trace_part;

/* Where a page begins. IDs may be empty. */
struct trace_page {
	/* Behind which message the log is searched: it may be somebody else's. */
	int64_t from_us;
	char from_id[LOG_PROTO_ID_MAX + 1];
	/* What of that was shown on pages before. */
	int64_t shown_us;
	char shown_id[LOG_PROTO_ID_MAX + 1];
};

/* `question` says what is searched for, and from when; copied. It keeps the first `wanted` messages
 * that are behind what `begin` has as shown. */
struct trace_part *trace_part_create(const char *scope, const struct log_trace_question *question,
    const struct trace_page *begin, size_t wanted);
/* Accepts a pointer to NULL. */
void trace_part_destroy(struct trace_part **part);

/* The next message, then each of its recipients: whether it is shown. */
void trace_part_begin(struct trace_part *part, const struct log_traced_message *message);
bool trace_part_has(struct trace_part *part, const struct log_traced_recipient *recipient);
/* All of it is there, with what the queue added. False: it is none of his. Else takes out of
 * `message` what tells of recipients that are not shown, and keeps it where it is among the first
 * that are wanted. */
bool trace_part_finish(struct trace_part *part, json_t *message, const json_t *recipients);
/* Whether the page is whole, now that the log reader has come to `last_us`. */
bool trace_part_is_full(const struct trace_part *part, int64_t last_us);
/* Adds the first `limit` messages to `messages`, and tells where the last of them lies (leaves both
 * where there is none). True: there are more of the wanted ones. */
bool trace_part_take(const struct trace_part *part, size_t limit, json_t *messages,
    int64_t *last_us, char id[LOG_PROTO_ID_MAX + 1]);

/* The beginning of a page of which nothing may be read: "~" and what numbers_seal makes of it. */
#define TRACE_PART_HIDDEN_SIZE (1 + NUMBERS_SEALED_SIZE(2 * (8 + LOG_PROTO_ID_MAX + 1)))
void trace_page_hide(const struct numbers *numbers, const struct trace_page *begin,
    char text[TRACE_PART_HIDDEN_SIZE]);
/* And back. */
bool trace_page_find(const struct numbers *numbers, struct slice text, struct trace_page *begin);

/* A place in the log as a text, and back: "TIME-ID", with another number in the place of the time
 * where `numbers` is not NULL, because that time may be of a line about somebody else. */
void trace_part_place(
    const struct numbers *numbers, int64_t last_us, const char *id, char *text, size_t size);
bool trace_part_read_place(
    const struct numbers *numbers, struct slice text, struct log_trace_place *place);

#endif
