#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "notifier/smtp_reply.h"

static void take(struct smtp_reply *reply, const uint8_t *data, size_t size, size_t step)
{
	while (size > 0 && reply->state == SMTP_REPLY_MORE) {
		size_t piece = step < size ? step : size;
		size_t taken = smtp_reply_take(reply, (const char *)data, piece);

		must(taken <= piece && (taken == piece || reply->state != SMTP_REPLY_MORE));
		data += taken;
		size -= taken;
	}
}

/* Pieces give the same as the whole, the words are harmless, and all of it is bounded. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smtp_reply whole = {.code = 0}, pieces = {.code = 0};
	struct slice words;

	take(&whole, data, size, size);
	take(&pieces, data, size, 3);
	words = buffer_slice(&whole.words);
	must(whole.state == pieces.state && whole.code == pieces.code);
	must(whole.lines == pieces.lines && whole.starttls == pieces.starttls);
	must(slice_equal(words, buffer_slice(&pieces.words)));
	must(whole.line.len <= SMTP_REPLY_LINE_MAX && words.len <= PROBE_ANSWER_MAX);
	must(utf8_valid(words));
	for (size_t i = 0; i < words.len; i++)
		must((unsigned char)words.data[i] >= 0x20 || words.data[i] == '\n');
	must(whole.state != SMTP_REPLY_WHOLE || (whole.code >= 200 && whole.code < 600));
	smtp_reply_free(&whole);
	smtp_reply_free(&pieces);
	return 0;
}
