/* What deletes hold for their grace time is told to whoever shows the queue, so that it is shown as
 * what it is: as the job goes on, and once at the start of what the store knows from before. */
#include "jobs/deleting.h"

#include <stdlib.h>

#include "base/memory.h"
#include "jobs/unfinished.h"

/* Items read at once: some milliseconds of the store. */
#define READ_MAX 5000

static bool holds(const struct job_item *item)
{
	/* From before the command on: the queue may show the hold sooner than its answer comes. */
	return item->step == JOB_STEP_HOLDING || item->step == JOB_STEP_HELD ||
	       item->step == JOB_STEP_ACTING_HELD;
}

void deleting_tell(struct jobs *jobs, const struct job_row *row, const struct job_item *item)
{
	if (row->action == JOB_DELETE && jobs->events.deleting != NULL)
		jobs->events.deleting(jobs->events.context, row->id, item, holds(item));
}

/* One walk through the jobs, by number, and the items of each that are held. */
struct telling {
	struct jobs *jobs;
	deleting_done *done;
	struct job_items_query query;
	struct job_items items;
};

static void read_next(struct telling *t);

static void end(struct telling *t, bool ok)
{
	struct jobs *jobs = t->jobs;
	deleting_done *done = t->done;

	job_items_free(&t->items);
	free(t);
	jobs->pending--;
	/* Only when all is told: until then nobody can say that a message is not being deleted. */
	if (ok && jobs->events.deleting_known != NULL)
		jobs->events.deleting_known(jobs->events.context);
	done(jobs, ok);
}

static enum db_result read_held(struct db *db, void *context, struct error *err)
{
	struct telling *t = context;

	return job_rows_items(db, &t->query, &t->items, err);
}

static void held_read(void *context, enum db_result result, const struct error *err)
{
	struct telling *t = context;
	struct unfinished *job = unfinished_find(t->jobs, t->query.job);
	size_t count = t->items.count;

	(void)err; /* the store's health says it */
	if (t->jobs->stopping || result != DB_OK) {
		end(t, false);
		return;
	}
	for (size_t i = 0; job != NULL && i < count; i++)
		deleting_tell(t->jobs, &job->row, &t->items.item[i]);
	t->query.after =
	    count == READ_MAX ? t->items.item[count - 1].seq : t->query.after + JOB_ROWS_SLICE;
	job_items_free(&t->items);
	read_next(t);
}

/* The delete under way with the lowest number above `after`. */
static const struct unfinished *next_delete(const struct jobs *jobs, int64_t after)
{
	const struct unfinished *found = NULL;

	for (const struct unfinished *job = jobs->first; job != NULL; job = job->next)
		if (job->row.action == JOB_DELETE && job->row.id > after &&
		    /* Jobs that hold nothing need no reading of their items. */
		    job->row.count[JOB_ITEM_HELD] > 0 &&
		    (found == NULL || job->row.id < found->row.id))
			found = job;
	return found;
}

static void read_next(struct telling *t)
{
	const struct unfinished *job = unfinished_find(t->jobs, t->query.job);

	if (job == NULL || t->query.after + 1 >= job->row.total) {
		job = next_delete(t->jobs, t->query.job);
		if (job == NULL) {
			end(t, true);
			return;
		}
		t->query.job = job->row.id;
		t->query.after = -1;
	}
	t->query.until = t->query.after + 1 + JOB_ROWS_SLICE;
	store_read(t->jobs->store, read_held, held_read, t);
}

void deleting_tell_all(struct jobs *jobs, deleting_done *done)
{
	struct telling *t = memory_zero(1, sizeof(*t));

	t->jobs = jobs;
	t->done = done;
	t->query =
	    (struct job_items_query){.by_outcome = true, .outcome = JOB_ITEM_HELD, .max = READ_MAX};
	jobs->pending++;
	read_next(t);
}
