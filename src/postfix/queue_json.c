/* One line of `postqueue -j` is one object (base/json_scan.h); its members may come in any order.
 */
#include "postfix/queue_json.h"

#include <string.h>

#include "base/json_scan.h"

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
	/* A last line without its end was cut, so the listing is not whole. */
	return !j->broken && j->line.len == 0;
}

static void take_recipient(struct json_scan *json, struct message *m)
{
	struct slice address = {"", 0}, original = {"", 0}, reason = {"", 0}, log_class = {"", 0};

	json_scan_expect(json, '{');
	while (!json->failed) {
		struct slice name = json_scan_string(json);

		json_scan_expect(json, ':');
		if (slice_is(name, "address"))
			address = json_scan_string(json);
		else if (slice_is(name, "orig_address"))
			original = json_scan_string(json);
		/* 3.11 says in the name of which log the reason is. */
		else if (slice_is(name, "delay_reason") || slice_is(name, "other_reason"))
			reason = json_scan_string(json);
		else if (slice_is(name, "bounce_reason")) {
			reason = json_scan_string(json);
			log_class = SLICE("bounce");
		} else
			json_scan_skip(json);
		if (!json_scan_take(json, ','))
			break;
	}
	json_scan_expect(json, '}');
	if (!json->failed)
		listing_add_recipient(m, address, original, reason, log_class);
}

static void take_recipients(struct json_scan *json, struct message *m)
{
	json_scan_expect(json, '[');
	if (json_scan_take(json, ']'))
		return;
	do
		take_recipient(json, m);
	while (!json->failed && json_scan_take(json, ','));
	json_scan_expect(json, ']');
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

static void set_forced_expire(struct json_scan *json, struct message *m)
{
	m->known |= MESSAGE_KNOWS_FORCED_EXPIRE;
	if (json_scan_take_word(json, "true"))
		m->flags |= MESSAGE_FORCED_EXPIRE;
	else if (!json_scan_take_word(json, "false"))
		json->failed = true;
}

static void take_member(struct json_scan *json, struct message *m, struct line_names *good)
{
	struct slice name;

	name = json_scan_string(json);
	json_scan_expect(json, ':');
	if (slice_is(name, "queue_name"))
		good->queue = queue_parse(json_scan_string(json), &m->queue);
	else if (slice_is(name, "queue_id"))
		set_id(m, json_scan_string(json), good);
	else if (slice_is(name, "arrival_time"))
		m->arrival = (int64_t)json_scan_u64(json);
	else if (slice_is(name, "message_size"))
		m->size = json_scan_u64(json);
	else if (slice_is(name, "forced_expire"))
		set_forced_expire(json, m);
	else if (slice_is(name, "sender"))
		listing_set_sender(m, json_scan_string(json));
	else if (slice_is(name, "recipients"))
		take_recipients(json, m);
	else
		json_scan_skip(json);
}

static void on_line(struct queue_json *j, struct slice line, listing_fn fn, void *context)
{
	struct json_scan json = json_scan_begin(line, &j->text);
	struct line_names good = {false, false};

	message_clear(&j->message);
	json_scan_expect(&json, '{');
	do
		take_member(&json, &j->message, &good);
	while (!json.failed && json_scan_take(&json, ','));
	json_scan_expect(&json, '}');
	/* One such line ends the listing: what follows cannot be trusted to be about the queue. */
	if (json.failed || json_scan_next(&json) != '\0' || json.in.len > 0) {
		j->broken = true;
		j->problem = "a line is not what postqueue -j prints";
		return;
	}
	/* The line is well formed and the rest of the listing good, so it is passed over and
	 * counted. */
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

		/* A line that lies whole in its chunk is read where it is, without a copy. */
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
