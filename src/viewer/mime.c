/* One message as its headers, hops, parts and texts, by means of GMime. The header is kept beside
 * GMime's as it stands. Parts have numbers in the order in which they are met, which stay the same
 * for the same message. Every loop has a limit of viewer_proto.h, and what is cut is said in a
 * note. */
#include "viewer/mime.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "viewer/hops.h"
#include "viewer/html.h"

struct mime {
	GMimeMessage *message;
	struct charsets *charsets;
	struct out *out;
	struct buffer header; /* the header block as it stands: GMime splits it by kinds and loses
				 the order */
};

/* ---- parsing ---- */

/* The offset behind the header block and its empty line; the length where there is none. */
static size_t header_end(struct slice text)
{
	size_t at = 0;

	while (at < text.len) {
		const char *line = text.data + at, *end = memchr(line, '\n', text.len - at);

		if (end == NULL)
			return text.len;
		at += (size_t)(end - line) + 1;
		/* Lines end in a newline here; some mail has a CR before it. */
		if (end == line || (end == line + 1 && *line == '\r'))
			return at;
	}
	return text.len;
}

/* GMime keeps each header several times over. What is cut away is the end of the block. */
static void cut_header(struct buffer *message, struct out *out)
{
	size_t end = header_end(buffer_slice(message)), keep = VIEWER_HEADER_BYTES_MAX;

	if (end <= VIEWER_HEADER_BYTES_MAX)
		return;
	while (keep > 0 && message->data[keep - 1] != '\n')
		keep--;
	if (keep == 0) { /* one endless line */
		keep = VIEWER_HEADER_BYTES_MAX;
		message->data[keep - 1] = '\n';
	}
	message->data[keep++] = '\n';
	memmove(message->data + keep, message->data + end, message->len - end);
	message->len -= end - keep;
	out_note(
	    out, "header_cut", "The header is longer than 1 MiB; the rest of it is not shown.");
}

/* What begins with no header at all is a body; GMime would refuse it. */
static void separate_body(struct buffer *message)
{
	size_t name = 0;

	while (name < message->len && message->data[name] > ' ' && message->data[name] < 127 &&
	       message->data[name] != ':')
		name++;
	if (name > 0 && name < message->len && message->data[name] == ':')
		return;
	buffer_append_char(message, '\n');
	memmove(message->data + 1, message->data, message->len - 1);
	message->data[0] = '\n';
}

struct mime *mime_parse(struct buffer *message, struct charsets *charsets, struct out *out)
{
	struct mime *mime = memory_zero(1, sizeof(*mime));
	GMimeStream *stream;
	GMimeParser *parser;

	/* Before the header is looked for: a body without a header has none to be cut. */
	separate_body(message);
	cut_header(message, out);
	buffer_append(&mime->header, message->data, header_end(buffer_slice(message)));
	/* GLib takes the memory over, as 64 MiB should not be there twice. */
	stream = g_mime_stream_mem_new_with_byte_array(
	    g_byte_array_new_take((guint8 *)message->data, message->len));
	*message = (struct buffer){0};
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), TRUE);
	parser = g_mime_parser_new_with_stream(stream);
	g_object_unref(stream);
	mime->message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	mime->charsets = charsets;
	mime->out = out;
	if (mime->message == NULL)
		mime_free(&mime);
	return mime;
}

void mime_free(struct mime **pointer)
{
	struct mime *mime = *pointer;

	*pointer = NULL;
	if (mime == NULL)
		return;
	if (mime->message != NULL)
		g_object_unref(mime->message);
	buffer_free(&mime->header);
	free(mime);
}

/* ---- headers ---- */

/* A NUL ends a text for GMime and glib, and would hide what is behind it: U+FFFD takes its place.
 */
static void append_without_nul(struct buffer *to, struct slice text)
{
	struct slice part;

	if (text.len == 0)
		return;
	slice_split(&text, '\0', &part);
	buffer_append_slice(to, part);
	while (slice_split(&text, '\0', &part)) {
		buffer_append_string(to, "\xef\xbf\xbd");
		buffer_append_slice(to, part);
	}
}

