/* libxml2 tells each tag and text as it meets it (SAX), so no tree is ever held. What is open is
 * kept on a stack of our own, which decides what is written: every tag that is opened is closed. */
#include "viewer/html.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "viewer/html_style.h"

/* Everything that is in neither table disappears, and what stands within it is shown. */
enum show {
	SHOW,	/* with its end tag */
	SINGLE, /* has no end tag */
	DROP,	/* with all that it holds: no text for people */
};

struct element {
	const char *name;
	enum show show;
};

/* In the order of their names. What is allowed is listed, never what is forbidden: the next version
 * of HTML adds what nobody here has thought of. */
static const struct element elements[] = {
    {"a", SHOW},
    {"abbr", SHOW},
    {"address", SHOW},
    {"article", SHOW},
    {"aside", SHOW},
    {"b", SHOW},
    {"big", SHOW},
    {"blockquote", SHOW},
    {"br", SINGLE},
    {"caption", SHOW},
    {"center", SHOW},
    {"cite", SHOW},
    {"code", SHOW},
    {"col", SINGLE},
    {"colgroup", SHOW},
    {"dd", SHOW},
    {"del", SHOW},
    {"dfn", SHOW},
    {"dir", SHOW},
    {"div", SHOW},
    {"dl", SHOW},
    {"dt", SHOW},
    {"em", SHOW},
    {"figcaption", SHOW},
    {"figure", SHOW},
    {"font", SHOW},
    {"footer", SHOW},
    {"h1", SHOW},
    {"h2", SHOW},
    {"h3", SHOW},
    {"h4", SHOW},
    {"h5", SHOW},
    {"h6", SHOW},
    {"header", SHOW},
    {"hr", SINGLE},
    {"i", SHOW},
    {"iframe", DROP},
    {"img", SINGLE},
    {"ins", SHOW},
    {"kbd", SHOW},
    {"li", SHOW},
    {"main", SHOW},
    {"mark", SHOW},
    {"nav", SHOW},
    {"ol", SHOW},
    {"p", SHOW},
    {"pre", SHOW},
    {"q", SHOW},
    {"s", SHOW},
    {"samp", SHOW},
    {"script", DROP},
    {"section", SHOW},
    {"small", SHOW},
    {"span", SHOW},
    {"strike", SHOW},
    {"strong", SHOW},
    {"style", DROP},
    {"sub", SHOW},
    {"sup", SHOW},
    {"table", SHOW},
    {"tbody", SHOW},
    {"td", SHOW},
    {"template", DROP},
    {"tfoot", SHOW},
    {"th", SHOW},
    {"thead", SHOW},
    {"title", DROP},
    {"tr", SHOW},
    {"tt", SHOW},
    {"u", SHOW},
    {"ul", SHOW},
    {"var", SHOW},
    {"wbr", SINGLE},
    {"xml", DROP},
};

/* For every element. None of them takes an address, a name that others refer to, or a script. */
static const char *const attributes[] = {
    "abbr",
    "align",
    "alt",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "clear",
    "color",
    "colspan",
    "compact",
    "dir",
    "face",
    "height",
    "hspace",
    "lang",
    "noshade",
    "nowrap",
    "rowspan",
    "rules",
    "scope",
    "size",
    "span",
    "start",
    "title",
    "valign",
    "vspace",
    "width",
};
/* Where a link may lead to. That is told, but it is no link any more: a browser looks up and
 * connects to the host of one that a pointer only rests on, as it does when somebody looks where it
 * leads. */
static const char *const schemes[] = {"http://", "https://", "mailto:"};
/* Pictures that are bytes and nothing else; an SVG is a document. */
static const char *const pictures[] = {"data:image/png;base64,", "data:image/gif;base64,",
    "data:image/jpeg;base64,", "data:image/jpg;base64,", "data:image/webp;base64,",
    "data:image/bmp;base64,"};
#define CID "cid:"

#define PROLOGUE                                                                                   \
	"<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"                                    \
	"<meta name=\"referrer\" content=\"no-referrer\"><title>HTML of a mail</title>"            \
	"<style>a[title] { color: LinkText; text-decoration: underline; }</style></head>"          \
	"<body>\n"
#define EPILOGUE "\n</body></html>\n"

