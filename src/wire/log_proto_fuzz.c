#include "base/must_fuzz.h"
#include "wire/log_proto.h"
#include "wire/log_trace_proto.h"

/* What decodes is encoded to the same bytes. */
static void minutes(struct slice body)
{
	BUFFER_AUTO struct buffer out = {0};
	struct cursor c = cursor_init(body.data, body.len);
	struct log_proto_minute minute;
	struct log_proto_tally tally;
	struct log_proto_count count;

	if (log_proto_get_count(&c, &count)) {
		log_proto_put_count(&out, &count);
		must(slice_equal(buffer_slice(&out), body));
	}
	buffer_clear(&out);
	c = cursor_init(body.data, body.len);
	if (!log_proto_get_minute(&c, &minute))
		return;
	log_proto_put_minute(&out, &minute);
	while (log_proto_get_tally(&c, &tally)) {
		must(tally.kind < RATE_KINDS && tally.key.len <= RATES_KEY_MAX);
		log_proto_put_tally(&out, &tally);
	}
	must(c.failed || slice_equal(buffer_slice(&out), body));
}

static void repeats(struct slice body)
{
	BUFFER_AUTO struct buffer out = {0};
	struct cursor c = cursor_init(body.data, body.len);
	struct log_proto_repeats head;
	struct log_proto_repeat repeat;

	if (!log_proto_get_repeats(&c, &head))
		return;
	log_proto_put_repeats(&out, &head);
	while (log_proto_get_repeat(&c, &repeat)) {
		must(repeat.sender.len <= RATES_KEY_MAX && repeat.text.len <= RATES_KEY_MAX);
		log_proto_put_repeat(&out, &repeat);
	}
	must(c.failed || slice_equal(buffer_slice(&out), body));
}

static void trace(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer out = {0};
	struct log_trace_question question;
	struct log_traced_message message;
	struct log_traced_recipient recipient;
	struct log_trace_end end;
	uint32_t request;
	struct cursor c = cursor_init(data, size);

	while (log_trace_get_recipient(&c, &recipient))
		log_trace_put_recipient(&out, &recipient);
	c = cursor_init(data, size);
	if (log_trace_get_question(&c, &question))
		log_trace_put_question(&out, &question);
	c = cursor_init(data, size);
	if (log_trace_get_message(&c, &message))
		log_trace_put_message(&out, &message);
	c = cursor_init(data, size);
	if (log_trace_get_cancel(&c, &request))
		log_trace_put_cancel(&out, request);
	c = cursor_init(data, size);
	if (log_trace_get_end(&c, &end))
		log_trace_put_end(&out, &end);
}

/* Every body as each of the messages. What is read can be written again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer out = {0};
	struct log_proto_subscribe subscribe;
	struct log_proto_lookup lookup;
	struct log_proto_status status;
	struct log_proto_event event;
	struct log_proto_end end;
	struct slice id;
	struct cursor c = cursor_init(data, size);

	while (log_proto_get_event(&c, &event))
		log_proto_put_event(&out, &event);
	c = cursor_init(data, size);
	while (log_proto_get_id(&c, &id))
		log_proto_put_id(&out, id);
	c = cursor_init(data, size);
	if (log_proto_get_subscribe(&c, &subscribe))
		log_proto_put_subscribe(&out, &subscribe);
	c = cursor_init(data, size);
	if (log_proto_get_lookup(&c, &lookup))
		log_proto_put_lookup(&out, &lookup);
	c = cursor_init(data, size);
	if (log_proto_get_end(&c, &end))
		log_proto_put_end(&out, &end);
	c = cursor_init(data, size);
	if (log_proto_get_status(&c, &status))
		log_proto_put_status(&out, &status);
	minutes(slice_make(data, size));
	repeats(slice_make(data, size));
	trace(data, size);
	return 0;
}