/* Valid UTF-8 of at most `max` bytes, without NUL. */
static struct slice clean(struct buffer *to, struct slice text, size_t max, bool *cut)
{
	BUFFER_AUTO struct buffer whole = {0};

	/* Cut first: the length is a stranger's, and each byte may become three. */
	append_without_nul(&whole, slice_first(text, max));
	buffer_clear(to);
	utf8_append_valid(to, buffer_slice(&whole));
	if (cut != NULL && (text.len > max || to->len > max))
		*cut = true;
	return utf8_first(buffer_slice(to), max);
}

/* The same of what GMime says; NULL is nothing. */
static struct slice clean_string(struct buffer *to, const char *text)
{
	return clean(to, slice_of(text != NULL ? text : ""), VIEWER_FIELD_MAX, NULL);
}

struct header {
	struct slice name, raw; /* as they stand; raw without its last line's end */
};

static size_t line_length(struct slice text)
{
	const char *end = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;

	return end != NULL ? (size_t)(end - text.data) + 1 : text.len;
}

/* Takes the next header with its continuation lines; lines that are none are passed over. */
static bool next_header(struct slice *rest, struct header *header)
{
	while (rest->len > 0) {
		size_t len = line_length(*rest);
		struct slice line;
		ptrdiff_t colon;

		while (len < rest->len && (rest->data[len] == ' ' || rest->data[len] == '\t'))
			len += line_length(slice_from(*rest, len));
		line = slice_first(*rest, len);
		*rest = slice_from(*rest, len);
		colon = slice_find_char(line, ':');
		/* A colon at the beginning has no name before it. */
		if (colon <= 0 || line.data[0] == ' ' || line.data[0] == '\t')
			continue;
		header->name = slice_trim(slice_first(line, (size_t)colon));
		if (header->name.len == 0)
			continue;
		header->raw = slice_from(line, (size_t)colon + 1);
		while (header->raw.len > 0 &&
		       strchr("\r\n", header->raw.data[header->raw.len - 1]) != NULL)
			header->raw.len--;
		return true;
	}
	return false;
}

/* Unfolded, encoded words decoded. */
static char *decode_value(struct slice raw)
{
	BUFFER_AUTO struct buffer copy = {0};
	char *unfolded, *value;

	append_without_nul(&copy, raw);
	unfolded = g_mime_utils_header_unfold(buffer_string(&copy));
	value = g_mime_utils_header_decode_text(NULL, unfolded);

	for (char *c = value; c != NULL && *c != '\0'; c++) /* what unfolding leaves of a fold */
		if (*c == '\t')
			*c = ' ';
	g_free(unfolded);
	return value;
}

static void send_header(struct mime *mime, const struct header *header)
{
	BUFFER_AUTO struct buffer name = {0}, value = {0}, raw = {0};
	struct viewer_header h = {.cut = false};
	char *decoded = decode_value(header->raw);

	h.name = clean(&name, header->name, VIEWER_FIELD_MAX, &h.cut);
	h.value = slice_trim(clean(
	    &value, slice_of(decoded != NULL ? decoded : ""), VIEWER_HEADER_VALUE_MAX, &h.cut));
	h.raw = clean(&raw, header->raw, VIEWER_HEADER_VALUE_MAX, &h.cut);
	viewer_header_encode(&mime->out->frame, &h);
	out_send(mime->out);
	g_free(decoded);
}

struct hops {
	struct viewer_hop
	    hop; /* read, not sent: its delay is counted from the one before it in time */
	struct buffer text;
	bool have;
	unsigned count;
};

