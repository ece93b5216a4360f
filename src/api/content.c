/* Each request opens a viewer through the services and then only hears its frames: the structure
 * of a message as JSON, or the bytes of a part as a stream. A stream takes no more from the
 * viewer while the client does not read. The client may go at any time: then the viewer is
 * ended. */
#include "api/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "postfix/queue_id.h"

/* A part of a hostile message in a frame: no scripts, no forms, no other origin, nothing loaded but
 * what it carries itself. The viewer has written it anew by an allow-list (viewer/html.h); this is
 * the second wall. Framing by this page only. */
#define PART_POLICY                                                                                \
	"sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors "  \
	"'self'; form-action 'none'; base-uri 'none'"
/* What the API gives a type for; others are downloads. */
#define TEXT_PLAIN "text/plain; charset=utf-8"
#define TEXT_HTML "text/html; charset=utf-8"

enum part_as { PART_AUTO, PART_TEXT, PART_HTML, PART_DOWNLOAD };

/* One view under way. */
struct content {
	struct api *api;
	struct http_request *rq; /* NULL once answered or gone */
	uint64_t number;	 /* of api_services.content_open */
	char id[65];
	/* /content */
	json_t *headers, *hops, *parts, *notes;
	struct buffer text; /* of the part that comes now */
	/* /parts and /raw */
	enum queue queue;
	uint32_t part;
	enum part_as as;
	bool streaming, paused, text_cut;
	struct buffer pending; /* text: an unfinished character at the end of the last piece */
};

static void content_free(struct content *c)
{
	json_decref(c->headers);
	json_decref(c->hops);
	json_decref(c->parts);
	json_decref(c->notes);
	buffer_free(&c->text);
	buffer_free(&c->pending);
	free(c);
}

/* The viewer is ended with its request: nobody else wants what it says. */
static void content_gone(void *data)
{
	struct content *c = data;

	c->rq = NULL;
	c->api->services.content_cancel(c->api->services.context, c->number);
	content_free(c);
}

/* ---- /content ---- */

/* A frame that does not decode is left out: the viewer is not believed, and the rest may be good.
 */
static void add_header(struct content *c, const struct frame *frame)
{
	struct viewer_header h;

	if (viewer_header_decode(frame, &h))
		json_array_append_new(c->headers,
		    json_pack("{so, so, so, sb}", "name", api_string(h.name), "value",
			api_string(h.value), "raw", api_string(h.raw), "cut", (int)h.cut));
}

static void add_hop(struct content *c, const struct frame *frame)
{
	struct viewer_hop h;

	if (viewer_hop_decode(frame, &h))
		json_array_append_new(c->hops,
		    json_pack("{so, so, so, so, so, so, so}", "from", api_string_or_null(h.from),
			"by", api_string_or_null(h.by), "with", api_string_or_null(h.with), "id",
			api_string_or_null(h.id), "for", api_string_or_null(h.for_), "at",
			h.has_time ? api_time(h.time) : json_null(), "delay",
			h.has_delay ? json_integer(h.delay) : json_null()));
}

/* What the page does with a part hangs on this alone, so there are few kinds. */
static const char *part_kind(const struct viewer_part *p)
{
	if (slice_starts_with(p->type, "message/") && p->container)
		return "message";
	if (p->container)
		return "multipart";
	if (slice_is(p->type, "text/html"))
		return "html";
	return slice_starts_with(p->type, "text/") ? "text" : "other";
}

static void add_part(struct content *c, const struct frame *frame)
{
	struct viewer_part p;
	bool attachment;

	if (!viewer_part_decode(frame, &p))
		return;
	attachment = slice_is(p.disposition, "attachment");
	json_array_append_new(c->parts,
	    json_pack("{sI, so, so, so, so, ss, so, so, ss, sn, sb, sb}", "n", (json_int_t)p.number,
		"parent", p.number == 0 ? json_null() : json_integer(p.parent), "type",
		api_string(p.type), "charset", api_string_or_null(p.charset), "name",
		api_string_or_null(p.name), "disposition", attachment ? "attachment" : "inline",
		"encoding", api_string_or_null(p.encoding), "size",
		p.container ? json_null() : json_integer((json_int_t)p.size), "kind", part_kind(&p),
		"text", "text_cut", 0, "text_damaged", 0));
}

