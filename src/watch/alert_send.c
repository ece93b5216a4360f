/* From a channel and a message to what the notifier is asked. */
#include "watch/alert_send.h"

#include "base/clock.h"

/* Texts behind one another, each with its end. */
static void join(struct buffer *out, char *const *list, size_t count, char end)
{
	for (size_t i = 0; i < count; i++) {
		buffer_append_string(out, list[i]);
		buffer_append_char(out, end);
	}
}

static enum notifier_way way_of(const struct alert_channel *channel)
{
	return channel->kind == ALERT_COMMAND ? NOTIFIER_COMMAND
	       : channel->kind == ALERT_MAIL  ? NOTIFIER_MAIL
					      : NOTIFIER_HTTP;
}

uint32_t alert_send(struct exchange *notifier, const struct alert_channel *channel,
    struct alerts_message *message, const struct alerts_place *place, notify_done *done,
    void *context, struct error *why)
{
	BUFFER_AUTO struct buffer arguments = {0}, to = {0};
	struct alerts_request request;
	struct notifier_send send;
	uint32_t number = 0;

	alerts_body_make(message, channel, place, clock_now(), &request);
	join(&arguments, channel->arguments, channel->argument_count, '\0');
	join(&to, channel->to, channel->to_count, '\n');
	send = (struct notifier_send){.way = way_of(channel),
	    .method = request.put ? NOTIFIER_PUT : NOTIFIER_POST,
	    .url = buffer_slice(&request.url),
	    .headers = buffer_slice(&request.headers),
	    .body = buffer_slice(&request.body),
	    .command = slice_of(channel->command),
	    .arguments = buffer_slice(&arguments),
	    .relay = slice_of(channel->relay),
	    .from = slice_of(channel->from),
	    .to = buffer_slice(&to),
	    .user = slice_of(channel->user),
	    .password = slice_of(channel->password),
	    .timeout_ms = ALERT_SEND_TIMEOUT_MS,
	    .allow_local = channel->allow_local};
	if (notifier_send_check(&send, why))
		number = notify_send(notifier, &send, clock_monotonic_ms(), done, context);
	alerts_request_clear(&request);
	return number;
}

uint32_t alert_send_beat(struct exchange *notifier, const struct alert_heartbeat *heartbeat,
    notify_done *done, void *context)
{
	const struct notifier_send send = {.way = NOTIFIER_HTTP,
	    .method = NOTIFIER_GET,
	    .url = slice_of(heartbeat->url),
	    .timeout_ms = ALERT_SEND_TIMEOUT_MS,
	    .allow_local = heartbeat->allow_local};

	return notify_send(notifier, &send, clock_monotonic_ms(), done, context);
}

void alert_send_words(const struct alert_channel *channel, const struct notifier_sent *sent,
    struct buffer *text, struct buffer *answer)
{
	if (sent == NULL) {
		buffer_append_string(text,
		    "The process that sends (notifier) is not there, or went away: whether it was "
		    "sent is not known.");
		return;
	}
	alerts_scrub(channel, sent->text, text);
	alerts_scrub(channel, sent->answer, answer);
}
