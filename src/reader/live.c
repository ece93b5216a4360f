#include "reader/live.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "reader/watch.h"

/* After watches could not be had: limits are raised by people, other programs come and go. */
#define RETRY_MS 60000
/* Hints that wait in the source; more of them would only grow old there. */
#define WAITING_MAX 4000

struct live {
	struct live_client client;
	struct watch *watch;
	struct loop_watch *timer;
	struct source *source; /* NULL when hints are of no use */
	struct error error;
	int64_t next_try_ms;
	bool told; /* the error was logged */
};

bool live_holds(const struct live *live)
{
	enum watch_state state = watch_state(live->watch);

	return state == WATCH_HOLDING || state == WATCH_ADDING;
}

const struct error *live_error(const struct live *live)
{
	return &live->error;
}

static size_t waiting(const struct live *live)
{
	const struct source_ops *ops = live->source->ops;

	return ops->waiting != NULL ? ops->waiting(live->source) : 0;
}

static bool settled(const struct live *live)
{
	const struct source_ops *ops = live->source->ops;

	return ops->settled == NULL || ops->settled(live->source);
}

/* ---- what the watches say ---- */

static void on_begun(void *context, const struct error *err)
{
	struct live *live = context;

	if (err == NULL) {
		live->error = (struct error){"", ""};
		live->told = false;
	} else {
		error_set(&live->error, err->code,
		    "What changes in the queue is seen up to a minute late: %s", err->text);
		live->next_try_ms = clock_monotonic_ms() + RETRY_MS;
		if (!live->told)
			log_warning("changes of the queue are not told: %s", err->text);
		live->told = true;
	}
	live->client.ready(live->client.context);
}

static bool on_hints(void *context, const struct source_hint *hints, size_t count)
{
	struct live *live = context;

	if (live->source == NULL)
		return true;
	if (waiting(live) > WAITING_MAX)
		return false;
	live->source->ops->hint(live->source, hints, count);
	return true;
}

static void on_lost(void *context, const char *why)
{
	struct live *live = context;

	live->client.look(live->client.context, why);
}

/* ---- the time of the view ---- */

static void on_timer(void *context, short revents)
{
	struct live *live = context;
	int64_t told;

	(void)revents;
	if (live->source == NULL)
		return;
	told = watch_told_us(live->watch);
	if (told > 0 && settled(live))
		live->client.current(live->client.context, told);
	loop_deadline(live->timer, clock_monotonic_ms() + LIVE_CURRENT_MS);
}

/* ---- from outside ---- */

void live_prepare(struct live *live, struct source *source)
{
	if (live->source == NULL)
		loop_deadline(live->timer, clock_monotonic_ms() + LIVE_CURRENT_MS);
	live->source = source;
	if (watch_state(live->watch) == WATCH_FAILED && clock_monotonic_ms() < live->next_try_ms)
		live->client.ready(live->client.context);
	else
		watch_begin(live->watch);
}

void live_end(struct live *live)
{
	live->source = NULL;
	live->next_try_ms = 0;
	live->error = (struct error){"", ""};
	loop_deadline(live->timer, -1);
	watch_end(live->watch);
}

struct live *live_create(
    struct loop *loop, struct exchange *helper, const struct live_client *client)
{
	struct live *live = memory_zero(1, sizeof(*live));

	live->client = *client;
	live->watch =
	    watch_create(loop, helper, &(struct watch_sink){live, on_begun, on_hints, on_lost});
	live->timer = loop_add(loop, -1, 0, on_timer, live);
	return live;
}

void live_destroy(struct live **pointer)
{
	struct live *live = *pointer;

	if (live == NULL)
		return;
	*pointer = NULL;
	watch_destroy(&live->watch);
	loop_remove(&live->timer);
	free(live);
}