struct rewriting {
	struct buffer *out;
	size_t out_max;
	const struct html_images *images;
	htmlParserCtxtPtr parser;
	const struct element *open[HTML_DEPTH_MAX]; /* NULL: not in the table */
	size_t depth;
	size_t dropped; /* how deep the outermost dropped element is, counted from 1; 0 for none */
	bool stopped;
};

static int compare_names(const void *key, const void *element)
{
	return strcmp(key, ((const struct element *)element)->name);
}

static const struct element *find_element(const char *name)
{
	return bsearch(name, elements, sizeof(elements) / sizeof(elements[0]), sizeof(elements[0]),
	    compare_names);
}

bool html_element_shown(struct slice name)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (slice_is(name, elements[i].name))
			return elements[i].show != DROP;
	return false;
}

/* The parser reads no further. What it tells after that is not listened to. The flag is needed too,
 * as libxml2 may call once more for what it has read already. */
static void stop(struct rewriting *r)
{
	r->stopped = true;
	xmlStopParser(r->parser);
}

/* Text or the value of an attribute: nothing in it can end either. */
static void append_escaped(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		/* strchr finds the NUL that ends its own text. */
		if (strchr("&<>\"'`", c) != NULL && c != '\0')
			buffer_printf(out, "&#%u;", c);
		else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			buffer_append_char(out, ' ');
		else
			buffer_append_char(out, (char)c);
	}
}

static void append_attribute(struct buffer *out, const char *name, struct slice value)
{
	buffer_printf(out, " %s=\"", name);
	append_escaped(out, value);
	buffer_append_char(out, '"');
}

/* An address as browsers read it: no blanks around it, no controls or blanks within. */
static void append_address(struct buffer *address, struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.data[i] > ' ' && value.data[i] != 0x7f)
			buffer_append_char(address, value.data[i]);
}

/* What `address` begins with, in small letters; NULL for none of them. */
static const char *find_prefix(struct slice address, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(
			slice_first(address, strlen(prefixes[i])), slice_of(prefixes[i])))
			return prefixes[i];
	return NULL;
}

static void append_link(struct buffer *out, struct slice value)
{
	BUFFER_AUTO struct buffer address = {0};

	/* A browser ignores a tab within `java script:`, so it is judged without. */
	append_address(&address, value);
	if (find_prefix(buffer_slice(&address), schemes, sizeof(schemes) / sizeof(schemes[0])) ==
	    NULL)
		return;
	append_attribute(out, "title", buffer_slice(&address));
}

static bool is_base64(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			strchr("+/=", c) != NULL) ||
		    c == '\0')
			return false;
	}
	return true;
}

/* Percent signs of a cid: address (RFC 2392). */
static void append_unescaped(struct buffer *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		int high = s.data[i] == '%' && s.len - i > 2 ? slice_hex_digit(s.data[i + 1]) : -1;
		int low = high >= 0 ? slice_hex_digit(s.data[i + 2]) : -1;

		buffer_append_char(out, low >= 0 ? (char)(high << 4 | low) : s.data[i]);
		i += low >= 0 ? 2 : 0;
	}
}

/* Only what the mail itself brings: in the address, or as another part. */
static void append_picture(struct rewriting *r, struct slice value)
{
	BUFFER_AUTO struct buffer address = {0}, id = {0}, found = {0};
	/* One picture can be asked for a thousand times; the room is for all of them together. */
	size_t room = r->out->len < r->out_max ? r->out_max - r->out->len : 0;
	struct slice source;
	const char *prefix;

	append_address(&address, value);
	source = buffer_slice(&address);
	if (slice_equal_nocase(slice_first(source, strlen(CID)), SLICE(CID))) {
		append_unescaped(&id, slice_from(source, strlen(CID)));
		if (r->images == NULL ||
		    !r->images->find(r->images->context, buffer_slice(&id), room, &found))
			return;
		source = buffer_slice(&found);
	}
	prefix = find_prefix(source, pictures, sizeof(pictures) / sizeof(pictures[0]));
	if (prefix == NULL || source.len > room || !is_base64(slice_from(source, strlen(prefix))))
		return;
	buffer_printf(r->out, " src=\"%s", prefix);
	buffer_append_slice(r->out, slice_from(source, strlen(prefix)));
	buffer_append_char(r->out, '"');
}

