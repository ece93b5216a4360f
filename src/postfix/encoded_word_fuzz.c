#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "postfix/encoded_word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What comes out is bounded, what is no word is kept, and what is valid stays so. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer out = {0};
	struct slice text = slice_make(data, size);

	encoded_word_decode(&out, text);
	if (out.len / 3 > size || (out.len / 3 == size && out.len % 3 != 0))
		abort();
	if (slice_find(text, SLICE("=?")) < 0 && !slice_equal(text, buffer_slice(&out)))
		abort();
	if (utf8_valid(text) && !utf8_valid(buffer_slice(&out)))
		abort();
	return 0;
}
