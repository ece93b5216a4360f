#include <stdint.h>
#include <stdlib.h>

#include "postfix/postsuper_output.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_line(void *context, const struct postsuper_output_line *line)
{
	if (line->kind == POSTSUPER_OUTPUT_MESSAGE && !queue_id_valid(line->id))
		abort();
	*(size_t *)context += line->kind == POSTSUPER_OUTPUT_MESSAGE;
}

/* The size of the pieces changes nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t done[2] = {0, 0};

	for (size_t pass = 0; pass < 2; pass++) {
		struct postsuper_output_reader reader = {0};
		size_t step = pass == 0 ? size + 1 : 3;

		for (struct slice rest = slice_make(data, size); rest.len > 0;
		     rest = slice_from(rest, step))
			postsuper_output_feed(
			    &reader, slice_first(rest, step), on_line, &done[pass]);
		postsuper_output_finish(&reader, on_line, &done[pass]);
		buffer_free(&reader.pending);
	}
	if (done[0] != done[1])
		abort();
	return 0;
}
