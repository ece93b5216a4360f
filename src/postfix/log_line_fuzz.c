#include <stdint.h>
#include <stdlib.h>

#include "postfix/log_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct slice s, struct slice a, struct slice b)
{
	uintptr_t at = (uintptr_t)s.data;

	if (s.len == 0)
		return;
	if (at >= (uintptr_t)a.data && s.len <= a.len && at - (uintptr_t)a.data <= a.len - s.len)
		return;
	if (at >= (uintptr_t)b.data && s.len <= b.len && at - (uintptr_t)b.data <= b.len - s.len)
		return;
	abort();
}

/* Every slice of a parsed line lies within the line or the scratch buffer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), text;
	struct log_clock clock = {.reference_s = 1795348800};
	BUFFER_AUTO struct buffer scratch = {0};

	while (slice_split(&rest, '\n', &text)) {
		struct log_line line;

		if (!log_line_parse(text, &clock, &scratch, &line))
			continue;
		const struct slice all[] = {line.host, line.instance, line.process, line.text,
		    line.id, line.other_id, line.address, line.orig_to, line.relay, line.dsn,
		    line.status, line.tls, line.reason};

		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
			inside(all[i], text, slice_make(scratch.data, scratch.len));
	}
	return 0;
}
