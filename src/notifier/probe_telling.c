/* What the parts of a probe tell: steps, the end, and words for what name servers say. */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "notifier/probe_parts.h"

void probe_tell(struct probe *probe, const struct probe_step *step, const char *format, ...)
{
	struct probe_step told = *step;
	char text[PROBE_TEXT_MAX + 1];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	told.text = slice_of(text);
	probe->events.step(probe->events.context, &told);
}

void probe_finish(struct probe *probe, enum probe_outcome outcome, const char *format, ...)
{
	char text[PROBE_TEXT_MAX + 1];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	buffer_clear(&probe->summary);
	buffer_append_string(&probe->summary, text);
	probe->outcome = outcome;
	probe->complete = true;
	probe->over = true;
	loop_deadline(probe->timer, clock_monotonic_ms());
}

void probe_put_status(
    struct buffer *text, const char *name, enum dns_type type, const struct dns_answer *answer)
{
	switch (answer->status) {
	case DNS_FOUND:
		break;
	case DNS_NO_DATA:
		if (answer->foreign)
			buffer_printf(text,
			    "The name server answered about other names than %s: such an answer is "
			    "not believed.",
			    name);
		else if (answer->unusable > 0)
			buffer_printf(text,
			    "What the name server has for %s (%s) is no host's name.", name,
			    dns_type_name(type));
		else
			buffer_printf(
			    text, "%s has no record of type %s.", name, dns_type_name(type));
		break;
	case DNS_NO_NAME:
		buffer_printf(text, "%s does not exist (NXDOMAIN).", name);
		break;
	case DNS_FAILED:
		buffer_printf(text,
		    "The name servers could not find out about %s (SERVFAIL): those of the domain "
		    "fail, or its signatures are wrong.",
		    name);
		break;
	case DNS_REFUSED:
		buffer_printf(text, "The name server refuses to answer about %s (REFUSED).", name);
		break;
	case DNS_SILENT:
		buffer_printf(text, "No name server answered about %s in time.", name);
		break;
	case DNS_MADE_UP:
		buffer_printf(text, "What the name server sent about %s is no answer.", name);
		break;
	}
}
