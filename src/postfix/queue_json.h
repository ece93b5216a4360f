/* The lines of `postqueue -j` (docs/POSTFIX.md, "Listings"; Postfix: postqueue/showq_json.c): one
 * JSON object a line, all versions. Unknown members are skipped, as Postfix documents. The listing
 * is complete when the command's exit status is 0, nothing was left over, and no line was bad. */
#ifndef POSTFIX_QUEUE_JSON_H
#define POSTFIX_QUEUE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/listing.h"
#include "postfix/message.h"

/* The longest line: 200,000 recipients with their reasons. A longer one is a broken listing. */
#define QUEUE_JSON_LINE_MAX ((size_t)64 << 20)

struct queue_json {
	struct buffer line; /* the line under way */
	struct buffer text; /* scratch: strings without their escapes */
	struct message message;
	bool broken;
	const char *problem; /* of `broken` */
	uint64_t messages;
	uint64_t skipped; /* with a name that is no queue ID, or an unknown queue */
};

/* Zero-initialise before queue_json_begin; queue_json_free at the end. */
void queue_json_begin(struct queue_json *j);
/* Reads a chunk of any size; false once a line is not what postqueue prints (then it stays false).
 */
bool queue_json_feed(struct queue_json *j, struct slice chunk, listing_fn fn, void *context);
/* True when nothing was broken and no line is unfinished. */
bool queue_json_complete(const struct queue_json *j);
void queue_json_free(struct queue_json *j);

#endif
