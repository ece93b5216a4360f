/* Requests as they come: the head must be judged alike however it arrives, and chunks too. */
#include <stdlib.h>

#include "http/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_chunks(struct slice bytes)
{
	struct gate_chunks chunks = {0}, again = {0};
	struct gate_refusal refusal;
	BUFFER_AUTO struct buffer whole = {0}, pieces = {0};
	size_t used, total = 0;
	enum gate_result at_once = gate_unchunk(&chunks, bytes, &used, &whole, 1000, &refusal),
			 result = GATE_MORE;

	for (size_t i = 0; i < bytes.len && result == GATE_MORE; i++) {
		size_t one;
		result = gate_unchunk(
		    &again, slice_make(bytes.data + i, 1), &one, &pieces, 1000, &refusal);
		total += one;
	}
	if (result != at_once && bytes.len > 0)
		abort();
	if (at_once == GATE_DONE &&
	    (total != used || !slice_equal(buffer_slice(&whole), buffer_slice(&pieces))))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gate_head head;
	struct gate_refusal refusal = {0};
	struct slice bytes = slice_make(data, size);
	size_t scanned = 0, head_len = 0, again = 0, again_len = 0;
	enum gate_result at_once = gate_scan(bytes, &scanned, &head_len, &refusal),
			 result = GATE_MORE;

	for (size_t n = 1; n <= size && result == GATE_MORE; n++)
		result = gate_scan(slice_first(bytes, n), &again, &again_len, &refusal);
	if (size > 0 && (result != at_once || again_len != head_len))
		abort();
	if (at_once == GATE_DONE && !gate_parse(slice_first(bytes, head_len), &head, &refusal) &&
	    refusal.status < 400)
		abort();
	if (at_once == GATE_DONE)
		check_chunks(slice_from(bytes, head_len));
	else
		check_chunks(bytes);
	return 0;
}
