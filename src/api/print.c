/* A view on paper: the only HTML that the server writes. It has no style and no script, so the
 * policy of all pages holds for it; browsers repeat a table's head on each sheet by themselves. */
#include "api/views.h"

#include "base/clock.h"
#include "base/utf8.h"

/* Some two hundred sheets; beyond that the page says what is missing. */
#define PRINT_ROWS_MAX 10000

/* The one place that escapes. Characters that nobody sees, or that turn the direction of writing,
 * are written as their code points. */
static void append_text(struct buffer *out, struct slice text)
{
	while (text.len > 0) {
		uint32_t c = 0xfffd;
		size_t len = utf8_decode(text, &c);
		bool bidi = (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
			    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0x061c || c == 0xad;
		if (len == 0)
			buffer_append_string(out, "&#xfffd;");
		else if (bidi || c < 0x20 || (c >= 0x7f && c < 0xa0))
			buffer_printf(out, "[U+%04X]", c);
		else if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
			buffer_printf(out, "&#%u;", c);
		else
			buffer_append(out, text.data, len);
		text = slice_from(text, len > 0 ? len : 1);
	}
}

static void append_cell(struct buffer *out, struct slice text)
{
	buffer_append_string(out, "<td>");
	append_text(out, text);
	buffer_append_string(out, "</td>");
}

static void append_time(struct buffer *out, int64_t seconds)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(seconds, text);
	append_cell(out, slice_of(text));
}

/* One recipient a row is what paper has room for. */
static void append_recipients(
    struct buffer *out, const struct query *q, const struct query_message *m)
{
	struct index_recipient first = {0};
	BUFFER_AUTO struct buffer text = {0};

	query_recipient(q, m, 0, &first);
	buffer_append_slice(&text, first.address);
	if (m->row.recipient_count > 1)
		buffer_printf(&text, " and %u more", m->row.recipient_count - 1);
	append_cell(out, buffer_slice(&text));
	append_cell(out, first.reason);
}

static void append_row(struct buffer *out, const struct query *q, const struct query_message *m)
{
	const struct index_row *row = &m->row;

	buffer_append_string(out, "<tr>");
	append_cell(out, slice_of(row->id));
	append_cell(out, row->left ? SLICE("gone") : slice_of(queue_name(row->queue)));
	/* It has left the caller's scope since: its place stays, and nothing more is said. */
	if (m->hidden) {
		buffer_append_string(out, "<td colspan=\"5\"></td></tr>\n");
		return;
	}
	append_time(out, row->arrival);
	buffer_printf(out, "<td align=\"right\">%llu</td>", (unsigned long long)row->size);
	append_cell(out, row->sender.len > 0 ? row->sender : SLICE("<>"));
	append_recipients(out, q, m);
	buffer_append_string(out, "</tr>\n");
}

static void append_rows(struct buffer *out, struct api *api, const struct query_scope *scope,
    const struct query_view *view, uint64_t from)
{
	struct query_page page;

	query_view_page(api->query, scope, view, from, INDEX_PAGE_MAX, clock_now(), &page);
	for (size_t i = 0; i < page.count; i++) {
		struct query_message message;
		if (query_page_message(api->query, &page, i, &message))
			append_row(out, api->query, &message);
	}
	query_page_free(&page);
}

/* The filter is somebody's text, too, so it goes through append_text. */
static void append_head(struct buffer *out, const struct query_view *v)
{
	char now[CLOCK_RFC3339_SIZE];

	clock_rfc3339(clock_now(), now);
	buffer_append_string(out,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<title>Mail queue</title></head><body>\n<h1>Mail queue</h1>\n<p>");
	if (v->filter.len > 0) {
		buffer_append_string(out, "Filter: ");
		append_text(out, v->filter);
		buffer_append_string(out, ". ");
	}
	buffer_printf(out, "%u message%s, %llu bytes. Printed %s.</p>\n", v->length,
	    v->length == 1 ? "" : "s", (unsigned long long)v->match.bytes, now);
	if (v->length > PRINT_ROWS_MAX)
		buffer_printf(out, "<p>The first %d are shown.</p>\n", PRINT_ROWS_MAX);
	buffer_append_string(out,
	    "<table border=\"1\" cellpadding=\"3\" cellspacing=\"0\"><thead><tr>"
	    "<th>ID</th><th>Queue</th><th>Arrival</th><th>Size</th><th>Sender</th>"
	    "<th>Recipient</th><th>Reason</th></tr></thead><tbody>\n");
}

static void print_view(struct http_request *rq, void *context)
{
	struct api *api = context;
	BUFFER_AUTO struct buffer out = {0};
	struct slice id = {"", 0};
	struct query_view view;

	http_query(rq, "view", &id);
	if (!api_view_find(rq, api, id, &view))
		return;
	append_head(&out, &view);
	for (uint32_t i = 0; i < view.length && i < PRINT_ROWS_MAX; i += INDEX_PAGE_MAX)
		append_rows(&out, api, api_scope(api, rq), &view, i);
	buffer_append_string(&out, "</tbody></table>\n</body></html>\n");
	http_reply_bytes(rq, 200, "text/html; charset=utf-8", out.data, out.len);
}

const struct http_route api_print_routes[] = {
    {HTTP_GET, "/print", RIGHT_VIEWER, 0, "view", print_view, .within = SCOPE_QUERY,
	.audit = AUDIT_EXPORT},
    {.path = NULL},
};
