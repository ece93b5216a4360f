/* Reads the logs of bounce(8) for one message: `defer/ID` and `bounce/ID`. The first half takes
 * chunks as they are read and gives one entry for each finished block. The second half joins the
 * entries to the recipients that the queue file has. A block without its empty line is not given
 * (docs/POSTFIX.md, "Defer logs"). */
#include "postfix/defer_log.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A block has about twelve lines; more text than this is no block of bounce(8), and is dropped. */
#define BLOCK_MAX ((size_t)16 * DEFER_LOG_LINE_MAX)

void defer_log_reset(struct defer_log *log)
{
	buffer_clear(&log->line);
	buffer_clear(&log->block);
}

void defer_log_free(struct defer_log *log)
{
	buffer_free(&log->line);
	buffer_free(&log->block);
}

/* The old form of a record's first line: "<user@example.com>: reason". */
static void old_line(struct defer_log_entry *entry, struct slice line)
{
	ptrdiff_t end = slice_find(line, SLICE(">: "));

	if (end < 1)
		return;
	entry->recipient = slice_first(slice_from(line, 1), (size_t)end - 1);
	entry->reason = slice_trim(slice_from(line, (size_t)end + 3));
}

#define FIELD(name, member)                                                                        \
	{                                                                                          \
		{name, sizeof(name) - 1}, offsetof(struct defer_log_entry, member)                 \
	}

static const struct {
	struct slice name;
	size_t offset; /* of the slice in the entry */
} FIELDS[] = {
    FIELD("recipient", recipient),
    FIELD("original_recipient", original),
    FIELD("dsn_orig_rcpt", dsn_original),
    FIELD("status", status),
    FIELD("action", action),
    FIELD("diag_type", diag_type),
    FIELD("diag_text", diag_text),
    FIELD("mta_type", mta_type),
    FIELD("mta_mname", mta_name),
    FIELD("reason", reason),
};

/* Names and values lose their blanks at both ends (split_nameval.c): what a command or a mail
 * filter printed ends in one. */
static void named_line(struct defer_log_entry *entry, struct slice line)
{
	struct slice value = line, name;

	if (!slice_split(&value, '=', &name) || value.data == NULL)
		return;
	name = slice_trim(name);
	value = slice_trim(value);
	if (slice_is(name, "offset") && !slice_to_u64(value, &entry->offset))
		entry->offset = 0;
	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
		/* Length and first letter decide nearly always: this runs for each line of each
		 * defer log of the queue. */
		if (name.len != FIELDS[i].name.len || name.data[0] != FIELDS[i].name.data[0] ||
		    !slice_equal(name, FIELDS[i].name))
			continue;
		*(struct slice *)((char *)entry + FIELDS[i].offset) = value;
		return;
	}
}

static void any_line(struct defer_log_entry *entry, struct slice line)
{
	if (line.len > 0 && line.data[0] == '<')
		old_line(entry, line);
	else
		named_line(entry, line);
}

static void give(struct defer_log_entry *entry, defer_log_fn fn, void *context)
{
	/* So the old form writes the null address; everywhere else it is the empty text. */
	if (slice_is(entry->recipient, "<>"))
		entry->recipient = (struct slice){"", 0};
	fn(context, entry);
}

static void end_block(struct defer_log *log, defer_log_fn fn, void *context)
{
	struct defer_log_entry entry = {0};
	struct slice rest = buffer_slice(&log->block), line;

	if (log->block.len == 0)
		return;
	/* Each line ends with NUL: printable() leaves none in a value. */
	while (slice_split(&rest, '\0', &line))
		any_line(&entry, line);
	give(&entry, fn, context);
	buffer_clear(&log->block);
}

static void end_line(struct defer_log *log, defer_log_fn fn, void *context)
{
	if (log->line.len == 0) {
		end_block(log, fn, context);
		return;
	}
	/* What is over the limit is passed over to the next empty line, so a strange log costs no
	 * memory. */
	if (log->block.len <= BLOCK_MAX) {
		buffer_append(&log->block, log->line.data, log->line.len);
		buffer_append_char(&log->block, '\0');
	}
	buffer_clear(&log->line);
}

