#include "jobs/standing.h"

#include <string.h>

#define VERSION "1"

struct standing standing_of(const struct selection *selection)
{
	struct standing s;

	memcpy(s.queue, selection_totals(selection)->queue, sizeof(s.queue));
	return s;
}

int64_t standing_moved(const struct standing *then, const struct standing *now)
{
	int64_t more = 0, fewer = 0;

	for (int q = 0; q < QUEUE_COUNT; q++) {
		int64_t change = now->queue[q] - then->queue[q];
		more += change > 0 ? change : 0;
		fewer += change < 0 ? -change : 0;
	}
	/* One that changed its queue is missing in one and new in another; one that left or came is
	 * only one of both. */
	return more > fewer ? more : fewer;
}

bool standing_outdated(const struct standing *then, const struct standing *now)
{
	int64_t all = 0, moved = standing_moved(then, now);

	for (int q = 0; q < QUEUE_COUNT; q++)
		all += then->queue[q];
	return moved > STANDING_FEW && moved > all / STANDING_SHARE;
}

void standing_write(const struct standing *standing, struct buffer *out)
{
	buffer_append_string(out, VERSION);
	for (int q = 0; q < QUEUE_COUNT; q++)
		buffer_printf(out, ".%lld", (long long)standing->queue[q]);
}

bool standing_read(struct slice text, struct standing *out, struct error *err)
{
	struct slice rest = text, part = {"", 0};
	uint64_t count = 0;
	bool good = text.len <= STANDING_TEXT_MAX && slice_split(&rest, '.', &part) &&
		    slice_is(part, VERSION);

	for (int q = 0; good && q < QUEUE_COUNT; q++) {
		good = slice_split(&rest, '.', &part) && slice_to_u64(part, &count) &&
		       count <= SELECTION_MAX;
		out->queue[q] = (int64_t)count;
	}
	if (good && !rest.data)
		return true;
	return error_set(
	    err, "invalid_value", "seen must be the `seen` of a preview, as it was given");
}
