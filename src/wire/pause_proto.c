/* Encoders and decoders of what the server asks the helper about pauses, and the grammar of the
 * keys that may stand in a table. The grammar is checked on both sides: by the server to answer a
 * person, by the helper because it is the side with the rights. */
#include "wire/pause_proto.h"

#include <string.h>

/* Sixteen of them are in a set-up, which is one frame. */
#define TEXT_MAX 3000

/* ---- keys ---- */

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_label(struct slice label)
{
	if (label.len == 0 || label.len > 63 || label.data[0] == '-' ||
	    label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		/* Underscores are in no host name, and all the same in use. */
		if (!is_lower_alnum(label.data[i]) && label.data[i] != '-' && label.data[i] != '_')
			return false;
	return true;
}

/* At least one dot: a name without one is a host of ours, or a whole top-level domain. */
bool pause_domain_valid(struct slice key)
{
	struct slice rest = key, label;
	size_t labels = 0;

	if (key.len == 0 || key.len > 253)
		return false;
	while (slice_split(&rest, '.', &label)) {
		if (!is_label(label))
			return false;
		labels++;
	}
	return labels >= 2 && key.data[key.len - 1] != '.';
}

/* What stands in an address or login without quotes, less upper case. '#' only within: at the
 * beginning of a line of a table it would make a comment. */
static bool is_local_char(char c)
{
	return is_lower_alnum(c) || (c != '\0' && strchr("!#$%&'*+/=?^_`{|}~.-", c) != NULL);
}

static bool is_local(struct slice text, const char *more)
{
	if (text.len == 0 || text.data[0] == '#')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!is_local_char(text.data[i]) &&
		    (text.data[i] == '\0' || strchr(more, text.data[i]) == NULL))
			return false;
	return true;
}

bool pause_address_valid(struct slice key)
{
	ptrdiff_t at = slice_find_char(key, '@');

	return key.len <= PAUSE_KEY_MAX && at > 0 && at <= 64 &&
	       is_local(slice_first(key, (size_t)at), "") &&
	       pause_domain_valid(slice_from(key, (size_t)at + 1));
}

bool pause_login_valid(struct slice key)
{
	/* '\' and ':' as in DOMAIN\name and realm:name. A login of a lone '*' is somebody's joke or
	 * a mistake for "all of them". */
	return key.len <= PAUSE_KEY_MAX && is_local(key, "@\\:") && !slice_is(key, "*");
}

/* As master.cf has them; never an option of a command. */
bool pause_transport_valid(struct slice key)
{
	if (key.len == 0 || key.len > 64 || key.data[0] == '-')
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (!is_lower_alnum(key.data[i]) && !(key.data[i] >= 'A' && key.data[i] <= 'Z') &&
		    (key.data[i] == '\0' || strchr("-_.", key.data[i]) == NULL))
			return false;
	return true;
}

/* "dst.example", "[relay.example]:587", "[ipv6:2001:db8::1]". */
bool pause_next_hop_valid(struct slice key)
{
	if (key.len == 0 || key.len > PAUSE_KEY_MAX)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (!is_lower_alnum(key.data[i]) &&
		    (key.data[i] == '\0' || strchr("-_.:[]", key.data[i]) == NULL))
			return false;
	return true;
}

bool pause_throttle_valid(uint32_t seconds)
{
	static const uint32_t throttles[] = PAUSE_THROTTLES;

	for (size_t i = 0; throttles[i] != 0; i++)
		if (throttles[i] == seconds)
			return true;
	return false;
}

/* ---- tables ---- */

static bool finished(const struct cursor *c, const struct frame *frame, enum helper_type type)
{
	return frame->type == type && cursor_finished(c);
}

void pause_piece_encode(struct buffer *frame, uint32_t request, const struct pause_piece *piece)
{
	frame_begin(frame, HELPER_PAUSE_TABLE, request);
	buffer_put_u8(frame, (uint8_t)piece->table);
	buffer_put_u32(frame, piece->at);
	buffer_put_u8(frame, piece->last);
}

