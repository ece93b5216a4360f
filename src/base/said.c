/* Renders the English of a text from the table in said_texts.h, and writes its code and values as
 * JSON beside it. In an English, {name} is the value, and {name?one|many} chooses by whether the
 * number is 1; nothing else is special. */
#include "base/said.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/json_string.h"
#include "base/utf8.h"

static const struct {
	const char *name, *english;
} table[SAID_CODES] = {
#define SAID(name, english) [SAID_##name] = {#name, english},
#include "base/said_texts.h"
#undef SAID
};

struct said_value said_number(const char *name, int64_t number)
{
	return (struct said_value){.name = name, .is_number = true, .number = number};
}

struct said_value said_text(const char *name, struct slice text)
{
	return (struct said_value){.name = name, .text = text};
}

struct said_value said_number_as(const char *name, int64_t number, struct slice shown)
{
	return (struct said_value){
	    .name = name, .is_number = true, .number = number, .shown = shown};
}

struct said_value said_text_as(const char *name, struct slice text, struct slice shown)
{
	return (struct said_value){.name = name, .text = text, .shown = shown};
}

struct said_value said_inner(const char *name, struct slice text, struct slice words)
{
	return (struct said_value){.name = name, .text = text, .texts = words};
}

void said_list_free(struct said_list *list)
{
	buffer_free(&list->text);
	buffer_free(&list->words);
}

void said_list_add(
    struct said_list *list, const char *between, struct slice text, struct slice words)
{
	if (list->count++ > 0) {
		buffer_append_string(&list->text, between);
		buffer_append_char(&list->words, ',');
	}
	buffer_append_slice(&list->text, text);
	if (words.len > 0)
		buffer_append_slice(&list->words, words);
	else
		json_string_put(&list->words, utf8_first(text, SAID_VALUE_MAX));
}

struct said_value said_of_list(const char *name, const struct said_list *list)
{
	return said_inner(name, buffer_slice(&list->text), buffer_slice(&list->words));
}

void said_free(struct said *said)
{
	buffer_free(&said->text);
	buffer_free(&said->words);
}

static const struct said_value *find(
    const struct said_value *values, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, values[i].name))
			return &values[i];
	return NULL;
}

static void put_value(struct buffer *out, const struct said_value *value)
{
	if (value->shown.len > 0)
		buffer_append_slice(out, value->shown);
	else if (value->is_number)
		buffer_printf(out, "%lld", (long long)value->number);
	else
		buffer_append_slice(out, value->text);
}

/* What stands between two braces. */
static void put_place(
    struct buffer *out, struct slice place, const struct said_value *values, size_t count)
{
	struct slice name = {0}, one = {0};
	bool chooses = slice_split(&place, '?', &name) && place.len > 0;
	const struct said_value *value = find(values, count, name);

	if (value == NULL)
		return;
	if (!chooses) {
		put_value(out, value);
		return;
	}
	slice_split(&place, '|', &one);
	buffer_append_slice(out, value->number == 1 ? one : place);
}

static void put_english(
    struct buffer *out, const char *english, const struct said_value *values, size_t count)
{
	struct slice left = slice_of(english);
	ptrdiff_t open, close;

	while ((open = slice_find_char(left, '{')) >= 0 &&
	       (close = slice_find_char(left, '}')) > open) {
		buffer_append_slice(out, slice_first(left, (size_t)open));
		put_place(out, slice_make(left.data + open + 1, (size_t)(close - open) - 1), values,
		    count);
		left = slice_from(left, (size_t)close + 1);
	}
	buffer_append_slice(out, left);
}

/* Whether the English has a place for it. */
static bool is_named(const char *english, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = english; (at = strchr(at, '{')) != NULL; at++)
		if (strncmp(at + 1, name, len) == 0 && (at[1 + len] == '}' || at[1 + len] == '?'))
			return true;
	return false;
}

static void put_words(
    struct buffer *out, enum said_code code, const struct said_value *values, size_t count)
{
	char name[SAID_NAME_MAX];
	const char *comma = "";

