#include <stdint.h>

#include "wire/log_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every body as each of the messages. What is read can be written again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer out = {0};
	struct log_proto_subscribe subscribe;
	struct log_proto_lookup lookup;
	struct log_proto_status status;
	struct log_proto_event event;
	struct log_proto_end end;
	struct slice id;
	struct cursor c = cursor_init(data, size);

	while (log_proto_get_event(&c, &event))
		log_proto_put_event(&out, &event);
	c = cursor_init(data, size);
	while (log_proto_get_id(&c, &id))
		log_proto_put_id(&out, id);
	c = cursor_init(data, size);
	if (log_proto_get_subscribe(&c, &subscribe))
		log_proto_put_subscribe(&out, &subscribe);
	c = cursor_init(data, size);
	if (log_proto_get_lookup(&c, &lookup))
		log_proto_put_lookup(&out, &lookup);
	c = cursor_init(data, size);
	if (log_proto_get_end(&c, &end))
		log_proto_put_end(&out, &end);
	c = cursor_init(data, size);
	if (log_proto_get_status(&c, &status))
		log_proto_put_status(&out, &status);
	return 0;
}
