/* A text in some character set. Input: u8 which of the known sets (255: its name stands before the
 * first NUL), u8 how many bytes come at a time, then the text. */
#include "base/charset.h"
#include "base/must_fuzz.h"
#include "base/utf8.h"

static bool decode(struct charsets *charsets, struct slice name, struct slice text, size_t piece,
    struct buffer *out)
{
	struct charset_decoder *decoder = charset_decoder_begin(charsets, name);
	bool fits = true;

	must(decoder != NULL);
	while (text.len > 0) {
		fits = charset_decoder_step(decoder, slice_first(text, piece), out) && fits;
		text = slice_from(text, piece);
	}
	return charset_decoder_end(decoder, out) && fits;
}

static struct slice take_name(const uint8_t *data, struct slice *text)
{
	size_t names = 0;
	struct slice name;

	while (charsets_name(names) != NULL)
		names++;
	if (data[0] < 255)
		return slice_of(charsets_name(data[0] % names));
	slice_split(text, '\0', &name);
	return name;
}

/* The pieces that a text comes in make no difference, and it grows no more than its bytes allow. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct charsets *charsets;
	BUFFER_AUTO struct buffer whole = {0}, pieces = {0};
	const char *missing;
	struct slice text, name;
	bool fits;

	if (size < 2)
		return 0;
	if (charsets == NULL)
		charsets = charsets_open(&missing);
	text = slice_make(data + 2, size - 2);
	name = take_name(data, &text);
	if (!charsets_know(charsets, name)) {
		must(data[0] == 255 && charset_decoder_begin(charsets, name) == NULL);
		return 0;
	}
	fits = decode(charsets, name, text, size, &whole);
	must(decode(charsets, name, text, data[1] % 32 + 1, &pieces) == fits);
	must(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
	must(whole.len <= 16 * size + 64);
	return 0;
}