	buffer_printf(out, "{\"code\":\"%s\",\"params\":{", said_code_name(code, name));
	for (size_t i = 0; i < count; i++) {
		if (!is_named(table[code].english, values[i].name))
			continue;
		buffer_printf(out, "%s\"%s\":", comma, values[i].name);
		comma = ",";
		/* Always an array, so that words end with a brace for each text and one more
		 * (depth_of), whatever stands within. */
		if (values[i].texts.len > 0)
			buffer_printf(out, "[%.*s]", SLICE_ARGS(values[i].texts));
		else if (values[i].is_number)
			buffer_printf(out, "%lld", (long long)values[i].number);
		else
			json_string_put(out, utf8_first(values[i].text, SAID_VALUE_MAX));
	}
	buffer_append_string(out, "}}");
}

size_t said_take_values(struct said_value *values, size_t count, va_list args)
{
	size_t taken = 0;

	for (size_t i = 0; i < count && taken < SAID_VALUES_MAX; i++)
		values[taken++] = va_arg(args, struct said_value);
	return taken;
}

void said_put_values(
    struct said *said, enum said_code code, const struct said_value *values, size_t count)
{
	buffer_clear(&said->text);
	buffer_clear(&said->words);
	said->depth = 1;
	put_english(&said->text, table[code].english, values, count);
	put_words(&said->words, code, values, count);
}

void said_put(struct said *said, enum said_code code, size_t count, ...)
{
	struct said_value values[SAID_VALUES_MAX];
	va_list args;

	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	said_put_values(said, code, values, count);
}

void said_copy(struct said *said, char *text, size_t text_size, char *words, size_t words_size)
{
	bool fits = said->words.len < words_size;

	snprintf(text, text_size, "%s", buffer_string(&said->text));
	snprintf(words, words_size, "%s", fits ? buffer_string(&said->words) : "");
}

void said_verbatim(struct said *said, struct slice text)
{
	buffer_clear(&said->text);
	buffer_clear(&said->words);
	buffer_append_slice(&said->text, text);
	said->depth = 1;
}

/* Behind what is said; false: that has no words, so this has none either. */
static bool begin_then(struct said *said)
{
	if (said->text.len > 0)
		buffer_append_char(&said->text, ' ');
	if (said->depth > 0 && said->words.len == 0)
		return false;
	if (said->depth > 0) {
		said->words.len -= said->depth;
		buffer_append_string(&said->words, ",\"then\":");
	}
	return true;
}

static void end_then(struct said *said, unsigned more)
{
	for (unsigned i = 0; i < said->depth; i++)
		buffer_append_char(&said->words, '}');
	said->depth += more;
}

void said_then(struct said *said, enum said_code code, size_t count, ...)
{
	struct said_value values[SAID_VALUES_MAX];
	va_list args;
	bool has_words;

	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	has_words = begin_then(said);
	put_english(&said->text, table[code].english, values, count);
	if (!has_words)
		return;
	put_words(&said->words, code, values, count);
	end_then(said, 1);
}

/* How many texts stand behind each other in these words: they end with a brace for each, and one
 * for the params. */
static unsigned depth_of(struct slice words)
{
	unsigned braces = 0;

	while (words.len > 0 && words.data[words.len - 1] == '}') {
		braces++;
		words.len--;
	}
	return braces > 1 ? braces - 1 : 0;
}

void said_then_said(struct said *said, struct slice text, struct slice words)
{
	unsigned more = depth_of(words);
	bool has_words;

	has_words = begin_then(said);
	buffer_append_slice(&said->text, text);
	if (!has_words || more == 0) {
		buffer_clear(&said->words);
		said->depth = said->depth + 1;
		return;
	}
	buffer_append_slice(&said->words, words);
	end_then(said, more);
}

const char *said_code_name(enum said_code code, char *out)
{
	size_t i = 0;

	for (; i + 1 < SAID_NAME_MAX && table[code].name != NULL && table[code].name[i] != '\0';
	     i++)
		out[i] = (char)tolower((unsigned char)table[code].name[i]);
	out[i] = '\0';
	return out;
}

const char *said_english(enum said_code code)
{
	return table[code].english;
}
