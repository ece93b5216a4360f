/* Addresses of requests: split, decoded, matched against a pattern. */
#include <stdlib.h>

#include "base/utf8.h"
#include "http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target_parts parts = {0};
	struct target_pair params[4];
	const char *why = NULL;
	size_t count;

	if (target_split(slice_make(data, size), &parts, &why)) {
		for (size_t i = 0; i < parts.segment_count; i++)
			if (!utf8_valid(parts.segments[i]))
				abort();
		target_match(&parts, "/api/v1/messages/{id}/parts/{n}", params, 4, &count);
	} else if (why == NULL) {
		abort();
	}
	target_free(&parts);
	return 0;
}
