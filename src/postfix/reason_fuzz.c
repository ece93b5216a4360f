#include <stdint.h>
#include <stdlib.h>

#include "postfix/asked_delay.h"
#include "postfix/reason.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct slice s, struct slice whole)
{
	if (s.len == 0)
		return;
	if (s.data < whole.data || s.len > whole.len ||
	    (size_t)(s.data - whole.data) > whole.len - s.len)
		abort();
}

/* A reply made one line is never longer. */
static void one_line(struct slice text)
{
	BUFFER_AUTO struct buffer once = {0}, again = {0};
	struct slice reply, first, second;

	first = reason_one_line(buffer_reserve(&once, text.len + 1), text.len, text, &reply);
	inside(reply, first);
	if (first.len > text.len)
		abort();
	second = reason_one_line(buffer_reserve(&again, first.len + 1), first.len, first, &reply);
	if (second.len > first.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	BUFFER_AUTO struct buffer class = {0};
	struct reason reason;

	reason_parse(text, &reason);
	inside(reason.text, text);
	inside(reason.host, text);
	inside(reason.address, text);
	inside(reason.reply, text);
	inside(reason.dsn, text);
	if (reason.code > 599 || reason_phase_name(reason.phase) == NULL)
		abort();
	one_line(text);
	if (asked_delay(text) > ASKED_DELAY_MAX)
		abort();
	reason_class(&class, text);
	if (class.len > REASON_CLASS_MAX)
		abort();
	return 0;
}
