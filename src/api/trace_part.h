/* What somebody with a scope gets of a trace: of each message those recipients that his scope
 * matches by what the log says of it, and the message only where it has one and would be found by
 * what he is shown. What the log does not tell (a reason, a size) decides nothing. */
#ifndef API_TRACE_PART_H
#define API_TRACE_PART_H

#include "api/api.h"
#include "wire/log_trace_proto.h"

struct trace_part;

/* `text` is what is searched for; copied. */
struct trace_part *trace_part_create(const char *scope, struct slice text);
/* Accepts a pointer to NULL. */
void trace_part_destroy(struct trace_part **part);

/* The next message, then each of its recipients: whether it is shown. */
void trace_part_begin(struct trace_part *part, const struct log_traced_message *message);
bool trace_part_has(struct trace_part *part, const struct log_traced_recipient *recipient);
/* All of it is there, with what the queue added. False: it is none of his. Else takes out of
 * `message` what tells of recipients that are not shown. */
bool trace_part_finish(struct trace_part *part, json_t *message, const json_t *recipients);
/* Where the shown message number `count` lies (from 1; the last one where there are fewer). Leaves
 * both where none was shown. */
void trace_part_last(
    const struct trace_part *part, size_t count, int64_t *last_us, char id[LOG_PROTO_ID_MAX + 1]);

/* The place of a message that is not shown, of which nothing may be read: "~" and what numbers_seal
 * makes of it. */
#define TRACE_PART_HIDDEN_SIZE (1 + NUMBERS_SEALED_SIZE(8 + LOG_PROTO_ID_MAX + 1))
void trace_part_hide_place(const struct numbers *numbers, int64_t last_us, const char *id,
    char text[TRACE_PART_HIDDEN_SIZE]);
/* And back; the id of `place` lies in `id`. */
bool trace_part_find_place(const struct numbers *numbers, struct slice text,
    char id[LOG_PROTO_ID_MAX + 1], struct log_trace_place *place);

/* A place in the log as a text, and back: "TIME-ID", with another number in the place of the time
 * where `numbers` is not NULL, because that time may be of a line about somebody else. */
void trace_part_place(
    const struct numbers *numbers, int64_t last_us, const char *id, char *text, size_t size);
bool trace_part_read_place(
    const struct numbers *numbers, struct slice text, struct log_trace_place *place);

#endif
