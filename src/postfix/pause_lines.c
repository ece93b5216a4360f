/* Words of main.cf's lists: which are ours, which tables answer for any address, and a value with
 * and without our words. */
#include "postfix/pause_lines.h"

#include <string.h>

const char *const pause_lines_parameter[PAUSE_LINES] = {
    "transport_maps", "defer_transports", "smtpd_end_of_data_restrictions"};

#define PATTERN_TABLE "transport.regexp"

/* ---- what may stand in a list ---- */

bool pause_lines_directory_valid(const char *directory)
{
	/* Blanks and commas end a word, '$' and braces mean something else to Postfix. */
	for (const char *c = directory; *c != '\0'; c++)
		if (!((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
			(*c >= 'a' && *c <= 'z') || strchr("/._-+@", *c) != NULL))
			return false;
	return directory[0] == '/' && strlen(directory) < 200;
}

bool pause_lines_type_valid(struct slice type, const char **suffix)
{
	static const struct {
		const char *type, *suffix;
	} types[] = {{"hash", ".db"}, {"btree", ".db"}, {"lmdb", ".lmdb"}, {"cdb", ".cdb"}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is(type, types[i].type)) {
			if (suffix != NULL)
				*suffix = types[i].suffix;
			return true;
		}
	return false;
}

static bool is_separator(char c)
{
	return c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n';
}

bool pause_lines_word(struct slice *rest, struct slice *word)
{
	size_t begin = 0, end;
	unsigned braces = 0;

	while (begin < rest->len && is_separator(rest->data[begin]))
		begin++;
	for (end = begin; end < rest->len; end++) {
		char c = rest->data[end];

		if (braces == 0 && is_separator(c))
			break;
		if (c == '{')
			braces++;
		else if (c == '}' && braces > 0)
			braces--;
	}
	*word = slice_first(slice_from(*rest, begin), end - begin);
	*rest = slice_from(*rest, end);
	return word->len > 0;
}

bool pause_lines_is_fixed(struct slice word)
{
	/* Those whose lookups Postfix itself calls fixed, and whose content is a list of keys.
	 * "static" is fixed by name and answers for everything. */
	static const char *const types[] = {
	    "hash:", "btree:", "lmdb:", "cdb:", "dbm:", "sdbm:", "texthash:", "inline:"};

	if (slice_starts_with(word, "proxy:"))
		word = slice_from(word, strlen("proxy:"));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_starts_with(word, types[i]))
			return true;
	/* Postfix takes a name without a type as default_database_type. */
	return slice_starts_with(word, "/");
}

void pause_lines_path(struct buffer *path, const char *directory, const char *name)
{
	buffer_printf(path, "%s/" PAUSE_LINES_DIRECTORY "/%s", directory, name);
}

/* ---- which words are ours ---- */

static bool is_table_of_ours(const char *directory, struct slice word)
{
	BUFFER_AUTO struct buffer path = {0};
	ptrdiff_t colon = slice_find_char(word, ':');

	pause_lines_path(&path, directory, "");
	return colon > 0 &&
	       slice_starts_with(slice_from(word, (size_t)colon + 1), buffer_string(&path));
}

bool pause_lines_is_ours(enum pause_line line, const char *directory, struct slice word)
{
	if (line == PAUSE_LINE_DEFER_TRANSPORTS)
		return slice_is(word, PAUSE_LINES_TRANSPORT);
	return is_table_of_ours(directory, word);
}

struct slice pause_lines_pattern(const struct pause_lines *lines)
{
	struct slice rest = lines->expanded, word;

	while (pause_lines_word(&rest, &word))
		if (!is_table_of_ours(lines->directory, word) && !pause_lines_is_fixed(word))
			return word;
	return SLICE("");
}

/* ---- a value with and without them ---- */

static void add_table(struct buffer *out, const struct pause_lines *lines, const char *name)
{
	buffer_append_slice(out, lines->type);
	buffer_append_char(out, ':');
	pause_lines_path(out, lines->directory, name);
}

static void add_ours(struct buffer *out, const struct pause_lines *lines, enum pause_line line)
{
	switch (line) {
	case PAUSE_LINE_TRANSPORT_MAPS:
		if (pause_lines_pattern(lines).len > 0) {
			buffer_append_string(out, "regexp:");
			pause_lines_path(out, lines->directory, PATTERN_TABLE);
		} else {
			add_table(out, lines, "transport");
		}
		break;
	case PAUSE_LINE_DEFER_TRANSPORTS:
		buffer_append_string(out, PAUSE_LINES_TRANSPORT);
		break;
	case PAUSE_LINE_END_OF_DATA:
		buffer_append_string(out, "check_sasl_access ");
		add_table(out, lines, "login");
		buffer_append_string(out, ", check_sender_access ");
		add_table(out, lines, "sender");
		break;
	}
}