static void send_hop(struct mime *mime, struct hops *hops, const struct viewer_hop *before)
{
	/* Counted on beyond the limit, so that the note can be sent. */
	if (!hops->have || hops->count++ >= VIEWER_HOPS_MAX || hops->text.len > VIEWER_CHUNK)
		return;
	/* The newest hop stands first in the header. A delay is known when the next header has been
	 * read. */
	hops->hop.has_delay = before != NULL && before->has_time && hops->hop.has_time;
	hops->hop.delay = hops->hop.has_delay ? hops->hop.time - before->time : 0;
	viewer_hop_encode(&mime->out->frame, &hops->hop);
	out_send(mime->out);
}

static void take_hop(struct mime *mime, struct hops *hops, struct slice raw)
{
	struct hops next = {.have = true};

	hops_parse(raw, &next.text, &next.hop);
	send_hop(mime, hops, &next.hop);
	next.count = hops->count;
	buffer_free(&hops->text);
	*hops = next;
}

void mime_send_headers(struct mime *mime)
{
	struct slice rest = buffer_slice(&mime->header);
	struct hops hops = {.have = false};
	struct header header;
	unsigned count = 0;

	while (count < VIEWER_HEADERS_MAX && next_header(&rest, &header)) {
		count++;
		send_header(mime, &header);
	}
	if (next_header(&rest, &header))
		out_note(
		    mime->out, "headers_cut", "More than 1,000 headers; the rest is not shown.");
	/* A second time for the hops: the protocol has all headers first. */
	rest = buffer_slice(&mime->header);
	for (unsigned i = 0; i < count && next_header(&rest, &header); i++)
		if (slice_equal_nocase(header.name, SLICE("received")))
			take_hop(mime, &hops, header.raw);
	send_hop(mime, &hops, NULL);
	buffer_free(&hops.text);
	if (hops.count > VIEWER_HOPS_MAX)
		out_note(mime->out, "hops_cut",
		    "More than 100 Received headers; the rest is not shown as hops.");
}

/* ---- parts ---- */

typedef void part_function(void *context, GMimeObject *object, const struct viewer_part *numbers);

struct walk {
	part_function *function;
	void *context;
	uint32_t next;
	bool parts_cut, depth_cut;
};

/* Depth first; every part that is met has its number, also beyond the limits, where it is not
 * shown. */
static void walk(struct walk *w, GMimeObject *object, uint32_t parent, uint32_t depth)
{
	struct viewer_part numbers = {.number = w->next, .parent = parent, .depth = depth};

	/* This function calls itself: without a limit the nesting of a mail would be that of our
	 * stack. */
	if (w->next >= VIEWER_PARTS_MAX || depth > VIEWER_DEPTH_MAX) {
		w->parts_cut = w->parts_cut || w->next >= VIEWER_PARTS_MAX;
		w->depth_cut = w->depth_cut || depth > VIEWER_DEPTH_MAX;
		return;
	}
	w->next++;
	w->function(w->context, object, &numbers);
	if (GMIME_IS_MULTIPART(object)) {
		int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));

		for (int i = 0; i < count && !w->parts_cut; i++)
			walk(w, g_mime_multipart_get_part(GMIME_MULTIPART(object), i),
			    numbers.number, depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeObject *child = inner != NULL ? g_mime_message_get_mime_part(inner) : NULL;

		if (child != NULL)
			walk(w, child, numbers.number, depth + 1);
	}
}

static void walk_all(struct mime *mime, struct walk *w)
{
	GMimeObject *top = g_mime_message_get_mime_part(mime->message);

	if (top != NULL)
		walk(w, top, 0, 0);
}

typedef bool bytes_function(void *context, struct slice bytes);

