/* One packet as it may come over the channel between server and notifier. Whatever decodes is
 * encoded again and must give the same bytes; and what is to be sent passes its own check. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/notifier_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct buffer *again, const uint8_t *data, size_t size)
{
	if (again->len != size || memcmp(again->data, data, size) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer send_again = {0}, sent_again = {0}, cancel_again = {0};
	struct notifier_send send;
	struct notifier_sent sent;
	struct frame frame;
	uint32_t request;

	if (!frame_parse(data, size, &frame))
		return 0;
	if (notifier_send_decode(&frame, &send)) {
		notifier_send_encode(&send_again, frame.request, &send);
		same(&send_again, data, size);
	}
	if (notifier_sent_decode(&frame, &sent)) {
		notifier_sent_encode(&sent_again, frame.request, &sent);
		same(&sent_again, data, size);
	}
	if (frame.request == 0 && notifier_cancel_decode(&frame, &request)) {
		notifier_cancel_encode(&cancel_again, request);
		same(&cancel_again, data, size);
	}
	return 0;
}
