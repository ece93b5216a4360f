/* A table from the names that mail uses to what iconv calls them, and the converters that are
 * open. Bytes that a converter refuses come out as U+FFFD, so decoding always ends. */
#include "base/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The names of mail, and what iconv calls it: a superset where senders use one under the other's
 * name (the WHATWG encoding standard's choices). */
static const struct {
	const char *name, *iconv_name;
} table[] = {
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"us-ascii", "UTF-8"},
    {"ascii", "UTF-8"},
    {"ansi_x3.4-1968", "UTF-8"},
    {"iso-8859-1", "WINDOWS-1252"},
    {"iso8859-1", "WINDOWS-1252"},
    {"iso_8859-1", "WINDOWS-1252"},
    {"latin1", "WINDOWS-1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"latin2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "WINDOWS-1254"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-11", "CP874"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"latin-9", "ISO-8859-15"},
    {"latin9", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"windows-874", "CP874"},
    {"tis-620", "CP874"},
    {"windows-1250", "WINDOWS-1250"},
    {"cp1250", "WINDOWS-1250"},
    {"windows-1251", "WINDOWS-1251"},
    {"cp1251", "WINDOWS-1251"},
    {"windows-1252", "WINDOWS-1252"},
    {"cp1252", "WINDOWS-1252"},
    {"windows-1253", "WINDOWS-1253"},
    {"windows-1254", "WINDOWS-1254"},
    {"windows-1255", "WINDOWS-1255"},
    {"windows-1256", "WINDOWS-1256"},
    {"windows-1257", "WINDOWS-1257"},
    {"windows-1258", "WINDOWS-1258"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"ibm866", "IBM866"},
    {"cp866", "IBM866"},
    {"cp437", "CP437"},
    {"ibm850", "CP850"},
    {"cp850", "CP850"},
    {"cp852", "CP852"},
    {"macintosh", "MACINTOSH"},
    {"gb2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"euc-tw", "EUC-TW"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"x-sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"cp932", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"iso-2022-jp", "ISO-2022-JP-2"},
    {"iso-2022-jp-2", "ISO-2022-JP-2"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"windows-949", "CP949"},
    {"cp949", "CP949"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"viscii", "VISCII"},
    {"utf-7", "UTF-7"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"utf-16", "UTF-16"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"utf-32", "UTF-32"},
};
/* What iconv knows beside these, when mail names it: so many at a time. */
#define OTHERS_MAX 64
#define NAME_MAX 40
/* Not for a stranger: glibc 2.39 and before write beyond the end of the output (CVE-2024-2961), and
 * nobody sends it. */
static const char *const refused[] = {"iso-2022-cn-ext", "iso2022cnext"};
#define COUNT (sizeof(table) / sizeof(table[0]))
/* More bytes than any of these uses for one character, escapes included. */
#define CARRY_MAX 16
#define REPLACEMENT "\xef\xbf\xbd"

struct charset_decoder {
	iconv_t handle;
	char carry[CARRY_MAX]; /* the beginning of a character that goes on in the next step */
	size_t carried;
};

struct other {
	char name[NAME_MAX + 1]; /* "" where there is none */
	iconv_t handle;
};

struct charsets {
	iconv_t handles[COUNT];
	struct other others[OTHERS_MAX];
	size_t next_other; /* which one goes for the next */
	struct charset_decoder decoder;
};

const char *charsets_name(size_t n)
{
	return n < COUNT ? table[n].name : NULL;
}

struct charsets *charsets_open(const char **missing)
{
	struct charsets *charsets = memory_zero(1, sizeof(*charsets));

	*missing = NULL;
	for (size_t i = 0; i < COUNT; i++) {
		charsets->handles[i] = iconv_open("UTF-8", table[i].iconv_name);
		if (charsets->handles[i] == (iconv_t)-1 && *missing == NULL)
			*missing = table[i].name;
	}
	return charsets;
}

void charsets_close(struct charsets **pointer)
{
	struct charsets *charsets = *pointer;

	if (charsets == NULL)
		return;
	for (size_t i = 0; i < COUNT; i++)
		if (charsets->handles[i] != (iconv_t)-1)
			iconv_close(charsets->handles[i]);
	for (size_t i = 0; i < OTHERS_MAX; i++)
		if (charsets->others[i].name[0] != '\0')
			iconv_close(charsets->others[i].handle);
	free(charsets);
	*pointer = NULL;
}

/* Letters, digits and what else stands in such names: no path, and none of iconv's suffixes. */
static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '_' || c == '.' || c == ':' || c == '+' || c == '(' ||
			c == ')'))
			return false;
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (slice_equal_nocase(name, slice_of(refused[i])))
			return false;
	return name.len > 0 && name.len <= NAME_MAX;
}

