/* Any text is a filter or a clear mistake; a filter's tree is sound, matching it never reads
 * outside of what it is given, it can be told in words, and it stays a filter without any of its
 * chips. What is at the cursor is within the text. */
#include <stdint.h>
#include <stdlib.h>

#include "filter/explain.h"
#include "filter/typed_term.h"

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
			if (c >= i || nodes[c].from < nodes[i].from || nodes[c].to > nodes[i].to ||
			    nodes[c].from >= nodes[c].to)
				abort();
		}
	}
}

static void check_words(const struct filter *f, struct slice text)
{
	SAID_AUTO struct said said = {0};
	struct explain_chip chips[8];
	size_t count = explain_chips(f, text, chips, 8);

	explain_filter(f, NULL, &said);
	if (said.text.len > EXPLAIN_BYTES_MAX + 100 * EXPLAIN_VALUE_MAX)
		abort();
	for (size_t i = 0; i < count && i < 8; i++) {
		BUFFER_AUTO struct buffer rest = {0};
		buffer_append_slice(&rest, slice_first(text, chips[i].cut_from));
		buffer_append_slice(&rest, slice_from(text, chips[i].cut_to));
		struct filter *without = filter_parse(buffer_slice(&rest), NULL);
		if (!without || chips[i].from >= chips[i].to || chips[i].to > text.len)
			abort();
		filter_free(without);
	}
}

static void check_place(struct slice text, size_t at)
{
	BUFFER_AUTO struct buffer memory = {0};
	struct typed_term place;

	typed_term_find(text, at, &memory, &place);
	if (place.from > at || place.to < place.from || place.to > text.len)
		abort();
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

	if (size > 0)
		check_place(text, data[0] % (size + 1));
	check_place(text, size);
	if (!f) {
		if (err.column < 1 || err.column > size + 1 || err.expected[0] == '\0')
			abort();
		return 0;
	}
	nodes = filter_nodes(f, &count);
	check_tree(nodes, count);
	check_words(f, text);
	/* A long filter on a long value is slow by right, and says nothing more. */
	match_all(nodes, count < 100 ? count : 100, slice_first(text, 4096));
	filter_free(f);
	return 0;
}
