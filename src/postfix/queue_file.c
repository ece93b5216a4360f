/* Reads a queue file (docs/POSTFIX.md, "Queue files") from windows that the caller shows: the
 * reader cannot open files, the helper does. queue_file_step takes the window and says which it
 * wants next. The envelope, the header up to the subject, and the records behind the content are
 * read; the content itself is jumped over. Local users write files of maildrop, so a file may say
 * anything: numbers are checked, and each loop is bounded. */
#include "postfix/queue_file.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "postfix/encoded_word.h"
#include "postfix/record.h"

/* Owner may read, write and execute: Postfix's mark of a complete file (mail_open_ok.c). */
#define READY_MODE 0700
/* Group execute: force-expired (postsuper -e). */
#define EXPIRE_MODE 0010
/* Windows behind the first: content is read in larger ones when it has to be read at all. */
#define WINDOW_SKIP 65536
/* A header line that is looked at; only its beginning and the subject matter. */
#define LINE_KEPT_MAX 16384

bool queue_file_ready(uint32_t mode)
{
	return (mode & READY_MODE) == READY_MODE;
}

void queue_file_free(struct queue_file *f)
{
	buffer_free(&f->original);
	buffer_free(&f->original_dsn);
	buffer_free(&f->line);
	buffer_free(&f->subject);
	*f = (struct queue_file){0};
}

static void fill_from_stat(struct message *m, const struct queue_file_stat *stat)
{
	size_t len = stat->id.len < QUEUE_ID_MAX ? stat->id.len : QUEUE_ID_MAX;

	message_clear(m);
	memcpy(m->id, stat->id.data, len);
	m->id[len] = '\0';
	m->queue = stat->queue;
	m->known = MESSAGE_KNOWS_FORCED_EXPIRE | MESSAGE_KNOWS_FILE | MESSAGE_KNOWS_DETAILS;
	if ((stat->mode & EXPIRE_MODE) != 0)
		m->flags |= MESSAGE_FORCED_EXPIRE;
	/* Until the time record comes; a file that is damaged before it has nothing better. */
	m->arrival = stat->mtime_ns / 1000000000;
	m->size = stat->size;
	m->inode = stat->inode;
	m->mtime_ns = stat->mtime_ns;
	m->changed_ns = stat->changed_ns;
	/* Only there the mtime is the next attempt (docs/POSTFIX.md, "When a message is tried
	 * again"). */
	if (stat->queue == QUEUE_DEFERRED) {
		m->known |= MESSAGE_KNOWS_NEXT_RETRY;
		m->next_retry = stat->mtime_ns / 1000000000;
	}
	/* The queue manager removes the defer log when it takes a message. */
	if (stat->queue != QUEUE_ACTIVE)
		m->known |= MESSAGE_KNOWS_REASONS;
}

void queue_file_begin(
    struct queue_file *f, const struct queue_file_stat *stat, struct message *message)
{
	/* The buffers are used again: a full scan begins this for each file of the queue. */
	struct queue_file old = *f;

	*f = (struct queue_file){.original = old.original,
	    .original_dsn = old.original_dsn,
	    .line = old.line,
	    .subject = old.subject,
	    .charsets = old.charsets};
	buffer_clear(&f->original);
	buffer_clear(&f->original_dsn);
	buffer_clear(&f->line);
	buffer_clear(&f->subject);
	f->message = message;
	f->file_size = stat->size;
	f->by_file = stat->queue == QUEUE_MAILDROP && !stat->maildrop_by_record;
	f->want_length = QUEUE_FILE_WINDOW;
	fill_from_stat(message, stat);
}

static enum queue_file_status bad(struct queue_file *f, const char *problem)
{
	f->problem = problem;
	f->message->flags |= MESSAGE_DAMAGED;
	/* So that a damaged message is found by its sender, as it has none of its own. */
	if (!f->have_sender)
		f->message->sender = SLICE(MESSAGE_SENDER_DAMAGED);
	return QUEUE_FILE_BAD;
}

