/* The recipients of a message that somebody sees, kept for the time in which the log is asked. What
 * is not certain to be about them alone is not told. */
#include "api/message_part.h"

#include "postfix/log_line.h"

void message_part_note(struct message_part *part, struct query *q, const struct query_scope *scope,
    const struct query_message *message)
{
	struct index_recipient r;

	*part =
	    (struct message_part){.scoped = !query_scope_is_all(scope), .whole = message->whole};
	/* Not what they were before rewriting: an alias may have become others as well. */
	for (uint32_t n = 0; part->scoped && query_recipient(q, message, n, &r); n++) {
		buffer_append_slice(&part->addresses, r.address);
		buffer_append_char(&part->addresses, '\0');
	}
}

void message_part_free(struct message_part *part)
{
	buffer_free(&part->addresses);
}

static bool has_address(const struct message_part *part, struct slice address)
{
	struct slice rest = buffer_slice(&part->addresses), one;

	while (slice_split(&rest, '\0', &one)) {
		if (one.len > 0 && slice_equal_nocase(one, address))
			return true;
	}
	return false;
}

bool message_part_tells(const struct message_part *part, const struct log_proto_event *event)
{
	if (!part->scoped)
		return true;
	switch (event->event) {
	case LOG_EVENT_DELIVERY:
		return has_address(part, event->address);
	case LOG_EVENT_CLIENT:
	case LOG_EVENT_PICKUP:
	case LOG_EVENT_MESSAGE_ID:
	case LOG_EVENT_ACTIVE:
	case LOG_EVENT_EXPIRED:
	case LOG_EVENT_REMOVED:
	case LOG_EVENT_POSTSUPER:
		return true;
	default:
		/* The text of a rule or of a trouble may name another recipient, and a notice to
		 * the sender may be about one. */
		return part->whole;
	}
}
