#include "postfix/queue_json.h"

#include <string.h>

/* A reader of one line of JSON (RFC 8259): numbers are unsigned integers where one is expected, any
 * value may be skipped. Strings without escapes are slices of the line, others go through `text`.
 */
struct json {
	struct slice in;
	struct buffer *text;
	bool failed;
};

void queue_json_begin(struct queue_json *j)
{
	j->broken = false;
	j->problem = NULL;
	j->messages = j->skipped = 0;
	buffer_clear(&j->line);
}

void queue_json_free(struct queue_json *j)
{
	buffer_free(&j->line);
	buffer_free(&j->text);
	message_free(&j->message);
	*j = (struct queue_json){0};
}

bool queue_json_complete(const struct queue_json *j)
{
	return !j->broken && j->line.len == 0;
}

static void skip_blanks(struct json *json)
{
	while (json->in.len > 0 && strchr(" \t\r", json->in.data[0]) != NULL &&
	       json->in.data[0] != '\0')
		json->in = slice_from(json->in, 1);
}

/* Takes the character `c` when it is next. */
static bool take(struct json *json, char c)
{
	skip_blanks(json);
	if (json->in.len == 0 || json->in.data[0] != c)
		return false;
	json->in = slice_from(json->in, 1);
	return true;
}

static void expect(struct json *json, char c)
{
	if (!take(json, c))
		json->failed = true;
}

static bool hex4(struct slice in, uint32_t *code)
{
	uint32_t v = 0;

	if (in.len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		char c = in.data[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint32_t)((c | 0x20) - 'a') + 10;
		else
			return false;
		v = v << 4 | digit;
	}
	*code = v;
	return true;
}

static void append_utf8(struct buffer *b, uint32_t code)
{
	if (code < 0x80)
		buffer_append_char(b, (char)code);
	else if (code < 0x800) {
		buffer_append_char(b, (char)(0xc0 | code >> 6));
		buffer_append_char(b, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		buffer_append_char(b, (char)(0xe0 | code >> 12));
		buffer_append_char(b, (char)(0x80 | (code >> 6 & 0x3f)));
		buffer_append_char(b, (char)(0x80 | (code & 0x3f)));
	} else {
		buffer_append_char(b, (char)(0xf0 | code >> 18));
		buffer_append_char(b, (char)(0x80 | (code >> 12 & 0x3f)));
		buffer_append_char(b, (char)(0x80 | (code >> 6 & 0x3f)));
		buffer_append_char(b, (char)(0x80 | (code & 0x3f)));
	}
}

/* "\uXXXX", perhaps the first half of a pair; a half alone becomes U+FFFD. Returns what was used.
 */
static size_t unicode_escape(struct slice in, struct buffer *out)
{
	uint32_t code, low;

	if (!hex4(slice_from(in, 2), &code))
		return 0;
	if (code >= 0xd800 && code < 0xdc00 && slice_starts_with(slice_from(in, 6), "\\u") &&
	    hex4(slice_from(in, 8), &low) && low >= 0xdc00 && low < 0xe000) {
		append_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
		return 12;
	}
	append_utf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
	return 6;
}

/* One escape at the front of `in`; the bytes used, 0 when it is none. */
static size_t escape(struct slice in, struct buffer *out)
{
	static const char LETTERS[] = "\"\\/bfnrt", VALUES[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (in.len < 2)
		return 0;
	if (in.data[1] == 'u')
		return unicode_escape(in, out);
	letter = memchr(LETTERS, in.data[1], sizeof(LETTERS) - 1);
	if (letter == NULL)
		return 0;
	buffer_append_char(out, VALUES[letter - LETTERS]);
	return 2;
}

/* The offset of the closing quote; sets `escaped` when a backslash stands before it. */
static bool string_end(struct slice in, size_t *end, bool *escaped)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.data[i] == '"') {
			*end = i;
			return true;
		}
		if (in.data[i] == '\\') {
			*escaped = true;
			i++;
		}
	}
	return false;
}

/* A string; its bytes live until the line is done. */
static struct slice take_string(struct json *json)
{
	struct slice raw, empty = {"", 0};
	bool escaped = false;
	size_t end, begin = json->text->len;

	if (!take(json, '"') || !string_end(json->in, &end, &escaped)) {
		json->failed = true;
		return empty;
	}
	raw = slice_first(json->in, end);
	json->in = slice_from(json->in, end + 1);
	if (!escaped)
		return raw;
	while (raw.len > 0) {
		size_t used = 1;

		if (raw.data[0] == '\\') {
			used = escape(raw, json->text);
			json->failed |= used == 0;
			used += used == 0;
		} else
			buffer_append_char(json->text, raw.data[0]);
		raw = slice_from(raw, used);
	}
	return slice_make(json->text->data + begin, json->text->len - begin);
}

static uint64_t take_number(struct json *json)
{
	size_t len = 0;
	uint64_t value = 0;
	bool negative = take(json, '-');

	while (len < json->in.len && json->in.data[len] >= '0' && json->in.data[len] <= '9')
		len++;
	if (!slice_to_u64(slice_first(json->in, len), &value))
		json->failed = true;
	json->in = slice_from(json->in, len);
	return negative ? (uint64_t)0 - value : value;
}

static bool take_word(struct json *json, const char *word)
{
	skip_blanks(json);
	if (!slice_starts_with(json->in, word))
		return false;
	json->in = slice_from(json->in, strlen(word));
	return true;
}

