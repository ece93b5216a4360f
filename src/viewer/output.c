#include "viewer/output.h"

#include <errno.h>
#include <poll.h>

bool output_send(struct output *output)
{
	struct channel *channel = output->channel;

	if (!output->gone && !channel_send(channel, &output->frame, NULL, 0))
		output->gone = true;
	while (!output->gone && channel_wants_write(channel)) {
		struct pollfd p = {channel_fd(channel), POLLOUT, 0};
		int n = poll(&p, 1, OUTPUT_STALL_MS);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !channel_flush(channel))
			output->gone = true;
	}
	return !output->gone;
}

bool output_bytes(struct output *output, struct slice bytes)
{
	while (bytes.len > 0 && !output->gone) {
		struct viewer_bytes piece = {slice_first(bytes, VIEWER_CHUNK)};

		viewer_bytes_encode(&output->frame, &piece);
		output_send(output);
		bytes = slice_from(bytes, piece.bytes.len);
	}
	return !output->gone;
}

void output_note(struct output *output, const char *code, const char *text)
{
	struct viewer_note note = {slice_of(code), slice_of(text)};

	viewer_note_encode(&output->frame, VIEWER_NOTE, &note);
	output_send(output);
}

void output_failed(struct output *output, const struct error *err)
{
	struct viewer_note note = {slice_of(err->code), slice_of(err->text)};

	viewer_note_encode(&output->frame, VIEWER_FAILED, &note);
	output_send(output);
}
