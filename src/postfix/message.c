/* One message of the queue as its sources see it: what a queue file or a listing tells. Texts are
 * cut, made printable and kept in blocks that live as long as the message. message_encode and
 * message_decode carry it from the reader to the server. The server does not trust the reader's
 * bytes: every length and count is checked (cursor.h). */
#include "postfix/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "base/utf8.h"

/* Most messages fit into one block. */
#define BLOCK_MIN 4096
/* Raise when the bytes of message_encode change. */
#define ENCODING 4

struct message_block {
	struct message_block *next;
	size_t used, cap;
	char data[];
};

/* Bits of one encoded recipient. */
enum {
	HAS_DONE = 1 << 0,
	HAS_BOUNCED = 1 << 1,
	HAS_ORIGINAL = 1 << 2,
	HAS_REASON = 1 << 3,
	SAME_REASON = 1 << 4, /* reason, dsn and remote are those of the recipient before */
	HAS_OFFSET = 1 << 5,
};

void message_init(struct message *m)
{
	*m = (struct message){0};
}

/* Frees all blocks but one that is small enough to be used again. */
static void drop_blocks(struct message *m, bool keep_one)
{
	struct message_block *kept = NULL;

	while (m->blocks != NULL) {
		struct message_block *b = m->blocks;

		m->blocks = b->next;
		if (keep_one && kept == NULL && b->cap <= (size_t)16 * BLOCK_MIN)
			kept = b;
		else
			free(b);
	}
	if (kept != NULL) {
		kept->next = NULL;
		kept->used = 0;
	}
	m->blocks = kept;
}

void message_clear(struct message *m)
{
	struct message_recipient *recipients = m->recipients;
	size_t capacity = m->recipient_capacity;

	drop_blocks(m, true);
	*m = (struct message){.blocks = m->blocks};
	/* One message of very many recipients must not hold their memory for all that follow. */
	if (capacity > 1024) {
		free(recipients);
		return;
	}
	m->recipients = recipients;
	m->recipient_capacity = capacity;
}

void message_free(struct message *m)
{
	drop_blocks(m, false);
	free(m->recipients);
	*m = (struct message){0};
}

/* Room for `len` bytes that stay where they are until the message is cleared. */
static char *block_reserve(struct message *m, size_t len)
{
	struct message_block *b = m->blocks;

	if (b == NULL || b->cap - b->used < len) {
		size_t cap = len > BLOCK_MIN ? len : BLOCK_MIN;

		/* Blocks double, so that a large message has few of them. */
		if (b != NULL && b->cap * 2 > cap && b->cap < (size_t)1 << 20)
			cap = b->cap * 2;
		b = memory_alloc(sizeof(*b) + cap);
		*b = (struct message_block){m->blocks, 0, cap};
		m->blocks = b;
	}
	return b->data + b->used;
}

/* True when `text` is what Postfix's printable() would leave alone. Eight bytes at a time: a byte
 * from 0x80 on has the high bit, one below 0x20 gets it by the subtraction, 0x7f by the addition;
 * what one of them borrows or carries into the next byte changes nothing, as it is none already. */
static bool is_plain(struct slice text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
	size_t i = 0;

	for (; text.len - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
		uint64_t v;

		memcpy(&v, text.data + i, sizeof(v));
		if (((v | (v - ones * 0x20) | (v + ones)) & high) != 0)
			return false;
	}
	for (; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < 0x20 || c >= 0x7f)
			return false;
	}
	return true;
}

/* Copies `text` to `out` (as many bytes) with '?' for each control character and each byte that is
 * not UTF-8; the C1 controls are control characters too. Returns the bytes written. */
static size_t copy_printable(char *out, struct slice text)
{
	size_t n = 0;

	while (text.len > 0) {
		uint32_t code;
		size_t len = utf8_decode(text, &code);

		/* Control characters could move the cursor of a terminal or hide text in a log. */
		if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			out[n++] = '?';
		else {
			memcpy(out + n, text.data, len);
			n += len;
		}
		text = slice_from(text, len == 0 ? 1 : len);
	}
	return n;
}

bool message_printable(struct buffer *out, struct slice text)
{
	bool cut = text.len > MESSAGE_STRING_MAX;

	if (text.len == 0)
		return false;
	if (cut)
		text = utf8_first(text, MESSAGE_STRING_MAX);
	out->len += copy_printable(buffer_reserve(out, text.len), text);
	return cut;
}

struct slice message_keep(struct message *m, struct slice text)
{
	struct slice kept;
	char *at;

	if (text.len == 0)
		return (struct slice){"", 0};
	if (text.len > MESSAGE_STRING_MAX) {
		text = utf8_first(text, MESSAGE_STRING_MAX);
		m->flags |= MESSAGE_TEXT_CUT;
	}
	/* Printable text is never longer than what it was made of, so this room suffices. */
	at = block_reserve(m, text.len);
	if (is_plain(text)) {
		memcpy(at, text.data, text.len);
		kept = slice_make(at, text.len);
	} else
		kept = slice_make(at, copy_printable(at, text));
	m->blocks->used += kept.len;
	m->text_size += kept.len;
	return kept;
}