/* The next number of a record such as "%15ld%15ld": blanks, an optional minus, digits. */
static bool take_number(struct slice *rest, int64_t *value)
{
	struct slice s = slice_trim(*rest), part;
	uint64_t magnitude;
	bool negative = slice_starts_with(s, "-");

	if (negative)
		s = slice_from(s, 1);
	if (!slice_split(&s, ' ', &part) || !slice_to_u64(part, &magnitude) ||
	    magnitude > INT64_MAX)
		return false;
	*value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	*rest = s.data == NULL ? (struct slice){"", 0} : s;
	return true;
}

static void on_size(struct queue_file *f, struct slice data)
{
	int64_t size, offset, recipients, flags, length;

	/* The first size record counts: one that comes later may be made to deceive. */
	if (f->have_size || !take_number(&data, &size) || !take_number(&data, &offset) ||
	    size < 0 || offset < 0)
		return;
	f->have_size = true;
	f->data_size = (uint64_t)size;
	f->data_offset = (uint64_t)offset;
	/* 3.8 and later show the size of the file for maildrop, earlier ones this number
	 * (docs/POSTFIX.md, "Listings"). */
	if (size > 0 && !f->by_file)
		f->message->size = (uint64_t)size;
	if (!take_number(&data, &recipients) || !take_number(&data, &flags))
		return;
	f->qmgr_flags = (uint64_t)flags;
	if (!take_number(&data, &length) || length < 0)
		return;
	f->have_content_length = true;
	f->content_length = (uint64_t)length;
}

static void on_time(struct queue_file *f, struct slice data)
{
	int64_t seconds;

	if (f->have_time || !take_number(&data, &seconds) || seconds < 0)
		return;
	f->have_time = true;
	f->message->arrival = seconds;
}

static void on_create_time(struct queue_file *f, struct slice data)
{
	int64_t seconds;

	if ((f->message->known & MESSAGE_KNOWS_CREATE_TIME) != 0 || !take_number(&data, &seconds) ||
	    seconds <= 0)
		return;
	f->message->known |= MESSAGE_KNOWS_CREATE_TIME;
	f->message->create_time = seconds;
}

static void keep_once(struct queue_file *f, struct slice *field, struct slice value)
{
	/* The first attribute of a name counts. */
	if (field->len == 0)
		*field = message_keep(f->message, value);
}

#define ATTRIBUTE(name, type, member)                                                              \
	{                                                                                          \
		{name, sizeof(name) - 1}, offsetof(type, member)                                   \
	}

struct attribute {
	struct slice name;
	size_t offset; /* of the slice that keeps its value */
};
static const struct attribute MESSAGE_ATTRIBUTES[] = {
    ATTRIBUTE("log_client_name", struct message, client_name),
    ATTRIBUTE("log_client_address", struct message, client_address),
    ATTRIBUTE("log_helo_name", struct message, helo),
    ATTRIBUTE("sasl_username", struct message, login),
};
static const struct attribute FILE_ATTRIBUTES[] = {
    ATTRIBUTE("client_name", struct queue_file, client_name),
    ATTRIBUTE("client_address", struct queue_file, client_address),
    ATTRIBUTE("helo_name", struct queue_file, helo),
    ATTRIBUTE("encoding", struct queue_file, encoding),
    ATTRIBUTE("log_ident", struct queue_file, log_ident),
    ATTRIBUTE("log_message_origin", struct queue_file, message_origin),
};

static bool keep_attribute(struct queue_file *f, void *keeper, const struct attribute *list,
    size_t count, struct slice name, struct slice value)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(name, list[i].name)) {
			keep_once(f, (struct slice *)((char *)keeper + list[i].offset), value);
			return true;
		}
	return false;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void on_attribute(struct queue_file *f, struct slice data)
{
	struct slice rest = data, name;

	if (!slice_split(&rest, '=', &name) || rest.data == NULL)
		return;
	if (slice_is(name, "create_time"))
		on_create_time(f, rest);
	else if (slice_is(name, "dsn_orig_rcpt")) {
		buffer_clear(&f->original_dsn);
		buffer_append_slice(&f->original_dsn, slice_first(rest, MESSAGE_STRING_MAX));
	} else if (!keep_attribute(
		       f, f->message, MESSAGE_ATTRIBUTES, COUNT(MESSAGE_ATTRIBUTES), name, rest))
		keep_attribute(f, f, FILE_ATTRIBUTES, COUNT(FILE_ATTRIBUTES), name, rest);
}

