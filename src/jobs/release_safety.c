/* The rule by which a message may go back from hold, from what was seen of its file and of the
 * queue manager. Times of files are the wall clock's, those of processes the boot clock's; what was
 * seen by this process alone is compared by the boot clock, which nobody can set. */
#include "jobs/release_safety.h"

void release_sight_take(struct release_sight *sight, const struct found *found, int64_t boot_us)
{
	struct release_sight now = {.seen = true,
	    .inode = found->inode,
	    .changed_us = found->changed_us,
	    .modified_us = found->modified_us,
	    .since_boot_us = boot_us};

	/* Not on hold, or nobody knows: what was seen before counts no more. */
	if (found->state == FOUND_MISSING || found->state == FOUND_NOBODY ||
	    (found->state == FOUND_HERE && found->queue != QUEUE_HOLD))
		now = (struct release_sight){0};
	/* The same file, untouched: it was on hold all the time in between. */
	else if (sight->seen && sight->inode == now.inode && sight->changed_us == now.changed_us) {
		now.since_boot_us = sight->since_boot_us;
		now.never_active = sight->never_active;
	}
	now.idle_us = sight->idle_us;
	*sight = now;
}

bool release_may_be_from_receipt(const struct release_sight *sight, int64_t now_us)
{
	int64_t quiet_us = sight->changed_us - sight->modified_us;

	return sight->seen && sight->changed_us > 0 && sight->modified_us > 0 && quiet_us >= 0 &&
	       quiet_us <= RELEASE_RECEIPT_US && sight->changed_us + RELEASE_LOG_US < now_us;
}

static int64_t margin_us(int64_t changed_us)
{
	/* Some file systems keep whole seconds: then the rename may have been almost a second
	 * later. */
	return changed_us % 1000000 == 0 ? RELEASE_MARGIN_WHOLE_US : RELEASE_MARGIN_US;
}

bool release_is_safe(const struct release_sight *sight, const struct release_facts *facts)
{
	const struct ports_qmgr *qmgr = &facts->qmgr;

	if (!sight->seen)
		return false;
	/* The next one begins with what it finds. */
	if (qmgr->known && !qmgr->alive)
		return true;
	/* Behind a command prefix: only a reload of our own proves anything. */
	if (!qmgr->known)
		return facts->reloaded_boot_us > sight->since_boot_us;
	if (qmgr->started_boot_us > sight->since_boot_us)
		return true;
	/* As the log told of it (release_gate.c). */
	if (sight->never_active)
		return true;
	/* Put on hold from deferred by this product, and not touched since. */
	if (sight->changed_us > 0 && sight->changed_us <= sight->idle_us &&
	    sight->idle_us - sight->changed_us < RELEASE_IDLE_US)
		return true;
	return sight->changed_us > 0 && sight->changed_us + margin_us(sight->changed_us) <
					    qmgr->started_boot_us + facts->wall_offset_us;
}
