/* What postsuper says on stderr, line by line, while it works (docs/POSTFIX.md, "postsuper"). Its
 * exit status is 0 even when nothing matched: only these lines tell. */
#ifndef POSTFIX_POSTSUPER_OUTPUT_H
#define POSTFIX_POSTSUPER_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/queue_id.h"

enum postsuper_output_kind {
	POSTSUPER_OUTPUT_MESSAGE,    /* "postsuper: ID: removed": that message was done */
	POSTSUPER_OUTPUT_SUMMARY,    /* "postsuper: Deleted: 3 messages" */
	POSTSUPER_OUTPUT_INVALID_ID, /* "postsuper: warning: invalid mail queue id: x;y" */
	POSTSUPER_OUTPUT_WARNING,    /* any other warning or error */
	POSTSUPER_OUTPUT_FATAL,	     /* "postsuper: fatal: ...": it stopped there */
	POSTSUPER_OUTPUT_OTHER,	     /* anything else */
};

enum postsuper_output_verb {
	POSTSUPER_OUTPUT_REMOVED,
	POSTSUPER_OUTPUT_REQUEUED,
	POSTSUPER_OUTPUT_HELD,
	POSTSUPER_OUTPUT_RELEASED,
	POSTSUPER_OUTPUT_EXPIRED,
};

struct postsuper_output_line {
	enum postsuper_output_kind kind;
	enum postsuper_output_verb verb; /* of MESSAGE and SUMMARY */
	struct slice id;   /* of MESSAGE: a valid queue ID; of INVALID_ID: what is none, any text */
	uint64_t count;	   /* of SUMMARY */
	struct slice text; /* without "postsuper: " and the severity */
};

/* Reads one line (without its newline). */
void postsuper_output_parse(struct slice line, struct postsuper_output_line *out);

/* Lines out of chunks of any size. A line over POSTSUPER_OUTPUT_LINE_MAX is given in pieces of kind
 * OTHER. Zero-initialised is ready; buffer_free(&reader.pending) at the end. */
#define POSTSUPER_OUTPUT_LINE_MAX 4096
struct postsuper_output_reader {
	struct buffer pending;
	bool overlong; /* in the middle of a line that was too long */
};
typedef void (*postsuper_output_fn)(void *context, const struct postsuper_output_line *line);
void postsuper_output_feed(struct postsuper_output_reader *reader, struct slice chunk,
    postsuper_output_fn fn, void *context);
/* At the end of the output: a last line without newline. */
void postsuper_output_finish(
    struct postsuper_output_reader *reader, postsuper_output_fn fn, void *context);

#endif
