/* Counting, comparing and passing on how the messages of a preview stood. The text is what the API
 * calls `seen`: a version, and the counts in the order of enum queue. */
#include "jobs/preview_counts.h"

#include <string.h>

#define VERSION "1"

struct preview_counts preview_counts_of(const struct selection *selection)
{
	struct preview_counts s;

	memcpy(s.queue, selection_totals(selection)->queue, sizeof(s.queue));
	return s;
}

int64_t preview_counts_moved(const struct preview_counts *then, const struct preview_counts *now)
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

bool preview_counts_outdated(const struct preview_counts *then, const struct preview_counts *now)
{
	int64_t all = 0, moved = preview_counts_moved(then, now);

	for (int q = 0; q < QUEUE_COUNT; q++)
		all += then->queue[q];
	/* Both: in a large queue a few always move, and of a few messages one is a large share. */
	return moved > PREVIEW_COUNTS_FEW && moved > all / PREVIEW_COUNTS_SHARE;
}

void preview_counts_write(const struct preview_counts *counts, struct buffer *out)
{
	buffer_append_string(out, VERSION);
	for (int q = 0; q < QUEUE_COUNT; q++)
		buffer_printf(out, ".%lld", (long long)counts->queue[q]);
}

bool preview_counts_read(struct slice text, struct preview_counts *out, struct error *err)
{
	struct slice rest = text, part = {"", 0};
	uint64_t count = 0;
	bool good = text.len <= PREVIEW_COUNTS_TEXT_MAX && slice_split(&rest, '.', &part) &&
		    slice_is(part, VERSION);

	for (int q = 0; good && q < QUEUE_COUNT; q++) {
		good = slice_split(&rest, '.', &part) && slice_to_u64(part, &count) &&
		       /* It comes back from the caller, so it may be anything. */
		       count <= SELECTION_MAX;
		out->queue[q] = (int64_t)count;
	}
	if (good && !rest.data)
		return true;
	return error_say(err, "invalid_value", SAID_PROBLEM_SEEN, 0);
}