/* Decodes the transfer encoding and hands the bytes on until the function has enough. */
static void decode(GMimeObject *object, bytes_function *function, void *context)
{
	GMimeDataWrapper *content =
	    GMIME_IS_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;
	GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	BUFFER_AUTO struct buffer decoded = {0};
	char in[16384];
	GMimeEncoding encoding;
	ssize_t n;
	bool more = true;

	if (stream == NULL)
		return;
	g_mime_stream_reset(stream);
	g_mime_encoding_init_decode(&encoding, g_mime_data_wrapper_get_encoding(content));
	while (more && (n = g_mime_stream_read(stream, in, sizeof(in))) > 0) {
		char *to;

		buffer_clear(&decoded);
		to = buffer_reserve(&decoded, g_mime_encoding_outlen(&encoding, (size_t)n));
		decoded.len = g_mime_encoding_step(&encoding, in, (size_t)n, to);
		more = function(context, buffer_slice(&decoded));
	}
	if (more) {
		buffer_clear(&decoded);
		/* What an encoding holds back until it knows the end, such as the last bytes of
		 * base64. */
		decoded.len = g_mime_encoding_flush(&encoding, "", 0,
		    buffer_reserve(&decoded, g_mime_encoding_outlen(&encoding, 0) + 64));
		function(context, buffer_slice(&decoded));
	}
}

struct fields {
	struct buffer type, name, disposition, charset, encoding, content_id;
};

static void free_fields(struct fields *f)
{
	buffer_free(&f->type);
	buffer_free(&f->name);
	buffer_free(&f->disposition);
	buffer_free(&f->charset);
	buffer_free(&f->encoding);
	buffer_free(&f->content_id);
}

static struct slice lower(struct buffer *to, const char *text)
{
	struct slice s = clean_string(to, text);

	for (size_t i = 0; i < s.len; i++)
		to->data[i] = g_ascii_tolower(to->data[i]);
	return s;
}

/* A name is never a path: what stands before the last slash or backslash is dropped. A browser
 * would save it under that name. */
static struct slice base_name(struct slice name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.data[i - 1] == '/' || name.data[i - 1] == '\\')
			return slice_from(name, i);
	return name;
}

static void describe(GMimeObject *object, struct fields *f, struct viewer_part *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	char *type_text = type != NULL ? g_mime_content_type_get_mime_type(type) : NULL;

	part->type = lower(&f->type, type_text);
	g_free(type_text);
	part->disposition = lower(&f->disposition, g_mime_object_get_disposition(object));
	part->charset =
	    lower(&f->charset, g_mime_object_get_content_type_parameter(object, "charset"));
	part->content_id = clean_string(&f->content_id, g_mime_object_get_content_id(object));
	part->container = GMIME_IS_MULTIPART(object) || GMIME_IS_MESSAGE_PART(object);
	if (GMIME_IS_PART(object)) {
		GMimePart *leaf = GMIME_PART(object);

		part->name = base_name(clean_string(&f->name, g_mime_part_get_filename(leaf)));
		part->encoding = lower(&f->encoding,
		    g_mime_content_encoding_to_string(g_mime_part_get_content_encoding(leaf)));
	}
}

/* ---- parts with their texts ---- */

struct show {
	struct mime *mime;
	uint32_t text_max;  /* for each part */
	uint64_t text_left; /* for all */
	/* of the part at hand */
	uint64_t size;
	struct charset_decoder *decoder; /* NULL: not a text, or enough of it */
	struct buffer text;
	bool cut, damaged;
};

/* A set that is not known is read as windows-1252, and said to be damaged. */
static void begin_text(struct show *show, struct slice charset)
{
	show->size = 0;
	show->cut = show->damaged = false;
	buffer_clear(&show->text);
	show->decoder = charset_decoder_begin(show->mime->charsets, charset);
	show->damaged = show->decoder == NULL;
	if (show->decoder == NULL)
		show->decoder = charset_decoder_begin(show->mime->charsets, SLICE("windows-1252"));
}

static bool take_bytes(void *context, struct slice bytes)
{
	struct show *show = context;
	uint64_t max = show->text_max < show->text_left ? show->text_max : show->text_left;

	show->size += bytes.len;
	if (show->decoder == NULL)
		return true;
	if (!charset_decoder_step(show->decoder, bytes, &show->text))
		show->damaged = true;
	if (show->text.len > max) {
		show->cut = true;
		/* Text beyond the limit is not decoded any more; only its size is counted. */
		show->decoder = NULL;
	}
	return true; /* to the end: the size is wanted */
}

