/* Follows the spool between two scans: has it watched, passes hints on to the source, and says up
 * to when the index is current. When something was lost it asks for a scan. The state of the
 * watches is watch.c's. */
#include "reader/tracking.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "reader/watch.h"

/* After watches could not be had: limits are raised by people, other programs come and go. */
#define RETRY_MS 60000
/* Hints that wait in the source; more of them would only grow old there. */
#define WAITING_MAX 4000

struct tracking {
	struct tracking_client client;
	struct watch *watch;
	struct loop_watch *timer;
	struct source *source; /* NULL when hints are of no use */
	struct error error;
	int64_t next_try_ms;
	bool told; /* the error was logged */
};

bool tracking_holds(const struct tracking *tracking)
{
	enum watch_state state = watch_state(tracking->watch);

	return state == WATCH_HOLDING || state == WATCH_ADDING;
}

const struct error *tracking_error(const struct tracking *tracking)
{
	return &tracking->error;
}

static size_t waiting(const struct tracking *tracking)
{
	const struct source_ops *ops = tracking->source->ops;

	return ops->waiting != NULL ? ops->waiting(tracking->source) : 0;
}

static bool settled(const struct tracking *tracking)
{
	const struct source_ops *ops = tracking->source->ops;

	return ops->settled == NULL || ops->settled(tracking->source);
}

/* ---- what the watches say ---- */

static void on_begun(void *context, const struct error *err)
{
	struct tracking *tracking = context;

	if (err == NULL) {
		tracking->error = (struct error){"", ""};
		tracking->told = false;
	} else {
		error_set(&tracking->error, err->code,
		    "What changes in the queue is seen up to a minute late: %s", err->text);
		tracking->next_try_ms = clock_monotonic_ms() + RETRY_MS;
		/* Once and not every minute; the status shows it all the time. */
		if (!tracking->told)
			log_warning("changes of the queue are not told: %s", err->text);
		tracking->told = true;
	}
	tracking->client.ready(tracking->client.context);
}

static bool on_hints(void *context, const struct source_hint *hints, size_t count)
{
	struct tracking *tracking = context;

	if (tracking->source == NULL)
		return true;
	/* They gather in changes.c meanwhile, where several changes of one message become one. */
	if (waiting(tracking) > WAITING_MAX)
		return false;
	tracking->source->ops->hint(tracking->source, hints, count);
	return true;
}

static void on_lost(void *context, const char *why)
{
	struct tracking *tracking = context;

	tracking->client.scan(tracking->client.context, why);
}

/* ---- the time of the view ---- */

static void on_timer(void *context, short revents)
{
	struct tracking *tracking = context;
	int64_t told;

	(void)revents;
	if (tracking->source == NULL)
		return;
	told = watch_told_us(tracking->watch);
	/* Events that were read but not looked at yet are not in the index. */
	if (told > 0 && settled(tracking))
		tracking->client.current(tracking->client.context, told);
	loop_deadline(tracking->timer, clock_monotonic_ms() + TRACKING_CURRENT_MS);
}

/* ---- from outside ---- */

void tracking_prepare(struct tracking *tracking, struct source *source)
{
	if (tracking->source == NULL)
		loop_deadline(tracking->timer, clock_monotonic_ms() + TRACKING_CURRENT_MS);
	tracking->source = source;
	/* A scan need not wait for watches that were refused a moment ago. */
	if (watch_state(tracking->watch) == WATCH_FAILED &&
	    clock_monotonic_ms() < tracking->next_try_ms)
		tracking->client.ready(tracking->client.context);
	else
		watch_begin(tracking->watch);
}

void tracking_end(struct tracking *tracking)
{
	tracking->source = NULL;
	tracking->next_try_ms = 0;
	tracking->error = (struct error){"", ""};
	loop_deadline(tracking->timer, -1);
	watch_end(tracking->watch);
}

struct tracking *tracking_create(
    struct loop *loop, struct exchange *helper, const struct tracking_client *client)
{
	struct tracking *tracking = memory_zero(1, sizeof(*tracking));

	tracking->client = *client;
	tracking->watch =
	    watch_create(loop, helper, &(struct watch_sink){tracking, on_begun, on_hints, on_lost});
	tracking->timer = loop_add(loop, -1, 0, on_timer, tracking);
	return tracking;
}

void tracking_destroy(struct tracking **pointer)
{
	struct tracking *tracking = *pointer;

	if (tracking == NULL)
		return;
	*pointer = NULL;
	watch_destroy(&tracking->watch);
	loop_remove(&tracking->timer);
	free(tracking);
}
