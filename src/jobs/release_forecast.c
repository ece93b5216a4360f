/* What a preview of a release says: how many of these messages may not go back before Postfix is
 * reloaded. It asks what the release gate will ask, and changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "jobs/question.h"
#include "jobs/release_safety.h"

struct weighing {
	struct jobs_question question;
	jobs_weighed *done;
	void *context;
	size_t count;
	struct job_item *items; /* only ID and arrival */
	struct release_sight *sights;
	int64_t unsafe;
};

static void end_weighing(struct weighing *g)
{
	jobs_question_end(&g->question);
	g->done(g->context, g->question.jobs->stopping ? -1 : g->unsafe);
	free(g->items);
	free(g->sights);
	free(g);
}

static void give_up_weighing(struct jobs_question *question)
{
	end_weighing((struct weighing *)question);
}

static void weigh(void *context, const struct ports_qmgr *qmgr)
{
	struct weighing *g = context;
	struct release_facts facts = {
	    .qmgr = *qmgr, .wall_offset_us = g->question.jobs->wall_offset_us};

	g->unsafe = 0;
	for (size_t i = 0; i < g->count; i++)
		g->unsafe += g->sights[i].seen && !release_is_safe(&g->sights[i], &facts) &&
			     /* The release itself asks the log about these; a preview does not wait
			      * for that. */
			     !release_may_be_from_receipt(&g->sights[i], clock_now_us());
	end_weighing(g);
}

static enum db_result read_weighed(struct db *db, void *context, struct error *err)
{
	struct weighing *g = context;
	enum db_result result = DB_OK;

	for (size_t i = 0; i < g->count && result == DB_OK; i++)
		result = job_rows_idle(db, &g->items[i], &g->sights[i].idle_us, err);
	return result;
}

static void weighed_read(void *context, enum db_result result, const struct error *err)
{
	struct weighing *g = context;

	(void)result;
	(void)err;
	if (g->question.jobs->stopping)
		end_weighing(g);
	else
		g->question.jobs->ports.qmgr(g->question.jobs->ports.owner, weigh, g);
}

static void weighed_seen(void *context, const struct found *found, size_t count)
{
	struct weighing *g = context;
	bool nobody = count < g->count;

	for (size_t i = 0; i < g->count && i < count; i++) {
		nobody = nobody || found[i].state == FOUND_NOBODY;
		release_sight_take(&g->sights[i], &found[i], clock_boot_us());
	}
	if (nobody || g->question.jobs->stopping)
		end_weighing(g);
	else
		store_read(g->question.jobs->store, read_weighed, weighed_read, g);
}

void jobs_weigh_release(
    struct jobs *jobs, const struct selection *selection, jobs_weighed *done, void *context)
{
	struct weighing *g = memory_zero(1, sizeof(*g));
	size_t all = selection_count(selection);
	MEMORY_AUTO struct slice *ids = NULL;

	g->question.give_up = give_up_weighing;
	g->done = done;
	g->context = context;
	/* Not known, until all questions are answered. */
	g->unsafe = -1;
	g->count = all < PORTS_BATCH_MAX ? all : PORTS_BATCH_MAX;
	g->items = memory_zero(g->count + 1, sizeof(*g->items));
	g->sights = memory_zero(g->count + 1, sizeof(*g->sights));
	ids = memory_zero(g->count + 1, sizeof(*ids));
	for (size_t i = 0; i < g->count; i++) {
		struct target target;

		/* Copied: it is valid until the next one only. */
		selection_get(selection, i, &target);
		memcpy(g->items[i].id, target.id.data, target.id.len);
		g->items[i].arrival = target.arrival;
		ids[i] = slice_of(g->items[i].id);
	}
	jobs_question_begin(jobs, &g->question);
	jobs->ports.look(jobs->ports.owner, ids, g->count, weighed_seen, g);
}
