/* Any text is a filter or a clear mistake; a filter's tree is sound, and matching it never reads
 * outside of what it is given. */
#include <stdint.h>
#include <stdlib.h>

#include "filter/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(const struct filter_node *nodes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (nodes[i].kind >= FILTER_TEXT)
			continue;
		if (nodes[i].first_child >= i)
			abort();
		for (uint32_t c = nodes[i].first_child; c != FILTER_NONE;
		     c = nodes[c].next_sibling) {
			if (c >= i)
				abort();
		}
	}
}

/* The text itself is as good a value as any. */
static void match_all(const struct filter_node *nodes, uint32_t count, struct slice value)
{
	BUFFER_AUTO struct buffer scratch = {0};

	for (uint32_t i = 0; i < count; i++) {
		if (nodes[i].kind == FILTER_TEXT)
			filter_match_text(&nodes[i], value, &scratch);
		else if (nodes[i].kind == FILTER_NUMBER)
			filter_match_number(&nodes[i], (int64_t)value.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct filter_error err;
	struct filter *f = filter_parse(text, &err);
	const struct filter_node *nodes;
	uint32_t count;

	if (!f) {
		if (err.column < 1 || err.column > size + 1 || err.expected[0] == '\0')
			abort();
		return 0;
	}
	nodes = filter_nodes(f, &count);
	check_tree(nodes, count);
	/* A long filter on a long value is slow by right, and says nothing more. */
	match_all(nodes, count < 100 ? count : 100, slice_first(text, 4096));
	filter_free(f);
	return 0;
}