static void add_text(struct content *c, const struct frame *frame)
{
	struct viewer_text t;
	size_t i;
	json_t *part;

	if (!viewer_text_decode(frame, &t))
		return;
	/* A text comes in several frames, each as large as a packet may be; the last one is marked.
	 */
	buffer_append_slice(&c->text, t.text);
	if (!t.last)
		return;
	json_array_foreach(c->parts, i,
	    part) if (json_integer_value(json_object_get(part, "n")) == (json_int_t)t.part)
	{
		json_object_set_new(part, "text", api_string(buffer_slice(&c->text)));
		json_object_set_new(part, "text_cut", json_boolean(t.cut));
		json_object_set_new(part, "text_damaged", json_boolean(t.damaged));
	}
	buffer_clear(&c->text);
}

static void add_note(struct content *c, const struct frame *frame)
{
	struct viewer_note n;

	if (viewer_note_decode(frame, &n))
		json_array_append_new(c->notes,
		    json_pack("{so, so}", "code", api_string(n.code), "text", api_string(n.text)));
}

static void content_frame(void *data, const struct frame *frame)
{
	struct content *c = data;

	switch (frame->type) {
	case VIEWER_HEADER:
		add_header(c, frame);
		break;
	case VIEWER_HOP:
		add_hop(c, frame);
		break;
	case VIEWER_PART:
		add_part(c, frame);
		break;
	case VIEWER_TEXT:
		add_text(c, frame);
		break;
	case VIEWER_NOTE:
		add_note(c, frame);
		break;
	default:
		break;
	}
}

static void content_end(void *data, const struct error *err)
{
	struct content *c = data;

	if (err != NULL)
		http_reply_error(c->rq, err);
	else
		http_reply_json(c->rq, 200,
		    json_pack("{ss, sO, sO, sO, sO}", "id", c->id, "headers", c->headers, "hops",
			c->hops, "parts", c->parts, "notes", c->notes));
	content_free(c);
}

/* ---- Opening ---- */

/* The message's ID and where it was last seen; answers when there is none. */
static bool find_message(
    struct api *api, struct http_request *rq, struct slice *id, enum queue *queue)
{
	struct query_message found;

	*id = http_path_param(rq, "id");
	if (!queue_id_valid(*id)) {
		http_reply_code(rq, "invalid_id");
		return false;
	}
	/* Only what the caller's scope shows is opened, whatever ID the path names. */
	if (!query_find(api->query, api_scope(api, rq), *id, clock_now(), &found)) {
		http_reply_code(rq, "message_not_found");
		return false;
	}
	*queue = found.row.queue;
	return true;
}

static struct content *content_create(struct api *api, struct http_request *rq, struct slice id)
{
	struct content *c = memory_zero(1, sizeof(*c));

	c->api = api;
	c->rq = rq;
	c->headers = json_array();
	c->hops = json_array();
	c->parts = json_array();
	c->notes = json_array();
	snprintf(c->id, sizeof(c->id), "%.*s", SLICE_ARGS(id));
	http_on_gone(rq, content_gone, c);
	return c;
}

static void get_content(struct http_request *rq, void *context)
{
	struct api *api = context;
	enum queue queue;
	struct content *c;
	struct slice id;

	if (!find_message(api, rq, &id, &queue))
		return;
	c = content_create(api, rq, id);
	c->number = api->services.content_open(api->services.context, slice_of(c->id), queue,
	    VIEWER_MODE_CONTENT, 0, 0, &(struct api_content_reader){content_frame, content_end, c});
}

/* ---- /parts/{n} and /raw ---- */

