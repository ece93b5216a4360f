/* What stands in front of the text of a mail log line: time, host, program, process number. It is
 * found by its structure, as log_line.h says, not by a list of forms. Pure, but for the zone: a
 * time without one is local time (mktime). */
#ifndef POSTFIX_LOG_PREFIX_H
#define POSTFIX_LOG_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/log_line.h"

struct log_prefix {
	int64_t time_us; /* or LOG_TIME_UNKNOWN */
	struct slice host;
	/* the two ends of "postfix/submission/smtpd"; process is empty where only the instance was
	 * logged */
	struct slice instance, process;
	uint32_t pid; /* 0 where there is none */
	struct slice text;
};

/* False when the line is no program's of Postfix. */
bool log_prefix_parse(
    struct slice line, struct log_clock *clock, struct buffer *scratch, struct log_prefix *out);

#endif
