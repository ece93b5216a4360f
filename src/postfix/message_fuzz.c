#include <stdint.h>
#include <stdlib.h>

#include "postfix/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What decodes encodes to something that decodes to the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer one = {0}, two = {0};
	struct message m, again;

	message_init(&m);
	message_init(&again);
	if (message_decode(&m, slice_make(data, size))) {
		message_encode(&one, &m);
		if (!message_decode(&again, buffer_slice(&one)))
			abort();
		message_encode(&two, &again);
		if (!slice_equal(buffer_slice(&one), buffer_slice(&two)))
			abort();
	}
	message_free(&m);
	message_free(&again);
	return 0;
}
