/* A time of RFC 3339: what is read, written down in UTC, is read as the same second. */
#include "base/clock.h"
#include "base/must_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char written[CLOCK_RFC3339_SIZE], again_written[CLOCK_RFC3339_SIZE];
	int64_t seconds, again;

	if (!clock_parse_rfc3339(slice_make(data, size), &seconds))
		return 0;
	clock_rfc3339(seconds, written);
	must(clock_parse_rfc3339(slice_of(written), &again));
	/* An offset may lead out of the years 0 to 9999, to which they are kept. */
	must(again == seconds || strncmp(written, "0000-01-01", 10) == 0 ||
	     strncmp(written, "9999-12-31", 10) == 0);
	clock_rfc3339(again, again_written);
	must(strcmp(written, again_written) == 0);
	return 0;
}