/* What stands for the recipient before it was rewritten: O, else the DSN parameter without its
 * type. */
static struct slice original_of(struct queue_file *f)
{
	struct slice dsn = buffer_slice(&f->original_dsn), type;

	if (f->original.len > 0)
		return buffer_slice(&f->original);
	if (dsn.len == 0 || !slice_split(&dsn, ';', &type) || dsn.data == NULL ||
	    !slice_equal_nocase(type, SLICE("rfc822")))
		return (struct slice){"", 0};
	return dsn;
}

static void on_recipient(struct queue_file *f, const struct record *record)
{
	struct message_recipient *r = message_add_recipient(f->message);
	struct slice original = original_of(f);

	/* Done recipients stay in the file until the message ends. */
	if (record->type == RECORD_DONE)
		f->message->recipient_todo--;
	if (r != NULL) {
		r->address = message_keep_address(f->message, record->data);
		if (!slice_equal_nocase(original, record->data))
			r->original = message_keep_address(f->message, original);
		r->offset = record->offset;
		r->flags = record->type == RECORD_DONE ? MESSAGE_RECIPIENT_DONE : 0;
	}
	/* Both stand in front of each recipient and count for that one alone. */
	buffer_clear(&f->original);
	buffer_clear(&f->original_dsn);
}

static void on_sender(struct queue_file *f, struct slice data)
{
	if (f->have_sender)
		return;
	f->have_sender = true;
	f->message->sender = message_keep_address(f->message, data);
}

static void on_original(struct queue_file *f, struct slice data)
{
	buffer_clear(&f->original);
	buffer_append_slice(&f->original, slice_first(data, MESSAGE_STRING_MAX));
}

static void on_delay_warning(struct queue_file *f, struct slice data)
{
	if (!f->have_delay_warning && take_number(&data, &f->delay_warning))
		f->have_delay_warning = true;
}

/* Moves on to another place of the file, by a pointer record or over the content. */
static bool jump(struct queue_file *f, uint64_t to)
{
	/* A jump to the very end would leave no end record to find. */
	if (to >= f->file_size)
		return false;
	f->at = to;
	return true;
}

/* --- The header --- */

static void subject_is_known(struct queue_file *f)
{
	BUFFER_AUTO struct buffer decoded = {0};

	encoded_word_decode(f->charsets, &decoded, slice_trim(buffer_slice(&f->subject)));
	f->message->known |= MESSAGE_KNOWS_SUBJECT;
	f->message->subject = message_keep(f->message, slice_trim(buffer_slice(&decoded)));
}

/* Leaves the content for what stands behind it. */
static enum queue_file_status leave_content(struct queue_file *f)
{
	/* What a local user put into maildrop has no size record that means anything (showq.c). */
	if (!f->have_size || f->data_size == 0 || f->message->queue == QUEUE_MAILDROP) {
		f->place = QUEUE_FILE_SKIP;
		return QUEUE_FILE_MORE;
	}
	f->place = QUEUE_FILE_EXTRACTED;
	f->expect_extracted = true;
	if (f->data_size > UINT64_MAX - f->data_offset || !jump(f, f->data_offset + f->data_size))
		return bad(f, "is shorter than its size record says");
	return QUEUE_FILE_MORE;
}

/* The length of a header's name (RFC 5322: printable ASCII without ':'), blanks before the colon
 * allowed; 0 when the line is no header. */
static size_t header_name(struct slice line)
{
	size_t len = 0;

	while (len < line.len && line.data[len] > 0x20 && line.data[len] < 0x7f &&
	       line.data[len] != ':')
		len++;
	for (size_t i = len; i < line.len; i++) {
		if (line.data[i] == ':')
			return len;
		if (line.data[i] != ' ' && line.data[i] != '\t')
			break;
	}
	return 0;
}