static void decode_text(struct show *show, GMimeObject *object)
{
	decode(object, take_bytes, show);
	if (show->decoder != NULL && !charset_decoder_end(show->decoder, &show->text))
		show->damaged = true;
}

static void send_text(struct show *show, uint32_t number)
{
	uint64_t max = show->text_max < show->text_left ? show->text_max : show->text_left;
	BUFFER_AUTO struct buffer valid = {0};
	struct slice text;

	/* UTF-16 may hold what UTF-8 may not. */
	utf8_append_valid(&valid, buffer_slice(&show->text));
	text = utf8_first(buffer_slice(&valid), max);
	show->text_left -= text.len;
	out_text(show->mime->out, number, text, show->cut || text.len < valid.len, show->damaged);
}

static void show_part(void *context, GMimeObject *object, const struct viewer_part *numbers)
{
	struct show *show = context;
	struct viewer_part part = *numbers;
	struct fields fields = {0};
	bool text;

	describe(object, &fields, &part);
	text = slice_starts_with(part.type, "text/") && !slice_is(part.disposition, "attachment");
	begin_text(show, text ? part.charset : SLICE(""));
	/* The decoder was begun for all; of what is no text only the size is wanted. */
	if (!text)
		show->decoder = NULL;
	decode_text(show, object);
	part.size = show->size;
	/* Before its text: the receiver has to know what the text belongs to. */
	viewer_part_encode(&show->mime->out->frame, &part);
	out_send(show->mime->out);
	if (text)
		send_text(show, part.number);
	free_fields(&fields);
}

static uint64_t within(uint64_t wanted, uint64_t fallback, uint64_t most)
{
	if (wanted == 0)
		return fallback;
	return wanted < most ? wanted : most;
}

void mime_send_parts(struct mime *mime, const struct viewer_limits *limits)
{
	struct show show = {.mime = mime,
	    .text_max = (uint32_t)within(limits->text_bytes, VIEWER_TEXT_DEFAULT, VIEWER_TEXT_MAX),
	    .text_left =
		within(limits->total_bytes, VIEWER_TOTAL_TEXT_DEFAULT, VIEWER_TOTAL_BYTES_DEFAULT)};
	struct walk w = {.function = show_part, .context = &show};

	walk_all(mime, &w);
	buffer_free(&show.text);
	if (w.parts_cut)
		out_note(mime->out, "parts_cut",
		    "The message has more than 1,000 parts; the rest is not shown.");
	if (w.depth_cut)
		out_note(mime->out, "depth_cut",
		    "Parts are nested more than 32 deep; what is deeper is not shown.");
}

/* ---- one part ---- */

struct pick {
	struct mime *mime;
	uint32_t number;
	uint64_t size, left;
	bool found, cut;
};

static bool count_bytes(void *context, struct slice bytes)
{
	((struct pick *)context)->size += bytes.len;
	return true;
}

static bool pass_bytes(void *context, struct slice bytes)
{
	struct pick *pick = context;
	struct slice piece =
	    bytes.len > pick->left ? slice_first(bytes, (size_t)pick->left) : bytes;

	out_bytes(pick->mime->out, piece);
	pick->left -= piece.len;
	pick->cut = piece.len < bytes.len;
	return !pick->cut;
}

static void pick_part(void *context, GMimeObject *object, const struct viewer_part *numbers)
{
	struct pick *pick = context;
	struct viewer_part part = *numbers;
	struct fields fields = {0};

	if (part.number != pick->number)
		return;
	describe(object, &fields, &part);
	if (!part.container) {
		pick->found = true;
		/* Decoded twice: the size goes before the bytes, and a copy of them might be 64
		 * MiB. */
		decode(object, count_bytes, pick);
		part.size = pick->size;
		viewer_part_encode(&pick->mime->out->frame, &part);
		out_send(pick->mime->out);
		decode(object, pass_bytes, pick);
	}
	free_fields(&fields);
}