/* Beside controls, blanks and DEL these may not stand in a dot-string without quotes
 * (quote_822_local.c); 8-bit bytes may. */
static const bool special[256] = {
    ['('] = true,
    [')'] = true,
    ['<'] = true,
    ['>'] = true,
    ['@'] = true,
    [','] = true,
    [';'] = true,
    [':'] = true,
    ['\\'] = true,
    ['"'] = true,
    ['['] = true,
    [']'] = true,
};

static bool is_atom_char(unsigned char c)
{
	return c > 0x20 && c != 0x7f && !special[c];
}

static bool is_dot_string(struct slice local)
{
	if (local.len == 0 || local.data[0] == '.' || local.data[local.len - 1] == '.')
		return false;
	for (size_t i = 0; i < local.len; i++) {
		if (!is_atom_char((unsigned char)local.data[i]))
			return false;
		if (local.data[i] == '.' && local.data[i - 1] == '.')
			return false;
	}
	return true;
}

/* The length of the local part: up to the last '@', or all of it. */
static size_t local_length(struct slice raw)
{
	for (size_t i = raw.len; i > 0; i--)
		if (raw.data[i - 1] == '@')
			return i - 1;
	return raw.len;
}

void message_quote_address(struct buffer *out, struct slice raw)
{
	size_t local = local_length(raw);

	if (raw.len == 0 || is_dot_string(slice_first(raw, local))) {
		buffer_append_slice(out, raw);
		return;
	}
	buffer_append_char(out, '"');
	for (size_t i = 0; i < local; i++) {
		char c = raw.data[i];

		/* As Postfix quotes, so that an address looks as it does in the log and in a
		 * listing. */
		if (c == '"' || c == '\\' || c == '\r')
			buffer_append_char(out, '\\');
		buffer_append_char(out, c);
	}
	buffer_append_char(out, '"');
	buffer_append_slice(out, slice_from(raw, local));
}

struct slice message_keep_address(struct message *m, struct slice raw)
{
	BUFFER_AUTO struct buffer quoted = {0};

	if (raw.len == 0 || (is_plain(raw) && is_dot_string(slice_first(raw, local_length(raw)))))
		return message_keep(m, raw);
	message_quote_address(&quoted, slice_first(raw, MESSAGE_STRING_MAX));
	if (raw.len > MESSAGE_STRING_MAX)
		m->flags |= MESSAGE_TEXT_CUT;
	return message_keep(m, buffer_slice(&quoted));
}

struct message_recipient *message_add_recipient(struct message *m)
{
	struct message_recipient *r;

	/* Counted even when nothing is kept of it: how many there are must be right. */
	m->recipient_total++;
	m->recipient_todo++;
	if (m->recipient_count >= MESSAGE_RECIPIENTS_MAX || m->text_size > MESSAGE_TEXT_MAX) {
		m->flags |= MESSAGE_RECIPIENTS_CUT;
		return NULL;
	}
	if (m->recipient_count == m->recipient_capacity) {
		m->recipient_capacity = m->recipient_capacity == 0 ? 4 : m->recipient_capacity * 2;
		m->recipients =
		    memory_resize(m->recipients, m->recipient_capacity, sizeof(*m->recipients));
	}
	r = &m->recipients[m->recipient_count++];
	*r = (struct message_recipient){0};
	return r;
}

static bool same_reason(const struct message_recipient *a, const struct message_recipient *b)
{
	return slice_equal(a->reason, b->reason) && slice_equal(a->dsn, b->dsn) &&
	       slice_equal(a->remote, b->remote);
}

static void encode_recipient(
    struct buffer *out, const struct message_recipient *r, const struct message_recipient *before)
{
	unsigned bits = 0;

	if ((r->flags & MESSAGE_RECIPIENT_DONE) != 0)
		bits |= HAS_DONE;
	if ((r->flags & MESSAGE_RECIPIENT_BOUNCED) != 0)
		bits |= HAS_BOUNCED;
	if (r->original.len > 0)
		bits |= HAS_ORIGINAL;
	if (r->offset != 0)
		bits |= HAS_OFFSET;
	if (r->reason.len + r->dsn.len + r->remote.len > 0)
		bits |= before != NULL && same_reason(r, before) ? SAME_REASON : HAS_REASON;
	buffer_put_u8(out, (uint8_t)bits);
	buffer_put_string(out, r->address);
	if ((bits & HAS_ORIGINAL) != 0)
		buffer_put_string(out, r->original);
	if ((bits & HAS_OFFSET) != 0)
		buffer_put_u64(out, r->offset);
	if ((bits & HAS_REASON) == 0)
		return;
	buffer_put_string(out, r->reason);
	buffer_put_string(out, r->dsn);
	buffer_put_string(out, r->remote);
}

