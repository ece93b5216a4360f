/* Sends what the viewer has to say, in frames of a size that the channel takes. Texts are cut
 * between two characters, so that each frame is valid UTF-8 by itself. */
#include "viewer/out.h"

#include "base/utf8.h"

void out_send(struct out *out)
{
	out->send(out->context, &out->frame);
}

void out_note(struct out *out, const char *code, const char *text)
{
	viewer_note_encode(
	    &out->frame, VIEWER_NOTE, &(struct viewer_note){slice_of(code), slice_of(text)});
	out_send(out);
}

void out_failed(struct out *out, const char *code, const char *text)
{
	viewer_note_encode(
	    &out->frame, VIEWER_FAILED, &(struct viewer_note){slice_of(code), slice_of(text)});
	out_send(out);
}

void out_bytes(struct out *out, struct slice bytes)
{
	while (bytes.len > 0) {
		struct slice piece = slice_first(bytes, VIEWER_CHUNK);

		viewer_bytes_encode(&out->frame, &(struct viewer_bytes){piece});
		out_send(out);
		bytes = slice_from(bytes, piece.len);
	}
}

void out_text(struct out *out, uint32_t part, struct slice text, bool cut, bool damaged)
{
	bool last;

	do {
		struct slice piece = utf8_first(text, VIEWER_CHUNK);

		text = slice_from(text, piece.len);
		last = text.len == 0;
		/* A text that is empty has a frame too: it says that this is all. */
		viewer_text_encode(&out->frame,
		    &(struct viewer_text){part, last, last && cut, last && damaged, piece});
		out_send(out);
	} while (!last);
}