/* The connection has room again: the viewer goes on where it was stopped. */
static void on_drained(struct http_request *rq, void *data)
{
	struct content *c = data;

	(void)rq;
	if (!c->paused)
		return;
	c->paused = false;
	c->api->services.content_pause(c->api->services.context, c->number, false);
}

static void stream_write(struct content *c, const void *data, size_t len)
{
	/* A slow reader must not make the server hold the message: the viewer waits. */
	if (http_stream_write(c->rq, data, len) > HTTP_STREAM_HIGH && !c->paused) {
		c->paused = true;
		c->api->services.content_pause(c->api->services.context, c->number, true);
	}
}

/* Whether the bytes at `tail` (fewer than four) could be the beginning of one character. */
static bool may_continue(struct slice tail)
{
	unsigned char c = (unsigned char)tail.data[0];
	size_t wanted = c >= 0xf0 && c <= 0xf4	? 4
			: c >= 0xe0 && c < 0xf0 ? 3
			: c >= 0xc2 && c < 0xe0 ? 2
						: 0;

	for (size_t i = 1; i < tail.len; i++)
		if (((unsigned char)tail.data[i] & 0xc0) != 0x80)
			return false;
	return tail.len < wanted;
}

/* A piece of text, made valid; a character cut at the end of the piece waits for the rest. */
static void stream_text(struct content *c, struct slice piece, bool last)
{
	BUFFER_AUTO struct buffer out = {0};
	struct slice all;
	size_t keep = 0;

	buffer_append_slice(&c->pending, piece);
	all = buffer_slice(&c->pending);
	for (size_t n = 1; !last && n <= 3 && n <= all.len; n++)
		if (may_continue(slice_from(all, all.len - n)))
			keep = n;
	/* The viewer has converted it already; what is invalid all the same must not reach a
	 * browser. */
	utf8_append_valid(&out, slice_first(all, all.len - keep));
	buffer_consume(&c->pending, all.len - keep);
	stream_write(c, out.data, out.len);
}

/* Headers that make sure that nobody takes the bytes for a page of this server. */
static void stream_begin(struct content *c, const char *type, const char *file)
{
	char disposition[200];

	/* The name has no quote or control character in it: safe_name let none through. */
	snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s\"", file);
	if (c->as == PART_DOWNLOAD)
		http_set_header(c->rq, "Content-Disposition", disposition);
	http_set_header(c->rq, "Content-Security-Policy", PART_POLICY);
	http_set_header(c->rq, "X-Frame-Options", "SAMEORIGIN");
	/* A looked-up name would tell the sender that his message is being read. */
	http_set_header(c->rq, "X-DNS-Prefetch-Control", "off");
	http_on_drained(c->rq, on_drained, c);
	http_stream_begin(c->rq, 200, type);
	c->streaming = true;
}

/* A file name that no header and no file system can misread. */
static void safe_name(const struct content *c, const struct viewer_part *p, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < p->name.len && len < size - 1 && len < 100; i++) {
		char b = p->name.data[i];
		bool good = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') ||
			    (b >= 'a' && b <= 'z') || b == '-' || b == '_' || (b == '.' && len > 0);
		/* No dot in front, so that no download becomes a hidden file. */
		out[len++] = good ? b : '_';
	}
	out[len] = '\0';
	if (len == 0)
		snprintf(out, size, "%s-part-%u", c->id, p->number);
}

/* Never HTML: that comes from the viewer alone, rewritten (html_frame). */
static const char *type_of(enum part_as as)
{
	return as == PART_TEXT ? TEXT_PLAIN : "application/octet-stream";
}

/* The part's own bytes: for downloads, and for what is no text of the message. */
static void begin_part(struct content *c, const struct frame *frame)
{
	struct viewer_part p;
	char name[160];

	if (!viewer_part_decode(frame, &p) || c->streaming)
		return;
	safe_name(c, &p, name, sizeof(name));
	stream_begin(c, type_of(c->as), name);
}

