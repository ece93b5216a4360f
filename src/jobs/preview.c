/* What a job would do to a selection, in numbers and warnings: one function for each action. The
 * words promise only what Postfix keeps. */
#include "jobs/preview.h"

#include <stdio.h>
#include <string.h>

struct tally {
	const struct preview_facts *facts;
	int64_t active, incoming, held, maildrop, missing, null_sender, over_age, over_age_held;
	int64_t held_bytes, held_recipients;
};

static bool is_over_age(const struct index_brief *m, const struct preview_facts *facts)
{
	/* Lifetimes count from create_time; arrival stands for it where a source does not know it.
	 */
	int64_t lifetime = m->null_sender ? facts->bounce_lifetime : facts->maximal_lifetime;
	int64_t base = m->create_time >= 0 ? m->create_time : m->arrival;

	return lifetime >= 0 && base >= 0 && facts->now - base >= lifetime;
}

static void count_one(void *context, const struct index_brief *m)
{
	struct tally *t = context;

	if (m == NULL) {
		t->missing++;
		return;
	}
	/* Bounces: they cannot be returned to anybody. */
	t->null_sender += m->null_sender;
	if (m->queue == QUEUE_HOLD) {
		t->held_bytes += (int64_t)m->size;
		t->held_recipients += m->recipient_count;
	}
	if (is_over_age(m, t->facts)) {
		t->over_age++;
		t->over_age_held += m->queue == QUEUE_HOLD;
	}
}

static struct tally count(const struct selection *selection, const struct preview_facts *facts)
{
	const struct selection_totals *totals = selection_totals(selection);
	struct tally tally = {.facts = facts,
	    .active = totals->queue[QUEUE_ACTIVE],
	    .incoming = totals->queue[QUEUE_INCOMING],
	    .held = totals->queue[QUEUE_HOLD],
	    .maildrop = totals->queue[QUEUE_MAILDROP]};

	selection_each(selection, count_one, &tally);
	return tally;
}

/* Adds a warning unless it is about no message: what "are" or "have" (`verb`) with so many of them,
 * "3 are on hold."; without a verb it is about all of them. */
static void warn(struct preview *p, enum preview_severity severity, const char *code, int64_t about,
    const char *verb, const char *text)
{
	struct preview_warning *w = &p->warning[p->warning_count];

	if (about == 0 || p->warning_count == PREVIEW_WARNINGS_MAX)
		return;
	w->code = code;
	w->severity = severity;
	w->count = about;
	if (verb == NULL)
		snprintf(w->text, sizeof(w->text), "%s", text);
	else if (about == 1)
		snprintf(w->text, sizeof(w->text), "1 %s %s",
		    strcmp(verb, "are") == 0 ? "is" : "has", text);
	else
		snprintf(w->text, sizeof(w->text), "%lld %s %s", (long long)about, verb, text);
	p->warning_count++;
}

static void command(struct preview *p, const char *text)
{
	p->commands[p->command_count++] = text;
}

/* ---- one function for each action: what it does to the mail, in words that Postfix keeps ---- */

static void about_retry(struct preview *p, const struct tally *t)
{
	command(p, "postqueue -i");
	warn(p, PREVIEW_WARNING, "on_hold", t->held, "are",
	    "on hold: no attempt is made while a message is held. Release first.");
	warn(p, PREVIEW_INFO, "maildrop", t->maildrop, "are",
	    "in maildrop: Postfix looks there by itself within a minute, and at once when the "
	    "whole "
	    "queue is flushed; a single message cannot be asked for.");
	warn(p, PREVIEW_INFO, "active_now", t->active, "are", "being delivered right now.");
	warn(p, PREVIEW_INFO, "over_age", t->over_age - t->over_age_held, "are",
	    "older than the lifetime of mail: if this attempt fails, that is the last (back to the "
	    "sender; a bounce is discarded).");
}

static void about_hold(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -h -");
	warn(p, PREVIEW_INFO, "already_held", t->held, "are", "on hold already.");
	warn(p, PREVIEW_WARNING, "active_now", t->active, "are",
	    "being delivered right now: recipients whose delivery has begun may still get it.");
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, "are",
	    "in maildrop: there nothing can be held.");
}

/* What the queue manager does again after a reload: it reads what was active, and looks at what is
 * deferred (docs/POSTFIX.md). */
static long long reload_seconds(const struct preview_facts *facts)
{
	return 1 + (facts->queued_active * 200 + facts->queued_deferred * 6) / 1000000;
}

static void warn_of_reload(struct preview *p, const struct preview_facts *facts)
{
	char text[320];

	/* Nobody could look at the files: the warning is then about what may be. */
	if (facts->reload_for < 0) {
		warn(p, PREVIEW_INFO, "release_reload", -1, NULL,
		    "Where a message was being delivered when it was held, Postfix is reloaded "
		    "once, or it would be lost.");
		return;
	}
	snprintf(text, sizeof(text),
	    "perhaps been put on hold while being delivered. So that nothing is lost Postfix is "
	    "reloaded once (about %lld s of extra work at this queue's size); where a reload is "
	    "not wanted such mail stays on hold until Postfix is reloaded or started anew.",
	    reload_seconds(facts));
	warn(p, PREVIEW_WARNING, "release_reload", facts->reload_for, "have", text);
}