static iconv_t open_other(struct charsets *charsets, struct slice name)
{
	struct other *other = &charsets->others[charsets->next_other];
	char text[NAME_MAX + 1] = "";
	iconv_t handle;

	if (!is_name(name))
		return (iconv_t)-1;
	memcpy(text, name.data, name.len);
	handle = iconv_open("UTF-8", text);
	if (handle == (iconv_t)-1)
		return handle;
	if (other->name[0] != '\0')
		/* The oldest goes: a message with hundreds of names must not hold hundreds of
		 * converters. */
		iconv_close(other->handle);
	memcpy(other->name, text, sizeof(text));
	other->handle = handle;
	charsets->next_other = (charsets->next_other + 1) % OTHERS_MAX;
	return handle;
}

static iconv_t find(struct charsets *charsets, struct slice name)
{
	/* Mail without a character set is most often UTF-8 today, or ASCII, which is part of it. */
	if (name.len == 0)
		name = SLICE("utf-8");
	for (size_t i = 0; i < COUNT; i++)
		if (slice_equal_nocase(name, slice_of(table[i].name)))
			return charsets->handles[i];
	for (size_t i = 0; i < OTHERS_MAX; i++)
		if (charsets->others[i].name[0] != '\0' &&
		    slice_equal_nocase(name, slice_of(charsets->others[i].name)))
			return charsets->others[i].handle;
	return open_other(charsets, name);
}

bool charsets_know(struct charsets *charsets, struct slice name)
{
	return find(charsets, name) != (iconv_t)-1;
}

struct charset_decoder *charset_decoder_begin(struct charsets *charsets, struct slice name)
{
	iconv_t handle = find(charsets, name);

	if (handle == (iconv_t)-1)
		return NULL;
	charsets->decoder = (struct charset_decoder){.handle = handle};
	/* Back to its first state: a converter may still be in the middle of an escape of the
	 * message before. */
	iconv(handle, NULL, NULL, NULL, NULL);
	return &charsets->decoder;
}

/* Converts as far as it goes. Returns how many bytes are left over: the beginning of a character.
 */
static size_t convert(
    struct charset_decoder *decoder, char *in, size_t len, struct buffer *out, bool *fits)
{
	while (len > 0) {
		/* Room for four bytes from each byte. Where that is not enough (E2BIG) the loop
		 * comes again. */
		size_t room = len * 4 + 64, before = room, result;
		char *to = buffer_reserve(out, room);

		result = iconv(decoder->handle, &in, &len, &to, &room);
		out->len += before - room;
		if (result != (size_t)-1 || errno == E2BIG)
			continue;
		/* EINVAL is a character that is cut off; its rest comes with the next step. */
		if (errno == EINVAL && len < CARRY_MAX)
			return len;
		buffer_append_string(out, REPLACEMENT);
		*fits = false;
		/* One byte at a time: behind a damaged byte the text may go on well. */
		in++;
		len--;
	}
	return 0;
}

bool charset_decoder_step(struct charset_decoder *decoder, struct slice bytes, struct buffer *out)
{
	BUFFER_AUTO struct buffer in = {0};
	bool fits = true;

	buffer_append(&in, decoder->carry, decoder->carried);
	buffer_append_slice(&in, bytes);
	decoder->carried = in.len == 0 ? 0 : convert(decoder, in.data, in.len, out, &fits);
	if (decoder->carried > 0)
		memcpy(decoder->carry, in.data + (in.len - decoder->carried), decoder->carried);
	return fits;
}

bool charset_decoder_end(struct charset_decoder *decoder, struct buffer *out)
{
	char *to = buffer_reserve(out, 64);
	size_t room = 64;

	/* Some character sets end with an escape of their own. */
	iconv(decoder->handle, NULL, NULL, &to, &room);
	out->len += 64 - room;
	if (decoder->carried == 0)
		return true;
	buffer_append_string(out, REPLACEMENT);
	decoder->carried = 0;
	return false;
}