void message_encode(struct buffer *out, const struct message *m)
{
	buffer_put_u8(out, ENCODING);
	buffer_put_string(out, slice_of(m->id));
	buffer_put_u8(out, (uint8_t)m->queue);
	buffer_put_u32(out, m->known);
	buffer_put_u32(out, m->flags);
	buffer_put_i64(out, m->arrival);
	buffer_put_u64(out, m->size);
	buffer_put_i64(out, m->next_retry);
	buffer_put_i64(out, m->create_time);
	buffer_put_u64(out, m->inode);
	buffer_put_i64(out, m->mtime_ns);
	buffer_put_i64(out, m->changed_ns);
	buffer_put_u32(out, m->signature);
	buffer_put_u32(out, m->log_stamp);
	buffer_put_string(out, m->sender);
	buffer_put_string(out, m->subject);
	buffer_put_string(out, m->client_name);
	buffer_put_string(out, m->client_address);
	buffer_put_string(out, m->login);
	buffer_put_string(out, m->helo);
	buffer_put_u32(out, m->recipient_total);
	buffer_put_u32(out, m->recipient_todo);
	buffer_put_u32(out, (uint32_t)m->recipient_count);
	for (size_t i = 0; i < m->recipient_count; i++)
		encode_recipient(out, &m->recipients[i], i > 0 ? &m->recipients[i - 1] : NULL);
}

static void decode_recipient(
    struct cursor *c, struct message_recipient *r, const struct message_recipient *before)
{
	unsigned bits = cursor_u8(c);

	r->address = cursor_string(c, MESSAGE_STRING_MAX);
	if ((bits & HAS_DONE) != 0)
		r->flags |= MESSAGE_RECIPIENT_DONE;
	if ((bits & HAS_BOUNCED) != 0)
		r->flags |= MESSAGE_RECIPIENT_BOUNCED;
	if ((bits & HAS_ORIGINAL) != 0)
		r->original = cursor_string(c, MESSAGE_STRING_MAX);
	if ((bits & HAS_OFFSET) != 0)
		r->offset = cursor_u64(c);
	if ((bits & HAS_REASON) != 0) {
		r->reason = cursor_string(c, MESSAGE_STRING_MAX);
		r->dsn = cursor_string(c, MESSAGE_STRING_MAX);
		r->remote = cursor_string(c, MESSAGE_STRING_MAX);
	} else if ((bits & SAME_REASON) != 0 && before != NULL) {
		r->reason = before->reason;
		r->dsn = before->dsn;
		r->remote = before->remote;
	}
}

static bool decode_recipients(struct message *m, struct cursor *c)
{
	uint32_t count = cursor_u32(c);

	/* The shortest recipient has 5 bytes: no count can make us take memory that the bytes don't
	 * cover. */
	if (c->failed || count > MESSAGE_RECIPIENTS_MAX || count > c->left / 5)
		return false;
	if (count > m->recipient_capacity) {
		m->recipients = memory_resize(m->recipients, count, sizeof(*m->recipients));
		m->recipient_capacity = count;
	}
	m->recipient_count = count;
	for (uint32_t i = 0; i < count; i++) {
		m->recipients[i] = (struct message_recipient){0};
		decode_recipient(c, &m->recipients[i], i > 0 ? &m->recipients[i - 1] : NULL);
	}
	return cursor_finished(c);
}

bool message_decode(struct message *m, struct slice bytes)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	struct slice id;
	uint8_t queue;

	message_clear(m);
	/* Bytes of another version are refused and never guessed at. */
	if (cursor_u8(&c) != ENCODING)
		return false;
	id = cursor_string(&c, QUEUE_ID_MAX);
	queue = cursor_u8(&c);
	/* IDs become file names and lines for postsuper later, so none that is malformed gets in.
	 */
	if (!queue_id_valid(id) || queue >= QUEUE_COUNT)
		return false;
	memcpy(m->id, id.data, id.len);
	m->id[id.len] = '\0';
	m->queue = (enum queue)queue;
	m->known = cursor_u32(&c);
	m->flags = cursor_u32(&c);
	m->arrival = cursor_i64(&c);
	m->size = cursor_u64(&c);
	m->next_retry = cursor_i64(&c);
	m->create_time = cursor_i64(&c);
	m->inode = cursor_u64(&c);
	m->mtime_ns = cursor_i64(&c);
	m->changed_ns = cursor_i64(&c);
	m->signature = cursor_u32(&c);
	m->log_stamp = cursor_u32(&c);
	m->sender = cursor_string(&c, MESSAGE_STRING_MAX);
	m->subject = cursor_string(&c, MESSAGE_STRING_MAX);
	m->client_name = cursor_string(&c, MESSAGE_STRING_MAX);
	m->client_address = cursor_string(&c, MESSAGE_STRING_MAX);
	m->login = cursor_string(&c, MESSAGE_STRING_MAX);
	m->helo = cursor_string(&c, MESSAGE_STRING_MAX);
	m->recipient_total = cursor_u32(&c);
	m->recipient_todo = cursor_u32(&c);
	return decode_recipients(m, &c);
}
