/* Whatever a mail holds, what is written has only tags of the table, attributes in quotes, no
 * address but a picture's own bytes. Read here by the simplest rules there are. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "viewer/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static struct slice take_name(struct slice *rest)
{
	size_t len = 0;

	while (len < rest->len && is_name(rest->data[len]))
		len++;
	*rest = slice_from(*rest, len);
	return slice_make(rest->data - len, len);
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void take(struct slice *rest, const char *what)
{
	must(slice_starts_with(*rest, what));
	*rest = slice_from(*rest, strlen(what));
}

static void check_value(struct slice name, struct slice value)
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

static void check_tag(struct slice *rest)
{
	bool end = slice_starts_with(*rest, "/");
	struct slice name;

	*rest = slice_from(*rest, end);
	name = take_name(rest);
	must(html_element_shown(name));
	while (!slice_starts_with(*rest, ">")) {
		struct slice attribute, value;

		take(rest, " ");
		attribute = take_name(rest);
		must(attribute.len > 0 && !end);
		take(rest, "=\"");
		must(slice_split(rest, '"', &value) && rest->data != NULL);
		check_value(attribute, value);
	}
	take(rest, ">");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer out = {0};
	struct slice rest;
	ptrdiff_t at;

	html_rewrite(slice_make(data, size), NULL, &out);
	must(utf8_valid(buffer_slice(&out)));
	at = slice_find(buffer_slice(&out), SLICE("<body>\n"));
	must(at > 0);
	rest = slice_from(buffer_slice(&out), (size_t)at + 7);
	must(slice_ends_with(rest, "\n</body></html>\n"));
	rest.len -= strlen("\n</body></html>\n");
	while ((at = slice_find_char(rest, '<')) >= 0) {
		rest = slice_from(rest, (size_t)at + 1);
		check_tag(&rest);
	}
	return 0;
}
