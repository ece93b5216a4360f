#include <stdint.h>
#include <stdlib.h>

#include "wire/reader_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_message(void *context, uint32_t request, struct slice bytes)
{
	*(uint64_t *)context += request + bytes.len;
}

static void on_removal(void *context, const struct reader_proto_removal *removal)
{
	*(uint64_t *)context += removal->id.len + removal->queue;
	if (removal->id.len > READER_PROTO_ID_MAX)
		abort();
}

static void read_one(const struct frame *f, struct reader_proto_inbox *inbox, uint64_t *sum)
{
	static struct slice ids[READER_PROTO_READ_IDS_MAX];
	static struct reader_proto_sighting sightings[READER_PROTO_SIGHTINGS_MAX];
	static struct reader_proto_place places[READER_PROTO_READ_IDS_MAX];
	struct reader_proto_listed listed;
	const uint8_t *bits;
	struct cursor c = frame_cursor(f);
	struct reader_proto_status status;
	struct reader_proto_scan scan;
	struct reader_proto_warning warning;
	struct reader_proto_refreshed refreshed;
	int64_t current;
	size_t count;

	reader_proto_read_status(f, &status);
	reader_proto_read_scan(f, &scan);
	reader_proto_read_warning(f, &warning);
	reader_proto_read_refreshed(f, &refreshed);
	reader_proto_read_current(f, &current);
	reader_proto_read_ids(f, ids, &count);
	if (reader_proto_read_sightings(f, sightings, &count))
		for (size_t i = 0; i < count; i++)
			*sum += sightings[i].id.len + sightings[i].signature;
	if (reader_proto_read_places(f, places, &count))
		for (size_t i = 0; i < count; i++)
			*sum += places[i].id.len;
	while (reader_proto_read_listed(&c, &listed))
		*sum += listed.id.len;
	if (reader_proto_read_wanted(f, 9, &bits))
		*sum += reader_proto_bit(bits, 8);
	reader_proto_inbox_removals(f, on_removal, sum);
	reader_proto_inbox_messages(inbox, f, on_message, sum);
}

/* The input is frames: a length of two bytes, then the packet. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_init(data, size);
	struct reader_proto_inbox inbox = {0};
	uint64_t sum = 0;

	while (c.left > 0 && !c.failed) {
		uint16_t len = cursor_u16(&c);
		struct slice packet = cursor_bytes(&c, len);
		struct frame f;

		f.fd_count = 0;
		if (!c.failed && frame_parse(packet.data, packet.len, &f))
			read_one(&f, &inbox, &sum);
	}
	reader_proto_inbox_free(&inbox);
	return sum == UINT64_MAX ? 1 : 0;
}
