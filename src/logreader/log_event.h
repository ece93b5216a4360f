/* From a parsed line to what travels. */
#ifndef LOGREADER_LOG_EVENT_H
#define LOGREADER_LOG_EVENT_H

#include "postfix/log_line.h"
#include "wire/log_proto.h"

/* The slices stay those of the line. An unknown time becomes 0. */
struct log_proto_event log_event_of(const struct log_line *line);

#endif
