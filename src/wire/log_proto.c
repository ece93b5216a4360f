/* Encoders and decoders of the questions to the log reader, its events and its state. */
#include "wire/log_proto.h"

static void put_text(struct buffer *b, struct slice text)
{
	/* Cut here, so that an event has a largest size (LOG_PROTO_EVENT_SIZE_MAX), whatever
	 * somebody made Postfix log. */
	buffer_put_string(b, slice_first(text, LOG_PROTO_TEXT_MAX));
}

static struct slice get_text(struct cursor *c)
{
	return cursor_string(c, LOG_PROTO_TEXT_MAX);
}

void log_proto_put_subscribe(struct buffer *b, const struct log_proto_subscribe *subscribe)
{
	buffer_put_u32(b, subscribe->kinds);
}

bool log_proto_get_subscribe(struct cursor *c, struct log_proto_subscribe *subscribe)
{
	subscribe->kinds = cursor_u32(c);
	return cursor_finished(c);
}

void log_proto_put_id(struct buffer *b, struct slice id)
{
	buffer_put_string(b, slice_first(id, LOG_PROTO_ID_MAX));
}

bool log_proto_get_id(struct cursor *c, struct slice *id)
{
	/* A frame says nowhere how many items it has: its end is theirs. */
	if (c->failed || c->left == 0)
		return false;
	*id = cursor_string(c, LOG_PROTO_ID_MAX);
	return !c->failed;
}

void log_proto_put_lookup(struct buffer *b, const struct log_proto_lookup *lookup)
{
	log_proto_put_id(b, lookup->id);
	buffer_put_i64(b, lookup->since_us);
	buffer_put_i64(b, lookup->alive_us);
	buffer_put_u32(b, lookup->limit);
}

bool log_proto_get_lookup(struct cursor *c, struct log_proto_lookup *lookup)
{
	lookup->id = cursor_string(c, LOG_PROTO_ID_MAX);
	lookup->since_us = cursor_i64(c);
	lookup->alive_us = cursor_i64(c);
	lookup->limit = cursor_u32(c);
	return cursor_finished(c);
}

/* The order of the fields is the form: log_proto_get_event reads them in the same one. */
void log_proto_put_event(struct buffer *b, const struct log_proto_event *event)
{
	buffer_put_i64(b, event->time_us);
	buffer_put_u8(b, event->event);
	buffer_put_u8(b, event->verb);
	buffer_put_u8(b, event->severity);
	buffer_put_u32(b, event->pid);
	put_text(b, event->id);
	put_text(b, event->other_id);
	put_text(b, event->process);
	put_text(b, event->address);
	put_text(b, event->orig_to);
	put_text(b, event->relay);
	put_text(b, event->dsn);
	put_text(b, event->status);
	put_text(b, event->tls);
	put_text(b, event->reason);
	buffer_put_i64(b, event->delay_ms);
	for (int i = 0; i < 4; i++)
		buffer_put_i64(b, event->delays_ms[i]);
	buffer_put_u64(b, event->size);
	buffer_put_u32(b, event->recipients);
	buffer_put_u32(b, event->uid);
}

bool log_proto_get_event(struct cursor *c, struct log_proto_event *event)
{
	if (c->failed || c->left == 0)
		return false;
	event->time_us = cursor_i64(c);
	event->event = cursor_u8(c);
	event->verb = cursor_u8(c);
	event->severity = cursor_u8(c);
	event->pid = cursor_u32(c);
	event->id = get_text(c);
	event->other_id = get_text(c);
	event->process = get_text(c);
	event->address = get_text(c);
	event->orig_to = get_text(c);
	event->relay = get_text(c);
	event->dsn = get_text(c);
	event->status = get_text(c);
	event->tls = get_text(c);
	event->reason = get_text(c);
	event->delay_ms = cursor_i64(c);
	for (int i = 0; i < 4; i++)
		event->delays_ms[i] = cursor_i64(c);
	event->size = cursor_u64(c);
	event->recipients = cursor_u32(c);
	event->uid = cursor_u32(c);
	return !c->failed;
}

void log_proto_put_end(struct buffer *b, const struct log_proto_end *end)
{
	buffer_put_u8(b, end->truncated);
	buffer_put_u8(b, end->complete);
	buffer_put_i64(b, end->oldest_us);
	put_text(b, end->error);
}

bool log_proto_get_end(struct cursor *c, struct log_proto_end *end)
{
	end->truncated = cursor_flag(c);
	end->complete = cursor_flag(c);
	end->oldest_us = cursor_i64(c);
	end->error = get_text(c);
	return cursor_finished(c);
}

void log_proto_put_status(struct buffer *b, const struct log_proto_status *status)
{
	buffer_put_u8(b, status->state);
	buffer_put_i64(b, status->oldest_us);
	buffer_put_i64(b, status->newest_us);
	buffer_put_u64(b, status->bytes);
	buffer_put_u64(b, status->memory);
	buffer_put_u64(b, status->unreadable);
	put_text(b, status->text);
	put_text(b, status->foreign);
}

bool log_proto_get_status(struct cursor *c, struct log_proto_status *status)
{
	status->state = cursor_u8(c);
	status->oldest_us = cursor_i64(c);
	status->newest_us = cursor_i64(c);
	status->bytes = cursor_u64(c);
	status->memory = cursor_u64(c);
	status->unreadable = cursor_u64(c);
	status->text = get_text(c);
	status->foreign = get_text(c);
	/* The server has a word for each state, and none for others. */
	return cursor_finished(c) && status->state <= LOG_PROTO_FAILED;
}

