#include "viewer/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* The names of IANA's registry that mail uses, and the ones that mailers write for them. us-ascii
 * and the names that browsers (WHATWG Encoding) treat as a superset are converted as that superset.
 */
static const struct {
	const char *name, *convert;
	const char *aliases; /* separated by blanks */
} table[] = {
    {"utf-8", "UTF-8", "utf8 unicode-1-1-utf-8 us-ascii ascii ansi_x3.4-1968 646 iso646-us"},
    {"utf-7", "UTF-7", "unicode-1-1-utf-7"},
    {"utf-16", "UTF-16", ""},
    {"utf-16le", "UTF-16LE", ""},
    {"utf-16be", "UTF-16BE", ""},
    {"utf-32", "UTF-32", ""},
    {"iso-8859-1", "CP1252", "latin1 iso8859-1 iso_8859-1 l1 cp819"},
    {"iso-8859-2", "ISO-8859-2", "latin2 iso8859-2 iso_8859-2"},
    {"iso-8859-3", "ISO-8859-3", "latin3 iso8859-3"},
    {"iso-8859-4", "ISO-8859-4", "latin4 iso8859-4"},
    {"iso-8859-5", "ISO-8859-5", "iso8859-5 cyrillic"},
    {"iso-8859-6", "ISO-8859-6", "iso8859-6 iso-8859-6-i iso-8859-6-e arabic"},
    {"iso-8859-7", "ISO-8859-7", "iso8859-7 greek"},
    {"iso-8859-8", "ISO-8859-8", "iso8859-8 iso-8859-8-i iso-8859-8-e hebrew"},
    {"iso-8859-9", "CP1254", "latin5 iso8859-9"},
    {"iso-8859-10", "ISO-8859-10", "latin6 iso8859-10"},
    {"iso-8859-11", "CP874", "iso8859-11"},
    {"iso-8859-13", "ISO-8859-13", "iso8859-13"},
    {"iso-8859-14", "ISO-8859-14", "iso8859-14"},
    {"iso-8859-15", "ISO-8859-15", "iso8859-15 latin9 latin-9"},
    {"iso-8859-16", "ISO-8859-16", "iso8859-16"},
    {"windows-1250", "CP1250", "cp1250 x-cp1250"},
    {"windows-1251", "CP1251", "cp1251 x-cp1251"},
    {"windows-1252", "CP1252", "cp1252 x-cp1252"},
    {"windows-1253", "CP1253", "cp1253 x-cp1253"},
    {"windows-1254", "CP1254", "cp1254 x-cp1254"},
    {"windows-1255", "CP1255", "cp1255 x-cp1255"},
    {"windows-1256", "CP1256", "cp1256 x-cp1256"},
    {"windows-1257", "CP1257", "cp1257 x-cp1257"},
    {"windows-1258", "CP1258", "cp1258 x-cp1258"},
    {"windows-874", "CP874", "cp874 dos-874"},
    {"tis-620", "TIS-620", "tis620"},
    {"koi8-r", "KOI8-R", "koi8 koi koi8_r cskoi8r"},
    {"koi8-u", "KOI8-U", "koi8-ru"},
    {"ibm437", "CP437", "cp437"},
    {"ibm850", "CP850", "cp850"},
    {"ibm852", "CP852", "cp852"},
    {"ibm866", "CP866", "cp866"},
    {"macintosh", "MACINTOSH", "mac x-mac-roman"},
    {"gb2312", "GBK", "gb_2312-80 euc-cn x-gbk chinese csgb2312"},
    {"gbk", "GBK", "cp936 ms936 windows-936"},
    {"gb18030", "GB18030", ""},
    {"big5", "BIG5", "big-5 cn-big5 x-x-big5"},
    {"big5-hkscs", "BIG5-HKSCS", ""},
    {"shift_jis", "CP932", "shift-jis sjis x-sjis ms_kanji windows-31j cp932 csshiftjis"},
    {"euc-jp", "EUC-JP", "x-euc-jp eucjp"},
    {"iso-2022-jp", "ISO-2022-JP", "csiso2022jp iso-2022-jp-1"},
    {"iso-2022-jp-2", "ISO-2022-JP-2", ""},
    {"euc-kr", "CP949", "euckr ks_c_5601-1987 ksc5601 ks_c_5601-1989 cp949 uhc windows-949"},
    {"iso-2022-kr", "ISO-2022-KR", "csiso2022kr"},
    {"euc-tw", "EUC-TW", ""},
    {"viscii", "VISCII", ""},
};
#define CHARSETS (sizeof(table) / sizeof(table[0]))