void pause_entry_put(struct buffer *frame, const struct pause_entry *entry)
{
	buffer_put_u64(frame, entry->pause);
	buffer_put_u8(frame, entry->subdomains);
	buffer_put_u32(frame, entry->throttle_s);
	buffer_put_u16(frame, (uint16_t)entry->key.len);
	buffer_append_slice(frame, entry->key);
}

bool pause_piece_decode(
    const struct frame *frame, struct pause_piece *piece, struct cursor *entries)
{
	uint8_t table;

	*entries = frame_cursor(frame);
	table = cursor_u8(entries);
	piece->table = (enum pause_table)table;
	piece->at = cursor_u32(entries);
	piece->last = cursor_flag(entries);
	return frame->type == HELPER_PAUSE_TABLE && !entries->failed && table < PAUSE_TABLES &&
	       piece->at <= PAUSE_ENTRIES_MAX;
}

bool pause_entry_get(struct cursor *entries, struct pause_entry *entry)
{
	if (entries->failed || entries->left == 0)
		return false;
	entry->pause = cursor_u64(entries);
	entry->subdomains = cursor_flag(entries);
	entry->throttle_s = cursor_u32(entries);
	entry->key = cursor_bytes(entries, cursor_u16(entries));
	return !entries->failed;
}

void pause_written_encode(
    struct buffer *frame, uint32_t request, const struct pause_written *written)
{
	frame_begin(frame, HELPER_PAUSE_WRITTEN, request);
	buffer_put_u32(frame, written->entries);
	buffer_put_u8(frame, written->reloaded);
	buffer_put_u8(frame, written->in_use);
	buffer_put_string(frame, slice_first(written->trouble, TEXT_MAX));
}

bool pause_written_decode(const struct frame *frame, struct pause_written *written)
{
	struct cursor c = frame_cursor(frame);

	written->entries = cursor_u32(&c);
	written->reloaded = cursor_flag(&c);
	written->in_use = cursor_flag(&c);
	written->trouble = cursor_string(&c, TEXT_MAX);
	return finished(&c, frame, HELPER_PAUSE_WRITTEN);
}

/* ---- the set-up ---- */

void pause_setup_ask_encode(
    struct buffer *frame, uint32_t request, const struct pause_setup_ask *ask)
{
	frame_begin(frame, HELPER_PAUSE_SETUP, request);
	buffer_put_u8(frame, (uint8_t)ask->action);
	buffer_put_u64(frame, ask->seen);
}

bool pause_setup_ask_decode(const struct frame *frame, struct pause_setup_ask *ask)
{
	struct cursor c = frame_cursor(frame);
	uint8_t action = cursor_u8(&c);

	ask->action = (enum pause_setup_action)action;
	ask->seen = cursor_u64(&c);
	return finished(&c, frame, HELPER_PAUSE_SETUP) && action >= PAUSE_SETUP_LOOK &&
	       action <= PAUSE_SETUP_UNDO;
}

static void put_cut(struct buffer *b, struct slice text)
{
	buffer_put_string(b, slice_first(text, TEXT_MAX));
}

void pause_setup_encode(struct buffer *frame, uint32_t request, const struct pause_setup *setup)
{
	frame_begin(frame, HELPER_PAUSE_STATE, request);
	buffer_put_u8(frame, (uint8_t)setup->state);
	buffer_put_u64(frame, setup->seen);
	buffer_put_u8(frame, setup->pattern_tables);
	buffer_put_u8(frame, setup->no_logins);
	put_cut(frame, setup->why);
	put_cut(frame, setup->by_hand);
	put_cut(frame, setup->pattern_why);
	put_cut(frame, setup->warning);
	buffer_put_u8(frame, (uint8_t)setup->count);
	for (size_t i = 0; i < setup->count; i++) {
		put_cut(frame, setup->lines[i].name);
		buffer_put_u8(frame, setup->lines[i].set);
		put_cut(frame, setup->lines[i].before);
		put_cut(frame, setup->lines[i].after);
	}
}

