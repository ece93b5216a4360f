/* Reads the answer of showq(8) as it comes, byte by byte if need be (docs/POSTFIX.md, "Listings").
 * It is a machine over names and values, each ended by NUL. Names are known by name and never by
 * place, since versions differ in both. A listing counts only when showq_complete says that its end
 * came. */
#include "postfix/showq.h"

#include <string.h>

/* Attributes of a recipient that were seen: a second one of a name begins the next recipient. */
enum {
	HAVE_RECIPIENT = 1 << 0,
	HAVE_ORIGINAL = 1 << 1,
	HAVE_REASON = 1 << 2,
	HAVE_CLASS = 1 << 3,
};

void showq_begin(struct showq *s)
{
	s->state = SHOWQ_NAME;
	s->problem = NULL;
	s->messages = s->skipped = 0;
	s->in_message = s->in_announcement = s->value_cut = false;
	s->have = 0;
	buffer_clear(&s->name);
	buffer_clear(&s->value);
	message_clear(&s->message);
}

void showq_free(struct showq *s)
{
	buffer_free(&s->name);
	buffer_free(&s->value);
	buffer_free(&s->recipient);
	buffer_free(&s->original);
	buffer_free(&s->reason);
	buffer_free(&s->log_class);
	message_free(&s->message);
	*s = (struct showq){0};
}

bool showq_complete(const struct showq *s)
{
	return s->state == SHOWQ_ENDED;
}

static void broken(struct showq *s, const char *problem)
{
	s->state = SHOWQ_BROKEN;
	s->problem = problem;
}

static void flush_recipient(struct showq *s)
{
	if ((s->have & HAVE_RECIPIENT) != 0)
		listing_add_recipient(&s->message, buffer_slice(&s->recipient),
		    buffer_slice(&s->original), buffer_slice(&s->reason),
		    buffer_slice(&s->log_class));
	s->have = 0;
	buffer_clear(&s->recipient);
	buffer_clear(&s->original);
	buffer_clear(&s->reason);
	buffer_clear(&s->log_class);
}

static void begin_message(struct showq *s, struct slice queue)
{
	message_clear(&s->message);
	s->in_message = true;
	s->bad_id = true; /* until its queue_id comes */
	s->bad_queue = !queue_parse(queue, &s->message.queue);
}

static void end_message(struct showq *s, listing_fn fn, void *context)
{
	flush_recipient(s);
	s->in_message = false;
	/* A queue or ID that is not known to us: passed over, since nothing could be done with it.
	 */
	if (s->bad_id || s->bad_queue) {
		s->skipped++;
		return;
	}
	listing_finish(&s->message);
	s->messages++;
	fn(context, &s->message);
}

/* The empty name: the end of whatever is open. */
static void on_end_of_list(struct showq *s, listing_fn fn, void *context)
{
	if (s->in_message)
		end_message(s, fn, context);
	else if (s->in_announcement)
		s->in_announcement = false;
	else
		s->state = SHOWQ_ENDED;
}

static void on_recipient_part(
    struct showq *s, uint32_t part, struct buffer *field, struct slice value)
{
	/* Nothing marks the end of a recipient: the same name again is the next one. */
	if ((s->have & part) != 0)
		flush_recipient(s);
	s->have |= part;
	buffer_clear(field);
	buffer_append_slice(field, value);
}

static void on_id(struct showq *s, struct slice value)
{
	s->bad_id = !queue_id_valid(value);
	if (s->bad_id)
		return;
	memcpy(s->message.id, value.data, value.len);
	s->message.id[value.len] = '\0';
}

static void on_message_attribute(struct showq *s, struct slice name, struct slice value)
{
	struct message *m = &s->message;
	uint64_t number = 0;

	if (slice_is(name, "recipient"))
		on_recipient_part(s, HAVE_RECIPIENT, &s->recipient, value);
	else if (slice_is(name, "reason"))
		on_recipient_part(s, HAVE_REASON, &s->reason, value);
	else if (slice_is(name, "original_recipient"))
		on_recipient_part(s, HAVE_ORIGINAL, &s->original, value);
	else if (slice_is(name, "log_class"))
		on_recipient_part(s, HAVE_CLASS, &s->log_class, value);
	else if (slice_is(name, "queue_id"))
		on_id(s, value);
	else if (slice_is(name, "sender"))
		listing_set_sender(m, value);
	else if (slice_is(name, "time") && slice_to_u64(value, &number))
		/* %lu: a negative time comes as its two's complement. */
		m->arrival = (int64_t)number;
	else if (slice_is(name, "size") && slice_to_u64(value, &number))
		m->size = number;
	else if (slice_is(name, "forced_expire")) {
		m->known |= MESSAGE_KNOWS_FORCED_EXPIRE;
		if (!slice_is(value, "0"))
			m->flags |= MESSAGE_FORCED_EXPIRE;
	}
}

static void on_attribute(struct showq *s, struct slice name, struct slice value)
{
	/* What an announcement will have to say in later versions does not concern the queue. */
	if (s->in_announcement)
		return;
	if (slice_is(name, "queue_name")) {
		/* Patch levels of before mid-2026 may lose the terminator of a malformed file's
		 * message. */
		if (s->in_message)
			broken(s, "a message began within another");
		else
			begin_message(s, value);
	} else if (s->in_message)
		on_message_attribute(s, name, value);
	else if (slice_is(name, "protocol")) {
		if (slice_is(value, "mail_queue_list_protocol"))
			s->in_announcement = true;
		else
			broken(s, "the service speaks another protocol");
	} else
		broken(s, "the service sent an attribute outside of a message");
}

/* Appends up to the NUL, at most `max` bytes; true when the NUL came. */
static bool take_text(struct slice *chunk, struct buffer *text, size_t max, bool *cut)
{
	const char *nul = memchr(chunk->data, '\0', chunk->len);
	size_t len = nul == NULL ? chunk->len : (size_t)(nul - chunk->data);
	size_t room = max - text->len;

	buffer_append(text, chunk->data, len < room ? len : room);
	if (len > room)
		*cut = true;
	*chunk = slice_from(*chunk, nul == NULL ? len : len + 1);
	return nul != NULL;
}

static void feed_name(struct showq *s, struct slice *chunk, listing_fn fn, void *context)
{
	bool overlong = false;
	bool whole = take_text(chunk, &s->name, SHOWQ_NAME_MAX, &overlong);

	if (overlong)
		broken(s, "an attribute's name is too long");
	else if (whole && s->name.len == 0)
		on_end_of_list(s, fn, context);
	else if (whole)
		s->state = SHOWQ_VALUE;
}

static void feed_value(struct showq *s, struct slice *chunk)
{
	/* One byte more than is kept, so that message_keep sees that something was cut. */
	if (!take_text(chunk, &s->value, MESSAGE_STRING_MAX + 1, &s->value_cut))
		return;
	s->state = SHOWQ_NAME;
	on_attribute(s, buffer_slice(&s->name), buffer_slice(&s->value));
	buffer_clear(&s->name);
	buffer_clear(&s->value);
	s->value_cut = false;
}

bool showq_feed(struct showq *s, struct slice chunk, listing_fn fn, void *context)
{
	while (chunk.len > 0 && s->state != SHOWQ_BROKEN) {
		if (s->state == SHOWQ_ENDED)
			broken(s, "something came after the end of the listing");
		else if (s->state == SHOWQ_NAME)
			feed_name(s, &chunk, fn, context);
		else
			feed_value(s, &chunk);
	}
	return s->state != SHOWQ_BROKEN;
}