bool mime_send_part(
    struct mime *mime, uint32_t number, const struct viewer_limits *limits, bool *cut)
{
	struct pick pick = {.mime = mime,
	    .number = number,
	    .left = within(
		limits->total_bytes, VIEWER_TOTAL_BYTES_DEFAULT, VIEWER_TOTAL_BYTES_DEFAULT)};
	struct walk w = {.function = pick_part, .context = &pick};

	walk_all(mime, &w);
	*cut = pick.cut;
	return pick.found;
}

/* ---- a part's HTML, rewritten ---- */

/* A picture of the mail that its HTML asks for. */
struct picture {
	struct slice content_id;
	size_t room; /* for the address */
	struct buffer *address, bytes;
	bool found;
};

static bool take_picture(void *context, struct slice bytes)
{
	struct picture *picture = context;

	/* A picture that does not fit is left out; half of one would be no picture. */
	if (bytes.len > picture->room - picture->bytes.len)
		return false;
	buffer_append_slice(&picture->bytes, bytes);
	return true;
}

/* The first part with this Content-ID that is a picture and fits whole. */
static void pick_picture(void *context, GMimeObject *object, const struct viewer_part *numbers)
{
	struct picture *picture = context;
	struct viewer_part part = *numbers;
	struct fields fields = {0};

	describe(object, &fields, &part);
	if (!picture->found && slice_equal(part.content_id, picture->content_id) &&
	    slice_starts_with(part.type, "image/")) {
		buffer_clear(&picture->bytes);
		decode(object, take_picture, picture);
		/* Base64 makes four bytes of three. */
		if (picture->bytes.len > 0 && picture->bytes.len < picture->room / 4 * 3) {
			char *text = g_base64_encode(
			    (const guchar *)picture->bytes.data, picture->bytes.len);

			buffer_printf(picture->address, "data:%.*s;base64,", SLICE_ARGS(part.type));
			buffer_append_string(picture->address, text);
			g_free(text);
			picture->found = true;
		}
	}
	free_fields(&fields);
}

static bool find_picture(
    void *context, struct slice content_id, size_t room, struct buffer *address)
{
	struct picture picture = {.content_id = content_id, .room = room, .address = address};
	struct walk w = {.function = pick_picture, .context = &picture};

	if (content_id.len > 0)
		walk_all(context, &w);
	buffer_free(&picture.bytes);
	return picture.found;
}

static void pick_html(void *context, GMimeObject *object, const struct viewer_part *numbers)
{
	struct pick *pick = context;
	struct viewer_part part = *numbers;
	struct fields fields = {0};
	struct show show = {
	    .mime = pick->mime, .text_max = VIEWER_TEXT_MAX, .text_left = VIEWER_TEXT_MAX};
	struct html_images images = {find_picture, pick->mime};
	BUFFER_AUTO struct buffer html = {0}, valid = {0};
	bool whole;

	if (part.number != pick->number)
		return;
	describe(object, &fields, &part);
	pick->found = !part.container;
	if (pick->found) {
		begin_text(&show, part.charset);
		decode_text(&show, object);
		part.size = show.size;
		viewer_part_encode(&pick->mime->out->frame, &part);
		out_send(pick->mime->out);
	}
	/* Only what says that it is HTML is ever shown as HTML. */
	if (pick->found && slice_is(part.type, "text/html")) {
		whole = html_rewrite(
		    slice_first(buffer_slice(&show.text), VIEWER_TEXT_MAX), &images, &html);
		utf8_append_valid(&valid, buffer_slice(&html));
		out_text(pick->mime->out, part.number, buffer_slice(&valid), show.cut || !whole,
		    show.damaged);
	}
	buffer_free(&show.text);
	free_fields(&fields);
}

bool mime_send_html(struct mime *mime, uint32_t number)
{
	struct pick pick = {.mime = mime, .number = number};
	struct walk w = {.function = pick_html, .context = &pick};

	walk_all(mime, &w);
	return pick.found;
}