bool pause_setup_decode(const struct frame *frame, struct pause_setup *setup)
{
	struct cursor c = frame_cursor(frame);
	uint8_t state = cursor_u8(&c), count;

	*setup = (struct pause_setup){.state = (enum pause_setup_state)state};
	setup->seen = cursor_u64(&c);
	setup->pattern_tables = cursor_flag(&c);
	setup->no_logins = cursor_flag(&c);
	setup->why = cursor_string(&c, TEXT_MAX);
	setup->by_hand = cursor_string(&c, TEXT_MAX);
	setup->pattern_why = cursor_string(&c, TEXT_MAX);
	setup->warning = cursor_string(&c, TEXT_MAX);
	count = cursor_u8(&c);
	if (count > PAUSE_SETUP_LINES_MAX)
		return false;
	for (; setup->count < count; setup->count++) {
		struct pause_setup_line *line = &setup->lines[setup->count];

		line->name = cursor_string(&c, TEXT_MAX);
		line->set = cursor_flag(&c);
		line->before = cursor_string(&c, TEXT_MAX);
		line->after = cursor_string(&c, TEXT_MAX);
	}
	return finished(&c, frame, HELPER_PAUSE_STATE) && state >= PAUSE_SETUP_NONE &&
	       state <= PAUSE_SETUP_IMPOSSIBLE;
}

/* ---- questions ---- */

void pause_query_encode(struct buffer *frame, uint32_t request, const struct pause_query *query)
{
	frame_begin(frame, HELPER_PAUSE_QUERY, request);
	buffer_put_u8(frame, (uint8_t)query->kind);
	for (size_t i = 0; i < query->count; i++)
		buffer_put_string(frame, slice_first(query->keys[i], PAUSE_KEY_MAX));
}

bool pause_query_decode(const struct frame *frame, struct pause_query *query)
{
	struct cursor c = frame_cursor(frame);
	uint8_t kind = cursor_u8(&c);

	query->kind = (enum pause_query_kind)kind;
	for (query->count = 0; c.left > 0 && !c.failed && query->count < PAUSE_QUERY_MAX;)
		query->keys[query->count++] = cursor_string(&c, PAUSE_KEY_MAX);
	return finished(&c, frame, HELPER_PAUSE_QUERY) && query->count > 0 &&
	       kind >= PAUSE_QUERY_TRANSPORT && kind <= PAUSE_QUERY_CLIENT;
}

void pause_answer_put(struct buffer *frame, const struct pause_answer *answer)
{
	buffer_put_string(frame, slice_first(answer->found, PAUSE_KEY_MAX));
	buffer_put_string(frame, slice_first(answer->answer, PAUSE_ANSWER_MAX));
	buffer_put_u8(frame, answer->ours);
	buffer_put_u8(frame, answer->unsure);
}

bool pause_answer_get(struct cursor *c, struct pause_answer *answer)
{
	if (c->failed || c->left == 0)
		return false;
	answer->found = cursor_string(c, PAUSE_KEY_MAX);
	answer->answer = cursor_string(c, PAUSE_ANSWER_MAX);
	answer->ours = cursor_flag(c);
	answer->unsure = cursor_flag(c);
	return !c->failed;
}

void pause_found_put(struct buffer *frame, const struct pause_found *found)
{
	buffer_put_string(frame, slice_first(found->what, PAUSE_KEY_MAX));
	buffer_put_string(frame, slice_first(found->text, PAUSE_ANSWER_MAX));
}

bool pause_found_get(struct cursor *c, struct pause_found *found)
{
	if (c->failed || c->left == 0)
		return false;
	found->what = cursor_string(c, PAUSE_KEY_MAX);
	found->text = cursor_string(c, PAUSE_ANSWER_MAX);
	return !c->failed;
}
