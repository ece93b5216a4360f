/* What the log has seen again and again in the last half hour. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static void age(struct repeat *r, int now)
{
	int steps = now - r->first;

	if (steps >= REPEAT_MINUTES) {
		memset(r->in_minute, 0, sizeof(r->in_minute));
		r->first = now;
	}
	for (; r->first < now; r->first++) {
		memmove(
		    r->in_minute + 1, r->in_minute, sizeof(r->in_minute) - sizeof(*r->in_minute));
		r->in_minute[0] = 0;
	}
}

void repeat_note(struct world *w, const char *text, uint32_t sender, bool message_id, unsigned n)
{
	struct repeat *r = NULL;

	for (int i = 0; i < REPEATS_MAX && !r; i++)
		if (strcmp(w->repeats[i].text, text) == 0)
			r = &w->repeats[i];
	if (!r) {
		r = &w->repeats[w->repeat_next++ % REPEATS_MAX];
		*r = (struct repeat){.sender = sender, .message_id = message_id, .first = w->now};
		snprintf(r->text, sizeof(r->text), "%s", text);
	}
	age(r, w->now);
	r->in_minute[0] += n;
}

unsigned repeat_times(const struct world *w, const struct repeat *repeat)
{
	unsigned sum = 0;

	for (int i = 0; i < REPEAT_MINUTES; i++)
		if (w->now - repeat->first + i < REPEAT_MINUTES)
			sum += repeat->in_minute[i];
	return sum;
}
