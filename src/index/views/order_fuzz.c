/* The place where the next page begins, as a caller sends it. Input: u8 which order, then the text.
 * It is refused, or the page begins somewhere; and each place that a page ends with is taken. */
#include <stdio.h>

#include "base/must_fuzz.h"
#include "index/index.h"

#define NOW INT64_C(1795348800)
#define MESSAGES 6

static void tell(struct index *ix, int i)
{
	static const char *const senders[] = {"", "a@x.example", "b@x.example", "a@x.example"};
	MESSAGE_AUTO struct message m;
	struct message_recipient *r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), i % 2 ? "4bJkB%05dzBCD" : "%02dAD06AB0", i);
	m.queue = QUEUE_DEFERRED;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_NEXT_RETRY;
	m.arrival = m.create_time = NOW - i / 2 * 1000;
	m.next_retry = NOW + i;
	m.size = 1000u << i;
	m.sender = slice_of(senders[i % 4]);
	r = message_add_recipient(&m);
	r->address = SLICE("to@d.test");
	index_upsert(ix, &m);
}

static struct index *index_of_six(void)
{
	static struct index *ix;

	if (ix != NULL)
		return ix;
	ix = index_create();
	for (int i = 0; i < MESSAGES; i++)
		tell(ix, i);
	index_scan_begin(ix, false, 0);
	index_scan_end(ix, true, NOW);
	return ix;
}

static int page(struct slice after, struct index_sort sort, struct buffer *next, struct error *err)
{
	uint32_t rows[INDEX_PAGE_MAX];
	struct index_match match;

	return index_page(index_of_six(), NULL, sort, after, 2, NOW, rows, &match, next, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer next = {0}, further = {0};
	struct index_sort sort;
	struct error err = {"", ""};
	int count, total;

	if (size == 0)
		return 0;
	sort = (struct index_sort){
	    (enum index_sort_field)(data[0] / 2 % (INDEX_SORT_ID + 1)), data[0] % 2};
	total = count = page(slice_make(data + 1, size - 1), sort, &next, &err);
	if (count < 0) {
		must(strcmp(err.code, "invalid_cursor") == 0);
		return 0;
	}
	while (count > 0 && next.len > 0) {
		buffer_clear(&further);
		count = page(buffer_slice(&next), sort, &further, &err);
		must(count >= 0);
		total += count;
		buffer_clear(&next);
		buffer_append_slice(&next, buffer_slice(&further));
	}
	must(total <= MESSAGES);
	return 0;
}