/* Reads the block at the beginning of the text where it is; 0 when it does not lie there whole, or
 * is too long or strange for that, else its length with its empty line. */
static size_t whole_block(struct slice text, struct defer_log_entry *entry)
{
	struct slice rest = slice_first(text, DEFER_LOG_LINE_MAX), line;
	size_t len;

	*entry = (struct defer_log_entry){0};
	while (slice_split(&rest, '\n', &line) && rest.data != NULL) {
		if (line.len > 0) {
			any_line(entry, line);
			continue;
		}
		len = (size_t)(rest.data - text.data);
		/* A NUL would end a line in the slow way and not in this one. Such a block goes the
		 * slow way, so that both ways always agree. */
		return slice_find_char(slice_first(text, len), '\0') < 0 ? len : 0;
	}
	return 0;
}

/* Nearly all blocks lie whole in their chunk. Returns the length of those that do. */
static size_t whole_blocks(struct slice chunk, defer_log_fn fn, void *context)
{
	struct defer_log_entry entry;
	size_t done = 0, len;

	while ((len = whole_block(slice_from(chunk, done), &entry)) > 0) {
		/* An empty line by itself ends no block. */
		if (len > 1)
			give(&entry, fn, context);
		done += len;
	}
	return done;
}

void defer_log_feed(struct defer_log *log, struct slice chunk, defer_log_fn fn, void *context)
{
	while (chunk.len > 0) {
		ptrdiff_t newline;
		size_t len, room;

		/* Only between two blocks; one that has begun in an earlier chunk is finished from
		 * the buffers. */
		if (log->line.len == 0 && log->block.len == 0)
			chunk = slice_from(chunk, whole_blocks(chunk, fn, context));
		newline = slice_find_char(chunk, '\n');
		len = newline < 0 ? chunk.len : (size_t)newline;
		/* A line that is too long loses its end, and the block stays. */
		room = DEFER_LOG_LINE_MAX - log->line.len;
		buffer_append(&log->line, chunk.data, len < room ? len : room);
		if (newline >= 0) {
			end_line(log, fn, context);
			len++;
		}
		chunk = slice_from(chunk, len);
	}
}

/* --- Entries into recipients --- */

static int compare_offsets(const void *a, const void *b, void *context)
{
	const struct message_recipient *r = context;
	uint64_t x = r[*(const uint32_t *)a].offset, y = r[*(const uint32_t *)b].offset;

	return (x > y) - (x < y);
}

static int compare_addresses(const void *a, const void *b, void *context)
{
	const struct message_recipient *r = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = slice_compare(r[x].address, r[y].address);

	/* Of one address in the order of the file: reasons are given out first to first. */
	return order != 0 ? order : (x > y) - (x < y);
}

/* Numbers are sorted instead of the recipients, whose order is the queue file's and is shown. */
static uint32_t *sorted(const struct message *m, int (*compare)(const void *, const void *, void *))
{
	uint32_t *order = memory_alloc((m->recipient_count + 1) * sizeof(*order));

	for (size_t i = 0; i < m->recipient_count; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, m->recipient_count, sizeof(*order), compare, m->recipients);
	return order;
}

struct defer_log_index defer_log_index_make(struct message *message, bool bounced)
{
	return (struct defer_log_index){.message = message, .bounced = bounced};
}

void defer_log_index_free(struct defer_log_index *index)
{
	free(index->by_offset);
	free(index->by_address);
	*index = (struct defer_log_index){0};
}

/* So few are looked through one by one. */
#define FEW 16

static struct message_recipient *at_offset(struct defer_log_index *index, uint64_t offset)
{
	struct message *m = index->message;
	size_t low = 0, high = m->recipient_count;

