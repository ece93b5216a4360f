#include <stdint.h>
#include <stdlib.h>

#include "postfix/defer_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct message *m, struct slice address, uint64_t offset, uint32_t flags)
{
	struct message_recipient *r = message_add_recipient(m);

	r->address = message_keep(m, address);
	r->offset = offset;
	r->flags = flags;
}

static void apply(struct message *m, struct slice bytes, size_t step, bool bounced)
{
	struct defer_log_index index = defer_log_index_make(m, bounced);
	struct defer_log log = {0};

	for (size_t at = 0; at < bytes.len; at += step)
		defer_log_feed(
		    &log, slice_first(slice_from(bytes, at), step), defer_log_index_apply, &index);
	defer_log_free(&log);
	defer_log_index_free(&index);
}

/* The size of the pieces changes nothing, and no entry makes a recipient. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer first = {0}, second = {0};
	struct buffer *encoded[2] = {&first, &second};

	for (size_t pass = 0; pass < 2; pass++) {
		struct message m;

		message_init(&m);
		add(&m, SLICE("ann@refused.test"), 100, 0);
		add(&m, SLICE("bob@grey.test"), 200, 0);
		add(&m, SLICE("bob@grey.test"), 300, 0);
		add(&m, SLICE("eve@gone.test"), 400, MESSAGE_RECIPIENT_DONE);
		apply(&m, slice_make(data, size), pass == 0 ? size + 1 : 3, false);
		apply(&m, slice_make(data, size), pass == 0 ? size + 1 : 1, true);
		if (m.recipient_count != 4)
			abort();
		for (size_t i = 0; i < 4; i++)
			buffer_append_slice(encoded[pass], m.recipients[i].reason);
		message_free(&m);
	}
	if (!slice_equal(buffer_slice(&first), buffer_slice(&second)))
		abort();
	return 0;
}
