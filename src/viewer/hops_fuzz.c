/* One Received header, as a stranger wrote it. */
#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "viewer/hops.h"

static void check_clause(struct slice clause, struct slice text)
{
	must_lie_in(clause, text);
	must(utf8_valid(clause));
	must(slice_equal(slice_trim(clause), clause));
	for (size_t i = 0; i < clause.len; i++)
		must(strchr("\r\n\t", clause.data[i]) == NULL);
}

static void same_hop(const struct viewer_hop *a, const struct viewer_hop *b)
{
	must(slice_equal(a->from, b->from) && slice_equal(a->by, b->by));
	must(slice_equal(a->with, b->with) && slice_equal(a->id, b->id));
	must(slice_equal(a->for_, b->for_) && a->has_time == b->has_time && a->time == b->time);
}

/* The clauses are clean text out of the header, and the text that they lie in reads as the header
 * does. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer text = {0}, again_text = {0};
	struct viewer_hop hop, again;

	hops_parse(slice_make(data, size), &text, &hop);
	must(utf8_valid(buffer_slice(&text)));
	check_clause(hop.from, buffer_slice(&text));
	check_clause(hop.by, buffer_slice(&text));
	check_clause(hop.with, buffer_slice(&text));
	check_clause(hop.id, buffer_slice(&text));
	check_clause(hop.for_, buffer_slice(&text));
	must(!hop.has_delay && (hop.has_time || hop.time == 0));
	hops_parse(buffer_slice(&text), &again_text, &again);
	same_hop(&hop, &again);
	return 0;
}
