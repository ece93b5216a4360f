/* Whatever a mail holds, what is written is a document that can do nothing. */
#include "viewer/html_check_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer out = {0};

	html_rewrite(slice_make(data, size), NULL, &out);
	html_check_document(buffer_slice(&out));
	return 0;
}
