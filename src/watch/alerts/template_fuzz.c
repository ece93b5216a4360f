/* A template as somebody writes it, up to the first NUL the template and behind it a stranger's
 * text: what is refused has a place within it, what is taken renders, and in Slack's form no text
 * can begin a mention. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "watch/alerts/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
	size_t len = end != NULL ? (size_t)(end - data) : size;
	struct slice template = slice_make(data, len);
	struct slice text = slice_make(data + len, size - len), values[ALERTS_FIELDS];
	BUFFER_AUTO struct buffer out = {0}, bare = {0};
	struct alerts_template_fault fault = {0};

	for (int i = 0; i < ALERTS_FIELDS; i++)
		values[i] = text;
	values[ALERTS_FIELD_LINK] = values[ALERTS_FIELD_MESSAGES] = values[ALERTS_FIELD_RUNBOOK] =
	    SLICE("https://q.example/");
	if (!alerts_template_check(template, &fault)) {
		if (fault.column == 0 || fault.column > len + 1 || fault.text[0] == '\0')
			abort();
		return 0;
	}
	alerts_template_render(&out, template, values, ALERTS_ESCAPE_MARKDOWN);
	alerts_escape(&bare, text, ALERTS_ESCAPE_SLACK);
	if (slice_find_char(buffer_slice(&bare), '<') >= 0 ||
	    slice_find_char(buffer_slice(&bare), '\n') >= 0)
		abort();
	return 0;
}
