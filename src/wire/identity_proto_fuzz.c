/* One packet as it may come over the channel between server and identity. Whatever decodes is
 * encoded again and must give the same bytes. */
#include "base/must_fuzz.h"
#include "wire/identity_proto.h"

static void same(const struct buffer *again, const uint8_t *data, size_t size)
{
	must(again->len == size && memcmp(again->data, data, size) == 0);
}

static void check_questions(const struct frame *frame, const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer again = {0};
	struct identity_discover discover;
	struct identity_sign_in sign_in;
	uint32_t request;

	if (identity_discover_decode(frame, &discover))
		identity_discover_encode(&again, frame->request, &discover);
	else if (identity_sign_in_decode(frame, &sign_in))
		identity_sign_in_encode(&again, frame->request, &sign_in);
	else if (frame->request == 0 && identity_cancel_decode(frame, &request))
		identity_cancel_encode(&again, request);
	else
		return;
	same(&again, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer again = {0};
	struct identity_discovered discovered;
	struct identity_signed_in signed_in;
	struct frame frame;

	if (!frame_parse(data, size, &frame))
		return 0;
	check_questions(&frame, data, size);
	if (identity_discovered_decode(&frame, &discovered)) {
		/* They become a Location. */
		for (size_t i = 0; discovered.result == IDENTITY_DONE &&
				   i < discovered.authorization_endpoint.len;
		     i++)
			must((unsigned char)discovered.authorization_endpoint.data[i] > ' ');
		identity_discovered_encode(&again, frame.request, &discovered);
	} else if (identity_signed_in_decode(&frame, &signed_in)) {
		identity_signed_in_encode(&again, frame.request, &signed_in);
	} else {
		return 0;
	}
	same(&again, data, size);
	return 0;
}
