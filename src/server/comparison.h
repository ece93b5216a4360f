/* Compares what the operator sees with what Postfix itself lists. A listing is a stream, and the
 * queue moves on under it, so one difference proves nothing: the reader looks at those messages
 * anew and lists once more; a message that differs again is shown as a warning, and everything is
 * read again. */
#ifndef SERVER_COMPARISON_H
#define SERVER_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/frame.h"
#include "wire/reader_proto.h"

struct comparison;
struct index;

struct comparison_client {
	void *context;
	/* Has the reader look at these, and answer with LOOK_END of that number. */
	uint32_t (*lookup)(void *context, const struct reader_proto_place *places, size_t count);
	/* Asks for another listing. */
	void (*list)(void *context);
	/* What is shown is wrong: every message is to be read again. */
	void (*read_all)(void *context);
	/* A difference that lasts, in words. */
	void (*differs)(void *context, struct slice id, const char *text);
};

struct comparison *comparison_create(struct index *index, const struct comparison_client *client);
/* Accepts a pointer to NULL. */
void comparison_destroy(struct comparison **comparison);

void comparison_begin(struct comparison *comparison);
/* A LISTED frame; false when it is malformed. */
bool comparison_listed(struct comparison *comparison, const struct frame *frame);
/* The listing ended; a broken one says nothing. */
void comparison_end(struct comparison *comparison, bool complete);
/* False when that number is not of a lookup that the comparison asked for. */
bool comparison_looked(struct comparison *comparison, uint32_t number);
/* The reader is gone. */
void comparison_abort(struct comparison *comparison);

#endif