void log_proto_put_count(struct buffer *b, const struct log_proto_count *count)
{
	buffer_put_i64(b, count->from);
}

bool log_proto_get_count(struct cursor *c, struct log_proto_count *count)
{
	count->from = cursor_i64(c);
	return cursor_finished(c);
}

void log_proto_put_minute(struct buffer *b, const struct log_proto_minute *minute)
{
	buffer_put_u8(b, LOG_PROTO_MINUTE_VERSION);
	buffer_put_i64(b, minute->minute);
	buffer_put_i64(b, minute->quiet);
	buffer_put_u8(b, minute->first);
	buffer_put_u8(b, minute->last);
	buffer_put_u8(b, minute->past);
	for (int kind = 0; kind < RATE_KINDS; kind++)
		for (int result = 0; result < RATE_RESULTS; result++)
			buffer_put_u32(b, minute->other[kind].n[result]);
	for (int way = 0; way < RATE_WAYS; way++)
		buffer_put_u32(b, minute->sums.messages[way]);
	for (int bucket = 0; bucket <= RATE_DELAY_BOUNDS; bucket++)
		buffer_put_u32(b, minute->sums.delays[bucket]);
	buffer_put_u64(b, minute->sums.delay_ms);
}

static bool is_minute(int64_t seconds)
{
	return seconds > 0 && seconds % 60 == 0;
}

bool log_proto_get_minute(struct cursor *c, struct log_proto_minute *minute)
{
	uint8_t version = cursor_u8(c);

	minute->minute = cursor_i64(c);
	minute->quiet = cursor_i64(c);
	minute->first = cursor_flag(c);
	minute->last = cursor_flag(c);
	minute->past = cursor_flag(c);
	for (int kind = 0; kind < RATE_KINDS; kind++)
		for (int result = 0; result < RATE_RESULTS; result++)
			minute->other[kind].n[result] = cursor_u32(c);
	for (int way = 0; way < RATE_WAYS; way++)
		minute->sums.messages[way] = cursor_u32(c);
	for (int bucket = 0; bucket <= RATE_DELAY_BOUNDS; bucket++)
		minute->sums.delays[bucket] = cursor_u32(c);
	minute->sums.delay_ms = cursor_u64(c);
	/* The server goes through the quiet minutes one by one. */
	return !c->failed && version == LOG_PROTO_MINUTE_VERSION && is_minute(minute->minute) &&
	       is_minute(minute->quiet) && minute->quiet <= minute->minute &&
	       minute->minute - minute->quiet <= LOG_PROTO_QUIET_MAX;
}

/* Most keys have one or two results: a byte says which. */
void log_proto_put_tally(struct buffer *b, const struct log_proto_tally *tally)
{
	uint8_t which = 0;

	for (int i = 0; i < RATE_RESULTS; i++)
		which |= (uint8_t)((tally->counts.n[i] > 0) << i);
	buffer_put_u8(b, tally->kind);
	buffer_put_u8(b, which);
	for (int i = 0; i < RATE_RESULTS; i++)
		if (tally->counts.n[i] > 0)
			buffer_put_u32(b, tally->counts.n[i]);
	buffer_put_string(b, slice_first(tally->key, RATES_KEY_MAX));
}

bool log_proto_get_tally(struct cursor *c, struct log_proto_tally *tally)
{
	uint8_t which;
	bool true_to_form = true;

	if (c->failed || c->left == 0)
		return false;
	tally->kind = cursor_u8(c);
	which = cursor_u8(c);
	tally->counts = (struct rate_counts){{0}};
	for (int i = 0; i < RATE_RESULTS; i++)
		if ((which & 1U << i) != 0) {
			tally->counts.n[i] = cursor_u32(c);
			true_to_form = true_to_form && tally->counts.n[i] > 0;
		}
	tally->key = cursor_string(c, RATES_KEY_MAX);
	if (tally->kind >= RATE_KINDS || which == 0 || which >> RATE_RESULTS != 0 || !true_to_form)
		c->failed = true;
	return !c->failed;
}

void log_proto_put_repeats(struct buffer *b, const struct log_proto_repeats *repeats)
{
	buffer_put_u8(b, LOG_PROTO_REPEATS_VERSION);
	buffer_put_i64(b, repeats->as_of);
}

bool log_proto_get_repeats(struct cursor *c, struct log_proto_repeats *repeats)
{
	uint8_t version = cursor_u8(c);

	repeats->as_of = cursor_i64(c);
	return !c->failed && version == LOG_PROTO_REPEATS_VERSION && repeats->as_of > 0;
}

void log_proto_put_repeat(struct buffer *b, const struct log_proto_repeat *repeat)
{
	buffer_put_u8(b, repeat->message_id);
	buffer_put_u32(b, repeat->times);
	buffer_put_string(b, slice_first(repeat->sender, RATES_KEY_MAX));
	buffer_put_string(b, slice_first(repeat->text, RATES_KEY_MAX));
}

bool log_proto_get_repeat(struct cursor *c, struct log_proto_repeat *repeat)
{
	if (c->failed || c->left == 0)
		return false;
	repeat->message_id = cursor_flag(c);
	repeat->times = cursor_u32(c);
	repeat->sender = cursor_string(c, RATES_KEY_MAX);
	repeat->text = cursor_string(c, RATES_KEY_MAX);
	if (repeat->sender.len == 0 || repeat->text.len == 0)
		c->failed = true;
	return !c->failed;
}
