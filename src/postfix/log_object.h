/* One log line that is a JSON object: an entry of `journalctl -o json` (its values strings, null,
 * or arrays of numbers where the bytes are not UTF-8: systemd's "Journal JSON Format"), docker's
 * json-file, or what a log shipper made of a syslog line. Pure, but for a time without a zone. */
#ifndef POSTFIX_LOG_OBJECT_H
#define POSTFIX_LOG_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/log_time.h"

struct log_object {
	struct log_time time;
	struct slice host, program; /* empty where it has none */
	struct slice text;	    /* the message, or with no program a whole line */
	uint32_t pid;		    /* 0: none */
};

/* Reads one object. False when it is none, or has no text. `scratch` is emptied; the slices point
 * into it or into the line. Members that are not wanted are passed over, whatever they are. */
bool log_object_parse(
    struct slice line, struct log_clock *clock, struct buffer *scratch, struct log_object *out);

#endif
