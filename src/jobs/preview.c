#include "jobs/preview.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int preview_parse_version(const char *version)
{
	int major = 0, minor = 0;

	if (sscanf(version, "%3d.%3d", &major, &minor) != 2 || major < 2 || minor < 0)
		return 0;
	return major * 100 + minor;
}

struct tally {
	const struct preview_facts *facts;
	int64_t active, incoming, held, maildrop, missing, null_sender, over_age, over_age_held;
};

static bool is_over_age(const struct index_brief *m, const struct preview_facts *facts)
{
	int64_t lifetime = m->null_sender ? facts->bounce_lifetime : facts->maximal_lifetime;
	int64_t base = m->create_time >= 0 ? m->create_time : m->arrival;

	return lifetime >= 0 && base >= 0 && facts->now - base >= lifetime;
}

static void count_one(void *ctx, const struct index_brief *m)
{
	struct tally *t = ctx;

	if (m == NULL) {
		t->missing++;
		return;
	}
	t->null_sender += m->null_sender;
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

/* Adds a warning unless it is about no message. */
__attribute__((format(printf, 5, 6))) static void warn(struct preview *p,
    enum preview_severity severity, const char *code, int64_t about, const char *format, ...)
{
	struct preview_warning *w = &p->warning[p->warning_count];
	va_list args;

	if (about == 0 || p->warning_count == PREVIEW_WARNINGS_MAX)
		return;
	w->code = code;
	w->severity = severity;
	w->count = about;
	va_start(args, format);
	vsnprintf(w->text, sizeof(w->text), format, args);
	va_end(args);
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
	warn(p, PREVIEW_WARNING, "on_hold", t->held,
	    "On hold: an attempt is not made while a message is held. Release it first.");
	warn(p, PREVIEW_INFO, "maildrop", t->maildrop,
	    "In maildrop: Postfix picks it up by itself within a minute; it cannot be asked to.");
	warn(p, PREVIEW_INFO, "active_now", t->active, "An attempt is under way already.");
}

static void about_hold(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -h -");
	warn(p, PREVIEW_INFO, "already_held", t->held, "On hold already.");
	warn(p, PREVIEW_WARNING, "active_now", t->active,
	    "Being delivered now: recipients whose delivery has begun may still get it.");
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, "In maildrop: it cannot be held there.");
}

static void about_release(
    struct preview *p, const struct tally *t, const struct selection *selection)
{
	int64_t all = (int64_t)selection_count(selection);

	command(p, "postsuper -H -");
	warn(p, PREVIEW_INFO, "not_held", all - t->held - t->missing, "Not on hold.");
	warn(p, PREVIEW_WARNING, "held_long", t->over_age_held,
	    "Older than its lifetime: nothing expires on hold, but once released it is returned to "
	    "its sender as soon "
	    "as its next attempt fails (a bounce is discarded).");
	warn(p, PREVIEW_INFO, "release_waits", t->held,
	    "Released mail keeps its old retry time and may wait for it; retry it to have it tried "
	    "at once.");
}

static void about_requeue(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -r -");
	warn(p, PREVIEW_WARNING, "requeue_effects", -1,
	    "Re-queued mail gets a new queue ID and starts its lifetime anew. Address rewriting, "
	    "header and body checks, "
	    "BCC maps and the content filter are applied again; milters never are. To deliver now, "
	    "retry instead.");
	warn(p, PREVIEW_WARNING, "active_now", t->active,
	    "Being delivered now: recipients whose delivery has begun may get it twice.");
	warn(p, PREVIEW_INFO, "on_hold", t->held, "On hold: re-queueing ends the hold.");
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, "In maildrop already.");
}

static void about_delete(struct preview *p, const struct tally *t, int64_t undo_seconds)
{
	if (undo_seconds > 0)
		command(p, "postsuper -h -");
	command(p, undo_seconds > 0 ? "postsuper -d - hold" : "postsuper -d -");
	warn(p, PREVIEW_INFO, "delete_silent", -1, "Nobody is told: no bounce is sent.");
	warn(p, PREVIEW_WARNING, "active_now", t->active,
	    "Being delivered now: recipients whose delivery has begun may still get it.");
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop,
	    undo_seconds > 0 ? "In maildrop: it cannot be held, so it is deleted at once and there "
			       "is no undo for it."
			     : "In maildrop: Postfix may pick it up first.");
	if (undo_seconds > 0)
		warn(p, PREVIEW_INFO, "already_held", t->held,
		    "On hold already: undo leaves it on hold.");
}

static void about_bounce(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -e -");
	if (t->held > 0)
		command(p, "postsuper -H -");
	command(p, "postqueue -i");
	warn(p, PREVIEW_WARNING, "bounce_effects", -1,
	    "Each message is marked as expired and tried once more now. What is delivered in that "
	    "attempt is delivered; the "
	    "rest is returned to its sender. The mark cannot be taken back.");
	warn(p, PREVIEW_WARNING, "null_sender", t->null_sender,
	    "A bounce itself, with nobody to return it to: it is discarded.");
	warn(p, PREVIEW_WARNING, "on_hold", t->held, "On hold: it is released for this.");
	warn(p, PREVIEW_INFO, "active_now", t->active,
	    "Being delivered now: if that fails, it is returned at the attempt after it.");
	warn(
	    p, PREVIEW_WARNING, "maildrop", t->maildrop, "In maildrop: it cannot be marked there.");
}

bool preview_make(enum job_action action, const struct selection *selection,
    const struct preview_facts *facts, struct preview *p, struct error *err)
{
	struct tally tally;

	memset(p, 0, sizeof(*p));
	if (action == JOB_BOUNCE && facts->postfix_version > 0 && facts->postfix_version < 305)
		return error_set(err, "unsupported_by_postfix",
		    "Returning mail to its sender by force needs Postfix 3.5 or later; this is "
		    "%d.%d",
		    facts->postfix_version / 100, facts->postfix_version % 100);
	tally = count(selection, facts);
	p->matched = (int64_t)selection_count(selection) - tally.missing;
	p->bytes = selection_totals(selection)->bytes;
	p->standing = standing_of(selection);
	switch (action) {
	case JOB_RETRY:
		about_retry(p, &tally);
		break;
	case JOB_HOLD:
		about_hold(p, &tally);
		break;
	case JOB_RELEASE:
		about_release(p, &tally, selection);
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
	warn(p, PREVIEW_INFO, "not_found", tally.missing,
	    "Not in the queue as far as is known now; it is looked for all the same.");
	return true;
}
