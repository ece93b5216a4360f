/* A second thread for as long as one piece of work lasts. It only reads the index, and the caller
 * waits for it, so nothing needs a lock. */
#include "index/run/workers.h"

#include <pthread.h>
#include <stdatomic.h>

struct workers {
	workers_task *work;
	void *context;
	size_t parts;
	atomic_size_t next; /* the part that nobody has taken yet */
};

/* Parts are taken one by one, so that a thread that does not get its core holds up only its own. */
static void *do_parts(void *data)
{
	struct workers *workers = data;
	BUFFER_AUTO struct buffer scratch = {0};
	size_t part;

	while ((part = atomic_fetch_add(&workers->next, 1)) < workers->parts)
		workers->work(workers->context, part, &scratch);
	return NULL;
}

void workers_run(size_t parts, bool two, workers_task *work, void *context)
{
	struct workers workers = {.work = work, .context = context, .parts = parts};
	pthread_t other;
	/* Where no thread can be had, one does it all. */
	bool started = two && pthread_create(&other, NULL, do_parts, &workers) == 0;

	do_parts(&workers);
	if (started)
		pthread_join(other, NULL);
}
