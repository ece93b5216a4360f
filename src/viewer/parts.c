#include "viewer/parts.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"

/* What both ways of looking at a message share: a walk over its parts, depth first. */
struct walk {
	struct output *output;
	const struct charsets *charsets;
	struct viewer_limits limits;
	uint64_t text_left; /* of limits.total_bytes */
	uint32_t next;	    /* number of the next part */
	bool said_depth, said_parts;
	bool one; /* only `wanted`, as bytes */
	uint32_t wanted;
	bool found, cut;
};

/* Where a decoded part goes: counted, and passed on while there is room. */
struct decoded {
	struct walk *walk;
	const struct charset *charset;
	uint32_t part;
	bool text, bytes; /* send TEXT; send BYTES */
	uint64_t size, room;
	bool cut, damaged;
	struct buffer pending, utf8;
};

static void send_text(struct decoded *d, bool last)
{
	struct output *output = d->walk->output;
	size_t used =
	    charset_append(d->charset, &d->utf8, buffer_slice(&d->pending), last, &d->damaged);

	buffer_consume(&d->pending, used);
	while (d->utf8.len > 0 || last) {
		struct viewer_text piece = {.part = d->part};

		piece.text = utf8_first(buffer_slice(&d->utf8), VIEWER_CHUNK);
		if (piece.text.len == 0 && d->utf8.len > 0)
			piece.text = slice_first(buffer_slice(&d->utf8), VIEWER_CHUNK);
		piece.last = last && piece.text.len == d->utf8.len;
		piece.cut = piece.last && d->cut;
		piece.damaged = piece.last && d->damaged;
		viewer_text_encode(&output->frame, &piece);
		if (!output_send(output) || piece.last)
			break;
		buffer_consume(&d->utf8, piece.text.len);
	}
	buffer_clear(&d->utf8);
}

/* Takes the next decoded bytes. */
static void take(struct decoded *d, struct slice bytes)
{
	d->size += bytes.len;
	if (bytes.len > d->room) {
		d->cut = true;
		bytes = slice_first(bytes, (size_t)d->room);
	}
	d->room -= bytes.len;
	if (d->bytes)
		output_bytes(d->walk->output, bytes);
	if (!d->text || bytes.len == 0)
		return;
	/* The guess for an unknown character set needs the whole text at once. */
	buffer_append_slice(&d->pending, bytes);
	if (d->charset != NULL && d->pending.len >= VIEWER_CHUNK)
		send_text(d, false);
}

static void decode(struct decoded *d, GMimeObject *object)
{
	GMimeDataWrapper *content =
	    GMIME_IS_PART(object) ? g_mime_part_get_content(GMIME_PART(object)) : NULL;
	GMimeStream *source, *filtered;
	GMimeFilter *filter;
	char piece[16384];
	ssize_t n;

	if (content == NULL)
		return;
	source = g_mime_data_wrapper_get_stream(content);
	g_mime_stream_reset(source);
	filtered = g_mime_stream_filter_new(source);
	filter = g_mime_filter_basic_new(g_mime_data_wrapper_get_encoding(content), FALSE);
	g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filter);
	g_object_unref(filter);
	while (
	    !d->walk->output->gone && (n = g_mime_stream_read(filtered, piece, sizeof(piece))) > 0)
		take(d, slice_make(piece, (size_t)n));
	g_object_unref(filtered);
}

/* ---- What a part says of itself ---- */

struct fields {
	struct buffer type, name, disposition, charset, encoding, content_id;
};

static void keep(struct buffer *out, const char *text, bool lower)
{
	BUFFER_AUTO struct buffer valid = {0};

	if (text == NULL)
		return;
	utf8_append_valid(&valid, slice_of(text));
	buffer_append_slice(out, utf8_first(buffer_slice(&valid), VIEWER_FIELD_MAX));
	for (size_t i = 0; lower && i < out->len; i++)
		if (out->data[i] >= 'A' && out->data[i] <= 'Z')
			out->data[i] = (char)(out->data[i] + 32);
}

/* Never a path: whoever saves a part must not be led elsewhere. */
static const char *base_name(const char *name)
{
	const char *at;

	if (name == NULL)
		return NULL;
	at = strrchr(name, '/');
	name = at != NULL ? at + 1 : name;
	at = strrchr(name, '\\');
	return at != NULL ? at + 1 : name;
}

static void describe(GMimeObject *object, struct fields *f)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(object);
	char *name = type != NULL ? g_mime_content_type_get_mime_type(type) : NULL;

	keep(&f->type, name != NULL ? name : "text/plain", true);
	g_free(name);
	if (disposition != NULL)
		keep(
		    &f->disposition, g_mime_content_disposition_get_disposition(disposition), true);
	if (type != NULL)
		keep(&f->charset, g_mime_content_type_get_parameter(type, "charset"), true);
	keep(&f->content_id, g_mime_object_get_content_id(object), false);
	if (!GMIME_IS_PART(object))
		return;
	keep(&f->name, base_name(g_mime_part_get_filename(GMIME_PART(object))), false);
	keep(&f->encoding,
	    g_mime_content_encoding_to_string(g_mime_part_get_content_encoding(GMIME_PART(object))),
	    true);
}

static void free_fields(struct fields *f)
{
	buffer_free(&f->type);
	buffer_free(&f->name);
	buffer_free(&f->disposition);
	buffer_free(&f->charset);
	buffer_free(&f->encoding);
	buffer_free(&f->content_id);
}