static void stream_bytes(struct content *c, const struct frame *frame)
{
	struct viewer_bytes b;

	if (!viewer_bytes_decode(frame, &b))
		return;
	if (c->as == PART_DOWNLOAD)
		stream_write(c, b.bytes.data, b.bytes.len);
	else
		stream_text(c, b.bytes, false);
}

static void part_frame(void *data, const struct frame *frame)
{
	struct content *c = data;

	if (frame->type == VIEWER_PART)
		begin_part(c, frame);
	else if (frame->type == VIEWER_BYTES && c->streaming)
		stream_bytes(c, frame);
}

static void stream_end(void *data, const struct error *err);

/* A second viewer for the same message: the first one knows only what it was started for. */
static void open_part(
    struct content *c, enum viewer_mode mode, void (*frame)(void *data, const struct frame *frame))
{
	const struct api_services *s = &c->api->services;

	c->number = s->content_open(s->context, slice_of(c->id), c->queue, mode, c->part, 0,
	    &(struct api_content_reader){frame, stream_end, c});
}

/* The part that was asked for, when it was not known yet what it is: its text is told with the
 * content of the message, in UTF-8; everything else is opened again as bytes. */
static void choose_part(struct content *c, const struct frame *frame)
{
	struct viewer_part p;
	bool text;

	if (!viewer_part_decode(frame, &p) || p.number != c->part || c->streaming)
		return;
	text = slice_starts_with(p.type, "text/");
	if (c->as == PART_AUTO)
		c->as = text ? PART_TEXT : PART_DOWNLOAD;
	if (text && c->as != PART_DOWNLOAD && !slice_is(p.disposition, "attachment")) {
		stream_begin(c, type_of(c->as), "");
		return;
	}
	/* This viewer has told what was to be known; another one sends the bytes. */
	c->api->services.content_cancel(c->api->services.context, c->number);
	open_part(c, VIEWER_MODE_PART, part_frame);
}

static void stream_part_text(struct content *c, const struct frame *frame)
{
	struct viewer_text t;

	if (!viewer_text_decode(frame, &t) || t.part != c->part)
		return;
	if (c->as == PART_HTML && !c->streaming)
		stream_begin(c, TEXT_HTML, "");
	if (!c->streaming)
		return;
	c->text_cut = c->text_cut || t.cut;
	stream_text(c, t.text, false);
}

static void choosing_frame(void *data, const struct frame *frame)
{
	if (frame->type == VIEWER_PART)
		choose_part(data, frame);
	else if (frame->type == VIEWER_TEXT)
		stream_part_text(data, frame);
}

/* The type of the part decides, and only a viewer knows it: so all texts are told, and most are
 * passed over. */
static void open_choice(struct content *c)
{
	const struct api_services *s = &c->api->services;

	c->number = s->content_open(s->context, slice_of(c->id), c->queue, VIEWER_MODE_CONTENT, 0,
	    VIEWER_TEXT_MAX, &(struct api_content_reader){choosing_frame, stream_end, c});
}

/* What is not HTML is shown as text. */
static void html_frame(void *data, const struct frame *frame)
{
	struct content *c = data;
	struct viewer_part p;

	if (frame->type == VIEWER_TEXT) {
		stream_part_text(c, frame);
	} else if (frame->type == VIEWER_PART && viewer_part_decode(frame, &p) &&
		   !slice_is(p.type, "text/html")) {
		c->api->services.content_cancel(c->api->services.context, c->number);
		c->as = PART_TEXT;
		open_choice(c);
	}
}

static void raw_begin(struct content *c)
{
	char name[80];

	snprintf(name, sizeof(name), "%s.eml", c->id);
	stream_begin(c, c->as == PART_TEXT ? TEXT_PLAIN : "message/rfc822", name);
}

static void raw_frame(void *data, const struct frame *frame)
{
	struct content *c = data;

	/* Of a raw message only the bytes are wanted. */
	if (frame->type != VIEWER_BYTES)
		return;
	if (!c->streaming)
		raw_begin(c);
	stream_bytes(c, frame);
}