static void about_release(struct preview *p, const struct tally *t,
    const struct selection *selection, const struct preview_facts *facts)
{
	int64_t all = (int64_t)selection_count(selection);

	/* Nothing happens to the others. */
	if (!t->facts->takes_hold_back) {
		p->matched = t->held;
		p->bytes = t->held_bytes;
		p->recipients = t->held_recipients;
	}
	if (facts->reload_for > 0)
		command(p, "postfix reload");
	command(p, "postsuper -H -");
	if (facts->reload_for != 0)
		warn_of_reload(p, facts);
	warn(p, PREVIEW_INFO, "not_held", all - t->held - t->missing, "are", "not on hold.");
	warn(p, PREVIEW_WARNING, "held_long", t->over_age_held, "have",
	    "been held longer than the lifetime of mail: nothing expires on hold, but releasing "
	    "will bounce what then fails at its next attempt (a bounce is discarded).");
	warn(p, PREVIEW_INFO, "release_waits", t->held, NULL,
	    "Released mail keeps its old retry time and may wait for it; retry it to have it tried "
	    "at once.");
}

static void about_requeue(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -r -");
	warn(p, PREVIEW_WARNING, "requeue_effects", -1, NULL,
	    "Re-queued mail gets a new queue ID and starts its lifetime anew. Address rewriting, "
	    "header and body checks, BCC maps and the content filter are applied again; milters "
	    "never are. To deliver now, retry instead.");
	warn(p, PREVIEW_WARNING, "active_now", t->active, "are",
	    "being delivered right now: recipients whose delivery has begun may get it twice.");
	warn(p, PREVIEW_INFO, "on_hold", t->held, "are", "on hold: re-queueing ends the hold.");
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, "are", "in maildrop already.");
}

static void about_delete(struct preview *p, const struct tally *t, int64_t undo_seconds)
{
	if (undo_seconds > 0)
		command(p, "postsuper -h -");
	command(p, undo_seconds > 0 ? "postsuper -d - hold" : "postsuper -d -");
	warn(p, PREVIEW_INFO, "delete_silent", -1, NULL, "Nobody is told: no bounce is sent.");
	warn(p, PREVIEW_WARNING, "active_now", t->active, "are",
	    "being delivered right now: recipients whose delivery has begun may still get it.");
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, "are",
	    undo_seconds > 0 ? "in maildrop, where nothing can be held: deleted at once, without "
			       "undo."
			     : "in maildrop: Postfix may pick up what is there first.");
	if (undo_seconds > 0)
		warn(p, PREVIEW_INFO, "already_held", t->held, "are",
		    "on hold already: undo leaves it so.");
}

static void about_bounce(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -e -");
	if (t->held > 0)
		command(p, "postsuper -H -");
	command(p, "postqueue -i");
	warn(p, PREVIEW_WARNING, "bounce_effects", -1, NULL,
	    "Each message is marked as expired and returned to its sender, with the last known "
	    "reason. Postfix makes no further attempt: what would be delivered now is returned, "
	    "too. The mark cannot be taken back.");
	warn(p, PREVIEW_WARNING, "null_sender", t->null_sender, "have",
	    "nobody to be returned to, as bounces have: discarded. Postmaster is told only where "
	    "notify_classes has bounce or 2bounce.");
	warn(p, PREVIEW_WARNING, "on_hold", t->held, "are", "on hold: released for this.");
	warn(p, PREVIEW_INFO, "active_now", t->active, "are",
	    "being delivered right now: what this attempt delivers is delivered; the rest is "
	    "returned when it would be tried next.");
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, "are",
	    "in maildrop, where nothing can be marked.");
}

/* What a button may promise: the others are left as they are, and a warning says why. */
static int64_t possible(enum job_action action, const struct preview *p, const struct tally *t)
{
	switch (action) {
	case JOB_RETRY:
		return p->matched - t->held - t->maildrop - t->active;
	case JOB_HOLD:
		return p->matched - t->held - t->maildrop;
	case JOB_RELEASE:
		return t->held;
	case JOB_REQUEUE:
	case JOB_BOUNCE:
		return p->matched - t->maildrop;
	case JOB_DELETE:
		break;
	}
	return p->matched;
}

bool preview_make(enum job_action action, const struct selection *selection,
    const struct preview_facts *facts, struct preview *p, struct error *err)
{
	struct tally tally;

	memset(p, 0, sizeof(*p));
	/* An unknown version is tried all the same: postsuper refuses what it does not know. */
	if (action == JOB_BOUNCE && facts->postfix_version > 0 && facts->postfix_version < 305)
		return error_set(err, "unsupported_by_postfix",
		    "Returning mail to its sender by force needs Postfix 3.5 or later; this is "
		    "%d.%d",
		    facts->postfix_version / 100, facts->postfix_version % 100);
	tally = count(selection, facts);
	p->matched = (int64_t)selection_count(selection) - tally.missing;
	p->bytes = selection_totals(selection)->bytes;
	p->recipients = (int64_t)selection_totals(selection)->recipients;
	p->counts = preview_counts_of(selection);
	p->possible = possible(action, p, &tally);
	switch (action) {
	case JOB_RETRY:
		about_retry(p, &tally);
		break;
	case JOB_HOLD:
		about_hold(p, &tally);
		break;
	case JOB_RELEASE:
		about_release(p, &tally, selection, facts);
		break;
	case JOB_REQUEUE:
		about_requeue(p, &tally);
		break;
	case JOB_DELETE:
		about_delete(p, &tally, facts->undo_seconds);
		break;
	case JOB_BOUNCE:
		about_bounce(p, &tally);
		break;
	}
	warn(p, PREVIEW_INFO, "not_found", tally.missing, "are",
	    "not in the queue as far as is known now, and looked for all the same.");
	return true;
}