static void send_part(struct walk *w, const struct viewer_part *part)
{
	viewer_part_encode(&w->output->frame, part);
	output_send(w->output);
}

/* Where the size is only known after decoding, a first pass counts. */
static uint64_t decoded_size(struct walk *w, GMimeObject *object)
{
	struct decoded counter = {.walk = w};

	decode(&counter, object);
	return counter.size;
}

static void send_leaf_text(struct walk *w, GMimeObject *object, const struct viewer_part *part)
{
	struct decoded d = {.walk = w, .part = part->number, .text = true};

	d.charset = charset_find(w->charsets, part->charset);
	if (part->charset.len > 0 && d.charset == NULL)
		d.damaged = true;
	/* us-ascii is what mailers write, and leave out, when they do not know. */
	if (part->charset.len == 0 || slice_is(part->charset, "us-ascii"))
		d.charset = NULL;
	d.room = w->limits.text_bytes < w->text_left ? w->limits.text_bytes : w->text_left;
	decode(&d, object);
	w->text_left -= d.size < w->text_left ? d.size : w->text_left;
	send_text(&d, true);
	buffer_free(&d.pending);
	buffer_free(&d.utf8);
}

static void send_one(struct walk *w, GMimeObject *object, const struct viewer_part *part)
{
	struct decoded d = {.walk = w, .bytes = true, .room = w->limits.total_bytes};
	char *text;

	w->found = true;
	send_part(w, part);
	if (GMIME_IS_PART(object)) {
		decode(&d, object);
	} else {
		if (GMIME_IS_MESSAGE_PART(object))
			object = GMIME_OBJECT(
			    g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)));
		text = object != NULL ? g_mime_object_to_string(object, NULL) : NULL;
		if (text != NULL)
			take(&d, slice_of(text));
		g_free(text);
	}
	w->cut = d.cut;
}

static void visit_leaf(struct walk *w, GMimeObject *object, struct viewer_part *part)
{
	bool text =
	    slice_starts_with(part->type, "text/") && !slice_is(part->disposition, "attachment");

	part->size = decoded_size(w, object);
	if (w->one) {
		send_one(w, object, part);
		return;
	}
	send_part(w, part);
	if (text)
		send_leaf_text(w, object, part);
}

static void visit(struct walk *w, GMimeObject *object, uint32_t parent, uint32_t depth);

static void visit_children(struct walk *w, GMimeObject *object, uint32_t number, uint32_t depth)
{
	if (depth + 1 > VIEWER_DEPTH_MAX) {
		if (!w->said_depth && !w->one)
			output_note(
			    w->output, "depth_cut", "Parts are nested deeper than is shown.");
		w->said_depth = true;
		return;
	}
	if (GMIME_IS_MULTIPART(object)) {
		int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));

		for (int i = 0;
		     i < count && w->next < VIEWER_PARTS_MAX && !w->found && !w->output->gone; i++)
			visit(w, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), number,
			    depth + 1);
		if (count > 0 && w->next >= VIEWER_PARTS_MAX && !w->said_parts && !w->one) {
			output_note(
			    w->output, "parts_cut", "The message has more parts than are shown.");
			w->said_parts = true;
		}
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeObject *part = inner != NULL ? g_mime_message_get_mime_part(inner) : NULL;

		if (part != NULL && w->next < VIEWER_PARTS_MAX)
			visit(w, part, number, depth + 1);
	}
}

static void visit(struct walk *w, GMimeObject *object, uint32_t parent, uint32_t depth)
{
	struct viewer_part part = {.number = w->next++, .parent = parent, .depth = depth};
	struct fields f = {0};
	bool wanted = !w->one || part.number == w->wanted;

	describe(object, &f);
	part.type = buffer_slice(&f.type);
	part.name = buffer_slice(&f.name);
	part.disposition = buffer_slice(&f.disposition);
	part.charset = buffer_slice(&f.charset);
	part.encoding = buffer_slice(&f.encoding);
	part.content_id = buffer_slice(&f.content_id);
	part.container = !GMIME_IS_PART(object);
	if (wanted && !part.container)
		visit_leaf(w, object, &part);
	else if (wanted && w->one)
		send_one(w, object, &part);
	else if (wanted)
		send_part(w, &part);
	if (part.container && !w->found)
		visit_children(w, object, part.number, depth);
	free_fields(&f);
}

static void walk_message(struct walk *w, struct slice message)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(message.data, message.len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *parsed;

	g_object_unref(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	parsed = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	if (parsed == NULL)
		return;
	if (g_mime_message_get_mime_part(parsed) != NULL)
		visit(w, g_mime_message_get_mime_part(parsed), 0, 0);
	g_object_unref(parsed);
}

void parts_send(struct output *output, const struct charsets *charsets, struct slice message,
    const struct viewer_limits *limits)
{
	struct walk w = {.output = output,
	    .charsets = charsets,
	    .limits = *limits,
	    .text_left = limits->total_bytes};

	walk_message(&w, message);
}

bool parts_send_one(struct output *output, struct slice message, uint32_t number,
    const struct viewer_limits *limits, bool *cut, struct error *err)
{
	struct walk w = {.output = output, .limits = *limits, .one = true, .wanted = number};

	walk_message(&w, message);
	*cut = w.cut;
	return w.found || error_set(err, "no_such_part", "the message has no part %u", number);
}
