/* Writes members one after the other; whether a comma is needed is read off the last byte that
 * was written. */
#include "api/json_text.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_string.h"

/* By the last byte: an opening bracket, a colon or a comma wants none, everything else does. */
void json_text_next(struct buffer *out)
{
	char last = out->len > 0 ? out->data[out->len - 1] : '[';

	if (last != '{' && last != '[' && last != ':' && last != ',')
		buffer_append_char(out, ',');
}

void json_text_open(struct buffer *out, char bracket)
{
	buffer_append_char(out, bracket);
}

void json_text_close(struct buffer *out, char bracket)
{
	buffer_append_char(out, bracket);
}

void json_text_name(struct buffer *out, const char *name)
{
	json_text_next(out);
	buffer_append_char(out, '"');
	buffer_append_string(out, name);
	buffer_append(out, "\":", 2);
}

void json_text_string(struct buffer *out, const char *name, struct slice value)
{
	json_text_name(out, name);
	json_string_put(out, value);
}

void json_text_string_or_null(struct buffer *out, const char *name, struct slice value)
{
	if (value.len > 0)
		json_text_string(out, name, value);
	else
		json_text_null(out, name);
}

void json_text_words(struct buffer *out, const char *name, struct slice words)
{
	if (words.len == 0) {
		json_text_null(out, name);
		return;
	}
	json_text_name(out, name);
	buffer_append_slice(out, words);
}

void json_text_said(struct buffer *out, const char *name, const struct said *said)
{
	char beside[64];

	snprintf(beside, sizeof(beside), "%s_words", name);
	json_text_string(out, name, buffer_slice(&said->text));
	json_text_words(out, beside, buffer_slice(&said->words));
}

void json_text_integer(struct buffer *out, const char *name, int64_t value)
{
	json_text_name(out, name);
	buffer_printf(out, "%lld", (long long)value);
}

void json_text_number(struct buffer *out, const char *name, uint64_t value)
{
	/* As many as the largest number has; an answer has thousands of numbers, and printf is
	 * slow. */
	char digits[20];
	size_t at = sizeof(digits);

	json_text_name(out, name);
	do
		digits[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	buffer_append(out, digits + at, sizeof(digits) - at);
}

void json_text_time(struct buffer *out, const char *name, bool known, int64_t seconds)
{
	char text[CLOCK_RFC3339_SIZE];

	if (!known) {
		json_text_null(out, name);
		return;
	}
	clock_rfc3339(seconds, text);
	json_text_string(out, name, slice_of(text));
}

void json_text_bool(struct buffer *out, const char *name, bool value)
{
	json_text_name(out, name);
	buffer_append_string(out, value ? "true" : "false");
}

void json_text_null(struct buffer *out, const char *name)
{
	json_text_name(out, name);
	buffer_append(out, "null", 4);
}

/* jansson hands over pieces; the buffer takes them as they come. */
static int append_dump(const char *bytes, size_t len, void *context)
{
	buffer_append(context, bytes, len);
	return 0;
}

void json_text_members(struct buffer *out, const json_t *object)
{
	if (json_object_size(object) == 0)
		return;
	json_text_next(out);
	json_dump_callback(object, append_dump, out, JSON_COMPACT | JSON_EMBED);
}
