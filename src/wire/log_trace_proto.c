/* Encoders and decoders of a trace: the question, the messages with their recipients, the end.
 * Each get reads the fields in the order in which its put has written them. */
#include "wire/log_trace_proto.h"

/* Cut, so that a message has a largest size, whatever somebody made Postfix log. */
static void put_text(struct buffer *b, struct slice text)
{
	buffer_put_string(b, slice_first(text, LOG_PROTO_TEXT_MAX));
}

static struct slice get_text(struct cursor *c)
{
	return cursor_string(c, LOG_PROTO_TEXT_MAX);
}

void log_trace_put_question(struct buffer *b, const struct log_trace_question *question)
{
	buffer_put_string(b, slice_first(question->text, LOG_TRACE_TEXT_MAX));
	buffer_put_i64(b, question->from_us);
	buffer_put_i64(b, question->to_us);
	buffer_put_u32(b, question->limit);
	buffer_put_i64(b, question->after.last_us);
	buffer_put_string(b, slice_first(question->after.id, LOG_PROTO_ID_MAX));
}

bool log_trace_get_question(struct cursor *c, struct log_trace_question *question)
{
	question->text = cursor_string(c, LOG_TRACE_TEXT_MAX);
	question->from_us = cursor_i64(c);
	question->to_us = cursor_i64(c);
	question->limit = cursor_u32(c);
	question->after.last_us = cursor_i64(c);
	question->after.id = cursor_string(c, LOG_PROTO_ID_MAX);
	return cursor_finished(c) && question->text.len > 0 && question->limit > 0 &&
	       question->limit <= LOG_TRACE_LIMIT_MAX;
}

void log_trace_put_cancel(struct buffer *b, uint32_t request)
{
	buffer_put_u32(b, request);
}

bool log_trace_get_cancel(struct cursor *c, uint32_t *request)
{
	*request = cursor_u32(c);
	return cursor_finished(c);
}

void log_trace_put_message(struct buffer *b, const struct log_traced_message *message)
{
	buffer_put_u8(b, (uint8_t)message->id_count);
	for (size_t i = 0; i < message->id_count; i++)
		buffer_put_string(b, slice_first(message->ids[i], LOG_PROTO_ID_MAX));
	buffer_put_i64(b, message->last_us);
	buffer_put_i64(b, message->arrival_us);
	buffer_put_u8(b, message->ended);
	buffer_put_u8(b, message->has_sender);
	put_text(b, message->sender);
	put_text(b, message->message_id);
	put_text(b, message->login);
	put_text(b, message->client);
	buffer_put_u64(b, message->size);
	buffer_put_u8(b, message->recipients_cut);
}

bool log_trace_get_message(struct cursor *c, struct log_traced_message *message)
{
	message->id_count = cursor_u8(c);
	/* Before the loop, which writes into an array of that size. */
	if (message->id_count == 0 || message->id_count > LOG_TRACE_IDS_MAX)
		return false;
	for (size_t i = 0; i < message->id_count; i++)
		message->ids[i] = cursor_string(c, LOG_PROTO_ID_MAX);
	message->last_us = cursor_i64(c);
	message->arrival_us = cursor_i64(c);
	message->ended = cursor_flag(c);
	message->has_sender = cursor_flag(c);
	message->sender = get_text(c);
	message->message_id = get_text(c);
	message->login = get_text(c);
	message->client = get_text(c);
	message->size = cursor_u64(c);
	message->recipients_cut = cursor_flag(c);
	return cursor_finished(c);
}

void log_trace_put_recipient(struct buffer *b, const struct log_traced_recipient *recipient)
{
	put_text(b, recipient->address);
	put_text(b, recipient->original);
	buffer_put_u8(b, recipient->result);
	buffer_put_i64(b, recipient->at_us);
	put_text(b, recipient->relay);
	put_text(b, recipient->dsn);
	put_text(b, recipient->reply);
	put_text(b, recipient->remote_id);
	put_text(b, recipient->by);
	buffer_put_u8(b, recipient->other_sender);
}

bool log_trace_get_recipient(struct cursor *c, struct log_traced_recipient *recipient)
{
	/* A frame says nowhere how many items it has: its end is theirs. */
	if (c->failed || c->left == 0)
		return false;
	recipient->address = get_text(c);
	recipient->original = get_text(c);
	recipient->result = cursor_u8(c);
	recipient->at_us = cursor_i64(c);
	recipient->relay = get_text(c);
	recipient->dsn = get_text(c);
	recipient->reply = get_text(c);
	recipient->remote_id = get_text(c);
	recipient->by = get_text(c);
	recipient->other_sender = cursor_flag(c);
	return !c->failed && recipient->result < LOG_TRACE_RESULTS;
}

void log_trace_put_end(struct buffer *b, const struct log_trace_end *end)
{
	buffer_put_u8(b, end->more);
	buffer_put_u8(b, end->complete);
	put_text(b, end->error);
}

bool log_trace_get_end(struct cursor *c, struct log_trace_end *end)
{
	end->more = cursor_flag(c);
	end->complete = cursor_flag(c);
	end->error = get_text(c);
	return cursor_finished(c);
}
