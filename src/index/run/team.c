#include "index/run/team.h"

#include <pthread.h>
#include <stdatomic.h>

struct team {
	team_work *work;
	void *context;
	size_t parts;
	atomic_size_t next; /* the part that nobody has taken yet */
};

/* Parts are taken one by one, so that a thread that does not get its core holds up only its own. */
static void *do_parts(void *data)
{
	struct team *team = data;
	BUFFER_AUTO struct buffer scratch = {0};
	size_t part;

	while ((part = atomic_fetch_add(&team->next, 1)) < team->parts)
		team->work(team->context, part, &scratch);
	return NULL;
}

void team_run(size_t parts, bool two, team_work *work, void *context)
{
	struct team team = {.work = work, .context = context, .parts = parts};
	pthread_t other;
	/* Where no thread can be had, one does it all. */
	bool started = two && pthread_create(&other, NULL, do_parts, &team) == 0;

	do_parts(&team);
	if (started)
		pthread_join(other, NULL);
}
