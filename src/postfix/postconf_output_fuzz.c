#include <stdint.h>
#include <stdlib.h>

#include "base/duration.h"
#include "postfix/postconf_output.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), line, name, value;
	struct postconf_output_override override;
	int64_t strict, lenient;
	char text[DURATION_TEXT_SIZE];

	postconf_output_find(rest, "queue_run_delay", &value);
	while (slice_split(&rest, '\n', &line)) {
		postconf_output_parse(line, &name, &value);
		postconf_output_parse_override(line, &override);
		if (!postconf_output_strict_time(line, &strict))
			continue;
		/* What we accept Postfix reads as the same, and what we write too. */
		if (!postconf_output_time(line, 's', &lenient) || lenient != strict)
			abort();
		duration_format(strict, text);
		if (!postconf_output_strict_time(slice_of(text), &lenient) || lenient != strict)
			abort();
	}
	return 0;
}
