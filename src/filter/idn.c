/* libidn2 is asked label by label, with at most 63 bytes of ASCII or 255 of UTF-8 at a time. */
#include "filter/idn.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define LABEL_MAX 255
#define ASCII_LABEL_MAX 63
#define PREFIX "xn--"

static bool has(struct slice text, unsigned char from)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= from)
			return true;
	return false;
}

static bool is_ascii_label(const char *label)
{
	size_t len = strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len <= ASCII_LABEL_MAX && label[len] == '\0';
}

/* As registries do: letters that differ between IDNA 2003 and 2008 as in 2008. */
static bool label_ascii(struct buffer *out, const char *label)
{
	char *ascii = NULL;
	bool ok =
	    idn2_to_ascii_8z(label, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK &&
	    is_ascii_label(ascii);

	if (ok)
		buffer_append_string(out, ascii);
	idn2_free(ascii);
	return ok;
}

/* Only what comes back to the same label: no other name is shown for it. */
static bool label_readable(struct buffer *out, const char *label)
{
	BUFFER_AUTO struct buffer again = {0};
	char *text = NULL;
	bool ok = idn2_to_unicode_8z8z(label, &text, 0) == IDN2_OK && utf8_valid(slice_of(text)) &&
		  has(slice_of(text), 0x80) && slice_find_char(slice_of(text), '.') < 0 &&
		  label_ascii(&again, text) && slice_is(buffer_slice(&again), label);

	if (ok)
		buffer_append_string(out, text);
	idn2_free(text);
	return ok;
}

/* Whether the label is to be changed at all. */
static bool wants(struct slice label, bool readable)
{
	if (memchr(label.data, '*', label.len) != NULL ||
	    memchr(label.data, '?', label.len) != NULL)
		return false;
	return readable ? slice_equal_nocase(slice_first(label, strlen(PREFIX)), SLICE(PREFIX))
			: has(label, 0x80);
}

static bool append_label(struct buffer *out, struct slice label, bool readable)
{
	char text[LABEL_MAX + 1];

	if (label.len > LABEL_MAX || memchr(label.data, '\0', label.len) != NULL)
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.data[i];
		text[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	text[label.len] = '\0';
	return readable ? label_readable(out, text) : label_ascii(out, text);
}

static bool convert(struct buffer *out, struct slice text, bool readable)
{
	BUFFER_AUTO struct buffer all = {0};
	const char *at = text.len > 0 ? memrchr(text.data, '@', text.len) : NULL;
	size_t local = at != NULL ? (size_t)(at + 1 - text.data) : 0;
	struct slice rest = slice_from(text, local), label;
	bool changed = false, first = true;

	buffer_append_slice(&all, slice_first(text, local));
	for (; slice_split(&rest, '.', &label); first = false) {
		if (!first)
			buffer_append_char(&all, '.');
		if (label.len == 0 || !wants(label, readable))
			buffer_append_slice(&all, label);
		else if (append_label(&all, label, readable))
			changed = true;
		else
			return false;
	}
	if (changed)
		buffer_append_slice(out, buffer_slice(&all));
	return changed;
}

bool idn_ascii(struct buffer *out, struct slice text)
{
	return convert(out, text, false);
}

bool idn_readable(struct buffer *out, struct slice text)
{
	return convert(out, text, true);
}