struct charset {
	iconv_t convert; /* (iconv_t)-1: the C library does not have it */
};

struct charsets {
	struct charset items[CHARSETS];
};

struct charsets *charsets_open(void)
{
	struct charsets *charsets = memory_zero(1, sizeof(*charsets));

	for (size_t i = 0; i < CHARSETS; i++)
		charsets->items[i].convert = iconv_open("UTF-8", table[i].convert);
	return charsets;
}

void charsets_close(struct charsets **pointer)
{
	struct charsets *charsets = *pointer;

	if (charsets == NULL)
		return;
	for (size_t i = 0; i < CHARSETS; i++)
		if (charsets->items[i].convert != (iconv_t)-1)
			iconv_close(charsets->items[i].convert);
	free(charsets);
	*pointer = NULL;
}

const char *charset_name(size_t index)
{
	return index < CHARSETS ? table[index].name : NULL;
}

static bool is_alias(const char *aliases, struct slice name)
{
	struct slice rest = slice_of(aliases), alias;

	while (slice_split(&rest, ' ', &alias))
		if (alias.len > 0 && slice_equal_nocase(alias, name))
			return true;
	return false;
}

const struct charset *charset_find(const struct charsets *charsets, struct slice name)
{
	name = slice_trim(name);
	if (name.len == 0)
		name = SLICE("us-ascii");
	for (size_t i = 0; i < CHARSETS; i++)
		if ((slice_equal_nocase(slice_of(table[i].name), name) ||
			is_alias(table[i].aliases, name)) &&
		    charsets->items[i].convert != (iconv_t)-1)
			return &charsets->items[i];
	return NULL;
}

/* Unlabelled 8-bit text that is not UTF-8: each byte by windows-1252's table of 0x80 to 0x9f. */
static size_t append_guess(struct buffer *out, struct slice bytes, bool *damaged)
{
	static const uint16_t high[32] = {0x20ac, 0xfffd, 0x201a, 0x192, 0x201e, 0x2026, 0x2020,
	    0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0xfffd, 0x17d, 0xfffd, 0xfffd, 0x2018,
	    0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153,
	    0xfffd, 0x17e, 0x178};

	if (utf8_valid(bytes)) {
		buffer_append_slice(out, bytes);
		return bytes.len;
	}
	*damaged = true;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];
		uint32_t code = c >= 0x80 && c < 0xa0 ? high[c - 0x80] : c;

		if (code < 0x80)
			buffer_append_char(out, (char)code);
		else if (code < 0x800)
			buffer_printf(out, "%c%c", 0xc0 | code >> 6, 0x80 | (code & 0x3f));
		else
			buffer_printf(out, "%c%c%c", 0xe0 | code >> 12, 0x80 | (code >> 6 & 0x3f),
			    0x80 | (code & 0x3f));
	}
	return bytes.len;
}

size_t charset_append(
    const struct charset *charset, struct buffer *out, struct slice bytes, bool last, bool *damaged)
{
	char *in = (char *)(uintptr_t)bytes.data;
	size_t left = bytes.len;

	if (charset == NULL)
		return append_guess(out, bytes, damaged);
	while (left > 0) {
		size_t room = left * 4 + 16;
		char *to = buffer_reserve(out, room), *end = to;
		size_t n = iconv(charset->convert, &in, &left, &end, &room);

		out->len += (size_t)(end - to);
		if (n != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL && !last)
			break;
		buffer_append_string(out, REPLACEMENT);
		*damaged = true;
		if (errno == EINVAL)
			left = 0;
		in++;
		left -= left > 0;
	}
	if (last) { /* what a composing set held back, and back to the initial state for the next
		       text */
		size_t room = 16;
		char *to = buffer_reserve(out, room), *end = to;

		iconv(charset->convert, NULL, NULL, &end, &room);
		out->len += (size_t)(end - to);
	}
	return bytes.len - left;
}