/* One whole line. True while it is worth going on. */
static bool on_header_line(struct queue_file *f, struct slice line)
{
	bool folded = line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
	size_t name = folded ? 0 : header_name(line);

	if (folded) {
		/* Folded lines without end must not fill the memory. */
		if (f->in_subject && f->subject.len < MESSAGE_STRING_MAX) {
			buffer_append_char(&f->subject, ' ');
			buffer_append_slice(&f->subject, slice_trim(line));
		}
		return true;
	}
	/* Behind the subject nothing of the header is wanted. A line that is no header ends it, as
	 * for Postfix. */
	if (f->in_subject || name == 0)
		return false;
	if (slice_equal_nocase(slice_first(line, name), SLICE("subject"))) {
		f->in_subject = true;
		buffer_append_slice(
		    &f->subject, slice_from(line, (size_t)slice_find_char(line, ':') + 1));
	}
	return true;
}

static enum queue_file_status header_record(struct queue_file *f, const struct record *record)
{
	bool go_on = true;

	if (record->type == RECORD_EXTRACTED) {
		/* The content may end without a line end. */
		if (f->partial_line)
			on_header_line(f, buffer_slice(&f->line));
		subject_is_known(f);
		f->place = QUEUE_FILE_EXTRACTED;
		return QUEUE_FILE_MORE;
	}
	if (record->type == RECORD_LINE || record->type == RECORD_PARTIAL) {
		if (f->line.len < LINE_KEPT_MAX)
			buffer_append_slice(&f->line, record->data);
		f->partial_line = record->type == RECORD_PARTIAL;
		if (!f->partial_line) {
			go_on = on_header_line(f, buffer_slice(&f->line));
			buffer_clear(&f->line);
		}
	} else if (record->type == RECORD_END)
		return bad(f, "ends within its content");
	/* Records of no bytes count too: a header of millions of empty ones would never reach the
	 * limit. */
	f->header_bytes += record->data.len + 2;
	if (!go_on) {
		subject_is_known(f);
		return leave_content(f);
	}
	return f->header_bytes > QUEUE_FILE_HEADER_MAX ? leave_content(f) : QUEUE_FILE_MORE;
}

/* --- The envelope and the extracted segment --- */

static enum queue_file_status finish(struct queue_file *f)
{
	struct message *m = f->message;

	if (m->client_name.len == 0)
		m->client_name = f->client_name;
	if (m->client_address.len == 0)
		m->client_address = f->client_address;
	if (m->helo.len == 0)
		m->helo = f->helo;
	m->known |= MESSAGE_KNOWS_ORIGIN;
	/* qmgr_message.c: without the attribute the arrival time is what lifetimes count from. */
	if ((m->known & MESSAGE_KNOWS_CREATE_TIME) == 0 && f->have_time) {
		m->known |= MESSAGE_KNOWS_CREATE_TIME;
		m->create_time = m->arrival;
	}
	return f->have_sender ? QUEUE_FILE_DONE : bad(f, "has no sender record");
}

static enum queue_file_status envelope_record(struct queue_file *f, const struct record *record)
{
	switch ((enum record_type)record->type) {
	case RECORD_SIZE:
		on_size(f, record->data);
		break;
	case RECORD_TIME:
		on_time(f, record->data);
		break;
	case RECORD_CREATE_TIME:
		on_create_time(f, record->data);
		break;
	case RECORD_ATTRIBUTE:
		on_attribute(f, record->data);
		break;
	case RECORD_SENDER:
		on_sender(f, record->data);
		break;
	case RECORD_ORIGINAL:
		on_original(f, record->data);
		break;
	case RECORD_RECIPIENT:
	case RECORD_DONE:
		on_recipient(f, record);
		break;
	case RECORD_WARN:
		on_delay_warning(f, record->data);
		break;
	case RECORD_MESSAGE:
		if (f->place == QUEUE_FILE_EXTRACTED)
			return bad(f, "has its content twice");
		f->place = QUEUE_FILE_HEADER;
		break;
	case RECORD_END:
		return finish(f);
	default:
		break;
	}
	return QUEUE_FILE_MORE;
}

