/* The one way to escape a text for JSON that is written by hand. */
#include "base/json_string.h"

#include "base/utf8.h"

static void append_escaped(struct buffer *out, struct slice text)
{
	while (text.len > 0) {
		size_t plain = 0;
		while (plain < text.len && (unsigned char)text.data[plain] >= 0x20 &&
		       text.data[plain] != '"' && text.data[plain] != '\\')
			plain++;
		buffer_append(out, text.data, plain);
		text = slice_from(text, plain);
		if (text.len == 0)
			break;
		if ((unsigned char)text.data[0] < 0x20)
			buffer_printf(out, "\\u%04x", (unsigned char)text.data[0]);
		else
			buffer_append(out, text.data[0] == '"' ? "\\\"" : "\\\\", 2);
		text = slice_from(text, 1);
	}
}

void json_string_put(struct buffer *out, struct slice value)
{
	BUFFER_AUTO struct buffer valid = {0};

	/* Nearly all texts are valid and need no copy. */
	if (!utf8_valid(value)) {
		utf8_append_valid(&valid, value);
		value = buffer_slice(&valid);
	}
	buffer_append_char(out, '"');
	append_escaped(out, value);
	buffer_append_char(out, '"');
}
