/* Greedy, word by word. */
#include "cli/fold.h"

#include "cli/safe_text.h"

/* Narrower than this, folding only makes a column of single words. */
#define LEAST 20

void fold_append(struct buffer *out, struct slice text, size_t indent, size_t width)
{
	struct slice word;
	size_t used = indent;
	bool first = true;

	if (width < indent + LEAST) {
		buffer_append_slice(out, text);
		return;
	}
	while (slice_split(&text, ' ', &word)) {
		size_t columns = safe_text_width(word);

		if (!first && used + 1 + columns > width) {
			buffer_printf(out, "\n%*s", (int)indent, "");
			used = indent;
		} else if (!first) {
			buffer_append_char(out, ' ');
			used++;
		}
		buffer_append_slice(out, word);
		used += columns;
		first = false;
	}
}
