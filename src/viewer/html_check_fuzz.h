/* For fuzz targets: reads HTML that was rewritten, by the simplest rules there are. */
#ifndef VIEWER_HTML_CHECK_FUZZ_H
#define VIEWER_HTML_CHECK_FUZZ_H

#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "viewer/html.h"

static inline bool html_check_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static inline struct slice html_check_take_name(struct slice *rest)
{
	size_t len = 0;

	while (len < rest->len && html_check_is_name(rest->data[len]))
		len++;
	*rest = slice_from(*rest, len);
	return slice_make(rest->data - len, len);
}

static inline void html_check_take(struct slice *rest, const char *what)
{
	must(slice_starts_with(*rest, what));
	*rest = slice_from(*rest, strlen(what));
}

static inline void html_check_value(struct slice name, struct slice value)
{
	must(slice_find_char(value, '<') < 0 && slice_find_char(value, '>') < 0);
	must(!slice_starts_with(name, "on") && !slice_is(name, "id"));
	if (slice_is(name, "src"))
		must(slice_starts_with(value, "data:image/"));
	must(!slice_is(name, "href"));
	if (slice_is(name, "style"))
		must(slice_find_nocase(value, SLICE("url(")) < 0 &&
		     slice_find_char(value, '\\') < 0 && slice_find_char(value, '@') < 0);
}

static inline void html_check_tag(struct slice *rest)
{
	bool end = slice_starts_with(*rest, "/");
	struct slice name;

	*rest = slice_from(*rest, end);
	name = html_check_take_name(rest);
	must(html_element_shown(name));
	while (!slice_starts_with(*rest, ">")) {
		struct slice attribute, value;

		html_check_take(rest, " ");
		attribute = html_check_take_name(rest);
		must(attribute.len > 0 && !end);
		html_check_take(rest, "=\"");
		must(slice_split(rest, '"', &value) && rest->data != NULL);
		html_check_value(attribute, value);
	}
	html_check_take(rest, ">");
}

/* Only tags of the table, attributes in quotes, no address but a picture's own bytes. */
static inline void html_check_document(struct slice document)
{
	ptrdiff_t at;
	struct slice rest;

	must(utf8_valid(document));
	at = slice_find(document, SLICE("<body>\n"));
	must(at > 0);
	rest = slice_from(document, (size_t)at + 7);
	must(slice_ends_with(rest, "\n</body></html>\n"));
	rest.len -= strlen("\n</body></html>\n");
	while ((at = slice_find_char(rest, '<')) >= 0) {
		rest = slice_from(rest, (size_t)at + 1);
		html_check_tag(&rest);
	}
}

#endif
