#include <stdint.h>
#include <stdlib.h>

#include "postfix/queue_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_message(void *context, struct message *m)
{
	struct message copy;
	BUFFER_AUTO struct buffer bytes = {0};

	message_init(&copy);
	message_encode(&bytes, m);
	if (!queue_id_valid(slice_of(m->id)) || m->recipient_todo > m->recipient_total ||
	    !message_decode(&copy, buffer_slice(&bytes)))
		abort();
	buffer_append_slice(context, buffer_slice(&bytes));
	message_free(&copy);
}

/* The size of the pieces changes nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer first = {0}, second = {0};
	struct buffer *out[2] = {&first, &second};
	bool complete[2];

	for (size_t pass = 0; pass < 2; pass++) {
		struct queue_json s = {0};
		size_t step = pass == 0 ? size + 1 : 5;
		struct slice rest = slice_make(data, size);

		queue_json_begin(&s);
		while (rest.len > 0 &&
		       queue_json_feed(&s, slice_first(rest, step), on_message, out[pass]))
			rest = slice_from(rest, step);
		complete[pass] = queue_json_complete(&s);
		queue_json_free(&s);
	}
	if (complete[0] != complete[1] || !slice_equal(buffer_slice(&first), buffer_slice(&second)))
		abort();
	return 0;
}