static void stream_end(void *data, const struct error *err)
{
	struct content *c = data;

	/* A stream that fails in the middle is cut off and never ended properly: the reader must
	 * not take it for whole. */
	if (err == NULL && c->streaming) {
		if (c->as != PART_DOWNLOAD)
			stream_text(c,
			    c->text_cut
				? SLICE("\n[The rest is not shown here: download the part.]\n")
				: SLICE(""),
			    true);
		http_stream_end(c->rq);
	} else if (c->streaming) {
		http_stream_abort(c->rq);
	} else if (err != NULL) {
		http_reply_error(c->rq, err);
	} else {
		http_reply_said(c->rq, "part_not_found", NULL, SAID_PROBLEM_NO_PART, 0);
	}
	content_free(c);
}

static bool read_as(struct http_request *rq, enum part_as *as)
{
	static const char *const names[] = {"", "text", "html", "download"};
	struct slice value;

	*as = PART_AUTO;
	if (!http_query(rq, "as", &value))
		return true;
	for (int i = PART_TEXT; i <= PART_DOWNLOAD; i++)
		if (slice_is(value, names[i])) {
			*as = (enum part_as)i;
			return true;
		}
	http_reply_said(
	    rq, "invalid_value", json_pack("{ss}", "member", "as"), SAID_PROBLEM_AS_HTML, 0);
	return false;
}

static void get_part(struct http_request *rq, void *context)
{
	struct api *api = context;
	enum queue queue;
	enum part_as as;
	struct content *c;
	struct slice id;
	uint64_t n;

	if (!find_message(api, rq, &id, &queue) || !read_as(rq, &as))
		return;
	/* The viewer tells no more parts than these, so there can be none with such a number. */
	if (!slice_to_u64(http_path_param(rq, "n"), &n) || n >= VIEWER_PARTS_MAX) {
		http_reply_said(rq, "part_not_found", NULL, SAID_PROBLEM_NO_PART, 0);
		return;
	}
	c = content_create(api, rq, id);
	c->queue = queue;
	c->part = (uint32_t)n;
	c->as = as;
	if (as == PART_DOWNLOAD)
		open_part(c, VIEWER_MODE_PART, part_frame);
	else if (as == PART_HTML)
		open_part(c, VIEWER_MODE_HTML, html_frame);
	else
		open_choice(c);
}

static void get_raw(struct http_request *rq, void *context)
{
	struct api *api = context;
	enum queue queue;
	enum part_as as;
	struct content *c;
	struct slice id;

	if (!find_message(api, rq, &id, &queue) || !read_as(rq, &as))
		return;
	/* A whole message as HTML would be a page of a stranger's. */
	if (as == PART_HTML) {
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "as"),
		    SAID_PROBLEM_AS_TEXT, 0);
		return;
	}
	c = content_create(api, rq, id);
	c->as = as == PART_TEXT ? PART_TEXT : PART_DOWNLOAD;
	c->number = api->services.content_open(api->services.context, slice_of(c->id), queue,
	    VIEWER_MODE_RAW, 0, 0, &(struct api_content_reader){raw_frame, stream_end, c});
}

const struct http_route api_content_routes[] = {
    {HTTP_GET, "/api/v1/messages/{id}/content", RIGHT_CONTENT, 0, NULL, get_content,
	.within = SCOPE_QUERY, .audit = AUDIT_CONTENT_READ},
    {HTTP_GET, "/api/v1/messages/{id}/parts/{n}", RIGHT_CONTENT, 0, "as", get_part,
	.hold = HTTP_HOLD_DOWNLOAD, .within = SCOPE_QUERY, .audit = AUDIT_CONTENT_READ},
    {HTTP_GET, "/api/v1/messages/{id}/raw", RIGHT_CONTENT, 0, "as", get_raw,
	.hold = HTTP_HOLD_DOWNLOAD, .within = SCOPE_QUERY, .audit = AUDIT_SOURCE_READ},
    {.path = NULL},
};