	for (size_t i = 0; high <= FEW && i < high; i++)
		if (m->recipients[i].offset == offset)
			return &m->recipients[i];
	if (high <= FEW)
		return NULL;
	/* Made at the first entry that needs it: most messages have few recipients. */
	if (index->by_offset == NULL)
		index->by_offset = sorted(m, compare_offsets);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->recipients[index->by_offset[middle]].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == m->recipient_count || m->recipients[index->by_offset[low]].offset != offset)
		return NULL;
	return &m->recipients[index->by_offset[low]];
}

/* Whether the entry may speak of this recipient: a defer log of those that are still to do, a
 * bounce log of those that are done. */
static bool fits(const struct defer_log_index *index, const struct message_recipient *r)
{
	return ((r->flags & MESSAGE_RECIPIENT_DONE) != 0) == index->bounced;
}

/* The first recipient of that address that fits and has no reason yet. */
static struct message_recipient *at_address(struct defer_log_index *index, struct slice address)
{
	struct message *m = index->message;
	size_t low = 0, high = m->recipient_count;

	if (index->by_address == NULL)
		index->by_address = sorted(m, compare_addresses);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (slice_compare(m->recipients[index->by_address[middle]].address, address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < m->recipient_count; low++) {
		struct message_recipient *r = &m->recipients[index->by_address[low]];

		if (!slice_equal(r->address, address))
			break;
		if (fits(index, r) && r->reason.len == 0)
			return r;
	}
	return NULL;
}

/* Texts repeat within one message, most often from one entry to the next: they are kept once. */
static struct slice keep_again(struct message *m, struct slice before, struct slice text)
{
	return slice_equal(before, text) ? before : message_keep(m, text);
}

/* Whether the log names the same address as the queue file. With smtputf8_enable = no it has a
 * question mark for each byte that is not ASCII. */
static bool is_same_address(struct slice in_file, struct slice in_log)
{
	if (in_file.len != in_log.len)
		return false;
	for (size_t i = 0; i < in_file.len; i++)
		if (in_file.data[i] != in_log.data[i] &&
		    (in_log.data[i] != '?' || (unsigned char)in_file.data[i] < 0x80))
			return false;
	return true;
}

/* A REDIRECT delivers to another address than the file's, whose place the log keeps: where the mail
 * goes is shown, and what it was sent to beside it. */
static void take_address(
    struct message *m, struct message_recipient *r, struct slice in_log, struct slice kept)
{
	if (in_log.len == 0 || is_same_address(r->address, kept))
		return;
	if (r->original.len == 0)
		r->original = r->address;
	r->address = message_keep(m, in_log);
}

/* The offset decides, whatever the address (docs/POSTFIX.md, "Defer logs"). */
void defer_log_index_apply(void *context, const struct defer_log_entry *entry)
{
	struct defer_log_index *index = context;
	struct message *m = index->message;
	BUFFER_AUTO struct buffer address = {0};
	struct message_recipient *r = NULL, before = {0};
	bool at;

	if (entry->offset != 0)
		r = at_offset(index, entry->offset);
	at = r != NULL;
	if (!at || !slice_equal(r->address, entry->recipient))
		message_printable(&address, entry->recipient);
	if (!at)
		r = at_address(index, buffer_slice(&address));
	/* An entry of somebody who was delivered since, or who is past what is kept of the
	 * recipients, has no place. */
	if (r == NULL || !fits(index, r))
		return;
	if (at && !slice_equal(r->address, entry->recipient))
		take_address(m, r, entry->recipient, buffer_slice(&address));
	/* Beside it in the file stands most often the same next hop, and so the same reply. */
	if (r > m->recipients)
		before = r[-1];
	r->reason = keep_again(m, before.reason, entry->reason);
	r->dsn = keep_again(m, before.dsn, entry->status);
	r->remote = keep_again(m, before.remote, entry->mta_name);
	if (r->original.len == 0 && entry->original.len > 0)
		r->original = message_keep(m, entry->original);
	if (index->bounced)
		r->flags |= MESSAGE_RECIPIENT_BOUNCED;
}