static void append_style(struct buffer *out, struct slice value)
{
	BUFFER_AUTO struct buffer style = {0};

	html_style_rewrite(value, &style);
	if (style.len > 0)
		append_attribute(out, "style", buffer_slice(&style));
}

static bool is_plain_attribute(const char *name)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (strcmp(name, attributes[i]) == 0)
			return true;
	return false;
}

static void append_one(
    struct rewriting *r, const char *element, const char *name, struct slice value)
{
	bool link = strcmp(element, "a") == 0;

	if (strcmp(name, "style") == 0)
		append_style(r->out, value);
	else if (link && strcmp(name, "href") == 0)
		append_link(r->out, value);
	else if (strcmp(element, "img") == 0 && strcmp(name, "src") == 0)
		append_picture(r, value);
	/* A link's own title would pass for where it leads. */
	else if (is_plain_attribute(name) && !(link && strcmp(name, "title") == 0))
		append_attribute(r->out, name, value);
}

static void on_start(void *context, const xmlChar *name, const xmlChar **pairs)
{
	struct rewriting *r = context;
	const struct element *element = find_element((const char *)name);

	if (r->stopped)
		return;
	/* A mail of nothing but opening tags would else grow with every one of them, at its end
	 * once more. */
	if (r->depth >= HTML_DEPTH_MAX || r->out->len > r->out_max) {
		stop(r);
		return;
	}
	/* Also what is not shown: libxml2 tells its end as well. */
	r->open[r->depth++] = element;
	if (r->dropped > 0 || element == NULL)
		return;
	if (element->show == DROP) {
		r->dropped = r->depth;
		return;
	}
	buffer_printf(r->out, "<%s", element->name);
	for (; pairs != NULL && pairs[0] != NULL; pairs += 2)
		append_one(r, element->name, (const char *)pairs[0],
		    slice_of(pairs[1] != NULL ? (const char *)pairs[1] : ""));
	buffer_append_char(r->out, '>');
}

static void close_one(struct rewriting *r)
{
	const struct element *element = r->open[--r->depth];

	if (r->dropped == 0 && element != NULL && element->show == SHOW)
		buffer_printf(r->out, "</%s>", element->name);
	if (r->dropped == r->depth + 1)
		r->dropped = 0;
}

static void on_end(void *context, const xmlChar *name)
{
	struct rewriting *r = context;

	(void)name; /* libxml2 closes what it opened, in order */
	if (!r->stopped && r->depth > 0)
		close_one(r);
}

static void on_text(void *context, const xmlChar *text, int len)
{
	struct rewriting *r = context;

	if (r->stopped || r->dropped > 0 || len <= 0)
		return;
	if (r->out->len > r->out_max)
		stop(r);
	else
		append_escaped(r->out, slice_make(text, (size_t)len));
}

/* libxml2 ends at a NUL, and has its own opinions on other controls. */
static void append_readable(struct buffer *out, struct slice html)
{
	utf8_append_valid(out, html);
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->data[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			out->data[i] = ' ';
	}
}

static void parse(struct rewriting *r, struct slice html)
{
	BUFFER_AUTO struct buffer text = {0};
	htmlDocPtr none;

	r->parser = htmlNewParserCtxt();
	if (r->parser == NULL) {
		r->stopped = true;
		return;
	}
	append_readable(&text, html);
	*r->parser->sax = (xmlSAXHandler){.startElement = on_start,
	    .endElement = on_end,
	    .characters = on_text,
	    .ignorableWhitespace = on_text,
	    .initialized = 1};
	r->parser->userData = r;
	/* No tree is made without the handlers that make it; the encoding is said, or a `meta` of
	 * the mail could change it. */
	none = htmlCtxtReadMemory(r->parser, buffer_string(&text), (int)text.len, NULL, "UTF-8",
	    HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NOIMPLIED |
		HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT);
	xmlFreeDoc(none);
	htmlFreeParserCtxt(r->parser);
}

bool html_rewrite(struct slice html, const struct html_images *images, struct buffer *out)
{
	struct rewriting r = {.out = out, .out_max = out->len + HTML_OUT_MAX, .images = images};

	buffer_append_string(out, PROLOGUE);
	parse(&r, html);
	/* What was cut off is closed, so that it cannot run on into what follows. */
	while (r.depth > 0)
		close_one(&r);
	buffer_append_string(out, EPILOGUE);
	return !r.stopped;
}
