/* A declaration is split at semicolons and judged by itself. A semicolon within quotes or
 * parentheses gives two halves, and neither is whole then. Whatever could load something needs a
 * function (url, image-set, var ...), an escape or a rule, and the grammar here has none of them.
 */
#include "viewer/html_style.h"

#include <stdbool.h>

/* Without all that takes an address (background-image, list-style, border-image, cursor, content,
 * filter, mask ...), moves things over others (position) or never rests (animation). */
static const char *const properties[] = {
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
};
static const char *const functions[] = {"rgb", "rgba", "hsl", "hsla"};
/* What a value may hold beside words, quoted names and the parentheses of functions. */
#define SIGNS " \t\r\n.,%#+!"

static bool is_one_of(struct slice word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(word, slice_of(words[i])))
			return true;
	return false;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

static size_t word_length(struct slice s)
{
	size_t len = 0;

	while (len < s.len && is_word(s.data[len]))
		len++;
	return len;
}

/* The length of a quoted name of a font at the front, its quotes included; 0 when it is none. */
static size_t quoted_length(struct slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		/* No backslash can come before it: it is none of the characters that may. */
		if (c == (unsigned char)s.data[0])
			return i + 1;
		if (!is_word((char)c) && c != ' ' && c != '.' && c < 0x80)
			return 0;
	}
	return 0;
}

/* A slash stands between the size of a font and the height of its line, never before a star. */
static bool is_sign(struct slice s)
{
	return strchr(SIGNS, s.data[0]) != NULL ||
	       (s.data[0] == '/' && s.len > 1 && s.data[1] != '*' && s.data[1] != '/');
}

static bool is_value(struct slice s)
{
	bool inside = false;

	while (s.len > 0) {
		size_t len = word_length(s);

		if (len > 0 && len < s.len && s.data[len] == '(') {
			/* No function within another: none of those that are allowed takes one. */
			if (inside || !is_one_of(slice_first(s, len), functions,
					  sizeof(functions) / sizeof(functions[0])))
				return false;
			inside = true;
			len++;
		} else if (len == 0 && s.data[0] == ')' && inside) {
			inside = false;
			len = 1;
		} else if (len == 0 && (s.data[0] == '"' || s.data[0] == '\'')) {
			len = quoted_length(s);
		} else if (len == 0 && s.data[0] != '\0' && is_sign(s)) {
			len = 1;
		}
		if (len == 0)
			return false;
		s = slice_from(s, len);
	}
	return !inside;
}

void html_style_rewrite(struct slice style, struct buffer *out)
{
	struct slice declaration;

	while (slice_split(&style, ';', &declaration)) {
		ptrdiff_t colon = slice_find_char(declaration, ':');
		struct slice property, value;

		if (colon < 0)
			continue;
		property = slice_trim(slice_first(declaration, (size_t)colon));
		value = slice_trim(slice_from(declaration, (size_t)colon + 1));
		/* Written anew from what was understood, so nothing passes that was not looked at.
		 */
		if (value.len == 0 || !is_value(value) ||
		    !is_one_of(property, properties, sizeof(properties) / sizeof(properties[0])))
			continue;
		buffer_append_slice(out, property);
		buffer_append_string(out, ": ");
		buffer_append_slice(out, value);
		buffer_append_char(out, ';');
	}
}
