/* A whole message, as a stranger wrote it. Input: u8 what is asked for, u8 which part and how much,
 * then the message. Every frame that comes of it decodes, is clean and within its limits. */
#include <gmime/gmime.h>
#include <libxml/parser.h>

#include "viewer/html_check_fuzz.h"
#include "viewer/mime.h"

/* What came so far. */
struct seen {
	enum viewer_mode mode;
	unsigned headers, hops, parts;
	uint64_t part_size, bytes, text, text_max;
	uint32_t text_part;
	struct buffer document; /* of the part that is shown as HTML */
};

static void clean(struct slice text, size_t most)
{
	must(text.len <= most && utf8_valid(text));
}

static void check_header(struct seen *seen, const struct frame *frame)
{
	struct viewer_header header;

	must(viewer_header_decode(frame, &header) && ++seen->headers <= VIEWER_HEADERS_MAX);
	must(seen->parts == 0 && seen->hops == 0 && header.name.len > 0);
	clean(header.name, VIEWER_FIELD_MAX);
	clean(header.value, VIEWER_HEADER_VALUE_MAX);
	clean(header.raw, VIEWER_HEADER_VALUE_MAX);
}

static void check_hop(struct seen *seen, const struct frame *frame)
{
	struct viewer_hop hop;

	must(viewer_hop_decode(frame, &hop) && ++seen->hops <= VIEWER_HOPS_MAX);
	must(seen->parts == 0 && seen->hops <= seen->headers);
	must(!hop.has_delay || hop.has_time);
	clean(hop.from, VIEWER_CHUNK);
	clean(hop.for_, VIEWER_CHUNK);
}

static void check_part(struct seen *seen, const struct frame *frame)
{
	struct viewer_part part;

	must(viewer_part_decode(frame, &part));
	if (seen->mode == VIEWER_MODE_CONTENT)
		must(part.number == seen->parts);
	seen->parts++;
	must(part.number < VIEWER_PARTS_MAX && part.depth <= VIEWER_DEPTH_MAX);
	must(part.number == 0 ? part.depth == 0 : part.parent < part.number);
	must(!part.container || part.size == 0);
	must(seen->mode == VIEWER_MODE_CONTENT || (!part.container && seen->parts == 1));
	clean(part.type, VIEWER_FIELD_MAX);
	clean(part.name, VIEWER_FIELD_MAX);
	clean(part.disposition, VIEWER_FIELD_MAX);
	clean(part.charset, VIEWER_FIELD_MAX);
	clean(part.encoding, VIEWER_FIELD_MAX);
	clean(part.content_id, VIEWER_FIELD_MAX);
	must(slice_find_char(part.name, '/') < 0 && slice_find_char(part.name, '\\') < 0);
	seen->part_size = part.size;
	seen->text_part = part.number;
}

static void check_text(struct seen *seen, const struct frame *frame)
{
	struct viewer_text text;

	must(viewer_text_decode(frame, &text) && text.part == seen->text_part);
	must(seen->parts > 0 && (text.last || (!text.cut && !text.damaged)));
	clean(text.text, VIEWER_CHUNK);
	seen->text += text.text.len;
	if (seen->mode == VIEWER_MODE_HTML)
		buffer_append_slice(&seen->document, text.text);
}

static void check_bytes(struct seen *seen, const struct frame *frame)
{
	struct viewer_bytes bytes;

	must(viewer_bytes_decode(frame, &bytes) && seen->mode == VIEWER_MODE_PART);
	must(bytes.bytes.len > 0 && bytes.bytes.len <= VIEWER_CHUNK);
	seen->bytes += bytes.bytes.len;
}

static void take_frame(void *context, struct buffer *bytes)
{
	struct seen *seen = context;
	struct viewer_note note;
	struct frame frame;

	must(bytes->len <= WIRE_FRAME_MAX && frame_parse(bytes->data, bytes->len, &frame));
	frame.fd_count = 0;
	switch (frame.type) {
	case VIEWER_HEADER:
		check_header(seen, &frame);
		break;
	case VIEWER_HOP:
		check_hop(seen, &frame);
		break;
	case VIEWER_PART:
		check_part(seen, &frame);
		break;
	case VIEWER_TEXT:
		check_text(seen, &frame);
		break;
	case VIEWER_BYTES:
		check_bytes(seen, &frame);
		break;
	default:
		must(viewer_note_decode(&frame, &note) && frame.type == VIEWER_NOTE);
	}
}

static void show(struct mime *mime, struct seen *seen, uint8_t number)
{
	struct viewer_limits limits = {
	    .text_bytes = number % 16 * 40, .total_bytes = number / 16 * 60};
	bool cut;

	if (seen->mode == VIEWER_MODE_CONTENT) {
		mime_send_headers(mime);
		mime_send_parts(mime, &limits);
		must(limits.total_bytes == 0 || seen->text <= limits.total_bytes);
		must(limits.text_bytes == 0 || seen->text <= seen->parts * limits.text_bytes);
	} else if (seen->mode == VIEWER_MODE_PART) {
		must(mime_send_part(mime, number % 8, &limits, &cut) == (seen->parts == 1));
		must(seen->parts == 0 || cut || seen->bytes == seen->part_size);
		must(limits.total_bytes == 0 || seen->bytes <= limits.total_bytes);
	} else {
		must(mime_send_html(mime, number % 8) == (seen->parts == 1));
		if (seen->document.len > 0)
			html_check_document(buffer_slice(&seen->document));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum viewer_mode modes[] = {
	    VIEWER_MODE_CONTENT, VIEWER_MODE_PART, VIEWER_MODE_HTML};
	static struct charsets *charsets;
	struct seen seen = {.mode = VIEWER_MODE_CONTENT};
	struct out out = {.send = take_frame, .context = &seen};
	struct buffer message = {0};
	struct mime *mime;
	const char *missing;

	if (size < 2)
		return 0;
	if (charsets == NULL) {
		charsets = charsets_open(&missing);
		g_mime_init();
		xmlInitParser();
	}
	seen.mode = modes[data[0] % 3];
	buffer_append(&message, data + 2, size - 2);
	buffer_append_char(&message, '\n');
	mime = mime_parse(&message, charsets, &out);
	if (mime != NULL)
		show(mime, &seen, data[1]);
	mime_free(&mime);
	buffer_free(&seen.document);
	buffer_free(&out.frame);
	return 0;
}
