#include <stdint.h>
#include <stdlib.h>

#include "postfix/diagnosis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the status code, the rest the reason: every reason has a diagnosis. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), dsn;
	const struct diagnosis *found;

	if (!slice_split(&rest, '\n', &dsn) || rest.data == NULL)
		return 0;
	found = diagnosis_find(rest, dsn);
	if ((found == NULL) != (rest.len == 0) ||
	    (found != NULL && diagnosis_index(found) >= diagnosis_count()))
		abort();
	return 0;
}