static enum queue_file_status on_pointer(struct queue_file *f, struct slice data)
{
	int64_t to;

	if (!take_number(&data, &to) || to < 0)
		return bad(f, "has a malformed pointer record");
	/* A placeholder that no milter has used. */
	if (to == 0)
		return QUEUE_FILE_MORE;
	if (++f->pointers > QUEUE_FILE_POINTERS_MAX)
		return bad(f, "has too many pointer records");
	if (!jump(f, (uint64_t)to))
		return bad(f, "has a pointer record that leads beyond its end");
	return QUEUE_FILE_MORE;
}

static enum queue_file_status on_record(struct queue_file *f, const struct record *record)
{
	f->at = record->next;
	f->work += record->next - record->offset;
	/* Each record is passed once, but for what pointers splice in: twice the file is a loop. */
	if (f->work / 2 > f->file_size + 1024)
		return bad(f, "has pointer records that lead in a circle");
	/* The size comes from the file and may be a lie. Where it leads, content could stand that
	 * imitates recipients. */
	if (f->expect_extracted && record->type != RECORD_EXTRACTED)
		return bad(f, "has a size record that leads nowhere");
	f->expect_extracted = false;
	if (record->type == RECORD_POINTER)
		return on_pointer(f, record->data);
	switch (f->place) {
	case QUEUE_FILE_HEADER:
		return header_record(f, record);
	case QUEUE_FILE_SKIP:
		if (record->type == RECORD_END)
			return bad(f, "ends within its content");
		if (record->type == RECORD_EXTRACTED)
			f->place = QUEUE_FILE_EXTRACTED;
		return QUEUE_FILE_MORE;
	case QUEUE_FILE_ENVELOPE:
	case QUEUE_FILE_EXTRACTED:
		break;
	}
	return envelope_record(f, record);
}

static enum queue_file_status want(struct queue_file *f, const struct record *record)
{
	uint64_t least = record->next - record->offset;
	uint64_t usual = f->place == QUEUE_FILE_SKIP ? WINDOW_SKIP : QUEUE_FILE_WINDOW;

	/* Many recipients: larger steps the further it goes. */
	if (f->place != QUEUE_FILE_HEADER && f->work > (uint64_t)4 * QUEUE_FILE_WINDOW)
		usual = WINDOW_SKIP;
	f->want_offset = record->offset;
	f->want_length = (size_t)(least > usual ? least : usual);
	return QUEUE_FILE_MORE;
}

enum queue_file_status queue_file_step(
    struct queue_file *f, struct slice window, uint64_t window_offset)
{
	for (;;) {
		struct record record;
		enum queue_file_status status;

		switch (record_read(window, window_offset, f->at, f->file_size, &record)) {
		case RECORD_OK:
			break;
		case RECORD_MORE:
			/* Shown from there and still too short: the file has become shorter than
			 * its size. */
			if (f->at == window_offset && f->want_offset == f->at &&
			    window.len < f->want_length && window.len < f->file_size - f->at &&
			    window.len < record.next - record.offset)
				return bad(f, "is shorter than it was");
			return want(f, &record);
		case RECORD_EOF:
			return bad(f, "has no end record");
		case RECORD_BAD:
			return bad(f, "has a malformed record");
		}
		status = on_record(f, &record);
		if (status != QUEUE_FILE_MORE)
			return status;
	}
}

enum queue_file_status queue_file_parse(struct queue_file *f, const struct queue_file_stat *stat,
    struct slice bytes, struct message *message)
{
	enum queue_file_status status;

	queue_file_begin(f, stat, message);
	do {
		struct slice window =
		    slice_first(slice_from(bytes, f->want_offset), f->want_length);

		status = queue_file_step(f, window, f->want_offset);
	} while (status == QUEUE_FILE_MORE);
	return status;
}
