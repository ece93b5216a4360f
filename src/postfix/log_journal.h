/* One entry of `journalctl -o json`: a JSON object on a line, its values strings, null, or arrays
 * of numbers where the bytes are not UTF-8 (systemd's "Journal JSON Format"). Pure. */
#ifndef POSTFIX_LOG_JOURNAL_H
#define POSTFIX_LOG_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

struct log_journal {
	int64_t time_us; /* __REALTIME_TIMESTAMP */
	struct slice host, identifier, message;
	uint32_t pid;
};

/* Reads one entry. False when it is no JSON object, or has no time, identifier or message.
 * `scratch` is emptied; the slices point into it. Fields that are not wanted are skipped, whatever
 * they are. */
bool log_journal_parse(struct slice line, struct buffer *scratch, struct log_journal *out);

#endif
