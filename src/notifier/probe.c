/* Holds what a probe is made of: the resolver, the deadline, and the part that does the work. */
#include "notifier/probe.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "notifier/probe_parts.h"

static void on_timer(void *context, short revents)
{
	struct probe *probe = context;

	(void)revents;
	if (!probe->over) {
		probe->over = true;
		probe->complete = false;
		probe->outcome = PROBE_BAD;
		buffer_clear(&probe->summary);
		buffer_printf(&probe->summary,
		    "Given up after %d s: what is not shown was not tested.", PROBE_MS / 1000);
	}
	probe->events.end(probe->events.context, &(struct probe_end){.complete = probe->complete,
						     .outcome = probe->outcome,
						     .text = buffer_slice(&probe->summary)});
}

/* The question's texts live as long as the probe. */
static void copy_question(struct probe *probe, const struct probe_question *question)
{
	struct cursor c;

	probe_put_question(&probe->bytes, question);
	c = cursor_init(probe->bytes.data, probe->bytes.len);
	if (!probe_get_question(&c, &probe->question))
		abort(); /* it was decoded before */
}

struct probe *probe_create(
    struct loop *loop, const struct probe_question *question, const struct probe_events *events)
{
	struct probe *probe = memory_zero(1, sizeof(*probe));
	struct error err;

	probe->loop = loop;
	probe->events = *events;
	copy_question(probe, question);
	probe->timer = loop_add(loop, -1, 0, on_timer, probe);
	loop_deadline(probe->timer, clock_monotonic_ms() + PROBE_MS);
	probe->dns = dns_create(loop, probe->question.resolver, &err);
	if (probe->dns == NULL)
		probe_finish(probe, PROBE_BAD, "Nothing was tested: %s.", err.text);
	else if (probe->question.kind == PROBE_DESTINATION)
		probe->destination = probe_destination_create(probe);
	else
		probe->own = probe_own_create(probe);
	return probe;
}

void probe_destroy(struct probe **pointer)
{
	struct probe *probe = *pointer;

	*pointer = NULL;
	if (probe == NULL)
		return;
	probe_destination_destroy(&probe->destination);
	probe_own_destroy(&probe->own);
	dns_destroy(&probe->dns);
	loop_remove(&probe->timer);
	buffer_free(&probe->bytes);
	buffer_free(&probe->summary);
	free(probe);
}
