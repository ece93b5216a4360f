/* Decides for each code point whether a terminal may have it, and writes the others by number. */
#include "cli/safe_text.h"

#include <inttypes.h>
#include <wchar.h>

#include "base/utf8.h"

/* Ranges that change the terminal's state or the order and sight of what stands around them: C0,
 * DEL and C1; Arabic letter mark; soft hyphen; Mongolian vowel separator; zero-width and direction
 * marks; line and paragraph separators and embeddings; isolates and invisible operators; the byte
 * order mark; interlinear marks; tags. */
static const struct {
	uint32_t first, last;
} refused[] = {
    {0x0000, 0x001f},
    {0x007f, 0x009f},
    {0x00ad, 0x00ad},
    {0x034f, 0x034f},
    {0x061c, 0x061c},
    {0x115f, 0x1160},
    {0x17b4, 0x17b5},
    {0x180b, 0x180f},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0x3164, 0x3164},
    {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},
    {0xfff9, 0xfffb},
    {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff},
};

int safe_text_allowed(uint32_t code_point)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (code_point >= refused[i].first && code_point <= refused[i].last)
			return 0;
	return 1;
}

/* What is refused is shown as its number: left out, two different addresses could look the same. */
void safe_text_append(struct buffer *out, struct slice text)
{
	while (text.len > 0) {
		uint32_t code_point;
		size_t len = utf8_decode(text, &code_point);
		if (len == 0)
			buffer_append_string(out, "\xef\xbf\xbd");
		else if (!safe_text_allowed(code_point))
			buffer_printf(out, "<U+%04" PRIX32 ">", code_point);
		else
			buffer_append(out, text.data, len);
		text = slice_from(text, len == 0 ? 1 : len);
	}
}

void safe_text_print(FILE *out, const char *text)
{
	BUFFER_AUTO struct buffer safe = {0};

	safe_text_append(&safe, slice_of(text != NULL ? text : "?"));
	fwrite(safe.data != NULL ? safe.data : "", 1, safe.len, out);
}

size_t safe_text_width(struct slice text)
{
	size_t width = 0;

	while (text.len > 0) {
		uint32_t code_point = 0;
		size_t len = utf8_decode(text, &code_point);
		/* Wide characters of East Asia take two columns, and accents of their own none. */
		int columns = len == 0 ? 1 : wcwidth((wchar_t)code_point);
		width += columns < 0 ? 1 : (size_t)columns;
		text = slice_from(text, len == 0 ? 1 : len);
	}
	return width;
}
