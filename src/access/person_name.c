/* Unicode's own tables (libunistring) say which characters are letters, what looks alike, and which
 * script a letter belongs to; here is only what follows from that for a name. */
#include "access/person_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/memory.h"
#include "base/utf8.h"

/* Scripts that are one writing (Unicode TS 39, "highly restrictive"): Japanese, Chinese with
 * Bopomofo, Korean. Each may have Latin beside it. */
enum writing {
	WRITING_LATIN = 1,
	WRITING_HAN = 2,
	WRITING_KANA = 4,
	WRITING_BOPOMOFO = 8,
	WRITING_HANGUL = 16,
	WRITING_OTHER = 32,
};
static const unsigned together[] = {
    WRITING_LATIN | WRITING_HAN | WRITING_KANA,
    WRITING_LATIN | WRITING_HAN | WRITING_BOPOMOFO,
    WRITING_LATIN | WRITING_HAN | WRITING_HANGUL,
};

static enum writing writing_of(const char *script)
{
	static const struct {
		const char *script;
		enum writing writing;
	} known[] = {{"Latin", WRITING_LATIN}, {"Han", WRITING_HAN}, {"Hiragana", WRITING_KANA},
	    {"Katakana", WRITING_KANA}, {"Bopomofo", WRITING_BOPOMOFO}, {"Hangul", WRITING_HANGUL}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(script, known[i].script) == 0)
			return known[i].writing;
	return WRITING_OTHER;
}

/* What a word has been written in so far. */
struct word {
	unsigned writings;
	const char *other; /* the one script that is none of the above */
};

static bool add_letter(struct word *word, uint32_t c)
{
	const uc_script_t *script = uc_script(c);

	/* Digits and marks belong to every script. */
	if (script == NULL || strcmp(script->name, "Common") == 0 ||
	    strcmp(script->name, "Inherited") == 0)
		return true;
	word->writings |= writing_of(script->name);
	if ((word->writings & WRITING_OTHER) != 0) {
		bool same = word->other == NULL || strcmp(word->other, script->name) == 0;

		word->other = script->name;
		return same && word->writings == WRITING_OTHER;
	}
	for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++)
		if ((word->writings & ~together[i]) == 0)
			return true;
	return false;
}

static bool is_ascii_sign(uint32_t c)
{
	return c < 0x80 &&
	       !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
}

static bool may_stand(uint32_t c)
{
	if (c < 0x80)
		return c >= ' ' && c < 0x7f;
	/* Some letters and marks are made to be invisible. */
	return uc_is_general_category_withtable(
		   c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N) &&
	       !uc_is_property_default_ignorable_code_point(c);
}

static bool refuse(struct error *err, enum said_code why)
{
	return error_say(err, "bad_name", why, 0);
}

/* With the character that is the reason. */
static bool refuse_character(struct error *err, enum said_code why, uint32_t c)
{
	char shown[16];

	snprintf(shown, sizeof(shown), "U+%04X", c);
	return error_say(err, "bad_name", why, 1, said_text("character", slice_of(shown)));
}

static bool check_characters(struct slice name, struct error *err)
{
	struct word word = {0};
	uint32_t c = ' ', before;

	for (size_t at = 0, step; at < name.len; at += step) {
		before = c;
		step = utf8_decode(slice_from(name, at), &c);
		if (!may_stand(c))
			return refuse_character(err, SAID_PERSON_CHARACTER, c);
		if (c == ' ' && (before == ' ' || at + step == name.len))
			return refuse(err, SAID_PERSON_BLANK);
		/* A word ends at every sign: an address may have a name in one script and a domain
		 * in another. */
		if (is_ascii_sign(c))
			word = (struct word){0};
		else if (!add_letter(&word, c))
			return refuse_character(err, SAID_PERSON_SCRIPTS, c);
	}
	return true;
}

/* A name in a form of Unicode; NULL when there is no memory for it or it is too long for one. */
static char *normalized(uninorm_t form, struct slice name, size_t *len)
{
	return (char *)u8_normalize(form, (const uint8_t *)name.data, name.len, NULL, len);
}

/* Composed and in lower case, into `out`. Letters that only look like others are refused and not
 * folded: two people of the provider would become one here. */
static bool fold(struct slice given, char out[ACCOUNTS_NAME_MAX + 1], struct error *err)
{
	size_t lower_len = 0, other_len = 0;
	MEMORY_AUTO uint8_t *lower =
	    u8_tolower((const uint8_t *)given.data, given.len, NULL, UNINORM_NFC, NULL, &lower_len);
	MEMORY_AUTO char *other = NULL;

	if (lower == NULL)
		return refuse(err, SAID_PERSON_FORM);
	other = normalized(UNINORM_NFKC, slice_make(lower, lower_len), &other_len);
	if (other == NULL ||
	    !slice_equal(slice_make(other, other_len), slice_make(lower, lower_len)))
		return refuse(err, SAID_PERSON_LOOKS);
	if (lower_len > ACCOUNTS_NAME_MAX)
		return refuse(err, SAID_PERSON_LONG);
	memcpy(out, lower, lower_len);
	out[lower_len] = '\0';
	return true;
}

/* What stands in the audit for others than people. */
static bool is_ours(const char *name)
{
	return strcmp(name, "root") == 0 || strcmp(name, "-") == 0 || strncmp(name, "uid ", 4) == 0;
}

bool person_name(struct slice given, char out[ACCOUNTS_NAME_MAX + 1], struct error *err)
{
	if (given.len == 0)
		return refuse(err, SAID_PERSON_EMPTY);
	/* Before anything looks at it: whoever sends it decides how long it is. */
	if (given.len > ACCOUNTS_NAME_MAX)
		return refuse(err, SAID_PERSON_LONG);
	if (!utf8_valid(given))
		return refuse(err, SAID_PERSON_UTF8);
	if (!check_characters(given, err) || !fold(given, out, err))
		return false;
	/* Lower case can be another character than one that was looked at. */
	if (!check_characters(slice_of(out), err))
		return false;
	return !is_ours(out) || refuse(err, SAID_PERSON_OURS);
}