static bool has_ours(const struct pause_lines *lines, enum pause_line line, struct slice value)
{
	struct slice word;

	while (pause_lines_word(&value, &word))
		if (pause_lines_is_ours(line, lines->directory, word))
			return true;
	return false;
}

/* A restriction and the table behind it are one element of smtpd_end_of_data_restrictions. */
static bool is_access(struct slice word)
{
	return slice_is(word, "check_sasl_access") || slice_is(word, "check_sender_access");
}

/* Our own words as they are written, and what stands between them and the others'. */
static void add_front(struct buffer *out, const struct pause_lines *lines, enum pause_line line)
{
	add_ours(out, lines, line);
	buffer_append_string(out, ", ");
}

/* The next word that is not ours. */
static bool next_of_others(
    const struct pause_lines *lines, enum pause_line line, struct slice *rest, struct slice *word)
{
	struct slice table, behind;

	while (pause_lines_word(rest, word)) {
		behind = *rest;
		if (pause_lines_is_ours(line, lines->directory, *word))
			continue;
		if (line != PAUSE_LINE_END_OF_DATA || !is_access(*word) ||
		    !pause_lines_word(&behind, &table) ||
		    !pause_lines_is_ours(line, lines->directory, table))
			return true;
		*rest = behind;
	}
	return false;
}

void pause_lines_without(
    const struct pause_lines *lines, enum pause_line line, struct buffer *value)
{
	struct slice rest = lines->value[line], word;
	BUFFER_AUTO struct buffer front = {0};

	/* What an operator wrote comes back byte for byte where only our front was put before it.
	 */
	add_front(&front, lines, line);
	if (slice_starts_with(rest, buffer_string(&front)))
		rest = slice_from(rest, front.len);
	if (!has_ours(lines, line, rest)) {
		buffer_append_slice(value, rest);
		return;
	}
	while (next_of_others(lines, line, &rest, &word)) {
		if (value->len > 0)
			buffer_append_char(value, ' ');
		buffer_append_slice(value, word);
	}
}

void pause_lines_with(const struct pause_lines *lines, enum pause_line line, struct buffer *value)
{
	BUFFER_AUTO struct buffer others = {0};

	pause_lines_without(lines, line, &others);
	if (others.len > 0)
		add_front(value, lines, line);
	else
		add_ours(value, lines, line);
	buffer_append_slice(value, buffer_slice(&others));
}

/* ---- judging ---- */

/* Word by word: Postfix does not care for what is between them. */
static bool same_words(struct slice a, struct slice b)
{
	struct slice one, other;

	while (pause_lines_word(&a, &one))
		if (!pause_lines_word(&b, &other) || !slice_equal(one, other))
			return false;
	return !pause_lines_word(&b, &other);
}

enum pause_lines_found pause_lines_find(const struct pause_lines *lines)
{
	bool any = false, all = true;

	for (unsigned i = 0; i < PAUSE_LINES; i++) {
		BUFFER_AUTO struct buffer wanted = {0};

		pause_lines_with(lines, (enum pause_line)i, &wanted);
		any |= has_ours(lines, (enum pause_line)i, lines->value[i]);
		all &= same_words(lines->value[i], buffer_slice(&wanted));
	}
	return all ? PAUSE_LINES_WHOLE : any ? PAUSE_LINES_PART : PAUSE_LINES_NONE;
}

uint64_t pause_lines_seen(const struct pause_lines *lines)
{
	BUFFER_AUTO struct buffer all = {0};
	uint64_t hash = UINT64_C(14695981039346656037);

	buffer_put_string(&all, lines->type);
	buffer_put_string(&all, lines->expanded);
	for (unsigned i = 0; i < PAUSE_LINES; i++) {
		buffer_put_u8(&all, lines->set[i]);
		buffer_put_string(&all, lines->value[i]);
	}
	/* FNV-1a: it tells two texts apart, and keeps nobody out. */
	for (size_t i = 0; i < all.len; i++)
		hash = (hash ^ (uint8_t)all.data[i]) * UINT64_C(1099511628211);
	return hash != 0 ? hash : 1;
}
