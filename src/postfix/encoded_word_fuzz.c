#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "postfix/encoded_word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What comes out is bounded, what is no word is kept, and what is valid stays so. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct charsets *charsets;
	BUFFER_AUTO struct buffer out = {0}, utf8_alone = {0};
	struct slice text = slice_make(data, size);
	const char *missing;

	if (charsets == NULL)
		charsets = charsets_open(&missing);
	encoded_word_decode(charsets, &out, text);
	encoded_word_decode(NULL, &utf8_alone, text);
	if (out.len / 9 > size || utf8_alone.len / 3 > size)
		abort();
	if (slice_find(text, SLICE("=?")) < 0 && !slice_equal(text, buffer_slice(&out)))
		abort();
	if (utf8_valid(text) && !utf8_valid(buffer_slice(&out)))
		abort();
	return 0;
}