/* Any value; depth is bounded, so this cannot run out of stack. */
static void skip_value(struct json *json, unsigned depth) /* NOLINT(misc-no-recursion) */
{
	char close;

	skip_blanks(json);
	if (json->in.len == 0 || depth > QUEUE_JSON_DEPTH_MAX) {
		json->failed = true;
		return;
	}
	if (json->in.data[0] == '"') {
		take_string(json);
		return;
	}
	if (json->in.data[0] != '{' && json->in.data[0] != '[') {
		if (!take_word(json, "true") && !take_word(json, "false") &&
		    !take_word(json, "null"))
			take_number(json);
		return;
	}
	close = json->in.data[0] == '{' ? '}' : ']';
	json->in = slice_from(json->in, 1);
	if (take(json, close))
		return;
	do {
		if (close == '}') {
			take_string(json);
			expect(json, ':');
		}
		if (!json->failed)
			skip_value(json, depth + 1);
	} while (!json->failed && take(json, ','));
	expect(json, close);
}

static void take_recipient(struct json *json, struct message *m)
{
	struct slice address = {"", 0}, original = {"", 0}, reason = {"", 0}, log_class = {"", 0};

	expect(json, '{');
	while (!json->failed) {
		struct slice name = take_string(json);

		expect(json, ':');
		if (slice_is(name, "address"))
			address = take_string(json);
		else if (slice_is(name, "orig_address"))
			original = take_string(json);
		else if (slice_is(name, "delay_reason") || slice_is(name, "other_reason"))
			reason = take_string(json);
		else if (slice_is(name, "bounce_reason")) {
			reason = take_string(json);
			log_class = SLICE("bounce");
		} else
			skip_value(json, 0);
		if (!take(json, ','))
			break;
	}
	expect(json, '}');
	if (!json->failed)
		listing_add_recipient(m, address, original, reason, log_class);
}

static void take_recipients(struct json *json, struct message *m)
{
	expect(json, '[');
	if (take(json, ']'))
		return;
	do
		take_recipient(json, m);
	while (!json->failed && take(json, ','));
	expect(json, ']');
}

struct line_names {
	bool id, queue;
};

static void set_id(struct message *m, struct slice id, struct line_names *good)
{
	good->id = queue_id_valid(id);
	if (!good->id)
		return;
	memcpy(m->id, id.data, id.len);
	m->id[id.len] = '\0';
}

static void set_forced_expire(struct json *json, struct message *m)
{
	m->known |= MESSAGE_KNOWS_FORCED_EXPIRE;
	if (take_word(json, "true"))
		m->flags |= MESSAGE_FORCED_EXPIRE;
	else if (!take_word(json, "false"))
		json->failed = true;
}

static void take_member(struct json *json, struct message *m, struct line_names *good)
{
	struct slice name;

	name = take_string(json);
	expect(json, ':');
	if (slice_is(name, "queue_name"))
		good->queue = queue_id_queue_parse(take_string(json), &m->queue);
	else if (slice_is(name, "queue_id"))
		set_id(m, take_string(json), good);
	else if (slice_is(name, "arrival_time"))
		m->arrival = (int64_t)take_number(json);
	else if (slice_is(name, "message_size"))
		m->size = take_number(json);
	else if (slice_is(name, "forced_expire"))
		set_forced_expire(json, m);
	else if (slice_is(name, "sender"))
		listing_set_sender(m, take_string(json));
	else if (slice_is(name, "recipients"))
		take_recipients(json, m);
	else
		skip_value(json, 0);
}

static void on_line(struct queue_json *j, struct slice line, listing_fn fn, void *context)
{
	struct json json = {line, &j->text, false};
	struct line_names good = {false, false};

	message_clear(&j->message);
	buffer_clear(&j->text);
	/* A string is never longer than its escaped form: with this room `text` stays where it is,
	 * and slices of it stay good until the next line. */
	if (slice_find_char(line, '\\') >= 0)
		buffer_reserve(&j->text, line.len);
	expect(&json, '{');
	do
		take_member(&json, &j->message, &good);
	while (!json.failed && take(&json, ','));
	expect(&json, '}');
	skip_blanks(&json);
	if (json.failed || json.in.len > 0) {
		j->broken = true;
		j->problem = "a line is not what postqueue -j prints";
		return;
	}
	if (!good.id || !good.queue) {
		j->skipped++;
		return;
	}
	listing_finish(&j->message);
	j->messages++;
	fn(context, &j->message);
}

bool queue_json_feed(struct queue_json *j, struct slice chunk, listing_fn fn, void *context)
{
	while (chunk.len > 0 && !j->broken) {
		ptrdiff_t newline = slice_find_char(chunk, '\n');

		if (newline < 0 || j->line.len > 0) {
			size_t len = newline < 0 ? chunk.len : (size_t)newline;

			if (len > QUEUE_JSON_LINE_MAX - j->line.len) {
				j->broken = true;
				j->problem = "a line is too long";
				break;
			}
			buffer_append(&j->line, chunk.data, len);
		}
		if (newline < 0)
			break;
		if (j->line.len > 0)
			on_line(j, buffer_slice(&j->line), fn, context);
		else
			on_line(j, slice_first(chunk, (size_t)newline), fn, context);
		buffer_clear(&j->line);
		chunk = slice_from(chunk, (size_t)newline + 1);
	}
	return !j->broken;
}
