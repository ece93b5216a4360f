/* The traces that are under way. A few are searched at once, step by step in turn, so that a long
 * one does not keep a short one waiting; further ones wait for their turn. */
#ifndef LOGREADER_LOG_TRACES_H
#define LOGREADER_LOG_TRACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logreader/log_index.h"
#include "logreader/log_trace.h"

/* Searched at once: each knows all blocks of the log, a megabyte of them for 10 GB. */
#define LOG_TRACES_ACTIVE_MAX 4
/* With those that wait; a page asks for one thing at a time. */
#define LOG_TRACES_MAX 64

struct log_traces_item {
	uint32_t request;
	struct log_trace *trace; /* NULL: it waits */
	/* the question, with texts of its own; only while it waits */
	struct log_trace_question question;
	struct buffer texts;
};

/* Zero-initialised is empty. */
struct log_traces {
	struct log_traces_item item[LOG_TRACES_MAX]; /* in the order in which they were asked */
	size_t count, turn;
};

/* Ends all, without answers. */
void log_traces_free(struct log_traces *traces);
/* The question is copied. False when there are too many. */
bool log_traces_add(
    struct log_traces *traces, uint32_t request, const struct log_trace_question *question);
/* Ends one without an answer; one that is not known is nothing. */
void log_traces_cancel(struct log_traces *traces, uint32_t request);
/* One step of the one whose turn it is; `instance` is log_trace_create's, for one that begins.
 * Where that completes it: the trace, until the next call of any function here; whoever has taken
 * its answer says log_traces_cancel. */
const struct log_trace *log_traces_step(
    struct log_traces *traces, struct slice instance, struct log_index *index, uint32_t *request);

#endif
